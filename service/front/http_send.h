/*
 * Hands a reply to libmicrohttpd, with the headers that every reply has.
 */
#ifndef BULLA_SERVICE_FRONT_HTTP_SEND_H
#define BULLA_SERVICE_FRONT_HTTP_SEND_H

#include "service/front/http_own.h"

/* x->r as it is; its file is libmicrohttpd's from here. False: it could not be, and the connection
 * is to be closed. */
bool http_send_reply(struct http_own_exchange *x);

#endif
