#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/crl_updates.h"
#include "tests/support/mini_ca_revocation.h"

static void test_dates(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	EVP_PKEY *key = mini_ca_key(MINI_CA_P256, 0);
	struct mini_ca_revocation_crl spec = { .issuer = mini_ca_root(s, key),
		.key = key,
		.this_update = MINI_CA_NOW,
		.next_update = MINI_CA_NOW + MINI_CA_DAY };
	struct instant this_update, next_update;
	for (int i = 0; i < 2; i++) {
		struct bytes der = mini_ca_revocation_crl(s, &spec);
		assert_int_equal(crl_updates_read(s, der, &this_update, &next_update), OK);
		assert_int_equal(this_update.unix_s, MINI_CA_NOW);
		assert_int_equal(next_update.unix_s, MINI_CA_NOW + MINI_CA_DAY);
		for (size_t n = 0; n < der.n; n++) {
			assert_int_equal(
			    crl_updates_read(s, bytes_cut(der, 0, n), &this_update, &next_update),
			    ERR_FORMAT);
			scope_forgive(s);
		}
		spec.v1 = true;
	}
	spec.next_update = MINI_CA_REVOCATION_ABSENT;
	assert_int_equal(
	    crl_updates_read(s, mini_ca_revocation_crl(s, &spec), &this_update, &next_update), OK);
	assert_false(instant_is_known(next_update));
	spec.pem = true;
	assert_int_equal(
	    crl_updates_read(s, mini_ca_revocation_crl(s, &spec), &this_update, &next_update),
	    ERR_FORMAT);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_dates) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
