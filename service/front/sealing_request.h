/*
 * The part `request` of POST /v1/sealings: what a portal wants sealed by whom, as JSON (the schema
 * SealingRequest of service/front/openapi.json). Strict: a member that is not known is refused, and
 * texts that a person will see hold nothing that prints as something else than it is (control
 * characters, marks that turn the direction of writing).
 *
 * Not checked here: whether there is such a partner, or whether the portal may send officers to
 * this address.
 */
#ifndef BULLA_SERVICE_FRONT_SEALING_REQUEST_H
#define BULLA_SERVICE_FRONT_SEALING_REQUEST_H

#include "base/bytes.h"

struct sealing_request {
	const char *partner;    /* id or organisation identifier; NULL: unattended */
	const char *reference;  /* the portal's own, "" when it has none */
	const char *title;      /* what the officer is asked to seal */
	struct bytes data;      /* the application's data, canonical JSON */
	struct bytes options;   /* for service/worker/worker_seal_options.h, canonical JSON */
	const char *barcode;    /* what a bar code of this application holds: see below */
	const char *return_url; /* NULL: none */
	bool unattended;        /* by the portal's unattended key, without an officer */
};

/* All in the scope. ERR_FORMAT: "request: $.title: missing"; ERR_LIMIT. */
must_check enum err sealing_request_parse(
    struct scope *s, struct bytes json, struct sealing_request *ret_request);

/* What the bar code says: "BULLA:1:" and the SHA-256, in upper-case hex, of the canonical JSON (RFC
 * 8785) of {"data": DATA, "reference": REFERENCE}. So any change of the data gives another one, and
 * everybody who has the data can make it again. */
must_check enum err sealing_request_barcode(
    struct scope *s, struct bytes canonical_data, const char *reference, const char **ret_text);

/* Whether the window may send an officer back to `url`: it begins with one of the prefixes, is
 * https or on the loopback, names no user, and holds printable ASCII only. A prefix without a path
 * means the whole host. */
bool sealing_request_may_return(const char *url, const char *const *prefixes, size_t n);

#endif
