#include "validator/certificate_report.h"

#include "base/scope.h"

const char *certificate_report_use_name(enum cert_use use)
{
	static const char *const names[] = {
		[CERT_USE_SIGNATURE] = "signature",
		[CERT_USE_TIMESTAMP] = "timestamp",
		[CERT_USE_ANY] = "any",
	};
	return names[use];
}

enum revocation_state certificate_report_status(const struct certificate_report_link *link)
{
	if (link->decides)
		return link->decides->state;
	return link->record && link->record->not_needed ? REVOCATION_NOT_NEEDED
							: REVOCATION_UNKNOWN;
}

const char *certificate_report_status_name(const struct certificate_report_link *link)
{
	static const char *const names[] = {
		[REVOCATION_UNKNOWN] = "unknown",
		[REVOCATION_GOOD] = "good",
		[REVOCATION_REVOKED] = "revoked",
		[REVOCATION_SUSPENDED] = "suspended",
		[REVOCATION_NOT_NEEDED] = "not-needed",
	};
	return names[certificate_report_status(link)];
}

static enum evidence_source source_of(const struct evidence *items, const struct cert *c)
{
	for (size_t i = 0; i < items->n_certs; i++)
		if (cert_equal(items->certs[i].cert, c))
			return items->certs[i].source;
	return EVIDENCE_GIVEN;
}

/* The chain that was judged; NULL when none was valid. */
static const struct path *judged(const struct xcv_answer *a)
{
	return a->path && a->path->verify_error == 0 ? a->path : NULL;
}

static enum err add_chain(
    struct scope *s, struct xcv *x, const struct xcv_answer *a, struct certificate_report *r)
{
	const struct path *p = judged(a);
	if (!p)
		return OK;
	r->chain = scope_alloc_array(s, p->n, sizeof(*r->chain));
	if (!r->chain)
		return ERR_NOMEM;
	for (size_t i = 0; i < p->n; i++) {
		struct certificate_report_link *link = &r->chain[r->n_chain++];
		link->cert = p->item[i];
		link->is_anchor = i + 1 == p->n;
		link->source = link->is_anchor ? EVIDENCE_ANCHOR : source_of(x->used, p->item[i]);
		if (link->is_anchor)
			continue;
		TRY(revocation_find(s, &x->revocation, p->item[i], p->item[i + 1], &link->record));
		link->decides = revocation_decide(link->record, INSTANT_NONE);
	}
	return OK;
}

static const struct xcv_outcome *outcome_of(const struct xcv_answer *a, const struct path *p)
{
	for (size_t i = 0; i < a->n_outcomes; i++)
		if (a->outcomes[i].path == p)
			return &a->outcomes[i];
	return NULL;
}

static enum err add_path(
    struct scope *s, const struct xcv_answer *a, const struct path *p, struct certificate_report *r)
{
	struct certificate_report_path *to = &r->paths[r->n_paths++];
	const struct xcv_outcome *outcome = outcome_of(a, p);
	to->path = p;
	to->taken = p == judged(a);
	to->tried = outcome || p->verify_error != 0;
	if (outcome)
		return findings_add_all(s, &to->findings, &outcome->findings);
	return path_explain(s, p, &to->findings);
}

static enum err add_paths(struct scope *s, const struct xcv_answer *a, struct certificate_report *r)
{
	r->paths = scope_alloc_array(s, a->paths.n, sizeof(*r->paths));
	if (!r->paths)
		return ERR_NOMEM;
	for (size_t i = 0; i < a->paths.n; i++)
		TRY(add_path(s, a, &a->paths.item[i], r));
	return OK;
}

static enum err add_failures(struct scope *s, const struct evidence *e, struct findings *f)
{
	for (size_t i = 0; i < e->n_failures; i++) {
		struct finding failed = { .code = FINDING_FETCH_FAILED,
			.about = e->failures[i].why,
			.url = e->failures[i].url,
			.at = INSTANT_NONE };
		TRY(findings_add_item(s, f, &failed));
	}
	return OK;
}

static enum err describe(
    struct scope *s, const struct validate_request *request, struct certificate_report *r)
{
	struct bytes policy;
	r->name = request->name;
	r->validation_time = request->at;
	r->policy = request->policy;
	TRY(policy_canonical(s, request->policy, &policy));
	return digest_of_bytes(s, DIGEST_SHA256, policy, &r->policy_sha256);
}

enum err certificate_report_make(struct scope *s, const struct world *world,
    const struct validate_request *request, const struct cert *cert, enum cert_use use,
    struct certificate_report **ret_report)
{
	struct certificate_report *r = scope_alloc(s, sizeof(*r));
	struct xcv *x;
	struct xcv_answer a;
	if (!r)
		return ERR_NOMEM;
	r->cert = cert;
	r->use = use;
	TRY(validate_certificate_in_context(s, world, request, cert, use, &x, &a));
	r->findings = a.findings;
	TRY(add_failures(s, x->evidence, &r->findings));
	r->indication = findings_indication(&r->findings, &r->sub);
	TRY(add_chain(s, x, &a, r));
	TRY(add_paths(s, &a, r));
	if (judged(&a))
		TRY(path_policies_find(s, judged(&a), &request->policy->path, &r->policies));
	r->items = x->used;
	TRY(evidence_digest(s, x->used, &r->items_sha256));
	TRY(describe(s, request, r));
	*ret_report = r;
	return OK;
}
