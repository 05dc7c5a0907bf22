#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

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

static const struct pdf_xref_entry *entry(const struct pdf_file *f, uint32_t num)
{
	return pdf_file_entry(f, pdf_file_latest(f), num, NULL);
}

static const struct pdf_section *section(const struct pdf_file *f)
{
	return f->revisions[pdf_file_latest(f)].sections[0];
}

static int64_t trailer_number(const struct pdf_file *f, const char *key)
{
	int64_t n = -1;
	assert_true(pdf_value_integer(pdf_value_find(f->trailer, key), &n));
	return n;
}

/* The catalog with /Lang set: the change that most cases make. */
static void put_catalog(struct scope *s, struct pdf_update *u, const struct pdf_file *f)
{
	const struct pdf_value *catalog;
	assert_int_equal(pdf_update_object(u, f->root, &catalog), OK);
	struct pdf_value *changed = pdf_value_copy(s, catalog);
	assert_int_equal(
	    pdf_value_set(s, changed, "Lang", pdf_value_new_string(s, BYTES_LIT("en"))), OK);
	assert_int_equal(pdf_update_put(u, f->root, changed), OK);
}

static bool has_lang(struct scope *s, const struct pdf_file *f)
{
	const struct pdf_value *v = pdf_value_find(pdf_reread_object(s, f, f->root), "Lang");
	return v && v->kind == PDF_STRING && bytes_equal_str(v->string, "en");
}

static bool contains(struct bytes hay, const char *needle)
{
	return bytes_find(hay, bytes_of_str(needle), 0) != BYTES_NOT_FOUND;
}

/* -- forms of files -- */

static void test_table(void **state)
{
	struct scope *s = *state;
	const struct bytes file = pdf_make_one_page(s);
	struct pdf_file *f = pdf_reread_open(s, file);
	struct pdf_update *u = pdf_reread_begin(s, f);
	struct pdf_ref a, b;
	assert_int_equal(pdf_update_reserve(u, &a), OK);
	assert_int_equal(pdf_update_reserve(u, &b), OK);
	assert_int_equal(a.num, f->highest + 1);
	assert_int_equal(b.num, f->highest + 2);
	assert_int_equal(
	    pdf_update_put(u, b, pdf_value_new_stream(s, pdf_value_new_dict(s), BYTES_LIT("data"))),
	    OK);
	assert_int_equal(
	    pdf_update_put(u, a, pdf_value_new_string(s, BYTES_LIT("(\\\r\n)\xff"))), OK);
	put_catalog(s, u, f);

	struct pdf_update_result r;
	assert_int_equal(pdf_update_close(u, &r), OK);
	assert_int_equal(r.contents_start, 0);
	assert_int_equal(r.contents_end, 0);
	const struct bytes all = pdf_reread_join(s, f, &r);
	assert_true(bytes_has_prefix(all, file));
	char table[200];
	struct pdf_file *again = pdf_reread_open(s, all);
	snprintf(table, sizeof(table),
	    "xref\n1 1\n%010zu 00000 n \n6 2\n%010zu 00000 n \n%010zu 00000 n \ntrailer\n",
	    entry(again, 1)->offset, entry(again, 6)->offset, entry(again, 7)->offset);
	assert_true(contains(bytes_of(r.p, r.n), table));
	assert_true(entry(again, 1)->offset < entry(again, 6)->offset);
	assert_true(entry(again, 6)->offset < entry(again, 7)->offset);

	assert_true(has_lang(s, again));
	assert_true(bytes_equal_str(pdf_reread_object(s, again, a)->string, "(\\\r\n)\xff"));
	assert_true(bytes_equal_str(pdf_reread_object(s, again, b)->stream.raw, "data"));
	assert_int_equal(trailer_number(again, "Prev"), section(f)->offset);
	assert_int_equal(trailer_number(again, "Size"), 8);
	assert_int_equal(again->quirks, 0);
	size_t wrong;
	char *example;
	assert_int_equal(pdf_file_count_wrong_entries(s, again, &wrong, &example), OK);
	assert_int_equal(wrong, 0);
}

static void test_without_end_of_line(void **state)
{
	struct scope *s = *state;
	struct bytes file = pdf_make_one_page(s);
	struct pdf_update_result r;
	for (size_t cut = 0; cut < 2; cut++) {
		struct pdf_file *f = pdf_reread_open(s, bytes_cut(file, 0, file.n - cut));
		struct pdf_update *u = pdf_reread_begin(s, f);
		put_catalog(s, u, f);
		assert_int_equal(pdf_update_close(u, &r), OK);
		assert_int_equal(r.p[0] == '\n', cut == 1);
		assert_true(has_lang(s, pdf_reread_open(s, pdf_reread_join(s, f, &r))));
	}
}

static void test_stream(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = pdf_reread_open(s, pdf_make_compressed(s));
	assert_int_equal(entry(f, 1)->kind, PDF_ENTRY_COMPRESSED);
	struct pdf_update *u = pdf_reread_begin(s, f);
	put_catalog(s, u, f);
	struct pdf_file *again = pdf_reread_close(s, f, u);
	assert_true(has_lang(s, again));
	assert_int_equal(section(again)->kind, PDF_SECTION_STREAM);
	assert_int_equal(entry(again, 1)->kind, PDF_ENTRY_OFFSET);
	assert_int_equal(entry(again, 1)->gen, 0);
	/* The stream took the next number and lists itself. */
	assert_int_equal(entry(again, f->highest + 1)->offset, section(again)->offset);
	assert_int_equal(trailer_number(again, "Size"), f->highest + 2);
	assert_int_equal(trailer_number(again, "Prev"), section(f)->offset);
	assert_int_equal(again->quirks, 0);
}

static void test_hybrid(void **state)
{
	struct scope *s = *state;
	static const uint32_t hidden[] = { 5 };
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_hybrid(m, 6, "/Root 1 0 R", hidden, 1);
	struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	assert_int_equal(section(f)->kind, PDF_SECTION_HYBRID);
	struct pdf_update *u = pdf_reread_begin(s, f);
	put_catalog(s, u, f);
	struct pdf_file *again = pdf_reread_close(s, f, u);
	assert_true(has_lang(s, again));
	assert_int_equal(section(again)->kind, PDF_SECTION_TABLE);
	assert_null(pdf_value_find(again->trailer, "XRefStm"));
	assert_int_equal(pdf_reread_object(s, again, (struct pdf_ref){ 5, 0 })->kind, PDF_DICT);
}

static void test_linearized(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = pdf_reread_open(s, pdf_make_linearized(s));
	assert_true(f->linearized);
	struct pdf_update *u = pdf_reread_begin(s, f);
	put_catalog(s, u, f);
	struct pdf_file *again = pdf_reread_close(s, f, u);
	assert_true(has_lang(s, again));
	assert_int_equal(trailer_number(again, "Prev"), section(f)->offset);
	assert_int_equal(pdf_reread_object(s, again, (struct pdf_ref){ 2, 0 })->kind, PDF_DICT);
}

/* Offsets count from the header, and the ByteRange from the first octet. */
static void test_junk_before_header(void **state)
{
	struct scope *s = *state;
	const struct bytes page = pdf_make_one_page(s);
	struct buf b = buf_new(s, 1 << 20);
	buf_add_str(&b, "mail header\r\n\r\n");
	buf_add(&b, page);
	struct pdf_file *f = pdf_reread_open(s, buf_bytes(&b));
	assert_int_equal(f->header, 15);
	struct pdf_update *u = pdf_reread_begin(s, f);
	struct pdf_ref sig;
	struct pdf_update_result r;
	put_catalog(s, u, f);
	assert_int_equal(pdf_update_reserve(u, &sig), OK);
	assert_int_equal(pdf_update_put_signature(u, sig, pdf_value_new_dict(s), 4), OK);
	assert_int_equal(pdf_update_close(u, &r), OK);
	const struct bytes all = pdf_reread_join(s, f, &r);
	struct pdf_file *again = pdf_reread_open(s, all);
	assert_true(has_lang(s, again));
	assert_int_equal(trailer_number(again, "Prev"), section(f)->offset - 15);
	const struct pdf_value *contents =
	    pdf_value_find(pdf_reread_object(s, again, sig), "Contents");
	assert_int_equal(contents->start, r.contents_start);
	assert_int_equal(all.p[r.contents_start], '<');
}

static void test_generation_and_trailer(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	const size_t at = pdf_make_at(m);
	pdf_make_raw(m, "6 2 obj\n(old)\nendobj\n");
	pdf_make_entry(
	    m, (struct pdf_make_entry){ .num = 6, .gen = 2, .kind = 1, .offset = at - m->base });
	pdf_make_free(m, 7, 1);
	pdf_make_object(m, 8, "<< /Producer (x) >>");
	pdf_make_table(m, "/Root 1 0 R /Info 8 0 R /ID [<0102> <0304>] /Odd#20Key (kept) /DL 5 "
			  "/AuthCode << /MACLocation /Standalone >>");
	struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	struct pdf_update *u = pdf_reread_begin(s, f);
	const struct pdf_ref old = { 6, 2 };
	const struct pdf_value *v;
	assert_int_equal(pdf_update_object(u, old, &v), OK);
	assert_true(bytes_equal_str(v->string, "old"));
	assert_int_equal(pdf_update_put(u, old, pdf_value_new_name(s, "New")), OK);
	assert_int_equal(pdf_update_object(u, old, &v), OK);
	assert_true(pdf_value_is_name(v, "New"));
	assert_int_equal(pdf_update_object(u, (struct pdf_ref){ 6, 0 }, &v), OK);
	assert_int_equal(v->kind, PDF_NULL);
	assert_int_equal(pdf_update_set_trailer(u, "Extra", pdf_value_new_int(s, 7)), OK);

	struct pdf_file *again = pdf_reread_close(s, f, u);
	assert_true(pdf_value_is_name(pdf_reread_object(s, again, old), "New"));
	assert_int_equal(entry(again, 6)->gen, 2);
	assert_int_equal(trailer_number(again, "Extra"), 7);
	assert_true(
	    pdf_value_is_ref_to(pdf_value_find(again->trailer, "Info"), (struct pdf_ref){ 8, 0 }));
	assert_true(pdf_value_equal(
	    pdf_value_find(again->trailer, "ID"), pdf_value_find(f->trailer, "ID")));
	assert_true(bytes_equal_str(pdf_value_find(again->trailer, "Odd Key")->string, "kept"));
	assert_null(pdf_value_find(again->trailer, "DL"));
	assert_null(pdf_value_find(again->trailer, "AuthCode"));
}

/* -- what may be put -- */

static void expect_misuse(struct scope *s, struct pdf_update *u, struct pdf_ref ref)
{
	assert_int_equal(pdf_update_put(u, ref, &pdf_value_null), ERR_MISUSE);
	scope_forgive(s);
}

static void test_misuse(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_free(m, 6, 3);
	pdf_make_table(m, "/Root 1 0 R");
	struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	struct pdf_update *u = pdf_reread_begin(s, f);
	struct pdf_ref fresh;
	struct pdf_value *dict = pdf_value_new_dict(s);
	assert_int_equal(pdf_update_reserve(u, &fresh), OK);
	expect_misuse(s, u, (struct pdf_ref){ 0, 0 });
	expect_misuse(s, u, (struct pdf_ref){ 0, 65535 });
	expect_misuse(s, u, (struct pdf_ref){ 6, 3 });
	expect_misuse(s, u, (struct pdf_ref){ 1, 1 });
	expect_misuse(s, u, (struct pdf_ref){ fresh.num, 1 });
	expect_misuse(s, u, (struct pdf_ref){ fresh.num + 1, 0 });
	assert_int_equal(pdf_update_put(u, fresh, NULL), ERR_NOMEM);

	assert_int_equal(pdf_update_put_signature(u, fresh, dict, 0), ERR_MISUSE);
	scope_forgive(s);
	assert_int_equal(pdf_update_put_signature(u, fresh, &pdf_value_null, 9), ERR_MISUSE);
	scope_forgive(s);
	assert_int_equal(
	    pdf_update_put_signature(u, fresh, dict, LIMIT_PDF_STRING / 2 + 1), ERR_LIMIT);
	scope_forgive(s);
	assert_int_equal(pdf_update_put_signature(u, fresh, dict, 9), OK);
	assert_int_equal(
	    pdf_update_put_signature(u, (struct pdf_ref){ 5, 0 }, dict, 9), ERR_MISUSE);
	scope_forgive(s);

	struct pdf_update_result r;
	assert_int_equal(pdf_update_close(u, &r), OK);
	assert_int_equal(pdf_update_close(u, &r), ERR_MISUSE);
	scope_forgive(s);
	expect_misuse(s, u, f->root);
}

static void test_empty(void **state)
{
	struct scope *s = *state;
	struct bytes files[] = { pdf_make_one_page(s), pdf_make_compressed(s) };
	for (size_t i = 0; i < 2; i++) {
		struct pdf_file *f = pdf_reread_open(s, files[i]);
		struct pdf_update *u = pdf_reread_begin(s, f);
		struct pdf_ref unused;
		assert_int_equal(pdf_update_reserve(u, &unused), OK);
		struct pdf_file *again = pdf_reread_close(s, f, u);
		assert_int_equal(pdf_reread_object(s, again, unused)->kind, PDF_NULL);
		assert_null(entry(again, unused.num));
		assert_int_equal(pdf_reread_object(s, again, f->root)->kind, PDF_DICT);
	}
}

static struct pdf_file *page_with_size(struct scope *s, uint32_t highest, uint32_t size)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	if (highest > 5)
		pdf_make_object(m, highest, "(high)");
	m->size = size;
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_reread_open(s, pdf_make_done(m));
}

/* Numbers below /Size that were never written may still be referred to. */
static void test_numbers(void **state)
{
	static const struct {
		uint32_t highest, size, first;
		int64_t new_size;
	} cases[] = {
		{ 5, 6, 6, 7 },
		{ 5, 9, 9, 10 },
		{ 5, 6 + 65536, 6 + 65536, 7 + 65536 },
		{ 5, 7 + 65536, 6, 7 + 65536 },
		{ 5, 2000000000, 6, 2000000000 },
		{ 5, 3000000000u, 6, 7 },
		{ 40, 6, 41, 42 },
		{ 8388606, 8388607, 8388607, 8388608 },
		{ 8388607, 8388608, 8388606, 8388608 },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pdf_file *f = page_with_size(s, cases[i].highest, cases[i].size);
		struct pdf_update *u = pdf_reread_begin(s, f);
		struct pdf_ref ref;
		assert_int_equal(pdf_update_reserve(u, &ref), OK);
		assert_int_equal(ref.num, cases[i].first);
		assert_int_equal(pdf_update_put(u, ref, pdf_value_new_name(s, "N")), OK);
		struct pdf_file *again = pdf_reread_close(s, f, u);
		assert_true(pdf_value_is_name(pdf_reread_object(s, again, ref), "N"));
		assert_int_equal(trailer_number(again, "Size"), cases[i].new_size);
	}
}

/* Below the highest number allowed, gaps are taken from the top; even for the stream itself. */
static void test_gaps(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(m, LIMIT_PDF_OBJECT_NUMBER, "(top)");
	pdf_make_object(m, LIMIT_PDF_OBJECT_NUMBER - 2, "(third)");
	pdf_make_xref_stream(m, 6, "/Root 1 0 R");
	struct pdf_file *f = pdf_reread_open(s, pdf_make_done(m));
	struct pdf_update *u = pdf_reread_begin(s, f);
	struct pdf_ref a, b;
	assert_int_equal(pdf_update_reserve(u, &a), OK);
	assert_int_equal(pdf_update_reserve(u, &b), OK);
	assert_int_equal(a.num, LIMIT_PDF_OBJECT_NUMBER - 1);
	assert_int_equal(b.num, LIMIT_PDF_OBJECT_NUMBER - 3);
	expect_misuse(s, u, (struct pdf_ref){ LIMIT_PDF_OBJECT_NUMBER - 4, 0 });
	assert_int_equal(pdf_update_put(u, a, pdf_value_new_name(s, "A")), OK);
	assert_int_equal(pdf_update_put(u, b, pdf_value_new_name(s, "B")), OK);
	put_catalog(s, u, f);
	struct pdf_file *again = pdf_reread_close(s, f, u);
	assert_true(pdf_value_is_name(pdf_reread_object(s, again, a), "A"));
	assert_true(pdf_value_is_name(pdf_reread_object(s, again, b), "B"));
	assert_true(has_lang(s, again));
	assert_int_equal(entry(again, LIMIT_PDF_OBJECT_NUMBER - 4)->offset, section(again)->offset);
}

static void test_many_objects(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = pdf_reread_open(s, pdf_make_one_page(s));
	struct pdf_update *u = pdf_reread_begin(s, f);
	const uint32_t n = 5000;
	struct pdf_ref ref;
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(pdf_update_reserve(u, &ref), OK);
	for (uint32_t i = n; i-- > 0;) {
		ref = (struct pdf_ref){ f->highest + 1 + i, 0 };
		assert_int_equal(pdf_update_put(u, ref, pdf_value_new_int(s, 0)), OK);
		assert_int_equal(pdf_update_put(u, ref, pdf_value_new_int(s, i)), OK);
	}
	struct pdf_file *again = pdf_reread_close(s, f, u);
	assert_int_equal(section(again)->n_entries, n);
	for (uint32_t i = 0; i < n; i += 499)
		assert_int_equal(
		    pdf_reread_object(s, again, (struct pdf_ref){ f->highest + 1 + i, 0 })->integer,
		    i);
}

static void test_too_many_objects(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = pdf_reread_open(s, pdf_make_one_page(s));
	struct pdf_update *u = pdf_reread_begin(s, f);
	struct pdf_ref ref;
	for (size_t i = 0; i < LIMIT_PDF_UPDATE_OBJECTS; i++)
		assert_int_equal(pdf_update_reserve(u, &ref), OK);
	assert_int_equal(pdf_update_reserve(u, &ref), ERR_LIMIT);
}

/* -- the whole -- */

/* Same calls, same octets; the order of the calls does not show. */
static void test_deterministic(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = pdf_reread_open(s, pdf_make_one_page(s));
	struct bytes out[2];
	for (size_t i = 0; i < 2; i++) {
		struct pdf_update *u = pdf_reread_begin(s, f);
		struct pdf_ref ref[3];
		struct pdf_update_result r;
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(pdf_update_reserve(u, &ref[k]), OK);
		for (size_t k = 0; k < 3; k++) {
			size_t turn = i ? 2 - k : k;
			assert_int_equal(
			    pdf_update_put(u, ref[turn], pdf_value_new_int(s, (int64_t)turn)), OK);
		}
		assert_int_equal(pdf_update_close(u, &r), OK);
		out[i] = bytes_of(r.p, r.n);
	}
	assert_true(bytes_equal(out[0], out[1]));
}

/* -- running out of memory -- */

static enum err make_update(
    struct scope *s, struct bytes file, struct pdf_update_result *ret_result)
{
	struct pdf_file *f;
	struct pdf_update *u;
	struct pdf_ref text, sig;
	const struct pdf_value *catalog;
	TRY(pdf_file_open(s, file, BYTES_NONE, &f));
	TRY(pdf_update_new(s, f, BYTES_NONE, &u));
	TRY(pdf_update_reserve(u, &text));
	TRY(pdf_update_reserve(u, &sig));
	TRY(pdf_update_object(u, f->root, &catalog));
	struct pdf_value *dict = pdf_value_new_dict(s);
	TRY(pdf_value_set(s, dict, "Pages", pdf_value_find(catalog, "Pages")));
	TRY(pdf_update_put(u, f->root, dict));
	TRY(pdf_update_put(u, text, pdf_value_new_string(s, BYTES_LIT("text"))));
	TRY(pdf_update_put_signature(u, sig, pdf_value_new_dict(s), 10));
	TRY(pdf_update_set_trailer(u, "Extra", pdf_value_new_int(s, 1)));
	TRY(pdf_update_close(u, ret_result));
	return pdf_update_fill(s, f, ret_result, BYTES_LIT("\x30\x00"));
}

static void test_out_of_memory(void **state)
{
	const struct bytes files[] = { pdf_make_one_page(*state), pdf_make_compressed(*state) };
	for (size_t i = 0; i < 2; i++) {
		enum err e = ERR_NOMEM;
		for (size_t n = 1; e != OK; n++) {
			struct pdf_update_result r;
			struct scope *s = scope_new(0);
			assert_non_null(s);
			scope_fail_after(s, n);
			e = make_update(s, files[i], &r);
			assert_true(e == OK || e == ERR_NOMEM);
			if (e == ERR_NOMEM)
				assert_int_equal(scope_fault_code(s), ERR_NOMEM);
			scope_free(s);
		}
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_table),
		T(test_without_end_of_line),
		T(test_stream),
		T(test_hybrid),
		T(test_linearized),
		T(test_junk_before_header),
		T(test_generation_and_trailer),
		T(test_misuse),
		T(test_empty),
		T(test_numbers),
		T(test_gaps),
		T(test_many_objects),
		T(test_too_many_objects),
		T(test_deterministic),
		T(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
