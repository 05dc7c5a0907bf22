/*
 * `bulla seal` and `bulla extend`. argv[0] is the subcommand; the result is the exit status.
 */
#ifndef BULLA_SERVICE_CMD_SEAL_H
#define BULLA_SERVICE_CMD_SEAL_H

int cmd_seal(int argc, char **argv);
int cmd_seal_extend(int argc, char **argv);

#endif
