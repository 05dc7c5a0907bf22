/*
 * A document that grows: the only thing a seal may do to it is to append. The service keeps it in a
 * temporary file that is mapped, so memory does not grow with the document.
 */
#ifndef BULLA_SEALER_DRAFT_H
#define BULLA_SEALER_DRAFT_H

#include "base/bytes.h"

struct scope;

struct draft {
	void *ctx;
	struct bytes document; /* as it is now */
	/* Appends; `document` then covers old and new octets. Spans handed out before stay valid as
	 * long as the scope. ERR_IO: disk full, ... (nothing is lost but the draft). */
	enum err (*append)(struct draft *d, struct scope *s, struct bytes more);
};

/* A draft in memory that begins with `document`, which must outlive the scope; each append makes a
 * new copy of the whole. For libraries and tests. */
must_check enum err draft_in_memory(
    struct scope *s, struct bytes document, struct draft **ret_draft);

#endif
