/*
 * Records of the audit log as the front's routes and its clock make them: who did it, from where,
 * is filled in from the request and the session.
 */
#ifndef BULLA_SERVICE_FRONT_EVENT_LOG_H
#define BULLA_SERVICE_FRONT_EVENT_LOG_H

#include "service/front/front.h"
#include "service/front/person_session.h"
#include "service/log/audit_record.h"

/* Who acts. All NULL: the service by itself. */
struct event_log_actor {
	const struct http_request *q;
	const struct person_session *person;
	const char *portal; /* id */
};

/* On the disk when it returns. `entry` has kind, partner, object, detail; address, session and
 * actor come from `actor`. ERR_IO: then nothing that depends on it may be answered. */
must_check enum err event_log_write(struct front *f, struct scope *s,
    const struct event_log_actor *actor, struct audit_entry entry);
/* A detail that is a number, in the scope; NULL: no memory (the detail then says null). */
const char *event_log_number(struct scope *s, uint64_t number);
/* Octets as hex, likewise. */
const char *event_log_hex(struct scope *s, const uint8_t *octets, size_t n);

#endif
