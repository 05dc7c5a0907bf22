#include "tests/authority/authority_hierarchy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "base/buf.h"
#include "base/scope.h"
#include "tests/authority/authority_crl.h"
#include "tests/authority/authority_file.h"
#include "tests/authority/authority_issue.h"

#define DAY ((int64_t)86400)
#define YEAR (365 * DAY)
#define COUNTRY "XX" /* ISO 3166 leaves it to users */
#define ORG_ID "NTRXX-00000001"
#define NAME_MOST 32
#define TITLE_MOST 40

/* One member of the hierarchy; the key of `key_of` when that is set, else a new one. */
struct member {
	const char *name, *profile, *ca, *cn_end;
	int path_len;
	int64_t from, to; /* seconds from now */
	const char *key_of;
};

static const struct member members[] = {
	{ "root", "ca", NULL, "Root CA", -1, -DAY, 30 * YEAR, NULL },
	{ "policy-ca", "ca", "root", "Policy CA", -1, -DAY, 25 * YEAR, NULL },
	{ "issuing-ca", "ca", "policy-ca", "Issuing CA", 0, -DAY, 20 * YEAR, NULL },
	{ "ocsp-root", "ocsp", "root", "OCSP Root", -1, -DAY, 10 * YEAR, NULL },
	{ "ocsp-policy", "ocsp", "policy-ca", "OCSP Policy", -1, -DAY, 10 * YEAR, NULL },
	{ "ocsp", "ocsp", "issuing-ca", "OCSP", -1, -DAY, 10 * YEAR, NULL },
	{ "tsa", "tsa", "issuing-ca", "TSA", -1, -DAY, 10 * YEAR, NULL },
	/* for the fault expired-signer */
	{ "ocsp-root-expired", "ocsp", "root", "OCSP Root", -1, -2 * YEAR, -YEAR, "ocsp-root" },
	{ "ocsp-policy-expired", "ocsp", "policy-ca", "OCSP Policy", -1, -2 * YEAR, -YEAR,
	    "ocsp-policy" },
	{ "ocsp-expired", "ocsp", "issuing-ca", "OCSP", -1, -2 * YEAR, -YEAR, "ocsp" },
	{ "tsa-expired", "tsa", "issuing-ca", "TSA", -1, -2 * YEAR, -YEAR, "tsa" },
};

static enum err write_text(
    struct scope *s, const char *dir, const char *name, mode_t mode, struct buf text)
{
	struct bytes data;
	char *path;
	TRY(buf_done(&text, &data));
	TRY(authority_file_path(s, &path, dir, "%s", name));
	return authority_file_write(s, path, data, mode);
}

static enum err write_password(struct scope *s, const char *dir)
{
	uint8_t random[18];
	char *text;
	if (RAND_bytes(random, (int)sizeof(random)) != 1)
		return scope_fault(s, ERR_CRYPTO, "password: no randomness");
	TRY(bytes_to_base64(s, bytes_of(random, sizeof(random)), &text));
	struct buf b = buf_new(s, 64);
	buf_addf(&b, "%s\n", text);
	return write_text(s, dir, "password", 0600, b);
}

static enum err write_config(
    struct scope *s, const char *dir, const struct authority_hierarchy *wish)
{
	struct buf b = buf_new(s, 4096), port = buf_new(s, 64), url = buf_new(s, 64);
	buf_addf(&b, "url http://127.0.0.1:%d\nport %d\nkey %s\n", wish->port, wish->port,
	    wish->key_type);
	buf_addf(&b, "digest %s\nnocheck %s\nidp %s\ntitle %s\n", wish->digest,
	    wish->nocheck ? "on" : "off", wish->idp ? "on" : "off", wish->title);
	buf_addf(&port, "%d\n", wish->port);
	buf_addf(&url, "http://127.0.0.1:%d\n", wish->port);
	TRY(write_text(s, dir, "config", 0644, b));
	TRY(write_text(s, dir, "port", 0644, port));
	return write_text(s, dir, "url", 0644, url);
}

static enum err make_folders(struct scope *s, const char *dir)
{
	static const char *const parts[] = { "ca", "issued", "crl", "delta" };
	char *path;
	TRY(authority_file_folder(s, dir));
	TRY(authority_file_path(s, &path, dir, "database"));
	if (authority_file_exists(path))
		return scope_fault(s, ERR_DENIED, "%s: there is an authority already", dir);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		TRY(authority_file_path(s, &path, dir, "%s", parts[i]));
		TRY(authority_file_folder(s, path));
	}
	TRY(authority_file_path(s, &path, dir, "database"));
	return authority_file_write(s, path, BYTES_NONE, 0644);
}

static enum err issue_member(struct scope *s, const struct authority_store *store,
    const struct member *m, const char *key_type, struct instant now)
{
	struct buf cn = buf_new(s, 256);
	char *text;
	buf_addf(&cn, "%s %s", store->title, m->cn_end);
	TRY(buf_done_str(&cn, &text));
	/* RFC 6960 4.2.2.2.1: a responder's own status cannot come from itself. */
	bool is_ocsp = !strcmp(m->profile, "ocsp");
	struct authority_issue wish = {
		.name = m->name,
		.ca = m->ca,
		.key_type = key_type,
		.profile = { .name = m->profile,
		    .country = COUNTRY,
		    .org = store->title,
		    .org_id = ORG_ID,
		    .cn = text,
		    .not_before = instant_add(now, m->from),
		    .not_after = instant_add(now, m->to),
		    .crl = !is_ocsp || !store->nocheck,
		    .ocsp = !is_ocsp,
		    .nocheck = is_ocsp && store->nocheck,
		    .path_len = m->path_len },
	};
	if (m->key_of) {
		const struct authority_store_record *other = authority_store_find(store, m->key_of);
		wish.profile.key = other ? other->key : NULL;
	}
	return authority_issue_make(s, store, &wish, now);
}

/* The store is loaded anew for each, since each may issue the next. */
static enum err issue_one(const char *dir, const struct member *m, const char *key_type,
    struct instant now, struct scope *report)
{
	const struct authority_store *store;
	struct scope *s = scope_new(0);
	if (!s)
		return ERR_NOMEM;
	enum err e = authority_store_load(s, dir, &store);
	if (e == OK)
		e = issue_member(s, store, m, key_type ? key_type : store->key_type, now);
	if (e != OK)
		e = scope_fault(report, e, "%s: %s", m->name, scope_fault_text(s));
	scope_free(s);
	return e;
}

static enum err add_pem(struct scope *s, const char *dir, const char *name, struct buf *b)
{
	char *path;
	struct bytes pem;
	TRY(authority_file_path(s, &path, dir, "ca/%s.pem", name));
	TRY(authority_file_read(s, path, &pem));
	buf_add(b, pem);
	return OK;
}

/* DIR/root.pem and DIR/ca-chain.pem: all CAs below the root, the newest first. */
static enum err write_anchors(struct scope *s, const char *dir)
{
	const struct authority_store *store;
	TRY(authority_store_load(s, dir, &store));
	struct buf root = buf_new(s, (size_t)1 << 20), chain = buf_new(s, (size_t)1 << 20);
	TRY(add_pem(s, dir, "root", &root));
	for (size_t i = store->n; i-- > 0;) {
		const struct authority_store_record *r = store->records[i];
		if (authority_store_is_ca(r) && strcmp(r->name, "root") != 0)
			TRY(add_pem(s, dir, r->name, &chain));
	}
	TRY(write_text(s, dir, "root.pem", 0644, root));
	return write_text(s, dir, "ca-chain.pem", 0644, chain);
}

enum err authority_hierarchy_init(
    struct scope *s, const char *dir, const struct authority_hierarchy *wish, struct instant now)
{
	const struct authority_store *store;
	if (strlen(wish->title) > TITLE_MOST || strpbrk(wish->title, "\r\n") || !*wish->title)
		return scope_fault(
		    s, ERR_MISUSE, "title: one line of 1 to %d characters", TITLE_MOST);
	TRY(make_folders(s, dir));
	TRY(write_password(s, dir));
	TRY(write_config(s, dir, wish));
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		TRY(issue_one(dir, &members[i], NULL, now, s));
	TRY(write_anchors(s, dir));
	TRY(authority_store_load(s, dir, &store));
	return authority_crl_publish(s, store, now, false);
}

static int count_issuing_cas(const struct authority_store *store)
{
	int n = 0;
	for (size_t i = 0; i < store->n; i++)
		n += authority_store_is_ca(store->records[i]) &&
		     !strncmp(store->records[i]->name, "issuing-ca", 10);
	return n;
}

static enum err issue_rolled(struct scope *s, const char *dir, const char *old, int number,
    const char *key_type, struct instant now)
{
	char ca[NAME_MOST], responder[NAME_MOST], to_new[2 * NAME_MOST], to_old[2 * NAME_MOST];
	snprintf(ca, sizeof(ca), "issuing-ca-%d", number);
	snprintf(responder, sizeof(responder), "ocsp-%d", number);
	snprintf(to_new, sizeof(to_new), "%s-new-with-old", ca);
	snprintf(to_old, sizeof(to_old), "%s-old-with-new", ca);
	const struct member rolled[] = {
		{ ca, "ca", "policy-ca", "Issuing CA", 0, -DAY, 20 * YEAR, NULL },
		{ responder, "ocsp", ca, "OCSP", -1, -DAY, 10 * YEAR, NULL },
		{ to_new, "link", old, "Issuing CA", 0, -DAY, 10 * YEAR, ca },
		{ to_old, "link", ca, "Issuing CA", 0, -DAY, 10 * YEAR, old },
	};
	for (size_t i = 0; i < sizeof(rolled) / sizeof(rolled[0]); i++)
		TRY(issue_one(dir, &rolled[i], key_type, now, s));
	return OK;
}

enum err authority_hierarchy_roll(
    struct scope *s, const char *dir, const char *key_type, struct instant now)
{
	const struct authority_store *store;
	struct scope *locked = scope_new(0);
	if (!locked)
		return ERR_NOMEM;
	enum err e = authority_file_lock(locked, dir);
	if (e == OK)
		e = authority_store_load(locked, dir, &store);
	if (e == OK)
		e = issue_rolled(locked, dir, authority_store_issuing_ca(store)->name,
		    count_issuing_cas(store) + 1, key_type, now);
	if (e == OK)
		e = write_anchors(locked, dir);
	if (e != OK)
		e = scope_fault(s, e, "roll: %s", scope_fault_text(locked));
	scope_free(locked); /* publishing takes the lock itself */
	TRY(e);
	TRY(authority_store_load(s, dir, &store));
	return authority_crl_publish(s, store, now, false);
}
