/*
 * One string or stream under the file's key: ISO 32000-2 7.6.3, algorithms 1 and 1.A. Internal to
 * formats/pdf_crypt.c.
 */
#ifndef BULLA_FORMATS_PDF_CRYPT_CIPHER_H
#define BULLA_FORMATS_PDF_CRYPT_CIPHER_H

#include "formats/pdf_crypt_key.h"
#include "formats/pdf_value.h"

enum pdf_crypt_method {
	PDF_CRYPT_IDENTITY,
	PDF_CRYPT_RC4,
	PDF_CRYPT_AES128,
	PDF_CRYPT_AES256,
};

/* Of any method but Identity. */
must_check enum err pdf_crypt_cipher_decrypt(struct scope *s, enum pdf_crypt_method method,
    const struct pdf_crypt_key *file_key, struct pdf_ref object, struct bytes cipher,
    struct bytes *ret_plain);
/* iv as pdf_crypt_encrypt has it. */
must_check enum err pdf_crypt_cipher_encrypt(struct scope *s, enum pdf_crypt_method method,
    const struct pdf_crypt_key *file_key, struct pdf_ref object, struct bytes iv,
    struct bytes plain, struct bytes *ret_cipher);

#endif
