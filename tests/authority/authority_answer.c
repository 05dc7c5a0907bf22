#include "tests/authority/authority_answer.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/scope.h"
#include "tests/authority/authority_crl.h"
#include "tests/authority/authority_ocsp.h"
#include "tests/authority/authority_tsa.h"

#define INDEX_CAP ((size_t)16 << 20)
#define TEXT "text/plain; charset=utf-8"

struct work {
	struct scope *s;
	const struct authority_store *store;
	const struct authority_request *request;
	struct instant now;
	struct authority_fault fault;
	const char *rest; /* of the path, after "/endpoint" */
};

typedef enum err route(struct work *w, struct authority_answer *ret_answer);

/* A line of text instead of what was asked for. */
static enum err say(struct authority_answer *ret_answer, int status, const char *text)
{
	*ret_answer = (struct authority_answer){ status, TEXT, bytes_of_str(text) };
	return OK;
}

static bool has_type(const struct work *w, const char *type)
{
	size_t n = strlen(type);
	char after = '\0';
	if (strncasecmp(w->request->content_type, type, n) != 0)
		return false;
	after = w->request->content_type[n];
	return after == '\0' || after == ';' || after == ' ';
}

/* The record that "/NAME.ending" means, or NULL. */
static const struct authority_store_record *named(const struct work *w, const char *ending)
{
	char name[80];
	size_t n = strlen(w->rest), end = strlen(ending);
	if (n < end + 2 || n - end >= sizeof(name) || w->rest[0] != '/' ||
	    strcmp(w->rest + n - end, ending) != 0)
		return NULL;
	memcpy(name, w->rest + 1, n - end - 1);
	name[n - end - 1] = '\0';
	return authority_store_find(w->store, name);
}

static enum err route_tsa(struct work *w, struct authority_answer *ret_answer)
{
	const struct authority_store_record *unit =
	    w->rest[0] ? named(w, "") : authority_store_find(w->store, "tsa");
	if (!unit || strcmp(unit->profile, "tsa") != 0)
		return say(ret_answer, 404, "no such timestamping unit\n");
	if (!w->request->is_post)
		return say(ret_answer, 405, "POST only\n");
	if (!has_type(w, "application/timestamp-query"))
		return say(ret_answer, 415, "wants application/timestamp-query\n");
	ret_answer->content_type = "application/timestamp-reply";
	return authority_tsa_answer(
	    w->s, w->store, unit, w->request->body, w->now, w->fault, &ret_answer->body);
}

static enum err route_ocsp(struct work *w, struct authority_answer *ret_answer)
{
	struct bytes request = w->request->body;
	if (w->request->is_post && !has_type(w, "application/ocsp-request"))
		return say(ret_answer, 415, "wants application/ocsp-request\n");
	/* RFC 6960 A.1: GET {url}/{url-encoding of base-64 encoding of the DER} */
	if (!w->request->is_post) {
		enum err e = ERR_FORMAT;
		if (w->rest[0] == '/')
			e = bytes_of_base64(w->s, bytes_of_str(w->rest + 1), &request);
		if (e == ERR_NOMEM)
			return e;
		if (e != OK)
			request = BYTES_NONE;
	}
	ret_answer->content_type = "application/ocsp-response";
	return authority_ocsp_answer(w->s, w->store, request, w->now, w->fault, &ret_answer->body);
}

static enum err answer_crl(struct work *w, bool delta, struct authority_answer *ret_answer)
{
	const struct authority_store_record *ca = named(w, ".crl");
	const struct authority_store_record *other = authority_store_find(w->store, "tsa");
	if (!ca || !authority_store_is_ca(ca))
		return say(ret_answer, 404, "no such CRL\n");
	ret_answer->content_type = "application/pkix-crl";
	if (!delta && authority_fault_has(w->fault, FAULT_STALE))
		return authority_crl_stale(w->s, w->store, ca, w->now, &ret_answer->body);
	if (!delta && other && authority_fault_has(w->fault, FAULT_WRONG_KEY))
		return authority_crl_forged(
		    w->s, w->store, ca, other->key, w->now, &ret_answer->body);
	return authority_crl_current(w->s, w->store, ca, delta, w->now, &ret_answer->body);
}

static enum err route_crl(struct work *w, struct authority_answer *ret_answer)
{
	return answer_crl(w, false, ret_answer);
}

static enum err route_delta(struct work *w, struct authority_answer *ret_answer)
{
	return answer_crl(w, true, ret_answer);
}

static enum err answer_cert(
    struct work *w, const struct authority_store_record *record, struct authority_answer *ret)
{
	X509 *cert;
	uint8_t *der = NULL;
	TRY(authority_store_cert(w->s, w->store, record, &cert));
	int n = i2d_X509(cert, &der);
	if (n <= 0)
		return scope_fault(w->s, ERR_NOMEM, "certificate: out of memory");
	ret->content_type = "application/pkix-cert";
	enum err e = bytes_copy(w->s, bytes_of(der, (size_t)n), &ret->body);
	OPENSSL_free(der);
	return e;
}

static enum err route_aia(struct work *w, struct authority_answer *ret_answer)
{
	const struct authority_store_record *ca = named(w, ".cer");
	if (!ca || !authority_store_is_ca(ca))
		return say(ret_answer, 404, "no such CA\n");
	return answer_cert(w, ca, ret_answer);
}

static enum err route_certs(struct work *w, struct authority_answer *ret_answer)
{
	const struct authority_store_record *record = named(w, ".cer");
	if (!record)
		return say(ret_answer, 404, "no such certificate\n");
	return answer_cert(w, record, ret_answer);
}

static enum err route_index(struct work *w, struct authority_answer *ret_answer)
{
	char now[INSTANT_TEXT];
	struct buf b = buf_new(w->s, INDEX_CAP);
	if (!strcmp(w->request->path, "/cps"))
		return say(ret_answer, 200, "Practice statement: certificates for tests only.\n");
	if (strcmp(w->request->path, "/") != 0)
		return say(ret_answer, 404, "nothing here\n");
	instant_to_rfc3339(w->now, now);
	buf_addf(&b, "%s, a test authority; its clock says %s\n\n", w->store->title, now);
	buf_add_str(&b, "POST /tsa  POST /ocsp  GET /ocsp/BASE64\n");
	for (size_t i = 0; i < w->store->n; i++) {
		const struct authority_store_record *r = w->store->records[i];
		buf_addf(&b, "/certs/%s.cer", r->name);
		if (authority_store_is_ca(r))
			buf_addf(&b, "  /aia/%s.cer  /crl/%s.crl  /delta/%s.crl", r->name, r->name,
			    r->name);
		if (!strcmp(r->profile, "tsa"))
			buf_addf(&b, "  /tsa/%s", r->name);
		buf_addf(&b, "  (%s)\n", authority_store_status(r, w->now) ? "revoked" : "good");
	}
	ret_answer->content_type = TEXT;
	return buf_done(&b, &ret_answer->body);
}

static const struct {
	const char *endpoint;
	route *run;
} routes[] = {
	{ "tsa", route_tsa },
	{ "ocsp", route_ocsp },
	{ "crl", route_crl },
	{ "delta", route_delta },
	{ "aia", route_aia },
	{ "certs", route_certs },
};

static int find_route(const char *path)
{
	for (int i = 0; i < (int)(sizeof(routes) / sizeof(routes[0])); i++) {
		size_t n = strlen(routes[i].endpoint);
		if (path[0] == '/' && !strncmp(path + 1, routes[i].endpoint, n) &&
		    (path[1 + n] == '\0' || path[1 + n] == '/'))
			return i;
	}
	return -1;
}

const char *authority_answer_endpoint(const char *path)
{
	int at = find_route(path);
	return at < 0 ? "" : routes[at].endpoint;
}

struct authority_answer authority_answer_make(struct scope *s, const struct authority_store *store,
    const struct authority_request *request, struct instant now, struct authority_fault fault)
{
	struct authority_answer answer = { .status = 200, .content_type = TEXT };
	struct work w = { s, store, request, now, fault, "" };
	int at = find_route(request->path);
	enum err e;
	if (at >= 0) {
		w.rest = request->path + 1 + strlen(routes[at].endpoint);
		e = routes[at].run(&w, &answer);
	} else {
		e = route_index(&w, &answer);
	}
	if (e != OK)
		answer = (struct authority_answer){ 500, TEXT, bytes_of_str(scope_fault_text(s)) };
	return answer;
}
