/*
 * What is said on a link to the fetcher, and who may say it:
 *
 *	worker	BEGIN_JOB, then FETCH of certificates, CRLs, OCSP responses, timestamps, trust lists
 *	front	FETCH of timestamps (for the log), WEBHOOK, STATUS
 *
 * Each request has one reply: BEGUN, FETCHED, SENT, COUNTS, or MESSAGE_FAULT with ERR_NET,
 * ERR_LIMIT or ERR_DENIED and a text as world.fetch (base/world.h) gives it. What is malformed, or
 * not for this peer, is answered with a fault too: ERR_FORMAT, ERR_DENIED.
 *
 * Both sides check. A request has no header that its sender may choose freely: content types follow
 * from the kind. Does not say which addresses may be reached: service/fetcher/fetcher_rules.h.
 */
#ifndef BULLA_SERVICE_FETCHER_FETCHER_PROTOCOL_H
#define BULLA_SERVICE_FETCHER_FETCHER_PROTOCOL_H

#include "base/instant.h"
#include "base/world.h"
#include "service/process/message.h"
#include "service/process/role.h"

enum {
	FETCHER_BEGIN_JOB = 1, /* LIMIT_FETCHES_PER_JOB counts from here */
	FETCHER_FETCH = 2,
	FETCHER_WEBHOOK = 3,
	FETCHER_STATUS = 4, /* nothing in it; replied with COUNTS: fetcher_status.h */
	FETCHER_BEGUN = 11,
	FETCHER_FETCHED = 12,
	FETCHER_SENT = 13,
	FETCHER_COUNTS = 14,
};

/* A message to a portal. Texts are of letters, digits and "_-.,=": they become header lines. */
struct fetcher_webhook {
	const char *portal;    /* whose configured URL it goes to */
	const char *event;     /* Bulla-Event: "sealing.sealed" */
	const char *delivery;  /* Bulla-Delivery: the same each time it is tried */
	const char *signature; /* Bulla-Signature */
	struct bytes body;     /* JSON */
};

/* Octets that a request of this peer may have. */
size_t fetcher_protocol_most(enum role peer);
/* ERR_DENIED: not for this peer, or no request. */
must_check enum err fetcher_protocol_may_ask(struct scope *s, enum role peer, uint32_t kind);

/* -- jobs -- */
/* `at`: the instant that is judged for, so that a kept answer must be current then; INSTANT_NONE:
 * the present. */
void fetcher_protocol_put_job(struct buf *b, struct instant at);
must_check enum err fetcher_protocol_take_job(
    struct scope *s, struct bytes content, struct instant *ret_at);

/* -- fetches -- */
/* ERR_DENIED: a URL or a body that the fetcher would not take. content_type is not told. */
must_check enum err fetcher_protocol_put_fetch(
    struct scope *s, struct buf *b, const struct fetch_request *want);
/* Borrows content. The content type follows from the kind, the cap is at most the kind's. */
must_check enum err fetcher_protocol_take_fetch(
    struct scope *s, enum role peer, struct bytes content, struct fetch_request *ret_want);
/* Octets that a reply to this may have, in body and further values together. */
size_t fetcher_protocol_cap(const struct fetch_request *want);

/* Into a buffer with room for FETCHER_PROTOCOL_REPLY(cap). A content type that is not plain is left
 * out. */
#define FETCHER_PROTOCOL_REPLY(cap) ((cap) + 4096)
void fetcher_protocol_put_fetched(struct buf *b, const struct fetch_reply *reply);
/* The values are copied into the scope. ERR_FORMAT, ERR_LIMIT: more than was asked for. */
must_check enum err fetcher_protocol_take_fetched(struct scope *s, struct bytes content,
    const struct fetch_request *want, struct fetch_reply *ret_reply);

/* -- webhooks -- */
void fetcher_protocol_put_webhook(struct buf *b, const struct fetcher_webhook *hook);
/* Borrows content. ERR_FORMAT. */
must_check enum err fetcher_protocol_take_webhook(
    struct scope *s, struct bytes content, struct fetcher_webhook *ret_hook);
void fetcher_protocol_put_sent(struct buf *b, int status);
must_check enum err fetcher_protocol_take_sent(
    struct scope *s, struct bytes content, int *ret_status);

#endif
