#include "tests/authority/authority_revoke.h"

#include "base/scope.h"
#include "tests/authority/authority_file.h"

static enum err check(struct scope *s, const struct authority_store_record *record,
    const struct authority_revoke *change)
{
	const struct authority_store_event *last = record->last;
	bool held = last && last->kind == AUTHORITY_SUSPENDED;
	if (last && last->kind == AUTHORITY_REVOKED)
		return scope_fault(s, ERR_DENIED, "%s: is revoked already", change->name);
	if (held && change->kind == AUTHORITY_SUSPENDED)
		return scope_fault(s, ERR_DENIED, "%s: is suspended already", change->name);
	if (!held && change->kind == AUTHORITY_RESUMED)
		return scope_fault(s, ERR_DENIED, "%s: is not suspended", change->name);
	if (last && instant_before(change->at, last->at))
		return scope_fault(s, ERR_DENIED, "%s: has a later change already", change->name);
	return OK;
}

enum err authority_revoke_record(
    struct scope *s, const char *dir, const struct authority_revoke *change)
{
	const struct authority_store *store;
	char at[INSTANT_TEXT], invalidity[INSTANT_TEXT] = "-";
	TRY(authority_file_lock(s, dir));
	TRY(authority_store_load(s, dir, &store));
	const struct authority_store_record *record = authority_store_find(store, change->name);
	if (!record)
		return scope_fault(s, ERR_DENIED, "%s: never issued", change->name);
	TRY(check(s, record, change));
	instant_to_rfc3339(change->at, at);
	if (instant_is_known(change->invalidity))
		instant_to_rfc3339(change->invalidity, invalidity);
	if (change->kind == AUTHORITY_REVOKED)
		return authority_store_append(
		    s, dir, "revoked %s %s %s %s\n", at, change->name, change->reason, invalidity);
	return authority_store_append(s, dir, "%s %s %s\n",
	    change->kind == AUTHORITY_SUSPENDED ? "suspended" : "resumed", at, change->name);
}
