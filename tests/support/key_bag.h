/*
 * PKCS#12 files for tests, as persons bring them: a key with its certificate and its root's, cheap
 * to open (one round of hashing) unless asked otherwise. Mistakes end the program.
 */
#ifndef BULLA_TESTS_SUPPORT_KEY_BAG_H
#define BULLA_TESTS_SUPPORT_KEY_BAG_H

#include "tests/support/mini_ca.h"

struct key_bag {
	EVP_PKEY *key; /* shared: mini_ca_key */
	const struct cert *root, *leaf;
	struct bytes pkcs12;
};

enum key_bag_form {
	KEY_BAG_USUAL,  /* AES-256, PBKDF2 */
	KEY_BAG_OLD,    /* triple DES and RC2-40, as programs wrote until 2021 */
	KEY_BAG_OPEN,   /* certificates encrypted, the key not */
	KEY_BAG_BARE,   /* nothing is encrypted; a MAC with the password all the same */
	KEY_BAG_NESTED, /* the encrypted key inside of an encrypted part */
};

/* Password "pw" and the like; `rounds` of hashing for each part. False for KEY_BAG_OLD when this
 * OpenSSL has no legacy provider. */
bool key_bag_make(struct scope *s, enum mini_ca_key_type type, const char *password,
    enum key_bag_form form, int rounds, struct key_bag *ret_bag);

#endif
