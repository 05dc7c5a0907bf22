#include "service/front/http_server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/scope.h"
#include "service/folder.h"
#include "service/front/http_exchange.h"
#include "service/front/http_head.h"
#include "service/front/http_listen.h"
#include "service/front/http_own.h"
#include "service/front/http_probe.h"

/* -- what is prepared once -- */

/* As many files as the system lets; connections take at most 7 of 8. */
static unsigned raise_files(unsigned connections)
{
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r))
		return connections;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur == RLIM_INFINITY)
		return connections;
	rlim_t most = r.rlim_cur - r.rlim_cur / 8;
	return connections < most ? connections : (unsigned)most;
}

/* What a former run left there belongs to no request. */
static enum err empty_incoming(struct scope *s, const char *path)
{
	struct folder f;
	TRY(folder_make(s, path));
	do {
		TRY(folder_list(s, path, "", &f));
		for (size_t i = 0; i < f.n; i++)
			if (unlink(f.paths[i]))
				return scope_fault(
				    s, ERR_IO, "%s: %s", f.paths[i], strerror(errno));
	} while (f.n);
	return OK;
}

static enum err take_tables(struct http_server *h)
{
	const struct http_server_config *c = &h->config;
	bool has_probes = false;
	h->tables = scope_alloc_array(h->s, c->n_tables + 1, sizeof(*h->tables));
	if (!h->tables)
		return ERR_NOMEM;
	for (size_t i = 0; i < c->n_tables; i++) {
		h->tables[h->n_tables++] = c->tables[i];
		has_probes = has_probes || c->tables[i] == http_probe_routes;
	}
	if (!has_probes)
		h->tables[h->n_tables++] = http_probe_routes;
	TRY(route_check_tables(h->s, h->tables, h->n_tables));
	for (size_t i = 0; i < h->n_tables; i++)
		for (const struct route *r = h->tables[i]; r->method; r++)
			metrics_add_route(h->metrics, r->method, r->pattern);
	return OK;
}

static enum err make_parts(struct http_server *h)
{
	const struct configuration *c = h->config.configuration;
	h->connections = raise_files(c->limits.connections);
	h->body_rules = (struct http_body_rules){
		.incoming = h->config.incoming,
		.file_most = c->limits.document,
		.most = c->limits.document > UINT64_MAX / 8
			    ? c->limits.document
			    : c->limits.document * 4 + LIMIT_HTTP_FIELDS,
		.in_memory = &h->bodies_in_memory,
		.metrics = h->metrics,
	};
	h->rates = rate_limit_new();
	h->watch = http_watch_new(h->connections, h->metrics);
	h->queue = http_queue_new(c->limits.request_threads, c->limits.queue, h->metrics,
	    http_exchange_work, http_exchange_refuse);
	if (h->config.log >= 0)
		h->log = request_log_new(h->config.log, h->metrics);
	if (!h->rates || !h->watch || !h->queue || (h->config.log >= 0 && !h->log))
		return scope_fault(h->s, ERR_NOMEM, "http: out of memory");
	return OK;
}

/* -- listeners -- */

static struct MHD_Daemon *start_daemon(
    struct http_own_listener *l, int socket, const struct http_tls *tls)
{
	const struct configuration *c = l->server->config.configuration;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_SUSPEND_RESUME | MHD_USE_TURBO |
			 (tls->certificate ? MHD_USE_TLS : 0);
	const struct {
		enum MHD_OPTION option;
		const void *value;
	} texts[] = { { MHD_OPTION_HTTPS_MEM_CERT, tls->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, tls->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, tls->certificate ? http_tls_priorities : NULL },
		{ MHD_OPTION_HTTPS_MEM_TRUST, tls->client_authorities } };
	struct MHD_OptionItem more[5] = { { MHD_OPTION_END, 0, NULL } };
	size_t n = 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		union {
			const void *borrowed;
			void *as_mhd_wants;
		} p = { .borrowed = texts[i].value };
		if (p.borrowed)
			more[n++] = (struct MHD_OptionItem){ texts[i].option, 0, p.as_mhd_wants };
	}
	more[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	return MHD_start_daemon(flags, 0, NULL, NULL, http_exchange_step, l,
	    MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_CONNECTION_LIMIT, l->server->connections,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_HTTP_MEMORY,
	    MHD_OPTION_CONNECTION_TIMEOUT, c->limits.idle_seconds,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, c->limits.connections_per_address,
	    MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_URI_LOG_CALLBACK, http_exchange_target, l,
	    MHD_OPTION_UNESCAPE_CALLBACK, http_exchange_keep_escaped, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, http_exchange_end, l, MHD_OPTION_NOTIFY_CONNECTION,
	    http_exchange_connection, l, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

/* A daemon at the listener's socket, with the certificates as they are now. */
static enum err serve(struct scope *s, struct http_own_listener *l, struct MHD_Daemon **ret_daemon)
{
	struct scope *files = scope_new((size_t)4 * LIMIT_HTTP_TLS_FILE);
	struct http_tls tls;
	if (!files)
		return scope_fault(s, ERR_NOMEM, "http: out of memory");
	enum err e = http_tls_load(files, l->configuration, &tls);
	if (e != OK) {
		e = scope_fault(s, e, "%s", scope_fault_text(files));
		scope_free(files);
		return e;
	}
	int socket = fcntl(l->socket, F_DUPFD_CLOEXEC, 0);
	struct MHD_Daemon *d = socket < 0 ? NULL : start_daemon(l, socket, &tls);
	scope_free(files);
	if (!d && socket >= 0)
		close(socket);
	if (!d)
		return scope_fault(s, ERR_IO, "%s: the listener cannot be started", l->name);
	*ret_daemon = d;
	return OK;
}

static enum err listen_at(struct scope *s, struct http_server *h, enum http_listener which,
    const char *name, const struct configuration_listener *at)
{
	struct http_own_listener *l = &h->listener[h->n_listeners];
	if (!at->address)
		return OK;
	*l = (struct http_own_listener){ .server = h,
		.configuration = at,
		.which = which,
		.name = name,
		.socket = -1,
		.is_tls = at->certificate && at->key };
	if (at->url)
		TRY(http_head_authority(h->s, at->url, &l->authority));
	TRY(http_listen_open(s, at, &l->socket, &l->port));
	h->n_listeners++;
	return serve(s, l, &l->daemon);
}

static enum err begin(struct scope *s, struct http_server *h)
{
	const struct configuration *c = h->config.configuration;
	enum err e = take_tables(h);
	if (e == OK)
		e = empty_incoming(h->s, h->config.incoming);
	if (e == OK)
		e = make_parts(h);
	if (e != OK)
		return scope_fault(s, e, "%s", scope_fault_text(h->s));
	TRY(listen_at(s, h, HTTP_API, "api", &c->api));
	TRY(listen_at(s, h, HTTP_WINDOW, "window", &c->window));
	return listen_at(s, h, HTTP_DESK, "desk", &c->desk);
}

enum err http_server_start(struct scope *s, struct front *f,
    const struct http_server_config *config, struct http_server **ret_server)
{
	struct scope *own = scope_new(0);
	struct http_server *h = own ? scope_alloc(own, sizeof(*h)) : NULL;
	if (!h) {
		scope_free(own);
		return scope_fault(s, ERR_NOMEM, "http: out of memory");
	}
	h->s = own;
	h->front = f;
	h->config = *config;
	h->metrics = config->metrics;
	/* Its threads take no signals: these are the business of whoever starts it. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	enum err e = begin(s, h);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (e != OK)
		http_server_stop(h);
	else
		*ret_server = h;
	return e;
}

uint16_t http_server_port(const struct http_server *h, enum http_listener which)
{
	for (size_t i = 0; i < h->n_listeners; i++)
		if (h->listener[i].which == which)
			return h->listener[i].port;
	return 0;
}

size_t http_server_waiting(const struct http_server *h)
{
	return http_queue_waiting(h->queue);
}

/* -- the end -- */

static void stop_accepting(struct http_own_listener *l)
{
	int socket = l->daemon ? MHD_quiesce_daemon(l->daemon) : -1;
	if (socket >= 0)
		close(socket);
	if (l->socket >= 0)
		close(l->socket);
	l->socket = -1;
}

void http_server_drain(struct http_server *h, unsigned most_ms)
{
	int64_t until = http_watch_now_ms() + most_ms;
	if (!atomic_exchange(&h->drains, true))
		for (size_t i = 0; i < h->n_listeners; i++)
			stop_accepting(&h->listener[i]);
	do {
		http_watch_end_idle(h->watch);
		if (!atomic_load(&h->under_way))
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	} while (http_watch_now_ms() < until);
}

void http_server_stop(struct http_server *h)
{
	if (!h)
		return;
	if (h->watch)
		http_server_drain(h, LIMIT_HTTP_DRAIN_S * 1000);
	/* Afterwards none is suspended, as MHD_stop_daemon wants it. */
	if (h->queue)
		http_queue_end(h->queue);
	for (size_t i = 0; i < h->n_listeners; i++) {
		struct http_own_listener *l = &h->listener[i];
		for (size_t k = 0; k < HTTP_OWN_FORMER; k++)
			if (l->former[k])
				MHD_stop_daemon(l->former[k]);
		if (l->daemon)
			MHD_stop_daemon(l->daemon);
	}
	http_queue_free(h->queue);
	http_watch_free(h->watch);
	rate_limit_free(h->rates);
	request_log_free(h->log);
	scope_free(h->s);
}

/* -- certificates -- */

/* A place for a daemon that is replaced; former ones that serve nobody any more end. */
static struct MHD_Daemon **place_for_former(struct http_own_listener *l)
{
	struct MHD_Daemon **free_place = NULL;
	for (size_t i = 0; i < HTTP_OWN_FORMER; i++) {
		const union MHD_DaemonInfo *info =
		    l->former[i]
			? MHD_get_daemon_info(l->former[i], MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
			: NULL;
		if (info && !info->num_connections) {
			MHD_stop_daemon(l->former[i]);
			l->former[i] = NULL;
		}
		if (!l->former[i])
			free_place = &l->former[i];
	}
	return free_place;
}

/* A new daemon at the same socket; the former one only serves the connections that it has. */
static enum err reload(struct scope *s, struct http_own_listener *l)
{
	struct MHD_Daemon *d, **place = place_for_former(l);
	if (!l->is_tls || l->socket < 0)
		return OK;
	if (!place)
		return scope_fault(s, ERR_MISUSE, "%s: still busy with former reloads", l->name);
	TRY(serve(s, l, &d));
	int socket = MHD_quiesce_daemon(l->daemon);
	if (socket >= 0)
		close(socket);
	*place = l->daemon;
	l->daemon = d;
	return OK;
}

enum err http_server_reload_tls(struct scope *s, struct http_server *h)
{
	sigset_t all, before;
	enum err first = OK;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (size_t i = 0; i < h->n_listeners; i++) {
		enum err e = reload(s, &h->listener[i]);
		first = first == OK ? e : first;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return first;
}
