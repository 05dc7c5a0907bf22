/*
 * What each process of the service gives up once it is set up (service/sandbox.h has the layers):
 *
 *	worker   network, files (but for reading what is named), processes, programs; memory and
 *	         open files are limited; no core
 *	keeper   the same, and all reading of files; its memory is locked where the machine allows,
 *	         no core, not to be traced
 *	fetcher  programs, processes, writing outside its cache folder
 *	front    programs, processes, files outside the data folder
 *
 * All: no new privileges. As root they become the configured user first. A process cannot take any
 * of it back.
 */
#ifndef BULLA_SERVICE_PROCESS_CONFINEMENT_H
#define BULLA_SERVICE_PROCESS_CONFINEMENT_H

#include "service/process/role.h"

struct confinement_paths {
	const char *const *readable;
	size_t n_readable;
	const char *const *writable; /* folders, with all below */
	size_t n_writable;
};

/* ERR_UNSUPPORTED: the kernel lacks what the role must have (worker, keeper: seccomp). */
must_check enum err confinement_enter(
    struct scope *s, enum role role, const struct confinement_paths *paths);
/* Before secrets or documents are read: no core, not dumpable, dies with its parent. */
must_check enum err confinement_prepare(struct scope *s, enum role role);

#endif
