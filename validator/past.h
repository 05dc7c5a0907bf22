/*
 * Past certificate validation and the sliding of the control time (EN 319 102-1 5.6.2.1, 5.6.2.2):
 * until when a chain can be relied upon, by evidence that is proven to be older than the moment at
 * which something in the chain went wrong.
 *
 * Certificates and revocation data whose signer's certificate has expired must be proven to be
 * older than that. The revocation data's freshness limits the control time only where the policy
 * sets a maximum age or asks for the letter of 5.6.2.2 (2) (slide_by_next_update): EU DSS does so
 * too, and archives whose data is a day older than their timestamp would else fail. Chain
 * constraints are the caller's.
 */
#ifndef BULLA_VALIDATOR_PAST_H
#define BULLA_VALIDATOR_PAST_H

#include "validator/proofs.h"
#include "validator/revocation.h"

struct past_result {
	bool passed;
	struct instant control;     /* the chain can be relied upon for what existed until then */
	bool slid;                  /* something went wrong at `control`; else it is the present */
	const struct cert *missing; /* NO_POE: for this one nothing usable is proven; or NULL */
};

/* All of a statement must be proven: the latest of its items' proofs. */
struct instant past_proof_of_statement(
    const struct proofs *p, const struct revocation_statement *statement);

/* Slides over path->item, from the one below the anchor down to the certificate itself. */
must_check enum err past_validate(struct scope *s, struct revocation_judge *j,
    const struct proofs *proofs, const struct path *path, struct past_result *ret_result);

#endif
