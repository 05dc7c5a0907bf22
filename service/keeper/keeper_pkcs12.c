#include "service/keeper/keeper_pkcs12.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/auto.h"
#include "service/keeper/keeper_secret.h"

#define NESTING 8 /* of SafeContents in each other; real files have none */
#define ROUNDS                                                                                     \
	100000 /* of PBKDF2 for each part of a file made here: a tenth of a second in all          \
		*/

struct keeper_pkcs12 {
	OSSL_LIB_CTX *context;
	OSSL_PROVIDER *usual, *legacy;
};

static void release(void *obj)
{
	struct keeper_pkcs12 *library = obj;
	if (library->legacy)
		OSSL_PROVIDER_unload(library->legacy);
	if (library->usual)
		OSSL_PROVIDER_unload(library->usual);
	OSSL_LIB_CTX_free(library->context);
}

enum err keeper_pkcs12_new(struct scope *s, struct keeper_pkcs12 **ret_library)
{
	struct keeper_pkcs12 *library = scope_alloc(s, sizeof(*library));
	if (!library)
		return ERR_NOMEM;
	library->context = OSSL_LIB_CTX_new();
	if (library->context)
		library->usual = OSSL_PROVIDER_load(library->context, "default");
	if (library->usual)
		library->legacy = OSSL_PROVIDER_load(library->context, "legacy");
	ERR_clear_error();
	TRY(scope_own(s, library, release));
	if (!library->usual)
		return scope_fault(s, ERR_CRYPTO, "keeper: OpenSSL cannot be set up");
	*ret_library = library;
	return OK;
}

/* -- what a file would cost -- */
struct check {
	struct scope *s;
	const char *password;
	uint64_t rounds;
	bool has_open_key;
};

static void add_rounds(struct check *c, const ASN1_INTEGER *n)
{
	uint64_t rounds = 0;
	/* What cannot be read as a number is more than anybody has time for. */
	if (!ASN1_INTEGER_get_uint64(&rounds, n) || rounds > LIMIT_KEEPER_ITERATIONS)
		rounds = LIMIT_KEEPER_ITERATIONS + 1;
	c->rounds += rounds;
}

/* RFC 7914 7: about N r p rounds. */
static void add_scrypt(struct check *c, const ASN1_TYPE *parameter)
{
	SCRYPT_PARAMS *p = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), parameter);
	uint64_t n = 0, r = 0, parallel = 0;
	if (!p)
		return;
	bool ok = ASN1_INTEGER_get_uint64(&n, p->costParameter) &&
		  ASN1_INTEGER_get_uint64(&r, p->blockSize) &&
		  ASN1_INTEGER_get_uint64(&parallel, p->parallelizationParameter);
	const uint64_t most = LIMIT_KEEPER_ITERATIONS;
	ok = ok && n <= most && r <= most && parallel <= most && n * r <= most;
	c->rounds += ok ? n * r * parallel : most + 1;
	SCRYPT_PARAMS_free(p);
}

static void add_pbes2(struct check *c, const ASN1_TYPE *parameter)
{
	PBE2PARAM *two = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), parameter);
	if (!two)
		return;
	const ASN1_OBJECT *function;
	int type;
	const void *value;
	X509_ALGOR_get0(&function, &type, &value, two->keyfunc);
	if (OBJ_obj2nid(function) == NID_id_scrypt) {
		add_scrypt(c, two->keyfunc->parameter);
	} else {
		PBKDF2PARAM *p =
		    ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBKDF2PARAM), two->keyfunc->parameter);
		if (p)
			add_rounds(c, p->iter);
		PBKDF2PARAM_free(p);
	}
	PBE2PARAM_free(two);
}

/* Parameters that cannot be read cost nothing: OpenSSL does not get far with them either. */
static void add_algorithm(struct check *c, const X509_ALGOR *algorithm)
{
	if (!algorithm || !algorithm->parameter)
		return;
	if (OBJ_obj2nid(algorithm->algorithm) == NID_pbes2) {
		add_pbes2(c, algorithm->parameter);
		return;
	}
	PBEPARAM *p = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), algorithm->parameter);
	if (p)
		add_rounds(c, p->iter);
	PBEPARAM_free(p);
}

static void look_into_bags(
    struct check *c, const STACK_OF(PKCS12_SAFEBAG) * bags, bool is_open, int depth)
{
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
		const int nid = PKCS12_SAFEBAG_get_nid(bag);
		const X509_ALGOR *algorithm = NULL;
		if (nid == NID_keyBag)
			c->has_open_key |= is_open;
		if (nid == NID_pkcs8ShroudedKeyBag)
			X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
		add_algorithm(c, algorithm);
		if (nid != NID_safeContentsBag)
			continue;
		if (depth == NESTING)
			c->rounds += LIMIT_KEEPER_ITERATIONS + 1;
		else
			look_into_bags(c, PKCS12_SAFEBAG_get0_safes(bag), is_open, depth + 1);
	}
}

static bool is_affordable(const struct check *c)
{
	return c->rounds <= LIMIT_KEEPER_ITERATIONS;
}

static void look_into_safe(struct check *c, PKCS7 *safe)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	const bool is_open = PKCS7_type_is_data(safe);
	if (is_open) {
		bags = PKCS12_unpack_p7data(safe);
	} else if (PKCS7_type_is_encrypted(safe) && safe->d.encrypted &&
		   safe->d.encrypted->enc_data) {
		add_algorithm(c, safe->d.encrypted->enc_data->algorithm);
		if (is_affordable(c))
			bags = PKCS12_unpack_p7encdata(safe, c->password, (int)strlen(c->password));
	}
	look_into_bags(c, bags, is_open, 0);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

static void look_into(struct check *c, const PKCS12 *p12)
{
	const ASN1_INTEGER *rounds = NULL;
	PKCS12_get0_mac(NULL, NULL, NULL, &rounds, p12);
	if (rounds)
		add_rounds(c, rounds);
	STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(p12);
	for (int i = 0; i < sk_PKCS7_num(safes) && is_affordable(c); i++)
		look_into_safe(c, sk_PKCS7_value(safes, i));
	sk_PKCS7_pop_free(safes, PKCS7_free);
	ERR_clear_error();
}

static enum err check_with(
    struct keeper_pkcs12 *library, struct scope *s, struct bytes pkcs12, const char *password)
{
	struct check c = { .s = s, .password = password };
	PKCS12 *p12 = PKCS12_init_ex(NID_pkcs7_data, library->context, NULL);
	const uint8_t *p = pkcs12.p;
	PKCS12 *parsed = p12 ? d2i_PKCS12(&p12, &p, (long)pkcs12.n) : NULL;
	ERR_clear_error();
	if (!parsed)
		return scope_fault(s, ERR_FORMAT, "not a PKCS#12 file");
	look_into(&c, parsed);
	PKCS12_free(parsed);
	if (!is_affordable(&c))
		return scope_fault(s, ERR_LIMIT,
		    "its password takes more than %d rounds of computing", LIMIT_KEEPER_ITERATIONS);
	if (c.has_open_key)
		return scope_fault(s, ERR_DENIED, "the private key in it is not encrypted");
	return OK;
}

/* As service/key_file.c may take a password a second time. */
static enum err as_latin1(struct scope *s, struct bytes password, const char **ret_utf8)
{
	uint8_t *utf8;
	TRY(keeper_secret_new(s, 2 * password.n + 1, &utf8));
	for (size_t i = 0, n = 0; i < password.n; i++) {
		const uint8_t c = password.p[i];
		if (c >= 0x80)
			utf8[n++] = (uint8_t)(0xc0 | (c >> 6));
		utf8[n++] = c < 0x80 ? c : (uint8_t)(0x80 | (c & 0x3f));
	}
	*ret_utf8 = (const char *)utf8;
	return OK;
}

static bool is_ascii(struct bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] >= 0x80)
			return false;
	return true;
}

enum err keeper_pkcs12_check(
    struct keeper_pkcs12 *library, struct scope *s, struct bytes pkcs12, struct bytes password)
{
	const char *utf8;
	if (pkcs12.n > LIMIT_KEEPER_FILE)
		return scope_fault(s, ERR_LIMIT, "larger than a key file may be");
	TRY(check_with(library, s, pkcs12, (const char *)password.p));
	if (is_ascii(password))
		return OK;
	TRY(as_latin1(s, password, &utf8));
	return check_with(library, s, pkcs12, utf8);
}

/* -- a new file -- */
static X509 *x509_of(const struct cert *cert)
{
	const uint8_t *p = cert->der.p;
	return d2i_X509(NULL, &p, (long)cert->der.n);
}

static bool fill(STACK_OF(X509) * others, const struct key *key)
{
	for (size_t i = 0; i < key->n_chain; i++) {
		X509 *x = x509_of(key->chain[i]);
		if (!x || !sk_X509_push(others, x)) {
			X509_free(x);
			return false;
		}
	}
	return true;
}

static enum err encode(struct scope *s, PKCS12 *p12, struct bytes *ret_pkcs12)
{
	uint8_t *out;
	int n = p12 ? i2d_PKCS12(p12, NULL) : 0;
	if (n <= 0)
		return scope_fault(s, ERR_CRYPTO, "keeper: no new key file could be made");
	TRY(keeper_secret_new(s, (size_t)n, &out));
	uint8_t *at = out;
	if (i2d_PKCS12(p12, &at) != n)
		return scope_fault(s, ERR_CRYPTO, "keeper: no new key file could be made");
	*ret_pkcs12 = bytes_of(out, (size_t)n);
	return OK;
}

enum err keeper_pkcs12_rebuild(
    struct scope *s, const struct key *key, struct bytes password, struct bytes *ret_pkcs12)
{
	AUTO(X509) *cert = x509_of(key->cert);
	STACK_OF(X509) *others = sk_X509_new_null();
	PKCS12 *p12 = NULL;
	if (cert && others && fill(others, key))
		p12 = PKCS12_create((const char *)password.p, NULL, key->ctx, cert, others,
		    NID_aes_256_cbc, NID_aes_256_cbc, ROUNDS, ROUNDS, 0);
	sk_X509_pop_free(others, X509_free);
	enum err e = encode(s, p12, ret_pkcs12);
	PKCS12_free(p12);
	ERR_clear_error();
	return e;
}
