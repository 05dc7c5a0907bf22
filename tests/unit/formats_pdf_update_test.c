#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_update.h"
#include "tests/support/pdf_make.h"

#define SEED BYTES_LIT("thirty-two octets, drawn by hand")

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

/* -- reading again -- */

static struct pdf_file *open_file(struct scope *s, struct bytes file)
{
	struct pdf_file *f = NULL;
	if (pdf_file_open(s, file, BYTES_NONE, &f) != OK)
		fail_msg("%s", scope_fault_text(s));
	return f;
}

static struct pdf_update *begin(struct scope *s, const struct pdf_file *f)
{
	struct pdf_update *u;
	assert_int_equal(pdf_update_new(s, f, SEED, &u), OK);
	return u;
}

static struct bytes joined(struct scope *s, const struct pdf_file *f, struct pdf_update_result r)
{
	struct buf b = buf_new(s, r.file_size);
	struct bytes all;
	buf_add(&b, f->bytes);
	buf_add(&b, bytes_of(r.p, r.n));
	assert_int_equal(buf_done(&b, &all), OK);
	assert_int_equal(all.n, r.file_size);
	return all;
}

static struct pdf_file *closed(struct scope *s, const struct pdf_file *f, struct pdf_update *u)
{
	struct pdf_update_result r;
	if (pdf_update_close(u, &r) != OK)
		fail_msg("%s", scope_fault_text(s));
	struct pdf_file *again = open_file(s, joined(s, f, r));
	assert_int_equal(again->n_revisions, f->n_revisions + 1);
	return again;
}

static const struct pdf_value *object(struct scope *s, const struct pdf_file *f, struct pdf_ref ref)
{
	const struct pdf_value *v;
	assert_int_equal(pdf_file_object(s, f, pdf_file_latest(f), ref, &v), OK);
	return v;
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
	const struct pdf_value *v = pdf_value_find(object(s, f, f->root), "Lang");
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
	struct pdf_file *f = open_file(s, file);
	struct pdf_update *u = begin(s, f);
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
	const struct bytes all = joined(s, f, r);
	assert_true(bytes_has_prefix(all, file));
	char table[200];
	struct pdf_file *again = open_file(s, all);
	snprintf(table, sizeof(table),
	    "xref\n1 1\n%010zu 00000 n \n6 2\n%010zu 00000 n \n%010zu 00000 n \ntrailer\n",
	    entry(again, 1)->offset, entry(again, 6)->offset, entry(again, 7)->offset);
	assert_true(contains(bytes_of(r.p, r.n), table));
	assert_true(entry(again, 1)->offset < entry(again, 6)->offset);
	assert_true(entry(again, 6)->offset < entry(again, 7)->offset);

	assert_true(has_lang(s, again));
	assert_true(bytes_equal_str(object(s, again, a)->string, "(\\\r\n)\xff"));
	assert_true(bytes_equal_str(object(s, again, b)->stream.raw, "data"));
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
		struct pdf_file *f = open_file(s, bytes_cut(file, 0, file.n - cut));
		struct pdf_update *u = begin(s, f);
		put_catalog(s, u, f);
		assert_int_equal(pdf_update_close(u, &r), OK);
		assert_int_equal(r.p[0] == '\n', cut == 1);
		assert_true(has_lang(s, open_file(s, joined(s, f, r))));
	}
}

static void test_stream(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = open_file(s, pdf_make_compressed(s));
	assert_int_equal(entry(f, 1)->kind, PDF_ENTRY_COMPRESSED);
	struct pdf_update *u = begin(s, f);
	put_catalog(s, u, f);
	struct pdf_file *again = closed(s, f, u);
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
	struct pdf_file *f = open_file(s, pdf_make_done(m));
	assert_int_equal(section(f)->kind, PDF_SECTION_HYBRID);
	struct pdf_update *u = begin(s, f);
	put_catalog(s, u, f);
	struct pdf_file *again = closed(s, f, u);
	assert_true(has_lang(s, again));
	assert_int_equal(section(again)->kind, PDF_SECTION_TABLE);
	assert_null(pdf_value_find(again->trailer, "XRefStm"));
	assert_int_equal(object(s, again, (struct pdf_ref){ 5, 0 })->kind, PDF_DICT);
}

static void test_linearized(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = open_file(s, pdf_make_linearized(s));
	assert_true(f->linearized);
	struct pdf_update *u = begin(s, f);
	put_catalog(s, u, f);
	struct pdf_file *again = closed(s, f, u);
	assert_true(has_lang(s, again));
	assert_int_equal(trailer_number(again, "Prev"), section(f)->offset);
	assert_int_equal(object(s, again, (struct pdf_ref){ 2, 0 })->kind, PDF_DICT);
}

/* Offsets count from the header, and the ByteRange from the first octet. */
static void test_junk_before_header(void **state)
{
	struct scope *s = *state;
	const struct bytes page = pdf_make_one_page(s);
	struct buf b = buf_new(s, 1 << 20);
	buf_add_str(&b, "mail header\r\n\r\n");
	buf_add(&b, page);
	struct pdf_file *f = open_file(s, buf_bytes(&b));
	assert_int_equal(f->header, 15);
	struct pdf_update *u = begin(s, f);
	struct pdf_ref sig;
	struct pdf_update_result r;
	put_catalog(s, u, f);
	assert_int_equal(pdf_update_reserve(u, &sig), OK);
	assert_int_equal(pdf_update_put_signature(u, sig, pdf_value_new_dict(s), 4), OK);
	assert_int_equal(pdf_update_close(u, &r), OK);
	const struct bytes all = joined(s, f, r);
	struct pdf_file *again = open_file(s, all);
	assert_true(has_lang(s, again));
	assert_int_equal(trailer_number(again, "Prev"), section(f)->offset - 15);
	const struct pdf_value *contents = pdf_value_find(object(s, again, sig), "Contents");
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
	struct pdf_file *f = open_file(s, pdf_make_done(m));
	struct pdf_update *u = begin(s, f);
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

	struct pdf_file *again = closed(s, f, u);
	assert_true(pdf_value_is_name(object(s, again, old), "New"));
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
	struct pdf_file *f = open_file(s, pdf_make_done(m));
	struct pdf_update *u = begin(s, f);
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
		struct pdf_file *f = open_file(s, files[i]);
		struct pdf_update *u = begin(s, f);
		struct pdf_ref unused;
		assert_int_equal(pdf_update_reserve(u, &unused), OK);
		struct pdf_file *again = closed(s, f, u);
		assert_int_equal(object(s, again, unused)->kind, PDF_NULL);
		assert_null(entry(again, unused.num));
		assert_int_equal(object(s, again, f->root)->kind, PDF_DICT);
	}
}

static struct pdf_file *page_with_size(struct scope *s, uint32_t highest, uint32_t size)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	if (highest > 5)
		pdf_make_object(m, highest, "(high)");
	m->size = size;
	pdf_make_table(m, "/Root 1 0 R");
	return open_file(s, pdf_make_done(m));
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
		struct pdf_update *u = begin(s, f);
		struct pdf_ref ref;
		assert_int_equal(pdf_update_reserve(u, &ref), OK);
		assert_int_equal(ref.num, cases[i].first);
		assert_int_equal(pdf_update_put(u, ref, pdf_value_new_name(s, "N")), OK);
		struct pdf_file *again = closed(s, f, u);
		assert_true(pdf_value_is_name(object(s, again, ref), "N"));
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
	struct pdf_file *f = open_file(s, pdf_make_done(m));
	struct pdf_update *u = begin(s, f);
	struct pdf_ref a, b;
	assert_int_equal(pdf_update_reserve(u, &a), OK);
	assert_int_equal(pdf_update_reserve(u, &b), OK);
	assert_int_equal(a.num, LIMIT_PDF_OBJECT_NUMBER - 1);
	assert_int_equal(b.num, LIMIT_PDF_OBJECT_NUMBER - 3);
	expect_misuse(s, u, (struct pdf_ref){ LIMIT_PDF_OBJECT_NUMBER - 4, 0 });
	assert_int_equal(pdf_update_put(u, a, pdf_value_new_name(s, "A")), OK);
	assert_int_equal(pdf_update_put(u, b, pdf_value_new_name(s, "B")), OK);
	put_catalog(s, u, f);
	struct pdf_file *again = closed(s, f, u);
	assert_true(pdf_value_is_name(object(s, again, a), "A"));
	assert_true(pdf_value_is_name(object(s, again, b), "B"));
	assert_true(has_lang(s, again));
	assert_int_equal(entry(again, LIMIT_PDF_OBJECT_NUMBER - 4)->offset, section(again)->offset);
}

static void test_many_objects(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = open_file(s, pdf_make_one_page(s));
	struct pdf_update *u = begin(s, f);
	const uint32_t n = 5000;
	struct pdf_ref ref;
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(pdf_update_reserve(u, &ref), OK);
	for (uint32_t i = n; i-- > 0;) {
		ref = (struct pdf_ref){ f->highest + 1 + i, 0 };
		assert_int_equal(pdf_update_put(u, ref, pdf_value_new_int(s, 0)), OK);
		assert_int_equal(pdf_update_put(u, ref, pdf_value_new_int(s, i)), OK);
	}
	struct pdf_file *again = closed(s, f, u);
	assert_int_equal(section(again)->n_entries, n);
	for (uint32_t i = 0; i < n; i += 499)
		assert_int_equal(
		    object(s, again, (struct pdf_ref){ f->highest + 1 + i, 0 })->integer, i);
}

static void test_too_many_objects(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = open_file(s, pdf_make_one_page(s));
	struct pdf_update *u = begin(s, f);
	struct pdf_ref ref;
	for (size_t i = 0; i < LIMIT_PDF_UPDATE_OBJECTS; i++)
		assert_int_equal(pdf_update_reserve(u, &ref), OK);
	assert_int_equal(pdf_update_reserve(u, &ref), ERR_LIMIT);
}

/* -- signatures -- */

static struct pdf_value *signature_dict(struct scope *s)
{
	struct pdf_value *dict = pdf_value_new_dict(s);
	assert_int_equal(pdf_value_set(s, dict, "Type", pdf_value_new_name(s, "Sig")), OK);
	assert_int_equal(
	    pdf_value_set(s, dict, "Name", pdf_value_new_string(s, BYTES_LIT("A. Signer"))), OK);
	/* Not the caller's to say. */
	assert_int_equal(pdf_value_set(s, dict, "ByteRange", pdf_value_new_int(s, 1)), OK);
	assert_int_equal(pdf_value_set(s, dict, "Contents", pdf_value_new_int(s, 1)), OK);
	return dict;
}

static void check_range(struct scope *s, const struct pdf_file *f,
    const struct pdf_update_result *r, const struct pdf_file *again, struct pdf_ref sig)
{
	const struct bytes all = again->bytes;
	const struct pdf_value *range = pdf_value_find(object(s, again, sig), "ByteRange");
	assert_int_equal(range->array.n, 4);
	assert_int_equal(range->array.item[0]->integer, 0);
	assert_int_equal(range->array.item[1]->integer, r->contents_start);
	assert_int_equal(range->array.item[2]->integer, r->contents_end);
	assert_int_equal(
	    range->array.item[2]->integer + range->array.item[3]->integer, r->file_size);
	assert_int_equal(all.p[r->contents_start], '<');
	assert_int_equal(all.p[r->contents_end - 1], '>');

	struct bytes parts[3];
	struct buf b = buf_new(s, all.n);
	pdf_update_signed_parts(f, r, parts);
	for (size_t i = 0; i < 3; i++)
		buf_add(&b, parts[i]);
	assert_true(bytes_equal(
	    bytes_cut(buf_bytes(&b), 0, r->contents_start), bytes_cut(all, 0, r->contents_start)));
	assert_true(bytes_equal(
	    bytes_from(buf_bytes(&b), r->contents_start), bytes_from(all, r->contents_end)));
}

static void test_signature(void **state)
{
	struct scope *s = *state;
	struct bytes files[] = { pdf_make_one_page(s), pdf_make_compressed(s) };
	for (size_t i = 0; i < 2; i++) {
		struct pdf_file *f = open_file(s, files[i]);
		struct pdf_update *u = begin(s, f);
		struct pdf_ref sig, later;
		struct pdf_update_result r;
		const struct pdf_value *v;
		assert_int_equal(pdf_update_reserve(u, &sig), OK);
		assert_int_equal(pdf_update_reserve(u, &later), OK);
		assert_int_equal(pdf_update_put_signature(u, sig, signature_dict(s), 8), OK);
		assert_int_equal(pdf_update_object(u, sig, &v), OK);
		assert_true(pdf_value_is_name(pdf_value_find(v, "Type"), "Sig"));
		assert_int_equal(pdf_update_put(u, later, pdf_value_new_name(s, "Later")), OK);
		put_catalog(s, u, f);
		assert_int_equal(pdf_update_close(u, &r), OK);
		assert_int_equal(r.contents_end - r.contents_start, 2 * 8 + 2);

		struct pdf_file *again = open_file(s, joined(s, f, r));
		check_range(s, f, &r, again, sig);
		assert_true(entry(again, sig.num)->offset > entry(again, later.num)->offset);
		assert_true(entry(again, sig.num)->offset < section(again)->offset);
		assert_false(object(s, again, sig)->duplicate_keys);
		const struct pdf_value *contents =
		    pdf_value_find(object(s, again, sig), "Contents");
		assert_int_equal(contents->string.n, 8);
		assert_int_equal(contents->string.p[0], 0);
	}
}

static void test_fill(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = open_file(s, pdf_make_one_page(s));
	struct pdf_update *u = begin(s, f);
	struct pdf_ref sig;
	struct pdf_update_result r;
	assert_int_equal(pdf_update_reserve(u, &sig), OK);
	assert_int_equal(pdf_update_put_signature(u, sig, signature_dict(s), 5), OK);
	assert_int_equal(pdf_update_close(u, &r), OK);
	assert_int_equal(
	    pdf_update_fill(s, f, &r, BYTES_LIT("\x30\x04\xab\xcd\xef\x01")), ERR_LIMIT);
	scope_forgive(s);
	assert_int_equal(pdf_update_fill(s, f, &r, BYTES_LIT("\x30\x03\xab\xcd\xef")), OK);
	struct pdf_file *again = open_file(s, joined(s, f, r));
	assert_true(bytes_equal_str(
	    pdf_value_find(object(s, again, sig), "Contents")->string, "\x30\x03\xab\xcd\xef"));
	/* A shorter one leaves nothing of the longer one. */
	assert_int_equal(pdf_update_fill(s, f, &r, BYTES_LIT("\x30")), OK);
	again = open_file(s, joined(s, f, r));
	assert_true(bytes_equal(
	    pdf_value_find(object(s, again, sig), "Contents")->string, BYTES_LIT("\x30\0\0\0\0")));
	check_range(s, f, &r, again, sig);
}

static void test_fill_without_signature(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = open_file(s, pdf_make_one_page(s));
	struct pdf_update *u = begin(s, f);
	struct pdf_update_result r;
	struct bytes parts[3];
	assert_int_equal(pdf_update_close(u, &r), OK);
	assert_int_equal(pdf_update_fill(s, f, &r, BYTES_LIT("\x30")), ERR_MISUSE);
	pdf_update_signed_parts(f, &r, parts);
	assert_true(bytes_equal(parts[0], f->bytes));
	assert_int_equal(parts[1].n, r.n);
	assert_int_equal(parts[2].n, 0);
}

/* Same calls, same octets; the order of the calls does not show. */
static void test_deterministic(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = open_file(s, pdf_make_one_page(s));
	struct bytes out[2];
	for (size_t i = 0; i < 2; i++) {
		struct pdf_update *u = begin(s, f);
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

/* -- encryption: dictionaries that qpdf 11 made, with an empty user password -- */

#define ID "/ID [<31415926535897932384626433832795> <31415926535897932384626433832795>]"

static const char *const encryption[] = {
	/* RC4, 40 bits */
	"<< /Filter /Standard /Length 40 /V 1 /R 2 /P -4 "
	"/O <c92422687facee686e373f10b5c7d04738053152f7e2ee30e11c69ec442576ab> "
	"/U <b3d9fa366906ef42f354c6deb74c59075eaf334eb7c04356ba0d7f3dd8b51d0a> >>",
	/* AES-128 */
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV2 /Length 16 >> >> /Filter /Standard "
	"/Length 128 /V 4 /R 4 /P -4 /StmF /StdCF /StrF /StdCF "
	"/O <566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5> "
	"/U <e21cc3d13b0faa9934db7d20f11e333e0122456a91bae5134273a6db134c87c4> >>",
	/* AES-256 */
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter /Standard "
	"/Length 256 /V 5 /R 6 /P -4 /StmF /StdCF /StrF /StdCF "
	"/O <9983fe38750046bc9a7b5b4fbcacadd0e8b6e63337d070f2bb356d824889cba7bdf895978cac3a41"
	"4e224b83ed3785cc> /OE <622b2721b332c5d3736a98674b2967080e00de2e3c9dfe5fca96afbdfdbb628b> "
	"/U <4d2019f62a7529521193b4bbe21cccef557a74316bc28b476cb6533f27a8aec7b6a0ae43951e4a6e"
	"1f4cf6e2c1c590f6> /UE <0d37dfeabd84f5e4c731f1c855d1f53272e8df0cbc71a34b63f2191e670c1fb9> "
	"/Perms <03e6a2972649553a6cf6f647c0333b4b> >>",
};
#define N_ENCRYPTION (sizeof(encryption) / sizeof(*encryption))

/* Page 3 of the sample has no strings, so nothing of it would have to be encrypted. */
static struct bytes encrypted_file(struct scope *s, const char *dict, bool direct)
{
	struct pdf_make *m = pdf_make_new(s);
	struct buf trailer = buf_new(s, 4096);
	pdf_make_header(m, "2.0");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(m, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>");
	/* Signed by somebody else, as a value in its field. */
	pdf_make_object(m, 4, "<< /FT /Sig /V << /ByteRange [0 1 2 3] /Contents <300101> >> >>");
	if (direct) {
		buf_addf(&trailer, "/Root 1 0 R " ID " /Encrypt %s", dict);
	} else {
		pdf_make_object(m, 5, dict);
		buf_addf(&trailer, "/Root 1 0 R " ID " /Encrypt 5 0 R");
	}
	buf_add_byte(&trailer, 0);
	pdf_make_table(m, (const char *)buf_bytes(&trailer).p);
	return pdf_make_done(m);
}

static void check_encrypted(struct scope *s, struct bytes file)
{
	struct pdf_file *f = open_file(s, file);
	assert_non_null(f->crypt);
	struct pdf_update *u = begin(s, f);
	struct pdf_ref text, data, sig;
	struct pdf_update_result r;
	const struct pdf_ref field = { 4, 0 };
	const struct pdf_value *old;
	assert_int_equal(pdf_update_reserve(u, &text), OK);
	assert_int_equal(pdf_update_reserve(u, &data), OK);
	assert_int_equal(pdf_update_reserve(u, &sig), OK);
	struct pdf_value *two = pdf_value_new_array(s);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    pdf_value_append(s, two, pdf_value_new_string(s, BYTES_LIT("plain text"))), OK);
	assert_int_equal(pdf_update_put(u, text, two), OK);
	assert_int_equal(
	    pdf_update_put(
		u, data, pdf_value_new_stream(s, pdf_value_new_dict(s), BYTES_LIT("plain stream"))),
	    OK);
	assert_int_equal(pdf_update_object(u, field, &old), OK);
	struct pdf_value *changed = pdf_value_copy(s, old);
	assert_int_equal(
	    pdf_value_set(s, changed, "T", pdf_value_new_string(s, BYTES_LIT("plain name"))), OK);
	assert_int_equal(pdf_update_put(u, field, changed), OK);
	assert_int_equal(pdf_update_put_signature(u, sig, signature_dict(s), 3), OK);
	assert_int_equal(pdf_update_close(u, &r), OK);
	assert_int_equal(pdf_update_fill(s, f, &r, BYTES_LIT("\x30\x01\xfe")), OK);

	const struct bytes added = bytes_of(r.p, r.n);
	assert_false(contains(added, "plain"));
	assert_false(contains(added, "706c61696e"));
	assert_false(contains(added, "Signer"));
	assert_true(contains(added, "<3001fe>"));
	assert_true(contains(added, "<300101>"));

	struct pdf_file *again = open_file(s, joined(s, f, r));
	const struct pdf_value *v = object(s, again, text);
	assert_true(bytes_equal_str(v->array.item[0]->string, "plain text"));
	assert_true(bytes_equal_str(v->array.item[1]->string, "plain text"));
	struct bytes plain;
	assert_int_equal(
	    pdf_file_stream_data(s, again, pdf_file_latest(again), object(s, again, data), &plain),
	    OK);
	assert_true(bytes_equal_str(plain, "plain stream"));
	v = object(s, again, sig);
	assert_true(bytes_equal_str(pdf_value_find(v, "Name")->string, "A. Signer"));
	assert_true(bytes_equal_str(pdf_value_find(v, "Contents")->string, "\x30\x01\xfe"));
	v = pdf_value_find(object(s, again, field), "V");
	assert_true(bytes_equal_str(pdf_value_find(v, "Contents")->string, "\x30\x01\x01"));
	assert_true(pdf_value_equal(
	    pdf_value_find(again->trailer, "ID"), pdf_value_find(f->trailer, "ID")));
	assert_true(pdf_value_equal(
	    pdf_value_find(again->trailer, "Encrypt"), pdf_value_find(f->trailer, "Encrypt")));
}

static void test_encrypted(void **state)
{
	for (size_t i = 0; i < N_ENCRYPTION; i++)
		for (size_t direct = 0; direct < 2; direct++)
			check_encrypted(*state, encrypted_file(*state, encryption[i], direct));
}

/* The same text twice, and under another seed, never looks the same. */
static void test_initialisation_vectors(void **state)
{
	struct scope *s = *state;
	static const char *const seeds[] = { "sixteen octets 1", "sixteen octets 1",
		"sixteen octets 2" };
	struct pdf_file *f = open_file(s, encrypted_file(s, encryption[2], false));
	struct bytes out[3];
	for (size_t i = 0; i < 3; i++) {
		struct pdf_update *u;
		struct pdf_update_result r;
		struct pdf_ref ref;
		assert_int_equal(pdf_update_new(s, f, bytes_of_str(seeds[i]), &u), OK);
		for (size_t k = 0; k < 2; k++) {
			struct pdf_value *two = pdf_value_new_array(s);
			assert_int_equal(pdf_update_reserve(u, &ref), OK);
			for (size_t n = 0; n < 2; n++)
				assert_int_equal(pdf_value_append(s, two,
						     pdf_value_new_string(s, BYTES_LIT("same"))),
				    OK);
			assert_int_equal(pdf_update_put(u, ref, two), OK);
		}
		assert_int_equal(pdf_update_close(u, &r), OK);
		out[i] = bytes_of(r.p, r.n);
	}
	assert_true(bytes_equal(out[0], out[1]));
	const size_t from = 9; /* after "6 0 obj\n[" */
	const size_t width = 2 + 2 * 32;
	assert_int_equal(out[0].p[from], '<');
	assert_false(bytes_equal(
	    bytes_cut(out[0], from, width), bytes_cut(out[0], from + width + 1, width)));
	assert_false(bytes_equal(bytes_cut(out[0], from, width), bytes_cut(out[2], from, width)));
	const size_t next = bytes_find(out[0], BYTES_LIT("7 0 obj\n["), 0) + 9;
	assert_false(bytes_equal(bytes_cut(out[0], from, width), bytes_cut(out[0], next, width)));
}

static void test_encrypted_refusals(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = open_file(s, encrypted_file(s, encryption[1], false));
	struct pdf_update *u;
	assert_int_equal(pdf_update_new(s, f, BYTES_LIT("fifteen octets."), &u), ERR_MISUSE);
	scope_forgive(s);
	assert_int_equal(pdf_update_new(s, f, BYTES_LIT("sixteen octets.."), &u), OK);
	expect_misuse(s, u, (struct pdf_ref){ 5, 0 });
	struct pdf_value *dict = pdf_value_new_dict(s);
	struct pdf_update_result r;
	struct pdf_ref ref;
	assert_int_equal(pdf_update_reserve(u, &ref), OK);
	assert_int_equal(pdf_value_set(s, dict, "Filter", pdf_value_new_name(s, "Crypt")), OK);
	assert_int_equal(pdf_update_put(u, ref, pdf_value_new_stream(s, dict, BYTES_LIT("x"))), OK);
	assert_int_equal(pdf_update_close(u, &r), ERR_UNSUPPORTED);
}

/* A stream's octets stay as stored in its own object; in another they are encrypted anew. */
static void test_encrypted_stream_again(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = open_file(s, encrypted_file(s, encryption[1], false));
	struct pdf_update *u = begin(s, f);
	struct pdf_ref first, copy;
	assert_int_equal(pdf_update_reserve(u, &first), OK);
	assert_int_equal(pdf_update_put(u, first,
			     pdf_value_new_stream(s, pdf_value_new_dict(s), BYTES_LIT("octets"))),
	    OK);
	f = closed(s, f, u);
	const struct pdf_value *stored = object(s, f, first);

	u = begin(s, f);
	assert_int_equal(pdf_update_reserve(u, &copy), OK);
	assert_int_equal(pdf_update_put(u, first, pdf_value_copy(s, stored)), OK);
	assert_int_equal(pdf_update_put(u, copy, stored), OK);
	struct pdf_file *again = closed(s, f, u);
	assert_true(bytes_equal(object(s, again, first)->stream.raw, stored->stream.raw));
	assert_false(bytes_equal(object(s, again, copy)->stream.raw, stored->stream.raw));
	struct bytes plain;
	assert_int_equal(
	    pdf_file_stream_data(s, again, pdf_file_latest(again), object(s, again, copy), &plain),
	    OK);
	assert_true(bytes_equal_str(plain, "octets"));
}

/* -- files of more than ten digits -- */

#define HUGE_SIZE ((size_t)10000000100)
#define HUGE_ROOM (HUGE_SIZE + (1 << 20))

/* The page at the front, an empty section at the end, holes between: not a byte of it is stored. */
static struct bytes huge_file(struct scope *s, uint8_t *room, const char *version)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, version);
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [] /Count 0 >>");
	const size_t first = pdf_make_table(m, "/Root 1 0 R");
	const struct bytes front = pdf_make_done(m);
	struct buf b = buf_new(s, 4096);
	buf_addf(&b,
	    "\nxref\n0 0\ntrailer\n<< /Root 1 0 R /Size 3 /Prev %zu >>\nstartxref\n%zu\n%%%%EOF\n",
	    first, HUGE_SIZE + 1);
	memcpy(room, front.p, front.n);
	memcpy(room + HUGE_SIZE, b.p, b.n);
	return bytes_of(room, HUGE_SIZE + b.n);
}

static void check_huge(struct scope *s, uint8_t *room, const char *version, bool possible)
{
	struct pdf_file *f = open_file(s, huge_file(s, room, version));
	struct pdf_update *u = begin(s, f);
	struct pdf_update_result r;
	put_catalog(s, u, f);
	assert_int_equal(pdf_update_close(u, &r), possible ? OK : ERR_UNSUPPORTED);
	if (!possible) {
		scope_forgive(s);
		return;
	}
	memcpy(room + f->bytes.n, r.p, r.n);
	struct pdf_file *again = open_file(s, bytes_of(room, r.file_size));
	assert_int_equal(section(again)->kind, PDF_SECTION_STREAM);
	assert_true(entry(again, 1)->offset > 9999999999);
	assert_true(has_lang(s, again));
	memset(room + f->bytes.n, 0, r.n);
}

static void test_huge(void **state)
{
	uint8_t *room = mmap(NULL, HUGE_ROOM, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED) {
		print_message("no address space for a file of 10 GB: skipped\n");
		skip();
	}
	check_huge(*state, room, "1.4", false);
	check_huge(*state, room, "1.5", true);
	munmap(room, HUGE_ROOM);
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
	TRY(pdf_update_new(s, f, SEED, &u));
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
	const struct bytes files[] = { pdf_make_one_page(*state), pdf_make_compressed(*state),
		encrypted_file(*state, encryption[1], false) };
	for (size_t i = 0; i < 3; i++) {
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
		T(test_signature),
		T(test_fill),
		T(test_fill_without_signature),
		T(test_deterministic),
		T(test_encrypted),
		T(test_initialisation_vectors),
		T(test_encrypted_refusals),
		T(test_encrypted_stream_again),
		T(test_huge),
		T(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
