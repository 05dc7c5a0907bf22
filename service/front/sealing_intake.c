#include "service/front/sealing_intake.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "service/front/api_client.h"
#include "service/front/problem.h"
#include "service/front/sealing_address.h"
#include "service/front/sealing_answer.h"
#include "service/front/sealing_clock.h"
#include "service/front/sealing_engine.h"
#include "service/front/upload_file.h"
#include "service/store/identifier.h"
#include "service/store/store_files.h"
#include "service/store/store_partner.h"

/* One request on its way. A problem that is found fills the reply: then r->status is not 0. */
struct intake {
	struct front *f;
	struct scope *s;
	const struct http_request *q;
	struct http_reply *r;
	const struct configuration_portal *portal;
	struct sealing_request request;
	const struct http_part **part; /* the documents */
	struct store_sealing sealing;
	struct store_sealing_document *document;
};

static enum err refuse(struct intake *i, enum problem p, const char *detail)
{
	char *text;
	TRY(bytes_to_str(i->s, bytes_of_str(detail), &text));
	scope_forgive(i->s);
	return problem_reply(i->s, i->q, p, text, i->r);
}

bool sealing_intake_is_key(const char *text)
{
	size_t n = 0;
	for (; text[n]; n++)
		if (text[n] <= 0x20 || text[n] >= 0x7f || n >= LIMIT_SEALING_REFERENCE)
			return false;
	return n > 0;
}

unsigned sealing_intake_wait(const struct http_request *q)
{
	const char *prefer = http_request_header(q, "Prefer");
	while (prefer && *prefer) {
		prefer += strspn(prefer, " \t,");
		if (!strncasecmp(prefer, "wait=", 5)) {
			const unsigned long n = strtoul(prefer + 5, NULL, 10);
			return n > 3600 ? 3600 : (unsigned)n;
		}
		prefer += strcspn(prefer, ",");
	}
	return 0;
}

/* -- what was sent -- */

static enum err take_parts(struct intake *i)
{
	const struct http_request *q = i->q;
	const struct configuration *c = i->f->configuration;
	const struct http_part *request = NULL;
	size_t n = 0;
	i->part = scope_alloc_array(i->s, q->n_parts, sizeof *i->part);
	if (!i->part)
		return ERR_NOMEM;
	for (size_t k = 0; k < q->n_parts; k++) {
		const struct http_part *p = &q->part[k];
		if (p->path && !strcmp(p->name, "document"))
			i->part[n++] = p;
		else if (!p->path && !request && !strcmp(p->name, "request"))
			request = p;
		else
			return refuse(i, PROBLEM_FIELD_INVALID,
			    "one part \"request\" and files \"document\" are wanted, nothing else");
	}
	if (!request || !n)
		return refuse(i, PROBLEM_FIELD_INVALID,
		    request ? "no part \"document\"" : "no part \"request\"");
	if (n > c->limits.documents)
		return refuse(i, PROBLEM_TOO_LARGE, "too many documents");
	i->sealing.n_documents = n;
	const enum err e = sealing_request_parse(i->s, request->value, &i->request);
	if (e == ERR_FORMAT || e == ERR_LIMIT || e == ERR_UNSUPPORTED)
		return refuse(i, PROBLEM_FIELD_INVALID, scope_fault_text(i->s));
	return e;
}

static enum err take_key(struct intake *i)
{
	const char *key = http_request_header(i->q, "Idempotency-Key");
	if (key && !sealing_intake_is_key(key))
		return refuse(i, PROBLEM_FIELD_INVALID,
		    "Idempotency-Key: 1 to 200 printable ASCII characters");
	i->sealing.idempotency_key = key;
	return OK;
}

/* What makes two requests the same one. */
static enum err digest_request(struct intake *i)
{
	struct bytes *part = scope_alloc_array(i->s, 8 + 2 * i->sealing.n_documents, sizeof *part);
	if (!part)
		return ERR_NOMEM;
	const struct sealing_request *w = &i->request;
	const char *text[] = { w->partner ? w->partner : "", w->reference, w->title,
		w->return_url ? w->return_url : "", w->unattended ? "unattended" : "" };
	size_t n = 0;
	for (size_t k = 0; k < sizeof text / sizeof *text; k++)
		part[n++] = bytes_of(text[k], strlen(text[k]) + 1);
	part[n++] = bytes_of(w->data.p, w->data.n + 1);
	part[n++] = bytes_of(w->options.p, w->options.n + 1);
	for (size_t k = 0; k < i->sealing.n_documents; k++) {
		const char *name = i->document[k].name;
		part[n++] = bytes_of(name, strlen(name) + 1);
		part[n++] = bytes_of(i->part[k]->sha256, 32);
	}
	struct digest d;
	TRY(digest_compute(i->s, DIGEST_SHA256, part, n, &d));
	memcpy(i->sealing.request_sha256, d.value, 32);
	return OK;
}

/* -- whether it may be -- */

static enum err check_partner(struct intake *i)
{
	const struct store_partner *p = NULL;
	const char *told = i->request.partner;
	if (!told)
		return OK;
	if (identifier_is(told, IDENTIFIER_PARTNER))
		TRY(store_partner_find(i->s, i->f->store, told, &p));
	else
		TRY(store_partner_find_number(i->s, i->f->store, told, &p));
	if (!p || !p->active)
		return refuse(i, PROBLEM_FIELD_INVALID, "request: $.partner: no such partner");
	i->sealing.partner = p->id;
	return OK;
}

static enum err check_rights(struct intake *i)
{
	const struct configuration_portal *p = i->portal;
	if (i->request.unattended && !p->unattended_key)
		return refuse(
		    i, PROBLEM_FORBIDDEN, "this portal has no key for unattended sealing");
	if (i->request.return_url &&
	    !sealing_request_may_return(i->request.return_url, p->return_urls, p->n_return_urls))
		return refuse(i, PROBLEM_FIELD_INVALID,
		    "request: $.returnUrl: not one of this portal's addresses");
	return check_partner(i);
}

/* -- the documents -- */

static enum err name_documents(struct intake *i)
{
	i->document = scope_alloc_array(i->s, i->sealing.n_documents, sizeof *i->document);
	if (!i->document)
		return ERR_NOMEM;
	for (size_t k = 0; k < i->sealing.n_documents; k++) {
		const struct http_part *p = i->part[k];
		struct store_sealing_document *d = &i->document[k];
		*d = (struct store_sealing_document){
			.n = (unsigned)k + 1, .size = p->size, .summary = ""
		};
		memcpy(d->sha256, p->sha256, sizeof d->sha256);
		TRY(upload_file_name(i->s, p, (unsigned)k + 1, &d->name));
	}
	i->sealing.document = i->document;
	return OK;
}

static enum err unusable(struct intake *i, size_t k, const char *why)
{
	struct buf b = buf_new(i->s, 4096);
	char *text;
	buf_addf(&b, "document %zu (%s): %s", k + 1, i->document[k].name, why);
	TRY(buf_done_str(&b, &text));
	return refuse(i, PROBLEM_DOCUMENT_UNUSABLE, text);
}

static enum err inspect(struct intake *i, size_t k)
{
	const struct worker_client worker = sealing_engine_worker(i->f);
	struct worker_client_inspection seen;
	int fd;
	TRY(upload_file_open(i->s, i->part[k], &fd));
	enum err e = worker_client_inspect(i->s, &worker, fd, BYTES_NONE, &seen);
	/* A worker may end for reasons that are not the document's: it is blamed after some. */
	for (unsigned tries = 1; e == ERR_INTERNAL && tries < LIMIT_WORKER_TRIES; tries++) {
		scope_forgive(i->s);
		e = worker_client_inspect(i->s, &worker, fd, BYTES_NONE, &seen);
	}
	if (e == ERR_NET)
		return refuse(i, PROBLEM_BUSY, "no worker is free");
	if (e == ERR_IO || e == ERR_NOMEM)
		return e;
	if (e != OK)
		return unusable(i, k, scope_fault_text(i->s));
	if (seen.refusal || seen.locked)
		return unusable(i, k, seen.refusal ? seen.refusal : "it wants a password");
	i->document[k].pages = seen.pages;
	return OK;
}

static enum err take_files(struct intake *i)
{
	for (size_t k = 0; k < i->sealing.n_documents; k++)
		TRY(store_files_take(i->s, i->f->store, i->part[k]->path,
		    (struct store_files_name){
			.id = i->sealing.id, .kind = STORE_FILES_DOCUMENT, .n = (unsigned)k + 1 }));
	return OK;
}

/* -- the sealing -- */

static enum err log_created(struct intake *i)
{
	const struct event_log_actor actor = { .q = i->q, .portal = i->portal->id };
	struct audit_entry e = { .kind = AUDIT_SEALING_CREATED,
		.partner = i->sealing.partner,
		.object = i->sealing.id,
		.detail = { { "reference", i->sealing.reference, false },
		    { "title", i->sealing.title, false },
		    { "documents", event_log_number(i->s, i->sealing.n_documents), true },
		    { "sha256", event_log_hex(i->s, i->document[0].sha256, 32), true } } };
	return event_log_write(i->f, i->s, &actor, e);
}

static enum err answer(struct intake *i, const struct store_sealing *l, int status)
{
	const char *url = NULL;
	if (!l->unattended && l->state == STORE_SEALING_AWAITING)
		TRY(sealing_address_renew(i->f, i->s, l, &url));
	return sealing_answer_one(i->s, l, url, status, i->r);
}

static enum err replay(struct intake *i, const struct store_sealing *l)
{
	if (memcmp(l->request_sha256, i->sealing.request_sha256, 32))
		return refuse(i, PROBLEM_IDEMPOTENCY, "the key was used for another request");
	TRY(answer(i, l, 200));
	http_reply_add(i->r, "Idempotent-Replayed", "true");
	return OK;
}

static void fill(struct intake *i)
{
	const struct configuration *c = i->f->configuration;
	const struct sealing_request *w = &i->request;
	struct store_sealing *l = &i->sealing;
	l->portal = i->portal->id;
	l->reference = w->reference;
	l->title = w->title;
	l->data = (const char *)w->data.p;
	l->options = (const char *)w->options.p;
	l->return_url = w->return_url;
	l->unattended = w->unattended;
	l->created = i->q->at;
	l->expires = instant_add(i->q->at, (int64_t)c->times.sealing_minutes * 60);
}

static enum err add_window(struct intake *i)
{
	const char *token;
	if (i->sealing.unattended)
		return OK;
	TRY(sealing_address_token(i->f, i->s, i->sealing.id, &token));
	TRY(sealing_address_sha256(i->s, token, i->sealing.window_sha256));
	i->sealing.has_window = true;
	return OK;
}

/* Without waiting the clock seals it. Whatever comes of the attempt, the sealing tells. */
static enum err seal_now(struct intake *i, const struct store_sealing **l)
{
	struct sealing_engine_outcome outcome;
	if (!sealing_intake_wait(i->q)) {
		sealing_clock_wake(i->f->clock);
		return OK;
	}
	TRY(sealing_engine_unattended(i->f, i->s, i->q, *l, &outcome));
	return store_sealing_find(i->s, i->f->store, (*l)->id, l);
}

/* After this the files have a row, or are gone. */
static enum err store_it(
    struct intake *i, const struct store_sealing **ret_sealing, bool *ret_is_new)
{
	enum err e = take_files(i);
	if (e == OK)
		e = store_sealing_add(i->s, i->f->store, &i->sealing, ret_sealing, ret_is_new);
	if (e == OK && *ret_is_new)
		return OK;
	char *text;
	TRY(bytes_to_str(i->s, bytes_of_str(scope_fault_text(i->s)), &text));
	scope_forgive(i->s);
	if (store_files_remove(i->s, i->f->store, i->sealing.id) != OK)
		scope_forgive(i->s); /* swept at a later start */
	if (e == ERR_MISUSE) /* the key came with another request, or the partner was closed */
		return refuse(i, PROBLEM_IDEMPOTENCY, text);
	return e == OK ? OK : scope_fault(i->s, e, "%s", text);
}

static enum err make(struct intake *i)
{
	const struct store_sealing *l = NULL;
	bool is_new = false;
	TRY(identifier_new(i->s, IDENTIFIER_SEALING, &i->sealing.id));
	for (size_t k = 0; k < i->sealing.n_documents && !i->r->status; k++)
		TRY(inspect(i, k));
	if (i->r->status)
		return OK;
	fill(i);
	TRY(add_window(i));
	TRY(store_it(i, &l, &is_new));
	if (i->r->status)
		return OK;
	if (!is_new)
		return replay(i, l);
	TRY(log_created(i));
	if (l->unattended)
		TRY(seal_now(i, &l));
	return answer(i, l, !l->unattended || l->state == STORE_SEALING_SEALED ? 201 : 202);
}

static enum err find_repeat(struct intake *i)
{
	const struct store_sealing *l = NULL;
	if (!i->sealing.idempotency_key)
		return OK;
	TRY(store_sealing_find_repeat(
	    i->s, i->f->store, i->portal->id, i->sealing.idempotency_key, &l));
	return l ? replay(i, l) : OK;
}

enum err sealing_intake_handle(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	static enum err (*const steps[])(struct intake * i) = { take_parts, take_key, check_rights,
		name_documents, digest_request, find_repeat, make };
	struct intake i = { .f = f, .s = s, .q = q, .r = r };
	TRY(api_client_find(f, s, q, r, &i.portal));
	for (size_t k = 0; !r->status && k < sizeof steps / sizeof *steps; k++)
		TRY(steps[k](&i));
	return OK;
}
