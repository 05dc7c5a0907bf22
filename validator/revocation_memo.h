/*
 * What the modules revocation* share and remember within one job; private to them. The answers
 * stand as long as the evidence does not grow: then all of it is forgotten.
 */
#ifndef BULLA_VALIDATOR_REVOCATION_MEMO_H
#define BULLA_VALIDATOR_REVOCATION_MEMO_H

#include <limits.h>

#include "validator/revocation.h"
#include "validator/revocation_index.h"

#define REVOCATION_MEMO_BUCKETS 256

/* Who signed an item with authority over an issuer's certificates. */
struct revocation_signer {
	const struct cert *cert; /* NULL: nobody */
	const struct path *path; /* NULL: the issuer itself */
	bool is_subject;         /* the certificate asked about signed the item */
	const char *why;         /* of there being nobody */
};

struct revocation_memo_signer {
	struct revocation_memo_signer *next;
	const void *item;
	const struct cert *issuer;
	struct revocation_signer signer;
};

struct revocation_memo_signature {
	struct revocation_memo_signature *next;
	const void *item;
	const struct cert *signer;
	const char *why; /* it does not verify; NULL: it does */
};

struct revocation_memo_record {
	struct revocation_memo_record *next;
	const struct cert *cert, *issuer;
	struct revocation_record record;
};

/* An item that was passed over because its signer is revoked: with a proof from before that
 * everything would have to be asked again. */
struct revocation_memo_doubt {
	struct revocation_memo_doubt *next;
	size_t embedded_end;
	struct instant revoked_at;
};

/* A question that is being answered; a signer's status is a question within one. */
struct revocation_memo_asked {
	const struct revocation_memo_asked *outer;
	const struct cert *cert;
	unsigned level; /* 0: asked from outside */
};

#define REVOCATION_MEMO_NO_CUT UINT_MAX

struct revocation_memo {
	size_t n_certs, n_crls, n_ocsps; /* of the evidence all of this is about */
	struct revocation_index *index;
	struct revocation_memo_record *records[REVOCATION_MEMO_BUCKETS];
	struct revocation_memo_signer *signers[REVOCATION_MEMO_BUCKETS];
	struct revocation_memo_signature *signatures[REVOCATION_MEMO_BUCKETS];
	struct revocation_memo_doubt *doubts;
	const struct revocation_memo_asked *asked; /* innermost first */
	size_t steps;                              /* questions answered within others */
	/* The outermost question that cut short an answer below it, by coming up there again. What
	 * was answered within that question holds for that question only. */
	unsigned cut;
};

/* The memo for the evidence and the proofs as they are. */
must_check enum err revocation_memo_open(struct scope *s, struct revocation_judge *j);

/* What is remembered, NULL when nothing is. */
const struct revocation_record *revocation_memo_find_record(
    const struct revocation_memo *m, const struct cert *cert, const struct cert *issuer);
const struct revocation_signer *revocation_memo_find_signer(
    const struct revocation_memo *m, const void *item, const struct cert *issuer);
const struct revocation_memo_signature *revocation_memo_find_signature(
    const struct revocation_memo *m, const void *item, const struct cert *signer);
must_check enum err revocation_memo_add_record(struct scope *s, struct revocation_memo *m,
    const struct cert *cert, const struct cert *issuer, const struct revocation_record *record);
must_check enum err revocation_memo_add_signer(struct scope *s, struct revocation_memo *m,
    const void *item, const struct cert *issuer, const struct revocation_signer *signer);
must_check enum err revocation_memo_add_signature(
    struct scope *s, struct revocation_memo *m, const struct revocation_memo_signature *signature);
must_check enum err revocation_memo_add_doubt(
    struct scope *s, struct revocation_memo *m, size_t embedded_end, struct instant revoked_at);

/* As revocation_find, within the answering of another question. *ret_record NULL: cannot be told
 * here, because it is that question itself or one around it, or goes too deep, or too many were
 * asked. In validator/revocation.c. */
must_check enum err revocation_find_within(struct scope *s, struct revocation_judge *j,
    const struct cert *cert, const struct cert *issuer,
    const struct revocation_record **ret_record);

#endif
