/*
 * Processes of the service for tests: real ones, forked, each with nothing open but its own link
 * and standard error. Mistakes end the program.
 */
#ifndef BULLA_TESTS_SUPPORT_SERVICE_PROCESS_H
#define BULLA_TESTS_SUPPORT_SERVICE_PROCESS_H

#include <sys/types.h>

#include "service/process/role.h"

/* A process with this main. Its control link is the caller's. */
pid_t service_process_start(int (*run)(struct scope *s, const struct role_context *c),
    const struct configuration *c, struct link **ret_control);
/* A process that answers at one end of a link until that ends; the other end is the caller's to
 * close or to give. */
pid_t service_process_answer(
    void (*answer)(void *ctx, struct link *link), void *ctx, int *ret_other_end);
/* Tells a process of a peer; the descriptor is closed here. */
void service_process_give(struct link *control, enum role role, int fd);
/* Waits for its end: what waitpid says. */
int service_process_end(pid_t pid);

#endif
