/*
 * Attacks on sealed files (tests/updates/attack-*): each is noticed and named, and none passes.
 * What a permission allows is at least told of. Run from the root of the repository; with a folder
 * as its argument it writes the files there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/support/update_program.h"

static bool any_warning(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (findings_row(f->item[i].code)->severity == SEVERITY_WARNING)
			return true;
	return false;
}

static void is_noticed(const struct update_verdict *v)
{
	if (!v->report || v->report->conclusion != CONCLUSION_TOTAL_PASSED)
		return;
	bool any = any_warning(&v->report->findings);
	for (size_t i = 0; i < v->report->n_signatures; i++)
		any |= any_warning(&v->report->signatures[i].findings);
	assert_true(any);
}

int main(int argc, char **argv)
{
	return update_program_run("attack-", is_noticed, argc, argv);
}
