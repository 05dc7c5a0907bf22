/*
 * What the keeper asks of a PKCS#12 file (RFC 7292) beyond reading it (service/key_file.h).
 *
 * Its own library context with OpenSSL's legacy algorithms is made before the process confines
 * itself: from then on no module could be loaded any more, and with one in use service/key_file.c
 * finds it without opening a file.
 */
#ifndef BULLA_SERVICE_KEEPER_KEEPER_PKCS12_H
#define BULLA_SERVICE_KEEPER_KEEPER_PKCS12_H

#include "sealer/key.h"

struct keeper_pkcs12;

/* Lives as long as the scope. Without the legacy module: old files stay unreadable. */
must_check enum err keeper_pkcs12_new(struct scope *s, struct keeper_pkcs12 **ret_library);

/* Whether it may be tried at all: ERR_DENIED when a private key lies in it unencrypted, so that
 * whoever has the file has the key; ERR_LIMIT when its password would cost more than
 * LIMIT_KEEPER_ITERATIONS rounds, of all its parts together; ERR_FORMAT. Parts that `password`
 * (with a NUL behind) does not open are not looked into. */
must_check enum err keeper_pkcs12_check(
    struct keeper_pkcs12 *library, struct scope *s, struct bytes pkcs12, struct bytes password);

/* The same key and certificates in a new file: AES-256 and PBKDF2 (RFC 8018), a MAC with SHA-256.
 * The result lies in secret memory (service/keeper/keeper_secret.h). `key` is one of
 * service/key_file.h; names inside of the old file are lost. */
must_check enum err keeper_pkcs12_rebuild(
    struct scope *s, const struct key *key, struct bytes password, struct bytes *ret_pkcs12);

#endif
