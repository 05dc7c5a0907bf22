/*
 * Exit statuses of the program: 0 to 2 are verdicts, 64 and up are those of sysexits.h that the
 * command line promises.
 */
#ifndef BULLA_SERVICE_EXIT_STATUS_H
#define BULLA_SERVICE_EXIT_STATUS_H

#include "base/err.h"
#include "validator/report.h"

enum {
	EXIT_STATUS_DONE = 0,          /* done; every signature TOTAL-PASSED */
	EXIT_STATUS_FAILED = 1,        /* some signature TOTAL-FAILED */
	EXIT_STATUS_INDETERMINATE = 2, /* none failed, some INDETERMINATE, or no signature */
	EXIT_STATUS_USAGE = 64,        /* the command was not understood */
	EXIT_STATUS_INPUT = 65,        /* the input cannot be worked on as asked */
	EXIT_STATUS_DIFFERS = 66,      /* replay: the report is not the stored one */
	EXIT_STATUS_UNREACHABLE = 69,  /* a service gave no usable answer */
	EXIT_STATUS_INTERNAL = 70,     /* out of memory, a fault of ours */
	EXIT_STATUS_INPUT_OUTPUT = 74, /* a file could not be read or written */
};

int exit_status_of_err(enum err e);
int exit_status_of_conclusion(enum report_conclusion c);
/* The one that counts when several documents were judged: an error before a failure, a failure
 * before an indeterminate one, that before a pass. */
int exit_status_worse(int a, int b);

#endif
