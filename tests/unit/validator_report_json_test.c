#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

static char *json_of(struct office *o, const struct report *r, bool compact)
{
	struct bytes text;
	char *copy;
	assert_int_equal(report_json(o->s, r, compact, &text), OK);
	assert_int_equal(bytes_to_str(o->s, text, &copy), OK);
	return copy;
}

/* The keys that DESIGN promises stand there, in their places. */
static void test_keys(void **state)
{
	static const char *const keys[] = { "bulla", "document", "name", "size", "sha256", "format",
		"validationTime", "policy", "conclusion", "signatures", "id", "kind", "indication",
		"subIndication", "intact", "digestMatches", "signatureValueValid", "signer",
		"subject", "issuer", "serial", "digestAlgorithm", "signatureAlgorithm",
		"claimedTime", "bestSignatureTime", "coverage", "revision", "revisions",
		"wholeFile", "valid", "modifications", "object", "allowed", "timestamps", "time",
		"qualification", "findings", "code", "severity", "clause", "text", "evidence",
		"certificates", "crls", "ocspResponses" };
	struct office *o = *state;
	char *text = json_of(o, office_judge(o, office_sealed(o, SEAL_B_LTA), true), true);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char quoted[64] = "\"";
		strncat(strncat(quoted, keys[i], 50), "\":", 3);
		if (!strstr(text, quoted))
			fail_msg("%s", quoted);
	}
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_non_null(strstr(text, "\"conclusion\":\"TOTAL-PASSED\""));
	assert_non_null(strstr(text, "\"kind\":\"document-timestamp\""));
	assert_non_null(strstr(text, "\"subIndication\":null"));
	assert_non_null(strstr(text, "\"validationTime\":\"2026-01-01T00:00:00Z\""));
}

/* The same report, the same bytes; and again from the same document. */
static void test_same_again(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_LTA);
	const struct report *r = office_judge(o, sealed, true);
	assert_string_equal(json_of(o, r, false), json_of(o, r, false));
	assert_string_equal(json_of(o, r, false), json_of(o, office_judge(o, sealed, true), false));
}

static void test_unsigned_document(void **state)
{
	struct office *o = *state;
	char *text = json_of(o, office_judge(o, pdf_make_one_page(o->s), true), true);
	assert_non_null(strstr(text, "\"conclusion\":\"NO-SIGNATURE\",\"signatures\":[]"));
}

/* What a document says is escaped. */
static void test_hostile_texts(void **state)
{
	struct office *o = *state;
	struct seal_request q = mini_pki_request(o->p, SEAL_B_B);
	q.reason = "\"},{\\\n\x01";
	char *text =
	    json_of(o, office_judge(o, office_seal(o, &q, pdf_make_one_page(o->s)), false), true);
	assert_non_null(strstr(text, "\"reason\":\"\\\"},{\\\\\\n\\u0001\""));
}

/* A cause names its certificate, the address, the instant and what helps; the chain is told. */
static void test_causes(void **state)
{
	struct office *o = *state;
	struct bytes sealed = office_sealed(o, SEAL_B_B);
	mini_pki_entry(o->p, "signer")->revoked_at = MINI_CA_NOW - 5;
	char *text = json_of(o, office_judge(o, sealed, false), true), *hex, expected[128];
	const struct cert *signer = mini_pki_cert(o->p, "signer");
	const char *cause = strstr(text, "\"code\":\"CERT_REVOKED\"");
	assert_non_null(cause);
	assert_int_equal(bytes_to_hex(o->s, digest_bytes(&signer->sha256), &hex), OK);
	snprintf(expected, sizeof(expected), "\"certificate\":\"%s\"", hex);
	assert_non_null(strstr(cause, expected));
	assert_non_null(strstr(cause, "\"url\":\"http://ca.test/ocsp\""));
	assert_non_null(strstr(cause, "\"at\":\"2025-12-31T23:59:55Z\""));
	assert_non_null(strstr(cause, "\"remedy\":\""));
	assert_non_null(strstr(text, "\"chain\":[{\"subject\":\"CN=signer"));
}

static void test_unknown_signer(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d, &(struct paper_signature){ .cms = { .by = "signer", .no_certs = true } });
	char *text = json_of(o, office_judge(o, d->document, true), true);
	assert_non_null(strstr(text, "\"signer\":null"));
	assert_non_null(strstr(text, "\"claimedTime\":null"));
	assert_non_null(strstr(text, "\"subIndication\":\"NO_SIGNING_CERTIFICATE_FOUND\""));
	assert_non_null(strstr(text, "\"code\":\"SIGNING_CERTIFICATE_NOT_FOUND\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keys),
		TEST(test_same_again),
		TEST(test_unsigned_document),
		TEST(test_hostile_texts),
		TEST(test_causes),
		TEST(test_unknown_signer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
