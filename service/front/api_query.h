/*
 * What queries of lists have in common: ?after=CURSOR&limit=N.
 */
#ifndef BULLA_SERVICE_FRONT_API_QUERY_H
#define BULLA_SERVICE_FRONT_API_QUERY_H

#include "service/front/http_reply.h"
#include "service/front/http_request.h"
#include "service/store/store.h"

/* A limit that is no number of 1 to LIMIT_STORE_PAGE fills the reply with a problem. */
must_check enum err api_query_page(struct scope *s, const struct http_request *q,
    struct http_reply *r, struct store_page *ret_page);

#endif
