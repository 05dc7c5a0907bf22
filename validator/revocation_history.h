/*
 * Everything acceptable that was said about one certificate, in the order in which it was said.
 * Private to the modules revocation*.
 */
#ifndef BULLA_VALIDATOR_REVOCATION_HISTORY_H
#define BULLA_VALIDATOR_REVOCATION_HISTORY_H

#include "validator/revocation.h"

struct revocation_history {
	struct revocation_statement *item;
	size_t n, room;
	const char *rejected, *rejected_url; /* the last item that did not count */
};

must_check enum err revocation_history_add(
    struct scope *s, struct revocation_history *h, const struct revocation_statement *statement);
/* `why` NULL: nothing to tell. */
void revocation_history_reject(struct revocation_history *h, const char *why, const char *url);
/* Newest first. Of one date, a list with its deltas is newer than one without, and then what is
 * worse comes first. */
must_check enum err revocation_history_sort(struct scope *s, struct revocation_history *h);

#endif
