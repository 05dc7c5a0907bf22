#include "service/front/ready.h"

#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/fetcher/fetcher_client.h"
#include "service/front/front.h"
#include "service/front/http_server.h"
#include "service/front/link_pool.h"
#include "service/front/sealing_engine.h"
#include "service/keeper/keeper_client.h"
#include "service/store/store_files.h"
#include "validator/embed.h"

EMBED(ready_openapi, "service/front/openapi.json");

/* One thing that is needed. `detail` NULL: nothing to tell. */
struct check {
	const char *name;
	bool is_well;
	const char *detail;
};

typedef enum err look(struct front *f, struct scope *s, struct check *c);

static enum err tell(struct scope *s, struct check *c, bool is_well, struct buf *b)
{
	char *text;
	TRY(buf_done_str(b, &text));
	(void)s;
	c->is_well = is_well;
	c->detail = text;
	return OK;
}

static enum err look_at_store(struct front *f, struct scope *s, struct check *c)
{
	TRY(store_probe(s, f->store));
	c->is_well = true;
	return OK;
}

static enum err look_at_disk(struct front *f, struct scope *s, struct check *c)
{
	uint64_t octets;
	struct buf b = buf_new(s, 64);
	TRY(store_files_free(s, f->store, &octets));
	buf_addf(&b, "%llu octets free", (unsigned long long)octets);
	return tell(s, c, octets >= LIMIT_READY_DISK, &b);
}

/* Anchors as a worker has them: there, and not all at their end. */
static enum err look_at_workers(struct front *f, struct scope *s, struct check *c)
{
	struct worker_client worker = sealing_engine_worker(f);
	struct worker_client_readiness w;
	struct buf b = buf_new(s, 256);
	char until[INSTANT_TEXT];
	worker.wait_ms = LIMIT_READY_MS;
	worker.work_ms = LIMIT_READY_MS;
	TRY(worker_client_ready(s, &worker, &w));
	instant_to_rfc3339(w.soonest, until);
	buf_addf(&b, "%zu anchors, the first ends %s", w.anchors, until);
	return tell(s, c, w.anchors > 0, &b);
}

static enum err look_at_keeper(struct front *f, struct scope *s, struct check *c)
{
	struct keeper_client_status k;
	struct link *l;
	struct buf b = buf_new(s, 256);
	size_t locked = 0;
	TRY(link_pool_take(s, f->keeper, LIMIT_READY_MS, &l));
	const enum err e = keeper_client_status(s, l, &k);
	link_pool_give(f->keeper, l);
	TRY(e);
	for (size_t i = 0; i < k.n_keys; i++)
		locked += !k.key[i].is_open;
	buf_addf(&b, "%zu unattended keys, %zu of them locked", k.n_keys, locked);
	return tell(s, c, true, &b);
}

static enum err look_at_authorities(struct front *f, struct scope *s, struct check *c)
{
	const struct configuration *conf = f->configuration;
	struct fetcher_status st;
	struct link *l;
	struct buf b = buf_new(s, 1024);
	TRY(link_pool_take(s, f->fetcher, LIMIT_READY_MS, &l));
	const enum err e = fetcher_client_status(s, l, &st);
	link_pool_give(f->fetcher, l);
	TRY(e);
	buf_addf(&b, "%zu timestamp authorities", st.n_authorities);
	return tell(s, c, !conf->n_tsa || fetcher_status_has_authority(&st), &b);
}

static enum err look_at_queue(struct front *f, struct scope *s, struct check *c)
{
	const struct configuration *conf = f->configuration;
	const size_t waiting = http_server_waiting(f->server);
	struct buf b = buf_new(s, 64);
	buf_addf(&b, "%zu requests wait", waiting);
	return tell(s, c, waiting * 4 < (size_t)conf->limits.queue * 3 || !waiting, &b);
}

static const struct {
	const char *name;
	look *does;
} looks[] = {
	{ "store", look_at_store },
	{ "disk", look_at_disk },
	{ "anchors", look_at_workers },
	{ "keeper", look_at_keeper },
	{ "timestamps", look_at_authorities },
	{ "queue", look_at_queue },
};

static enum err ready(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct buf b = buf_new(s, 8192);
	struct json j = json_new(&b, false);
	bool all = true;
	struct bytes body;
	(void)q;
	json_begin_object(&j, NULL);
	json_begin_array(&j, "checks");
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
		struct check c = { .name = looks[i].name };
		const enum err e = looks[i].does(f, s, &c);
		if (e != OK) { /* what exactly failed is for the log, not for everybody */
			c.is_well = false;
			c.detail = err_name(e);
			scope_forgive(s);
		}
		all = all && c.is_well;
		json_begin_object(&j, NULL);
		json_string(&j, "name", c.name);
		json_bool(&j, "ok", c.is_well);
		json_string(&j, "detail", c.detail);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_bool(&j, "ready", all);
	json_end_object(&j);
	TRY(buf_done(&b, &body));
	http_reply_body(r, all ? 200 : 503, "application/json", body);
	return OK;
}

static enum err openapi(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	(void)f;
	(void)s;
	(void)q;
	http_reply_body(r, 200, "application/json",
	    bytes_of(ready_openapi, (size_t)(ready_openapi_end - ready_openapi)));
	r->may_cache = true;
	return OK;
}

const struct route ready_routes[] = {
	{ .listeners = HTTP_API | HTTP_WINDOW | HTTP_DESK,
	    .method = "GET",
	    .pattern = "/readyz",
	    .any_host = true,
	    .handle = ready },
	{ .listeners = HTTP_API, .method = "GET", .pattern = "/openapi.json", .handle = openapi },
	{ 0 },
};
