/*
 * What the judge says of a changed file, in the words of tests/support/update_cases.h, and whether
 * that is what was expected.
 */
#ifndef BULLA_TESTS_SUPPORT_UPDATE_VERDICT_H
#define BULLA_TESTS_SUPPORT_UPDATE_VERDICT_H

#include "validator/report.h"

struct update_verdict {
	const struct report *report;              /* NULL: refused */
	const struct report_signature *signature; /* the one that was there; NULL: none is left */
	bool all_intact;
	char text[2048]; /* as it would be expected */
};

/* `report` NULL: the error's text. `before`: the first signature of the file as it was sealed. */
void update_verdict_of(const struct report *report, const char *error,
    const struct pdf_signature *before, struct update_verdict *ret_verdict);
bool update_verdict_is(const struct update_verdict *v, const char *expected);

#endif
