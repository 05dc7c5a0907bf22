#include "formats/cert_key.h"

#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/auto.h"
#include "formats/der.h"
#include "formats/oid.h"

#define MODULUS_MAX 2048 /* octets; OpenSSL verifies up to 16384 bits */
#define EXPONENT_MAX 8
#define GROUP_NAME_ROOM 40

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY *key = NULL;
	AUTO(EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return NULL;
	return key;
}

/* A positive number as OSSL_PARAM wants it: in the machine's byte order. */
static bool to_native(struct bytes number, uint8_t *room, size_t max, struct bytes *ret_native)
{
	if (number.n == 0 || (number.p[0] & 0x80))
		return false;
	while (number.n > 0 && number.p[0] == 0)
		number = bytes_from(number, 1);
	if (number.n == 0 || number.n > max)
		return false;
	BIGNUM *n = BN_bin2bn(number.p, (int)number.n, NULL);
	bool ok = n && BN_bn2nativepad(n, room, (int)number.n) == (int)number.n;
	BN_free(n);
	*ret_native = bytes_of(room, number.n);
	return ok;
}

/* RSAPublicKey (RFC 8017 A.1.1) */
static EVP_PKEY *load_rsa(struct bytes key)
{
	struct der whole, n, e;
	struct bytes native_n, native_e;
	uint8_t room_n[MODULUS_MAX], room_e[EXPONENT_MAX];
	if (!der_step(&key, &whole) || key.n > 0 || whole.tag != DER_SEQUENCE ||
	    !der_step(&whole.value, &n) || !der_step(&whole.value, &e) || whole.value.n > 0)
		return NULL;
	if (n.tag != DER_INTEGER || e.tag != DER_INTEGER ||
	    !to_native(n.value, room_n, sizeof(room_n), &native_n) ||
	    !to_native(e.value, room_e, sizeof(room_e), &native_e))
		return NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, room_n, native_n.n),
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, room_e, native_e.n),
		OSSL_PARAM_construct_end(),
	};
	return from_params("RSA", params);
}

/* A named curve (RFC 5480 2.1.1); explicit parameters are left to OpenSSL. */
static EVP_PKEY *load_ec(struct bytes algorithm, struct bytes point)
{
	struct der curve;
	char group[GROUP_NAME_ROOM];
	if (!der_step(&algorithm, &curve) || curve.tag != DER_OID || algorithm.n > 0)
		return NULL;
	const unsigned char *p = curve.whole.p;
	AUTO(ASN1_OBJECT) *object = d2i_ASN1_OBJECT(NULL, &p, (long)curve.whole.n);
	const char *name = object ? OBJ_nid2sn(OBJ_obj2nid(object)) : NULL;
	if (!name || OBJ_obj2nid(object) == NID_undef || strlen(name) >= sizeof(group))
		return NULL;
	memcpy(group, name, strlen(name) + 1);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		/* OSSL_PARAM has no const: the octets are only read */
		OSSL_PARAM_construct_octet_string(
		    OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point.p, point.n),
		OSSL_PARAM_construct_end(),
	};
	return from_params("EC", params);
}

static EVP_PKEY *load_quickly(struct bytes spki)
{
	struct der whole, algorithm, oid, key;
	if (!der_step(&spki, &whole) || !der_step(&whole.value, &algorithm) ||
	    !der_step(&whole.value, &key) || !der_step(&algorithm.value, &oid) ||
	    key.tag != DER_BIT_STRING || key.value.n < 2 || key.value.p[0] != 0)
		return NULL;
	struct bytes octets = bytes_from(key.value, 1);
	enum oid id = oid_of(oid.value);
	if (id == OID_ALG_RSA)
		return load_rsa(octets);
	if (id == OID_ALG_EC_PUBLIC_KEY)
		return load_ec(algorithm.value, octets);
	if (id == OID_ALG_ED25519)
		return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, octets.p, octets.n);
	if (id == OID_ALG_ED448)
		return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED448, NULL, octets.p, octets.n);
	return NULL;
}

static void release_key(void *key)
{
	EVP_PKEY_free(key);
}

enum err cert_key_load(struct scope *s, struct bytes spki, EVP_PKEY **ret_key)
{
	EVP_PKEY *key = load_quickly(spki);
	const unsigned char *p = spki.p;
	if (!key && spki.n <= LONG_MAX)
		key = d2i_PUBKEY(NULL, &p, (long)spki.n);
	ERR_clear_error();
	if (key)
		TRY(scope_own(s, key, release_key));
	*ret_key = key;
	return OK;
}

/* SubjectPublicKeyInfo without parameters; its BIT STRING. */
static bool lacks_parameters(struct bytes spki, struct der *ret_key)
{
	struct der whole, algorithm, oid;
	return der_step(&spki, &whole) && der_step(&whole.value, &algorithm) &&
	       der_step(&algorithm.value, &oid) && oid_of(oid.value) == OID_ALG_DSA &&
	       (algorithm.value.n == 0 || algorithm.value.p[0] == DER_NULL) &&
	       der_step(&whole.value, ret_key) && whole.value.n == 0;
}

/* The AlgorithmIdentifier of a key, written by OpenSSL. */
static enum err algorithm_of(struct scope *s, EVP_PKEY *key, struct bytes *ret_algorithm)
{
	unsigned char *octets = NULL;
	struct bytes copy;
	struct der whole, algorithm;
	int n = i2d_PUBKEY(key, &octets);
	enum err err = bytes_copy(s, bytes_of(octets, n > 0 ? (size_t)n : 0), &copy);
	OPENSSL_free(octets);
	TRY(err);
	if (!der_step(&copy, &whole) || !der_step(&whole.value, &algorithm))
		return scope_fault(s, ERR_CRYPTO, "public key: cannot be written");
	*ret_algorithm = algorithm.whole;
	return OK;
}

enum err cert_key_inherit(struct scope *s, struct bytes spki, EVP_PKEY *issuer, EVP_PKEY **ret_key)
{
	struct der key;
	struct bytes algorithm, whole;
	if (EVP_PKEY_get_base_id(issuer) != EVP_PKEY_DSA || !lacks_parameters(spki, &key))
		return OK;
	TRY(algorithm_of(s, issuer, &algorithm));
	struct buf b = buf_new(s, LIMIT_FETCH_CERTIFICATE);
	size_t mark = der_open(&b, DER_SEQUENCE);
	buf_add(&b, algorithm);
	buf_add(&b, key.whole);
	der_close(&b, mark);
	TRY(buf_done(&b, &whole));
	return cert_key_load(s, whole, ret_key);
}
