#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/xml.h"

#define BAD "\xef\xbf\xbd"
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static struct xml *new (struct scope *s, size_t cap)
{
	struct xml *x;
	assert_int_equal(xml_new(s, cap, &x), OK);
	return x;
}

static void assert_done(struct scope *s, struct xml *x, const char *wanted)
{
	struct bytes text;
	char *copy;
	assert_int_equal(xml_done(x, &text), OK);
	assert_int_equal(bytes_to_str(s, text, &copy), OK);
	assert_string_equal(copy, wanted);
}

static void add_all(struct xml *x)
{
	xml_open(x, "a:root");
	xml_attribute(x, "xmlns:a", "urn:a");
	xml_leaf(x, "a:text", "<&>\"");
	xml_open(x, "a:empty");
	xml_attribute(x, "of", "\"<&\n");
	xml_close(x);
	xml_open(x, "a:list");
	xml_textf(x, "%d %d", 1, 2);
	xml_close(x);
	xml_leaf_base64(x, "a:b64", BYTES_LIT("\x00\xff"));
	xml_leaf_instant(x, "a:at", (struct instant){ 0 });
}

static void test_document(void **state)
{
	struct xml *x = new (*state, 4096);
	add_all(x);
	assert_done(*state, x,
	    HEAD "<a:root xmlns:a=\"urn:a\">\n"
		 " <a:text>&lt;&amp;&gt;&quot;</a:text>\n"
		 " <a:empty of=\"&quot;&lt;&amp;&#10;\"/>\n"
		 " <a:list>1 2</a:list>\n"
		 " <a:b64>AP8=</a:b64>\n"
		 " <a:at>1970-01-01T00:00:00Z</a:at>\n"
		 "</a:root>\n");
}

static void test_foreign_text(void **state)
{
	struct xml *x = new (*state, 4096);
	xml_open(x, "t");
	xml_attribute(x, "a", "\x01\x1b[2J");
	xml_text(x, "\x01|\xff|\xed\xa0\x80|\xc0\xaf|\xef\xbf\xbe|\xf4\x90\x80\x80|]]>|\r|\t|\x7f");
	xml_close(x);
	assert_done(*state, x,
	    HEAD "<t a=\"" BAD BAD "[2J\">" BAD "|" BAD "|" BAD "|" BAD BAD "|" BAD "|" BAD "|"
		 "]]&gt;|&#13;|\t|\x7f</t>\n");
}

/* What is just allowed stays as it is. */
static void test_allowed_text(void **state)
{
	static const char text[] = " \xc2\x85\xee\x80\x80\xef\xbf\xbd\xf4\x8f\xbf\xbf";
	struct xml *x = new (*state, 4096);
	char wanted[128];
	xml_leaf(x, "t", text);
	snprintf(wanted, sizeof(wanted), HEAD "<t>%s</t>\n", text);
	assert_done(*state, x, wanted);
}

static void test_nothing(void **state)
{
	struct xml *x = new (*state, 4096);
	xml_open(x, "t");
	xml_leaf(x, "null", NULL);
	xml_leaf_base64(x, "b", BYTES_NONE);
	assert_done(*state, x, HEAD "<t>\n <null></null>\n <b></b>\n</t>\n");
}

static void test_instants(void **state)
{
	struct bytes text;
	struct xml *x = new (*state, 4096);
	xml_open(x, "t");
	xml_leaf_instant(x, "late", (struct instant){ INT64_MAX });
	xml_leaf_instant(x, "early", (struct instant){ INT64_MIN + 1 });
	assert_done(*state, x,
	    HEAD "<t>\n <late>9999-12-31T23:59:59Z</late>\n"
		 " <early>0001-01-01T00:00:00Z</early>\n</t>\n");
	x = new (*state, 4096);
	xml_leaf_instant(x, "t", INSTANT_NONE);
	assert_int_equal(xml_done(x, &text), ERR_INTERNAL);
}

static void test_cap(void **state)
{
	struct bytes whole, text;
	struct xml *x = new (*state, SIZE_MAX);
	add_all(x);
	assert_int_equal(xml_done(x, &whole), OK);
	for (size_t room = whole.n - 100; room < whole.n + 2; room++) {
		x = new (*state, room);
		add_all(x);
		enum err e = xml_done(x, &text);
		assert_int_equal(e, room < whole.n ? ERR_LIMIT : OK);
		assert_true(e != OK || bytes_equal(text, whole));
		scope_forgive(*state);
	}
}

/* Without memory at any point: the error is told, nothing leaks or is written later. */
static void test_no_memory(void **state)
{
	enum err e = ERR_NOMEM;
	(void)state;
	for (size_t n = 1; e != OK; n++) {
		struct scope *s = scope_new(0);
		struct xml *x;
		struct bytes text;
		scope_fail_after(s, n);
		e = xml_new(s, 4096, &x);
		if (e == OK) {
			add_all(x);
			xml_leaf(x, "t", "\x01");
			e = xml_done(x, &text);
		}
		assert_true(e == OK || e == ERR_NOMEM);
		scope_free(s);
		assert_true(n < 1000);
	}
}

static int setup(void **state)
{
	*state = scope_new(0);
	return *state == NULL;
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
		TEST(test_document),
		TEST(test_foreign_text),
		TEST(test_allowed_text),
		TEST(test_nothing),
		TEST(test_instants),
		TEST(test_cap),
		TEST(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
