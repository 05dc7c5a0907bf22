/*
 * What each process of the service gives up once it is set up (service/sandbox.h has the layers):
 *
 *	worker   network, files (but for reading what is named), processes, programs; memory, open
 *	         files and the size of files written are limited
 *	keeper   the same, and all reading of files; its memory stays out of the swap as far as the
 *	         machine allows
 *	fetcher  programs, processes, files outside of what is named
 *	front    likewise
 *
 * All: no new privileges, no core, not to be traced by others of the same user, dies with its
 * parent. A process cannot take any of it back.
 */
#ifndef BULLA_SERVICE_PROCESS_CONFINEMENT_H
#define BULLA_SERVICE_PROCESS_CONFINEMENT_H

#include "service/process/role.h"

struct confinement {
	const char *const *readable; /* files and folders */
	size_t n_readable;
	const char *const *writable; /* folders, with all below; front and fetcher */
	size_t n_writable;
	size_t memory;    /* of a worker: octets of address space beyond the present; 0: no limit */
	uint64_t written; /* of a worker: octets of one file; 0: no limit */
};

/* First thing in a process: before secrets or documents are there. */
must_check enum err confinement_prepare(struct scope *s, enum role role);
/* ERR_UNSUPPORTED: the kernel lacks what the role must have; nothing hostile may be read then. In
 * the only thread there is. */
must_check enum err confinement_enter(struct scope *s, enum role role, const struct confinement *c);

#endif
