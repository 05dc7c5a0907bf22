/*
 * Evidence bundles on disk (`bulla validate --evidence DIR`, `bulla replay DIR`):
 *
 *	DIR/manifest.tsv                  validator/evidence_manifest.h; written last
 *	DIR/policy.json  DIR/report.json  the policy, the verdict
 *	DIR/anchors/SHA256.cer  DIR/certificates/SHA256.cer  DIR/crls/SHA256.crl
 *	DIR/ocsp/SHA256.ors  DIR/timestamps/SHA256.tst       one file per item, DER
 *
 * The names of files follow from the manifest's digests; no path is ever taken from it. A bundle
 * shows that it was changed, not by whom: keep the manifest's digest elsewhere if that matters.
 */
#ifndef BULLA_SERVICE_EVIDENCE_FOLDER_H
#define BULLA_SERVICE_EVIDENCE_FOLDER_H

#include "validator/evidence_bundle.h"

/* Adds the certificates, CRLs and OCSP responses of a former run, as EVIDENCE_GIVEN; nothing where
 * there is no manifest. ERR_FORMAT: what the manifest tells of was changed; ERR_IO, ERR_LIMIT. */
must_check enum err evidence_folder_load(
    struct scope *s, const char *dir, struct evidence *evidence);
/* Writes a bundle; makes DIR if need be, its parent must be there. Each file is written whole or
 * not at all, what is there already is left alone, and the manifest comes last: a bundle that was
 * only half written has none, or one that does not fit. Items of a former bundle go away. ERR_IO.
 */
must_check enum err evidence_folder_store(
    struct scope *s, const char *dir, const struct evidence_bundle *bundle);
/* Reads a bundle and looks at every octet of it. ERR_FORMAT with the names of files that were
 * changed, are missing, or do not belong there (links, folders and other things are no files);
 * ERR_UNSUPPORTED, ERR_IO, ERR_LIMIT. */
must_check enum err evidence_folder_open(
    struct scope *s, const char *dir, struct evidence_bundle *ret_bundle);

#endif
