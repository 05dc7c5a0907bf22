/*
 * The process that is started first and does least: it starts the front, the workers, the keeper
 * and the fetcher, connects them, starts anew whoever died, tells them to stop or to read the
 * configuration again, and hands connections to the admin socket (DATA/run/admin.sock, its own user
 * and root only) to the keeper. It reads the configuration and nothing else.
 *
 * SIGTERM and SIGINT: the front finishes the requests under way, then all end. SIGHUP: the
 * configuration is read again; what it says about listeners, limits, the data folder, the user
 * and unattended keys counts from the next start only. A file that cannot be used changes nothing.
 * Under systemd it tells when it is ready (sd_notify).
 */
#ifndef BULLA_SERVICE_PROCESS_STEWARD_H
#define BULLA_SERVICE_PROCESS_STEWARD_H

#include "base/bytes.h"

/* Runs the service to its end. `path` of the configuration's file. Faults begin with it. */
must_check enum err steward_run(struct scope *s, const char *path);

#endif
