/*
 * Memory for what nobody else may read: OpenSSL's secure heap, which is locked, left out of core
 * dumps and fenced by guard pages; wiped when it is let go.
 */
#ifndef BULLA_SERVICE_KEEPER_KEEPER_SECRET_H
#define BULLA_SERVICE_KEEPER_KEEPER_SECRET_H

#include "base/bytes.h"

/* Before the process uses OpenSSL for the first time: the secure heap, and allocation functions
 * that wipe whatever OpenSSL frees, for it leaves remains of keys in places (decoded DER of private
 * keys, modular contexts). *ret_is_locked: whether the machine let the heap be locked. ERR_MISUSE:
 * too late. Without it (tests) secrets lie in ordinary memory, and are wiped as well. */
must_check enum err keeper_secret_prepare(struct scope *s, bool *ret_is_locked);

/* n octets of zero that live as long as the scope; then wiped. n of 0 is fine. */
must_check enum err keeper_secret_new(struct scope *s, size_t n, uint8_t **ret_octets);
/* A copy, followed by a NUL that is not counted. */
must_check enum err keeper_secret_copy(
    struct scope *s, struct bytes secret, struct bytes *ret_copy);

/* Overwrites what calls that returned left on this thread's stack. */
void keeper_secret_sweep(void);
/* Before a thread ends, while the process waits for it: lets go what OpenSSL keeps for it. Else the
 * thread's own end would do that, perhaps after the process has begun to end. */
void keeper_secret_end_thread(void);

#endif
