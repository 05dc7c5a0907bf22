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

static const char *reject(struct office *o, const char *name, struct mini_ca_revocation_crl spec)
{
	return crl_rules_reject(list(o, spec), mini_pki_cert(o->p, name), o->w->now);
}

static void test_about(void **state)
{
	struct office *o = *state;
	const struct crl *crl = list(o, (struct mini_ca_revocation_crl){ 0 });
	assert_true(crl_rules_is_about(crl, mini_pki_cert(o->p, "signer")));
	assert_false(crl_rules_is_about(crl, mini_pki_cert(o->p, "ca")));
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

static void test_scope(void **state)
{
	struct office *o = *state;
	assert_null(reject(o, "signer", LIST(.number = 2)));
	assert_null(reject(o, "signer", LIST(.only_user_certs = true)));
	assert_null(reject(o, "ca", LIST(.only_ca_certs = true)));
	assert_rejected(reject(o, "ca", LIST(.only_user_certs = true)), "of this kind");
	assert_rejected(reject(o, "signer", LIST(.only_ca_certs = true)), "of this kind");
	assert_rejected(reject(o, "signer", LIST(.only_attribute_certs = true)), "of this kind");
	assert_rejected(reject(o, "signer", LIST(.base_number = 1)), "delta");
	assert_rejected(reject(o, "signer", LIST(.indirect = true)), "indirect");
	assert_rejected(reject(o, "signer", LIST(.only_reasons = 2)), "reasons");
	assert_rejected(reject(o, "signer", LIST(.unknown_critical = true)), "critical");
	const struct mini_ca_revocation_entry entry = { .number = 1, .unknown_critical = true };
	assert_rejected(reject(o, "signer", LIST(.entries = &entry, .n_entries = 1)), "critical");
}

/* The list's address must be one of the certificate's, whole. */
static void test_partitions(void **state)
{
	struct office *o = *state;
	static const char *const others[] = { "http://ca.test/cr", "http://ca.test/crl2",
		"xhttp://ca.test/crl", "HTTP://ca.test/crl", "http://ca.test/" };
	assert_null(reject(o, "signer", LIST(.idp_url = "http://ca.test/crl")));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_rejected(
		    reject(o, "signer", LIST(.idp_url = others[i])), "another distribution point");
	mini_pki_entry(o->p, "pointless")->no_urls = true;
	assert_rejected(reject(o, "pointless", LIST(.idp_url = "http://ca.test/crl")),
	    "another distribution point");
}

static void test_dates(void **state)
{
	struct office *o = *state;
	assert_null(reject(o, "signer", LIST(.this_update = MINI_CA_NOW + 60)));
	assert_rejected(
	    reject(o, "signer", LIST(.this_update = MINI_CA_NOW + 61)), "after the time");
	assert_rejected(reject(o, "signer",
			    LIST(.this_update = MINI_CA_NOW - 1, .next_update = MINI_CA_NOW - 2)),
	    "ends before");
	assert_null(reject(
	    o, "signer", LIST(.this_update = MINI_CA_NOW - 1, .next_update = MINI_CA_NOW - 1)));
	assert_null(reject(o, "signer", LIST(.next_update = MINI_CA_REVOCATION_ABSENT)));
}

static const char *signer_of(struct office *o, const struct crl *crl, const char *issuer)
{
	const struct cert *signer = NULL;
	const char *why = NULL;
	const struct cert *c = mini_pki_cert(o->p, issuer);
	assert_int_equal(crl_rules_find_signer(o->s, crl, c, &signer, &why), OK);
	assert_ptr_equal(signer, why ? NULL : c);
	return why;
}

static void test_signer(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *mute = mini_pki_entry(o->p, "mute");
	mute->is_ca = true;
	mute->usage = "keyCertSign";
	assert_null(signer_of(o, list(o, LIST(.number = 1)), "ca"));
	assert_rejected(signer_of(o, list(o, LIST(.number = 1)), "root"), "authority key");
	assert_rejected(signer_of(o, list(o, LIST(.no_aki = true)), "root"), "does not verify");
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
		TEST(test_about),
		TEST(test_scope),
		TEST(test_partitions),
		TEST(test_dates),
		TEST(test_signer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
