#include "service/front/sealing_term.h"

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/sealing_notice.h"
#include "service/store/store_files.h"

struct change {
	const struct configuration *c;
	const struct store_sealing *sealing;
	const char *cause, *text;
	struct instant now;
};

static enum err cancel(void *ctx, struct scope *s, struct store *store)
{
	const struct change *w = ctx;
	const struct sealing_notice notice = { "sealing.cancelled", w->cause, w->now };
	TRY(store_sealing_cancel(s, store, w->sealing->id, w->cause, w->text, w->now));
	return sealing_notice_add(s, store, w->c, w->sealing, &notice, NULL);
}

static enum err expire(void *ctx, struct scope *s, struct store *store)
{
	const struct change *w = ctx;
	const struct sealing_notice notice = { "sealing.expired", "expired", w->now };
	TRY(store_sealing_expire(s, store, w->sealing->id, w->now));
	return sealing_notice_add(s, store, w->c, w->sealing, &notice, NULL);
}

static struct audit_entry entry_of(
    enum audit_kind kind, const struct store_sealing *l, const char *cause)
{
	return (struct audit_entry){ .kind = kind,
		.partner = l->partner,
		.object = l->id,
		.detail = { { cause ? "cause" : NULL, cause, false } } };
}

enum err sealing_term_cancel(struct front *f, struct scope *s, const struct event_log_actor *actor,
    const struct store_sealing *sealing, const char *cause, const char *text)
{
	struct change w = { f->configuration, sealing, cause, text, actor->q->at };
	TRY(store_write(s, f->store, cancel, &w));
	return event_log_write(f, s, actor, entry_of(AUDIT_SEALING_CANCELLED, sealing, cause));
}

static enum err recover(struct front *f, struct scope *s, struct instant before)
{
	const struct event_log_actor nobody = { 0 };
	const char *const *ids;
	size_t n;
	TRY(store_sealing_recover(s, f->store, before, &ids, &n));
	for (size_t i = 0; i < n; i++) {
		const struct store_sealing *l;
		TRY(store_sealing_find(s, f->store, ids[i], &l));
		if (!l)
			continue;
		TRY(event_log_write(
		    f, s, &nobody, entry_of(AUDIT_SEALING_FAILED, l, "interrupted")));
		TRY(store_files_drop_attempts(s, f->store, l->id, 0));
	}
	return OK;
}

enum err sealing_term_recover(struct front *f, struct scope *s, struct instant now)
{
	return recover(f, s, instant_add(now, 86400)); /* all, also if the clock was set back */
}

enum err sealing_term_recover_late(struct front *f, struct scope *s, struct instant now)
{
	const struct configuration *c = f->configuration;
	const int64_t one = (int64_t)c->workers.seconds + LIMIT_WORKER_WAIT_MS / 1000;
	return recover(f, s, instant_add(now, -one * (int64_t)c->limits.documents - 600));
}

enum err sealing_term_expire(struct front *f, struct scope *s, struct instant now)
{
	const struct event_log_actor nobody = { 0 };
	struct store_sealing_list list;
	TRY(store_sealing_list_expired(s, f->store, now, &list));
	for (size_t i = 0; i < list.n; i++) {
		struct change w = { f->configuration, &list.sealing[i], "expired", "", now };
		const enum err e = store_write(s, f->store, expire, &w);
		if (e == OK)
			TRY(event_log_write(
			    f, s, &nobody, entry_of(AUDIT_SEALING_EXPIRED, w.sealing, NULL)));
		else if (e == ERR_MISUSE) /* an officer was faster */
			scope_forgive(s);
		else
			return e;
	}
	return OK;
}

enum err sealing_term_retire(struct front *f, struct scope *s, struct instant now)
{
	const struct event_log_actor nobody = { 0 };
	const struct configuration *c = f->configuration;
	struct store_sealing_list list;
	TRY(store_sealing_list_retired(
	    s, f->store, instant_add(now, -(int64_t)c->times.sealed_days * 86400), &list));
	for (size_t i = 0; i < list.n; i++) {
		const struct store_sealing *l = &list.sealing[i];
		TRY(store_sealing_retire(s, f->store, l->id));
		TRY(store_files_remove(s, f->store, l->id));
		TRY(event_log_write(f, s, &nobody, entry_of(AUDIT_SEALING_REMOVED, l, NULL)));
	}
	return OK;
}
