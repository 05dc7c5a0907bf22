/*
 * What the routes of the front work with. One object per process; all of its members are safe to
 * use from several threads.
 */
#ifndef BULLA_SERVICE_FRONT_FRONT_H
#define BULLA_SERVICE_FRONT_FRONT_H

#include "service/configuration.h"
#include "service/front/route.h"

struct audit_log;     /* service/log/audit_log.h */
struct store;         /* service/store/store.h */
struct link_pool;     /* service/front/link_pool.h */
struct http_server;   /* service/front/http_server.h */
struct sealing_clock; /* service/front/sealing_clock.h */
struct rate_limit;    /* service/front/rate_limit.h */
struct metrics;       /* service/front/metrics.h */

struct front {
	_Atomic(const struct configuration *) configuration; /* replaced on reload, never freed */
	struct store *store;
	struct audit_log *log;
	struct link_pool *workers, *keeper, *fetcher;
	struct http_server *server;
	struct metrics *metrics;
	struct rate_limit *rates;    /* of portals; NULL: nobody counts */
	struct sealing_clock *clock; /* what is done at its time, without a request */
	char window_secret[64];      /* random, of this process: service/front/sealing_address.h */
};

#endif
