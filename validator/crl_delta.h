/*
 * Which complete list a delta CRL may be put on top of (RFC 5280 5.2.4, 6.3.3 (c)). Pure rules;
 * that one key signed both (6.3.3 (h)) is checked where the signer is known.
 */
#ifndef BULLA_VALIDATOR_CRL_DELTA_H
#define BULLA_VALIDATOR_CRL_DELTA_H

#include "formats/crl.h"

/* The two together tell what a complete list of the delta's date would. */
bool crl_delta_fits(const struct crl *delta, const struct crl *base);
/* Order of two cRLNumbers (content of the INTEGER): <0, 0, >0. A missing one is before all. */
int crl_delta_compare_numbers(struct bytes a, struct bytes b);

#endif
