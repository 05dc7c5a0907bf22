/*
 * Names that cannot be guessed: identifiers of rows, and tokens that are secrets. Random octets of
 * the kernel (getrandom), written in Crockford's base 32 in lower case: no i, l, o, u, so that they
 * can be read out and typed. There is one way to write each; everything else is refused.
 */
#ifndef BULLA_SERVICE_STORE_IDENTIFIER_H
#define BULLA_SERVICE_STORE_IDENTIFIER_H

#include <stdbool.h>

#include "base/bytes.h"

#define IDENTIFIER_PARTNER "pt"
#define IDENTIFIER_PERSON "ps"
#define IDENTIFIER_KEY "ky"
#define IDENTIFIER_APPROVAL "ap"
#define IDENTIFIER_SEALING "sl"
#define IDENTIFIER_FILING "fl"
#define IDENTIFIER_WEBHOOK "wh"
#define IDENTIFIER_BATCH "bt" /* files that were dropped in one go */

#define IDENTIFIER_CHARACTERS 26       /* 128 bits */
#define IDENTIFIER_TOKEN_CHARACTERS 52 /* 256 bits */

/* "sl_" and 26 characters, in the scope. `prefix` is one of the above. ERR_IO: no randomness. */
must_check enum err identifier_new(struct scope *s, const char *prefix, const char **ret_id);
/* Whether the text is one with this prefix: the only check a text from outside needs before it is
 * looked up or becomes part of a path. False for NULL. */
bool identifier_is(const char *text, const char *prefix);

/* A token for a cookie or a window's address: 52 characters, in the scope. The store keeps its
 * SHA-256 only. */
must_check enum err identifier_token(struct scope *s, const char **ret_token);
bool identifier_is_token(const char *text);
/* What the store finds it by. ERR_FORMAT: not a token. */
must_check enum err identifier_token_sha256(
    struct scope *s, const char *token, uint8_t ret_sha256[32]);

#endif
