#include "tests/authority/authority_profile.h"

#include <string.h>

#include "base/buf.h"
#include "base/scope.h"
#include "tests/authority/authority_extension.h"
#include "tests/authority/authority_key.h"
#include "tests/authority/authority_own.h"

#define URL_CAP 2048
#define POLICY_ANY "2.5.29.32.0"
/* Our own policies, under the arc that RFC 5612 keeps for documentation. */
#define POLICY_SEAL "1.3.6.1.4.1.32473.1.1"
#define POLICY_SIGNATURE "1.3.6.1.4.1.32473.1.2"
#define POLICY_TSA "1.3.6.1.4.1.32473.1.3"
#define POLICY_OCSP "1.3.6.1.4.1.32473.1.4"
/* EN 319 411-2 5.3: QCP-n, QCP-l, and both with a qualified device. */
#define POLICY_QCP_N "0.4.0.194112.1.0"
#define POLICY_QCP_L "0.4.0.194112.1.1"
#define POLICY_QCP_N_QSCD "0.4.0.194112.1.2"
#define POLICY_QCP_L_QSCD "0.4.0.194112.1.3"
#define PURPOSE_TSA "1.3.6.1.5.5.7.3.8"
#define PURPOSE_OCSP "1.3.6.1.5.5.7.3.9"

/* A certificate in the making, and what all steps look at. */
struct work {
	struct scope *s;
	const struct authority_store *store;
	const struct authority_store_record *ca; /* NULL: self-signed */
	const struct authority_profile *want;
	X509 *cert;
	struct authority_extension_list exts;
};

static bool is(const struct work *w, const char *profile)
{
	return !strcmp(w->want->name, profile);
}

static bool is_ca(const struct work *w)
{
	return is(w, "ca") || is(w, "link");
}

static enum err url_of(const struct work *w, const char *folder, const char *end, char **ret_url)
{
	struct buf b = buf_new(w->s, URL_CAP);
	buf_addf(&b, "%s/%s", w->store->url, folder);
	if (end)
		buf_addf(&b, "/%s.%s", w->ca->name, end);
	return buf_done_str(&b, ret_url);
}

static enum err add_rdn(struct scope *s, X509_NAME *name, const char *attribute, const char *value)
{
	if (!value || !*value)
		return OK;
	if (X509_NAME_add_entry_by_txt(
		name, attribute, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) != 1)
		return scope_fault(s, ERR_FORMAT, "subject: %s refused: %s", attribute, value);
	return OK;
}

/* EN 319 412-2 4.2.4: given name, surname and a serial number tell persons apart. */
static enum err add_person(struct work *w, X509_NAME *name)
{
	char *given, number[64], *serial;
	const char *cn = w->want->cn, *blank = strrchr(cn, ' ');
	if (!blank)
		return add_rdn(w->s, name, "pseudonym", cn);
	TRY(bytes_to_str(w->s, bytes_of(cn, (size_t)(blank - cn)), &given));
	TRY(add_rdn(w->s, name, "GN", given));
	TRY(add_rdn(w->s, name, "SN", blank + 1));
	TRY(bytes_to_hex(w->s, bytes_cut(w->want->serial, 0, 6), &serial));
	int n = snprintf(number, sizeof(number), "PNO%.2s-%.12s", w->want->country, serial);
	if (n < 0 || (size_t)n >= sizeof(number))
		return scope_fault(w->s, ERR_LIMIT, "subject: serial number too long");
	return add_rdn(w->s, name, "serialNumber", number);
}

static enum err set_subject(struct work *w)
{
	X509_NAME *name = X509_NAME_new();
	TRY(authority_own_name(w->s, name));
	TRY(add_rdn(w->s, name, "C", w->want->country));
	TRY(add_rdn(w->s, name, "O", w->want->org));
	TRY(add_rdn(w->s, name, "2.5.4.97", w->want->org_id));
	if (is(w, "signature"))
		TRY(add_person(w, name));
	TRY(add_rdn(w->s, name, "CN", w->want->cn));
	const X509_NAME *issuer = w->ca ? X509_get_subject_name(w->ca->cert) : name;
	if (X509_set_subject_name(w->cert, name) != 1 || X509_set_issuer_name(w->cert, issuer) != 1)
		return scope_fault(w->s, ERR_NOMEM, "certificate: out of memory");
	return OK;
}

static enum err set_body(struct work *w)
{
	BIGNUM *number = BN_bin2bn(w->want->serial.p, (int)w->want->serial.n, NULL);
	ASN1_INTEGER *serial = BN_to_ASN1_INTEGER(number, NULL);
	BN_free(number);
	TRY(authority_own_integer(w->s, serial));
	ASN1_TIME *from = ASN1_TIME_set(NULL, w->want->not_before.unix_s);
	TRY(authority_own_time(w->s, from));
	ASN1_TIME *to = ASN1_TIME_set(NULL, w->want->not_after.unix_s);
	TRY(authority_own_time(w->s, to));
	if (X509_set_version(w->cert, X509_VERSION_3) != 1 ||
	    X509_set_serialNumber(w->cert, serial) != 1 ||
	    X509_set1_notBefore(w->cert, from) != 1 || X509_set1_notAfter(w->cert, to) != 1 ||
	    X509_set_pubkey(w->cert, w->want->key) != 1)
		return scope_fault(w->s, ERR_CRYPTO, "certificate: content refused");
	return OK;
}

static enum err add_key_extensions(struct work *w)
{
	struct bytes own, issuers;
	struct buf usage;
	const char *names = w->want->key_usage;
	TRY(authority_extension_key_id(w->s, w->cert, &own));
	TRY(authority_extension_key_id(w->s, w->ca ? w->ca->cert : w->cert, &issuers));
	if (!names)
		names = is_ca(w)                        ? "keyCertSign,cRLSign"
			: is(w, "tsa") || is(w, "ocsp") ? "digitalSignature"
							: "digitalSignature,nonRepudiation";
	if (is_ca(w))
		authority_extension_add(&w->exts, EXT_BASIC_CONSTRAINTS, true,
		    authority_extension_basic_constraints(w->s, w->want->path_len));
	if (strcmp(names, "none")) {
		TRY(authority_extension_key_usage(w->s, names, &usage));
		authority_extension_add(&w->exts, EXT_KEY_USAGE, true, usage);
	}
	authority_extension_add(
	    &w->exts, EXT_SUBJECT_KEY_ID, false, authority_extension_octets(w->s, own));
	if (w->ca)
		authority_extension_add(&w->exts, EXT_AUTHORITY_KEY_ID, false,
		    authority_extension_authority_key_id(w->s, issuers));
	return OK;
}

static void add_purpose_extensions(struct work *w)
{
	if (is(w, "tsa"))
		authority_extension_add(&w->exts, EXT_EXTENDED_KEY_USAGE, true,
		    authority_extension_extended_key_usage(w->s, PURPOSE_TSA));
	if (!is(w, "ocsp"))
		return;
	authority_extension_add(&w->exts, EXT_EXTENDED_KEY_USAGE, false,
	    authority_extension_extended_key_usage(w->s, PURPOSE_OCSP));
	if (w->want->nocheck) {
		struct buf null = buf_new(w->s, 2);
		buf_add(&null, BYTES_LIT("\x05\x00"));
		authority_extension_add(&w->exts, EXT_OCSP_NOCHECK, false, null);
	}
}

static const char *own_policy(const struct work *w)
{
	if (w->want->policy)
		return w->want->policy;
	if (is_ca(w))
		return POLICY_ANY;
	if (is(w, "tsa"))
		return POLICY_TSA;
	if (is(w, "ocsp"))
		return POLICY_OCSP;
	return is(w, "seal") ? POLICY_SEAL : POLICY_SIGNATURE;
}

static const char *qualified_policy(const struct work *w)
{
	bool subscriber = is(w, "seal") || is(w, "signature");
	if (w->want->policy || !w->want->qc || !subscriber)
		return NULL;
	if (is(w, "seal"))
		return w->want->sscd ? POLICY_QCP_L_QSCD : POLICY_QCP_L;
	return w->want->sscd ? POLICY_QCP_N_QSCD : POLICY_QCP_N;
}

static enum err add_policy_extensions(struct work *w)
{
	char *cps;
	if (!w->ca)
		return OK; /* an anchor's policies are nobody's business */
	TRY(url_of(w, "cps", NULL, &cps));
	authority_extension_add(&w->exts, EXT_POLICIES, false,
	    authority_extension_policies(
		w->s, own_policy(w), cps, w->want->disclaimer, qualified_policy(w)));
	if (w->want->qc && (is(w, "seal") || is(w, "signature")))
		authority_extension_add(&w->exts, EXT_QC_STATEMENTS, false,
		    authority_extension_qc_statements(w->s, w->want->sscd, is(w, "seal")));
	return OK;
}

static enum err add_pointers(struct work *w)
{
	char *crl, *delta, *issuer, *ocsp;
	if (!w->ca)
		return OK;
	TRY(url_of(w, "crl", "crl", &crl));
	TRY(url_of(w, "delta", "crl", &delta));
	TRY(url_of(w, "aia", "cer", &issuer));
	TRY(url_of(w, "ocsp", NULL, &ocsp));
	if (w->want->crl) {
		authority_extension_add(
		    &w->exts, EXT_CRL_POINTS, false, authority_extension_crl_points(w->s, crl));
		authority_extension_add(
		    &w->exts, EXT_FRESHEST_CRL, false, authority_extension_crl_points(w->s, delta));
	}
	authority_extension_add(&w->exts, EXT_AUTHORITY_INFO, false,
	    authority_extension_authority_info(w->s, issuer, w->want->ocsp ? ocsp : NULL));
	return OK;
}

static enum err sign(struct work *w)
{
	EVP_MD_CTX *ctx;
	EVP_PKEY *key = w->ca ? w->ca->key : w->want->key;
	TRY(authority_key_sign_ctx(w->s, key, w->store->digest, &ctx));
	if (X509_sign_ctx(w->cert, ctx) <= 0)
		return scope_fault(w->s, ERR_CRYPTO, "certificate: signing failed");
	return OK;
}

enum err authority_profile_certify(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, const struct authority_profile *want, X509 **ret_cert)
{
	X509 *cert = X509_new();
	TRY(authority_own_x509(s, cert));
	struct work w = { .s = s, .store = store, .ca = ca, .want = want, .cert = cert };
	w.exts = (struct authority_extension_list){ .s = s, .cert = cert };
	TRY(set_body(&w));
	TRY(set_subject(&w));
	TRY(add_key_extensions(&w));
	add_purpose_extensions(&w);
	TRY(add_policy_extensions(&w));
	TRY(add_pointers(&w));
	TRY(w.exts.failed);
	TRY(sign(&w));
	*ret_cert = cert;
	return OK;
}
