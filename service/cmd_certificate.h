/*
 * `bulla certificate`: judges one certificate. argv[0] is the subcommand; the result is the exit
 * status (service/exit_status.h).
 */
#ifndef BULLA_SERVICE_CMD_CERTIFICATE_H
#define BULLA_SERVICE_CMD_CERTIFICATE_H

int cmd_certificate(int argc, char **argv);

#endif
