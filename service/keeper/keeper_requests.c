#include "service/keeper/keeper_requests.h"

#include "base/limits.h"
#include "base/scope.h"
#include "service/keeper/keeper_secret.h"
#include "service/keeper/keeper_wrap.h"

#define SIGN_MOST (LIMIT_CMS_SIGNED_ATTRS + 1024)
#define PASSWORD_MOST (2 * LIMIT_PASSWORD + 1024)

/* A request being answered. */
struct request {
	struct keeper *k;
	struct scope *s;
	struct message m;
	struct buf reply;
};

/* -- fields -- */
static enum err take_password(struct request *r, unsigned field, struct bytes *ret_password)
{
	struct bytes word;
	TRY(message_bytes(&r->m, field, LIMIT_PASSWORD, &word));
	if (bytes_find(word, bytes_of("", 1), 0) != BYTES_NOT_FOUND)
		return scope_fault(r->s, ERR_FORMAT, "keeper: a NUL in the password");
	return keeper_secret_copy(r->s, word, ret_password);
}

static enum err take_token(struct request *r, struct bytes *ret_token)
{
	TRY(message_bytes(&r->m, KEEPER_FIELD_TOKEN, KEEPER_TOKEN, ret_token));
	if (ret_token->n != KEEPER_TOKEN)
		return scope_fault(r->s, ERR_FORMAT, "keeper: a token of another length");
	return OK;
}

static enum err take_name(struct request *r, const char **ret_name)
{
	return message_text(&r->m, KEEPER_FIELD_NAME, LIMIT_KEEPER_NAME, ret_name);
}

static enum err take_terms(struct request *r, unsigned *ret_uses, unsigned *ret_seconds)
{
	int64_t uses, seconds;
	TRY(message_number(&r->m, KEEPER_FIELD_USES, 1, LIMIT_KEEPER_USES, &uses));
	TRY(message_number(&r->m, KEEPER_FIELD_SECONDS, 1, LIMIT_KEEPER_SECONDS, &seconds));
	*ret_uses = (unsigned)uses;
	*ret_seconds = (unsigned)seconds;
	return OK;
}

static enum err take_wrapped(struct request *r, struct bytes *ret_wrapped)
{
	return message_bytes(
	    &r->m, KEEPER_FIELD_WRAPPED, LIMIT_KEEPER_FILE + KEEPER_WRAP_MORE, ret_wrapped);
}

static void put_certificates(struct request *r, const struct keeper_certificates *c)
{
	message_put_bytes(&r->reply, KEEPER_FIELD_CERTIFICATE, c->certificate);
	for (size_t i = 0; i < c->n_chain; i++)
		message_put_bytes(&r->reply, KEEPER_FIELD_CHAIN, c->chain[i]);
}

static void put_session(struct request *r, const struct keeper_session *session)
{
	put_certificates(r, &session->certificates);
	message_put_bytes(&r->reply, KEEPER_FIELD_TOKEN, session->token);
}

/* -- requests -- */
static enum err unlock_session(struct request *r)
{
	unsigned uses, seconds;
	struct bytes wrapped, password;
	struct keeper_session session;
	TRY(take_terms(r, &uses, &seconds));
	TRY(take_wrapped(r, &wrapped));
	TRY(take_password(r, KEEPER_FIELD_PASSWORD, &password));
	TRY(message_done(&r->m));
	TRY(keeper_unlock_session(r->k, r->s, wrapped, password, uses, seconds, &session));
	put_session(r, &session);
	return OK;
}

static enum err close_session(struct request *r)
{
	struct bytes token;
	TRY(take_token(r, &token));
	TRY(message_done(&r->m));
	keeper_close_session(r->k, token);
	return OK;
}

static enum err deposit(struct request *r)
{
	struct bytes file, password, wrapped;
	struct keeper_certificates certificates;
	TRY(message_bytes(&r->m, KEEPER_FIELD_FILE, LIMIT_KEEPER_FILE, &file));
	TRY(take_password(r, KEEPER_FIELD_PASSWORD, &password));
	TRY(message_done(&r->m));
	TRY(keeper_deposit(r->k, r->s, file, password, &wrapped, &certificates));
	put_certificates(r, &certificates);
	message_put_bytes(&r->reply, KEEPER_FIELD_WRAPPED, wrapped);
	return OK;
}

static enum err change_password(struct request *r)
{
	struct bytes wrapped, password, new_password, again;
	TRY(take_wrapped(r, &wrapped));
	TRY(take_password(r, KEEPER_FIELD_PASSWORD, &password));
	TRY(take_password(r, KEEPER_FIELD_NEW_PASSWORD, &new_password));
	TRY(message_done(&r->m));
	TRY(keeper_change_password(r->k, r->s, wrapped, password, new_password, &again));
	message_put_bytes(&r->reply, KEEPER_FIELD_WRAPPED, again);
	return OK;
}

static enum err status(struct request *r)
{
	const size_t n = keeper_unattended(r->k);
	const char **name = scope_alloc_array(r->s, n, sizeof(*name));
	struct bytes *certificate = scope_alloc_array(r->s, n, sizeof(*certificate));
	TRY(message_done(&r->m));
	if (!name || !certificate)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		TRY(keeper_unattended_at(r->k, r->s, i, &name[i], &certificate[i]));
	for (size_t i = 0; i < n; i++)
		message_put_text(&r->reply, KEEPER_FIELD_NAME, name[i]);
	message_put_number(&r->reply, KEEPER_FIELD_SESSIONS, (int64_t)keeper_sessions(r->k));
	for (size_t i = 0; i < n; i++) {
		const uint8_t is_open = certificate[i].n != 0;
		message_put_bytes(&r->reply, KEEPER_FIELD_OPEN, bytes_of(&is_open, 1));
	}
	for (size_t i = 0; i < n; i++)
		message_put_bytes(&r->reply, KEEPER_FIELD_CERTIFICATE, certificate[i]);
	return OK;
}

static enum err grant(struct request *r)
{
	const char *name;
	unsigned uses, seconds;
	struct keeper_session session;
	TRY(take_name(r, &name));
	TRY(take_terms(r, &uses, &seconds));
	TRY(message_done(&r->m));
	TRY(keeper_grant(r->k, r->s, name, uses, seconds, &session));
	put_session(r, &session);
	return OK;
}

static enum err unlock(struct request *r)
{
	const char *name;
	struct bytes password, certificate;
	TRY(take_name(r, &name));
	TRY(take_password(r, KEEPER_FIELD_PASSWORD, &password));
	TRY(message_done(&r->m));
	TRY(keeper_unlock(r->k, r->s, name, password, &certificate));
	message_put_bytes(&r->reply, KEEPER_FIELD_CERTIFICATE, certificate);
	return OK;
}

static enum err lock(struct request *r)
{
	const char *name;
	TRY(take_name(r, &name));
	TRY(message_done(&r->m));
	return keeper_lock(r->k, r->s, name);
}

static enum err take_algorithm(struct request *r, struct signature_alg *ret_alg)
{
	int64_t kind, digest, mgf_digest, salt_length;
	TRY(message_number(
	    &r->m, KEEPER_FIELD_ALGORITHM, SIGNATURE_ALG_UNKNOWN, SIGNATURE_ALG_ED448, &kind));
	TRY(message_number(&r->m, KEEPER_FIELD_DIGEST, DIGEST_UNKNOWN, DIGEST_SHAKE256, &digest));
	TRY(message_number(
	    &r->m, KEEPER_FIELD_MGF_DIGEST, DIGEST_UNKNOWN, DIGEST_SHAKE256, &mgf_digest));
	TRY(message_number(&r->m, KEEPER_FIELD_SALT_LENGTH, 0, DIGEST_MAX, &salt_length));
	*ret_alg = (struct signature_alg){ .kind = (enum signature_alg_kind)kind,
		.digest = (enum digest_alg)digest,
		.mgf_digest = (enum digest_alg)mgf_digest,
		.salt_length = (int)salt_length };
	return OK;
}

static enum err sign(struct request *r)
{
	struct signature_alg alg;
	struct bytes token, data, value;
	TRY(take_algorithm(r, &alg));
	TRY(message_bytes(&r->m, KEEPER_FIELD_DATA, LIMIT_CMS_SIGNED_ATTRS, &data));
	TRY(take_token(r, &token));
	TRY(message_done(&r->m));
	TRY(keeper_sign(r->k, r->s, token, &alg, data, &value));
	message_put_bytes(&r->reply, KEEPER_FIELD_VALUE, value);
	return OK;
}

/* -- who may ask -- */
#define FRONT (1u << ROLE_FRONT)
#define WORKER (1u << ROLE_WORKER)
#define OPERATOR (1u << ROLE_OPERATOR)

static const struct {
	enum err (*answer)(struct request *r);
	unsigned peers;
	size_t reply_most;
} requests[KEEPER_KIND_LAST + 1] = {
	[KEEPER_UNLOCK_SESSION] = { unlock_session, FRONT, LIMIT_KEEPER_REPLY },
	[KEEPER_CLOSE_SESSION] = { close_session, FRONT, 0 },
	[KEEPER_DEPOSIT] = { deposit, FRONT, LIMIT_KEEPER_REPLY },
	[KEEPER_CHANGE_PASSWORD] = { change_password, FRONT, LIMIT_KEEPER_REPLY },
	[KEEPER_STATUS] = { status, FRONT | OPERATOR, LIMIT_KEEPER_REPLY },
	[KEEPER_GRANT] = { grant, FRONT, LIMIT_KEEPER_REPLY },
	[KEEPER_UNLOCK] = { unlock, OPERATOR, LIMIT_KEEPER_REPLY },
	[KEEPER_LOCK] = { lock, OPERATOR, 0 },
	[KEEPER_SIGN] = { sign, WORKER, LIMIT_KEEPER_VALUE + 64 },
};

size_t keeper_requests_most(enum role peer)
{
	if (peer == ROLE_FRONT)
		return LIMIT_KEEPER_FILE + KEEPER_WRAP_MORE + PASSWORD_MOST;
	if (peer == ROLE_WORKER)
		return SIGN_MOST;
	return peer == ROLE_OPERATOR ? PASSWORD_MOST : 0;
}

enum err keeper_requests_answer(struct keeper *k, struct scope *s, enum role peer, uint32_t kind,
    struct bytes content, struct bytes *ret_reply)
{
	struct request r = { .k = k, .s = s };
	if (kind > KEEPER_KIND_LAST || !requests[kind].answer)
		return scope_fault(s, ERR_DENIED, "keeper: no such request");
	if (!(requests[kind].peers & 1u << peer))
		return scope_fault(s, ERR_DENIED, "keeper: not for a %s", role_name(peer));
	TRY(message_parse(s, content, &r.m));
	r.reply = buf_new(s, requests[kind].reply_most);
	TRY(requests[kind].answer(&r));
	return buf_done(&r.reply, ret_reply);
}
