/*
 * Which addresses may be connected to. Documents and certificates name URLs, and whoever wrote them
 * must not reach through Bulla into the network it runs in: what is no public address is refused,
 * unless the user allowed its range.
 *
 * Judges numeric addresses only, at the moment of connecting; names are the resolver's matter, so a
 * name that answers differently the second time gains nothing.
 */
#ifndef BULLA_SERVICE_FETCH_TARGET_H
#define BULLA_SERVICE_FETCH_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/* IPv4 addresses are kept in their IPv6 form ::ffff:a.b.c.d. */
struct fetch_target_range {
	uint8_t address[16];
	unsigned bits;
};

/* Ranges allowed besides the public addresses; all zero: none. */
struct fetch_target_rules {
	struct fetch_target_range range[LIMIT_ALLOWED_RANGES];
	size_t n;
	bool nothing_else; /* public addresses neither */
};

struct sockaddr;

/* "10.1.0.0/16", "fd00::/8", or one address. False: not that, or LIMIT_ALLOWED_RANGES are there. */
bool fetch_target_allow(struct fetch_target_rules *rules, const char *cidr);
/* 127.0.0.0/8 and ::1: services on the user's own machine. */
void fetch_target_allow_loopback(struct fetch_target_rules *rules);

/* NULL when the address may be connected to, else what it is: "a private address". IPv4 inside IPv6
 * (mapped, 6to4, NAT64) is judged as the IPv4 address it reaches. */
const char *fetch_target_objection(
    const struct fetch_target_rules *rules, const struct sockaddr *address);
/* The same for an address in numbers and dots or colons; what is none is refused. */
const char *fetch_target_objection_to_text(
    const struct fetch_target_rules *rules, const char *address);

#endif
