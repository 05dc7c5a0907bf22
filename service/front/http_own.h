/*
 * What the http_* files of the server share. Nobody else includes this.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_OWN_H
#define BULLA_SERVICE_FRONT_HTTP_OWN_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "service/front/http_body.h"
#include "service/front/http_queue.h"
#include "service/front/http_server.h"
#include "service/front/http_tls.h"
#include "service/front/http_watch.h"
#include "service/front/metrics.h"
#include "service/front/rate_limit.h"
#include "service/front/request_log.h"

#define HTTP_OWN_FORMER 4

/* One listener that is there. */
struct http_own_listener {
	struct http_server *server;
	const struct configuration_listener *configuration;
	enum http_listener which;
	const char *name;      /* "api", "window", "desk" */
	const char *authority; /* "host" or "host:port" that Host must be; NULL: any */
	int socket;            /* ours; each daemon has a copy */
	uint16_t port;
	bool is_tls;
	struct MHD_Daemon *daemon;
	/* With the certificates before a reload: these accept nobody and serve who is there. */
	struct MHD_Daemon *former[HTTP_OWN_FORMER];
};

struct http_server {
	struct scope *s; /* lives as long as the server */
	struct front *front;
	struct http_server_config config;
	const struct route **tables; /* the given ones, and our own at the end */
	size_t n_tables;
	struct http_own_listener listener[LIMIT_HTTP_LISTENERS];
	size_t n_listeners;
	struct http_body_rules body_rules;
	atomic_size_t bodies_in_memory, replies_in_memory;
	atomic_size_t under_way; /* requests whose head came and whose reply is not sent whole */
	atomic_bool drains;
	unsigned connections;
	struct http_queue *queue;
	struct http_watch *watch;
	struct rate_limit *rates;
	struct request_log *log;
	struct metrics *metrics; /* may be NULL */
};

/* Where a request is. */
enum http_step {
	HTTP_STEP_HEAD,     /* libmicrohttpd reads the head */
	HTTP_STEP_WHOLE,    /* no body comes: all of it is there with the next call */
	HTTP_STEP_CHECKING, /* a request thread is at it, or it waits for one */
	HTTP_STEP_CHECKED,
	HTTP_STEP_BODY,
	HTTP_STEP_DRAIN, /* refused; the rest of the body is read and thrown away */
	HTTP_STEP_HANDLING,
	HTTP_STEP_DONE, /* the reply is complete */
	HTTP_STEP_REPLY /* libmicrohttpd sends it */
};

struct http_own_exchange {
	struct http_own_listener *at;
	struct MHD_Connection *connection;
	struct http_watched *watched;
	struct scope *s;
	char *target; /* as it came */
	enum http_step step;
	struct http_request q;
	struct http_request_values values;
	const struct route *route; /* NULL: none */
	size_t row;                /* of the metrics */
	char id[25];
	char method[16]; /* for the log; "-" when it is none of ours */
	/* is_whole: nothing more of it will come. A reply before that ends the connection, as
	 * libmicrohttpd has it. */
	bool has_body, is_whole, expects_continue, is_counted;
	bool closes;     /* the connection ends after the reply */
	bool is_unclear; /* where the request ends is not known for sure */
	uint64_t length, drained, sent;
	size_t reserved; /* of replies_in_memory */
	struct http_body *body;
	struct http_reply r;
	int64_t began_us;
	int64_t body_until_ms; /* without what its octets add */
	const char *fault;     /* not told to the client, but to the log */
};

/* When what is waited for must be there: `octets` of it, which have `most_s` and then flow at
 * LIMIT_HTTP_RATE. A shorter idle time shortens most_s. On the clock of http_watch_now_ms. */
static inline int64_t http_own_until(const struct http_server *h, unsigned most_s, uint64_t octets)
{
	unsigned idle_s = h->config.configuration->limits.idle_seconds;
	uint64_t s = (idle_s < most_s ? idle_s : most_s) + octets / LIMIT_HTTP_RATE;
	return http_watch_now_ms() + (int64_t)s * 1000;
}

#endif
