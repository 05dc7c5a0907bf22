/*
 * Honest updates of sealed files (tests/updates/honest-*), as other programs write them: none is
 * taken for an attack. Run from the root of the repository; with a folder as its argument it writes
 * the files there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/update_program.h"

static void is_untouched(const struct update_verdict *v)
{
	assert_non_null(v->report);
	assert_true(v->all_intact);
	for (size_t i = 0; i < v->report->n_signatures; i++)
		for (size_t k = 0; k < v->report->signatures[i].n_modifications; k++)
			assert_true(v->report->signatures[i].modifications[k].allowed);
	assert_int_equal(v->report->conclusion, CONCLUSION_TOTAL_PASSED);
}

int main(int argc, char **argv)
{
	return update_program_run("honest-", is_untouched, argc, argv);
}
