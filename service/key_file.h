/*
 * A seal key in a PKCS#12 file (RFC 7292). Old files (RC2, triple DES, SHA-1) are read as well:
 * OpenSSL's legacy algorithms are loaded into a library context of their own, for that one file.
 * The key lives in OpenSSL's memory and is wiped with the scope; the `ctx` of struct key is its
 * EVP_PKEY, for service/key_file_recipient.c.
 *
 * Does not check the certificate: sealer/seal.h does.
 */
#ifndef BULLA_SERVICE_KEY_FILE_H
#define BULLA_SERVICE_KEY_FILE_H

#include "sealer/key.h"

/* The first key of the file with the certificate that belongs to it; the others are the chain.
 * `password` may be empty and must be followed by a NUL (service/password.h); it is tried as UTF-8
 * and, with octets above 7F, as Latin-1. ERR_DENIED: wrong password; ERR_FORMAT: not PKCS#12, no
 * key, or no certificate for it; ERR_UNSUPPORTED: an algorithm that OpenSSL does not have. */
must_check enum err key_file_parse(
    struct scope *s, struct bytes pkcs12, struct bytes password, const struct key **ret_key);
/* Reads the file first; faults begin with its name. ERR_IO; ERR_LIMIT. */
must_check enum err key_file_open(
    struct scope *s, const char *path, struct bytes password, const struct key **ret_key);

#endif
