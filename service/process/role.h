/*
 * The processes of the service, and what the steward tells them over their control link.
 *
 * A process begins with CONTROL_BEGIN, which holds the configuration as text (the same for all,
 * whatever happens to the file meanwhile) and its own index. Then come peers: CONTROL_PEER with one
 * descriptor, the process's end of a link to a peer. A peer that died is followed by a new one. The
 * end of the control link is the end of the process.
 */
#ifndef BULLA_SERVICE_PROCESS_ROLE_H
#define BULLA_SERVICE_PROCESS_ROLE_H

#include "service/configuration.h"
#include "service/process/link.h"

enum role {
	ROLE_STEWARD,
	ROLE_FRONT,
	ROLE_WORKER,
	ROLE_KEEPER,
	ROLE_FETCHER,
	ROLE_OPERATOR, /* a person's `bulla unlock`, over the admin socket; only to the keeper */
};
#define ROLE_COUNT (ROLE_OPERATOR + 1)
/* "front" ...; for process titles, logs and metrics */
const char *role_name(enum role role);

/* Frames on a control link. */
enum {
	CONTROL_BEGIN = 1,  /* ROLE_FIELD_CONFIGURATION, ROLE_FIELD_INDEX */
	CONTROL_PEER = 2,   /* ROLE_FIELD_ROLE, ROLE_FIELD_INDEX; one descriptor */
	CONTROL_RELOAD = 3, /* ROLE_FIELD_CONFIGURATION; to the front */
	CONTROL_STOP = 4,   /* finish what was begun, begin nothing more, end */
	CONTROL_READY = 5,  /* to the steward: set up and confined */
};
enum {
	ROLE_FIELD_CONFIGURATION = 1,
	ROLE_FIELD_ROLE = 2,
	ROLE_FIELD_INDEX = 3,
};

struct role_context {
	const struct configuration *configuration;
	struct link *control;
	unsigned index; /* of a worker */
};

/* The mains of the processes, run by service/cmd_serve.c in a fresh program: they return an exit
 * status. Each confines itself (service/process/confinement.h) before it sends CONTROL_READY. */
int front_process_run(struct scope *s, const struct role_context *c);
int worker_process_run(struct scope *s, const struct role_context *c);
int keeper_process_run(struct scope *s, const struct role_context *c);
int fetcher_process_run(struct scope *s, const struct role_context *c);

#endif
