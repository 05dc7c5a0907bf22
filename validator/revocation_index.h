/*
 * Finds among the evidence what may bear on one certificate's status, without looking at every
 * item: lists by their issuer's name, single responses by serial number, certificates by subject
 * name, delegated responders by key. What is found shares the key's hash only: the caller compares.
 */
#ifndef BULLA_VALIDATOR_REVOCATION_INDEX_H
#define BULLA_VALIDATOR_REVOCATION_INDEX_H

#include "validator/evidence.h"

struct revocation_index;

/* A run of items with one hash, in the order of the evidence. */
struct revocation_index_run {
	const struct revocation_index_entry *item;
	size_t n;
};

struct revocation_index_entry {
	uint32_t hash;
	uint32_t at;     /* in the evidence's array of the kind asked for */
	uint32_t single; /* of an OCSP response */
};

must_check enum err revocation_index_new(
    struct scope *s, const struct evidence *evidence, struct revocation_index **ret_index);
/* Lists whose issuer has this name (Name TLV). */
struct revocation_index_run revocation_index_crls(
    const struct revocation_index *index, struct bytes issuer);
/* Single responses about certificates with this serial number (content of the INTEGER). */
struct revocation_index_run revocation_index_singles(
    const struct revocation_index *index, struct bytes serial);
/* Certificates with this subject name. */
struct revocation_index_run revocation_index_subjects(
    const struct revocation_index *index, struct bytes name);
/* Certificates for signing OCSP responses whose key has this SHA-1 hash. */
struct revocation_index_run revocation_index_responders(
    const struct revocation_index *index, struct bytes key_hash);

#endif
