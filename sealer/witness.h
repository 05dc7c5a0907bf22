/*
 * A look at a fresh seal by somebody who did not make it. A process that seals reads a document
 * that may be hostile, and holds a key's session meanwhile: if the document got the better of it,
 * its seal may be one on something else, or on a document that it has changed before. So what it
 * made is handed out only after another process found here that
 *
 *	the file begins with the document (with the revision that repairs a damaged one, which
 *	depends on the document alone: sealer/author_repair.h), and goes on from its last revision;
 *	the seal in the field that was told is by the certificate that was meant, covers more than
 *	the document, and passes as seal_document wants its own work to pass;
 *	besides it, and at B-LTA one document timestamp, no signature was added, and the room
 *	behind their values is empty;
 *	nothing was appended but what a seal needs: pages, forms, annotations, metadata and all
 *	else are as they were.
 *
 * A signature that was made is thus accounted for: it is this seal, or it is not handed out.
 *
 * Not checked: how a visible seal looks, the words in it and in its dictionary, and what a CMS
 * holds beside what is signed (certificates that nobody needs).
 */
#ifndef BULLA_SEALER_WITNESS_H
#define BULLA_SEALER_WITNESS_H

#include "sealer/seal.h"

struct witness_request {
	const struct seal_request *seal; /* by which it was sealed; its key is not used */
	struct bytes original, sealed;
	const char *field;         /* as the sealing process tells it */
	const struct cert *signer; /* whose key it was to be */
};

/* ERR_DENIED: it is not that seal ("witness: ..."), or is not fit to be handed out; ERR_NET: nor
 * that, for want of data; as seal_document would have said. */
must_check enum err witness_check(struct scope *s, const struct world *world,
    const struct witness_request *request, struct report **ret_report);

#endif
