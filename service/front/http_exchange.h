/*
 * One request and its reply: the steps of service/front/http_server.h as libmicrohttpd calls for
 * them.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_EXCHANGE_H
#define BULLA_SERVICE_FRONT_HTTP_EXCHANGE_H

#include "service/front/http_own.h"

/* Callbacks of libmicrohttpd; `ctx` is a struct http_own_listener. */
void http_exchange_connection(void *ctx, struct MHD_Connection *connection, void **socket_context,
    enum MHD_ConnectionNotificationCode code);
void *http_exchange_target(void *ctx, const char *target, struct MHD_Connection *connection);
enum MHD_Result http_exchange_step(void *ctx, struct MHD_Connection *connection, const char *path,
    const char *method, const char *version, const char *upload, size_t *upload_n, void **state);
void http_exchange_end(void *ctx, struct MHD_Connection *connection, void **state,
    enum MHD_RequestTerminationCode why);
/* Paths and queries stay as they came: service/front/route.c decodes them. */
size_t http_exchange_keep_escaped(void *ctx, struct MHD_Connection *connection, char *text);

/* In a request thread; `job` is a struct http_own_exchange that is suspended, and that must not be
 * touched afterwards. */
void http_exchange_work(void *job);
void http_exchange_refuse(void *job);

#endif
