/*
 * The only door outward for everything below service/: a clock, randomness, and fetching. The
 * service fills it in with the real things, tests with canned ones.
 */
#ifndef BULLA_BASE_WORLD_H
#define BULLA_BASE_WORLD_H

#include "base/bytes.h"
#include "base/instant.h"

struct scope;

/* What is wanted; the fetcher chooses limits and caching by it and may refuse. */
enum fetch_kind {
	FETCH_CERTIFICATE, /* AIA caIssuers */
	FETCH_CRL,
	FETCH_OCSP,
	FETCH_TIMESTAMP,
	FETCH_TRUST_LIST,
};

struct fetch_request {
	enum fetch_kind kind;
	const char *url;
	struct bytes body;        /* non-empty: POST, else GET */
	const char *content_type; /* of the body; NULL for GET */
	size_t cap;               /* a larger answer is ERR_LIMIT; 0: the cap of its kind */
};

struct fetch_reply {
	int status;               /* HTTP status, 200 for schemes without one */
	struct bytes body;        /* in the scope */
	const struct bytes *more; /* further values, where a directory holds several (LDAP) */
	size_t n_more;
	const char *content_type; /* in the scope, "" when none was given */
};

struct world {
	void *ctx;
	/* The present instant. Read once per job. */
	struct instant (*now)(void *ctx);
	/* n bytes fit for nonces and keys. */
	enum err (*random)(void *ctx, struct scope *s, uint8_t *p, size_t n);
	/* ERR_NET (no answer, time-out, HTTP status other than 200), ERR_LIMIT (too large) or
	 * ERR_DENIED (scheme, address or switch forbids it), with the URL and the cause as text. */
	enum err (*fetch)(void *ctx, struct scope *s, const struct fetch_request *want,
	    struct fetch_reply *ret_reply);
	/* Answers may be ones kept from a former run, found by URL and body: a request that is to
	 * be found again has no nonce in it. */
	bool keeps_answers;
};

#endif
