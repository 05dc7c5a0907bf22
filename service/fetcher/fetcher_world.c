#include "service/fetcher/fetcher_world.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/fetcher/fetcher_protocol.h"
#include "service/world_system.h"

static struct instant now(void *ctx)
{
	const struct fetcher_world *w = ctx;
	return instant_is_known(w->present) ? w->present : world_system_now(NULL);
}

/* What world.fetch may give stays; a link that fails is a network that fails. */
static enum err fault_of(
    struct scope *s, const struct fetcher_world *w, const char *url, enum err e)
{
	char text[LIMIT_FAULT_TEXT];
	if (e == ERR_NOMEM ||
	    (!w->is_broken && (e == ERR_NET || e == ERR_LIMIT || e == ERR_DENIED)))
		return e;
	snprintf(text, sizeof(text), "%s", scope_fault_text(s));
	scope_forgive(s);
	return scope_fault(s, ERR_NET, "%s: the fetcher: %s", url, text);
}

static enum err ask(struct scope *s, struct fetcher_world *w, uint32_t kind, struct bytes content,
    size_t most, uint32_t reply, struct link_frame *ret_frame)
{
	if (!w->link || w->is_broken)
		return scope_fault(s, ERR_IO, "it is gone");
	enum err e = message_call(
	    s, w->link, kind, content, NULL, 0, LIMIT_FETCHER_REPLY_MS, most, reply, ret_frame);
	w->is_broken = link_is_broken(w->link);
	return e;
}

static enum err fetch_over(struct scope *s, struct fetcher_world *w,
    const struct fetch_request *want, struct fetch_reply *ret_reply)
{
	struct buf b = buf_new(s, LIMIT_FETCHER_REQUEST);
	struct bytes request;
	struct link_frame f;
	TRY(fetcher_protocol_put_fetch(s, &b, want));
	TRY(buf_done(&b, &request));
	TRY(ask(s, w, FETCHER_FETCH, request, FETCHER_PROTOCOL_REPLY(fetcher_protocol_cap(want)),
	    FETCHER_FETCHED, &f));
	return fetcher_protocol_take_fetched(s, f.content, want, ret_reply);
}

static enum err fetch(
    void *ctx, struct scope *s, const struct fetch_request *want, struct fetch_reply *ret_reply)
{
	struct fetcher_world *w = ctx;
	enum err e = fetch_over(s, w, want, ret_reply);
	return e == OK ? OK : fault_of(s, w, want->url, e);
}

enum err fetcher_world_new(struct scope *s, struct link *link, struct fetcher_world **ret_world)
{
	struct fetcher_world *w = scope_alloc(s, sizeof(*w));
	if (!w)
		return ERR_NOMEM;
	w->link = link;
	w->present = INSTANT_NONE;
	w->world = (struct world){ .ctx = w,
		.now = now,
		.random = world_system_random,
		.fetch = fetch,
		.keeps_answers = true };
	*ret_world = w;
	return OK;
}

enum err fetcher_world_begin_job(
    struct scope *s, struct fetcher_world *w, struct instant at, struct instant present)
{
	struct buf b = buf_new(s, LIMIT_FETCHER_REQUEST);
	struct bytes request;
	struct link_frame f;
	w->present = present;
	fetcher_protocol_put_job(&b, at);
	TRY(buf_done(&b, &request));
	enum err e = ask(s, w, FETCHER_BEGIN_JOB, request, 0, FETCHER_BEGUN, &f);
	return e == OK ? OK : fault_of(s, w, "a new job", e);
}

bool fetcher_world_is_broken(const struct fetcher_world *w)
{
	return w->is_broken;
}
