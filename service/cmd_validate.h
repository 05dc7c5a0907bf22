/*
 * `bulla validate`. argv[0] is the subcommand; the result is the exit status, the worst one where
 * several files are judged (service/exit_status.h).
 */
#ifndef BULLA_SERVICE_CMD_VALIDATE_H
#define BULLA_SERVICE_CMD_VALIDATE_H

int cmd_validate(int argc, char **argv);

#endif
