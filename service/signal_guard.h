/*
 * What must hold when a signal ends the program: no temporary file is left behind, and a mapped
 * input that shrinks under our hands (SIGBUS) ends in one line and EXIT_STATUS_INPUT_OUTPUT rather
 * than in a crash. The tables behind it belong to the process.
 */
#ifndef BULLA_SERVICE_SIGNAL_GUARD_H
#define BULLA_SERVICE_SIGNAL_GUARD_H

#include <stddef.h>

#include "base/scope.h"

/* Once, at start: handlers for SIGINT, SIGTERM, SIGHUP (where they are not ignored) and SIGBUS;
 * SIGPIPE and SIGXFSZ are ignored, so that writing reports EPIPE and EFBIG. */
void signal_guard_install(void);

/* Memory p..p+n is a mapped file with this name (cut when long). ERR_LIMIT: too many at once. */
must_check enum err signal_guard_map(struct scope *s, const void *p, size_t n, const char *name);
void signal_guard_unmap(const void *p);

/* A file, or a folder of files, to remove when a signal ends the program. ERR_LIMIT: too many at
 * once. */
must_check enum err signal_guard_temporary(struct scope *s, const char *path);
/* It was renamed or unlinked. */
void signal_guard_forget(const char *path);

#endif
