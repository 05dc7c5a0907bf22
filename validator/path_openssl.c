#include "validator/path_openssl.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/scope.h"
#include "formats/auto.h"
#include "formats/der.h"

/* What OpenSSL is given: the path's certificates, in their order. */
struct given {
	X509 *item[LIMIT_PATH_DEPTH];
	size_t n;
};

/* False: some certificate cannot be read, which one is in error_at. */
static enum err read_all(struct scope *s, struct path *p, struct given *g, bool *ret_readable)
{
	*ret_readable = true;
	for (size_t i = 0; i < p->n; i++) {
		enum err err = cert_x509(s, p->item[i], &g->item[i]);
		if (err == ERR_FORMAT) {
			scope_forgive(s);
			*ret_readable = false;
			p->error_at = i;
			return OK;
		}
		TRY(err);
	}
	g->n = p->n;
	return OK;
}

/* OpenSSL's search for issuers is led along the path: another certificate of the same name would
 * do for it as well, and it does not come back to try the next one. */
static int is_next(X509_STORE_CTX *ctx, X509 *subject, X509 *issuer)
{
	const struct given *g = X509_STORE_CTX_get_app_data(ctx);
	for (size_t i = 0; i + 1 < g->n; i++)
		if (g->item[i] == subject)
			return g->item[i + 1] == issuer;
	return 0;
}

static void release_stack(void *stack)
{
	sk_X509_free(stack);
}

static enum err stack_of(struct scope *s, const struct given *g, STACK_OF(X509) * *ret_stack)
{
	STACK_OF(X509) *stack = sk_X509_new_null();
	TRY(scope_own(s, stack, release_stack));
	for (size_t i = 1; i + 1 < g->n; i++)
		if (!sk_X509_push(stack, g->item[i]))
			return scope_fault(s, ERR_NOMEM, "out of memory");
	*ret_stack = stack;
	return OK;
}

static enum err add_policy(struct scope *s, X509_VERIFY_PARAM *param, struct bytes oid)
{
	char *dotted;
	TRY(der_oid_text(s, oid, &dotted));
	ASN1_OBJECT *object = OBJ_txt2obj(dotted, 1);
	if (object && X509_VERIFY_PARAM_add0_policy(param, object))
		return OK;
	ASN1_OBJECT_free(object);
	return scope_fault(s, ERR_CRYPTO, "path: policy %s cannot be set", dotted);
}

static enum err set_inputs(
    struct scope *s, X509_VERIFY_PARAM *param, const struct policy_path_inputs *inputs)
{
	/* Dates are judged in validator/xcv.c; with NO_CHECK_TIME OpenSSL reads no clock. (A time
	 * set beside it would win over it.) */
	unsigned long flags =
	    X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_POLICY_CHECK;
	flags |= inputs->explicit_policy ? X509_V_FLAG_EXPLICIT_POLICY : 0;
	flags |= inputs->inhibit_mapping ? X509_V_FLAG_INHIBIT_MAP : 0;
	flags |= inputs->inhibit_any ? X509_V_FLAG_INHIBIT_ANY : 0;
	X509_VERIFY_PARAM_set_auth_level(param, 0);
	X509_VERIFY_PARAM_set_depth(param, LIMIT_PATH_DEPTH);
	X509_VERIFY_PARAM_set_flags(param, flags);
	/* Without any OpenSSL works out no user-constrained set, and misses it afterwards. */
	if (!inputs->n_initial_policies)
		return add_policy(s, param, path_policies_any());
	for (size_t i = 0; i < inputs->n_initial_policies; i++)
		TRY(add_policy(s, param, inputs->initial_policies[i]));
	return OK;
}

static int by_octets(const void *a, const void *b)
{
	const struct bytes *x = a, *y = b;
	return bytes_compare(*x, *y);
}

/* RFC 5280 6.1.5 (g), 6.1.6 */
static enum err read_policies(struct scope *s, X509_STORE_CTX *ctx, struct path_policies *ret)
{
	X509_POLICY_TREE *tree = X509_STORE_CTX_get0_policy_tree(ctx);
	STACK_OF(X509_POLICY_NODE) *nodes = tree ? X509_policy_tree_get0_user_policies(tree) : NULL;
	int n = nodes ? sk_X509_POLICY_NODE_num(nodes) : 0;
	struct path_policies set = { .item = scope_alloc_array(
					 s, n > 0 ? (size_t)n : 1, sizeof(*set.item)) };
	if (!set.item)
		return ERR_NOMEM;
	for (int i = 0; i < n; i++) {
		const ASN1_OBJECT *object =
		    X509_policy_node_get0_policy(sk_X509_POLICY_NODE_value(nodes, i));
		struct bytes octets = bytes_of(OBJ_get0_data(object), OBJ_length(object));
		TRY(bytes_copy(s, octets, &set.item[set.n++]));
	}
	qsort(set.item, set.n, sizeof(*set.item), by_octets);
	*ret = set;
	return OK;
}

static enum err verify(struct scope *s, struct path *p, X509_STORE_CTX *ctx)
{
	ERR_set_mark();
	int verified = X509_verify_cert(ctx);
	ERR_pop_to_mark();
	int error = X509_STORE_CTX_get_error(ctx), depth = X509_STORE_CTX_get_error_depth(ctx);
	if (verified != 1 && error == X509_V_ERR_OUT_OF_MEM)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	p->verify_error = X509_V_OK;
	if (verified == 1)
		return OK;
	p->verify_error = error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
	p->error_at = depth > 0 && (size_t)depth < p->n ? (size_t)depth : 0;
	return OK;
}

enum err path_openssl_judge(struct scope *s, const struct policy_path_inputs *inputs,
    struct path *p, struct path_policies *ret_policies)
{
	bool readable;
	struct given given;
	STACK_OF(X509) * between;
	struct path_policies policies = { 0 };
	p->verify_error = X509_V_ERR_UNSPECIFIED;
	TRY(read_all(s, p, &given, &readable));
	if (readable) {
		TRY(stack_of(s, &given, &between));
		AUTO(X509_STORE) *store = X509_STORE_new();
		AUTO(X509_STORE_CTX) *ctx = X509_STORE_CTX_new();
		if (!store || !ctx || !X509_STORE_add_cert(store, given.item[given.n - 1]))
			return scope_fault(s, ERR_NOMEM, "out of memory");
		X509_STORE_set_check_issued(store, is_next);
		if (!X509_STORE_CTX_init(ctx, store, given.item[0], between) ||
		    !X509_STORE_CTX_set_app_data(ctx, &given))
			return scope_fault(s, ERR_CRYPTO, "path: cannot be set up");
		TRY(set_inputs(s, X509_STORE_CTX_get0_param(ctx), inputs));
		TRY(verify(s, p, ctx));
		if (p->verify_error == X509_V_OK && ret_policies)
			TRY(read_policies(s, ctx, &policies));
	}
	if (ret_policies)
		*ret_policies = policies;
	return OK;
}
