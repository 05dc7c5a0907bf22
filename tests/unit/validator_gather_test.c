#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/office.h"
#include "validator/gather.h"

static struct gather new_gather(struct office *o)
{
	struct gather g = { .world = &o->w->world };
	assert_int_equal(evidence_new(o->s, &g.evidence), OK);
	return g;
}

static bool fulfil(struct office *o, struct gather *g, const char *cert, const char *issuer)
{
	bool grew = false;
	const struct xcv_wish w = { mini_pki_cert(o->p, cert),
		issuer ? mini_pki_cert(o->p, issuer) : NULL };
	assert_int_equal(gather_fulfil(o->s, g, &w, 1, &grew), OK);
	return grew;
}

static void test_issuer(void **state)
{
	struct office *o = *state;
	struct gather g = new_gather(o);
	assert_true(fulfil(o, &g, "signer", NULL));
	assert_int_equal(g.evidence->n_certs, 1);
	assert_int_equal(g.evidence->certs[0].source, EVIDENCE_FETCHED);
	/* Once asked, never again. */
	assert_false(fulfil(o, &g, "signer", NULL));
	assert_int_equal(canned_world_asked(o->w, "http://ca.test/cert"), 1);
}

static void test_responder_before_list(void **state)
{
	struct office *o = *state;
	struct gather g = new_gather(o);
	assert_true(fulfil(o, &g, "signer", "ca"));
	assert_int_equal(g.evidence->n_ocsps, 1);
	assert_string_equal(g.evidence->ocsps[0].url, "http://ca.test/ocsp");
	assert_int_equal(canned_world_asked(o->w, "http://ca.test/crl"), 0);
	/* The same responder about another certificate is another question. */
	assert_true(fulfil(o, &g, "tsa", "ca"));
	assert_int_equal(canned_world_asked(o->w, "http://ca.test/ocsp"), 2);
	/* Asked again about the first one, the list is all that is left. */
	assert_true(fulfil(o, &g, "signer", "ca"));
	assert_int_equal(canned_world_asked(o->w, "http://ca.test/ocsp"), 2);
	assert_int_equal(g.evidence->n_crls, 1);
	assert_false(fulfil(o, &g, "signer", "ca"));
}

static void test_failures_are_told(void **state)
{
	static const struct {
		enum err failure;
		const char *why;
	} kinds[] = { { ERR_NET, "service unreachable" }, { ERR_LIMIT, "limit exceeded" },
		{ ERR_DENIED, "refused" } };
	struct office *o = *state;
	for (size_t i = 0; i < 3; i++) {
		struct gather g = new_gather(o);
		canned_world_break(o->w, "http://ca.test/ocsp", kinds[i].failure);
		canned_world_break(o->w, "http://ca.test/crl", ERR_NET);
		assert_false(fulfil(o, &g, "signer", "ca"));
		assert_int_equal(g.evidence->n_failures, 2);
		assert_string_equal(g.evidence->failures[0].url, "http://ca.test/ocsp");
		assert_non_null(strstr(g.evidence->failures[0].why, kinds[i].why));
		assert_string_equal(scope_fault_text(o->s), "");
	}
}

static void test_memory_is_no_failure_of_the_network(void **state)
{
	struct office *o = *state;
	struct gather g = new_gather(o);
	bool grew;
	const struct xcv_wish w = { mini_pki_cert(o->p, "signer"), mini_pki_cert(o->p, "ca") };
	canned_world_break(o->w, "http://ca.test/ocsp", ERR_NOMEM);
	assert_int_equal(gather_fulfil(o->s, &g, &w, 1, &grew), ERR_NOMEM);
}

/* A nonce that answers another request is a replay; a responder may leave it out. */
static void test_nonces(void **state)
{
	struct office *o = *state;
	struct gather g = new_gather(o);
	canned_world_put(
	    o->w, "http://ca.test/ocsp", mini_pki_ocsp(o->p, "signer", BYTES_LIT("another nonce")));
	fulfil(o, &g, "signer", "ca");
	assert_int_equal(g.evidence->n_ocsps, 0);
	assert_non_null(strstr(g.evidence->failures[0].why, "nonce"));
	g = new_gather(o);
	canned_world_put(o->w, "http://ca.test/ocsp", mini_pki_ocsp(o->p, "signer", BYTES_NONE));
	assert_true(fulfil(o, &g, "signer", "ca"));
	assert_int_equal(g.evidence->n_ocsps, 1);
}

static void test_responders_that_refuse(void **state)
{
	struct office *o = *state;
	struct gather g = new_gather(o);
	canned_world_put(o->w, "http://ca.test/ocsp",
	    mini_ca_revocation_ocsp(o->s, &(struct mini_ca_revocation_ocsp){ .status = 3 }));
	canned_world_put(o->w, "http://ca.test/crl", BYTES_LIT("<html>"));
	fulfil(o, &g, "signer", "ca");
	assert_int_equal(g.evidence->n_failures, 2);
	assert_non_null(strstr(g.evidence->failures[0].why, "tryLater"));
	assert_int_equal(g.evidence->n_unreadable, 0);
}

/* Only what the fetcher may understand is asked for. */
static void test_schemes(void **state)
{
	struct office *o = *state;
	struct gather g = new_gather(o);
	struct mini_pki_entry *e = mini_pki_entry(o->p, "odd");
	e->no_urls = true;
	e->more[0] = "crlDistributionPoints=URI:file:///etc/passwd";
	e->more[1] = "authorityInfoAccess=OCSP;URI:ftp://x/,caIssuers;URI:gopher://x/";
	assert_false(fulfil(o, &g, "odd", "ca"));
	assert_false(fulfil(o, &g, "odd", NULL));
	assert_int_equal(o->w->asked, 0);
}

/* A directory is asked where the address names one. */
static void test_directories(void **state)
{
	struct office *o = *state;
	struct gather g = new_gather(o);
	struct mini_pki_entry *e = mini_pki_entry(o->p, "listed");
	e->no_urls = true;
	e->n_points = 3;
	e->points[0].url = "ldap:///cn=ca?certificateRevocationList";
	e->points[1].url = "ldap://dir.test/cn=ca?certificateRevocationList";
	e->points[2].url = "LDAPS://dir.test/cn=ca?certificateRevocationList";
	assert_false(fulfil(o, &g, "listed", "ca"));
	assert_int_equal(o->w->asked, 2);
	canned_world_put(o->w, e->points[1].url, mini_pki_crl(o->p, "ca"));
	g = new_gather(o);
	assert_true(fulfil(o, &g, "listed", "ca"));
	assert_int_equal(g.evidence->n_crls, 1);
	assert_string_equal(g.evidence->crls[0].url, e->points[1].url);
}

/* -- one address after the other -- */

static struct bytes list_of(struct office *o, struct mini_ca_revocation_crl spec)
{
	spec.issuer = mini_pki_cert(o->p, "ca");
	spec.key = mini_pki_private(o->p, "ca");
	return mini_ca_revocation_crl(o->s, &spec);
}

static struct gather gather_for(struct office *o, struct mini_pki_entry *e)
{
	struct gather g = new_gather(o);
	g.at = o->w->now;
	e->no_urls = true;
	e->n_points = 2;
	e->points[0].url = "http://x.test/1";
	e->points[1].url = "http://x.test/2";
	canned_world_put(o->w, "http://x.test/2", mini_pki_crl(o->p, "ca"));
	return g;
}

/* Out of date from the second after its end on. */
static void test_address_after_one_out_of_date(void **state)
{
	struct office *o = *state;
	for (int past = 0; past < 2; past++) {
		struct mini_pki_entry *e = mini_pki_entry(o->p, past ? "past" : "present");
		struct gather g = gather_for(o, e);
		canned_world_put(o->w, "http://x.test/1",
		    list_of(o,
			(struct mini_ca_revocation_crl){ .next_update = o->w->now.unix_s - past }));
		assert_true(fulfil(o, &g, e->name, "ca"));
		assert_int_equal(g.evidence->n_crls, 1 + past);
		assert_int_equal(g.evidence->n_failures, past);
		if (past)
			assert_non_null(strstr(g.evidence->failures[0].why, "out of date"));
	}
}

static void test_address_after_one_of_another_kind(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *e = mini_pki_entry(o->p, "leaf");
	struct gather g = gather_for(o, e);
	canned_world_put(o->w, "http://x.test/1",
	    list_of(o, (struct mini_ca_revocation_crl){ .only_ca_certs = true }));
	assert_true(fulfil(o, &g, "leaf", "ca"));
	assert_int_equal(g.evidence->n_crls, 2);
	assert_non_null(strstr(g.evidence->failures[0].why, "of this kind"));
}

/* The judge could not use the first, and wishes again. */
static void test_address_of_the_second_wish(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *e = mini_pki_entry(o->p, "leaf");
	struct gather g = gather_for(o, e);
	canned_world_put(
	    o->w, "http://x.test/1", list_of(o, (struct mini_ca_revocation_crl){ .number = 7 }));
	assert_true(fulfil(o, &g, "leaf", "ca"));
	assert_int_equal(g.evidence->n_crls, 1);
	assert_true(fulfil(o, &g, "leaf", "ca"));
	assert_int_equal(g.evidence->n_crls, 2);
	assert_false(fulfil(o, &g, "leaf", "ca"));
	assert_int_equal(o->w->asked, 2);
}

static void test_responder_that_does_not_know(void **state)
{
	struct office *o = *state;
	struct gather g = new_gather(o);
	const struct mini_ca_revocation_single single = { .subject = mini_pki_cert(o->p, "signer"),
		.issuer = mini_pki_cert(o->p, "ca"),
		.status = OCSP_UNKNOWN };
	canned_world_put(o->w, "http://ca.test/ocsp",
	    mini_ca_revocation_ocsp(
		o->s, &(struct mini_ca_revocation_ocsp){ .responder = mini_pki_cert(o->p, "ca"),
			  .key = mini_pki_private(o->p, "ca"),
			  .singles = &single,
			  .n_singles = 1 }));
	assert_true(fulfil(o, &g, "signer", "ca"));
	assert_int_equal(g.evidence->n_ocsps, 1);
	assert_int_equal(g.evidence->n_crls, 1);
	assert_non_null(strstr(g.evidence->failures[0].why, "does not know"));
}

/* -- deltas -- */

static void test_delta_that_does_not_continue(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *e = mini_pki_entry(o->p, "leaf");
	e->freshest_url = "http://x.test/delta";
	struct gather g = new_gather(o);
	canned_world_break(o->w, "http://ca.test/ocsp", ERR_NET);
	canned_world_put(o->w, "http://x.test/delta",
	    list_of(o, (struct mini_ca_revocation_crl){ .number = 9, .base_number = 8 }));
	assert_true(fulfil(o, &g, "leaf", "ca"));
	assert_int_equal(g.evidence->n_crls, 2);
	assert_int_equal(g.evidence->n_failures, 2);
	assert_non_null(strstr(g.evidence->failures[1].why, "does not continue"));
}

/* A certificate cannot make us crawl. */
static void test_limit_of_fetches(void **state)
{
	struct office *o = *state;
	struct gather g = new_gather(o);
	bool grew;
	struct xcv_wish *wishes =
	    scope_alloc_array(o->s, LIMIT_FETCHES_PER_JOB + 100, sizeof(*wishes));
	for (size_t i = 0; i < LIMIT_FETCHES_PER_JOB + 100; i++) {
		char url[64], point[96];
		snprintf(
		    url, sizeof(url), "authorityInfoAccess=caIssuers;URI:http://x.test/%zu", i);
		snprintf(point, sizeof(point), "%s", url);
		const char *const extensions[] = { point, NULL };
		const struct mini_ca_spec spec = { .subject = "/CN=x",
			.key = mini_ca_key(MINI_CA_P256, 0),
			.serial = (int64_t)i + 1,
			.extensions = extensions };
		wishes[i].cert = mini_ca_parsed(o->s, &spec);
	}
	assert_int_equal(gather_fulfil(o->s, &g, wishes, LIMIT_FETCHES_PER_JOB + 100, &grew), OK);
	assert_int_equal(o->w->asked, LIMIT_FETCHES_PER_JOB);
	assert_false(grew);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_issuer),
		TEST(test_responder_before_list),
		TEST(test_failures_are_told),
		TEST(test_memory_is_no_failure_of_the_network),
		TEST(test_nonces),
		TEST(test_responders_that_refuse),
		TEST(test_schemes),
		TEST(test_directories),
		TEST(test_address_after_one_out_of_date),
		TEST(test_address_after_one_of_another_kind),
		TEST(test_address_of_the_second_wish),
		TEST(test_responder_that_does_not_know),
		TEST(test_delta_that_does_not_continue),
		TEST(test_limit_of_fetches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
