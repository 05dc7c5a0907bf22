/*
 * How a portal knows that a message is Bulla's and new:
 *
 *	Bulla-Signature: t=1795000000,v1=HEX
 *
 * HEX is the HMAC-SHA256, by the portal's secret, of the instant, a full stop and the body as it
 * came. Each attempt has an instant of its own. The receiver computes it anew, compares in constant
 * time, and refuses what is more than WEBHOOK_SIGNATURE_WINDOW_S away from its own clock; within
 * that window it tells repetitions by Bulla-Delivery. tests/demo/webhook_signature.py does all of
 * that. Words other than t and v1 may come: they are to be passed over.
 */
#ifndef BULLA_SERVICE_FRONT_WEBHOOK_SIGNATURE_H
#define BULLA_SERVICE_FRONT_WEBHOOK_SIGNATURE_H

#include "base/bytes.h"
#include "base/instant.h"

#define WEBHOOK_SIGNATURE_WINDOW_S 300

/* The header's value, in the scope. */
must_check enum err webhook_signature_make(struct scope *s, struct bytes secret, struct instant at,
    struct bytes body, const char **ret_value);
/* The same by the secret in this file, ends of line cut off; it is wiped when this returns. ERR_IO,
 * ERR_LIMIT; ERR_DENIED: shorter than LIMIT_WEBHOOK_SECRET_LEAST. */
must_check enum err webhook_signature_make_by_file(struct scope *s, const char *secret_file,
    struct instant at, struct bytes body, const char **ret_value);

#endif
