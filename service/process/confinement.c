#include "service/process/confinement.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/sandbox.h"

static bool limit(__rlimit_resource_t what, uint64_t most)
{
	return setrlimit(what, &(struct rlimit){ most, most }) == 0;
}

enum err confinement_prepare(struct scope *s, enum role role)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    !limit(RLIMIT_CORE, 0))
		return scope_fault(s, ERR_INTERNAL, "%s: %s", role_name(role), strerror(errno));
	return OK;
}

static enum err limit_worker(struct scope *s, const struct confinement *c)
{
	if (!limit(RLIMIT_NOFILE, LIMIT_WORKER_FILES) ||
	    (c->written && !limit(RLIMIT_FSIZE, c->written)) ||
	    (c->memory && !limit(RLIMIT_AS, sandbox_memory_in_use() + (uint64_t)c->memory)))
		return scope_fault(s, ERR_INTERNAL, "worker: limits: %s", strerror(errno));
	return OK;
}

/* With a limit on locked memory, what is locked later (the stack of a thread) could fail; the keys'
 * own memory is locked then by whoever makes it. */
static void lock_memory(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_MEMLOCK, &l) == 0 && (l.rlim_cur == RLIM_INFINITY || geteuid() == 0))
		mlockall(MCL_CURRENT | MCL_FUTURE);
}

static enum sandbox_kind kind_of(enum role role)
{
	return role == ROLE_WORKER   ? SANDBOX_WORKER
	       : role == ROLE_KEEPER ? SANDBOX_KEEPER
				     : SANDBOX_SERVER;
}

enum err confinement_enter(struct scope *s, enum role role, const struct confinement *c)
{
	if (role == ROLE_WORKER)
		TRY(limit_worker(s, c));
	if (role == ROLE_KEEPER)
		lock_memory();
	return sandbox_enter(s, &(struct sandbox){ .kind = kind_of(role),
				    .readable = c->readable,
				    .n_readable = c->n_readable,
				    .writable = c->writable,
				    .n_writable = c->n_writable });
}
