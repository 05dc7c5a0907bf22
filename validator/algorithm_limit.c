#include "validator/algorithm_limit.h"

#include <stdio.h>
#include <string.h>

#include "base/scope.h"

/* "RSASSA-PSS with 16384 bits" and the like. */
#define WHAT_MAX 64

struct weakest {
	struct instant end;
	char what[WHAT_MAX];
};

static struct instant end_of_digest(const struct policy_algorithms *a, enum digest_alg digest)
{
	bool known = digest > DIGEST_UNKNOWN && (size_t)digest < POLICY_DIGESTS;
	return known ? a->digests[digest] : POLICY_NEVER;
}

static struct instant end_of_size(const struct policy_sizes *sizes, int bits)
{
	struct instant end = POLICY_NEVER;
	for (size_t i = 0; i < sizes->n && sizes->item[i].bits <= bits; i++)
		end = sizes->item[i].end;
	return end;
}

static void weaken_by_digest(
    struct weakest *w, const struct policy_algorithms *a, enum digest_alg digest, const char *role)
{
	struct instant end = end_of_digest(a, digest);
	if (!instant_before(end, w->end))
		return;
	w->end = end;
	snprintf(w->what, sizeof(w->what), "%s%s", digest_name(digest), role);
}

static void weaken_by_key(struct weakest *w, const struct policy_algorithms *a,
    enum signature_alg_kind kind, const struct cert *signer)
{
	bool known = kind > SIGNATURE_ALG_UNKNOWN && (size_t)kind < POLICY_SCHEMES;
	int bits = signer ? cert_key_bits(signer) : 0;
	struct instant end = known ? end_of_size(&a->schemes[kind], bits) : POLICY_NEVER;
	if (!instant_before(end, w->end))
		return;
	w->end = end;
	if (bits > 0)
		snprintf(
		    w->what, sizeof(w->what), "%s with %d bits", signature_alg_name(kind), bits);
	else
		snprintf(w->what, sizeof(w->what), "%s with a key of unknown size",
		    signature_alg_name(kind));
}

static enum err hand_out(struct scope *s, const struct weakest *w, struct algorithm_limit *ret)
{
	struct algorithm_limit limit = { .end = w->end };
	TRY(bytes_to_str(s, bytes_of_str(w->what), &limit.what));
	*ret = limit;
	return OK;
}

enum err algorithm_limit_of_signature(struct scope *s, const struct policy *p, enum policy_use use,
    struct signature_alg alg, enum digest_alg digest, const struct cert *signer,
    struct algorithm_limit *ret_limit)
{
	const struct policy_algorithms *a = &p->algorithms[use];
	struct weakest w = { .end = POLICY_FOREVER };
	bool is_eddsa = alg.kind == SIGNATURE_ALG_ED25519 || alg.kind == SIGNATURE_ALG_ED448;
	weaken_by_key(&w, a, alg.kind, signer);
	if (digest != DIGEST_UNKNOWN)
		weaken_by_digest(&w, a, digest, "");
	else if (!is_eddsa)
		weaken_by_digest(&w, a, alg.digest, "");
	if (alg.kind == SIGNATURE_ALG_RSA_PSS)
		weaken_by_digest(&w, a, alg.mgf_digest, " as mask generation");
	return hand_out(s, &w, ret_limit);
}

enum err algorithm_limit_of_digest(struct scope *s, const struct policy *p, enum policy_use use,
    enum digest_alg digest, struct algorithm_limit *ret_limit)
{
	struct weakest w = { .end = POLICY_FOREVER };
	weaken_by_digest(&w, &p->algorithms[use], digest, "");
	return hand_out(s, &w, ret_limit);
}
