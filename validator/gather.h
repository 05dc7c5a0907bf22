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
	struct bytes *asked;       /* URLs, with the certificate for OCSP */
	size_t n_asked, room_asked;
};

/* Tries each wish once: for an issuer the caIssuers URLs, for a status OCSP first, then the CRL
 * distribution points (RFC 5280 4.2.1.13, 4.2.2.1). A fetch that fails is noted in the evidence.
 * *ret_grew: something new was learnt, so judging again makes sense. */
must_check enum err gather_fulfil(struct scope *s, struct gather *g, const struct xcv_wish *wishes,
    size_t n_wishes, bool *ret_grew);

#endif
