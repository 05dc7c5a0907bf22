/*
 * What a portal is told when something happens to a sealing or a filing of its own: the body of a
 * webhook, put into its queue. README.md of this folder says how a receiver checks it and tells a
 * repetition.
 */
#ifndef BULLA_SERVICE_FRONT_SEALING_NOTICE_H
#define BULLA_SERVICE_FRONT_SEALING_NOTICE_H

#include "service/front/front.h"
#include "service/store/store_filing.h"
#include "service/store/store_sealing.h"

/* A message in the making. */
struct sealing_notice {
	const char *event; /* "sealing.sealed", "sealing.cancelled", ... */
	const char *cause; /* a code, or "" */
	struct instant at;
};

/* Adds it to the queue, when the portal has a URL for it; inside of a store_write. `sealing` with
 * its documents; sealed ones are told from `document` (NULL: none). */
must_check enum err sealing_notice_add(struct scope *s, struct store *store,
    const struct configuration *c, const struct store_sealing *sealing,
    const struct sealing_notice *notice, const struct store_sealing_document *document);
/* Likewise of a filing, after it was judged. */
must_check enum err sealing_notice_add_filing(struct scope *s, struct store *store,
    const struct configuration *c, const struct store_filing *filing,
    const struct sealing_notice *notice);

#endif
