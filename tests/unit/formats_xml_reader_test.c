#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/xml_reader.h"

static const struct xml_reader_node *parse(struct scope *s, const char *text)
{
	const struct xml_reader_node *root = NULL;
	if (xml_reader_parse(s, bytes_of_str(text), &root) != OK)
		fail_msg("%s", scope_fault_text(s));
	return root;
}

static void assert_refused(struct scope *s, enum err wanted, struct bytes text)
{
	const struct xml_reader_node *root;
	assert_int_equal(xml_reader_parse(s, text, &root), wanted);
	assert_int_not_equal(scope_fault_text(s)[0], '\0');
	scope_forgive(s);
}

static void test_tree(void **state)
{
	const struct xml_reader_node *c,
	    *root = parse(*state, "\xef\xbb\xbf<?xml version='1.0'?><!-- c --><r xmlns='urn:r' "
				  "xmlns:b='urn:b' a='1' b:a='2'>"
				  "x<b:c k='&lt;&quot;&#x41;&amp;amp;'>y &amp; "
				  "z</b:c><c/><?pi?>w<![CDATA[<&]]>\r\n<b:c/></r>");
	assert_true(xml_reader_is(root, "urn:r", "r"));
	assert_false(xml_reader_is(root, "", "r"));
	assert_null(root->parent);
	assert_string_equal(root->text, "xw<&\n");
	assert_string_equal(xml_reader_attribute(root, "a"), "1");
	assert_string_equal(root->attributes->next->ns, "urn:b");
	assert_string_equal(root->attributes->next->value, "2");
	assert_null(root->attributes->next->next);
	assert_null(xml_reader_attribute(root, "b"));
	c = xml_reader_child(root, "urn:b", "c", NULL);
	assert_string_equal(c->text, "y & z");
	assert_string_equal(xml_reader_attribute(c, "k"), "<\"A&amp;");
	assert_ptr_equal(c->parent, root);
	assert_true(xml_reader_is(c->next, "urn:r", "c"));
	assert_string_equal(c->next->text, "");
	c = xml_reader_child(root, "urn:b", "c", c);
	assert_ptr_equal(c, root->last);
	assert_null(xml_reader_child(root, "urn:b", "c", c));
}

static void test_encodings(void **state)
{
	const struct xml_reader_node *root =
	    parse(*state, "<?xml version='1.0' encoding='ISO-8859-2'?><r>\xf5</r>");
	assert_string_equal(root->text, "\xc5\x91");
	const struct bytes utf16 = BYTES_LIT("\xff\xfe<\0r\0/\0>\0");
	assert_int_equal(xml_reader_parse(*state, utf16, &root), OK);
	assert_string_equal(root->name, "r");
}

static void test_malformed(void **state)
{
	static const char *const bad[] = { "", " ", "x", "<r", "<r>", "<r></s>", "<r/><s/>",
		"<r/>x", "<r a='1' a='2'/>", "<b:r/>", "<r>&x;</r>", "<r a='&x;'/>", "<r>\x01</r>",
		"<r>&#1;</r>", "<r>\xff</r>", "<r xmlns:b=''/>",
		"<?xml version='1.0' encoding='nonsense'?><r/>" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(*state, ERR_FORMAT, bytes_of_str(bad[i]));
	assert_refused(*state, ERR_FORMAT, BYTES_LIT("<r>\0</r>"));
}

/* No entity is declared, so none can grow; no file is read. */
static void test_no_doctype(void **state)
{
	assert_refused(*state, ERR_FORMAT, BYTES_LIT("<!DOCTYPE r><r/>"));
	assert_refused(*state, ERR_FORMAT, BYTES_LIT("<!DOCTYPE r SYSTEM 'r.dtd'><r/>"));
	assert_refused(*state, ERR_FORMAT,
	    BYTES_LIT("<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><r>&e;</r>"));
	assert_refused(*state, ERR_FORMAT,
	    BYTES_LIT(
		"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><r>&b;</r>"));
	assert_refused(
	    *state, ERR_FORMAT, BYTES_LIT("<!DOCTYPE r [<!ATTLIST r a CDATA 'x'>]><r/>"));
}

static struct bytes nested(struct scope *s, size_t depth)
{
	struct buf b = buf_new(s, SIZE_MAX);
	struct bytes text;
	for (size_t i = 0; i < depth; i++)
		buf_add_str(&b, "<a>");
	for (size_t i = 0; i < depth; i++)
		buf_add_str(&b, "</a>");
	assert_int_equal(buf_done(&b, &text), OK);
	return text;
}

static void test_depth(void **state)
{
	const struct xml_reader_node *root;
	assert_int_equal(xml_reader_parse(*state, nested(*state, LIMIT_XML_DEPTH), &root), OK);
	assert_refused(*state, ERR_LIMIT, nested(*state, LIMIT_XML_DEPTH + 1));
	assert_refused(*state, ERR_LIMIT, nested(*state, 100000));
}

static void test_size(void **state)
{
	struct buf b = buf_new(*state, SIZE_MAX);
	const struct xml_reader_node *root;
	struct bytes text;
	buf_add_str(&b, "<r>");
	while (b.n < LIMIT_XML_DOCUMENT - 1000000) {
		buf_add_str(&b, "<a>");
		buf_add_repeat(&b, 'x', 900000);
		buf_add_str(&b, "</a>");
	}
	buf_add_repeat(&b, ' ', LIMIT_XML_DOCUMENT - 4 - b.n);
	buf_add_str(&b, "</r>");
	assert_int_equal(buf_done(&b, &text), OK);
	assert_int_equal(xml_reader_parse(*state, text, &root), OK);
	buf_add_byte(&b, ' ');
	assert_int_equal(buf_done(&b, &text), OK);
	assert_refused(*state, ERR_LIMIT, text);
}

/* As many nodes as it takes, half of them attributes. */
static void test_nodes(void **state)
{
	struct buf b = buf_new(*state, SIZE_MAX);
	struct bytes text;
	buf_add_str(&b, "<r>");
	for (size_t i = 0; i < LIMIT_XML_NODES / 2; i++)
		buf_add_str(&b, "<a b=''/>");
	buf_add_str(&b, "</r>");
	assert_int_equal(buf_done(&b, &text), OK);
	assert_refused(*state, ERR_LIMIT, text);
}

/* 8 MB in one element, as a base64 of a list may be. */
static void test_long_text(void **state)
{
	struct buf b = buf_new(*state, SIZE_MAX);
	const struct xml_reader_node *root;
	struct bytes text;
	buf_add_str(&b, "<r>");
	buf_add_repeat(&b, 'x', 8000000);
	buf_add_str(&b, "</r>");
	assert_int_equal(buf_done(&b, &text), OK);
	assert_int_equal(xml_reader_parse(*state, text, &root), OK);
	assert_int_equal(strlen(root->text), 8000000);
}

static void test_no_memory(void **state)
{
	enum err e = ERR_NOMEM;
	(void)state;
	for (size_t n = 1; e != OK; n++) {
		struct scope *s = scope_new(0);
		const struct xml_reader_node *root;
		scope_fail_after(s, n);
		e = xml_reader_parse(s, BYTES_LIT("<r a='1' b='2'>x<c>y</c></r>"), &root);
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
		TEST(test_tree),
		TEST(test_encodings),
		TEST(test_malformed),
		TEST(test_no_doctype),
		TEST(test_depth),
		TEST(test_size),
		TEST(test_nodes),
		TEST(test_long_text),
		TEST(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
