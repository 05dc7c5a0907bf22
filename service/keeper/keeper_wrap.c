#include "service/keeper/keeper_wrap.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/auto.h"
#include "service/keeper/keeper_secret.h"

#define VERSION 1
#define SALT 32
#define NONCE 12
#define TAG 16
#define HEAD (1 + SALT + NONCE)

/* The version is part of both, so that no later format is taken for this one. */
static const char label[] = "bulla keeper: key of a deposited file, 1";
static const char aad[] = "bulla keeper: deposited file, 1";

static enum err failed(struct scope *s, const char *what)
{
	ERR_clear_error();
	return scope_fault(s, ERR_CRYPTO, "keeper: %s failed", what);
}

static enum err derive(
    struct scope *s, struct bytes service_key, const uint8_t *salt, uint8_t **ret_key)
{
	uint8_t *key, *master;
	char hash[] = "SHA256", info[sizeof(label)];
	uint8_t salt_copy[SALT];
	if (service_key.n != KEEPER_WRAP_KEY)
		return scope_fault(s, ERR_MISUSE, "keeper: no service key");
	TRY(keeper_secret_new(s, KEEPER_WRAP_KEY, &key));
	TRY(keeper_secret_new(s, KEEPER_WRAP_KEY, &master));
	/* Parameters have no const. */
	memcpy(master, service_key.p, service_key.n);
	memcpy(salt_copy, salt, SALT);
	memcpy(info, label, sizeof(label));
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, master, KEEPER_WRAP_KEY),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt_copy, SALT),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof(info) - 1),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	bool ok = ctx && EVP_KDF_derive(ctx, key, KEEPER_WRAP_KEY, params) == 1;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	if (!ok)
		return failed(s, "deriving a key");
	*ret_key = key;
	return OK;
}

enum err keeper_wrap_close(
    struct scope *s, struct bytes service_key, struct bytes content, struct bytes *ret_wrapped)
{
	int n = 0, rest = 0;
	uint8_t *key;
	if (content.n > LIMIT_KEEPER_FILE)
		return scope_fault(s, ERR_LIMIT, "keeper: a key file larger than allowed");
	uint8_t *out = scope_alloc(s, content.n + KEEPER_WRAP_MORE);
	AUTO(EVP_CIPHER_CTX) *c = EVP_CIPHER_CTX_new();
	if (!out || !c)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	out[0] = VERSION;
	if (RAND_bytes(out + 1, SALT + NONCE) != 1)
		return failed(s, "drawing random octets");
	TRY(derive(s, service_key, out + 1, &key));
	if (EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, out + 1 + SALT) != 1 ||
	    EVP_EncryptUpdate(c, NULL, &n, (const uint8_t *)aad, sizeof(aad) - 1) != 1 ||
	    EVP_EncryptUpdate(c, out + HEAD, &n, content.p, (int)content.n) != 1 ||
	    EVP_EncryptFinal_ex(c, out + HEAD + n, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, out + HEAD + content.n) != 1)
		return failed(s, "wrapping");
	*ret_wrapped = bytes_of(out, content.n + KEEPER_WRAP_MORE);
	return OK;
}

enum err keeper_wrap_open(
    struct scope *s, struct bytes service_key, struct bytes wrapped, struct bytes *ret_content)
{
	int n = 0, rest = 0;
	uint8_t *key, *out, tag[TAG];
	if (wrapped.n > LIMIT_KEEPER_FILE + KEEPER_WRAP_MORE)
		return scope_fault(s, ERR_LIMIT, "keeper: a key file larger than allowed");
	if (wrapped.n < KEEPER_WRAP_MORE || wrapped.p[0] != VERSION)
		return scope_fault(s, ERR_FORMAT, "keeper: not a wrapped key file");
	const size_t content_n = wrapped.n - KEEPER_WRAP_MORE;
	AUTO(EVP_CIPHER_CTX) *c = EVP_CIPHER_CTX_new();
	if (!c)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	TRY(keeper_secret_new(s, content_n + 1, &out));
	TRY(derive(s, service_key, wrapped.p + 1, &key));
	memcpy(tag, wrapped.p + HEAD + content_n, TAG);
	if (EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key, wrapped.p + 1 + SALT) != 1 ||
	    EVP_DecryptUpdate(c, NULL, &n, (const uint8_t *)aad, sizeof(aad) - 1) != 1 ||
	    EVP_DecryptUpdate(c, out, &n, wrapped.p + HEAD, (int)content_n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, tag) != 1)
		return failed(s, "unwrapping");
	if (EVP_DecryptFinal_ex(c, out + n, &rest) != 1) {
		ERR_clear_error();
		return scope_fault(
		    s, ERR_FORMAT, "keeper: a key file that was not wrapped here, or was changed");
	}
	*ret_content = bytes_of(out, content_n);
	return OK;
}
