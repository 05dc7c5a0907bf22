/*
 * Gathering: fulfils the wishes of a judgement through the network. The only place below service/
 * that fetches revocation data and certificates.
 */
#ifndef BULLA_VALIDATOR_GATHER_H
#define BULLA_VALIDATOR_GATHER_H

#include "base/world.h"
#include "validator/xcv.h"

/* One job's fetching: what was asked already is not asked again. */
struct gather {
	const struct world *world;
	struct evidence *evidence; /* grows */
	struct instant at;         /* what ended before is out of date; 1970: nothing is */
	struct bytes *asked;       /* URLs, with the certificate for OCSP */
	size_t n_asked, room_asked;
};

/* Tries each wish: for an issuer the caIssuers URLs, for a status OCSP first, then the CRL
 * distribution points (RFC 5280 4.2.1.13, 4.2.2.1), with deltas (4.2.1.15, 5.2.6) and the
 * certificates and status of signers that are not the issuer (5.2.7). Of several addresses for the
 * same thing the next is asked when one fails, or gives what is out of date or about something
 * else; or when the wish comes again, because the judge could not use it. A fetch that fails is
 * noted in the evidence. *ret_grew: something new was learnt, so judging again makes sense. */
must_check enum err gather_fulfil(struct scope *s, struct gather *g, const struct xcv_wish *wishes,
    size_t n_wishes, bool *ret_grew);

/* Of revocation data: out of date for this job. */
bool gather_is_past(const struct gather *g, struct instant next_update);

#endif
