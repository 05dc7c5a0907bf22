#include "formats/digest_prefix.h"

#include <openssl/err.h>

#include "base/scope.h"
#include "formats/auto.h"
#include "formats/digest_steps.h"

/* Algorithms in use side by side in one document: two or three. */
#define STATES 4

struct state {
	enum digest_alg alg;
	size_t at; /* octets of the document taken in */
	EVP_MD_CTX *ctx;
};

struct digest_prefix {
	struct bytes document;
	struct state states[STATES];
	size_t n;
};

static void release_states(void *prefix)
{
	struct digest_prefix *p = prefix;
	for (size_t i = 0; i < p->n; i++)
		EVP_MD_CTX_free(p->states[i].ctx);
}

enum err digest_prefix_new(
    struct scope *s, struct bytes document, struct digest_prefix **ret_prefix)
{
	struct digest_prefix *p = scope_alloc(s, sizeof(*p));
	if (!p)
		return ERR_NOMEM;
	p->document = document;
	TRY(scope_own(s, p, release_states));
	*ret_prefix = p;
	return OK;
}

/* The state of an algorithm, set back to the beginning when it went too far. */
static enum err find_state(struct scope *s, struct digest_prefix *p, enum digest_alg alg,
    size_t first, struct state **ret_state)
{
	struct state *st = NULL;
	bool known;
	for (size_t i = 0; i < p->n; i++)
		if (p->states[i].alg == alg)
			st = &p->states[i];
	if (st && st->at <= first) {
		*ret_state = st;
		return OK;
	}
	if (!st) {
		st = &p->states[p->n < STATES ? p->n : STATES - 1];
		if (p->n < STATES) {
			st->ctx = EVP_MD_CTX_new();
			if (!st->ctx)
				return scope_fault(s, ERR_NOMEM, "digest: out of memory");
			p->n++;
		}
	}
	*st = (struct state){ .alg = DIGEST_UNKNOWN, .ctx = st->ctx };
	if (!digest_start(st->ctx, alg, &known)) {
		ERR_clear_error();
		return scope_fault(s, known ? ERR_CRYPTO : ERR_UNSUPPORTED,
		    "digest: %s is not available", digest_name(alg));
	}
	st->alg = alg;
	*ret_state = st;
	return OK;
}

enum err digest_prefix_compute(struct scope *s, struct digest_prefix *prefix, enum digest_alg alg,
    size_t first, struct bytes second, struct digest *ret_digest)
{
	struct digest d = { .alg = alg, .n = digest_size(alg) };
	struct state *st;
	if (d.n == 0)
		return scope_fault(s, ERR_UNSUPPORTED, "digest: unknown algorithm");
	first = first < prefix->document.n ? first : prefix->document.n;
	TRY(find_state(s, prefix, alg, first, &st));
	bool ok = digest_update(st->ctx, bytes_cut(prefix->document, st->at, first - st->at));
	st->at = first;
	AUTO(EVP_MD_CTX) *ctx = EVP_MD_CTX_new();
	if (!ctx)
		return scope_fault(s, ERR_NOMEM, "digest: out of memory");
	ok = ok && EVP_MD_CTX_copy_ex(ctx, st->ctx) == 1 && digest_update(ctx, second) &&
	     digest_finish(ctx, &d);
	if (!ok) {
		ERR_clear_error();
		st->alg = DIGEST_UNKNOWN; /* not to be continued */
		return scope_fault(s, ERR_CRYPTO, "digest: %s failed", digest_name(alg));
	}
	*ret_digest = d;
	return OK;
}
