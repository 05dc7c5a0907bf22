/*
 * `bulla replay`: the verdict of an evidence bundle, made again. argv[0] is the subcommand; the
 * result is the exit status: that of the verdict, EXIT_STATUS_DIFFERS when it is not the stored
 * one.
 */
#ifndef BULLA_SERVICE_CMD_REPLAY_H
#define BULLA_SERVICE_CMD_REPLAY_H

int cmd_replay(int argc, char **argv);

#endif
