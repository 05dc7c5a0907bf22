#include "tests/authority/authority_store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "base/buf.h"
#include "base/scope.h"
#include "tests/authority/authority_file.h"
#include "tests/authority/authority_key.h"
#include "tests/authority/authority_own.h"

#define LINE_WORDS 6
#define RECORDS_MOST 1000000
#define CHAIN_MOST 8

static const struct {
	const char *name;
	int reason;
} reasons[] = {
	{ "unspecified", 0 },
	{ "keyCompromise", 1 },
	{ "cACompromise", 2 },
	{ "affiliationChanged", 3 },
	{ "superseded", 4 },
	{ "cessationOfOperation", 5 },
	{ "privilegeWithdrawn", 9 },
};

/* A store that is still being read. */
struct reading {
	struct authority_store *store;
	size_t room;
	size_t *slots; /* open addressing by name, record number + 1; twice the room */
};

const char *authority_store_reason_name(int reason)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].reason == reason)
			return reasons[i].name;
	}
	return NULL;
}

int authority_store_reason(const char *name)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (!strcmp(reasons[i].name, name))
			return reasons[i].reason;
	}
	return -1;
}

bool authority_store_is_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	size_t n = strlen(name);
	return n >= 1 && n <= 64 && name[0] != '.' && name[0] != '-' && strspn(name, allowed) == n;
}

bool authority_store_is_ca(const struct authority_store_record *record)
{
	return !strcmp(record->profile, "ca");
}

/* Cuts a line in place into at most LINE_WORDS words; the rest are empty strings. */
static size_t split(char *line, char *words[LINE_WORDS])
{
	static char none[] = "";
	size_t n = 0;
	char *save = NULL;
	for (char *w = strtok_r(line, " ", &save); w && n < LINE_WORDS;
	     w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	for (size_t i = n; i < LINE_WORDS; i++)
		words[i] = none;
	return n;
}

static size_t name_slot(const struct reading *r, const char *name)
{
	uint64_t hash = 1469598103934665603U;
	for (const char *c = name; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 1099511628211U;
	size_t at = (size_t)(hash % (2 * r->room));
	while (r->slots[at] && strcmp(r->store->records[r->slots[at] - 1]->name, name))
		at = (at + 1) % (2 * r->room);
	return at;
}

static enum err add_record(struct scope *s, struct reading *r, struct instant at, char **words)
{
	size_t slot = name_slot(r, words[2]);
	if (r->slots[slot] || r->store->n >= r->room)
		return scope_fault(s, ERR_FORMAT, "database: %s twice", words[2]);
	struct authority_store_record *record = scope_alloc(s, sizeof(*record));
	if (!record)
		return ERR_NOMEM;
	TRY(bytes_of_hex(s, bytes_of_str(words[3]), &record->serial));
	record->name = words[2];
	record->ca = words[4];
	record->profile = words[5];
	record->issued = at;
	r->store->records[r->store->n++] = record;
	r->slots[slot] = r->store->n;
	return OK;
}

static enum err add_event(struct scope *s, struct reading *r, struct instant at, char **words)
{
	size_t slot = name_slot(r, words[2]);
	if (!r->slots[slot])
		return scope_fault(s, ERR_FORMAT, "database: %s was never issued", words[2]);
	struct authority_store_record *record = r->store->records[r->slots[slot] - 1];
	struct authority_store_event *event = scope_alloc(s, sizeof(*event));
	if (!event)
		return ERR_NOMEM;
	event->at = at;
	event->invalidity = INSTANT_NONE;
	if (!strcmp(words[0], "revoked")) {
		event->kind = AUTHORITY_REVOKED;
		event->reason = authority_store_reason(words[3]);
		if (!instant_of_rfc3339(bytes_of_str(words[4]), &event->invalidity))
			event->invalidity = INSTANT_NONE;
	} else if (!strcmp(words[0], "suspended")) {
		event->kind = AUTHORITY_SUSPENDED;
		event->reason = AUTHORITY_REASON_HOLD;
	} else if (!strcmp(words[0], "resumed")) {
		event->kind = AUTHORITY_RESUMED;
	} else {
		return scope_fault(s, ERR_FORMAT, "database: unknown event %s", words[0]);
	}
	if (event->reason < 0)
		return scope_fault(s, ERR_FORMAT, "database: unknown reason %s", words[3]);
	if (record->last)
		record->last->next = event;
	else
		record->events = event;
	record->last = event;
	return OK;
}

static enum err read_line(struct scope *s, struct reading *r, char *line)
{
	char *words[LINE_WORDS];
	struct instant at;
	if (split(line, words) < 3 || !instant_of_rfc3339(bytes_of_str(words[1]), &at))
		return scope_fault(s, ERR_FORMAT, "database: damaged line");
	if (!strcmp(words[0], "issued"))
		return add_record(s, r, at, words);
	return add_event(s, r, at, words);
}

/* A last line without its end is still being written by somebody: it does not count. */
static enum err read_database(struct scope *s, struct authority_store *store)
{
	char *path, *text;
	struct bytes data;
	TRY(authority_file_path(s, &path, store->dir, "database"));
	TRY(authority_file_read(s, path, &data));
	TRY(bytes_to_str(s, data, &text));
	struct reading r = { .store = store, .room = 1 };
	for (const char *c = text; *c; c++)
		r.room += *c == '\n';
	if (r.room > RECORDS_MOST)
		return scope_fault(s, ERR_LIMIT, "database: too large");
	store->records = scope_alloc_array(s, r.room, sizeof(struct authority_store_record *));
	r.slots = scope_alloc_array(s, 2 * r.room, sizeof(*r.slots));
	if (!store->records || !r.slots)
		return ERR_NOMEM;
	for (char *end; (end = strchr(text, '\n')); text = end + 1) {
		*end = '\0';
		TRY(read_line(s, &r, text));
	}
	return OK;
}

static int compare_serials(const void *a, const void *b)
{
	const struct authority_store_record *const *x = a, *const *y = b;
	return bytes_compare((*x)->serial, (*y)->serial);
}

static enum err sort_by_serial(struct scope *s, struct authority_store *store)
{
	store->by_serial =
	    scope_alloc_array(s, store->n + 1, sizeof(struct authority_store_record *));
	if (!store->by_serial)
		return ERR_NOMEM;
	for (size_t i = 0; i < store->n; i++)
		store->by_serial[i] = store->records[i];
	qsort(store->by_serial, store->n, sizeof(struct authority_store_record *), compare_serials);
	return OK;
}

static void set_config(struct authority_store *store, const char *key, const char *value)
{
	if (!strcmp(key, "url"))
		store->url = value;
	else if (!strcmp(key, "key"))
		store->key_type = value;
	else if (!strcmp(key, "digest"))
		store->digest = value;
	else if (!strcmp(key, "title"))
		store->title = value;
	else if (!strcmp(key, "port"))
		store->port = atoi(value);
	else if (!strcmp(key, "nocheck"))
		store->nocheck = !strcmp(value, "on");
	else if (!strcmp(key, "idp"))
		store->idp = !strcmp(value, "on");
}

static enum err read_config(struct scope *s, struct authority_store *store)
{
	char *path, *text;
	struct bytes data;
	TRY(authority_file_path(s, &path, store->dir, "config"));
	TRY(authority_file_read(s, path, &data));
	TRY(bytes_to_str(s, data, &text));
	char *save = NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, ' ');
		if (!value)
			continue;
		*value = '\0';
		set_config(store, line, value + 1);
	}
	if (!store->url || !store->key_type || !store->digest || !store->title ||
	    !authority_key_is_digest(store->digest))
		return scope_fault(s, ERR_FORMAT, "%s: incomplete", path);
	return OK;
}

enum err authority_store_read_cert(struct scope *s, const char *path, X509 **ret_cert)
{
	struct bytes pem;
	TRY(authority_file_read(s, path, &pem));
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	TRY(authority_own_bio(s, bio));
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (!cert)
		return scope_fault(s, ERR_FORMAT, "%s: not a certificate", path);
	TRY(authority_own_x509(s, cert));
	*ret_cert = cert;
	return OK;
}

static bool has_live_key(const struct authority_store_record *record)
{
	return authority_store_is_ca(record) || !strcmp(record->profile, "tsa") ||
	       !strcmp(record->profile, "ocsp");
}

static enum err load_keys(struct scope *s, struct authority_store *store)
{
	for (size_t i = 0; i < store->n; i++) {
		struct authority_store_record *record = store->records[i];
		char *cert, *key;
		if (!has_live_key(record))
			continue;
		TRY(authority_store_path(s, store, record, ".pem", &cert));
		TRY(authority_store_path(s, store, record, ".key.pem", &key));
		TRY(authority_store_read_cert(s, cert, &record->cert));
		TRY(authority_key_read(s, key, &record->key));
	}
	return OK;
}

enum err authority_store_load(
    struct scope *s, const char *dir, const struct authority_store **ret_store)
{
	struct bytes copy;
	struct authority_store *store = scope_alloc(s, sizeof(*store));
	if (!store)
		return ERR_NOMEM;
	TRY(bytes_copy(s, bytes_of(dir, strlen(dir) + 1), &copy));
	store->dir = (const char *)copy.p;
	TRY(read_config(s, store));
	TRY(read_database(s, store));
	TRY(sort_by_serial(s, store));
	TRY(load_keys(s, store));
	*ret_store = store;
	return OK;
}

const struct authority_store_record *authority_store_find(
    const struct authority_store *store, const char *name)
{
	for (size_t i = 0; i < store->n; i++) {
		if (!strcmp(store->records[i]->name, name))
			return store->records[i];
	}
	return NULL;
}

const struct authority_store_record *authority_store_by_serial(
    const struct authority_store *store, const char *ca, struct bytes serial)
{
	size_t low = 0, high = store->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (bytes_compare(store->by_serial[middle]->serial, serial) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < store->n && bytes_equal(store->by_serial[low]->serial, serial); low++) {
		if (!strcmp(store->by_serial[low]->ca, ca))
			return store->by_serial[low];
	}
	return NULL;
}

const struct authority_store_record *authority_store_issuing_ca(const struct authority_store *store)
{
	const struct authority_store_record *newest = NULL;
	for (size_t i = 0; i < store->n; i++) {
		if (authority_store_is_ca(store->records[i]) &&
		    !strncmp(store->records[i]->name, "issuing-ca", 10))
			newest = store->records[i];
	}
	return newest;
}

const struct authority_store_event *authority_store_status(
    const struct authority_store_record *record, struct instant t)
{
	const struct authority_store_event *in_force = NULL;
	for (const struct authority_store_event *e = record->events; e; e = e->next) {
		if (!instant_before(t, e->at))
			in_force = e->kind == AUTHORITY_RESUMED ? NULL : e;
	}
	return in_force;
}

enum err authority_store_path(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *record, const char *ending, char **ret_path)
{
	bool of_ca = authority_store_is_ca(record) || !strcmp(record->profile, "link");
	return authority_file_path(
	    s, ret_path, store->dir, "%s/%s%s", of_ca ? "ca" : "issued", record->name, ending);
}

enum err authority_store_cert(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *record, X509 **ret_cert)
{
	char *path;
	if (record->cert) {
		*ret_cert = record->cert;
		return OK;
	}
	TRY(authority_store_path(s, store, record, ".pem", &path));
	return authority_store_read_cert(s, path, ret_cert);
}

enum err authority_store_chain(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *record, STACK_OF(X509) * *ret_chain)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	TRY(authority_own_x509s(s, chain));
	const char *name = record->ca;
	for (int i = 0; i < CHAIN_MOST; i++) {
		const struct authority_store_record *ca = authority_store_find(store, name);
		if (!ca || !ca->cert || !strcmp(ca->ca, ca->name))
			break;
		if (sk_X509_push(chain, ca->cert) <= 0)
			return scope_fault(s, ERR_NOMEM, "chain: out of memory");
		name = ca->ca;
	}
	*ret_chain = chain;
	return OK;
}

enum err authority_store_append(struct scope *s, const char *dir, const char *fmt, ...)
{
	char line[512], *path;
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line))
		return scope_fault(s, ERR_LIMIT, "database: line too long");
	TRY(authority_file_path(s, &path, dir, "database"));
	return authority_file_append(s, path, bytes_of(line, (size_t)n));
}
