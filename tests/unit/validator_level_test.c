#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"

static const char *format_of(struct office *o, struct bytes document, size_t i)
{
	return office_judge(o, document, true)->signatures[i].format;
}

static struct paper_signature signature(const char *sub_filter, bool stamped)
{
	return (struct paper_signature){
		.cms = { .by = "signer", .n_stamps = stamped, .stamps = { { .at = MINI_CA_NOW } } },
		.sub_filter = sub_filter,
		.claimed = MINI_CA_NOW,
	};
}

static void add_store(struct office *o, struct paper *d)
{
	paper_store(
	    d, &(struct paper_store){ .certs = { mini_pki_cert(o->p, "ca")->der }, .n_certs = 1 });
}

static void add_timestamp(struct paper *d)
{
	const struct paper_signature t = { .is_timestamp = true,
		.cms = { .n_stamps = 1, .stamps = { { .at = MINI_CA_NOW } } } };
	paper_sign(d, &t);
}

/* Step by step: what each addition makes of the four families. */
static void test_steps(void **state)
{
	static const struct {
		const char *sub_filter;
		bool signing_time;
		const char *names[5]; /* B, stamped, with a store, and archived */
	} families[] = {
		{ NULL, false,
		    { "PAdES-BASELINE-B", "PAdES-BASELINE-T", "PAdES-BASELINE-LT",
			"PAdES-BASELINE-LTA" } },
		{ NULL, true, { "PAdES-BES", "PAdES-BES", "PAdES-LTV", "PAdES-LTV" } },
		{ "adbe.pkcs7.detached", false, { "PKCS7-B", "PKCS7-T", "PKCS7-LT", "PKCS7-LTA" } },
		{ "Acme", false,
		    { "PDF-NOT-ETSI", "PDF-NOT-ETSI", "PDF-NOT-ETSI", "PDF-NOT-ETSI" } },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		struct paper *b = paper_new(o->p, "one-page"), *t = paper_new(o->p, "one-page");
		struct paper_signature plain = signature(families[i].sub_filter, false);
		struct paper_signature stamped = signature(families[i].sub_filter, true);
		plain.cms.signing_time = stamped.cms.signing_time =
		    families[i].signing_time ? MINI_CA_NOW : 0;
		paper_sign(b, &plain);
		assert_string_equal(format_of(o, b->document, 0), families[i].names[0]);
		paper_sign(t, &stamped);
		assert_string_equal(format_of(o, t->document, 0), families[i].names[1]);
		add_store(o, t);
		assert_string_equal(format_of(o, t->document, 0), families[i].names[2]);
		add_timestamp(t);
		assert_string_equal(format_of(o, t->document, 0), families[i].names[3]);
	}
}

/* A document timestamp makes it T; a second one after a store, LTA. */
static void test_document_timestamps(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	const struct paper_signature plain = signature(NULL, false);
	paper_sign(d, &plain);
	add_timestamp(d);
	assert_string_equal(format_of(o, d->document, 0), "PAdES-BASELINE-T");
	add_store(o, d);
	assert_string_equal(format_of(o, d->document, 0), "PAdES-BASELINE-LT");
	add_timestamp(d);
	assert_string_equal(format_of(o, d->document, 0), "PAdES-BASELINE-LTA");
	assert_string_equal(format_of(o, d->document, 1), "DOCUMENT-TIMESTAMP");
}

/* A timestamp before the store, or before the signature, archives nothing. */
static void test_order_matters(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	const struct paper_signature stamped = signature(NULL, true),
				     plain = signature(NULL, false);
	paper_sign(d, &stamped);
	add_timestamp(d);
	add_store(o, d);
	assert_string_equal(format_of(o, d->document, 0), "PAdES-BASELINE-LT");
	d = paper_new(o->p, "one-page");
	add_timestamp(d);
	paper_sign(d, &plain);
	assert_string_equal(format_of(o, d->document, 1), "PAdES-BASELINE-B");
}

/* A store alone does not lift B, nor does an empty one lift T. */
static void test_stores_that_do_nothing(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	const struct paper_signature stamped = signature(NULL, true),
				     plain = signature(NULL, false);
	paper_sign(d, &plain);
	add_store(o, d);
	assert_string_equal(format_of(o, d->document, 0), "PAdES-BASELINE-B");
	d = paper_new(o->p, "one-page");
	paper_sign(d, &stamped);
	paper_store(d, &(struct paper_store){ 0 });
	assert_string_equal(format_of(o, d->document, 0), "PAdES-BASELINE-T");
}

/* A timestamp for another file proves nothing about this one. */
static void test_wrong_document_timestamp(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	const struct paper_signature plain = signature(NULL, false);
	const struct paper_signature wrong = { .is_timestamp = true,
		.cms = { .n_stamps = 1,
		    .stamps = { { .at = MINI_CA_NOW, .flaw = PAPER_CMS_FLAW_IMPRINT } } } };
	paper_sign(d, &plain);
	paper_sign(d, &wrong);
	assert_string_equal(format_of(o, d->document, 0), "PAdES-BASELINE-B");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_steps),
		TEST(test_document_timestamps),
		TEST(test_order_matters),
		TEST(test_stores_that_do_nothing),
		TEST(test_wrong_document_timestamp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
