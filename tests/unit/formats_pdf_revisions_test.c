#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_file.h"
#include "tests/support/pdf_make.h"

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

static struct pdf_file *opened(struct scope *s, struct bytes bytes)
{
	struct pdf_file *f = NULL;
	if (pdf_file_open(s, bytes, BYTES_NONE, &f) != OK)
		print_message("%s\n", scope_fault_text(s));
	assert_non_null(f);
	return f;
}

/* Opening is refused with this error, and with a text that holds `why`. */
static void refused(struct bytes bytes, enum err expected, const char *why)
{
	struct scope *s = scope_new(0);
	struct pdf_file *f;
	assert_int_equal(pdf_file_open(s, bytes, BYTES_NONE, &f), expected);
	if (!strstr(scope_fault_text(s), why))
		print_message("%s\n", scope_fault_text(s));
	assert_non_null(strstr(scope_fault_text(s), why));
	scope_free(s);
}

static const struct pdf_value *object(
    struct scope *s, const struct pdf_file *f, size_t rev, uint32_t num)
{
	const struct pdf_value *v = NULL;
	assert_int_equal(pdf_file_object(s, f, rev, (struct pdf_ref){ num, 0 }, &v), OK);
	return v;
}

/* A catalog without pages, before its section. */
static struct pdf_make *without_section(struct scope *s)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.4");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [] /Count 0 >>");
	return m;
}

static void revisions_see_their_own_objects(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(m, 6, "(one)");
	pdf_make_object(m, 7, "(kept)");
	pdf_make_table(m, "/Root 1 0 R");
	const size_t first_end = m->out.n;
	pdf_make_object(m, 6, "(two)");
	pdf_make_object(m, 8, "(new)");
	pdf_make_xref_stream(m, 9, "/Root 1 0 R");
	const size_t second_end = m->out.n;
	pdf_make_free(m, 7, 1);
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	assert_int_equal(f->quirks, 0);
	assert_int_equal(f->n_revisions, 3);
	assert_int_equal(f->revisions[0].end, first_end);
	assert_int_equal(f->revisions[1].start, first_end);
	assert_int_equal(f->revisions[1].end, second_end);
	assert_int_equal(f->revisions[2].end, f->bytes.n);
	assert_int_equal(f->highest, 9);
	size_t made_in = 99;
	assert_non_null(pdf_file_entry(f, 2, 6, &made_in));
	assert_int_equal(made_in, 1);
	assert_true(bytes_equal_str(object(s, f, 2, 6)->string, "two"));
	assert_true(bytes_equal_str(object(s, f, 0, 6)->string, "one"));
	assert_true(bytes_equal_str(object(s, f, 1, 7)->string, "kept"));
	assert_int_equal(object(s, f, 2, 7)->kind, PDF_NULL);
	assert_int_equal(object(s, f, 0, 8)->kind, PDF_NULL);
	assert_null(pdf_file_entry(f, 0, 8, NULL));
}

/* So many that entries are looked up in an index. */
static void many_revisions_see_their_own_objects(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R");
	for (uint32_t i = 1; i <= 40; i++) {
		pdf_make_objectf(m, 6 + i % 2, "%lu", (unsigned long)i);
		pdf_make_table(m, "/Root 1 0 R");
	}
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	assert_int_equal(f->n_revisions, 41);
	assert_null(pdf_file_entry(f, 0, 6, NULL));
	assert_null(pdf_file_entry(f, 40, 8, NULL));
	for (size_t rev = 2; rev <= 40; rev++) {
		size_t made_in = 99;
		assert_int_equal(object(s, f, rev, 6 + rev % 2)->integer, rev);
		assert_int_equal(object(s, f, rev, 7 - rev % 2)->integer, rev - 1);
		assert_non_null(pdf_file_entry(f, rev, 7 - rev % 2, &made_in));
		assert_int_equal(made_in, rev - 1);
		assert_non_null(pdf_file_entry(f, rev, 5, &made_in));
		assert_int_equal(made_in, 0);
	}
}

static void linearized_files_are_one_revision(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_linearized(s);
	const struct bytes whole = pdf_make_done(m);
	const struct pdf_file *f = opened(s, whole);
	assert_true(f->linearized);
	assert_int_equal(f->quirks, 0);
	assert_int_equal(f->n_revisions, 1);
	assert_int_equal(f->revisions[0].n_sections, 2);
	assert_int_equal(f->revisions[0].end, whole.n);
	assert_true(f->revisions[0].sections[0]->offset < f->revisions[0].sections[1]->offset);
	pdf_make_object(m, 7, "(update)");
	pdf_make_table(m, "/Root 1 0 R");
	f = opened(s, pdf_make_done(m));
	assert_int_equal(f->quirks, 0);
	assert_int_equal(f->n_revisions, 2);
	assert_int_equal(f->revisions[0].n_sections, 2);
	assert_int_equal(f->revisions[0].end, whole.n);
	assert_int_equal(f->revisions[1].n_sections, 1);
}

static void sections_without_startxref_are_merged(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_bare_table(m, "/Root 1 0 R");
	pdf_make_object(m, 6, "(two)");
	pdf_make_table(m, "/Root 1 0 R");
	pdf_make_object(m, 6, "(three)");
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	assert_int_equal(f->n_revisions, 2);
	assert_int_equal(f->revisions[0].n_sections, 2);
	assert_int_equal(f->quirks, PDF_QUIRK_REVISIONS_MERGED);
	assert_true(bytes_equal_str(object(s, f, 0, 6)->string, "two"));
}

static void junk_around(void **state)
{
	struct scope *s = *state;
	static const struct {
		const char *before, *after;
		bool absolute;
		uint32_t quirks;
	} cases[] = {
		{ "", "", false, 0 },
		{ "", "\r\n \n", false, 0 },
		{ "", "\n<html>", false, PDF_QUIRK_TRAILING },
		{ "MIME: x\n\n", "", false, PDF_QUIRK_JUNK_BEFORE_HEADER },
		{ "MIME: x\n\n", "", true,
		    PDF_QUIRK_JUNK_BEFORE_HEADER | PDF_QUIRK_OFFSETS_ABSOLUTE },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pdf_make *m = pdf_make_new(s);
		pdf_make_raw(m, cases[i].before);
		pdf_make_header(m, "1.7");
		m->base = cases[i].absolute ? 0 : m->base;
		pdf_make_object(m, 1, "<< /Type /Catalog >>");
		pdf_make_table(m, "/Root 1 0 R");
		pdf_make_raw(m, cases[i].after);
		const struct pdf_file *f = opened(s, pdf_make_done(m));
		const size_t before = strlen(cases[i].before);
		assert_int_equal(f->header, before);
		assert_int_equal(f->quirks, cases[i].quirks);
		assert_true(
		    bytes_has_prefix(bytes_from(f->bytes, pdf_file_entry(f, 0, 1, NULL)->offset),
			BYTES_LIT("1 0 obj")));
		assert_true(bytes_has_prefix(
		    bytes_from(f->bytes, f->revisions[0].points_to), BYTES_LIT("xref")));
	}
}

static void the_end_of_the_file(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = without_section(s);
	const size_t at = pdf_make_bare_table(m, "/Root 1 0 R");
	const size_t keyword = m->out.n;
	static const struct {
		const char *before, *after;  /* the number */
		size_t after_eof, after_end; /* from the end of the file */
		uint32_t quirks;
	} cases[] = {
		{ "startxref\n", "\n%%EOF", 0, 0, 0 },
		{ "startxref\n", "\n%%EOF\r\n\n", 3, 1, 0 },
		{ "startxref ", "\n%%EOF\n", 1, 0, 0 },
		{ "startxref ", " %note\n%%EOF\r", 1, 0, 0 },
		{ "startxref\n", "\n", 1, 0, PDF_QUIRK_EOF_MISSING },
		{ "startxref\n", "\n%%EOF\nstartxref oops", 15, 14, PDF_QUIRK_TRAILING },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes file;
		m->out.n = keyword;
		pdf_make_rawf(m, "%s%zu%s", cases[i].before, at, cases[i].after);
		assert_int_equal(bytes_copy(s, pdf_make_done(m), &file), OK);
		const struct pdf_file *f = opened(s, file);
		assert_int_equal(f->quirks, cases[i].quirks);
		assert_int_equal(f->revisions[0].startxref, keyword);
		assert_int_equal(file.n - f->revisions[0].eof, cases[i].after_eof);
		assert_int_equal(file.n - f->revisions[0].end, cases[i].after_end);
	}
}

static void chains_that_cannot_be_followed(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	m->prev = pdf_make_at(m);
	pdf_make_table(m, "/Root 1 0 R");
	refused(pdf_make_done(m), ERR_FORMAT, "loop");

	m = pdf_make_begin_one_page(s);
	m->prev = 20;
	pdf_make_table(m, "/Root 1 0 R");
	refused(pdf_make_done(m), ERR_FORMAT, "no cross-reference");

	m = pdf_make_begin_one_page(s);
	m->prev = 123456789;
	pdf_make_table(m, "/Root 1 0 R");
	refused(pdf_make_done(m), ERR_FORMAT, "no cross-reference section at offset 123456789");

	m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R /Prev (x)");
	refused(pdf_make_done(m), ERR_FORMAT, "malformed /Prev");

	m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R /Prev 0");
	assert_int_equal(opened(s, pdf_make_done(m))->quirks, PDF_QUIRK_PREV_0);

	m = pdf_make_begin_one_page(s);
	const size_t at = pdf_make_bare_table(m, "/Root 1 0 R");
	pdf_make_startxref(m, at + 1);
	refused(pdf_make_done(m), ERR_FORMAT, "no cross-reference section");

	/* The highest number there is: no offset, and no section. */
	m = pdf_make_begin_one_page(s);
	pdf_make_bare_table(m, "/Root 1 0 R");
	pdf_make_startxref(m, SIZE_MAX);
	refused(pdf_make_done(m), ERR_FORMAT, "no cross-reference section");

	m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R /XRefStm 15");
	refused(pdf_make_done(m), ERR_FORMAT, "no cross-reference stream");
}

static void the_number_of_sections_is_capped(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = without_section(s);
	for (int i = 0; i < LIMIT_PDF_SECTIONS; i++)
		pdf_make_table(m, "/Root 1 0 R");
	struct bytes inside;
	assert_int_equal(bytes_copy(s, pdf_make_done(m), &inside), OK);
	assert_int_equal(opened(s, inside)->n_revisions, LIMIT_PDF_SECTIONS);
	pdf_make_table(m, "/Root 1 0 R");
	refused(pdf_make_done(m), ERR_LIMIT, "sections");
}

static void an_update_without_root_keeps_the_old_one(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R");
	pdf_make_object(m, 6, "(x)");
	pdf_make_table(m, "");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	assert_int_equal(f->quirks, PDF_QUIRK_ROOT_OLDER);
	assert_int_equal(f->root.num, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(revisions_see_their_own_objects),
		T(many_revisions_see_their_own_objects),
		T(linearized_files_are_one_revision),
		T(sections_without_startxref_are_merged),
		T(junk_around),
		T(the_end_of_the_file),
		T(chains_that_cannot_be_followed),
		T(the_number_of_sections_is_capped),
		T(an_update_without_root_keeps_the_old_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
