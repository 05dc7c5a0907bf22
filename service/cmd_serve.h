/*
 * `bulla serve`: the service. `serve-role` is what its processes are started as.
 */
#ifndef BULLA_SERVICE_CMD_SERVE_H
#define BULLA_SERVICE_CMD_SERVE_H

int cmd_serve(int argc, char **argv);
/* Not for people: wants its control link as descriptor 3. */
int cmd_serve_role(int argc, char **argv);

#endif
