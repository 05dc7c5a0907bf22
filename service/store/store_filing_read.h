/*
 * Filings as they come out of the database. For this folder only.
 */
#ifndef BULLA_SERVICE_STORE_STORE_FILING_READ_H
#define BULLA_SERVICE_STORE_STORE_FILING_READ_H

#include "service/store/store_access.h"
#include "service/store/store_filing.h"

#define STORE_FILING_READ_COLUMNS                                                                  \
	"id, source, person, batch, idempotency_key, request_sha256, name, reference, size,"       \
	" sha256, received, state, word, sender, conclusion, sentence, summary, judged_at,"        \
	" sealing, decision, decided_by, decided_at, note"

/* A store_sql_reader whose ctx is a store_access_array of struct store_filing. */
must_check enum err store_filing_read(void *ctx, struct scope *s, struct store_sql_row *row);

/* What parts of a text are found by: without white space, accents and case, so that "Arvizturo" and
 * "árvíztűrő" are the same. NULL is "". */
must_check enum err store_filing_read_folded(
    struct scope *s, const char *text, const char **ret_folded);

#endif
