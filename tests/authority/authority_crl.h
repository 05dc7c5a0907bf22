/*
 * Complete and delta CRLs (RFC 5280 5), one pair per CA key, in DIR/crl and DIR/delta.
 *
 * A CRL's number is its thisUpdate in Unix seconds, or one more than its predecessor's when that
 * is larger: so numbers grow with time whatever the clock is set to. A delta lists what changed
 * against the complete CRL that its BaseCRLNumber names, with removeFromCRL for ended holds.
 * Certificates stay on after they expire, which expiredCertsOnCRL says.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_CRL_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_CRL_H

#include "tests/authority/authority_store.h"

/* Writes the CRLs of every CA as of `t`: complete and delta, or (`delta_only`) new deltas against
 * the complete ones that are out. Takes the lock. */
must_check enum err authority_crl_publish(
    struct scope *s, const struct authority_store *store, struct instant t, bool delta_only);

/* The CRL that is out, DER; published anew first when its nextUpdate has passed at `now` or its
 * thisUpdate is yet to come. */
must_check enum err authority_crl_current(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, bool delta, struct instant now, struct bytes *ret_crl);

/* A complete CRL that ran out long before `now`; or a fresh one signed by somebody else's key.
 * Both for fault switches, neither is stored. */
must_check enum err authority_crl_stale(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, struct instant now, struct bytes *ret_crl);
must_check enum err authority_crl_forged(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, EVP_PKEY *key, struct instant now,
    struct bytes *ret_crl);

#endif
