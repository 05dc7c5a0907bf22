/*
 * An HTTP server on the loopback for tests, a thread for each connection; what it says to a request
 * is the test's, octet by octet, so that it can misbehave.
 */
#ifndef BULLA_TESTS_SUPPORT_LOOPBACK_SERVER_H
#define BULLA_TESTS_SUPPORT_LOOPBACK_SERVER_H

#include "base/bytes.h"

struct loopback_server;

struct loopback_request {
	const char *path;  /* "/x?y" */
	const char *head;  /* all of it, with the request line */
	struct bytes body; /* NUL after it */
};

/* In the connection's thread. True: the connection stays open for a next request. */
typedef bool (*loopback_server_answer)(void *ctx, int fd, const struct loopback_request *request);

/* On a free port of 127.0.0.1; NULL: it cannot be. */
struct loopback_server *loopback_server_start(loopback_server_answer answer, void *ctx);
int loopback_server_port(const struct loopback_server *server);
/* "http://127.0.0.1:PORT/path"; room for LOOPBACK_SERVER_URL octets. */
#define LOOPBACK_SERVER_URL 2200
void loopback_server_url(const struct loopback_server *server, const char *path, char *ret_url);
/* Ends all connections and waits for their threads. */
void loopback_server_stop(struct loopback_server *server);

void loopback_server_say(int fd, const char *text);
/* "HTTP/1.1 200 OK" with a length and a content type. */
void loopback_server_ok(int fd, const char *type, struct bytes body);
/* Until the client goes or the server is stopped. */
void loopback_server_wait(int fd);

#endif
