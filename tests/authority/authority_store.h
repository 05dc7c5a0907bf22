/*
 * What the authority knows: its settings and its database of issued certificates and their status
 * changes. All of it is plain text in DIR:
 *
 *   DIR/config    "key rsa2048", one setting a line, written once by `init`
 *   DIR/database  append-only, one event a line, each with its date:
 *                   issued DATE NAME SERIAL ISSUER PROFILE
 *                   revoked DATE NAME REASON INVALIDITY-DATE|-
 *                   suspended DATE NAME
 *                   resumed DATE NAME
 *   DIR/ca, DIR/issued    NAME.pem, NAME.key.pem
 *
 * As every event has its date, the status of any certificate at any instant follows from the file.
 * A store is a snapshot: read once, never changed, safe to share between threads.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_STORE_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_STORE_H

#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/instant.h"

enum authority_store_event_kind {
	AUTHORITY_REVOKED,
	AUTHORITY_SUSPENDED,
	AUTHORITY_RESUMED,
};

#define AUTHORITY_REASON_HOLD 6
#define AUTHORITY_REASON_REMOVE 8

struct authority_store_event {
	struct authority_store_event *next;
	enum authority_store_event_kind kind;
	struct instant at;
	int reason;                /* CRLReason, RFC 5280 5.3.1; 0 is unspecified */
	struct instant invalidity; /* INSTANT_NONE when not given */
};

struct authority_store_record {
	const char *name, *ca, *profile; /* profile: ca, link, seal, signature, tsa, ocsp */
	struct bytes serial;             /* unsigned, big-endian, no leading zero */
	struct instant issued;
	struct authority_store_event *events, *last; /* in the order of their dates */
	X509 *cert;    /* loaded for ca, tsa and ocsp only, else NULL */
	EVP_PKEY *key; /* likewise */
};

struct authority_store {
	const char *dir, *url, *key_type, *digest, *title;
	int port;
	bool nocheck, idp;
	struct authority_store_record **records; /* in the order of issuing */
	size_t n;
	struct authority_store_record **by_serial; /* sorted by serial, then as above */
};

must_check enum err authority_store_load(
    struct scope *s, const char *dir, const struct authority_store **ret_store);

/* The record of that name, or NULL. */
const struct authority_store_record *authority_store_find(
    const struct authority_store *store, const char *name);
/* The certificate with this serial number issued by `ca`, or NULL. */
const struct authority_store_record *authority_store_by_serial(
    const struct authority_store *store, const char *ca, struct bytes serial);
/* The newest key of the issuing CA. */
const struct authority_store_record *authority_store_issuing_ca(
    const struct authority_store *store);
bool authority_store_is_ca(const struct authority_store_record *record);

/* The revocation or hold in force at t, or NULL when the certificate is good. */
const struct authority_store_event *authority_store_status(
    const struct authority_store_record *record, struct instant t);

/* The file of that record with this ending, e.g. ".pem". */
must_check enum err authority_store_path(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *record, const char *ending, char **ret_path);
/* Its certificate: the loaded one, or read now. */
must_check enum err authority_store_cert(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *record, X509 **ret_cert);
/* The CAs above a record, nearest first, without the root. */
must_check enum err authority_store_chain(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *record, STACK_OF(X509) * *ret_chain);

/* Adds one line to the database; the caller holds the lock. */
must_check enum err authority_store_append(struct scope *s, const char *dir, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Letters, digits, '.', '_' and '-', not first a dot, at most 64. */
bool authority_store_is_name(const char *name);

/* A certificate in PEM. */
must_check enum err authority_store_read_cert(struct scope *s, const char *path, X509 **ret_cert);

/* The name of a CRLReason as the command line has it, and back (-1: unknown). */
const char *authority_store_reason_name(int reason);
int authority_store_reason(const char *name);

#endif
