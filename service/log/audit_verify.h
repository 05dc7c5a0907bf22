/*
 * Whether an audit log is whole: every record is what was hashed, has its number, continues the one
 * before; the head does not tell of more; each timestamped root is that of the tree, and each token
 * was made for it. Memory does not grow with the records, but for some octets per timestamp.
 *
 * A log that is not whole is a verdict, not an error. The first thing that is wrong is told; what
 * comes after it was not looked at.
 *
 * What a whole log does not prove: that nothing happened besides; that no records were forgotten
 * after the last timestamp (by one who also set back the head); and without anchors, that the
 * timestamps come from anybody in particular.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_VERIFY_H
#define BULLA_SERVICE_LOG_AUDIT_VERIFY_H

#include "base/instant.h"
#include "service/log/audit_fault.h"
#include "service/log/merkle.h"

struct anchors;

#define AUDIT_VERIFY_WARNINGS 10

struct audit_verdict {
	const char *folder;
	struct audit_reader_files files;
	struct audit_fault fault; /* kind NONE: it is whole */
	struct audit_chain last;  /* of those found good */
	int64_t first_ms, last_ms;
	struct merkle_hash root; /* of those */
	uint64_t head;           /* the record that the head tells of */
	uint64_t n_timestamps;   /* found good */
	struct {
		uint64_t record, size;
		struct instant time;
		const char *authority;
	} newest;        /* of the timestamps; record 0: there is none */
	bool is_trusted; /* anchors were given, and every token leads to one */
	bool is_in_use;  /* a service writes to it: what it was writing was left out */
	const char *warning[AUDIT_VERIFY_WARNINGS]; /* strange, but no proof of a change */
	size_t n_warnings;                          /* may be more than are told */
};

/* `folder`: the log's, or the data folder whose "log" it is. `anchors` may be NULL: tokens are
 * checked, but not who made them. ERR_FORMAT: there is no log; ERR_IO; ERR_LIMIT: more than
 * LIMIT_AUDIT_TIMESTAMPS timestamps. */
must_check enum err audit_verify(struct scope *s, const char *folder, const struct anchors *anchors,
    struct audit_verdict *ret_verdict);

#endif
