/*
 * A file wrapped under the service key: AES-256-GCM (NIST SP 800-38D) with a key of its own, which
 * HKDF-SHA256 (RFC 5869) makes from the service key, a random salt and a label. Nobody without the
 * service key can read it, make another, or change one octet of it unnoticed.
 *
 *	version (1)   salt (32)   nonce (12)   ciphertext   tag (16)
 *
 * Does not hide the file's length, nor tell one wrapped file from another that was stored in its
 * place: the password inside does that.
 */
#ifndef BULLA_SERVICE_KEEPER_KEEPER_WRAP_H
#define BULLA_SERVICE_KEEPER_KEEPER_WRAP_H

#include "base/bytes.h"

#define KEEPER_WRAP_KEY 32u                  /* octets of the service key */
#define KEEPER_WRAP_MORE (1 + 32 + 12 + 16u) /* octets that wrapping adds */

/* ERR_CRYPTO: the library failed. */
must_check enum err keeper_wrap_close(
    struct scope *s, struct bytes service_key, struct bytes content, struct bytes *ret_wrapped);
/* The content lies in secret memory (service/keeper/keeper_secret.h). ERR_FORMAT: not wrapped under
 * this key, or changed. */
must_check enum err keeper_wrap_open(
    struct scope *s, struct bytes service_key, struct bytes wrapped, struct bytes *ret_content);

#endif
