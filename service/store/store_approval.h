/*
 * Approvals: the disclaimer of a certificate, seen for the first time, is accepted or refused by a
 * person other than who asked (four eyes). One approval for each certificate.
 */
#ifndef BULLA_SERVICE_STORE_STORE_APPROVAL_H
#define BULLA_SERVICE_STORE_STORE_APPROVAL_H

#include "service/store/store.h"

enum store_approval_state {
	STORE_APPROVAL_WAITING,
	STORE_APPROVAL_APPROVED,
	STORE_APPROVAL_REFUSED,
};

struct store_approval {
	const char *id; /* "ap_..." */
	uint8_t certificate_sha256[32];
	const char *subject;  /* of the certificate, RFC 4514 */
	const char *text;     /* the disclaimer */
	const char *asked_by; /* person; NULL: seen first in a filing */
	struct instant asked_at;
	enum store_approval_state state;
	const char *decided_by; /* NULL */
	struct instant decided_at;
	const char *note; /* "" */
};

/* Makes one that waits (state and decision of `a` do not count), unless the certificate has one:
 * then that one comes back as it is. */
must_check enum err store_approval_ask(struct scope *s, struct store *store,
    const struct store_approval *a, const struct store_approval **ret_approval);
must_check enum err store_approval_find(struct scope *s, struct store *store, const char *id,
    const struct store_approval **ret_approval);
must_check enum err store_approval_find_certificate(struct scope *s, struct store *store,
    const uint8_t sha256[32], const struct store_approval **ret_approval);
/* waiting -> approved or refused; and with a note also from approved to refused and back (somebody
 * changed his mind: the caller logs it). ERR_DENIED: `by` is who asked; ERR_MISUSE: no such one, or
 * it is in that state already. */
must_check enum err store_approval_decide(struct scope *s, struct store *store, const char *id,
    enum store_approval_state from, bool approved, const char *by, struct instant now,
    const char *note);

struct store_approval_list {
	const struct store_approval *approval;
	size_t n;
	const char *next;
};
/* In a state; newest first. */
must_check enum err store_approval_list(struct scope *s, struct store *store,
    enum store_approval_state state, struct store_page page, struct store_approval_list *ret_list);
must_check enum err store_approval_count(
    struct scope *s, struct store *store, enum store_approval_state state, uint64_t *ret_n);

#endif
