/*
 * What a signed document may hold ready to be changed into another one, though nothing has been
 * changed yet: "shadow attacks" (Mainka, Mladenov, Rohlmann: Shadow Attacks, NDSS 2021), and what
 * makes it show different things at different times. Warnings: none of them turns a verdict.
 *
 * Fields whose text is not their value; texts under something opaque; objects that are hidden or
 * there twice; scripts, actions and content from elsewhere; layers that begin hidden; and what was
 * laid over pages after the first signature. Looked at once for a file: as its first signature
 * closed it, and as its last one did.
 *
 * Silence proves nothing: whatever cannot be decided, or would cost too much, is passed over.
 * Colours are not looked at, nor what images and embedded fonts really show.
 */
#ifndef BULLA_VALIDATOR_SHADOW_H
#define BULLA_VALIDATOR_SHADOW_H

#include "validator/coverage.h"
#include "validator/document.h"
#include "validator/findings.h"

/* `coverages` is parallel to the document's signatures; those that are not valid count for nothing.
 * A structure that cannot be read is no error. */
must_check enum err shadow_check(struct scope *s, const struct document *d,
    const struct coverage *coverages, struct findings *findings);

#endif
