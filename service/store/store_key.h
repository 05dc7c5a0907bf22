/*
 * Deposited seal keys: a partner's PKCS#12, still under the partner's password, wrapped once more
 * by the keeper under the service's own key. The store cannot tell what is in it; the facts of the
 * certificate are told by whoever deposits.
 *
 *	waiting -> approved | refused      by a second person (store_key_decide)
 *	waiting, approved -> withdrawn     by the partner or the operator
 *	any -> destroyed                   the wrapped octets are overwritten; the row stays
 */
#ifndef BULLA_SERVICE_STORE_STORE_KEY_H
#define BULLA_SERVICE_STORE_STORE_KEY_H

#include "service/store/store.h"

enum store_key_state {
	STORE_KEY_WAITING,
	STORE_KEY_APPROVED,
	STORE_KEY_REFUSED,
	STORE_KEY_WITHDRAWN,
	STORE_KEY_DESTROYED,
};

struct store_key {
	const char *id; /* "ky_..." */
	const char *partner;
	uint8_t certificate_sha256[32];
	struct bytes certificate;  /* DER */
	const struct bytes *chain; /* DER, the issuer's first; without the certificate itself */
	size_t n_chain;
	const char *subject, *issuer; /* RFC 4514 */
	const char *serial;           /* hex */
	struct instant not_before, not_after;
	const char *disclaimer; /* of the certificate; "" when it has none */
	enum store_key_state state;
	const char *deposited_by; /* person */
	struct instant deposited_at;
	const char *decided_by; /* who approved or refused it; NULL */
	struct instant decided_at;
	const char *note;           /* of the decision or the withdrawal; "" */
	struct instant notified_at; /* that it ends soon; INSTANT_NONE */
	struct instant ended_at;    /* withdrawn or destroyed; INSTANT_NONE */
};

/* state, decided_*, notified_at and ended_at count as given; `wrapped` is what the keeper made.
 * ERR_MISUSE: this certificate's key is deposited already (and not refused, withdrawn, destroyed).
 */
must_check enum err store_key_add(
    struct scope *s, struct store *store, const struct store_key *k, struct bytes wrapped);
must_check enum err store_key_find(
    struct scope *s, struct store *store, const char *id, const struct store_key **ret_key);
/* The octets for the keeper. ERR_MISUSE: no such key, or destroyed. */
must_check enum err store_key_wrapped(
    struct scope *s, struct store *store, const char *id, struct bytes *ret_wrapped);
/* New octets in the place of old ones (new password, new service key), which are overwritten.
 * ERR_MISUSE: what is stored is no longer `from`, or the key is destroyed. */
must_check enum err store_key_rewrap(
    struct scope *s, struct store *store, const char *id, struct bytes from, struct bytes to);

/* waiting -> approved or refused. ERR_DENIED: `by` deposited it (four eyes); ERR_MISUSE: it does
 * not wait. */
must_check enum err store_key_decide(struct scope *s, struct store *store, const char *id,
    bool approved, const char *by, struct instant now, const char *note);
/* waiting, approved -> withdrawn. ERR_MISUSE otherwise. */
must_check enum err store_key_withdraw(
    struct scope *s, struct store *store, const char *id, struct instant now, const char *note);
/* Any state but destroyed -> destroyed: the octets are overwritten with zeros in the database, and
 * no copy stays in its journal. What the disk itself keeps of freed blocks is beyond us; there it
 * is still under two keys. ERR_MISUSE: destroyed already. */
must_check enum err store_key_destroy(
    struct scope *s, struct store *store, const char *id, struct instant now);
must_check enum err store_key_notified(
    struct scope *s, struct store *store, const char *id, struct instant now);

struct store_key_list {
	const struct store_key *key;
	size_t n;
	const char *next;
};
/* Of a partner, or with NULL of all; newest first. */
must_check enum err store_key_list(struct scope *s, struct store *store, const char *partner,
    struct store_page page, struct store_key_list *ret_list);
/* Those of a partner (NULL: all) in a state. */
must_check enum err store_key_list_state(struct scope *s, struct store *store, const char *partner,
    enum store_key_state state, struct store_page page, struct store_key_list *ret_list);
/* Approved ones of a partner whose certificate is valid at `now`; the one that ends last is first.
 */
must_check enum err store_key_list_usable(struct scope *s, struct store *store, const char *partner,
    struct instant now, struct store_key_list *ret_list);
/* Waiting or approved, not yet notified, not_after before `before`: whom to warn. The soonest
 * first; no pages: at most LIMIT_STORE_PAGE, the rest comes when these are marked. */
must_check enum err store_key_list_ending(
    struct scope *s, struct store *store, struct instant before, struct store_key_list *ret_list);
/* Not destroyed, not_after before `before`: whom to destroy. As above. */
must_check enum err store_key_list_ended(
    struct scope *s, struct store *store, struct instant before, struct store_key_list *ret_list);
must_check enum err store_key_count(
    struct scope *s, struct store *store, enum store_key_state state, uint64_t *ret_n);

#endif
