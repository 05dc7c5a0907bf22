#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/instant.h"

static struct instant at(int64_t unix_s)
{
	return (struct instant){ unix_s };
}

static const struct {
	struct civil civil;
	int64_t unix_s;
	const char *text;
} known[] = {
	{ { 1970, 1, 1, 0, 0, 0 }, 0, "1970-01-01T00:00:00Z" },
	{ { 1969, 12, 31, 23, 59, 59 }, -1, "1969-12-31T23:59:59Z" },
	{ { 1900, 3, 1, 0, 0, 0 }, -2203891200, "1900-03-01T00:00:00Z" },
	{ { 2000, 2, 29, 12, 0, 0 }, 951825600, "2000-02-29T12:00:00Z" },
	{ { 2016, 12, 31, 23, 59, 59 }, 1483228799, "2016-12-31T23:59:59Z" },
	{ { 2017, 1, 1, 0, 0, 0 }, 1483228800, "2017-01-01T00:00:00Z" },
	{ { 2038, 1, 19, 3, 14, 8 }, 2147483648, "2038-01-19T03:14:08Z" },
	{ { 2026, 11, 22, 10, 0, 0 }, 1795341600, "2026-11-22T10:00:00Z" },
	{ { 2100, 3, 1, 0, 0, 0 }, 4107542400, "2100-03-01T00:00:00Z" },
	{ { 1, 1, 1, 0, 0, 0 }, -62135596800, "0001-01-01T00:00:00Z" },
	{ { 9999, 12, 31, 23, 59, 59 }, 253402300799, "9999-12-31T23:59:59Z" },
};

static void test_known_instants(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct instant t;
		char text[INSTANT_TEXT];
		assert_true(instant_of_civil(known[i].civil, &t));
		assert_int_equal(t.unix_s, known[i].unix_s);
		struct civil c = instant_civil(t);
		assert_memory_equal(&c, &known[i].civil, sizeof(c));
		instant_to_rfc3339(t, text);
		assert_string_equal(text, known[i].text);
		assert_true(instant_of_rfc3339(bytes_of_str(text), &t));
		assert_int_equal(t.unix_s, known[i].unix_s);
	}
}

/* Every day of 0001 to 9999, by counting. */
static void test_every_day(void **state)
{
	(void)state;
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t want = -62135596800;
	for (int year = 1; year <= 9999; year++)
		for (int month = 1; month <= 12; month++) {
			bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
			int last = days[month - 1] + (month == 2 && leap);
			for (int day = 1; day <= last; day++, want += 86400) {
				struct instant t;
				struct civil c = { year, month, day, 0, 0, 0 };
				if (!instant_of_civil(c, &t) || t.unix_s != want)
					fail_msg("%d-%d-%d", year, month, day);
				struct civil back = instant_civil(t);
				if (memcmp(&back, &c, sizeof(c)) != 0)
					fail_msg("back %d-%d-%d", year, month, day);
			}
			struct civil over = { year, month, last + 1, 0, 0, 0 };
			struct instant t;
			assert_false(instant_of_civil(over, &t));
		}
	assert_int_equal(want, 253402300800);
}

static void test_fields_out_of_range(void **state)
{
	(void)state;
	static const struct civil bad[] = {
		{ 0, 1, 1, 0, 0, 0 },
		{ 10000, 1, 1, 0, 0, 0 },
		{ 2026, 0, 1, 0, 0, 0 },
		{ 2026, 13, 1, 0, 0, 0 },
		{ 2026, 1, 0, 0, 0, 0 },
		{ 2026, 2, 29, 0, 0, 0 },
		{ 1900, 2, 29, 0, 0, 0 },
		{ 2026, 1, 1, 24, 0, 0 },
		{ 2026, 1, 1, -1, 0, 0 },
		{ 2026, 1, 1, 0, 60, 0 },
		{ 2026, 1, 1, 0, 0, 61 },
		{ 2026, 1, 1, 0, 0, -1 },
		{ 9999, 12, 31, 23, 59, 60 },
	};
	struct instant t = at(42);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(instant_of_civil(bad[i], &t));
	assert_int_equal(t.unix_s, 42);
}

static void assert_reads(const char *text, int64_t want)
{
	struct instant t;
	if (!instant_of_rfc3339(bytes_of_str(text), &t))
		fail_msg("refused: %s", text);
	assert_int_equal(t.unix_s, want);
}

static void test_rfc3339_forms(void **state)
{
	(void)state;
	/* RFC 3339 section 5.8 */
	assert_reads("1985-04-12T23:20:50.52Z", 482196050);
	assert_reads("1996-12-19T16:39:57-08:00", 851042397);
	assert_reads("1990-12-31T23:59:60Z", 662688000);
	assert_reads("1990-12-31T15:59:60-08:00", 662688000);
	assert_reads("1937-01-01T12:00:27.87+00:20", -1041337173);
	assert_reads("2026-01-01t00:00:00z", 1767225600);
	assert_reads("2026-01-01 00:00:00Z", 1767225600);
	assert_reads("2025-12-31T23:59:59.999999999999999999999Z", 1767225599);
	assert_reads("2026-01-01T01:00:00+01:00", 1767225600);
	assert_reads("2025-12-31T00:01:00-23:59", 1767225600);
	assert_reads("2026-01-01T00:00:00-00:00", 1767225600);
	assert_reads("0001-01-01T01:00:00+01:00", -62135596800);
}

static void test_rfc3339_refusals(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "2026", "2026-01-01", "2026-01-01T00:00:00",
		"2026-01-01T00:00Z", "2026-1-01T00:00:00Z", "2026-01-01T00:00:00.Z",
		"2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+0100",
		"2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+00:60", "2026-01-01T00:00:00Z ",
		" 2026-01-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:00:61Z", "20260101T000000Z", "-026-01-01T00:00:00Z",
		"2026-01-01T00:00:00+", "2026-01-01T00:00:00*00:00", "0000-12-31T23:59:59Z",
		"0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z" };
	struct instant t = at(42);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (instant_of_rfc3339(bytes_of_str(bad[i]), &t))
			fail_msg("accepted: %s", bad[i]);
	assert_false(instant_of_rfc3339(BYTES_LIT("2026-01-01T00:00:00\0"), &t));
	assert_false(instant_of_rfc3339(BYTES_LIT("2026-01-01\0"
						  "00:00:00Z"),
	    &t));
	assert_int_equal(t.unix_s, 42);
}

static void test_unknown_and_far_have_no_text(void **state)
{
	(void)state;
	static const int64_t far[] = { INT64_MIN, INT64_MIN + 1, INT64_MAX, -62135596801,
		253402300800 };
	char text[INSTANT_TEXT];
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		instant_to_rfc3339(at(far[i]), text);
		assert_string_equal(text, "unknown");
	}
	assert_int_equal(instant_civil(at(INT64_MAX)).year, 9999);
	assert_int_equal(instant_civil(at(INT64_MIN)).year, 1);
}

static void test_add_saturates(void **state)
{
	(void)state;
	assert_int_equal(instant_add(at(5), -7).unix_s, -2);
	assert_int_equal(instant_add(at(INT64_MAX - 1), 1).unix_s, INT64_MAX);
	assert_int_equal(instant_add(at(INT64_MAX), 1).unix_s, INT64_MAX);
	assert_int_equal(instant_add(at(-5), INT64_MIN).unix_s, INT64_MIN + 1);
	assert_int_equal(instant_add(at(INT64_MIN + 1), -1).unix_s, INT64_MIN + 1);
	assert_true(instant_is_known(instant_add(at(INT64_MIN + 2), -2)));
	assert_false(instant_is_known(instant_add(INSTANT_NONE, 1)));
}

static void test_min_and_max(void **state)
{
	(void)state;
	assert_int_equal(instant_min(at(1), at(2)).unix_s, 1);
	assert_int_equal(instant_min(at(2), at(1)).unix_s, 1);
	assert_int_equal(instant_max(at(1), at(2)).unix_s, 2);
	assert_int_equal(instant_max(at(2), at(1)).unix_s, 2);
	assert_int_equal(instant_min(INSTANT_NONE, at(1)).unix_s, 1);
	assert_int_equal(instant_min(at(1), INSTANT_NONE).unix_s, 1);
	assert_int_equal(instant_max(INSTANT_NONE, at(1)).unix_s, 1);
	assert_int_equal(instant_max(at(1), INSTANT_NONE).unix_s, 1);
	assert_false(instant_is_known(instant_min(INSTANT_NONE, INSTANT_NONE)));
	assert_false(instant_is_known(instant_max(INSTANT_NONE, INSTANT_NONE)));
	assert_true(instant_before(at(1), at(2)));
	assert_false(instant_before(at(2), at(2)));
	assert_true(instant_equal(at(2), at(2)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_instants),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_fields_out_of_range),
		cmocka_unit_test(test_rfc3339_forms),
		cmocka_unit_test(test_rfc3339_refusals),
		cmocka_unit_test(test_unknown_and_far_have_no_text),
		cmocka_unit_test(test_add_saturates),
		cmocka_unit_test(test_min_and_max),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
