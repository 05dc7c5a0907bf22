/*
 * The steward's children: starting, connecting, ending them. What is decided about them is
 * service/process/steward.c's matter.
 */
#ifndef BULLA_SERVICE_PROCESS_PROCESS_TABLE_H
#define BULLA_SERVICE_PROCESS_PROCESS_TABLE_H

#include <sys/types.h>

#include "service/process/role.h"

struct process {
	enum role role;
	unsigned index; /* unique for ever */
	pid_t pid;      /* 0: to be started at `due_ms` */
	struct link *control;
	bool ready, stopping;
	int64_t started_ms, due_ms;
	unsigned failures; /* in a row */
};

struct process_table {
	struct process *item; /* a place for each process there shall be */
	size_t n, room;
	unsigned last_index;
	struct bytes configuration; /* its text, given to who starts */
	const char *folder;
};

/* A place for a process, to be started at once. */
must_check enum err process_table_add(struct scope *s, struct process_table *t, enum role role);
/* Starts the process of a place and connects it with those that run. ERR_IO, ERR_INTERNAL: it will
 * be tried again. */
must_check enum err process_table_start(
    struct scope *s, struct process_table *t, struct process *p);
/* A frame without content, or with the configuration (CONTROL_RELOAD). A process that takes none is
 * killed. */
void process_table_tell(struct process_table *t, struct process *p, uint32_t kind);
/* Gives a process one end of a link. */
must_check enum err process_table_give_peer(
    struct scope *s, struct process *p, enum role role, unsigned index, int fd);
/* A new link between two that run. */
must_check enum err process_table_connect(struct scope *s, struct process *a, struct process *b);
struct process *process_table_of_pid(struct process_table *t, pid_t pid);
/* The first of that role that runs, or NULL. */
struct process *process_table_of_role(struct process_table *t, enum role role);
/* It died: its place waits to be filled again, the longer the more often it failed. */
void process_table_mourn(struct process *p, int64_t now_ms, bool failed);
/* Milliseconds on a clock that only goes forward. */
int64_t process_table_clock(void);

#endif
