/*
 * X.509 certificate validation (EN 319 102-1 5.2.6) with what the later processes make of its
 * result (5.5.4 (4): compared with the best signature time; 5.6.2.4: past signature validation).
 *
 * The chain, its usages and constraints, the signer's dates, the revocation status of each
 * certificate and the algorithms are judged as the clause says at the validation time, and where
 * that fails for want of a proof of existence, with the proofs at hand. What is missing is noted as
 * a wish, which validator/gather.h may fulfil before the same question is asked again.
 *
 * A finding of severity failure or indeterminate stands for each thing that is wrong, in the order
 * of the clause: the first of the worst ones is the result.
 */
#ifndef BULLA_VALIDATOR_XCV_H
#define BULLA_VALIDATOR_XCV_H

#include "validator/findings.h"
#include "validator/proofs.h"
#include "validator/revocation.h"

struct xcv_wish {
	const struct cert *cert;
	const struct cert *issuer; /* NULL: the issuer itself is wanted, else the status */
};

/* One job's context. */
struct xcv {
	const struct evidence *evidence;
	const struct anchors *anchors;
	const struct policy *policy;
	struct instant now;    /* the validation time */
	struct proofs *proofs; /* grows as timestamps pass */
	struct path_finder *finder;
	struct revocation_judge revocation;
	struct xcv_wish *wishes;
	size_t n_wishes, room_wishes;
	struct evidence *used; /* every item that some verdict rested on */
};

must_check enum err xcv_new(struct scope *s, const struct evidence *evidence,
    const struct anchors *anchors, const struct policy *policy, struct instant now,
    struct xcv **ret_xcv);

struct xcv_question {
	const struct cert *cert;
	enum cert_use use;
	/* What was signed is proven to exist at this time: the best signature time; the validation
	 * time when there is no proof. */
	struct instant existed;
	/* It is proven not to be older: a content timestamp. INSTANT_NONE: no such proof. */
	struct instant not_older;
	/* Revocation data must speak for this instant (5.2.5.4). */
	struct instant fresh_for;
};

/* One path that was looked at. */
struct xcv_outcome {
	const struct path *path;
	struct findings findings;
};

struct xcv_answer {
	struct findings findings; /* of the path that was taken */
	const struct path *path;  /* the first that passes, else the first; NULL: none was found */
	struct xcv_outcome *outcomes; /* of the paths up to the one that passes */
	size_t n_outcomes;
	struct path_list paths; /* all that were found */
};

must_check enum err xcv_check(struct scope *s, struct xcv *x, const struct xcv_question *question,
    struct xcv_answer *ret_answer);

/* Dates the items that were used: place.proven. To be asked when all was judged. */
void xcv_date_used(struct xcv *x);

/* Notes an algorithm that signed (or digested) something which existed at `existed`, at the
 * earliest at `not_older` (INSTANT_NONE: unknown), against the validation time (5.2.8.4.2, 5.5.4
 * (4) d)). */
struct algorithm_limit;
must_check enum err xcv_note_algorithm(struct scope *s, const struct xcv *x,
    const struct algorithm_limit *limit, const struct cert *cert, struct instant existed,
    struct instant not_older, struct findings *findings);

#endif
