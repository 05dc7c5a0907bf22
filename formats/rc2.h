/*
 * RC2 in CBC mode (RFC 2268), decryption alone: much of what was encrypted for PDF recipients has
 * its seed under it, and OpenSSL keeps it in a provider that need not be installed.
 */
#ifndef BULLA_FORMATS_RC2_H
#define BULLA_FORMATS_RC2_H

#include "base/bytes.h"

#define RC2_BLOCK 8

/* `in` is whole blocks; the key has 1 to 128 octets, of which `bits` (1 to 1024) are effective.
 * ret_out has room for in.n octets and is not in.p. */
void rc2_decrypt(
    struct bytes key, int bits, const uint8_t iv[RC2_BLOCK], struct bytes in, uint8_t *ret_out);

#endif
