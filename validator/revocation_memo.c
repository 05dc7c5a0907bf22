#include "validator/revocation_memo.h"

#include "base/scope.h"

static bool is_doubtful(const struct revocation_judge *j)
{
	for (const struct revocation_memo_doubt *d = j->memo->doubts; d && j->proofs; d = d->next)
		if (instant_before(proofs_of_place(j->proofs, d->embedded_end), d->revoked_at))
			return true;
	return false;
}

enum err revocation_memo_open(struct scope *s, struct revocation_judge *j)
{
	const struct evidence *e = j->evidence;
	const struct revocation_memo *old = j->memo;
	if (old && old->n_certs == e->n_certs && old->n_crls == e->n_crls &&
	    old->n_ocsps == e->n_ocsps && !is_doubtful(j))
		return OK;
	struct revocation_memo *m = scope_alloc(s, sizeof(*m));
	if (!m)
		return ERR_NOMEM;
	m->n_certs = e->n_certs;
	m->n_crls = e->n_crls;
	m->n_ocsps = e->n_ocsps;
	m->cut = REVOCATION_MEMO_NO_CUT;
	TRY(revocation_index_new(s, e, &m->index));
	j->memo = m;
	return OK;
}

static size_t bucket_of(const void *item)
{
	/* Addresses in an arena differ in the bits above the alignment. */
	return ((uintptr_t)item >> 4 ^ (uintptr_t)item >> 12) % REVOCATION_MEMO_BUCKETS;
}

const struct revocation_record *revocation_memo_find_record(
    const struct revocation_memo *m, const struct cert *cert, const struct cert *issuer)
{
	for (const struct revocation_memo_record *r = m->records[bucket_of(cert)]; r; r = r->next)
		if (r->cert == cert && r->issuer == issuer)
			return &r->record;
	return NULL;
}

const struct revocation_signer *revocation_memo_find_signer(
    const struct revocation_memo *m, const void *item, const struct cert *issuer)
{
	for (const struct revocation_memo_signer *r = m->signers[bucket_of(item)]; r; r = r->next)
		if (r->item == item && r->issuer == issuer)
			return &r->signer;
	return NULL;
}

const struct revocation_memo_signature *revocation_memo_find_signature(
    const struct revocation_memo *m, const void *item, const struct cert *signer)
{
	const struct revocation_memo_signature *r = m->signatures[bucket_of(item)];
	for (; r; r = r->next)
		if (r->item == item && r->signer == signer)
			return r;
	return NULL;
}

enum err revocation_memo_add_record(struct scope *s, struct revocation_memo *m,
    const struct cert *cert, const struct cert *issuer, const struct revocation_record *record)
{
	struct revocation_memo_record **at = &m->records[bucket_of(cert)];
	struct revocation_memo_record *r = scope_alloc(s, sizeof(*r));
	if (!r)
		return ERR_NOMEM;
	*r = (struct revocation_memo_record){ *at, cert, issuer, *record };
	*at = r;
	return OK;
}

enum err revocation_memo_add_signer(struct scope *s, struct revocation_memo *m, const void *item,
    const struct cert *issuer, const struct revocation_signer *signer)
{
	struct revocation_memo_signer **at = &m->signers[bucket_of(item)];
	struct revocation_memo_signer *r = scope_alloc(s, sizeof(*r));
	if (!r)
		return ERR_NOMEM;
	*r = (struct revocation_memo_signer){ *at, item, issuer, *signer };
	*at = r;
	return OK;
}

enum err revocation_memo_add_signature(
    struct scope *s, struct revocation_memo *m, const struct revocation_memo_signature *signature)
{
	struct revocation_memo_signature **at = &m->signatures[bucket_of(signature->item)];
	struct revocation_memo_signature *r = scope_alloc(s, sizeof(*r));
	if (!r)
		return ERR_NOMEM;
	*r = *signature;
	r->next = *at;
	*at = r;
	return OK;
}

enum err revocation_memo_add_doubt(
    struct scope *s, struct revocation_memo *m, size_t embedded_end, struct instant revoked_at)
{
	struct revocation_memo_doubt *d = scope_alloc(s, sizeof(*d));
	if (!d)
		return ERR_NOMEM;
	*d = (struct revocation_memo_doubt){ m->doubts, embedded_end, revoked_at };
	m->doubts = d;
	return OK;
}
