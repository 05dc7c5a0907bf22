#include "validator/revocation_crl.h"

#include <stdlib.h>

#include "base/scope.h"
#include "validator/crl_delta.h"
#include "validator/crl_rules.h"
#include "validator/crl_scope.h"
#include "validator/revocation_signer.h"

/* One list about the certificate. */
struct part {
	const struct evidence_crl *item;
	const struct crl *crl;
	uint32_t reasons; /* that it tells about */
	struct revocation_signer signer;
	struct revocation_statement said; /* with what its delta adds */
};

/* Given back at the end: there may be many, for many certificates. */
struct parts {
	struct part *item;
	size_t n, room;
	const struct evidence_crl **deltas;
	size_t n_deltas;
};

struct collection {
	struct scope *s;
	struct revocation_judge *j;
	const struct cert *cert, *issuer;
	struct parts parts;
	struct revocation_history *h;
	struct revocation_history by_subject; /* said by the certificate itself */
};

/* -- lists about the certificate -- */

/* The names that lists about it may bear: its issuer's, and those of other authorities that its
 * distribution points name. */
static size_t names_of_lists(const struct cert *cert, struct bytes *ret_names, size_t room)
{
	size_t n = 0;
	ret_names[n++] = cert->issuer;
	for (size_t i = 0; i < cert->crl_points.n; i++) {
		struct bytes rest = cert->crl_points.item[i].crl_issuer, name;
		while (n < room && (name = crl_scope_next_issuer(&rest)).n > 0) {
			bool again = false;
			for (size_t k = 0; k < n; k++)
				again |= cert_names_match(ret_names[k], name);
			if (!again)
				ret_names[n++] = name;
		}
	}
	return n;
}

#define NAMES_MAX 16

static enum err make_room(struct scope *s, struct parts *p, size_t n)
{
	p->item = scope_resize(s, NULL, 0, n * sizeof(*p->item));
	p->deltas = scope_resize(s, NULL, 0, n * sizeof(*p->deltas));
	p->room = n;
	return p->item && p->deltas ? OK : ERR_NOMEM;
}

static enum err give_back(struct scope *s, struct parts *p)
{
	if (p->room == 0)
		return OK;
	return scope_resize(s, p->item, p->room * sizeof(*p->item), 0) &&
		       scope_resize(s, p->deltas, p->room * sizeof(*p->deltas), 0)
		   ? OK
		   : ERR_NOMEM;
}

/* All lists of these names; what is not about the certificate is left out by its scope. */
static enum err find_lists(struct collection *c)
{
	struct bytes names[NAMES_MAX];
	struct revocation_index_run runs[NAMES_MAX];
	size_t n_names = names_of_lists(c->cert, names, NAMES_MAX), n = 0;
	for (size_t i = 0; i < n_names; i++) {
		runs[i] = revocation_index_crls(c->j->memo->index, names[i]);
		n += runs[i].n;
	}
	if (n == 0)
		return OK;
	/* Each delta may make another part of a complete list. */
	TRY(make_room(c->s, &c->parts, n));
	for (size_t i = 0; i < n_names; i++)
		for (size_t k = 0; k < runs[i].n; k++) {
			const struct evidence_crl *item = &c->j->evidence->crls[runs[i].item[k].at];
			if (!cert_names_match(item->crl->issuer, names[i]))
				continue;
			if (item->crl->is_delta)
				c->parts.deltas[c->parts.n_deltas++] = item;
			else
				c->parts.item[c->parts.n++] =
				    (struct part){ .item = item, .crl = item->crl };
		}
	return OK;
}

/* -- what one list says -- */

static struct revocation_statement statement_of(
    const struct crl *crl, bool listed, const struct crl_entry *entry)
{
	struct revocation_statement st = { .state = REVOCATION_GOOD,
		.revoked_at = INSTANT_NONE,
		.reason = CRL_REASON_NONE,
		.said_at = crl->this_update,
		.this_update = crl->this_update,
		.next_update = crl->next_update };
	/* RFC 5280 6.3.3 (k) */
	if (!listed || entry->reason == CRL_REASON_REMOVE_FROM_CRL)
		return st;
	st.state = entry->reason == CRL_REASON_CERTIFICATE_HOLD ? REVOCATION_SUSPENDED
								: REVOCATION_REVOKED;
	st.revoked_at = entry->revoked_at;
	st.reason = entry->reason;
	return st;
}

/* Entries of an indirect list belong to the authority they name (RFC 5280 5.3.3). */
static enum err read_list(struct collection *c, const struct crl *crl, bool *ret_listed,
    struct revocation_statement *ret_said)
{
	struct crl_entry entry = { 0 };
	TRY(crl_find(c->s, crl, crl->indirect ? c->cert->issuer : crl->issuer, c->cert->serial,
	    ret_listed, &entry));
	*ret_said = statement_of(crl, *ret_listed, &entry);
	return OK;
}

/* RFC 5280 3.3: entries stay until one regular list after the certificate's end, so that a later
 * list without one says nothing, unless it keeps those of expired certificates (X.509 9.5.2.12). An
 * entry is an entry whenever it is seen. */
static const char *reject_for_expiry(
    const struct collection *c, struct instant kept_since, const struct revocation_statement *said)
{
	const struct cert *cert = c->cert;
	if (said->state != REVOCATION_GOOD || !instant_before(cert->not_after, said->said_at))
		return NULL;
	if (instant_is_known(kept_since) && !instant_before(cert->not_after, kept_since))
		return NULL;
	return "the CRL was issued after the certificate had expired";
}

/* -- statements -- */

static enum err add_statement(struct collection *c, const struct revocation_signer *signer,
    const struct revocation_statement *st)
{
	return revocation_history_add(c->s, signer->is_subject ? &c->by_subject : c->h, st);
}

static enum err set_lists(struct collection *c, struct revocation_statement *st,
    const struct evidence_crl *const *lists, size_t n)
{
	const struct evidence_crl **copy = scope_alloc_array(c->s, n, sizeof(*copy));
	if (!copy)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		copy[i] = lists[i];
	st->crls = copy;
	st->n_crls = n;
	return OK;
}

/* Checks one list in the order of 6.3.3; what does not count is passed over and told. */
static enum err take_list(struct collection *c, struct part *p, bool *ret_counts)
{
	bool listed = false;
	const char *why = crl_rules_reject(p->crl, c->j->now);
	if (!why)
		p->reasons = crl_scope_reasons(p->crl, c->cert, &why);
	if (!why) {
		TRY(revocation_signer_of_crl(c->s, c->j, p->item, c->cert, c->issuer, &p->signer));
		why = p->signer.cert ? NULL : p->signer.why;
	}
	if (!why) {
		TRY(read_list(c, p->crl, &listed, &p->said));
		why = reject_for_expiry(c, p->crl->expired_certs_on_crl, &p->said);
	}
	revocation_history_reject(c->h, why, p->item->url);
	*ret_counts = !why;
	if (why)
		return OK;
	p->said.signer = p->signer.cert;
	p->said.signer_path = p->signer.path;
	return set_lists(c, &p->said, &p->item, 1);
}

static enum err take_lists(struct collection *c)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->parts.n; i++) {
		bool counts;
		TRY(take_list(c, &c->parts.item[i], &counts));
		if (counts)
			c->parts.item[kept++] = c->parts.item[i];
	}
	c->parts.n = kept;
	return OK;
}

/* -- deltas -- */

/* The newest complete list that the delta fits and whose signer signed the delta too (6.3.3 (c),
 * (h)). */
static enum err find_base(struct collection *c, const struct crl *delta, size_t n_complete,
    const struct part **ret_base, const char **ret_why)
{
	const struct part *best = NULL;
	*ret_why = "the CRL is a delta, and no complete list that it continues is at hand";
	for (size_t i = 0; i < n_complete; i++) {
		const struct part *p = &c->parts.item[i];
		const char *why;
		if (!crl_delta_fits(delta, p->crl))
			continue;
		if (best && crl_delta_compare_numbers(p->crl->number, best->crl->number) <= 0)
			continue;
		TRY(revocation_signer_made(c->s, c->j, delta, p->signer.cert, &why));
		if (why)
			*ret_why = why;
		else
			best = p;
	}
	if (best)
		*ret_why = NULL;
	*ret_base = best;
	return OK;
}

/* 6.3.3 (i), (j): what the delta does not list is as the complete list has it. */
static enum err put_on(struct collection *c, const struct part *base,
    const struct evidence_crl *delta, struct part *ret_part)
{
	const struct evidence_crl *const lists[] = { base->item, delta };
	struct revocation_statement said;
	bool listed = false;
	*ret_part = *base;
	TRY(read_list(c, delta->crl, &listed, &said));
	if (listed) {
		ret_part->said.state = said.state;
		ret_part->said.revoked_at = said.revoked_at;
		ret_part->said.reason = said.reason;
	}
	ret_part->said.said_at = said.said_at;
	ret_part->said.this_update = said.this_update;
	ret_part->said.next_update = said.next_update;
	ret_part->said.with_delta = true;
	return set_lists(c, &ret_part->said, lists, 2);
}

static enum err take_deltas(struct collection *c)
{
	const size_t n_complete = c->parts.n;
	for (size_t i = 0; i < c->parts.n_deltas; i++) {
		const struct evidence_crl *delta = c->parts.deltas[i];
		const struct part *base = NULL;
		struct part both = { 0 };
		const char *why = crl_rules_reject(delta->crl, c->j->now);
		if (!why)
			TRY(find_base(c, delta->crl, n_complete, &base, &why));
		if (!why) {
			TRY(put_on(c, base, delta, &both));
			why = reject_for_expiry(c, base->crl->expired_certs_on_crl, &both.said);
		}
		revocation_history_reject(c->h, why, delta->url);
		if (!why)
			c->parts.item[c->parts.n++] = both;
	}
	return OK;
}

/* -- lists for some reasons -- */

/* 6.3.3, end: the status is determined once all reasons are covered, or the certificate is found
 * revoked. */
static bool is_complete(const struct part *p)
{
	return p->reasons == CRL_SCOPE_ALL_REASONS || p->said.state != REVOCATION_GOOD;
}

static int newest_first(const void *a, const void *b)
{
	const struct part *const *pa = a, *const *pb = b;
	const struct revocation_statement *x = &(*pa)->said, *y = &(*pb)->said;
	if (!instant_equal(x->this_update, y->this_update))
		return instant_before(x->this_update, y->this_update) ? 1 : -1;
	if (x->with_delta != y->with_delta)
		return x->with_delta ? -1 : 1;
	return *pa < *pb ? -1 : *pa > *pb;
}

#define PARTS_MAX 8 /* there are so many reasons */

/* What was known when part[0] was issued: the newest list for each reason. */
static enum err join(struct collection *c, const struct part *const *part, size_t n)
{
	const struct evidence_crl *lists[2 * PARTS_MAX];
	struct revocation_statement st = part[0]->said;
	struct revocation_signer signer = part[0]->signer;
	uint32_t reasons = 0;
	size_t n_lists = 0;
	for (size_t i = 0; i < n && reasons != CRL_SCOPE_ALL_REASONS; i++) {
		const struct part *p = part[i];
		if ((p->reasons | reasons) == reasons)
			continue;
		if (p->said.state != REVOCATION_GOOD)
			return OK; /* it says so for itself */
		reasons |= p->reasons;
		signer.is_subject |= p->signer.is_subject;
		st.this_update = instant_min(st.this_update, p->said.this_update);
		st.next_update = instant_min(st.next_update, p->said.next_update);
		for (size_t k = 0; k < p->said.n_crls; k++)
			lists[n_lists++] = p->said.crls[k];
	}
	if (reasons != CRL_SCOPE_ALL_REASONS)
		return OK;
	TRY(set_lists(c, &st, lists, n_lists));
	return add_statement(c, &signer, &st);
}

static enum err add_joined(struct collection *c)
{
	size_t n = 0, partial = 0;
	for (size_t i = 0; i < c->parts.n; i++)
		partial += c->parts.item[i].reasons != CRL_SCOPE_ALL_REASONS;
	if (partial == 0)
		return OK;
	const struct part **order = scope_alloc_array(c->s, partial, sizeof(*order));
	if (!order)
		return ERR_NOMEM;
	for (size_t i = 0; i < c->parts.n; i++)
		if (c->parts.item[i].reasons != CRL_SCOPE_ALL_REASONS)
			order[n++] = &c->parts.item[i];
	qsort(order, n, sizeof(*order), newest_first);
	uint32_t covered = 0;
	for (size_t i = 0; i < n; i++)
		covered |= order[i]->reasons;
	if (covered != CRL_SCOPE_ALL_REASONS)
		revocation_history_reject(
		    c->h, "the CRLs at hand cover some reasons only", order[0]->item->url);
	for (size_t i = 0; i < n && covered == CRL_SCOPE_ALL_REASONS; i++)
		TRY(join(c, order + i, n - i));
	return OK;
}

static enum err add_complete(struct collection *c)
{
	for (size_t i = 0; i < c->parts.n; i++)
		if (is_complete(&c->parts.item[i]))
			TRY(add_statement(c, &c->parts.item[i].signer, &c->parts.item[i].said));
	return OK;
}

/* What a certificate's own list says of it counts if nobody else says anything, or against it. */
static enum err add_by_subject(struct collection *c)
{
	const bool alone = c->h->n == 0;
	for (size_t i = 0; i < c->by_subject.n; i++)
		if (alone || c->by_subject.item[i].state != REVOCATION_GOOD)
			TRY(revocation_history_add(c->s, c->h, &c->by_subject.item[i]));
	return OK;
}

enum err revocation_crl_collect(struct scope *s, struct revocation_judge *j,
    const struct cert *cert, const struct cert *issuer, struct revocation_history *h)
{
	struct collection c = { .s = s, .j = j, .cert = cert, .issuer = issuer, .h = h };
	TRY(find_lists(&c));
	TRY(take_lists(&c));
	TRY(take_deltas(&c));
	TRY(add_complete(&c));
	TRY(add_joined(&c));
	TRY(add_by_subject(&c));
	return give_back(s, &c.parts);
}
