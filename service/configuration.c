#include "service/configuration.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/json_tree.h"

/* -- what may stand where -- */
enum kind {
	TEXT,
	WORD,    /* one of a list */
	ID,      /* letters, digits, - and _ */
	URL,     /* http or https, without a final slash */
	PREFIX,  /* the beginning of a URL */
	HEX,     /* a SHA-256 */
	PATH,    /* a file or folder */
	BOOLEAN, /* bool */
	COUNT,   /* unsigned */
	OCTETS,  /* uint64_t */
	OBJECT,  /* in place */
	LIST,    /* of texts; its length at `length` */
	OBJECTS, /* likewise of objects */
};

struct field {
	const char *name;
	size_t at;                 /* offset in the struct */
	size_t length;             /* offset of a list's length */
	const struct table *table; /* of objects */
	int64_t least, most;       /* of numbers */
	const char *words;         /* " a b c " */
	enum kind kind;
	enum kind item; /* of a list */
	bool must;
};

struct table {
	const struct field *field; /* ends with a NULL name */
	size_t size;
};

#define AT(name) offsetof(struct configuration, name)
#define LISTENER(name) offsetof(struct configuration_listener, name)
#define PORTAL(name) offsetof(struct configuration_portal, name)
#define KEY(name) offsetof(struct configuration_key, name)

static const struct field listener_fields[] = {
	{ .name = "address", .kind = TEXT, .at = LISTENER(address), .must = true },
	{ .name = "port", .kind = COUNT, .at = LISTENER(port), .most = 65535 },
	{ .name = "certificate", .kind = PATH, .at = LISTENER(certificate) },
	{ .name = "key", .kind = PATH, .at = LISTENER(key) },
	{ .name = "clientAuthorities", .kind = PATH, .at = LISTENER(client_authorities) },
	{ .name = "url", .kind = URL, .at = LISTENER(url) },
	{ 0 },
};
static const struct table listener_table = { listener_fields,
	sizeof(struct configuration_listener) };

static const struct field listeners_fields[] = {
	{ .name = "api", .kind = OBJECT, .at = AT(api), .table = &listener_table, .must = true },
	{ .name = "window",
	    .kind = OBJECT,
	    .at = AT(window),
	    .table = &listener_table,
	    .must = true },
	{ .name = "desk", .kind = OBJECT, .at = AT(desk), .table = &listener_table, .must = true },
	{ 0 },
};
static const struct table listeners_table = { listeners_fields, 0 };

static const struct field webhook_fields[] = {
	{ .name = "url", .kind = URL, .at = PORTAL(webhook_url), .must = true },
	{ .name = "secretFile", .kind = PATH, .at = PORTAL(webhook_secret_file), .must = true },
	{ 0 },
};
static const struct table webhook_table = { webhook_fields, 0 };

static const struct field portal_fields[] = {
	{ .name = "id", .kind = ID, .at = PORTAL(id), .must = true },
	{ .name = "name", .kind = TEXT, .at = PORTAL(name), .must = true },
	{ .name = "apiKeySha256", .kind = HEX, .at = PORTAL(api_key_sha256) },
	{ .name = "clientCertificateSha256",
	    .kind = LIST,
	    .at = PORTAL(certificates),
	    .item = HEX,
	    .length = PORTAL(n_certificates) },
	{ .name = "webhook", .kind = OBJECT, .at = 0, .table = &webhook_table },
	{ .name = "returnUrls",
	    .kind = LIST,
	    .at = PORTAL(return_urls),
	    .item = PREFIX,
	    .length = PORTAL(n_return_urls) },
	{ .name = "unattendedKey", .kind = ID, .at = PORTAL(unattended_key) },
	{ .name = "requestsPerMinute",
	    .kind = COUNT,
	    .at = PORTAL(requests_per_minute),
	    .least = 1,
	    .most = 10000000 },
	{ 0 },
};
static const struct table portal_table = { portal_fields, sizeof(struct configuration_portal) };

static const struct field key_fields[] = {
	{ .name = "name", .kind = ID, .at = KEY(name), .must = true },
	{ .name = "file", .kind = PATH, .at = KEY(file), .must = true },
	{ 0 },
};
static const struct table key_table = { key_fields, sizeof(struct configuration_key) };

static const struct field worker_fields[] = {
	{ .name = "number", .kind = COUNT, .at = AT(workers.n), .least = 1, .most = 256 },
	{ .name = "jobs", .kind = COUNT, .at = AT(workers.jobs), .least = 1, .most = 1000000 },
	{ .name = "memory",
	    .kind = OCTETS,
	    .at = AT(workers.memory),
	    .least = 64 << 20,
	    .most = (int64_t)1 << 40 },
	{ .name = "seconds", .kind = COUNT, .at = AT(workers.seconds), .least = 5, .most = 3600 },
	{ 0 },
};
static const struct table worker_table = { worker_fields, 0 };

static const struct field limit_fields[] = {
	{ .name = "document",
	    .kind = OCTETS,
	    .at = AT(limits.document),
	    .least = 1024,
	    .most = (int64_t)1 << 40 },
	{ .name = "documents",
	    .kind = COUNT,
	    .at = AT(limits.documents),
	    .least = 1,
	    .most = 1000 },
	{ .name = "connections",
	    .kind = COUNT,
	    .at = AT(limits.connections),
	    .least = 10,
	    .most = 1000000 },
	{ .name = "connectionsPerAddress",
	    .kind = COUNT,
	    .at = AT(limits.connections_per_address),
	    .least = 1,
	    .most = 1000000 },
	{ .name = "requestsPerMinute",
	    .kind = COUNT,
	    .at = AT(limits.requests_per_minute),
	    .least = 1,
	    .most = 10000000 },
	{ .name = "requestThreads",
	    .kind = COUNT,
	    .at = AT(limits.request_threads),
	    .least = 2,
	    .most = 1024 },
	{ .name = "queue", .kind = COUNT, .at = AT(limits.queue), .least = 1, .most = 100000 },
	{ .name = "idleSeconds",
	    .kind = COUNT,
	    .at = AT(limits.idle_seconds),
	    .least = 1,
	    .most = 3600 },
	{ .name = "loginFailures",
	    .kind = COUNT,
	    .at = AT(limits.login_failures),
	    .least = 1,
	    .most = 100 },
	{ 0 },
};
static const struct table limit_table = { limit_fields, 0 };

static const struct field time_fields[] = {
	{ .name = "sealingMinutes",
	    .kind = COUNT,
	    .at = AT(times.sealing_minutes),
	    .least = 1,
	    .most = 525600 },
	{ .name = "windowMinutes",
	    .kind = COUNT,
	    .at = AT(times.window_minutes),
	    .least = 1,
	    .most = 1440 },
	{ .name = "deskMinutes",
	    .kind = COUNT,
	    .at = AT(times.desk_minutes),
	    .least = 1,
	    .most = 1440 },
	{ .name = "sealedDays",
	    .kind = COUNT,
	    .at = AT(times.sealed_days),
	    .least = 1,
	    .most = 36500 },
	{ .name = "filingDays",
	    .kind = COUNT,
	    .at = AT(times.filing_days),
	    .least = 1,
	    .most = 36500 },
	{ .name = "keyNoticeDays",
	    .kind = COUNT,
	    .at = AT(times.key_notice_days),
	    .least = 1,
	    .most = 3650 },
	{ 0 },
};
static const struct table time_table = { time_fields, 0 };

static const struct field top_fields[] = {
	{ .name = "data", .kind = PATH, .at = AT(data), .must = true },
	{ .name = "user", .kind = ID, .at = AT(user) },
	{ .name = "organisation", .kind = TEXT, .at = AT(organisation), .must = true },
	{ .name = "language", .kind = WORD, .at = AT(language), .words = " en hu " },
	{ .name = "listeners", .kind = OBJECT, .at = 0, .table = &listeners_table, .must = true },
	{ .name = "trust",
	    .kind = LIST,
	    .at = AT(trust),
	    .item = PATH,
	    .length = AT(n_trust),
	    .must = true },
	{ .name = "policy", .kind = TEXT, .at = AT(policy) },
	{ .name = "filingPolicy", .kind = TEXT, .at = AT(filing_policy) },
	{ .name = "tsa",
	    .kind = LIST,
	    .at = AT(tsa),
	    .item = PREFIX,
	    .length = AT(n_tsa),
	    .must = true },
	{ .name = "level", .kind = WORD, .at = AT(level), .words = " B-T B-LT B-LTA " },
	{ .name = "rsaPkcs1", .kind = BOOLEAN, .at = AT(rsa_pkcs1) },
	{ .name = "look", .kind = WORD, .at = AT(look), .words = " text official strip code " },
	{ .name = "lookLanguage",
	    .kind = WORD,
	    .at = AT(look_language),
	    .words = " en hu az tr uk vi " },
	{ .name = "workers", .kind = OBJECT, .at = 0, .table = &worker_table },
	{ .name = "portals",
	    .kind = OBJECTS,
	    .at = AT(portal),
	    .length = AT(n_portals),
	    .table = &portal_table },
	{ .name = "serviceKey", .kind = PATH, .at = AT(service_key) },
	{ .name = "unattendedKeys",
	    .kind = OBJECTS,
	    .at = AT(key),
	    .length = AT(n_keys),
	    .table = &key_table },
	{ .name = "cache", .kind = PATH, .at = AT(cache) },
	{ .name = "allowAddresses",
	    .kind = LIST,
	    .at = AT(allow_addresses),
	    .item = TEXT,
	    .length = AT(n_allow_addresses) },
	{ .name = "limits", .kind = OBJECT, .at = 0, .table = &limit_table },
	{ .name = "times", .kind = OBJECT, .at = 0, .table = &time_table },
	{ .name = "demo", .kind = BOOLEAN, .at = AT(demo) },
	{ 0 },
};
static const struct table top_table = { top_fields, sizeof(struct configuration) };

/* What holds unless something is said. */
static const struct configuration standard = {
	.language = "en",
	.policy = "default",
	.filing_policy = "sealed-filing",
	.level = "B-LTA",
	.look = "official",
	.look_language = "en",
	.workers = { .jobs = 1000, .memory = LIMIT_PROCESS_MEMORY, .seconds = 120 },
	.limits = {
		.document = (uint64_t)256 << 20,
		.documents = 50,
		.connections = 10000,
		.connections_per_address = 500,
		.requests_per_minute = 6000,
		.request_threads = 16,
		.queue = 256,
		.idle_seconds = 30,
		.login_failures = 5,
	},
	.times = {
		.sealing_minutes = 1440,
		.window_minutes = 15,
		.desk_minutes = 30,
		.sealed_days = 30,
		.filing_days = 5475,
		.key_notice_days = 30,
	},
};

/* -- reading -- */
struct reader {
	struct scope *s;
	const char *folder;
};

/* Where a value is, for faults: the names from the outermost. */
struct place {
	const struct place *above;
	const char *name; /* NULL: the index-th of a list */
	size_t index;
};

static void put_place(struct buf *b, const struct place *p)
{
	if (!p) {
		buf_add_str(b, "$");
		return;
	}
	put_place(b, p->above);
	if (p->name)
		buf_addf(b, ".%s", p->name);
	else
		buf_addf(b, "[%zu]", p->index);
}

static enum err refuse(const struct reader *r, const struct place *p, const char *why)
{
	char *where;
	struct buf b = buf_new(r->s, LIMIT_FAULT_TEXT);
	put_place(&b, p);
	TRY(buf_done_str(&b, &where));
	return scope_fault(r->s, ERR_FORMAT, "configuration: %s: %s", where, why);
}

static bool is_spelled(const char *text, const char *with)
{
	return *text && strspn(text, with) == strlen(text);
}

static bool is_url(const char *text)
{
	const char *rest = !strncmp(text, "https://", 8)  ? text + 8
			   : !strncmp(text, "http://", 7) ? text + 7
							  : "";
	return *rest && *rest != '/' && !strpbrk(rest, " \t\r\n\"<>\\^`{|}@");
}

static const char *objection(const struct field *f, enum kind kind, const char *text)
{
	switch ((int)kind) {
	case ID:
		return strlen(text) <= 64 &&
			       is_spelled(text, "abcdefghijklmnopqrstuvwxyz"
						"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
			   ? NULL
			   : "only letters, digits, - and _";
	case HEX:
		return strlen(text) == 64 && is_spelled(text, "0123456789abcdef")
			   ? NULL
			   : "a SHA-256 in small hexadecimal is wanted";
	case URL:
		return is_url(text) && text[strlen(text) - 1] != '/'
			   ? NULL
			   : "an http or https URL without a final slash is wanted";
	case PREFIX:
		return is_url(text) ? NULL : "an http or https URL is wanted";
	case WORD:
		break;
	default:
		return *text ? NULL : "it is empty";
	}
	const char *found = *text && !strchr(text, ' ') ? strstr(f->words, text) : NULL;
	return found && found[-1] == ' ' && found[strlen(text)] == ' ' ? NULL
								       : "none of the known words";
}

static enum err read_path(const struct reader *r, const char *text, const char **ret_path)
{
	char *path;
	struct buf b = buf_new(r->s, 4096);
	if (*text != '/')
		buf_addf(&b, "%s/", r->folder);
	buf_add_str(&b, text);
	TRY(buf_done_str(&b, &path));
	*ret_path = path;
	return OK;
}

static enum err read_text(const struct reader *r, const struct place *p, const struct field *f,
    enum kind kind, const struct json_tree *v, const char **ret_text)
{
	if (v->kind != JSON_TREE_TEXT)
		return refuse(r, p, "a text is wanted");
	const char *why = objection(f, kind, v->text);
	if (why)
		return refuse(r, p, why);
	if (kind == PATH)
		return read_path(r, v->text, ret_text);
	*ret_text = v->text;
	return OK;
}

static enum err read_number(const struct reader *r, const struct place *p, const struct field *f,
    const struct json_tree *v, char *at)
{
	if (v->kind != JSON_TREE_INTEGER)
		return refuse(r, p, "a whole number is wanted");
	if (v->number < f->least || v->number > f->most)
		return refuse(r, p, "the number is out of range");
	const unsigned small = (unsigned)v->number;
	const uint64_t large = (uint64_t)v->number;
	const uint16_t port = (uint16_t)v->number;
	if (f->most == 65535)
		memcpy(at, &port, sizeof(port));
	else if (f->kind == COUNT)
		memcpy(at, &small, sizeof(small));
	else
		memcpy(at, &large, sizeof(large));
	return OK;
}

static enum err read_object(const struct reader *r, const struct place *p, const struct table *t,
    const struct json_tree *v, char *into);

static enum err read_list(const struct reader *r, const struct place *p, const struct field *f,
    const struct json_tree *v, char *into)
{
	if (v->kind != JSON_TREE_ARRAY)
		return refuse(r, p, "a list is wanted");
	if (v->n > LIMIT_POLICY_LIST)
		return refuse(r, p, "the list is too long");
	const size_t size = f->kind == LIST ? sizeof(const char *) : f->table->size;
	char *items = scope_alloc_array(r->s, v->n, size);
	if (!items)
		return ERR_NOMEM;
	for (size_t i = 0; i < v->n; i++) {
		const struct place item = { p, NULL, i };
		const char *text;
		if (f->kind == OBJECTS) {
			TRY(read_object(r, &item, f->table, &v->item[i], items + i * size));
			continue;
		}
		TRY(read_text(r, &item, f, f->item, &v->item[i], &text));
		memcpy(items + i * size, &text, size);
	}
	memcpy(into + f->at, &items, sizeof(items));
	memcpy(into + f->length, &v->n, sizeof(v->n));
	return OK;
}

static enum err read_field(const struct reader *r, const struct place *p, const struct field *f,
    const struct json_tree *v, char *into)
{
	const char *text;
	switch (f->kind) {
	case BOOLEAN:
		if (v->kind != JSON_TREE_BOOL)
			return refuse(r, p, "true or false is wanted");
		memcpy(into + f->at, &v->truth, sizeof(v->truth));
		return OK;
	case COUNT:
	case OCTETS:
		return read_number(r, p, f, v, into + f->at);
	case OBJECT:
		return read_object(r, p, f->table, v, into + f->at);
	case LIST:
	case OBJECTS:
		return read_list(r, p, f, v, into);
	case TEXT:
	case WORD:
	case ID:
	case URL:
	case PREFIX:
	case HEX:
	case PATH:
		break;
	}
	TRY(read_text(r, p, f, f->kind, v, &text));
	memcpy(into + f->at, &text, sizeof(text));
	return OK;
}

static const struct field *find_field(const struct table *t, const char *name)
{
	for (const struct field *f = t->field; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

static enum err read_object(const struct reader *r, const struct place *p, const struct table *t,
    const struct json_tree *v, char *into)
{
	if (v->kind != JSON_TREE_OBJECT)
		return refuse(r, p, "an object is wanted");
	for (size_t i = 0; i < v->n; i++) {
		const struct place member = { p, v->item[i].key, 0 };
		const struct field *f = find_field(t, v->item[i].key);
		if (!f)
			return refuse(r, &member, "unknown key");
		TRY(read_field(r, &member, f, &v->item[i], into));
	}
	for (const struct field *f = t->field; f->name; f++) {
		const struct place member = { p, f->name, 0 };
		if (f->must && !json_tree_find(v, f->name))
			return refuse(r, &member, "it is missing");
	}
	return OK;
}

/* -- what must go together -- */
static bool is_loopback(const char *address)
{
	return !strcmp(address, "::1") || !strncmp(address, "127.", 4);
}

static enum err check_listener(
    const struct reader *r, const char *name, const struct configuration_listener *l)
{
	const struct place listeners = { NULL, "listeners", 0 };
	const struct place p = { &listeners, name, 0 };
	if (!l->certificate != !l->key)
		return refuse(r, &p, "certificate and key go together");
	if (!l->certificate && !is_loopback(l->address))
		return refuse(r, &p, "without TLS only on the loopback");
	if (!l->certificate && l->client_authorities)
		return refuse(r, &p, "client certificates need TLS");
	return OK;
}

static enum err check_portal(const struct reader *r, const struct configuration *c, size_t i)
{
	const struct place portals = { NULL, "portals", 0 };
	const struct place p = { &portals, NULL, i };
	const struct configuration_portal *portal = &c->portal[i];
	bool has_key = !portal->unattended_key;
	if (!portal->api_key_sha256 && !portal->n_certificates)
		return refuse(r, &p, "neither an API key nor a client certificate");
	for (size_t k = 0; k < i; k++)
		if (!strcmp(c->portal[k].id, portal->id))
			return refuse(r, &p, "another portal has this id");
	for (size_t k = 0; k < c->n_keys; k++)
		has_key = has_key || !strcmp(c->key[k].name, portal->unattended_key);
	return has_key ? OK : refuse(r, &p, "its unattendedKey is none of unattendedKeys");
}

static enum err check(const struct reader *r, const struct configuration *c)
{
	TRY(check_listener(r, "api", &c->api));
	TRY(check_listener(r, "window", &c->window));
	TRY(check_listener(r, "desk", &c->desk));
	for (size_t i = 0; i < c->n_portals; i++)
		TRY(check_portal(r, c, i));
	return OK;
}

static enum err below(
    const struct reader *r, const char *folder, const char *name, const char **path)
{
	if (*path)
		return OK;
	struct buf b = buf_new(r->s, 4096);
	char *text;
	buf_addf(&b, "%s/%s", folder, name);
	TRY(buf_done_str(&b, &text));
	*path = text;
	return OK;
}

/* A ready policy has a name without a dot or slash; anything else is a file. */
static enum err policy_path(const struct reader *r, const char **name)
{
	return strpbrk(*name, "./") ? read_path(r, *name, name) : OK;
}

enum err configuration_parse(struct scope *s, struct bytes text, const char *folder,
    const struct configuration **ret_configuration)
{
	const struct reader r = { s, folder };
	const struct json_tree *tree;
	struct configuration *c = scope_alloc(s, sizeof(*c));
	if (!c)
		return ERR_NOMEM;
	*c = standard;
	enum err e = json_tree_parse(s, text, &tree);
	if (e != OK)
		return scope_fault_in(s, e, "configuration");
	TRY(read_object(&r, NULL, &top_table, tree, (char *)c));
	TRY(check(&r, c));
	TRY(policy_path(&r, &c->policy));
	TRY(policy_path(&r, &c->filing_policy));
	TRY(below(&r, c->data, "service.key", &c->service_key));
	TRY(below(&r, c->data, "cache", &c->cache));
	*ret_configuration = c;
	return OK;
}

const struct configuration_portal *configuration_find_portal(
    const struct configuration *c, const char *id)
{
	for (size_t i = 0; i < c->n_portals; i++)
		if (!strcmp(c->portal[i].id, id))
			return &c->portal[i];
	return NULL;
}
