/*
 * The keys of a policy's JSON form, once, for who reads it and who writes it: which member of
 * struct policy each stands for, and what it may hold. validator/policy.schema.json says the same
 * to people; a test compares the two. "algorithms" has a form of its own and is not in the table.
 */
#ifndef BULLA_VALIDATOR_POLICY_FIELDS_H
#define BULLA_VALIDATOR_POLICY_FIELDS_H

#include <stddef.h>

#include "validator/policy.h"

enum policy_field_kind {
	POLICY_FIELD_BOOL,    /* bool */
	POLICY_FIELD_SECONDS, /* int64_t, 0 to POLICY_FIELD_SECONDS_MAX */
	POLICY_FIELD_TEXT,    /* const char * */
	POLICY_FIELD_OID,     /* struct bytes, "" for none */
	POLICY_FIELD_OIDS,    /* const struct bytes *, and their number */
	POLICY_FIELD_SHA256S, /* the same, 32 octets each */
	POLICY_FIELD_TEXTS,   /* const char *const *, and their number */
	POLICY_FIELD_CHOICE,  /* an enum: one of the words */
	POLICY_FIELD_FLAGS,   /* uint32_t: bit i is word i */
	POLICY_FIELD_CLASSES, /* const struct policy_class *, and their number */
};

#define POLICY_FIELD_SECONDS_MAX INT64_C(3155760000) /* a hundred years */
#define POLICY_FIELD_TEXT_MAX 4096                   /* characters */

struct policy_field {
	const char *section; /* NULL: at the top */
	const char *key;
	enum policy_field_kind kind;
	size_t at, n_at; /* offsets in struct policy; n_at of the number of a list */
	/* Word i; "" where i has none, NULL from the end on. */
	const char *(*word)(unsigned i);
	bool wants_some; /* may not be empty */
};

/* The table, sections together, in the order in which policy_canonical writes it. */
const struct policy_field *policy_fields(size_t *ret_n);
/* "signature", "certificate", "revocation", "timestamp": the keys under "algorithms". */
const char *policy_fields_use(enum policy_use use);
/* Words for digests and signature schemes, as `word` above. */
const char *policy_fields_digest(unsigned i);
const char *policy_fields_scheme(unsigned i);

/* The number of a word; false when there is none. */
bool policy_fields_find(const char *(*word)(unsigned i), const char *text, unsigned *ret_i);

#endif
