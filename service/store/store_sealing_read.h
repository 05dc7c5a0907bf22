/*
 * Sealings as they come out of the database. For this folder only.
 */
#ifndef BULLA_SERVICE_STORE_STORE_SEALING_READ_H
#define BULLA_SERVICE_STORE_STORE_SEALING_READ_H

#include "service/store/store_access.h"
#include "service/store/store_sealing.h"

#define STORE_SEALING_READ_COLUMNS                                                                 \
	"id, portal, idempotency_key, request_sha256, partner, reference, title, data, options,"   \
	" return_url, window_sha256, unattended, created, expires, state, cause, cause_text,"      \
	" attempts, officer, key, begun, ended, has_files"

/* A store_sql_reader whose ctx is a store_access_array of struct store_sealing. */
must_check enum err store_sealing_read(void *ctx, struct scope *s, struct store_sql_row *row);
/* The sealing that a SELECT of an id finds by this value, with its documents; NULL. */
must_check enum err store_sealing_read_one(struct scope *s, struct store *store,
    const char *select_id, struct store_sql_values values,
    const struct store_sealing **ret_sealing);

#endif
