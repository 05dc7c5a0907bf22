#include "service/digest_stream.h"

#include <openssl/evp.h>

#include "base/scope.h"

struct digest_stream {
	EVP_MD_CTX *ctx;
	EVP_MD *md;
	enum digest_alg alg;
};

static void release_ctx(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void release_md(void *md)
{
	EVP_MD_free(md);
}

enum err digest_stream_new(struct scope *s, enum digest_alg alg, struct digest_stream **ret_stream)
{
	const char *name = digest_openssl_name(alg);
	struct digest_stream *d = scope_alloc(s, sizeof(*d));
	if (!d)
		return ERR_NOMEM;
	d->alg = alg;
	d->md = name ? EVP_MD_fetch(NULL, name, NULL) : NULL;
	if (!d->md)
		return scope_fault(s, ERR_UNSUPPORTED, "digest: %s is not there", digest_name(alg));
	TRY(scope_own(s, d->md, release_md));
	d->ctx = EVP_MD_CTX_new();
	TRY(scope_own(s, d->ctx, release_ctx));
	if (EVP_DigestInit_ex2(d->ctx, d->md, NULL) != 1)
		return scope_fault(s, ERR_CRYPTO, "digest: cannot begin");
	*ret_stream = d;
	return OK;
}

enum err digest_stream_add(struct scope *s, struct digest_stream *d, struct bytes piece)
{
	if (EVP_DigestUpdate(d->ctx, piece.p, piece.n) != 1)
		return scope_fault(s, ERR_CRYPTO, "digest: cannot go on");
	return OK;
}

enum err digest_stream_end(struct scope *s, struct digest_stream *d, struct digest *ret_digest)
{
	struct digest got = { .alg = d->alg };
	unsigned n = 0;
	if (EVP_DigestFinal_ex(d->ctx, got.value, &n) != 1 ||
	    EVP_DigestInit_ex2(d->ctx, d->md, NULL) != 1)
		return scope_fault(s, ERR_CRYPTO, "digest: cannot end");
	got.n = n;
	*ret_digest = got;
	return OK;
}
