/*
 * What a process gives up before it meets what is hostile. For the process itself (its present
 * thread and those it makes), at once, and for good.
 *
 * Two layers. A seccomp filter of ours: for those who compute it lists the system calls that are
 * allowed and refuses all others with EPERM; for those who have sockets it refuses what only an
 * intruder wants (programs, processes, tracing, mounting, kernel modules). Landlock, where the
 * kernel has it (5.13), lets only the named paths be used. no_new_privs comes with both.
 *
 * It does not limit memory, time or open files (service/limited_process.h,
 * service/process/confinement.h), and does not take back what is open already.
 */
#ifndef BULLA_SERVICE_SANDBOX_H
#define BULLA_SERVICE_SANDBOX_H

#include <stdbool.h>

#include "base/scope.h"

enum sandbox_kind {
	SANDBOX_READER, /* computes, reads files: no network, no processes, no writing */
	SANDBOX_WORKER, /* and speaks over links it has, writes to files that are open */
	SANDBOX_KEEPER, /* computes and speaks over links it has: opens nothing at all */
	SANDBOX_SERVER, /* network, and writing where it may: no programs, no processes */
};

struct sandbox {
	enum sandbox_kind kind;
	/* Files and folders with all below; those that are not there are passed over. */
	const char *const *readable;
	size_t n_readable;
	const char *const *writable; /* of SANDBOX_SERVER: folders to read and write in */
	size_t n_writable;
};

/* From here on. ERR_UNSUPPORTED: the kernel has no seccomp filters, or this machine's kind is not
 * known: then nothing hostile should be read. */
must_check enum err sandbox_enter(struct scope *s, const struct sandbox *sandbox);
/* Whether the kernel has Landlock; else all that the user may read stays readable. */
bool sandbox_has_landlock(void);
/* Octets of address space now (documents that are mapped, a sanitizer's shadow): what a limit
 * counts from. 0: not to be told. */
size_t sandbox_memory_in_use(void);

#endif
