/*
 * Verdicts on an audit log, and on an export of it, for persons and for programs. Keys of the JSON
 * are stable: more may be added, none renamed.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_ACCOUNT_H
#define BULLA_SERVICE_LOG_AUDIT_ACCOUNT_H

#include "service/log/audit_export.h"

must_check enum err audit_account_of_log(
    struct scope *s, const struct audit_verdict *v, bool as_json, struct bytes *ret_text);
/* `name`: of the export's file. */
must_check enum err audit_account_of_export(struct scope *s, const char *name,
    const struct audit_export_verdict *v, bool as_json, struct bytes *ret_text);

#endif
