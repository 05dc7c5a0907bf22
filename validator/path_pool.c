#include "validator/path_pool.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cert_name.h"

struct entry {
	uint32_t name; /* hash of the subject */
	size_t order;
	const struct cert *cert;
	bool is_anchor;
};

#define KNOWN_BUCKETS 256

struct known {
	struct known *next;
	const struct cert *cert;
	struct path_pool_issuers issuers;
};

struct path_pool {
	const struct evidence *evidence;
	const struct anchors *anchors;
	struct path_rules_memo **memo;
	struct entry *entries; /* sorted by name and order */
	size_t n;
	bool is_indexed;
	size_t n_certs; /* of the evidence when the index was made */
	size_t signatures;
	struct known *known[KNOWN_BUCKETS];
};

enum err path_pool_new(struct scope *s, const struct evidence *evidence,
    const struct anchors *anchors, struct path_rules_memo **memo, struct path_pool **ret_pool)
{
	struct path_pool *pool = scope_alloc(s, sizeof(*pool));
	if (!pool)
		return ERR_NOMEM;
	*pool = (struct path_pool){ .evidence = evidence, .anchors = anchors, .memo = memo };
	*ret_pool = pool;
	return OK;
}

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void add_entry(struct path_pool *pool, const struct cert *c, bool is_anchor)
{
	pool->entries[pool->n] = (struct entry){ .name = cert_name_hash(c->subject),
		.order = pool->n,
		.cert = c,
		.is_anchor = is_anchor };
	pool->n++;
}

/* Anew whenever certificates were added. */
static enum err make_index(struct scope *s, struct path_pool *pool)
{
	const struct evidence *e = pool->evidence;
	const struct anchors *a = pool->anchors;
	if (pool->is_indexed && pool->n_certs == e->n_certs)
		return OK;
	for (size_t i = 0; i < KNOWN_BUCKETS; i++)
		pool->known[i] = NULL;
	pool->n = 0;
	pool->entries = scope_alloc_array(s, a->n + e->n_certs, sizeof(*pool->entries));
	if (!pool->entries)
		return ERR_NOMEM;
	for (size_t i = 0; i < a->n; i++)
		add_entry(pool, a->item[i], true);
	for (size_t i = 0; i < e->n_certs; i++)
		if (!anchors_has(a, e->certs[i].cert))
			add_entry(pool, e->certs[i].cert, false);
	qsort(pool->entries, pool->n, sizeof(*pool->entries), by_name);
	pool->n_certs = e->n_certs;
	pool->is_indexed = true;
	return OK;
}

static size_t first_of(const struct path_pool *pool, uint32_t name)
{
	size_t low = 0, high = pool->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (pool->entries[middle].name < name)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How likely it is the issuer, 0 the likeliest. Key identifiers help to find, they decide nothing
 * (RFC 5280 4.2.1.1). */
static unsigned rank(const struct entry *e, const struct cert *subject)
{
	bool agree = subject->aki.n && bytes_equal(subject->aki, e->cert->ski);
	bool differ = subject->aki.n && e->cert->ski.n && !agree;
	return (differ ? 4u : agree ? 0u : 2u) + (e->is_anchor ? 0u : 1u);
}

#define RANKS 6

/* All of the right name, the likeliest first. */
static enum err collect(struct scope *s, const struct path_pool *pool, const struct cert *cert,
    struct path_pool_issuers *list)
{
	uint32_t name = cert_name_hash(cert->issuer);
	size_t from = first_of(pool, name), to = from;
	while (to < pool->n && pool->entries[to].name == name)
		to++;
	list->item = scope_alloc_array(s, to - from, sizeof(*list->item));
	if (!list->item)
		return ERR_NOMEM;
	for (unsigned r = 0; r < RANKS; r++)
		for (size_t i = from; i < to; i++) {
			const struct entry *e = &pool->entries[i];
			if (rank(e, cert) == r && e->cert != cert &&
			    cert_names_match(e->cert->subject, cert->issuer) &&
			    !cert_equal(e->cert, cert))
				list->item[list->n++] =
				    (struct path_pool_issuer){ e->cert, e->is_anchor };
		}
	return OK;
}

/* Of several, those that signed it; where none did, the first, to tell what is wrong with it. A key
 * that lacks its parameters may get them further up (RFC 3279 2.3.2). */
static enum err keep_signers(struct scope *s, struct path_pool *pool, const struct cert *cert,
    struct path_pool_issuers *list)
{
	size_t kept = 0;
	if (list->n < 2)
		return OK;
	for (size_t i = 0; i < list->n; i++) {
		bool signed_it;
		if (pool->signatures == LIMIT_PATH_SIGNATURES) {
			list->cut = true;
			break;
		}
		pool->signatures++;
		TRY(path_rules_is_signed(s, pool->memo, cert, list->item[i].cert, &signed_it));
		if (signed_it || !list->item[i].cert->key)
			list->item[kept++] = list->item[i];
	}
	list->n = kept ? kept : 1;
	return OK;
}

enum err path_pool_issuers(struct scope *s, struct path_pool *pool, const struct cert *cert,
    const struct path_pool_issuers **ret_issuers)
{
	TRY(make_index(s, pool));
	struct known **bucket = &pool->known[cert->sha256.value[0] % KNOWN_BUCKETS];
	for (struct known *k = *bucket; k; k = k->next)
		if (k->cert == cert) {
			*ret_issuers = &k->issuers;
			return OK;
		}
	struct known *k = scope_alloc(s, sizeof(*k));
	if (!k)
		return ERR_NOMEM;
	k->cert = cert;
	TRY(collect(s, pool, cert, &k->issuers));
	TRY(keep_signers(s, pool, cert, &k->issuers));
	k->next = *bucket;
	*bucket = k;
	*ret_issuers = &k->issuers;
	return OK;
}
