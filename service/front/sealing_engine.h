/*
 * How a sealing is sealed: by an officer with his partner's key, or without an officer. The states
 * and what a crash leaves are those of service/store/store_sealing.h and store_files.h; every
 * change is in the audit log before it is answered, and in the portal's queue of webhooks in the
 * same transaction.
 */
#ifndef BULLA_SERVICE_FRONT_SEALING_ENGINE_H
#define BULLA_SERVICE_FRONT_SEALING_ENGINE_H

#include "service/front/event_log.h"
#include "service/front/sealing_request.h"
#include "service/store/store_key.h"
#include "service/store/store_sealing.h"
#include "service/worker/worker_client.h"

enum sealing_engine_end {
	SEALING_ENGINE_SEALED,
	SEALING_ENGINE_NOT_AWAITING, /* somebody else was faster, or it is over: nothing was done */
	SEALING_ENGINE_PASSWORD_WRONG, /* back to awaiting */
	SEALING_ENGINE_PASSWORD_WAIT,  /* too many wrong ones: nothing was tried */
	SEALING_ENGINE_KEY_LOCKED, /* the unattended key waits for its operator; still awaiting */
	SEALING_ENGINE_BACK,       /* this attempt failed, another may do better: awaiting */
	SEALING_ENGINE_FAILED,     /* for good; unattended only */
};
struct sealing_engine_outcome {
	enum sealing_engine_end end;
	const char *cause;      /* a code; "" when sealed */
	const char *cause_text; /* for people */
	unsigned wait_s;        /* PASSWORD_WAIT */
};

/* The clock of the machine. */
struct instant sealing_engine_now(void);
/* Whom to ask for jobs on documents. */
struct worker_client sealing_engine_worker(struct front *f);

/* One attempt with a partner's deposited key. The password is the field `password` of the request,
 * and is wiped there as soon as the keeper has it. Whatever went wrong with the attempt is the
 * outcome; an error means that the store or the log did not work: then the sealing is where the
 * recovery finds it. */
must_check enum err sealing_engine_attend(struct front *f, struct scope *s,
    const struct http_request *q, const struct person_session *officer,
    const struct store_sealing *sealing, const struct store_key *key,
    struct sealing_engine_outcome *ret_outcome);
/* One attempt with the portal's unattended key. `q` NULL: from the clock. */
must_check enum err sealing_engine_unattended(struct front *f, struct scope *s,
    const struct http_request *q, const struct store_sealing *sealing,
    struct sealing_engine_outcome *ret_outcome);

#endif
