/*
 * Status changes: revocation, hold, end of a hold. Each is one line in the database with the date
 * from which it holds. OCSP tells it at once, CRLs from their next publication on.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_REVOKE_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_REVOKE_H

#include "tests/authority/authority_store.h"

struct authority_revoke {
	const char *name;
	enum authority_store_event_kind kind;
	const char *reason;        /* of a revocation */
	struct instant at;         /* may lie in the past or in the future */
	struct instant invalidity; /* or INSTANT_NONE */
};

/* ERR_DENIED: no such certificate; revoked already; a hold where there is one; the end of a hold
 * where there is none; a date before the last change. Takes the lock. */
must_check enum err authority_revoke_record(
    struct scope *s, const char *dir, const struct authority_revoke *change);

#endif
