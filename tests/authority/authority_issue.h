/*
 * Issuing: a key, a certificate by profile, their files, and the line in the database. For CAs:
 * DIR/ca/NAME.pem and NAME.key.pem. For all others: DIR/issued/NAME.pem, NAME.key.pem,
 * NAME.chain.pem (the certificate and the CAs above it, without the root) and NAME.p12 (PBES2,
 * AES-256, SHA-256 MAC).
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_ISSUE_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_ISSUE_H

#include "tests/authority/authority_profile.h"

struct authority_issue {
	struct authority_profile profile; /* key and serial are filled in here */
	const char *name;
	const char *ca;            /* NULL: self-signed */
	const char *key_type;      /* of a new key; unused when profile.key is set */
	const char *password_file; /* NULL: DIR/password */
	bool no_chain;             /* leave the CAs out of the PKCS#12 file */
};

/* ERR_DENIED when the name is taken. The caller holds the lock, and loads the store anew to see
 * the new certificate. */
must_check enum err authority_issue_make(struct scope *s, const struct authority_store *store,
    const struct authority_issue *wish, struct instant now);

#endif
