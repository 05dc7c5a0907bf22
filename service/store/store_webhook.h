/*
 * The queue of webhooks: what a portal is to be told, until it said that it knows. An entry is
 * added in the transaction of the change that it tells (store_write), so neither is without the
 * other.
 */
#ifndef BULLA_SERVICE_STORE_STORE_WEBHOOK_H
#define BULLA_SERVICE_STORE_STORE_WEBHOOK_H

#include "service/store/store.h"

enum store_webhook_state {
	STORE_WEBHOOK_WAITING,
	STORE_WEBHOOK_DELIVERED,
	STORE_WEBHOOK_GIVEN_UP,
	STORE_WEBHOOK_STATES,
};

struct store_webhook {
	const char *id; /* "wh_...": the portal tells repetitions by it */
	const char *portal;
	const char *event;  /* "sealing.sealed", ... */
	const char *object; /* id of the sealing or filing */
	const char *body;   /* JSON, what is posted and HMAC'ed */
	struct instant created;
	enum store_webhook_state state;
	unsigned attempts;
	struct instant next_at;      /* of the next attempt */
	struct instant delivered_at; /* INSTANT_NONE */
	const char *answer;          /* of the last attempt: "HTTP 503", "no answer"; "" */
};

/* Waiting, without attempts, due at `created`. */
must_check enum err store_webhook_add(
    struct scope *s, struct store *store, const struct store_webhook *w);
must_check enum err store_webhook_find(
    struct scope *s, struct store *store, const char *id, const struct store_webhook **ret_webhook);

struct store_webhook_list {
	const struct store_webhook *webhook;
	size_t n;
	const char *next;
};
/* Waiting with next_at at or before `now`: of one portal the earliest first and at most `each`,
 * then of the next portal, at most `limit` in all. Of one object only that which was added first:
 * they are told in their order. */
must_check enum err store_webhook_list_due(struct scope *s, struct store *store, struct instant now,
    unsigned limit, unsigned each, struct store_webhook_list *ret_list);
/* The earliest next_at of all that wait; INSTANT_NONE: none waits. */
must_check enum err store_webhook_next(
    struct scope *s, struct store *store, struct instant *ret_next);
/* waiting -> delivered. ERR_MISUSE otherwise. */
must_check enum err store_webhook_delivered(
    struct scope *s, struct store *store, const char *id, const char *answer, struct instant now);
/* An attempt that failed: waits until next_at, or with INSTANT_NONE is given up. ERR_MISUSE: it
 * does not wait. */
must_check enum err store_webhook_failed(struct scope *s, struct store *store, const char *id,
    const char *answer, struct instant next_at);
/* given up -> waiting, due at `now`: by an administrator. ERR_MISUSE otherwise. */
must_check enum err store_webhook_retry(
    struct scope *s, struct store *store, const char *id, struct instant now);
/* Of a portal (NULL: all), in a state; newest first. */
must_check enum err store_webhook_list(struct scope *s, struct store *store, const char *portal,
    enum store_webhook_state state, struct store_page page, struct store_webhook_list *ret_list);
must_check enum err store_webhook_count(
    struct scope *s, struct store *store, uint64_t ret_n[STORE_WEBHOOK_STATES]);
/* Removes delivered ones that were created before. */
must_check enum err store_webhook_purge(
    struct scope *s, struct store *store, struct instant before, uint64_t *ret_n);

#endif
