/*
 * The audit log as the service writes it: every record is chained to the one before by its hash
 * (service/log/audit_record.h), and is on the disk before audit_log_append returns. So an answer
 * that goes out after it has its record.
 *
 * Many threads append at once. What gathers while one write is under way goes to disk with the
 * next: one write and one flush for all of them.
 *
 * What this cannot do: whoever holds the machine can leave out what was not yet timestamped, and
 * can cut the end of the log together with its head. What a timestamped root covers he cannot
 * change unnoticed.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_LOG_H
#define BULLA_SERVICE_LOG_AUDIT_LOG_H

#include "service/log/audit_record.h"
#include "service/log/merkle.h"

struct audit_log;

/* Opens the log in the folder, which is made if its parent is there, and keeps all others from
 * writing to it. A last line that a crash left unfinished (so nobody was told that it is there) is
 * cut off, and a record log.recovered says so. Reads all of it: 10 million records take some 20
 * seconds. `file_octets`: size of one file, 0: LIMIT_AUDIT_FILE. Closed with the scope.
 *
 * ERR_DENIED: somebody else writes to it. ERR_FORMAT: it is not whole: the first record that is
 * wrong, and how (`bulla audit verify` tells more). ERR_IO. */
must_check enum err audit_log_open(
    struct scope *s, const char *folder, size_t file_octets, struct audit_log **ret_log);

/* Appends one record; durable when this returns. `s` is the caller's scope, not the log's; any
 * thread may call. *ret_seq (may be NULL) is its number. ERR_IO: it is not in the log, and later
 * ones are not behind it either: the disk is full, ...; the log goes on when there is room again.
 * ERR_FORMAT: after a failed write the log was found not to be what was written. */
must_check enum err audit_log_append(
    struct scope *s, struct audit_log *log, const struct audit_entry *entry, uint64_t *ret_seq);

/* Lets the head catch up, which appending does at most once a second: to be called every few
 * seconds, so that the end of a log that rests is guarded too. The head that cannot be written
 * stays. */
void audit_log_settle(struct audit_log *log);

/* The number of durable records, and the root of the tree of all of them: what is to be timestamped
 * (service/log/audit_timestamp.h says how). */
must_check enum err audit_log_root(
    struct scope *s, struct audit_log *log, uint64_t *ret_size, struct merkle_hash *ret_root);
/* Appends the record log.timestamp for what audit_log_root gave. The token (DER) is not looked at:
 * who fetched it did. ERR_LIMIT: larger than LIMIT_AUDIT_TOKEN; ERR_MISUSE: so many records are not
 * there. */
must_check enum err audit_log_note_timestamp(struct scope *s, struct audit_log *log, uint64_t size,
    const struct merkle_hash *root, struct bytes token, uint64_t *ret_seq);
/* How many durable records are not covered by a timestamp noted since the log was opened, or by one
 * found then; a timestamp's own record does not count when nothing else came. 0: nothing new is
 * there to be timestamped. */
uint64_t audit_log_uncovered(struct audit_log *log);

#endif
