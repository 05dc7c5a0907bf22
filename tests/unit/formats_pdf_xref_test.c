#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
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

static const struct pdf_file *with_lines(
    struct scope *s, const char *head, const char *line, const char *trailer)
{
	struct pdf_make *m = without_section(s);
	const size_t at = pdf_make_at(m);
	pdf_make_raw(m, head);
	for (size_t i = 0; i < 2; i++) {
		char text[80];
		snprintf(text, sizeof(text), "%010zu 00000 n", m->entry[i].offset);
		pdf_make_raw(m, text);
		pdf_make_raw(m, line);
	}
	pdf_make_raw(m, trailer);
	pdf_make_startxref(m, at);
	return opened(s, pdf_make_done(m));
}

static void tables_of_odd_form(void **state)
{
	struct scope *s = *state;
	static const char trailer[] = "trailer<</Size 3/Root 1 0 R>>\n";
	static const struct {
		const char *head, *line;
		uint32_t quirks;
	} cases[] = {
		{ "xref\n0 3\n0000000000 65535 f \n", " \n", 0 },
		{ "xref\r\n0 3\r\n0000000000 65535 f\r\n", "\r\n", 0 },
		{ "xref\n0 3\n0000000000 65535 f\n", "\n", PDF_QUIRK_XREF_FORM },
		{ "xref\n0 3\n0000000000 65535 f  \r\n", "  \r\n", PDF_QUIRK_XREF_FORM },
		{ "xref 0 3\n0000000000 65535 f \n", " \n", PDF_QUIRK_XREF_FORM },
		{ "xref\n0 3\n         0 65535 f \n", " \n", PDF_QUIRK_XREF_FORM },
		{ "\n\n xref\n0 3\n0000000000 65535 f \n", " \n", PDF_QUIRK_STARTXREF_WHITE },
		{ "xref\n1 3\n0000000000 65535 f \n", " \n", PDF_QUIRK_XREF_FIRST },
		{ "xref\n1 2\n", " \n", 0 },
		{ "xref\n0 1\n0000000000 65535 f \n1 2\n", " \n", 0 },
		{ "xref\n9 1\n0000000000 00000 f \n1 2\n", " \n", PDF_QUIRK_SIZE },
		{ "xref\n0 1\n0000000000 65535 f \n9000000 1\n0000000000 00001 f \n1 2\n", " \n",
		    0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pdf_file *f = with_lines(s, cases[i].head, cases[i].line, trailer);
		assert_int_equal(f->quirks, cases[i].quirks);
		assert_int_equal(object(s, f, 0, 2)->kind, PDF_DICT);
	}
}

static void the_first_of_two_entries_counts(void **state)
{
	struct scope *s = *state;
	const struct pdf_file *f = with_lines(s, "xref\n0 1\n0000000000 65535 f \n1 2\n", " \n",
	    "1 1\n0000000003 00000 n \ntrailer<</Size 3/Root 1 0 R>>\n");
	assert_int_equal(f->quirks, PDF_QUIRK_XREF_TWICE);
	assert_int_equal(f->revisions[0].sections[0]->n_entries, 3);
	assert_true(pdf_value_is_name(pdf_value_find(object(s, f, 0, 1), "Type"), "Catalog"));
}

static void hybrid_files(void **state)
{
	struct scope *s = *state;
	static const uint32_t nums[] = { 8 }, hidden[] = { 6 };
	const char *const bodies[] = { "(compressed)" };
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(m, 6, "(hidden)");
	pdf_make_object_stream(m, 7, 1, nums, bodies);
	pdf_make_hybrid(m, 9, "/Root 1 0 R", hidden, 1);
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	assert_int_equal(f->n_revisions, 1);
	const struct pdf_section *section = f->revisions[0].sections[0];
	assert_int_equal(section->kind, PDF_SECTION_HYBRID);
	assert_true(section->xrefstm_offset < section->offset);
	assert_true(bytes_equal_str(object(s, f, 0, 6)->string, "hidden"));
	assert_true(bytes_equal_str(object(s, f, 0, 8)->string, "compressed"));
	for (size_t i = 1; i < section->n_entries; i++)
		assert_true(section->entries[i - 1].num < section->entries[i].num);
}

static void object_numbers_are_capped(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = without_section(s);
	pdf_make_object(m, LIMIT_PDF_OBJECT_NUMBER, "(highest)");
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	assert_int_equal(f->highest, LIMIT_PDF_OBJECT_NUMBER);
	assert_true(bytes_equal_str(object(s, f, 0, LIMIT_PDF_OBJECT_NUMBER)->string, "highest"));
	pdf_make_object(m, LIMIT_PDF_OBJECT_NUMBER + 1, "(above)");
	pdf_make_table(m, "/Root 1 0 R");
	refused(pdf_make_done(m), ERR_LIMIT, "object number");
}

static void tables_that_promise_too_much(void **state)
{
	struct scope *s = *state;
	static const struct {
		const char *table;
		enum err e;
	} cases[] = {
		{ "xref\n0 99999999999\n0000000000 65535 f \ntrailer<<>>\n", ERR_FORMAT },
		{ "xref\n0 99999999999999999999\ntrailer<<>>\n", ERR_FORMAT },
		{ "xref\n0 3\n0000000000 65535 f \ntrailer<</Size 1>>\n", ERR_FORMAT },
		{ "xref\n0 1\n0000000000 65535 x \ntrailer<</Size 1>>\n", ERR_FORMAT },
		{ "xref\n4294967295 1\n0000000009 00000 n \ntrailer<<>>\n", ERR_LIMIT },
		{ "xref\n4294967296 1\n0000000009 00000 n \ntrailer<<>>\n", ERR_FORMAT },
		{ "xref\n0 0\ntrailer(x)\n", ERR_FORMAT },
		{ "xref\n0 0\ntrailer<</A>>\n", ERR_FORMAT },
		{ "xref\n0 0\n", ERR_FORMAT },
		{ "xref\n0 0\ntrailer<</Size 1>>\n", ERR_FORMAT }, /* no /Root */
		{ "xref\n0 0\ntrailer<</Root 1 0 R>>\n",
		    ERR_FORMAT }, /* a /Root that is not there */
		{ "xref\n0 0\ntrailer<</Root<<>>>>\n", ERR_FORMAT },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pdf_make *m = without_section(s);
		const size_t at = pdf_make_at(m);
		pdf_make_raw(m, cases[i].table);
		pdf_make_startxref(m, at);
		refused(pdf_make_done(m), cases[i].e, "pdf: ");
	}
}

/* A file whose only section is a stream with these entries and data, object 3. */
static struct bytes with_stream(struct scope *s, const char *entries, struct bytes rows)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.5");
	pdf_make_object(m, 1, "<< /Type /Catalog >>");
	const size_t at = pdf_make_at(m);
	pdf_make_rawf(m, "3 0 obj\n<< %s /Root 1 0 R /Length %zu >>\nstream\n", entries, rows.n);
	pdf_make_octets(m, rows);
	pdf_make_raw(m, "\nendstream\nendobj\n");
	pdf_make_startxref(m, at);
	return pdf_make_done(m);
}

static void streams_of_odd_form(void **state)
{
	struct scope *s = *state;
	/* Object 1 stands at 15. Without a type, rows are of type 1. */
	const struct pdf_file *f = opened(
	    s, with_stream(s, "/Type /XRef /Size 2 /W [0 1 0] /Index [1 1]", BYTES_LIT("\x0f")));
	assert_int_equal(f->quirks, 0);
	f = opened(s, with_stream(s, "/Type /XRef /Size 2 /W [0 1 0]", BYTES_LIT("\0\x0f")));
	assert_int_equal(f->quirks, PDF_QUIRK_ENTRY_OFFSET_0);
	/* Fewer rows than announced. */
	f = opened(s, with_stream(s, "/Type /XRef /Size 99 /W [0 1 0]", BYTES_LIT("\0\x0f")));
	assert_int_equal(f->quirks, PDF_QUIRK_ENTRY_OFFSET_0 | PDF_QUIRK_XREF_FORM);
	/* Eight octets of offset; a type that is not known is free. */
	f = opened(s, with_stream(s, "/Type /XRef /Size 3 /W [1 8 1] /Index [1 2]",
			  BYTES_LIT("\1\0\0\0\0\0\0\0\x0f\0\7\xff\xff\xff\xff\xff\xff\xff\xff\1")));
	assert_int_equal(pdf_file_entry(f, 0, 2, NULL)->kind, PDF_ENTRY_FREE);
	assert_int_equal(f->quirks, 0);
	/* Offsets that no file can have. */
	f = opened(s, with_stream(s, "/Type /XRef /Size 3 /W [0 8 0] /Index [1 2]",
			  BYTES_LIT("\0\0\0\0\0\0\0\x0f\xff\xff\xff\xff\xff\xff\xff\xff")));
	const struct pdf_value *v;
	assert_int_equal(pdf_file_object(s, f, 0, (struct pdf_ref){ 2, 0 }, &v), ERR_FORMAT);
	refused(with_stream(s, "/Type /XRef /Size 2 /W [1 9 1]", BYTES_LIT("x")), ERR_FORMAT, "/W");
	refused(with_stream(s, "/Type /XRef /Size 2 /W [0 0 0]", BYTES_LIT("x")), ERR_FORMAT, "/W");
	refused(with_stream(s, "/Type /XRef /Size 2 /W [1 1]", BYTES_LIT("x")), ERR_FORMAT, "/W");
	refused(with_stream(s, "/Type /XRef /W [0 1 0]", BYTES_LIT("x")), ERR_FORMAT, "/Index");
	refused(with_stream(s, "/Type /XRef /W [0 1 0] /Index [1]", BYTES_LIT("x")), ERR_FORMAT,
	    "/Index");
	refused(with_stream(s, "/Type /XRef /W [0 1 0] /Index [-1 1]", BYTES_LIT("x")), ERR_FORMAT,
	    "/Index");
	refused(with_stream(s, "/Size 2 /W [0 1 0]", BYTES_LIT("x")), ERR_FORMAT,
	    "no cross-reference stream");
	refused(
	    with_stream(s, "/Type /XRef /Size 2 /W [0 1 0] /Filter /BrotliDecode", BYTES_LIT("x")),
	    ERR_UNSUPPORTED, "BrotliDecode");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(tables_of_odd_form),
		T(the_first_of_two_entries_counts),
		T(hybrid_files),
		T(object_numbers_are_capped),
		T(tables_that_promise_too_much),
		T(streams_of_odd_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
