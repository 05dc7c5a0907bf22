/*
 * Pools of certificates made to keep the search for paths busy: it ends, says that it gave up where
 * it did, and still finds what an honest pool would show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/x509_vfy.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/mini_ca.h"
#include "validator/path_policies.h"
#include "validator/validate.h"

#define CROWD 10000

static const char *const authority[] = { "basicConstraints=critical,CA:TRUE", NULL };
static const char *const with_id[] = { "basicConstraints=critical,CA:TRUE",
	"subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid", NULL };

struct pool {
	struct scope *s;
	struct evidence *e;
	const struct cert *root;
	const struct anchors *anchors;
	EVP_PKEY *root_key;
};

static const struct cert *make(struct pool *p, const char *subject, EVP_PKEY *key,
    const struct cert *issuer, EVP_PKEY *issuer_key, const char *const *extensions)
{
	static int64_t serial;
	const struct mini_ca_spec spec = { .subject = subject,
		.key = key,
		.serial = ++serial,
		.issuer = issuer ? issuer->der : BYTES_NONE,
		.issuer_key = issuer_key,
		.extensions = extensions };
	return mini_ca_parsed(p->s, &spec);
}

static void add(struct pool *p, const struct cert *c)
{
	assert_int_equal(evidence_add_cert(p->s, p->e, c, EVIDENCE_GIVEN), OK);
}

static int pool_open(void **state)
{
	struct pool *p = calloc(1, sizeof(*p));
	assert_non_null(p);
	p->s = scope_new(0);
	assert_non_null(p->s);
	p->root_key = mini_ca_key(MINI_CA_P256, 0);
	p->root = make(p, "/CN=Root", p->root_key, NULL, NULL, with_id);
	assert_int_equal(anchors_new(p->s, &p->root, 1, &p->anchors), OK);
	assert_int_equal(evidence_new(p->s, &p->e), OK);
	*state = p;
	return 0;
}

static int pool_close(void **state)
{
	struct pool *p = *state;
	scope_free(p->s);
	free(p);
	return 0;
}

static struct path_list find(struct pool *p, const struct cert *leaf)
{
	struct path_finder *finder;
	struct path_list paths;
	assert_int_equal(path_finder_new(p->s, p->e, p->anchors, policy_default(), &finder), OK);
	assert_int_equal(path_find(p->s, finder, leaf, &paths), OK);
	return paths;
}

/* So many authorities of one name with another key than the issuer's, alike but for the serial
 * number. */
static void fill(struct pool *p, const char *name, size_t n)
{
	EVP_PKEY *key = mini_ca_key(MINI_CA_P256, 3);
	const struct mini_ca_spec spec = {
		.subject = name, .key = key, .serial = 0x7f000000, .extensions = authority
	};
	const struct cert *first = mini_ca_parsed(p->s, &spec);
	size_t at = (size_t)(first->serial.p - first->der.p);
	for (size_t i = 0; i < n; i++) {
		struct bytes der;
		assert_int_equal(bytes_copy(p->s, first->der, &der), OK);
		uint8_t *serial = (uint8_t *)(uintptr_t)der.p + at;
		serial[2] = (uint8_t)(i >> 8);
		serial[3] = (uint8_t)i;
		assert_int_equal(evidence_add_cert_der(p->s, p->e, der, EVIDENCE_GIVEN), OK);
	}
	assert_int_equal(p->e->n_certs, n);
}

static void test_crowd_with_identifier(void **state)
{
	struct pool *p = *state;
	EVP_PKEY *key = mini_ca_key(MINI_CA_P256, 1);
	fill(p, "/CN=Authority", CROWD);
	const struct cert *ca = make(p, "/CN=Authority", key, p->root, p->root_key, with_id);
	add(p, ca);
	const struct cert *leaf =
	    make(p, "/CN=Leaf", mini_ca_key(MINI_CA_P256, 2), ca, key, with_id);
	struct path_list paths = find(p, leaf);
	assert_true(paths.n > 0);
	assert_int_equal(paths.item[0].verify_error, X509_V_OK);
	assert_ptr_equal(paths.item[0].item[1], ca);
}

/* Without identifiers only so many are tested: the last of them is still found, the next is not,
 * and that is told. */
static void crowd_without_identifier(struct pool *p, size_t n, bool found)
{
	EVP_PKEY *key = mini_ca_key(MINI_CA_P256, 1);
	fill(p, "/CN=Authority", n);
	const struct cert *ca = make(p, "/CN=Authority", key, p->root, p->root_key, authority);
	add(p, ca);
	const struct cert *leaf =
	    make(p, "/CN=Leaf", mini_ca_key(MINI_CA_P256, 2), ca, key, authority);
	struct path_list paths = find(p, leaf);
	assert_int_equal(paths.n > 0 && paths.item[0].verify_error == X509_V_OK, found);
	assert_int_equal(paths.cut, !found);
}

static void test_crowd_inside(void **state)
{
	crowd_without_identifier(*state, LIMIT_PATH_SIGNATURES - 1, true);
}

static void test_crowd_outside(void **state)
{
	crowd_without_identifier(*state, LIMIT_PATH_SIGNATURES, false);
}

/* -- everybody certifies everybody -- */

#define KNOT 9

static EVP_PKEY *knot_key(size_t i)
{
	return mini_ca_key(i < MINI_CA_KEYS       ? MINI_CA_ED25519
			   : i < 2 * MINI_CA_KEYS ? MINI_CA_P384
						  : MINI_CA_BRAINPOOL_P256,
	    (unsigned)(i % MINI_CA_KEYS));
}

static const struct cert *knot(struct pool *p)
{
	const struct cert *self[KNOT];
	char name[KNOT][32];
	for (size_t i = 0; i < KNOT; i++) {
		snprintf(name[i], sizeof(name[i]), "/CN=K%zu", i);
		self[i] = make(p, name[i], knot_key(i), NULL, NULL, authority);
		add(p, self[i]);
	}
	for (size_t i = 0; i < KNOT; i++)
		for (size_t k = 0; k < KNOT; k++)
			if (i != k)
				add(p,
				    make(p, name[i], knot_key(i), self[k], knot_key(k), authority));
	return self[0];
}

static void test_knot_without_end(void **state)
{
	struct pool *p = *state;
	const struct cert *ca = knot(p);
	const struct cert *leaf =
	    make(p, "/CN=Leaf", mini_ca_key(MINI_CA_P256, 2), ca, knot_key(0), authority);
	struct path_list paths = find(p, leaf);
	assert_int_equal(paths.n, 0);
	assert_true(paths.cut);
}

static void test_knot_with_way_out(void **state)
{
	struct pool *p = *state;
	const struct cert *ca = knot(p);
	add(p, make(p, "/CN=K1", knot_key(1), p->root, p->root_key, authority));
	const struct cert *leaf =
	    make(p, "/CN=Leaf", mini_ca_key(MINI_CA_P256, 2), ca, knot_key(0), authority);
	struct path_list paths = find(p, leaf);
	assert_true(paths.n > 0);
	assert_int_equal(paths.item[0].verify_error, X509_V_OK);
	assert_int_equal(paths.item[0].n, 4); /* leaf, K0, K1, root: the shortest */
}

/* -- depth -- */

/* That the search was given up is told. */
static void check_told(struct pool *p, const struct cert *leaf, bool cut)
{
	struct findings f;
	const struct validate_request q = { .anchors = p->anchors,
		.policy = policy_default(),
		.at = { MINI_CA_NOW },
		.evidence = p->e,
		.offline = true };
	assert_int_equal(validate_certificate(p->s, NULL, &q, leaf, CERT_USE_ANY, &f), OK);
	assert_int_equal(findings_has(&f, FINDING_CHAIN_SEARCH_CUT), cut);
	assert_int_equal(findings_has(&f, FINDING_CHAIN_NOT_FOUND), cut);
}

/* `n` certificates, the root and the leaf counted. */
static struct path_list chain_of(struct pool *p, size_t n)
{
	const struct cert *above = p->root;
	EVP_PKEY *key = p->root_key;
	char name[32];
	for (size_t i = 1; i < n; i++) {
		EVP_PKEY *own = mini_ca_key(MINI_CA_P256, 1 + (unsigned)(i % 3));
		snprintf(name, sizeof(name), "/CN=D%zu", i);
		above = make(p, name, own, above, key, with_id);
		key = own;
		add(p, above);
	}
	check_told(p, above, n > LIMIT_PATH_DEPTH);
	return find(p, above);
}

static void test_depth_inside(void **state)
{
	struct path_list paths = chain_of(*state, LIMIT_PATH_DEPTH);
	assert_int_equal(paths.n, 1);
	assert_int_equal(paths.item[0].verify_error, X509_V_OK);
	assert_int_equal(paths.item[0].n, LIMIT_PATH_DEPTH);
	assert_false(paths.cut);
}

static void test_depth_outside(void **state)
{
	struct path_list paths = chain_of(*state, LIMIT_PATH_DEPTH + 1);
	assert_int_equal(paths.n, 0);
	assert_true(paths.cut);
}

/* -- policies -- */

/* One policy mapped to so many. */
static const char *mappings_text(size_t n)
{
	static char text[LIMIT_CERT_LIST * 20];
	snprintf(text, sizeof(text), "policyMappings=critical");
	for (size_t i = 1; i <= n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), ",1.3.1:1.3.%zu", i);
	return text;
}

/* Every authority has two policies and maps each to both: the tree of RFC 5280 doubles with each of
 * them. */
static void test_policies_that_would_double(void **state)
{
	struct pool *p = *state;
	static const char *const extensions[] = { "basicConstraints=critical,CA:TRUE",
		"subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid",
		"certificatePolicies=1.3.1,1.3.2",
		"policyMappings=critical,1.3.1:1.3.1,1.3.1:1.3.2,1.3.2:1.3.1,1.3.2:1.3.2", NULL };
	const struct cert *above = p->root;
	EVP_PKEY *key = p->root_key;
	char name[32];
	struct path_policies set;
	for (size_t i = 1; i < LIMIT_PATH_DEPTH; i++) {
		EVP_PKEY *own = mini_ca_key(MINI_CA_P256, 1 + (unsigned)(i % 3));
		snprintf(name, sizeof(name), "/CN=P%zu", i);
		above = make(p, name, own, above, key, extensions);
		key = own;
		add(p, above);
	}
	const struct policy_path_inputs inputs = { .explicit_policy = true };
	struct path_list paths = find(p, above);
	assert_int_equal(paths.n, 1);
	assert_int_equal(paths.item[0].verify_error, X509_V_OK);
	assert_int_equal(path_policies_find(p->s, &paths.item[0], &inputs, &set), OK);
	assert_int_equal(set.n, 2);
}

/* Any policy keeps all that one is mapped to, and admits one more. */
static int judge_many(struct pool *p, size_t mapped)
{
	const char *const upper[] = { "basicConstraints=critical,CA:TRUE",
		"certificatePolicies=2.5.29.32.0,1.3.1", mappings_text(mapped), NULL };
	const char *const lower[] = { "certificatePolicies=2.5.29.32.0,1.4.1", NULL };
	EVP_PKEY *key = mini_ca_key(MINI_CA_P256, 1);
	const struct cert *ca = make(p, "/CN=Many", key, p->root, p->root_key, upper);
	add(p, ca);
	const struct cert *leaf = make(p, "/CN=Leaf", mini_ca_key(MINI_CA_P256, 2), ca, key, lower);
	struct path_list paths = find(p, leaf);
	assert_int_equal(paths.n, 1);
	return paths.item[0].verify_error;
}

static void test_policies_inside(void **state)
{
	assert_int_equal(judge_many(*state, LIMIT_PATH_POLICIES - 1), X509_V_OK);
}

static void test_policies_outside(void **state)
{
	assert_int_equal(
	    judge_many(*state, LIMIT_PATH_POLICIES), X509_V_ERR_INVALID_POLICY_EXTENSION);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, pool_open, pool_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_crowd_with_identifier),
		TEST(test_crowd_inside),
		TEST(test_crowd_outside),
		TEST(test_knot_without_end),
		TEST(test_knot_with_way_out),
		TEST(test_depth_inside),
		TEST(test_depth_outside),
		TEST(test_policies_that_would_double),
		TEST(test_policies_inside),
		TEST(test_policies_outside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
