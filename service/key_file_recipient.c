#include "service/key_file_recipient.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/auto.h"
#include "service/input_file.h"
#include "service/key_file.h"

#define MODULUS_MAX 2048 /* octets */

/* -- key transport -- */

/* Raw RSA; false where the number is not below the modulus, which everybody can see. */
static bool raw_rsa(EVP_PKEY *key, struct bytes encrypted, uint8_t *ret_block, size_t modulus_n)
{
	size_t n = modulus_n;
	AUTO(EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_new(key, NULL);
	bool ok = ctx && EVP_PKEY_decrypt_init(ctx) == 1 &&
		  EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
		  EVP_PKEY_decrypt(ctx, ret_block, &n, encrypted.p, encrypted.n) == 1 &&
		  n == modulus_n;
	ERR_clear_error();
	return ok;
}

/* All ones when x is 0, else 0, without a branch. */
static uint8_t is_zero(uint8_t x)
{
	return (uint8_t)(((unsigned)x - 1) >> 8);
}

/* 00 02, octets other than 00, 00, the key (RFC 8017 7.2.2): all ones when it is so. Takes as long
 * whatever the octets are. */
static uint8_t is_padded(const uint8_t *block, size_t modulus_n, size_t key_n)
{
	const size_t end = modulus_n - key_n - 1;
	uint8_t good = (uint8_t)(is_zero(block[0]) & is_zero(block[1] ^ 2) & is_zero(block[end]));
	for (size_t i = 2; i < end; i++)
		good &= (uint8_t)~is_zero(block[i]);
	return good;
}

/* Puts the key over what stands in ret_octets, or leaves that. */
static void open_pkcs1(EVP_PKEY *key, struct bytes encrypted, uint8_t *ret_octets, size_t n)
{
	uint8_t block[MODULUS_MAX];
	const size_t modulus_n = (size_t)EVP_PKEY_get_size(key);
	if (modulus_n > sizeof(block) || modulus_n < n + 11 ||
	    !raw_rsa(key, encrypted, block, modulus_n))
		return;
	const uint8_t good = is_padded(block, modulus_n, n);
	for (size_t i = 0; i < n; i++)
		ret_octets[i] =
		    (uint8_t)((ret_octets[i] & ~good) | (block[modulus_n - n + i] & good));
	bytes_wipe(block, sizeof(block));
}

static void open_oaep(EVP_PKEY *key, const struct recipient_padding *padding,
    struct bytes encrypted, uint8_t *ret_octets, size_t n)
{
	uint8_t block[MODULUS_MAX];
	size_t got = sizeof(block);
	AUTO(EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_new(key, NULL);
	if ((size_t)EVP_PKEY_get_size(key) <= sizeof(block) && ctx &&
	    EVP_PKEY_decrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md_name(
		ctx, digest_openssl_name(padding->oaep_digest), NULL) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md_name(
		ctx, digest_openssl_name(padding->mgf_digest), NULL) == 1 &&
	    EVP_PKEY_decrypt(ctx, block, &got, encrypted.p, encrypted.n) == 1 && got == n)
		memcpy(ret_octets, block, n);
	ERR_clear_error();
	bytes_wipe(block, sizeof(block));
}

static enum err decrypt(void *ctx, struct scope *s, const struct recipient_padding *padding,
    struct bytes encrypted, size_t n, struct recipient_secret *ret_key)
{
	if (n > sizeof(ret_key->octets) || RAND_priv_bytes(ret_key->octets, (int)n) != 1)
		return scope_fault(s, ERR_INTERNAL, "recipient's key: no random octets");
	ret_key->n = n;
	if (padding->oaep_digest == DIGEST_UNKNOWN)
		open_pkcs1(ctx, encrypted, ret_key->octets, n);
	else
		open_oaep(ctx, padding, encrypted, ret_key->octets, n);
	return OK;
}

/* -- key agreement -- */

/* The other side's key on the curve of this one; OpenSSL refuses what is no point of it. */
static EVP_PKEY *peer_of(EVP_PKEY *key, struct bytes public_key)
{
	EVP_PKEY *peer;
	if (!EVP_PKEY_is_a(key, "EC"))
		return EVP_PKEY_new_raw_public_key_ex(
		    NULL, EVP_PKEY_get0_type_name(key), NULL, public_key.p, public_key.n);
	peer = EVP_PKEY_new();
	if (peer && EVP_PKEY_copy_parameters(peer, key) == 1 &&
	    EVP_PKEY_set1_encoded_public_key(peer, public_key.p, public_key.n) == 1)
		return peer;
	EVP_PKEY_free(peer);
	return NULL;
}

static enum err agree(
    void *ctx, struct scope *s, struct bytes public_key, struct recipient_secret *ret_secret)
{
	EVP_PKEY *key = ctx;
	size_t n = sizeof(ret_secret->octets);
	AUTO(EVP_PKEY) *peer = peer_of(key, public_key);
	AUTO(EVP_PKEY_CTX) *derive = EVP_PKEY_CTX_new(key, NULL);
	const bool ok = peer && derive && EVP_PKEY_derive_init(derive) == 1 &&
			EVP_PKEY_derive_set_peer(derive, peer) == 1 &&
			EVP_PKEY_derive(derive, ret_secret->octets, &n) == 1;
	ERR_clear_error();
	if (!ok)
		return scope_fault(s, ERR_CRYPTO, "recipient's key: no common secret");
	ret_secret->n = n;
	return OK;
}

/* -- */

enum err key_file_recipient_parse(struct scope *s, struct bytes pkcs12, struct bytes password,
    const struct recipient **ret_recipient)
{
	const struct key *file;
	struct recipient *r = scope_alloc(s, sizeof(*r));
	if (!r)
		return ERR_NOMEM;
	TRY(key_file_parse(s, pkcs12, password, &file));
	EVP_PKEY *key = file->ctx;
	r->ctx = key;
	r->cert = file->cert;
	if (EVP_PKEY_is_a(key, "RSA"))
		r->decrypt = decrypt;
	else if (EVP_PKEY_is_a(key, "EC") || EVP_PKEY_is_a(key, "X25519") ||
		 EVP_PKEY_is_a(key, "X448"))
		r->agree = agree;
	else
		return scope_fault(
		    s, ERR_UNSUPPORTED, "nothing can be encrypted for a key of this kind");
	*ret_recipient = r;
	return OK;
}

enum err key_file_recipient_open(struct scope *s, const char *path, struct bytes password,
    const struct recipient **ret_recipient)
{
	struct bytes content;
	TRY(input_file_read(s, path, LIMIT_KEY_FILE, &content));
	enum err e = key_file_recipient_parse(s, content, password, ret_recipient);
	return e == OK ? OK : scope_fault_in(s, e, path);
}
