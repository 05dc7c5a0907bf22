#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_file.h"
#include "formats/pdf_filter.h"
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

/* The first page is object 3, its content the usual one, and every entry is right. */
static void is_sound(struct scope *s, const struct pdf_file *f)
{
	struct pdf_ref ref;
	const struct pdf_value *page, *contents;
	struct bytes data;
	size_t wrong;
	char *example;
	const size_t latest = pdf_file_latest(f);
	assert_int_equal(pdf_file_page(s, f, latest, 0, &ref, &page), OK);
	assert_non_null(page);
	assert_int_equal(ref.num, 3);
	assert_int_equal(pdf_file_find(s, f, latest, page, "Contents", &contents), OK);
	assert_int_equal(pdf_file_stream_data(s, f, latest, contents, &data), OK);
	assert_true(bytes_has_prefix(data, BYTES_LIT("BT /F1 24 Tf")));
	assert_int_equal(pdf_file_page(s, f, latest, 1, &ref, &page), OK);
	assert_null(page);
	assert_int_equal(pdf_file_count_wrong_entries(s, f, &wrong, &example), OK);
	assert_int_equal(wrong, 0);
	assert_null(example);
}

static void a_plain_file(void **state)
{
	struct scope *s = *state;
	const struct bytes bytes = pdf_make_one_page(s);
	const struct pdf_file *f = opened(s, bytes);
	is_sound(s, f);
	assert_int_equal(f->quirks, 0);
	assert_int_equal(f->version, 17);
	assert_int_equal(f->n_revisions, 1);
	assert_int_equal(f->highest, 5);
	assert_int_equal(f->root.num, 1);
	assert_null(f->crypt);
	assert_false(f->linearized);
	const struct pdf_revision *r = &f->revisions[0];
	assert_int_equal(r->start, 0);
	assert_int_equal(r->end, bytes.n);
	assert_int_equal(r->eof, bytes.n - 1);
	assert_int_equal(r->points_to, r->sections[0]->offset);
	assert_true(bytes_has_prefix(bytes_from(bytes, r->startxref), BYTES_LIT("startxref")));
	assert_int_equal(r->sections[0]->kind, PDF_SECTION_TABLE);
	assert_int_equal(r->sections[0]->n_entries, 6);
	assert_int_equal(pdf_file_entry(f, 0, 0, NULL)->kind, PDF_ENTRY_FREE);
	assert_null(pdf_file_entry(f, 0, 6, NULL));
	assert_int_equal(object(s, f, 0, 99)->kind, PDF_NULL);
	assert_ptr_equal(object(s, f, 0, 2), object(s, f, 0, 2));
	const struct pdf_value *v;
	assert_int_equal(pdf_file_object(s, f, 0, (struct pdf_ref){ 2, 1 }, &v), OK);
	assert_int_equal(v->kind, PDF_NULL);
}

static void spans_of_objects(void **state)
{
	struct scope *s = *state;
	const struct bytes bytes = pdf_make_one_page(s);
	const struct pdf_file *f = opened(s, bytes);
	size_t start, end;
	assert_int_equal(
	    pdf_file_object_span(s, f, pdf_file_entry(f, 0, 2, NULL), &start, &end), OK);
	const struct bytes span = bytes_cut(bytes, start, end - start);
	assert_true(bytes_has_prefix(span, BYTES_LIT("2 0 obj")));
	assert_true(bytes_equal_str(bytes_from(span, span.n - 6), "endobj"));
	assert_int_equal(
	    pdf_file_object_span(s, f, pdf_file_entry(f, 0, 0, NULL), &start, &end), ERR_MISUSE);
}

static void object_streams(void **state)
{
	struct scope *s = *state;
	const struct pdf_file *f = opened(s, pdf_make_compressed(s));
	is_sound(s, f);
	assert_int_equal(f->quirks, 0);
	assert_int_equal(f->revisions[0].sections[0]->kind, PDF_SECTION_STREAM);
	const struct pdf_xref_entry *e = pdf_file_entry(f, 0, 3, NULL);
	assert_int_equal(e->kind, PDF_ENTRY_COMPRESSED);
	assert_int_equal(e->stream, 6);
	assert_int_equal(e->index, 2);
	assert_int_equal(object(s, f, 0, 3)->start, 0);
	assert_int_equal(object(s, f, 0, 3)->end, 0);
	assert_true(object(s, f, 0, 4)->end > 0);
}

/* Some writers count the index wrongly: the number decides. */
static void object_streams_with_wrong_indexes(void **state)
{
	struct scope *s = *state;
	static const uint32_t nums[] = { 1, 2, 3, 9, 9 };
	const char *const bodies[] = { "<< /Type /Catalog /Pages 2 0 R >>", "<< /Kids [3 0 R] >>",
		"<< /Type /Page >>", "(first)", "(second)" };
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.5");
	pdf_make_object_stream(m, 6, 5, nums, bodies);
	for (uint32_t num = 1; num <= 3; num++)
		pdf_make_entry(m,
		    (struct pdf_make_entry){ .num = num, .kind = 2, .stream = 6, .at = 3 - num });
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 9, .kind = 2, .stream = 6, .at = 99 });
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 8, .kind = 2, .stream = 6, .at = 0 });
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 10, .kind = 2, .stream = 1, .at = 0 });
	pdf_make_xref_stream(m, 7, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	assert_true(pdf_value_is_name(pdf_value_find(object(s, f, 0, 3), "Type"), "Page"));
	assert_true(bytes_equal_str(object(s, f, 0, 9)->string, "second"));
	const struct pdf_value *v;
	assert_int_equal(pdf_file_object(s, f, 0, (struct pdf_ref){ 8, 0 }, &v), ERR_FORMAT);
	assert_int_equal(pdf_file_object(s, f, 0, (struct pdf_ref){ 10, 0 }, &v), ERR_FORMAT);
	size_t wrong;
	char *example;
	assert_int_equal(pdf_file_count_wrong_entries(s, f, &wrong, &example), OK);
	assert_int_equal(wrong, 1);
	assert_string_equal(example, "object 10 is said to be in 1, which is no object stream");
}

static void streams_do_not_stand_in_object_streams(void **state)
{
	struct scope *s = *state;
	static const uint32_t nums[] = { 1, 8 };
	const char *const bodies[] = { "<< /Type /Catalog >>",
		"<< /Length 3 >> stream\nabc\nendstream" };
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.5");
	pdf_make_object_stream(m, 6, 2, nums, bodies);
	pdf_make_xref_stream(m, 7, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	assert_int_equal(object(s, f, 0, 8)->kind, PDF_NULL);
}

static struct bytes with_header_at(struct scope *s, size_t at)
{
	struct pdf_make *m = pdf_make_new(s);
	for (size_t i = 0; i < at; i++)
		pdf_make_raw(m, " ");
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog >>");
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static void headers(void **state)
{
	struct scope *s = *state;
	opened(s, with_header_at(s, LIMIT_PDF_HEADER_SEARCH - 1));
	refused(with_header_at(s, LIMIT_PDF_HEADER_SEARCH), ERR_FORMAT, "not a PDF");
	refused(BYTES_NONE, ERR_FORMAT, "not a PDF");
	refused(BYTES_LIT("%PDF"), ERR_FORMAT, "not a PDF");
	refused(BYTES_LIT("%PDF-1.7"), ERR_FORMAT, "no startxref");
	static const struct {
		const char *version;
		int number;
		uint32_t quirks;
	} cases[] = { { "1.0", 10, 0 }, { "2.0", 20, 0 }, { "1.8", 18, PDF_QUIRK_HEADER },
		{ "X.Y", 0, PDF_QUIRK_HEADER } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pdf_make *m = pdf_make_new(s);
		pdf_make_header(m, cases[i].version);
		pdf_make_object(m, 1, "<< >>");
		pdf_make_table(m, "/Root 1 0 R");
		const struct pdf_file *f = opened(s, pdf_make_done(m));
		assert_int_equal(f->version, cases[i].number);
		assert_int_equal(f->quirks, cases[i].quirks);
	}
}

static void entries_that_lead_elsewhere(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	const size_t at = pdf_make_at(m);
	pdf_make_raw(m, "\n \n6 0 obj (x) endobj\n8 1 obj (y) endobj\n");
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 6, .kind = 1, .offset = at });
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 7, .kind = 1, .offset = at + 3 });
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 8, .kind = 1, .offset = at + 22 });
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 9, .kind = 1, .offset = 9999999 });
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	size_t wrong;
	char *example;
	assert_int_equal(pdf_file_count_wrong_entries(s, f, &wrong, &example), OK);
	assert_int_equal(wrong, 3);
	assert_non_null(strstr(example, "object 7 0 is not at offset"));
	assert_true(bytes_equal_str(object(s, f, 0, 6)->string, "x"));
	const struct pdf_value *v;
	for (uint32_t num = 7; num <= 9; num++)
		assert_int_equal(
		    pdf_file_object(s, f, 0, (struct pdf_ref){ num, 0 }, &v), ERR_FORMAT);
	/* An update that corrects them leaves nothing wrong. */
	for (uint32_t num = 7; num <= 9; num++)
		pdf_make_object(m, num, "null");
	pdf_make_table(m, "/Root 1 0 R");
	f = opened(s, pdf_make_done(m));
	assert_int_equal(pdf_file_count_wrong_entries(s, f, &wrong, &example), OK);
	assert_int_equal(wrong, 0);
}

static void lengths_by_reference(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(m, 6, "<< /Length 7 0 R >>\nstream\nendstream in it\nendstream");
	pdf_make_object(m, 7, "15");
	/* Whose length is its own: searched for. */
	pdf_make_object(m, 8, "<< /Length 8 0 R >>\nstream\nabc\nendstream");
	pdf_make_object(m, 9, "<< /Length 10 0 R >>\nstream\nabc\nendstream");
	pdf_make_object(m, 10, "10 0 R");
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	assert_true(bytes_equal_str(object(s, f, 0, 6)->stream.raw, "endstream in it"));
	assert_true(bytes_equal_str(object(s, f, 0, 8)->stream.raw, "abc"));
	assert_true(bytes_equal_str(object(s, f, 0, 9)->stream.raw, "abc"));
	assert_int_equal(scope_fault_code(s), OK);
}

/* Thousands of streams without an end: once the allowance is used up, they are no longer searched.
 */
static void wrong_lengths_do_not_cost_the_square(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R");
	struct buf filler = buf_new(s, 4 << 20);
	buf_add_repeat(&filler, ' ', 3 << 20);
	for (uint32_t num = 10; num < 60; num++) {
		pdf_make_entry(
		    m, (struct pdf_make_entry){ .num = num, .kind = 1, .offset = pdf_make_at(m) });
		pdf_make_rawf(m, "%lu 0 obj << >> stream\n", (unsigned long)num);
	}
	pdf_make_octets(m, buf_bytes(&filler));
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	const struct pdf_value *v;
	enum err e = ERR_FORMAT;
	uint32_t num = 10;
	for (; num < 60 && e == ERR_FORMAT; num++)
		e = pdf_file_object(s, f, 1, (struct pdf_ref){ num, 0 }, &v);
	assert_int_equal(e, ERR_LIMIT);
	assert_in_range(num, 20, 40);
}

static void references_are_followed_so_far(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	for (uint32_t i = 0; i < LIMIT_PDF_RESOLVE; i++)
		pdf_make_objectf(m, 100 + i, "%lu 0 R", (unsigned long)(101 + i));
	pdf_make_object(m, 100 + LIMIT_PDF_RESOLVE, "(end)");
	pdf_make_object(m, 50, "50 0 R");
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	const struct pdf_value *v;
	const struct pdf_value *far = pdf_value_new_ref(s, (struct pdf_ref){ 101, 0 });
	assert_int_equal(pdf_file_resolve(s, f, 0, far, &v), OK);
	assert_true(bytes_equal_str(v->string, "end"));
	far = pdf_value_new_ref(s, (struct pdf_ref){ 100, 0 });
	assert_int_equal(pdf_file_resolve(s, f, 0, far, &v), ERR_FORMAT);
	assert_int_equal(pdf_file_resolve(s, f, 0, object(s, f, 0, 50), &v), ERR_FORMAT);
	assert_int_equal(pdf_file_resolve(s, f, 0, NULL, &v), OK);
	assert_int_equal(v->kind, PDF_NULL);
}

static void stream_data_with_filters_by_reference(void **state)
{
	struct scope *s = *state;
	struct bytes deflated, data;
	assert_int_equal(pdf_filter_deflate(s, BYTES_LIT("\2abcd"), &deflated), OK);
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_stream(m, 6, "/Filter 7 0 R /DecodeParms [8 0 R]", deflated);
	pdf_make_object(m, 7, "[9 0 R]");
	pdf_make_object(m, 8, "<< /Predictor 12 /Columns 10 0 R >>");
	pdf_make_object(m, 9, "/FlateDecode");
	pdf_make_object(m, 10, "4");
	pdf_make_stream(m, 11, "/Filter 12 0 R", deflated);
	pdf_make_object(m, 12, "[12 0 R]");
	pdf_make_stream(m, 13, "/F (elsewhere)", BYTES_NONE);
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	assert_int_equal(pdf_file_stream_data(s, f, 0, object(s, f, 0, 6), &data), OK);
	assert_true(bytes_equal_str(data, "abcd"));
	assert_int_equal(pdf_file_stream_data(s, f, 0, object(s, f, 0, 11), &data), ERR_FORMAT);
	assert_int_equal(
	    pdf_file_stream_data(s, f, 0, object(s, f, 0, 13), &data), ERR_UNSUPPORTED);
	assert_int_equal(pdf_file_stream_data(s, f, 0, object(s, f, 0, 7), &data), ERR_FORMAT);
}

static void page_trees(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(
	    m, 2, "<< /Kids [3 0 R null 99 0 R 4 0 R << /Type /Page >> 5 0 R 2 0 R] >>");
	pdf_make_object(m, 3, "<< /Kids [2 0 R 3 0 R] >>");
	pdf_make_object(m, 4, "<< /Kids 6 0 R >>");
	pdf_make_object(m, 5, "<< /Type /Page >>");
	pdf_make_object(m, 6, "[5 0 R << /Type /Pages >>]");
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	static const uint32_t expected[] = { 5, 0, 5 };
	struct pdf_ref ref;
	const struct pdf_value *page;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(pdf_file_page(s, f, 0, i, &ref, &page), OK);
		assert_non_null(page);
		assert_int_equal(ref.num, expected[i]);
	}
	assert_int_equal(pdf_file_page(s, f, 0, 3, &ref, &page), OK);
	assert_null(page);
}

static void page_trees_are_not_too_deep(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	for (uint32_t i = 0; i < LIMIT_PDF_DEPTH; i++)
		pdf_make_objectf(m, 2 + i, "<< /Kids [%lu 0 R] >>", (unsigned long)(3 + i));
	pdf_make_object(m, 2 + LIMIT_PDF_DEPTH, "<< /Type /Page >>");
	pdf_make_table(m, "/Root 1 0 R");
	const struct pdf_file *f = opened(s, pdf_make_done(m));
	struct pdf_ref ref;
	const struct pdf_value *page;
	assert_int_equal(pdf_file_page(s, f, 0, 0, &ref, &page), ERR_LIMIT);
	pdf_make_object(m, 1 + LIMIT_PDF_DEPTH, "<< /Type /Page >>");
	pdf_make_table(m, "/Root 1 0 R");
	struct scope *other = scope_new(0);
	f = opened(other, pdf_make_done(m));
	assert_int_equal(pdf_file_page(other, f, 1, 0, &ref, &page), OK);
	assert_int_equal(ref.num, 1 + LIMIT_PDF_DEPTH);
	scope_free(other);
}

static void encryption_dictionaries(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R /Encrypt << /Filter /Unheard-of /V 1 /R 2 >>");
	refused(pdf_make_done(m), ERR_UNSUPPORTED, "");
	m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R /Encrypt (x)");
	refused(pdf_make_done(m), ERR_FORMAT, "/Encrypt");
	m = pdf_make_begin_one_page(s);
	pdf_make_object(m, 6, "<< /Filter /Standard /A [6 0 R] >>");
	pdf_make_table(m, "/Root 1 0 R /Encrypt 6 0 R");
	refused(pdf_make_done(m), ERR_FORMAT, "loop");
	m = pdf_make_begin_one_page(s);
	pdf_make_table(m, "/Root 1 0 R /Encrypt null");
	assert_null(opened(s, pdf_make_done(m))->crypt);
}

static void ready_made_files(void **state)
{
	struct scope *s = *state;
	is_sound(s, opened(s, pdf_make_text(s, "Hello")));
	const struct pdf_file *f = opened(s, pdf_make_form(s));
	is_sound(s, f);
	assert_int_equal(f->highest, 8);
}

/* Opens, reads the page and its data: OK or ERR_NOMEM, whichever allocation fails. */
static void sweep(struct bytes file)
{
	bool done = false;
	for (size_t n = 1; !done; n++) {
		struct scope *s = scope_new(0);
		struct pdf_file *f;
		struct pdf_ref ref;
		const struct pdf_value *page, *contents;
		struct bytes data;
		size_t wrong;
		char *example;
		scope_fail_after(s, n);
		enum err e = pdf_file_open(s, file, BYTES_NONE, &f);
		if (e == OK)
			e = pdf_file_page(s, f, 0, 0, &ref, &page);
		if (e == OK)
			e = pdf_file_find(s, f, 0, page, "Contents", &contents);
		if (e == OK)
			e = pdf_file_stream_data(s, f, 0, contents, &data);
		if (e == OK)
			e = pdf_file_count_wrong_entries(s, f, &wrong, &example);
		assert_true(e == OK || e == ERR_NOMEM);
		assert_int_equal(scope_fault_code(s), e);
		done = e == OK;
		scope_free(s);
		assert_true(n < 1000);
	}
}

static void memory_runs_out_cleanly(void **state)
{
	struct scope *s = *state;
	sweep(pdf_make_one_page(s));
	sweep(pdf_make_compressed(s));
	sweep(pdf_make_linearized(s));
	struct pdf_make *m = pdf_make_begin_one_page(s);
	static const uint32_t hidden[] = { 5 };
	pdf_make_hybrid(m, 9, "/Root 1 0 R", hidden, 1);
	sweep(pdf_make_done(m));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_plain_file),
		T(spans_of_objects),
		T(object_streams),
		T(object_streams_with_wrong_indexes),
		T(streams_do_not_stand_in_object_streams),
		T(headers),
		T(entries_that_lead_elsewhere),
		T(lengths_by_reference),
		T(wrong_lengths_do_not_cost_the_square),
		T(references_are_followed_so_far),
		T(stream_data_with_filters_by_reference),
		T(page_trees),
		T(page_trees_are_not_too_deep),
		T(encryption_dictionaries),
		T(ready_made_files),
		T(memory_runs_out_cleanly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
