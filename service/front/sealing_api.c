#include "service/front/sealing_api.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/api_client.h"
#include "service/front/api_query.h"
#include "service/front/problem.h"
#include "service/front/sealing_address.h"
#include "service/front/sealing_answer.h"
#include "service/front/sealing_intake.h"
#include "service/front/sealing_term.h"
#include "service/store/identifier.h"
#include "service/store/store_files.h"

/* Who asks, and for which sealing of his. *ret_sealing NULL: the reply is complete. */
static enum err find(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, const struct store_sealing **ret_sealing)
{
	const struct configuration_portal *portal;
	const struct store_sealing *l = NULL;
	*ret_sealing = NULL;
	TRY(api_client_find(f, s, q, r, &portal));
	if (!portal)
		return OK;
	if (identifier_is(q->parameter[0], IDENTIFIER_SEALING))
		TRY(store_sealing_find(s, f->store, q->parameter[0], &l));
	if (!l || strcmp(l->portal, portal->id))
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	*ret_sealing = l;
	return OK;
}

static enum err show(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_sealing *l;
	const char *url;
	TRY(find(f, s, q, r, &l));
	if (!l)
		return OK;
	TRY(sealing_address_find(f, s, l, &url));
	return sealing_answer_one(s, l, url, 200, r);
}

static enum err list(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct configuration_portal *portal;
	struct store_sealing_filter filter = { .state = STORE_SEALING_ANY,
		.since = INSTANT_NONE,
		.before = INSTANT_NONE,
		.reference = http_request_query(q, "reference") };
	struct store_page page;
	struct store_sealing_list found;
	enum store_sealing_state state;
	TRY(api_client_find(f, s, q, r, &portal));
	if (!portal)
		return OK;
	const char *word = http_request_query(q, "state");
	if (word && !store_sealing_state_of_name(word, &state))
		return problem_reply(s, q, PROBLEM_FIELD_INVALID, "state: no such state", r);
	if (word)
		filter.state = (int)state;
	filter.portal = portal->id;
	TRY(api_query_page(s, q, r, &page));
	if (r->status)
		return OK;
	const enum err e = store_sealing_list(s, f->store, &filter, page, &found);
	if (e == ERR_FORMAT)
		return problem_reply(s, q, PROBLEM_FIELD_INVALID, "after: not one of ours", r);
	TRY(e);
	return sealing_answer_list(s, &found, r);
}

static enum err not_now(struct scope *s, const struct http_request *q,
    const struct store_sealing *l, struct http_reply *r)
{
	struct buf b = buf_new(s, 256);
	char *text;
	buf_addf(&b, "its state is %s", store_sealing_state_name(l->state));
	TRY(buf_done_str(&b, &text));
	return problem_reply(
	    s, q, l->state == STORE_SEALING_SEALING ? PROBLEM_IN_PROGRESS : PROBLEM_STATE, text, r);
}

static enum err cancel(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_sealing *l;
	TRY(find(f, s, q, r, &l));
	if (!l)
		return OK;
	const struct event_log_actor actor = { .q = q, .portal = l->portal };
	enum err e = ERR_MISUSE;
	if (l->state == STORE_SEALING_AWAITING)
		e = sealing_term_cancel(f, s, &actor, l, "portal", "");
	if (e != OK && e != ERR_MISUSE)
		return e;
	scope_forgive(s);
	TRY(store_sealing_find(s, f->store, l->id, &l));
	if (e == ERR_MISUSE)
		return not_now(s, q, l, r);
	return sealing_answer_one(s, l, NULL, 200, r);
}

static enum err window(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_sealing *l;
	const char *url;
	TRY(find(f, s, q, r, &l));
	if (!l)
		return OK;
	if (l->state != STORE_SEALING_AWAITING || l->unattended)
		return not_now(s, q, l, r);
	TRY(sealing_address_renew(f, s, l, &url));
	return sealing_answer_one(s, l, url, 200, r);
}

/* -- documents -- */

static const struct store_sealing_document *document_of(
    const struct store_sealing *l, const char *n)
{
	for (size_t i = 0; i < l->n_documents; i++) {
		char number[16];
		snprintf(number, sizeof number, "%u", l->document[i].n);
		if (!strcmp(number, n))
			return &l->document[i];
	}
	return NULL;
}

/* A sealed document of the caller's. *ret_document NULL: the reply is complete. */
static enum err find_sealed(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, const struct store_sealing **ret_sealing,
    const struct store_sealing_document **ret_document)
{
	const struct store_sealing *l;
	*ret_document = NULL;
	TRY(find(f, s, q, r, &l));
	if (!l)
		return OK;
	const struct store_sealing_document *d = document_of(l, q->parameter[1]);
	if (!d)
		return problem_reply(s, q, PROBLEM_NOT_FOUND, NULL, r);
	if (l->state != STORE_SEALING_SEALED)
		return not_now(s, q, l, r);
	if (!l->has_files)
		return problem_reply(s, q, PROBLEM_EXPIRED, "its files were removed", r);
	*ret_sealing = l;
	*ret_document = d;
	return OK;
}

/* RFC 9530, RFC 3230, and a strong validator. */
static enum err add_digests(
    struct scope *s, const struct store_sealing_document *d, struct http_reply *r)
{
	char *base64, *hex, *tag, *digest, *old;
	TRY(bytes_to_base64(s, bytes_of(d->sealed_sha256, 32), &base64));
	TRY(bytes_to_hex(s, bytes_of(d->sealed_sha256, 32), &hex));
	struct buf a = buf_new(s, 256), b = buf_new(s, 256), c = buf_new(s, 256);
	buf_addf(&a, "\"%s\"", hex);
	buf_addf(&b, "sha-256=:%s:", base64);
	buf_addf(&c, "sha-256=%s", base64);
	TRY(buf_done_str(&a, &tag));
	TRY(buf_done_str(&b, &digest));
	TRY(buf_done_str(&c, &old));
	http_reply_add(r, "ETag", tag);
	http_reply_add(r, "Repr-Digest", digest);
	http_reply_add(r, "Digest", old);
	return OK;
}

static bool has_it_already(
    struct scope *s, const struct http_request *q, const struct store_sealing_document *d)
{
	const char *tags = http_request_header(q, "If-None-Match");
	char *hex;
	return tags && bytes_to_hex(s, bytes_of(d->sealed_sha256, 32), &hex) == OK &&
	       strstr(tags, hex);
}

static enum err fetch(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_sealing *l;
	const struct store_sealing_document *d;
	const char *path;
	TRY(find_sealed(f, s, q, r, &l, &d));
	if (!d)
		return OK;
	if (has_it_already(s, q, d)) {
		http_reply_body(r, 304, NULL, BYTES_NONE);
		return add_digests(s, d, r);
	}
	const struct event_log_actor actor = { .q = q, .portal = l->portal };
	TRY(event_log_write(f, s, &actor,
	    (struct audit_entry){ .kind = AUDIT_SEALING_FETCHED,
		.partner = l->partner,
		.object = l->id,
		.detail = { { "n", event_log_number(s, d->n), true } } }));
	TRY(store_files_path(s, f->store,
	    (struct store_files_name){
		.id = l->id, .kind = STORE_FILES_SEALED, .n = d->n, .attempt = l->attempts },
	    &path));
	TRY(http_reply_file(r, path, "application/pdf", d->name));
	return add_digests(s, d, r);
}

static enum err report(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct store_sealing *l;
	const struct store_sealing_document *d;
	TRY(find_sealed(f, s, q, r, &l, &d));
	if (d)
		http_reply_body(r, 200, "application/json", bytes_of_str(d->summary));
	return OK;
}

#define API(verb, path, kind, does)                                                                \
	{                                                                                          \
		.listeners = HTTP_API, .method = verb, .pattern = path, .body = kind,              \
		.check = api_client_check, .handle = does                                          \
	}

const struct route sealing_api_routes[] = {
	API("POST", "/v1/sealings", ROUTE_MULTIPART, sealing_intake_handle),
	API("GET", "/v1/sealings", ROUTE_NO_BODY, list),
	API("GET", "/v1/sealings/{id}", ROUTE_NO_BODY, show),
	API("DELETE", "/v1/sealings/{id}", ROUTE_NO_BODY, cancel),
	API("POST", "/v1/sealings/{id}/window", ROUTE_NO_BODY, window),
	API("GET", "/v1/sealings/{id}/documents/{n}", ROUTE_NO_BODY, fetch),
	API("GET", "/v1/sealings/{id}/documents/{n}/report", ROUTE_NO_BODY, report),
	{ 0 },
};
