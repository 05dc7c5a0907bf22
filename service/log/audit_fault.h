/*
 * What is wrong with an audit log that is not whole, told of the first place where it is: which
 * record, in which file, and what was done to it. One who reads it knows what to look for.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_FAULT_H
#define BULLA_SERVICE_LOG_AUDIT_FAULT_H

#include "service/log/audit_chain.h"
#include "service/log/audit_reader.h"

enum audit_fault_kind {
	AUDIT_FAULT_NONE,
	AUDIT_FAULT_ALTERED,    /* its octets are not those that were hashed */
	AUDIT_FAULT_MISSING,    /* one or more are not there */
	AUDIT_FAULT_REORDERED,  /* it stands elsewhere */
	AUDIT_FAULT_DUPLICATED, /* it stands there twice */
	AUDIT_FAULT_INSERTED,   /* something stands there that was never written by the service */
	AUDIT_FAULT_CUT,        /* records at the end, of which the head tells, are not there */
	AUDIT_FAULT_UNFINISHED, /* the last line has no end: a crash, or a cut */
	AUDIT_FAULT_REWRITTEN,  /* the chain holds, but was made anew: a timestamped root differs */
	AUDIT_FAULT_TIMESTAMP,  /* a timestamp is none, or not to be trusted */
	AUDIT_FAULT_HEAD,       /* the head is not there, or names another record */
	AUDIT_FAULT_KINDS
};

struct audit_fault {
	enum audit_fault_kind kind;
	uint64_t record;  /* the first that is concerned; 0: none in particular */
	const char *file; /* where it was noticed; NULL */
	uint64_t line;    /* in the file; 0 */
	const char *text; /* a sentence without its full stop */
};

/* "altered", "missing", ... */
const char *audit_fault_name(enum audit_fault_kind kind);

/* A line that does not continue the chain. */
struct audit_fault_place {
	const struct audit_reader_files *files;
	size_t file; /* in `files` */
	uint64_t line;
	struct audit_chain chain;        /* up to the line before */
	struct audit_chain head;         /* what the head tells; zero: nothing */
	const struct audit_frame *frame; /* of the line; NULL: it is no record */
	const char *why;                 /* it is none */
};

/* Reads the whole log once more to tell what was done. ERR_IO, ERR_NOMEM. */
must_check enum err audit_fault_find(
    struct scope *s, const struct audit_fault_place *place, struct audit_fault *ret_fault);
/* A fault with these words, in the scope. */
must_check enum err audit_fault_make(struct scope *s, struct audit_fault *ret_fault,
    enum audit_fault_kind kind, uint64_t record, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Where it was noticed. */
must_check enum err audit_fault_at(struct scope *s, struct audit_fault *fault,
    const struct audit_reader_files *files, size_t file, uint64_t line);

#endif
