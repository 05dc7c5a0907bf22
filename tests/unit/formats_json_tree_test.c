#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/json_tree.h"

static void test_values(void **state)
{
	struct scope *s = scope_new(0);
	const struct json_tree *t;
	(void)state;
	assert_int_equal(json_tree_parse(s,
			     BYTES_LIT("{\"t\":\"\\u00e9\\n\",\"i\":-7,\"r\":1.0,\"e\":1e2,"
				       "\"y\":true,\"n\":false,\"0\":null,\"a\":[1,[],{}]}"),
			     &t),
	    OK);
	assert_int_equal(t->kind, JSON_TREE_OBJECT);
	assert_null(t->key);
	assert_int_equal(t->n, 8);
	assert_string_equal(json_tree_find(t, "t")->text, "\xc3\xa9\n");
	assert_int_equal(json_tree_find(t, "i")->number, -7);
	assert_int_equal(json_tree_find(t, "r")->kind, JSON_TREE_REAL);
	assert_int_equal(json_tree_find(t, "e")->kind, JSON_TREE_REAL);
	assert_true(json_tree_find(t, "y")->truth);
	assert_false(json_tree_find(t, "n")->truth);
	assert_int_equal(json_tree_find(t, "0")->kind, JSON_TREE_NULL);
	const struct json_tree *a = json_tree_find(t, "a");
	assert_int_equal(a->n, 3);
	assert_null(a->item[0].key);
	assert_int_equal(a->item[2].kind, JSON_TREE_OBJECT);
	assert_null(json_tree_find(t, "x"));
	for (size_t i = 0; i < t->n; i++) /* in their order */
		assert_int_equal(t->item[i].key[0], "tireyn0a"[i]);
	assert_int_equal(json_tree_parse(s, BYTES_LIT(" \"alone\" "), &t), OK);
	assert_string_equal(t->text, "alone");
	scope_free(s);
}

/* The path of a fault, and nothing handed out. */
static void test_faults(void **state)
{
	static const struct {
		const char *text, *begin;
	} cases[] = {
		{ "", "$: line 1: " },
		{ "{\"a\":{\"b\":[1,\n{\"c\":x}]}}", "$.a.b[1].c: line 2: " },
		{ "{\"a\":1,\"b\":2,\"a\":3}", "$.a: line 1: duplicate object key" },
		{ "{\"a\":[{\"k\":1},{\"k\":1,\"k\":2}]}", "$.a[1].k: line 1: duplicate" },
		{ "[\"]\",\"\\\"{\",tru]", "$[2]: line 1: " },
		{ "{\"a\":1}{", "$: line 1: end of file expected" },
		{ "[1,]", "$[1]: line 1: " },
		{ "[\"\\u0000\"]", "$[0]: line 1: " },
		{ "[\"\xff\"]", "$[0]: line 1: " },
		{ "[99999999999999999999]", "$[0]: line 1: too big integer" },
		{ "{'a':1}", "$: line 1: " },
		{ "// no\n{}", "$: line 1: " },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scope *s = scope_new(0);
		const struct json_tree *t = NULL;
		assert_int_equal(json_tree_parse(s, bytes_of_str(cases[i].text), &t), ERR_FORMAT);
		if (strncmp(scope_fault_text(s), cases[i].begin, strlen(cases[i].begin)) != 0)
			fail_msg("%s: %s", cases[i].text, scope_fault_text(s));
		assert_null(t);
		scope_free(s);
	}
}

static enum err nested(size_t depth)
{
	struct scope *s = scope_new(0);
	const struct json_tree *t;
	struct bytes text;
	struct buf b = buf_new(s, SIZE_MAX);
	buf_add_repeat(&b, '[', depth);
	buf_add_repeat(&b, ']', depth);
	assert_int_equal(buf_done(&b, &text), OK);
	enum err err = json_tree_parse(s, text, &t);
	scope_free(s);
	return err;
}

static enum err sized(size_t n)
{
	struct scope *s = scope_new(0);
	const struct json_tree *t;
	struct bytes text;
	struct buf b = buf_new(s, SIZE_MAX);
	buf_add_byte(&b, '7');
	buf_add_repeat(&b, ' ', n - 1);
	assert_int_equal(buf_done(&b, &text), OK);
	enum err err = json_tree_parse(s, text, &t);
	scope_free(s);
	return err;
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(nested(LIMIT_JSON_DEPTH), OK);
	assert_int_equal(nested(LIMIT_JSON_DEPTH + 1), ERR_LIMIT);
	assert_int_equal(nested(100000), ERR_FORMAT); /* the library's own limit */
	assert_int_equal(sized(LIMIT_JSON), OK);
	assert_int_equal(sized(LIMIT_JSON + 1), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
