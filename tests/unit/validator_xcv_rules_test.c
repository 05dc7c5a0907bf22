#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "formats/cert.h"
#include "validator/xcv_rules.h"

/* A certificate from 100 to 200. */
static const struct cert cert = { .not_before = { 100 }, .not_after = { 200 } };

static struct xcv_instants at(int64_t now, int64_t existed, int64_t not_older)
{
	return (struct xcv_instants){ { now }, { existed }, { not_older }, { existed } };
}
#define UNKNOWN INT64_MIN

static const struct revocation_statement good = { .state = REVOCATION_GOOD,
	.revoked_at = { INT64_MIN },
	.this_update = { 150 },
	.next_update = { 400 } };

static void test_signer_dates(void **state)
{
	(void)state;
	static const struct {
		int64_t now, existed, not_older;
		bool is_known;
		enum finding_code code;
	} cases[] = {
		{ 99, 99, UNKNOWN, true, FINDING_SIGNED_BEFORE_CERTIFICATE },
		{ 100, 100, UNKNOWN, true, FINDING_NONE },
		{ 200, 200, UNKNOWN, true, FINDING_NONE },
		{ 201, 201, UNKNOWN, true, FINDING_CERT_EXPIRED_NOT_REVOKED },
		{ 201, 201, UNKNOWN, false, FINDING_CERT_EXPIRED },
		{ 201, 200, UNKNOWN, true, FINDING_EXPIRED_LATER },
		{ 201, 200, UNKNOWN, false, FINDING_CERT_EXPIRED },
		{ 300, 99, UNKNOWN, true, FINDING_SIGNED_BEFORE_CERTIFICATE },
		{ 300, 300, 200, true, FINDING_CERT_EXPIRED_NOT_REVOKED },
		{ 300, 300, 201, true, FINDING_SIGNED_AFTER_EXPIRY },
		{ 300, 300, 201, false, FINDING_SIGNED_AFTER_EXPIRY },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct xcv_instants t = at(cases[i].now, cases[i].existed, cases[i].not_older);
		assert_int_equal(xcv_rules_signer_dates(&cert, CERT_USE_SIGNATURE,
				     cases[i].is_known ? &good : NULL, false, &t),
		    cases[i].code);
	}
	/* No status is needed; a timestamp's certificate that comes too late fails nothing. */
	struct xcv_instants t = at(201, 200, UNKNOWN);
	assert_int_equal(xcv_rules_signer_dates(&cert, CERT_USE_SIGNATURE, NULL, true, &t),
	    FINDING_EXPIRED_LATER);
	t = at(99, 99, UNKNOWN);
	assert_int_equal(xcv_rules_signer_dates(&cert, CERT_USE_TIMESTAMP, &good, false, &t),
	    FINDING_CERT_NOT_YET_VALID);
}

static void test_ca_dates(void **state)
{
	(void)state;
	struct xcv_instants t = at(200, 100, UNKNOWN);
	assert_int_equal(xcv_rules_ca_dates(&cert, &t), FINDING_NONE);
	t = at(201, 100, UNKNOWN);
	assert_int_equal(xcv_rules_ca_dates(&cert, &t), FINDING_CA_EXPIRED);
	t = at(200, 99, UNKNOWN);
	assert_int_equal(xcv_rules_ca_dates(&cert, &t), FINDING_CA_NOT_YET_VALID);
}

static enum finding_code revoked(enum revocation_state state, bool is_ca, struct xcv_instants t)
{
	const struct revocation_statement st = {
		.state = state, .revoked_at = { 150 }, .this_update = { 160 }
	};
	const struct revocation_record record = { .item = &st, .n = 1 };
	return xcv_rules_revoked(&record, &st, is_ca, &t);
}

static void test_revoked(void **state)
{
	(void)state;
	assert_int_equal(
	    revoked(REVOCATION_REVOKED, false, at(300, 149, UNKNOWN)), FINDING_REVOKED_LATER);
	assert_int_equal(
	    revoked(REVOCATION_REVOKED, false, at(300, 150, UNKNOWN)), FINDING_CERT_REVOKED);
	assert_int_equal(
	    revoked(REVOCATION_REVOKED, true, at(300, 149, UNKNOWN)), FINDING_REVOKED_LATER);
	assert_int_equal(
	    revoked(REVOCATION_REVOKED, true, at(300, 150, UNKNOWN)), FINDING_CA_REVOKED);
	assert_int_equal(
	    revoked(REVOCATION_REVOKED, false, at(300, 300, 150)), FINDING_CERT_REVOKED);
	assert_int_equal(
	    revoked(REVOCATION_REVOKED, false, at(300, 300, 151)), FINDING_SIGNED_AFTER_REVOCATION);
	assert_int_equal(revoked(REVOCATION_REVOKED, true, at(300, 300, 151)), FINDING_CA_REVOKED);
	assert_int_equal(
	    revoked(REVOCATION_SUSPENDED, false, at(300, 150, UNKNOWN)), FINDING_CERT_SUSPENDED);
	assert_int_equal(
	    revoked(REVOCATION_SUSPENDED, false, at(300, 149, UNKNOWN)), FINDING_REVOKED_LATER);
	/* A suspension may end without the certificate's having been lost. */
	assert_int_equal(
	    revoked(REVOCATION_SUSPENDED, false, at(300, 300, 151)), FINDING_CERT_SUSPENDED);
}

static void test_known(void **state)
{
	(void)state;
	struct policy policy = *policy_default();
	/* Told apart by their octets. */
	static const uint8_t der[] = { 1, 2 };
	const struct cert issuer = { .der = { der, 1 }, .sha256 = { .alg = DIGEST_SHA256 } };
	const struct cert responder = { .der = { der, 2 },
		.sha256 = { .alg = DIGEST_SHA256, .n = 1, .value = { 1 } },
		.not_after = { 300 } };
	struct revocation_statement st = good;
	const struct revocation_record none = { 0 }, one = { .item = &st, .n = 1 },
				       needless = { .not_needed = true };
	const struct instant now = { 1000 };
	struct xcv_instants t = at(399, 399, UNKNOWN);
	st.signer = &issuer;
	assert_int_equal(xcv_rules_known(&policy, &one, &st, &issuer, now, &t), FINDING_NONE);
	t = at(400, 400, UNKNOWN);
	assert_int_equal(
	    xcv_rules_known(&policy, &one, &st, &issuer, now, &t), FINDING_REVOCATION_DATA_STALE);
	assert_int_equal(xcv_rules_known(&policy, &none, NULL, &issuer, now, &t),
	    FINDING_REVOCATION_DATA_MISSING);
	assert_int_equal(xcv_rules_known(&policy, &needless, NULL, &issuer, now, &t), FINDING_NONE);
	policy.revocation_required = false;
	assert_int_equal(xcv_rules_known(&policy, &none, NULL, &issuer, now, &t), FINDING_NONE);
	/* By a responder whose certificate ended at 300: unless it is proven to have existed by
	 * then. */
	st.signer = &responder;
	t = at(300, 300, UNKNOWN);
	assert_int_equal(xcv_rules_known(&policy, &one, &st, &issuer, now, &t), FINDING_NONE);
	t = at(301, 301, UNKNOWN);
	assert_int_equal(xcv_rules_known(&policy, &one, &st, &issuer, now, &t),
	    FINDING_REVOCATION_DATA_UNPROVEN);
	assert_int_equal(xcv_rules_known(&policy, &one, &st, &issuer, (struct instant){ 300 }, &t),
	    FINDING_NONE);
	t = at(301, 300, UNKNOWN);
	assert_int_equal(xcv_rules_known(&policy, &one, &st, &issuer, now, &t),
	    FINDING_REVOCATION_DATA_UNPROVEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signer_dates),
		cmocka_unit_test(test_ca_dates),
		cmocka_unit_test(test_revoked),
		cmocka_unit_test(test_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
