#include "service/front/window_pages.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/problem.h"
#include "service/front/sealing_address.h"
#include "service/front/sealing_engine.h"
#include "service/front/sealing_term.h"
#include "service/front/upload_file.h"
#include "service/front/window_view.h"
#include "service/store/identifier.h"
#include "service/store/store_files.h"
#include "service/store/store_person.h"

#define COOKIE "bulla-sealing"

/* One visit: the sealing, and who looks at it. */
struct visit {
	struct front *f;
	struct scope *s;
	const struct http_request *q;
	struct http_reply *r;
	const struct store_sealing *sealing;
	const struct person_session *officer; /* NULL: nobody who may see it */
};

/* Whether this browser came by the sealing's address. */
static bool has_come(const struct visit *v)
{
	return sealing_address_is_of(v->s, http_request_cookie(v->q, "__Host-" COOKIE), v->sealing);
}

/* Logged in for this sealing, or as an officer of its partner who came by its address. */
static bool may_see(const struct visit *v, const struct person_session *p)
{
	return p && p->partner && v->sealing->partner && !strcmp(p->partner, v->sealing->partner) &&
	       (p->roles & STORE_PERSON_OFFICER) &&
	       (p->sealing ? !strcmp(p->sealing, v->sealing->id) : has_come(v));
}

/* Fills the visit; a sealing that is not there, or has no window, fills the reply. */
static enum err arrive(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, struct visit *v)
{
	const struct person_session *who;
	*v = (struct visit){ .f = f, .s = s, .q = q, .r = r };
	if (identifier_is(q->parameter[0], IDENTIFIER_SEALING))
		TRY(store_sealing_find(s, f->store, q->parameter[0], &v->sealing));
	if (!v->sealing || v->sealing->unattended)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	TRY(person_session_find(f, s, q, &who));
	if (may_see(v, who))
		v->officer = who;
	return OK;
}

static enum err page_of(const struct visit *v, struct page *ret_page)
{
	return page_new(v->f, v->s, v->q, v->officer, ret_page);
}

static enum err say_login(const struct visit *v, const char *fault, bool is_lost, int status)
{
	struct page p;
	TRY(page_of(v, &p));
	return window_view_login(&p, v->sealing, fault, is_lost, status, v->r);
}

static enum err go_to_sealing(const struct visit *v)
{
	const char *path;
	TRY(window_view_path(v->s, v->sealing, "", &path));
	http_reply_redirect(v->r, path);
	return OK;
}

/* -- coming and logging in -- */

static enum err come(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_sealing *l = NULL;
	uint8_t sha256[32];
	if (sealing_address_sha256(s, q->parameter[0], sha256) == OK)
		TRY(store_sealing_find_window(s, f->store, sha256, &l));
	else
		scope_forgive(s);
	if (!l)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	const struct visit v = { .f = f, .s = s, .q = q, .r = r, .sealing = l };
	http_reply_cookie(r, COOKIE, q->parameter[0]);
	return go_to_sealing(&v);
}

static enum err log_opened(const struct visit *v, const struct person_session *officer)
{
	const struct event_log_actor actor = { .q = v->q, .person = officer };
	return event_log_write(v->f, v->s, &actor,
	    (struct audit_entry){ .kind = AUDIT_SEALING_OPENED,
		.partner = v->sealing->partner,
		.object = v->sealing->id });
}

static enum err begin_session(const struct visit *v)
{
	struct person_session_login login;
	TRY(person_session_login(v->f, v->s, v->q, STORE_PERSON_OFFICER, v->sealing->partner,
	    v->sealing->id, v->r, &login));
	switch (login.outcome) {
	case PERSON_SESSION_BEGUN:
		TRY(log_opened(v, login.session));
		return go_to_sealing(v);
	case PERSON_SESSION_BUSY:
		return problem_reply(v->s, v->q, PROBLEM_BUSY, NULL, v->r);
	case PERSON_SESSION_CROSS_SITE:
		return problem_reply(v->s, v->q, PROBLEM_CROSS_SITE, NULL, v->r);
	case PERSON_SESSION_WAIT: /* not told: names could be found out */
	case PERSON_SESSION_WRONG:
	default:
		return say_login(v, MESSAGES_MARK("Name or password are wrong."), false,
		    problem_status(PROBLEM_LOGIN_FAILED));
	}
}

static enum err log_in(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct visit v;
	TRY(arrive(f, s, q, r, &v));
	if (r->status)
		return OK;
	const enum err e = has_come(&v)
			       ? begin_session(&v)
			       : say_login(&v, NULL, true, problem_status(PROBLEM_FORBIDDEN));
	http_request_wipe(q, "password");
	return e;
}

/* -- looking -- */

static enum err show_form(const struct visit *v, const struct window_view_fault *fault, int status)
{
	struct store_key_list keys;
	struct page p;
	TRY(store_key_list_usable(v->s, v->f->store, v->sealing->partner, v->q->at, &keys));
	TRY(page_of(v, &p));
	return window_view_sealing(&p, v->sealing, &keys, fault, status, v->r);
}

static enum err show_end(const struct visit *v)
{
	struct page p;
	TRY(page_of(v, &p));
	return window_view_end(&p, v->sealing, v->r);
}

static enum err show(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct visit v;
	TRY(arrive(f, s, q, r, &v));
	if (r->status)
		return OK;
	if (!v.officer)
		return say_login(&v, NULL, false, 200);
	if (v.sealing->state != STORE_SEALING_AWAITING)
		return show_end(&v);
	struct window_view_fault fault = { 0 };
	if (*v.sealing->cause && strcmp(v.sealing->cause, "password-wrong")) {
		fault.text = MESSAGES_MARK("The last try did not succeed.");
		fault.detail = v.sealing->cause_text;
	}
	return show_form(&v, &fault, 200);
}

/* A number of 1 to `most`; 0: it is none. */
static unsigned number_of(const char *text, unsigned most)
{
	unsigned n = 0;
	if (!*text || strlen(text) > 7 || strspn(text, "0123456789") != strlen(text))
		return 0;
	for (; *text; text++)
		n = n * 10 + (unsigned)(*text - '0');
	return n <= most ? n : 0;
}

/* A document of the visit that the officer may see; NULL: the reply is complete. */
static enum err find_document(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, struct visit *v, const struct store_sealing_document **ret_document)
{
	*ret_document = NULL;
	TRY(arrive(f, s, q, r, v));
	if (r->status)
		return OK;
	if (!v->officer)
		return go_to_sealing(v);
	const unsigned n = number_of(q->parameter[1], (unsigned)v->sealing->n_documents);
	if (!n)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	if (!v->sealing->has_files)
		return problem_reply(s, q, PROBLEM_EXPIRED, NULL, r);
	*ret_document = &v->sealing->document[n - 1];
	return OK;
}

/* The sealed file once there is one, before that the document as it came. */
static struct store_files_name file_of(
    const struct store_sealing *l, const struct store_sealing_document *d)
{
	const bool is_sealed = l->state == STORE_SEALING_SEALED;
	return (struct store_files_name){ .id = l->id,
		.kind = is_sealed ? STORE_FILES_SEALED : STORE_FILES_DOCUMENT,
		.n = d->n,
		.attempt = is_sealed ? l->attempts : 0 };
}

static enum err show_page(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_sealing_document *d;
	struct visit v;
	struct page p;
	TRY(find_document(f, s, q, r, &v, &d));
	if (!d)
		return OK;
	const unsigned n = number_of(q->parameter[2], d->pages);
	if (!n)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	TRY(page_of(&v, &p));
	return window_view_page(&p, v.sealing, d, n, r);
}

static enum err show_picture(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct worker_client worker = sealing_engine_worker(f);
	const struct store_sealing_document *d;
	struct worker_client_preview seen;
	struct visit v;
	uint64_t size;
	int fd;
	TRY(find_document(f, s, q, r, &v, &d));
	if (!d)
		return OK;
	const unsigned n = number_of(q->parameter[2], d->pages);
	if (!n)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	TRY(store_files_open(s, f->store, file_of(v.sealing, d), &fd, &size));
	const enum err e =
	    worker_client_show(s, &worker, fd, BYTES_NONE, n, LIMIT_WINDOW_DPI, &seen);
	if (e == ERR_NET)
		return problem_reply(s, q, PROBLEM_BUSY, NULL, r);
	TRY(e);
	http_reply_body(r, 200, "image/png", seen.png);
	return OK;
}

static enum err fetch(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_sealing_document *d;
	const char *path;
	struct visit v;
	TRY(find_document(f, s, q, r, &v, &d));
	if (!d)
		return OK;
	const struct event_log_actor actor = { .q = q, .person = v.officer };
	if (v.sealing->state == STORE_SEALING_SEALED)
		TRY(event_log_write(f, s, &actor,
		    (struct audit_entry){ .kind = AUDIT_SEALING_FETCHED,
			.partner = v.sealing->partner,
			.object = v.sealing->id,
			.detail = { { "n", event_log_number(s, d->n), true } } }));
	TRY(store_files_path(s, f->store, file_of(v.sealing, d), &path));
	return http_reply_file(r, path, "application/pdf", d->name);
}

/* -- sealing -- */

/* An officer whose form is ours; NULL: the reply is complete. */
static enum err need_officer(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, struct visit *v)
{
	const struct person_session *who;
	TRY(arrive(f, s, q, r, v));
	if (r->status)
		return OK;
	if (!v->officer)
		return go_to_sealing(v); /* which asks to log in */
	TRY(person_session_need(f, s, q, STORE_PERSON_OFFICER, r, &who));
	v->officer = who;
	return OK;
}

static enum err find_key(
    const struct visit *v, const struct store_key_list *keys, const struct store_key **ret_key)
{
	const char *id = http_request_field(v->q, "key");
	*ret_key = NULL;
	for (size_t i = 0; id && i < keys->n; i++)
		if (!strcmp(keys->key[i].id, id))
			*ret_key = &keys->key[i];
	return OK;
}

static enum err say_fault(
    const struct visit *v, const char *text, const char *detail, bool password, enum problem p)
{
	const struct window_view_fault fault = { text, detail, password };
	return show_form(v, &fault, problem_status(p));
}

static enum err say_wait(const struct visit *v, int64_t seconds)
{
	struct buf b = buf_new(v->s, 32);
	char *text;
	buf_addf(&b, "%lld", (long long)seconds);
	TRY(buf_done_str(&b, &text));
	http_reply_add(v->r, "Retry-After", text);
	return say_fault(v, MESSAGES_MARK("Too many wrong passwords. Wait a while."), NULL, true,
	    PROBLEM_TOO_MANY);
}

/* Somebody else was faster, or it is over. */
static enum err say_taken(struct visit *v)
{
	TRY(store_sealing_find(v->s, v->f->store, v->sealing->id, &v->sealing));
	if (!v->sealing)
		return problem_reply(v->s, v->q, PROBLEM_NOT_FOUND, NULL, v->r);
	TRY(show_end(v));
	v->r->status = problem_status(PROBLEM_IN_PROGRESS);
	return OK;
}

/* Wrong passwords of keys count against the person too. */
static enum err count_wrong(const struct visit *v)
{
	const struct configuration *c = v->f->configuration;
	struct instant until;
	return store_person_failed(
	    v->s, v->f->store, v->officer->person, c->limits.login_failures, v->q->at, &until);
}

static enum err say_outcome(struct visit *v, const struct sealing_engine_outcome *o)
{
	switch (o->end) {
	case SEALING_ENGINE_SEALED:
		TRY(store_person_succeeded(v->s, v->f->store, v->officer->person));
		return go_to_sealing(v);
	case SEALING_ENGINE_NOT_AWAITING:
		return say_taken(v);
	case SEALING_ENGINE_PASSWORD_WRONG:
		TRY(count_wrong(v));
		return say_fault(v, MESSAGES_MARK("The password of the seal key is wrong."), NULL,
		    true, PROBLEM_PASSWORD_WRONG);
	case SEALING_ENGINE_PASSWORD_WAIT:
		return say_wait(v, o->wait_s);
	case SEALING_ENGINE_KEY_LOCKED:
	case SEALING_ENGINE_BACK:
	case SEALING_ENGINE_FAILED:
	default:
		return say_fault(v, MESSAGES_MARK("It was not sealed. You may try again."),
		    o->cause_text, false,
		    strcmp(o->cause, "refused") ? PROBLEM_UPSTREAM : PROBLEM_SEALING_REFUSED);
	}
}

static enum err attend(struct visit *v)
{
	const struct store_person *person;
	const struct store_key *key;
	struct store_key_list keys;
	struct sealing_engine_outcome outcome;
	if (v->sealing->state != STORE_SEALING_AWAITING)
		return say_taken(v);
	TRY(store_person_find(v->s, v->f->store, v->officer->person, &person));
	if (person && instant_is_known(person->waits_until) &&
	    instant_before(v->q->at, person->waits_until))
		return say_wait(v, person->waits_until.unix_s - v->q->at.unix_s);
	TRY(store_key_list_usable(v->s, v->f->store, v->sealing->partner, v->q->at, &keys));
	TRY(find_key(v, &keys, &key));
	if (!key)
		return say_fault(
		    v, MESSAGES_MARK("Choose a certificate."), NULL, false, PROBLEM_FIELD_INVALID);
	TRY(sealing_engine_attend(v->f, v->s, v->q, v->officer, v->sealing, key, &outcome));
	return say_outcome(v, &outcome);
}

static enum err seal(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct visit v;
	enum err e = need_officer(f, s, q, r, &v);
	if (e == OK && !r->status)
		e = attend(&v);
	http_request_wipe(q, "password"); /* whatever came before */
	return e;
}

static enum err refuse(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct visit v;
	TRY(need_officer(f, s, q, r, &v));
	if (r->status)
		return OK;
	const struct event_log_actor actor = { .q = q, .person = v.officer };
	const char *reason = http_request_field(q, "reason");
	if (reason && (strlen(reason) > LIMIT_WINDOW_REASON || !upload_file_is_plain(reason)))
		return say_fault(&v, MESSAGES_MARK("The reason is too long, or is not plain text."),
		    NULL, false, PROBLEM_FIELD_INVALID);
	const enum err e =
	    sealing_term_cancel(f, s, &actor, v.sealing, "officer", reason ? reason : "");
	if (e == ERR_MISUSE) {
		scope_forgive(s);
		return say_taken(&v);
	}
	TRY(e);
	/* Shown at once: with the sealing its sessions ended. */
	TRY(store_sealing_find(s, f->store, v.sealing->id, &v.sealing));
	return v.sealing ? show_end(&v) : problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
}

#define PAGE(path, does)                                                                           \
	{                                                                                          \
		.listeners = HTTP_WINDOW, .method = "GET", .pattern = path, .handle = does         \
	}
#define FORM(path, does)                                                                           \
	{                                                                                          \
		.listeners = HTTP_WINDOW, .method = "POST", .pattern = path, .body = ROUTE_FORM,   \
		.secret = true, .handle = does                                                     \
	}

const struct route window_pages_routes[] = {
	PAGE("/w/{token}", come),
	PAGE("/sealing/{id}", show),
	FORM("/sealing/{id}/login", log_in),
	FORM("/sealing/{id}/seal", seal),
	FORM("/sealing/{id}/refuse", refuse),
	PAGE("/sealing/{id}/documents/{n}/file", fetch),
	PAGE("/sealing/{id}/documents/{n}/pages/{page}", show_page),
	PAGE("/sealing/{id}/documents/{n}/pages/{page}/picture", show_picture),
	{ 0 },
};
