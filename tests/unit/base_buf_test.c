#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

static void test_adds_in_order(void **state)
{
	struct buf b = buf_new(*state, 100);
	struct bytes content;
	buf_add(&b, BYTES_LIT("ab"));
	buf_add(&b, BYTES_NONE);
	buf_add_str(&b, "cd");
	buf_add_byte(&b, 'e');
	buf_add_repeat(&b, 'f', 3);
	buf_add_repeat(&b, 'x', 0);
	buf_addf(&b, "%d-%s", 7, "z");
	assert_int_equal(buf_done(&b, &content), OK);
	assert_true(bytes_equal_str(content, "abcdefff7-z"));
}

static void test_empty_is_fine(void **state)
{
	struct buf b = buf_new(*state, 0);
	struct bytes content = BYTES_LIT("x");
	char *text;
	assert_non_null(buf_extend(&b, 0));
	assert_int_equal(buf_done(&b, &content), OK);
	assert_int_equal(content.n, 0);
	assert_int_equal(buf_done_str(&b, &text), OK);
	assert_string_equal(text, "");
}

static void test_cap_is_exact(void **state)
{
	struct scope *s = *state;
	struct buf b = buf_new(s, 300);
	struct bytes content = BYTES_LIT("untouched");
	buf_add_repeat(&b, 'a', 299);
	buf_add_byte(&b, 'b');
	assert_int_equal(buf_done(&b, &content), OK);
	assert_int_equal(content.n, 300);
	assert_true(scope_used(s) <= 300);
	buf_add_byte(&b, 'c');
	assert_int_equal(b.failed, ERR_LIMIT);
	content = BYTES_LIT("untouched");
	assert_int_equal(buf_done(&b, &content), ERR_LIMIT);
	assert_true(bytes_equal_str(content, "untouched"));
	assert_int_equal(scope_fault_code(s), ERR_LIMIT);
}

static void test_failure_is_remembered(void **state)
{
	struct buf b = buf_new(*state, 4);
	struct bytes content;
	buf_add_str(&b, "12345");
	buf_add_str(&b, "1");
	assert_null(buf_extend(&b, 1));
	buf_patch(&b, 0, BYTES_NONE);
	assert_int_equal(buf_bytes(&b).n, 0);
	assert_int_equal(buf_done(&b, &content), ERR_LIMIT);
	b = buf_new(*state, 4);
	assert_null(buf_extend(&b, SIZE_MAX));
	assert_int_equal(buf_done(&b, &content), ERR_LIMIT);
}

static void test_text_keeps_its_cap(void **state)
{
	struct buf b = buf_new(*state, 2);
	char *text;
	buf_add_str(&b, "ab");
	assert_int_equal(buf_done_str(&b, &text), OK);
	assert_string_equal(text, "ab");
	assert_int_equal(buf_done_str(&b, &text), OK);
	assert_int_equal(b.cap, 2);
	buf_add_byte(&b, 'c');
	assert_int_equal(buf_done_str(&b, &text), ERR_LIMIT);
}

static void test_text_can_go_on(void **state)
{
	struct buf b = buf_new(*state, 8);
	char *text;
	buf_add_str(&b, "ab");
	assert_int_equal(buf_done_str(&b, &text), OK);
	buf_add_str(&b, "cd");
	assert_int_equal(buf_done_str(&b, &text), OK);
	assert_string_equal(text, "abcd");
}

static void test_patch(void **state)
{
	struct buf b = buf_new(*state, 8);
	struct bytes content;
	buf_add_str(&b, "abcd");
	buf_patch(&b, 2, BYTES_LIT("XY"));
	buf_patch(&b, 4, BYTES_NONE);
	assert_int_equal(buf_done(&b, &content), OK);
	assert_true(bytes_equal_str(content, "abXY"));
	buf_patch(&b, 3, BYTES_LIT("12"));
	assert_int_equal(buf_done(&b, &content), ERR_LIMIT);
}

static void test_long_format_fails(void **state)
{
	struct scope *s = *state;
	struct buf b = buf_new(s, SIZE_MAX);
	struct bytes content;
	char *text = scope_alloc(s, LIMIT_BUF_FORMAT + 1);
	assert_non_null(text);
	memset(text, 'x', LIMIT_BUF_FORMAT);
	buf_addf(&b, "%s", text + 1);
	assert_int_equal(buf_done(&b, &content), OK);
	assert_int_equal(content.n, LIMIT_BUF_FORMAT - 1);
	buf_addf(&b, "%s", text);
	assert_int_equal(buf_done(&b, &content), ERR_LIMIT);
}

static void test_growth_keeps_content(void **state)
{
	struct buf b = buf_new(*state, 1 << 20);
	struct bytes content;
	for (int i = 0; i < 100000; i++)
		buf_add_byte(&b, (uint8_t)(i * 7));
	assert_int_equal(buf_done(&b, &content), OK);
	assert_int_equal(content.n, 100000);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(content.p[i], (uint8_t)(i * 7));
}

static void test_no_memory(void **state)
{
	struct scope *s = *state;
	struct buf b = buf_new(s, 1 << 20);
	struct bytes content;
	buf_add_str(&b, "kept");
	scope_fail_after(s, 1);
	buf_add_repeat(&b, 'x', 4096);
	assert_int_equal(buf_done(&b, &content), ERR_NOMEM);
	assert_int_equal(scope_fault_code(s), ERR_NOMEM);
	assert_true(bytes_equal_str(buf_bytes(&b), "kept"));
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
		T(test_adds_in_order),
		T(test_empty_is_fine),
		T(test_cap_is_exact),
		T(test_failure_is_remembered),
		T(test_text_keeps_its_cap),
		T(test_text_can_go_on),
		T(test_patch),
		T(test_long_format_fails),
		T(test_growth_keeps_content),
		T(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
