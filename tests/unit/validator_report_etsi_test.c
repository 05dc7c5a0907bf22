#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/etsi_check.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"
#include "validator/report_etsi.h"

static const struct xml_reader_node *tree(struct office *o, const struct report *r)
{
	const struct xml_reader_node *root = NULL;
	const char *wrong = etsi_check(o->s, etsi_check_report(o->s, r), &root);
	assert_null(wrong);
	return root;
}

static void assert_text(
    const struct xml_reader_node *root, const char *name, size_t n, const char *wanted)
{
	const struct xml_reader_node *found = etsi_check_find(root, name, n);
	if (!found || strcmp(found->text, wanted) != 0)
		fail_msg("%s: %s instead of %s", name, found ? found->text : "nothing", wanted);
}

static const struct xml_reader_node *object(const struct xml_reader_node *root, const char *id)
{
	for (size_t i = 0;; i++) {
		const struct xml_reader_node *o = etsi_check_find(root, "ValidationObject", i);
		if (!o)
			fail_msg("no object %s", id);
		const char *own = o ? xml_reader_attribute(o, "id") : "";
		if (own && strcmp(own, id) == 0)
			return o;
	}
}

/* -- what stands in it -- */

static void test_sealed(void **state)
{
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	const struct xml_reader_node *root = tree(o, r);
	const struct xml_reader_node *sig = etsi_check_find(root, "SignatureValidationReport", 0);
	assert_int_equal(etsi_check_count(root, "SignatureValidationReport"), 1);
	assert_text(sig, "MainIndication", etsi_check_count(sig, "MainIndication") - 1,
	    "urn:etsi:019102:mainindication:total-passed");
	assert_text(sig, "PAdESFieldName", 0, "Signature1");
	assert_text(sig, "PolicyName", 0, "default");
	assert_text(sig, "ValidationTime", 0, "2026-01-01T00:00:00Z");
	assert_text(sig, "POETime", 0, "2026-01-01T00:00:00Z");
	assert_text(sig, "ContentType", 0, "urn:oid:1.2.840.113549.1.7.1");
	assert_text(sig, "SubFilterElement", 0, "ETSI.CAdES.detached");
	assert_text(sig, "Signer", 0, "signer");
	assert_text(sig, "SignatureQualityInformation", 0, "urn:x-bulla:level:PAdES-BASELINE-LTA");
	assert_text(sig, "Algorithm", 0, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256");
	assert_text(sig, "SecureAlgorithm", 0, "true");
	assert_int_equal(etsi_check_count(sig, "SignatureTimeStamp"), 1);
	assert_int_equal(etsi_check_count(sig, "DocTimeStamp"), 1);
	/* Both timestamps with a verdict of their own, the later one proves the earlier. */
	const struct xml_reader_node *token = object(root, r->signatures[0].timestamps[0].id);
	assert_string_equal(
	    xml_reader_attribute(etsi_check_find(token, "POEObject", 0), "VOReference"),
	    r->signatures[1].timestamps[0].id);
	token = object(root, r->signatures[1].timestamps[0].id);
	assert_null(
	    xml_reader_child(etsi_check_find(token, "POE", 0), ETSI_CHECK_VR, "POEObject", NULL));
	assert_int_equal(etsi_check_count(token, "ValidationReport"), 1);
}

/* What the document timestamp is the earliest proof of is told there and at the thing itself. */
static void test_proofs(void **state)
{
	struct office *o = *state;
	struct report *r;
	const struct xml_reader_node *root, *token, *one;
	struct bytes sealed = office_sealed(o, SEAL_B_LTA);
	size_t proven = 0;
	o->w->now.unix_s += 86400;
	r = office_judge(o, sealed, true);
	root = tree(o, r);
	token = object(root, r->signatures[1].timestamps[0].id);
	token = etsi_check_find(token, "POEProvisioning", 0);
	assert_text(token, "POETime", 0, "2026-01-01T00:00:00Z");
	for (size_t i = 1; i <= etsi_check_count(token, "ValidationObject"); i++) {
		one = etsi_check_find(token, "ValidationObject", i - 1);
		one = object(root, xml_reader_attribute(one, "VOReference"));
		assert_text(one, "POETime", 0, "2026-01-01T00:00:00Z");
		assert_string_equal(
		    xml_reader_attribute(etsi_check_find(one, "POEObject", 0), "VOReference"),
		    r->signatures[1].timestamps[0].id);
		proven++;
	}
	assert_int_equal(proven, r->items->n_certs + r->items->n_crls + r->items->n_ocsps);
}

/* Octets are told in full: what is in base64 has the digest that stands beside it. */
static void test_objects(void **state)
{
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	const struct xml_reader_node *root = tree(o, r);
	size_t seen = 0;
	for (size_t i = 0; i < etsi_check_count(root, "ValidationObject"); i++) {
		const struct xml_reader_node *one = etsi_check_find(root, "ValidationObject", i);
		const struct xml_reader_node *full = etsi_check_find(one, "base64", 0);
		struct bytes octets, wanted;
		struct digest digest;
		if (!full)
			continue;
		const struct xml_reader_node *value = etsi_check_find(one, "DigestValue", 0);
		assert_int_equal(bytes_of_base64(o->s, bytes_of_str(full->text), &octets), OK);
		assert_int_equal(bytes_of_base64(o->s, bytes_of_str(value->text), &wanted), OK);
		assert_int_equal(digest_of_bytes(o->s, DIGEST_SHA256, octets, &digest), OK);
		assert_true(bytes_equal(digest_bytes(&digest), wanted));
		seen++;
	}
	assert_true(seen >= r->items->n_certs + r->items->n_crls + r->items->n_ocsps + 2);
}

static void test_same_again(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_LTA), a, b;
	assert_int_equal(report_etsi(o->s, office_judge(o, sealed, true), &a), OK);
	assert_int_equal(report_etsi(o->s, office_judge(o, sealed, true), &b), OK);
	assert_true(bytes_equal(a, b));
}

static void test_unsigned(void **state)
{
	struct office *o = *state;
	const struct xml_reader_node *root =
	    tree(o, office_judge(o, pdf_make_one_page(o->s), true));
	assert_int_equal(etsi_check_count(root, "SignatureValidationReport"), 1);
	assert_text(root, "MainIndication", 0, "urn:cef:dss:mainindication:noSignatureFound");
	assert_int_equal(etsi_check_count(root, "ValidationObject"), 1);
	object(root, "D");
}

static void test_unreadable(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d, &(struct paper_signature){ .garbage = true });
	paper_sign(d, &(struct paper_signature){ .is_timestamp = true, .garbage = true });
	paper_sign(d, &(struct paper_signature){ .no_contents = true });
	paper_sign(
	    d, &(struct paper_signature){ .range = PAPER_RANGE_MISSING, .cms.by = "signer" });
	const struct xml_reader_node *root = tree(o, office_judge(o, d->document, true));
	assert_int_equal(etsi_check_count(root, "SignatureValidationReport"), 3);
	assert_int_equal(etsi_check_count(root, "SignerInformation"), 1);
}

static void test_fifty(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	for (size_t i = 0; i < 50; i++)
		paper_sign(d, &(struct paper_signature){ .cms.by = "signer" });
	struct report *r = office_judge(o, d->document, true);
	const struct xml_reader_node *root = tree(o, r);
	assert_int_equal(r->n_signatures, 50);
	assert_int_equal(etsi_check_count(root, "SignatureValidationReport"), 50);
	assert_int_equal(etsi_check_count(root, "SignersDocument"), 50);
}

/* -- bad texts -- */

static void test_hostile_texts(void **state)
{
	struct office *o = *state;
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	q.reason = "]]><vr:MainIndication>\x01\r\n";
	struct report *r = office_judge(o, office_seal(o, &q, pdf_make_one_page(o->s)), false);
	r->name = "\xff\xfe<&>.pdf\x1b";
	r->signatures[0].name = "\xc3(";
	r->signatures[0].location = "\xed\xa0\x80";
	const struct xml_reader_node *root = tree(o, r);
	assert_text(root, "ReasonElement", 0, "]]><vr:MainIndication>\xef\xbf\xbd\r\n");
	assert_text(root, "PAdESFieldName", 0, "\xef\xbf\xbd(");
	assert_text(root, "AddressString", 0, "\xef\xbf\xbd");
	assert_string_equal(xml_reader_attribute(etsi_check_find(root, "Document", 0), "name"),
	    "\xef\xbf\xbd\xef\xbf\xbd<&>.pdf\xef\xbf\xbd");
}

/* -- findings with all that they can say -- */

static void test_finding(void **state)
{
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_B), false);
	const struct cert *ca = mini_pki_cert(o->p, "ca");
	const struct finding item = { .code = FINDING_REVOCATION_DATA_MISSING,
		.about = "CN=ca",
		.cert = ca,
		.url = "http://ca.test/crl?a=1&b",
		.at = { MINI_CA_NOW } };
	r->signatures[0].findings = (struct findings){ 0 };
	assert_int_equal(findings_add_item(o->s, &r->signatures[0].findings, &item), OK);
	const struct xml_reader_node *root = tree(o, r);
	const struct xml_reader_node *c = etsi_check_find(root, "ValidationConstraint", 6);
	assert_text(
	    c, "ValidationConstraintIdentifier", 0, "urn:x-bulla:finding:REVOCATION_DATA_MISSING");
	assert_text(c, "Value", 0, "CN=ca");
	assert_text(c, "Value", 1, "http://ca.test/crl?a=1&b");
	assert_text(c, "Value", 2, "2026-01-01T00:00:00Z");
	assert_text(c, "MainIndication", 0, "urn:etsi:019102:mainindication:indeterminate");
	assert_string_equal(strrchr(etsi_check_find(c, "SubIndication", 0)->text, ':') + 1,
	    findings_sub_name(findings_row(item.code)->sub));
	const char *id =
	    xml_reader_attribute(etsi_check_find(c, "RelatedValidationObject", 0), "VOReference");
	assert_text(
	    object(root, id), "ObjectType", 0, "urn:etsi:019102:validationObject:certificate");
}

/* A chain, what tells of it, and when it was revoked, by an OCSP response or by a list. */
static struct report *revoked(struct office *o, struct path *path, bool by_list)
{
	struct mini_pki_entry *e = mini_pki_entry(o->p, "signer");
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_B), false);
	struct evidence *items;
	e->revoked_at = MINI_CA_NOW - 60;
	e->reason = CRL_REASON_KEY_COMPROMISE;
	assert_int_equal(evidence_new(o->s, &items), OK);
	if (by_list)
		assert_int_equal(
		    evidence_add_crl_der(o->s, items, mini_pki_crl(o->p, "ca"), EVIDENCE_DSS, NULL),
		    OK);
	else
		assert_int_equal(
		    evidence_add_ocsp_der(o->s, items, mini_pki_ocsp(o->p, "signer", BYTES_NONE),
			EVIDENCE_DSS, NULL, NULL),
		    OK);
	*path = (struct path){ .item = { mini_pki_cert(o->p, "signer"), mini_pki_cert(o->p, "ca"),
				   mini_pki_cert(o->p, "root") },
		.n = 3 };
	r->items = items;
	r->signatures[0].path = path;
	r->signatures[0].signer = path->item[0];
	r->signatures[0].findings = (struct findings){ 0 };
	assert_int_equal(
	    findings_add(o->s, &r->signatures[0].findings, FINDING_CERT_REVOKED, "CN=signer"), OK);
	r->signatures[0].indication =
	    findings_indication(&r->signatures[0].findings, &r->signatures[0].sub);
	return r;
}

static void test_revoked(void **state)
{
	(void)state;
	for (int by_list = 0; by_list < 2; by_list++) {
		struct office *o = office_open();
		struct path path;
		const struct xml_reader_node *root = tree(o, revoked(o, &path, by_list));
		const struct xml_reader_node *status =
		    etsi_check_find(root, "SignatureValidationStatus", 0);
		const struct xml_reader_node *info =
		    etsi_check_find(status, "RevocationStatusInformation", 0);
		assert_text(info, "RevocationTime", 0, "2025-12-31T23:59:00Z");
		assert_text(
		    info, "RevocationReason", 0, "urn:etsi:019102:revocationReason:keyCompromise");
		const char *id = xml_reader_attribute(info->last, "VOReference");
		assert_text(object(root, id), "ObjectType", 0,
		    by_list ? "urn:etsi:019102:validationObject:CRL"
			    : "urn:etsi:019102:validationObject:OCSPResponse");
		assert_string_equal(
		    xml_reader_attribute(
			etsi_check_find(status, "RelatedValidationObject", 0), "VOReference"),
		    id);
		assert_int_equal(etsi_check_count(status, "IntermediateCertificate"), 1);
		assert_int_equal(etsi_check_count(status, "TrustAnchor"), 2);
		/* The store is told of as far as it concerns the signature. */
		assert_string_equal(
		    xml_reader_attribute(
			etsi_check_find(root, by_list ? "CRLs" : "OCSPs", 0), "VOReference"),
		    id);
		office_close(o);
	}
}

static void test_counter_signature(void **state)
{
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_B), false);
	struct report_signature *sig = &r->signatures[0];
	struct report_counter_signature c = { .id = "C1",
		.indication = INDICATION_FAILED,
		.sub = SUB_SIG_CRYPTO_FAILURE,
		.signer = mini_pki_cert(o->p, "tsa"),
		.facts = &sig->facts->signer };
	assert_int_equal(findings_add(o->s, &c.findings, FINDING_SIGNATURE_INVALID, NULL), OK);
	sig->counter_signatures = &c;
	sig->n_counter_signatures = 1;
	const struct xml_reader_node *root = tree(o, r);
	assert_int_equal(etsi_check_count(root, "SignatureValidationReport"), 2);
	assert_int_equal(etsi_check_count(root, "CounterSignature"), 2);
	const struct xml_reader_node *own = etsi_check_find(root, "SignatureValidationReport", 1);
	assert_string_equal(xml_reader_attribute(own->first, "id"), "S1-C1");
	assert_text(etsi_check_find(own, "SignatureValidationStatus", 0), "MainIndication", 0,
	    "urn:etsi:019102:mainindication:total-failed");
	assert_text(own->last, "PAdESFieldName", 0, "Signature1");
	/* And one that could not be read. */
	c.facts = NULL;
	c.signer = NULL;
	tree(o, r);
}

static void test_pseudonym(void **state)
{
	static const struct {
		const char *subject, *wanted;
	} cases[] = {
		{ "/C=DE/CN=Acme", "false" },
		{ "/C=DE/CN=PN: Acme", "true" },
		{ "/C=DE/CN=Acme:PN", "true" },
		{ "/C=DE/CN=Acme/pseudonym=X", "true" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct office *o = office_open();
		mini_pki_entry(o->p, "signer")->subject = cases[i].subject;
		const struct xml_reader_node *root =
		    tree(o, office_judge(o, office_sealed(o, SEAL_B_B), false));
		assert_string_equal(xml_reader_attribute(
					etsi_check_find(root, "SignerInformation", 0), "Pseudonym"),
		    cases[i].wanted);
		office_close(o);
	}
	(void)state;
}

/* -- limits -- */

/* A list of just so many octets is written in full, one more and its digest alone. */
static void test_large_object(void **state)
{
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_B), false);
	for (int more = 0; more < 2; more++) {
		struct evidence *items;
		const struct cert *real = mini_pki_cert(o->p, "ca");
		struct cert *large = scope_alloc(o->s, sizeof(*large));
		uint8_t *octets = scope_alloc(o->s, LIMIT_REPORT_OBJECT + 1);
		assert_true(large && octets);
		*large = *real;
		large->der = bytes_of(octets, LIMIT_REPORT_OBJECT + (size_t)more);
		assert_int_equal(
		    digest_of_bytes(o->s, DIGEST_SHA256, large->der, &large->sha256), OK);
		assert_int_equal(evidence_new(o->s, &items), OK);
		assert_int_equal(evidence_add_cert(o->s, items, large, EVIDENCE_GIVEN), OK);
		r->items = items;
		struct bytes text;
		assert_int_equal(report_etsi(o->s, r, &text), OK);
		assert_int_equal(text.n > LIMIT_REPORT_OBJECT, more == 0);
	}
}

static void test_no_memory(void **state)
{
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	struct bytes wanted, text;
	assert_int_equal(report_etsi(o->s, r, &wanted), OK);
	enum err e = ERR_NOMEM;
	for (size_t n = 1; e != OK; n++) {
		struct scope *s = scope_new(0);
		scope_fail_after(s, n);
		e = report_etsi(s, r, &text);
		assert_true(e == OK ? bytes_equal(text, wanted) : e == ERR_NOMEM);
		scope_free(s);
		assert_true(n < 10000);
	}
}

/* -- the checker itself: a report with one defect is told -- */

static void assert_noticed(struct office *o, struct bytes text, const char *from, const char *to)
{
	struct buf b = buf_new(o->s, SIZE_MAX);
	struct bytes changed;
	const struct xml_reader_node *root;
	size_t at = bytes_find(text, bytes_of_str(from), 0);
	if (at == BYTES_NOT_FOUND)
		fail_msg("%s is not there", from);
	buf_add(&b, bytes_cut(text, 0, at));
	buf_add_str(&b, to);
	buf_add(&b, bytes_from(text, at + strlen(from)));
	assert_int_equal(buf_done(&b, &changed), OK);
	if (!etsi_check(o->s, changed, &root))
		fail_msg("%s instead of %s was not noticed", to, from);
	scope_forgive(o->s);
}

static void test_checker(void **state)
{
	static const char *const defects[][2] = {
		{ "id=\"S1\"", "id=\"D\"" },
		{ "id=\"T1\"", "id=\"T9\"" },
		{ "id=\"D\"", "" },
		{ "id=\"S1\"", "id=\"1\"" },
		{ "<vr:HashOnly>false</vr:HashOnly>", "" },
		{ "<vr:HashOnly>false", "<vr:HashOnly>no" },
		{ "<vr:DocHashOnly>false</vr:DocHashOnly>",
		    "<vr:DocHashOnly>false</vr:DocHashOnly><vr:DocHashOnly>false</"
		    "vr:DocHashOnly>" },
		{ "mainindication:passed", "mainindication:Passed" },
		{ "constraintStatus:applied", "constraintStatus:perhaps" },
		{ "xmlenc#sha256", "xmlenc #sha256" },
		{ "Z</vr:ValidationTime>", "</vr:ValidationTime>" },
		{ "<ds:DigestValue>", "<ds:DigestValue>*" },
		{ "<vr:SignerCertificate VOReference=\"C-",
		    "<vr:SignerCertificate VOReference=\"D-" },
		{ "SignersDocumentRepresentation VOReference=\"D-S1",
		    "SignersDocumentRepresentation VOReference=\"S1" },
		{ "<vr:Signer>", "x<vr:Signer>" },
		{ "Signed=\"true\"", "Sign=\"true\"" },
		{ "Algorithm=", "Algo=" },
		{ "<vr:Filter>Adobe", "<vr:Filtre>Adobe" },
		{ "xmlns:vr=\"http://uri.etsi.org/19102/v1.4.1#\"", "xmlns:vr=\"urn:other\"" },
		{ "</vr:ValidationReport>", "" },
	};
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	struct bytes text = etsi_check_report(o->s, r);
	for (size_t i = 0; i < sizeof(defects) / sizeof(defects[0]); i++)
		assert_noticed(o, text, defects[i][0], defects[i][1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sealed),
		TEST(test_proofs),
		TEST(test_objects),
		TEST(test_same_again),
		TEST(test_unsigned),
		TEST(test_unreadable),
		TEST(test_fifty),
		TEST(test_hostile_texts),
		TEST(test_finding),
		cmocka_unit_test(test_revoked),
		TEST(test_counter_signature),
		cmocka_unit_test(test_pseudonym),
		TEST(test_large_object),
		TEST(test_no_memory),
		TEST(test_checker),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
