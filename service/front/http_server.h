/*
 * The HTTP server of the front: up to three listeners, TLS, request threads. Alone with the
 * service/front/http_* files it knows libmicrohttpd and GnuTLS.
 *
 * A request goes through these steps; whatever is wrong with it ends it with a problem reply:
 *
 *	head	route, Host, framing, rate (I/O thread)
 *	check	route.check, when there is one (request thread): before a byte of the body is read
 *	body	read by the I/O thread: JSON and forms to memory, files to the incoming folder
 *	handle	route.handle (request thread)
 *	reply	sent by the I/O thread; then files of the request that nobody took are removed
 *
 * I/O threads (one for each listener) never wait for anything but sockets and the incoming folder's
 * disk. Requests that wait for a request thread are bounded; one more is told 503. Bounded too:
 * connections, those of one address, octets of heads, bodies in memory, and the time that a head, a
 * body and the taking of a reply may last. Where connections run out, the one that was silent for
 * longest is ended.
 *
 * The server does not authenticate anybody, and does not know sessions: routes do.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_SERVER_H
#define BULLA_SERVICE_FRONT_HTTP_SERVER_H

#include "service/configuration.h"
#include "service/front/problem.h"
#include "service/front/route.h"

struct http_server;
struct metrics;

struct http_server_config {
	/* Listeners (one without an address is not served), limits. Must outlive the server. */
	const struct configuration *configuration;
	/* Each ends with a NULL method; must outlive it too. http_probe_routes are always there. */
	const struct route *const *tables;
	size_t n_tables;
	const char *incoming; /* folder for files of requests; emptied at the start */
	/* How problems look to a browser on the window and the desk; NULL: as JSON. */
	http_problem_page *problem_page;
	struct metrics *metrics; /* NULL: nobody counts */
	int log;                 /* descriptor for one line of JSON per request; -1: none */
};

/* Starts to listen and to serve; `f` is handed to routes and may be completed until the first
 * request comes. The caller ends it with http_server_stop. ERR_IO: an address, a file of TLS or the
 * folder cannot be used; ERR_DENIED: no TLS on an address that is not of the loopback;
 * ERR_MISUSE: two routes for one thing. */
must_check enum err http_server_start(struct scope *s, struct front *f,
    const struct http_server_config *config, struct http_server **ret_server);
/* The port it listens at; 0 for a listener that is not there. */
uint16_t http_server_port(const struct http_server *h, enum http_listener which);
/* No new connections; waits until what was begun is answered, at most `most_ms`. */
void http_server_drain(struct http_server *h, unsigned most_ms);
/* Drains (briefly), ends all connections and threads, frees everything. NULL is fine. */
void http_server_stop(struct http_server *h);
/* Reads certificates and keys of TLS again, for connections from now on. After an error the former
 * ones stay in use. ERR_IO, ERR_FORMAT. */
must_check enum err http_server_reload_tls(struct scope *s, struct http_server *h);
/* Requests that wait for a request thread. */
size_t http_server_waiting(const struct http_server *h);

#endif
