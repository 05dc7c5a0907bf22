/*
 * One job of a worker, in a scope of its own: a request that is read strictly, documents that are
 * mapped, an answer. service/worker/worker_protocol.h has the kinds and fields.
 */
#ifndef BULLA_SERVICE_WORKER_WORKER_JOB_H
#define BULLA_SERVICE_WORKER_WORKER_JOB_H

#include "service/fetcher/fetcher_world.h"
#include "service/process/message.h"
#include "service/worker/worker_kit.h"
#include "service/worker/worker_protocol.h"
#include "validator/report.h"

struct worker_job {
	struct scope *s;
	struct worker_kit *kit;
	struct message request;
	const int *fds; /* borrowed */
	size_t n_fds;
	struct fetcher_world *world; /* NULL: not asked for */
	struct buf answer;
};

/* Does it. ERR_FORMAT for a request that is not well-formed, before anything of it is done; else
 * what the job has to say. The answer is valid as long as the scope. */
must_check enum err worker_job_run(struct scope *s, struct worker_kit *kit, uint32_t kind,
    struct bytes content, const int *fds, size_t n_fds, struct bytes *ret_answer);
/* What a job of this kind asks others for. */
bool worker_job_needs_keeper(uint32_t kind);
bool worker_job_needs_fetcher(uint32_t kind);

/* -- the jobs, a file each -- */
must_check enum err worker_job_inspect(struct worker_job *j);
must_check enum err worker_job_seal(struct worker_job *j);
must_check enum err worker_job_witness(struct worker_job *j);
must_check enum err worker_job_validate(struct worker_job *j);
must_check enum err worker_job_report(struct worker_job *j);
must_check enum err worker_job_preview(struct worker_job *j);
must_check enum err worker_job_compare(struct worker_job *j);
must_check enum err worker_job_stamp(struct worker_job *j);
must_check enum err worker_job_certificate(struct worker_job *j);
must_check enum err worker_job_ready(struct worker_job *j);

/* -- what they share -- */
/* Ends the reading of the request: so many files, no unknown field. ERR_FORMAT. */
must_check enum err worker_job_begin(struct worker_job *j, size_t n_fds);
/* The document's password, empty when there is none. */
must_check enum err worker_job_password(struct worker_job *j, struct bytes *ret_password);
/* The i-th file, mapped until the scope ends. ERR_FORMAT: empty, or no file. */
must_check enum err worker_job_map(struct worker_job *j, size_t i, struct bytes *ret_content);
/* The world for this job. `at`: the instant it judges for, INSTANT_NONE: the present. */
must_check enum err worker_job_world(
    struct worker_job *j, struct instant at, struct fetcher_world **ret_world);
/* Reads the field WORKER_FIELD_APPROVED, and gives the policy with those added. */
must_check enum err worker_job_policy(
    struct worker_job *j, enum worker_client_policy which, const struct policy **ret_policy);
/* Puts a text that may come from a document: at most LIMIT_WORKER_TEXT octets, safe to show. NULL:
 * no field. */
must_check enum err worker_job_put_text(struct worker_job *j, unsigned field, const char *text);
/* Puts the word and the summary into the answer. */
must_check enum err worker_job_put_judgement(struct worker_job *j, const struct report *r);
/* Judges the document again by the i-th file, an evidence pack; *ret_kept is the report's JSON as
 * it was kept. */
must_check enum err worker_job_replay(struct worker_job *j, size_t i, struct bytes document,
    struct bytes password, struct report **ret_report, struct bytes *ret_kept);

#endif
