#include "tests/support/http_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/scope.h"
#include "service/folder.h"
#include "service/front/metrics.h"

atomic_bool http_scene_open;
atomic_int http_scene_asked;

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "http_scene: %s\n", what);
	abort();
}

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

/* -- routes -- */

static enum err say_hello(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	char *text;
	(void)f;
	TRY(bytes_to_str(scope, bytes_of_str(q->parameter[0] ? q->parameter[0] : "hello"), &text));
	http_reply_body(r, 200, "text/plain", bytes_of_str(text));
	return OK;
}

/* Tells each part as NAME[:FILE]=SIZE and of fields their value. */
static enum err tell_parts(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	struct buf b = buf_new(scope, 65536);
	struct bytes text;
	(void)f;
	for (size_t i = 0; i < q->n_parts; i++) {
		const struct http_part *p = &q->part[i];
		buf_addf(&b, "%s", p->name);
		if (p->file_name)
			buf_addf(&b, ":%s:%02x%02x", p->file_name, p->sha256[0], p->sha256[1]);
		buf_addf(&b, "=%zu", (size_t)p->size);
		if (!p->file_name && p->value.n < 100)
			buf_addf(&b, "(%s)", (const char *)p->value.p);
		buf_add_str(&b, ";");
	}
	TRY(buf_done(&b, &text));
	http_reply_body(r, 200, "text/plain", text);
	return OK;
}

static enum err take_file(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	union {
		struct store *as_told;
		struct http_scene *is;
	} c = { .as_told = f->store };
	if (rename(q->part[0].path, c.is->kept))
		return scope_fault(scope, ERR_IO, "%s", c.is->kept);
	return http_reply_file(r, c.is->kept, "application/pdf", "a \"b\" \xc3\xa9.pdf");
}

static enum err echo(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	(void)f;
	(void)scope;
	http_reply_body(r, 200, "application/json", q->body);
	return OK;
}

static enum err only_with_key(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	const char *key = http_request_header(q, "Authorization");
	(void)f;
	if (key && !strcmp(key, "Bearer right"))
		return OK;
	return problem_reply(scope, q, PROBLEM_NOT_AUTHENTICATED, NULL, r);
}

static enum err fails(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	(void)f;
	(void)r;
	if (!strcmp(q->parameter[0], "io"))
		return scope_fault(scope, ERR_IO, "the secret place: is full");
	if (!strcmp(q->parameter[0], "format"))
		return scope_fault(scope, ERR_FORMAT, "told to the client");
	return OK; /* without a reply */
}

static enum err say_large(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	size_t n = strtoul(q->parameter[0], NULL, 10);
	uint8_t *text = scope_alloc(scope, n);
	(void)f;
	if (!text)
		return ERR_NOMEM;
	memset(text, 'L', n);
	http_reply_body(r, 200, "text/plain", bytes_of(text, n));
	return OK;
}

static enum err say_who(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	(void)f;
	(void)scope;
	http_reply_body(r, 200, "text/plain",
	    bytes_of_str(q->client_certificate ? q->client_certificate : "nobody"));
	return OK;
}

static enum err wait_and_say(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	atomic_fetch_add(&http_scene_asked, 1);
	while (!atomic_load(&http_scene_open))
		nap();
	return say_hello(f, scope, q, r);
}

static const struct route routes[] = {
	{ HTTP_API, "GET", "/hello", .handle = say_hello },
	{ HTTP_API, "GET", "/hello/{name}", .handle = say_hello },
	{ HTTP_API, "GET", "/fails/{how}", .handle = fails },
	{ HTTP_API, "GET", "/large/{octets}", .handle = say_large },
	{ HTTP_API, "GET", "/who", .handle = say_who },
	{ HTTP_API, "GET", "/slow", .handle = wait_and_say },
	{ HTTP_API, "POST", "/json", ROUTE_JSON, .handle = echo },
	{ HTTP_API, "POST", "/form", ROUTE_FORM, .handle = tell_parts },
	{ HTTP_API, "POST", "/secret", ROUTE_FORM, true, .handle = tell_parts },
	{ HTTP_API, "POST", "/parts", ROUTE_MULTIPART, .handle = tell_parts },
	{ HTTP_API, "POST", "/keep", ROUTE_MULTIPART, .handle = take_file },
	{ HTTP_API, "POST", "/guarded", ROUTE_MULTIPART, .check = only_with_key,
	    .handle = tell_parts },
	{ .method = NULL },
};
static const struct route *const tables[] = { routes };

/* -- the server -- */

void http_scene_begin(struct http_scene *c)
{
	const char *tmp = getenv("TMPDIR");
	memset(c, 0, sizeof(*c));
	c->s = scope_new(0);
	c->log = -1;
	snprintf(c->folder, sizeof(c->folder), "%s/http-test-XXXXXX", tmp ? tmp : "/tmp");
	check(c->s && mkdtemp(c->folder), "a folder");
	snprintf(c->incoming, sizeof(c->incoming), "%s/incoming", c->folder);
	snprintf(c->kept, sizeof(c->kept), "%s/kept", c->folder);
	c->configuration.api.address = "127.0.0.1";
	c->configuration.limits.document = 1 << 20;
	c->configuration.limits.connections = 200;
	c->configuration.limits.connections_per_address = 200;
	c->configuration.limits.request_threads = 2;
	c->configuration.limits.queue = 16;
	c->configuration.limits.idle_seconds = 30;
	c->front.metrics = metrics_new();
	union {
		struct http_scene *is;
		struct store *told;
	} own = { .is = c };
	c->front.store = own.told; /* routes of the scene find it there */
	check(c->front.metrics, "metrics");
	atomic_store(&http_scene_open, false);
	atomic_store(&http_scene_asked, 0);
}

void http_scene_start(struct http_scene *c)
{
	const struct http_server_config config = { .configuration = &c->configuration,
		.tables = tables,
		.n_tables = 1,
		.incoming = c->incoming,
		.metrics = c->front.metrics,
		.log = c->log };
	if (http_server_start(c->s, &c->front, &config, &c->server) != OK)
		check(false, scope_fault_text(c->s));
	c->port = http_server_port(c->server, HTTP_API);
}

void http_scene_end(struct http_scene *c)
{
	http_server_stop(c->server);
	metrics_free(c->front.metrics);
	folder_remove(c->incoming);
	folder_remove(c->folder);
	scope_free(c->s);
}

/* -- asking -- */

void http_scene_ask(struct http_scene *c, const char *request)
{
	http_client_ask(c->port, request, &c->reply);
}

void http_scene_post(
    struct http_scene *c, const char *path, const char *headers, const char *content)
{
	char request[16384];
	snprintf(request, sizeof(request),
	    "POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n%s", path, headers,
	    strlen(content), content);
	http_scene_ask(c, request);
}

const char *http_scene_body(const struct http_scene *c)
{
	return c->reply.text + c->reply.body;
}

bool http_scene_is_clean(struct http_scene *c)
{
	for (int i = 0; i < 500 && !folder_is_empty(c->incoming); i++)
		nap();
	return folder_is_empty(c->incoming);
}
