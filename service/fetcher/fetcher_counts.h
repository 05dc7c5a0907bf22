/*
 * Where the fetcher's threads note what they did, for fetcher_status.h. Safe from several threads.
 */
#ifndef BULLA_SERVICE_FETCHER_FETCHER_COUNTS_H
#define BULLA_SERVICE_FETCHER_FETCHER_COUNTS_H

#include "service/configuration.h"
#include "service/fetcher/fetcher_status.h"

struct fetcher_counts;

/* In the scope, which outlives the threads. */
must_check enum err fetcher_counts_new(
    struct scope *s, const struct configuration *c, struct fetcher_counts **ret_counts);
void fetcher_counts_note(struct fetcher_counts *c, enum fetcher_status_kind kind,
    enum fetcher_status_outcome outcome, size_t held);
/* A timestamp authority answered (cause NULL) or did not. One that is not configured is passed
 * over. */
void fetcher_counts_note_authority(
    struct fetcher_counts *c, const char *url, struct instant now, const char *cause);
/* The contents of a COUNTS reply. */
void fetcher_counts_put(struct fetcher_counts *c, struct buf *b, size_t held);

#endif
