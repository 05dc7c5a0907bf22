/*
 * A deposited seal key as pages show it.
 */
#ifndef BULLA_SERVICE_FRONT_KEY_VIEW_H
#define BULLA_SERVICE_FRONT_KEY_VIEW_H

#include "service/front/page.h"
#include "service/store/store_key.h"

/* Values for key_facts.html, and `address`, `state`, `tone`, `is_ending`, `may_withdraw`. */
must_check enum err key_view_put(
    const struct page *p, const struct store_key *k, struct template_data *d);
/* What the judge says of the certificate today, for key_judgement.html: has a worker look at it.
 * Where none is free, `is_unchecked` stands instead. */
must_check enum err key_view_judge(
    const struct page *p, const struct store_key *k, struct template_data *d);

#endif
