/*
 * The standard security handler (ISO 32000-2 7.6): V 1, 2, 4, 5; R 2, 3, 4, 5, 6; RC4 40 to 128,
 * AES-128, AES-256; crypt filters incl. Identity and EFF; EncryptMetadata. Public-key handlers and
 * others are ERR_UNSUPPORTED.
 *
 * A signature's /Contents is never encrypted (7.6.2): the caller keeps it away from here.
 */
#ifndef BULLA_FORMATS_PDF_CRYPT_H
#define BULLA_FORMATS_PDF_CRYPT_H

#include "formats/pdf_value.h"

struct pdf_crypt;

/* `encrypt`: the encryption dictionary with every entry resolved; id0: first string of /ID (may be
 * empty). The password is taken as given and, for R 6, after SASLprep where it is valid UTF-8; an
 * empty password is tried first, then `password` as user and as owner password. ERR_DENIED: none of
 * them opens the file. ERR_FORMAT: malformed dictionary. Keys are wiped at the end of the scope.
 * A file in which only attachments are encrypted (StmF and StrF Identity, AuthEvent EFOpen) opens
 * without a password; its embedded files then cannot be decrypted (ERR_DENIED from decrypt). */
must_check enum err pdf_crypt_open(struct scope *s, const struct pdf_value *encrypt,
    struct bytes id0, struct bytes password, struct pdf_crypt **ret_crypt);

enum pdf_crypt_item {
	PDF_CRYPT_STRING,
	PDF_CRYPT_STREAM,
	PDF_CRYPT_EMBEDDED_FILE,
	PDF_CRYPT_METADATA, /* the catalog's metadata stream */
};
must_check enum err pdf_crypt_decrypt(struct scope *s, const struct pdf_crypt *crypt,
    enum pdf_crypt_item item, struct pdf_ref object, struct bytes cipher, struct bytes *ret_plain);
/* iv: 16 octets fit for a CBC initialisation vector (ignored by RC4). */
must_check enum err pdf_crypt_encrypt(struct scope *s, const struct pdf_crypt *crypt,
    enum pdf_crypt_item item, struct pdf_ref object, struct bytes iv, struct bytes plain,
    struct bytes *ret_cipher);

/* Opened with the owner password: no restriction applies. */
bool pdf_crypt_is_owner(const struct pdf_crypt *crypt);
/* The /P bits (ISO 32000-2 table 22), bit 1 = 1 << 0; as restricted for this password. */
uint32_t pdf_crypt_permissions(const struct pdf_crypt *crypt);
/* E.g. "AES-256 (V5 R6)". */
const char *pdf_crypt_name(const struct pdf_crypt *crypt);

#endif
