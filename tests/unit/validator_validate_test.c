#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/cms_build.h"
#include "formats/der.h"
#include "formats/pdf_signature.h"
#include "formats/pdf_update.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

static struct validate_request request(struct office *o, struct bytes document)
{
	return (struct validate_request){ .name = "x.pdf",
		.document = document,
		.anchors = mini_pki_anchors(o->p, "root"),
		.policy = policy_default(),
		.at = o->w->now };
}

/* The evidence that one judgement gathered, handed to another one offline, gives the same report:
 * a verdict can be replayed. */
static void test_replay(void **state)
{
	struct office *o = *state;
	struct report *online, *offline;
	struct bytes a, b;
	struct validate_request q = request(o, office_sealed(o, SEAL_B_T));
	assert_int_equal(evidence_new(o->s, &q.evidence), OK);
	assert_int_equal(validate_pdf(o->s, &o->w->world, &q, &online), OK);
	assert_int_equal(online->conclusion, CONCLUSION_TOTAL_PASSED);
	q.offline = true;
	assert_int_equal(validate_pdf(o->s, NULL, &q, &offline), OK);
	assert_int_equal(report_json(o->s, online, false, &a), OK);
	assert_int_equal(report_json(o->s, offline, false, &b), OK);
	assert_true(bytes_equal(a, b));
	/* The items that it rested on are enough, too. */
	struct evidence *kept;
	assert_int_equal(evidence_new(o->s, &kept), OK);
	for (size_t i = 0; i < online->items->n_certs; i++)
		assert_int_equal(evidence_add_cert_der(
				     o->s, kept, online->items->certs[i].cert->der, EVIDENCE_GIVEN),
		    OK);
	for (size_t i = 0; i < online->items->n_crls; i++)
		assert_int_equal(evidence_add_crl_der(o->s, kept, online->items->crls[i].crl->der,
				     EVIDENCE_GIVEN, NULL),
		    OK);
	for (size_t i = 0; i < online->items->n_ocsps; i++)
		assert_int_equal(
		    evidence_add_ocsp_der(o->s, kept, online->items->ocsps[i].response->der,
			EVIDENCE_GIVEN, NULL, NULL),
		    OK);
	q.evidence = kept;
	assert_int_equal(validate_pdf(o->s, NULL, &q, &offline), OK);
	assert_int_equal(report_json(o->s, offline, false, &b), OK);
	assert_true(bytes_equal(a, b));
}

/* Offline nobody is asked, even with a world. */
static void test_offline(void **state)
{
	struct office *o = *state;
	struct report *r;
	struct validate_request q = request(o, office_sealed(o, SEAL_B_B));
	q.offline = true;
	unsigned before = o->w->asked;
	assert_int_equal(validate_pdf(o->s, &o->w->world, &q, &r), OK);
	assert_int_equal(o->w->asked, before);
	assert_int_equal(r->conclusion, CONCLUSION_INDETERMINATE);
}

static void test_what_is_no_document(void **state)
{
	struct office *o = *state;
	struct report *r;
	static const char *const texts[] = { "", "%PDF-1.7", "<html>" };
	for (size_t i = 0; i < 3; i++) {
		struct validate_request q = request(o, bytes_of_str(texts[i]));
		assert_int_equal(validate_pdf(o->s, &o->w->world, &q, &r), ERR_FORMAT);
		scope_forgive(o->s);
	}
}

static void test_counts(void **state)
{
	struct office *o = *state;
	const struct report *r = office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	/* signer, ca, root, tsa, ca-ocsp; OCSP about signer, tsa, ca; two timestamps. */
	assert_int_equal(r->evidence.certificates, 5);
	assert_int_equal(r->evidence.ocsp_responses, 3);
	assert_int_equal(r->evidence.crls, 0);
	assert_int_equal(r->evidence.timestamps, 2);
	assert_int_equal(r->signatures[0].best_signature_time.unix_s, MINI_CA_NOW);
	assert_true(r->signatures[0].is_time_proven);
}

/* -- more bad timestamps than the list of findings holds -- */

/* The signature with six attributes of 250 broken tokens each. */
static struct bytes with_tokens(struct office *o, struct bytes signature)
{
	struct buf b = buf_new(o->s, 1 << 20);
	struct bytes values;
	for (size_t i = 0; i < 250; i++)
		der_add(&b, DER_SEQUENCE, BYTES_LIT("\x02\x01\x07"));
	assert_int_equal(buf_done(&b, &values), OK);
	for (int i = 0; i < 6; i++) {
		const struct cms *cms;
		assert_int_equal(cms_parse(o->s, signature, NULL, &cms), OK);
		assert_int_equal(cms_build_with_unsigned(
				     o->s, cms, OID_ATTR_SIGNATURE_TIMESTAMP, values, &signature),
		    OK);
	}
	return signature;
}

/* A hash mismatch behind a thousand warnings is still a failure. */
static void test_many_bad_timestamps(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	struct pdf_file *f;
	struct pdf_signature_list list;
	struct pdf_update *u;
	struct pdf_update_result r;
	struct report *report;
	paper_sign(d, &(struct paper_signature){ .cms.by = "signer", .claimed = MINI_CA_NOW });
	/* The signature of one file, with tokens, in another one. */
	assert_int_equal(pdf_file_open(o->s, d->document, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_signature_list(o->s, f, &list), OK);
	struct bytes crowded = with_tokens(o, list.item[0].cms);
	struct bytes other = pdf_make_form(o->s);
	assert_int_equal(pdf_file_open(o->s, other, BYTES_NONE, &f), OK);
	assert_int_equal(pdf_update_new(o->s, f, BYTES_NONE, &u), OK);
	struct pdf_ref value;
	const struct pdf_value *old;
	assert_int_equal(pdf_update_reserve(u, &value), OK);
	assert_int_equal(pdf_update_object(u, (struct pdf_ref){ 8, 0 }, &old), OK);
	struct pdf_value *field = pdf_value_copy(o->s, old), *dict = pdf_value_new_dict(o->s);
	assert_int_equal(pdf_value_set(o->s, field, "V", pdf_value_new_ref(o->s, value)), OK);
	assert_int_equal(pdf_update_put(u, (struct pdf_ref){ 8, 0 }, field), OK);
	assert_int_equal(
	    pdf_value_set(o->s, dict, "SubFilter", pdf_value_new_name(o->s, "ETSI.CAdES.detached")),
	    OK);
	assert_int_equal(pdf_update_put_signature(u, value, dict, crowded.n), OK);
	assert_int_equal(pdf_update_close(u, &r), OK);
	assert_int_equal(pdf_update_fill(o->s, f, &r, crowded), OK);
	struct buf all = buf_new(o->s, 1 << 24);
	struct bytes document;
	buf_add(&all, other);
	buf_add(&all, bytes_of(r.p, r.n));
	assert_int_equal(buf_done(&all, &document), OK);
	struct validate_request q = request(o, document);
	assert_int_equal(validate_pdf(o->s, &o->w->world, &q, &report), OK);
	assert_int_equal(report->n_signatures, 1);
	assert_true(report->signatures[0].findings.n >= 1000);
	assert_false(report->signatures[0].intact);
	assert_true(findings_has(&report->signatures[0].findings, FINDING_HASH_MISMATCH));
	assert_int_equal(report->conclusion, CONCLUSION_TOTAL_FAILED);
}

/* -- one certificate -- */

static struct findings certificate(struct office *o, const char *name, enum cert_use use)
{
	struct findings f = { 0 };
	struct validate_request q = request(o, BYTES_NONE);
	assert_int_equal(
	    validate_certificate(o->s, &o->w->world, &q, mini_pki_cert(o->p, name), use, &f), OK);
	return f;
}

static void test_certificate(void **state)
{
	struct office *o = *state;
	assert_int_equal(certificate(o, "signer", CERT_USE_SIGNATURE).n, 0);
	assert_int_equal(certificate(o, "tsa", CERT_USE_TIMESTAMP).n, 0);
	mini_pki_entry(o->p, "signer")->revoked_at = MINI_CA_NOW;
	struct findings f = certificate(o, "signer", CERT_USE_SIGNATURE);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.item[0].code, FINDING_CERT_REVOKED);
	assert_non_null(strstr(f.item[0].about, "2026-01-01T00:00:00Z"));
}

static void test_certificate_offline(void **state)
{
	struct office *o = *state;
	struct findings f = { 0 };
	struct validate_request q = request(o, BYTES_NONE);
	q.offline = true;
	assert_int_equal(validate_certificate(
			     o->s, NULL, &q, mini_pki_cert(o->p, "signer"), CERT_USE_SIGNATURE, &f),
	    OK);
	assert_true(findings_has(&f, FINDING_CHAIN_NOT_FOUND));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_replay),
		TEST(test_offline),
		TEST(test_what_is_no_document),
		TEST(test_counts),
		TEST(test_many_bad_timestamps),
		TEST(test_certificate),
		TEST(test_certificate_offline),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
