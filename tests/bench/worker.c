/*
 * One worker over its links against the library's own calls, on 100 KB with one seal: judgements
 * and seals a second by the CPU time of who does them, so that others on the machine do not count.
 *
 *	worker N
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/scope.h"
#include "tests/support/pdf_make.h"
#include "tests/support/worker_scene.h"

static double clock_of(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Computing of a process, and the clock on the wall. */
struct taken {
	clockid_t clock;
	double cpu, wall;
};

static struct taken begin(pid_t pid)
{
	struct taken t = { .clock = CLOCK_PROCESS_CPUTIME_ID };
	if (pid)
		mini_ca_check(clock_getcpuclockid(pid, &t.clock) == 0, "bench: clock");
	t.cpu = clock_of(t.clock);
	t.wall = clock_of(CLOCK_MONOTONIC);
	return t;
}

static void tell(const char *what, struct taken t, int n)
{
	const double cpu = (clock_of(t.clock) - t.cpu) / n;
	const double wall = (clock_of(CLOCK_MONOTONIC) - t.wall) / n;
	printf("%-28s %8.3f ms computing %8.3f ms on the wall\n", what, cpu * 1e3, wall * 1e3);
}

static struct bytes document(struct scope *s)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	uint8_t *noise = scope_alloc(s, 100000);
	mini_ca_check(noise != NULL, "bench: memory");
	for (uint32_t i = 0, x = 1; i < 100000; i++, x = x * 1664525 + 1013904223)
		noise[i] = (uint8_t)(x >> 24);
	pdf_make_stream(m, 20, "", bytes_of(noise, 100000));
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static void judge_here(struct worker_scene *w, struct bytes sealed, int n)
{
	const struct taken t = begin(0);
	for (int i = 0; i < n; i++) {
		struct scope *s = scope_new(0);
		struct report *r;
		const struct validate_request q = { .name = "test.pdf",
			.document = sealed,
			.anchors = mini_pki_anchors(w->o->p, "root"),
			.policy = policy_default(),
			.at = w->o->w->now,
			.offline = true };
		mini_ca_check(validate_pdf(s, NULL, &q, &r) == OK, "bench: judge");
		scope_free(s);
	}
	tell("judged by the library", t, n);
}

static void judge_there(struct worker_scene *w, struct bytes sealed, int n, bool all)
{
	const int fd = worker_scene_file(w, sealed), pack = worker_scene_file(w, BYTES_NONE);
	const struct taken t = begin(w->worker);
	for (int i = 0; i < n; i++) {
		struct scope *s = scope_new(0);
		struct worker_client_validation v;
		const struct worker_client_validation_request q = { .document = fd,
			.name = "test.pdf",
			.at = w->o->w->now,
			.offline = true,
			.pack = all ? pack : -1,
			.wants_report = all };
		mini_ca_check(
		    worker_client_validate(s, &w->client, &q, &v) == OK, "bench: validate");
		scope_free(s);
	}
	tell(all ? "judged by a worker, kept" : "judged by a worker", t, n);
}

static void seal_here(struct worker_scene *w, struct bytes page, int n)
{
	const struct seal_request q = mini_pki_request(w->o->p, SEAL_B_B);
	const struct taken t = begin(0);
	for (int i = 0; i < n; i++) {
		struct scope *s = scope_new(0);
		struct seal_outcome outcome;
		struct bytes sealed;
		mini_ca_check(
		    office_try(w->o, s, &q, false, page, &sealed, &outcome) == OK, "bench: seal");
		scope_free(s);
	}
	tell("sealed by the library (B-B)", t, n);
}

static void seal_there(struct worker_scene *w, struct bytes page, int n)
{
	struct worker_client_seal_request q = worker_scene_request(w, page, "");
	const struct taken t = begin(w->worker);
	for (int i = 0; i < n; i++) {
		struct scope *s = scope_new(0);
		struct worker_client_sealed sealed;
		mini_ca_check(ftruncate(q.output, 0) == 0 &&
				  worker_client_seal(s, &w->client, &q, &sealed) == OK,
		    "bench: seal");
		scope_free(s);
	}
	tell("sealed by a worker (B-B)", t, n);
}

int main(int argc, char **argv)
{
	const int n = argc > 1 ? atoi(argv[1]) : 200;
	struct worker_scene *w = worker_scene_open();
	w->c.level = "B-B";
	w->c.workers.jobs = 1000000;
	worker_scene_start(w);
	struct bytes page = document(w->s);
	const struct seal_request q = mini_pki_request(w->o->p, SEAL_B_LTA);
	struct bytes sealed = office_seal(w->o, &q, page);
	judge_here(w, sealed, n);
	judge_there(w, sealed, n, false);
	judge_there(w, sealed, n, true);
	seal_here(w, page, n);
	seal_there(w, page, n);
	worker_scene_close(w);
	return 0;
}
