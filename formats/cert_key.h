/*
 * Public keys out of SubjectPublicKeyInfo. OpenSSL 3.0's own decoder takes ten times as long for
 * the common kinds, because it makes its list of decoders anew for every key.
 */
#ifndef BULLA_FORMATS_CERT_KEY_H
#define BULLA_FORMATS_CERT_KEY_H

#include <openssl/evp.h>

#include "base/bytes.h"

/* The key of a SubjectPublicKeyInfo TLV, in the scope; *ret_key = NULL and OK when OpenSSL cannot
 * load it. ERR_NOMEM otherwise. */
must_check enum err cert_key_load(struct scope *s, struct bytes spki, EVP_PKEY **ret_key);
/* A DSA key without parameters takes those of its issuer's (RFC 3279 2.3.2). *ret_key is left as it
 * is, and OK, for any other key and when the issuer's is no DSA key. */
must_check enum err cert_key_inherit(
    struct scope *s, struct bytes spki, EVP_PKEY *issuer, EVP_PKEY **ret_key);

#endif
