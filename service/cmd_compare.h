/*
 * bulla compare: what a document looked like when it was sealed, what it looks like now, and where
 * that differs.
 */
#ifndef BULLA_SERVICE_CMD_COMPARE_H
#define BULLA_SERVICE_CMD_COMPARE_H

/* argv[0] is "compare". Returns an exit status: 0 nothing visible changed, 1 something did. */
int cmd_compare(int argc, char **argv);

#endif
