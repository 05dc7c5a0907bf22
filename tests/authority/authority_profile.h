/*
 * Certificates by profile: ETSI EN 319 412-2 (natural persons), -3 (legal persons), -5 (qualified
 * statements), EN 319 422 (timestamping units), RFC 6960 4.2.2.2 (OCSP responders), RFC 5280
 * (CAs). Does not check that a wish makes sense: tests want senseless certificates too.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_PROFILE_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_PROFILE_H

#include "tests/authority/authority_store.h"

/* The disclaimer of seals and signatures when none is given. */
#define AUTHORITY_PROFILE_DISCLAIMER                                                               \
	"Made by a test authority. Nobody is identified or bound by this certificate."

struct authority_profile {
	const char *name;                        /* ca, link, seal, signature, tsa, ocsp */
	const char *country, *org, *org_id, *cn; /* org and org_id may be NULL */
	EVP_PKEY *key;                           /* the subject's */
	struct bytes serial;
	struct instant not_before, not_after;
	const char *disclaimer; /* user notice; NULL or "": none */
	const char *policy;     /* instead of the profile's own; or NULL */
	const char *key_usage;  /* instead of the profile's own; "none": no extension; or NULL */
	bool qc, sscd;          /* qualified statements, of seals and signatures */
	bool crl, ocsp;         /* which pointers to revocation data go in */
	bool nocheck;           /* id-pkix-ocsp-nocheck */
	int path_len;           /* of a CA; -1: none */
};

/* The certificate, signed by `ca`, or by its own key when that is NULL. Owned by the scope. */
must_check enum err authority_profile_certify(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, const struct authority_profile *want, X509 **ret_cert);

#endif
