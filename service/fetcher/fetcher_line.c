#include "service/fetcher/fetcher_line.h"

#include <time.h>

#include "base/limits.h"
#include "service/fetcher/fetcher_protocol.h"
#include "service/fetcher/fetcher_rules.h"
#include "service/world_system.h"

#define WAIT_STEP_MS 20

struct line {
	struct fetcher_line_shared *shared;
	struct link *link;
	enum role peer;
	struct world_system *w;
};

static struct instant present(const struct line *l)
{
	return l->w->world.now(l->w->world.ctx);
}

/* -- counting -- */

static enum fetcher_status_kind kind_of(enum fetch_kind kind)
{
	switch (kind) {
	case FETCH_CERTIFICATE:
		return FETCHER_STATUS_CERTIFICATE;
	case FETCH_CRL:
		return FETCHER_STATUS_CRL;
	case FETCH_OCSP:
		return FETCHER_STATUS_OCSP;
	case FETCH_TIMESTAMP:
		return FETCHER_STATUS_TIMESTAMP;
	case FETCH_TRUST_LIST:
	default:
		return FETCHER_STATUS_TRUST_LIST;
	}
}

static void note(struct line *l, enum fetcher_status_kind kind, enum err e, bool reached_out)
{
	enum fetcher_status_outcome outcome = FETCHER_STATUS_FAILED;
	if (e == OK)
		outcome = reached_out ? FETCHER_STATUS_FETCHED : FETCHER_STATUS_KEPT;
	else if (e == ERR_DENIED || e == ERR_LIMIT)
		outcome = FETCHER_STATUS_REFUSED;
	fetcher_counts_note(l->shared->counts, kind, outcome, atomic_load(&l->shared->memory.held));
}

/* A refusal says nothing about the authority. */
static void note_authority(struct line *l, struct scope *s, const char *url, enum err e)
{
	if (e == OK || e == ERR_NET)
		fetcher_counts_note_authority(
		    l->shared->counts, url, present(l), e == OK ? NULL : scope_fault_text(s));
}

/* -- fetches -- */

static size_t size_of(const struct fetch_reply *reply)
{
	size_t n = reply->body.n;
	for (size_t i = 0; i < reply->n_more; i++)
		n += reply->more[i].n;
	return n;
}

static enum err fetch(
    struct line *l, struct scope *s, const struct fetch_request *want, struct bytes *ret_reply)
{
	struct fetch_reply reply;
	const size_t before = fetch_curl_count(l->w->fetcher);
	enum err e = fetcher_rules_may_fetch(s, l->shared->configuration, want);
	if (e == OK)
		e = l->w->world.fetch(l->w->world.ctx, s, want, &reply);
	if (e != ERR_NOMEM)
		note(l, kind_of(want->kind), e, fetch_curl_count(l->w->fetcher) != before);
	if (want->kind == FETCH_TIMESTAMP)
		note_authority(l, s, want->url, e);
	TRY(e);
	struct buf b = buf_new(s, FETCHER_PROTOCOL_REPLY(size_of(&reply)));
	fetcher_protocol_put_fetched(&b, &reply);
	return buf_done(&b, ret_reply);
}

/* Others hold what memory there is: until half of it is free. */
static void wait_for_memory(const struct fetcher_line_shared *shared)
{
	const long most = shared->wait_ms ? shared->wait_ms : LIMIT_FETCHER_WAIT_MS;
	const struct timespec step = { .tv_nsec = WAIT_STEP_MS * 1000000L };
	for (long waited = 0;
	     waited < most && atomic_load(&shared->memory.held) > shared->memory.most / 2;
	     waited += WAIT_STEP_MS)
		nanosleep(&step, NULL);
}

/* In a scope of its own, which the answer leaves with. ERR_NOMEM: nothing was told to the peer. */
static enum err fetch_and_send(struct line *l, struct scope *s, const struct fetch_request *want)
{
	struct bytes reply;
	struct scope *answer = scope_new(0);
	if (!answer)
		return scope_fault(s, ERR_NOMEM, "out of memory");
	scope_charge(answer, &l->shared->memory);
	enum err e = fetch(l, answer, want, &reply);
	if (e == OK)
		e = link_send(answer, l->link, FETCHER_FETCHED, reply, NULL, 0);
	if (e != OK)
		scope_fault(s, e, "%s", scope_fault_text(answer));
	scope_free(answer);
	return e;
}

static enum err answer_fetch(struct line *l, struct scope *s, struct bytes content)
{
	struct fetch_request want;
	TRY(fetcher_protocol_take_fetch(s, l->peer, content, &want));
	/* A job of the front is one question. */
	if (l->peer != ROLE_WORKER)
		fetch_curl_begin_job(l->w->fetcher);
	enum err e = fetch_and_send(l, s, &want);
	if (e != ERR_NOMEM)
		return e;
	scope_forgive(s);
	wait_for_memory(l->shared);
	e = fetch_and_send(l, s, &want);
	if (e != ERR_NOMEM)
		return e;
	scope_forgive(s);
	note(l, kind_of(want.kind), ERR_NET, true);
	return scope_fault(
	    s, ERR_NET, "%s: too many large answers are under way at once", want.url);
}

static enum err answer_job(struct line *l, struct scope *s, struct bytes content)
{
	struct instant at;
	TRY(fetcher_protocol_take_job(s, content, &at));
	fetch_curl_begin_job(l->w->fetcher);
	if (l->w->cache)
		fetch_cache_judge_for(l->w->cache, at);
	return link_send(s, l->link, FETCHER_BEGUN, BYTES_NONE, NULL, 0);
}

/* -- webhooks -- */

static enum err header(struct scope *s, const char *name, const char *value, const char **ret_line)
{
	struct buf b = buf_new(s, LIMIT_BUF_FORMAT);
	char *line;
	buf_addf(&b, "%s: %s", name, value);
	TRY(buf_done_str(&b, &line));
	*ret_line = line;
	return OK;
}

static enum err send_webhook(
    struct line *l, struct scope *s, const struct fetcher_webhook *hook, int *ret_status)
{
	const char *headers[4] = { "Content-Type: application/json" };
	struct fetch_curl_message m = { .headers = headers, .n_headers = 4, .body = hook->body };
	TRY(fetcher_rules_webhook(
	    s, l->shared->configuration, hook->portal, &m.url, &m.loopback_only));
	TRY(header(s, "Bulla-Event", hook->event, &headers[1]));
	TRY(header(s, "Bulla-Delivery", hook->delivery, &headers[2]));
	TRY(header(s, "Bulla-Signature", hook->signature, &headers[3]));
	return fetch_curl_send(l->w->fetcher, s, &m, ret_status);
}

static enum err answer_webhook(struct line *l, struct scope *s, struct bytes content)
{
	struct fetcher_webhook hook;
	struct buf b = buf_new(s, LIMIT_FETCHER_REQUEST);
	struct bytes reply;
	int status;
	TRY(fetcher_protocol_take_webhook(s, content, &hook));
	enum err e = send_webhook(l, s, &hook, &status);
	note(l, FETCHER_STATUS_WEBHOOK, e == OK && (status < 200 || status > 299) ? ERR_NET : e,
	    true);
	TRY(e);
	fetcher_protocol_put_sent(&b, status);
	TRY(buf_done(&b, &reply));
	return link_send(s, l->link, FETCHER_SENT, reply, NULL, 0);
}

static enum err answer_status(struct line *l, struct scope *s, struct bytes content)
{
	struct buf b = buf_new(s, LIMIT_FETCHER_COUNTS);
	struct bytes reply;
	if (content.n)
		return scope_fault(s, ERR_FORMAT, "fetcher: a question about counts has no fields");
	fetcher_counts_put(l->shared->counts, &b, atomic_load(&l->shared->memory.held));
	TRY(buf_done(&b, &reply));
	return link_send(s, l->link, FETCHER_COUNTS, reply, NULL, 0);
}

/* -- the link -- */

static enum err answer(struct line *l, struct scope *s, const struct link_frame *f)
{
	TRY(fetcher_protocol_may_ask(s, l->peer, f->kind));
	switch (f->kind) {
	case FETCHER_BEGIN_JOB:
		return answer_job(l, s, f->content);
	case FETCHER_FETCH:
		return answer_fetch(l, s, f->content);
	case FETCHER_WEBHOOK:
		return answer_webhook(l, s, f->content);
	default:
		return answer_status(l, s, f->content);
	}
}

/* False when there is no next one. */
static bool serve_one(struct line *l, struct scope *s)
{
	struct link_frame f;
	if (link_receive(s, l->link, -1, fetcher_protocol_most(l->peer), 0, &f) != OK)
		return false;
	enum err e = answer(l, s, &f);
	if (e == OK)
		return true;
	if (link_is_broken(l->link) || message_send_fault(s, l->link, e) != OK)
		return false;
	return e != ERR_FORMAT;
}

static enum err open_line(struct line *l, struct scope *s)
{
	const struct fetch_curl_config config = { .total_ms = l->shared->total_ms,
		.targets = l->shared->targets,
		.timestamps_stay = true };
	const char *cache = l->shared->configuration->cache;
	TRY(world_system_new(s, &config, &l->w));
	/* Without a folder nothing is kept; the work goes on. */
	if (cache && world_system_keep(s, l->w, cache, INSTANT_NONE) != OK)
		scope_forgive(s);
	return OK;
}

void fetcher_line_serve(struct fetcher_line_shared *shared, struct link *link, enum role peer)
{
	struct line l = { .shared = shared, .link = link, .peer = peer };
	struct scope *s = scope_new(0);
	bool goes_on = s && open_line(&l, s) == OK;
	while (goes_on) {
		struct scope *request = scope_new(0);
		goes_on = request && serve_one(&l, request);
		scope_free(request);
	}
	scope_free(s);
}
