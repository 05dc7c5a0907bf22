/*
 * A client for tests of the HTTP server that sends whatever octets it is given: it does not know
 * what HTTP allows. Mistakes of its own end the program.
 */
#ifndef BULLA_TESTS_SUPPORT_HTTP_CLIENT_H
#define BULLA_TESTS_SUPPORT_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_CLIENT_REPLY 262144

struct http_client_reply {
	int status;                   /* 0: the connection ended without one */
	size_t n;                     /* octets of text */
	size_t body;                  /* where it begins in text */
	char text[HTTP_CLIENT_REPLY]; /* head and body, NUL-terminated */
};

/* A connection to the loopback. */
int http_client_connect(uint16_t port);
/* False when the other side is gone. */
bool http_client_send(int fd, const void *p, size_t n);
bool http_client_say(int fd, const char *text);
/* One reply: by its Content-Length, or to the end of the connection. `head`: without a body. */
void http_client_receive(int fd, bool head, struct http_client_reply *ret_reply);
/* A request on a connection of its own, whole; its reply. */
void http_client_ask(uint16_t port, const char *request, struct http_client_reply *ret_reply);
/* True when the other side closes, without another octet; waits for it. */
bool http_client_is_closed(int fd);
/* The value of the first header of that name in ret_value ("" when none). */
void http_client_header(
    const struct http_client_reply *r, const char *name, char *ret_value, size_t room);

#endif
