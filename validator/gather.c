#include "validator/gather.h"

#include "base/scope.h"
#include "validator/gather_crl.h"
#include "validator/gather_fetch.h"

#define NONCE_OCTETS 16

/* -- OCSP -- */

/* Something about the certificate that is not out of date. */
static enum err is_useful(struct scope *s, const struct gather *g, const struct ocsp_response *r,
    const struct cert *c, const struct cert *issuer, const char **ret_why)
{
	*ret_why = "the OCSP response is about another certificate";
	for (size_t i = 0; i < r->n_singles && *ret_why; i++) {
		const struct ocsp_single *single = &r->singles[i];
		bool about = false;
		TRY(ocsp_single_is_about(s, single, c, issuer, &about));
		if (!about)
			continue;
		*ret_why = NULL;
		if (single->status == OCSP_UNKNOWN)
			*ret_why = "the OCSP responder does not know the certificate";
		else if (gather_is_past(g, single->next_update))
			*ret_why = "the OCSP response is out of date";
	}
	return OK;
}

static enum err take_ocsp(struct scope *s, struct gather *g, const char *url, struct bytes body,
    struct bytes nonce, const struct cert *c, const struct cert *issuer, bool *ret_useful)
{
	const struct ocsp_response *r = NULL;
	const char *why;
	enum err err = ocsp_parse(s, body, &r);
	if (err != OK)
		return gather_fetch_note(s, g, url, err);
	if (r->response_status != 0)
		return gather_fetch_reject(
		    s, g, url, ocsp_response_status_name(r->response_status));
	/* RFC 9654 2.1: a responder may ignore the nonce, but not answer with another. */
	if (r->nonce.n && !bytes_equal(r->nonce, nonce))
		return gather_fetch_reject(
		    s, g, url, "the OCSP response answers another request (nonce)");
	TRY(is_useful(s, g, r, c, issuer, &why));
	if (why)
		TRY(gather_fetch_reject(s, g, url, why));
	*ret_useful = !why;
	return evidence_add_ocsp_der(s, g->evidence, body, EVIDENCE_FETCHED, url, NULL);
}

/* None where answers are kept: a request with one would never be found again (RFC 5019 4). */
static enum err make_nonce(
    struct scope *s, struct gather *g, uint8_t octets[NONCE_OCTETS], struct bytes *ret_nonce)
{
	*ret_nonce = BYTES_NONE;
	if (g->world->keeps_answers)
		return OK;
	TRY(g->world->random(g->world->ctx, s, octets, NONCE_OCTETS));
	*ret_nonce = bytes_of(octets, NONCE_OCTETS);
	return OK;
}

static enum err ask_responder(struct scope *s, struct gather *g, const char *url,
    const struct cert *c, const struct cert *issuer, bool *ret_useful)
{
	bool got = false;
	struct fetch_reply reply;
	struct bytes request, nonce;
	uint8_t octets[NONCE_OCTETS];
	TRY(make_nonce(s, g, octets, &nonce));
	/* SHA-1 CertIDs: what every responder understands (RFC 5019 2.1.1). */
	TRY(ocsp_request_build(s, c, issuer, DIGEST_SHA1, nonce, &request));
	const struct fetch_request want = { .kind = FETCH_OCSP,
		.url = url,
		.body = request,
		.content_type = "application/ocsp-request" };
	TRY(gather_fetch(s, g, &want, c, &got, &reply));
	return got ? take_ocsp(s, g, url, reply.body, nonce, c, issuer, ret_useful) : OK;
}

static enum err fulfil_ocsp(struct scope *s, struct gather *g, const struct cert *c,
    const struct cert *issuer, bool *ret_useful)
{
	for (size_t i = 0; i < c->aia_ocsp.n && !*ret_useful; i++)
		TRY(ask_responder(s, g, c->aia_ocsp.item[i], c, issuer, ret_useful));
	return OK;
}

/* RFC 6960 4.2.2.2.1: responders that answered about the certificate have a status of their own,
 * unless nocheck excuses them. */
static enum err fulfil_responders(
    struct scope *s, struct gather *g, const struct cert *c, const struct cert *issuer)
{
	const size_t n = g->evidence->n_ocsps;
	for (size_t i = 0; i < n; i++) {
		const struct ocsp_response *r = g->evidence->ocsps[i].response;
		bool about = false;
		for (size_t k = 0; k < r->n_singles && !about; k++)
			TRY(ocsp_single_is_about(s, &r->singles[k], c, issuer, &about));
		for (size_t k = 0; k < r->n_certs && about; k++)
			if (cert_has_eku(r->certs[k], OID_EKU_OCSP_SIGNING) &&
			    !r->certs[k]->ocsp_nocheck)
				TRY(gather_crl_fulfil(s, g, r->certs[k], issuer));
	}
	return OK;
}

/* -- wishes -- */

/* OCSP is fresher: the CRL is asked for when OCSP brought nothing new about the certificate. */
static enum err fulfil_status(
    struct scope *s, struct gather *g, const struct cert *c, const struct cert *issuer)
{
	bool useful = false;
	TRY(fulfil_ocsp(s, g, c, issuer, &useful));
	if (useful)
		return OK;
	TRY(gather_crl_fulfil(s, g, c, issuer));
	return fulfil_responders(s, g, c, issuer);
}

bool gather_is_past(const struct gather *g, struct instant next_update)
{
	return instant_is_known(next_update) && instant_before(next_update, g->at);
}

enum err gather_fulfil(struct scope *s, struct gather *g, const struct xcv_wish *wishes,
    size_t n_wishes, bool *ret_grew)
{
	const struct evidence *e = g->evidence;
	size_t before = e->n_certs + e->n_crls + e->n_ocsps;
	for (size_t i = 0; i < n_wishes; i++) {
		const struct xcv_wish *w = &wishes[i];
		TRY(w->issuer
			? fulfil_status(s, g, w->cert, w->issuer)
			: gather_fetch_certs(s, g, &w->cert->aia_ca_issuers, w->cert->issuer));
	}
	*ret_grew = e->n_certs + e->n_crls + e->n_ocsps > before;
	return OK;
}
