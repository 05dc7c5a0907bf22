#include "formats/pdf_crypt_key.h"

#include <string.h>

#include <openssl/crypto.h>

#include "base/scope.h"
#include "formats/digest.h"
#include "formats/pdf_cipher.h"

#define PADDED 32  /* octets of a padded password before R 5 */
#define REPEATS 64 /* algorithm 2.B step a */
#define BLOCK_MAX (PDF_PASSWORD_MAX + DIGEST_MAX + 48)

static const uint8_t padding[PADDED] = { 0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00,
	0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08, 0x2e, 0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f,
	0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a };

/* -- R 2 to 4 -- */
static void pad(const struct pdf_password *password, uint8_t ret_padded[PADDED])
{
	size_t n = password->n < PADDED ? password->n : PADDED;
	memcpy(ret_padded, password->octets, n);
	memcpy(ret_padded + n, padding, PADDED - n);
}

/* MD5 again and again over the first `width` octets of the result. */
static enum err iterate_md5(struct scope *s, size_t width, struct digest *d)
{
	for (int i = 0; i < 50; i++)
		TRY(digest_of_bytes(s, DIGEST_MD5, bytes_of(d->value, width), d));
	return OK;
}

/* RC4 with the key, then with the key XOR 1 to 19, or the other way round. */
static void rc4_rounds(const uint8_t *key, size_t key_n, bool backwards, uint8_t *p, size_t n)
{
	uint8_t k[DIGEST_MAX];
	for (unsigned i = 0; i < 20; i++) {
		for (size_t j = 0; j < key_n; j++)
			k[j] = (uint8_t)(key[j] ^ (backwards ? 19 - i : i));
		pdf_cipher_rc4(bytes_of(k, key_n), p, n);
	}
	bytes_wipe(k, sizeof(k));
}

/* Algorithm 2 */
static enum err file_key(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const uint8_t padded[PADDED], size_t key_n, struct digest *ret_d)
{
	const uint8_t p[4] = { (uint8_t)facts->p, (uint8_t)(facts->p >> 8),
		(uint8_t)(facts->p >> 16), (uint8_t)(facts->p >> 24) };
	const struct bytes parts[] = { bytes_of(padded, PADDED), bytes_of(facts->o, 32),
		bytes_of(p, sizeof(p)), facts->id0, BYTES_LIT("\xff\xff\xff\xff") };
	bool clear_metadata = facts->r >= 4 && !facts->encrypt_metadata;
	TRY(digest_compute(s, DIGEST_MD5, parts, clear_metadata ? 5 : 4, ret_d));
	return facts->r >= 3 ? iterate_md5(s, key_n, ret_d) : OK;
}

/* Algorithms 4 and 5: the /U that a key gives; of R 3 and 4 only 16 octets count. */
static enum err user_entry(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const uint8_t *key, size_t key_n, uint8_t ret_u[PADDED], size_t *ret_n)
{
	if (facts->r == 2) {
		memcpy(ret_u, padding, PADDED);
		pdf_cipher_rc4(bytes_of(key, key_n), ret_u, PADDED);
		*ret_n = PADDED;
		return OK;
	}
	const struct bytes parts[] = { bytes_of(padding, PADDED), facts->id0 };
	struct digest d;
	TRY(digest_compute(s, DIGEST_MD5, parts, 2, &d));
	rc4_rounds(key, key_n, false, d.value, d.n);
	memcpy(ret_u, d.value, d.n);
	*ret_n = d.n;
	return OK;
}

/* Algorithm 6 */
static enum err open_padded(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const uint8_t padded[PADDED], size_t key_n, struct pdf_crypt_key *ret_key, bool *ret_opens)
{
	struct digest d;
	uint8_t u[PADDED];
	size_t u_n = 0;
	enum err e = file_key(s, facts, padded, key_n, &d);
	if (e == OK)
		e = user_entry(s, facts, d.value, key_n, u, &u_n);
	*ret_opens = e == OK && CRYPTO_memcmp(u, facts->u, u_n) == 0;
	if (*ret_opens) {
		ret_key->n = key_n;
		memcpy(ret_key->octets, d.value, key_n);
	}
	bytes_wipe(&d, sizeof(d));
	return e;
}

/* Algorithm 7: the padded user password out of /O. Where keys are shorter than 16 octets some
 * writers iterate over `width` = key_n octets, and not 16 as algorithm 3 step c has it. */
static enum err user_of_owner(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const uint8_t owner[PADDED], size_t key_n, size_t width, uint8_t ret_padded[PADDED])
{
	struct digest d;
	enum err e = digest_of_bytes(s, DIGEST_MD5, bytes_of(owner, PADDED), &d);
	if (e == OK && facts->r >= 3)
		e = iterate_md5(s, width, &d);
	memcpy(ret_padded, facts->o, PADDED);
	if (facts->r == 2)
		pdf_cipher_rc4(bytes_of(d.value, key_n), ret_padded, PADDED);
	else
		rc4_rounds(d.value, key_n, true, ret_padded, PADDED);
	bytes_wipe(&d, sizeof(d));
	return e;
}

static enum err open_as_owner(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const struct pdf_password *password, size_t key_n, struct pdf_crypt_key *ret_key,
    bool *ret_opens)
{
	uint8_t owner[PADDED], user[PADDED];
	const size_t widths[] = { 16, key_n };
	enum err e = OK;
	pad(password, owner);
	*ret_opens = false;
	for (int i = 0; i < 2 && e == OK && !*ret_opens; i++) {
		e = user_of_owner(s, facts, owner, key_n, widths[i], user);
		if (e == OK)
			e = open_padded(s, facts, user, key_n, ret_key, ret_opens);
	}
	bytes_wipe(owner, sizeof(owner));
	bytes_wipe(user, sizeof(user));
	return e;
}

/* -- R 5 and 6 -- */
/* One round of algorithm 2.B, steps a to d. *ret_last: the last octet of E. */
static enum err hash_round(struct scope *s, const struct pdf_password *password, struct bytes udata,
    struct digest *k, uint8_t *ret_last)
{
	static const enum digest_alg algs[] = { DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
	uint8_t k1[REPEATS * BLOCK_MAX];
	size_t n = password->n + k->n + udata.n;
	memcpy(k1, password->octets, password->n);
	memcpy(k1 + password->n, k->value, k->n);
	if (udata.n > 0)
		memcpy(k1 + password->n + k->n, udata.p, udata.n);
	for (size_t i = 1; i < REPEATS; i++)
		memcpy(k1 + i * n, k1, n);
	n *= REPEATS;
	enum err e =
	    pdf_cipher_aes_encrypt(s, bytes_of(k->value, 16), k->value + 16, bytes_of(k1, n), k1);
	/* 256 leaves 1 modulo 3: so does every octet's weight. */
	unsigned sum = 0;
	for (size_t i = 0; i < 16; i++)
		sum += k1[i];
	*ret_last = k1[n - 1];
	if (e == OK)
		e = digest_of_bytes(s, algs[sum % 3], bytes_of(k1, n), k);
	bytes_wipe(k1, sizeof(k1));
	return e;
}

/* R 5: SHA-256 alone; R 6: algorithm 2.B. Ends: an octet is below 256, so by round 287. */
static enum err hash(struct scope *s, int r, const struct pdf_password *password, struct bytes salt,
    struct bytes udata, struct digest *ret_k)
{
	const struct bytes parts[] = { bytes_of(password->octets, password->n), salt, udata };
	uint8_t last = 0;
	TRY(digest_compute(s, DIGEST_SHA256, parts, 3, ret_k));
	for (int round = 1; r >= 6 && (round <= 64 || last > round - 1 - 32); round++)
		TRY(hash_round(s, password, udata, ret_k, &last));
	return OK;
}

/* Algorithm 2.A with 11 or 12: `entry` is /U or /O, `wrapped` /UE or /OE. */
static enum err unwrap(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const struct pdf_password *password, const uint8_t entry[48], const uint8_t wrapped[32],
    struct bytes udata, struct pdf_crypt_key *ret_key, bool *ret_opens)
{
	static const uint8_t iv[PDF_CIPHER_BLOCK];
	struct digest k;
	*ret_opens = false;
	enum err e = hash(s, facts->r, password, bytes_of(entry + 32, 8), udata, &k);
	bool opens = e == OK && CRYPTO_memcmp(k.value, entry, 32) == 0;
	if (opens)
		e = hash(s, facts->r, password, bytes_of(entry + 40, 8), udata, &k);
	if (opens && e == OK)
		e = pdf_cipher_aes_decrypt(
		    s, bytes_of(k.value, 32), iv, bytes_of(wrapped, 32), ret_key->octets);
	bytes_wipe(&k, sizeof(k));
	TRY(e);
	if (opens)
		ret_key->n = 32;
	*ret_opens = opens;
	return OK;
}

enum err pdf_crypt_key_by_user(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const struct pdf_password *password, size_t key_n, struct pdf_crypt_key *ret_key,
    bool *ret_opens)
{
	if (facts->r >= 5)
		return unwrap(
		    s, facts, password, facts->u, facts->ue, BYTES_NONE, ret_key, ret_opens);
	uint8_t padded[PADDED];
	pad(password, padded);
	enum err e = open_padded(s, facts, padded, key_n, ret_key, ret_opens);
	bytes_wipe(padded, sizeof(padded));
	return e;
}

enum err pdf_crypt_key_by_owner(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const struct pdf_password *password, size_t key_n, struct pdf_crypt_key *ret_key,
    bool *ret_opens)
{
	if (facts->r >= 5)
		return unwrap(s, facts, password, facts->o, facts->oe, bytes_of(facts->u, 48),
		    ret_key, ret_opens);
	return open_as_owner(s, facts, password, key_n, ret_key, ret_opens);
}
