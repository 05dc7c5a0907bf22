/* Content streams as operators; what strings stand for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/scope.h"
#include "formats/pdf_content.h"

static struct scope *s;

static int setup(void **state)
{
	(void)state;
	s = scope_new(0);
	return s ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	scope_free(s);
	return 0;
}

static struct pdf_content *content_of(const char *text)
{
	struct pdf_content *c = pdf_content_new(s, bytes_of_str(text));
	assert_non_null(c);
	return c;
}

static void next_is(struct pdf_content *c, const char *name, size_t n)
{
	assert_true(pdf_content_next(c));
	assert_true(pdf_content_is(c, name));
	assert_int_equal(c->n, n);
}

static void test_operators(void **state)
{
	struct pdf_content *c = content_of(
	    "q % a comment ( \n1 0 -.5 +2. 1e3 Tm [(a) -20 <62>] TJ /F1 12 Tf(x)Tj T* /OC "
	    "<< /MCID 3 >> BDC true\nf* (a) '");
	(void)state;
	next_is(c, "q", 0);
	next_is(c, "1e3", 4); /* no number of PDF: an operator nobody knows */
	assert_true(c->operand[2].number == -0.5 && c->operand[3].number == 2);
	next_is(c, "Tm", 0);
	next_is(c, "TJ", 5);
	assert_int_equal(c->operand[0].kind, PDF_CONTENT_OPEN);
	assert_int_equal(c->operand[4].kind, PDF_CONTENT_CLOSE);
	next_is(c, "Tf", 2);
	assert_true(bytes_equal_str(c->operand[0].text, "F1"));
	next_is(c, "Tj", 1);
	next_is(c, "T*", 0);
	next_is(c, "BDC", 5);
	next_is(c, "f*", 1);
	next_is(c, "'", 1);
	assert_false(pdf_content_next(c));
}

/* The data of an inline image are none of its business, whatever they look like. */
static void test_inline_image(void **state)
{
	struct pdf_content *c =
	    content_of("BI /W 1 /H 1 /BPC 8 ID (Tj EIx) Tj \nEI Q\nBI /W 1 ID no end");
	(void)state;
	next_is(c, "BI", 6);
	next_is(c, "Q", 0);
	assert_true(pdf_content_next(c));
	assert_true(pdf_content_is(c, "BI"));
	assert_false(pdf_content_next(c));
}

static void string_is(const char *text, const char *octets, size_t n)
{
	uint8_t out[16] = { 0 };
	struct pdf_content *c = content_of(text);
	pdf_content_next(c);
	assert_int_equal(c->n, 1);
	assert_int_equal(pdf_content_octets(&c->operand[0], out, sizeof(out)), n);
	assert_memory_equal(out, octets, n);
}

static void test_strings(void **state)
{
	(void)state;
	string_is("(a\\)b\\\\(c)) Tj", "a)b\\(c)", 7);
	string_is("(\\101\\60\\0) Tj", "A0\0", 3);
	string_is("(\\1234) Tj", "S4", 2); /* three digits at most */
	string_is("(a\\\nb\\\r\nc) Tj", "abc", 3);
	string_is("(\\n\\r\\t\\b\\f\\x) Tj", "\n\r\t\b\fx", 6);
	string_is("<4 1 4> Tj", "A@", 2); /* a digit that is missing is 0 */
	string_is("<> Tj", "", 0);
	string_is("(0123456789abcdefg) Tj", "0123456789abcdef", 16);
	string_is("(open", "open", 4);
	string_is("(\\", "", 0);
	string_is("/N Tj", "", 0);
}

/* As many operands as there is room for, and one more. */
static void test_operand_limit(void **state)
{
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		struct buf b = buf_new(s, 1 << 20);
		for (size_t i = 0; i < LIMIT_PDF_OPERANDS + more; i++)
			buf_add_str(&b, "1 ");
		buf_add_str(&b, "re f");
		struct pdf_content *c = pdf_content_new(s, buf_bytes(&b));
		next_is(c, "re", LIMIT_PDF_OPERANDS);
		assert_int_equal(c->cut, more);
		next_is(c, "f", 0);
		assert_false(c->cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_inline_image),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_operand_limit),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
