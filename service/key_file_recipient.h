/*
 * The key of a recipient in a PKCS#12 file: opens documents that are encrypted for its certificate.
 * Expired or not, for what was encrypted then is still so.
 */
#ifndef BULLA_SERVICE_KEY_FILE_RECIPIENT_H
#define BULLA_SERVICE_KEY_FILE_RECIPIENT_H

#include "formats/recipient.h"

/* As key_file_parse. The key decrypts (RSA) or agrees (EC, X25519, X448); ERR_UNSUPPORTED: it does
 * neither. */
must_check enum err key_file_recipient_parse(struct scope *s, struct bytes pkcs12,
    struct bytes password, const struct recipient **ret_recipient);
/* Reads the file first; faults begin with its name. ERR_IO; ERR_LIMIT. */
must_check enum err key_file_recipient_open(struct scope *s, const char *path,
    struct bytes password, const struct recipient **ret_recipient);

#endif
