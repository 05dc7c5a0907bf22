/*
 * Evidence on disk, so that a verdict can be replayed offline (`bulla validate --evidence DIR`):
 *
 *	DIR/certificates/SHA256.cer  DIR/crls/SHA256.crl  DIR/ocsp/SHA256.ors   what was used, as
 *DER DIR/report.json                                                         the verdict
 *	DIR/manifest.tsv     sha256, kind, source, url: one line per item, tabs between
 *
 * Each file is written atomically; what is there already with the same content is left alone.
 */
#ifndef BULLA_SERVICE_EVIDENCE_FOLDER_H
#define BULLA_SERVICE_EVIDENCE_FOLDER_H

#include "validator/report.h"

/* Adds the items of a former run, as EVIDENCE_GIVEN; nothing where DIR, or a folder in it, is not
 * there. A malformed item is counted in evidence->n_unreadable. ERR_IO, ERR_LIMIT. */
must_check enum err evidence_folder_load(
    struct scope *s, const char *dir, struct evidence *evidence);
/* Writes everything the report rests on, and the report; makes DIR if need be. ERR_IO. */
must_check enum err evidence_folder_store(
    struct scope *s, const char *dir, const struct report *report);

#endif
