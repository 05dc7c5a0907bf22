#include "service/front/clock_steps.h"

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/event_log.h"
#include "service/front/filing_engine.h"
#include "service/front/sealing_engine.h"
#include "service/log/audit_log.h"
#include "service/log/audit_timestamp.h"
#include "service/store/store_files.h"
#include "service/store/store_filing.h"
#include "service/store/store_key.h"
#include "service/store/store_session.h"
#include "service/store/store_webhook.h"

static const struct event_log_actor nobody = { 0 };

/* -- unattended sealings -- */

/* 2, 4, 8, ... seconds after the last attempt began, at most a minute. */
static bool is_due(const struct store_sealing *l, struct instant now)
{
	if (!l->attempts)
		return true;
	const int64_t wait = l->attempts < 6 ? (int64_t)1 << l->attempts : 60;
	return !instant_before(now, instant_add(l->begun, wait));
}

enum err clock_steps_seal(struct front *f, struct scope *s, struct instant now)
{
	struct store_sealing_list list;
	TRY(store_sealing_list_unattended(s, f->store, LIMIT_CLOCK_SEALINGS, &list));
	for (size_t i = 0; i < list.n; i++) {
		const struct store_sealing *l = &list.sealing[i];
		struct sealing_engine_outcome outcome;
		if (!is_due(l, now))
			continue;
		TRY(store_sealing_find(s, f->store, l->id, &l));
		if (!l || l->state != STORE_SEALING_AWAITING)
			continue;
		struct scope *own = scope_new(LIMIT_SEALING_SCOPE);
		enum err e = own ? sealing_engine_unattended(f, own, NULL, l, &outcome) : ERR_NOMEM;
		if (e != OK)
			e = scope_fault(s, e, "%s: %s", l->id, own ? scope_fault_text(own) : "");
		scope_free(own);
		TRY(e);
		if (outcome.end == SEALING_ENGINE_KEY_LOCKED)
			return OK;
	}
	return OK;
}

/* -- filings -- */

enum err clock_steps_filings(struct front *f, struct scope *s, struct instant now)
{
	(void)now;
	return filing_engine_resume(f, s);
}

enum err clock_steps_retire_filings(struct front *f, struct scope *s, struct instant now)
{
	const struct configuration *c = f->configuration;
	struct store_filing_list list;
	TRY(store_filing_list_retired(
	    s, f->store, instant_add(now, -(int64_t)c->times.filing_days * 86400), &list));
	for (size_t i = 0; i < list.n; i++) {
		const char *id = list.filing[i].id;
		TRY(event_log_write(f, s, &nobody,
		    (struct audit_entry){ .kind = AUDIT_FILING_REMOVED, .object = id }));
		TRY(store_filing_remove(s, f->store, id));
		TRY(store_files_remove(s, f->store, id));
	}
	return OK;
}

/* -- keys -- */

static enum err log_key(
    struct front *f, struct scope *s, enum audit_kind kind, const struct store_key *k)
{
	char until[INSTANT_TEXT];
	instant_to_rfc3339(k->not_after, until);
	const struct audit_entry e = { .kind = kind,
		.partner = k->partner,
		.object = k->id,
		.detail = { { "certificate", event_log_hex(s, k->certificate_sha256, 32), true },
		    { "until", until, true } } };
	return event_log_write(f, s, &nobody, e);
}

enum err clock_steps_keys(struct front *f, struct scope *s, struct instant now)
{
	const struct configuration *c = f->configuration;
	struct store_key_list list;
	TRY(store_key_list_ended(s, f->store, now, &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(store_key_destroy(s, f->store, list.key[i].id, now));
		TRY(log_key(f, s, AUDIT_KEY_DESTROYED, &list.key[i]));
	}
	TRY(store_key_list_ending(
	    s, f->store, instant_add(now, (int64_t)c->times.key_notice_days * 86400), &list));
	for (size_t i = 0; i < list.n; i++) {
		TRY(log_key(f, s, AUDIT_KEY_NOTICE, &list.key[i]));
		TRY(store_key_notified(s, f->store, list.key[i].id, now));
	}
	return OK;
}

/* -- what is only cleared away -- */

enum err clock_steps_sessions(struct front *f, struct scope *s, struct instant now)
{
	const struct configuration *c = f->configuration;
	const unsigned idle = c->times.window_minutes > c->times.desk_minutes
				  ? c->times.window_minutes
				  : c->times.desk_minutes;
	uint64_t n;
	return store_session_purge(s, f->store, now, instant_add(now, -(int64_t)idle * 60), &n);
}

enum err clock_steps_webhooks(struct front *f, struct scope *s, struct instant now)
{
	uint64_t n;
	return store_webhook_purge(s, f->store, instant_add(now, -LIMIT_CLOCK_DELIVERED_S), &n);
}

/* -- the log -- */

enum err clock_steps_head(struct front *f, struct scope *s, struct instant now)
{
	(void)s;
	(void)now;
	audit_log_settle(f->log);
	return OK;
}

static enum err stamp(struct front *f, struct scope *s)
{
	const struct worker_client worker = sealing_engine_worker(f);
	struct merkle_hash root;
	struct digest imprint;
	struct bytes token;
	uint64_t size, seq;
	TRY(audit_log_root(s, f->log, &size, &root));
	TRY(audit_timestamp_imprint(s, size, &root, &imprint));
	TRY(worker_client_stamp(s, &worker, digest_bytes(&imprint), &token));
	return audit_log_note_timestamp(s, f->log, size, &root, token, &seq);
}

enum err clock_steps_stamp(struct front *f, struct scope *s, struct instant now)
{
	const struct configuration *c = f->configuration;
	(void)now;
	if (!c->n_tsa || !audit_log_uncovered(f->log))
		return OK;
	const enum err e = stamp(f, s);
	if (e == OK)
		return OK;
	char *why;
	TRY(bytes_to_str(s, bytes_of_str(scope_fault_text(s)), &why));
	scope_forgive(s);
	TRY(event_log_write(f, s, &nobody,
	    (struct audit_entry){
		.kind = AUDIT_LOG_TIMESTAMP_FAILED, .detail = { { "cause", why, false } } }));
	return scope_fault(s, e, "%s", why);
}
