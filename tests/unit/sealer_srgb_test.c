/*
 * The profile is read as a colour engine would: header, tags, a white that is white, and a curve
 * that is IEC 61966-2-1's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "sealer/srgb.h"

static uint32_t u32(struct bytes b, size_t at)
{
	assert_true(at + 4 <= b.n);
	return (uint32_t)b.p[at] << 24 | (uint32_t)b.p[at + 1] << 16 | (uint32_t)b.p[at + 2] << 8 |
	       b.p[at + 3];
}

static struct bytes profile(struct scope *s)
{
	struct bytes icc;
	assert_int_equal(srgb_profile(s, &icc), OK);
	return icc;
}

static struct bytes find_tag(struct bytes icc, const char *name)
{
	for (uint32_t i = 0; i < u32(icc, 128); i++)
		if (memcmp(icc.p + 132 + 12 * i, name, 4) == 0)
			return bytes_cut(icc, u32(icc, 136 + 12 * i), u32(icc, 140 + 12 * i));
	fail_msg("no tag %s", name);
	return BYTES_NONE;
}

/* What ISO 19005 asks of a destination profile: class, space, version. */
static void test_head(void **state)
{
	struct scope *s = scope_new(0);
	struct bytes icc = profile(s);
	(void)state;
	assert_int_equal(u32(icc, 0), icc.n);
	assert_int_equal(icc.n % 4, 0);
	assert_int_equal(u32(icc, 8), 0x02100000);
	assert_memory_equal(icc.p + 12, "mntrRGB XYZ ", 12);
	assert_memory_equal(icc.p + 36, "acsp", 4);
	assert_int_equal(u32(icc, 68), 0xf6d6);
	assert_int_equal(u32(icc, 72), 0x10000);
	assert_int_equal(u32(icc, 76), 0xd32d);
	assert_true(icc.n < 1200);
	assert_true(bytes_equal(icc, profile(s)));
	scope_free(s);
}

/* Tags lie inside, at multiples of four, and say their type. */
static void test_tags(void **state)
{
	static const char *const names[][2] = { { "desc", "desc" }, { "cprt", "text" },
		{ "wtpt", "XYZ " }, { "rXYZ", "XYZ " }, { "gXYZ", "XYZ " }, { "bXYZ", "XYZ " },
		{ "rTRC", "curv" }, { "gTRC", "curv" }, { "bTRC", "curv" } };
	struct scope *s = scope_new(0);
	struct bytes icc = profile(s);
	(void)state;
	assert_int_equal(u32(icc, 128), sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct bytes tag = find_tag(icc, names[i][0]);
		assert_int_equal(tag.n, u32(icc, 140 + 12 * i));
		assert_int_equal((size_t)(tag.p - icc.p) % 4, 0);
		assert_memory_equal(tag.p, names[i][1], 4);
		assert_int_equal(u32(tag, 4), 0);
	}
	assert_int_equal(find_tag(icc, "desc").n, 12 + 5 + 8 + 70);
	assert_int_equal(find_tag(icc, "rXYZ").n, 20);
	scope_free(s);
}

/* Full red, green and blue together are the white. */
static void test_white(void **state)
{
	struct scope *s = scope_new(0);
	struct bytes icc = profile(s);
	(void)state;
	for (size_t i = 8; i < 20; i += 4)
		assert_int_equal(u32(find_tag(icc, "rXYZ"), i) + u32(find_tag(icc, "gXYZ"), i) +
				     u32(find_tag(icc, "bXYZ"), i),
		    u32(find_tag(icc, "wtpt"), i));
	scope_free(s);
}

/* Points of the standard's curve, computed by hand. */
static void test_curve(void **state)
{
	static const struct {
		unsigned value, intensity;
	} points[] = { { 0, 0 }, { 1, 20 }, { 10, 199 }, { 11, 219 }, { 64, 3360 }, { 128, 14146 },
		{ 188, 32957 }, { 254, 64952 }, { 255, 65535 } };
	struct scope *s = scope_new(0);
	struct bytes curve = find_tag(profile(s), "gTRC");
	(void)state;
	assert_int_equal(u32(curve, 8), 256);
	assert_int_equal(curve.n, 12 + 2 * 256);
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		const uint8_t *p = curve.p + 12 + 2 * (size_t)points[i].value;
		assert_int_equal(p[0] << 8 | p[1], points[i].intensity);
	}
	scope_free(s);
}

static void test_out_of_memory(void **state)
{
	(void)state;
	enum err err = ERR_NOMEM;
	for (size_t n = 1; err != OK; n++) {
		struct scope *s = scope_new(0);
		struct bytes icc;
		scope_fail_after(s, n);
		err = srgb_profile(s, &icc);
		assert_true(err == OK || err == ERR_NOMEM);
		scope_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_white),
		cmocka_unit_test(test_curve),
		cmocka_unit_test(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
