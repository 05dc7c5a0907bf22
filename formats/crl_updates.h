/*
 * The two dates of a CRL, thisUpdate and nextUpdate (RFC 5280 5.1.2.4, 5.1.2.5), without reading
 * its entries: for lists that are only passed on.
 */
#ifndef BULLA_FORMATS_CRL_UPDATES_H
#define BULLA_FORMATS_CRL_UPDATES_H

#include "base/bytes.h"
#include "base/instant.h"

/* `file` must be one DER value (not PEM). *ret_next is INSTANT_NONE if absent. ERR_FORMAT. */
must_check enum err crl_updates_read(
    struct scope *s, struct bytes file, struct instant *ret_this, struct instant *ret_next);

#endif
