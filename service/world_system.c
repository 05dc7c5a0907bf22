#include "service/world_system.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/scope.h"

struct instant world_system_now(void *ctx)
{
	(void)ctx;
	return (struct instant){ time(NULL) };
}

enum err world_system_random(void *ctx, struct scope *s, uint8_t *p, size_t n)
{
	(void)ctx;
	while (n) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno != EINTR)
			return scope_fault(s, ERR_IO, "random octets: %s", strerror(errno));
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
	return OK;
}

static enum err fetch(
    void *ctx, struct scope *s, const struct fetch_request *want, struct fetch_reply *ret_reply)
{
	const struct world_system *w = ctx;
	return fetch_curl_get(w->fetcher, s, want, ret_reply);
}

static enum err fetch_kept(
    void *ctx, struct scope *s, const struct fetch_request *want, struct fetch_reply *ret_reply)
{
	const struct world_system *w = ctx;
	return fetch_cache_get(w->cache, s, want, ret_reply);
}

enum err world_system_keep(
    struct scope *s, struct world_system *w, const char *folder, struct instant at)
{
	w->network = w->world;
	TRY(fetch_cache_new(s, folder, &w->network, at, &w->cache));
	w->world.fetch = fetch_kept;
	w->world.keeps_answers = true;
	return OK;
}

enum err world_system_new(
    struct scope *s, const struct fetch_curl_config *config, struct world_system **ret_world)
{
	struct world_system *w = scope_alloc(s, sizeof(*w));
	if (!w)
		return ERR_NOMEM;
	TRY(fetch_curl_new(s, config, &w->fetcher));
	w->world = (struct world){
		.ctx = w, .now = world_system_now, .random = world_system_random, .fetch = fetch
	};
	*ret_world = w;
	return OK;
}
