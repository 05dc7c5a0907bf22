/*
 * The HTTP server: one listening socket on loopback, a pool of threads, request bodies capped, and
 * the faults that concern the transport. Answers come from authority_answer.c.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_HTTP_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_HTTP_H

#include <stdbool.h>

#include "base/err.h"

struct scope;

/* Serves DIR on its port until SIGTERM or SIGINT, then ends cleanly. `workers` of 0: one per
 * processor. `log`: each request is a line on standard output. ERR_NET when the port is taken. */
must_check enum err authority_http_serve(
    struct scope *s, const char *dir, unsigned workers, bool log);

/* A loopback port that nobody listens on, below the range the kernel gives to clients. */
must_check enum err authority_http_free_port(struct scope *s, int *ret_port);

#endif
