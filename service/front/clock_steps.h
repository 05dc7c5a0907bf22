/*
 * The steps that service/front/sealing_clock.c takes, each for what is due at `now`; sealings end
 * in sealing_term.h.
 */
#ifndef BULLA_SERVICE_FRONT_CLOCK_STEPS_H
#define BULLA_SERVICE_FRONT_CLOCK_STEPS_H

#include "service/front/front.h"

/* Seals unattended sealings that wait: the oldest first, until none is left or the key is locked.
 * One that failed is tried again after a while that grows. */
must_check enum err clock_steps_seal(struct front *f, struct scope *s, struct instant now);
/* Judges filings that were received while no worker was free. */
must_check enum err clock_steps_filings(struct front *f, struct scope *s, struct instant now);
/* Removes filings after times.filing_days. */
must_check enum err clock_steps_retire_filings(
    struct front *f, struct scope *s, struct instant now);
/* Notes keys whose certificate ends within times.key_notice_days; destroys those past its end. */
must_check enum err clock_steps_keys(struct front *f, struct scope *s, struct instant now);
must_check enum err clock_steps_sessions(struct front *f, struct scope *s, struct instant now);
/* Forgets messages that portals took long ago. */
must_check enum err clock_steps_webhooks(struct front *f, struct scope *s, struct instant now);
/* Lets the head of the log catch up. */
must_check enum err clock_steps_head(struct front *f, struct scope *s, struct instant now);
/* Has the root of the log timestamped, when it has records that no timestamp covers. */
must_check enum err clock_steps_stamp(struct front *f, struct scope *s, struct instant now);

#endif
