#include "service/text_difference.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

struct words {
	struct bytes *item;
	size_t n;
};

/* -- words -- */
static bool is_space(uint8_t c)
{
	return c <= 0x20;
}

static struct bytes next_word(struct bytes *rest)
{
	size_t from = 0, n = 0;
	while (from < rest->n && is_space(rest->p[from]))
		from++;
	while (from + n < rest->n && !is_space(rest->p[from + n]))
		n++;
	struct bytes word = bytes_cut(*rest, from, n);
	*rest = bytes_from(*rest, from + n);
	return word;
}

static enum err split(struct scope *s, struct bytes text, struct words *ret_words)
{
	struct words w = { .n = 0 };
	for (struct bytes rest = text; next_word(&rest).n;)
		w.n++;
	w.item = scope_alloc_array(s, w.n, sizeof(*w.item));
	if (!w.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < w.n; i++)
		w.item[i] = next_word(&text);
	*ret_words = w;
	return OK;
}

static bool is_same(const struct words *a, size_t i, const struct words *b, size_t k)
{
	return bytes_equal(a->item[i], b->item[k]);
}

/* -- the shortest way from one text to the other -- */
/* furthest[k]: how far in `a` one gets on diagonal k (position in a less that in b) with d steps;
 * all of them, step by step, are kept to find the way back. */
struct search {
	struct words a, b; /* without what they begin and end with alike */
	bool *removed, *added;
	int32_t **furthest; /* of each d: 2 * d + 1 diagonals */
};

/* With one step more: a word of b is added, or one of a removed; then along what is the same. */
static int32_t advance(const struct search *x, int32_t d, int32_t k)
{
	const int32_t *old = d ? x->furthest[d - 1] + (d - 1) : NULL;
	int32_t at = 0;
	if (d)
		at = k == -d || (k != d && old[k - 1] < old[k + 1]) ? old[k + 1] : old[k - 1] + 1;
	while ((size_t)at < x->a.n && (size_t)(at - k) < x->b.n &&
	       is_same(&x->a, (size_t)at, &x->b, (size_t)(at - k)))
		at++;
	return at;
}

/* Back from the end, telling which words went and which came. */
static void trace(struct search *x, int32_t d)
{
	int32_t i = (int32_t)x->a.n, j = (int32_t)x->b.n;
	for (; d > 0; d--) {
		const int32_t *old = x->furthest[d - 1] + (d - 1);
		int32_t k = i - j;
		bool came = k == -d || (k != d && old[k - 1] < old[k + 1]);
		int32_t from = came ? old[k + 1] : old[k - 1];
		if (came)
			x->added[from - (k + 1)] = true;
		else
			x->removed[from] = true;
		i = from;
		j = from - (came ? k + 1 : k - 1);
	}
}

static bool is_inside(const struct search *x, int32_t at, int32_t k)
{
	return at >= 0 && (size_t)at <= x->a.n && at - k >= 0 && (size_t)(at - k) <= x->b.n;
}

/* Diagonals that have left a text are kept from growing by a value that leads nowhere. */
#define NOWHERE (INT32_MIN / 2)

static enum err find_way(struct scope *s, struct search *x, bool *ret_found)
{
	size_t most =
	    x->a.n + x->b.n < LIMIT_TEXT_DIFFERENCE ? x->a.n + x->b.n : LIMIT_TEXT_DIFFERENCE;
	x->furthest = scope_alloc_array(s, most + 1, sizeof(*x->furthest));
	*ret_found = false;
	if (!x->furthest)
		return ERR_NOMEM;
	for (int32_t d = 0; (size_t)d <= most; d++) {
		int32_t *row = scope_alloc_array(s, 2 * (size_t)d + 1, sizeof(*row));
		if (!row)
			return ERR_NOMEM;
		x->furthest[d] = row;
		row += d;
		for (int32_t k = -d; k <= d; k += 2) {
			int32_t at = advance(x, d, k);
			row[k] = is_inside(x, at, k) ? at : NOWHERE;
			if (row[k] != (int32_t)x->a.n || row[k] - k != (int32_t)x->b.n)
				continue;
			trace(x, d);
			*ret_found = true;
			return OK;
		}
	}
	return OK;
}

/* -- telling -- */
static enum err join(
    struct scope *s, const struct words *w, size_t from, size_t to, const char **ret_text)
{
	struct buf b = buf_new(s, LIMIT_PREVIEW_TEXT);
	char *text;
	for (size_t i = from; i < to && i < w->n; i++) {
		buf_add_str(&b, i > from ? " " : "");
		buf_add(&b, w->item[i]);
	}
	TRY(buf_done_str(&b, &text));
	*ret_text = text;
	return OK;
}

static size_t less(size_t n, size_t by)
{
	return n > by ? n - by : 0;
}

struct telling {
	const struct words *a, *b;
	const bool *removed, *added;
	struct text_difference d;
};

/* A run of words that went and came; `i` and `k` are moved past it. */
static enum err tell(struct scope *s, struct telling *t, size_t *i, size_t *k)
{
	size_t i0 = *i, k0 = *k;
	while ((*i < t->a->n && t->removed[*i]) || (*k < t->b->n && t->added[*k])) {
		if (*i < t->a->n && t->removed[*i])
			++*i;
		else
			++*k;
	}
	t->d.removed += *i - i0;
	t->d.added += *k - k0;
	if (t->d.n == LIMIT_TEXT_CHANGES) {
		t->d.n_more++;
		return OK;
	}
	struct text_change *c = &t->d.change[t->d.n++];
	TRY(join(s, t->b, less(k0, TEXT_DIFFERENCE_CONTEXT), k0, &c->lead));
	TRY(join(s, t->a, i0, *i, &c->before));
	TRY(join(s, t->b, k0, *k, &c->after));
	return join(s, t->b, *k, *k + TEXT_DIFFERENCE_CONTEXT, &c->trail);
}

static enum err tell_all(struct scope *s, struct telling *t)
{
	t->d.change = scope_alloc_array(s, LIMIT_TEXT_CHANGES, sizeof(*t->d.change));
	if (!t->d.change)
		return ERR_NOMEM;
	for (size_t i = 0, k = 0; i < t->a->n || k < t->b->n;) {
		bool other = (i < t->a->n && t->removed[i]) || (k < t->b->n && t->added[k]);
		if (other)
			TRY(tell(s, t, &i, &k));
		i += !other;
		k += !other;
	}
	return OK;
}

static struct words part(const struct words *w, size_t from, size_t to)
{
	return (struct words){ w->item + from, to - from };
}

/* What both begin and end with needs no search. */
static enum err search(
    struct scope *s, const struct words *a, const struct words *b, bool *removed, bool *added)
{
	size_t head = 0, tail = 0;
	bool found;
	while (head < a->n && head < b->n && is_same(a, head, b, head))
		head++;
	while (tail < a->n - head && tail < b->n - head &&
	       is_same(a, a->n - 1 - tail, b, b->n - 1 - tail))
		tail++;
	struct search x = { part(a, head, a->n - tail), part(b, head, b->n - tail), removed + head,
		added + head, NULL };
	TRY(find_way(s, &x, &found));
	if (found)
		return OK;
	memset(x.removed, true, x.a.n * sizeof(bool));
	memset(x.added, true, x.b.n * sizeof(bool));
	return OK;
}

enum err text_difference_find(struct scope *s, struct bytes before, struct bytes after,
    struct text_difference *ret_difference)
{
	struct words a, b;
	TRY(split(s, before, &a));
	TRY(split(s, after, &b));
	bool *removed = scope_alloc_array(s, a.n, sizeof(*removed));
	bool *added = scope_alloc_array(s, b.n, sizeof(*added));
	if (!removed || !added)
		return ERR_NOMEM;
	struct telling t = { &a, &b, removed, added, { .n = 0 } };
	TRY(search(s, &a, &b, removed, added));
	TRY(tell_all(s, &t));
	*ret_difference = t.d;
	return OK;
}
