/*
 * What happens without a request, in threads of its own: sealings and sessions end at their time,
 * files and rows go when their retention is over, keys are told of and destroyed, unattended
 * sealings that nobody waited for are sealed, filings that could not be judged are judged, the log
 * gets its timestamp every hour and at the end.
 *
 * A step that fails is written to standard error and tried again the next time round; no step keeps
 * another from its turn.
 */
#ifndef BULLA_SERVICE_FRONT_SEALING_CLOCK_H
#define BULLA_SERVICE_FRONT_SEALING_CLOCK_H

#include "service/front/front.h"

struct sealing_clock;

/* Recovers what was under way when the service ended, makes the secret of the windows' addresses,
 * and starts the threads; puts itself into the front. Before the first request. It lasts as long as
 * the scope, which is that of the process. */
must_check enum err sealing_clock_start(struct front *f, struct scope *s);
/* An unattended sealing was made: not to wait for the next round. NULL is fine. */
void sealing_clock_wake(struct sealing_clock *clock);
/* Ends the threads after what they are doing, and has the log timestamped once more. NULL is fine.
 */
void sealing_clock_stop(struct sealing_clock *clock);

/* A sealing that a thread works on, between the two: nobody else takes it for one that was given
 * up. `id` is borrowed in between. */
void sealing_clock_enter(struct sealing_clock *clock, const char *id);
void sealing_clock_leave(struct sealing_clock *clock, const char *id);
bool sealing_clock_is_running(struct sealing_clock *clock, const char *id);

#endif
