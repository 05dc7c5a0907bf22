#include "validator/path.h"

#include <string.h>

#include <openssl/x509_vfy.h>

#include "base/buf.h"
#include "base/scope.h"
#include "validator/path_openssl.h"
#include "validator/path_rules.h"

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
	struct known *known;
	struct path_rules_memo *signatures;
};

/* One depth-first search. */
struct search {
	const struct path_finder *finder;
	struct path current;
	struct path found[LIMIT_PATH_CANDIDATES];
	size_t n_found;
	size_t steps; /* against pools made to explode */
	const struct cert **ends;
	size_t n_ends;
};

#define SEARCH_STEPS 4096

enum err path_finder_new(struct scope *s, const struct evidence *evidence,
    const struct anchors *anchors, const struct policy *policy, struct path_finder **ret_finder)
{
	struct path_finder *f = scope_alloc(s, sizeof(*f));
	if (!f)
		return ERR_NOMEM;
	*f = (struct path_finder){ .evidence = evidence, .anchors = anchors, .policy = policy };
	*ret_finder = f;
	return OK;
}

/* The names chain, and the key identifiers do not contradict. The signature is checked later. */
static bool may_have_issued(const struct cert *issuer, const struct cert *subject)
{
	if (subject->aki.n && issuer->ski.n && !bytes_equal(subject->aki, issuer->ski))
		return false;
	return cert_names_match(issuer->subject, subject->issuer);
}

static bool is_on_path(const struct path *p, const struct cert *c)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->item[i] == c || cert_equal(p->item[i], c))
			return true;
	return false;
}

static void note_path(struct search *q)
{
	if (q->n_found < LIMIT_PATH_CANDIDATES)
		q->found[q->n_found++] = q->current;
}

static void note_end(struct search *q, const struct cert *c)
{
	for (size_t i = 0; i < q->n_ends; i++)
		if (q->ends[i] == c)
			return;
	if (q->ends && q->n_ends < LIMIT_PATH_DEPTH)
		q->ends[q->n_ends++] = c;
}

static void search_above(struct search *q);

/* Goes on through one candidate issuer. */
static bool try_issuer(struct search *q, const struct cert *issuer)
{
	const struct cert *top = q->current.item[q->current.n - 1];
	if (!may_have_issued(issuer, top) || is_on_path(&q->current, issuer))
		return false;
	q->current.item[q->current.n++] = issuer;
	search_above(q);
	q->current.n--;
	return true;
}

static void search_above(struct search *q)
{
	const struct cert *top = q->current.item[q->current.n - 1];
	if (anchors_has(q->finder->anchors, top)) {
		note_path(q);
		return;
	}
	if (q->current.n == LIMIT_PATH_DEPTH || q->steps++ > SEARCH_STEPS)
		return;
	const struct anchors *a = q->finder->anchors;
	const struct evidence *e = q->finder->evidence;
	bool has_issuer = false;
	for (size_t i = 0; i < a->n; i++)
		has_issuer |= try_issuer(q, a->item[i]);
	for (size_t i = 0; i < e->n_certs; i++)
		if (!anchors_has(a, e->certs[i].cert))
			has_issuer |= try_issuer(q, e->certs[i].cert);
	if (!has_issuer)
		note_end(q, top);
}

/* Own rules first: they name the certificate and the rule exactly, and remember signatures. */
static enum err judge_path(struct scope *s, struct path_finder *finder, struct path *p)
{
	const struct policy_path_inputs *inputs = &finder->policy->path;
	if (p->n == 1)
		return OK;
	TRY(path_rules_judge(s, &finder->signatures, p));
	if (p->verify_error != X509_V_OK || (path_rules_cover(p) && !inputs->explicit_policy))
		return OK;
	return path_openssl_judge(s, inputs, p, NULL);
}

static enum err keep_paths(
    struct scope *s, struct path_finder *finder, struct search *q, struct path_list *ret_paths)
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
	*ret_paths = (struct path_list){ item, n };
	return OK;
}

static enum err search_from(struct scope *s, const struct path_finder *finder,
    const struct cert *target, struct search **ret_search)
{
	struct search *q = scope_alloc(s, sizeof(*q));
	if (!q)
		return ERR_NOMEM;
	q->finder = finder;
	q->current.item[0] = target;
	q->current.n = 1;
	*ret_search = q;
	return OK;
}

enum err path_find(struct scope *s, struct path_finder *finder, const struct cert *target,
    struct path_list *ret_paths)
{
	for (struct known *k = finder->known; k; k = k->next)
		if (k->target == target && k->n_certs == finder->evidence->n_certs) {
			*ret_paths = k->paths;
			return OK;
		}
	struct search *q;
	TRY(search_from(s, finder, target, &q));
	search_above(q);
	struct known *k = scope_alloc(s, sizeof(*k));
	if (!k)
		return ERR_NOMEM;
	k->target = target;
	k->n_certs = finder->evidence->n_certs;
	TRY(keep_paths(s, finder, q, &k->paths));
	k->next = finder->known;
	finder->known = k;
	*ret_paths = k->paths;
	return OK;
}

enum err path_find_dead_ends(struct scope *s, struct path_finder *finder, const struct cert *target,
    const struct cert **ret_ends, size_t *ret_n)
{
	struct search *q;
	TRY(search_from(s, finder, target, &q));
	q->ends = ret_ends;
	search_above(q);
	*ret_n = q->n_ends;
	return OK;
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
	if (code == FINDING_CHAIN_INVALID)
		buf_addf(&b, ": %s", path_error_text(p->verify_error));
	TRY(buf_done_str(&b, &about));
	return findings_add_item(s, findings,
	    &(struct finding){ .code = code, .about = about, .cert = c, .at = INSTANT_NONE });
}
