#include "validator/xcv.h"

#include <string.h>

#include "base/scope.h"
#include "validator/algorithm_limit.h"
#include "validator/cert_constraints.h"
#include "validator/past.h"
#include "validator/xcv_rules.h"

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
	TRY(proofs_new(s, evidence, now, &x->proofs));
	x->revocation.proofs = x->proofs;
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

static enum evidence_source source_of(const struct xcv *x, const struct cert *c)
{
	const struct evidence_cert *item = evidence_find_cert(x->evidence, c);
	return item ? item->source : EVIDENCE_ANCHOR;
}

static enum err use_path(struct scope *s, struct xcv *x, const struct path *p)
{
	for (size_t i = 0; i < p->n; i++)
		TRY(evidence_add_cert(s, x->used, p->item[i], source_of(x, p->item[i])));
	return OK;
}

static enum err use_statement(struct scope *s, struct xcv *x, const struct revocation_statement *st,
    const struct cert *issuer, unsigned depth);

/* The status of those who signed a statement belongs to it. */
static enum err use_signer(struct scope *s, struct xcv *x, const struct cert *signer,
    const struct cert *issuer, unsigned depth)
{
	const struct revocation_record *record;
	TRY(evidence_add_cert(s, x->used, signer, source_of(x, signer)));
	if (depth == USED_DEPTH)
		return OK;
	TRY(revocation_find(s, &x->revocation, signer, issuer, &record));
	return use_statement(s, x, revocation_decide(record, INSTANT_NONE), issuer, depth + 1);
}

static enum err use_statement(struct scope *s, struct xcv *x, const struct revocation_statement *st,
    const struct cert *issuer, unsigned depth)
{
	if (!st)
		return OK;
	for (size_t i = 0; i < st->n_crls; i++)
		TRY(evidence_add_crl(
		    s, x->used, st->crls[i]->crl, st->crls[i]->source, st->crls[i]->url));
	if (st->ocsp)
		TRY(evidence_add_ocsp(
		    s, x->used, st->ocsp->response, st->ocsp->source, st->ocsp->url));
	const struct path *p = st->signer_path;
	if (!p)
		return cert_equal(st->signer, issuer) ? OK
						      : use_signer(s, x, st->signer, issuer, depth);
	for (size_t i = 0; i + 1 < p->n; i++)
		TRY(use_signer(s, x, p->item[i], p->item[i + 1], depth));
	return OK;
}

/* -- algorithms -- */

enum err xcv_note_algorithm(struct scope *s, const struct xcv *x,
    const struct algorithm_limit *limit, const struct cert *cert, struct instant existed,
    struct instant not_older, struct findings *findings)
{
	struct finding f = { .code = FINDING_ALGORITHM_ENDED, .cert = cert, .at = limit->end };
	struct buf b = buf_new(s, LIMIT_CERT_NAME_TEXT + 256);
	char at[INSTANT_TEXT], *about;
	if (instant_before(x->now, limit->end))
		return OK;
	if (instant_is_known(not_older) && !instant_before(not_older, limit->end))
		f.code = FINDING_ALGORITHM_ENDED_BEFORE;
	else if (instant_before(existed, limit->end))
		f.code = FINDING_ALGORITHM_ENDED_LATER;
	buf_addf(&b, "%s", limit->what);
	if (!instant_equal(limit->end, ALGORITHM_NEVER)) {
		instant_to_rfc3339(limit->end, at);
		buf_addf(&b, ", reliable until %s", at);
	}
	if (cert)
		buf_addf(&b, ": %s", cert->subject_text);
	TRY(buf_done_str(&b, &about));
	f.about = about;
	return findings_add_item(s, findings, &f);
}

/* -- one path -- */

struct walk {
	struct scope *s;
	struct xcv *x;
	const struct xcv_question *q;
	const struct path *path;
	struct xcv_instants t;
	/* Parallel to path->item, up to the one below the anchor. */
	const struct revocation_record *record[LIMIT_PATH_DEPTH];
	const struct revocation_statement *decides[LIMIT_PATH_DEPTH];
	struct findings findings;
};

static const char *url_of(const struct revocation_statement *st)
{
	if (!st)
		return NULL;
	return st->ocsp ? st->ocsp->url : st->crls[0]->url;
}

/* The instant that a finding is about, and the words before it. */
enum moment {
	MOMENT_FROM,
	MOMENT_UNTIL,
	MOMENT_ISSUED,
	MOMENT_SIGNER_UNTIL
};
static const struct {
	enum finding_code code;
	enum moment moment;
	const char *words;
} moments[] = {
	{ FINDING_CERT_NOT_YET_VALID, MOMENT_FROM, "valid from " },
	{ FINDING_SIGNED_BEFORE_CERTIFICATE, MOMENT_FROM, "valid from " },
	{ FINDING_CA_NOT_YET_VALID, MOMENT_FROM, "valid from " },
	{ FINDING_CERT_EXPIRED, MOMENT_UNTIL, "valid until " },
	{ FINDING_CERT_EXPIRED_NOT_REVOKED, MOMENT_UNTIL, "valid until " },
	{ FINDING_SIGNED_AFTER_EXPIRY, MOMENT_UNTIL, "valid until " },
	{ FINDING_EXPIRED_LATER, MOMENT_UNTIL, "valid until " },
	{ FINDING_CA_EXPIRED, MOMENT_UNTIL, "valid until " },
	{ FINDING_REVOCATION_DATA_STALE, MOMENT_ISSUED, "last statement " },
	{ FINDING_REVOCATION_DATA_UNPROVEN, MOMENT_SIGNER_UNTIL, "its signer was valid until " },
};

/* Without a row: the revocation. */
static struct instant instant_of(const struct cert *c, const struct revocation_statement *st,
    enum finding_code code, const char **ret_words)
{
	for (size_t i = 0; i < sizeof(moments) / sizeof(*moments); i++) {
		if (moments[i].code != code)
			continue;
		*ret_words = moments[i].words;
		switch (moments[i].moment) {
		case MOMENT_FROM:
			return c->not_before;
		case MOMENT_UNTIL:
			return c->not_after;
		case MOMENT_ISSUED:
			return st->this_update;
		case MOMENT_SIGNER_UNTIL:
			return st->signer->not_after;
		}
	}
	*ret_words = "";
	return st ? st->revoked_at : INSTANT_NONE;
}

static enum err note(struct walk *w, enum finding_code code, size_t i)
{
	if (code == FINDING_NONE)
		return OK;
	const struct cert *c = w->path->item[i];
	const struct revocation_statement *st = w->decides[i];
	const char *words;
	struct finding f = { .code = code, .cert = c, .url = url_of(st) };
	f.at = instant_of(c, st, code, &words);
	struct buf b = buf_new(w->s, LIMIT_CERT_NAME_TEXT + 256);
	char at[INSTANT_TEXT], *about;
	buf_add_str(&b, c->subject_text);
	if (instant_is_known(f.at)) {
		instant_to_rfc3339(f.at, at);
		buf_addf(&b, ", %s%s", words, at);
	}
	if (st && instant_is_known(st->revoked_at) && instant_equal(f.at, st->revoked_at))
		buf_addf(&b, ", %s", crl_reason_name(st->reason));
	TRY(buf_done_str(&b, &about));
	f.about = about;
	return findings_add_item(w->s, &w->findings, &f);
}

static enum err note_rejected(struct walk *w, size_t i)
{
	const struct cert *c = w->path->item[i];
	const struct revocation_record *r = w->record[i];
	struct buf b = buf_new(w->s, LIMIT_CERT_NAME_TEXT + 256);
	char *about;
	if (!r->rejected)
		return OK;
	buf_addf(&b, "%s: %s", c->subject_text, r->rejected);
	TRY(buf_done_str(&b, &about));
	struct finding f = { .code = FINDING_REVOCATION_DATA_REJECTED,
		.about = about,
		.cert = c,
		.url = r->rejected_url,
		.at = INSTANT_NONE };
	return findings_add_item(w->s, &w->findings, &f);
}

/* -- stages -- */

static enum err find_statuses(struct walk *w)
{
	for (size_t i = 0; i + 1 < w->path->n; i++) {
		const struct cert *c = w->path->item[i], *issuer = w->path->item[i + 1];
		TRY(revocation_find(w->s, &w->x->revocation, c, issuer, &w->record[i]));
		w->decides[i] = revocation_decide(w->record[i], INSTANT_NONE);
		TRY(use_statement(w->s, w->x, w->decides[i], issuer, 0));
	}
	return OK;
}

/* 5.2.6.4 (4): whatever was revoked, the signer first, then the authorities from the top. The
 * anchor is trusted as it is: neither its dates nor its status are asked for. */
static enum err check_revoked(struct walk *w)
{
	const struct path *p = w->path;
	if (p->n == 1)
		return OK;
	TRY(note(w, xcv_rules_revoked(w->record[0], w->decides[0], false, &w->t), 0));
	for (size_t i = p->n - 1; i-- > 1;) {
		TRY(note(w, xcv_rules_revoked(w->record[i], w->decides[i], true, &w->t), i));
		TRY(note(w, xcv_rules_ca_dates(p->item[i], &w->t), i));
	}
	return OK;
}

/* 5.2.6.4 (4), 5.2.5: each status is known, by recent data. */
static enum err check_known(struct walk *w)
{
	for (size_t i = w->path->n - 1; i-- > 0;) {
		const struct revocation_statement *st = w->decides[i];
		struct instant proven =
		    st ? past_proof_of_statement(w->x->proofs, st) : INSTANT_NONE;
		enum finding_code code = xcv_rules_known(
		    w->x->policy, w->record[i], st, w->path->item[i + 1], proven, &w->t);
		TRY(note(w, code, i));
		if (code == FINDING_NONE)
			continue;
		TRY(wish(w->s, w->x, w->path->item[i], w->path->item[i + 1]));
		if (code == FINDING_REVOCATION_DATA_MISSING)
			TRY(note_rejected(w, i));
	}
	return OK;
}

/* 5.2.6.4 (5): the signer's dates, after what was said about its status. */
static enum err check_dates(struct walk *w)
{
	if (w->path->n == 1)
		return OK;
	return note(w,
	    xcv_rules_signer_dates(
		w->path->item[0], w->q->use, w->decides[0], w->record[0]->not_needed, &w->t),
	    0);
}

static enum err check_statement_algorithms(struct walk *w, const struct revocation_statement *st)
{
	struct algorithm_limit limit;
	struct instant existed = past_proof_of_statement(w->x->proofs, st);
	const struct policy *policy = w->x->policy;
	for (size_t i = 0; i < st->n_crls; i++) {
		TRY(algorithm_limit_of_signature(w->s, policy, POLICY_USE_REVOCATION,
		    st->crls[i]->crl->sig_alg, DIGEST_UNKNOWN, st->signer, &limit));
		TRY(xcv_note_algorithm(
		    w->s, w->x, &limit, st->signer, existed, INSTANT_NONE, &w->findings));
	}
	if (!st->ocsp)
		return OK;
	TRY(algorithm_limit_of_signature(w->s, policy, POLICY_USE_REVOCATION,
	    st->ocsp->response->sig_alg, DIGEST_UNKNOWN, st->signer, &limit));
	return xcv_note_algorithm(
	    w->s, w->x, &limit, st->signer, existed, INSTANT_NONE, &w->findings);
}

/* 5.2.6.4 (5): what each certificate, and what says its status, was signed with. */
static enum err check_algorithms(struct walk *w)
{
	for (size_t i = w->path->n - 1; i-- > 0;) {
		const struct cert *c = w->path->item[i], *issuer = w->path->item[i + 1];
		struct algorithm_limit limit;
		TRY(algorithm_limit_of_signature(w->s, w->x->policy, POLICY_USE_CERTIFICATE,
		    c->sig_alg, DIGEST_UNKNOWN, issuer, &limit));
		TRY(xcv_note_algorithm(w->s, w->x, &limit, c, proofs_of_cert(w->x->proofs, c),
		    INSTANT_NONE, &w->findings));
		if (w->decides[i])
			TRY(check_statement_algorithms(w, w->decides[i]));
	}
	return OK;
}

/* -- past signature validation (5.6.2.4) -- */

/* What may be healed by proofs: the certificate's being out of date or revoked, if all of it was
 * proven to exist before. */
static bool may_be_past(const struct walk *w, const struct finding *f)
{
	if (f->code == FINDING_CERT_EXPIRED || f->code == FINDING_CERT_EXPIRED_NOT_REVOKED ||
	    f->code == FINDING_CA_EXPIRED)
		return !instant_before(f->cert->not_after, w->t.existed);
	return f->code == FINDING_CERT_REVOKED || f->code == FINDING_CA_REVOKED;
}

static bool is_worst(const struct finding *f)
{
	enum finding_severity severity = findings_row(f->code)->severity;
	return severity == SEVERITY_FAILURE || severity == SEVERITY_INDETERMINATE;
}

static bool is_past_question(const struct walk *w)
{
	size_t n = 0;
	for (size_t i = 0; i < w->findings.n; i++) {
		if (!is_worst(&w->findings.item[i]))
			continue;
		if (!may_be_past(w, &w->findings.item[i]))
			return false;
		n++;
	}
	return n > 0;
}

static enum err forgive_by_past(struct walk *w, struct instant control)
{
	struct findings kept = { 0 };
	char at[INSTANT_TEXT], *about;
	for (size_t i = 0; i < w->findings.n; i++)
		if (!is_worst(&w->findings.item[i]))
			TRY(findings_add_item(w->s, &kept, &w->findings.item[i]));
	struct buf b = buf_new(w->s, 256);
	instant_to_rfc3339(control, at);
	buf_addf(&b, "relied upon until %s", at);
	TRY(buf_done_str(&b, &about));
	struct finding f = { .code = FINDING_PROVEN_IN_TIME, .about = about, .at = control };
	TRY(findings_add_item(w->s, &kept, &f));
	w->findings = kept;
	if (instant_before(w->q->cert->not_after, w->t.now))
		return note(w, FINDING_EXPIRED_LATER, 0);
	return OK;
}

static enum err look_back(struct walk *w)
{
	struct past_result past;
	if (!is_past_question(w))
		return OK;
	TRY(past_validate(w->s, &w->x->revocation, w->x->proofs, w->path, &past));
	/* The standard has "at or before" the control time; in the very second of a revocation
	 * nobody can tell which came first, and 5.5.4 (4) a) wants the signature to be older. */
	if (past.passed && (!past.slid || instant_before(w->t.existed, past.control)))
		return forgive_by_past(w, past.control);
	if (!past.missing || !instant_before(w->t.existed, w->t.now))
		return OK;
	struct finding f = { .code = FINDING_PROOF_MISSING,
		.about = past.missing->subject_text,
		.cert = past.missing,
		.at = past.control };
	return findings_add_item(w->s, &w->findings, &f);
}

static enum err check_path(struct walk *w)
{
	TRY(find_statuses(w));
	TRY(check_revoked(w));
	TRY(check_known(w));
	TRY(check_dates(w));
	TRY(cert_constraints_check(w->s, w->x->policy, w->path, w->q->use, &w->findings));
	TRY(check_algorithms(w));
	TRY(look_back(w));
	return use_path(w->s, w->x, w->path);
}

/* -- all paths -- */

static enum err no_path(struct scope *s, struct xcv *x, const struct cert *cert, struct findings *f)
{
	const struct cert *ends[LIMIT_PATH_DEPTH];
	size_t n = 0;
	TRY(path_find_dead_ends(s, x->finder, cert, ends, &n));
	for (size_t i = 0; i < n; i++)
		TRY(wish(s, x, ends[i], NULL));
	TRY(evidence_add_cert(s, x->used, cert, source_of(x, cert)));
	const struct cert *last = n ? ends[0] : cert;
	struct finding missing = { .code = FINDING_CHAIN_NOT_FOUND,
		.about = last->issuer_text,
		.cert = last,
		.at = INSTANT_NONE };
	return findings_add_item(s, f, &missing);
}

static enum err try_path(struct scope *s, struct xcv *x, const struct xcv_question *q,
    const struct path *p, struct xcv_outcome *o)
{
	o->path = p;
	if (p->verify_error != 0)
		return path_explain(s, p, &o->findings);
	struct walk w = { .s = s, .x = x, .q = q, .path = p };
	w.t = (struct xcv_instants){ x->now, q->existed, q->not_older, q->fresh_for };
	TRY(check_path(&w));
	o->findings = w.findings;
	return OK;
}

/* That none passes is not the last word where not all were tried. */
static enum err note_cut(struct scope *s, const struct cert *cert, struct xcv_answer *a)
{
	enum sub_indication sub;
	if (!a->paths.cut || findings_indication(&a->findings, &sub) == INDICATION_PASSED)
		return OK;
	struct finding f = { .code = FINDING_CHAIN_SEARCH_CUT,
		.about = cert->subject_text,
		.cert = cert,
		.at = INSTANT_NONE };
	return findings_add_item(s, &a->findings, &f);
}

/* The first path that passes is taken, else what was found on the first one. */
enum err xcv_check(
    struct scope *s, struct xcv *x, const struct xcv_question *q, struct xcv_answer *ret_answer)
{
	struct xcv_answer a = { 0 };
	TRY(path_find(s, x->finder, q->cert, &a.paths));
	if (a.paths.n == 0)
		TRY(no_path(s, x, q->cert, &a.findings));
	a.outcomes = scope_alloc_array(s, a.paths.n, sizeof(*a.outcomes));
	if (!a.outcomes)
		return ERR_NOMEM;
	for (bool passed = false; !passed && a.n_outcomes < a.paths.n; a.n_outcomes++) {
		struct xcv_outcome *o = &a.outcomes[a.n_outcomes];
		enum sub_indication sub;
		TRY(try_path(s, x, q, &a.paths.item[a.n_outcomes], o));
		passed = findings_indication(&o->findings, &sub) == INDICATION_PASSED;
		if (passed || a.n_outcomes == 0) {
			a.findings = o->findings;
			a.path = o->path;
		}
	}
	TRY(note_cut(s, q->cert, &a));
	*ret_answer = a;
	return OK;
}

static void date(struct xcv *x, enum evidence_kind kind, struct bytes der, struct evidence_place *p)
{
	*p = evidence_find_place(x->evidence, kind, der);
	p->proven = proofs_of_place(x->proofs, p->embedded_end);
}

void xcv_date_used(struct xcv *x)
{
	struct evidence *e = x->used;
	for (size_t i = 0; i < e->n_certs; i++) {
		date(x, EVIDENCE_CERT, e->certs[i].cert->der, &e->certs[i].place);
		e->certs[i].place.proven = proofs_of_cert(x->proofs, e->certs[i].cert);
	}
	for (size_t i = 0; i < e->n_crls; i++)
		date(x, EVIDENCE_CRL, e->crls[i].crl->der, &e->crls[i].place);
	for (size_t i = 0; i < e->n_ocsps; i++)
		date(x, EVIDENCE_OCSP, e->ocsps[i].response->der, &e->ocsps[i].place);
}
