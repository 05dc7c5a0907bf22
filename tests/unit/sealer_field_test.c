#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "sealer/field.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

#define PAGE "/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792]"
#define FIELD "/Type /Annot /Subtype /Widget /P 3 0 R /Rect [9 9 99 99] /FT"

struct sample {
	const char *catalog, *page; /* what else stands in them */
	const char *six, *seven, *eight, *nine;
};

static struct bytes file_of(struct scope *s, const struct sample *x)
{
	const char *const bodies[] = { x->six, x->seven, x->eight, x->nine };
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	pdf_make_objectf(m, 1, "<< /Type /Catalog /Pages 2 0 R %s >>", x->catalog);
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>");
	pdf_make_objectf(m, 3, "<< " PAGE " %s >>", x->page ? x->page : "");
	pdf_make_objectf(m, 4, "<< " PAGE " %s >>", x->page ? x->page : "");
	for (uint32_t i = 0; i < 4; i++)
		if (bodies[i])
			pdf_make_object(m, 6 + i, bodies[i]);
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static enum err seal_as(
    struct office *o, const struct sample *x, const char *field, struct bytes *ret_sealed)
{
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	struct seal_outcome outcome;
	q.field = field;
	scope_forgive(o->s);
	return office_try(o, o->s, &q, false, file_of(o->s, x), ret_sealed, &outcome);
}

/* Sealed, sound, in this field; and a second seal and an archive timestamp go on top. */
static struct bytes assert_sealed_as(
    struct office *o, const struct sample *x, const char *wanted, const char *name)
{
	struct bytes sealed;
	if (seal_as(o, x, wanted, &sealed) != OK)
		fail_msg("%s", scope_fault_text(o->s));
	const struct report *r = office_judge(o, sealed, false);
	assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
	assert_int_equal(r->n_signatures, 1);
	assert_string_equal(r->signatures[0].name, name);
	const struct seal_request more = mini_pki_request(o->p, SEAL_B_LTA);
	r = office_judge(o, office_seal(o, &more, sealed), true);
	assert_int_equal(r->n_signatures, 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(r->signatures[i].intact);
	return sealed;
}

static void assert_refused(
    struct office *o, const struct sample *x, const char *field, enum err wanted)
{
	struct bytes sealed;
	assert_int_equal(seal_as(o, x, field, &sealed), wanted);
}

/* -- where the form stands -- */

static void test_forms(void **state)
{
	static const struct sample samples[] = {
		{ .catalog = "" },
		{ .catalog = "/AcroForm << >>" },
		{ .catalog = "/AcroForm << /Fields [] >>" },
		{ .catalog = "/AcroForm << /Fields 6 0 R >>", .six = "[]" },
		{ .catalog = "/AcroForm 6 0 R", .six = "<< /Fields [] /SigFlags 1 >>" },
		{ .catalog = "/AcroForm 6 0 R", .six = "<< /Fields 7 0 R >>", .seven = "[]" },
		{ .catalog = "/AcroForm 6 0 R", .six = "<< /SigFlags 7 0 R >>", .seven = "1" },
		{ .catalog = "/AcroForm null" },
		{ .catalog = "/AcroForm 77 0 R" },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_sealed_as(o, &samples[i], NULL, "Signature1");
}

/* -- where the page keeps its annotations -- */

static const char note[] = "<< /Type /Annot /Subtype /Text /Contents (n) /Rect [1 1 2 2] >>";

static void test_annots(void **state)
{
	static const struct sample samples[] = {
		{ .catalog = "", .page = "/Annots [8 0 R]", .eight = note },
		{ .catalog = "", .page = "/Annots [<< /Subtype /Text /Rect [0 0 1 1] >>]" },
		{ .catalog = "", .page = "/Annots null" },
		/* One array for both pages. */
		{ .catalog = "", .page = "/Annots 7 0 R", .seven = "[8 0 R]", .eight = note },
		{ .catalog = "", .page = "/Annots 7 0 R", .seven = "[]" },
		{ .catalog = "", .page = "/Annots 77 0 R" },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_sealed_as(o, &samples[i], NULL, "Signature1");
}

/* A shared array gets no second page's widget. */
static void test_shared_annots_stay_apart(void **state)
{
	static const struct sample x = {
		.catalog = "", .page = "/Annots 7 0 R", .seven = "[8 0 R]", .eight = note
	};
	struct office *o = *state;
	struct bytes sealed;
	struct pdf_file *f;
	struct pdf_ref ref;
	const struct pdf_value *page, *annots;
	assert_int_equal(seal_as(o, &x, NULL, &sealed), OK);
	assert_int_equal(pdf_file_open(o->s, sealed, BYTES_NONE, &f), OK);
	static const size_t wanted[] = { 2, 1 };
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(pdf_file_page(o->s, f, 1, i, &ref, &page), OK);
		assert_int_equal(pdf_file_find(o->s, f, 1, page, "Annots", &annots), OK);
		assert_int_equal(annots->array.n, wanted[i]);
	}
}

/* -- which field -- */

static const struct sample one_empty = { .catalog = "/AcroForm << /Fields [7 0 R 8 0 R] >>",
	.seven = "<< " FIELD " /Tx /T (name) >>",
	.eight = "<< " FIELD " /Sig /T (here) >>" };
static const struct sample two_empty = { .catalog = "/AcroForm << /Fields [7 0 R 8 0 R] >>",
	.seven = "<< " FIELD " /Sig /T (a) >>",
	.eight = "<< " FIELD " /Sig /T (b) >>" };
static const struct sample asking = { .catalog = "/AcroForm << /Fields [8 0 R] >>",
	.eight = "<< " FIELD " /Sig /T (here) /SV << /Type /SV /Ff 1 >> >>" };
static const struct sample nested = { .catalog = "/AcroForm << /Fields [7 0 R] >>",
	.seven = "<< /T (deed) /Kids [8 0 R] >>",
	.eight = "<< " FIELD " /Sig /T (seal) /Parent 7 0 R >>" };
static const struct sample numbered = { .catalog = "/AcroForm << /Fields [7 0 R 8 0 R] >>",
	.seven = "<< " FIELD " /Tx /T (Signature1) >>",
	.eight = "<< " FIELD " /Tx /T (Signature3) >>" };

static void test_field_by_itself(void **state)
{
	struct office *o = *state;
	assert_sealed_as(o, &one_empty, NULL, "here");
	assert_sealed_as(o, &two_empty, NULL, "Signature1");
	/* One that asks for something special is not taken unasked. */
	assert_sealed_as(o, &asking, NULL, "Signature1");
	assert_sealed_as(o, &nested, NULL, "deed.seal");
	assert_sealed_as(o, &numbered, NULL, "Signature2");
}

/* Field and widget in one or apart, with what a field inherits and what it shows. */
static void test_kinds_of_fields(void **state)
{
#define FORM .catalog = "/AcroForm << /Fields [7 0 R] >>", .page = "/Annots [8 0 R]"
#define WIDGET "/Type /Annot /Subtype /Widget /P 3 0 R /Rect [9 9 99 99]"
	static const struct {
		struct sample x;
		const char *name;
	} cases[] = {
		{ { FORM, .seven = "<< /FT /Sig /T (here) /Kids [8 0 R] >>",
		      .eight = "<< " WIDGET " /Parent 7 0 R >>" },
		    "here" },
		{ { FORM, .seven = "<< /FT /Sig /T (deed) /Kids [8 0 R] >>",
		      .eight = "<< " WIDGET " /T (seal) /Parent 7 0 R >>" },
		    "deed.seal" },
		{ { FORM, .six = "<< /FT /Sig /T (a) /Parent 7 0 R /Kids [8 0 R] >>",
		      .seven = "<< /T (deed) /Kids [6 0 R] >>",
		      .eight = "<< " WIDGET " /Parent 6 0 R >>" },
		    "deed.a" },
		{ { FORM, .seven = "<< /FT /Sig /T (twice) /Kids [8 0 R 9 0 R] >>",
		      .eight = "<< " WIDGET " /Parent 7 0 R >>",
		      .nine = "<< " WIDGET " /Parent 7 0 R >>" },
		    "twice" },
		{ { FORM, .seven = "<< " FIELD " /Sig /T (here) /V null >>", .eight = "null" },
		    "here" },
		{ { FORM, .seven = "<< " FIELD " /Sig /T (here) /V 77 0 R >>", .eight = "null" },
		    "here" },
		{ { FORM, .seven = "<< " FIELD " /Sig /T (hidden) /F 2 >>", .eight = "null" },
		    "hidden" },
		{ { FORM, .seven = "<< " FIELD " /Sig /T (here) /Ff 2 >>", .eight = "null" },
		    "here" },
		{ { FORM, .seven = "<< /FT /Sig /T (nowhere) >>", .eight = "null" }, "nowhere" },
	};
#undef FORM
#undef WIDGET
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_sealed_as(o, &cases[i].x, cases[i].name, cases[i].name);
		assert_sealed_as(o, &cases[i].x, NULL, cases[i].name);
	}
}

/* A visible field that is sealed without a look of its own keeps its place and what it showed. */
static void test_widget_stays(void **state)
{
	static const struct sample x = { .catalog = "/AcroForm << /Fields [7 0 R] >>",
		.page = "/Annots [7 0 R]",
		.seven = "<< " FIELD " /Sig /T (here) /F 4 /MK << /BG [1] >> /AP << /N 8 0 R >> >>",
		.eight = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >>\n"
			 "stream\n\nendstream" };
	static const char *const kept[] = { "Rect", "AP", "MK", "F", "T", "P" };
	struct office *o = *state;
	struct bytes sealed = assert_sealed_as(o, &x, "here", "here");
	struct pdf_file *f;
	const struct pdf_value *before, *after;
	assert_int_equal(pdf_file_open(o->s, sealed, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_file_object(o->s, f, 0, (struct pdf_ref){ 7, 0 }, &before), OK);
	assert_int_equal(pdf_file_object(o->s, f, 1, (struct pdf_ref){ 7, 0 }, &after), OK);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_true(pdf_value_equal(
		    pdf_value_find(before, kept[i]), pdf_value_find(after, kept[i])));
	assert_non_null(pdf_value_find(after, "V"));
	assert_int_equal(after->dict.n, before->dict.n + 1);
}

static void test_field_by_name(void **state)
{
	struct office *o = *state;
	assert_sealed_as(o, &one_empty, "here", "here");
	assert_sealed_as(o, &one_empty, "elsewhere", "elsewhere");
	assert_sealed_as(o, &two_empty, "b", "b");
	assert_sealed_as(o, &asking, "here", "here");
	assert_sealed_as(o, &nested, "deed.seal", "deed.seal");
	assert_sealed_as(o, &one_empty,
	    "\xc3\x9c"
	    "bergabe",
	    "\xc3\x9c"
	    "bergabe");
}

static void test_names_that_are_taken(void **state)
{
	struct office *o = *state;
	assert_refused(o, &one_empty, "name", ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(o->s), "not an empty signature field"));
	assert_refused(o, &nested, "deed", ERR_DENIED);
	/* A new field is not put below another one. */
	assert_refused(o, &nested, "deed.other", ERR_DENIED);
	assert_refused(o, &one_empty, "new.one", ERR_DENIED);
	assert_refused(o, &one_empty, "", ERR_DENIED);
	struct bytes sealed;
	struct seal_outcome outcome;
	assert_int_equal(seal_as(o, &one_empty, "here", &sealed), OK);
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	q.field = "here";
	assert_int_equal(office_try(o, o->s, &q, false, sealed, &sealed, &outcome), ERR_DENIED);
	assert_string_equal(scope_fault_text(o->s), "field \"here\" is signed already");
}

/* -- a field's lock becomes the signature's -- */

static void test_locks(void **state)
{
	static const struct sample locked = { .catalog = "/AcroForm << /Fields [7 0 R 8 0 R] >>",
		.seven = "<< " FIELD " /Tx /T (name) >>",
		.eight = "<< " FIELD " /Sig /T (here) /Lock << /Type /SigFieldLock "
			 "/Action /Include /Fields [(name)] >> >>" };
	struct office *o = *state;
	struct bytes sealed;
	struct pdf_file *f;
	struct pdf_signature_list list;
	assert_int_equal(seal_as(o, &locked, "here", &sealed), OK);
	assert_int_equal(pdf_file_open(o->s, sealed, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_signature_list(o->s, f, &list), OK);
	assert_int_equal(list.item[0].fieldmdp.action, PDF_FIELDMDP_INCLUDE);
	assert_int_equal(list.item[0].fieldmdp.n_fields, 1);
	assert_string_equal(list.item[0].fieldmdp.fields[0], "name");
	/* Filling the locked field is noticed, another seal is not disturbed. */
	const struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	assert_int_equal(office_judge(o, office_seal(o, &q, sealed), false)->conclusion,
	    CONCLUSION_TOTAL_PASSED);
}

static void test_no_page_of_its_own(void **state)
{
	struct office *o = *state;
	struct pdf_make *m = pdf_make_new(o->s);
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	struct seal_outcome outcome;
	struct bytes sealed;
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [<< " PAGE " >>] /Count 1 >>");
	pdf_make_table(m, "/Root 1 0 R");
	assert_int_equal(
	    office_try(o, o->s, &q, false, pdf_make_done(m), &sealed, &outcome), ERR_UNSUPPORTED);
}

/* -- where a look goes -- */

/* Places a field with a look of object 9 on the second page, and gives its widget as it is then. */
static const struct pdf_value *widget_with_look(struct office *o, const struct sample *x,
    const char *wanted, bool fresh, struct pdf_file **ret_f)
{
	const struct bytes file = file_of(o->s, x);
	const struct appearance look = {
		.page = { 4, 0 }, .rect = { 10, 20.5, 110, 60 }, .normal = { 9, 0 }
	};
	struct field_place place = { .look = &look, .fresh = fresh };
	struct pdf_signature_list list;
	struct pdf_update *u;
	struct pdf_update_result r;
	struct buf b = buf_new(o->s, 1 << 20);
	struct bytes all;
	assert_int_equal(pdf_file_open(o->s, file, BYTES_NONE, ret_f), OK);
	assert_int_equal(pdf_signature_list(o->s, *ret_f, &list), OK);
	assert_int_equal(pdf_update_new(o->s, *ret_f, BYTES_NONE, &u), OK);
	assert_int_equal(field_place(o->s, *ret_f, &list, u, wanted, false, &place), OK);
	assert_int_equal(pdf_update_close(u, &r), OK);
	buf_add(&b, file);
	buf_add(&b, bytes_of(r.p, r.n));
	assert_int_equal(buf_done(&b, &all), OK);
	assert_int_equal(pdf_file_open(o->s, all, BYTES_NONE, ret_f), OK);
	assert_int_equal(pdf_signature_list(o->s, *ret_f, &list), OK);
	for (size_t i = 0; i < list.n_unsigned; i++)
		if (strcmp(list.unsigned_fields[i].name, place.name) == 0) {
			struct pdf_ref ref;
			const struct pdf_value *dict;
			assert_int_equal(
			    field_widget(o->s, *ret_f, &list.unsigned_fields[i], &ref, &dict), OK);
			return dict;
		}
	fail_msg("no such field");
	return NULL;
}

static void assert_rect(const struct pdf_value *widget, double left, double top)
{
	const struct pdf_value *rect = pdf_value_find(widget, "Rect");
	double l = 0, t = 0;
	assert_true(pdf_value_number(rect->array.item[0], &l));
	assert_true(pdf_value_number(rect->array.item[3], &t));
	assert_true(l == left && t == top);
}

static void test_look_of_a_new_field(void **state)
{
	static const struct sample plain = { .catalog = "", .nine = "<< >>" };
	struct sample one = one_empty;
	struct office *o = *state;
	struct pdf_file *f;
	struct pdf_ref page;
	const struct pdf_value *dict, *annots, *w = widget_with_look(o, &plain, NULL, false, &f);
	assert_rect(w, 10, 60);
	assert_true(pdf_value_is_ref_to(pdf_value_find(w, "P"), (struct pdf_ref){ 4, 0 }));
	assert_true(pdf_value_is_ref_to(
	    pdf_value_find(pdf_value_find(w, "AP"), "N"), (struct pdf_ref){ 9, 0 }));
	assert_int_equal(pdf_file_page(o->s, f, 1, 1, &page, &dict), OK);
	assert_int_equal(pdf_file_find(o->s, f, 1, dict, "Annots", &annots), OK);
	assert_int_equal(annots->array.n, 1);
	assert_int_equal(pdf_file_page(o->s, f, 1, 0, &page, &dict), OK);
	assert_null(pdf_value_find(dict, "Annots"));
	/* Asked for, a new field is made though one is empty. */
	one.nine = "<< >>";
	assert_rect(widget_with_look(o, &one, NULL, true, &f), 10, 60);
}

/* The box of a field that is there stays; a widget of its own is found. */
static void test_look_of_an_existing_field(void **state)
{
	static const struct sample apart = { .catalog = "/AcroForm << /Fields [7 0 R] >>",
		.seven = "<< /FT /Sig /T (deed) /Kids [8 0 R] >>",
		.eight = "<< /Type /Annot /Subtype /Widget /Rect [9 9 99 99] /Parent 7 0 R >>",
		.nine = "<< >>" };
	struct sample one = one_empty;
	const struct sample *const samples[] = { &one, &apart };
	struct office *o = *state;
	struct pdf_file *f;
	one.nine = "<< >>";
	for (size_t i = 0; i < 2; i++) {
		const struct pdf_value *w = widget_with_look(o, samples[i], NULL, false, &f);
		assert_rect(w, 9, 99);
		assert_true(pdf_value_is_ref_to(
		    pdf_value_find(pdf_value_find(w, "AP"), "N"), (struct pdf_ref){ 9, 0 }));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_forms),
		TEST(test_annots),
		TEST(test_shared_annots_stay_apart),
		TEST(test_field_by_itself),
		TEST(test_kinds_of_fields),
		TEST(test_widget_stays),
		TEST(test_field_by_name),
		TEST(test_names_that_are_taken),
		TEST(test_locks),
		TEST(test_look_of_a_new_field),
		TEST(test_look_of_an_existing_field),
		TEST(test_no_page_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
