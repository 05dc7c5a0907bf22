#include "service/front/filing_api.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "service/front/api_client.h"
#include "service/front/api_query.h"
#include "service/front/filing_answer.h"
#include "service/front/filing_engine.h"
#include "service/front/problem.h"
#include "service/front/sealing_engine.h"
#include "service/front/sealing_intake.h"
#include "service/front/upload_file.h"
#include "service/store/identifier.h"

/* -- receiving -- */

/* The documents of a request, and nothing but them and a reference. *ret_n 0: the reply is
 * complete. */
static enum err take_parts(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, const struct http_part ***ret_list, size_t *ret_n)
{
	const struct configuration *c = f->configuration;
	const struct http_part **list = scope_alloc_array(s, q->n_parts + 1, sizeof *list);
	size_t n = 0;
	*ret_n = 0;
	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < q->n_parts; i++) {
		const struct http_part *p = &q->part[i];
		if (p->path && !strcmp(p->name, "document"))
			list[n++] = p;
		else if (p->path || strcmp(p->name, "reference"))
			return problem_reply(s, q, PROBLEM_FIELD_INVALID,
			    "files \"document\" and a field \"reference\" are wanted, nothing else",
			    r);
	}
	if (!n)
		return problem_reply(s, q, PROBLEM_FIELD_INVALID, "no part \"document\"", r);
	if (n > c->limits.documents)
		return problem_reply(s, q, PROBLEM_TOO_LARGE, "too many documents", r);
	*ret_list = list;
	*ret_n = n;
	return OK;
}

static enum err digest_parts(struct scope *s, const char *reference,
    const struct http_part *const *part, size_t n, uint8_t ret_sha256[32])
{
	struct bytes *span = scope_alloc_array(s, n + 1, sizeof *span);
	struct digest d;
	if (!span)
		return ERR_NOMEM;
	span[0] = bytes_of(reference, strlen(reference) + 1);
	for (size_t i = 0; i < n; i++)
		span[i + 1] = bytes_of(part[i]->sha256, 32);
	TRY(digest_compute(s, DIGEST_SHA256, span, n + 1, &d));
	memcpy(ret_sha256, d.value, 32);
	return OK;
}

/* Each document of a request has a key of its own; no client can send one with a blank. */
static enum err key_of(struct scope *s, const char *key, size_t i, const char **ret_key)
{
	struct buf b = buf_new(s, LIMIT_SEALING_REFERENCE * 2);
	char *text;
	*ret_key = key;
	if (!key || !i)
		return OK;
	buf_addf(&b, "%s %zu", key, i + 1);
	TRY(buf_done_str(&b, &text));
	*ret_key = text;
	return OK;
}

static enum err check_fields(struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const char *key = http_request_header(q, "Idempotency-Key");
	const char *reference = http_request_field(q, "reference");
	if (key && !sealing_intake_is_key(key))
		return problem_reply(s, q, PROBLEM_FIELD_INVALID,
		    "Idempotency-Key: 1 to 200 printable ASCII characters", r);
	if (reference &&
	    (strlen(reference) > LIMIT_SEALING_REFERENCE || !upload_file_is_plain(reference)))
		return problem_reply(s, q, PROBLEM_FIELD_INVALID,
		    "reference: too long, or holds characters that cannot be seen", r);
	return OK;
}

static enum err receive_all(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, struct filing_engine_origin *origin, const struct http_part *const *part,
    size_t n)
{
	const struct store_filing **got = scope_alloc_array(s, n, sizeof *got);
	const char *key = origin->idempotency;
	bool is_replayed = false;
	if (!got)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		bool is_new;
		TRY(key_of(s, key, i, &origin->idempotency));
		const enum err e =
		    filing_engine_receive(f, s, q, part[i], origin, &got[i], &is_new);
		if (e == ERR_MISUSE)
			return problem_reply(
			    s, q, PROBLEM_IDEMPOTENCY, "the key was used for another request", r);
		TRY(e);
		is_replayed = is_replayed || !is_new;
	}
	TRY(filing_answer_list(s, got, n, true, NULL, is_replayed ? 200 : 201, r));
	if (is_replayed)
		http_reply_add(r, "Idempotent-Replayed", "true");
	return OK;
}

static enum err receive(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct configuration_portal *portal;
	const struct http_part **part;
	struct filing_engine_origin origin = { 0 };
	size_t n;
	TRY(api_client_find(f, s, q, r, &portal));
	if (!portal)
		return OK;
	TRY(check_fields(s, q, r));
	if (r->status)
		return OK;
	TRY(take_parts(f, s, q, r, &part, &n));
	if (!n)
		return OK;
	origin.portal = portal->id;
	origin.reference = http_request_field(q, "reference");
	origin.idempotency = http_request_header(q, "Idempotency-Key");
	TRY(digest_parts(
	    s, origin.reference ? origin.reference : "", part, n, origin.request_sha256));
	if (n > 1)
		TRY(identifier_new(s, IDENTIFIER_BATCH, &origin.batch));
	return receive_all(f, s, q, r, &origin, part, n);
}

/* -- looking -- */

static enum err find(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, const struct store_filing **ret_filing)
{
	const struct configuration_portal *portal;
	const struct store_filing *l = NULL;
	*ret_filing = NULL;
	TRY(api_client_find(f, s, q, r, &portal));
	if (!portal)
		return OK;
	if (identifier_is(q->parameter[0], IDENTIFIER_FILING))
		TRY(store_filing_find(s, f->store, q->parameter[0], &l));
	if (!l || strcmp(l->source, portal->id))
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	*ret_filing = l;
	return OK;
}

static enum err show(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_filing *l;
	TRY(find(f, s, q, r, &l));
	return l ? filing_answer_one(s, l, 200, r) : OK;
}

static bool take_filter(const struct http_request *q, struct store_filing_filter *filter)
{
	const char *state = http_request_query(q, "state"), *word = http_request_query(q, "word");
	enum store_filing_state a;
	enum store_filing_word b;
	if ((state && !store_filing_state_of_name(state, &a)) ||
	    (word && (!*word || !store_filing_word_of_name(word, &b))))
		return false;
	*filter = (struct store_filing_filter){ .state = state ? (int)a : STORE_FILING_ANY,
		.word = word ? (int)b : STORE_FILING_ANY,
		.decision = STORE_FILING_ANY,
		.since = INSTANT_NONE,
		.before = INSTANT_NONE };
	return true;
}

static enum err list(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct configuration_portal *portal;
	struct store_filing_filter filter;
	struct store_page page;
	struct store_filing_list found;
	TRY(api_client_find(f, s, q, r, &portal));
	if (!portal)
		return OK;
	if (!take_filter(q, &filter))
		return problem_reply(s, q, PROBLEM_FIELD_INVALID, "no such state or word", r);
	filter.source = portal->id;
	TRY(api_query_page(s, q, r, &page));
	if (r->status)
		return OK;
	const enum err e = store_filing_list(s, f->store, &filter, page, &found);
	if (e == ERR_FORMAT)
		return problem_reply(s, q, PROBLEM_FIELD_INVALID, "after: not one of ours", r);
	TRY(e);
	const struct store_filing **each = scope_alloc_array(s, found.n + 1, sizeof *each);
	if (!each)
		return ERR_NOMEM;
	for (size_t i = 0; i < found.n; i++)
		each[i] = &found.filing[i];
	return filing_answer_list(s, each, found.n, false, found.next, 200, r);
}

/* -- reports -- */

/* "report.json", "report.html", "report.pdf", "report.xml", "report.txt" */
static bool form_of(const char *name, enum worker_client_form *ret_form)
{
	static const struct {
		const char *name;
		enum worker_client_form form;
	} forms[] = {
		{ "report.json", WORKER_CLIENT_FORM_JSON },
		{ "report.html", WORKER_CLIENT_FORM_HTML },
		{ "report.pdf", WORKER_CLIENT_FORM_PDF },
		{ "report.xml", WORKER_CLIENT_FORM_ETSI },
		{ "report.txt", WORKER_CLIENT_FORM_TEXT },
	};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (!strcmp(name, forms[i].name)) {
			*ret_form = forms[i].form;
			return true;
		}
	return false;
}

static enum err report(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_filing *l;
	enum worker_client_form form;
	struct bytes content;
	TRY(find(f, s, q, r, &l));
	if (!l)
		return OK;
	if (!form_of(q->parameter[1], &form))
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	if (l->state != STORE_FILING_JUDGED)
		return problem_reply(s, q, PROBLEM_STATE, "it has no report", r);
	TRY(filing_engine_report(
	    f, s, l->id, (int)form, http_request_query(q, "language"), &content));
	http_reply_body(r, 200, worker_client_form_media_type(form), content);
	return OK;
}

/* -- validation without keeping -- */

static enum err log_validated(struct front *f, struct scope *s, const struct http_request *q,
    const char *portal, const struct http_part *part, const struct worker_client_validation *v)
{
	const struct event_log_actor actor = { .q = q, .portal = portal };
	const struct audit_entry e = { .kind = v ? AUDIT_VALIDATION_DONE : AUDIT_VALIDATION_FAILED,
		.detail = { { "sha256", event_log_hex(s, part->sha256, 32), true },
		    { "word", v ? worker_client_word_name(v->judgement.word) : NULL, true } } };
	return event_log_write(f, s, &actor, e);
}

static enum err not_validated(struct front *f, struct scope *s, const struct http_request *q,
    const char *portal, const struct http_part *part, enum err e, struct http_reply *r)
{
	char *text;
	if (e == ERR_NET)
		return problem_reply(s, q, PROBLEM_BUSY, "no worker is free", r);
	if (e == ERR_IO || e == ERR_NOMEM)
		return e;
	TRY(bytes_to_str(s, bytes_of_str(scope_fault_text(s)), &text));
	scope_forgive(s);
	TRY(log_validated(f, s, q, portal, part, NULL));
	return problem_reply(s, q, PROBLEM_DOCUMENT_UNUSABLE, text, r);
}

static enum err validate_part(struct front *f, struct scope *s, const struct http_request *q,
    const char *portal, const struct http_part *part, struct http_reply *r)
{
	const struct worker_client worker = sealing_engine_worker(f);
	const char *policy = http_request_query(q, "policy");
	struct worker_client_validation_request w = {
		.at = INSTANT_NONE, .pack = -1, .wants_report = true
	};
	struct worker_client_validation v;
	if (policy && strcmp(policy, "filing") && strcmp(policy, "sealing"))
		return problem_reply(
		    s, q, PROBLEM_FIELD_INVALID, "policy: neither sealing nor filing", r);
	w.policy = policy && !strcmp(policy, "filing") ? WORKER_CLIENT_POLICY_FILING
						       : WORKER_CLIENT_POLICY_SEALING;
	TRY(upload_file_name(s, part, 1, &w.name));
	TRY(upload_file_open(s, part, &w.document));
	TRY(filing_engine_approved(f, s, &w.approved, &w.n_approved));
	enum err e = worker_client_validate(s, &worker, &w, &v);
	for (unsigned tries = 1; e == ERR_INTERNAL && tries < LIMIT_WORKER_TRIES; tries++) {
		scope_forgive(s);
		e = worker_client_validate(s, &worker, &w, &v);
	}
	if (e != OK)
		return not_validated(f, s, q, portal, part, e, r);
	TRY(log_validated(f, s, q, portal, part, &v));
	http_reply_body(r, 200, "application/json", v.report);
	http_reply_add(r, "Bulla-Word", worker_client_word_name(v.judgement.word));
	return OK;
}

static enum err validate(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct configuration_portal *portal;
	TRY(api_client_find(f, s, q, r, &portal));
	if (!portal)
		return OK;
	if (q->n_parts != 1 || !q->part[0].file_name || strcmp(q->part[0].name, "document"))
		return problem_reply(
		    s, q, PROBLEM_FIELD_INVALID, "one file \"document\" is wanted", r);
	return validate_part(f, s, q, portal->id, &q->part[0], r);
}

#define API(verb, path, kind, does)                                                                \
	{                                                                                          \
		.listeners = HTTP_API, .method = verb, .pattern = path, .body = kind,              \
		.check = api_client_check, .handle = does                                          \
	}

const struct route filing_api_routes[] = {
	API("POST", "/v1/filings", ROUTE_MULTIPART, receive),
	API("GET", "/v1/filings", ROUTE_NO_BODY, list),
	API("GET", "/v1/filings/{id}", ROUTE_NO_BODY, show),
	API("GET", "/v1/filings/{id}/{report}", ROUTE_NO_BODY, report),
	{ .listeners = HTTP_API,
	    .method = "POST",
	    .pattern = "/v1/validations",
	    .body = ROUTE_MULTIPART,
	    .transient = true,
	    .check = api_client_check,
	    .handle = validate },
	{ 0 },
};
