/*
 * A partner's own pages, on the window: its seal keys. Depositing a PKCS#12, changing its password,
 * withdrawing it. The password is handed to the keeper and wiped; no page ever holds it.
 */
#ifndef BULLA_SERVICE_FRONT_PARTNER_KEYS_H
#define BULLA_SERVICE_FRONT_PARTNER_KEYS_H

#include "service/front/route.h"

/* /, /partner, /partner/keys/... */
extern const struct route partner_keys_routes[];

#endif
