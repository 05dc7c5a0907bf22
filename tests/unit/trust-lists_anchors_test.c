#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/office.h"

static void test_set(void **state)
{
	struct office *o = *state;
	const struct anchors *a;
	const struct cert *root = mini_pki_cert(o->p, "root"), *ca = mini_pki_cert(o->p, "ca");
	const struct cert *again;
	assert_int_equal(cert_parse(o->s, root->der, &again), OK);
	const struct cert *certs[] = { root, ca, again, root };
	assert_int_equal(anchors_new(o->s, certs, 4, &a), OK);
	assert_int_equal(a->n, 2);
	assert_true(anchors_has(a, again));
	assert_true(anchors_has(a, ca));
	assert_false(anchors_has(a, mini_pki_cert(o->p, "signer")));
}

/* The certificate counts, not its name or key. */
static void test_renewed_certificate_is_another(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *e = mini_pki_entry(o->p, "renewed");
	e->subject = "/C=DE/O=Bulla Tests/CN=root";
	e->issuer = "renewed";
	e->key_type = MINI_CA_P256;
	e->key_index = 0;
	e->is_ca = true;
	e->no_urls = true;
	assert_false(anchors_has(mini_pki_anchors(o->p, "root"), mini_pki_cert(o->p, "renewed")));
}

static void test_empty_set(void **state)
{
	struct office *o = *state;
	const struct anchors *a;
	assert_int_equal(anchors_new(o->s, NULL, 0, &a), OK);
	assert_int_equal(a->n, 0);
	assert_false(anchors_has(a, mini_pki_cert(o->p, "root")));
}

static void test_limit(void **state)
{
	struct office *o = *state;
	const struct anchors *a;
	const struct cert **many =
	    scope_alloc_array(o->s, LIMIT_POOL_CERTIFICATES + 1, sizeof(*many));
	for (size_t i = 0; i <= LIMIT_POOL_CERTIFICATES; i++)
		many[i] = mini_pki_cert(o->p, "root");
	assert_int_equal(anchors_new(o->s, many, LIMIT_POOL_CERTIFICATES, &a), OK);
	assert_int_equal(a->n, 1);
	assert_int_equal(anchors_new(o->s, many, LIMIT_POOL_CERTIFICATES + 1, &a), ERR_LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_set),
		TEST(test_renewed_certificate_is_another),
		TEST(test_empty_set),
		TEST(test_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
