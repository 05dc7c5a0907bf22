/*
 * An evidence bundle: a verdict with all that it was made from but the document, so that it can be
 * made again. The judge is a pure function of document, evidence, anchors, policy and instant; so
 * the bundle holds every item that was at hand, also those that decided nothing, in their order,
 * with the fetches that failed. A password is never part of it.
 *
 * Where a bundle is kept is the caller's matter (service/evidence_folder.h); whoever fills one from
 * outside compares its contents with the manifest's digests first.
 */
#ifndef BULLA_VALIDATOR_EVIDENCE_BUNDLE_H
#define BULLA_VALIDATOR_EVIDENCE_BUNDLE_H

#include "validator/evidence_manifest.h"
#include "validator/validate.h"

struct evidence_bundle {
	struct evidence_manifest manifest;
	struct bytes text;      /* the manifest as it is written */
	struct bytes *contents; /* parallel to manifest.items */
	struct bytes policy;    /* policy_canonical */
	struct bytes report;    /* report_json, not compact */
};

/* Of a report that validate_pdf made under these anchors. What it points to is borrowed. */
must_check enum err evidence_bundle_of_report(struct scope *s, const struct report *report,
    const struct anchors *anchors, struct evidence_bundle *ret_bundle);

/* The certificates, CRLs and OCSP responses, with their sources: those that were there before the
 * document was read, and those that came later. ERR_FORMAT: an item that is not what it is said to
 * be; ERR_LIMIT. */
must_check enum err evidence_bundle_evidence(
    struct scope *s, const struct evidence_bundle *b, bool given, struct evidence **ret_evidence);

/* Judges again, offline, as it was then. The policy is the one that b->policy tells of, the
 * document the one with the manifest's digest: the caller has seen to both. What the means leave
 * locked is judged as validate_pdf has it. Errors as validate_pdf.
 */
must_check enum err evidence_bundle_judge(struct scope *s, const struct evidence_bundle *b,
    struct bytes document, const struct pdf_crypt_means *means, const struct policy *policy,
    struct report **ret_report);

#endif
