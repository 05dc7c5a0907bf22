/*
 * The fetcher: the only process of the service that speaks to other machines on its own account.
 * It has no document and no key.
 */
#include "base/limits.h"
#include "service/cache_folder.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/fetch_curl.h"
#include "service/fetcher/fetcher_line.h"
#include "service/fetcher/fetcher_rules.h"
#include "service/process/confinement.h"
#include "service/process/peer_threads.h"

/* What resolving names and TLS read: the resolver's configuration and modules, the authorities. */
static const char *const readable[] = {
	"/etc/resolv.conf",
	"/etc/hosts",
	"/etc/host.conf",
	"/etc/nsswitch.conf",
	"/etc/gai.conf",
	"/etc/services",
	"/etc/protocols",
	"/etc/ld.so.cache",
	"/etc/ssl",
	"/etc/pki",
	"/etc/ca-certificates",
	"/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates",
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	"/run/systemd/resolve",
	"/run/resolvconf",
	"/run/NetworkManager",
	"/dev/urandom",
};

static void serve(void *ctx, struct link *link, enum role peer, unsigned index)
{
	(void)index;
	fetcher_line_serve(ctx, link, peer);
}

static enum err set_up(
    struct scope *s, const struct configuration *c, struct fetcher_line_shared *shared)
{
	const struct confinement paths = { .readable = readable,
		.n_readable = sizeof(readable) / sizeof(readable[0]),
		.writable = &c->cache,
		.n_writable = c->cache ? 1 : 0 };
	shared->configuration = c;
	shared->memory.most = LIMIT_FETCHER_MEMORY;
	TRY(fetcher_rules_targets(s, c, &shared->targets));
	TRY(fetcher_counts_new(s, c, &shared->counts));
	fetch_curl_prepare();
	return confinement_enter(s, ROLE_FETCHER, &paths);
}

int fetcher_process_run(struct scope *s, const struct role_context *c)
{
	struct fetcher_line_shared shared = { .total_ms = 0 };
	const struct peer_threads threads = { .ctx = &shared, .serve = serve };
	enum err e = set_up(s, c->configuration, &shared);
	if (e != OK)
		return diagnostic_fault(s, e, "the fetcher");
	return peer_threads_run(s, c->control, &threads);
}
