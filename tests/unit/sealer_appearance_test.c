#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/font_sample.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

#define TEXT "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

/* Two by two, gray with alpha: black, half black, white, nothing. */
static const uint8_t png[] = { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00,
	0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x02, 0x08, 0x04,
	0x00, 0x00, 0x00, 0xd8, 0xbf, 0xc5, 0xaf, 0x00, 0x00, 0x00, 0x12, 0x49, 0x44, 0x41, 0x54,
	0x78, 0xda, 0x63, 0x60, 0xf8, 0xcf, 0xd0, 0xc0, 0xf0, 0xff, 0xff, 0x7f, 0x06, 0x00, 0x13,
	0xf9, 0x04, 0x7d, 0x1f, 0x07, 0xf1, 0x13, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44,
	0xae, 0x42, 0x60, 0x82 };

static struct bytes font;

static struct appearance_request look_request(struct office *o, enum look_template look)
{
	font = font_sample_read(o->s);
	return (struct appearance_request){ .look = look,
		.fonts = { .regular = &font, .n_regular = 1 },
		.barcode = look == LOOK_TEMPLATE_CODE ? BARCODE_KIND_QR : BARCODE_KIND_NONE,
		.barcode_data = bytes_of_str(look == LOOK_TEMPLATE_CODE ? TEXT : NULL) };
}

static enum err try_look(struct office *o, const struct appearance_request *look, const char *field,
    struct bytes document, struct bytes *ret_sealed)
{
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	struct seal_outcome outcome;
	scope_forgive(o->s);
	q.look = look;
	q.field = field;
	q.reason = "Approval of the filing";
	q.location = "Baku";
	return office_try(o, o->s, &q, false, document, ret_sealed, &outcome);
}

static struct bytes seal_look(struct office *o, const struct appearance_request *look,
    const char *field, struct bytes document)
{
	struct bytes sealed;
	if (try_look(o, look, field, document, &sealed) != OK)
		fail_msg("%s", scope_fault_text(o->s));
	return sealed;
}

/* The form of the seal in this field, of the latest revision. */
static const struct pdf_value *form_of(
    struct office *o, struct bytes sealed, const char *name, struct pdf_file **ret_f)
{
	struct pdf_signature_list list;
	const struct pdf_value *ap, *n;
	assert_int_equal(pdf_file_open(o->s, sealed, BYTES_NONE, ret_f), OK);
	assert_int_equal(pdf_signature_list(o->s, *ret_f, &list), OK);
	for (size_t i = 0; i < list.n; i++)
		if (strcmp(list.item[i].name, name) == 0) {
			const size_t rev = pdf_file_latest(*ret_f);
			assert_int_equal(
			    pdf_file_find(o->s, *ret_f, rev, list.item[i].field_dict, "AP", &ap),
			    OK);
			assert_int_equal(pdf_file_find(o->s, *ret_f, rev, ap, "N", &n), OK);
			assert_int_equal(n->kind, PDF_STREAM);
			return n;
		}
	fail_msg("no such seal");
	return NULL;
}

static const struct pdf_value *find(
    struct office *o, struct pdf_file *f, const struct pdf_value *v, const char *key)
{
	const struct pdf_value *found;
	assert_int_equal(pdf_file_find(o->s, f, pdf_file_latest(f), v, key, &found), OK);
	return found;
}

/* -- what is in the form -- */

static void test_form(void **state)
{
	struct office *o = *state;
	struct pdf_file *f;
	struct bytes content;
	struct appearance_request look = look_request(o, LOOK_TEMPLATE_TEXT);
	look.place = (struct placement){ .page = 1, .has_box = true, .box = { 50, 60, 220, 70 } };
	const struct bytes sealed = seal_look(o, &look, NULL, pdf_make_one_page(o->s));
	const struct pdf_value *form = form_of(o, sealed, "Signature1", &f);
	double width = 0;
	assert_true(pdf_value_number(find(o, f, form, "BBox")->array.item[2], &width));
	assert_true(width == 220);
	assert_int_equal(find(o, f, form, "Group")->kind, PDF_NULL);
	const struct pdf_value *r = find(o, f, form, "Resources");
	const struct pdf_value *rgb = find(o, f, find(o, f, r, "ColorSpace"), "DefaultRGB");
	assert_true(pdf_value_is_name(rgb->array.item[0], "ICCBased"));
	const struct pdf_value *type0 = find(o, f, find(o, f, r, "Font"), "F0");
	assert_true(pdf_value_is_name(find(o, f, type0, "Encoding"), "Identity-H"));
	/* No colour but RGB is set, which means what DefaultRGB says. */
	assert_int_equal(pdf_file_stream_data(o->s, f, 1, form, &content), OK);
	assert_int_not_equal(bytes_find(content, BYTES_LIT(" rg\n"), 0), BYTES_NOT_FOUND);
	assert_int_equal(bytes_find(content, BYTES_LIT(" g\n"), 0), BYTES_NOT_FOUND);
	assert_int_equal(bytes_find(content, BYTES_LIT(" k\n"), 0), BYTES_NOT_FOUND);
	assert_int_equal(bytes_find(content, BYTES_LIT(" gs\n"), 0), BYTES_NOT_FOUND);
}

/* Every look in every language, one after the other on one document: each may be added. */
static void test_looks_and_languages(void **state)
{
	struct office *o = *state;
	struct bytes document = pdf_make_one_page(o->s);
	size_t n = 0;
	for (int look = LOOK_TEMPLATE_TEXT; look <= LOOK_TEMPLATE_CODE; look++)
		for (int l = 0; l < LOOK_WORDS_LANGUAGES; l++, n++) {
			struct appearance_request q = look_request(o, (enum look_template)look);
			q.language = (enum look_words_language)l;
			if (look == LOOK_TEMPLATE_PICTURE || look == LOOK_TEMPLATE_BOTH)
				q.picture = bytes_of(png, sizeof(png));
			document = seal_look(o, &q, NULL, document);
		}
	const struct report *r = office_judge(o, document, false);
	assert_int_equal(r->n_signatures, n);
	for (size_t i = 0; i < n; i++)
		assert_true(r->signatures[i].intact);
}

static void test_same_request_same_form(void **state)
{
	struct office *o = *state;
	const struct appearance_request look = look_request(o, LOOK_TEMPLATE_OFFICIAL);
	struct pdf_file *f;
	struct bytes content[2];
	for (size_t i = 0; i < 2; i++) {
		const struct bytes sealed = seal_look(o, &look, NULL, pdf_make_one_page(o->s));
		const struct pdf_value *form = form_of(o, sealed, "Signature1", &f);
		assert_int_equal(pdf_file_stream_data(o->s, f, 1, form, &content[i]), OK);
	}
	assert_true(bytes_equal(content[0], content[1]));
}

/* -- where it goes -- */

static void test_existing_field(void **state)
{
	struct office *o = *state;
	struct pdf_file *f;
	struct bytes sealed;
	struct appearance_request look = look_request(o, LOOK_TEMPLATE_TEXT);
	/* The form has one empty field, with a box of its own. */
	sealed = seal_look(o, &look, NULL, pdf_make_form(o->s));
	form_of(o, sealed, "seal", &f);
	/* A place that is asked for needs a new field. */
	look.place.page = 1;
	sealed = seal_look(o, &look, NULL, pdf_make_form(o->s));
	form_of(o, sealed, "Signature1", &f);
	assert_int_equal(try_look(o, &look, "seal", pdf_make_form(o->s), &sealed), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(o->s), "has its place already"));
}

static void test_timestamps_stay_invisible(void **state)
{
	struct office *o = *state;
	struct seal_request q = mini_pki_request(o->p, SEAL_B_LTA);
	const struct appearance_request look = look_request(o, LOOK_TEMPLATE_TEXT);
	struct pdf_file *f;
	struct pdf_signature_list list;
	double right = 1;
	q.look = &look;
	const struct bytes sealed = office_seal(o, &q, pdf_make_one_page(o->s));
	assert_int_equal(office_judge(o, sealed, true)->conclusion, CONCLUSION_TOTAL_PASSED);
	assert_int_equal(pdf_file_open(o->s, sealed, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_signature_list(o->s, f, &list), OK);
	assert_int_equal(list.n, 2);
	assert_true(list.item[1].is_document_timestamp);
	const struct pdf_value *rect = find(o, f, list.item[1].field_dict, "Rect");
	assert_true(pdf_value_number(rect->array.item[2], &right) && right == 0);
}

/* -- what is refused -- */

static void assert_refused(
    struct office *o, const struct appearance_request *look, enum err wanted, const char *why)
{
	struct bytes sealed;
	assert_int_equal(try_look(o, look, NULL, pdf_make_one_page(o->s), &sealed), wanted);
	if (!strstr(scope_fault_text(o->s), why))
		fail_msg("%s", scope_fault_text(o->s));
}

/* A box that is too small is told of with one that is large enough. */
static void test_small_boxes(void **state)
{
	struct office *o = *state;
	for (int l = LOOK_TEMPLATE_TEXT; l <= LOOK_TEMPLATE_CODE; l++) {
		struct appearance_request look = look_request(o, (enum look_template)l);
		struct placement_box *box = &look.place.box;
		if (l == LOOK_TEMPLATE_PICTURE || l == LOOK_TEMPLATE_BOTH)
			look.picture = bytes_of(png, sizeof(png));
		look.place.page = 1;
		look.place.has_box = true;
		*box = (struct placement_box){ 10, 10, 0.9, 0.9 };
		assert_refused(o, &look, ERR_DENIED, "too small for the look");
		const char *at = strstr(scope_fault_text(o->s), "one of ");
		assert_non_null(at);
		assert_int_equal(sscanf(at, "one of %lf x %lf would do", &box->w, &box->h), 2);
		assert_true(box->w < 400 && box->h < 400);
		seal_look(o, &look, NULL, pdf_make_one_page(o->s));
	}
}

static void test_what_looks_need(void **state)
{
	struct office *o = *state;
	struct appearance_request look = look_request(o, LOOK_TEMPLATE_PICTURE);
	assert_refused(o, &look, ERR_DENIED, "needs a picture");
	look.look = LOOK_TEMPLATE_BOTH;
	assert_refused(o, &look, ERR_DENIED, "needs a picture");
	look.look = LOOK_TEMPLATE_CODE;
	assert_refused(o, &look, ERR_DENIED, "needs a barcode");
	look.look = LOOK_TEMPLATE_TEXT;
	look.picture = bytes_of(png, sizeof(png));
	assert_refused(o, &look, ERR_DENIED, "shows no picture");
	look.picture = BYTES_NONE;
	look.barcode = BARCODE_KIND_CODE128;
	look.barcode_data = BYTES_LIT("12");
	look.look = LOOK_TEMPLATE_STRIP;
	assert_refused(o, &look, ERR_DENIED, "shows no barcode");
	look.look = LOOK_TEMPLATE_TEXT;
	look.barcode_data = BYTES_LIT("\xff");
	assert_refused(o, &look, ERR_UNSUPPORTED, "");
	look.barcode = BARCODE_KIND_NONE;
	look.note = "\xe4\xbd\xa0\xe5\xa5\xbd";
	assert_refused(o, &look, ERR_UNSUPPORTED, "U+4F60");
	look.note = NULL;
	look.fonts.n_regular = 0;
	assert_refused(o, &look, ERR_MISUSE, "needs a font");
	look.fonts.n_regular = 1;
	look.place.page = 2;
	assert_refused(o, &look, ERR_DENIED, "there is no page 2");
}

/* Where memory runs out, nothing but that is told, and no seal comes out. */
static void test_no_memory(void **state)
{
	struct office *o = *state;
	struct appearance_request look = look_request(o, LOOK_TEMPLATE_OFFICIAL);
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	const struct bytes document = pdf_make_one_page(o->s);
	struct seal_outcome outcome;
	struct bytes sealed;
	look.barcode = BARCODE_KIND_QR;
	look.barcode_data = bytes_of_str(TEXT);
	look.picture = bytes_of(png, sizeof(png));
	q.look = &look;
	q.skip_self_check = true;
	enum err err = ERR_NOMEM;
	for (size_t n = 1; err != OK; n += 1 + n / 24) {
		struct scope *s = scope_new(0);
		scope_fail_after(s, n);
		err = office_try(o, s, &q, false, document, &sealed, &outcome);
		if (err != OK && err != ERR_NOMEM)
			fail_msg("allocation %zu: %s", n, scope_fault_text(s));
		scope_free(s);
		assert_true(n < 10000000);
	}
}

/* -- PDF/A -- */

#define PDFA(part)                                                                                 \
	"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "       \
	"xmlns:p='http://www.aiim.org/pdfa/ns/id/' p:part='" part                                  \
	"' p:conformance='B'/></rdf:RDF>"

static struct bytes pdfa(struct scope *s, const char *xmp, const char *catalog)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.4");
	pdf_make_objectf(m, 1, "<< /Type /Catalog /Pages 2 0 R /Metadata 4 0 R %s >>", catalog);
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(m, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>");
	pdf_make_stream(m, 4, "/Type /Metadata /Subtype /XML", bytes_of_str(xmp));
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static bool has_soft_mask(struct office *o, struct bytes sealed)
{
	struct pdf_file *f;
	const struct pdf_value *form = form_of(o, sealed, "Signature1", &f);
	const struct pdf_value *r = find(o, f, form, "Resources");
	const struct pdf_value *image = find(o, f, find(o, f, r, "XObject"), "I0");
	assert_int_equal(image->kind, PDF_STREAM);
	return find(o, f, image, "SMask")->kind != PDF_NULL;
}

/* Never in part 1; in the others, where an output intent says how colours blend. */
static void test_transparency_in_pdfa(void **state)
{
	static const struct {
		const char *xmp, *catalog;
		bool may;
	} rows[] = { { "", "", true }, { PDFA("1"), "", false },
		{ PDFA("1"), "/OutputIntents [<< >>]", false }, { PDFA("2"), "", false },
		{ PDFA("2"), "/OutputIntents []", false },
		{ PDFA("2"), "/OutputIntents [<< >>]", true },
		{ PDFA("4"), "/OutputIntents [<< >>]", true }, { PDFA("4"), "", false } };
	struct office *o = *state;
	struct appearance_request look = look_request(o, LOOK_TEMPLATE_PICTURE);
	look.picture = bytes_of(png, sizeof(png));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct bytes file = pdfa(o->s, rows[i].xmp, rows[i].catalog);
		assert_int_equal(has_soft_mask(o, seal_look(o, &look, NULL, file)), rows[i].may);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_form),
		TEST(test_looks_and_languages),
		TEST(test_same_request_same_form),
		TEST(test_existing_field),
		TEST(test_timestamps_stay_invisible),
		TEST(test_small_boxes),
		TEST(test_what_looks_need),
		TEST(test_no_memory),
		TEST(test_transparency_in_pdfa),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
