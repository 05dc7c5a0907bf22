/*
 * A seal key that the keeper holds, for a worker: struct key over a link and a token. Each
 * signature is one use of the session. The certificates come with the job, from the front that
 * unlocked the session (service/keeper/keeper_client.h).
 *
 * Does not check the certificate: sealer/seal.h does.
 */
#ifndef BULLA_SERVICE_KEEPER_KEEPER_KEY_H
#define BULLA_SERVICE_KEEPER_KEEPER_KEY_H

#include "sealer/key.h"
#include "service/process/link.h"

/* `token` is copied and wiped with the scope; the link is borrowed as long as the key lives. The
 * chain may be empty. ERR_FORMAT: a certificate, or the token's length; ERR_UNSUPPORTED: a
 * certificate with a key of an unknown kind. Signing: ERR_MISUSE when the session is no more,
 * ERR_IO when the keeper is. */
must_check enum err keeper_key_new(struct scope *s, struct link *l, struct bytes token,
    struct bytes certificate, const struct bytes *chain, size_t n_chain,
    const struct key **ret_key);

#endif
