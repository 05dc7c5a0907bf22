#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/cms.h"
#include "sealer/timestamp.h"
#include "tests/support/office.h"

static const char *const one[] = { "http://tsa.test/" };

static enum err obtain(struct office *o, const char *const *urls, size_t n, struct bytes *ret_token)
{
	struct digest imprint;
	scope_forgive(o->s);
	assert_int_equal(digest_of_bytes(o->s, DIGEST_SHA256, BYTES_LIT("data"), &imprint), OK);
	return timestamp_obtain(o->s, &o->w->world, urls, n, &imprint, ret_token);
}

static void test_token_for_what_was_asked(void **state)
{
	struct office *o = *state;
	struct bytes token;
	const struct cms *cms;
	struct tst_info info;
	struct digest imprint;
	assert_int_equal(obtain(o, one, 1, &token), OK);
	assert_int_equal(cms_parse(o->s, token, NULL, &cms), OK);
	assert_int_equal(tst_info_parse(o->s, cms->econtent, &info), OK);
	assert_int_equal(digest_of_bytes(o->s, DIGEST_SHA256, BYTES_LIT("data"), &imprint), OK);
	assert_true(digest_equal(&info.imprint, &imprint));
	assert_int_equal(info.nonce.n, 16);
	assert_int_equal(info.gen_time.unix_s, MINI_CA_NOW);
}

static void test_lies(void **state)
{
	static const char *const wanted[MINI_PKI_LIES] = {
		[MINI_PKI_WRONG_NONCE] = "answers another request",
		[MINI_PKI_NO_NONCE] = "answers another request",
		[MINI_PKI_WRONG_IMPRINT] = "made for other data",
		[MINI_PKI_BAD_SIGNATURE] = "signature does not verify",
		[MINI_PKI_NO_CERT] = "does not carry its signer's certificate",
		[MINI_PKI_REJECTION] = "refused: rejection, badRequest: not today",
		[MINI_PKI_NO_TOKEN] = "holds no timestamp token",
		[MINI_PKI_GARBAGE] = "http://tsa.test/",
		[MINI_PKI_NOT_A_TOKEN] = "http://tsa.test/",
		[MINI_PKI_NOT_A_TSA] = "not for timestamping",
	};
	struct office *o = *state;
	struct bytes token = BYTES_NONE;
	for (int lie = MINI_PKI_TRUTH + 1; lie < MINI_PKI_LIES; lie++) {
		mini_pki_serve_tsa(o->p, one[0], "tsa", (enum mini_pki_lie)lie);
		assert_int_equal(obtain(o, one, 1, &token), ERR_NET);
		if (!strstr(scope_fault_text(o->s), wanted[lie]))
			fail_msg("lie %d: \"%s\" lacks \"%s\"", lie, scope_fault_text(o->s),
			    wanted[lie]);
		assert_non_null(strstr(scope_fault_text(o->s), one[0]));
		assert_int_equal(token.n, 0);
	}
}

/* Each authority is asked once, in order; the first good answer counts. */
static void test_authorities_in_order(void **state)
{
	static const char *const urls[] = { "http://down.test/", "http://liar.test/",
		"http://tsa.test/", "http://never.test/" };
	struct office *o = *state;
	struct bytes token;
	canned_world_break(o->w, urls[0], ERR_NET);
	mini_pki_serve_tsa(o->p, urls[1], "tsa", MINI_PKI_WRONG_NONCE);
	mini_pki_serve_tsa(o->p, urls[3], "tsa", MINI_PKI_TRUTH);
	assert_int_equal(obtain(o, urls, 4, &token), OK);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(canned_world_asked(o->w, urls[i]), i < 3);
	assert_string_equal(scope_fault_text(o->s), "");
}

/* The cause of the last one is told. */
static void test_none_answers(void **state)
{
	static const char *const urls[] = { "http://tsa.test/", "http://far.test/" };
	struct office *o = *state;
	struct bytes token;
	canned_world_break(o->w, urls[0], ERR_DENIED);
	canned_world_break(o->w, urls[1], ERR_NET);
	assert_int_equal(obtain(o, urls, 2, &token), ERR_NET);
	assert_string_equal(scope_fault_text(o->s), "http://far.test/: service unreachable");
	assert_int_equal(obtain(o, urls, 0, &token), ERR_MISUSE);
}

/* Two requests differ in their nonces, also when the first random octet is 0 or above 127. */
static void test_nonces(void **state)
{
	struct office *o = *state;
	struct bytes a, b;
	for (int i = 0; i < 40; i++) {
		assert_int_equal(obtain(o, one, 1, &a), OK);
		assert_int_equal(obtain(o, one, 1, &b), OK);
		assert_false(bytes_equal(a, b));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_token_for_what_was_asked),
		TEST(test_lies),
		TEST(test_authorities_in_order),
		TEST(test_none_answers),
		TEST(test_nonces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
