#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "validator/findings.h"

static const enum finding_code all[] = {
#define X(code, severity, sub, clause, text, remedy) FINDING_##code,
#include "validator/findings.def"
#undef X
};

#define N (sizeof(all) / sizeof(all[0]))

/* What decides has a sub-indication where the standard has one, what does not has none. */
static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++) {
		const struct finding_row *row = findings_row(all[i]);
		bool decides =
		    row->severity == SEVERITY_FAILURE || row->severity == SEVERITY_INDETERMINATE;
		assert_true(strlen(row->name) > 3 && strlen(row->clause) > 3);
		assert_int_equal(row->text[strlen(row->text) - 1], '.');
		assert_true(decides || row->sub == SUB_NONE);
		assert_true(row->severity != SEVERITY_FAILURE || row->sub != SUB_NONE);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(findings_row(all[k])->name, row->name);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(findings_severity_name(SEVERITY_FAILURE), "failure");
	assert_string_equal(findings_severity_name(SEVERITY_INFO), "info");
	assert_string_equal(findings_indication_name(INDICATION_PASSED, true), "TOTAL-PASSED");
	assert_string_equal(findings_indication_name(INDICATION_PASSED, false), "PASSED");
	assert_string_equal(findings_indication_name(INDICATION_FAILED, true), "TOTAL-FAILED");
	assert_string_equal(findings_indication_name(INDICATION_FAILED, false), "FAILED");
	assert_string_equal(
	    findings_indication_name(INDICATION_INDETERMINATE, true), "INDETERMINATE");
	assert_string_equal(findings_sub_name(SUB_TRY_LATER), "TRY_LATER");
	assert_string_equal(findings_sub_name(SUB_SIGNED_DATA_NOT_FOUND), "SIGNED_DATA_NOT_FOUND");
	assert_null(findings_sub_name(SUB_NONE));
}

/* A failure outweighs, the first one gives the reason; warnings decide nothing. */
static void test_indication(void **state)
{
	struct scope *s = *state;
	struct findings f = { 0 };
	enum sub_indication sub;
	assert_int_equal(findings_indication(&f, &sub), INDICATION_PASSED);
	assert_int_equal(findings_add(s, &f, FINDING_FETCH_FAILED, NULL), OK);
	assert_int_equal(findings_add(s, &f, FINDING_LATER_UPDATES, NULL), OK);
	assert_int_equal(findings_indication(&f, &sub), INDICATION_PASSED);
	assert_int_equal(sub, SUB_NONE);
	assert_int_equal(findings_add(s, &f, FINDING_CERT_REVOKED, NULL), OK);
	assert_int_equal(findings_add(s, &f, FINDING_CHAIN_NOT_FOUND, NULL), OK);
	assert_int_equal(findings_indication(&f, &sub), INDICATION_INDETERMINATE);
	assert_int_equal(sub, SUB_REVOKED_NO_POE);
	assert_int_equal(findings_add(s, &f, FINDING_SIGNATURE_INVALID, NULL), OK);
	assert_int_equal(findings_add(s, &f, FINDING_HASH_MISMATCH, NULL), OK);
	assert_int_equal(findings_indication(&f, &sub), INDICATION_FAILED);
	assert_int_equal(sub, SUB_SIG_CRYPTO_FAILURE);
	assert_true(findings_has(&f, FINDING_HASH_MISMATCH));
	assert_false(findings_has(&f, FINDING_CA_REVOKED));
}

static void test_once_about_the_same(void **state)
{
	struct scope *s = *state;
	struct findings f = { 0 };
	assert_int_equal(findings_add(s, &f, FINDING_CERT_EXPIRED, "a"), OK);
	assert_int_equal(findings_add(s, &f, FINDING_CERT_EXPIRED, "a"), OK);
	assert_int_equal(findings_add(s, &f, FINDING_CERT_EXPIRED, "b"), OK);
	assert_int_equal(findings_add(s, &f, FINDING_CERT_EXPIRED, NULL), OK);
	assert_int_equal(findings_add(s, &f, FINDING_CERT_EXPIRED, ""), OK);
	assert_int_equal(f.n, 3);
}

/* A document cannot make the list grow without end, nor hide a failure behind its length. */
static void test_many(void **state)
{
	struct scope *s = *state;
	struct findings f = { 0 };
	enum sub_indication sub;
	for (int i = 0; i < 3000; i++) {
		char *about = scope_alloc(s, 16);
		snprintf(about, 16, "%d", i);
		assert_int_equal(findings_add(s, &f, FINDING_FETCH_FAILED, about), OK);
	}
	assert_true(f.n < 3000);
	assert_int_equal(findings_add(s, &f, FINDING_HASH_MISMATCH, NULL), OK);
	assert_int_equal(findings_indication(&f, &sub), INDICATION_FAILED);
}

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_table),
		TEST(test_names),
		TEST(test_indication),
		TEST(test_once_about_the_same),
		TEST(test_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
