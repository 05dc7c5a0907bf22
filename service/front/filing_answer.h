/*
 * Filings as the API tells them: the schemas Filing and FilingList of service/front/openapi.json.
 */
#ifndef BULLA_SERVICE_FRONT_FILING_ANSWER_H
#define BULLA_SERVICE_FRONT_FILING_ANSWER_H

#include "service/front/http_reply.h"
#include "service/store/store_filing.h"

must_check enum err filing_answer_one(
    struct scope *s, const struct store_filing *filing, int status, struct http_reply *r);
/* `next` NULL: this was all. With `summaries` each has its summary too. */
must_check enum err filing_answer_list(struct scope *s, const struct store_filing *const *filing,
    size_t n, bool summaries, const char *next, int status, struct http_reply *r);

#endif
