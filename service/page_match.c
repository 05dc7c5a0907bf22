#include "service/page_match.h"

struct matching {
	const struct page_match_list *sealed, *now;
	struct page_match *match;
	size_t n;
	uint16_t *common; /* [i][k]: longest order common to sealed from i and now from k */
};

static bool is_known(const struct page_match_list *l)
{
	if (!l->objects || l->n_objects != l->n_shown || l->n_shown >= UINT16_MAX)
		return false;
	for (size_t i = 0; i < l->n_objects; i++)
		if (!l->objects[i])
			return false;
	return true;
}

static void add(struct matching *m, size_t sealed, size_t now)
{
	m->match[m->n++] = (struct page_match){ (uint32_t)sealed, (uint32_t)now };
}

static void match_by_number(struct matching *m)
{
	size_t a = m->sealed->n_shown, b = m->now->n_shown;
	for (size_t i = 1; i <= a || i <= b; i++)
		add(m, i <= a ? i : 0, i <= b ? i : 0);
}

static uint16_t *common_at(const struct matching *m, size_t i, size_t k)
{
	return &m->common[i * (m->now->n_shown + 1) + k];
}

static bool is_same(const struct matching *m, size_t i, size_t k)
{
	return m->sealed->objects[i] == m->now->objects[k];
}

static void measure(const struct matching *m)
{
	for (size_t i = m->sealed->n_shown; i-- > 0;)
		for (size_t k = m->now->n_shown; k-- > 0;) {
			uint16_t down = *common_at(m, i + 1, k), right = *common_at(m, i, k + 1);
			uint16_t best = down > right ? down : right;
			if (is_same(m, i, k))
				best = (uint16_t)(*common_at(m, i + 1, k + 1) + 1);
			*common_at(m, i, k) = best;
		}
}

/* Pages that went and pages that came in their place face each other. */
static void add_gap(struct matching *m, size_t *i, size_t to_i, size_t *k, size_t to_k)
{
	while (*i < to_i || *k < to_k) {
		size_t sealed = *i < to_i ? ++*i : 0, now = *k < to_k ? ++*k : 0;
		add(m, sealed, now);
	}
}

static void match_by_object(struct matching *m)
{
	size_t i = 0, k = 0, a = m->sealed->n_shown, b = m->now->n_shown;
	while (i < a || k < b) {
		size_t to_i = i, to_k = k;
		while (to_i < a || to_k < b) {
			if (to_i < a && to_k < b && is_same(m, to_i, to_k))
				break;
			bool went = to_k == b || (to_i < a && *common_at(m, to_i + 1, to_k) >=
								  *common_at(m, to_i, to_k + 1));
			*(went ? &to_i : &to_k) += 1;
		}
		add_gap(m, &i, to_i, &k, to_k);
		if (i < a && k < b)
			add(m, ++i, ++k);
	}
}

enum err page_match_find(struct scope *s, const struct page_match_list *sealed,
    const struct page_match_list *now, struct page_match **ret_matches, size_t *ret_n,
    bool *ret_by_object)
{
	struct matching m = { .sealed = sealed, .now = now };
	m.match = scope_alloc_array(s, sealed->n_shown + now->n_shown, sizeof(*m.match));
	if (!m.match)
		return ERR_NOMEM;
	*ret_by_object = is_known(sealed) && is_known(now);
	if (*ret_by_object) {
		m.common = scope_alloc_array(
		    s, (sealed->n_shown + 1) * (now->n_shown + 1), sizeof(*m.common));
		if (!m.common)
			return ERR_NOMEM;
		measure(&m);
		match_by_object(&m);
	} else {
		match_by_number(&m);
	}
	*ret_matches = m.match;
	*ret_n = m.n;
	return OK;
}
