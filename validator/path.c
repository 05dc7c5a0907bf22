#include "validator/path.h"

#include <string.h>

#include <openssl/x509_vfy.h>

#include "base/buf.h"
#include "base/scope.h"
#include "validator/path_openssl.h"
#include "validator/path_policies.h"
#include "validator/path_rules.h"
#include "validator/path_search.h"

struct known {
	struct known *next;
	const struct cert *target;
	size_t n_certs; /* of the evidence when this was found */
	struct path_list paths;
};

struct path_finder {
	const struct evidence *evidence;
	const struct anchors *anchors;
	const struct policy *policy;
	struct path_pool *pool;
	struct known *known;
	struct path_rules_memo *signatures;
};

enum err path_finder_new(struct scope *s, const struct evidence *evidence,
    const struct anchors *anchors, const struct policy *policy, struct path_finder **ret_finder)
{
	struct path_finder *f = scope_alloc(s, sizeof(*f));
	if (!f)
		return ERR_NOMEM;
	*f = (struct path_finder){ .evidence = evidence, .anchors = anchors, .policy = policy };
	TRY(path_pool_new(s, evidence, anchors, &f->signatures, &f->pool));
	*ret_finder = f;
	return OK;
}

/* Own rules first: they name the certificate and the rule exactly, and remember signatures. */
static enum err judge_path(struct scope *s, struct path_finder *finder, struct path *p)
{
	const struct policy_path_inputs *inputs = &finder->policy->path;
	if (p->n == 1)
		return OK;
	TRY(path_rules_judge(s, &finder->signatures, p));
	if (p->verify_error == X509_V_OK && path_policies_matter(inputs, p))
		TRY(path_policies_judge(s, inputs, p));
	if (p->verify_error == X509_V_OK && !path_rules_cover(p))
		TRY(path_openssl_judge(s, p));
	return OK;
}

/* Valid ones first, else in the order of the search: the shortest first. */
static enum err judge_all(
    struct scope *s, struct path_finder *finder, struct path_search *q, struct path_list *ret_paths)
{
	struct path *item = scope_alloc_array(s, q->n_found, sizeof(*item));
	if (!item)
		return ERR_NOMEM;
	size_t n = 0;
	for (size_t i = 0; i < q->n_found; i++)
		TRY(judge_path(s, finder, &q->found[i]));
	for (size_t i = 0; i < q->n_found; i++)
		if (q->found[i].verify_error == X509_V_OK)
			item[n++] = q->found[i];
	for (size_t i = 0; i < q->n_found; i++)
		if (q->found[i].verify_error != X509_V_OK)
			item[n++] = q->found[i];
	*ret_paths = (struct path_list){ .item = item, .n = n, .cut = q->cut };
	return OK;
}

enum err path_find(struct scope *s, struct path_finder *finder, const struct cert *target,
    struct path_list *ret_paths)
{
	struct path_search search;
	for (struct known *k = finder->known; k; k = k->next)
		if (k->target == target && k->n_certs == finder->evidence->n_certs) {
			*ret_paths = k->paths;
			return OK;
		}
	struct known *k = scope_alloc(s, sizeof(*k));
	if (!k)
		return ERR_NOMEM;
	k->target = target;
	k->n_certs = finder->evidence->n_certs;
	TRY(path_search_run(s, finder->pool, finder->anchors, target, &search));
	TRY(judge_all(s, finder, &search, &k->paths));
	k->next = finder->known;
	finder->known = k;
	*ret_paths = k->paths;
	return OK;
}

enum err path_find_dead_ends(struct scope *s, struct path_finder *finder, const struct cert *target,
    const struct cert **ret_ends, size_t *ret_n)
{
	struct path_search search;
	TRY(path_search_run(s, finder->pool, finder->anchors, target, &search));
	memcpy(ret_ends, search.ends, search.n_ends * sizeof(*ret_ends));
	*ret_n = search.n_ends;
	return OK;
}

struct path path_above(const struct path *path, size_t i)
{
	struct path above = *path;
	above.n = path->n - i;
	memmove(above.item, above.item + i, above.n * sizeof(above.item[0]));
	return above;
}

enum finding_code path_finding(int verify_error)
{
	switch (verify_error) {
	case X509_V_OK:
		return FINDING_NONE;
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
	case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
		return FINDING_CHAIN_SIGNATURE;
	case X509_V_ERR_INVALID_CA:
	case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
		return FINDING_CHAIN_NOT_A_CA;
	case X509_V_ERR_PATH_LENGTH_EXCEEDED:
		return FINDING_CHAIN_PATH_LENGTH;
	case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
		return FINDING_CHAIN_CRITICAL_EXTENSION;
	case X509_V_ERR_PERMITTED_VIOLATION:
	case X509_V_ERR_EXCLUDED_VIOLATION:
	case X509_V_ERR_SUBTREE_MINMAX:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
	case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
		return FINDING_CHAIN_NAME_CONSTRAINTS;
	case X509_V_ERR_NO_EXPLICIT_POLICY:
	case X509_V_ERR_INVALID_POLICY_EXTENSION:
		return FINDING_CHAIN_POLICY;
	default:
		return FINDING_CHAIN_INVALID;
	}
}

const char *path_error_text(int verify_error)
{
	return X509_verify_cert_error_string(verify_error);
}

enum err path_explain(struct scope *s, const struct path *p, struct findings *findings)
{
	const struct cert *c = p->item[p->error_at];
	enum finding_code code = path_finding(p->verify_error);
	char *about;
	struct buf b = buf_new(s, LIMIT_CERT_NAME_TEXT + LIMIT_BUF_FORMAT);
	if (code == FINDING_NONE)
		return OK;
	buf_add_str(&b, c->subject_text);
	if (code == FINDING_CHAIN_INVALID || p->verify_error == X509_V_ERR_INVALID_POLICY_EXTENSION)
		buf_addf(&b, ": %s", path_error_text(p->verify_error));
	TRY(buf_done_str(&b, &about));
	return findings_add_item(s, findings,
	    &(struct finding){ .code = code, .about = about, .cert = c, .at = INSTANT_NONE });
}
