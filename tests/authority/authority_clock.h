/*
 * The authority's clock: DIR/clock holds "fixed RFC3339" or "offset SECONDS"; without the file it
 * is the machine's clock. Read anew at every request.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_CLOCK_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_CLOCK_H

#include "base/instant.h"

/* The present instant by DIR/clock. A damaged file counts as none. */
struct instant authority_clock_now(const char *dir);
/* The machine's clock in nanoseconds; only for numbers that must grow. */
uint64_t authority_clock_ticks(void);
/* Sets it: "real", "+N", "-N" (seconds off the machine's clock) or an RFC 3339 instant. */
must_check enum err authority_clock_set(struct scope *s, const char *dir, const char *text);

#endif
