/*
 * What the routes of the front work with. One object per process; all of its members are safe to
 * use from several threads.
 */
#ifndef BULLA_SERVICE_FRONT_FRONT_H
#define BULLA_SERVICE_FRONT_FRONT_H

#include "service/configuration.h"
#include "service/front/route.h"

struct audit_log;   /* service/log/audit_log.h */
struct store;       /* service/store/store.h */
struct link_pool;   /* service/front/link_pool.h */
struct http_server; /* service/front/http_server.h */
struct metrics;     /* service/front/metrics.h */

struct front {
	_Atomic(const struct configuration *) configuration; /* replaced on reload, never freed */
	struct store *store;
	struct audit_log *log;
	struct link_pool *workers, *keeper, *fetcher;
	struct http_server *server;
	struct metrics *metrics;
};

#endif
