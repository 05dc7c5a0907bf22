#include "service/front/partner_keys.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "formats/json_tree.h"
#include "service/front/key_view.h"
#include "service/front/link_pool.h"
#include "service/front/page.h"
#include "service/front/page_path.h"
#include "service/front/person_password.h"
#include "service/input_file.h"
#include "service/keeper/keeper_client.h"
#include "service/log/audit_log.h"
#include "service/store/identifier.h"
#include "service/store/store_approval.h"
#include "service/store/store_person.h"
#include "service/worker/worker_client.h"

#define PARTNER_ROLES (STORE_PERSON_OFFICER | STORE_PERSON_PARTNER_ADMIN)
#define WAIT_MS 20000

/* Of persons of a partner only, and not in a session that is for one sealing. */
static enum err open_page(struct front *f, struct scope *s, const struct http_request *q,
    unsigned roles, struct http_reply *r, struct page *ret_page)
{
	TRY(page_open(f, s, q, roles, r, ret_page));
	if (!ret_page->session || (ret_page->session->partner && !ret_page->session->sealing))
		return OK;
	ret_page->session = NULL;
	return problem_reply(s, q, PROBLEM_FORBIDDEN, NULL, r);
}

static enum err get_start(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	(void)f, (void)s, (void)q;
	http_reply_redirect(r, "/partner");
	return OK;
}

/* -- the list -- */
static enum err show_keys(const struct page *p, const char *fault, struct http_reply *r)
{
	struct store_key_list list;
	int64_t ending = 0;
	TRY(store_key_list(p->s, p->front->store, p->session->partner,
	    (struct store_page){ .limit = LIMIT_STORE_PAGE }, &list));
	template_put_said(p->data, "title", MESSAGES_MARK("Seal keys"));
	template_put_list(p->data, "keys");
	for (size_t i = 0; i < list.n; i++) {
		const struct store_key *k = &list.key[i];
		TRY(key_view_put(p, k, template_add(p->data, "keys")));
		ending += k->state == STORE_KEY_APPROVED &&
			  instant_before(k->not_after, instant_add(p->q->at, 30 * 86400));
	}
	template_put_flag(p->data, "has_keys", list.n > 0);
	template_put_number(p->data, "ending", ending);
	template_put_flag(p->data, "may_deposit", p->session->roles & STORE_PERSON_PARTNER_ADMIN);
	template_put_said(p->data, "fault", fault);
	return page_reply(p, "keys", fault ? 422 : 200, r);
}

static enum err get_keys(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	TRY(open_page(f, s, q, PARTNER_ROLES, r, &p));
	return p.session ? show_keys(&p, NULL, r) : OK;
}

/* -- depositing -- */
static const struct http_part *file_of(const struct http_request *q)
{
	for (size_t i = 0; i < q->n_parts; i++)
		if (q->part[i].file_name && !strcmp(q->part[i].name, "file") && q->part[i].size)
			return &q->part[i];
	return NULL;
}

static enum err keep(const struct page *p, const struct http_part *part, const char *password,
    struct bytes *ret_wrapped, struct keeper_client_certificates *ret_certificates)
{
	struct bytes file;
	struct link *l;
	TRY(input_file_read(p->s, part->path, LIMIT_KEEPER_FILE, &file));
	TRY(link_pool_take(p->s, p->front->keeper, WAIT_MS, &l));
	enum err e = keeper_client_deposit(
	    p->s, l, file, bytes_of_str(password), ret_wrapped, ret_certificates);
	link_pool_give(p->front->keeper, l);
	return e;
}

/* What a worker finds in the certificate: the front reads no DER itself. */
static enum err ask_facts(const struct page *p, const struct keeper_client_certificates *c,
    struct worker_client_certificate *ret_facts)
{
	const struct configuration *configuration = p->front->configuration;
	const struct worker_client client = { .pool = p->front->workers,
		.wait_ms = WAIT_MS,
		.work_ms = (int)configuration->workers.seconds * 1000 };
	struct bytes *der = scope_alloc_array(p->s, c->n_chain + 1, sizeof(*der));
	if (!der)
		return ERR_NOMEM;
	der[0] = c->certificate;
	for (size_t i = 0; i < c->n_chain; i++)
		der[i + 1] = c->chain[i];
	return worker_client_certificate(p->s, &client, der, c->n_chain + 1, ret_facts);
}

static const char *text_of(const struct json_tree *t, const char *key)
{
	const struct json_tree *m =
	    t && t->kind == JSON_TREE_OBJECT ? json_tree_find(t, key) : NULL;
	return m && m->kind == JSON_TREE_TEXT ? m->text : "";
}

static enum err build_key(const struct page *p, const struct keeper_client_certificates *c,
    const struct worker_client_certificate *facts, struct store_key *ret_key)
{
	const struct json_tree *t;
	struct digest d;
	struct store_key k = { .partner = p->session->partner,
		.certificate = c->certificate,
		.chain = c->chain,
		.n_chain = c->n_chain,
		.not_before = facts->from,
		.not_after = facts->until,
		.state = STORE_KEY_WAITING,
		.deposited_by = p->session->person,
		.deposited_at = p->q->at,
		.decided_at = INSTANT_NONE,
		.note = "",
		.notified_at = INSTANT_NONE,
		.ended_at = INSTANT_NONE };
	TRY(json_tree_parse(p->s, bytes_of_str(facts->facts), &t));
	TRY(identifier_new(p->s, IDENTIFIER_KEY, &k.id));
	/* Of the keeper's certificate, not as the worker says: approvals are given for a digest. */
	TRY(digest_of_bytes(p->s, DIGEST_SHA256, c->certificate, &d));
	memcpy(k.certificate_sha256, d.value, sizeof(k.certificate_sha256));
	k.subject = text_of(t, "subject");
	k.issuer = text_of(t, "issuer");
	k.serial = text_of(t, "serial");
	k.disclaimer = text_of(t, "disclaimer");
	*ret_key = k;
	return OK;
}

/* The disclaimer waits for its second person with the key. */
static enum err ask_approval(const struct page *p, const struct store_key *k)
{
	const struct store_approval *approval;
	struct store_approval a = { .subject = k->subject,
		.text = k->disclaimer,
		.asked_by = p->session->person,
		.asked_at = p->q->at,
		.decided_at = INSTANT_NONE,
		.note = "" };
	if (!k->disclaimer[0])
		return OK;
	memcpy(a.certificate_sha256, k->certificate_sha256, sizeof(a.certificate_sha256));
	TRY(identifier_new(p->s, IDENTIFIER_APPROVAL, &a.id));
	TRY(store_approval_ask(p->s, p->front->store, &a, &approval));
	struct audit_entry e =
	    person_session_entry(p->q, p->session, AUDIT_APPROVAL_ASKED, approval->id);
	return audit_log_append(p->s, p->front->log, &e, NULL);
}

static enum err note(
    const struct page *p, enum audit_kind kind, const char *key, const char *name, const char *text)
{
	struct audit_entry e = person_session_entry(p->q, p->session, kind, key);
	if (name)
		e.detail[0] = (struct audit_detail){ name, text, false };
	return audit_log_append(p->s, p->front->log, &e, NULL);
}

/* What the owner can do something about, in words; NULL: it is our fault. */
static const char *fault_of(const struct scope *s, enum err e)
{
	switch (e) {
	case ERR_DENIED:
		return MESSAGES_MARK("The password is wrong, or does not meet the rule, or the "
				     "file holds its key unencrypted.");
	case ERR_FORMAT:
		return MESSAGES_MARK("This is not a PKCS#12 file with a key and its certificate.");
	case ERR_UNSUPPORTED:
		return MESSAGES_MARK("The file or its key uses an algorithm that is not usable "
				     "here.");
	case ERR_MISUSE:
		return MESSAGES_MARK("A key with this certificate has been deposited already.");
	case ERR_LIMIT:
		return keeper_client_wait(s) ? MESSAGES_MARK("Too many wrong passwords. Please "
							     "wait before you try again.")
					     : MESSAGES_MARK("The file is too large.");
	case OK:
	case ERR_NOMEM:
	case ERR_CRYPTO:
	case ERR_NET:
	case ERR_IO:
	case ERR_INTERNAL:
		break;
	}
	return NULL;
}

static enum err deposit(const struct page *p, const struct http_part *part, const char *password,
    const struct store_key **ret_key)
{
	struct keeper_client_certificates c;
	struct worker_client_certificate facts;
	struct store_key *k = scope_alloc(p->s, sizeof(*k));
	struct bytes wrapped;
	if (!k)
		return ERR_NOMEM;
	TRY(keep(p, part, password, &wrapped, &c));
	TRY(ask_facts(p, &c, &facts));
	TRY(build_key(p, &c, &facts, k));
	TRY(store_key_add(p->s, p->front->store, k, wrapped));
	TRY(note(p, AUDIT_KEY_DEPOSITED, k->id, "subject", k->subject));
	*ret_key = k;
	return ask_approval(p, k);
}

static enum err do_deposit(const struct page *p, struct http_reply *r)
{
	const struct http_part *part = file_of(p->q);
	const char *password = http_request_field(p->q, "password"), *to;
	const struct store_key *key;
	if (!part)
		return show_keys(p, MESSAGES_MARK("No file was chosen."), r);
	enum err e = deposit(p, part, password ? password : "", &key);
	const char *fault = e == OK ? NULL : fault_of(p->s, e);
	if (fault) {
		scope_forgive(p->s);
		TRY(note(p, AUDIT_KEY_REFUSED, NULL, "why", err_name(e)));
		return show_keys(p, fault, r);
	}
	TRY(e);
	TRY(page_path_of(p->s, "/partner/keys/", key->id, "", &to));
	return page_done(p->s, to, PAGE_FLASH_DEPOSITED, r);
}

static enum err may_deposit(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	return person_session_check(f, s, q, STORE_PERSON_PARTNER_ADMIN, r);
}

static enum err post_key(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct page p;
	enum err e = open_page(f, s, q, STORE_PERSON_PARTNER_ADMIN, r, &p);
	if (e == OK && p.session)
		e = do_deposit(&p, r);
	http_request_wipe(q, "password");
	return e;
}

/* -- one key -- */
/* The gate and the key of the path, which must be the partner's own. */
static enum err open_key(struct front *f, struct scope *s, const struct http_request *q,
    unsigned roles, struct http_reply *r, struct page *ret_page, const struct store_key **ret_key)
{
	const struct store_key *key = NULL;
	*ret_key = NULL;
	TRY(open_page(f, s, q, roles, r, ret_page));
	if (!ret_page->session)
		return OK;
	if (identifier_is(q->parameter[0], IDENTIFIER_KEY))
		TRY(store_key_find(s, f->store, q->parameter[0], &key));
	if (!key || strcmp(key->partner, ret_page->session->partner) != 0)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	*ret_key = key;
	return OK;
}

static enum err show_key(
    const struct page *p, const struct store_key *key, const char *fault, struct http_reply *r)
{
	TRY(key_view_put(p, key, p->data));
	template_put_said(p->data, "title", MESSAGES_MARK("Seal key"));
	template_put_said(p->data, "fault", fault);
	bool may_change = (p->session->roles & STORE_PERSON_PARTNER_ADMIN) &&
			  (key->state == STORE_KEY_WAITING || key->state == STORE_KEY_APPROVED);
	template_put_flag(p->data, "may_change", may_change);
	if (may_change)
		TRY(key_view_judge(p, key, p->data));
	return page_reply(p, "key", fault ? 422 : 200, r);
}

static enum err get_key(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_key *key;
	struct page p;
	TRY(open_key(f, s, q, PARTNER_ROLES, r, &p, &key));
	return key ? show_key(&p, key, NULL, r) : OK;
}

static enum err rewrap(
    const struct page *p, const struct store_key *key, const char *password, const char *fresh)
{
	struct bytes from, to;
	struct link *l;
	TRY(store_key_wrapped(p->s, p->front->store, key->id, &from));
	TRY(link_pool_take(p->s, p->front->keeper, WAIT_MS, &l));
	enum err e = keeper_client_change_password(
	    p->s, l, from, bytes_of_str(password), bytes_of_str(fresh), &to);
	link_pool_give(p->front->keeper, l);
	TRY(e);
	return store_key_rewrap(p->s, p->front->store, key->id, from, to);
}

static enum err change_password(
    const struct page *p, const struct store_key *key, struct http_reply *r)
{
	const char *password = http_request_field(p->q, "password");
	const char *fresh = http_request_field(p->q, "new_password");
	const char *again = http_request_field(p->q, "new_password_again"), *fault, *to;
	if (!password || !fresh || !again || strcmp(fresh, again) != 0)
		return show_key(
		    p, key, MESSAGES_MARK("The two new passwords are not the same."), r);
	fault = person_password_fault(fresh);
	if (fault)
		return show_key(p, key, fault, r);
	enum err e = rewrap(p, key, password, fresh);
	fault = e == OK ? NULL : fault_of(p->s, e);
	if (fault) {
		scope_forgive(p->s);
		TRY(note(p, AUDIT_KEY_PASSWORD_WRONG, key->id, NULL, NULL));
		return show_key(p, key, fault, r);
	}
	TRY(e);
	TRY(note(p, AUDIT_KEY_PASSWORD_CHANGED, key->id, NULL, NULL));
	TRY(page_path_of(p->s, "/partner/keys/", key->id, "", &to));
	return page_done(p->s, to, PAGE_FLASH_KEY_PASSWORD, r);
}

static enum err post_password(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	static const char *const secrets[] = { "password", "new_password", "new_password_again" };
	const struct store_key *key = NULL;
	struct page p;
	enum err e = open_key(f, s, q, STORE_PERSON_PARTNER_ADMIN, r, &p, &key);
	if (e == OK && key)
		e = change_password(&p, key, r);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		http_request_wipe(q, secrets[i]);
	return e;
}

static enum err post_withdraw(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_key *key;
	const char *to, *why = http_request_field(q, "note");
	struct page p;
	TRY(open_key(f, s, q, STORE_PERSON_PARTNER_ADMIN, r, &p, &key));
	if (!key)
		return OK;
	if (why && strlen(why) > LIMIT_NOTE)
		return problem_reply(s, q, PROBLEM_FIELD_INVALID, NULL, r);
	TRY(store_key_withdraw(s, f->store, key->id, q->at, why ? why : ""));
	TRY(store_key_destroy(s, f->store, key->id, q->at));
	TRY(note(&p, AUDIT_KEY_DESTROYED, key->id, "note", why ? why : ""));
	TRY(page_path_of(s, "/partner/keys/", key->id, "", &to));
	return page_done(s, to, PAGE_FLASH_WITHDRAWN, r);
}

const struct route partner_keys_routes[] = {
	{ .listeners = HTTP_WINDOW, .method = "GET", .pattern = "/", .handle = get_start },
	{ .listeners = HTTP_WINDOW, .method = "GET", .pattern = "/partner", .handle = get_keys },
	{ .listeners = HTTP_WINDOW,
	    .method = "POST",
	    .pattern = "/partner/keys",
	    .body = ROUTE_MULTIPART,
	    .secret = true,
	    .check = may_deposit,
	    .handle = post_key },
	{ .listeners = HTTP_WINDOW,
	    .method = "GET",
	    .pattern = "/partner/keys/{id}",
	    .handle = get_key },
	{ .listeners = HTTP_WINDOW,
	    .method = "POST",
	    .pattern = "/partner/keys/{id}/password",
	    .body = ROUTE_FORM,
	    .secret = true,
	    .handle = post_password },
	{ .listeners = HTTP_WINDOW,
	    .method = "POST",
	    .pattern = "/partner/keys/{id}/withdraw",
	    .body = ROUTE_FORM,
	    .handle = post_withdraw },
	{ 0 },
};
