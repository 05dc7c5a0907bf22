#include "validator/xcv.h"

#include <stdio.h>
#include <string.h>

#include "base/scope.h"

/* Responders of responders of ... whose data is kept with the rest. */
#define USED_DEPTH 4

enum err xcv_new(struct scope *s, const struct evidence *evidence, const struct anchors *anchors,
    const struct policy *policy, struct instant now, struct xcv **ret_xcv)
{
	struct xcv *x = scope_alloc(s, sizeof(*x));
	if (!x)
		return ERR_NOMEM;
	*x = (struct xcv){ .evidence = evidence, .anchors = anchors, .policy = policy, .now = now };
	x->revocation =
	    (struct revocation_judge){ .evidence = evidence, .policy = policy, .now = now };
	TRY(path_finder_new(s, evidence, anchors, policy, &x->finder));
	x->revocation.finder = x->finder;
	TRY(evidence_new(s, &x->used));
	*ret_xcv = x;
	return OK;
}

static enum err wish(
    struct scope *s, struct xcv *x, const struct cert *cert, const struct cert *issuer)
{
	for (size_t i = 0; i < x->n_wishes; i++)
		if (x->wishes[i].cert == cert && x->wishes[i].issuer == issuer)
			return OK;
	if (x->n_wishes == x->room_wishes) {
		size_t room = x->room_wishes ? 2 * x->room_wishes : 16;
		struct xcv_wish *p = scope_alloc_array(s, room, sizeof(*p));
		if (!p)
			return ERR_NOMEM;
		if (x->n_wishes)
			memcpy(p, x->wishes, x->n_wishes * sizeof(*p));
		x->wishes = p;
		x->room_wishes = room;
	}
	x->wishes[x->n_wishes++] = (struct xcv_wish){ cert, issuer };
	return OK;
}

/* -- what was used -- */

static enum err use_status(struct scope *s, struct xcv *x, const struct revocation_status *st,
    const struct cert *issuer, unsigned depth)
{
	if (st->crl)
		TRY(evidence_add_crl_der(
		    s, x->used, st->crl->crl->der, st->crl->source, st->crl->url));
	if (!st->ocsp)
		return OK;
	TRY(evidence_add_ocsp_der(
	    s, x->used, st->ocsp->response->der, st->ocsp->source, st->ocsp->url, NULL));
	if (cert_equal(st->signer, issuer))
		return OK;
	TRY(evidence_add_cert(s, x->used, st->signer, st->ocsp->source));
	if (st->signer->ocsp_nocheck || depth == USED_DEPTH)
		return OK;
	struct revocation_status above;
	TRY(revocation_status(s, &x->revocation, st->signer, issuer, &above));
	return use_status(s, x, &above, issuer, depth + 1);
}

static enum evidence_source source_of(const struct xcv *x, const struct cert *c)
{
	for (size_t i = 0; i < x->evidence->n_certs; i++)
		if (cert_equal(x->evidence->certs[i].cert, c))
			return x->evidence->certs[i].source;
	return EVIDENCE_ANCHOR;
}

static enum err use_path(struct scope *s, struct xcv *x, const struct path *p)
{
	for (size_t i = 0; i < p->n; i++)
		TRY(evidence_add_cert(s, x->used, p->item[i], source_of(x, p->item[i])));
	return OK;
}

/* -- rules -- */

static enum finding_code dates_rule(const struct cert *c, struct instant control)
{
	if (instant_before(c->not_after, control))
		return FINDING_CERT_EXPIRED;
	if (instant_before(control, c->not_before))
		return FINDING_CERT_NOT_YET_VALID;
	return FINDING_NONE;
}

static enum finding_code use_rule(
    const struct cert *c, enum cert_use use, const struct policy *policy)
{
	if (use == CERT_USE_ANY)
		return FINDING_NONE;
	if (use == CERT_USE_TIMESTAMP) {
		/* RFC 3161 2.3: exactly one EKU, critical. */
		bool only = c->has_eku && c->eku.n == 1 && cert_has_eku(c, OID_EKU_TIME_STAMPING);
		return only && c->eku_critical ? FINDING_NONE : FINDING_TIMESTAMP_EKU;
	}
	if (c->has_key_usage && policy->signer_key_usage &&
	    !(c->key_usage & policy->signer_key_usage))
		return FINDING_KEY_USAGE_WRONG;
	return FINDING_NONE;
}

static enum finding_code revoked_rule(
    const struct revocation_status *st, struct instant control, bool is_end)
{
	if (instant_before(control, st->revoked_at))
		return FINDING_REVOKED_LATER;
	if (st->state == REVOCATION_SUSPENDED)
		return FINDING_CERT_SUSPENDED;
	return is_end ? FINDING_CERT_REVOKED : FINDING_CA_REVOKED;
}

static enum finding_code status_rule(const struct revocation_status *st,
    const struct policy *policy, const struct xcv_question *q, bool is_end)
{
	switch (st->state) {
	case REVOCATION_NOT_NEEDED:
		return FINDING_NONE;
	case REVOCATION_UNKNOWN:
		return policy->revocation_required ? FINDING_REVOCATION_DATA_MISSING : FINDING_NONE;
	case REVOCATION_REVOKED:
	case REVOCATION_SUSPENDED:
		return revoked_rule(st, q->control, is_end);
	case REVOCATION_GOOD:
		break;
	}
	return revocation_is_fresh(policy, st, q->fresh_for) ? FINDING_NONE
							     : FINDING_REVOCATION_DATA_STALE;
}

/* -- stages -- */

static enum err describe(struct scope *s, const struct cert *c, const struct revocation_status *st,
    enum finding_code code, char **ret_about)
{
	char at[INSTANT_TEXT];
	struct buf b = buf_new(s, 8192);
	buf_add_str(&b, c->subject_text);
	if (code == FINDING_CERT_EXPIRED || code == FINDING_EXPIRED_LATER) {
		instant_to_rfc3339(c->not_after, at);
		buf_addf(&b, ", valid until %s", at);
	} else if (code == FINDING_CERT_NOT_YET_VALID) {
		instant_to_rfc3339(c->not_before, at);
		buf_addf(&b, ", valid from %s", at);
	} else if (st && instant_is_known(st->revoked_at)) {
		instant_to_rfc3339(st->revoked_at, at);
		buf_addf(&b, ", %s, %s", at, crl_reason_name(st->reason));
	} else if (st && code == FINDING_REVOCATION_DATA_STALE) {
		instant_to_rfc3339(st->this_update, at);
		buf_addf(&b, ", last statement %s", at);
	} else if (st && code == FINDING_REVOCATION_DATA_REJECTED) {
		buf_addf(&b, ": %s", st->rejected);
	}
	return buf_done_str(&b, ret_about);
}

static enum err note(struct scope *s, struct findings *f, enum finding_code code,
    const struct cert *c, const struct revocation_status *st)
{
	char *about;
	if (code == FINDING_NONE)
		return OK;
	TRY(describe(s, c, st, code, &about));
	return findings_add(s, f, code, about);
}

static enum err check_status(struct scope *s, struct xcv *x, const struct xcv_question *q,
    const struct cert *cert, const struct cert *issuer, struct findings *f)
{
	struct revocation_status st;
	TRY(revocation_status(s, &x->revocation, cert, issuer, &st));
	enum finding_code code = status_rule(&st, x->policy, q, cert == q->cert);
	TRY(use_status(s, x, &st, issuer, 0));
	if (code == FINDING_REVOCATION_DATA_MISSING || code == FINDING_REVOCATION_DATA_STALE)
		TRY(wish(s, x, cert, issuer));
	TRY(note(s, f, code, cert, &st));
	if (code == FINDING_REVOCATION_DATA_MISSING && st.rejected)
		TRY(note(s, f, FINDING_REVOCATION_DATA_REJECTED, cert, &st));
	return OK;
}

static enum err check_path(struct scope *s, struct xcv *x, const struct xcv_question *q,
    const struct path *p, struct findings *f)
{
	TRY(note(s, f, use_rule(q->cert, q->use, x->policy), q->cert, NULL));
	/* The anchor is trusted as it is: neither its dates nor its status are asked for. */
	for (size_t i = p->n - 1; i-- > 0;) {
		const struct cert *c = p->item[i];
		TRY(note(s, f, dates_rule(c, q->control), c, NULL));
		if (i == 0 && instant_before(c->not_after, x->now) &&
		    !instant_before(c->not_after, q->control))
			TRY(note(s, f, FINDING_EXPIRED_LATER, c, NULL));
		TRY(check_status(s, x, q, c, p->item[i + 1], f));
	}
	return use_path(s, x, p);
}

static enum err no_path(struct scope *s, struct xcv *x, const struct cert *cert, struct findings *f)
{
	const struct cert *ends[LIMIT_PATH_DEPTH];
	size_t n = 0;
	TRY(path_find_dead_ends(s, x->finder, cert, ends, &n));
	for (size_t i = 0; i < n; i++)
		TRY(wish(s, x, ends[i], NULL));
	TRY(evidence_add_cert(s, x->used, cert, source_of(x, cert)));
	const char *about = n ? ends[0]->issuer_text : cert->issuer_text;
	return findings_add(s, f, FINDING_CHAIN_NOT_FOUND, about);
}

enum err xcv_check(
    struct scope *s, struct xcv *x, const struct xcv_question *q, struct findings *findings)
{
	struct path_list paths;
	x->n_outcomes = 0;
	x->judged = NULL;
	TRY(path_find(s, x->finder, q->cert, &paths));
	if (paths.n == 0)
		return no_path(s, x, q->cert, findings);
	if (paths.item[0].verify_error != 0)
		return path_explain(s, &paths.item[0], findings);
	/* The first path that passes is taken, else what was found on the first one. */
	x->outcomes = scope_alloc_array(s, paths.n, sizeof(*x->outcomes));
	if (!x->outcomes)
		return ERR_NOMEM;
	size_t judged = 0;
	while (x->n_outcomes < paths.n && paths.item[x->n_outcomes].verify_error == 0) {
		struct xcv_outcome *o = &x->outcomes[x->n_outcomes];
		enum sub_indication sub;
		o->path = &paths.item[x->n_outcomes];
		TRY(check_path(s, x, q, o->path, &o->findings));
		if (findings_indication(&o->findings, &sub) == INDICATION_PASSED) {
			judged = x->n_outcomes++;
			break;
		}
		x->n_outcomes++;
	}
	x->judged = x->outcomes[judged].path;
	return findings_add_all(s, findings, &x->outcomes[judged].findings);
}
