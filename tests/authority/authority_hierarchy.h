/*
 * The hierarchy: root, policy CA, issuing CA, an OCSP responder under each, a timestamping unit;
 * and a new key for the issuing CA.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_HIERARCHY_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_HIERARCHY_H

#include "base/err.h"
#include "base/instant.h"

struct scope;

struct authority_hierarchy {
	const char *key_type, *digest, *title;
	int port;
	bool nocheck, idp;
};

/* Makes everything in DIR, which must not hold an authority yet, and publishes the CRLs. */
must_check enum err authority_hierarchy_init(
    struct scope *s, const char *dir, const struct authority_hierarchy *wish, struct instant now);

/* A new key and certificate for the issuing CA under the same name ("issuing-ca-2"), with its
 * OCSP responder ("ocsp-2") and the two self-issued link certificates of RFC 4210 4.4: new key
 * signed with old, old key signed with new. */
must_check enum err authority_hierarchy_roll(
    struct scope *s, const char *dir, const char *key_type, struct instant now);

#endif
