#include "validator/path_openssl.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "base/scope.h"
#include "formats/auto.h"

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

static void set_rules(X509_VERIFY_PARAM *param)
{
	X509_VERIFY_PARAM_set_auth_level(param, 0);
	X509_VERIFY_PARAM_set_depth(param, LIMIT_PATH_DEPTH);
	/* Dates are judged in validator/xcv.c; with this flag OpenSSL reads no clock. (A time set
	 * beside it would win over it.) */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
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

enum err path_openssl_judge(struct scope *s, struct path *p)
{
	bool readable;
	struct given given;
	STACK_OF(X509) * between;
	p->verify_error = X509_V_ERR_UNSPECIFIED;
	if (p->n == 0)
		return OK;
	TRY(read_all(s, p, &given, &readable));
	if (!readable)
		return OK;
	TRY(stack_of(s, &given, &between));
	AUTO(X509_STORE) *store = X509_STORE_new();
	AUTO(X509_STORE_CTX) *ctx = X509_STORE_CTX_new();
	if (!store || !ctx || !X509_STORE_add_cert(store, given.item[given.n - 1]))
		return scope_fault(s, ERR_NOMEM, "out of memory");
	X509_STORE_set_check_issued(store, is_next);
	if (!X509_STORE_CTX_init(ctx, store, given.item[0], between) ||
	    !X509_STORE_CTX_set_app_data(ctx, &given))
		return scope_fault(s, ERR_CRYPTO, "path: cannot be set up");
	set_rules(X509_STORE_CTX_get0_param(ctx));
	return verify(s, p, ctx);
}
