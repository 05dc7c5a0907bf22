#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"

/* What the first signature says about everything that came after it. */
struct outcome {
	bool intact;
	const struct report_signature *sig;
};

static struct outcome after(
    struct office *o, const char *base, int docmdp, const char *const *changes)
{
	struct paper *d = paper_new(o->p, base);
	paper_sign(d, &(struct paper_signature){
			  .cms.by = "signer", .claimed = MINI_CA_NOW, .docmdp = docmdp });
	for (; *changes; changes++)
		paper_change(d, *changes);
	const struct report *r = office_judge(o, d->document, true);
	return (struct outcome){ r->signatures[0].intact, &r->signatures[0] };
}

#define CHANGES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool has_kind(
    const struct report_signature *sig, enum report_modification_kind kind, bool allowed)
{
	for (size_t i = 0; i < sig->n_modifications; i++)
		if (sig->modifications[i].kind == kind && sig->modifications[i].allowed == allowed)
			return true;
	return false;
}

static void test_kinds(void **state)
{
	static const struct {
		const char *base, *change;
		enum report_modification_kind kind;
		bool allowed;
	} cases[] = {
		{ "one-page", "annotation", MODIFICATION_ANNOTATION, true },
		{ "form", "fill", MODIFICATION_FORM_FILL, true },
		{ "one-page", "info", MODIFICATION_METADATA, true },
		{ "one-page", "page", MODIFICATION_PAGE_CONTENT, false },
		{ "one-page", "content", MODIFICATION_PAGE_CONTENT, false },
		{ "one-page", "script", MODIFICATION_STRUCTURE, false },
		{ "form", "field", MODIFICATION_FIELD, false },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outcome r = after(o, cases[i].base, 0, CHANGES(cases[i].change));
		if (!has_kind(r.sig, cases[i].kind, cases[i].allowed))
			fail_msg(
			    "%s: no %s", cases[i].change, report_modification_name(cases[i].kind));
		assert_int_equal(r.intact, cases[i].allowed);
		for (size_t k = 0; k < r.sig->n_modifications; k++) {
			assert_true(strlen(r.sig->modifications[k].path) > 0);
			assert_true(strlen(r.sig->modifications[k].rule) > 0);
		}
	}
}

/* P of a certification: 0 none, then 1 to 3. */
static void test_certified(void **state)
{
	static const struct {
		const char *base, *change;
		bool intact[4];
	} cases[] = {
		{ "one-page", "annotation", { true, false, false, true } },
		{ "form", "fill", { true, false, true, true } },
		{ "one-page", "page", { false, false, false, false } },
		{ "one-page", "nothing", { true, true, true, true } },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int p = 0; p <= 3; p++)
			if (after(o, cases[i].base, p, CHANGES(cases[i].change)).intact !=
			    cases[i].intact[p])
				fail_msg("%s with P=%d", cases[i].change, p);
}

/* An allowed change does not cover a forbidden one, before or after it. */
static void test_mixed(void **state)
{
	struct office *o = *state;
	assert_true(after(o, "form", 0, CHANGES("annotation", "fill", "info")).intact);
	assert_false(after(o, "form", 0, CHANGES("annotation", "page", "fill")).intact);
	assert_false(after(o, "form", 0, CHANGES("page", "annotation")).intact);
	assert_false(after(o, "form", 0, CHANGES("fill", "script")).intact);
}

/* A second seal takes what stands there as its own; the first one does not. */
static void test_each_signature_by_itself(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	const struct paper_signature sig = { .cms.by = "signer", .claimed = MINI_CA_NOW };
	paper_sign(d, &sig);
	paper_change(d, "page");
	paper_sign(d, &sig);
	const struct report *r = office_judge(o, d->document, true);
	assert_false(r->signatures[0].intact);
	assert_true(r->signatures[1].intact);
	assert_int_equal(r->signatures[1].n_modifications, 0);
	assert_true(has_kind(&r->signatures[0], MODIFICATION_SIGNATURE, true));
	assert_true(has_kind(&r->signatures[0], MODIFICATION_PAGE_CONTENT, false));
}

/* An object that the signed page refers to and that was not there may not come later, also when
 * something allowed leads to it too. */
static void test_dangling_reference(void **state)
{
	struct office *o = *state;
	assert_true(after(o, "dangling", 0, CHANGES("nothing")).intact);
	assert_false(after(o, "dangling", 0, CHANGES("dangling")).intact);
	assert_false(after(o, "dangling", 0, CHANGES("annotation", "dangling")).intact);
}

static void test_long_lists(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d, &(struct paper_signature){ .cms.by = "signer", .claimed = MINI_CA_NOW });
	for (int i = 0; i < 30; i++)
		paper_change(d, "annotation");
	const struct report *r = office_judge(o, d->document, true);
	assert_true(r->signatures[0].intact);
	assert_true(r->signatures[0].n_modifications >= 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kinds),
		TEST(test_certified),
		TEST(test_mixed),
		TEST(test_each_signature_by_itself),
		TEST(test_dangling_reference),
		TEST(test_long_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
