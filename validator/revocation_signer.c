#include "validator/revocation_signer.h"

#include "base/limits.h"
#include "base/scope.h"
#include "validator/crl_rules.h"
#include "validator/ocsp_rules.h"

/* One item and what is asked of it. */
struct question {
	const void *item;
	struct instant issued;
	size_t embedded_end;
	const struct cert *cert, *issuer;
	const struct crl *crl; /* one of the two */
	const struct ocsp_response *response;
	size_t n_tried;
};

/* -- the path of a signer that is not the issuer -- */

static bool is_on(const struct path *p, const struct cert *c)
{
	for (size_t i = 0; i < p->n; i++)
		if (cert_equal(p->item[i], c))
			return true;
	return false;
}

/* A valid path of the issuer to this anchor: RFC 5280 6.3.3 (f) wants the same for the signer. */
static const struct path *path_to(const struct path_list *paths, const struct cert *anchor)
{
	for (size_t i = 0; i < paths->n; i++)
		if (cert_equal(paths->item[i].item[paths->item[i].n - 1], anchor))
			return &paths->item[i];
	return NULL;
}

/* RFC 5280 6.1 for the signer of revocation data, at a time when the item is known to exist. */
static bool was_revoked_later(const struct revocation_judge *j,
    const struct revocation_statement *st, const struct question *q)
{
	return j->proofs &&
	       instant_before(proofs_of_place(j->proofs, q->embedded_end), st->revoked_at);
}

/* Good when the item was issued, or revoked after the item was known to exist. The policy's maximal
 * age is for the certificates of the signature. */
static enum err is_settled(struct scope *s, struct revocation_judge *j,
    const struct revocation_record *record, const struct question *q, bool *ret_settled)
{
	const struct revocation_statement *st = revocation_decide(record, INSTANT_NONE);
	struct policy p = *j->policy;
	p.revocation_max_age_s = 0;
	*ret_settled = true;
	if (record->not_needed || (!st && !p.revocation_required))
		return OK;
	*ret_settled =
	    st && (st->state == REVOCATION_GOOD ? revocation_statement_is_fresh(&p, st, q->issued)
						: was_revoked_later(j, st, q));
	if (*ret_settled || !st || st->state == REVOCATION_GOOD)
		return OK;
	return revocation_memo_add_doubt(s, j->memo, q->embedded_end, st->revoked_at);
}

static enum err check_status(struct scope *s, struct revocation_judge *j, const struct question *q,
    const struct cert *c, const struct cert *issuer, const char **ret_why)
{
	const struct revocation_record *record;
	bool settled = false;
	*ret_why = NULL;
	if (q->response && cert_has_eku(c, OID_EKU_OCSP_SIGNING) && c->ocsp_nocheck)
		return OK;
	TRY(revocation_find_within(s, j, c, issuer, &record));
	if (record)
		TRY(is_settled(s, j, record, q, &settled));
	if (!settled)
		*ret_why =
		    q->crl ? "the status of the CRL signer's certificate is not known to be good"
			   : "the status of the OCSP responder's certificate is not known to "
			     "be good";
	return OK;
}

static bool was_valid(const struct cert *c, struct instant at)
{
	return !instant_before(at, c->not_before) && !instant_before(c->not_after, at);
}

/* The certificates that the issuer's own path does not share, which is judged elsewhere. */
static enum err check_path(struct scope *s, struct revocation_judge *j, const struct question *q,
    const struct path *p, const struct path *of_issuer, const char **ret_why)
{
	*ret_why = NULL;
	for (size_t i = 0; i + 1 < p->n && !*ret_why; i++) {
		if (is_on(of_issuer, p->item[i]))
			continue;
		if (!was_valid(p->item[i], q->issued))
			*ret_why = q->crl ? "the certificate of the CRL's signer was not valid then"
					  : "the OCSP responder's certificate was not valid then";
		else
			TRY(check_status(s, j, q, p->item[i], p->item[i + 1], ret_why));
	}
	return OK;
}

/* RFC 6960 4.2.2.2: issued by the authority itself, perhaps with another of its keys. */
static bool is_delegated(const struct path *p, const struct cert *issuer)
{
	return p->n > 1 && cert_names_match(p->item[1]->subject, issuer->subject);
}

/* What is above the certificate in question. Rules for the last certificate of a path do not apply
 * there (RFC 5280 6.1.3 (b), (c): a self-issued authority may have any name). */
static enum err paths_above(struct scope *s, const struct revocation_judge *j,
    const struct question *q, struct path_list *ret_paths)
{
	struct path_list of_cert;
	TRY(path_find(s, j->finder, q->cert, &of_cert));
	struct path *above = scope_alloc_array(s, of_cert.n, sizeof(*above));
	if (!above)
		return ERR_NOMEM;
	size_t n = 0;
	for (size_t i = 0; i < of_cert.n && of_cert.item[i].verify_error == 0; i++) {
		const struct path *p = &of_cert.item[i];
		if (p->n > 1 && cert_equal(p->item[1], q->issuer))
			above[n++] = path_above(p, 1);
	}
	*ret_paths = (struct path_list){ .item = above, .n = n };
	return OK;
}

/* Those that are valid. */
static enum err paths_of_issuer(struct scope *s, const struct revocation_judge *j,
    const struct question *q, struct path_list *ret_paths)
{
	*ret_paths = (struct path_list){ 0 };
	if (!j->finder)
		return OK;
	TRY(path_find(s, j->finder, q->issuer, ret_paths));
	for (size_t i = 0; i < ret_paths->n; i++)
		if (ret_paths->item[i].verify_error != 0)
			ret_paths->n = i;
	return ret_paths->n ? OK : paths_above(s, j, q, ret_paths);
}

/* The signer stands above the issuer itself. */
static enum err find_on_path(struct scope *s, const struct path_list *of_issuer,
    const struct cert *signer, const struct path **ret_path)
{
	for (size_t i = 0; i < of_issuer->n; i++)
		for (size_t k = 1; k < of_issuer->item[i].n; k++) {
			if (!cert_equal(of_issuer->item[i].item[k], signer))
				continue;
			struct path *p = scope_alloc(s, sizeof(*p));
			if (!p)
				return ERR_NOMEM;
			*p = path_above(&of_issuer->item[i], k);
			*ret_path = p;
			return OK;
		}
	return OK;
}

static const char *no_authority(const struct question *q)
{
	return q->crl ? "the certificate of the CRL's signer has no valid path to the same anchor"
		      : "the OCSP responder's certificate was not issued by the same authority";
}

static enum err find_path(struct scope *s, struct revocation_judge *j, const struct question *q,
    const struct cert *signer, const struct path_list *of_issuer, const struct path **ret_path,
    const char **ret_why)
{
	struct path_list own;
	*ret_path = NULL;
	*ret_why = no_authority(q);
	if (q->crl)
		TRY(find_on_path(s, of_issuer, signer, ret_path));
	if (*ret_path) {
		*ret_why = NULL;
		return OK;
	}
	TRY(path_find(s, j->finder, signer, &own));
	for (size_t i = 0; i < own.n && own.item[i].verify_error == 0 && !*ret_path; i++) {
		const struct path *p = &own.item[i];
		const struct path *beside = path_to(of_issuer, p->item[p->n - 1]);
		if (!beside || (q->response && !is_delegated(p, q->issuer)))
			continue;
		TRY(check_path(s, j, q, p, beside, ret_why));
		*ret_path = *ret_why ? NULL : p;
	}
	return OK;
}

/* A responder needs no path where the issuer's key itself has signed its certificate (RFC 6960
 * 4.2.2.2): what else is wrong with that (an empty subjectAltName ...) bears on other uses. */
static enum err check_delegation(struct scope *s, struct revocation_judge *j,
    const struct question *q, const struct cert *signer, const char **ret_why)
{
	bool ok = false;
	*ret_why = no_authority(q);
	if (q->crl || signer->unknown_critical.n)
		return OK;
	enum err err = cert_is_signed_by(s, signer, q->issuer, &ok);
	if (err == ERR_UNSUPPORTED || err == ERR_CRYPTO) {
		scope_forgive(s);
		return OK;
	}
	TRY(err);
	return ok ? check_status(s, j, q, signer, q->issuer, ret_why) : OK;
}

/* -- candidates -- */

static enum err verify(struct scope *s, struct revocation_judge *j, const struct question *q,
    const struct cert *signer, const char **ret_why)
{
	const struct revocation_memo_signature *known =
	    revocation_memo_find_signature(j->memo, q->item, signer);
	if (known) {
		*ret_why = known->why;
		return OK;
	}
	TRY(q->crl ? crl_rules_verify(s, q->crl, signer, ret_why)
		   : ocsp_rules_verify(s, q->response, signer, ret_why));
	const struct revocation_memo_signature made = {
		.item = q->item, .signer = signer, .why = *ret_why
	};
	return revocation_memo_add_signature(s, j->memo, &made);
}

/* A certificate of an authority that is clearly meant to sign lists; other than that, nobody
 * vouches for himself. */
static bool is_subject(const struct question *q, const struct cert *signer)
{
	return q->crl && signer->has_key_usage && (signer->key_usage & CERT_KU_CRL_SIGN) &&
	       cert_equal(signer, q->cert);
}

static enum err check_authority(struct scope *s, struct revocation_judge *j,
    const struct question *q, const struct cert *signer, struct revocation_signer *m)
{
	m->is_subject = is_subject(q, signer);
	if (m->is_subject || cert_equal(signer, q->issuer)) {
		m->why = NULL;
		return OK;
	}
	struct path_list of_issuer;
	TRY(paths_of_issuer(s, j, q, &of_issuer));
	m->why = no_authority(q);
	if (of_issuer.n)
		TRY(find_path(s, j, q, signer, &of_issuer, &m->path, &m->why));
	return m->why == no_authority(q) ? check_delegation(s, j, q, signer, &m->why) : OK;
}

static enum err try_signer(struct scope *s, struct revocation_judge *j, struct question *q,
    const struct cert *signer, struct revocation_signer *m)
{
	if (m->cert || q->n_tried == LIMIT_REVOCATION_SIGNERS)
		return OK;
	bool named = true;
	if (q->response)
		TRY(ocsp_responder_is(s, q->response, signer, &named));
	if (!named)
		return OK;
	m->why = q->crl ? crl_rules_reject_signer(q->crl, signer)
			: ocsp_rules_reject_responder(q->response, signer, q->issuer);
	if (m->why)
		return OK;
	q->n_tried++;
	TRY(verify(s, j, q, signer, &m->why));
	if (m->why)
		return OK;
	TRY(check_authority(s, j, q, signer, m));
	if (!m->why)
		m->cert = signer;
	return OK;
}

static enum err try_run(struct scope *s, struct revocation_judge *j, struct question *q,
    struct revocation_index_run run, struct revocation_signer *m)
{
	for (size_t i = 0; i < run.n && !m->cert; i++)
		TRY(try_signer(s, j, q, j->evidence->certs[run.item[i].at].cert, m));
	return OK;
}

/* Anchors need not be among the evidence: those of the issuer's paths are tried as well. */
static enum err try_path(
    struct scope *s, struct revocation_judge *j, struct question *q, struct revocation_signer *m)
{
	struct path_list of_issuer;
	TRY(paths_of_issuer(s, j, q, &of_issuer));
	for (size_t i = 0; i < of_issuer.n; i++)
		for (size_t k = 1; k < of_issuer.item[i].n && !m->cert; k++)
			if (!cert_equal(of_issuer.item[i].item[k], q->issuer) &&
			    cert_names_match(of_issuer.item[i].item[k]->subject, q->crl->issuer))
				TRY(try_signer(s, j, q, of_issuer.item[i].item[k], m));
	return OK;
}

static enum err find_crl_signer(
    struct scope *s, struct revocation_judge *j, struct question *q, struct revocation_signer *m)
{
	m->why = "the certificate of the CRL's signer is not at hand";
	if (cert_names_match(q->crl->issuer, q->issuer->subject))
		TRY(try_signer(s, j, q, q->issuer, m));
	const char *of_issuer = m->why;
	TRY(try_run(s, j, q, revocation_index_subjects(j->memo->index, q->crl->issuer), m));
	TRY(try_path(s, j, q, m));
	/* What keeps the issuer from being the signer says more than what keeps others. */
	if (!m->cert && cert_names_match(q->crl->issuer, q->issuer->subject))
		m->why = of_issuer;
	return OK;
}

static enum err find_responder(
    struct scope *s, struct revocation_judge *j, struct question *q, struct revocation_signer *m)
{
	const struct ocsp_response *r = q->response;
	m->why = "the OCSP responder's certificate is not at hand";
	for (size_t i = 0; i < r->n_certs && !m->cert; i++)
		TRY(try_signer(s, j, q, r->certs[i], m));
	TRY(try_signer(s, j, q, q->issuer, m));
	if (m->cert)
		return OK;
	const char *before = m->why;
	const bool none_inside = r->n_certs == 0;
	if (r->responder_name.n)
		TRY(try_run(
		    s, j, q, revocation_index_subjects(j->memo->index, r->responder_name), m));
	else
		TRY(try_run(s, j, q,
		    revocation_index_responders(j->memo->index, r->responder_key_hash), m));
	if (!m->cert && !none_inside)
		m->why = before;
	return OK;
}

/* -- what is remembered -- */

static enum err find_once(
    struct scope *s, struct revocation_judge *j, struct question *q, struct revocation_signer *ret)
{
	struct revocation_memo *m = j->memo;
	const struct revocation_signer *known = revocation_memo_find_signer(m, q->item, q->issuer);
	if (known) {
		*ret = *known;
		ret->is_subject = q->crl && ret->cert && cert_equal(ret->cert, q->cert);
		return OK;
	}
	const unsigned before = m->cut;
	m->cut = REVOCATION_MEMO_NO_CUT;
	*ret = (struct revocation_signer){ 0 };
	TRY(q->crl ? find_crl_signer(s, j, q, ret) : find_responder(s, j, q, ret));
	/* What holds within the present question only is not remembered. */
	const bool holds = m->cut == REVOCATION_MEMO_NO_CUT && !ret->is_subject;
	m->cut = before < m->cut ? before : m->cut;
	return holds ? revocation_memo_add_signer(s, m, q->item, q->issuer, ret) : OK;
}

enum err revocation_signer_of_crl(struct scope *s, struct revocation_judge *j,
    const struct evidence_crl *item, const struct cert *cert, const struct cert *issuer,
    struct revocation_signer *ret_signer)
{
	struct question q = { .item = item->crl,
		.issued = item->crl->this_update,
		.embedded_end = item->place.embedded_end,
		.cert = cert,
		.issuer = issuer,
		.crl = item->crl };
	return find_once(s, j, &q, ret_signer);
}

enum err revocation_signer_of_ocsp(struct scope *s, struct revocation_judge *j,
    const struct evidence_ocsp *item, const struct cert *cert, const struct cert *issuer,
    struct revocation_signer *ret_signer)
{
	struct question q = { .item = item->response,
		.issued = item->response->produced_at,
		.embedded_end = item->place.embedded_end,
		.cert = cert,
		.issuer = issuer,
		.response = item->response };
	return find_once(s, j, &q, ret_signer);
}

enum err revocation_signer_made(struct scope *s, struct revocation_judge *j, const struct crl *crl,
    const struct cert *signer, const char **ret_why)
{
	const struct question q = { .item = crl, .crl = crl };
	return verify(s, j, &q, signer, ret_why);
}
