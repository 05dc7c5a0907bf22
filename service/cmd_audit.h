/*
 * bulla audit verify | export: proves the audit log of the service whole, or names the first record
 * that is altered, missing, out of place; hands a partner its own records with proofs.
 */
#ifndef BULLA_SERVICE_CMD_AUDIT_H
#define BULLA_SERVICE_CMD_AUDIT_H

/* argv[0] is "audit". Returns the exit status. */
int cmd_audit(int argc, char **argv);

#endif
