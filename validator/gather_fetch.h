/*
 * One fetch of a gathering. Private to the modules gather*. No address is asked twice in one job,
 * no more than LIMIT_FETCHES_PER_JOB are asked at all, and a fetch that fails is a fact to be told,
 * not an error of the job.
 */
#ifndef BULLA_VALIDATOR_GATHER_FETCH_H
#define BULLA_VALIDATOR_GATHER_FETCH_H

#include "validator/gather.h"

/* Asks once for each address and certificate (`about`, NULL for what is the same for all). *ret_got
 * is false when nothing came, or it was asked before, or the address cannot be asked. */
must_check enum err gather_fetch(struct scope *s, struct gather *g,
    const struct fetch_request *want, const struct cert *about, bool *ret_got,
    struct fetch_reply *ret_reply);
/* Certificates from the first of these addresses that has one of this subject name. */
must_check enum err gather_fetch_certs(
    struct scope *s, struct gather *g, const struct cert_texts *urls, struct bytes name);
/* Notes the scope's fault (text in words) as the failure of this address. ERR_NOMEM is passed on.
 */
must_check enum err gather_fetch_note(
    struct scope *s, struct gather *g, const char *url, enum err err);
must_check enum err gather_fetch_reject(
    struct scope *s, struct gather *g, const char *url, const char *why);

#endif
