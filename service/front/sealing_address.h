/*
 * Where the window of a sealing is: URL/w/TOKEN. The token cannot be guessed, is made from a secret
 * of this process and the sealing's id, and is stored as its SHA-256 only. It names the sealing for
 * a browser and opens nothing: an officer's login does.
 *
 * While the process lives, a sealing has the same address each time it is told (a request that is
 * repeated has the same answer); after a restart it gets another one, and the former ends.
 */
#ifndef BULLA_SERVICE_FRONT_SEALING_ADDRESS_H
#define BULLA_SERVICE_FRONT_SEALING_ADDRESS_H

#include "service/front/front.h"
#include "service/store/store_sealing.h"

#define SEALING_ADDRESS_TOKEN 64 /* characters: lower-case hex */

/* Of this id, by this process. */
must_check enum err sealing_address_token(
    struct front *f, struct scope *s, const char *id, const char **ret_token);
/* What is stored of a token. ERR_FORMAT: it is none. */
must_check enum err sealing_address_sha256(
    struct scope *s, const char *token, uint8_t ret_sha256[32]);
/* The address to be told for a sealing that awaits; stores the new digest when it is another one
 * than before. ERR_MISUSE: it is not awaiting. */
must_check enum err sealing_address_renew(
    struct front *f, struct scope *s, const struct store_sealing *sealing, const char **ret_url);
/* The address that was told last; NULL when this process cannot tell it any more, or none counts.
 */
must_check enum err sealing_address_find(
    struct front *f, struct scope *s, const struct store_sealing *sealing, const char **ret_url);
/* Whether a token (NULL: none) is that of this sealing. */
bool sealing_address_is_of(struct scope *s, const char *token, const struct store_sealing *sealing);

#endif
