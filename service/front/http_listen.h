/*
 * The sockets that the server listens at.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_LISTEN_H
#define BULLA_SERVICE_FRONT_HTTP_LISTEN_H

#include "service/configuration.h"

/* Bound, listening, not blocking; the caller closes it. ERR_IO: "ADDRESS port N: why"; ERR_FORMAT:
 * not a numeric address; ERR_DENIED: without TLS only the loopback is listened at. */
must_check enum err http_listen_open(
    struct scope *s, const struct configuration_listener *l, int *ret_socket, uint16_t *ret_port);

#endif
