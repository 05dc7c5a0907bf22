#include "service/front/sealing_engine.h"

#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/filing_engine.h"
#include "service/front/link_pool.h"
#include "service/front/sealing_clock.h"
#include "service/front/sealing_notice.h"
#include "service/front/worker_output.h"
#include "service/keeper/keeper_client.h"
#include "service/store/store_files.h"

/* One attempt while it runs. */
struct attempt {
	struct front *f;
	struct scope *s;
	const struct configuration *c;
	struct event_log_actor actor;
	const struct store_sealing *sealing;
	unsigned number;
	struct keeper_client_session unlocked; /* token.n 0: not unlocked */
	struct store_sealing_document *document;
	bool is_refused_by_witness;
	struct sealing_engine_outcome *outcome;
};

struct worker_client sealing_engine_worker(struct front *f)
{
	const struct configuration *c = f->configuration;
	return (struct worker_client){
		.pool = f->workers,
		.wait_ms = LIMIT_WORKER_WAIT_MS,
		.work_ms = (int)c->workers.seconds * 1000,
	};
}

struct instant sealing_engine_now(void)
{
	return (struct instant){ time(NULL) };
}

static enum err log_it(
    const struct attempt *a, enum audit_kind kind, const char *name, const char *text)
{
	const struct store_sealing *l = a->sealing;
	struct audit_entry e = { .kind = kind, .partner = l->partner, .object = l->id };
	size_t n = 0;
	e.detail[n++] = (struct audit_detail){ "attempt", event_log_number(a->s, a->number), true };
	if (name)
		e.detail[n++] = (struct audit_detail){ name, text, false };
	return event_log_write(a->f, a->s, &a->actor, e);
}

/* -- the keeper -- */

static unsigned session_seconds(const struct attempt *a)
{
	const uint64_t most = (uint64_t)a->c->workers.seconds * a->sealing->n_documents +
			      LIMIT_WORKER_WAIT_MS / 1000 * a->sealing->n_documents + 60;
	return most > LIMIT_KEEPER_SECONDS ? LIMIT_KEEPER_SECONDS : (unsigned)most;
}

static enum err unlock(struct attempt *a, const char *key)
{
	struct scope *s = a->s;
	struct bytes wrapped;
	struct link *l;
	TRY(store_key_wrapped(s, a->f->store, key, &wrapped));
	TRY(link_pool_take(s, a->f->keeper, LIMIT_KEEPER_CALL_MS, &l));
	const char *typed = http_request_field(a->actor.q, "password");
	const enum err e =
	    keeper_client_unlock_session(s, l, wrapped, bytes_of_str(typed ? typed : ""),
		(unsigned)a->sealing->n_documents, session_seconds(a), &a->unlocked);
	http_request_wipe(a->actor.q, "password");
	link_pool_give(a->f->keeper, l);
	return e;
}

static enum err grant(struct attempt *a, const char *name)
{
	struct link *l;
	TRY(link_pool_take(a->s, a->f->keeper, LIMIT_KEEPER_CALL_MS, &l));
	const enum err e = keeper_client_grant(
	    a->s, l, name, (unsigned)a->sealing->n_documents, session_seconds(a), &a->unlocked);
	link_pool_give(a->f->keeper, l);
	return e;
}

/* Whatever came before: the session ends. When the keeper cannot be told, its own time ends it. */
static void lock(struct attempt *a)
{
	struct scope *s = scope_new(LIMIT_SEALING_SCOPE);
	struct link *l;
	if (s && a->unlocked.token.n &&
	    link_pool_take(s, a->f->keeper, LIMIT_KEEPER_CALL_MS, &l) == OK) {
		/* an error here changes nothing for the sealing: the token has no uses left, or
		 * ends */
		if (keeper_client_close_session(s, l, a->unlocked.token) != OK)
			scope_forgive(s);
		link_pool_give(a->f->keeper, l);
	}
	scope_free(s);
}

/* -- the work -- */

static enum err certificates(const struct attempt *a, const struct bytes **ret_list, size_t *ret_n)
{
	const struct keeper_client_certificates *c = &a->unlocked.certificates;
	struct bytes *list = scope_alloc_array(a->s, c->n_chain + 1, sizeof *list);
	if (!list)
		return ERR_NOMEM;
	list[0] = c->certificate;
	if (c->n_chain)
		memcpy(list + 1, c->chain, c->n_chain * sizeof *list);
	*ret_list = list;
	*ret_n = c->n_chain + 1;
	return OK;
}

/* The file that is kept, looked at by another worker than the one that had the key. Only what was
 * looked at is handed out; a worker that ends over it is replaced, as with any document. */
static enum err witness(struct attempt *a, const struct worker_client_seal_request *sealing,
    const struct worker_client_sealed *sealed, struct store_files_name name,
    struct store_sealing_document *d)
{
	const struct worker_client worker = sealing_engine_worker(a->f);
	struct worker_client_witness_request r = {
		.sealing = sealing, .sealed = sealed, .by_itself = a->c->workers.n == 1
	};
	struct worker_client_judgement judgement;
	uint64_t size;
	TRY(store_files_open(a->s, a->f->store, name, &r.output, &size));
	enum err e = worker_client_witness(a->s, &worker, &r, &judgement);
	for (unsigned tries = 1; e == ERR_INTERNAL && tries < LIMIT_WORKER_TRIES; tries++) {
		scope_forgive(a->s);
		e = worker_client_witness(a->s, &worker, &r, &judgement);
	}
	a->is_refused_by_witness = e == ERR_DENIED;
	TRY(e);
	d->summary = judgement.summary;
	return OK;
}

static enum err seal_one(struct attempt *a, struct store_sealing_document *d)
{
	struct scope *s = a->s;
	struct store *store = a->f->store;
	const struct store_sealing *l = a->sealing;
	const struct worker_client worker = sealing_engine_worker(a->f);
	struct worker_client_seal_request r = {
		.name = d->name, .token = a->unlocked.token, .options = bytes_of_str(l->options)
	};
	const struct store_files_name name = {
		.id = l->id, .kind = STORE_FILES_SEALED, .n = d->n, .attempt = a->number
	};
	struct worker_client_sealed sealed;
	uint64_t size;
	TRY(certificates(a, &r.certificate, &r.n_certificates));
	TRY(filing_engine_approved(a->f, s, &r.approved, &r.n_approved));
	TRY(store_files_open(s, store,
	    (struct store_files_name){ .id = l->id, .kind = STORE_FILES_DOCUMENT, .n = d->n },
	    &r.document, &size));
	TRY(worker_output_begin(s, store, size, &r.output));
	TRY(worker_client_seal(s, &worker, &r, &sealed));
	const struct worker_output output = { .fd = r.output,
		.size = sealed.size,
		.sha256 = sealed.sha256,
		.original = r.document,
		.original_size = size };
	TRY(worker_output_keep(s, store, &output, name));
	d->sealed_size = sealed.size;
	memcpy(d->sealed_sha256, sealed.sha256, sizeof d->sealed_sha256);
	return witness(a, &r, &sealed, name, d);
}

static enum err seal_all(struct attempt *a)
{
	const struct store_sealing *l = a->sealing;
	a->document = scope_alloc_array(a->s, l->n_documents, sizeof *a->document);
	if (!a->document)
		return ERR_NOMEM;
	for (size_t i = 0; i < l->n_documents; i++) {
		a->document[i] = l->document[i];
		TRY(seal_one(a, &a->document[i]));
	}
	return OK;
}

static enum err commit(void *ctx, struct scope *s, struct store *store)
{
	const struct attempt *a = ctx;
	const struct store_sealing *l = a->sealing;
	const struct sealing_notice notice = { "sealing.sealed", "", sealing_engine_now() };
	TRY(store_sealing_finish(
	    s, store, l->id, a->number, a->document, l->n_documents, notice.at));
	return sealing_notice_add(s, store, a->c, l, &notice, a->document);
}

/* The record comes before the commit that hands the files out: no sealed document without one. If
 * the commit then fails, the next record says so. */
static enum err finish(struct attempt *a)
{
	for (size_t i = 0; i < a->sealing->n_documents; i++)
		TRY(log_it(a, AUDIT_SEALING_SEALED, "sha256",
		    event_log_hex(a->s, a->document[i].sealed_sha256, 32)));
	TRY(store_write(a->s, a->f->store, commit, a));
	/* Only litter of earlier attempts: what cannot be removed now goes with the folder. */
	if (store_files_drop_attempts(a->s, a->f->store, a->sealing->id, a->number) != OK)
		scope_forgive(a->s);
	*a->outcome = (struct sealing_engine_outcome){
		.end = SEALING_ENGINE_SEALED, .cause = "", .cause_text = ""
	};
	return OK;
}

/* -- what went wrong -- */

static const char *cause_of(enum err e)
{
	if (e == ERR_NET)
		return "service-unreachable";
	if (e == ERR_LIMIT)
		return "too-much-work";
	if (e == ERR_INTERNAL)
		return "process-lost";
	if (e == ERR_MISUSE)
		return "key-session-ended";
	return e == ERR_IO || e == ERR_NOMEM ? "storage" : "refused";
}

/* Whether the same may go well another time. */
static bool is_passing(enum err e)
{
	return e == ERR_NET || e == ERR_INTERNAL || e == ERR_IO || e == ERR_MISUSE ||
	       e == ERR_NOMEM || e == ERR_LIMIT;
}

struct give_up {
	const struct attempt *a;
	const char *cause, *text;
	bool for_good;
};

static enum err give_up(void *ctx, struct scope *s, struct store *store)
{
	const struct give_up *g = ctx;
	const struct attempt *a = g->a;
	const char *id = a->sealing->id;
	const struct sealing_notice notice = { "sealing.failed", g->cause, sealing_engine_now() };
	if (!g->for_good)
		return store_sealing_back(s, store, id, a->number, g->cause, g->text);
	TRY(store_sealing_fail(s, store, id, a->number, g->cause, g->text, notice.at));
	return sealing_notice_add(s, store, a->c, a->sealing, &notice, NULL);
}

/* The attempt is over without a result: what is in the outcome, and in the row. */
static enum err back(struct attempt *a, enum sealing_engine_end end, const char *cause)
{
	char *text;
	TRY(bytes_to_str(a->s, bytes_of_str(scope_fault_text(a->s)), &text));
	scope_forgive(a->s);
	struct give_up g = {
		.a = a, .cause = cause, .text = text, .for_good = end == SEALING_ENGINE_FAILED
	};
	a->outcome->end = end;
	a->outcome->cause = cause;
	a->outcome->cause_text = text;
	TRY(log_it(a, AUDIT_SEALING_FAILED, "cause", cause));
	TRY(store_write(a->s, a->f->store, give_up, &g));
	if (store_files_drop_attempts(a->s, a->f->store, a->sealing->id, 0) != OK)
		scope_forgive(a->s);
	return OK;
}

static enum err password_refused(struct attempt *a, enum err e)
{
	a->outcome->wait_s = keeper_client_wait(a->s);
	if (e == ERR_DENIED) {
		TRY(log_it(a, AUDIT_KEY_PASSWORD_WRONG, "key", a->sealing->key));
		return back(a, SEALING_ENGINE_PASSWORD_WRONG, "password-wrong");
	}
	if (a->outcome->wait_s)
		return back(a, SEALING_ENGINE_PASSWORD_WAIT, "password-wait");
	return back(a, SEALING_ENGINE_BACK,
	    e == ERR_IO || e == ERR_NET ? "keeper-unreachable" : "key-unusable");
}

static enum err begin(struct attempt *a, const char *officer, const char *key, bool *ret_begun)
{
	const struct store_sealing_attempt who = {
		.officer = officer, .key = key, .now = sealing_engine_now()
	};
	/* Before the row says so: what nobody works on goes back. */
	sealing_clock_enter(a->f->clock, a->sealing->id);
	const enum err e = store_sealing_begin(a->s, a->f->store, a->sealing->id, &who, &a->number);
	*ret_begun = e == OK;
	if (e != OK)
		sealing_clock_leave(a->f->clock, a->sealing->id);
	if (e != ERR_MISUSE)
		return e;
	scope_forgive(a->s);
	*a->outcome = (struct sealing_engine_outcome){
		.end = SEALING_ENGINE_NOT_AWAITING, .cause = "wrong-state", .cause_text = ""
	};
	return OK;
}

static enum err work(struct attempt *a, bool for_good)
{
	enum err e = log_it(a, AUDIT_SEALING_STARTED, NULL, NULL);
	if (e == OK)
		e = seal_all(a);
	lock(a);
	if (e == OK)
		e = finish(a);
	if (e == OK)
		return OK;
	const bool is_last = !is_passing(e) || a->number >= LIMIT_SEALING_ATTEMPTS;
	return back(a, for_good && is_last ? SEALING_ENGINE_FAILED : SEALING_ENGINE_BACK,
	    a->is_refused_by_witness ? "seal-refused" : cause_of(e));
}

enum err sealing_engine_attend(struct front *f, struct scope *s, const struct http_request *q,
    const struct person_session *officer, const struct store_sealing *sealing,
    const struct store_key *key, struct sealing_engine_outcome *ret_outcome)
{
	struct sealing_engine_outcome outcome = { 0 };
	struct store_sealing with_key = *sealing;
	with_key.key = key->id;
	struct attempt a = { .f = f,
		.s = s,
		.c = f->configuration,
		.actor = { .q = q, .person = officer },
		.sealing = &with_key,
		.outcome = &outcome };
	bool begun;
	enum err e = begin(&a, officer->person, key->id, &begun);
	if (e == OK && begun) {
		e = unlock(&a, key->id);
		e = e == OK ? work(&a, false) : password_refused(&a, e);
		sealing_clock_leave(f->clock, sealing->id);
	}
	http_request_wipe(q, "password");
	*ret_outcome = outcome;
	return e;
}

static enum err key_locked(struct attempt *a, enum err e)
{
	*a->outcome = (struct sealing_engine_outcome){ .end = SEALING_ENGINE_KEY_LOCKED,
		.cause = e == ERR_MISUSE ? "key-locked" : "keeper-unreachable",
		.cause_text = "" };
	scope_forgive(a->s);
	return OK;
}

enum err sealing_engine_unattended(struct front *f, struct scope *s, const struct http_request *q,
    const struct store_sealing *sealing, struct sealing_engine_outcome *ret_outcome)
{
	struct sealing_engine_outcome outcome = { 0 };
	struct attempt a = { .f = f,
		.s = s,
		.c = f->configuration,
		.actor = { .q = q, .portal = q ? sealing->portal : NULL },
		.sealing = sealing,
		.outcome = &outcome };
	const struct configuration_portal *portal = configuration_find_portal(a.c, sealing->portal);
	bool begun = false;
	enum err e =
	    portal && portal->unattended_key ? grant(&a, portal->unattended_key) : ERR_MISUSE;
	if (e != OK)
		e = key_locked(&a, e);
	else
		e = begin(&a, NULL, portal->unattended_key, &begun);
	if (begun) {
		e = work(&a, true);
		sealing_clock_leave(f->clock, sealing->id);
	} else {
		lock(&a);
	}
	*ret_outcome = outcome;
	return e;
}
