/*
 * The public-key security handler's way to a key (ISO 32000-2 7.6.5): lists of recipients, each a
 * CMS object that holds the seed of the key, and what the recipients of that list may do.
 */
#ifndef BULLA_FORMATS_PDF_CRYPT_RECIPIENTS_H
#define BULLA_FORMATS_PDF_CRYPT_RECIPIENTS_H

#include "formats/pdf_crypt_key.h"
#include "formats/pdf_value.h"
#include "formats/recipient.h"

struct pdf_crypt_recipients {
	struct bytes *list; /* CMS objects as they stand: all of them go into the key */
	size_t n;
	enum digest_alg digest; /* SHA-1, of AES-256 SHA-256 */
	size_t key_n;           /* octets, 5 to 32 */
	bool clear_metadata;    /* the document's metadata is not encrypted */
};

/* /Recipients of an encryption dictionary or a crypt filter: an array of strings, or one string.
 * ERR_FORMAT: neither, or none in it; ERR_LIMIT. The other members are the caller's. */
must_check enum err pdf_crypt_recipients_read(
    struct scope *s, const struct pdf_value *dict, struct pdf_crypt_recipients *ret_recipients);

/* The key, by the first list that names the recipient; *ret_permissions: what that list permits,
 * left as it is where the list does not say. ERR_DENIED: none of them can be opened. ERR_FORMAT:
 * nothing in them can be read; ERR_UNSUPPORTED: an algorithm that is not known. */
must_check enum err pdf_crypt_recipients_open(struct scope *s,
    const struct pdf_crypt_recipients *recipients, const struct recipient *recipient,
    struct pdf_crypt_key *ret_key, uint32_t *ret_permissions);

#endif
