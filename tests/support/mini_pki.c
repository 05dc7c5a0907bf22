#include "tests/support/mini_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cms.h"
#include "formats/der.h"
#include "tests/support/mini_ca_parts.h"
#include "validator/policy.h"

#define YEAR (365 * MINI_CA_DAY)

static const struct mini_pki_entry defaults[] = {
	{ .name = "root",
	    .issuer = "root",
	    .key_type = MINI_CA_P256,
	    .from = MINI_CA_NOW - 10 * YEAR,
	    .to = MINI_CA_NOW + 20 * YEAR,
	    .is_ca = true,
	    .usage = "keyCertSign,cRLSign,digitalSignature",
	    .no_urls = true },
	{ .name = "ca",
	    .issuer = "root",
	    .key_type = MINI_CA_P256,
	    .key_index = 1,
	    .from = MINI_CA_NOW - 5 * YEAR,
	    .to = MINI_CA_NOW + 15 * YEAR,
	    .is_ca = true,
	    .usage = "keyCertSign,cRLSign" },
	{ .name = "signer",
	    .issuer = "ca",
	    .key_type = MINI_CA_P256,
	    .key_index = 2,
	    .usage = "digitalSignature,nonRepudiation" },
	{ .name = "tsa",
	    .issuer = "ca",
	    .key_type = MINI_CA_P256,
	    .key_index = 3,
	    .from = MINI_CA_NOW - YEAR,
	    .to = MINI_CA_NOW + 5 * YEAR,
	    .usage = "digitalSignature",
	    .eku = "critical,timeStamping" },
	{ .name = "ca-ocsp",
	    .issuer = "ca",
	    .key_type = MINI_CA_P384,
	    .from = MINI_CA_NOW - YEAR,
	    .to = MINI_CA_NOW + 10 * YEAR,
	    .usage = "digitalSignature",
	    .eku = "OCSPSigning",
	    .nocheck = true },
};

bool mini_pki_has(const struct mini_pki *p, const char *name)
{
	for (size_t i = 0; i < p->n_entries; i++)
		if (strcmp(p->entry[i].name, name) == 0)
			return true;
	return false;
}

struct mini_pki_entry *mini_pki_entry(struct mini_pki *p, const char *name)
{
	char *kept;
	for (size_t i = 0; i < p->n_entries; i++)
		if (strcmp(p->entry[i].name, name) == 0)
			return &p->entry[i];
	mini_ca_check(p->n_entries < MINI_PKI_ENTRIES, "room for certificates");
	mini_ca_check(bytes_to_str(p->s, bytes_of_str(name), &kept) == OK, "name");
	struct mini_pki_entry *e = &p->entry[p->n_entries++];
	*e = (struct mini_pki_entry){ .name = kept,
		.issuer = "ca",
		.key_type = MINI_CA_P384,
		.key_index = (unsigned)(p->n_entries % MINI_CA_KEYS),
		.serial = (int64_t)p->n_entries + 100,
		.from = MINI_CA_NOW - YEAR,
		.to = MINI_CA_NOW + YEAR,
		.path_length = -1,
		.reason = CRL_REASON_UNSPECIFIED,
		.usage = "digitalSignature,nonRepudiation" };
	return e;
}

EVP_PKEY *mini_pki_private(struct mini_pki *p, const char *name)
{
	const struct mini_pki_entry *e = mini_pki_entry(p, name);
	return mini_ca_key(e->key_type, e->key_index);
}

/* -- certificates -- */

static const char *text(struct mini_pki *p, const char *fmt, const char *a, const char *b)
{
	struct buf out = buf_new(p->s, 2048);
	char *t;
	for (const char *c = fmt; *c; c++)
		if (c[0] == '%' && (c[1] == 'a' || c[1] == 'b'))
			buf_add_str(&out, *++c == 'a' ? a : b);
		else
			buf_add_byte(&out, (uint8_t)*c);
	mini_ca_check(buf_done_str(&out, &t) == OK, "text");
	return t;
}

static const char *subject_of(struct mini_pki *p, const struct mini_pki_entry *e)
{
	return e->subject ? e->subject : text(p, "/C=DE/O=Bulla Tests/CN=%a", e->name, "");
}

/* The Name alone: the certificate may be the one that is being made. */
static struct bytes name_of(struct mini_pki *p, const char *name)
{
	const struct mini_ca_spec spec = { .subject = subject_of(p, mini_pki_entry(p, name)),
		.key = mini_pki_private(p, name) };
	return mini_ca_parsed(p->s, &spec)->subject;
}

/* cRLDistributionPoints of these points, as OpenSSL takes it. */
static const char *points_of(struct mini_pki *p, const struct mini_pki_entry *e)
{
	struct buf b = buf_new(p->s, 4096);
	char *hex;
	size_t list = der_open(&b, DER_SEQUENCE);
	for (size_t i = 0; i < e->n_points; i++) {
		const struct mini_pki_point *from = &e->points[i];
		size_t point = der_open(&b, DER_SEQUENCE);
		if (from->url)
			mini_ca_parts_full_name(&b, from->url);
		if (from->reasons)
			mini_ca_parts_named_bits(&b, DER_CONTEXT_PRIMITIVE(1), from->reasons);
		if (from->crl_issuer) {
			size_t names = der_open(&b, DER_CONTEXT(2));
			der_add(&b, DER_CONTEXT(4), name_of(p, from->crl_issuer));
			der_close(&b, names);
		}
		der_close(&b, point);
	}
	der_close(&b, list);
	mini_ca_check(bytes_to_hex(p->s, mini_ca_parts_done(&b, "points"), &hex) == OK, "points");
	return text(p, "crlDistributionPoints=DER:%a", hex, "");
}

static void list_extensions(
    struct mini_pki *p, const struct mini_pki_entry *e, const char *list[16])
{
	size_t n = 0;
	char length[64] = "basicConstraints=critical,CA:TRUE";
	if (e->is_ca && e->path_length >= 0)
		snprintf(length, sizeof(length), "basicConstraints=critical,CA:TRUE,pathlen:%d",
		    e->path_length);
	if (e->is_ca && !e->bare_ca)
		list[n++] = text(p, "%a", length, "");
	if (e->usage)
		list[n++] = text(p, "keyUsage=critical,%a", e->usage, "");
	if (e->eku)
		list[n++] = text(p, "extendedKeyUsage=%a", e->eku, "");
	list[n++] = "subjectKeyIdentifier=hash";
	if (strcmp(e->name, e->issuer) != 0)
		list[n++] = "authorityKeyIdentifier=keyid";
	if (e->nocheck)
		list[n++] = "noCheck=ignored";
	if (!e->no_urls) {
		list[n++] = text(p,
		    "authorityInfoAccess=OCSP;URI:http://%a.test/ocsp,"
		    "caIssuers;URI:http://%a.test/cert",
		    e->issuer, "");
		if (!e->n_points)
			list[n++] = e->crl_url
					? text(p, "crlDistributionPoints=URI:%a", e->crl_url, "")
					: text(p, "crlDistributionPoints=URI:http://%a.test/crl",
					      e->issuer, "");
	}
	if (e->n_points)
		list[n++] = points_of(p, e);
	if (e->freshest_url)
		list[n++] = text(p, "freshestCRL=URI:%a", e->freshest_url, "");
	for (size_t i = 0; i < 4 && e->more[i]; i++)
		list[n++] = e->more[i];
	list[n] = NULL;
}

const struct cert *mini_pki_cert(struct mini_pki *p, const char *name)
{
	const char *extensions[16];
	struct mini_pki_entry *e = mini_pki_entry(p, name);
	if (e->cert)
		return e->cert;
	bool is_root = strcmp(e->issuer, name) == 0;
	const struct cert *issuer = is_root ? NULL : mini_pki_cert(p, e->issuer);
	list_extensions(p, e, extensions);
	const struct mini_ca_spec spec = {
		.subject = subject_of(p, e),
		.key = mini_pki_private(p, name),
		.issuer = issuer ? issuer->der : BYTES_NONE,
		.issuer_key = mini_pki_private(p, e->issuer),
		.serial = e->serial,
		.not_before = e->from,
		.not_after = e->to,
		.extensions = extensions,
	};
	e->cert = mini_ca_parsed(p->s, &spec);
	return e->cert;
}

size_t mini_pki_between(struct mini_pki *p, const char *name, const struct cert *ret_certs[8])
{
	size_t n = 0;
	for (const char *above = mini_pki_entry(p, name)->issuer;;
	     above = mini_pki_entry(p, above)->issuer) {
		if (strcmp(above, mini_pki_entry(p, above)->issuer) == 0 || n == 8)
			return n;
		ret_certs[n++] = mini_pki_cert(p, above);
	}
}

const struct anchors *mini_pki_anchors(struct mini_pki *p, const char *root)
{
	const struct cert *c = mini_pki_cert(p, root);
	const struct anchors *a;
	mini_ca_check(anchors_new(p->s, &c, 1, &a) == OK, "anchors");
	return a;
}

/* -- the key -- */

struct key_ctx {
	struct scope *s;
	EVP_PKEY *key;
};

static enum err sign_with(void *ctx, struct scope *s, const struct signature_alg *alg,
    struct bytes data, struct bytes *ret_value)
{
	const struct key_ctx *k = ctx;
	(void)s; /* which may be out of memory */
	*ret_value = mini_ca_sign(k->s, k->key, *alg, data);
	return OK;
}

const struct key *mini_pki_key(struct mini_pki *p, const char *name)
{
	struct mini_pki_entry *e = mini_pki_entry(p, name);
	struct key *k = &p->keys[e - p->entry];
	if (k->cert)
		return k;
	const struct cert **chain = scope_alloc_array(p->s, 8, sizeof(*chain));
	struct key_ctx *ctx = scope_alloc(p->s, sizeof(*ctx));
	mini_ca_check(chain && ctx, "key");
	*ctx = (struct key_ctx){ p->s, mini_pki_private(p, name) };
	*k = (struct key){ .ctx = ctx,
		.cert = mini_pki_cert(p, name),
		.chain = chain,
		.n_chain = mini_pki_between(p, name, chain),
		.signature_max = (size_t)EVP_PKEY_get_size(ctx->key),
		.sign = sign_with };
	return k;
}

struct seal_request mini_pki_request(struct mini_pki *p, enum seal_level level)
{
	static const char *const urls[] = { "http://tsa.test/" };
	return (struct seal_request){ .key = mini_pki_key(p, "signer"),
		.level = level,
		.tsa_urls = urls,
		.n_tsa_urls = 1,
		.anchors = mini_pki_anchors(p, "root"),
		.policy = policy_default() };
}

/* -- services -- */

static bool is_issued_by(const struct mini_pki_entry *e, const char *issuer)
{
	return strcmp(e->issuer, issuer) == 0 && strcmp(e->name, issuer) != 0;
}

struct bytes mini_pki_crl(struct mini_pki *p, const char *issuer)
{
	struct mini_ca_revocation_entry entries[MINI_PKI_ENTRIES];
	int64_t now = p->w->now.unix_s;
	size_t n = 0;
	for (size_t i = 0; i < p->n_entries; i++) {
		const struct mini_pki_entry *e = &p->entry[i];
		if (!is_issued_by(e, issuer) || !e->revoked_at || e->revoked_at > now)
			continue;
		entries[n++] = (struct mini_ca_revocation_entry){
			.cert = mini_pki_cert(p, e->name), .at = e->revoked_at, .reason = e->reason
		};
	}
	return mini_ca_revocation_crl(
	    p->s, &(struct mini_ca_revocation_crl){ .issuer = mini_pki_cert(p, issuer),
		      .key = mini_pki_private(p, issuer),
		      .this_update = now,
		      .next_update = now + 7 * MINI_CA_DAY,
		      .entries = entries,
		      .n_entries = n });
}

struct bytes mini_pki_ocsp(struct mini_pki *p, const char *name, struct bytes nonce)
{
	struct mini_pki_entry *e = mini_pki_entry(p, name);
	const char *delegate = text(p, "%a-ocsp", e->issuer, "");
	const char *responder = mini_pki_has(p, delegate) ? delegate : e->issuer;
	int64_t now = p->w->now.unix_s;
	bool revoked = e->revoked_at && e->revoked_at <= now;
	const struct cert *certs[] = { mini_pki_cert(p, responder) };
	const struct mini_ca_revocation_single single = { .subject = mini_pki_cert(p, name),
		.issuer = mini_pki_cert(p, e->issuer),
		.status = revoked ? OCSP_REVOKED : OCSP_GOOD,
		.revoked_at = e->revoked_at,
		.reason = e->reason,
		.this_update = now,
		.next_update = now + MINI_CA_DAY };
	return mini_ca_revocation_ocsp(
	    p->s, &(struct mini_ca_revocation_ocsp){ .responder = certs[0],
		      .key = mini_pki_private(p, responder),
		      .produced_at = now,
		      .singles = &single,
		      .n_singles = 1,
		      .nonce = nonce,
		      .certs = certs,
		      .n_certs = responder == delegate });
}

struct service {
	struct mini_pki *p;
	const char *name;
	enum mini_pki_lie lie;
};

/* The certificate asked about, by the serial number in the request. */
static enum err answer_ocsp(
    void *ctx, struct scope *s, const struct fetch_request *want, struct bytes *ret_body)
{
	struct service *v = ctx;
	struct buf octets = buf_new(s, 64);
	size_t nonce = bytes_find(want->body, oid_value(OID_OCSP_NONCE), 0);
	/* The nonce stands last: OID, OCTET STRING of an OCTET STRING. */
	struct bytes n = nonce == BYTES_NOT_FOUND ? BYTES_NONE : bytes_from(want->body, nonce);
	n = n.n > 13 ? bytes_from(n, oid_value(OID_OCSP_NONCE).n + 4) : BYTES_NONE;
	for (size_t i = 0; i < v->p->n_entries; i++) {
		struct mini_pki_entry *e = &v->p->entry[i];
		if (!is_issued_by(e, v->name) || !e->cert)
			continue;
		octets.n = 0;
		der_add(&octets, DER_INTEGER, e->cert->serial);
		if (bytes_find(want->body, buf_bytes(&octets), 0) == BYTES_NOT_FOUND)
			continue;
		*ret_body = mini_pki_ocsp(v->p, e->name, n);
		return OK;
	}
	return ERR_NET;
}

static enum err answer_crl(
    void *ctx, struct scope *s, const struct fetch_request *want, struct bytes *ret_body)
{
	const struct service *v = ctx;
	(void)s;
	(void)want;
	*ret_body = mini_pki_crl(v->p, v->name);
	return OK;
}

static enum err answer_cert(
    void *ctx, struct scope *s, const struct fetch_request *want, struct bytes *ret_body)
{
	const struct service *v = ctx;
	(void)s;
	(void)want;
	*ret_body = mini_pki_cert(v->p, v->name)->der;
	return OK;
}

/* MessageImprint and nonce of a TimeStampReq (RFC 3161 2.4.1). */
static void read_query(
    struct scope *s, struct bytes der, struct digest *imprint, struct bytes *nonce)
{
	struct der whole, tlv, part;
	struct bytes rest;
	mini_ca_check(der_next(s, &der, &whole) == OK, "query");
	mini_ca_check(der_next(s, &whole.value, &tlv) == OK, "version");
	mini_ca_check(der_next(s, &whole.value, &tlv) == OK, "imprint");
	rest = tlv.value;
	mini_ca_check(der_next(s, &rest, &part) == OK, "algorithm");
	mini_ca_check(
	    digest_of_algorithm_identifier(s, part.whole, &imprint->alg) == OK, "algorithm");
	mini_ca_check(der_next(s, &rest, &part) == OK && part.value.n <= DIGEST_MAX, "digest");
	imprint->n = part.value.n;
	memcpy(imprint->value, part.value.p, part.value.n);
	while (whole.value.n && der_next(s, &whole.value, &tlv) == OK)
		if (tlv.tag == DER_INTEGER)
			*nonce = tlv.value;
}

/* The same token with one bit of its signature value changed: the last octets of the SignerInfo. */
static struct bytes spoilt(struct scope *s, struct bytes token)
{
	uint8_t *p = scope_alloc(s, token.n);
	mini_ca_check(p != NULL, "token");
	memcpy(p, token.p, token.n);
	p[token.n - 1] ^= 1;
	return bytes_of(p, token.n);
}

static struct bytes token_for(struct service *v, struct scope *s, struct bytes query)
{
	struct digest imprint = { 0 };
	struct bytes nonce = BYTES_NONE;
	read_query(s, query, &imprint, &nonce);
	if (v->lie == MINI_PKI_WRONG_IMPRINT)
		imprint.value[0] ^= 1;
	if (v->lie == MINI_PKI_WRONG_NONCE)
		nonce = BYTES_LIT("\x11\x22\x33");
	if (v->lie == MINI_PKI_NO_NONCE)
		nonce = BYTES_NONE;
	const char *name = v->lie == MINI_PKI_NOT_A_TSA ? "signer" : v->name;
	struct bytes token = mini_ca_timestamp_token(
	    s, &(struct mini_ca_timestamp){ .tsa = mini_pki_cert(v->p, name),
		   .key = mini_pki_private(v->p, name),
		   .imprint = imprint,
		   .gen_time = v->p->w->now.unix_s,
		   .nonce = nonce,
		   .no_cert = v->lie == MINI_PKI_NO_CERT });
	return v->lie == MINI_PKI_BAD_SIGNATURE ? spoilt(s, token) : token;
}

static enum err answer_tsa(
    void *ctx, struct scope *s, const struct fetch_request *want, struct bytes *ret_body)
{
	struct service *v = ctx;
	static const char *const texts[] = { "not today", NULL };
	struct mini_ca_timestamp_reply reply = { 0 };
	if (v->lie == MINI_PKI_GARBAGE) {
		*ret_body = BYTES_LIT("<html>it works</html>");
		return OK;
	}
	if (v->lie == MINI_PKI_REJECTION)
		reply = (struct mini_ca_timestamp_reply){
			.status = 2, .texts = texts, .failure = 1 << 2
		};
	else if (v->lie == MINI_PKI_NOT_A_TOKEN)
		reply.token = mini_pki_cert(v->p, v->name)->der;
	else if (v->lie != MINI_PKI_NO_TOKEN)
		reply.token = token_for(v, s, want->body);
	*ret_body = mini_ca_timestamp_reply(s, &reply);
	return OK;
}

static struct service *new_service(struct mini_pki *p, const char *name)
{
	struct service *v = scope_alloc(p->s, sizeof(*v));
	char *kept = NULL;
	mini_ca_check(v && bytes_to_str(p->s, bytes_of_str(name), &kept) == OK, "service");
	*v = (struct service){ .p = p, .name = kept };
	return v;
}

void mini_pki_serve_tsa(struct mini_pki *p, const char *url, const char *tsa, enum mini_pki_lie lie)
{
	struct service *v = new_service(p, tsa);
	v->lie = lie;
	canned_world_serve(p->w, url, answer_tsa, v);
}

struct mini_pki *mini_pki_new(struct canned_world *w)
{
	struct mini_pki *p = scope_alloc(w->s, sizeof(*p));
	mini_ca_check(p != NULL, "pki");
	p->s = w->s;
	p->w = w;
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		p->entry[i] = defaults[i];
		p->entry[i].path_length = -1;
		p->entry[i].serial = (int64_t)i + 0x1000;
	}
	p->n_entries = sizeof(defaults) / sizeof(defaults[0]);
	for (size_t i = 0; i < 2; i++) {
		const char *name = defaults[i].name;
		struct service *v = new_service(p, name);
		canned_world_serve(w, text(p, "http://%a.test/ocsp", name, ""), answer_ocsp, v);
		canned_world_serve(w, text(p, "http://%a.test/crl", name, ""), answer_crl, v);
		canned_world_serve(w, text(p, "http://%a.test/cert", name, ""), answer_cert, v);
	}
	mini_pki_serve_tsa(p, "http://tsa.test/", "tsa", MINI_PKI_TRUTH);
	return p;
}
