/*
 * Sessions of persons on the window and the desk. The cookie holds a token (identifier_token); the
 * store knows its SHA-256 only, so who reads the database cannot be anybody.
 */
#ifndef BULLA_SERVICE_STORE_STORE_SESSION_H
#define BULLA_SERVICE_STORE_STORE_SESSION_H

#include "service/store/store.h"

struct store_session {
	uint8_t sha256[32];   /* of the token */
	const char *listener; /* "window" or "desk": a cookie of one is none on the other */
	const char *person;
	const char *sealing; /* of the window: the only one it is for; else NULL */
	const char *csrf;    /* token that forms carry */
	const char *address; /* of the client when it began */
	struct instant began, last_seen;
	struct instant ends; /* at the latest, whatever is done */
};

must_check enum err store_session_add(
    struct scope *s, struct store *store, const struct store_session *session);
/* NULL when there is none of this listener, or it ended: `now` is not before `ends`, or last_seen
 * is `idle_seconds` or more ago. */
must_check enum err store_session_find(struct scope *s, struct store *store,
    const uint8_t sha256[32], const char *listener, struct instant now, unsigned idle_seconds,
    const struct store_session **ret_session);
/* Sets last_seen; writes only when it moved by 30 s or more, so that pages do not wait for the
 * disk. A session that is gone stays gone, which is OK. */
must_check enum err store_session_touch(
    struct scope *s, struct store *store, const struct store_session *session, struct instant now);
/* Logging out. OK also when there was none. */
must_check enum err store_session_end(
    struct scope *s, struct store *store, const uint8_t sha256[32]);
/* All of a person; and all of a sealing's window. */
must_check enum err store_session_end_person(
    struct scope *s, struct store *store, const char *person, uint64_t *ret_n);
must_check enum err store_session_end_sealing(
    struct scope *s, struct store *store, const char *sealing, uint64_t *ret_n);
/* Removes those that ended: by `ends`, or seen last before `seen_before` (now less the longest
 * idle time there is). */
must_check enum err store_session_purge(struct scope *s, struct store *store, struct instant now,
    struct instant seen_before, uint64_t *ret_n);
must_check enum err store_session_count(
    struct scope *s, struct store *store, struct instant now, uint64_t *ret_n);

#endif
