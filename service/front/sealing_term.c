#include "service/front/sealing_term.h"

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/sealing_clock.h"
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

static enum err note_interrupted(struct front *f, struct scope *s, const struct store_sealing *l)
{
	const struct event_log_actor nobody = { 0 };
	TRY(event_log_write(f, s, &nobody, entry_of(AUDIT_SEALING_FAILED, l, "interrupted")));
	return store_files_drop_attempts(s, f->store, l->id, 0);
}

enum err sealing_term_recover(struct front *f, struct scope *s, struct instant now)
{
	const char *const *ids;
	size_t n;
	/* all, also if the clock was set back */
	TRY(store_sealing_recover(s, f->store, instant_add(now, 86400), &ids, &n));
	for (size_t i = 0; i < n; i++) {
		const struct store_sealing *l;
		TRY(store_sealing_find(s, f->store, ids[i], &l));
		if (l)
			TRY(note_interrupted(f, s, l));
	}
	return OK;
}

enum err sealing_term_recover_late(struct front *f, struct scope *s, struct instant now)
{
	const struct store_sealing_filter filter = {
		.state = STORE_SEALING_SEALING, .since = INSTANT_NONE, .before = INSTANT_NONE
	};
	struct store_sealing_list list;
	(void)now;
	TRY(store_sealing_list(
	    s, f->store, &filter, (struct store_page){ .limit = LIMIT_STORE_PAGE }, &list));
	for (size_t i = 0; i < list.n; i++) {
		const struct store_sealing *l = &list.sealing[i];
		if (sealing_clock_is_running(f->clock, l->id))
			continue;
		/* It ended after it was listed, or nobody works on it: the attempt's number tells.
		 */
		const enum err e =
		    store_sealing_back(s, f->store, l->id, l->attempts, "interrupted", "");
		if (e == OK)
			TRY(note_interrupted(f, s, l));
		else if (e == ERR_MISUSE)
			scope_forgive(s);
		else
			return e;
	}
	return OK;
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
