/*
 * X.509 certificate validation at an instant (EN 319 102-1 5.2.6): chain, dates, revocation, key
 * usage.
 *
 * The instant is the control time: the latest moment at which the signature may have been made (its
 * proof of existence), or the validation time without one. What is missing is noted as a wish,
 * which validator/gather.h may fulfil before the same question is asked again.
 */
#ifndef BULLA_VALIDATOR_XCV_H
#define BULLA_VALIDATOR_XCV_H

#include "validator/findings.h"
#include "validator/revocation.h"

struct xcv_wish {
	const struct cert *cert;
	const struct cert *issuer; /* NULL: the issuer itself is wanted, else the status */
};

/* What came of one path. */
struct xcv_outcome {
	const struct path *path;
	struct findings findings;
};

/* One job's context. */
struct xcv {
	const struct evidence *evidence;
	const struct anchors *anchors;
	const struct policy *policy;
	struct instant now;
	struct path_finder *finder;
	struct revocation_judge revocation;
	struct xcv_wish *wishes;
	size_t n_wishes, room_wishes;
	struct evidence *used; /* every item that some verdict rested on */
	/* Of the last question: the valid paths that were tried, in their order, and the one whose
	 * findings were given (NULL: there was no valid path). */
	struct xcv_outcome *outcomes;
	size_t n_outcomes;
	const struct path *judged;
};

must_check enum err xcv_new(struct scope *s, const struct evidence *evidence,
    const struct anchors *anchors, const struct policy *policy, struct instant now,
    struct xcv **ret_xcv);

struct xcv_question {
	const struct cert *cert;
	enum cert_use use;
	struct instant control;   /* dates and revocation are compared with this */
	struct instant fresh_for; /* revocation data must speak for this instant */
};

/* Adds its findings to the list; none of severity failure or indeterminate means PASSED. */
must_check enum err xcv_check(
    struct scope *s, struct xcv *x, const struct xcv_question *question, struct findings *findings);

#endif
