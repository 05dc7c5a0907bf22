/*
 * `bulla partner add`: enters a partner, an organisation whose officers seal. The same can be done
 * on the desk.
 */
#ifndef BULLA_SERVICE_CMD_PARTNER_H
#define BULLA_SERVICE_CMD_PARTNER_H

/* Returns the exit status. Prints the partner's identifier. */
int cmd_partner(int argc, char **argv);

#endif
