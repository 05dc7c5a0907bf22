/*
 * What a partner gets of the audit log: the records that name it, each exactly as it stands in the
 * log, with the path from it to the root that was timestamped last, and that timestamp. So the
 * partner can show anybody that these records stood in the log at that time, without the log, and
 * sees none of another's.
 *
 * One JSON text, a line for each record:
 *
 *	{"bulla":1,"kind":"audit-export","partner":"4","from":null,"to":null,
 *	 "timestamp":{"record":"812","size":"809","root":"64 digits","token":"base64"},"records":[
 *	{"line":"{\"seq\":7,...}","path":["64 digits",...]},
 *	{"line":"{\"seq\":811,...}","path":null}
 *	]}
 *
 * (the first line without the break). "line" is the record's line without its end. "path" is null
 * for records behind the timestamp, which nothing proves yet; "timestamp" is null when there is
 * none.
 *
 * It does not prove that these are all records that name the partner.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_EXPORT_H
#define BULLA_SERVICE_LOG_AUDIT_EXPORT_H

#include "service/log/audit_verify.h"

struct output_file;

struct audit_export_request {
	const char *partner;
	struct instant from, to; /* from <= time < to; INSTANT_NONE: no bound */
};

/* Writes the export of a log that was found whole; `v` is what audit_verify said of it. ERR_IO;
 * ERR_LIMIT: more than LIMIT_AUDIT_EXPORT records; ERR_FORMAT: the log changed meanwhile. */
must_check enum err audit_export_write(struct scope *s, const struct audit_verdict *v,
    const struct audit_export_request *request, struct output_file *out, uint64_t *ret_n);

struct audit_export_verdict {
	const char *partner;
	struct instant from, to;
	uint64_t n_records, n_covered; /* found good; with a path */
	struct {
		uint64_t size;
		struct instant time;
		const char *authority;
		bool is_trusted;
	} timestamp;       /* size 0: there is none */
	const char *fault; /* NULL: all is good */
	uint64_t line;     /* of the fault */
};

/* Checks an export by itself: each record's hash, partner, order and time, its path, the token.
 * `anchors` may be NULL: who made the token is not looked at. ERR_FORMAT: it is no export. */
must_check enum err audit_export_check(struct scope *s, struct bytes text,
    const struct anchors *anchors, struct audit_export_verdict *ret_verdict);

#endif
