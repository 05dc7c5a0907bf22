#include "tests/support/http_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "http_client: %s: %s\n", what, strerror(errno));
	abort();
}

int http_client_connect(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	/* Against a server that hangs: the test then fails rather than waits. */
	struct timeval patience = { .tv_sec = 60 };
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(fd >= 0, "socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	union {
		struct sockaddr any;
		struct sockaddr_in four;
	} address = { .four = to };
	check(!connect(fd, &address.any, sizeof(to)), "connect");
	return fd;
}

bool http_client_send(int fd, const void *p, size_t n)
{
	const char *at = p;
	while (n) {
		ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		at += sent;
		n -= (size_t)sent;
	}
	return true;
}

bool http_client_say(int fd, const char *text)
{
	return http_client_send(fd, text, strlen(text));
}

void http_client_header(
    const struct http_client_reply *r, const char *name, char *ret_value, size_t room)
{
	size_t n = strlen(name);
	const char *at = strstr(r->text, "\r\n");
	ret_value[0] = 0;
	while (at && at + 2 < r->text + r->body && strncmp(at, "\r\n\r\n", 4)) {
		at += 2;
		if (!strncasecmp(at, name, n) && at[n] == ':') {
			const char *value = at + n + 1 + strspn(at + n + 1, " ");
			snprintf(ret_value, room, "%.*s", (int)strcspn(value, "\r"), value);
			return;
		}
		at = strstr(at, "\r\n");
	}
}

static bool receive_some(int fd, struct http_client_reply *r, size_t most)
{
	if (most > sizeof(r->text) - 1 - r->n)
		most = sizeof(r->text) - 1 - r->n;
	ssize_t got = most ? recv(fd, r->text + r->n, most, 0) : 0;
	check(got >= 0 || errno == ECONNRESET, "no answer in time");
	if (got <= 0)
		return false;
	r->n += (size_t)got;
	r->text[r->n] = 0;
	return true;
}

void http_client_receive(int fd, bool head, struct http_client_reply *r)
{
	char length[32];
	r->status = 0;
	r->n = r->body = 0;
	r->text[0] = 0;
	/* One octet at a time, so as not to take a part of the next reply. */
	while (!strstr(r->n > 4 ? r->text + r->n - 4 : r->text, "\r\n\r\n"))
		if (!receive_some(fd, r, 1))
			return;
	r->body = r->n;
	check(sscanf(r->text, "HTTP/1.%*d %d", &r->status) == 1, "no HTTP");
	http_client_header(r, "Content-Length", length, sizeof(length));
	size_t left = *length ? strtoul(length, NULL, 10) : sizeof(r->text);
	if (head || r->status == 204 || r->status == 304 || r->status == 100)
		return;
	while (left && receive_some(fd, r, left))
		left = *length ? strtoul(length, NULL, 10) - (r->n - r->body) : left;
}

void http_client_ask(uint16_t port, const char *request, struct http_client_reply *r)
{
	int fd = http_client_connect(port);
	http_client_say(fd, request);
	http_client_receive(fd, !strncmp(request, "HEAD ", 5), r);
	close(fd);
}

bool http_client_is_closed(int fd)
{
	char octet;
	ssize_t got = recv(fd, &octet, 1, 0);
	return got == 0 || (got < 0 && errno == ECONNRESET);
}
