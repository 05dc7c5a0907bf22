#include "service/keeper/keeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/keeper/keeper_pkcs12.h"
#include "service/keeper/keeper_secret.h"
#include "service/keeper/keeper_tries.h"
#include "service/keeper/keeper_wrap.h"
#include "service/key_file.h"
#include "service/password_rule.h"

/* An unlocked key with the scope it lives in. */
struct unlocked {
	struct scope *scope;
	const struct key *key;
	unsigned holders; /* sessions, an unattended key, signatures being made */
};

struct session {
	struct unlocked *unlocked;       /* NULL: a free place */
	const struct unattended *origin; /* NULL: of a person's key */
	uint8_t token[KEEPER_TOKEN];
	unsigned uses;
	int64_t end_ms;
};

struct unattended {
	const char *name;
	struct bytes pkcs12;
	struct digest id;
	struct unlocked *unlocked; /* NULL: locked */
};

struct keeper {
	struct scope *scope;
	struct bytes service_key;
	int64_t (*now_ms)(void *ctx);
	void *ctx;
	struct keeper_pkcs12 *library;
	pthread_mutex_t lock; /* over what follows */
	struct keeper_tries *tries;
	struct session *session; /* LIMIT_KEEPER_SESSIONS, in secret memory */
	struct unattended unattended[LIMIT_KEEPER_KEYS];
	size_t n_unattended;
};

/* -- life -- */
static enum err build(struct scope *s, struct bytes service_key, struct keeper *k)
{
	uint8_t *sessions;
	if (service_key.n != KEEPER_WRAP_KEY)
		return scope_fault(
		    s, ERR_MISUSE, "keeper: a service key of %zu octets", service_key.n);
	TRY(keeper_secret_copy(s, service_key, &k->service_key));
	TRY(keeper_secret_new(s, LIMIT_KEEPER_SESSIONS * sizeof(struct session), &sessions));
	TRY(keeper_pkcs12_new(s, &k->library));
	TRY(keeper_tries_new(s, &k->tries));
	k->session = (struct session *)(void *)sessions;
	return OK;
}

enum err keeper_new(struct scope *s, struct bytes service_key, int64_t (*now_ms)(void *ctx),
    void *ctx, struct keeper **ret_keeper)
{
	struct scope *own = scope_new(0);
	struct keeper *k = own ? scope_alloc(own, sizeof(*k)) : NULL;
	if (!k) {
		scope_free(own);
		return scope_fault(s, ERR_NOMEM, "out of memory");
	}
	k->scope = own;
	k->now_ms = now_ms;
	k->ctx = ctx;
	enum err e = build(own, service_key, k);
	if (e == OK && pthread_mutex_init(&k->lock, NULL) != 0)
		e = scope_fault(own, ERR_NOMEM, "out of memory");
	if (e != OK) {
		scope_fault(s, e, "%s", scope_fault_text(own));
		scope_free(own);
		return e;
	}
	*ret_keeper = k;
	return OK;
}

/* Gives a hold back; with the lock held. What it returns is to be freed without it. */
static struct scope *let_go(struct unlocked *u)
{
	return u && --u->holders == 0 ? u->scope : NULL;
}

/* Forgets a session; with the lock held. */
static struct scope *end_session(struct session *x)
{
	struct scope *left = let_go(x->unlocked);
	bytes_wipe(x, sizeof(*x));
	return left;
}

enum err keeper_add_unattended(
    struct keeper *k, struct scope *s, const char *name, struct bytes pkcs12)
{
	const size_t n = strlen(name);
	char *copy;
	if (k->n_unattended == LIMIT_KEEPER_KEYS)
		return scope_fault(
		    s, ERR_LIMIT, "keeper: more than %d unattended keys", LIMIT_KEEPER_KEYS);
	if (!n || n > LIMIT_KEEPER_NAME)
		return scope_fault(
		    s, ERR_LIMIT, "keeper: a key's name has 1 to %d octets", LIMIT_KEEPER_NAME);
	if (pkcs12.n > LIMIT_KEEPER_FILE)
		return scope_fault(s, ERR_LIMIT, "larger than a key file may be");
	for (size_t i = 0; i < k->n_unattended; i++)
		if (!strcmp(k->unattended[i].name, name))
			return scope_fault(s, ERR_MISUSE, "keeper: two keys named %s", name);
	struct unattended *u = &k->unattended[k->n_unattended];
	TRY(digest_of_bytes(s, DIGEST_SHA256, pkcs12, &u->id));
	TRY(bytes_to_str(k->scope, bytes_of_str(name), &copy));
	TRY(bytes_copy(k->scope, pkcs12, &u->pkcs12));
	u->name = copy;
	k->n_unattended++;
	return OK;
}

/* -- unlocking -- */
static enum err check_rule(struct scope *s, struct bytes password)
{
	const unsigned unmet = password_rule_unmet(password);
	for (unsigned part = 1; part <= unmet; part *= 2)
		if (unmet & part)
			return scope_fault(s, ERR_DENIED, "the password must have %s",
			    password_rule_text((enum password_rule)part));
	return OK;
}

static void unlocked_drop(struct unlocked *u)
{
	scope_free(u->scope);
}

/* Opens a file in a scope of its own, whose faults are told to `s`. */
static enum err open_file(
    struct scope *s, struct bytes pkcs12, struct bytes password, struct unlocked **ret_unlocked)
{
	struct scope *own = scope_new(LIMIT_KEEPER_UNLOCKED);
	struct unlocked *u = own ? scope_alloc(own, sizeof(*u)) : NULL;
	if (!u) {
		scope_free(own);
		return scope_fault(s, ERR_NOMEM, "out of memory");
	}
	u->scope = own;
	enum err e = key_file_parse(own, pkcs12, password, &u->key);
	if (e != OK) {
		scope_fault(s, e, "%s", scope_fault_text(own));
		scope_free(own);
		return e;
	}
	*ret_unlocked = u;
	return OK;
}

/* The same with wrong passwords counted. The file has been checked when it came. */
static enum err try_file(struct keeper *k, struct scope *s, const struct digest *id,
    struct bytes pkcs12, struct bytes password, struct unlocked **ret_unlocked)
{
	pthread_mutex_lock(&k->lock);
	enum err e = keeper_tries_begin(k->tries, s, id, k->now_ms(k->ctx));
	pthread_mutex_unlock(&k->lock);
	TRY(e);
	e = open_file(s, pkcs12, password, ret_unlocked);
	pthread_mutex_lock(&k->lock);
	if (e == OK)
		keeper_tries_right(k->tries, id);
	else if (e != ERR_DENIED)
		keeper_tries_undo(k->tries, id);
	pthread_mutex_unlock(&k->lock);
	return e;
}

static enum err try_wrapped(struct keeper *k, struct scope *s, struct bytes wrapped,
    struct bytes password, struct unlocked **ret_unlocked)
{
	struct bytes pkcs12;
	struct digest id;
	TRY(keeper_wrap_open(s, k->service_key, wrapped, &pkcs12));
	TRY(digest_of_bytes(s, DIGEST_SHA256, pkcs12, &id));
	return try_file(k, s, &id, pkcs12, password, ret_unlocked);
}

static enum err copy_certificates(
    struct scope *s, const struct key *key, struct keeper_certificates *ret_certificates)
{
	struct keeper_certificates c = { .n_chain = key->n_chain };
	struct bytes *chain = scope_alloc_array(s, key->n_chain, sizeof(*chain));
	if (!chain)
		return ERR_NOMEM;
	TRY(bytes_copy(s, key->cert->der, &c.certificate));
	for (size_t i = 0; i < key->n_chain; i++)
		TRY(bytes_copy(s, key->chain[i]->der, &chain[i]));
	c.chain = chain;
	*ret_certificates = c;
	return OK;
}

/* -- sessions -- */
struct terms {
	unsigned uses, seconds;
};

static enum err check_terms(struct scope *s, const struct terms *t)
{
	if (t->uses < 1 || t->uses > LIMIT_KEEPER_USES)
		return scope_fault(
		    s, ERR_LIMIT, "keeper: a session has 1 to %d uses", LIMIT_KEEPER_USES);
	if (t->seconds < 1 || t->seconds > LIMIT_KEEPER_SECONDS)
		return scope_fault(
		    s, ERR_LIMIT, "keeper: a session lasts 1 to %d s", LIMIT_KEEPER_SECONDS);
	return OK;
}

static struct session *find_free(struct keeper *k)
{
	for (size_t i = 0; i < LIMIT_KEEPER_SESSIONS; i++)
		if (!k->session[i].unlocked)
			return &k->session[i];
	return NULL;
}

/* A new session that holds `u`; with the lock held. */
static enum err begin_session(struct keeper *k, struct scope *s, struct unlocked *u,
    const struct unattended *origin, const struct terms *terms, const uint8_t *token)
{
	struct session *x = find_free(k);
	if (origin && origin->unlocked != u)
		return scope_fault(s, ERR_MISUSE, "keeper: the key %s was locked", origin->name);
	if (!x)
		return scope_fault(
		    s, ERR_LIMIT, "keeper: %d sessions are open", LIMIT_KEEPER_SESSIONS);
	memcpy(x->token, token, KEEPER_TOKEN);
	x->uses = terms->uses;
	x->end_ms = k->now_ms(k->ctx) + (int64_t)terms->seconds * 1000;
	x->unlocked = u;
	x->origin = origin;
	u->holders++;
	return OK;
}

static enum err draw_token(struct scope *s, uint8_t **ret_token)
{
	TRY(keeper_secret_new(s, KEEPER_TOKEN, ret_token));
	if (RAND_priv_bytes(*ret_token, KEEPER_TOKEN) != 1)
		return scope_fault(s, ERR_CRYPTO, "keeper: no random octets");
	return OK;
}

/* The session of a token; with the lock held. Takes as long for every token: which of its octets
 * are right cannot be told by a clock. */
static struct session *find_session(struct keeper *k, struct bytes token)
{
	struct session *found = NULL;
	if (token.n != KEEPER_TOKEN)
		return NULL;
	for (size_t i = 0; i < LIMIT_KEEPER_SESSIONS; i++) {
		struct session *x = &k->session[i];
		bool is_same = CRYPTO_memcmp(x->token, token.p, KEEPER_TOKEN) == 0;
		if (is_same && x->unlocked)
			found = x;
	}
	return found;
}

static enum err open_session(struct keeper *k, struct scope *s, struct unlocked *u,
    const struct unattended *origin, const struct terms *terms, struct keeper_session *ret_session)
{
	uint8_t *token;
	struct keeper_session session;
	TRY(draw_token(s, &token));
	TRY(copy_certificates(s, u->key, &session.certificates));
	session.token = bytes_of(token, KEEPER_TOKEN);
	pthread_mutex_lock(&k->lock);
	enum err e = begin_session(k, s, u, origin, terms, token);
	pthread_mutex_unlock(&k->lock);
	TRY(e);
	*ret_session = session;
	return OK;
}

enum err keeper_unlock_session(struct keeper *k, struct scope *s, struct bytes wrapped,
    struct bytes password, unsigned uses, unsigned seconds, struct keeper_session *ret_session)
{
	struct unlocked *u;
	const struct terms terms = { uses, seconds };
	TRY(check_terms(s, &terms));
	TRY(try_wrapped(k, s, wrapped, password, &u));
	enum err e = open_session(k, s, u, NULL, &terms, ret_session);
	if (e != OK)
		unlocked_drop(u);
	return e;
}

void keeper_close_session(struct keeper *k, struct bytes token)
{
	pthread_mutex_lock(&k->lock);
	struct session *x = find_session(k, token);
	struct scope *left = x ? end_session(x) : NULL;
	pthread_mutex_unlock(&k->lock);
	scope_free(left);
}

void keeper_tick(struct keeper *k)
{
	for (size_t i = 0; i < LIMIT_KEEPER_SESSIONS; i++) {
		struct session *x = &k->session[i];
		struct scope *left = NULL;
		pthread_mutex_lock(&k->lock);
		if (x->unlocked && k->now_ms(k->ctx) >= x->end_ms)
			left = end_session(x);
		pthread_mutex_unlock(&k->lock);
		scope_free(left);
	}
}

size_t keeper_sessions(struct keeper *k)
{
	size_t n = 0;
	pthread_mutex_lock(&k->lock);
	for (size_t i = 0; i < LIMIT_KEEPER_SESSIONS; i++)
		n += k->session[i].unlocked != NULL;
	pthread_mutex_unlock(&k->lock);
	return n;
}

/* -- deposited files -- */
enum err keeper_deposit(struct keeper *k, struct scope *s, struct bytes pkcs12,
    struct bytes password, struct bytes *ret_wrapped, struct keeper_certificates *ret_certificates)
{
	struct unlocked *u;
	struct keeper_certificates certificates;
	TRY(check_rule(s, password));
	TRY(keeper_pkcs12_check(k->library, s, pkcs12, password));
	TRY(open_file(s, pkcs12, password, &u));
	enum err e = copy_certificates(s, u->key, &certificates);
	unlocked_drop(u);
	TRY(e);
	TRY(keeper_wrap_close(s, k->service_key, pkcs12, ret_wrapped));
	*ret_certificates = certificates;
	return OK;
}

/* The new file is read as it will be, before it takes the place of the old one. */
static enum err reread(
    struct scope *s, const struct key *key, struct bytes pkcs12, struct bytes password)
{
	struct unlocked *again;
	TRY(open_file(s, pkcs12, password, &again));
	bool is_same =
	    cert_equal(again->key->cert, key->cert) && again->key->n_chain == key->n_chain;
	unlocked_drop(again);
	return is_same ? OK : scope_fault(s, ERR_INTERNAL, "keeper: the new key file is not whole");
}

enum err keeper_change_password(struct keeper *k, struct scope *s, struct bytes wrapped,
    struct bytes password, struct bytes new_password, struct bytes *ret_wrapped)
{
	struct unlocked *u;
	struct bytes pkcs12;
	TRY(try_wrapped(k, s, wrapped, password, &u));
	enum err e = check_rule(s, new_password);
	if (e == OK)
		e = keeper_pkcs12_rebuild(s, u->key, new_password, &pkcs12);
	if (e == OK)
		e = reread(s, u->key, pkcs12, new_password);
	unlocked_drop(u);
	TRY(e);
	return keeper_wrap_close(s, k->service_key, pkcs12, ret_wrapped);
}

/* -- unattended keys -- */
static enum err find_unattended(
    struct keeper *k, struct scope *s, const char *name, struct unattended **ret_unattended)
{
	for (size_t i = 0; i < k->n_unattended; i++) {
		if (strcmp(k->unattended[i].name, name))
			continue;
		*ret_unattended = &k->unattended[i];
		return OK;
	}
	return scope_fault(s, ERR_MISUSE, "keeper: no key named %s", name);
}

size_t keeper_unattended(const struct keeper *k)
{
	return k->n_unattended;
}

/* A hold on it while it is looked at without the lock. */
static struct unlocked *hold(struct keeper *k, const struct unattended *a)
{
	pthread_mutex_lock(&k->lock);
	struct unlocked *u = a->unlocked;
	if (u)
		u->holders++;
	pthread_mutex_unlock(&k->lock);
	return u;
}

static void drop(struct keeper *k, struct unlocked *u)
{
	pthread_mutex_lock(&k->lock);
	struct scope *left = let_go(u);
	pthread_mutex_unlock(&k->lock);
	scope_free(left);
}

enum err keeper_unattended_at(struct keeper *k, struct scope *s, size_t i, const char **ret_name,
    struct bytes *ret_certificate)
{
	if (i >= k->n_unattended)
		return scope_fault(s, ERR_MISUSE, "keeper: no such key");
	struct bytes certificate = BYTES_NONE;
	struct unlocked *u = hold(k, &k->unattended[i]);
	enum err e = u ? bytes_copy(s, u->key->cert->der, &certificate) : OK;
	drop(k, u);
	TRY(e);
	*ret_name = k->unattended[i].name;
	*ret_certificate = certificate;
	return OK;
}

enum err keeper_unlock(struct keeper *k, struct scope *s, const char *name, struct bytes password,
    struct bytes *ret_certificate)
{
	struct unattended *a;
	struct unlocked *u;
	TRY(find_unattended(k, s, name, &a));
	TRY(try_file(k, s, &a->id, a->pkcs12, password, &u));
	enum err e = bytes_copy(s, u->key->cert->der, ret_certificate);
	if (e != OK) {
		unlocked_drop(u);
		return e;
	}
	u->holders = 1;
	pthread_mutex_lock(&k->lock);
	struct scope *left = let_go(a->unlocked);
	a->unlocked = u;
	pthread_mutex_unlock(&k->lock);
	scope_free(left);
	return OK;
}

/* Ends the sessions of one unattended key, or with NULL all there are. */
static void end_sessions(struct keeper *k, const struct unattended *origin)
{
	for (size_t i = 0; i < LIMIT_KEEPER_SESSIONS; i++) {
		struct session *x = &k->session[i];
		struct scope *left = NULL;
		pthread_mutex_lock(&k->lock);
		if (x->unlocked && (!origin || x->origin == origin))
			left = end_session(x);
		pthread_mutex_unlock(&k->lock);
		scope_free(left);
	}
}

/* No session begins from it after this, and those that did are ended then. */
static void lock_one(struct keeper *k, struct unattended *a)
{
	pthread_mutex_lock(&k->lock);
	struct unlocked *u = a->unlocked;
	a->unlocked = NULL;
	struct scope *left = let_go(u);
	pthread_mutex_unlock(&k->lock);
	scope_free(left);
	end_sessions(k, a);
}

enum err keeper_lock(struct keeper *k, struct scope *s, const char *name)
{
	struct unattended *a;
	TRY(find_unattended(k, s, name, &a));
	lock_one(k, a);
	return OK;
}

void keeper_lock_all(struct keeper *k)
{
	for (size_t i = 0; i < k->n_unattended; i++)
		lock_one(k, &k->unattended[i]);
	end_sessions(k, NULL);
}

void keeper_free(struct keeper *k)
{
	if (!k)
		return;
	keeper_lock_all(k);
	pthread_mutex_destroy(&k->lock);
	scope_free(k->scope);
}

enum err keeper_grant(struct keeper *k, struct scope *s, const char *name, unsigned uses,
    unsigned seconds, struct keeper_session *ret_session)
{
	struct unattended *a;
	const struct terms terms = { uses, seconds };
	TRY(check_terms(s, &terms));
	TRY(find_unattended(k, s, name, &a));
	struct unlocked *u = hold(k, a);
	if (!u)
		return scope_fault(s, ERR_MISUSE, "keeper: the key %s is locked", name);
	enum err e = open_session(k, s, u, a, &terms, ret_session);
	drop(k, u);
	return e;
}

/* -- signing -- */
/* Whether it is one DER SET and nothing more (X.690 8.1.3, 10.1): the form of signed attributes. */
static bool is_set(struct bytes data)
{
	if (data.n < 2 || data.p[0] != 0x31)
		return false;
	if (data.p[1] < 0x80)
		return data.p[1] == data.n - 2;
	const size_t octets = data.p[1] & 0x7fu;
	if (octets < 1 || octets > 2 || data.n < 2 + octets || data.p[2] == 0)
		return false;
	size_t n = 0;
	for (size_t i = 0; i < octets; i++)
		n = n << 8 | data.p[2 + i];
	return n >= 0x80 && n == data.n - 2 - octets;
}

static bool is_broken_digest(enum digest_alg alg)
{
	return alg == DIGEST_MD5 || alg == DIGEST_SHA1 || alg == DIGEST_RIPEMD160;
}

static enum err check_data(struct scope *s, const struct signature_alg *alg, struct bytes data)
{
	if (data.n > LIMIT_CMS_SIGNED_ATTRS || !is_set(data))
		return scope_fault(s, ERR_FORMAT,
		    "keeper: what is to be signed is no set of "
		    "signed attributes");
	if (is_broken_digest(alg->digest) || is_broken_digest(alg->mgf_digest))
		return scope_fault(
		    s, ERR_UNSUPPORTED, "keeper: no signature with %s", digest_name(alg->digest));
	return OK;
}

/* Takes one use of a session and a hold on its key; with the lock held. */
static struct unlocked *take_use(struct keeper *k, struct bytes token, struct scope **ret_left)
{
	struct session *x = find_session(k, token);
	if (!x)
		return NULL;
	if (k->now_ms(k->ctx) >= x->end_ms) {
		*ret_left = end_session(x);
		return NULL;
	}
	struct unlocked *u = x->unlocked;
	u->holders++;
	if (--x->uses == 0)
		*ret_left = end_session(x);
	return u;
}

enum err keeper_sign(struct keeper *k, struct scope *s, struct bytes token,
    const struct signature_alg *alg, struct bytes data, struct bytes *ret_value)
{
	struct scope *left = NULL;
	TRY(check_data(s, alg, data));
	pthread_mutex_lock(&k->lock);
	struct unlocked *u = take_use(k, token, &left);
	pthread_mutex_unlock(&k->lock);
	scope_free(left);
	if (!u)
		return scope_fault(s, ERR_MISUSE, "keeper: no such session, or it has ended");
	enum err e = u->key->sign(u->key->ctx, s, alg, data, ret_value);
	drop(k, u);
	return e;
}
