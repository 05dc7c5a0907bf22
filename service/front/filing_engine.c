#include "service/front/filing_engine.h"

#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "service/front/filing_judgement.h"
#include "service/front/sealing_engine.h"
#include "service/front/sealing_notice.h"
#include "service/front/upload_file.h"
#include "service/front/worker_output.h"
#include "service/store/identifier.h"
#include "service/store/store_approval.h"
#include "service/store/store_files.h"
#include "service/store/store_filing.h"

/* One judgement while it is made. */
struct judging {
	struct front *f;
	struct scope *s;
	const struct event_log_actor *actor;
	const struct store_filing *filing;
	struct filing_judgement result;
	struct bytes report;
};

static struct store_files_name file_of(
    const struct store_filing *l, enum store_files_kind kind, struct instant judged)
{
	/* Each verdict has files of its own, found by its instant: the row says which one counts.
	 */
	return (struct store_files_name){ .id = l->id,
		.kind = kind,
		.n = kind == STORE_FILES_DOCUMENT ? 0 : (unsigned)judged.unix_s };
}

enum err filing_engine_approved(
    struct front *f, struct scope *s, const struct bytes **ret_list, size_t *ret_n)
{
	struct bytes *list = NULL;
	size_t n = 0;
	struct store_page page = { .limit = LIMIT_STORE_PAGE };
	do {
		struct store_approval_list some;
		TRY(store_approval_list(s, f->store, STORE_APPROVAL_APPROVED, page, &some));
		list = scope_resize(s, list, n * sizeof *list, (n + some.n + 1) * sizeof *list);
		if (!list)
			return ERR_NOMEM;
		for (size_t i = 0; i < some.n; i++)
			list[n++] = bytes_of(some.approval[i].certificate_sha256, 32);
		page.after = some.next;
	} while (page.after && n < LIMIT_POLICY_LIST);
	*ret_list = list;
	*ret_n = n;
	return OK;
}

/* -- judging -- */

/* A verdict's files have its time in their names: one that was not made now could take the place of
 * a former one's. A second on each side: seconds are cut off. */
static enum err check_time(struct scope *s, struct instant begun, struct instant judged)
{
	if (judged.unix_s >= begun.unix_s - 1 && judged.unix_s <= sealing_engine_now().unix_s + 1)
		return OK;
	return scope_fault(s, ERR_INTERNAL, "the document's process judged at another time");
}

static enum err validate(struct judging *j)
{
	struct scope *s = j->s;
	struct store *store = j->f->store;
	const struct worker_client worker = sealing_engine_worker(j->f);
	struct worker_client_validation_request r = { .name = j->filing->name,
		.policy = WORKER_CLIENT_POLICY_FILING,
		.at = INSTANT_NONE,
		.wants_report = true };
	struct worker_client_validation v;
	uint64_t size;
	TRY(store_files_open(
	    s, store, file_of(j->filing, STORE_FILES_DOCUMENT, INSTANT_NONE), &r.document, &size));
	TRY(worker_output_begin(s, store, size, &r.pack));
	TRY(filing_engine_approved(j->f, s, &r.approved, &r.n_approved));
	const struct instant begun = sealing_engine_now();
	TRY(worker_client_validate(s, &worker, &r, &v));
	TRY(check_time(s, begun, v.at));
	TRY(filing_judgement_read(s, &v, &j->result));
	const struct worker_output output = {
		.fd = r.pack, .size = v.pack_size, .sha256 = v.pack_sha256, .original = -1
	};
	if (v.pack_size)
		TRY(worker_output_keep(
		    s, store, &output, file_of(j->filing, STORE_FILES_EVIDENCE, v.at)));
	j->report = v.report;
	return store_files_put_bytes(
	    s, store, v.report, file_of(j->filing, STORE_FILES_REPORT, v.at));
}

/* Certificates whose disclaimer a person has to look at, or has refused. */
static enum err ask_approvals(struct judging *j)
{
	for (size_t i = 0; i < j->result.n_wanted; i++) {
		const struct filing_judgement_certificate *c = &j->result.wanted[i];
		struct store_approval a = { .subject = c->subject,
			.text = c->disclaimer,
			.asked_at = j->result.at,
			.note = "" };
		const struct store_approval *there, *before;
		memcpy(a.certificate_sha256, c->sha256, sizeof c->sha256);
		TRY(store_approval_find_certificate(j->s, j->f->store, c->sha256, &before));
		TRY(identifier_new(j->s, IDENTIFIER_APPROVAL, &a.id));
		TRY(store_approval_ask(j->s, j->f->store, &a, &there));
		filing_judgement_lower(&j->result, there->state == STORE_APPROVAL_REFUSED);
		if (before)
			continue;
		struct audit_entry e = { .kind = AUDIT_APPROVAL_ASKED,
			.object = there->id,
			.detail = { { "certificate", event_log_hex(j->s, c->sha256, 32), true },
			    { "subject", c->subject, false }, { "filing", j->filing->id, true } } };
		TRY(event_log_write(j->f, j->s, j->actor, e));
	}
	return OK;
}

static enum err log_judged(struct judging *j)
{
	struct digest d = { 0 };
	TRY(digest_of_bytes(j->s, DIGEST_SHA256, j->report, &d));
	const struct audit_entry e = { .kind = AUDIT_FILING_VALIDATED,
		.object = j->filing->id,
		.detail = { { "word", store_filing_word_name(j->result.judgement.word), true },
		    { "conclusion", j->result.judgement.conclusion, true },
		    { "document", event_log_hex(j->s, j->filing->sha256, 32), true },
		    { "report", event_log_hex(j->s, d.value, 32), true } } };
	return event_log_write(j->f, j->s, j->actor, e);
}

static enum err commit(void *ctx, struct scope *s, struct store *store)
{
	const struct judging *j = ctx;
	const struct sealing_notice notice = { "filing.judged", "", j->result.at };
	const struct store_filing *now;
	TRY(store_filing_judge(s, store, j->filing->id, &j->result.judgement));
	TRY(store_filing_find(s, store, j->filing->id, &now));
	if (!now)
		return OK;
	return sealing_notice_add_filing(s, store, j->f->configuration, now, &notice);
}

/* What the document's own fault is, or of the process that read it: a verdict of its own. */
static bool is_unreadable(enum err e)
{
	return e == ERR_FORMAT || e == ERR_DENIED || e == ERR_UNSUPPORTED || e == ERR_INTERNAL ||
	       e == ERR_LIMIT;
}

static enum err judge(struct front *f, struct scope *s, const struct event_log_actor *actor,
    const struct store_filing *filing, const struct store_filing **ret_filing)
{
	struct judging j = { .f = f, .s = s, .actor = actor, .filing = filing };
	enum err e = validate(&j);
	/* A worker may end for reasons that are not the document's: it is blamed after some. */
	for (unsigned tries = 1; e == ERR_INTERNAL && tries < LIMIT_WORKER_TRIES; tries++) {
		scope_forgive(s);
		e = validate(&j);
	}
	if (e == ERR_NET) {
		scope_forgive(s); /* later: no worker was free */
		*ret_filing = filing;
		return OK;
	}
	if (is_unreadable(e))
		e = filing_judgement_unreadable(
		    s, scope_fault_text(s), sealing_engine_now(), &j.result);
	TRY(e);
	TRY(ask_approvals(&j));
	TRY(log_judged(&j));
	TRY(store_write(s, f->store, commit, &j));
	return store_filing_find(s, f->store, filing->id, ret_filing);
}

/* -- receiving -- */

static enum err log_received(struct front *f, struct scope *s, const struct event_log_actor *actor,
    const struct store_filing *l)
{
	const struct audit_entry e = { .kind = AUDIT_FILING_RECEIVED,
		.object = l->id,
		.detail = { { "name", l->name, false },
		    { "sha256", event_log_hex(s, l->sha256, 32), true },
		    { "sealing", l->sealing, true } } };
	return event_log_write(f, s, actor, e);
}

static enum err keep(struct front *f, struct scope *s, const struct http_part *part,
    const struct store_filing *fresh, const struct store_filing **ret_filing, bool *ret_is_new)
{
	TRY(store_files_take(
	    s, f->store, part->path, file_of(fresh, STORE_FILES_DOCUMENT, INSTANT_NONE)));
	const enum err e = store_filing_add(s, f->store, fresh, ret_filing, ret_is_new);
	if (e == OK && *ret_is_new)
		return OK;
	char *text;
	TRY(bytes_to_str(s, bytes_of_str(scope_fault_text(s)), &text));
	scope_forgive(s);
	if (store_files_remove(s, f->store, fresh->id) != OK)
		scope_forgive(s); /* swept at a later start */
	return e == OK ? OK : scope_fault(s, e, "%s", text);
}

enum err filing_engine_receive(struct front *f, struct scope *s, const struct http_request *q,
    const struct http_part *part, const struct filing_engine_origin *origin,
    const struct store_filing **ret_filing, bool *ret_is_new)
{
	const struct event_log_actor actor = { q, origin->person, origin->portal };
	struct store_filing fresh = { .source = origin->portal ? origin->portal : "desk",
		.person = origin->person ? origin->person->person : NULL,
		.batch = origin->batch,
		.idempotency_key = origin->idempotency,
		.reference = origin->reference ? origin->reference : "",
		.size = part->size,
		.received = q->at,
		.sender = "",
		.conclusion = "",
		.sentence = "",
		.summary = "",
		.note = "" };
	const struct store_filing *kept;
	bool is_new;
	memcpy(fresh.request_sha256, origin->request_sha256, 32);
	memcpy(fresh.sha256, part->sha256, 32);
	TRY(upload_file_name(s, part, 1, &fresh.name));
	TRY(identifier_new(s, IDENTIFIER_FILING, &fresh.id));
	TRY(keep(f, s, part, &fresh, &kept, &is_new));
	if (is_new) {
		TRY(log_received(f, s, &actor, kept));
		TRY(judge(f, s, &actor, kept, &kept));
	}
	*ret_filing = kept;
	*ret_is_new = is_new;
	return OK;
}

/* -- again -- */

/* Each verdict has a second of its own, by which its files are named. */
static void wait_for_second_after(struct instant judged)
{
	const struct timespec some = { .tv_nsec = 50000000 };
	for (int i = 0; i < 40 && sealing_engine_now().unix_s == judged.unix_s; i++)
		nanosleep(&some, NULL);
}

enum err filing_engine_judge_again(struct front *f, struct scope *s, const struct http_request *q,
    const char *id, const struct person_session *person, const struct store_filing **ret_filing)
{
	const struct event_log_actor actor = { .q = q, .person = person };
	const struct store_filing *l;
	TRY(store_filing_find(s, f->store, id, &l));
	if (!l)
		return scope_fault(s, ERR_MISUSE, "no such filing");
	wait_for_second_after(l->judged_at);
	return judge(f, s, &actor, l, ret_filing);
}

static enum err waiting_for(
    struct front *f, struct scope *s, const char *hex, const char *const **ret_ids, size_t *ret_n)
{
	const struct store_filing_filter filter = { .state = STORE_FILING_JUDGED,
		.word = STORE_FILING_ANY,
		.decision = STORE_FILING_OPEN,
		.since = INSTANT_NONE,
		.before = INSTANT_NONE };
	struct store_page page = { .limit = LIMIT_STORE_PAGE };
	const char **ids = NULL;
	size_t n = 0;
	do {
		struct store_filing_list some;
		TRY(store_filing_list(s, f->store, &filter, page, &some));
		ids = scope_resize(s, ids, n * sizeof *ids, (n + some.n + 1) * sizeof *ids);
		if (!ids)
			return ERR_NOMEM;
		for (size_t i = 0; i < some.n; i++)
			if (strstr(some.filing[i].summary, hex))
				ids[n++] = some.filing[i].id;
		page.after = some.next;
	} while (page.after);
	*ret_ids = ids;
	*ret_n = n;
	return OK;
}

enum err filing_engine_approval_decided(struct front *f, struct scope *s,
    const struct http_request *q, const uint8_t certificate_sha256[32],
    const struct person_session *person, size_t *ret_n)
{
	const char *const *ids;
	char *hex;
	size_t n;
	TRY(bytes_to_hex(s, bytes_of(certificate_sha256, 32), &hex));
	TRY(waiting_for(f, s, hex, &ids, &n));
	for (size_t i = 0; i < n; i++) {
		const struct store_filing *l;
		const enum err e = filing_engine_judge_again(f, s, q, ids[i], person, &l);
		if (e == ERR_MISUSE) /* a clerk decided meanwhile */
			scope_forgive(s);
		else
			TRY(e);
	}
	*ret_n = n;
	return OK;
}

enum err filing_engine_resume(struct front *f, struct scope *s)
{
	const struct event_log_actor nobody = { 0 };
	const struct instant before = instant_add(sealing_engine_now(), -LIMIT_FILING_LEFT_S);
	struct store_filing_list list;
	TRY(store_filing_list_received(s, f->store, LIMIT_FILING_RESUMED, &list));
	for (size_t i = 0; i < list.n; i++) {
		const struct store_filing *l = &list.filing[i];
		if (instant_before(l->received, before))
			TRY(judge(f, s, &nobody, l, &l));
	}
	return OK;
}

/* -- what is kept -- */

enum err filing_engine_files(struct front *f, struct scope *s, const struct store_filing *filing,
    int *ret_document, int *ret_pack)
{
	const struct store_files_name pack =
	    file_of(filing, STORE_FILES_EVIDENCE, filing->judged_at);
	uint64_t size;
	int fd = -1;
	TRY(store_files_open(
	    s, f->store, file_of(filing, STORE_FILES_DOCUMENT, INSTANT_NONE), ret_document, &size));
	if (filing->state == STORE_FILING_JUDGED && store_files_is_at(f->store, pack))
		TRY(store_files_open(s, f->store, pack, &fd, &size));
	*ret_pack = fd;
	return OK;
}

enum err filing_engine_report(struct front *f, struct scope *s, const char *id,
    int worker_client_form, const char *language, struct bytes *ret_content)
{
	const struct worker_client worker = sealing_engine_worker(f);
	struct worker_client_report_request r = { .language = language };
	const struct store_filing *l;
	bool is_same;
	TRY(store_filing_find(s, f->store, id, &l));
	if (!l || l->state != STORE_FILING_JUDGED)
		return scope_fault(s, ERR_MISUSE, l ? "it has no report" : "no such filing");
	if (worker_client_form == WORKER_CLIENT_FORM_JSON)
		return store_files_read(s, f->store, file_of(l, STORE_FILES_REPORT, l->judged_at),
		    LIMIT_REPORT, ret_content);
	r.form = (enum worker_client_form)worker_client_form;
	TRY(filing_engine_files(f, s, l, &r.document, &r.pack));
	return worker_client_report(s, &worker, &r, ret_content, &is_same);
}
