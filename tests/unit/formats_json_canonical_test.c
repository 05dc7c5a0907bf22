/* JSON in its canonical form: the examples of RFC 8785 that hold integers only, and what is
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/scope.h"
#include "formats/json_canonical.h"

static enum err canonical(struct scope *s, const char *text, struct bytes *ret)
{
	const struct json_tree *tree;
	TRY(json_tree_parse(s, bytes_of_str(text), &tree));
	return json_canonical_text(s, tree, 4096, ret);
}

static void gives(const char *text, const char *want)
{
	struct scope *s = scope_new(0);
	struct bytes b;
	assert_int_equal(canonical(s, text, &b), OK);
	assert_string_equal((const char *)b.p, want);
	assert_int_equal(b.n, strlen(want));
	scope_free(s);
}

static void refuses(const char *text, enum err want, const char *why)
{
	struct scope *s = scope_new(0);
	struct bytes b;
	assert_int_equal(canonical(s, text, &b), want);
	assert_non_null(strstr(scope_fault_text(s), why));
	scope_free(s);
}

static void members_in_order(void **state)
{
	(void)state;
	/* RFC 8785 3.2.3: its example, but for the member that a parser takes for markup */
	gives("{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter "
	      "Dalet "
	      "With Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":"
	      "\"Control\",\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
	    "{\"\\r\":\"Carriage "
	    "Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\",\"\xc3\xb6\":\"Latin "
	    "Small Letter O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\",\"\xf0\x9f\x98\x80\":"
	    "\"Emoji: Grinning Face\",\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
	gives("{\"b\":1,\"a\":{\"d\":[3,2,1],\"c\":null}}",
	    "{\"a\":{\"c\":null,\"d\":[3,2,1]},\"b\":1}");
	gives("{\"ab\":1,\"a\":2,\"\":3}", "{\"\":3,\"a\":2,\"ab\":1}");
	/* the same lead surrogate, then the same lead octet */
	gives("{\"\\ud83d\\ude01\":1,\"\\ud83d\\ude00\":2}",
	    "{\"\xf0\x9f\x98\x80\":2,\"\xf0\x9f\x98\x81\":1}");
	gives("{\"\\u0151\":1,\"\\u0150\":2}", "{\"\xc5\x90\":2,\"\xc5\x91\":1}");
}

static void strings(void **state)
{
	(void)state;
	gives("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\"",
	    "\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
	gives("\"\\b\\t\\n\\f\\r\\u000b\\u007f\"", "\"\\b\\t\\n\\f\\r\\u000b\x7f\"");
}

static void numbers(void **state)
{
	(void)state;
	gives("[0, -1, 9007199254740991, -9007199254740991]",
	    "[0,-1,9007199254740991,-9007199254740991]");
	refuses("{\"amount\": 9007199254740992}", ERR_UNSUPPORTED, "amount: an integer beyond");
	refuses("[-9007199254740992]", ERR_UNSUPPORTED, "a value: an integer beyond");
	refuses("{\"amount\": 1.5}", ERR_UNSUPPORTED, "amount: a number with a fraction");
	refuses("[1e3]", ERR_UNSUPPORTED, "a value: a number with a fraction");
}

static void white_space_and_length(void **state)
{
	(void)state;
	gives(" { \"a\" : [ true , false , null ] } ", "{\"a\":[true,false,null]}");
	struct scope *s = scope_new(0);
	const struct json_tree *tree;
	struct bytes b;
	assert_int_equal(json_tree_parse(s, BYTES_LIT("[1,2]"), &tree), OK);
	assert_int_equal(json_canonical_text(s, tree, 5, &b), OK);
	assert_int_equal(json_canonical_text(s, tree, 4, &b), ERR_LIMIT);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_in_order),
		cmocka_unit_test(strings),
		cmocka_unit_test(numbers),
		cmocka_unit_test(white_space_and_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
