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
/* "front" ...; for process titles, logs and metrics */
const char *role_name(enum role role);

/* Frames on a control link. */
enum {
	CONTROL_BEGIN = 1,  /* ROLE_FIELD_CONFIGURATION, ROLE_FIELD_INDEX */
	CONTROL_PEER = 2,   /* ROLE_FIELD_ROLE, ROLE_FIELD_INDEX; one descriptor */
	CONTROL_RELOAD = 3, /* ROLE_FIELD_CONFIGURATION; to the front */
	CONTROL_STOP = 4,   /* finish what was begun, begin nothing more, end */
	CONTROL_READY = 5,  /* to the steward: set up and confined */
	CONTROL_END = 6, /* from the front: ROLE_FIELD_INDEX, a worker that overran, to be killed */
	CONTROL_WANT = 7, /* from the front: ROLE_FIELD_ROLE, of the keeper or the fetcher: a link
			     broke though the peer lives; another one is wanted */
};
enum {
	ROLE_FIELD_CONFIGURATION = 1, /* the file's octets */
	ROLE_FIELD_ROLE = 2,
	ROLE_FIELD_INDEX = 3,  /* of a process; no two that ever were share one */
	ROLE_FIELD_FOLDER = 4, /* that the configuration's relative paths count from */
};

/* A peer as CONTROL_PEER tells it. */
struct role_peer {
	enum role role;
	unsigned index;
	struct link *link; /* the taker's, to free */
};
/* Of a frame of that kind that came over `control`. ERR_FORMAT, ERR_NOMEM. */
must_check enum err role_take_peer(
    struct scope *s, struct link *control, struct link_frame *frame, struct role_peer *ret_peer);
/* The configuration of CONTROL_BEGIN and CONTROL_RELOAD, in the scope, and the index (NULL: not
 * wanted). */
must_check enum err role_take_configuration(struct scope *s, struct bytes content,
    const struct configuration **ret_configuration, unsigned *ret_index);

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
