#include "validator/past.h"

#include "formats/cert.h"
#include "validator/algorithm_limit.h"

struct instant past_proof_of_statement(
    const struct proofs *p, const struct revocation_statement *st)
{
	if (st->ocsp)
		return proofs_of_place(p, st->ocsp->place.embedded_end);
	struct instant latest = INSTANT_NONE;
	for (size_t i = 0; i < st->n_crls; i++)
		latest = instant_max(latest, proofs_of_place(p, st->crls[i]->place.embedded_end));
	return latest;
}

/* What was signed with a certificate that has expired since must be proven to be older than its
 * end: EN 319 102-1 5.2.6.4, REVOCATION_OUT_OF_BOUNDS_NO_POE. An anchor is trusted whatever its
 * dates. */
static bool is_in_time(const struct cert *signer, const struct cert *anchor, struct instant proven)
{
	return cert_equal(signer, anchor) || !instant_before(signer->not_after, proven);
}

/* 5.6.2.2.4 (2)(a): the newest statement that was issued, and is proven, by the control time; but a
 * permanent revocation is not taken back (RFC 5280 5.3.1). */
static const struct revocation_statement *find_statement(const struct proofs *p,
    const struct revocation_record *record, const struct cert *anchor, struct instant control)
{
	const struct revocation_statement *newest = NULL;
	for (size_t i = 0; i < record->n; i++) {
		const struct revocation_statement *st = &record->item[i];
		struct instant proven = past_proof_of_statement(p, st);
		if (instant_before(control, st->this_update) || instant_before(control, proven) ||
		    !is_in_time(st->signer, anchor, proven))
			continue;
		if (st->state == REVOCATION_REVOKED)
			return st;
		newest = newest ? newest : st;
	}
	return newest;
}

static bool is_fresh(
    const struct policy *policy, const struct revocation_statement *st, struct instant control)
{
	if (policy->revocation_max_age_s == 0 && !policy->slide_by_next_update)
		return true;
	return revocation_statement_is_fresh(policy, st, control);
}

static void slide_to(struct past_result *r, struct instant t)
{
	if (instant_before(r->control, t))
		return;
	r->control = t;
	r->slid = true;
}

/* 5.6.2.2.4 (2)(b). */
static void slide_by_status(
    const struct policy *policy, const struct revocation_statement *st, struct past_result *r)
{
	if (st->state != REVOCATION_GOOD)
		slide_to(r, st->revoked_at);
	else if (!is_fresh(policy, st, r->control))
		slide_to(r, st->this_update);
}

static enum err slide_by_algorithm(struct scope *s, const struct policy *policy,
    enum policy_use use, struct signature_alg alg, const struct cert *signer, struct past_result *r)
{
	struct algorithm_limit limit;
	TRY(algorithm_limit_of_signature(s, policy, use, alg, DIGEST_UNKNOWN, signer, &limit));
	slide_to(r, limit.end);
	return OK;
}

/* 5.6.2.2.4 (2)(c): what the certificate and its status were signed with. */
static enum err slide_by_algorithms(struct scope *s, const struct policy *policy,
    const struct cert *cert, const struct cert *issuer, const struct revocation_statement *st,
    struct past_result *r)
{
	TRY(slide_by_algorithm(s, policy, POLICY_USE_CERTIFICATE, cert->sig_alg, issuer, r));
	if (!st)
		return OK;
	for (size_t i = 0; i < st->n_crls; i++)
		TRY(slide_by_algorithm(
		    s, policy, POLICY_USE_REVOCATION, st->crls[i]->crl->sig_alg, st->signer, r));
	if (!st->ocsp)
		return OK;
	return slide_by_algorithm(
	    s, policy, POLICY_USE_REVOCATION, st->ocsp->response->sig_alg, st->signer, r);
}

/* 5.6.2.1.4 (2): there was an instant at which all certificates were valid together. */
static bool has_common_validity(const struct path *path)
{
	struct instant from = path->item[0]->not_before, until = path->item[0]->not_after;
	for (size_t i = 1; i + 1 < path->n; i++) {
		from = instant_max(from, path->item[i]->not_before);
		until = instant_min(until, path->item[i]->not_after);
	}
	return !instant_before(until, from);
}

enum err past_validate(struct scope *s, struct revocation_judge *j, const struct proofs *proofs,
    const struct path *path, struct past_result *ret_result)
{
	struct past_result r = { .control = j->now };
	const struct cert *anchor = path->item[path->n - 1];
	if (!has_common_validity(path)) {
		*ret_result = r;
		return OK;
	}
	for (size_t i = path->n - 1; i-- > 0;) {
		const struct cert *cert = path->item[i], *issuer = path->item[i + 1];
		const struct revocation_record *record;
		const struct revocation_statement *st;
		TRY(revocation_find(s, j, cert, issuer, &record));
		struct instant proven = proofs_of_cert(proofs, cert);
		st = find_statement(proofs, record, anchor, r.control);
		if (!is_in_time(issuer, anchor, proven) || instant_before(r.control, proven) ||
		    (!st && !record->not_needed)) {
			r.missing = cert;
			*ret_result = r;
			return OK;
		}
		if (st)
			slide_by_status(j->policy, st, &r);
		TRY(slide_by_algorithms(s, j->policy, cert, issuer, st, &r));
	}
	r.passed = true;
	*ret_result = r;
	return OK;
}
