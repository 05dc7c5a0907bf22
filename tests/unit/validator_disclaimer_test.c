#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/mini_ca.h"
#include "validator/disclaimer.h"

#define CLAUSE "Only for filings \xc3\xa1 la carte."

/* A certificate with two notices, a description in its subject and two private extensions. */
static const struct cert *made(struct scope *s)
{
	const struct mini_ca_spec spec = { .subject = "/CN=Seal/description=Only filings",
		.key = mini_ca_key(MINI_CA_P256, 0),
		.extensions = (const char *const[]){ "certificatePolicies=1.2.3,@with",
		    "1.2.3.4=ASN1:UTF8String:As an extension", "1.2.3.5=ASN1:SEQUENCE:two", NULL },
		.config = "[with]\npolicyIdentifier=1.2.4\nuserNotice.1=@a\nuserNotice.2=@b\n"
			  "[a]\nexplicitText=UTF8:First.\n"
			  "[b]\nexplicitText=UTF8:" CLAUSE "\n"
			  "[two]\nn=INTEGER:1\nt=UTF8String:Inside\n" };
	return mini_ca_parsed(s, &spec);
}

static size_t missing(struct scope *s, const struct policy_disclaimer *wanted)
{
	struct policy_disclaimer d = *wanted;
	struct findings f = { 0 };
	d.text = d.text ? d.text : "";
	d.pattern = d.pattern ? d.pattern : "";
	assert_int_equal(disclaimer_check(s, &d, made(s), &f), OK);
	for (size_t i = 0; i < f.n; i++)
		assert_int_equal(f.item[i].code, FINDING_DISCLAIMER_MISSING);
	return f.n;
}

static void test_notice(void **state)
{
	static const struct {
		const char *text, *pattern;
		size_t missing;
	} cases[] = {
		{ "", "", 0 }, { CLAUSE, "", 0 }, { "First.", "", 0 },
		{ "for filings", "", 0 },                                  /* a part of it */
		{ "Only  for\nfilings\xc2\xa0\xc3\xa1 la carte.", "", 0 }, /* white space */
		{ "Only for filings a\xcc\x81 la carte.", "", 0 },         /* decomposed */
		{ "only for filings", "", 1 },                             /* case */
		{ "Only for filings a la carte.", "", 1 },                 /* another letter */
		{ "First. Only", "", 1 },                                  /* of two notices */
		{ "", "Only for * carte.", 0 }, { "", "Only for filings ? la carte.", 0 },
		{ "", "Only for filings a\xcc\x81*", 0 },
		{ "", "Only for filings", 1 }, /* the whole */
		{ "", "*filings?la*", 1 }, { "Only", "*carte.", 0 },
		{ "First", "*carte.", 1 }, /* both of one */
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct policy_disclaimer d = { .text = cases[i].text,
			.pattern = cases[i].pattern };
		if (missing(s, &d) != cases[i].missing)
			fail_msg("\"%s\" \"%s\"", d.text, d.pattern);
	}
}

static void test_other_places(void **state)
{
	static const struct {
		enum policy_disclaimer_place place;
		const char *oid, *text;
		size_t missing;
	} cases[] = {
		{ POLICY_DISCLAIMER_EXTENSION, "\x2a\x03\x04", "As an extension", 0 },
		{ POLICY_DISCLAIMER_EXTENSION, "\x2a\x03\x04", "Inside", 1 },
		{ POLICY_DISCLAIMER_EXTENSION, "\x2a\x03\x05", "Inside", 0 },
		{ POLICY_DISCLAIMER_EXTENSION, "\x2a\x03\x06", "Inside", 1 },
		{ POLICY_DISCLAIMER_EXTENSION, "\x2a\x03\x04", CLAUSE, 1 },
		{ POLICY_DISCLAIMER_SUBJECT, "\x55\x04\x0d", "Only filings", 0 },
		{ POLICY_DISCLAIMER_SUBJECT, "\x55\x04\x0d", "Seal", 1 },
		{ POLICY_DISCLAIMER_SUBJECT, "\x55\x04\x03", "Seal", 0 },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct policy_disclaimer d = { .place = cases[i].place,
			.oid = bytes_of_str(cases[i].oid),
			.text = cases[i].text };
		if (missing(s, &d) != cases[i].missing)
			fail_msg("case %zu", i);
	}
}

static void test_approval(void **state)
{
	struct scope *s = *state;
	const struct cert *c = made(s);
	struct digest other = c->sha256;
	other.value[31] ^= 1;
	const struct bytes known[] = { digest_bytes(&other), digest_bytes(&c->sha256) };
	struct policy_disclaimer d = {
		.text = "", .pattern = "", .approval = true, .approved = { known, 2 }
	};
	struct findings f = { 0 };
	char *hex;
	assert_int_equal(disclaimer_check(s, &d, c, &f), OK);
	assert_int_equal(f.n, 0);
	d.approved.n = 1;
	assert_int_equal(disclaimer_check(s, &d, c, &f), OK);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.item[0].code, FINDING_DISCLAIMER_NOT_APPROVED);
	assert_ptr_equal(f.item[0].cert, c);
	assert_int_equal(bytes_to_hex(s, digest_bytes(&c->sha256), &hex), OK);
	assert_non_null(strstr(f.item[0].about, hex));
	d.approval = false;
	f.n = 0;
	assert_int_equal(disclaimer_check(s, &d, c, &f), OK);
	assert_int_equal(f.n, 0);
}

/* The one that answers, else the first, else none. */
static void test_text(void **state)
{
	static const struct {
		const char *text, *found;
	} cases[] = { { "", "First." }, { "for filings", CLAUSE }, { "nothing", "First." } };
	struct scope *s = *state;
	const struct mini_ca_spec bare = { .subject = "/CN=Seal",
		.key = mini_ca_key(MINI_CA_P256, 0) };
	const char *text;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct policy_disclaimer d = { .text = cases[i].text, .pattern = "" };
		assert_int_equal(disclaimer_text(s, &d, made(s), &text), OK);
		assert_string_equal(text, cases[i].found);
	}
	const struct policy_disclaimer any = { .text = "", .pattern = "" };
	assert_int_equal(disclaimer_text(s, &any, mini_ca_parsed(s, &bare), &text), OK);
	assert_null(text);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_notice, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_places, setup, teardown),
		cmocka_unit_test_setup_teardown(test_approval, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
