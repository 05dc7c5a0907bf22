/*
 * What the keeper reads before it gives up all files: the service key, and the operator's own
 * PKCS#12 files.
 */
#ifndef BULLA_SERVICE_KEEPER_KEEPER_FILES_H
#define BULLA_SERVICE_KEEPER_KEEPER_FILES_H

#include "base/bytes.h"

/* The service key, in secret memory (service/keeper/keeper_secret.h). A file that is not there is
 * made: KEEPER_WRAP_KEY random octets, for its owner alone, whole or not at all, and never in place
 * of another. ERR_DENIED: others may read it, or it belongs to somebody else than this user or
 * root; ERR_FORMAT: not a regular file of that length; ERR_IO. */
must_check enum err keeper_files_service_key(
    struct scope *s, const char *path, struct bytes *ret_key);
/* One PKCS#12 file, as it stands. ERR_IO; ERR_LIMIT. */
must_check enum err keeper_files_pkcs12(
    struct scope *s, const char *path, struct bytes *ret_pkcs12);

#endif
