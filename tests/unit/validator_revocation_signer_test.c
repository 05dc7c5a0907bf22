#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/office.h"
#include "validator/revocation_signer.h"

/* A judge who trusts root; evidence grows as the test goes on. */
struct bench {
	struct office *o;
	struct evidence *e;
	struct policy policy;
	struct revocation_judge j;
};

static struct bench bench_of(struct office *o)
{
	struct bench b = { .o = o, .policy = *policy_default() };
	assert_int_equal(evidence_new(o->s, &b.e), OK);
	b.j = (struct revocation_judge){ .evidence = b.e, .now = o->w->now };
	return b;
}

static void add_cert(struct bench *b, const char *name)
{
	assert_int_equal(
	    evidence_add_cert(b->o->s, b->e, mini_pki_cert(b->o->p, name), EVIDENCE_GIVEN), OK);
}

static void add_crl(struct bench *b, const char *issuer, struct mini_ca_revocation_crl spec)
{
	spec.issuer = mini_pki_cert(b->o->p, issuer);
	spec.key = mini_pki_private(b->o->p, issuer);
	assert_int_equal(evidence_add_crl_der(b->o->s, b->e, mini_ca_revocation_crl(b->o->s, &spec),
			     EVIDENCE_GIVEN, NULL),
	    OK);
}

static void add_ocsp(struct bench *b, const char *by, const char *about, const char *issuer)
{
	const struct cert *certs[] = { mini_pki_cert(b->o->p, by) };
	const struct mini_ca_revocation_single single = { .subject = mini_pki_cert(b->o->p, about),
		.issuer = mini_pki_cert(b->o->p, issuer) };
	const struct mini_ca_revocation_ocsp spec = { .responder = certs[0],
		.key = mini_pki_private(b->o->p, by),
		.singles = &single,
		.n_singles = 1,
		.certs = certs,
		.n_certs = 1 };
	assert_int_equal(evidence_add_ocsp_der(b->o->s, b->e,
			     mini_ca_revocation_ocsp(b->o->s, &spec), EVIDENCE_GIVEN, NULL, NULL),
	    OK);
}

/* A path finder knows the evidence as it is now. */
static const struct revocation_record *ask(struct bench *b, const char *name, const char *issuer)
{
	const struct revocation_record *record;
	b->j.policy = &b->policy;
	assert_int_equal(path_finder_new(b->o->s, b->e, mini_pki_anchors(b->o->p, "root"),
			     &b->policy, &b->j.finder),
	    OK);
	assert_int_equal(revocation_find(b->o->s, &b->j, mini_pki_cert(b->o->p, name),
			     mini_pki_cert(b->o->p, issuer), &record),
	    OK);
	return record;
}

static void assert_rejected(const struct revocation_record *r, const char *wanted)
{
	assert_int_equal(r->n, 0);
	if (!r->rejected || !strstr(r->rejected, wanted))
		fail_msg("\"%s\" lacks \"%s\"", r->rejected ? r->rejected : "", wanted);
}

#define LIST(...)                                                                                  \
	(struct mini_ca_revocation_crl)                                                            \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

/* The authority's name with another key: it certified that itself, or the root did. */
static struct mini_pki_entry *second_key(struct office *o, const char *name, const char *issuer)
{
	struct mini_pki_entry *e = mini_pki_entry(o->p, name);
	e->subject = "/C=DE/O=Bulla Tests/CN=ca";
	e->issuer = issuer;
	e->is_ca = true;
	e->key_type = MINI_CA_P521;
	e->usage = "cRLSign,keyCertSign";
	return e;
}

static void test_issuer(void **state)
{
	struct bench b = bench_of(*state);
	add_crl(&b, "ca", LIST(.number = 1));
	const struct revocation_record *r = ask(&b, "signer", "ca");
	assert_int_equal(r->n, 1);
	assert_ptr_equal(r->item[0].signer, mini_pki_cert(b.o->p, "ca"));
	assert_null(r->item[0].signer_path);
	/* Only he who has the issuer's name has issued it. */
	assert_int_equal(ask(&b, "signer", "root")->n, 0);
}

/* RFC 5280 6.3.3 (f): a key of the authority that is not that of the certificate. */
static void test_list_by_another_key(void **state)
{
	struct bench b = bench_of(*state);
	second_key(b.o, "ca-2", "root");
	add_crl(&b, "ca-2", LIST(.number = 1));
	add_cert(&b, "ca");
	assert_rejected(ask(&b, "signer", "ca"), "authority key");
	add_cert(&b, "ca-2");
	/* Its own status counts as well. */
	assert_rejected(ask(&b, "signer", "ca"), "authority key");
	add_crl(&b, "root", LIST(.number = 1));
	const struct revocation_record *r = ask(&b, "signer", "ca");
	assert_int_equal(r->n, 1);
	assert_ptr_equal(r->item[0].signer, mini_pki_cert(b.o->p, "ca-2"));
	assert_int_equal(r->item[0].signer_path->n, 2);
	/* Without paths nobody but the issuer may sign. */
	b.j.memo = NULL;
	b.j.finder = NULL;
	assert_int_equal(revocation_find(b.o->s, &b.j, mini_pki_cert(b.o->p, "signer"),
			     mini_pki_cert(b.o->p, "ca"), &r),
	    OK);
	assert_int_equal(r->n, 0);
}

/* A list that has no authority key identifier is matched by trying. */
static void test_list_without_key_identifier(void **state)
{
	struct bench b = bench_of(*state);
	second_key(b.o, "ca-2", "root");
	add_crl(&b, "ca-2", LIST(.number = 1, .no_aki = true));
	add_crl(&b, "root", LIST(.number = 1));
	add_cert(&b, "ca");
	add_cert(&b, "ca-2");
	assert_ptr_equal(ask(&b, "signer", "ca")->item[0].signer, mini_pki_cert(b.o->p, "ca-2"));
}

static void revoke(struct bench *b, const char *name, enum crl_reason reason, int64_t at)
{
	const struct mini_ca_revocation_entry entry = {
		.cert = mini_pki_cert(b->o->p, name), .reason = reason, .at = at
	};
	add_crl(b, "root", LIST(.number = 2, .entries = &entry, .n_entries = 1));
}

/* What a revoked signer has said counts if it is known to be older than the revocation. */
static void test_revoked_signer(void **state)
{
	struct bench b = bench_of(*state);
	second_key(b.o, "ca-2", "root");
	add_crl(&b, "ca-2", LIST(.number = 1));
	b.e->crls[0].place.embedded_end = 1;
	add_cert(&b, "ca");
	add_cert(&b, "ca-2");
	revoke(&b, "ca-2", CRL_REASON_KEY_COMPROMISE, MINI_CA_NOW - 100);
	assert_rejected(ask(&b, "signer", "ca"), "authority key");
	struct proofs *proofs;
	assert_int_equal(proofs_new(b.o->s, b.e, b.j.now, &proofs), OK);
	b.j.proofs = proofs;
	assert_rejected(ask(&b, "signer", "ca"), "authority key");
	assert_int_equal(
	    proofs_add_range(b.o->s, proofs, 2, (struct instant){ MINI_CA_NOW - 100 }), OK);
	assert_rejected(ask(&b, "signer", "ca"), "authority key");
	/* A proof that comes later is seen. */
	assert_int_equal(
	    proofs_add_range(b.o->s, proofs, 2, (struct instant){ MINI_CA_NOW - 101 }), OK);
	assert_int_equal(ask(&b, "signer", "ca")->n, 1);
}

/* RFC 6960 4.2.2.2: a responder that the authority certified with another of its keys. */
static void test_responder_by_another_key(void **state)
{
	struct bench b = bench_of(*state);
	second_key(b.o, "ca-2", "root");
	struct mini_pki_entry *responder = mini_pki_entry(b.o->p, "answerer");
	responder->issuer = "ca-2";
	responder->eku = "OCSPSigning";
	responder->nocheck = true;
	add_ocsp(&b, "answerer", "signer", "ca");
	add_cert(&b, "ca");
	assert_rejected(ask(&b, "signer", "ca"), "same authority");
	add_cert(&b, "ca-2");
	assert_rejected(ask(&b, "signer", "ca"), "not known to be good");
	add_crl(&b, "root", LIST(.number = 1));
	const struct revocation_record *r = ask(&b, "signer", "ca");
	assert_int_equal(r->n, 1);
	assert_int_equal(r->item[0].signer_path->n, 3);
}

/* One of another authority below the same root is no delegate. */
static void test_responder_of_another_authority(void **state)
{
	struct bench b = bench_of(*state);
	struct mini_pki_entry *other = mini_pki_entry(b.o->p, "other-ca");
	other->issuer = "root";
	other->is_ca = true;
	other->usage = "keyCertSign,cRLSign";
	struct mini_pki_entry *responder = mini_pki_entry(b.o->p, "answerer");
	responder->issuer = "other-ca";
	responder->eku = "OCSPSigning";
	responder->nocheck = true;
	add_ocsp(&b, "answerer", "signer", "ca");
	add_cert(&b, "ca");
	add_cert(&b, "other-ca");
	assert_rejected(ask(&b, "signer", "ca"), "same authority");
}

/* Without nocheck a responder has a status; it does not vouch for itself. */
static void test_responder_without_nocheck(void **state)
{
	struct bench b = bench_of(*state);
	mini_pki_entry(b.o->p, "ca-ocsp")->nocheck = false;
	add_cert(&b, "ca");
	add_ocsp(&b, "ca-ocsp", "signer", "ca");
	assert_rejected(ask(&b, "signer", "ca"), "not known to be good");
	add_ocsp(&b, "ca-ocsp", "ca-ocsp", "ca");
	assert_rejected(ask(&b, "signer", "ca"), "not known to be good");
	b.policy.revocation_required = false;
	b.j.memo = NULL;
	assert_int_equal(ask(&b, "signer", "ca")->n, 1);
	b.policy.revocation_required = true;
	/* A list that was out of date when the response was made says nothing of its signer then.
	 */
	add_crl(&b, "ca", LIST(.only_user_certs = true, .next_update = MINI_CA_NOW - 3600));
	const struct revocation_record *r = ask(&b, "signer", "ca");
	assert_int_equal(r->n, 1);
	assert_null(r->item[0].ocsp);
	add_crl(&b, "ca",
	    LIST(.number = 2, .this_update = MINI_CA_NOW - 7200,
		.next_update = MINI_CA_NOW - 3599));
	assert_int_equal(ask(&b, "signer", "ca")->n, 3);
}

/* What the issuer's key signed is delegated though it is no path: but not what carries a critical
 * extension that nobody knows. */
static void test_responder_without_a_path(void **state)
{
	struct bench b = bench_of(*state);
	mini_pki_entry(b.o->p, "ca-ocsp")->more[0] = "subjectAltName=DER:30:00";
	struct mini_pki_entry *odd = mini_pki_entry(b.o->p, "odd");
	odd->eku = "OCSPSigning";
	odd->nocheck = true;
	odd->more[0] = "1.3.6.1.4.1.99999.1=critical,DER:05:00";
	add_cert(&b, "ca");
	add_ocsp(&b, "odd", "signer", "ca");
	assert_rejected(ask(&b, "signer", "ca"), "same authority");
	add_ocsp(&b, "ca-ocsp", "signer", "ca");
	const struct revocation_record *r = ask(&b, "signer", "ca");
	assert_int_equal(r->n, 1);
	assert_null(r->item[0].signer_path);
}

/* -- many -- */

#define MANY 300

/* All of them are kept, newest first. */
static void test_many_items(void **state)
{
	struct bench b = bench_of(*state);
	const struct revocation_record *r;
	add_cert(&b, "ca");
	for (int i = 0; i < MANY; i++) {
		const struct cert *c = mini_pki_cert(b.o->p, "signer");
		const struct mini_ca_revocation_single single = { .subject = c,
			.issuer = mini_pki_cert(b.o->p, "ca"),
			.this_update = MINI_CA_NOW - i };
		const struct mini_ca_revocation_ocsp spec = { .responder =
								  mini_pki_cert(b.o->p, "ca"),
			.key = mini_pki_private(b.o->p, "ca"),
			.singles = &single,
			.n_singles = 1 };
		assert_int_equal(
		    evidence_add_ocsp_der(b.o->s, b.e, mini_ca_revocation_ocsp(b.o->s, &spec),
			EVIDENCE_GIVEN, NULL, NULL),
		    OK);
	}
	r = ask(&b, "signer", "ca");
	assert_int_equal(r->n, MANY);
	for (size_t i = 1; i < r->n; i++)
		assert_true(instant_before(r->item[i].said_at, r->item[i - 1].said_at));
	assert_int_equal(ask(&b, "tsa", "ca")->n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_issuer),
		TEST(test_list_by_another_key),
		TEST(test_list_without_key_identifier),
		TEST(test_revoked_signer),
		TEST(test_responder_by_another_key),
		TEST(test_responder_of_another_authority),
		TEST(test_responder_without_nocheck),
		TEST(test_responder_without_a_path),
		TEST(test_many_items),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
