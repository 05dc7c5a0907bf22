#include "validator/revocation.h"

#include "base/limits.h"
#include "base/scope.h"
#include "validator/revocation_crl.h"
#include "validator/revocation_history.h"
#include "validator/revocation_memo.h"
#include "validator/revocation_ocsp.h"

/* RFC 6960 2.4: without nextUpdate newer information is available all the time. */
#define NO_NEXT_UPDATE_MAX_AGE_S 86400

/* -- finding -- */

/* Nobody is asked about these: RFC 9608 4 (which no authority's certificate may carry),
 * EN 319 412-1 5.2.2, RFC 6960 4.2.2.2.1. */
static bool is_not_needed(const struct cert *c)
{
	if (c->ocsp_nocheck && cert_has_eku(c, OID_EKU_OCSP_SIGNING))
		return true;
	return (c->no_rev_avail && !c->is_ca) || c->validity_assured_short_term;
}

static enum err collect(struct scope *s, struct revocation_judge *j, const struct cert *cert,
    const struct cert *issuer, struct revocation_record *ret_record)
{
	struct revocation_history h = { 0 };
	*ret_record = (struct revocation_record){ .not_needed = is_not_needed(cert) };
	if (ret_record->not_needed)
		return OK;
	/* Whoever has another name cannot have issued it, even with the same key. */
	if (!cert_names_match(cert->issuer, issuer->subject))
		return OK;
	if (j->policy->revocation_kinds & POLICY_REVOCATION_OCSP)
		TRY(revocation_ocsp_collect(s, j, cert, issuer, &h));
	if (j->policy->revocation_kinds & POLICY_REVOCATION_CRL)
		TRY(revocation_crl_collect(s, j, cert, issuer, &h));
	TRY(revocation_history_sort(s, &h));
	ret_record->item = h.item;
	ret_record->n = h.n;
	ret_record->rejected = h.rejected;
	ret_record->rejected_url = h.rejected_url;
	return OK;
}

/* Answers one question, and remembers it unless a question around it had a part in the answer. */
static enum err answer(struct scope *s, struct revocation_judge *j, unsigned level,
    const struct cert *cert, const struct cert *issuer, const struct revocation_record **ret_record)
{
	struct revocation_memo *m = j->memo;
	const struct revocation_memo_asked asked = { m->asked, cert, level };
	const unsigned cut_before = m->cut;
	struct revocation_record *record = scope_alloc(s, sizeof(*record));
	if (!record)
		return ERR_NOMEM;
	m->asked = &asked;
	m->cut = REVOCATION_MEMO_NO_CUT;
	enum err err = collect(s, j, cert, issuer, record);
	const bool holds = m->cut >= level;
	m->asked = asked.outer;
	m->cut = holds || cut_before < m->cut ? cut_before : m->cut;
	TRY(err);
	*ret_record = record;
	return holds ? revocation_memo_add_record(s, m, cert, issuer, record) : OK;
}

enum err revocation_find_within(struct scope *s, struct revocation_judge *j,
    const struct cert *cert, const struct cert *issuer, const struct revocation_record **ret_record)
{
	struct revocation_memo *m = j->memo;
	const unsigned level = m->asked ? m->asked->level + 1 : 0;
	*ret_record = revocation_memo_find_record(m, cert, issuer);
	if (*ret_record)
		return OK;
	for (const struct revocation_memo_asked *a = m->asked; a; a = a->outer)
		if (cert_equal(a->cert, cert)) {
			m->cut = a->level < m->cut ? a->level : m->cut;
			return OK;
		}
	if (level > LIMIT_REVOCATION_DEPTH || m->steps == LIMIT_REVOCATION_STEPS) {
		m->cut = 0;
		return OK;
	}
	m->steps++;
	return answer(s, j, level, cert, issuer, ret_record);
}

enum err revocation_find(struct scope *s, struct revocation_judge *j, const struct cert *cert,
    const struct cert *issuer, const struct revocation_record **ret_record)
{
	TRY(revocation_memo_open(s, j));
	*ret_record = revocation_memo_find_record(j->memo, cert, issuer);
	if (*ret_record)
		return OK;
	j->memo->asked = NULL;
	return answer(s, j, 0, cert, issuer, ret_record);
}

/* -- deciding -- */

const struct revocation_statement *revocation_decide(
    const struct revocation_record *record, struct instant until)
{
	const struct revocation_statement *newest = NULL;
	for (size_t i = 0; i < record->n; i++) {
		const struct revocation_statement *st = &record->item[i];
		if (instant_is_known(until) && instant_before(until, st->said_at))
			continue;
		if (st->state == REVOCATION_REVOKED)
			return st;
		if (!newest)
			newest = st;
	}
	return newest;
}

/* The first statement after item[at] by which the hold is over. */
static const struct revocation_statement *end_of_hold(
    const struct revocation_record *record, size_t at)
{
	while (at-- > 0)
		if (record->item[at].state != REVOCATION_SUSPENDED)
			return &record->item[at];
	return NULL;
}

bool revocation_was_suspended(const struct revocation_record *record, struct instant at,
    struct instant *ret_from, struct instant *ret_until)
{
	for (size_t i = 0; i < record->n; i++) {
		const struct revocation_statement *hold = &record->item[i];
		if (hold->state != REVOCATION_SUSPENDED || instant_before(at, hold->revoked_at))
			continue;
		const struct revocation_statement *end = end_of_hold(record, i);
		if (!end || !instant_before(at, end->said_at))
			continue;
		*ret_from = hold->revoked_at;
		*ret_until = end->said_at;
		return true;
	}
	return false;
}

bool revocation_statement_is_fresh(
    const struct policy *p, const struct revocation_statement *st, struct instant at)
{
	if (p->revocation_max_age_s > 0)
		return instant_before(at, instant_add(st->this_update, p->revocation_max_age_s));
	struct instant until = instant_is_known(st->next_update)
				   ? st->next_update
				   : instant_add(st->this_update, NO_NEXT_UPDATE_MAX_AGE_S);
	return instant_before(at, instant_add(until, p->grace_s));
}
