#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "validator/crl_rules.h"

static const struct crl *list(struct office *o, struct mini_ca_revocation_crl spec)
{
	const struct crl *crl;
	if (!spec.issuer)
		spec.issuer = mini_pki_cert(o->p, "ca");
	if (!spec.key)
		spec.key = mini_pki_private(o->p, "ca");
	assert_int_equal(crl_parse(o->s, mini_ca_revocation_crl(o->s, &spec), &crl), OK);
	return crl;
}

static const char *reject(struct office *o, struct mini_ca_revocation_crl spec)
{
	return crl_rules_reject(list(o, spec), o->w->now);
}

static void assert_rejected(const char *why, const char *wanted)
{
	if (!why || !strstr(why, wanted))
		fail_msg("\"%s\" lacks \"%s\"", why ? why : "(accepted)", wanted);
}

#define LIST(...)                                                                                  \
	(struct mini_ca_revocation_crl)                                                            \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

static void test_critical_extensions(void **state)
{
	struct office *o = *state;
	assert_null(reject(o, LIST(.number = 2)));
	assert_rejected(reject(o, LIST(.unknown_critical = true)), "critical");
	const struct mini_ca_revocation_entry entry = { .number = 1, .unknown_critical = true };
	assert_rejected(reject(o, LIST(.entries = &entry, .n_entries = 1)), "critical");
}

static void test_dates(void **state)
{
	struct office *o = *state;
	assert_null(reject(o, LIST(.this_update = MINI_CA_NOW + 60)));
	assert_rejected(reject(o, LIST(.this_update = MINI_CA_NOW + 61)), "after the time");
	assert_rejected(
	    reject(o, LIST(.this_update = MINI_CA_NOW - 1, .next_update = MINI_CA_NOW - 2)),
	    "ends before");
	assert_null(
	    reject(o, LIST(.this_update = MINI_CA_NOW - 1, .next_update = MINI_CA_NOW - 1)));
	assert_null(reject(o, LIST(.next_update = MINI_CA_REVOCATION_ABSENT)));
}

static const char *signer_of(struct office *o, const struct crl *crl, const char *issuer)
{
	const struct cert *c = mini_pki_cert(o->p, issuer);
	const char *why = crl_rules_reject_signer(crl, c);
	if (!why)
		assert_int_equal(crl_rules_verify(o->s, crl, c, &why), OK);
	return why;
}

static void test_signer(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *mute = mini_pki_entry(o->p, "mute");
	mute->is_ca = true;
	mute->usage = "keyCertSign";
	struct mini_pki_entry *other = mini_pki_entry(o->p, "other-ca");
	other->is_ca = true;
	other->subject = "/C=DE/O=Bulla Tests/CN=ca";
	other->usage = "keyCertSign,cRLSign";
	assert_null(signer_of(o, list(o, LIST(.number = 1)), "ca"));
	assert_rejected(signer_of(o, list(o, LIST(.number = 1)), "root"), "not at hand");
	assert_rejected(signer_of(o, list(o, LIST(.number = 1)), "other-ca"), "authority key");
	assert_rejected(signer_of(o, list(o, LIST(.no_aki = true)), "other-ca"), "does not verify");
	assert_rejected(signer_of(o,
			    list(o, LIST(.issuer = mini_pki_cert(o->p, "mute"),
					.key = mini_pki_private(o->p, "mute"))),
			    "mute"),
	    "not for signing CRLs");
	assert_rejected(signer_of(o, list(o, LIST(.key = mini_pki_private(o->p, "root"))), "ca"),
	    "does not verify");
	assert_rejected(
	    signer_of(o, list(o, LIST(.other_inner_alg = true)), "ca"), "does not verify");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_critical_extensions),
		TEST(test_dates),
		TEST(test_signer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
