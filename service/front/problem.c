#include "service/front/problem.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/scope.h"

static const struct {
	const char *code, *title;
	int status;
} problems[] = {
#define X(constant, code, status, title) [constant] = { code, title, status },
#include "service/front/problems.def"
#undef X
};

const char *problem_code(enum problem p)
{
	return problems[p].code;
}

int problem_status(enum problem p)
{
	return problems[p].status;
}

const char *problem_title(enum problem p)
{
	return problems[p].title;
}

enum problem problem_of_err(enum err e)
{
	switch (e) {
	case ERR_FORMAT:
		return PROBLEM_REQUEST_MALFORMED;
	case ERR_LIMIT:
		return PROBLEM_TOO_LARGE;
	case ERR_DENIED:
		return PROBLEM_FORBIDDEN;
	case ERR_NET:
		return PROBLEM_UPSTREAM;
	case ERR_UNSUPPORTED:
		return PROBLEM_DOCUMENT_UNUSABLE;
	case ERR_MISUSE:
		return PROBLEM_STATE;
	case OK:
	case ERR_NOMEM:
	case ERR_CRYPTO:
	case ERR_IO:
	case ERR_INTERNAL:
		break;
	}
	return PROBLEM_INTERNAL;
}

/* A browser in front of a person: a program asks for JSON, or for nothing in particular. */
static bool wants_page(const struct http_request *q)
{
	const char *accept = http_request_header(q, "Accept");
	return (q->listener == HTTP_WINDOW || q->listener == HTTP_DESK) && accept &&
	       strstr(accept, "text/html");
}

static enum err problem_json(struct scope *s, const struct http_request *q, enum problem p,
    const char *detail, struct bytes *ret_text)
{
	struct buf b = buf_new(s, (size_t)16 * LIMIT_FAULT_TEXT);
	struct json j = json_new(&b, true);
	char type[128], instance[128];
	snprintf(type, sizeof(type), "urn:bulla:problem:%s", problems[p].code);
	snprintf(instance, sizeof(instance), "urn:bulla:request:%s", q && q->id ? q->id : "");
	json_begin_object(&j, NULL);
	json_string(&j, "type", type);
	json_string(&j, "code", problems[p].code);
	json_string(&j, "title", problems[p].title);
	json_int(&j, "status", problems[p].status);
	if (detail && *detail)
		json_string(&j, "detail", detail);
	if (q && q->id)
		json_string(&j, "instance", instance);
	json_end_object(&j);
	return buf_done(&b, ret_text);
}

enum err problem_reply(struct scope *s, const struct http_request *q, enum problem p,
    const char *detail, struct http_reply *r)
{
	struct bytes text;
	if (r->file >= 0)
		http_reply_drop(r);
	if (p == PROBLEM_BUSY)
		http_reply_add(r, "Retry-After", "2");
	if (q && q->problem_page && wants_page(q)) {
		r->status = problems[p].status;
		return q->problem_page(q->front, s, q, (int)p, detail, r);
	}
	/* RFC 9110 15.5.2 */
	if (p == PROBLEM_NOT_AUTHENTICATED && q && q->listener == HTTP_API)
		http_reply_add(r, "WWW-Authenticate", "Bearer realm=\"bulla\"");
	TRY(problem_json(s, q, p, detail, &text));
	http_reply_body(r, problems[p].status, "application/problem+json", text);
	return OK;
}
