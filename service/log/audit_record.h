/*
 * One record of the audit log: one line of compact JSON.
 *
 *	{"seq":7,"time":"2026-11-22T10:00:00.123Z","kind":"login.accepted",
 *	 "source":{"address":"192.0.2.1","session":"0123456789abcdef"},"actor":"person:12",
 *	 "partner":"4","object":null,"detail":{"role":"officer"},"salt":"32 digits",
 *	 "previous":"64 digits","hash":"64 digits"}
 *
 * (without the line breaks). Numbers ascend from 1 without a gap. "previous" is the hash of the
 * record before, 64 zeros in the first one. "hash" is the SHA-256 of the exact octets of the line
 * that stand before `,"hash":`. The salt is random, so that whoever is shown hashes of records that
 * are not his (a partner, by "previous" and by proofs) cannot find out what they say by guessing.
 *
 * A record has exactly one form: what is read and written again is the same line, or is no record.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_RECORD_H
#define BULLA_SERVICE_LOG_AUDIT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

#define AUDIT_RECORD_HASH 32
#define AUDIT_RECORD_SALT 16

enum audit_kind {
#define KIND(constant, word, what) AUDIT_##constant,
#include "service/log/audit_kinds.def"
#undef KIND
	AUDIT_KINDS
};

struct audit_detail {
	const char *name; /* a constant of ours; NULL ends the list */
	const char *text; /* NULL: null */
	bool is_data;     /* made by us, ASCII: neither cleaned nor cut */
};

/* What is told of an event. Texts may be hostile: they are cleaned (service/log/audit_text.h) and
 * cut at LIMIT_AUDIT_NAME and LIMIT_AUDIT_TEXT octets. */
struct audit_entry {
	enum audit_kind kind;
	const char *address; /* of the client; NULL: nobody asked for it from outside */
	const char *session; /* of its hash in hex the first 16 digits; NULL */
	const char *actor;   /* "person:12", "portal:fund", "operator"; NULL: "system" */
	const char *partner; /* whom it concerns, and who may read it; NULL: nobody */
	const char *object;  /* the id of what was worked on; NULL */
	struct audit_detail detail[LIMIT_AUDIT_DETAILS]; /* what else, up to a NULL name */
};

struct audit_record {
	uint64_t seq;
	int64_t ms;       /* since 1970, UTC */
	const char *kind; /* a later version may have more of them */
	const char *address, *session, *actor, *partner, *object;
	struct audit_detail detail[LIMIT_AUDIT_DETAILS];
	size_t n_details;
	uint8_t salt[AUDIT_RECORD_SALT];
	uint8_t previous[AUDIT_RECORD_HASH], hash[AUDIT_RECORD_HASH];
};

/* What ties a record to the others. */
struct audit_frame {
	uint64_t seq;
	uint8_t previous[AUDIT_RECORD_HASH], hash[AUDIT_RECORD_HASH];
};

const char *audit_record_kind_name(enum audit_kind kind);

/* -- writing -- */
/* The members of a line that depend on nothing but the entry: from "kind" to "detail". ERR_NOMEM,
 * ERR_LIMIT. */
must_check enum err audit_record_body(
    struct scope *s, const struct audit_entry *entry, struct bytes *ret_body);
/* Appends the line, its end included. ERR_NOMEM; ERR_LIMIT: more than LIMIT_AUDIT_LINE octets. */
must_check enum err audit_record_write(struct scope *s, struct buf *out, uint64_t seq, int64_t ms,
    struct bytes body, const uint8_t salt[AUDIT_RECORD_SALT],
    const uint8_t previous[AUDIT_RECORD_HASH], uint8_t ret_hash[AUDIT_RECORD_HASH]);

/* -- reading: a line without its end -- */
/* Its number and hashes, when the hash is that of the line. Looks at nothing in between. ERR_FORMAT
 * with what is wrong. */
must_check enum err audit_record_frame(
    struct scope *s, struct bytes line, struct audit_frame *ret_frame);
/* The whole of it, strictly. ERR_FORMAT. Does not check that names and texts are clean. */
must_check enum err audit_record_parse(
    struct scope *s, struct bytes line, struct audit_record *ret_record);
/* The text of a detail, or NULL. */
const char *audit_record_detail(const struct audit_record *r, const char *name);

#endif
