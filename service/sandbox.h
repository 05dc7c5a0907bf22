/*
 * What a process that reads hostile documents gives up: the network, other processes, writing to
 * any file, new programs, new privileges. For the process itself, at once, and for good.
 *
 * Two layers. A seccomp filter of ours lists the system calls that computing, memory, threads and
 * reading files take; every other one fails with EPERM, as does opening a file for writing.
 * Landlock, where the kernel has it (5.13), lets only the named paths be read. no_new_privs comes
 * with both.
 *
 * It does not limit memory, time or open files (service/limited_process.h), and does not take back
 * what is open already.
 */
#ifndef BULLA_SERVICE_SANDBOX_H
#define BULLA_SERVICE_SANDBOX_H

#include <stdbool.h>

#include "base/scope.h"

/* From here on. `readable`: files and folders with all below them; those that are not there are
 * passed over. ERR_UNSUPPORTED: the kernel has no seccomp filters, or this machine's kind is not
 * known: then nothing hostile should be read. */
must_check enum err sandbox_enter(struct scope *s, const char *const *readable, size_t n_readable);
/* Whether the kernel has Landlock; else all that the user may read stays readable. */
bool sandbox_has_landlock(void);

#endif
