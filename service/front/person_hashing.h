/*
 * Places to hash a person's password at: it takes 32 MiB and a tenth of a second, so few at a time.
 * Who logs in does not stand in a line without end: else a flood of logins would take all request
 * threads, and nobody else would be served.
 */
#ifndef BULLA_SERVICE_FRONT_PERSON_HASHING_H
#define BULLA_SERVICE_FRONT_PERSON_HASHING_H

#include <stdbool.h>

/* Waits for a place, however long: for persons who are logged in. */
void person_hashing_enter(void);
/* For anybody: waits too, but is false at once when three quarters of the request threads are at
 * hashing or wait for it already, or half of that for this address. */
bool person_hashing_try(const char *address, unsigned threads);
/* After each of the two; the same address, NULL after enter. */
void person_hashing_leave(const char *address);

#endif
