/* What a process that was taken over by its document could hand in instead of the seal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/scope.h"
#include "sealer/witness.h"
#include "tests/support/office.h"
#include "tests/support/paper.h"
#include "tests/support/pdf_make.h"
#include "validator/document.h"

#define FIELD "Signature1"

static struct seal_request request(struct office *o, enum seal_level level)
{
	return mini_pki_request(o->p, level);
}

static void assert_witnessed(
    struct office *o, const struct seal_request *q, struct bytes original, struct bytes sealed)
{
	if (office_witness(o, q, original, sealed, FIELD) != OK)
		fail_msg("%s", scope_fault_text(o->s));
}

static void assert_refused_as(struct office *o, enum err wanted, const struct seal_request *q,
    struct bytes original, struct bytes sealed, const char *why)
{
	const enum err e = office_witness(o, q, original, sealed, FIELD);
	if (e != wanted || !strstr(scope_fault_text(o->s), why))
		fail_msg("%s: %s", err_name(e), scope_fault_text(o->s));
	scope_forgive(o->s);
}

static void assert_refused(struct office *o, const struct seal_request *q, struct bytes original,
    struct bytes sealed, const char *why)
{
	assert_refused_as(o, ERR_DENIED, q, original, sealed, why);
}

/* The document, changed by an update. */
static struct bytes changed(struct office *o, struct bytes document, const char *how)
{
	struct paper d = { .s = o->s, .pki = o->p, .document = document };
	paper_change(&d, how);
	return d.document;
}

static void test_seals_of_every_level(void **state)
{
	struct office *o = *state;
	const struct bytes document = pdf_make_one_page(o->s);
	for (int level = SEAL_B_B; level <= SEAL_B_LTA; level++) {
		const struct seal_request q = request(o, (enum seal_level)level);
		assert_witnessed(o, &q, document, office_seal(o, &q, document));
	}
}

/* Changed before the seal: what the officer saw is in the file, and is not what is sealed. */
static void test_a_document_that_was_changed_before(void **state)
{
	static const char *const ways[] = { "page", "content", "annotation", "overlay", "script",
		"field", "fill", "info" };
	struct office *o = *state;
	const struct bytes document = pdf_make_form(o->s);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct seal_request q = request(o, i % 2 ? SEAL_B_LTA : SEAL_B_B);
		q.field = FIELD;
		const struct bytes other = changed(o, document, ways[i]);
		const struct bytes sealed = office_seal(o, &q, other);
		assert_witnessed(o, &q, other, sealed);
		assert_refused(o, &q, document, sealed, "changed while it was sealed");
	}
}

/* A whole other document behind the first, which no reader looks at any more. */
static void test_a_document_that_is_left_behind(void **state)
{
	struct office *o = *state;
	const struct seal_request q = request(o, SEAL_B_B);
	const struct bytes document = pdf_make_one_page(o->s);
	struct pdf_make *both = pdf_make_new(o->s);
	pdf_make_octets(both, document);
	pdf_make_object(both, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(both, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(both, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>");
	pdf_make_table(both, "/Root 1 0 R");
	const struct bytes sealed = office_seal(o, &q, pdf_make_done(both));
	assert_refused(o, &q, document, sealed, "does not go on from");
}

/* What follows the end of a document was there before the seal. */
static void test_a_document_with_a_tail(void **state)
{
	struct office *o = *state;
	const struct seal_request q = request(o, SEAL_B_LTA);
	struct pdf_make *m = pdf_make_new(o->s);
	pdf_make_octets(m, pdf_make_one_page(o->s));
	pdf_make_raw(m, "\nsomething that a mail gateway left\n");
	const struct bytes document = pdf_make_done(m);
	assert_witnessed(o, &q, document, office_seal(o, &q, document));
}

/* One that has to be repaired is sealed with its repair, which anybody makes the same. */
static void test_a_damaged_document(void **state)
{
	struct office *o = *state;
	const struct seal_request q = request(o, SEAL_B_T);
	const struct bytes whole = pdf_make_one_page(o->s);
	const size_t at = bytes_find(whole, BYTES_LIT("startxref"), 0);
	uint8_t *octets = scope_alloc(o->s, whole.n);
	assert_non_null(octets);
	memcpy(octets, whole.p, whole.n);
	octets[at + 10] = '9'; /* the cross-references are not there */
	const struct bytes document = bytes_of(octets, whole.n);
	const struct bytes sealed = office_seal(o, &q, document);
	assert_witnessed(o, &q, document, sealed);
	assert_refused(o, &q, document, office_seal(o, &q, whole), "does not begin with");
}

static void test_another_document(void **state)
{
	struct office *o = *state;
	const struct seal_request q = request(o, SEAL_B_T);
	const struct bytes document = pdf_make_one_page(o->s);
	const struct bytes other = pdf_make_compressed(o->s);
	assert_refused(o, &q, document, office_seal(o, &q, other), "does not begin with");
	assert_refused(o, &q, document, document, "the seal is not there");
	assert_refused(o, &q, document, BYTES_NONE, "does not begin with");
}

static void test_the_seal_of_another_key(void **state)
{
	struct office *o = *state;
	struct seal_request q = request(o, SEAL_B_LT);
	const struct bytes document = pdf_make_one_page(o->s);
	const struct bytes sealed = office_seal(o, &q, document);
	q.key = mini_pki_key(o->p, "other");
	assert_refused(o, &q, document, sealed, "not by the key");
}

/* A seal that was there before is not the one that was asked for. */
static void test_an_old_seal(void **state)
{
	struct office *o = *state;
	struct seal_request q = request(o, SEAL_B_T);
	const struct bytes once = office_seal(o, &q, pdf_make_one_page(o->s));
	assert_refused(o, &q, once, once, "not over the document");
	q.field = NULL;
	const struct bytes twice = office_seal(o, &q, once);
	assert_refused(o, &q, once, twice, "not over the document");
	assert_int_equal(office_witness(o, &q, once, twice, "Signature2"), OK);
	assert_refused(o, &q, pdf_make_one_page(o->s), twice, "not one signature");
}

/* A level that is not reached, or more than was asked for. */
static void test_another_level(void **state)
{
	struct office *o = *state;
	const struct seal_request low = request(o, SEAL_B_T), high = request(o, SEAL_B_LTA);
	const struct bytes document = pdf_make_one_page(o->s);
	assert_refused_as(o, ERR_NET, &high, document, office_seal(o, &low, document), "");
	assert_refused(
	    o, &low, document, office_seal(o, &high, document), "not one signature was added");
}

static void test_what_is_added_afterwards(void **state)
{
	struct office *o = *state;
	const struct seal_request q = request(o, SEAL_B_T);
	const struct bytes document = pdf_make_one_page(o->s);
	const struct bytes sealed = office_seal(o, &q, document);
	assert_refused_as(o, ERR_DENIED, &q, document, changed(o, sealed, "page"), "seal: ");
	struct buf b = buf_new(o->s, 1 << 20);
	struct bytes longer;
	buf_add(&b, sealed);
	buf_add_str(&b, "a secret that was to be carried out");
	assert_int_equal(buf_done(&b, &longer), OK);
	assert_refused_as(o, ERR_DENIED, &q, document, longer, "seal: ");
}

/* Wherever an octet of what was appended is another one, somebody notices: but in the CMS, where
 * not all is signed. */
static void test_octets_that_were_altered(void **state)
{
	struct office *o = *state;
	const struct seal_request q = request(o, SEAL_B_T);
	const struct bytes document = pdf_make_one_page(o->s);
	const struct bytes sealed = office_seal(o, &q, document);
	const struct report *judged = office_judge(o, sealed, false);
	const struct pdf_signature *sig = judged->signatures[0].facts->pdf;
	const size_t cms = sig->contents_start + 1, cms_end = cms + 2 * sig->cms.n;
	uint8_t *p = scope_alloc(o->s, sealed.n);
	assert_non_null(p);
	memcpy(p, sealed.p, sealed.n);
	for (size_t at = document.n; at < sealed.n; at += 41) {
		struct scope *s = scope_new(0);
		const struct witness_request w = { &q, document, bytes_of(p, sealed.n), FIELD,
			q.key->cert };
		struct report *r;
		p[at] ^= 1;
		if ((at < cms || at >= cms_end) && witness_check(s, &o->w->world, &w, &r) == OK)
			fail_msg("octet %zu of %zu", at, sealed.n);
		p[at] ^= 1;
		scope_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, office_setup, office_teardown)
		T(test_seals_of_every_level),
		T(test_a_document_that_was_changed_before),
		T(test_a_document_that_is_left_behind),
		T(test_a_document_with_a_tail),
		T(test_a_damaged_document),
		T(test_another_document),
		T(test_the_seal_of_another_key),
		T(test_an_old_seal),
		T(test_another_level),
		T(test_what_is_added_afterwards),
		T(test_octets_that_were_altered),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
