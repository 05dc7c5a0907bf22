/*
 * The keeper: who holds unlocked keys. It knows no links and no files: requests come from
 * service/keeper/keeper_requests.h, its keys from service/keeper/keeper_files.h.
 *
 * A *session* is a token for one unlocked key, with a number of uses and an end. It dies when it is
 * closed, at its end, with its last use, and with the keeper; the key is wiped when the last
 * session of it is gone and the last signature that had begun is made. *Unattended* keys are the
 * operator's own: unlocked until they are locked, and used through sessions too.
 *
 * Signs nothing but signed attributes (RFC 5652 5.4: a DER SET), so neither certificates,
 * revocation data nor timestamps, which are SEQUENCEs; and never with MD5 or SHA-1. Does not judge
 * what the attributes say: whoever holds a token may sign any document, as often as it has uses.
 *
 * Thread-safe; each call takes a scope of its own thread. Computing is done outside of its lock.
 */
#ifndef BULLA_SERVICE_KEEPER_KEEPER_H
#define BULLA_SERVICE_KEEPER_KEEPER_H

#include "sealer/key.h"
#include "service/keeper/keeper_protocol.h"

struct keeper;

struct keeper_certificates {
	struct bytes certificate; /* DER, in the scope of the call */
	const struct bytes *chain;
	size_t n_chain;
};

struct keeper_session {
	struct bytes token; /* in secret memory of the scope of the call */
	struct keeper_certificates certificates;
};

/* `service_key` of KEEPER_WRAP_KEY octets is copied. now_ms: milliseconds of any clock that does
 * not go back. The caller ends it with keeper_free, when no other thread uses it any more. */
must_check enum err keeper_new(struct scope *s, struct bytes service_key,
    int64_t (*now_ms)(void *ctx), void *ctx, struct keeper **ret_keeper);
/* Wipes everything; NULL is fine. */
void keeper_free(struct keeper *k);
/* Ends all sessions and locks all keys, while other threads may still be at work. */
void keeper_lock_all(struct keeper *k);
/* Before the first request, in the order of the configuration. Copied. ERR_LIMIT, ERR_MISUSE: a
 * name that is too long, or there already. */
must_check enum err keeper_add_unattended(
    struct keeper *k, struct scope *s, const char *name, struct bytes pkcs12);

/* The requests of service/keeper/keeper_protocol.h, with the errors that it names. Passwords are
 * followed by a NUL (keeper_secret_copy). */
must_check enum err keeper_unlock_session(struct keeper *k, struct scope *s, struct bytes wrapped,
    struct bytes password, unsigned uses, unsigned seconds, struct keeper_session *ret_session);
void keeper_close_session(struct keeper *k, struct bytes token);
must_check enum err keeper_deposit(struct keeper *k, struct scope *s, struct bytes pkcs12,
    struct bytes password, struct bytes *ret_wrapped, struct keeper_certificates *ret_certificates);
must_check enum err keeper_change_password(struct keeper *k, struct scope *s, struct bytes wrapped,
    struct bytes password, struct bytes new_password, struct bytes *ret_wrapped);
must_check enum err keeper_grant(struct keeper *k, struct scope *s, const char *name, unsigned uses,
    unsigned seconds, struct keeper_session *ret_session);
must_check enum err keeper_unlock(struct keeper *k, struct scope *s, const char *name,
    struct bytes password, struct bytes *ret_certificate);
must_check enum err keeper_lock(struct keeper *k, struct scope *s, const char *name);
must_check enum err keeper_sign(struct keeper *k, struct scope *s, struct bytes token,
    const struct signature_alg *alg, struct bytes data, struct bytes *ret_value);

/* Open sessions. */
size_t keeper_sessions(struct keeper *k);
size_t keeper_unattended(const struct keeper *k);
/* The i-th of them. *ret_certificate is empty while it is locked. `name` lives as long as the
 * keeper. */
must_check enum err keeper_unattended_at(struct keeper *k, struct scope *s, size_t i,
    const char **ret_name, struct bytes *ret_certificate);

/* Ends sessions whose time is over. Called every second or so; an ended one is refused anyhow. */
void keeper_tick(struct keeper *k);

#endif
