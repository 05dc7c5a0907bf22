/*
 * Judgements in short, for lists and databases: JSON whose keys service/worker/worker_client.h
 * tells. Every text in it is bounded and safe to show (formats/pdf_text.h, pdf_text_printable).
 */
#ifndef BULLA_SERVICE_WORKER_WORKER_SUMMARY_H
#define BULLA_SERVICE_WORKER_WORKER_SUMMARY_H

#include "base/json.h"
#include "service/worker/worker_client.h"
#include "validator/report.h"

/* Into the scope. `hungarian`: that catalogue. */
must_check enum err worker_summary_write(struct scope *s, const struct report *r,
    const struct messages *hungarian, enum worker_client_word *ret_word, struct bytes *ret_json);

/* -- its parts -- */
/* A text cut to `most` octets, null for NULL or "". */
must_check enum err worker_summary_text(
    struct scope *s, struct json *j, const char *key, const char *text, size_t most);
/* A finding; `signature`: "S1", NULL: null. */
must_check enum err worker_summary_finding(struct scope *s, struct json *j,
    const struct messages *hungarian, const struct finding *f, const char *signature);

#endif
