#include "service/keeper/keeper_client.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/keeper/keeper_requests.h"
#include "service/keeper/keeper_secret.h"
#include "service/keeper/keeper_wrap.h"

#define FIELDS_MOST 256 /* octets of numbers, names and heads in a request */

/* A request that is never moved: no second copy of what is secret in it. */
static enum err request_new(struct scope *s, size_t most, struct buf *ret_request)
{
	uint8_t *room;
	TRY(keeper_secret_new(s, most + FIELDS_MOST, &room));
	*ret_request = (struct buf){
		.s = s, .p = room, .room = most + FIELDS_MOST, .cap = most + FIELDS_MOST
	};
	return OK;
}

/* Sends it, wipes it, and reads the reply's fields. */
static enum err call(
    struct buf *request, struct link *l, enum keeper_kind kind, struct message *ret_reply)
{
	struct scope *s = request->s;
	struct bytes content;
	struct link_frame f;
	enum err e = buf_done(request, &content);
	/* The keeper hangs up on more, and links are few. */
	if (e == OK && content.n > keeper_requests_most(ROLE_FRONT))
		e = scope_fault(s, ERR_LIMIT, "keeper: a request of %zu octets", content.n);
	if (e == OK)
		e = message_call(s, l, kind, content, NULL, 0, LIMIT_KEEPER_CALL_MS,
		    LIMIT_KEEPER_REPLY, KEEPER_REPLY(kind), &f);
	bytes_wipe(request->p, request->n);
	return e == OK ? message_parse(s, f.content, ret_reply) : e;
}

static enum err copy_field(struct message *m, unsigned field, size_t i, struct bytes *ret_value)
{
	struct bytes value;
	TRY(message_bytes_at(m, field, i, LIMIT_KEEPER_FILE + KEEPER_WRAP_MORE, &value));
	return bytes_copy(m->s, value, ret_value);
}

static enum err take_certificates(
    struct message *m, struct keeper_client_certificates *ret_certificates)
{
	struct keeper_client_certificates c = { .n_chain = message_count(m, KEEPER_FIELD_CHAIN) };
	struct bytes *chain = scope_alloc_array(m->s, c.n_chain, sizeof(*chain));
	if (!chain)
		return ERR_NOMEM;
	TRY(copy_field(m, KEEPER_FIELD_CERTIFICATE, 0, &c.certificate));
	for (size_t i = 0; i < c.n_chain; i++)
		TRY(copy_field(m, KEEPER_FIELD_CHAIN, i, &chain[i]));
	c.chain = chain;
	*ret_certificates = c;
	return OK;
}

static enum err take_session(
    struct link *l, struct message *m, struct keeper_client_session *ret_session)
{
	struct keeper_client_session session;
	struct bytes token;
	TRY(take_certificates(m, &session.certificates));
	TRY(message_bytes(m, KEEPER_FIELD_TOKEN, KEEPER_TOKEN, &token));
	TRY(message_done(m));
	if (token.n != KEEPER_TOKEN)
		return scope_fault(m->s, ERR_FORMAT, "keeper: a token of another length");
	TRY(keeper_secret_copy(m->s, token, &session.token));
	link_wipe(l);
	*ret_session = session;
	return OK;
}

enum err keeper_client_unlock_session(struct scope *s, struct link *l, struct bytes wrapped,
    struct bytes password, unsigned uses, unsigned seconds,
    struct keeper_client_session *ret_session)
{
	struct buf b;
	struct message m;
	TRY(request_new(s, wrapped.n + password.n, &b));
	message_put_number(&b, KEEPER_FIELD_USES, uses);
	message_put_number(&b, KEEPER_FIELD_SECONDS, seconds);
	message_put_bytes(&b, KEEPER_FIELD_WRAPPED, wrapped);
	message_put_bytes(&b, KEEPER_FIELD_PASSWORD, password);
	TRY(call(&b, l, KEEPER_UNLOCK_SESSION, &m));
	return take_session(l, &m, ret_session);
}

enum err keeper_client_close_session(struct scope *s, struct link *l, struct bytes token)
{
	struct buf b;
	struct message m;
	TRY(request_new(s, token.n, &b));
	message_put_bytes(&b, KEEPER_FIELD_TOKEN, token);
	TRY(call(&b, l, KEEPER_CLOSE_SESSION, &m));
	return message_done(&m);
}

enum err keeper_client_deposit(struct scope *s, struct link *l, struct bytes pkcs12,
    struct bytes password, struct bytes *ret_wrapped,
    struct keeper_client_certificates *ret_certificates)
{
	struct buf b;
	struct message m;
	struct bytes wrapped;
	struct keeper_client_certificates certificates;
	TRY(request_new(s, pkcs12.n + password.n, &b));
	message_put_bytes(&b, KEEPER_FIELD_FILE, pkcs12);
	message_put_bytes(&b, KEEPER_FIELD_PASSWORD, password);
	TRY(call(&b, l, KEEPER_DEPOSIT, &m));
	TRY(take_certificates(&m, &certificates));
	TRY(copy_field(&m, KEEPER_FIELD_WRAPPED, 0, &wrapped));
	TRY(message_done(&m));
	*ret_wrapped = wrapped;
	*ret_certificates = certificates;
	return OK;
}

enum err keeper_client_change_password(struct scope *s, struct link *l, struct bytes wrapped,
    struct bytes password, struct bytes new_password, struct bytes *ret_wrapped)
{
	struct buf b;
	struct message m;
	struct bytes again;
	TRY(request_new(s, wrapped.n + password.n + new_password.n, &b));
	message_put_bytes(&b, KEEPER_FIELD_WRAPPED, wrapped);
	message_put_bytes(&b, KEEPER_FIELD_PASSWORD, password);
	message_put_bytes(&b, KEEPER_FIELD_NEW_PASSWORD, new_password);
	TRY(call(&b, l, KEEPER_CHANGE_PASSWORD, &m));
	TRY(copy_field(&m, KEEPER_FIELD_WRAPPED, 0, &again));
	TRY(message_done(&m));
	*ret_wrapped = again;
	return OK;
}

enum err keeper_client_grant(struct scope *s, struct link *l, const char *name, unsigned uses,
    unsigned seconds, struct keeper_client_session *ret_session)
{
	struct buf b;
	struct message m;
	TRY(request_new(s, strlen(name), &b));
	message_put_text(&b, KEEPER_FIELD_NAME, name);
	message_put_number(&b, KEEPER_FIELD_USES, uses);
	message_put_number(&b, KEEPER_FIELD_SECONDS, seconds);
	TRY(call(&b, l, KEEPER_GRANT, &m));
	return take_session(l, &m, ret_session);
}

static enum err take_key(struct message *m, size_t i, struct keeper_client_unattended *ret_key)
{
	struct keeper_client_unattended key;
	struct bytes is_open;
	TRY(message_text_at(m, KEEPER_FIELD_NAME, i, LIMIT_KEEPER_NAME, &key.name));
	TRY(message_bytes_at(m, KEEPER_FIELD_OPEN, i, 1, &is_open));
	TRY(copy_field(m, KEEPER_FIELD_CERTIFICATE, i, &key.certificate));
	if (is_open.n != 1 || is_open.p[0] > 1)
		return scope_fault(m->s, ERR_FORMAT, "keeper: neither open nor locked");
	key.is_open = is_open.p[0] == 1;
	*ret_key = key;
	return OK;
}

enum err keeper_client_status(
    struct scope *s, struct link *l, struct keeper_client_status *ret_status)
{
	struct buf b;
	struct message m;
	int64_t sessions;
	TRY(request_new(s, 0, &b));
	TRY(call(&b, l, KEEPER_STATUS, &m));
	TRY(message_number(&m, KEEPER_FIELD_SESSIONS, 0, LIMIT_KEEPER_SESSIONS, &sessions));
	struct keeper_client_status status = { .sessions = (size_t)sessions,
		.n_keys = message_count(&m, KEEPER_FIELD_NAME) };
	status.key = scope_alloc_array(s, status.n_keys, sizeof(*status.key));
	if (!status.key)
		return ERR_NOMEM;
	for (size_t i = 0; i < status.n_keys; i++)
		TRY(take_key(&m, i, &status.key[i]));
	TRY(message_done(&m));
	*ret_status = status;
	return OK;
}

enum err keeper_client_unlock(struct scope *s, struct link *l, const char *name,
    struct bytes password, struct bytes *ret_certificate)
{
	struct buf b;
	struct message m;
	struct bytes certificate;
	TRY(request_new(s, strlen(name) + password.n, &b));
	message_put_text(&b, KEEPER_FIELD_NAME, name);
	message_put_bytes(&b, KEEPER_FIELD_PASSWORD, password);
	TRY(call(&b, l, KEEPER_UNLOCK, &m));
	TRY(copy_field(&m, KEEPER_FIELD_CERTIFICATE, 0, &certificate));
	TRY(message_done(&m));
	*ret_certificate = certificate;
	return OK;
}

enum err keeper_client_lock(struct scope *s, struct link *l, const char *name)
{
	struct buf b;
	struct message m;
	TRY(request_new(s, strlen(name), &b));
	message_put_text(&b, KEEPER_FIELD_NAME, name);
	TRY(call(&b, l, KEEPER_LOCK, &m));
	return message_done(&m);
}

unsigned keeper_client_wait(const struct scope *s)
{
	const char *text = scope_fault_text(s);
	if (scope_fault_code(s) != ERR_LIMIT || strncmp(text, "wait ", 5) != 0)
		return 0;
	const long n = strtol(text + 5, NULL, 10);
	return n > 0 && n <= LIMIT_KEEPER_WAIT_MOST_S ? (unsigned)n : 0;
}
