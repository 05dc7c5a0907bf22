/*
 * Trust anchors from files: PEM (one or many certificates) or DER, or folders of such files.
 * Whoever names a file trusts every certificate in it.
 */
#ifndef BULLA_SERVICE_TRUST_FILES_H
#define BULLA_SERVICE_TRUST_FILES_H

#include "trust-lists/anchors.h"

/* Folders are not searched deeper; files of theirs whose names begin with a dot, or that cannot be
 * read or hold no certificate, are passed over. No paths: an empty set. ERR_IO; ERR_FORMAT: a path
 * without any certificate. Faults begin with the path. */
must_check enum err trust_files_load(
    struct scope *s, const char *const *paths, size_t n_paths, const struct anchors **ret_anchors);

#endif
