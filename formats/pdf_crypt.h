/*
 * Encryption of PDF files (ISO 32000-2 7.6). The standard security handler: V 1, 2, 4, 5; R 2, 3,
 * 4, 5, 6. The public-key security handler: adbe.pkcs7.s3, .s4, .s5; V 1, 2, 4, 5. RC4 40 to 128,
 * AES-128, AES-256; crypt filters incl. Identity, EFF and those that a stream names;
 * EncryptMetadata. Other handlers are ERR_UNSUPPORTED.
 *
 * A signature's /Contents is never encrypted (7.6.2): the caller keeps it away from here.
 */
#ifndef BULLA_FORMATS_PDF_CRYPT_H
#define BULLA_FORMATS_PDF_CRYPT_H

#include "formats/pdf_value.h"
#include "formats/recipient.h"

struct pdf_crypt;

/* What there is to open a file with. All of it may be absent. */
struct pdf_crypt_means {
	struct bytes password;             /* as user's and as owner's */
	const struct recipient *recipient; /* of a file that is encrypted for certificates */
	bool locked; /* without the recipient, such a file opens all the same: what is encrypted in
			it stays so (ERR_DENIED from decrypt) */
};

/* `encrypt`: the encryption dictionary with every entry resolved; id0: first string of /ID (may be
 * empty). A password is taken as given and, for R 6, after SASLprep where it is valid UTF-8; an
 * empty password is tried first, then the given one as user and as owner password. ERR_DENIED: none
 * of the means opens the file. ERR_FORMAT: malformed dictionary. Keys are wiped at the end of the
 * scope. A file in which only attachments are encrypted (StmF and StrF Identity, AuthEvent EFOpen)
 * opens without any; its embedded files then cannot be decrypted. */
must_check enum err pdf_crypt_open(struct scope *s, const struct pdf_value *encrypt,
    struct bytes id0, const struct pdf_crypt_means *means, struct pdf_crypt **ret_crypt);

enum pdf_crypt_item {
	PDF_CRYPT_STRING,
	PDF_CRYPT_STREAM,
	PDF_CRYPT_EMBEDDED_FILE,
	PDF_CRYPT_METADATA, /* the catalog's metadata stream */
};
must_check enum err pdf_crypt_decrypt(struct scope *s, const struct pdf_crypt *crypt,
    enum pdf_crypt_item item, struct pdf_ref object, struct bytes cipher, struct bytes *ret_plain);
/* The same of a stream that names its crypt filter (7.4.10). ERR_UNSUPPORTED: it is not among the
 * first LIMIT_PDF_CRYPT_FILTERS of the file, or its method is not known. */
must_check enum err pdf_crypt_decrypt_by(struct scope *s, const struct pdf_crypt *crypt,
    struct bytes filter, struct pdf_ref object, struct bytes cipher, struct bytes *ret_plain);
/* iv: 16 octets fit for a CBC initialisation vector (ignored by RC4). */
must_check enum err pdf_crypt_encrypt(struct scope *s, const struct pdf_crypt *crypt,
    enum pdf_crypt_item item, struct pdf_ref object, struct bytes iv, struct bytes plain,
    struct bytes *ret_cipher);

/* Some key is missing, so that this is ciphertext and stays so. */
bool pdf_crypt_is_locked(const struct pdf_crypt *crypt, enum pdf_crypt_item item);
/* Opened with the owner password, or by a recipient who may do everything: no restriction applies.
 */
bool pdf_crypt_is_owner(const struct pdf_crypt *crypt);
/* The /P bits (ISO 32000-2 table 22), bit 1 = 1 << 0; as restricted for this password or recipient.
 */
uint32_t pdf_crypt_permissions(const struct pdf_crypt *crypt);
/* E.g. "AES-256 (V5 R6)", "AES-256 (V5 adbe.pkcs7.s5)". */
const char *pdf_crypt_name(const struct pdf_crypt *crypt);

#endif
