#include "service/front/person_session.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/page.h"
#include "service/front/person_hashing.h"
#include "service/front/problem.h"
#include "service/log/audit_log.h"
#include "service/password_hash.h"
#include "service/store/identifier.h"
#include "service/store/store_partner.h"
#include "service/store/store_person.h"
#include "service/store/store_session.h"

static const char *listener_name(const struct http_request *q)
{
	return q->listener == HTTP_DESK ? "desk" : "window";
}

/* One for each listener: cookies know hosts, not ports. */
static const char *cookie_name(const struct http_request *q)
{
	return q->listener == HTTP_DESK ? "bulla-desk" : "bulla-window";
}

static const char *token_of(const struct http_request *q)
{
	const char *token = http_request_cookie(
	    q, q->listener == HTTP_DESK ? "__Host-bulla-desk" : "__Host-bulla-window");
	return identifier_is_token(token) ? token : NULL;
}

static unsigned idle_seconds(const struct front *f, const struct http_request *q)
{
	const struct configuration *c = f->configuration;
	return 60 * (q->listener == HTTP_DESK ? c->times.desk_minutes : c->times.window_minutes);
}

/* -- the log -- */
struct audit_entry person_session_entry(const struct http_request *q,
    const struct person_session *session, enum audit_kind kind, const char *object)
{
	struct audit_entry e = { .kind = kind, .address = q->address, .object = object };
	if (session) {
		e.session = session->mark;
		e.actor = session->actor;
		e.partner = session->partner;
	}
	return e;
}

static enum err note(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, enum audit_kind kind, const char *why)
{
	struct audit_entry e = person_session_entry(q, session, kind, NULL);
	size_t n = 0;
	e.detail[n++] = (struct audit_detail){ "listener", listener_name(q), true };
	if (why)
		e.detail[n++] = (struct audit_detail){ "why", why, true };
	if (kind == AUDIT_ACCESS_REFUSED)
		e.detail[n++] = (struct audit_detail){ "path", q->path, false };
	return audit_log_append(s, f->log, &e, NULL);
}

/* -- sessions -- */
static enum err text_of(
    struct scope *s, const char **ret_text, const char *prefix, const char *rest)
{
	struct buf b = buf_new(s, LIMIT_URL);
	char *text;
	buf_add_str(&b, prefix);
	buf_add_str(&b, rest);
	TRY(buf_done_str(&b, &text));
	*ret_text = text;
	return OK;
}

static enum err describe(struct scope *s, const struct store_session *row,
    const struct store_person *person, const struct person_session **ret_session)
{
	struct person_session *p = scope_alloc(s, sizeof(*p));
	char *mark;
	if (!p)
		return ERR_NOMEM;
	*p = (struct person_session){
		.person = person->id,
		.login = person->login,
		.name = person->name,
		.partner = person->partner,
		.roles = person->roles,
		.language = person->language,
		.csrf = row->csrf,
		.sealing = row->sealing,
		.must_change = person->must_change,
	};
	memcpy(p->id, row->sha256, sizeof(p->id));
	TRY(bytes_to_hex(s, bytes_of(row->sha256, 8), &mark));
	p->mark = mark;
	TRY(text_of(s, &p->actor, "person:", person->id));
	*ret_session = p;
	return OK;
}

static enum err may_be_here(
    struct front *f, struct scope *s, const struct store_person *person, bool *ret_may)
{
	const struct store_partner *partner = NULL;
	*ret_may = person && person->active;
	if (!*ret_may || !person->partner)
		return OK;
	TRY(store_partner_find(s, f->store, person->partner, &partner));
	*ret_may = partner && partner->active;
	return OK;
}

enum err person_session_find(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session **ret_session)
{
	const struct store_session *row = NULL;
	const struct store_person *person = NULL;
	const char *token = token_of(q);
	uint8_t sha256[32];
	bool may;
	*ret_session = NULL;
	if (!token)
		return OK;
	TRY(identifier_token_sha256(s, token, sha256));
	TRY(store_session_find(
	    s, f->store, sha256, listener_name(q), q->at, idle_seconds(f, q), &row));
	if (!row)
		return OK;
	TRY(store_person_find(s, f->store, row->person, &person));
	TRY(may_be_here(f, s, person, &may));
	if (!may)
		return OK;
	TRY(store_session_touch(s, f->store, row, q->at));
	return describe(s, row, person, ret_session);
}

/* -- where a request comes from -- */
static bool is_reading(const struct http_request *q)
{
	return !strcmp(q->method, "GET") || !strcmp(q->method, "HEAD");
}

static bool is_own_origin(struct front *f, const struct http_request *q, const char *origin)
{
	const struct configuration *c = f->configuration;
	const char *url = q->listener == HTTP_DESK ? c->desk.url : c->window.url;
	const char *host = http_request_header(q, "Host"),
		   *scheme = q->is_tls ? "https://" : "http://";
	if (url && !strcasecmp(origin, url))
		return true;
	return host && !strncmp(origin, scheme, strlen(scheme)) &&
	       !strcasecmp(origin + strlen(scheme), host);
}

bool person_session_is_own_page(struct front *f, const struct http_request *q)
{
	const char *site = http_request_header(q, "Sec-Fetch-Site");
	const char *origin = http_request_header(q, "Origin");
	if (site)
		return !strcmp(site, "same-origin");
	return origin && is_own_origin(f, q, origin);
}

static bool is_same_secret(const char *a, const char *b)
{
	size_t n = strlen(b);
	unsigned char differs = 0;
	if (!a || strlen(a) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		differs |= (unsigned char)(a[i] ^ b[i]);
	return differs == 0;
}

/* -- the gate -- */
static bool is_safe_to_return_to(const struct http_request *q)
{
	return is_reading(q) && strlen(q->path) < LIMIT_URL / 4 && strcmp(q->path, "/") != 0;
}

static void add_encoded(struct buf *b, const char *text)
{
	for (const char *c = text; *c; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
			     (*c >= '0' && *c <= '9') || strchr("-._~/", *c);
		if (plain)
			buf_add_byte(b, (uint8_t)*c);
		else
			buf_addf(b, "%%%02X", (unsigned)(uint8_t)*c);
	}
}

static enum err send_to_login(struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct buf b = buf_new(s, LIMIT_URL);
	char *to;
	buf_add_str(&b, "/login");
	const char *mark = "?";
	if (is_safe_to_return_to(q)) {
		buf_add_str(&b, "?to=");
		add_encoded(&b, q->path);
		mark = "&";
	}
	if (token_of(q)) {
		buf_add_str(&b, mark);
		buf_add_str(&b, "done=session-ended");
	}
	TRY(buf_done_str(&b, &to));
	http_reply_redirect(r, to);
	return OK;
}

static enum err refuse(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, enum problem problem, const char *why,
    struct http_reply *r)
{
	TRY(note(f, s, q, session, AUDIT_ACCESS_REFUSED, why));
	return problem_reply(s, q, problem, NULL, r);
}

static enum err gate(struct front *f, struct scope *s, const struct http_request *q, unsigned roles,
    bool looks_at_token, struct http_reply *r, const struct person_session **ret_session)
{
	const struct person_session *session;
	*ret_session = NULL;
	TRY(person_session_find(f, s, q, &session));
	if (!session)
		return send_to_login(s, q, r);
	if (roles && !(session->roles & roles))
		return refuse(f, s, q, session, PROBLEM_FORBIDDEN, "role", r);
	if (!is_reading(q) && !person_session_is_own_page(f, q))
		return refuse(f, s, q, session, PROBLEM_CROSS_SITE, "origin", r);
	if (!is_reading(q) && looks_at_token &&
	    !is_same_secret(http_request_field(q, "csrf"), session->csrf))
		return refuse(f, s, q, session, PROBLEM_CROSS_SITE, "token", r);
	if (roles && session->must_change) {
		http_reply_redirect(r, "/account");
		return OK;
	}
	*ret_session = session;
	return OK;
}

enum err person_session_need(struct front *f, struct scope *s, const struct http_request *q,
    unsigned roles, struct http_reply *r, const struct person_session **ret_session)
{
	return gate(f, s, q, roles, true, r, ret_session);
}

enum err person_session_check(struct front *f, struct scope *s, const struct http_request *q,
    unsigned roles, struct http_reply *r)
{
	const struct person_session *session;
	return gate(f, s, q, roles, false, r, &session);
}

/* -- passwords -- */
enum err person_session_hash(struct scope *s, const char *password, const char **ret_encoded)
{
	person_hashing_enter();
	enum err e = password_hash_make(s, bytes_of_str(password), ret_encoded);
	person_hashing_leave(NULL);
	return e;
}

/* In a place for it. */
static enum err check_password(struct scope *s, const char *typed, const char *encoded,
    struct password_hash_answer *ret_answer)
{
	struct bytes password = bytes_of_str(typed);
	if (!typed || password.n > LIMIT_PASSWORD) {
		password = BYTES_LIT("none");
		encoded = NULL;
	}
	return password_hash_check(s, password, encoded && encoded[0] ? encoded : NULL, ret_answer);
}

static enum err begin(struct front *f, struct scope *s, const struct http_request *q,
    const struct store_person *person, const char *sealing, struct http_reply *r,
    const struct person_session **ret_session)
{
	struct store_session row = {
		.listener = listener_name(q),
		.person = person->id,
		.sealing = sealing,
		.address = q->address,
		.began = q->at,
		.last_seen = q->at,
		.ends = instant_add(q->at, LIMIT_SESSION_S),
	};
	const char *token, *former = token_of(q);
	uint8_t sha256[32];
	if (former) {
		TRY(identifier_token_sha256(s, former, sha256));
		TRY(store_session_end(s, f->store, sha256));
	}
	TRY(identifier_token(s, &token));
	TRY(identifier_token(s, &row.csrf));
	TRY(identifier_token_sha256(s, token, row.sha256));
	TRY(store_session_add(s, f->store, &row));
	TRY(describe(s, &row, person, ret_session));
	http_reply_cookie(r, cookie_name(q), token);
	return OK;
}

/* The same password under today's parameters; that it could not be done matters to nobody. */
static void hash_anew(
    struct front *f, struct scope *s, const struct store_person *person, const char *typed)
{
	const char *encoded;
	if (password_hash_make(s, bytes_of_str(typed), &encoded) != OK ||
	    store_person_rehash(s, f->store, person->id, person->password_hash, encoded) != OK)
		scope_forgive(s);
}

static enum err count_failure(struct front *f, struct scope *s, const struct http_request *q,
    const struct store_person *person, struct person_session_login *login)
{
	const struct configuration *c = f->configuration;
	struct instant until = INSTANT_NONE;
	struct person_session who = { 0 };
	login->outcome = PERSON_SESSION_WRONG;
	if (!person)
		return note(f, s, q, NULL, AUDIT_LOGIN_REFUSED, "name");
	TRY(text_of(s, &who.actor, "person:", person->id));
	who.partner = person->partner;
	TRY(store_person_failed(s, f->store, person->id, c->limits.login_failures, q->at, &until));
	TRY(note(f, s, q, &who, AUDIT_LOGIN_REFUSED, "password"));
	if (instant_is_known(until) && instant_before(q->at, until))
		return note(f, s, q, &who, AUDIT_LOGIN_DELAYED, NULL);
	return OK;
}

struct attempt {
	unsigned roles;
	const char *partner, *sealing;
};

static bool fits(const struct attempt *a, const struct store_person *person)
{
	if (!(person->roles & a->roles))
		return false;
	return !a->partner || (person->partner && !strcmp(person->partner, a->partner));
}

static enum err waits(struct front *f, struct scope *s, const struct http_request *q,
    const struct store_person *person, struct person_session_login *login)
{
	struct password_hash_answer answer;
	struct person_session who = { .partner = person->partner };
	/* As long as for any other, or waiting could be told from not being. */
	TRY(check_password(s, "none", NULL, &answer));
	TRY(text_of(s, &who.actor, "person:", person->id));
	login->outcome = PERSON_SESSION_WAIT;
	login->wait_s = person->waits_until.unix_s - q->at.unix_s;
	return note(f, s, q, &who, AUDIT_LOGIN_REFUSED, "waits");
}

static enum err try_login(struct front *f, struct scope *s, const struct http_request *q,
    const struct attempt *a, struct http_reply *r, struct person_session_login *login)
{
	const char *name = http_request_field(q, "login");
	const char *typed = http_request_field(q, "password");
	const struct store_person *person = NULL;
	struct password_hash_answer answer;
	bool may;
	if (name)
		TRY(store_person_find_login(s, f->store, name, &person));
	if (person && instant_is_known(person->waits_until) &&
	    instant_before(q->at, person->waits_until))
		return waits(f, s, q, person, login);
	TRY(check_password(s, typed, person ? person->password_hash : NULL, &answer));
	if (!person || !answer.is_right)
		return count_failure(f, s, q, person, login);
	TRY(may_be_here(f, s, person, &may));
	if (!may || !fits(a, person)) {
		login->outcome = PERSON_SESSION_WRONG;
		return note(f, s, q, NULL, AUDIT_LOGIN_REFUSED, may ? "role" : "inactive");
	}
	if (person->failures)
		TRY(store_person_succeeded(s, f->store, person->id));
	if (answer.is_old)
		hash_anew(f, s, person, typed);
	TRY(begin(f, s, q, person, a->sealing, r, &login->session));
	login->outcome = PERSON_SESSION_BEGUN;
	return note(f, s, q, login->session, AUDIT_LOGIN_ACCEPTED, NULL);
}

/* A flood is turned away before anything is read or written for it. */
static enum err login_in_place(struct front *f, struct scope *s, const struct http_request *q,
    const struct attempt *a, struct http_reply *r, struct person_session_login *login)
{
	const struct configuration *c = f->configuration;
	if (!person_hashing_try(q->address, c->limits.request_threads)) {
		login->outcome = PERSON_SESSION_BUSY;
		http_reply_add(r, "Retry-After", "2");
		return OK;
	}
	const enum err e = try_login(f, s, q, a, r, login);
	person_hashing_leave(q->address);
	return e;
}

enum err person_session_login(struct front *f, struct scope *s, const struct http_request *q,
    unsigned roles, const char *partner, const char *sealing, struct http_reply *r,
    struct person_session_login *ret_login)
{
	struct person_session_login login = { .outcome = PERSON_SESSION_CROSS_SITE };
	const struct attempt a = { roles, partner, sealing };
	enum err e = person_session_is_own_page(f, q)
			 ? login_in_place(f, s, q, &a, r, &login)
			 : note(f, s, q, NULL, AUDIT_LOGIN_REFUSED, "origin");
	http_request_wipe(q, "password");
	TRY(e);
	*ret_login = login;
	return OK;
}

static enum err is_password(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, const char *typed, bool *ret_is_right)
{
	const struct store_person *person = NULL;
	struct password_hash_answer answer = { 0 };
	struct person_session_login ignored;
	*ret_is_right = false;
	TRY(store_person_find(s, f->store, session->person, &person));
	if (!person)
		return OK;
	if (instant_is_known(person->waits_until) && instant_before(q->at, person->waits_until))
		return waits(f, s, q, person, &ignored);
	TRY(check_password(s, typed, person->password_hash, &answer));
	if (!answer.is_right)
		return count_failure(f, s, q, person, &ignored);
	if (person->failures)
		TRY(store_person_succeeded(s, f->store, person->id));
	*ret_is_right = true;
	return OK;
}

enum err person_session_is_password(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, const char *typed, bool *ret_is_right)
{
	person_hashing_enter();
	const enum err e = is_password(f, s, q, session, typed, ret_is_right);
	person_hashing_leave(NULL);
	return e;
}

enum err person_session_renew(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, struct http_reply *r)
{
	const struct store_person *person = NULL;
	const struct person_session *fresh;
	TRY(store_person_find(s, f->store, session->person, &person));
	if (!person)
		return scope_fault(s, ERR_MISUSE, "session: its person is gone");
	return begin(f, s, q, person, session->sealing, r, &fresh);
}

enum err person_session_logout(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *session, struct http_reply *r)
{
	TRY(store_session_end(s, f->store, session->id));
	TRY(note(f, s, q, session, AUDIT_LOGOUT, NULL));
	http_reply_cookie(r, cookie_name(q), NULL);
	return OK;
}
