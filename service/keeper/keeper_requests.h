/*
 * One request to the keeper as it came over a link, answered: who may ask for what, the fields, the
 * reply (service/keeper/keeper_protocol.h).
 */
#ifndef BULLA_SERVICE_KEEPER_KEEPER_REQUESTS_H
#define BULLA_SERVICE_KEEPER_KEEPER_REQUESTS_H

#include "service/keeper/keeper.h"
#include "service/process/role.h"

/* Octets of a request that this peer may send; 0: none at all. */
size_t keeper_requests_most(enum role peer);
/* `content` is borrowed; it may hold a password, and the reply, of kind KEEPER_REPLY(kind), a
 * token: the caller wipes both. */
must_check enum err keeper_requests_answer(struct keeper *k, struct scope *s, enum role peer,
    uint32_t kind, struct bytes content, struct bytes *ret_reply);

#endif
