/*
 * The way in: gather, then judge (EN 319 102-1). A bad seal is a report, not an error.
 */
#ifndef BULLA_VALIDATOR_VALIDATE_H
#define BULLA_VALIDATOR_VALIDATE_H

#include "base/world.h"
#include "trust-lists/anchors.h"
#include "validator/report.h"
#include "validator/xcv.h"

struct validate_request {
	const char *name;      /* of the document, for the report */
	struct bytes document; /* borrowed; a mapped file is read where needed and once per hash */
	struct bytes password; /* of the document, may be empty */
	/* Of a document that is encrypted for certificates. NULL: what can be judged is judged, and
	 * a finding tells of it. */
	const struct recipient *recipient;
	const struct anchors *anchors;
	const struct policy *policy;
	struct instant at; /* the validation time */
	struct evidence
	    *evidence; /* may hold what the caller has; gathering adds to it. NULL: none */
	bool offline;  /* nothing is fetched */
	/* Of a former judgement that is made again: what had come in after the document was read.
	 * NULL: nothing. Its count of unreadable items is taken over. */
	const struct evidence *later;
};

/* Judges a PDF. `world` may be NULL when offline. ERR_FORMAT: not a PDF that Bulla can read;
 * ERR_DENIED: needs a password, or another recipient's key; fetching that fails is a finding, never
 * an error. */
must_check enum err validate_pdf(struct scope *s, const struct world *world,
    const struct validate_request *request, struct report **ret_report);

/* Judges one certificate by itself for a use at an instant (EN 319 102-1 5.2.6); what is missing is
 * fetched unless `offline`. The request's document, password and name are not looked at. */
must_check enum err validate_certificate(struct scope *s, const struct world *world,
    const struct validate_request *request, const struct cert *cert, enum cert_use use,
    struct findings *ret_findings);
/* The same with all that was seen on the way: the paths, what was used. */
must_check enum err validate_certificate_in_context(struct scope *s, const struct world *world,
    const struct validate_request *request, const struct cert *cert, enum cert_use use,
    struct xcv **ret_context, struct xcv_answer *ret_answer);

#endif
