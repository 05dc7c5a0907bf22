#include "tests/authority/authority_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "base/scope.h"
#include "tests/authority/authority_answer.h"
#include "tests/authority/authority_clock.h"
#include "tests/authority/authority_live.h"
#include "tests/authority/authority_wait.h"

#define BODY_CAP ((size_t)64 << 10) /* of a request; a timestamp query has under 200 octets */
#define DRAIN_CAP ((size_t)1 << 20) /* read and thrown away, so that the 413 gets through */
#define ANSWER_BUDGET ((size_t)1 << 30)
#define HANG_S 120
#define TIMEOUT_S 30
#define CONNECTIONS 1024
#define BACKLOG 511
#define PORT_LOW 20000
#define PORT_HIGH 32000
#define PORT_TRIES 200

struct server {
	const char *dir;
	struct authority_live *live;
	struct authority_wait *wait;
	bool log;
};

/* One request while it comes in. */
struct exchange {
	uint8_t *body;
	size_t n, drained;
	bool waited;
};

/* What a content callback sends: `n` octets, then a broken connection. */
struct cut_body {
	size_t n;
	uint8_t data[];
};

static bool add_body(struct exchange *x, const char *data, size_t n)
{
	if (n > BODY_CAP || x->n > BODY_CAP - n || x->drained) {
		x->drained += n;
		return x->drained <= DRAIN_CAP;
	}
	uint8_t *grown = realloc(x->body, x->n + n);
	if (!grown)
		return false;
	memcpy(grown + x->n, data, n);
	x->body = grown;
	x->n += n;
	return true;
}

static ssize_t send_cut(void *cls, uint64_t pos, char *out, size_t max)
{
	const struct cut_body *body = cls;
	if (pos >= body->n)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	size_t n = body->n - (size_t)pos;
	n = n < max ? n : max;
	memcpy(out, body->data + pos, n);
	return (ssize_t)n;
}

static ssize_t send_endless(void *cls, uint64_t pos, char *out, size_t max)
{
	(void)cls;
	(void)pos;
	memset(out, 0x30, max);
	return (ssize_t)max;
}

static struct MHD_Response *cut_response(struct bytes whole)
{
	struct cut_body *body = malloc(sizeof(*body) + whole.n);
	if (!body)
		return NULL;
	body->n = whole.n / 2;
	if (body->n)
		memcpy(body->data, whole.p, body->n);
	struct MHD_Response *r =
	    MHD_create_response_from_callback(whole.n, 4096, send_cut, body, free);
	if (!r)
		free(body);
	return r;
}

static struct MHD_Response *copied_response(struct bytes body)
{
	static char nothing[1];
	/* MHD only reads it, but its prototype knows no const. */
	union {
		const uint8_t *in;
		void *out;
	} p = { .in = body.p };
	return MHD_create_response_from_buffer(
	    body.n, body.n ? p.out : nothing, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result queue(struct MHD_Connection *connection, struct MHD_Response *r, int status,
    const char *type, const char *location)
{
	if (!r)
		return MHD_NO;
	enum MHD_Result ok = MHD_add_response_header(r, "Content-Type", type);
	if (ok == MHD_YES)
		ok = MHD_add_response_header(r, "Cache-Control", "no-cache");
	if (ok == MHD_YES && location)
		ok = MHD_add_response_header(r, "Location", location);
	if (ok == MHD_YES)
		ok = MHD_queue_response(connection, (unsigned)status, r);
	MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result queue_text(struct MHD_Connection *connection, int status, const char *text)
{
	return queue(connection, copied_response(bytes_of_str(text)), status, "text/plain", NULL);
}

/* The answer, or what a fault makes of it. */
static enum MHD_Result queue_answer(struct MHD_Connection *connection,
    struct authority_answer answer, struct authority_fault fault, const char *url)
{
	uint8_t noise[700];
	struct MHD_Response *r;
	if (authority_fault_has(fault, FAULT_500))
		return queue_text(connection, 500, "internal error, as the fault switch says\n");
	if (authority_fault_has(fault, FAULT_REDIRECT))
		return queue(connection, copied_response(BYTES_NONE), 302, "text/plain", url);
	if (authority_fault_has(fault, FAULT_GARBAGE)) {
		if (RAND_bytes(noise, (int)sizeof(noise)) != 1)
			return MHD_NO;
		r = copied_response(bytes_of(noise, sizeof(noise)));
	} else if (authority_fault_has(fault, FAULT_BIG)) {
		r = MHD_create_response_from_callback(
		    MHD_SIZE_UNKNOWN, (size_t)64 << 10, send_endless, NULL, NULL);
	} else if (authority_fault_has(fault, FAULT_TRUNCATE)) {
		r = cut_response(answer.body);
	} else if (authority_fault_has(fault, FAULT_SHORT)) {
		r = copied_response(bytes_cut(answer.body, 0, answer.body.n / 2));
	} else {
		r = copied_response(answer.body);
	}
	return queue(connection, r, answer.status, answer.content_type, NULL);
}

static const char *content_type_of(struct MHD_Connection *connection)
{
	const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
	return type ? type : "";
}

static enum MHD_Result respond(struct server *server, struct MHD_Connection *connection,
    const char *url, bool is_post, struct exchange *x)
{
	struct authority_fault fault =
	    authority_fault_read(server->dir, authority_answer_endpoint(url));
	bool hang = authority_fault_has(fault, FAULT_HANG);
	if (!x->waited && (hang || fault.delay_s > 0)) {
		x->waited = true;
		return authority_wait_add(server->wait, connection, hang ? HANG_S : fault.delay_s)
			   ? MHD_YES
			   : MHD_NO;
	}
	if (hang)
		return MHD_NO;
	struct scope *s = scope_new(ANSWER_BUDGET);
	if (!s)
		return MHD_NO;
	struct authority_live_view view = authority_live_hold(server->live);
	struct authority_request request = { is_post, url, content_type_of(connection),
		bytes_of(x->body, x->n) };
	struct authority_answer answer =
	    authority_answer_make(s, view.store, &request, authority_clock_now(server->dir), fault);
	enum MHD_Result ok = queue_answer(connection, answer, fault, url);
	authority_live_release(server->live, view);
	scope_free(s);
	return ok;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *upload, size_t *upload_n, void **state)
{
	struct server *server = cls;
	struct exchange *x = *state;
	(void)version;
	if (!x) {
		*state = calloc(1, sizeof(*x));
		return *state ? MHD_YES : MHD_NO;
	}
	if (*upload_n) {
		bool more = add_body(x, upload, *upload_n);
		*upload_n = 0;
		return more ? MHD_YES : MHD_NO;
	}
	bool is_post = !strcmp(method, "POST");
	if (server->log && !x->waited) {
		printf("%s %s\n", method, url);
		fflush(stdout);
	}
	if (!is_post && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return queue_text(connection, 405, "GET and POST only\n");
	if (x->drained)
		return queue_text(connection, 413, "request too large\n");
	return respond(server, connection, url, is_post, x);
}

static void completed(
    void *cls, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *state;
	(void)cls;
	(void)connection;
	(void)why;
	if (!x)
		return;
	free(x->body);
	free(x);
	*state = NULL;
}

static int listen_on(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* SO_REUSEADDR only: a second server on the port must fail. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct MHD_Daemon *start(struct server *server, int fd, unsigned workers)
{
	struct MHD_OptionItem options[] = {
		{ MHD_OPTION_LISTEN_SOCKET, fd, NULL },
		{ MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S, NULL },
		{ MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, NULL },
		{ MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)completed, NULL },
		{ workers > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, workers, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	return MHD_start_daemon(
	    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO | MHD_ALLOW_SUSPEND_RESUME, 0, NULL,
	    NULL, handle, server, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

static enum err run(struct scope *s, struct server *server, int fd, unsigned workers)
{
	sigset_t stop;
	int signal_number;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_BLOCK, &stop, NULL); /* before threads: they inherit it */
	signal(SIGPIPE, SIG_IGN);
	TRY(authority_wait_start(s, &server->wait));
	struct MHD_Daemon *daemon = start(server, fd, workers);
	if (daemon) {
		struct authority_live_view view = authority_live_hold(server->live);
		printf("bulla-authority: listening on %s\n", view.store->url);
		authority_live_release(server->live, view);
		fflush(stdout);
		sigwait(&stop, &signal_number);
	}
	authority_wait_stop(server->wait);
	if (!daemon)
		return scope_fault(s, ERR_NET, "serve: the HTTP server does not start");
	MHD_stop_daemon(daemon); /* closes the socket too */
	return OK;
}

static enum err open_socket(struct scope *s, struct server *server, int *ret_fd)
{
	struct authority_live_view view = authority_live_hold(server->live);
	int port = view.store->port, fd = listen_on(port);
	authority_live_release(server->live, view);
	if (fd < 0)
		return scope_fault(s, ERR_NET, "serve: port %d: %s", port, strerror(errno));
	*ret_fd = fd;
	return OK;
}

enum err authority_http_serve(struct scope *s, const char *dir, unsigned workers, bool log)
{
	struct server server = { .dir = dir, .log = log };
	int fd = -1;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	if (!workers)
		workers = processors > 1 ? (unsigned)processors : 1;
	TRY(authority_live_open(s, dir, &server.live));
	enum err e = open_socket(s, &server, &fd);
	if (e == OK)
		e = run(s, &server, fd, workers);
	authority_live_close(server.live);
	return e;
}

enum err authority_http_free_port(struct scope *s, int *ret_port)
{
	for (int i = 0; i < PORT_TRIES; i++) {
		uint16_t random;
		if (RAND_bytes((uint8_t *)&random, (int)sizeof(random)) != 1)
			return scope_fault(s, ERR_CRYPTO, "port: no randomness");
		int port = PORT_LOW + random % (PORT_HIGH - PORT_LOW);
		int fd = listen_on(port);
		if (fd < 0)
			continue;
		close(fd);
		*ret_port = port;
		return OK;
	}
	return scope_fault(s, ERR_NET, "port: none is free");
}
