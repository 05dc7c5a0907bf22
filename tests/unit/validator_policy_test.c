#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "validator/policy.h"

static void test_default(void **state)
{
	struct scope *s = scope_new(0);
	struct bytes text;
	(void)state;
	assert_int_equal(policy_canonical(s, policy_default(), &text), OK);
	assert_true(bytes_equal_str(text, "name=default\n"
					  "revocation_max_age_s=0\n"
					  "grace_s=0\n"
					  "timestamp_delay_s=0\n"
					  "signer_key_usage=3\n"
					  "revocation_required=1\n"));
	scope_free(s);
}

/* Each value shows in the text, so that no two policies share a digest. */
static void test_every_value_counts(void **state)
{
	struct scope *s = scope_new(0);
	(void)state;
	struct policy p[7];
	struct bytes text[7];
	for (size_t i = 0; i < 7; i++)
		p[i] = *policy_default();
	p[1].name = "other";
	p[2].revocation_max_age_s = 1;
	p[3].grace_s = 1;
	p[4].timestamp_delay_s = 1;
	p[5].signer_key_usage = 0;
	p[6].revocation_required = false;
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(policy_canonical(s, &p[i], &text[i]), OK);
		for (size_t k = 0; k < i; k++)
			assert_false(bytes_equal(text[i], text[k]));
	}
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_every_value_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
