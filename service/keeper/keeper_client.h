/*
 * What the front and `bulla unlock` ask of the keeper, one function for each request, over a link
 * that is theirs for the while. What each may ask and the codes of faults:
 * service/keeper/keeper_protocol.h. After ERR_IO, or when link_is_broken, the link is of no more
 * use.
 *
 * Passwords are borrowed: wiping what was typed is the caller's; the copy that was sent is wiped
 * before these functions return. A password is 0 to LIMIT_PASSWORD octets without a NUL.
 */
#ifndef BULLA_SERVICE_KEEPER_KEEPER_CLIENT_H
#define BULLA_SERVICE_KEEPER_KEEPER_CLIENT_H

#include "service/keeper/keeper_protocol.h"

/* DER, in the scope. */
struct keeper_client_certificates {
	struct bytes certificate;
	const struct bytes *chain;
	size_t n_chain;
};

/* An unlocked key for one sealing: goes to the worker with its job (service/keeper/keeper_key.h).
 */
struct keeper_client_session {
	struct bytes token; /* KEEPER_TOKEN octets; a secret that ends with the session */
	struct keeper_client_certificates certificates;
};

/* `uses`: signatures, 1 to LIMIT_KEEPER_USES; `seconds` until it ends, 1 to LIMIT_KEEPER_SECONDS.
 * ERR_DENIED: wrong password; ERR_LIMIT with keeper_client_wait > 0: too many of them. */
must_check enum err keeper_client_unlock_session(struct scope *s, struct link *l,
    struct bytes wrapped, struct bytes password, unsigned uses, unsigned seconds,
    struct keeper_client_session *ret_session);
/* A session that is no more is no error. */
must_check enum err keeper_client_close_session(
    struct scope *s, struct link *l, struct bytes token);

/* Takes a PKCS#12 file as it came. ERR_DENIED: wrong password, one that breaks the rule
 * (service/password_rule.h), or a key that the file holds unencrypted. The result is what is
 * stored; it is of no use without this service's key and the password. */
must_check enum err keeper_client_deposit(struct scope *s, struct link *l, struct bytes pkcs12,
    struct bytes password, struct bytes *ret_wrapped,
    struct keeper_client_certificates *ret_certificates);
/* The same key and certificates under a new password; replaces what is stored. */
must_check enum err keeper_client_change_password(struct scope *s, struct link *l,
    struct bytes wrapped, struct bytes password, struct bytes new_password,
    struct bytes *ret_wrapped);

/* A session of an unattended key. ERR_MISUSE: unknown or locked. */
must_check enum err keeper_client_grant(struct scope *s, struct link *l, const char *name,
    unsigned uses, unsigned seconds, struct keeper_client_session *ret_session);

struct keeper_client_status {
	size_t sessions; /* open ones */
	struct keeper_client_unattended {
		const char *name;
		bool is_open;
		struct bytes certificate; /* DER; empty while locked */
	} * key;                          /* in the order of the configuration */
	size_t n_keys;
};
must_check enum err keeper_client_status(
    struct scope *s, struct link *l, struct keeper_client_status *ret_status);

/* Over the operator's link only. */
must_check enum err keeper_client_unlock(struct scope *s, struct link *l, const char *name,
    struct bytes password, struct bytes *ret_certificate);
must_check enum err keeper_client_lock(struct scope *s, struct link *l, const char *name);

/* After ERR_LIMIT: seconds until the keeper will try a password for this key again, read from the
 * fault in the scope; 0 when it is another fault. */
unsigned keeper_client_wait(const struct scope *s);

#endif
