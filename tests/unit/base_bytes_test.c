#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/bytes.h"
#include "base/scope.h"

static void test_cut_is_clipped(void **state)
{
	(void)state;
	struct bytes b = BYTES_LIT("abcdef");
	assert_true(bytes_equal_str(bytes_cut(b, 2, 3), "cde"));
	assert_true(bytes_equal_str(bytes_cut(b, 2, 4), "cdef"));
	assert_true(bytes_equal_str(bytes_cut(b, 2, SIZE_MAX), "cdef"));
	assert_true(bytes_equal_str(bytes_cut(b, 5, 9), "f"));
	assert_int_equal(bytes_cut(b, 6, 1).n, 0);
	assert_int_equal(bytes_cut(b, SIZE_MAX, SIZE_MAX).n, 0);
	assert_int_equal(bytes_from(BYTES_NONE, 0).n, 0);
	assert_true(bytes_equal_str(bytes_from(b, 4), "ef"));
}

static void test_order_and_equality(void **state)
{
	(void)state;
	assert_true(bytes_equal(BYTES_NONE, BYTES_LIT("")));
	assert_false(bytes_equal(BYTES_LIT("a"), BYTES_LIT("b")));
	assert_false(bytes_equal(BYTES_LIT("a"), BYTES_LIT("aa")));
	assert_true(bytes_equal_str(BYTES_NONE, NULL));
	assert_int_equal(bytes_compare(BYTES_NONE, BYTES_NONE), 0);
	assert_true(bytes_compare(BYTES_LIT("ab"), BYTES_LIT("abc")) < 0);
	assert_true(bytes_compare(BYTES_LIT("b"), BYTES_LIT("abc")) > 0);
	assert_true(bytes_compare(BYTES_LIT("\xff"), BYTES_LIT("\x01")) > 0);
	assert_true(bytes_has_prefix(BYTES_LIT("abc"), BYTES_LIT("ab")));
	assert_true(bytes_has_prefix(BYTES_LIT("abc"), BYTES_NONE));
	assert_false(bytes_has_prefix(BYTES_LIT("ab"), BYTES_LIT("abc")));
}

static void test_encloses_is_about_places(void **state)
{
	(void)state;
	char text[] = "abcabc";
	struct bytes b = bytes_of(text, 6);
	assert_true(bytes_encloses(b, b));
	assert_true(bytes_encloses(b, bytes_from(b, 3)));
	assert_true(bytes_encloses(b, bytes_of(text + 6, 0)));
	assert_false(bytes_encloses(b, bytes_of(text + 3, 4)));
	assert_false(bytes_encloses(bytes_from(b, 1), b));
	assert_false(bytes_encloses(b, BYTES_LIT("abc")));
}

static void test_find(void **state)
{
	(void)state;
	struct bytes b = BYTES_LIT("aXaXa");
	assert_int_equal(bytes_find(b, BYTES_LIT("aX"), 0), 0);
	assert_int_equal(bytes_find(b, BYTES_LIT("aX"), 1), 2);
	assert_int_equal(bytes_find(b, BYTES_LIT("aX"), 3), BYTES_NOT_FOUND);
	assert_int_equal(bytes_find(b, BYTES_LIT("a"), 4), 4);
	assert_int_equal(bytes_find(b, BYTES_LIT("a"), 5), BYTES_NOT_FOUND);
	assert_int_equal(bytes_find(b, BYTES_NONE, 0), BYTES_NOT_FOUND);
	assert_int_equal(bytes_find(BYTES_NONE, b, 0), BYTES_NOT_FOUND);
	assert_int_equal(bytes_find_last(b, BYTES_LIT("aX"), SIZE_MAX), 2);
	assert_int_equal(bytes_find_last(b, BYTES_LIT("aX"), 2), 0);
	assert_int_equal(bytes_find_last(b, BYTES_LIT("aX"), 0), BYTES_NOT_FOUND);
	assert_int_equal(bytes_find_last(b, BYTES_LIT("aXaXaX"), 5), BYTES_NOT_FOUND);
	assert_int_equal(bytes_find_last(b, b, 5), 0);
}

static void test_copies_end_in_nul(void **state)
{
	struct scope *s = *state;
	struct bytes copy;
	char *text;
	assert_int_equal(bytes_copy(s, BYTES_LIT("a\0b"), &copy), OK);
	assert_true(bytes_equal(copy, BYTES_LIT("a\0b")));
	assert_int_equal(copy.p[3], 0);
	assert_int_equal(bytes_copy(s, BYTES_NONE, &copy), OK);
	assert_non_null(copy.p);
	assert_int_equal(bytes_to_str(s, BYTES_LIT("xy"), &text), OK);
	assert_string_equal(text, "xy");
}

static void test_hex(void **state)
{
	struct scope *s = *state;
	char *text;
	struct bytes b;
	assert_int_equal(bytes_to_hex(s, BYTES_LIT("\x00\xff\x1a"), &text), OK);
	assert_string_equal(text, "00ff1a");
	assert_int_equal(bytes_to_hex(s, BYTES_NONE, &text), OK);
	assert_string_equal(text, "");
	assert_int_equal(bytes_of_hex(s, BYTES_LIT("00Ff1A"), &b), OK);
	assert_true(bytes_equal(b, BYTES_LIT("\x00\xff\x1a")));
	static const char *const bad[] = { "0", "0g", "g0", " 00", "0x00", "00 " };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bytes_of_hex(s, bytes_of_str(bad[i]), &b), ERR_FORMAT);
}

/* RFC 4648 section 10. */
static const struct {
	const char *plain, *coded;
} base64_vectors[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void test_base64_vectors(void **state)
{
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(base64_vectors) / sizeof(base64_vectors[0]); i++) {
		char *text;
		struct bytes b;
		assert_int_equal(
		    bytes_to_base64(s, bytes_of_str(base64_vectors[i].plain), &text), OK);
		assert_string_equal(text, base64_vectors[i].coded);
		assert_int_equal(bytes_of_base64(s, bytes_of_str(base64_vectors[i].coded), &b), OK);
		assert_true(bytes_equal_str(b, base64_vectors[i].plain));
	}
}

static void test_base64_whole_alphabet(void **state)
{
	struct scope *s = *state;
	uint8_t all[256];
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	for (size_t n = 0; n <= sizeof(all); n++) {
		char *text;
		struct bytes b;
		assert_int_equal(bytes_to_base64(s, bytes_of(all + 256 - n, n), &text), OK);
		assert_int_equal(strlen(text), (n + 2) / 3 * 4);
		assert_int_equal(bytes_of_base64(s, bytes_of_str(text), &b), OK);
		assert_true(bytes_equal(b, bytes_of(all + 256 - n, n)));
	}
}

static void test_base64_space_and_padding(void **state)
{
	struct scope *s = *state;
	struct bytes b;
	assert_int_equal(bytes_of_base64(s, BYTES_LIT(" Zm\r\n9v\tYg =\n= "), &b), OK);
	assert_true(bytes_equal_str(b, "foob"));
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zm8", "Zg===", "====", "=", "=mm9",
		"Z===", "Zm8=Zg==", "Zg==Zg==", "Zm9v====", "Zg=a", "Zm9v!",
		"Zm9v-w==", "Zm9v_w==", "Zm9v\x80" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bytes_of_base64(s, bytes_of_str(bad[i]), &b), ERR_FORMAT);
	assert_int_equal(bytes_of_base64(s, BYTES_LIT("Zm9\0"), &b), ERR_FORMAT);
}

static void test_out_of_memory_is_an_error(void **state)
{
	struct scope *s = *state;
	struct bytes b;
	char *text;
	scope_fail_after(s, 1);
	assert_int_equal(bytes_copy(s, BYTES_LIT("a"), &b), ERR_NOMEM);
	assert_int_equal(bytes_to_str(s, BYTES_LIT("a"), &text), ERR_NOMEM);
	assert_int_equal(bytes_to_hex(s, BYTES_LIT("a"), &text), ERR_NOMEM);
	assert_int_equal(bytes_of_hex(s, BYTES_LIT("00"), &b), ERR_NOMEM);
	assert_int_equal(bytes_to_base64(s, BYTES_LIT("a"), &text), ERR_NOMEM);
	assert_int_equal(bytes_of_base64(s, BYTES_LIT("Zg=="), &b), ERR_NOMEM);
}

static void test_wipe(void **state)
{
	(void)state;
	char secret[] = "secret";
	bytes_wipe(secret, 3);
	assert_memory_equal(secret, "\0\0\0ret", 7);
	bytes_wipe(NULL, 0);
}

static int set_up(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	scope_free(*state);
	return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_cut_is_clipped),
		T(test_order_and_equality),
		T(test_encloses_is_about_places),
		T(test_find),
		T(test_copies_end_in_nul),
		T(test_hex),
		T(test_base64_vectors),
		T(test_base64_whole_alphabet),
		T(test_base64_space_and_padding),
		T(test_out_of_memory_is_an_error),
		T(test_wipe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
