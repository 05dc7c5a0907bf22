#include "validator/path.h"

#include <string.h>

#include <openssl/x509_vfy.h>

#include "base/scope.h"
#include "formats/auto.h"
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

static enum err stack_of(struct scope *s, const struct path *p, STACK_OF(X509) * *ret_stack)
{
	STACK_OF(X509) *stack = sk_X509_new_null();
	if (!stack)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	for (size_t i = 1; i + 1 < p->n; i++) {
		X509 *x509;
		enum err err = cert_x509(s, p->item[i], &x509);
		if (err == OK && !sk_X509_push(stack, x509))
			err = scope_fault(s, ERR_NOMEM, "out of memory");
		if (err != OK) {
			sk_X509_free(stack);
			return err;
		}
	}
	*ret_stack = stack;
	return OK;
}

/* A certificate that OpenSSL cannot read makes the path a bad one, and is no error. */
static enum err try_reading(struct scope *s, const struct path *p, bool *ret_readable)
{
	X509 *x509;
	*ret_readable = true;
	for (size_t i = 0; i < p->n && *ret_readable; i++) {
		enum err err = cert_x509(s, p->item[i], &x509);
		if (err != OK && err != ERR_FORMAT)
			return err;
		*ret_readable = err == OK;
	}
	if (!*ret_readable)
		scope_forgive(s);
	return OK;
}

/* RFC 5280 6.1 without dates and revocation, over exactly this path. */
static enum err judge_by_openssl(struct scope *s, struct path *p)
{
	bool readable;
	TRY(try_reading(s, p, &readable));
	if (!readable) {
		p->verify_error = X509_V_ERR_UNSPECIFIED;
		return OK;
	}
	AUTO(X509_STORE) *store = X509_STORE_new();
	AUTO(X509_STORE_CTX) *ctx = X509_STORE_CTX_new();
	X509 *anchor, *target;
	TRY(cert_x509(s, p->item[p->n - 1], &anchor));
	TRY(cert_x509(s, p->item[0], &target));
	if (!store || !ctx || !X509_STORE_add_cert(store, anchor))
		return scope_fault(s, ERR_NOMEM, "out of memory");
	STACK_OF(X509) *between = NULL;
	TRY(stack_of(s, p, &between));
	if (!X509_STORE_CTX_init(ctx, store, target, between)) {
		sk_X509_free(between);
		return scope_fault(s, ERR_CRYPTO, "path: cannot be set up");
	}
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_auth_level(param, 0);
	X509_VERIFY_PARAM_set_depth(param, LIMIT_PATH_DEPTH);
	/* Dates are judged in validator/xcv.c; with this flag OpenSSL reads no clock. (A time set
	 * beside it would win over it.) */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
	int verified = X509_verify_cert(ctx);
	p->verify_error = verified == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
	if (verified != 1 && p->verify_error == X509_V_OK)
		p->verify_error = X509_V_ERR_UNSPECIFIED;
	X509_STORE_CTX_free(ctx);
	ctx = NULL;
	sk_X509_free(between);
	return OK;
}

static enum err judge_path(struct scope *s, struct path_finder *finder, struct path *p)
{
	if (p->n == 1)
		return OK;
	return path_rules_cover(p) ? path_rules_judge(s, &finder->signatures, p)
				   : judge_by_openssl(s, p);
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

const char *path_error_text(int verify_error)
{
	return X509_verify_cert_error_string(verify_error);
}
