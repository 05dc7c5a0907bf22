#include "service/store/store_schema.h"

#include <stdio.h>
#include <string.h>

#include "base/scope.h"

/* Instants are Unix seconds. Words stand as text, so that a person can read a database. */
static const char first[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;"
    "CREATE TABLE partner (id TEXT PRIMARY KEY, name TEXT NOT NULL, number TEXT NOT NULL,"
    " active INTEGER NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID, STRICT;"
    "CREATE UNIQUE INDEX partner_number ON partner (number) WHERE number <> '';"
    "CREATE INDEX partner_name ON partner (name, id);"

    "CREATE TABLE person (id TEXT PRIMARY KEY, partner TEXT REFERENCES partner (id),"
    " login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, email TEXT NOT NULL,"
    " password_hash TEXT NOT NULL, roles INTEGER NOT NULL, language TEXT NOT NULL,"
    " active INTEGER NOT NULL, must_change INTEGER NOT NULL,"
    " failures INTEGER NOT NULL DEFAULT 0, waits_until INTEGER, created INTEGER NOT NULL)"
    " WITHOUT ROWID, STRICT;"
    "CREATE INDEX person_partner ON person (partner, name, id);"

    "CREATE TABLE session (sha256 BLOB PRIMARY KEY, listener TEXT NOT NULL,"
    " person TEXT NOT NULL REFERENCES person (id), sealing TEXT, csrf TEXT NOT NULL,"
    " address TEXT NOT NULL, began INTEGER NOT NULL, last_seen INTEGER NOT NULL,"
    " ends INTEGER NOT NULL) WITHOUT ROWID, STRICT;"
    "CREATE INDEX session_person ON session (person);"
    "CREATE INDEX session_sealing ON session (sealing) WHERE sealing IS NOT NULL;"
    "CREATE INDEX session_ends ON session (ends);"
    "CREATE INDEX session_last_seen ON session (last_seen);"

    "CREATE TABLE key (id TEXT PRIMARY KEY, partner TEXT NOT NULL REFERENCES partner (id),"
    " certificate_sha256 BLOB NOT NULL, certificate BLOB NOT NULL, chain BLOB NOT NULL,"
    " subject TEXT NOT NULL, issuer TEXT NOT NULL, serial TEXT NOT NULL,"
    " not_before INTEGER NOT NULL, not_after INTEGER NOT NULL, disclaimer TEXT NOT NULL,"
    " state TEXT NOT NULL, deposited_by TEXT NOT NULL, deposited_at INTEGER NOT NULL,"
    " decided_by TEXT, decided_at INTEGER, note TEXT NOT NULL, notified_at INTEGER,"
    " ended_at INTEGER, wrapped BLOB) STRICT;"
    "CREATE UNIQUE INDEX key_certificate ON key (certificate_sha256)"
    " WHERE state IN ('waiting', 'approved');"
    "CREATE INDEX key_partner ON key (partner, deposited_at, id);"
    "CREATE INDEX key_deposited ON key (deposited_at, id);"
    "CREATE INDEX key_state ON key (state, deposited_at, id);"
    "CREATE INDEX key_not_after ON key (not_after) WHERE state <> 'destroyed';"

    "CREATE TABLE approval (id TEXT PRIMARY KEY, certificate_sha256 BLOB NOT NULL UNIQUE,"
    " subject TEXT NOT NULL, text TEXT NOT NULL, asked_by TEXT, asked_at INTEGER NOT NULL,"
    " state TEXT NOT NULL, decided_by TEXT, decided_at INTEGER, note TEXT NOT NULL)"
    " WITHOUT ROWID, STRICT;"
    "CREATE INDEX approval_state ON approval (state, asked_at, id);"

    "CREATE TABLE sealing (id TEXT PRIMARY KEY, portal TEXT NOT NULL, idempotency_key TEXT,"
    " request_sha256 BLOB NOT NULL, partner TEXT REFERENCES partner (id),"
    " reference TEXT NOT NULL, title TEXT NOT NULL, data TEXT NOT NULL, options TEXT NOT NULL,"
    " return_url TEXT, window_sha256 BLOB, unattended INTEGER NOT NULL,"
    " created INTEGER NOT NULL, expires INTEGER NOT NULL, state TEXT NOT NULL,"
    " cause TEXT NOT NULL DEFAULT '', cause_text TEXT NOT NULL DEFAULT '',"
    " attempts INTEGER NOT NULL DEFAULT 0, officer TEXT, key TEXT, begun INTEGER,"
    " ended INTEGER, has_files INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID, STRICT;"
    "CREATE UNIQUE INDEX sealing_idempotency ON sealing (portal, idempotency_key)"
    " WHERE idempotency_key IS NOT NULL;"
    "CREATE UNIQUE INDEX sealing_window ON sealing (window_sha256)"
    " WHERE window_sha256 IS NOT NULL;"
    "CREATE INDEX sealing_created ON sealing (created, id);"
    "CREATE INDEX sealing_portal ON sealing (portal, created, id);"
    "CREATE INDEX sealing_state ON sealing (state, created, id);"
    "CREATE INDEX sealing_portal_state ON sealing (portal, state, created, id);"
    "CREATE INDEX sealing_partner ON sealing (partner, created, id);"
    "CREATE INDEX sealing_reference ON sealing (reference, created, id);"
    "CREATE INDEX sealing_expires ON sealing (expires) WHERE state = 'awaiting';"
    "CREATE INDEX sealing_ended ON sealing (ended) WHERE ended IS NOT NULL AND has_files = 1;"

    "CREATE TABLE sealing_document (sealing TEXT NOT NULL REFERENCES sealing (id)"
    " ON DELETE CASCADE, n INTEGER NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL,"
    " sha256 BLOB NOT NULL, pages INTEGER NOT NULL, sealed_size INTEGER NOT NULL DEFAULT 0,"
    " sealed_sha256 BLOB, summary TEXT NOT NULL DEFAULT '', PRIMARY KEY (sealing, n))"
    " WITHOUT ROWID, STRICT;"
    "CREATE INDEX sealing_document_sealed ON sealing_document (sealed_sha256, sealing)"
    " WHERE sealed_sha256 IS NOT NULL;"

    /* row: what the index of texts refers to. decided: the queue's order. */
    "CREATE TABLE filing (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " source TEXT NOT NULL, person TEXT, batch TEXT, idempotency_key TEXT,"
    " request_sha256 BLOB NOT NULL, name TEXT NOT NULL, reference TEXT NOT NULL,"
    " size INTEGER NOT NULL, sha256 BLOB NOT NULL, received INTEGER NOT NULL,"
    " state TEXT NOT NULL, word TEXT NOT NULL, sender TEXT NOT NULL DEFAULT '',"
    " conclusion TEXT NOT NULL DEFAULT '', sentence TEXT NOT NULL DEFAULT '',"
    " summary TEXT NOT NULL DEFAULT '', judged_at INTEGER, sealing TEXT,"
    " decision TEXT NOT NULL, decided INTEGER NOT NULL DEFAULT 0, decided_by TEXT,"
    " decided_at INTEGER, note TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE UNIQUE INDEX filing_idempotency ON filing (source, idempotency_key)"
    " WHERE idempotency_key IS NOT NULL;"
    "CREATE INDEX filing_queue ON filing (decided, received, id);"
    "CREATE INDEX filing_word ON filing (decided, word, received, id);"
    "CREATE INDEX filing_source ON filing (source, decided, received, id);"
    "CREATE INDEX filing_batch ON filing (batch, decided, received, id)"
    " WHERE batch IS NOT NULL;"
    "CREATE INDEX filing_received ON filing (received);"
    "CREATE INDEX filing_state ON filing (state, received) WHERE state = 'received';"

    "CREATE TABLE webhook (id TEXT PRIMARY KEY, portal TEXT NOT NULL, event TEXT NOT NULL,"
    " object TEXT NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL, state TEXT NOT NULL,"
    " attempts INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL, delivered_at INTEGER,"
    " answer TEXT NOT NULL DEFAULT '') WITHOUT ROWID, STRICT;"
    "CREATE INDEX webhook_due ON webhook (next_at) WHERE state = 'waiting';"
    "CREATE INDEX webhook_state ON webhook (state, created, id);"
    "CREATE INDEX webhook_portal ON webhook (portal, state, created, id);";

/* Parts of names, references and senders are found by their trigrams. The texts are folded before
 * (store_filing_text.h), those of rows that were there already by SQLite's own folding only, until
 * they are judged anew. */
static const char second[] = "CREATE VIRTUAL TABLE filing_text USING fts5 (name, reference, sender,"
			     " tokenize = 'trigram', detail = full);"
			     "INSERT INTO filing_text (rowid, name, reference, sender)"
			     " SELECT row, name, reference, sender FROM filing;";

/* Messages about one thing are sent in the order of their turns. */
static const char third[] = "ALTER TABLE webhook ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;"
			    "CREATE INDEX webhook_turn ON webhook (turn);"
			    "CREATE INDEX webhook_share ON webhook (portal, next_at, turn)"
			    " WHERE state = 'waiting';"
			    "CREATE INDEX webhook_object ON webhook (portal, object, turn)"
			    " WHERE state = 'waiting';";

static const char *const step[STORE_SCHEMA_VERSION] = { first, second, third };

static enum err take_step(struct scope *s, struct store_sql *c, int from)
{
	char number[64];
	snprintf(number, sizeof(number), "PRAGMA user_version = %d", from + 1);
	TRY(store_sql_script(s, c, "BEGIN IMMEDIATE"));
	enum err e = store_sql_script(s, c, step[from]);
	if (e == OK)
		e = store_sql_script(s, c, number);
	if (e == OK)
		e = store_sql_script(s, c, "COMMIT");
	if (e != OK && store_sql_in_transaction(c) && store_sql_script(s, c, "ROLLBACK") != OK)
		return e;
	return e;
}

enum err store_schema_bring(struct scope *s, struct store_sql *c, int version)
{
	int64_t now;
	TRY(store_sql_one(s, c, "PRAGMA user_version", STORE_SQL_NOTHING, &now));
	if (now < 0 || now > version)
		return scope_fault(s, ERR_UNSUPPORTED,
		    "store: the database has schema version %lld, this program knows %d",
		    (long long)now, version);
	for (int i = (int)now; i < version; i++)
		TRY(take_step(s, c, i));
	return OK;
}

static enum err read_check(void *ctx, struct scope *s, struct store_sql_row *row)
{
	const char *said = store_sql_text(row);
	(void)ctx;
	if (said && !strcmp(said, "ok"))
		return OK;
	return scope_fault(s, ERR_FORMAT, "store: damaged: %s", said ? said : "");
}

enum err store_schema_check(struct scope *s, struct store_sql *c)
{
	TRY(store_sql_each(s, c, "PRAGMA quick_check(1)", STORE_SQL_NOTHING, read_check, NULL));
	return store_sql_each(
	    s, c, "PRAGMA foreign_key_check", STORE_SQL_NOTHING, read_check, NULL);
}
