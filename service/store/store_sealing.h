/*
 * Sealings: one request of a portal to have one or several documents sealed with one partner's key.
 *
 *	awaiting -> sealing               store_sealing_begin: exactly one of several at once wins
 *	sealing  -> sealed                store_sealing_finish
 *	sealing  -> awaiting              store_sealing_back: the attempt failed; the cause is kept
 *	sealing  -> failed                store_sealing_fail: it will not be tried again
 *	awaiting -> cancelled | expired   store_sealing_cancel, store_sealing_expire
 *
 * Each change says from where; anything else is ERR_MISUSE and changes nothing. An attempt has a
 * number, counted from 1; what one attempt brings after it was given up (its process was replaced,
 * the front restarted) is refused, because the number has moved on.
 *
 * The sealed files: an attempt writes them under names that hold its number (store_files.h); the
 * change to "sealed" makes the row point to them. See there for what a crash leaves.
 */
#ifndef BULLA_SERVICE_STORE_STORE_SEALING_H
#define BULLA_SERVICE_STORE_STORE_SEALING_H

#include "service/store/store.h"

enum store_sealing_state {
	STORE_SEALING_AWAITING,
	STORE_SEALING_SEALING,
	STORE_SEALING_SEALED,
	STORE_SEALING_CANCELLED,
	STORE_SEALING_EXPIRED,
	STORE_SEALING_FAILED,
	STORE_SEALING_STATES,
};
/* "awaiting", "sealing", ... */
const char *store_sealing_state_name(enum store_sealing_state state);
/* False: no such word. */
bool store_sealing_state_of_name(const char *name, enum store_sealing_state *ret_state);

struct store_sealing_document {
	unsigned n; /* from 1 */
	const char *name;
	uint64_t size;
	uint8_t sha256[32];
	unsigned pages;
	/* Of the sealed file; 0, zeros and "" until the sealing is sealed. */
	uint64_t sealed_size;
	uint8_t sealed_sha256[32];
	const char *summary; /* JSON: Bulla's judgement of its own work; "" */
};

struct store_sealing {
	const char *id;                /* "sl_..." */
	const char *portal;            /* of the configuration */
	const char *idempotency_key;   /* NULL: the portal gave none */
	uint8_t request_sha256[32];    /* of the request, for the key's sake */
	const char *partner;           /* id; NULL: unattended with a key of the operator's own */
	const char *reference, *title; /* of the portal; "" */
	const char *data;              /* JSON: the application's data; "" */
	const char *options;           /* JSON: level, visible seal, language; "" */
	const char *return_url;        /* NULL */
	bool has_window;               /* window_sha256 counts */
	uint8_t window_sha256[32];     /* of the token in the window's address */
	bool unattended;
	struct instant created, expires;

	enum store_sealing_state state;
	const char *cause; /* of the last failed attempt, of failure or cancelling: a code; "" */
	const char *cause_text; /* for people; "" */
	unsigned attempts;      /* the number of the present or last one */
	const char *officer;    /* person of the present or last attempt; NULL */
	const char *key;        /* id, or the name of an unattended key; NULL */
	struct instant begun;   /* the last attempt */
	struct instant ended;   /* sealed, cancelled, expired, failed; INSTANT_NONE */
	bool has_files;         /* not yet removed after their retention */

	const struct store_sealing_document *document;
	size_t n_documents; /* in lists 0: store_sealing_find has them */
};

/* Stores a new one, in state awaiting with no attempts, whatever `sealing` says of those; its
 * documents' files are in their place before (store_files_take). When the portal has one with this
 * idempotency key already: with the same request_sha256 it comes back, nothing is stored and
 * *ret_is_new is false (the caller removes the files it took); with another one ERR_MISUSE. Exactly
 * one of several at once is stored. Other ERR_MISUSE: the partner is missing or not active. */
must_check enum err store_sealing_add(struct scope *s, struct store *store,
    const struct store_sealing *sealing, const struct store_sealing **ret_sealing,
    bool *ret_is_new);
/* The one with this idempotency key, before all the work is done; NULL. The caller compares
 * request_sha256. */
must_check enum err store_sealing_find_repeat(struct scope *s, struct store *store,
    const char *portal, const char *idempotency_key, const struct store_sealing **ret_sealing);
must_check enum err store_sealing_find(
    struct scope *s, struct store *store, const char *id, const struct store_sealing **ret_sealing);
must_check enum err store_sealing_find_window(struct scope *s, struct store *store,
    const uint8_t window_sha256[32], const struct store_sealing **ret_sealing);
/* The sealing one of whose sealed files has this digest (the newest); NULL. */
must_check enum err store_sealing_find_sealed(struct scope *s, struct store *store,
    const uint8_t sealed_sha256[32], const struct store_sealing **ret_sealing);

/* Who seals, and with what. */
struct store_sealing_attempt {
	const char *officer; /* NULL: unattended */
	const char *key;
	struct instant now;
};
/* ERR_MISUSE: not awaiting (somebody else was faster, it was cancelled, ...), or it expires at or
 * before `now`. Gives the number of the attempt. */
must_check enum err store_sealing_begin(struct scope *s, struct store *store, const char *id,
    const struct store_sealing_attempt *a, unsigned *ret_attempt);
/* `cause` is a code ("tsa-unreachable"), `text` for people. */
must_check enum err store_sealing_back(struct scope *s, struct store *store, const char *id,
    unsigned attempt, const char *cause, const char *text);
must_check enum err store_sealing_fail(struct scope *s, struct store *store, const char *id,
    unsigned attempt, const char *cause, const char *text, struct instant now);
/* All documents at once: n, sealed_size, sealed_sha256 and summary of each count. Their files lie
 * under the attempt's names, forced to disk (store_files_put, kind STORE_FILES_SEALED). ERR_MISUSE
 * also when `n_documents` is not the sealing's. */
must_check enum err store_sealing_finish(struct scope *s, struct store *store, const char *id,
    unsigned attempt, const struct store_sealing_document *document, size_t n_documents,
    struct instant now);
must_check enum err store_sealing_cancel(struct scope *s, struct store *store, const char *id,
    const char *cause, const char *text, struct instant now);
/* ERR_MISUSE also when it expires later than `now`. Ends its window's sessions, as cancelling does.
 */
must_check enum err store_sealing_expire(
    struct scope *s, struct store *store, const char *id, struct instant now);
/* Those in state sealing that began before `before` go back to awaiting with the cause
 * "interrupted": at start all (nobody seals yet), later those whose worker must be gone. Gives
 * their ids. */
must_check enum err store_sealing_recover(struct scope *s, struct store *store,
    struct instant before, const char *const **ret_ids, size_t *ret_n);
/* A new token for the window's address: the old address ends. ERR_MISUSE: not awaiting. */
must_check enum err store_sealing_set_window(
    struct scope *s, struct store *store, const char *id, const uint8_t window_sha256[32]);

/* What is listed; a NULL or -1 stands for all. */
struct store_sealing_filter {
	const char *portal;
	const char *partner;
	int state;             /* of enum store_sealing_state; STORE_SEALING_ANY */
	struct instant since;  /* created at or after; INSTANT_NONE */
	struct instant before; /* created before; INSTANT_NONE */
	const char *reference; /* exactly this */
};
#define STORE_SEALING_ANY (-1)
struct store_sealing_list {
	const struct store_sealing *sealing;
	size_t n;
	const char *next;
};
/* Newest first. */
must_check enum err store_sealing_list(struct scope *s, struct store *store,
    const struct store_sealing_filter *filter, struct store_page page,
    struct store_sealing_list *ret_list);
/* Awaiting ones that expire at or before `now`; the earliest first, at most LIMIT_STORE_PAGE. */
must_check enum err store_sealing_list_expired(
    struct scope *s, struct store *store, struct instant now, struct store_sealing_list *ret_list);
/* Unattended ones that await; the oldest first, at most `limit`. */
must_check enum err store_sealing_list_unattended(
    struct scope *s, struct store *store, unsigned limit, struct store_sealing_list *ret_list);
/* Ended before `ended_before` with files still there; as above. */
must_check enum err store_sealing_list_retired(struct scope *s, struct store *store,
    struct instant ended_before, struct store_sealing_list *ret_list);
/* Its files are to go: data and options are emptied, has_files is false; then the caller removes
 * the folder (store_files_remove). What a crash leaves in between is swept at the next start.
 * ERR_MISUSE: it has not ended. */
must_check enum err store_sealing_retire(struct scope *s, struct store *store, const char *id);

/* Sealings by state. */
must_check enum err store_sealing_count(
    struct scope *s, struct store *store, uint64_t ret_n[STORE_SEALING_STATES]);

#endif
