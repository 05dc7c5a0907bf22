/*
 * A sealing as the API tells it: the schema Sealing of service/front/openapi.json.
 */
#ifndef BULLA_SERVICE_FRONT_SEALING_ANSWER_H
#define BULLA_SERVICE_FRONT_SEALING_ANSWER_H

#include "service/front/front.h"
#include "service/store/store_sealing.h"

/* `window_url` NULL: null. 201, 200 or 202 with Location. */
must_check enum err sealing_answer_one(struct scope *s, const struct store_sealing *sealing,
    const char *window_url, int status, struct http_reply *r);
/* A page of a list. */
must_check enum err sealing_answer_list(
    struct scope *s, const struct store_sealing_list *list, struct http_reply *r);

#endif
