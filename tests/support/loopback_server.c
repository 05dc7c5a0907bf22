#include "tests/support/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 256
#define ROOM ((size_t)2 << 20) /* of one request */

struct connection {
	struct loopback_server *server;
	pthread_t thread;
	int fd;
};

struct loopback_server {
	int listener, port;
	loopback_server_answer answer;
	void *ctx;
	pthread_t thread;
	pthread_mutex_t lock;
	struct connection connection[CONNECTIONS];
	size_t n;
	bool is_stopping;
};

void loopback_server_say(int fd, const char *text)
{
	send(fd, text, strlen(text), MSG_NOSIGNAL);
}

void loopback_server_ok(int fd, const char *type, struct bytes body)
{
	char head[512];
	snprintf(head, sizeof(head),
	    "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", type, body.n);
	loopback_server_say(fd, head);
	while (body.n) {
		ssize_t sent = send(fd, body.p, body.n, MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		body = bytes_from(body, (size_t)sent);
	}
}

void loopback_server_wait(int fd)
{
	char octet;
	while (recv(fd, &octet, 1, 0) > 0)
		continue;
}

/* One request into text; its head's length, 0 at the end of the connection. */
static size_t read_request(int fd, char *text, size_t *ret_body)
{
	size_t n = 0, body = 0;
	const char *end = NULL;
	while (!end || n < (size_t)(end - text) + 4 + body) {
		ssize_t got = recv(fd, text + n, ROOM - 1 - n, 0);
		if (got <= 0)
			return 0;
		n += (size_t)got;
		text[n] = 0;
		end = strstr(text, "\r\n\r\n");
		const char *length = end ? strcasestr(text, "\r\nContent-Length: ") : NULL;
		if (length && length < end)
			body = strtoul(length + 18, NULL, 10);
	}
	*ret_body = body;
	return (size_t)(end - text);
}

static bool answer_one(struct connection *c, char *text)
{
	struct loopback_request r = { .head = text };
	char path[LOOPBACK_SERVER_URL] = "";
	size_t body, head = read_request(c->fd, text, &body);
	if (!head)
		return false;
	r.body = bytes_of(text + head + 4, body);
	text[head + 2] = 0;
	const char *from = strchr(text, ' ');
	if (from)
		snprintf(path, sizeof(path), "%.*s", (int)strcspn(from + 1, " \r"), from + 1);
	r.path = path;
	return c->server->answer(c->server->ctx, c->fd, &r);
}

static void *serve(void *obj)
{
	struct connection *c = obj;
	char *text = malloc(ROOM);
	while (text && answer_one(c, text))
		continue;
	free(text);
	shutdown(c->fd, SHUT_WR);
	loopback_server_wait(c->fd);
	shutdown(c->fd, SHUT_RDWR);
	return NULL;
}

static bool take(struct loopback_server *server, int fd)
{
	pthread_mutex_lock(&server->lock);
	struct connection *c = &server->connection[server->n];
	bool ok = !server->is_stopping && server->n < CONNECTIONS;
	if (ok) {
		c->server = server;
		c->fd = fd;
		ok = pthread_create(&c->thread, NULL, serve, c) == 0;
		server->n += ok;
	}
	pthread_mutex_unlock(&server->lock);
	return ok;
}

static void *accept_all(void *obj)
{
	struct loopback_server *server = obj;
	const int yes = 1;
	for (int fd; (fd = accept(server->listener, NULL, NULL)) >= 0;) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		if (!take(server, fd))
			close(fd);
	}
	return NULL;
}

struct loopback_server *loopback_server_start(loopback_server_answer answer, void *ctx)
{
	struct loopback_server *server = calloc(1, sizeof(*server));
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	if (!server)
		return NULL;
	server->answer = answer;
	server->ctx = ctx;
	pthread_mutex_init(&server->lock, NULL);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->listener, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(server->listener, 64) != 0 ||
	    getsockname(server->listener, (struct sockaddr *)&a, &n) != 0 ||
	    pthread_create(&server->thread, NULL, accept_all, server) != 0) {
		close(server->listener);
		free(server);
		return NULL;
	}
	server->port = ntohs(a.sin_port);
	return server;
}

int loopback_server_port(const struct loopback_server *server)
{
	return server->port;
}

void loopback_server_url(const struct loopback_server *server, const char *path, char *ret_url)
{
	snprintf(ret_url, LOOPBACK_SERVER_URL, "http://127.0.0.1:%d%s", server->port, path);
}

void loopback_server_stop(struct loopback_server *server)
{
	if (!server)
		return;
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
	pthread_mutex_lock(&server->lock);
	server->is_stopping = true;
	for (size_t i = 0; i < server->n; i++)
		shutdown(server->connection[i].fd, SHUT_RDWR);
	pthread_mutex_unlock(&server->lock);
	for (size_t i = 0; i < server->n; i++) {
		pthread_join(server->connection[i].thread, NULL);
		close(server->connection[i].fd);
	}
	pthread_mutex_destroy(&server->lock);
	free(server);
}
