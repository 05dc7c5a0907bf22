#include "tests/support/fetcher_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/fetcher/fetcher_client.h"
#include "service/fetcher/fetcher_rules.h"

/* -- the server -- */

static void say_large(int fd)
{
	static const uint8_t piece[65536];
	char head[128];
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
	    FETCHER_SCENE_LARGE);
	loopback_server_say(fd, head);
	for (size_t n = 0; n < FETCHER_SCENE_LARGE; n += sizeof(piece))
		if (send(fd, piece, sizeof(piece), MSG_NOSIGNAL) <= 0)
			return;
}

static void say_slowly(int fd)
{
	loopback_server_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
	while (send(fd, ".", 1, MSG_NOSIGNAL) == 1)
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

static bool answer(void *ctx, int fd, const struct loopback_request *r)
{
	static const struct {
		const char *path, *text;
	} fixed[] = {
		{ "/500", "HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nno" },
		{ "/410", "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n" },
		{ "/302", "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n" },
		{ "/private", "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/x\r\n"
			      "Content-Length: 0\r\n\r\n" },
		{ "/meta", "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\n"
			   "Content-Length: 0\r\n\r\n" },
		{ "/file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
			   "Content-Length: 0\r\n\r\n" },
		{ "/early", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf" },
		{ "/claims", "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n" },
	};
	struct fetcher_scene_server *server = ctx;
	pthread_mutex_lock(&server->lock);
	snprintf(server->head, sizeof(server->head), "%s", r->head);
	snprintf(server->body, sizeof(server->body), "%.*s", (int)r->body.n, r->body.p);
	pthread_mutex_unlock(&server->lock);
	atomic_fetch_add(&server->requests, 1);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!strcmp(r->path, fixed[i].path)) {
			loopback_server_say(fd, fixed[i].text);
			return false;
		}
	if (!strcmp(r->path, "/large"))
		say_large(fd);
	if (!strcmp(r->path, "/slow"))
		say_slowly(fd);
	if (!strcmp(r->path, "/hang"))
		loopback_server_wait(fd);
	while (!strcmp(r->path, "/gate") && !atomic_load(&server->is_open))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	if (!strcmp(r->path, "/crl"))
		loopback_server_ok(fd, "application/pkix-crl", server->crl);
	else if (!strncmp(r->path, "/ok", 3) || !strcmp(r->path, "/gate"))
		loopback_server_ok(fd, "text/plain", BYTES_LIT("hello"));
	else
		return false;
	return true;
}

/* -- the office: a fetcher's shared parts, and a line for each peer -- */

int fetcher_scene_set_up(void **state)
{
	struct fetcher_scene *o = calloc(1, sizeof(*o));
	static const char *const paths[FETCHER_SCENE_URLS] = { "/ok?tsa", "/302", "/500", "/ok",
		"/410", "/hang", "/early", "/private" };
	o->s = scope_new(0);
	pthread_mutex_init(&o->server.lock, NULL);
	o->server.s = loopback_server_start(answer, &o->server);
	assert_non_null(o->server.s);
	for (size_t i = 0; i < FETCHER_SCENE_URLS; i++)
		loopback_server_url(o->server.s, paths[i], o->url[i]);
	o->tsa[0] = o->url[0];
	o->tsa[1] = o->url[1];
	o->tsa[2] = o->url[2];
	o->portal[0] = (struct configuration_portal){ .id = "good", .webhook_url = o->url[3] };
	o->portal[1] = (struct configuration_portal){ .id = "gone", .webhook_url = o->url[4] };
	o->portal[2] = (struct configuration_portal){ .id = "moved", .webhook_url = o->url[1] };
	o->portal[3] =
	    (struct configuration_portal){ .id = "far", .webhook_url = "http://192.0.2.1/hook" };
	o->portal[4] = (struct configuration_portal){ .id = "silent", .webhook_url = o->url[5] };
	o->portal[5] = (struct configuration_portal){ .id = "half", .webhook_url = o->url[6] };
	strcpy(o->cache, "/tmp/bulla-fetcher-XXXXXX");
	assert_non_null(mkdtemp(o->cache));
	o->c = (struct configuration){
		.tsa = o->tsa, .n_tsa = 3, .portal = o->portal, .n_portals = 6, .cache = o->cache
	};
	o->shared = (struct fetcher_line_shared){ .configuration = &o->c,
		.memory = { .most = LIMIT_FETCHER_MEMORY },
		.total_ms = 1000,
		.wait_ms = 200 };
	assert_int_equal(fetcher_rules_targets(o->s, &o->c, &o->shared.targets), OK);
	assert_int_equal(fetcher_counts_new(o->s, &o->c, &o->shared.counts), OK);
	*state = o;
	return 0;
}

int fetcher_scene_tear_down(void **state)
{
	struct fetcher_scene *o = *state;
	char command[128];
	loopback_server_stop(o->server.s);
	assert_int_equal(atomic_load(&o->shared.memory.held), 0);
	scope_free(o->s);
	snprintf(command, sizeof(command), "rm -rf %s", o->cache);
	int status = system(command);
	free(o);
	return status;
}

static void *serve(void *obj)
{
	struct fetcher_scene_peer *p = obj;
	fetcher_line_serve(&p->scene->shared, p->other, p->role);
	link_free(p->other);
	return NULL;
}

struct fetcher_scene_peer *fetcher_scene_join(struct fetcher_scene *o, enum role role)
{
	struct fetcher_scene_peer *p = calloc(1, sizeof(*p));
	int fds[2];
	assert_int_equal(link_pair(o->s, fds), OK);
	*p = (struct fetcher_scene_peer){ .scene = o, .role = role };
	p->own = link_new(fds[0]);
	p->other = link_new(fds[1]);
	assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
	assert_int_equal(fetcher_world_new(o->s, p->own, &p->world), OK);
	return p;
}

void fetcher_scene_leave(struct fetcher_scene_peer *p)
{
	link_free(p->own);
	pthread_join(p->thread, NULL);
	free(p);
}

enum err fetcher_scene_get_url(struct fetcher_scene_peer *p, struct scope *s, enum fetch_kind kind,
    const char *url, size_t *ret_n)
{
	const bool posts = kind == FETCH_TIMESTAMP || kind == FETCH_OCSP;
	const struct fetch_request want = {
		.kind = kind, .url = url, .body = posts ? BYTES_LIT("0request") : BYTES_NONE
	};
	struct fetch_reply reply = { .status = 0 };
	scope_forgive(s);
	enum err e = p->world->world.fetch(p->world->world.ctx, s, &want, &reply);
	*ret_n = reply.body.n;
	return e;
}

enum err fetcher_scene_get(struct fetcher_scene_peer *p, enum fetch_kind kind, const char *path)
{
	char url[LOOPBACK_SERVER_URL];
	size_t n;
	loopback_server_url(p->scene->server.s, path, url);
	return fetcher_scene_get_url(p, p->scene->s, kind, url, &n);
}

struct fetcher_status fetcher_scene_status(struct fetcher_scene *o)
{
	struct fetcher_scene_peer *front = fetcher_scene_join(o, ROLE_FRONT);
	struct fetcher_status st;
	scope_forgive(o->s);
	assert_int_equal(fetcher_client_status(o->s, front->own, &st), OK);
	fetcher_scene_leave(front);
	return st;
}
