/*
 * A test program of tables of changes (update_cases.h), one test for each case and base. With a
 * folder as its argument it writes the files there instead, as CASE@BASE.pdf, for other programs.
 */
#ifndef BULLA_TESTS_SUPPORT_UPDATE_PROGRAM_H
#define BULLA_TESTS_SUPPORT_UPDATE_PROGRAM_H

#include "tests/support/update_verdict.h"

/* `holds` is asked of each file beside what its case expects; it fails the test by itself. */
int update_program_run(
    const char *prefix, void (*holds)(const struct update_verdict *v), int argc, char **argv);

#endif
