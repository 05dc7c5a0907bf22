/*
 * The status of one certificate, from the OCSP responses and CRLs at hand (RFC 6960, RFC 5280 6.3,
 * EN 319 102-1 5.2.6.4). Only items that are signed by someone with the authority to say so count;
 * of those a permanent revocation wins, then the newest statement.
 *
 * Covered: OCSP by the issuer itself or by a responder it delegated (RFC 6960 4.2.2.2), complete
 * CRLs by the issuer, limited to user or CA certificates or not. Not yet: delta, indirect and
 * reason-partitioned CRLs, which are passed over.
 */
#ifndef BULLA_VALIDATOR_REVOCATION_H
#define BULLA_VALIDATOR_REVOCATION_H

#include "validator/path.h"
#include "validator/policy.h"

enum revocation_state {
	REVOCATION_UNKNOWN, /* nothing acceptable */
	REVOCATION_GOOD,
	REVOCATION_REVOKED,
	REVOCATION_SUSPENDED,  /* certificateHold */
	REVOCATION_NOT_NEEDED, /* nocheck, noRevAvail, validity-assured short term */
};

struct revocation_status {
	enum revocation_state state;
	struct instant revoked_at;
	enum crl_reason reason;
	struct instant this_update, next_update; /* of what decided */
	const struct evidence_ocsp *ocsp;        /* what decided; one of the two */
	const struct evidence_crl *crl;
	const struct cert *signer; /* whose signature stands under it */
	const char *rejected;      /* why some item about this certificate did not count; NULL */
};

/* One job's view; remembers which items were found authentic. */
struct revocation_judge {
	const struct evidence *evidence;
	const struct policy *policy;
	struct instant now; /* the validation time: what was issued after it is passed over */
	struct revocation_memo *memo;
};

/* Status of `cert`, issued by `issuer`, as it was said in items of this evidence. */
must_check enum err revocation_status(struct scope *s, struct revocation_judge *j,
    const struct cert *cert, const struct cert *issuer, struct revocation_status *ret_status);
/* What decided is recent enough to speak for the instant `at` (EN 319 102-1 5.2.5.4): issued after
 * it, or its nextUpdate plus the policy's grace period not passed; without a nextUpdate at most a
 * day old; and not older than the policy's maximum age, where it sets one. */
bool revocation_is_fresh(
    const struct policy *p, const struct revocation_status *status, struct instant at);

#endif
