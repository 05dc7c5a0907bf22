#include "validator/gather_crl.h"

#include "base/scope.h"
#include "validator/crl_delta.h"
#include "validator/crl_rules.h"
#include "validator/crl_scope.h"
#include "validator/gather_fetch.h"

/* Signers of lists about signers of lists ... */
#define SIGNER_DEPTH 3

struct wanted {
	const struct cert *cert, *issuer;
	unsigned depth;
};

static enum err fulfil(struct scope *s, struct gather *g, const struct wanted *w);

/* Keeps one list; the newest so far is in *newest. */
static enum err keep_list(struct scope *s, struct gather *g, const char *url, struct bytes body,
    const struct crl **newest)
{
	const struct crl *crl = NULL;
	enum err err = crl_parse(s, body, &crl);
	if (err != OK)
		return gather_fetch_note(s, g, url, err);
	TRY(evidence_add_crl_der(s, g->evidence, crl->der, EVIDENCE_FETCHED, url));
	if (!*newest || instant_before((*newest)->this_update, crl->this_update))
		*newest = crl;
	return OK;
}

/* Fetches and keeps one list, or the several of a directory's entry; *ret_crl is the newest, NULL
 * when nothing came that can be read. */
static enum err fetch_list(
    struct scope *s, struct gather *g, const char *url, const struct crl **ret_crl)
{
	const struct fetch_request want = { .kind = FETCH_CRL, .url = url };
	struct fetch_reply reply;
	bool got = false;
	*ret_crl = NULL;
	TRY(gather_fetch(s, g, &want, NULL, &got, &reply));
	if (got)
		TRY(keep_list(s, g, url, reply.body, ret_crl));
	for (size_t i = 0; got && i < reply.n_more; i++)
		TRY(keep_list(s, g, url, reply.more[i], ret_crl));
	return OK;
}

/* -- the signer of a list -- */

static const struct cert *find_signer(const struct gather *g, const struct crl *crl)
{
	for (size_t i = 0; i < g->evidence->n_certs; i++)
		if (!crl_rules_reject_signer(crl, g->evidence->certs[i].cert))
			return g->evidence->certs[i].cert;
	return NULL;
}

static const struct cert *find_issuer(
    const struct gather *g, const struct wanted *w, const struct cert *c)
{
	if (cert_names_match(w->issuer->subject, c->issuer))
		return w->issuer;
	for (size_t i = 0; i < g->evidence->n_certs; i++)
		if (cert_names_match(g->evidence->certs[i].cert->subject, c->issuer))
			return g->evidence->certs[i].cert;
	return NULL;
}

static enum err fulfil_signer(
    struct scope *s, struct gather *g, const struct wanted *w, const struct crl *crl)
{
	if (!crl_rules_reject_signer(crl, w->issuer))
		return OK;
	if (!find_signer(g, crl))
		TRY(gather_fetch_certs(s, g, &crl->aia_ca_issuers, crl->issuer));
	const struct cert *signer = find_signer(g, crl);
	if (!signer || w->depth == SIGNER_DEPTH)
		return OK;
	if (!find_issuer(g, w, signer))
		TRY(gather_fetch_certs(s, g, &signer->aia_ca_issuers, signer->issuer));
	const struct wanted above = { signer, find_issuer(g, w, signer), w->depth + 1 };
	return above.issuer ? fulfil(s, g, &above) : OK;
}

/* -- deltas -- */

static enum err fetch_delta(struct scope *s, struct gather *g, const struct crl *base,
    const struct cert_texts *urls, bool *ret_useful)
{
	const struct crl *delta;
	for (size_t i = 0; i < urls->n && !*ret_useful; i++) {
		TRY(fetch_list(s, g, urls->item[i], &delta));
		if (!delta)
			continue;
		*ret_useful = crl_delta_fits(delta, base) && !gather_is_past(g, delta->next_update);
		if (!*ret_useful)
			TRY(gather_fetch_reject(s, g, urls->item[i],
			    "the delta CRL does not continue the complete one, or is out of date"));
	}
	return OK;
}

static enum err fulfil_delta(struct scope *s, struct gather *g, const struct crl *base,
    const struct cert_distribution_points *points)
{
	bool useful = false;
	for (size_t i = 0; i < points->n && !useful; i++)
		TRY(fetch_delta(s, g, base, &points->item[i].urls, &useful));
	return OK;
}

/* -- lists -- */

static const char *reject_list(
    const struct gather *g, const struct wanted *w, const struct crl *crl, uint32_t *ret_reasons)
{
	const char *why;
	*ret_reasons = crl_scope_reasons(crl, w->cert, &why);
	if (why)
		return why;
	if (crl->is_delta)
		return "the CRL is a delta, where a complete one should be";
	return gather_is_past(g, crl->next_update) ? "the CRL is out of date" : NULL;
}

static enum err take_list(struct scope *s, struct gather *g, const struct wanted *w,
    const char *url, const struct crl *crl, uint32_t *ret_covered)
{
	uint32_t reasons;
	const char *why = reject_list(g, w, crl, &reasons);
	TRY(fulfil_delta(s, g, crl, &crl->freshest_crl));
	TRY(fulfil_delta(s, g, crl, &w->cert->freshest_crl));
	TRY(fulfil_signer(s, g, w, crl));
	if (why)
		return gather_fetch_reject(s, g, url, why);
	*ret_covered |= reasons;
	return OK;
}

/* The addresses of one point are all of the same list (RFC 5280 4.2.1.13). */
static enum err fulfil_point(struct scope *s, struct gather *g, const struct wanted *w,
    const struct cert_distribution_point *p, uint32_t *ret_covered)
{
	const uint32_t before = *ret_covered;
	for (size_t i = 0; i < p->urls.n && *ret_covered == before; i++) {
		const struct crl *crl;
		TRY(fetch_list(s, g, p->urls.item[i], &crl));
		if (crl)
			TRY(take_list(s, g, w, p->urls.item[i], crl, ret_covered));
	}
	return OK;
}

static enum err fulfil(struct scope *s, struct gather *g, const struct wanted *w)
{
	uint32_t covered = 0;
	for (size_t i = 0; i < w->cert->crl_points.n && covered != CRL_SCOPE_ALL_REASONS; i++)
		TRY(fulfil_point(s, g, w, &w->cert->crl_points.item[i], &covered));
	return OK;
}

enum err gather_crl_fulfil(
    struct scope *s, struct gather *g, const struct cert *cert, const struct cert *issuer)
{
	const struct wanted w = { cert, issuer, 0 };
	return fulfil(s, g, &w);
}
