/* Objects that no cross-reference section leads to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_unlisted.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

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

static struct pdf_unlisted found_in(struct bytes file, size_t rev)
{
	struct pdf_unlisted u;
	const struct pdf_file *f = pdf_reread_open(s, file);
	assert_int_equal(pdf_unlisted_find(s, f, rev, &u), OK);
	assert_int_equal(scope_fault_code(s), OK);
	return u;
}

static void test_whole_files(void **state)
{
	(void)state;
	assert_int_equal(found_in(pdf_make_one_page(s), 0).n, 0);
	assert_int_equal(found_in(pdf_make_form(s), 0).n, 0);
	assert_int_equal(found_in(pdf_make_compressed(s), 0).n, 0);
	assert_int_equal(found_in(pdf_make_linearized(s), 0).n, 0);
}

/* An object anywhere: between others, after a large one, before the section, in an update. */
static void test_found(void **state)
{
	static const char hidden[] = "9 0 obj\n<< /Type /Page >>\nendobj\n";
	(void)state;
	for (int place = 0; place < 4; place++) {
		struct pdf_make *m = pdf_make_begin_one_page(s);
		if (place == 0)
			pdf_make_raw(m, hidden);
		pdf_make_object(m, 6, "<< /A (endobj obj) >>");
		uint8_t *large = scope_alloc(s, 10000);
		assert_non_null(large);
		memset(large, 'x', 10000);
		memcpy(large + 5000, hidden, sizeof(hidden) - 1); /* data of a stream are none */
		pdf_make_stream(m, 7, "", bytes_of(large, 10000));
		if (place == 1)
			pdf_make_raw(m, hidden);
		pdf_make_object(m, 8, "[1 2]");
		if (place == 2)
			pdf_make_raw(m, hidden);
		pdf_make_table(m, "/Root 1 0 R");
		if (place == 3)
			pdf_make_raw(m, hidden);
		pdf_make_object(m, 8, "[1 2 3]");
		pdf_make_table(m, "/Root 1 0 R");
		const struct bytes file = pdf_make_done(m);
		const struct pdf_unlisted u = found_in(file, 1);
		assert_int_equal(u.n, 1);
		assert_int_equal(u.item[0].ref.num, 9);
		assert_int_equal(u.item[0].value->kind, PDF_DICT);
		assert_memory_equal(file.p + u.item[0].offset, hidden, sizeof(hidden) - 1);
		assert_int_equal(found_in(file, 0).n, place < 3);
	}
}

/* Comments are none, and neither is what stands before all that is listed. */
static void test_not_found(void **state)
{
	struct pdf_make *m = pdf_make_new(s);
	(void)state;
	pdf_make_header(m, "1.7");
	pdf_make_raw(m, "9 0 obj\n<< >>\nendobj\n");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_raw(m, "% 9 0 obj << >> endobj\n");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [] /Count 0 >>");
	pdf_make_table(m, "/Root 1 0 R");
	assert_int_equal(found_in(pdf_make_done(m), 0).n, 0);
}

static void test_limit(void **state)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	(void)state;
	for (int i = 0; i <= LIMIT_PDF_UNLISTED; i++)
		pdf_make_rawf(m, "%d 0 obj << >> endobj\n", 100 + i);
	pdf_make_table(m, "/Root 1 0 R");
	assert_int_equal(found_in(pdf_make_done(m), 0).n, LIMIT_PDF_UNLISTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_files),
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_limit),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
