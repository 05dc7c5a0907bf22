/*
 * From a password to the file encryption key: ISO 32000-2 7.6.4.3 and 7.6.4.4, algorithms 2, 2.A,
 * 2.B, 4 to 7, 11 and 12; and the retired R 5 of Adobe's extension level 3.
 *
 * Algorithm 13 (/Perms against /P) is not run: readers only warn when it fails.
 */
#ifndef BULLA_FORMATS_PDF_CRYPT_KEY_H
#define BULLA_FORMATS_PDF_CRYPT_KEY_H

#include <stdbool.h>

#include "formats/pdf_password.h"

#define PDF_CRYPT_KEY_MAX 32

/* What the encryption dictionary says, in fixed lengths. */
struct pdf_crypt_key_facts {
	int r; /* 2 to 6 */
	uint32_t p;
	bool encrypt_metadata;
	uint8_t o[48], u[48];   /* 32 octets of each count before R 5 */
	uint8_t oe[32], ue[32]; /* R 5 and 6 */
	struct bytes id0;
};

struct pdf_crypt_key {
	size_t n;
	uint8_t octets[PDF_CRYPT_KEY_MAX];
};

/* Tries the password as user's (owner's). key_n: octets of the key, 5 to 16; R 5 and 6 have 32 and
 * do not look at it. *ret_opens false: it is not the password, and *ret_key is not written. */
must_check enum err pdf_crypt_key_by_user(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const struct pdf_password *password, size_t key_n, struct pdf_crypt_key *ret_key,
    bool *ret_opens);
must_check enum err pdf_crypt_key_by_owner(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const struct pdf_password *password, size_t key_n, struct pdf_crypt_key *ret_key,
    bool *ret_opens);

#endif
