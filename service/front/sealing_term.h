/*
 * How a sealing ends without being sealed, and what comes after its end: cancelling, expiry, the
 * removal of its files after times.sealed_days; and the recovery at start of what was being sealed
 * when the service ended.
 */
#ifndef BULLA_SERVICE_FRONT_SEALING_TERM_H
#define BULLA_SERVICE_FRONT_SEALING_TERM_H

#include "service/front/event_log.h"
#include "service/store/store_sealing.h"

/* awaiting -> cancelled; logged, and told the portal. ERR_MISUSE: it is not awaiting. */
must_check enum err sealing_term_cancel(struct front *f, struct scope *s,
    const struct event_log_actor *actor, const struct store_sealing *sealing, const char *cause,
    const char *text);
/* Before the first request: whatever stands in `sealing` goes back to awaiting, the files of its
 * attempt go, and the log tells. */
must_check enum err sealing_term_recover(struct front *f, struct scope *s, struct instant now);
/* While it runs: the same for what no thread works on any more: the end of its attempt could not be
 * written (disk full). */
must_check enum err sealing_term_recover_late(struct front *f, struct scope *s, struct instant now);
/* Sealings whose time is over. */
must_check enum err sealing_term_expire(struct front *f, struct scope *s, struct instant now);
/* Files of those that ended long enough ago. */
must_check enum err sealing_term_retire(struct front *f, struct scope *s, struct instant now);

#endif
