#include "service/front/http_exchange.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/http_head.h"
#include "service/front/http_send.h"

static const char nothing_more[] =
    "{\"type\":\"urn:bulla:problem:internal\",\"code\":\"internal\",\"status\":500}";

/* -- connections -- */

static void tell_address(struct MHD_Connection *connection, struct http_watched *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = info ? info->client_addr : NULL;
	union {
		struct sockaddr_storage storage;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} of;
	memset(&of, 0, sizeof(of));
	snprintf(c->address, sizeof(c->address), "unknown");
	if (a && a->sa_family == AF_INET) {
		memcpy(&of.four, a, sizeof(of.four));
		inet_ntop(AF_INET, &of.four.sin_addr, c->address, sizeof(c->address));
	}
	memcpy(c->rate_key, c->address, sizeof(c->rate_key));
	if (a && a->sa_family == AF_INET6) {
		memcpy(&of.six, a, sizeof(of.six));
		inet_ntop(AF_INET6, &of.six.sin6_addr, c->address, sizeof(c->address));
		memset(of.six.sin6_addr.s6_addr + 8, 0, 8);
		inet_ntop(AF_INET6, &of.six.sin6_addr, c->rate_key, sizeof(c->rate_key));
	}
}

static void open_connection(
    struct http_own_listener *l, struct MHD_Connection *connection, void **socket_context)
{
	struct http_server *h = l->server;
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct http_watched *c = calloc(1, sizeof(*c));
	if (!c || !info) {
		free(c);
		return; /* every request on it is then refused */
	}
	*socket_context = c;
	tell_address(connection, c);
	http_watch_add(h->watch, c, info->connect_fd, http_own_until(h, LIMIT_HTTP_HEAD_S, 0));
	metrics_add(h->metrics, METRIC_CONNECTIONS, 1);
	metrics_add(h->metrics, METRIC_CONNECTIONS_TOTAL, 1);
}

void http_exchange_connection(void *ctx, struct MHD_Connection *connection, void **socket_context,
    enum MHD_ConnectionNotificationCode code)
{
	struct http_own_listener *l = ctx;
	struct http_watched *c = *socket_context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		open_connection(l, connection, socket_context);
	} else if (c) {
		http_watch_remove(l->server->watch, c);
		metrics_add(l->server->metrics, METRIC_CONNECTIONS, -1);
		free(c);
		*socket_context = NULL;
	}
}

size_t http_exchange_keep_escaped(void *ctx, struct MHD_Connection *connection, char *text)
{
	(void)ctx;
	(void)connection;
	return strlen(text);
}

/* -- beginning -- */

void *http_exchange_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_own_exchange *x = calloc(1, sizeof(*x));
	if (!x)
		return NULL;
	x->at = ctx;
	x->connection = connection;
	x->watched = info ? info->socket_context : NULL;
	x->target = strdup(target);
	x->row = METRICS_NO_ROUTE;
	x->r.file = -1;
	x->began_us = http_watch_now_us();
	return x;
}

static bool name_it(struct http_own_exchange *x)
{
	uint8_t random[12];
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return false;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(x->id + 2 * i, 3, "%02x", random[i]);
	return true;
}

static void look_at_client(struct http_own_exchange *x)
{
	struct http_watched *c = x->watched;
	if (!x->at->is_tls || c->certificate_known)
		return;
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	c->certificate_known = true;
	if (x->at->configuration->client_authorities)
		http_tls_client(info ? info->tls_session : NULL, c->certificate);
}

static bool begin(struct http_own_exchange *x)
{
	struct http_server *h = x->at->server;
	x->s = x->target && x->watched ? scope_new(LIMIT_HTTP_SCOPE) : NULL;
	if (!x->s || !name_it(x))
		return false;
	http_reply_begin(&x->r, x->s);
	atomic_fetch_add(&h->under_way, 1);
	x->is_counted = true;
	look_at_client(x);
	http_watch_until(h->watch, x->watched, 0, false);
	x->q = (struct http_request){
		.listener = x->at->which,
		.method = "",
		.path = "",
		.at = { time(NULL) },
		.id = x->id,
		.address = x->watched->address,
		.client_certificate = *x->watched->certificate ? x->watched->certificate : NULL,
		.is_tls = x->at->is_tls,
		.values = &x->values,
		.front = h->front,
		.problem_page = h->config.problem_page,
	};
	return true;
}

/* -- replies -- */

/* The fault's text was for us, not for the client, when the service is at fault. */
static void tell_problem(struct http_own_exchange *x, enum problem problem, const char *detail)
{
	char *kept = NULL;
	if (detail && bytes_to_str(x->s, bytes_of_str(detail), &kept) != OK)
		kept = NULL;
	if (problem == PROBLEM_INTERNAL || problem == PROBLEM_STORAGE) {
		x->fault = kept;
		kept = NULL;
	}
	scope_forgive(x->s);
	x->r.is_broken = false;
	if (problem_reply(x->s, &x->q, problem, kept, &x->r) == OK && !x->r.is_broken)
		return;
	http_reply_drop(&x->r);
	http_reply_body(&x->r, 500, "application/problem+json", bytes_of_str(nothing_more));
}

/* After check or handle. */
static void settle(struct http_own_exchange *x, enum err e, bool must_reply)
{
	if (e != OK) {
		x->r.n_headers = 0;
		tell_problem(x, problem_of_err(e), scope_fault_text(x->s));
	} else if (x->r.is_broken || (must_reply && !x->r.status)) {
		x->r.n_headers = 0;
		tell_problem(x, PROBLEM_INTERNAL, "the route made no proper reply");
	}
}

/* Replies that are not taken stay in memory: all of them together are bounded. */
static bool reserve_reply(struct http_own_exchange *x)
{
	struct http_server *h = x->at->server;
	size_t n = x->r.body.n, before = atomic_fetch_add(&h->replies_in_memory, n);
	bool has_room = before <= LIMIT_HTTP_REPLIES && n <= LIMIT_HTTP_REPLIES - before;
	x->reserved = has_room ? n : 0;
	if (!has_room)
		atomic_fetch_sub(&h->replies_in_memory, n);
	return has_room;
}

static enum MHD_Result send_now(struct http_own_exchange *x)
{
	if (!reserve_reply(x)) {
		http_reply_drop(&x->r);
		tell_problem(x, PROBLEM_BUSY, "too many replies wait to be taken");
	}
	x->step = HTTP_STEP_REPLY;
	return http_send_reply(x) ? MHD_YES : MHD_NO;
}

static void body_until(struct http_own_exchange *x)
{
	const struct http_server *h = x->at->server;
	uint64_t octets = x->length == HTTP_BODY_LENGTH_UNKNOWN ? 0 : x->length;
	x->body_until_ms = http_own_until(h, LIMIT_HTTP_BODY_S, 0);
	http_watch_until(h->watch, x->watched, http_own_until(h, LIMIT_HTTP_BODY_S, octets), false);
}

/* x->r refuses the request before its body was read whole. A client that sends a body hears the
 * answer only after that: the rest is read and thrown away, when it is little. */
static enum MHD_Result send_refusal(struct http_own_exchange *x, bool began_body)
{
	bool is_little = x->length != HTTP_BODY_LENGTH_UNKNOWN && x->length <= LIMIT_HTTP_DRAIN;
	bool is_read = began_body || !x->has_body || (is_little && !x->expects_continue);
	if (!x->is_whole && is_read && !x->is_unclear) {
		x->step = HTTP_STEP_DRAIN;
		body_until(x);
		return MHD_YES;
	}
	x->closes = x->closes || !x->is_whole;
	return send_now(x);
}

static enum problem problem_of_body(enum err e)
{
	switch (e) {
	case ERR_UNSUPPORTED:
		return PROBLEM_MEDIA_TYPE;
	case ERR_NET:
		return PROBLEM_BUSY;
	case ERR_IO:
		return PROBLEM_STORAGE;
	case OK:
	case ERR_NOMEM:
	case ERR_LIMIT:
	case ERR_FORMAT:
	case ERR_CRYPTO:
	case ERR_DENIED:
	case ERR_MISUSE:
	case ERR_INTERNAL:
		break;
	}
	return problem_of_err(e);
}

static enum MHD_Result refuse(struct http_own_exchange *x, enum problem problem, bool began_body)
{
	tell_problem(x, problem, scope_fault_text(x->s));
	http_body_end(x->body);
	x->body = NULL;
	return send_refusal(x, began_body);
}

/* -- request threads -- */

void http_exchange_work(void *job)
{
	struct http_own_exchange *x = job;
	struct front *f = x->at->server->front;
	enum err e = OK;
	if (x->step == HTTP_STEP_CHECKING && x->route->check) {
		e = x->route->check(f, x->s, &x->q, &x->r);
		settle(x, e, false);
	}
	if (x->step == HTTP_STEP_CHECKING && (x->route->body != ROUTE_NO_BODY || x->r.status)) {
		x->step = HTTP_STEP_CHECKED;
	} else {
		e = x->route->handle(f, x->s, &x->q, &x->r);
		settle(x, e, true);
		http_body_settle(x->body);
		x->step = HTTP_STEP_DONE;
	}
	MHD_resume_connection(x->connection);
}

void http_exchange_refuse(void *job)
{
	struct http_own_exchange *x = job;
	tell_problem(x, PROBLEM_BUSY, "the service stops");
	x->step = x->step == HTTP_STEP_CHECKING ? HTTP_STEP_CHECKED : HTTP_STEP_DONE;
	MHD_resume_connection(x->connection);
}

/* Suspends before it queues: a request thread may be done with it before this returns. */
static enum MHD_Result hand_over(struct http_own_exchange *x, enum http_step step)
{
	struct http_server *h = x->at->server;
	struct MHD_Connection *connection = x->connection;
	http_watch_until(h->watch, x->watched, 0, false);
	x->step = step;
	MHD_suspend_connection(connection);
	if (http_queue_put(h->queue, x))
		return MHD_YES;
	metrics_add(h->metrics, METRIC_REFUSED_BUSY, 1);
	tell_problem(x, PROBLEM_BUSY, "too many requests wait");
	x->step = step == HTTP_STEP_CHECKING ? HTTP_STEP_CHECKED : HTTP_STEP_DONE;
	MHD_resume_connection(connection);
	return MHD_YES;
}

/* -- steps in I/O threads -- */

/* Bodies of a length that was not told get their time as they grow. */
static void body_goes_on(struct http_own_exchange *x)
{
	if (x->length == HTTP_BODY_LENGTH_UNKNOWN)
		http_watch_until(x->at->server->watch, x->watched,
		    x->body_until_ms +
			(int64_t)(http_body_octets(x->body) / LIMIT_HTTP_RATE) * 1000,
		    false);
}

static enum MHD_Result finish_body(struct http_own_exchange *x)
{
	enum err e = http_body_finish(x->s, x->body, &x->q);
	x->is_whole = true;
	return e == OK ? hand_over(x, HTTP_STEP_HANDLING) : refuse(x, problem_of_body(e), true);
}

/* A route without a body takes an empty one, of any type. */
static enum MHD_Result begin_body(struct http_own_exchange *x)
{
	struct http_server *h = x->at->server;
	if (x->route->body == ROUTE_NO_BODY)
		return hand_over(x, HTTP_STEP_HANDLING);
	enum err e = http_body_new(x->s, &h->body_rules, x->route, x->id,
	    http_request_header(&x->q, "Content-Type"), x->length, &x->body);
	if (e != OK)
		return refuse(x, problem_of_body(e), false);
	x->step = HTTP_STEP_BODY;
	body_until(x);
	return x->is_whole ? finish_body(x) : MHD_YES;
}

/* What can be known to be wrong before anything is asked of the store. */
static enum problem check_head(struct http_own_exchange *x)
{
	uint64_t most = http_body_most(&x->at->server->body_rules, x->route);
	const char *encoding = http_request_header(&x->q, "Content-Encoding");
	if (x->has_body && x->length != HTTP_BODY_LENGTH_UNKNOWN && x->length > most)
		return PROBLEM_TOO_LARGE;
	if (x->has_body && x->route->body == ROUTE_NO_BODY)
		return PROBLEM_TOO_LARGE;
	if (encoding && strcasecmp(encoding, "identity"))
		return PROBLEM_MEDIA_TYPE;
	return PROBLEM_COUNT;
}

static enum MHD_Result refuse_rate(struct http_own_exchange *x, unsigned wait_s)
{
	char text[16];
	char *kept;
	snprintf(text, sizeof(text), "%u", wait_s);
	if (bytes_to_str(x->s, bytes_of_str(text), &kept) == OK)
		http_reply_add(&x->r, "Retry-After", kept);
	metrics_add(x->at->server->metrics, METRIC_REFUSED_RATE, 1);
	return refuse(x, PROBLEM_TOO_MANY, false);
}

static unsigned rate_of(const struct http_own_exchange *x)
{
	struct http_server *h = x->at->server;
	unsigned per_minute = h->config.configuration->limits.requests_per_minute;
	return rate_limit_take(
	    h->rates, x->watched->rate_key, per_minute, per_minute / 4 + 1, http_watch_now_ms());
}

static enum MHD_Result step_whole(struct http_own_exchange *x)
{
	return x->route->check ? hand_over(x, HTTP_STEP_CHECKING) : begin_body(x);
}

static enum MHD_Result step_head(
    struct http_own_exchange *x, const char *method, const char *version)
{
	enum problem problem;
	if (!begin(x))
		return MHD_NO;
	enum err e = http_head_read(x, method, version, &problem);
	snprintf(x->method, sizeof(x->method), "%s", strlen(method) < 8 ? method : "-");
	if (e != OK)
		return refuse(x, PROBLEM_INTERNAL, false);
	unsigned wait_s = rate_of(x);
	if (wait_s)
		return refuse_rate(x, wait_s);
	if (problem == PROBLEM_COUNT && x->route)
		problem = check_head(x);
	if (problem != PROBLEM_COUNT)
		return refuse(x, problem, false);
	if (x->r.status)
		return send_refusal(x, false);
	if (x->has_body)
		return step_whole(x);
	x->step = HTTP_STEP_WHOLE;
	return MHD_YES;
}

/* libmicrohttpd's own buffer held it too. */
static void wipe_upload(const struct http_own_exchange *x, struct bytes piece)
{
	union {
		const uint8_t *borrowed;
		void *own;
	} upload = { .borrowed = piece.p };
	if (x->route && x->route->secret)
		bytes_wipe(upload.own, piece.n);
}

static enum MHD_Result step_body(struct http_own_exchange *x, const char *upload, size_t *n)
{
	struct bytes piece = bytes_of(upload, *n);
	if (!piece.n)
		return finish_body(x);
	*n = 0;
	metrics_add(x->at->server->metrics, METRIC_OCTETS_IN, (int64_t)piece.n);
	enum err e = http_body_feed(x->s, x->body, piece);
	wipe_upload(x, piece);
	if (e != OK)
		return refuse(x, problem_of_body(e), true);
	body_goes_on(x);
	return MHD_YES;
}

static enum MHD_Result step_drain(struct http_own_exchange *x, const char *upload, size_t *n)
{
	if (!*n) {
		x->is_whole = true;
		return send_now(x);
	}
	wipe_upload(x, bytes_of(upload, *n));
	x->drained += *n;
	*n = 0;
	uint64_t most = x->length == HTTP_BODY_LENGTH_UNKNOWN ? LIMIT_HTTP_DRAIN : x->length;
	return x->drained <= most ? MHD_YES : MHD_NO;
}

enum MHD_Result http_exchange_step(void *ctx, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *upload, size_t *upload_n, void **state)
{
	struct http_own_exchange *x = *state;
	(void)ctx;
	(void)connection;
	(void)path;
	if (!x)
		return MHD_NO;
	switch (x->step) {
	case HTTP_STEP_HEAD:
		return step_head(x, method, version);
	case HTTP_STEP_WHOLE:
		x->is_whole = true;
		return step_whole(x);
	case HTTP_STEP_CHECKED:
		return x->r.status ? send_refusal(x, false) : begin_body(x);
	case HTTP_STEP_BODY:
		return step_body(x, upload, upload_n);
	case HTTP_STEP_DRAIN:
		return step_drain(x, upload, upload_n);
	case HTTP_STEP_DONE:
		return send_now(x);
	case HTTP_STEP_CHECKING:
	case HTTP_STEP_HANDLING:
	case HTTP_STEP_REPLY:
		break;
	}
	return MHD_NO;
}

/* -- the end -- */

static void tell(struct http_own_exchange *x, bool is_sent)
{
	struct http_server *h = x->at->server;
	int64_t took_us = http_watch_now_us() - x->began_us;
	int status = is_sent ? x->r.status : 0;
	metrics_request(h->metrics, x->row, x->r.status, took_us);
	metrics_add(h->metrics, METRIC_OCTETS_OUT, is_sent ? (int64_t)x->sent : 0);
	request_log_add(h->log, &(struct request_log_line){
				    .at = x->q.at,
				    .id = x->id,
				    .listener = x->at->name,
				    .method = x->method,
				    .route = x->route ? x->route->pattern : NULL,
				    .address = x->q.address,
				    .status = status,
				    .took_us = took_us,
				    .in = x->length == HTTP_BODY_LENGTH_UNKNOWN ? 0 : x->length,
				    .out = is_sent ? x->sent : 0,
				    .fault = x->fault,
				});
}

void http_exchange_end(
    void *ctx, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	struct http_own_exchange *x = *state;
	struct http_own_listener *l = ctx;
	(void)connection;
	if (!x)
		return;
	*state = NULL;
	if (x->is_counted) {
		tell(x, why == MHD_REQUEST_TERMINATED_COMPLETED_OK);
		atomic_fetch_sub(&l->server->under_way, 1);
	}
	http_body_end(x->body);
	atomic_fetch_sub(&l->server->replies_in_memory, x->reserved);
	if (x->s)
		http_reply_drop(&x->r);
	scope_free(x->s);
	free(x->target);
	/* The next head may take its time to begin, and then to come. */
	if (x->watched)
		http_watch_until(l->server->watch, x->watched,
		    http_own_until(l->server, LIMIT_HTTP_HEAD_S,
			(uint64_t)LIMIT_HTTP_RATE *
			    l->server->config.configuration->limits.idle_seconds),
		    true);
	free(x);
}
