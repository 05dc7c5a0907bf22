#include "tests/support/front_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/scope.h"
#include "service/front/link_pool.h"
#include "service/front/log_view.h"
#include "service/log/audit_log.h"
#include "service/password_hash.h"
#include "service/store/identifier.h"
#include "service/store/store_partner.h"
#include "service/store/store_person.h"

static void must(struct front_scene *x, enum err e)
{
	if (e != OK)
		fail_msg("%s: %s", err_name(e), scope_fault_text(x->s));
}

static void configure(struct front_scene *x)
{
	x->portal = (struct configuration_portal){ .id = "fund", .name = "The Fund" };
	x->configuration = (struct configuration){ .data = x->folder,
		.organisation = "Office of <Tests>",
		.language = "en",
		.portal = &x->portal,
		.n_portals = 1 };
	x->configuration.desk.url = "https://desk.example";
	x->configuration.window.url = "https://seal.example";
	x->configuration.times.desk_minutes = 30;
	x->configuration.times.window_minutes = 15;
	x->configuration.times.key_notice_days = 30;
	x->configuration.limits.login_failures = 5;
	x->configuration.limits.documents = 3;
	x->configuration.workers.seconds = 10;
	x->front.configuration = &x->configuration;
}

struct front_scene *front_scene_open(const struct route *const *tables, size_t n)
{
	struct front_scene *x = calloc(1, sizeof(*x));
	char log[96];
	assert_non_null(x);
	x->s = scope_new(0);
	snprintf(x->folder, sizeof(x->folder), "/tmp/bulla-scene-XXXXXX");
	assert_non_null(mkdtemp(x->folder));
	configure(x);
	snprintf(log, sizeof(log), "%s/log", x->folder);
	x->at = (struct instant){ FRONT_SCENE_NOW };
	x->tables = tables;
	x->n_tables = n;
	x->site = "same-origin";
	must(x, store_open(x->s,
		    &(struct store_options){ .folder = x->folder, .readers = 2, .now = x->at },
		    &x->front.store));
	must(x, audit_log_open(x->s, log, 0, &x->front.log));
	x->front.workers = link_pool_new("worker"); /* without any */
	assert_non_null(x->front.workers);
	must(x, password_hash_make(x->s, bytes_of_str(FRONT_SCENE_PASSWORD), &x->hash));
	return x;
}

void front_scene_close(struct front_scene *x)
{
	char command[128];
	store_close(x->front.store);
	link_pool_free(x->front.workers);
	scope_free(x->s);
	snprintf(command, sizeof(command), "rm -rf %s", x->folder);
	assert_int_equal(system(command), 0);
	free(x);
}

const char *front_scene_person(
    struct front_scene *x, const char *login, unsigned roles, const char *partner)
{
	struct store_person p = { .partner = partner,
		.login = login,
		.name = login,
		.email = "",
		.password_hash = x->hash,
		.roles = roles,
		.language = "",
		.active = true,
		.waits_until = INSTANT_NONE,
		.created = x->at };
	must(x, identifier_new(x->s, IDENTIFIER_PERSON, &p.id));
	must(x, store_person_add(x->s, x->front.store, &p));
	return p.id;
}

const char *front_scene_partner(struct front_scene *x, const char *name)
{
	struct store_partner p = { .name = name, .number = name, .active = true, .created = x->at };
	must(x, identifier_new(x->s, IDENTIFIER_PARTNER, &p.id));
	must(x, store_partner_add(x->s, x->front.store, &p));
	return p.id;
}

/* -- the browser -- */
static int hex(char c)
{
	const char *digits = "0123456789abcdef",
		   *at = strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);
	return at ? (int)(at - digits) : 0;
}

static char *decoded(struct front_scene *x, const char *text, size_t n)
{
	char *out = scope_alloc(x->s, n + 1), *to = out;
	assert_non_null(out);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '%' && i + 2 < n) {
			*to++ = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
			i += 2;
		} else {
			*to++ = text[i];
		}
	}
	return out;
}

static void take_query(struct front_scene *x, const char *query, struct http_request_pair *pair)
{
	for (size_t n = 0; query && *query && n < FRONT_SCENE_FIELDS; n++) {
		size_t whole = strcspn(query, "&"), name = strcspn(query, "=&");
		pair[n].name = decoded(x, query, name);
		pair[n].value = name < whole ? decoded(x, query + name + 1, whole - name - 1) : "";
		query += whole + (query[whole] == '&');
	}
}

struct asked {
	struct http_request q;
	struct http_request_values values;
	struct http_request_pair header[8], query[FRONT_SCENE_FIELDS + 1],
	    cookie[FRONT_SCENE_COOKIES + 1];
	struct http_part part[FRONT_SCENE_FIELDS];
};

static void add_header(struct asked *a, size_t *n, const char *name, const char *value)
{
	if (value)
		a->header[(*n)++] = (struct http_request_pair){ name, value };
}

static struct asked *request(
    struct front_scene *x, enum http_listener listener, const char *method, const char *path)
{
	struct asked *a = scope_alloc(x->s, sizeof(*a));
	size_t n = 0, bare = strcspn(path, "?");
	assert_non_null(a);
	a->q = (struct http_request){ .listener = listener,
		.method = method,
		.path = decoded(x, path, bare),
		.at = x->at,
		.id = "request-1",
		.address = "192.0.2.1",
		.is_tls = true,
		.values = &a->values,
		.front = &x->front,
		.problem_page = page_problem };
	a->values = (struct http_request_values){ a->header, a->query, a->cookie };
	add_header(a, &n, "Host", listener == HTTP_DESK ? "desk.example" : "seal.example");
	add_header(a, &n, "Accept", "text/html");
	add_header(a, &n, "Sec-Fetch-Site", x->site);
	add_header(a, &n, "Origin", x->origin);
	add_header(a, &n, "Accept-Language", x->accept_language);
	add_header(a, &n, "X-Bulla-Row", x->sends_row ? "1" : NULL);
	take_query(x, path[bare] ? path + bare + 1 : NULL, a->query);
	for (size_t i = n = 0; i < FRONT_SCENE_COOKIES; i++)
		if (x->cookie[i].value[0])
			a->cookie[n++] =
			    (struct http_request_pair){ x->cookie[i].name, x->cookie[i].value };
	return a;
}

/* "__Host-bulla-desk=TOKEN; Path=/; ..." */
static void take_cookie(struct front_scene *x, const char *text)
{
	size_t name = strcspn(text, "="), value = strcspn(text + name + 1, ";");
	struct front_scene_cookie *place = NULL;
	for (size_t i = 0; i < FRONT_SCENE_COOKIES; i++)
		if (!strncmp(x->cookie[i].name, text, name) && !x->cookie[i].name[name])
			place = &x->cookie[i];
	for (size_t i = 0; i < FRONT_SCENE_COOKIES && !place; i++)
		if (!x->cookie[i].name[0])
			place = &x->cookie[i];
	assert_non_null(place);
	snprintf(place->name, sizeof(place->name), "%.*s", (int)name, text);
	snprintf(place->value, sizeof(place->value), "%.*s", (int)value, text + name + 1);
}

static void answer(
    struct front_scene *x, struct asked *a, const struct route *route, struct http_reply *r)
{
	enum err e = OK;
	if (route->check)
		e = route->check(&x->front, x->s, &a->q, r);
	if (e == OK && r->status == 0)
		e = route->handle(&x->front, x->s, &a->q, r);
	if (e != OK)
		fail_msg("%s: %s: %s", a->q.path, err_name(e), scope_fault_text(x->s));
	assert_false(r->is_broken);
	assert_int_not_equal(r->status, 0);
}

static struct http_reply *ask(struct front_scene *x, struct asked *a)
{
	struct http_reply *r = scope_alloc(x->s, sizeof(*r));
	struct route_match match;
	assert_non_null(r);
	http_reply_begin(r, x->s);
	must(x, route_find(
		    x->s, x->tables, x->n_tables, a->q.listener, a->q.method, a->q.path, &match));
	if (!match.route) {
		r->status = 404;
		return r;
	}
	for (size_t i = 0; i < ROUTE_PARAMETERS; i++)
		a->q.parameter[i] = match.parameter[i];
	answer(x, a, match.route, r);
	for (size_t i = 0; i < r->n_headers; i++)
		if (!strcmp(r->header[i].name, "Set-Cookie"))
			take_cookie(x, r->header[i].value);
	return r;
}

struct http_reply *front_scene_get(
    struct front_scene *x, enum http_listener listener, const char *path)
{
	return ask(x, request(x, listener, "GET", path));
}

enum err front_scene_try(
    struct front_scene *x, enum http_listener listener, const char *path, size_t n)
{
	struct asked *a = request(x, listener, "GET", path);
	struct route_match match;
	struct http_reply r;
	must(x, route_find(x->s, x->tables, x->n_tables, listener, "GET", a->q.path, &match));
	assert_non_null(match.route);
	struct scope *s = scope_new(0);
	assert_non_null(s);
	http_reply_begin(&r, s);
	scope_fail_after(s, n);
	enum err e = match.route->handle(&x->front, s, &a->q, &r);
	if (e == OK && r.is_broken)
		e = ERR_NOMEM;
	http_reply_drop(&r);
	scope_free(s);
	return e;
}

static void add_part(struct front_scene *x, struct asked *a, const struct front_scene_field *field)
{
	struct http_part *part;
	char *copy;
	struct bytes value = bytes_of_str(field->value);
	assert_true(a->q.n_parts < FRONT_SCENE_FIELDS);
	must(x, bytes_to_str(x->s, value, &copy));
	part = &a->part[a->q.n_parts++];
	*part = (struct http_part){ .name = field->name, .content_type = "" };
	if (field->path) {
		part->file_name = copy;
		part->path = field->path;
		part->size = field->path[0] ? 1 : 0;
	} else {
		part->value = bytes_of(copy, value.n);
	}
	a->q.part = a->part;
}

struct http_reply *front_scene_post(struct front_scene *x, enum http_listener listener,
    const char *path, const struct front_scene_field *fields)
{
	struct asked *a = request(x, listener, "POST", path);
	bool has_csrf = false;
	for (; fields->name; fields++) {
		add_part(x, a, fields);
		has_csrf = has_csrf || !strcmp(fields->name, "csrf");
	}
	if (!has_csrf && x->csrf)
		add_part(x, a, &(struct front_scene_field){ "csrf", x->csrf, NULL });
	return ask(x, a);
}

const char *front_scene_text(struct front_scene *x, const struct http_reply *r)
{
	char *text;
	must(x, bytes_to_str(x->s, r->body, &text));
	return text;
}

const char *front_scene_header(const struct http_reply *r, const char *name)
{
	for (size_t i = 0; i < r->n_headers; i++)
		if (!strcmp(r->header[i].name, name))
			return r->header[i].value;
	return NULL;
}

const char *front_scene_cookie(const struct front_scene *x, const char *name)
{
	for (size_t i = 0; i < FRONT_SCENE_COOKIES; i++)
		if (!strcmp(x->cookie[i].name, name) && x->cookie[i].value[0])
			return x->cookie[i].value;
	return NULL;
}

static void take_csrf(struct front_scene *x, enum http_listener listener)
{
	const char mark[] = "name=\"csrf\" value=\"";
	struct http_reply *r = front_scene_get(x, listener, "/account");
	const char *at = strstr(front_scene_text(x, r), mark);
	if (at)
		x->csrf = decoded(x, at + strlen(mark), strcspn(at + strlen(mark), "\""));
}

struct http_reply *front_scene_login(
    struct front_scene *x, enum http_listener listener, const char *login, const char *password)
{
	struct http_reply *r = front_scene_post(x, listener, "/login",
	    (const struct front_scene_field[]){
		{ "login", login, NULL }, { "password", password, NULL }, { 0 } });
	if (r->status == 303)
		take_csrf(x, listener);
	return r;
}

size_t front_scene_logged(struct front_scene *x, const char *kind)
{
	const struct log_view_filter filter = { .kind = kind };
	struct log_view_records records;
	const char *folder;
	must(x, log_view_folder(x->s, &x->front, &folder));
	must(x, log_view_read(x->s, folder, &filter, &records));
	return records.n;
}
