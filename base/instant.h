/*
 * Instants in UTC, to the second, and their civil (proleptic Gregorian) form. Leap seconds are not
 * counted, as in POSIX time. Nothing here reads a clock.
 */
#ifndef BULLA_BASE_INSTANT_H
#define BULLA_BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct instant {
	int64_t unix_s; /* seconds since 1970-01-01T00:00:00Z */
};

struct civil {
	int year, month, day;     /* 1..9999, 1..12, 1..31 */
	int hour, minute, second; /* 0..23, 0..59, 0..60 */
};

#define INSTANT_NONE ((struct instant){ INT64_MIN })
/* Room for "9999-12-31T23:59:59Z" and its NUL, and to spare for the compiler's arithmetic. */
#define INSTANT_TEXT 32

static inline bool instant_is_known(struct instant t)
{
	return t.unix_s != INT64_MIN;
}
static inline bool instant_before(struct instant a, struct instant b)
{
	return a.unix_s < b.unix_s;
}
static inline bool instant_equal(struct instant a, struct instant b)
{
	return a.unix_s == b.unix_s;
}
/* t moved by a number of seconds; saturates. An unknown instant stays unknown. */
struct instant instant_add(struct instant t, int64_t seconds);
/* The earlier (later) of two; an unknown one never wins. */
struct instant instant_min(struct instant a, struct instant b);
struct instant instant_max(struct instant a, struct instant b);

/* False when a field is out of range, e.g. 30 February. Second 60 becomes the next minute. */
bool instant_of_civil(struct civil c, struct instant *ret_t);
/* An instant outside of the years 1 to 9999 gives the nearest second inside. */
struct civil instant_civil(struct instant t);

/* RFC 3339 with 'Z' or a numeric offset; fractions of a second are cut off. */
bool instant_of_rfc3339(struct bytes text, struct instant *ret_t);
/* "2026-11-22T10:00:00Z". An unknown instant, or one without a civil form, gives "unknown". */
void instant_to_rfc3339(struct instant t, char ret_text[INSTANT_TEXT]);

#endif
