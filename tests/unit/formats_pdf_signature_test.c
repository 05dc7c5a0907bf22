#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_signature.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

#define WIDGET "/Type /Annot /Subtype /Widget /Rect [0 0 0 0] "
#define CMS "<3003020105>"
#define GOOD "/ByteRange [0 10 20 30] /Contents " CMS

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

/* A page with a form: `fields` is what /Fields holds; objects from 10 on are the case's. */
static struct pdf_make *begin_form(struct scope *s, const char *fields)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_objectf(
	    m, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [%s] >> >>", fields);
	return m;
}

static struct bytes end_form(struct pdf_make *m)
{
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static struct pdf_signature_list listed(struct scope *s, struct bytes file)
{
	struct pdf_signature_list list;
	if (pdf_signature_list(s, pdf_reread_open(s, file), &list) != OK)
		fail_msg("%s", scope_fault_text(s));
	assert_int_equal(scope_fault_code(s), OK);
	return list;
}

/* One field "seal" (10) with the dictionary 11. */
static struct pdf_signature one(struct scope *s, const char *dict)
{
	struct pdf_make *m = begin_form(s, "10 0 R");
	pdf_make_object(m, 10, "<< " WIDGET "/FT /Sig /T (seal) /V 11 0 R >>");
	pdf_make_objectf(m, 11, "<< %s >>", dict);
	const struct pdf_signature_list list = listed(s, end_form(m));
	assert_int_equal(list.n, 1);
	assert_int_equal(list.n_unsigned, 0);
	assert_int_equal(list.n_unreadable, 0);
	return list.item[0];
}

/* -- the dictionary -- */

static void test_words(void **state)
{
	struct scope *s = *state;
	struct pdf_signature sig = one(s,
	    "/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Name (A. Signer) "
	    "/Reason <FEFF00FC> /Location (Here) /ContactInfo (x@y) /M (D:20260102030405Z) " GOOD);
	assert_string_equal(sig.name, "seal");
	assert_int_equal(sig.field.num, 10);
	assert_int_equal(sig.value.num, 11);
	assert_int_equal(sig.made_in, 0);
	assert_string_equal(sig.type, "Sig");
	assert_string_equal(sig.filter, "Adobe.PPKLite");
	assert_string_equal(sig.sub_filter, "ETSI.CAdES.detached");
	assert_true(sig.sub_filter_known);
	assert_false(sig.is_document_timestamp);
	assert_string_equal(sig.signer_name, "A. Signer");
	assert_string_equal(sig.reason, "\xc3\xbc");
	assert_string_equal(sig.location, "Here");
	assert_string_equal(sig.contact, "x@y");
	assert_int_equal(sig.m.unix_s, 1767323045);
	assert_true(bytes_equal_str(sig.m_raw, "D:20260102030405Z"));
	assert_false(sig.duplicate_keys);

	sig = one(s, "/SubFilter /adbe.pkcs7.detache /M (then) /Filter (no name) /Reason 7");
	assert_false(sig.sub_filter_known);
	assert_false(instant_is_known(sig.m));
	assert_true(bytes_equal_str(sig.m_raw, "then"));
	assert_string_equal(sig.filter, "");
	assert_string_equal(sig.type, "");
	assert_string_equal(sig.reason, "");
	assert_string_equal(sig.signer_name, "");
}

static void test_document_timestamp(void **state)
{
	struct scope *s = *state;
	assert_true(one(s, "/Type /DocTimeStamp").is_document_timestamp);
	assert_true(one(s, "/SubFilter /ETSI.RFC3161").is_document_timestamp);
	assert_false(one(s, "/Type /Sig /SubFilter /ETSI.RFC3162").is_document_timestamp);
}

static void test_byte_range(void **state)
{
	static const struct {
		const char *text;
		bool has, ok;
	} cases[] = {
		{ "[0 1 2 3]", true, true },
		{ "[0 0 0 0]", true, true },
		{ "[0 9223372036854775807 1 2]", true, true },
		{ "[1 9223372036854775807 1 2]", true, false },
		{ "[0 1 9223372036854775807 1]", true, false },
		{ "[0 9223372036854775808 1 2]", true, false },
		{ "[0 1 2]", true, false },
		{ "[0 1 2 3 4]", true, false },
		{ "[0 1 2 -3]", true, false },
		{ "[0 1 2.0 3]", true, false },
		{ "[0 1 2 (3)]", true, false },
		{ "[0 1 2 12 0 R]", true, false },
		{ "[]", true, false },
		{ "12 0 R", true, false },
		{ "(0 1 2 3)", true, false },
		{ "null", false, false },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char dict[100];
		snprintf(dict, sizeof(dict), "/ByteRange %s", cases[i].text);
		const struct pdf_signature sig = one(s, dict);
		assert_int_equal(sig.has_byte_range, cases[i].has);
		assert_int_equal(sig.byte_range_ok, cases[i].ok);
	}
	assert_false(one(s, "/Type /Sig").has_byte_range);
	const struct pdf_signature sig = one(s, "/ByteRange [0 7 9 11]");
	assert_int_equal(sig.byte_range[1], 7);
	assert_int_equal(sig.byte_range[3], 11);
}

static void test_contents(void **state)
{
	static const struct {
		const char *text;
		bool has, hex, placeholder;
		size_t n, cms, nonzero;
	} cases[] = {
		{ "<30030201050000>", true, true, false, 7, 5, 0 },
		{ "<3003020105>", true, true, false, 5, 5, 0 },
		{ "<3003020100>", true, true, false, 5, 5, 0 }, /* the zero belongs to it */
		{ "<30030201050000ff01>", true, true, false, 9, 5, 2 },
		{ "<3080020105000000>", true, true, false, 8, 7, 0 }, /* indefinite length */
		{ "<3004020105>", true, true, false, 5, 0, 0 },
		{ "<00000000>", true, true, true, 4, 0, 0 },
		{ "<>", true, true, true, 0, 0, 0 },
		{ "<0001>", true, true, false, 2, 0, 0 },
		{ "(0\\003\\002\\001\\005)", true, false, false, 5, 5, 0 },
		{ "null", false, false, false, 0, 0, 0 },
		{ "7", false, false, false, 0, 0, 0 },
		{ "12 0 R", true, false, false, 0, 0, 0 },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pdf_make *m = begin_form(s, "10 0 R");
		pdf_make_object(m, 10, "<< /FT /Sig /T (seal) /V 11 0 R >>");
		pdf_make_objectf(m, 11, "<< /ByteRange [0 1 2 3] /Contents %s >>", cases[i].text);
		pdf_make_object(m, 12, CMS);
		const struct bytes file = end_form(m);
		const struct pdf_signature_list list = listed(s, file);
		const struct pdf_signature *sig = &list.item[0];
		assert_int_equal(list.n, 1);
		assert_int_equal(sig->has_contents, cases[i].has);
		assert_int_equal(sig->contents_is_hex, cases[i].hex);
		assert_int_equal(sig->is_placeholder, cases[i].placeholder);
		assert_int_equal(sig->contents.n, cases[i].n);
		assert_int_equal(sig->cms.n, cases[i].cms);
		assert_int_equal(sig->padding_nonzero, cases[i].nonzero);
		if (cases[i].hex)
			assert_true(bytes_equal_str(bytes_cut(file, sig->contents_start,
							sig->contents_end - sig->contents_start),
			    cases[i].text));
	}
}

static void test_cert(void **state)
{
	struct scope *s = *state;
	assert_true(bytes_equal_str(one(s, "/Cert (one)").cert, "one"));
	assert_true(bytes_equal_str(one(s, "/Cert [(first) (second)]").cert, "first"));
	assert_int_equal(one(s, "/Cert []").cert.n, 0);
	assert_int_equal(one(s, "/Cert /Name").cert.n, 0);
}

/* -- where it stands -- */

static void test_place(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "10 0 R 12 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (a) /V 11 0 R >>");
	const size_t start = pdf_make_at(m);
	pdf_make_object(m, 11, "<< " GOOD " >>");
	const size_t end = pdf_make_at(m);
	pdf_make_object(m, 12, "<< /FT /Sig /T (b) >>");
	pdf_make_table(m, "/Root 1 0 R");
	pdf_make_object(m, 12, "<< /FT /Sig /T (b) /V << " GOOD " >> >>");
	pdf_make_table(m, "/Root 1 0 R");
	pdf_make_object(m, 20, "(later)");
	const struct pdf_signature_list list = listed(s, end_form(m));
	assert_int_equal(list.n, 2);
	assert_int_equal(list.item[0].object_start, start);
	assert_int_equal(list.item[0].object_end, end - 1); /* without the end of line */
	assert_int_equal(list.item[0].made_in, 0);
	assert_int_equal(list.item[1].value.num, 0);
	assert_int_equal(list.item[1].object_end, 0);
	assert_int_equal(list.item[1].made_in, 1);
	assert_true(list.item[1].contents_is_hex);
}

static void test_compressed(void **state)
{
	struct scope *s = *state;
	static const uint32_t nums[] = { 1, 2, 10, 11 };
	const char *const bodies[] = {
		"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [10 0 R] >> >>",
		"<< /Type /Pages /Kids [] /Count 0 >>",
		"<< /FT /Sig /T (a) /V 11 0 R >>",
		"<< " GOOD " >>",
	};
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_object_stream(m, 12, 4, nums, bodies);
	pdf_make_xref_stream(m, 13, "/Root 1 0 R");
	const struct pdf_signature_list list = listed(s, pdf_make_done(m));
	assert_int_equal(list.n, 1);
	assert_true(list.item[0].has_contents);
	assert_false(list.item[0].contents_is_hex);
	assert_int_equal(list.item[0].contents_start, 0);
	assert_int_equal(list.item[0].object_end, 0);
	assert_int_equal(list.item[0].cms.n, 5);
}

static void test_duplicate_keys(void **state)
{
	struct scope *s = *state;
	const struct pdf_signature sig = one(s, GOOD " /Contents <30030201070000>");
	assert_true(sig.duplicate_keys);
	assert_int_equal(sig.contents.n, 7); /* the last one counts */
	struct pdf_make *m = begin_form(s, "10 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (seal) /V 11 0 R /V 11 0 R >>");
	pdf_make_object(m, 11, "<< " GOOD " >>");
	assert_true(listed(s, end_form(m)).item[0].duplicate_keys);
}

/* -- the list -- */

static void test_order(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "10 0 R 11 0 R 12 0 R 13 0 R 14 0 R 15 0 R");
	static const char *const ranges[] = { "[0 1]", "[0 1 50 9]", "[0 1 20 9]", "null",
		"[0 1 21 8]", "[0 1 2 3]" };
	for (uint32_t i = 0; i < 6; i++)
		pdf_make_objectf(m, 10 + i,
		    "<< /FT /Sig /T (%c) /V << /ByteRange %s /Contents " CMS " >> >>", 'a' + i,
		    ranges[i]);
	const struct pdf_signature_list list = listed(s, end_form(m));
	char order[7] = { 0 };
	assert_int_equal(list.n, 6);
	for (size_t i = 0; i < 6; i++)
		order[i] = list.item[i].name[0];
	assert_string_equal(order, "fcebad");
}

static void test_unsigned(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "10 0 R 11 0 R 12 0 R 13 0 R 14 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (empty) /Lock << /Action /All /P 1 >> >>");
	pdf_make_object(m, 11, "<< /FT /Sig /T (null) /V null >>");
	pdf_make_object(m, 12, "<< /FT /Sig /T (free) /V 99 0 R >>");
	pdf_make_object(m, 13, "<< /FT /Sig /T (name) /V /Off >>");
	pdf_make_object(m, 14, "<< /FT /Tx /T (text) /V (x) >>");
	const struct pdf_signature_list list = listed(s, end_form(m));
	assert_int_equal(list.n, 0);
	assert_int_equal(list.n_unsigned, 4);
	assert_string_equal(list.unsigned_fields[0].name, "empty");
	assert_int_equal(list.unsigned_fields[0].lock.action, PDF_FIELDMDP_ALL);
	assert_int_equal(list.unsigned_fields[0].lock.permissions, 1);
	assert_string_equal(list.unsigned_fields[3].name, "name");
	assert_string_equal(list.unsigned_fields[3].filter, "");
	assert_int_equal(list.unsigned_fields[3].dict->kind, PDF_NULL);
	assert_int_equal(listed(s, pdf_make_one_page(s)).n_unsigned, 0);
}

static void test_shared(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "10 0 R 12 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (a) /V 11 0 R >>");
	pdf_make_object(m, 11, "<< " GOOD " >>");
	pdf_make_object(m, 12, "<< /FT /Sig /T (b) /V 11 0 R >>");
	struct pdf_signature_list list = listed(s, end_form(m));
	assert_int_equal(list.n, 1);
	assert_true(list.shared_value);
	assert_false(list.duplicate_names);
	assert_string_equal(list.item[0].name, "a");

	m = begin_form(s, "10 0 R 12 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (a) /V 11 0 R >>");
	pdf_make_object(m, 11, "<< " GOOD " >>");
	pdf_make_object(m, 12, "<< /FT /Tx /T (a) >>");
	list = listed(s, end_form(m));
	assert_true(list.duplicate_names);
	assert_false(list.shared_value);

	m = begin_form(s, "10 0 R 11 0 R 12 0 R");
	pdf_make_object(m, 10, "<< /FT /Tx /T (a) >>");
	pdf_make_object(m, 11, "<< /FT /Tx /T (a) >>");
	pdf_make_object(m, 12, "<< /FT /Sig /T (b) >>");
	assert_false(listed(s, end_form(m)).duplicate_names);
}

static void test_too_many(void **state)
{
	struct scope *s = *state;
	for (size_t extra = 0; extra < 2; extra++) {
		struct buf fields = buf_new(s, 1 << 20);
		for (size_t i = 0; i < LIMIT_PDF_SIGNATURES + extra; i++)
			buf_addf(&fields, "<< /FT /Sig /T (f%zu) /V << >> >>\n", i);
		buf_add_byte(&fields, 0);
		struct pdf_make *m = begin_form(s, "10 0 R");
		pdf_make_objectf(m, 10, "<< /FT /Sig /T (parent) /Kids 11 0 R >>");
		const size_t at = pdf_make_at(m);
		pdf_make_raw(m, "11 0 obj\n[");
		pdf_make_raw(m, (const char *)fields.p);
		pdf_make_raw(m, "]\nendobj\n");
		pdf_make_entry(
		    m, (struct pdf_make_entry){ .num = 11, .kind = 1, .offset = at - m->base });
		struct pdf_file *f = pdf_reread_open(s, end_form(m));
		struct pdf_signature_list list;
		assert_int_equal(pdf_signature_list(s, f, &list), extra ? ERR_LIMIT : OK);
		if (!extra)
			assert_int_equal(list.n, LIMIT_PDF_SIGNATURES);
	}
}

/* An object that cannot be read costs its field, and is told. */
static void test_unreadable(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "10 0 R 11 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (a) /V << " GOOD " >> >>");
	pdf_make_entry(m, (struct pdf_make_entry){ .num = 11, .kind = 1, .offset = 3 });
	const struct pdf_signature_list list = listed(s, end_form(m));
	assert_int_equal(list.n, 1);
	assert_int_equal(list.n_unreadable, 1);
}

/* -- transforms and locks -- */

static int docmdp_of(struct scope *s, const char *references)
{
	char dict[400];
	snprintf(dict, sizeof(dict), GOOD " /Reference %s", references);
	return one(s, dict).docmdp;
}

static void test_docmdp(void **state)
{
	struct scope *s = *state;
#define DOCMDP(params) "<< /TransformMethod /DocMDP /TransformParams << " params " >> >>"
	assert_int_equal(docmdp_of(s, "[" DOCMDP("/P 1") "]"), 1);
	assert_int_equal(docmdp_of(s, "[" DOCMDP("/P 2") "]"), 2);
	assert_int_equal(docmdp_of(s, "[" DOCMDP("/P 3") "]"), 3);
	assert_int_equal(docmdp_of(s, "[" DOCMDP("") "]"), 2);
	assert_int_equal(docmdp_of(s, "[" DOCMDP("/P 0") "]"), 2);
	assert_int_equal(docmdp_of(s, "[" DOCMDP("/P 4") "]"), 2);
	assert_int_equal(docmdp_of(s, "[" DOCMDP("/P (1)") "]"), 2);
	assert_int_equal(docmdp_of(s, "[<< /TransformMethod /DocMDP >>]"), 2);
	assert_int_equal(docmdp_of(s, "[" DOCMDP("/P 3") DOCMDP("/P 1") DOCMDP("/P 2") "]"), 1);
	assert_int_equal(docmdp_of(s, "[<< /TransformMethod /UR3 >>]"), 0);
	assert_int_equal(docmdp_of(s, "[]"), 0);
	assert_int_equal(docmdp_of(s, "/None"), 0);
#undef DOCMDP
}

static void test_indirect_transforms(void **state)
{
	struct scope *s = *state;
	struct pdf_make *m = begin_form(s, "10 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (a) /V 11 0 R /Lock 17 0 R >>");
	pdf_make_object(m, 11, "<< " GOOD " /Reference 12 0 R >>");
	pdf_make_object(m, 12, "[13 0 R 14 0 R]");
	pdf_make_object(m, 13, "<< /TransformMethod /DocMDP /TransformParams 15 0 R >>");
	pdf_make_object(m, 14, "<< /TransformMethod /FieldMDP /TransformParams 16 0 R >>");
	pdf_make_object(m, 15, "<< /P 1 >>");
	pdf_make_object(m, 16, "<< /Action /Include /Fields 18 0 R >>");
	pdf_make_object(m, 17, "<< /Action /Exclude /Fields [(x)] /P 3 >>");
	pdf_make_object(m, 18, "[(a.b) <FEFF00E9> 7]");
	const struct pdf_signature_list list = listed(s, end_form(m));
	const struct pdf_signature *sig = &list.item[0];
	assert_int_equal(sig->docmdp, 1);
	assert_int_equal(sig->fieldmdp.action, PDF_FIELDMDP_INCLUDE);
	assert_int_equal(sig->fieldmdp.n_fields, 2);
	assert_string_equal(sig->fieldmdp.fields[0], "a.b");
	assert_string_equal(sig->fieldmdp.fields[1], "\xc3\xa9");
	assert_int_equal(sig->lock.action, PDF_FIELDMDP_EXCLUDE);
	assert_int_equal(sig->lock.n_fields, 1);
	assert_int_equal(sig->lock.permissions, 3);
}

static struct pdf_field_lock fieldmdp_of(struct scope *s, const char *references)
{
	char dict[400];
	snprintf(dict, sizeof(dict), GOOD " /Reference [%s]", references);
	return one(s, dict).fieldmdp;
}

static void test_fieldmdp(void **state)
{
	struct scope *s = *state;
#define FIELDMDP(params) "<< /TransformMethod /FieldMDP /TransformParams << " params " >> >>"
#define INCLUDE FIELDMDP("/Action /Include /Fields [(a)]")
	assert_int_equal(fieldmdp_of(s, FIELDMDP("/Action /All")).action, PDF_FIELDMDP_ALL);
	assert_int_equal(fieldmdp_of(s, FIELDMDP("/Action /Some")).action, PDF_FIELDMDP_NONE);
	assert_int_equal(fieldmdp_of(s, FIELDMDP("")).action, PDF_FIELDMDP_NONE);
	assert_int_equal(fieldmdp_of(s, INCLUDE INCLUDE).action, PDF_FIELDMDP_INCLUDE);
	assert_int_equal(fieldmdp_of(s, INCLUDE FIELDMDP("")).action, PDF_FIELDMDP_INCLUDE);
	assert_int_equal(fieldmdp_of(s, INCLUDE FIELDMDP("/Action /Include /Fields [(b)]")).action,
	    PDF_FIELDMDP_ALL);
	assert_int_equal(
	    fieldmdp_of(s, INCLUDE FIELDMDP("/Action /Exclude")).action, PDF_FIELDMDP_ALL);
#undef FIELDMDP
#undef INCLUDE
}

static void test_too_many_references(void **state)
{
	struct scope *s = *state;
	for (size_t extra = 0; extra < 2; extra++) {
		struct pdf_make *m = begin_form(s, "10 0 R");
		struct buf items = buf_new(s, 4096);
		buf_add_str(&items, "<< /Reference [");
		for (size_t i = 0; i < 64 + extra; i++)
			buf_add_str(&items, "<< >> ");
		buf_add(&items, BYTES_LIT("] >>\0"));
		pdf_make_object(m, 10, "<< /FT /Sig /T (a) /V 11 0 R >>");
		pdf_make_object(m, 11, (const char *)items.p);
		struct pdf_signature_list list;
		assert_int_equal(pdf_signature_list(s, pdf_reread_open(s, end_form(m)), &list),
		    extra ? ERR_LIMIT : OK);
	}
}

/* -- what no field leads to -- */

/* How many there are, and where the first one stands. */
static size_t strays(struct scope *s, struct bytes file, size_t *ret_first)
{
	struct pdf_file *f = pdf_reread_open(s, file);
	struct pdf_signature_list list;
	assert_int_equal(pdf_signature_list(s, f, &list), OK);
	assert_int_equal(pdf_signature_find_stray(s, f, &list), OK);
	if (list.n_stray)
		*ret_first = list.stray[0];
	return list.n_stray;
}

static void test_stray(void **state)
{
	struct scope *s = *state;
	size_t first = 0;
	struct pdf_make *m = begin_form(s, "10 0 R 11 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (a) /V << " GOOD " >> >>");
	pdf_make_object(m, 11, "<< /FT /Sig /T (b) /V 12 0 R >>");
	pdf_make_object(m, 12, "<< " GOOD " >>");
	pdf_make_object(m, 13, "(is the /ByteRange right?) % </ByteRange>");
	pdf_make_object(m, 14, "<< /ByteRanges [0 1 2 3] >>");
	assert_int_equal(strays(s, end_form(m), &first), 0);

	m = begin_form(s, "10 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (a) /V 12 0 R >>");
	pdf_make_object(m, 12, "<< " GOOD " >>");
	const size_t at = pdf_make_at(m);
	pdf_make_object(m, 13, "<< /ByteRange % why\n [0 1 2 3] >>");
	pdf_make_object(m, 14, "<< /ByteRange 13 0 R >>");
	assert_int_equal(strays(s, end_form(m), &first), 2);
	assert_int_equal(first, at + sizeof("13 0 obj\n<< ") - 1);
}

/* The copy that an older revision has of a known signature is found. */
static void test_stray_in_older_revision(void **state)
{
	struct scope *s = *state;
	size_t first = 0;
	struct pdf_make *m = begin_form(s, "10 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (a) /V 12 0 R >>");
	const size_t at = pdf_make_at(m);
	pdf_make_object(m, 12, "<< " GOOD " /Name (one) >>");
	pdf_make_table(m, "/Root 1 0 R");
	pdf_make_object(m, 12, "<< " GOOD " /Name (two) >>");
	assert_int_equal(strays(s, end_form(m), &first), 1);
	assert_true(first > at && first < at + 30);
}

static void test_no_stray(void **state)
{
	struct scope *s = *state;
	size_t first = 0;
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(
	    m, 1, "<< /Type /Catalog /Pages 2 0 R /Perms << /UR3 << " GOOD " >> /UR 10 0 R >> >>");
	pdf_make_object(m, 10, "<< " GOOD " >>");
	pdf_make_table(m, "/Root 1 0 R /AuthCode << /ByteRange [0 1 2 3] >>");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	assert_int_equal(strays(s, end_form(m), &first), 0);
}

static void test_many_strays(void **state)
{
	struct scope *s = *state;
	size_t first = 0;
	struct buf items = buf_new(s, 1 << 20);
	for (size_t i = 0; i < LIMIT_PDF_STRAY + 10; i++)
		buf_add_str(&items, "/ByteRange[0]\n");
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_stream(m, 10, "", buf_bytes(&items));
	pdf_make_table(m, "/Root 1 0 R");
	assert_int_equal(strays(s, pdf_make_done(m), &first), LIMIT_PDF_STRAY);
}

/* -- running out of memory -- */

static enum err list_all(struct scope *s, struct bytes file)
{
	struct pdf_file *f;
	struct pdf_signature_list list;
	TRY(pdf_file_open(s, file, BYTES_NONE, &f));
	TRY(pdf_signature_list(s, f, &list));
	return pdf_signature_find_stray(s, f, &list);
}

static void test_out_of_memory(void **state)
{
	struct pdf_make *m = begin_form(*state, "10 0 R 11 0 R");
	pdf_make_object(m, 10, "<< /FT /Sig /T (a) /V 12 0 R /Lock << /Action /All >> >>");
	pdf_make_object(m, 11, "<< /FT /Sig /T (b) >>");
	pdf_make_object(m, 12,
	    "<< " GOOD " /Name (x) /Filter /Y /Reference [<< /TransformMethod /FieldMDP "
	    "/TransformParams << /Action /Include /Fields [(a)] >> >>] >>");
	const struct bytes file = end_form(m);
	enum err e = ERR_NOMEM;
	for (size_t n = 1; e != OK; n++) {
		struct scope *s = scope_new(0);
		assert_non_null(s);
		scope_fail_after(s, n);
		e = list_all(s, file);
		assert_true(e == OK || e == ERR_NOMEM);
		scope_free(s);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_words),
		T(test_document_timestamp),
		T(test_byte_range),
		T(test_contents),
		T(test_cert),
		T(test_place),
		T(test_compressed),
		T(test_duplicate_keys),
		T(test_order),
		T(test_unsigned),
		T(test_shared),
		T(test_too_many),
		T(test_unreadable),
		T(test_docmdp),
		T(test_indirect_transforms),
		T(test_fieldmdp),
		T(test_too_many_references),
		T(test_stray),
		T(test_stray_in_older_revision),
		T(test_no_stray),
		T(test_many_strays),
		T(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
