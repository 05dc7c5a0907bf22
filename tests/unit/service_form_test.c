#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/front/form.h"

static struct scope *s;

static int setup(void **state)
{
	(void)state;
	return (s = scope_new(0)) ? 0 : 1;
}

static int teardown(void **state)
{
	(void)state;
	scope_free(s);
	return 0;
}

/* "name=value|name=value" of what was read, or the error's name. */
static const char *read_form(const char *text, size_t most)
{
	static char told[1024];
	uint8_t own[512];
	const struct form_field *field;
	size_t n, length = strlen(text);
	memset(own, 'Z', sizeof(own));
	memcpy(own, text, length);
	scope_forgive(s);
	enum err e = form_parse(s, own, length, most, &field, &n);
	if (e != OK)
		return err_name(e);
	told[0] = 0;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(field[i].value.p[field[i].value.n], 0);
		snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s%s=%s", i ? "|" : "",
		    field[i].name, (const char *)field[i].value.p);
	}
	return told;
}

static void test_forms(void **state)
{
	(void)state;
	assert_string_equal(read_form("", 4), "");
	assert_string_equal(read_form("a=b", 4), "a=b");
	assert_string_equal(read_form("a=b&c=d", 4), "a=b|c=d");
	assert_string_equal(read_form("a=1+2%2B&b", 4), "a=1 2+|b=");
	assert_string_equal(read_form("a=b=c&&x=&", 5), "a=b=c|x=");
	assert_string_equal(read_form("%c3%A1=%C3%a9", 4), "\xc3\xa1=\xc3\xa9");
	assert_string_equal(read_form("a=%26%3D", 4), "a=&=");
}

static void test_forms_refused(void **state)
{
	static const char *const bad[] = { "a=%", "a=%4", "a=%4g", "a=%zz", "%=a", "=b", "a=b&=c",
		"%00=a", "%ff=a", "%0a=a", "%c0%80=a" };
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(read_form(bad[i], 4), err_name(ERR_FORMAT));
	assert_string_equal(read_form("a&b&c", 3), "a=|b=|c=");
	assert_string_equal(read_form("a&b&c&d", 3), err_name(ERR_LIMIT));
}

/* A value may be any octets: the NUL is in it, and n tells. */
static void test_values(void **state)
{
	uint8_t text[] = "a=x%00y%ff ";
	const struct form_field *field;
	size_t n;
	(void)state;
	assert_int_equal(form_parse(s, text, 10, 4, &field, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(field[0].value.n, 4);
	assert_memory_equal(field[0].value.p, "x\0y\xff\0", 5);
	assert_false(form_is_text(field[0].value, true));
}

static const char *read_cookies(const char *text)
{
	static char told[1024];
	const struct form_field *field;
	size_t n;
	scope_forgive(s);
	enum err e = form_parse_cookies(s, text, 4, &field, &n);
	if (e != OK)
		return err_name(e);
	told[0] = 0;
	for (size_t i = 0; i < n; i++)
		snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s%s=%s", i ? "|" : "",
		    field[i].name, (const char *)field[i].value.p);
	return told;
}

static void test_cookies(void **state)
{
	(void)state;
	assert_string_equal(read_cookies("a=b"), "a=b");
	assert_string_equal(read_cookies("a=b; c=d;e=f "), "a=b|c=d|e=f");
	assert_string_equal(read_cookies("__Host-s=\"q\"; x"), "__Host-s=\"q\"");
	assert_string_equal(read_cookies("a=b c; d=e"), "d=e");
	assert_string_equal(read_cookies("=b; a b=c; ;;"), err_name(ERR_LIMIT));
	assert_string_equal(read_cookies("=b; a b=c; ;"), "");
	assert_string_equal(read_cookies("a=%41"), "a=%41");
	assert_string_equal(read_cookies("a=\xc3\xa1"), "");
}

static void test_text(void **state)
{
	static const struct {
		const char *text;
		bool plain, lines;
	} cases[] = {
		{ "", true, true },
		{ "abc", true, true },
		{ "a\nb\tc\r", false, true },
		{ "a\x01", false, false },
		{ "a\x7f", false, false },
		{ "\xc2\x80", false, false }, /* U+0080 */
		{ "\xc2\xa0", true, true },
		{ "\xdf\xbf", true, true },
		{ "\xe0\xa0\x80", true, true },
		{ "\xe0\x9f\xbf", false, false }, /* overlong */
		{ "\xed\x9f\xbf", true, true },
		{ "\xed\xa0\x80", false, false }, /* a surrogate */
		{ "\xf0\x90\x80\x80", true, true },
		{ "\xf0\x8f\xbf\xbf", false, false },
		{ "\xf4\x8f\xbf\xbf", true, true },
		{ "\xf4\x90\x80\x80", false, false },
		{ "\xc3", false, false },
		{ "\xc3z", false, false },
		{ "\x80", false, false },
		{ "\xc0\xaf", false, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes text = bytes_of_str(cases[i].text);
		assert_int_equal(form_is_text(text, false), cases[i].plain);
		assert_int_equal(form_is_text(text, true), cases[i].lines);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_forms, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forms_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cookies, setup, teardown),
		cmocka_unit_test(test_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
