/*
 * What the program says on standard error: exactly one line per fault, `bulla: what: why`. Control
 * characters become '?', so a hostile name cannot write lines of its own.
 */
#ifndef BULLA_SERVICE_DIAGNOSTIC_H
#define BULLA_SERVICE_DIAGNOSTIC_H

#include "base/scope.h"

/* One line; a very long one is cut. */
void diagnostic_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* As diagnostic_line with a hint at the help; returns EXIT_STATUS_USAGE. */
int diagnostic_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The fault of the scope, about `what` (NULL: the text names the thing itself, as those of files
 * and fetches do). Returns the exit status that belongs to e. */
int diagnostic_fault(const struct scope *s, enum err e, const char *what);

#endif
