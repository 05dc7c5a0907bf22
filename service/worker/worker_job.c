#include "service/worker/worker_job.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"
#include "service/worker/worker_evidence_pack.h"
#include "service/worker/worker_summary.h"
#include "validator/evidence_bundle.h"

static const struct {
	uint32_t kind;
	bool keeper, fetcher;
	enum err (*run)(struct worker_job *j);
} jobs[] = {
	{ WORKER_JOB_INSPECT, false, false, worker_job_inspect },
	{ WORKER_JOB_SEAL, true, true, worker_job_seal },
	{ WORKER_JOB_WITNESS, false, true, worker_job_witness },
	{ WORKER_JOB_VALIDATE, false, true, worker_job_validate },
	{ WORKER_JOB_REPORT, false, false, worker_job_report },
	{ WORKER_JOB_PREVIEW, false, false, worker_job_preview },
	{ WORKER_JOB_COMPARE, false, false, worker_job_compare },
	{ WORKER_JOB_STAMP, false, true, worker_job_stamp },
	{ WORKER_JOB_CERTIFICATE, false, true, worker_job_certificate },
	{ WORKER_JOB_READY, false, false, worker_job_ready },
};
#define JOBS (sizeof(jobs) / sizeof(jobs[0]))

static size_t find(uint32_t kind)
{
	size_t i = 0;
	while (i < JOBS && jobs[i].kind != kind)
		i++;
	return i;
}

bool worker_job_needs_keeper(uint32_t kind)
{
	const size_t i = find(kind);
	return i < JOBS && jobs[i].keeper;
}

bool worker_job_needs_fetcher(uint32_t kind)
{
	const size_t i = find(kind);
	return i < JOBS && jobs[i].fetcher;
}

enum err worker_job_run(struct scope *s, struct worker_kit *kit, uint32_t kind,
    struct bytes content, const int *fds, size_t n_fds, struct bytes *ret_answer)
{
	struct worker_job j = { .s = s,
		.kit = kit,
		.fds = fds,
		.n_fds = n_fds,
		.answer = buf_new(s, LIMIT_WORKER_ANSWER) };
	const size_t i = find(kind);
	if (i == JOBS)
		return scope_fault(s, ERR_FORMAT, "worker: no such job");
	TRY(message_parse(s, content, &j.request));
	enum err e = jobs[i].run(&j);
	if (j.world && fetcher_world_is_broken(j.world))
		kit->fetcher_failed = true;
	TRY(e);
	return buf_done(&j.answer, ret_answer);
}

/* -- the request -- */
enum err worker_job_begin(struct worker_job *j, size_t n_fds)
{
	if (j->n_fds != n_fds)
		return scope_fault(
		    j->s, ERR_FORMAT, "worker: %zu files where %zu are wanted", j->n_fds, n_fds);
	return message_done(&j->request);
}

enum err worker_job_password(struct worker_job *j, struct bytes *ret_password)
{
	*ret_password = BYTES_NONE;
	if (!message_has(&j->request, WORKER_FIELD_PASSWORD))
		return OK;
	return message_bytes(&j->request, WORKER_FIELD_PASSWORD, LIMIT_PASSWORD, ret_password);
}

/* The policy's own list and the front's. A policy that asks for no approval stays as it is, and so
 * does its digest. */
enum err worker_job_policy(
    struct worker_job *j, enum worker_client_policy which, const struct policy **ret_policy)
{
	const struct policy *base = j->kit->policy[which];
	const size_t own = base->disclaimer.approved.n;
	const size_t n = message_count(&j->request, WORKER_FIELD_APPROVED);
	struct policy *p = scope_alloc(j->s, sizeof(*p));
	struct bytes *all = scope_alloc_array(j->s, own + n, sizeof(*all));
	if (!p || !all)
		return ERR_NOMEM;
	if (n > LIMIT_WORKER_APPROVED)
		return scope_fault(j->s, ERR_LIMIT, "worker: too many approved certificates");
	if (own)
		memcpy(all, base->disclaimer.approved.item, own * sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		TRY(message_bytes_at(
		    &j->request, WORKER_FIELD_APPROVED, i, WORKER_CLIENT_SHA256, &all[own + i]));
		if (all[own + i].n != WORKER_CLIENT_SHA256)
			return scope_fault(j->s, ERR_FORMAT, "worker: no SHA-256");
	}
	*p = *base;
	if (n && base->disclaimer.approval)
		p->disclaimer.approved = (struct policy_octets){ all, own + n };
	*ret_policy = p;
	return OK;
}

/* -- documents -- */
struct mapping {
	void *p;
	size_t n;
};

static void unmap(void *obj)
{
	struct mapping *m = obj;
	munmap(m->p, m->n);
}

enum err worker_job_map(struct worker_job *j, size_t i, struct bytes *ret_content)
{
	struct stat st;
	struct mapping *m = scope_alloc(j->s, sizeof(*m));
	if (!m)
		return ERR_NOMEM;
	if (fstat(j->fds[i], &st) != 0 || !S_ISREG(st.st_mode))
		return scope_fault(j->s, ERR_FORMAT, "worker: not a file");
	if (!st.st_size)
		return scope_fault(j->s, ERR_FORMAT, "the file is empty");
	m->n = (size_t)st.st_size;
	m->p = mmap(NULL, m->n, PROT_READ, MAP_SHARED, j->fds[i], 0);
	if (m->p == MAP_FAILED)
		return scope_fault(
		    j->s, errno == ENOMEM ? ERR_LIMIT : ERR_IO, "the file: %s", strerror(errno));
	TRY(scope_own(j->s, m, unmap));
	*ret_content = bytes_of(m->p, m->n);
	return OK;
}

/* -- others -- */
enum err worker_job_world(struct worker_job *j, struct instant at, struct fetcher_world **ret_world)
{
	TRY(fetcher_world_new(j->s, j->kit->fetcher, &j->world));
	enum err e = fetcher_world_begin_job(j->s, j->world, at, j->kit->present);
	*ret_world = j->world;
	if (e != ERR_NET)
		return e;
	/* What needs it will say so. */
	scope_forgive(j->s);
	return OK;
}

/* -- answers -- */
enum err worker_job_put_text(struct worker_job *j, unsigned field, const char *text)
{
	char *printable;
	if (!text)
		return OK;
	/* U+FFFD takes three octets for one. */
	TRY(pdf_text_printable(
	    j->s, bytes_of(text, strnlen(text, LIMIT_WORKER_TEXT / 3)), &printable));
	message_put_text(&j->answer, field, printable);
	return OK;
}

enum err worker_job_put_judgement(struct worker_job *j, const struct report *r)
{
	enum worker_client_word word;
	struct bytes summary;
	TRY(worker_summary_write(j->s, r, j->kit->hungarian, &word, &summary));
	message_put_number(&j->answer, WORKER_FIELD_WORD, word);
	message_put_bytes(&j->answer, WORKER_FIELD_SUMMARY, summary);
	return OK;
}

enum err worker_job_replay(struct worker_job *j, size_t i, struct bytes document,
    struct bytes password, struct report **ret_report, struct bytes *ret_kept)
{
	const struct pdf_crypt_means means = { .password = password };
	const struct policy *policy;
	struct evidence_bundle b;
	struct digest sha256;
	struct bytes pack;
	TRY(worker_job_map(j, i, &pack));
	TRY(worker_evidence_pack_read(j->s, pack, &b));
	TRY(digest_of_bytes(j->s, DIGEST_SHA256, document, &sha256));
	if (!digest_equal(&sha256, &b.manifest.document.sha256))
		return scope_fault(
		    j->s, ERR_FORMAT, "evidence pack: it belongs to another document");
	TRY(policy_parse(j->s, b.policy, &policy));
	TRY(evidence_bundle_judge(j->s, &b, document, &means, policy, ret_report));
	*ret_kept = b.report;
	return OK;
}
