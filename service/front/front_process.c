/*
 * The front's main: sets up the store, the log, the pools and the server; then listens to the
 * steward until the end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/front/event_log.h"
#include "service/front/front_tables.h"
#include "service/front/http_server.h"
#include "service/front/link_pool.h"
#include "service/front/metrics.h"
#include "service/front/page.h"
#include "service/front/rate_limit.h"
#include "service/front/sealing_clock.h"
#include "service/front/webhook_queue.h"
#include "service/log/audit_log.h"
#include "service/output_file.h"
#include "service/process/confinement.h"
#include "service/process/message.h"
#include "service/store/store.h"
#include "service/store/store_files.h"

#define TICK_MS 250

static enum err join(struct scope *s, const char *folder, const char *name, const char **ret_path)
{
	char *path;
	struct buf b = buf_new(s, 4096);
	buf_addf(&b, "%s/%s", folder, name);
	TRY(buf_done_str(&b, &path));
	*ret_path = path;
	return OK;
}

/* -- what may be read: the folders of files that are replaced when they are renewed -- */
struct paths {
	const char *item[64];
	size_t n;
};

static enum err add_folder_of(struct scope *s, struct paths *p, const char *file)
{
	char *copy;
	if (!file || p->n == sizeof(p->item) / sizeof(p->item[0]))
		return OK;
	TRY(bytes_to_str(s, bytes_of_str(file), &copy));
	char *end = strrchr(copy, '/');
	if (end == copy || !end)
		return OK;
	*end = 0;
	p->item[p->n++] = copy;
	return OK;
}

static enum err add_listener(
    struct scope *s, struct paths *p, const struct configuration_listener *l)
{
	TRY(add_folder_of(s, p, l->certificate));
	TRY(add_folder_of(s, p, l->key));
	return add_folder_of(s, p, l->client_authorities);
}

static enum err confine(struct scope *s, const struct configuration *c)
{
	struct paths p = { { "/etc", "/usr", "/lib", "/dev", "/sys", "/proc" }, 6 };
	const char *const writable[] = { c->data };
	TRY(add_listener(s, &p, &c->api));
	TRY(add_listener(s, &p, &c->window));
	TRY(add_listener(s, &p, &c->desk));
	for (size_t i = 0; i < c->n_portals; i++)
		TRY(add_folder_of(s, &p, c->portal[i].webhook_secret_file));
	return confinement_enter(s, ROLE_FRONT,
	    &(struct confinement){
		.readable = p.item, .n_readable = p.n, .writable = writable, .n_writable = 1 });
}

/* -- setting up -- */
struct work {
	struct front front;
	struct scope *s;
	struct link *control;
	struct webhook_queue *webhooks;
};

static struct instant now(void)
{
	return (struct instant){ time(NULL) };
}

static enum err open_data(struct work *w, const struct configuration *c)
{
	const struct store_options options = { .folder = c->data, .now = now() };
	const char *log;
	TRY(join(w->s, c->data, "log", &log));
	TRY(store_open(w->s, &options, &w->front.store));
	return audit_log_open(w->s, log, 0, &w->front.log);
}

static enum err make_pools(struct work *w)
{
	w->front.workers = link_pool_new("worker");
	w->front.keeper = link_pool_new("keeper");
	w->front.fetcher = link_pool_new("fetcher");
	w->front.metrics = metrics_new();
	w->front.rates = rate_limit_new();
	if (!w->front.workers || !w->front.keeper || !w->front.fetcher || !w->front.metrics ||
	    !w->front.rates)
		return scope_fault(w->s, ERR_NOMEM, "out of memory");
	return OK;
}

static const struct route *const tables[] = { desk_approvals_routes, desk_check_routes,
	desk_filing_routes, desk_log_routes, desk_partners_routes, desk_queue_routes,
	filing_api_routes, http_probe_routes, page_routes, partner_keys_routes,
	partner_pages_routes, person_account_routes, ready_routes, sealing_api_routes,
	window_pages_routes };

static enum err show_problem(struct front *f, struct scope *s, const struct http_request *q,
    int problem, const char *detail, struct http_reply *r)
{
	return page_problem(f, s, q, (enum problem)problem, detail, r);
}

static enum err start_server(struct work *w, const struct configuration *c)
{
	const struct http_server_config config = {
		.configuration = c,
		.tables = tables,
		.n_tables = sizeof(tables) / sizeof(tables[0]),
		.incoming = store_files_incoming(w->front.store),
		.problem_page = show_problem,
		.metrics = w->front.metrics,
		.log = 2,
	};
	return http_server_start(w->s, &w->front, &config, &w->front.server);
}

/* For those who asked for any free port: tests and demonstrations. */
static enum err tell_ports(struct work *w, const struct configuration *c)
{
	const char *path;
	struct bytes text;
	struct buf b = buf_new(w->s, 4096);
	struct json j = json_new(&b, true);
	json_begin_object(&j, NULL);
	json_int(&j, "api", http_server_port(w->front.server, HTTP_API));
	json_int(&j, "window", http_server_port(w->front.server, HTTP_WINDOW));
	json_int(&j, "desk", http_server_port(w->front.server, HTTP_DESK));
	json_end_object(&j);
	buf_add_byte(&b, '\n');
	TRY(buf_done(&b, &text));
	TRY(join(w->s, c->data, "run/ports.json", &path));
	return output_file_put(w->s, path, text);
}

static enum err note(struct work *w, enum audit_kind kind)
{
	struct scope *s = scope_new(0);
	if (!s)
		return ERR_NOMEM;
	const struct event_log_actor nobody = { 0 };
	enum err e = event_log_write(&w->front, s, &nobody, (struct audit_entry){ .kind = kind });
	if (e != OK)
		scope_fault(w->s, e, "%s", scope_fault_text(s));
	scope_free(s);
	return e;
}

static enum err set_up(struct work *w, const struct configuration *c)
{
	atomic_init(&w->front.configuration, c);
	TRY(confine(w->s, c));
	TRY(make_pools(w));
	TRY(open_data(w, c));
	TRY(note(w, AUDIT_SERVICE_STARTED));
	TRY(sealing_clock_start(&w->front, w->s));
	TRY(webhook_queue_start(&w->front, w->s, &w->webhooks));
	TRY(start_server(w, c));
	TRY(tell_ports(w, c));
	return link_send(w->s, w->control, CONTROL_READY, BYTES_NONE, NULL, 0);
}

/* -- the steward's words -- */
static enum err take_peer(struct work *w, struct scope *s, struct link_frame *f)
{
	struct role_peer peer;
	TRY(role_take_peer(s, w->control, f, &peer));
	if (peer.role == ROLE_WORKER)
		link_pool_add(w->front.workers, peer.link);
	else if (peer.role == ROLE_KEEPER)
		link_pool_add(w->front.keeper, peer.link);
	else if (peer.role == ROLE_FETCHER)
		link_pool_add(w->front.fetcher, peer.link);
	else
		link_free(peer.link);
	return OK;
}

/* Threads may be reading the former configuration, so it stays; there is one for each time that a
 * person asks for it. */
static void reload(struct work *w, struct bytes content)
{
	const struct configuration *c;
	struct scope *kept = scope_new(0);
	enum err e = ERR_NOMEM;
	if (kept)
		e = role_take_configuration(kept, content, &c, NULL);
	if (e == OK)
		e = http_server_reload_tls(kept, w->front.server);
	if (e != OK) {
		diagnostic_line("reload: %s", kept ? scope_fault_text(kept) : "out of memory");
		scope_free(kept);
		return;
	}
	atomic_store(&w->front.configuration, c);
	if (note(w, AUDIT_CONFIGURATION_LOADED) != OK)
		diagnostic_line("reload: it is not in the log: %s", scope_fault_text(w->s));
}

/* Workers that overran, to be ended by who may. */
static enum err tell_dropped(struct work *w, struct scope *s)
{
	unsigned index[64];
	const size_t n = link_pool_take_dropped(w->front.workers, index, 64);
	metrics_add(w->front.metrics, METRIC_WORKERS_LOST, (int64_t)n);
	for (size_t i = 0; i < n; i++) {
		struct bytes content;
		struct buf b = buf_new(s, 64);
		message_put_number(&b, ROLE_FIELD_INDEX, index[i]);
		TRY(buf_done(&b, &content));
		TRY(link_send(s, w->control, CONTROL_END, content, NULL, 0));
	}
	return OK;
}

/* Links that broke while their peer lives on are replaced by nobody else. */
static enum err want_link(struct work *w, struct scope *s, struct link_pool *pool, enum role role)
{
	struct bytes content;
	struct buf b = buf_new(s, 64);
	if (link_pool_count(pool) >= LIMIT_FRONT_LINKS)
		return OK;
	message_put_number(&b, ROLE_FIELD_ROLE, role);
	TRY(buf_done(&b, &content));
	return link_send(s, w->control, CONTROL_WANT, content, NULL, 0);
}

/* What nobody counts as it changes. */
static void measure(struct work *w, struct scope *s)
{
	struct metrics *m = w->front.metrics;
	struct merkle_hash root;
	uint64_t records;
	metrics_set(m, METRIC_WORKERS, (int64_t)link_pool_count(w->front.workers));
	metrics_set(m, METRIC_WORKERS_WAITING, (int64_t)link_pool_waiting(w->front.workers));
	metrics_set(m, METRIC_KEEPER_LINKS, (int64_t)link_pool_count(w->front.keeper));
	if (audit_log_root(s, w->front.log, &records, &root) == OK)
		metrics_set(m, METRIC_AUDIT_RECORDS, (int64_t)records);
	else
		scope_forgive(s);
}

/* True until the end. */
static bool listen(struct work *w)
{
	struct link_frame f;
	bool go_on = true;
	struct scope *s = scope_new(0);
	if (!s)
		return false;
	enum err e = link_receive(s, w->control, TICK_MS, LIMIT_CONTROL_FRAME, 1, &f);
	if (e == OK && f.kind == CONTROL_PEER)
		go_on = take_peer(w, s, &f) == OK;
	else if (e == OK && f.kind == CONTROL_RELOAD)
		reload(w, f.content);
	else if (e == OK)
		go_on = false;
	else
		go_on = e == ERR_LIMIT && !link_is_broken(w->control);
	go_on = go_on && tell_dropped(w, s) == OK &&
		want_link(w, s, w->front.keeper, ROLE_KEEPER) == OK &&
		want_link(w, s, w->front.fetcher, ROLE_FETCHER) == OK;
	measure(w, s);
	scope_free(s);
	return go_on;
}

/* Workers, keeper and fetcher are there until this process is gone. */
static void tear_down(struct work *w)
{
	if (w->front.server)
		http_server_drain(w->front.server, LIMIT_HTTP_DRAIN_S * 1000);
	webhook_queue_stop(w->webhooks);
	sealing_clock_stop(w->front.clock);
	if (w->front.log && note(w, AUDIT_SERVICE_STOPPED) != OK)
		diagnostic_line("the end is not in the log: %s", scope_fault_text(w->s));
	http_server_stop(w->front.server);
	store_close(w->front.store);
}

int front_process_run(struct scope *s, const struct role_context *c)
{
	struct work w = { .s = s, .control = c->control };
	enum err e = set_up(&w, c->configuration);
	if (e != OK)
		diagnostic_line("%s", scope_fault_text(s));
	while (e == OK && listen(&w))
		continue;
	tear_down(&w);
	return e == OK ? EXIT_STATUS_DONE : exit_status_of_err(e);
}
