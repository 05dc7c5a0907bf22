#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/scope.h"

static void assert_text(struct buf *b, const char *wanted)
{
	char *text;
	assert_int_equal(buf_done_str(b, &text), OK);
	assert_string_equal(text, wanted);
}

static void add_all(struct json *j)
{
	json_begin_object(j, NULL);
	json_string(j, "text", "a");
	json_string(j, "none", NULL);
	json_begin_array(j, "list");
	json_int(j, NULL, -1);
	json_bool(j, NULL, true);
	json_begin_object(j, NULL);
	json_end_object(j);
	json_end_array(j);
	json_begin_array(j, "empty");
	json_end_array(j);
	json_bytes_hex(j, "hex", BYTES_LIT("\x00\xff"));
	json_instant(j, "at", (struct instant){ 0 });
	json_instant(j, "never", INSTANT_NONE);
	json_int(j, "least", INT64_MIN);
	json_verbatim(j, "made", BYTES_LIT("{\"x\":1}"));
	json_end_object(j);
}

static void test_compact(void **state)
{
	struct buf b = buf_new(*state, 4096);
	struct json j = json_new(&b, true);
	add_all(&j);
	assert_text(&b, "{\"text\":\"a\",\"none\":null,\"list\":[-1,true,{}],\"empty\":[],"
			"\"hex\":\"00ff\",\"at\":\"1970-01-01T00:00:00Z\",\"never\":null,"
			"\"least\":-9223372036854775808,\"made\":{\"x\":1}}");
}

static void test_lines(void **state)
{
	struct buf b = buf_new(*state, 4096);
	struct json j = json_new(&b, false);
	json_begin_object(&j, NULL);
	json_begin_array(&j, "list");
	json_int(&j, NULL, 1);
	json_int(&j, NULL, 2);
	json_end_array(&j);
	json_begin_array(&j, "empty");
	json_end_array(&j);
	json_end_object(&j);
	assert_text(&b, "{\n  \"list\": [\n    1,\n    2\n  ],\n  \"empty\": []\n}");
}

static void test_escapes(void **state)
{
	static const struct {
		const char *text, *wanted;
	} samples[] = {
		{ "\"\\/", "\"\\\"\\\\/\"" },
		{ "\n\r\t", "\"\\n\\u000d\\u0009\"" },
		{ "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"" },
		{ "\xc3\xbc\xe5\x8d\xb0\xf0\x9f\x94\x8f",
		    "\"\xc3\xbc\xe5\x8d\xb0\xf0\x9f\x94\x8f\"" },
		/* Alone, cut off, overlong, surrogate, above U+10FFFF: U+FFFD for each octet. */
		{ "\xff", "\"\xef\xbf\xbd\"" },
		{ "a\xc3", "\"a\xef\xbf\xbd\"" },
		{ "\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\x9f\xbf", "\"\xed\x9f\xbf\"" },
		{ "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"" },
		{ "", "\"\"" },
	};
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct buf b = buf_new(*state, 4096);
		struct json j = json_new(&b, true);
		json_string(&j, NULL, samples[i].text);
		assert_text(&b, samples[i].wanted);
	}
}

static void test_keys_are_escaped(void **state)
{
	struct buf b = buf_new(*state, 4096);
	struct json j = json_new(&b, true);
	json_begin_object(&j, NULL);
	json_bool(&j, "a\"b", false);
	json_end_object(&j);
	assert_text(&b, "{\"a\\\"b\":false}");
}

static void test_full_buffer(void **state)
{
	struct buf b = buf_new(*state, 8);
	struct json j = json_new(&b, true);
	struct bytes text;
	json_string(&j, NULL, "123456");
	assert_int_equal(buf_done(&b, &text), OK);
	b = buf_new(*state, 8);
	j = json_new(&b, true);
	json_string(&j, NULL, "1234567");
	assert_int_equal(buf_done(&b, &text), ERR_LIMIT);
}

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_compact),
		TEST(test_lines),
		TEST(test_escapes),
		TEST(test_keys_are_escaped),
		TEST(test_full_buffer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
