/*
 * `bulla inspect`. argv[0] is the subcommand; the result is the exit status.
 */
#ifndef BULLA_SERVICE_CMD_INSPECT_H
#define BULLA_SERVICE_CMD_INSPECT_H

int cmd_inspect(int argc, char **argv);

#endif
