#include "validator/gather.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

#define NONCE_OCTETS 16

/* True when this was asked before; otherwise notes it. */
static enum err ask_once(
    struct scope *s, struct gather *g, const char *url, const struct cert *about, bool *ret_again)
{
	struct buf key = buf_new(s, LIMIT_URL + 64);
	struct bytes k;
	buf_add_str(&key, url);
	if (about)
		buf_add(&key, digest_bytes(&about->sha256));
	TRY(buf_done(&key, &k));
	for (size_t i = 0; i < g->n_asked; i++)
		if (bytes_equal(g->asked[i], k)) {
			*ret_again = true;
			return OK;
		}
	if (g->n_asked == g->room_asked) {
		size_t room = g->room_asked ? 2 * g->room_asked : 16;
		struct bytes *p = scope_alloc_array(s, room, sizeof(*p));
		if (!p)
			return ERR_NOMEM;
		if (g->n_asked)
			memcpy(p, g->asked, g->n_asked * sizeof(*p));
		g->asked = p;
		g->room_asked = room;
	}
	g->asked[g->n_asked++] = k;
	*ret_again = false;
	return OK;
}

/* A fetch that fails is a fact to be told, not an error of the job. */
static enum err note_failure(struct scope *s, struct gather *g, const char *url, enum err err)
{
	char why[LIMIT_FAULT_TEXT];
	if (err == ERR_NOMEM)
		return err;
	snprintf(why, sizeof(why), "%s", scope_fault_text(s));
	scope_forgive(s);
	return evidence_add_failure(s, g->evidence, url, why);
}

static enum err fetch(struct scope *s, struct gather *g, const struct fetch_request *want,
    bool *ret_got, struct bytes *ret_body)
{
	struct fetch_reply reply;
	*ret_got = false;
	if (strlen(want->url) > LIMIT_URL || g->n_asked > LIMIT_FETCHES_PER_JOB)
		return OK;
	enum err err = g->world->fetch(g->world->ctx, s, want, &reply);
	if (err != OK)
		return note_failure(s, g, want->url, err);
	*ret_got = true;
	*ret_body = reply.body;
	return OK;
}

static bool is_fetchable(const char *url)
{
	return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0 ||
	       strncmp(url, "ldap://", 7) == 0 || strncmp(url, "ldaps://", 8) == 0;
}

/* -- issuers -- */

static enum err add_issuers(struct scope *s, struct gather *g, const char *url, struct bytes body)
{
	const struct cert **certs;
	size_t n = 0;
	enum err err = cert_parse_many(s, body, &certs, &n);
	if (err != OK)
		return note_failure(s, g, url, err);
	for (size_t i = 0; i < n; i++)
		TRY(evidence_add_cert(s, g->evidence, certs[i], EVIDENCE_FETCHED));
	return OK;
}

static enum err fulfil_issuer(struct scope *s, struct gather *g, const struct cert *c)
{
	for (size_t i = 0; i < c->aia_ca_issuers.n; i++) {
		const char *url = c->aia_ca_issuers.item[i];
		bool again = false, got = false;
		struct bytes body;
		if (!is_fetchable(url))
			continue;
		TRY(ask_once(s, g, url, NULL, &again));
		if (again)
			continue;
		struct fetch_request want = { .kind = FETCH_CERTIFICATE, .url = url };
		TRY(fetch(s, g, &want, &got, &body));
		if (got)
			TRY(add_issuers(s, g, url, body));
	}
	return OK;
}

/* -- OCSP -- */

static enum err fail_text(struct scope *s, struct gather *g, const char *url, const char *why)
{
	scope_fault(s, ERR_NET, "%s: %s", url, why);
	return note_failure(s, g, url, ERR_NET);
}

static enum err take_ocsp(
    struct scope *s, struct gather *g, const char *url, struct bytes body, struct bytes nonce)
{
	const struct ocsp_response *r = NULL;
	enum err err = ocsp_parse(s, body, &r);
	if (err != OK)
		return note_failure(s, g, url, err);
	if (r->response_status != 0)
		return fail_text(s, g, url, ocsp_response_status_name(r->response_status));
	/* RFC 9654 2.1: a responder may ignore the nonce, but not answer with another. */
	if (r->nonce.n && !bytes_equal(r->nonce, nonce))
		return fail_text(s, g, url, "the OCSP response answers another request (nonce)");
	return evidence_add_ocsp_der(s, g->evidence, body, EVIDENCE_FETCHED, url, NULL);
}

static enum err fulfil_ocsp(
    struct scope *s, struct gather *g, const struct cert *c, const struct cert *issuer)
{
	for (size_t i = 0; i < c->aia_ocsp.n; i++) {
		const char *url = c->aia_ocsp.item[i];
		bool again = false, got = false;
		struct bytes body, request;
		uint8_t nonce[NONCE_OCTETS];
		if (!is_fetchable(url))
			continue;
		TRY(ask_once(s, g, url, c, &again));
		if (again)
			continue;
		TRY(g->world->random(g->world->ctx, s, nonce, sizeof(nonce)));
		/* SHA-1 CertIDs: what every responder understands (RFC 5019 2.1.1). */
		TRY(ocsp_request_build(
		    s, c, issuer, DIGEST_SHA1, bytes_of(nonce, sizeof(nonce)), &request));
		struct fetch_request want = { .kind = FETCH_OCSP,
			.url = url,
			.body = request,
			.content_type = "application/ocsp-request" };
		TRY(fetch(s, g, &want, &got, &body));
		if (got)
			TRY(take_ocsp(s, g, url, body, bytes_of(nonce, sizeof(nonce))));
	}
	return OK;
}

/* -- CRLs -- */

static enum err take_crl(struct scope *s, struct gather *g, const char *url, struct bytes body)
{
	const struct crl *crl;
	enum err err = crl_parse(s, body, &crl);
	if (err != OK)
		return note_failure(s, g, url, err);
	return evidence_add_crl_der(s, g->evidence, crl->der, EVIDENCE_FETCHED, url);
}

static enum err fulfil_crl(struct scope *s, struct gather *g, const struct cert *c)
{
	for (size_t i = 0; i < c->crl_points.n; i++) {
		const struct cert_texts *urls = &c->crl_points.item[i].urls;
		bool got = false;
		for (size_t k = 0; k < urls->n && !got; k++) {
			bool again = false;
			struct bytes body;
			if (!is_fetchable(urls->item[k]))
				continue;
			TRY(ask_once(s, g, urls->item[k], NULL, &again));
			if (again)
				continue;
			struct fetch_request want = { .kind = FETCH_CRL, .url = urls->item[k] };
			TRY(fetch(s, g, &want, &got, &body));
			if (got)
				TRY(take_crl(s, g, urls->item[k], body));
		}
	}
	return OK;
}

/* -- wishes -- */

/* OCSP is fresher: the CRL is asked for when OCSP brought nothing new about the certificate. */
static enum err fulfil_status(
    struct scope *s, struct gather *g, const struct cert *c, const struct cert *issuer)
{
	size_t before = g->evidence->n_ocsps;
	TRY(fulfil_ocsp(s, g, c, issuer));
	return g->evidence->n_ocsps == before ? fulfil_crl(s, g, c) : OK;
}

enum err gather_fulfil(struct scope *s, struct gather *g, const struct xcv_wish *wishes,
    size_t n_wishes, bool *ret_grew)
{
	const struct evidence *e = g->evidence;
	size_t before = e->n_certs + e->n_crls + e->n_ocsps;
	for (size_t i = 0; i < n_wishes; i++) {
		const struct xcv_wish *w = &wishes[i];
		TRY(w->issuer ? fulfil_status(s, g, w->cert, w->issuer)
			      : fulfil_issuer(s, g, w->cert));
	}
	*ret_grew = e->n_certs + e->n_crls + e->n_ocsps > before;
	return OK;
}
