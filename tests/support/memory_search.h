/*
 * Looks for octets in the memory of another process, as a debugger would (/proc/PID/mem): for
 * proofs that a secret is gone. Wants the rights of a debugger: root has them.
 */
#ifndef BULLA_TESTS_SUPPORT_MEMORY_SEARCH_H
#define BULLA_TESTS_SUPPORT_MEMORY_SEARCH_H

#include <sys/types.h>

#include "base/bytes.h"

/* False: this user or machine does not allow it, or the program runs with a sanitizer, which keeps
 * copies of its own. */
bool memory_search_is_possible(pid_t pid);

struct memory_search {
	size_t octets;   /* that were searched */
	size_t found;    /* occurrences */
	size_t unlocked; /* of these, in memory that is not locked, or may go into a core dump */
};

/* Searches all that is readable. Mistakes end the program. */
struct memory_search memory_search_run(pid_t pid, struct bytes needle);
/* The number after `name` ("VmLck:") in a file of /proc/PID; -1: not there. */
long memory_search_status(pid_t pid, const char *file, const char *name);

#endif
