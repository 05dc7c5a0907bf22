/*
 * bulla unlock: opens a key of the operator's own in the running service, for sealing without an
 * officer; locks it again; tells which are open. Speaks to the keeper over DATA/run/admin.sock.
 */
#ifndef BULLA_SERVICE_CMD_UNLOCK_H
#define BULLA_SERVICE_CMD_UNLOCK_H

/* argv[0] is "unlock". Returns an exit status. */
int cmd_unlock(int argc, char **argv);

#endif
