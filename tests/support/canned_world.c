#include "tests/support/canned_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

static struct instant now_of(void *ctx)
{
	const struct canned_world *w = ctx;
	return w->now;
}

/* xorshift64 */
static enum err random_of(void *ctx, struct scope *s, uint8_t *p, size_t n)
{
	struct canned_world *w = ctx;
	(void)s;
	for (size_t i = 0; i < n; i++) {
		w->seed ^= w->seed << 13;
		w->seed ^= w->seed >> 7;
		w->seed ^= w->seed << 17;
		p[i] = (uint8_t)(w->seed >> 32);
	}
	return OK;
}

static struct canned_world_entry *find(const struct canned_world *w, const char *url)
{
	for (size_t i = 0; i < w->n_entries; i++)
		if (strcmp(w->entry[i].url, url) == 0)
			return (struct canned_world_entry *)(uintptr_t)&w->entry[i];
	return NULL;
}

static size_t cap_of(const struct fetch_request *want)
{
	static const size_t caps[] = {
		[FETCH_CERTIFICATE] = LIMIT_FETCH_CERTIFICATE,
		[FETCH_CRL] = LIMIT_FETCH_CRL,
		[FETCH_OCSP] = LIMIT_FETCH_OCSP,
		[FETCH_TIMESTAMP] = LIMIT_FETCH_TIMESTAMP,
		[FETCH_TRUST_LIST] = LIMIT_FETCH_TRUST_LIST,
	};
	return want->cap ? want->cap : caps[want->kind];
}

static enum err fetch_of(
    void *ctx, struct scope *s, const struct fetch_request *want, struct fetch_reply *ret_reply)
{
	struct canned_world *w = ctx;
	struct canned_world_entry *e = find(w, want->url);
	struct bytes body = BYTES_NONE;
	w->asked++;
	if (!e)
		return scope_fault(s, ERR_NET, "%s: no such host", want->url);
	e->asked++;
	enum err err = e->failure;
	if (err == OK && e->answer)
		err = e->answer(e->ctx, w->s, want, &body);
	else if (err == OK)
		body = e->body;
	if (err != OK)
		return scope_fault(s, err, "%s: %s", want->url, err_name(err));
	if (body.n > cap_of(want))
		return scope_fault(s, ERR_LIMIT, "%s: too large", want->url);
	*ret_reply = (struct fetch_reply){ .status = 200, .body = body, .content_type = "" };
	return OK;
}

struct canned_world *canned_world_new(struct scope *s, int64_t now)
{
	struct canned_world *w = scope_alloc(s, sizeof(*w));
	if (!w)
		abort();
	w->world =
	    (struct world){ .ctx = w, .now = now_of, .random = random_of, .fetch = fetch_of };
	w->s = s;
	w->now.unix_s = now;
	w->seed = UINT64_C(0x9e3779b97f4a7c15);
	return w;
}

static struct canned_world_entry *entry_of(struct canned_world *w, const char *url)
{
	struct canned_world_entry *e = find(w, url);
	if (e)
		return e;
	if (w->n_entries == CANNED_WORLD_ENTRIES) {
		fprintf(stderr, "canned_world: too many URLs\n");
		abort();
	}
	char *kept;
	if (bytes_to_str(w->s, bytes_of_str(url), &kept) != OK)
		abort();
	e = &w->entry[w->n_entries++];
	*e = (struct canned_world_entry){ .url = kept };
	return e;
}

void canned_world_put(struct canned_world *w, const char *url, struct bytes body)
{
	struct canned_world_entry *e = entry_of(w, url);
	*e = (struct canned_world_entry){ .url = e->url, .body = body };
}

void canned_world_serve(
    struct canned_world *w, const char *url, canned_world_answer *answer, void *ctx)
{
	struct canned_world_entry *e = entry_of(w, url);
	*e = (struct canned_world_entry){ .url = e->url, .answer = answer, .ctx = ctx };
}

void canned_world_break(struct canned_world *w, const char *url, enum err failure)
{
	struct canned_world_entry *e = entry_of(w, url);
	*e = (struct canned_world_entry){ .url = e->url, .failure = failure };
}

unsigned canned_world_asked(const struct canned_world *w, const char *url)
{
	const struct canned_world_entry *e = find(w, url);
	return e ? e->asked : 0;
}
