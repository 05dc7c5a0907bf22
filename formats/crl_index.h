/*
 * The entries of one CRL (RFC 5280 5.1.2.6, 5.3), found by serial number. Used by formats/crl.c
 * only. Built in linear time, read-only afterwards, so that one list can serve many threads.
 */
#ifndef BULLA_FORMATS_CRL_INDEX_H
#define BULLA_FORMATS_CRL_INDEX_H

#include "formats/crl.h"

/* What the entries have in common. */
struct crl_index_summary {
	size_t n_entries;
	bool unknown_critical; /* some entry has a critical extension not known here */
};

/* Reads every entry once, so that finding one cannot meet malformed data later. `revoked` is the
 * content of revokedCertificates and is borrowed, as is `issuer`, the Name TLV of the list. */
must_check enum err crl_index_build(struct scope *s, struct bytes revoked, struct bytes issuer,
    struct crl_index **ret_index, struct crl_index_summary *ret_summary);
/* The last entry with this serial number and certificate issuer. */
must_check enum err crl_index_find(struct scope *s, const struct crl_index *index,
    struct bytes issuer, struct bytes serial, bool *ret_found, struct crl_entry *ret_entry);

#endif
