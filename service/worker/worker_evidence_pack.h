/*
 * An evidence bundle (validator/evidence_bundle.h) as one run of octets, for a store that keeps one
 * file for each judgement:
 *
 *	"bulla-evidence-pack 1\n"
 *	then four parts or more: a length of 8 octets, the highest first, and so many octets:
 *	the manifest, the policy, the report, the items in the manifest's order
 *
 * There is one form only, and nothing follows the last item. A pack shows that it was changed, not
 * by whom: keep its digest elsewhere if that matters.
 */
#ifndef BULLA_SERVICE_WORKER_WORKER_EVIDENCE_PACK_H
#define BULLA_SERVICE_WORKER_WORKER_EVIDENCE_PACK_H

#include "validator/evidence_bundle.h"

/* The parts of the pack one after the other, borrowed from the bundle or in the scope. */
must_check enum err worker_evidence_pack_parts(struct scope *s, const struct evidence_bundle *b,
    const struct bytes **ret_parts, size_t *ret_n);
/* Reads a pack and looks at every octet of it; the bundle borrows from it. ERR_FORMAT: no pack, or
 * it was changed; ERR_UNSUPPORTED: of another version; ERR_LIMIT. */
must_check enum err worker_evidence_pack_read(
    struct scope *s, struct bytes pack, struct evidence_bundle *ret_bundle);

#endif
