/*
 * `bulla person add`: enters a person who may log in. The first administrator is entered so;
 * everybody else can be entered by him on the desk.
 */
#ifndef BULLA_SERVICE_CMD_PERSON_H
#define BULLA_SERVICE_CMD_PERSON_H

/* Returns the exit status. Prints the person's identifier. */
int cmd_person(int argc, char **argv);

#endif
