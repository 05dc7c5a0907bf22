/*
 * The two ciphers of PDF encryption: RC4 (which OpenSSL keeps in its legacy provider, that need not
 * be installed) and AES in CBC mode. No padding, no authentication: PDF has none.
 */
#ifndef BULLA_FORMATS_PDF_CIPHER_H
#define BULLA_FORMATS_PDF_CIPHER_H

#include <stdbool.h>

#include "base/bytes.h"

#define PDF_CIPHER_BLOCK 16

/* Encrypts or decrypts n octets in place. The key has 1 to 256 octets. */
void pdf_cipher_rc4(struct bytes key, uint8_t *p, size_t n);

/* `in` is whole blocks; key of 16 or 32 octets; ret_out has room for in.n octets and may be in.p.
 * ERR_CRYPTO: OpenSSL refuses; ERR_INTERNAL: another key or length. */
must_check enum err pdf_cipher_aes_encrypt(struct scope *s, struct bytes key,
    const uint8_t iv[PDF_CIPHER_BLOCK], struct bytes in, uint8_t *ret_out);
must_check enum err pdf_cipher_aes_decrypt(struct scope *s, struct bytes key,
    const uint8_t iv[PDF_CIPHER_BLOCK], struct bytes in, uint8_t *ret_out);

#endif
