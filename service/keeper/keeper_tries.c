#include "service/keeper/keeper_tries.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

#define DAY_MS (INT64_C(86400) * 1000)

struct entry {
	struct digest key;
	unsigned wrong; /* 0: a free place */
	int64_t last_ms, until_ms;
};

struct keeper_tries {
	struct entry entry[LIMIT_KEEPER_WATCHED];
};

enum err keeper_tries_new(struct scope *s, struct keeper_tries **ret_tries)
{
	struct keeper_tries *t = scope_alloc(s, sizeof(*t));
	if (!t)
		return ERR_NOMEM;
	*ret_tries = t;
	return OK;
}

static struct entry *find(struct keeper_tries *t, const struct digest *key)
{
	for (size_t i = 0; i < LIMIT_KEEPER_WATCHED; i++)
		if (t->entry[i].wrong && digest_equal(&t->entry[i].key, key))
			return &t->entry[i];
	return NULL;
}

/* A free place, or that of the key which was quiet for longest. */
static struct entry *find_place(struct keeper_tries *t)
{
	struct entry *oldest = &t->entry[0];
	for (size_t i = 0; i < LIMIT_KEEPER_WATCHED; i++) {
		if (!t->entry[i].wrong)
			return &t->entry[i];
		if (t->entry[i].last_ms < oldest->last_ms)
			oldest = &t->entry[i];
	}
	return oldest;
}

static int64_t wait_ms(unsigned wrong)
{
	int64_t wait = LIMIT_KEEPER_WAIT_S;
	if (wrong < LIMIT_KEEPER_TRIES)
		return 0;
	for (unsigned i = LIMIT_KEEPER_TRIES; i < wrong && wait < LIMIT_KEEPER_WAIT_MOST_S; i++)
		wait *= 2;
	return (wait < LIMIT_KEEPER_WAIT_MOST_S ? wait : LIMIT_KEEPER_WAIT_MOST_S) * 1000;
}

enum err keeper_tries_begin(
    struct keeper_tries *t, struct scope *s, const struct digest *key, int64_t now_ms)
{
	struct entry *e = find(t, key);
	if (e && now_ms < e->until_ms)
		return scope_fault(s, ERR_LIMIT, "wait %" PRId64 " s: too many wrong passwords",
		    (e->until_ms - now_ms + 999) / 1000);
	if (!e || now_ms - e->last_ms > DAY_MS) {
		e = e ? e : find_place(t);
		*e = (struct entry){ .key = *key };
	}
	e->wrong++;
	e->last_ms = now_ms;
	e->until_ms = now_ms + wait_ms(e->wrong);
	return OK;
}

void keeper_tries_right(struct keeper_tries *t, const struct digest *key)
{
	struct entry *e = find(t, key);
	if (e)
		*e = (struct entry){ 0 };
}

void keeper_tries_undo(struct keeper_tries *t, const struct digest *key)
{
	struct entry *e = find(t, key);
	if (!e)
		return;
	e->wrong--;
	e->until_ms = e->last_ms + wait_ms(e->wrong);
}
