#include "formats/pdf_crypt_cipher.h"

#include <string.h>

#include "base/scope.h"
#include "formats/digest.h"
#include "formats/pdf_cipher.h"

/* The key for one object. AES-128 always takes 16 octets. */
static enum err object_key(struct scope *s, enum pdf_crypt_method method,
    const struct pdf_crypt_key *file_key, struct pdf_ref object, struct pdf_crypt_key *ret_key)
{
	*ret_key = *file_key;
	if (method == PDF_CRYPT_AES256)
		return OK;
	const uint8_t number[5] = { (uint8_t)object.num, (uint8_t)(object.num >> 8),
		(uint8_t)(object.num >> 16), (uint8_t)object.gen, (uint8_t)(object.gen >> 8) };
	const struct bytes parts[] = { bytes_of(file_key->octets, file_key->n),
		bytes_of(number, sizeof(number)), BYTES_LIT("sAlT") };
	struct digest d;
	TRY(digest_compute(s, DIGEST_MD5, parts, method == PDF_CRYPT_AES128 ? 3 : 2, &d));
	bool short_key = method == PDF_CRYPT_RC4 && file_key->n + 5 < 16;
	ret_key->n = short_key ? file_key->n + 5 : 16;
	memcpy(ret_key->octets, d.value, ret_key->n);
	bytes_wipe(&d, sizeof(d));
	return OK;
}

/* The plain text without its padding; padding that is none stays, as readers have it. */
static size_t unpadded(const uint8_t *p, size_t n)
{
	uint8_t pad = n > 0 ? p[n - 1] : 0;
	if (pad == 0 || pad > PDF_CIPHER_BLOCK || pad > n)
		return n;
	for (size_t i = n - pad; i < n; i++) {
		if (p[i] != pad)
			return n;
	}
	return n - pad;
}

/* Data shorter than the vector is empty; a last incomplete block (most often an end-of-line that
 * got counted in) is dropped. */
static enum err aes_decrypt(
    struct scope *s, const struct pdf_crypt_key *key, struct bytes cipher, struct bytes *ret_plain)
{
	struct bytes blocks = bytes_from(cipher, PDF_CIPHER_BLOCK);
	blocks.n -= blocks.n % PDF_CIPHER_BLOCK;
	if (blocks.n == 0) {
		*ret_plain = BYTES_NONE;
		return OK;
	}
	uint8_t *plain = scope_alloc(s, blocks.n);
	if (!plain)
		return ERR_NOMEM;
	TRY(pdf_cipher_aes_decrypt(s, bytes_of(key->octets, key->n), cipher.p, blocks, plain));
	*ret_plain = bytes_of(plain, unpadded(plain, blocks.n));
	return OK;
}

static enum err aes_encrypt(struct scope *s, const struct pdf_crypt_key *key, struct bytes iv,
    struct bytes plain, struct bytes *ret_cipher)
{
	if (iv.n != PDF_CIPHER_BLOCK)
		return scope_fault(s, ERR_INTERNAL, "pdf encryption: vector of %zu octets", iv.n);
	size_t pad = PDF_CIPHER_BLOCK - plain.n % PDF_CIPHER_BLOCK;
	if (plain.n > SIZE_MAX / 2)
		return scope_fault(s, ERR_LIMIT, "pdf encryption: impossible size");
	size_t n = plain.n + pad;
	uint8_t *cipher = scope_alloc(s, PDF_CIPHER_BLOCK + n);
	if (!cipher)
		return ERR_NOMEM;
	uint8_t *blocks = cipher + PDF_CIPHER_BLOCK;
	memcpy(cipher, iv.p, PDF_CIPHER_BLOCK);
	if (plain.n > 0)
		memcpy(blocks, plain.p, plain.n);
	memset(blocks + plain.n, (int)pad, pad);
	TRY(pdf_cipher_aes_encrypt(
	    s, bytes_of(key->octets, key->n), cipher, bytes_of(blocks, n), blocks));
	*ret_cipher = bytes_of(cipher, PDF_CIPHER_BLOCK + n);
	return OK;
}

static enum err rc4(
    struct scope *s, const struct pdf_crypt_key *key, struct bytes in, struct bytes *ret_out)
{
	uint8_t *p = scope_alloc(s, in.n);
	if (!p)
		return ERR_NOMEM;
	if (in.n > 0)
		memcpy(p, in.p, in.n);
	pdf_cipher_rc4(bytes_of(key->octets, key->n), p, in.n);
	*ret_out = bytes_of(p, in.n);
	return OK;
}

enum err pdf_crypt_cipher_decrypt(struct scope *s, enum pdf_crypt_method method,
    const struct pdf_crypt_key *file_key, struct pdf_ref object, struct bytes cipher,
    struct bytes *ret_plain)
{
	struct pdf_crypt_key key;
	TRY(object_key(s, method, file_key, object, &key));
	enum err e = method == PDF_CRYPT_RC4 ? rc4(s, &key, cipher, ret_plain)
					     : aes_decrypt(s, &key, cipher, ret_plain);
	bytes_wipe(&key, sizeof(key));
	return e;
}

enum err pdf_crypt_cipher_encrypt(struct scope *s, enum pdf_crypt_method method,
    const struct pdf_crypt_key *file_key, struct pdf_ref object, struct bytes iv,
    struct bytes plain, struct bytes *ret_cipher)
{
	struct pdf_crypt_key key;
	TRY(object_key(s, method, file_key, object, &key));
	enum err e = method == PDF_CRYPT_RC4 ? rc4(s, &key, plain, ret_cipher)
					     : aes_encrypt(s, &key, iv, plain, ret_cipher);
	bytes_wipe(&key, sizeof(key));
	return e;
}
