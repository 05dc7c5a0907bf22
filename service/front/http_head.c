#include "service/front/http_head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/form.h"
#include "service/front/media_type.h"

/* Twice they would mean two things. */
static const char *const once[] = { "Host", "Content-Length", "Transfer-Encoding", "Content-Type",
	"Content-Encoding", "Authorization", "Cookie", "Origin", "Referer", "Expect",
	"Idempotency-Key", "Accept", "Sec-Fetch-Site" };

/* -- headers -- */

struct gathering {
	struct scope *s;
	struct http_request_pair *pair;
	size_t n, octets;
	enum err failed;
};

static enum err gather(struct gathering *g, struct bytes name, struct bytes value)
{
	char *name_text, *value_text;
	g->octets += name.n + value.n + 4;
	if (g->n == LIMIT_HTTP_HEADERS || g->octets > LIMIT_HTTP_HEAD)
		return scope_fault(g->s, ERR_LIMIT, "head: too many headers, or too long ones");
	if (!media_type_is_token(name))
		return scope_fault(g->s, ERR_FORMAT, "head: a header without a proper name");
	for (size_t i = 0; i < value.n; i++)
		if ((value.p[i] < ' ' && value.p[i] != '\t') || value.p[i] == 0x7F)
			return scope_fault(g->s, ERR_FORMAT, "head: a control character");
	TRY(bytes_to_str(g->s, name, &name_text));
	TRY(bytes_to_str(g->s, value, &value_text));
	g->pair[g->n++] = (struct http_request_pair){ name_text, value_text };
	return OK;
}

static enum MHD_Result take_header(void *ctx, enum MHD_ValueKind kind, const char *name,
    size_t name_n, const char *value, size_t value_n)
{
	struct gathering *g = ctx;
	(void)kind;
	g->failed = gather(g, bytes_of(name, name_n), bytes_of(value, value ? value_n : 0));
	return g->failed == OK ? MHD_YES : MHD_NO;
}

static enum err check_once(struct scope *s, const struct http_request_pair *pair)
{
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		size_t n = 0;
		for (const struct http_request_pair *p = pair; p->name; p++)
			n += !strcasecmp(p->name, once[i]);
		if (n > 1)
			return scope_fault(s, ERR_FORMAT, "head: %s stands there twice", once[i]);
	}
	return OK;
}

static enum err read_headers(struct http_own_exchange *x)
{
	struct gathering g = { .s = x->s };
	g.pair = scope_alloc_array(x->s, LIMIT_HTTP_HEADERS + 1, sizeof(*g.pair));
	if (!g.pair)
		return ERR_NOMEM;
	MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, take_header, &g);
	if (g.failed != OK)
		return g.failed;
	x->values.header = g.pair;
	return check_once(x->s, g.pair);
}

static enum err pairs(struct scope *s, const struct form_field *field, size_t n,
    const struct http_request_pair **ret_pair)
{
	struct http_request_pair *pair = scope_alloc_array(s, n + 1, sizeof(*pair));
	if (!pair)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		pair[i] =
		    (struct http_request_pair){ field[i].name, (const char *)field[i].value.p };
	*ret_pair = pair;
	return OK;
}

static enum err read_cookies(struct http_own_exchange *x)
{
	const char *header = http_request_header(&x->q, "Cookie");
	const struct form_field *field;
	size_t n;
	if (!header)
		return OK;
	TRY(form_parse_cookies(x->s, header, LIMIT_HTTP_COOKIES, &field, &n));
	return pairs(x->s, field, n, &x->values.cookie);
}

static enum err read_query(struct http_own_exchange *x, struct bytes query)
{
	const struct form_field *field;
	size_t n;
	if (!query.n)
		return OK;
	uint8_t *text = scope_alloc(x->s, query.n + 1);
	if (!text)
		return ERR_NOMEM;
	memcpy(text, query.p, query.n);
	TRY(form_parse(x->s, text, query.n, LIMIT_HTTP_PARAMETERS, &field, &n));
	for (size_t i = 0; i < n; i++)
		if (!form_is_text(field[i].value, false))
			return scope_fault(x->s, ERR_FORMAT, "query: a value is no text");
	return pairs(x->s, field, n, &x->values.query);
}

/* -- framing -- */

static enum err read_length(struct http_own_exchange *x, const char *text)
{
	uint64_t n = 0;
	if (!*text || strlen(text) > 18)
		return scope_fault(x->s, ERR_FORMAT, "head: Content-Length");
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return scope_fault(x->s, ERR_FORMAT, "head: Content-Length");
		n = n * 10 + (uint64_t)(*text - '0');
	}
	x->length = n;
	x->has_body = n > 0;
	return OK;
}

static enum err read_framing(struct http_own_exchange *x, const char *version)
{
	const char *length = http_request_header(&x->q, "Content-Length");
	const char *encoding = http_request_header(&x->q, "Transfer-Encoding");
	const char *expect = http_request_header(&x->q, "Expect");
	x->expects_continue = expect && !strcasecmp(expect, "100-continue");
	if (strcmp(version, "HTTP/1.1") && strcmp(version, "HTTP/1.0"))
		return scope_fault(x->s, ERR_FORMAT, "head: not HTTP/1.1");
	if (!strcmp(version, "HTTP/1.1") && !http_request_header(&x->q, "Host"))
		return scope_fault(x->s, ERR_FORMAT, "head: no Host (RFC 9112 3.2)");
	if (encoding && (length || strcasecmp(encoding, "chunked") || strcmp(version, "HTTP/1.1")))
		return scope_fault(
		    x->s, ERR_FORMAT, "head: the body's length is not clear (RFC 9112 6.3)");
	if (encoding) {
		x->has_body = true;
		x->length = HTTP_BODY_LENGTH_UNKNOWN;
	}
	return length ? read_length(x, length) : OK;
}

/* -- the host -- */

enum err http_head_authority(struct scope *s, const char *url, const char **ret_authority)
{
	const char *host = strstr(url, "://");
	const char *port = !strncmp(url, "https:", 6) ? ":443" : ":80";
	char *text;
	host = host ? host + 3 : url;
	TRY(bytes_to_str(s, bytes_of(host, strcspn(host, "/?#")), &text));
	size_t n = strlen(text), tail = strlen(port);
	if (n > tail && !strcmp(text + n - tail, port))
		text[n - tail] = 0;
	*ret_authority = text;
	return OK;
}

static bool is_our_host(struct http_own_exchange *x)
{
	const char *wanted = x->at->authority, *host = http_request_header(&x->q, "Host");
	const char *port = x->at->is_tls ? ":443" : ":80";
	if (!wanted || (x->route && x->route->any_host))
		return true;
	size_t n = strlen(wanted);
	return host && !strncasecmp(host, wanted, n) && (!host[n] || !strcmp(host + n, port));
}

/* -- all of it -- */

static enum err answer_options(struct http_own_exchange *x, const char *allow)
{
	http_reply_body(&x->r, 204, NULL, BYTES_NONE);
	http_reply_add(&x->r, "Allow", allow);
	return OK;
}

static size_t row_of(const struct http_server *h, const struct route *route)
{
	size_t row = 0;
	for (size_t i = 0; i < h->n_tables; i++)
		for (const struct route *r = h->tables[i]; r->method; r++, row++)
			if (r == route)
				return row;
	return METRICS_NO_ROUTE;
}

static enum err find_route(struct http_own_exchange *x, const char *method, enum problem *problem)
{
	struct http_server *h = x->at->server;
	struct route_match m;
	const char *allow;
	TRY(route_find(x->s, h->tables, h->n_tables, x->at->which, method, x->q.path, &m));
	x->route = m.route;
	x->row = row_of(h, m.route);
	memcpy(x->q.parameter, m.parameter, sizeof(m.parameter));
	if (m.route) {
		x->q.pattern = m.route->pattern;
		x->closes = x->closes || m.route->secret;
		return OK;
	}
	if (!m.methods) {
		*problem = PROBLEM_NOT_FOUND;
		return OK;
	}
	TRY(route_allow(x->s, m.methods, &allow));
	if (!strcmp(method, "OPTIONS"))
		return answer_options(x, allow);
	http_reply_add(&x->r, "Allow", allow);
	*problem = PROBLEM_METHOD_NOT_ALLOWED;
	return OK;
}

static enum err read_all(
    struct http_own_exchange *x, const char *method, const char *version, enum problem *problem)
{
	struct bytes query;
	char *method_text;
	TRY(bytes_to_str(x->s, bytes_of_str(method), &method_text));
	x->q.method = method_text;
	TRY(read_headers(x));
	TRY(read_framing(x, version));
	TRY(route_split_target(x->s, x->target, &x->q.path, &query));
	TRY(read_query(x, query));
	TRY(read_cookies(x));
	TRY(find_route(x, method, problem));
	if (!is_our_host(x))
		*problem = PROBLEM_MISDIRECTED;
	return OK;
}

enum err http_head_read(
    struct http_own_exchange *x, const char *method, const char *version, enum problem *ret_problem)
{
	enum problem problem = PROBLEM_COUNT;
	enum err e = read_all(x, method, version, &problem);
	if (e == ERR_FORMAT || e == ERR_LIMIT) {
		/* Where the next request begins is not certain. */
		x->is_unclear = x->closes = true;
		problem = e == ERR_LIMIT ? PROBLEM_HEAD_TOO_LARGE : PROBLEM_REQUEST_MALFORMED;
		e = OK;
	}
	if (e == OK)
		*ret_problem = problem;
	return e;
}
