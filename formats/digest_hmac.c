#include "formats/digest_hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/scope.h"

static bool compute(EVP_MAC_CTX *c, struct bytes key, const struct bytes *parts, size_t n_parts,
    uint8_t mac[DIGEST_HMAC_OCTETS])
{
	char alg[] = "SHA256";
	const OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(
					  OSSL_MAC_PARAM_DIGEST, alg, 0),
		OSSL_PARAM_construct_end() };
	/* A NULL key would mean the one before. */
	const uint8_t *octets = key.n ? key.p : (const uint8_t *)"";
	size_t n;
	if (EVP_MAC_init(c, octets, key.n, params) != 1)
		return false;
	for (size_t i = 0; i < n_parts; i++)
		if (EVP_MAC_update(c, parts[i].p, parts[i].n) != 1)
			return false;
	return EVP_MAC_final(c, mac, &n, DIGEST_HMAC_OCTETS) == 1 && n == DIGEST_HMAC_OCTETS;
}

enum err digest_hmac(struct scope *s, struct bytes key, const struct bytes *parts, size_t n_parts,
    uint8_t ret_mac[DIGEST_HMAC_OCTETS])
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *c = mac ? EVP_MAC_CTX_new(mac) : NULL;
	const bool ok = c && compute(c, key, parts, n_parts, ret_mac);
	EVP_MAC_CTX_free(c);
	EVP_MAC_free(mac);
	return ok ? OK : scope_fault(s, ERR_CRYPTO, "HMAC: OpenSSL cannot compute it");
}
