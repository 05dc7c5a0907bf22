/*
 * Validation data into the document security store (EN 319 142-1 5.4.2): certificates, CRLs and
 * OCSP responses, each once, and a /VRI entry per signature.
 */
#ifndef BULLA_SEALER_DSS_EMBED_H
#define BULLA_SEALER_DSS_EMBED_H

#include "formats/pdf_dss.h"
#include "formats/pdf_signature.h"
#include "formats/pdf_update.h"
#include "validator/evidence.h"

/* Adds to the update what of `items` the store does not hold yet; entries that are there stay.
 * Every signature of the list gets a /VRI entry unless it has one. *ret_changed = false: nothing
 * was new. */
must_check enum err dss_embed(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, const struct evidence *items,
    struct pdf_update *update, bool *ret_changed);

#endif
