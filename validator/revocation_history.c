#include "validator/revocation_history.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

enum err revocation_history_add(
    struct scope *s, struct revocation_history *h, const struct revocation_statement *statement)
{
	if (h->n == h->room) {
		size_t room = h->room ? 2 * h->room : 8;
		struct revocation_statement *p = scope_alloc_array(s, room, sizeof(*p));
		if (!p)
			return ERR_NOMEM;
		if (h->n)
			memcpy(p, h->item, h->n * sizeof(*p));
		h->item = p;
		h->room = room;
	}
	h->item[h->n++] = *statement;
	return OK;
}

void revocation_history_reject(struct revocation_history *h, const char *why, const char *url)
{
	if (!why)
		return;
	h->rejected = why;
	h->rejected_url = url;
}

static int weight(enum revocation_state state)
{
	return state == REVOCATION_REVOKED ? 2 : state == REVOCATION_SUSPENDED;
}

static int compare(const void *a, const void *b)
{
	const struct revocation_statement *const *pa = a, *const *pb = b;
	const struct revocation_statement *x = *pa, *y = *pb;
	if (!instant_equal(x->said_at, y->said_at))
		return instant_before(x->said_at, y->said_at) ? 1 : -1;
	if (x->with_delta != y->with_delta)
		return x->with_delta ? -1 : 1;
	if (weight(x->state) != weight(y->state))
		return weight(x->state) > weight(y->state) ? -1 : 1;
	return x < y ? -1 : x > y; /* as they were found: the same answer each time */
}

enum err revocation_history_sort(struct scope *s, struct revocation_history *h)
{
	const size_t size = h->n * sizeof(const struct revocation_statement *);
	if (h->n < 2)
		return OK;
	struct revocation_statement *sorted = scope_alloc_array(s, h->n, sizeof(*sorted));
	const struct revocation_statement **order = scope_resize(s, NULL, 0, size);
	if (!sorted || !order)
		return ERR_NOMEM;
	for (size_t i = 0; i < h->n; i++)
		order[i] = &h->item[i];
	if (order)
		qsort(order, h->n, sizeof(*order), compare);
	for (size_t i = 0; i < h->n; i++)
		sorted[i] = *order[i];
	h->item = sorted;
	h->room = h->n;
	return scope_resize(s, order, size, 0) ? OK : ERR_NOMEM;
}
