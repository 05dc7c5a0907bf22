/*
 * Connections that are made to wait (faults delay and hang) without holding up a worker thread.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_WAIT_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct MHD_Connection;
struct authority_wait;
struct scope;

/* Starts the thread that wakes them. It ends with authority_wait_stop, not with the scope. */
must_check enum err authority_wait_start(struct scope *s, struct authority_wait **ret_wait);
/* Wakes all, takes no more, ends the thread. To be called before the daemon is stopped. */
void authority_wait_stop(struct authority_wait *wait);

/* Suspends the connection for that long. False when no more are taken. */
bool authority_wait_add(
    struct authority_wait *wait, struct MHD_Connection *connection, int64_t seconds);

#endif
