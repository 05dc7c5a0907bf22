#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/x509_vfy.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "validator/path.h"

static struct path_list find(
    struct office *o, struct evidence *e, const char *root, const char *name)
{
	struct path_finder *finder;
	struct path_list paths;
	assert_int_equal(
	    path_finder_new(o->s, e, mini_pki_anchors(o->p, root), policy_default(), &finder), OK);
	assert_int_equal(path_find(o->s, finder, mini_pki_cert(o->p, name), &paths), OK);
	return paths;
}

static struct evidence *pool_of(struct office *o, const char *const *names)
{
	struct evidence *e;
	assert_int_equal(evidence_new(o->s, &e), OK);
	for (; *names; names++)
		assert_int_equal(
		    evidence_add_cert(o->s, e, mini_pki_cert(o->p, *names), EVIDENCE_GIVEN), OK);
	return e;
}

#define POOL(o, ...) pool_of(o, (const char *const[]){ __VA_ARGS__, NULL })

static struct mini_pki_entry *new_ca(struct office *o, const char *name, const char *issuer)
{
	struct mini_pki_entry *e = mini_pki_entry(o->p, name);
	e->issuer = issuer;
	e->is_ca = true;
	e->usage = "keyCertSign,cRLSign";
	e->no_urls = true;
	return e;
}

static void test_one_path(void **state)
{
	struct office *o = *state;
	struct path_list paths = find(o, POOL(o, "signer", "ca", "tsa"), "root", "signer");
	assert_int_equal(paths.n, 1);
	assert_int_equal(paths.item[0].verify_error, 0);
	assert_int_equal(paths.item[0].n, 3);
	assert_ptr_equal(paths.item[0].item[0], mini_pki_cert(o->p, "signer"));
	assert_ptr_equal(paths.item[0].item[2], mini_pki_cert(o->p, "root"));
}

static void test_anchor_itself(void **state)
{
	struct office *o = *state;
	struct path_list paths = find(o, POOL(o, "ca"), "signer", "signer");
	assert_int_equal(paths.n, 1);
	assert_int_equal(paths.item[0].n, 1);
	assert_int_equal(paths.item[0].verify_error, 0);
}

static void test_no_path(void **state)
{
	struct office *o = *state;
	struct path_finder *finder;
	const struct cert *ends[LIMIT_PATH_DEPTH];
	size_t n = 0;
	struct evidence *e = POOL(o, "signer", "tsa");
	assert_int_equal(find(o, e, "root", "signer").n, 0);
	assert_int_equal(
	    path_finder_new(o->s, e, mini_pki_anchors(o->p, "root"), policy_default(), &finder),
	    OK);
	assert_int_equal(
	    path_find_dead_ends(o->s, finder, mini_pki_cert(o->p, "signer"), ends, &n), OK);
	assert_int_equal(n, 1);
	assert_ptr_equal(ends[0], mini_pki_cert(o->p, "signer"));
}

/* A certificate that is found later counts: what was remembered is not the last word. */
static void test_evidence_that_grows(void **state)
{
	struct office *o = *state;
	struct path_finder *finder;
	struct path_list paths;
	const struct cert *signer = mini_pki_cert(o->p, "signer");
	struct evidence *e = POOL(o, "signer");
	assert_int_equal(
	    path_finder_new(o->s, e, mini_pki_anchors(o->p, "root"), policy_default(), &finder),
	    OK);
	assert_int_equal(path_find(o->s, finder, signer, &paths), OK);
	assert_int_equal(paths.n, 0);
	assert_int_equal(
	    evidence_add_cert(o->s, e, mini_pki_cert(o->p, "ca"), EVIDENCE_FETCHED), OK);
	assert_int_equal(path_find(o->s, finder, signer, &paths), OK);
	assert_int_equal(paths.n, 1);
}

/* Two authorities of one name and key identifier, one of them a forgery with another key. */
static void test_forged_authority(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *e = new_ca(o, "forged", "forged");
	e->subject = "/C=DE/O=Bulla Tests/CN=ca";
	struct path_list paths = find(o, POOL(o, "signer", "forged", "ca"), "root", "signer");
	assert_int_equal(paths.n, 1);
	assert_int_equal(paths.item[0].verify_error, 0);
	/* Trusted by mistake it still did not sign. */
	e->cert = NULL;
	paths = find(o, POOL(o, "signer", "ca"), "forged", "signer");
	for (size_t i = 0; i < paths.n; i++)
		assert_int_not_equal(paths.item[i].verify_error, 0);
}

/* Cross-certificates in a circle end. */
static void test_circle(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *a = new_ca(o, "a", "b"), *b = new_ca(o, "b", "a");
	a->key_index = 1;
	b->key_index = 2;
	const char *const names[] = { "a", "b" };
	for (int i = 0; i < 2; i++) { /* made by hand: each would need the other first */
		struct mini_ca_spec spec = { .subject = "/C=DE/O=Bulla Tests/CN=Top",
			.key = mini_pki_private(o->p, names[1 - i]) };
		spec.subject = i ? "/C=DE/O=Bulla Tests/CN=a" : "/C=DE/O=Bulla Tests/CN=b";
		struct bytes above = mini_ca_cert(o->s, &spec);
		static const char *const extensions[] = { "basicConstraints=critical,CA:TRUE",
			"subjectKeyIdentifier=hash", NULL };
		spec = (struct mini_ca_spec){ .key = mini_pki_private(o->p, names[i]),
			.subject = i ? "/C=DE/O=Bulla Tests/CN=b" : "/C=DE/O=Bulla Tests/CN=a",
			.issuer = above,
			.issuer_key = mini_pki_private(o->p, names[1 - i]),
			.extensions = extensions };
		mini_pki_entry(o->p, names[i])->cert = mini_ca_parsed(o->s, &spec);
	}
	mini_pki_entry(o->p, "leaf")->issuer = "a";
	mini_pki_entry(o->p, "leaf")->no_urls = true;
	assert_int_equal(find(o, POOL(o, "a", "b", "leaf"), "root", "leaf").n, 0);
}

/* Many certificates of one name: the search ends, the true path is among the results. */
static void test_crowd(void **state)
{
	struct office *o = *state;
	struct evidence *e = POOL(o, "signer", "ca");
	static const char *const extensions[] = { "basicConstraints=critical,CA:TRUE", NULL };
	for (int i = 0; i < 60; i++) {
		struct mini_ca_spec spec = { .subject = "/C=DE/O=Bulla Tests/CN=ca",
			.key = mini_ca_key(MINI_CA_P256, 2),
			.serial = i + 1,
			.issuer_key = mini_ca_key(MINI_CA_P256, 3),
			.extensions = extensions };
		assert_int_equal(
		    evidence_add_cert(o->s, e, mini_ca_parsed(o->s, &spec), EVIDENCE_DSS), OK);
	}
	struct path_list paths = find(o, e, "root", "signer");
	assert_true(paths.n >= 1);
	assert_int_equal(paths.item[0].verify_error, 0);
	assert_int_equal(paths.item[0].n, 3);
}

/* -- what is wrong with a path; what the rules say is what OpenSSL says -- */

struct defect {
	const char *usage, *more;
	bool bare;
	int path_length; /* of the authority; -1: none */
	bool deep;       /* one more authority below */
	int error;
};

static void test_defects(void **state)
{
	static const struct defect defects[] = {
		{ "keyCertSign", NULL, false, -1, false, 0 },
		{ NULL, NULL, false, -1, false, 0 },
		{ "keyCertSign", NULL, true, -1, false, X509_V_ERR_INVALID_CA },
		{ "cRLSign", NULL, false, -1, false, X509_V_ERR_KEYUSAGE_NO_CERTSIGN },
		{ "keyCertSign", NULL, false, 0, false, 0 },
		{ "keyCertSign", NULL, false, 0, true, X509_V_ERR_PATH_LENGTH_EXCEEDED },
		{ "keyCertSign", NULL, false, 1, true, 0 },
		{ "keyCertSign", "1.2.3.4.5=critical,DER:0500", false, -1, false,
		    X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION },
		{ "keyCertSign", "1.2.3.4.5=DER:0500", false, -1, false, 0 },
		/* Name constraints go through OpenSSL. */
		{ "keyCertSign", "nameConstraints=critical,permitted;email:example.org", false, -1,
		    false, 0 },
		{ "keyCertSign", "nameConstraints=critical,excluded;dirName:dn", false, -1, false,
		    X509_V_ERR_EXCLUDED_VIOLATION },
		{ "keyCertSign", "nameConstraints=critical,permitted;dirName:dn", false, -1, false,
		    0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
		const struct defect *d = &defects[i];
		struct office *o = office_open();
		struct mini_pki_entry *ca = mini_pki_entry(o->p, "ca");
		const char *extensions[8] = { "subjectKeyIdentifier=hash" };
		char usage[64], constraints[64];
		size_t n = 1;
		snprintf(usage, sizeof(usage), "keyUsage=critical,%s", d->usage ? d->usage : "");
		snprintf(constraints, sizeof(constraints),
		    "basicConstraints=critical,CA:TRUE,pathlen:%d", d->path_length);
		if (!d->bare)
			extensions[n++] =
			    d->path_length >= 0 ? constraints : "basicConstraints=critical,CA:TRUE";
		if (d->usage)
			extensions[n++] = usage;
		if (d->more)
			extensions[n++] = d->more;
		const struct mini_ca_spec spec = { .subject = "/C=DE/O=Bulla Tests/CN=ca",
			.key = mini_pki_private(o->p, "ca"),
			.issuer = mini_pki_cert(o->p, "root")->der,
			.issuer_key = mini_pki_private(o->p, "root"),
			.extensions = extensions,
			.config = "[dn]\nC=DE\nO=Bulla Tests\n" };
		ca->cert = mini_ca_parsed(o->s, &spec);
		new_ca(o, "middle", "ca");
		mini_pki_entry(o->p, "signer")->issuer = d->deep ? "middle" : "ca";
		struct path_list paths =
		    find(o, POOL(o, "signer", "ca", "middle"), "root", "signer");
		assert_int_equal(paths.n, 1);
		if (paths.item[0].verify_error != d->error)
			fail_msg("defect %zu: %s", i, path_error_text(paths.item[0].verify_error));
		office_close(o);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_path),
		TEST(test_anchor_itself),
		TEST(test_no_path),
		TEST(test_evidence_that_grows),
		TEST(test_forged_authority),
		TEST(test_circle),
		TEST(test_crowd),
		TEST(test_defects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
