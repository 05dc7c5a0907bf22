/* service/report_options, service/report_form: which forms a command has, and what it says of
 * others */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "service/exit_status.h"
#include "service/report_options.h"

#define TEXT_AND_JSON (REPORT_FORM_BIT(REPORT_FORM_TEXT) | REPORT_FORM_BIT(REPORT_FORM_JSON))

static void words_are_those_of_the_set(void **state)
{
	(void)state;
	char words[REPORT_FORM_WORDS];
	report_form_words(REPORT_FORMS_ALL, words);
	assert_string_equal(words, "text, json, html, etsi or pdf");
	report_form_words(TEXT_AND_JSON, words);
	assert_string_equal(words, "text or json");
	report_form_words(REPORT_FORM_BIT(REPORT_FORM_PDF), words);
	assert_string_equal(words, "pdf");
	report_form_words(0, words);
	assert_string_equal(words, "");
}

static void forms_outside_the_set_are_refused(void **state)
{
	(void)state;
	enum report_form form = REPORT_FORM_ETSI;
	assert_false(report_form_find("html", TEXT_AND_JSON, &form));
	assert_false(report_form_find("", REPORT_FORMS_ALL, &form));
	assert_int_equal(form, REPORT_FORM_ETSI);
	assert_true(report_form_find("json", TEXT_AND_JSON, &form));
	assert_int_equal(form, REPORT_FORM_JSON);
}

static void options_are_taken(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	struct report_options o = { .forms = REPORT_FORMS_ALL };
	assert_true(report_options_has('o'));
	assert_false(report_options_has(OPTIONS_LONG));
	assert_int_equal(report_options_take(s, &o, "x", 'o', "out"), EXIT_STATUS_DONE);
	assert_int_equal(
	    report_options_take(s, &o, "x", REPORT_OPTIONS_REPORT, "pdf"), EXIT_STATUS_DONE);
	assert_int_equal(
	    report_options_take(s, &o, "x", REPORT_OPTIONS_LANG, "hu"), EXIT_STATUS_DONE);
	assert_string_equal(o.out, "out");
	assert_int_equal(o.form, REPORT_FORM_PDF);
	assert_non_null(o.messages);
	assert_int_equal(report_options_check(&o, "x"), EXIT_STATUS_DONE);
	scope_free(s);
}

static void what_is_unknown_is_a_fault_of_usage(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	struct report_options o = { .forms = TEXT_AND_JSON };
	assert_int_equal(
	    report_options_take(s, &o, "x", REPORT_OPTIONS_REPORT, "pdf"), EXIT_STATUS_USAGE);
	assert_int_equal(
	    report_options_take(s, &o, "x", REPORT_OPTIONS_LANG, "tlh"), EXIT_STATUS_USAGE);
	assert_int_equal(report_options_take(s, &o, "x", OPTIONS_LONG, "y"), EXIT_STATUS_INTERNAL);
	assert_int_equal(o.form, REPORT_FORM_TEXT);
	assert_null(o.messages);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_those_of_the_set),
		cmocka_unit_test(forms_outside_the_set_are_refused),
		cmocka_unit_test(options_are_taken),
		cmocka_unit_test(what_is_unknown_is_a_fault_of_usage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
