#include "validator/revocation.h"

#include "base/scope.h"
#include "validator/crl_rules.h"
#include "validator/ocsp_rules.h"

/* RFC 6960 2.4: without nextUpdate newer information is available all the time. */
#define NO_NEXT_UPDATE_MAX_AGE_S 86400
/* Responders without nocheck have a status of their own, whose responders ... */
#define RESPONDER_DEPTH 3

/* Which signer an item was found authentic under, for which issuer. */
struct revocation_memo {
	struct revocation_memo *next;
	const void *item;
	const struct cert *issuer;
	const struct cert *signer; /* NULL: nobody with authority */
	const char *why;
};

static const struct revocation_memo *find_memo(
    const struct revocation_judge *j, const void *item, const struct cert *issuer)
{
	for (const struct revocation_memo *m = j->memo; m; m = m->next)
		if (m->item == item && m->issuer == issuer)
			return m;
	return NULL;
}

static enum err add_memo(
    struct scope *s, struct revocation_judge *j, const struct revocation_memo *content)
{
	struct revocation_memo *m = scope_alloc(s, sizeof(*m));
	if (!m)
		return ERR_NOMEM;
	*m = *content;
	m->next = j->memo;
	j->memo = m;
	return OK;
}

static enum err status_at_depth(struct scope *s, struct revocation_judge *j,
    const struct cert *cert, const struct cert *issuer, unsigned depth,
    struct revocation_status *ret_status);

/* RFC 6960 4.2.2.2.1: a delegated responder is itself checked, unless nocheck excuses it. */
static enum err responder_status_is_fine(struct scope *s, struct revocation_judge *j,
    const struct cert *responder, const struct cert *issuer, unsigned depth, bool *ret_fine)
{
	*ret_fine = true;
	if (responder == issuer || cert_equal(responder, issuer) || responder->ocsp_nocheck)
		return OK;
	struct revocation_status status;
	TRY(status_at_depth(s, j, responder, issuer, depth + 1, &status));
	*ret_fine = status.state == REVOCATION_GOOD || status.state == REVOCATION_NOT_NEEDED;
	return OK;
}

static enum err find_responder(struct scope *s, struct revocation_judge *j,
    const struct ocsp_response *response, const struct cert *issuer, unsigned depth,
    struct revocation_memo *ret_memo)
{
	struct revocation_memo m = { .item = response, .issuer = issuer };
	TRY(ocsp_rules_find_signer(s, j->evidence, response, issuer, &m.signer, &m.why));
	bool fine = true;
	if (m.signer)
		TRY(responder_status_is_fine(s, j, m.signer, issuer, depth, &fine));
	if (!fine) {
		m.signer = NULL;
		m.why = "the status of the OCSP responder's certificate is not known to be good";
	}
	*ret_memo = m;
	return OK;
}

static enum err ocsp_signer(struct scope *s, struct revocation_judge *j,
    const struct ocsp_response *response, const struct cert *issuer, unsigned depth,
    struct revocation_memo *ret_memo)
{
	const struct revocation_memo *known = find_memo(j, response, issuer);
	if (known) {
		*ret_memo = *known;
		return OK;
	}
	TRY(find_responder(s, j, response, issuer, depth, ret_memo));
	/* What was cut short by the depth is not the last word. */
	return depth == 0 || ret_memo->signer ? add_memo(s, j, ret_memo) : OK;
}

static enum err crl_signer(struct scope *s, struct revocation_judge *j, const struct crl *crl,
    const struct cert *issuer, struct revocation_memo *ret_memo)
{
	const struct revocation_memo *known = find_memo(j, crl, issuer);
	if (known) {
		*ret_memo = *known;
		return OK;
	}
	struct revocation_memo m = { .item = crl, .issuer = issuer };
	TRY(crl_rules_find_signer(s, crl, issuer, &m.signer, &m.why));
	*ret_memo = m;
	return add_memo(s, j, &m);
}

/* Issued while the certificate was valid, or by somebody who keeps expired ones (cutoff). */
static bool speaks_for_expired(
    const struct cert *cert, struct instant issued, struct instant kept_since)
{
	if (!instant_before(cert->not_after, issued))
		return true;
	return instant_is_known(kept_since) && !instant_before(cert->not_after, kept_since);
}

static bool is_permanent(const struct revocation_status *st)
{
	return st->state == REVOCATION_REVOKED;
}

/* Keeps the statement that weighs more. */
static void weigh(struct revocation_status *best, const struct revocation_status *other)
{
	bool wins = best->state == REVOCATION_UNKNOWN;
	if (!wins && is_permanent(best) != is_permanent(other))
		wins = is_permanent(other);
	else if (!wins)
		wins = instant_before(best->this_update, other->this_update);
	if (!wins)
		return;
	const char *rejected = best->rejected;
	*best = *other;
	best->rejected = rejected;
}

static struct revocation_status status_of_single(const struct ocsp_single *single)
{
	struct revocation_status st = { .state = REVOCATION_GOOD,
		.revoked_at = INSTANT_NONE,
		.reason = CRL_REASON_NONE,
		.this_update = single->this_update,
		.next_update = single->next_update };
	if (single->status != OCSP_REVOKED)
		return st;
	st.state = single->reason == CRL_REASON_CERTIFICATE_HOLD ? REVOCATION_SUSPENDED
								 : REVOCATION_REVOKED;
	st.revoked_at = single->revoked_at;
	st.reason = single->reason;
	return st;
}

static enum err weigh_ocsp(struct scope *s, struct revocation_judge *j,
    const struct evidence_ocsp *item, const struct cert *cert, const struct cert *issuer,
    unsigned depth, struct revocation_status *best)
{
	const struct ocsp_response *r = item->response;
	for (size_t i = 0; i < r->n_singles; i++) {
		const struct ocsp_single *single = &r->singles[i];
		bool about = false;
		TRY(ocsp_single_is_about(s, single, cert, issuer, &about));
		if (!about)
			continue;
		const char *why;
		TRY(ocsp_rules_reject(s, r, single, cert, j->now, &why));
		if (!why && !speaks_for_expired(cert, single->this_update, single->archive_cutoff))
			why = "the OCSP response was issued after the certificate had expired";
		struct revocation_memo m = { 0 };
		if (!why) {
			TRY(ocsp_signer(s, j, r, issuer, depth, &m));
			why = m.signer ? NULL : m.why;
		}
		if (why) {
			best->rejected = why;
			continue;
		}
		struct revocation_status st = status_of_single(single);
		st.ocsp = item;
		st.signer = m.signer;
		weigh(best, &st);
	}
	return OK;
}

static enum err weigh_crl(struct scope *s, struct revocation_judge *j,
    const struct evidence_crl *item, const struct cert *cert, const struct cert *issuer,
    struct revocation_status *best)
{
	const struct crl *crl = item->crl;
	if (!crl_rules_is_about(crl, cert))
		return OK;
	const char *why = crl_rules_reject(crl, cert, j->now);
	if (!why && !speaks_for_expired(cert, crl->this_update, crl->expired_certs_on_crl))
		why = "the CRL was issued after the certificate had expired";
	struct revocation_memo m = { 0 };
	if (!why) {
		TRY(crl_signer(s, j, crl, issuer, &m));
		why = m.signer ? NULL : m.why;
	}
	if (why) {
		best->rejected = why;
		return OK;
	}
	struct crl_entry entry = { 0 };
	bool listed = false;
	TRY(crl_find(s, crl, crl->issuer, cert->serial, &listed, &entry));
	struct revocation_status st = { .state = REVOCATION_GOOD,
		.revoked_at = INSTANT_NONE,
		.reason = CRL_REASON_NONE,
		.this_update = crl->this_update,
		.next_update = crl->next_update,
		.crl = item,
		.signer = m.signer };
	if (listed && entry.reason != CRL_REASON_REMOVE_FROM_CRL) {
		st.state = entry.reason == CRL_REASON_CERTIFICATE_HOLD ? REVOCATION_SUSPENDED
								       : REVOCATION_REVOKED;
		st.revoked_at = entry.revoked_at;
		st.reason = entry.reason;
	}
	weigh(best, &st);
	return OK;
}

static enum err status_at_depth(struct scope *s, struct revocation_judge *j,
    const struct cert *cert, const struct cert *issuer, unsigned depth,
    struct revocation_status *ret_status)
{
	struct revocation_status best = { .state = REVOCATION_UNKNOWN,
		.revoked_at = INSTANT_NONE,
		.reason = CRL_REASON_NONE,
		.this_update = INSTANT_NONE,
		.next_update = INSTANT_NONE };
	if (cert->no_rev_avail || cert->validity_assured_short_term) {
		best.state = REVOCATION_NOT_NEEDED;
		*ret_status = best;
		return OK;
	}
	const struct evidence *e = j->evidence;
	for (size_t i = 0; i < e->n_ocsps && depth < RESPONDER_DEPTH; i++)
		TRY(weigh_ocsp(s, j, &e->ocsps[i], cert, issuer, depth, &best));
	for (size_t i = 0; i < e->n_crls; i++)
		TRY(weigh_crl(s, j, &e->crls[i], cert, issuer, &best));
	*ret_status = best;
	return OK;
}

enum err revocation_status(struct scope *s, struct revocation_judge *j, const struct cert *cert,
    const struct cert *issuer, struct revocation_status *ret_status)
{
	return status_at_depth(s, j, cert, issuer, 0, ret_status);
}

bool revocation_is_fresh(
    const struct policy *p, const struct revocation_status *status, struct instant at)
{
	if (p->revocation_max_age_s > 0 &&
	    instant_before(instant_add(status->this_update, p->revocation_max_age_s), at))
		return false;
	struct instant until = instant_is_known(status->next_update)
				   ? status->next_update
				   : instant_add(status->this_update, NO_NEXT_UPDATE_MAX_AGE_S);
	return !instant_before(instant_add(until, p->grace_s), at);
}
