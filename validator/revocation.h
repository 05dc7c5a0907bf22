/*
 * The status of one certificate, from the OCSP responses and CRLs at hand (RFC 6960, RFC 5280 6.3,
 * EN 319 102-1 5.2.6.4). Only items that are signed by someone with the authority to say so count;
 * of those a permanent revocation wins, then the newest statement.
 *
 * Covered: OCSP by the issuer itself or by a responder it delegated (RFC 6960 4.2.2.2); CRLs,
 * complete, with deltas, indirect, for some reasons or kinds of certificates, by the issuer or by
 * others on a path to the same anchor. A list that names a freshestCRL is used without a delta as
 * long as it is fresh itself (RFC 5280 6.3.3 leaves the use of deltas to the verifier, EU DSS uses
 * none); gathering asks for the delta.
 *
 * A kind of revocation data that the policy does not take (revocation_kinds) is not looked at.
 *
 * Where the RFCs leave it open, as EU DSS: a CertID must match by name and key of the issuer;
 * revocation data by a signer that is revoked is passed over, unless it is known to be older; OCSP
 * responses do not outrank CRLs, the newer counts. Otherwise than EU DSS, which passes over
 * everything issued after a certificate's end, an entry that says "revoked" counts whenever it was
 * issued; and a hold that was lifted later is remembered as a suspension of its time.
 */
#ifndef BULLA_VALIDATOR_REVOCATION_H
#define BULLA_VALIDATOR_REVOCATION_H

#include "validator/path.h"
#include "validator/policy.h"
#include "validator/proofs.h"

enum revocation_state {
	REVOCATION_UNKNOWN, /* nothing acceptable */
	REVOCATION_GOOD,
	REVOCATION_REVOKED,
	REVOCATION_SUSPENDED,  /* certificateHold */
	REVOCATION_NOT_NEEDED, /* nocheck, noRevAvail, validity-assured short term */
};

/* One statement by somebody with the authority to make it. */
struct revocation_statement {
	enum revocation_state state; /* GOOD, REVOKED or SUSPENDED */
	struct instant revoked_at;   /* INSTANT_NONE when GOOD */
	enum crl_reason reason;
	struct instant this_update, next_update; /* next_update INSTANT_NONE if there is none */
	bool with_delta;                         /* the dates are those of the delta */
	/* Its place in the history: this_update; of several lists the latest one. */
	struct instant said_at;
	/* What says so: one OCSP response, or one complete list with the delta applied to it and,
	 * where lists are split by reasons, all of them: then the earliest this_update and
	 * next_update count. */
	const struct evidence_ocsp *ocsp;
	const struct evidence_crl *const *crls;
	size_t n_crls;
	const struct cert *signer; /* of the response or of the first list */
	/* From the signer to an anchor; NULL when the signer is the certificate's issuer itself, as
	 * it stands in the path, or a responder that the issuer signed and that has no valid path
	 * of its own. */
	const struct path *signer_path;
};

/* Everything acceptable that was ever said about one certificate: its history. */
struct revocation_record {
	bool not_needed;                         /* nocheck, noRevAvail, short term */
	const struct revocation_statement *item; /* newest said_at first */
	size_t n;
	const char *rejected;     /* why some item about this certificate did not count; NULL */
	const char *rejected_url; /* where it came from, NULL */
};

/* The statement that decides among those issued up to `until` (INSTANT_NONE: all): a permanent
 * revocation wins, then the newest. NULL when there is none. */
const struct revocation_statement *revocation_decide(
    const struct revocation_record *record, struct instant until);
/* A suspension that covers `at` though a later statement lifted it: from its revocation date to the
 * first statement without it. */
bool revocation_was_suspended(const struct revocation_record *record, struct instant at,
    struct instant *ret_from, struct instant *ret_until);

/* One job's view; remembers which items were found authentic. */
struct revocation_judge {
	const struct evidence *evidence;
	const struct policy *policy;
	struct instant now; /* the validation time: what was issued after it is passed over */
	struct revocation_memo *memo;
	struct path_finder *finder; /* for signers that are not the issuer; NULL: there are none */
	/* Since when items are known to exist: what was said before its signer was revoked counts.
	 * NULL: nothing is known. May grow from question to question. */
	const struct proofs *proofs;
};

/* The history of `cert`, issued by `issuer`. Found once per judge. */
must_check enum err revocation_find(struct scope *s, struct revocation_judge *j,
    const struct cert *cert, const struct cert *issuer,
    const struct revocation_record **ret_record);
/* The statement is recent enough to speak for the instant `at` (EN 319 102-1 5.2.5.4): younger than
 * the policy's maximum age, where it sets one; else its nextUpdate plus the policy's grace period
 * not reached. Without a nextUpdate it must be less than a day old: the clause has it stale at
 * once, but then no answer of a responder that leaves it out (RFC 6960 2.4) would ever do, and EU
 * DSS by default asks for no freshness at all. */
bool revocation_statement_is_fresh(
    const struct policy *p, const struct revocation_statement *statement, struct instant at);

#endif
