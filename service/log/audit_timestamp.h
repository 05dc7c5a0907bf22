/*
 * Timestamps over the log. What is timestamped is the root of the tree (service/log/merkle.h) of
 * the first `size` records; a record log.timestamp keeps size, root and token, some records later.
 *
 * The message imprint in the token (RFC 3161 2.4.2) is the SHA-256 of this text, in which nothing
 * may vary:
 *
 *	bulla audit log, root of the first SIZE records: ROOT
 *
 * with SIZE in decimal and ROOT as 64 lower-case hexadecimal digits, and one line feed at its end.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_TIMESTAMP_H
#define BULLA_SERVICE_LOG_AUDIT_TIMESTAMP_H

#include "base/instant.h"
#include "formats/digest.h"
#include "service/log/audit_record.h"
#include "service/log/merkle.h"

struct anchors;

struct audit_timestamp {
	uint64_t size;
	struct merkle_hash root;
	struct bytes token; /* DER */
};

/* What is asked of the authority. */
must_check enum err audit_timestamp_imprint(
    struct scope *s, uint64_t size, const struct merkle_hash *root, struct digest *ret_imprint);

/* False: the line is no record log.timestamp. Quick; true is not certain. */
bool audit_timestamp_may_be(struct bytes line);
bool audit_timestamp_is_one(const struct audit_record *r);
/* ERR_FORMAT: size, root or token are not what they should be. */
must_check enum err audit_timestamp_of_record(
    struct scope *s, const struct audit_record *r, struct audit_timestamp *ret_timestamp);
/* The same out of texts, as an export has them. NULL texts are refused. */
must_check enum err audit_timestamp_parse(struct scope *s, const char *size, const char *root,
    const char *token, struct audit_timestamp *ret_timestamp);

struct audit_timestamp_verdict {
	struct instant time;
	const char *authority; /* subject of its certificate, RFC 4514 */
	bool is_trusted;       /* a chain leads to an anchor, all of it valid at `time` */
};

/* Whether the token was made for this root: its imprint, its signature, the certificate it carries
 * and names, which is for timestamping and was valid at the time. ERR_FORMAT says what is wrong.
 * With `anchors` (may be NULL) also the chain of that certificate at the token's time; that there
 * is none is no error. Revocation and the strength of algorithms are not looked at. */
must_check enum err audit_timestamp_check(struct scope *s, const struct audit_timestamp *t,
    const struct anchors *anchors, struct audit_timestamp_verdict *ret_verdict);

#endif
