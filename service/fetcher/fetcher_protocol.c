#include "service/fetcher/fetcher_protocol.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

enum {
	JOB_AT = 1,
};
enum {
	FETCH_FIELD_KIND = 1,
	FETCH_FIELD_URL = 2,
	FETCH_FIELD_BODY = 3,
	FETCH_FIELD_CAP = 4,
};
enum {
	FETCHED_STATUS = 1,
	FETCHED_TYPE = 2,
	FETCHED_BODY = 3,
	FETCHED_MORE = 4,
};
enum {
	WEBHOOK_PORTAL = 1,
	WEBHOOK_EVENT = 2,
	WEBHOOK_DELIVERY = 3,
	WEBHOOK_SIGNATURE = 4,
	WEBHOOK_BODY = 5,
};
enum {
	SENT_STATUS = 1,
};

/* What a kind of fetch takes and gives. */
static const struct kind_rule {
	size_t cap;
	size_t body;              /* octets of a POST; 0: a GET */
	const char *content_type; /* of the body */
	enum fetch_kind kind;
	bool is_for_front;
} kind_rules[] = {
	{ LIMIT_FETCH_CERTIFICATE, 0, NULL, FETCH_CERTIFICATE, false },
	{ LIMIT_FETCH_CRL, 0, NULL, FETCH_CRL, false },
	{ LIMIT_FETCH_OCSP, LIMIT_OCSP_REQUEST, "application/ocsp-request", FETCH_OCSP, false },
	{ LIMIT_FETCH_TIMESTAMP, LIMIT_TST_REQUEST, "application/timestamp-query", FETCH_TIMESTAMP,
	    true },
	{ LIMIT_FETCH_TRUST_LIST, 0, NULL, FETCH_TRUST_LIST, false },
};
#define N_KINDS (sizeof(kind_rules) / sizeof(kind_rules[0]))

static const struct kind_rule *rule_of(enum fetch_kind kind)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (kind_rules[i].kind == kind)
			return &kind_rules[i];
	return NULL;
}

size_t fetcher_protocol_most(enum role peer)
{
	return LIMIT_FETCHER_REQUEST + (peer == ROLE_FRONT ? LIMIT_WEBHOOK_BODY : 0);
}

enum err fetcher_protocol_may_ask(struct scope *s, enum role peer, uint32_t kind)
{
	static const struct {
		uint32_t kind;
		bool worker, front;
	} allowed[] = {
		{ FETCHER_BEGIN_JOB, true, false },
		{ FETCHER_FETCH, true, true },
		{ FETCHER_WEBHOOK, false, true },
		{ FETCHER_STATUS, false, true },
	};
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (allowed[i].kind == kind && ((peer == ROLE_WORKER && allowed[i].worker) ||
						   (peer == ROLE_FRONT && allowed[i].front)))
			return OK;
	return scope_fault(
	    s, ERR_DENIED, "fetcher: request %u is not for a %s", (unsigned)kind, role_name(peer));
}

/* -- jobs -- */

void fetcher_protocol_put_job(struct buf *b, struct instant at)
{
	if (instant_is_known(at))
		message_put_number(b, JOB_AT, at.unix_s);
}

enum err fetcher_protocol_take_job(struct scope *s, struct bytes content, struct instant *ret_at)
{
	struct message m;
	struct instant at;
	TRY(message_parse(s, content, &m));
	TRY(message_number_or(
	    &m, JOB_AT, INT64_MIN + 1, INT64_MAX, INSTANT_NONE.unix_s, &at.unix_s));
	TRY(message_done(&m));
	*ret_at = at;
	return OK;
}

/* -- fetches -- */

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text <= 0x20 || *text >= 0x7f)
			return false;
	return true;
}

static enum err check_body(
    struct scope *s, const struct kind_rule *rule, const char *url, struct bytes body)
{
	if (body.n > rule->body)
		return scope_fault(s, ERR_DENIED, "%s: a request of %zu octets, at most %zu", url,
		    body.n, rule->body);
	if (rule->body && !body.n)
		return scope_fault(s, ERR_DENIED, "%s: an empty request", url);
	return OK;
}

enum err fetcher_protocol_put_fetch(
    struct scope *s, struct buf *b, const struct fetch_request *want)
{
	const struct kind_rule *rule = rule_of(want->kind);
	if (!rule)
		return scope_fault(s, ERR_INTERNAL, "fetcher: an unknown kind of fetch");
	if (strlen(want->url) > LIMIT_URL)
		return scope_fault(
		    s, ERR_DENIED, "%.60s...: a URL longer than %d octets", want->url, LIMIT_URL);
	if (!*want->url || !is_plain(want->url))
		return scope_fault(s, ERR_DENIED, "%s: not a URL", want->url);
	TRY(check_body(s, rule, want->url, want->body));
	message_put_number(b, FETCH_FIELD_KIND, rule->kind);
	message_put_text(b, FETCH_FIELD_URL, want->url);
	if (want->body.n)
		message_put_bytes(b, FETCH_FIELD_BODY, want->body);
	if (want->cap)
		message_put_number(
		    b, FETCH_FIELD_CAP, (int64_t)(want->cap < rule->cap ? want->cap : rule->cap));
	return OK;
}

size_t fetcher_protocol_cap(const struct fetch_request *want)
{
	const struct kind_rule *rule = rule_of(want->kind);
	if (!rule)
		return 0;
	return want->cap && want->cap < rule->cap ? want->cap : rule->cap;
}

enum err fetcher_protocol_take_fetch(
    struct scope *s, enum role peer, struct bytes content, struct fetch_request *ret_want)
{
	struct message m;
	int64_t kind, cap;
	struct fetch_request want = { .body = BYTES_NONE };
	TRY(message_parse(s, content, &m));
	TRY(message_number(&m, FETCH_FIELD_KIND, 0, INT32_MAX, &kind));
	const struct kind_rule *rule = rule_of((enum fetch_kind)kind);
	if (!rule)
		return scope_fault(s, ERR_FORMAT, "fetcher: an unknown kind of fetch");
	TRY(message_text(&m, FETCH_FIELD_URL, LIMIT_URL, &want.url));
	if (message_has(&m, FETCH_FIELD_BODY))
		TRY(message_bytes(&m, FETCH_FIELD_BODY, LIMIT_FETCHER_REQUEST, &want.body));
	TRY(message_number_or(
	    &m, FETCH_FIELD_CAP, 1, (int64_t)rule->cap, (int64_t)rule->cap, &cap));
	TRY(message_done(&m));
	if (!*want.url || !is_plain(want.url))
		return scope_fault(s, ERR_FORMAT, "fetcher: not a URL");
	TRY(check_body(s, rule, want.url, want.body));
	if (peer != ROLE_WORKER && !rule->is_for_front)
		return scope_fault(
		    s, ERR_DENIED, "%s: a %s asks for timestamps only", want.url, role_name(peer));
	want.kind = rule->kind;
	want.cap = (size_t)cap;
	want.content_type = want.body.n ? rule->content_type : NULL;
	*ret_want = want;
	return OK;
}

/* RFC 9110 8.3: a media type and its parameters; anything else is of no use to anybody. */
static const char *plain_type(const char *type)
{
	if (!type || strlen(type) > LIMIT_FETCHER_TEXT)
		return "";
	for (const char *p = type; *p; p++)
		if (*p < 0x20 || *p >= 0x7f)
			return "";
	return type;
}

void fetcher_protocol_put_fetched(struct buf *b, const struct fetch_reply *reply)
{
	message_put_number(b, FETCHED_STATUS, reply->status);
	message_put_text(b, FETCHED_TYPE, plain_type(reply->content_type));
	message_put_bytes(b, FETCHED_BODY, reply->body);
	for (size_t i = 0; i < reply->n_more; i++)
		message_put_bytes(b, FETCHED_MORE, reply->more[i]);
}

static enum err take_more(
    struct scope *s, struct message *m, size_t room, size_t n, const struct bytes **ret_more)
{
	struct bytes *more = scope_alloc_array(s, n, sizeof(*more));
	if (!more)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		struct bytes value;
		TRY(message_bytes_at(m, FETCHED_MORE, i, room, &value));
		room -= value.n;
		TRY(bytes_copy(s, value, &more[i]));
	}
	*ret_more = more;
	return OK;
}

enum err fetcher_protocol_take_fetched(struct scope *s, struct bytes content,
    const struct fetch_request *want, struct fetch_reply *ret_reply)
{
	const size_t cap = fetcher_protocol_cap(want);
	struct message m;
	struct bytes body;
	int64_t status;
	struct fetch_reply reply = { .n_more = 0 };
	TRY(message_parse(s, content, &m));
	TRY(message_number(&m, FETCHED_STATUS, 200, 200, &status));
	TRY(message_text(&m, FETCHED_TYPE, LIMIT_FETCHER_TEXT, &reply.content_type));
	TRY(message_bytes(&m, FETCHED_BODY, cap, &body));
	reply.n_more = message_count(&m, FETCHED_MORE);
	if (reply.n_more >= LIMIT_LDAP_VALUES)
		return scope_fault(s, ERR_LIMIT, "fetcher: %zu values", reply.n_more);
	TRY(take_more(s, &m, cap - body.n, reply.n_more, &reply.more));
	TRY(message_done(&m));
	TRY(bytes_copy(s, body, &reply.body));
	reply.status = (int)status;
	*ret_reply = reply;
	return OK;
}

/* -- webhooks -- */

void fetcher_protocol_put_webhook(struct buf *b, const struct fetcher_webhook *hook)
{
	message_put_text(b, WEBHOOK_PORTAL, hook->portal);
	message_put_text(b, WEBHOOK_EVENT, hook->event);
	message_put_text(b, WEBHOOK_DELIVERY, hook->delivery);
	message_put_text(b, WEBHOOK_SIGNATURE, hook->signature);
	message_put_bytes(b, WEBHOOK_BODY, hook->body);
}

/* It becomes a line of the request's head: nothing in it may end one. */
static enum err take_token(struct message *m, unsigned field, const char **ret_token)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-.,=";
	const char *token;
	TRY(message_text(m, field, LIMIT_FETCHER_TEXT, &token));
	if (!*token || token[strspn(token, plain)])
		return scope_fault(m->s, ERR_FORMAT, "fetcher: field %u is no plain text", field);
	*ret_token = token;
	return OK;
}

enum err fetcher_protocol_take_webhook(
    struct scope *s, struct bytes content, struct fetcher_webhook *ret_hook)
{
	struct message m;
	struct fetcher_webhook hook;
	TRY(message_parse(s, content, &m));
	TRY(message_text(&m, WEBHOOK_PORTAL, LIMIT_FETCHER_TEXT, &hook.portal));
	TRY(take_token(&m, WEBHOOK_EVENT, &hook.event));
	TRY(take_token(&m, WEBHOOK_DELIVERY, &hook.delivery));
	TRY(take_token(&m, WEBHOOK_SIGNATURE, &hook.signature));
	TRY(message_bytes(&m, WEBHOOK_BODY, LIMIT_WEBHOOK_BODY, &hook.body));
	TRY(message_done(&m));
	if (!hook.body.n)
		return scope_fault(s, ERR_FORMAT, "fetcher: a webhook without a body");
	*ret_hook = hook;
	return OK;
}

void fetcher_protocol_put_sent(struct buf *b, int status)
{
	message_put_number(b, SENT_STATUS, status);
}

enum err fetcher_protocol_take_sent(struct scope *s, struct bytes content, int *ret_status)
{
	struct message m;
	int64_t status;
	TRY(message_parse(s, content, &m));
	TRY(message_number(&m, SENT_STATUS, 100, 999, &status));
	TRY(message_done(&m));
	*ret_status = (int)status;
	return OK;
}
