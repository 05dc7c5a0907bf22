/* Signed files whose end cannot be read: what is found of them, and that it never counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_salvage.h"
#include "tests/support/office.h"

static struct paper *signed_paper(struct office *o)
{
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d, &(struct paper_signature){ .cms.by = "signer", .claimed = MINI_CA_NOW });
	return d;
}

static const char *path_of(const struct report_signature *sig)
{
	return sig->n_modifications ? sig->modifications[0].path : "";
}

/* The signed revision can be read, what was appended cannot: the forms in which published attacks
 * make readers rebuild the file. */
static void test_unreadable_update(void **state)
{
	static const char *const ends[] = {
		"1 0 obj\n<< /Type /Catalog >>\nendobj\nstartxref\n1\n%%EOF\n",
		"1 0 obj\n<< >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n7\n%%EOF\n",
		"xref\n0 0\ntrailer\n<< /Root 77 0 R /Size 1 >>\nstartxref\n99999999\n%%EOF\n",
		"xref\ntrailer\n<< >>\nstartxref\n18446744073709551615\n%%EOF",
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct paper *d = signed_paper(o);
		paper_append(d, ends[i]);
		const struct report *r = office_judge(o, d->document, true);
		assert_int_equal(r->n_signatures, 1);
		assert_string_equal(r->signatures[0].name, "Signature1");
		assert_true(r->signatures[0].digest_matches);
		assert_false(r->signatures[0].intact);
		assert_false(r->signatures[0].coverage.whole_file);
		assert_true(findings_has(&r->signatures[0].findings, FINDING_CHANGED_AFTERWARDS));
		assert_true(findings_has(&r->findings, FINDING_STRUCTURE_DAMAGED));
		assert_false(findings_has(&r->findings, FINDING_TRAILING_BYTES));
		assert_non_null(strstr(path_of(&r->signatures[0]), "cannot be read"));
		assert_int_equal(r->conclusion, CONCLUSION_TOTAL_FAILED);
	}
}

/* Overwrites what stands after the last `what`. */
static void overwrite(struct office *o, struct paper *d, const char *what, const char *with)
{
	size_t at = bytes_find_last(d->document, bytes_of_str(what), SIZE_MAX);
	struct buf b = buf_new(o->s, d->document.n);
	assert_int_not_equal(at, BYTES_NOT_FOUND);
	at += strlen(what);
	buf_add(&b, bytes_cut(d->document, 0, at));
	buf_add_str(&b, with);
	buf_add(&b, bytes_from(d->document, at + strlen(with)));
	assert_int_equal(buf_done(&b, &d->document), OK);
}

/* No beginning that can be read leads to the signature: it is found by its bytes. */
static void test_loose(void **state)
{
	struct office *o = *state;
	struct paper *d = signed_paper(o);
	overwrite(o, d, "startxref\n", "1");
	const struct report *r = office_judge(o, d->document, true);
	assert_int_equal(r->n_signatures, 1);
	const struct report_signature *sig = &r->signatures[0];
	assert_null(sig->name);
	assert_true(sig->signature_value_valid);
	assert_false(sig->intact);
	assert_false(sig->coverage.valid);
	assert_true(findings_has(&sig->findings, FINDING_STRUCTURE_DAMAGED));
	assert_int_equal(r->conclusion, CONCLUSION_TOTAL_FAILED);
}

/* A signature of a revision that can be read, and one of the end that cannot, each once. */
static void test_both(void **state)
{
	struct office *o = *state;
	struct paper *d = signed_paper(o);
	paper_sign(d, &(struct paper_signature){ .cms.by = "signer", .claimed = MINI_CA_NOW });
	overwrite(o, d, "startxref\n", "1");
	const struct report *r = office_judge(o, d->document, true);
	assert_int_equal(r->n_signatures, 2);
	assert_string_equal(r->signatures[0].name, "Signature1");
	assert_true(r->signatures[0].coverage.valid);
	assert_null(r->signatures[1].name);
	assert_false(r->signatures[0].intact);
	assert_false(r->signatures[1].intact);
}

/* Without a signature to speak of, a damaged file is no document. */
static void test_not_signed(void **state)
{
	static const char *const files[] = {
		"%PDF-1.7\nstartxref\n5\n%%EOF\n",
		"%PDF-1.7\n1 0 obj\n<< /ByteRange [0 1 2 3] >>\nendobj\nstartxref\n5\n%%EOF\n",
		"%PDF-1.7\n1 0 obj\n<< /ByteRange [0 1 2 3] /Contents\nstartxref\n5\n%%EOF\n",
		"%PDF-1.7\nobj<< /ByteRange [0 1 2 3] /Contents <00> >>\nendobj\n",
		"1 0 obj\n<< /ByteRange [0 1 2 3] /Contents <00> >>\nendobj\n",
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct scope *s = scope_new(0);
		struct validate_request q = { .document = bytes_of_str(files[i]),
			.policy = policy_default(),
			.at = (struct instant){ MINI_CA_NOW },
			.offline = true };
		struct report *r;
		assert_non_null(s);
		assert_int_equal(anchors_new(s, NULL, 0, &q.anchors), OK);
		assert_int_equal(validate_pdf(s, &o->w->world, &q, &r), ERR_FORMAT);
		scope_free(s);
	}
}

/* Objects that cannot be read do not hide the one after them; more signatures than any file has are
 * refused, as in a file that is intact. */
static void test_many(void **state)
{
	struct office *o = *state;
	const char *unreadable = "9 0 obj\n<< /ByteRange [0 1 2 3] /X (\n";
	const char *signature = "9 0 obj\n<< /ByteRange [0 1 2 3] /Contents <00> >>\nendobj\n";
	for (size_t n = LIMIT_PDF_SIGNATURES; n <= LIMIT_PDF_SIGNATURES + 1; n++) {
		struct buf b = buf_new(o->s, (size_t)1 << 20);
		struct pdf_signature_list list = { 0 };
		struct pdf_file *f;
		struct bytes file;
		buf_add_str(&b, "%PDF-1.7\n");
		buf_add_str(&b, unreadable);
		for (size_t i = 0; i < n; i++)
			buf_add_str(&b, signature);
		assert_int_equal(buf_done(&b, &file), OK);
		assert_int_equal(
		    pdf_salvage_open(o->s, file, &(struct pdf_crypt_means){ 0 }, &f), OK);
		assert_int_equal(pdf_signature_find_stray(o->s, f, &list), OK);
		assert_int_equal(pdf_salvage_signatures(o->s, f, &list),
		    n > LIMIT_PDF_SIGNATURES ? ERR_LIMIT : OK);
		assert_int_equal(list.n, n > LIMIT_PDF_SIGNATURES ? 0 : n);
	}
}

/* What is intact is not salvaged. */
static void test_sound(void **state)
{
	struct office *o = *state;
	struct paper *d = signed_paper(o);
	struct pdf_file *f;
	assert_int_equal(
	    pdf_salvage_open(o->s, d->document, &(struct pdf_crypt_means){ 0 }, &f), OK);
	assert_null(f->damage);
	assert_false(pdf_salvage_is_cut(f));
	assert_int_equal(
	    pdf_salvage_open(o->s, BYTES_LIT("none"), &(struct pdf_crypt_means){ 0 }, &f),
	    ERR_FORMAT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)
	const struct CMUnitTest tests[] = {
		T(test_unreadable_update),
		T(test_loose),
		T(test_both),
		T(test_not_signed),
		T(test_many),
		T(test_sound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
