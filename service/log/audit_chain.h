/*
 * Where one stands in the chain of records: the number and the hash of the last one. All zero
 * before the first.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_CHAIN_H
#define BULLA_SERVICE_LOG_AUDIT_CHAIN_H

#include "service/log/audit_record.h"

struct audit_chain {
	uint64_t seq;
	uint8_t hash[AUDIT_RECORD_HASH];
};

/* The record continues the chain. */
bool audit_chain_fits(const struct audit_chain *c, const struct audit_frame *frame);
/* Moves on to the record. */
void audit_chain_move(struct audit_chain *c, const struct audit_frame *frame);
bool audit_chain_equal(const struct audit_chain *a, const struct audit_chain *b);

/*
 * The head of a log: a file beside it that tells how far it reached, so that a log whose end was
 * cut off does not pass for whole. It is replaced in one step after records are durable, some time
 * later: it may stand for an earlier record than the last, never for a later one.
 */
#define AUDIT_CHAIN_HEAD "head"

/* Writes FOLDER/head, forced to disk. `folder_fd`: of the folder. ERR_IO. One thread at a time. */
must_check enum err audit_chain_write_head(
    struct scope *s, int folder_fd, const struct audit_chain *head);
/* *ret_is_there is false when there is no such file. ERR_FORMAT: it says something else; ERR_IO. */
must_check enum err audit_chain_read_head(
    struct scope *s, const char *folder, bool *ret_is_there, struct audit_chain *ret_head);

#endif
