/* service/worker/worker_process: what becomes of a worker, and of those who wait for it */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/worker/worker_protocol.h"
#include "service/process/message.h"
#include "tests/support/pdf_make.h"
#include "tests/support/worker_scene.h"

static int open_only(void **state)
{
	*state = worker_scene_open();
	return 0;
}

static enum err ready(struct worker_scene *w)
{
	struct worker_client_readiness r;
	return worker_client_ready(w->s, &w->client, &r);
}

static enum err seal(struct worker_scene *w)
{
	const struct worker_client_seal_request q =
	    worker_scene_request(w, pdf_make_one_page(w->s), "{\"level\":\"B-T\"}");
	struct worker_client_sealed sealed;
	return worker_client_seal(w->s, &w->client, &q, &sealed);
}

static void assert_refused(struct worker_scene *w, enum err e, enum err wanted, const char *part)
{
	if (e != wanted || !strstr(scope_fault_text(w->s), part))
		fail_msg("%s: %s", err_name(e), scope_fault_text(w->s));
	scope_forgive(w->s);
}

static void assert_ended_well(struct worker_scene *w)
{
	const int status = service_process_end(w->worker);
	w->worker = 0;
	assert_int_equal(status, 0);
}

/* -- jobs that do not end: the fetcher is silent -- */
static void a_crash_in_mid_job(void **state)
{
	struct worker_scene *w = *state;
	kill(w->fetcher, SIGSTOP);
	pid_t killer = fork();
	if (killer == 0) {
		usleep(200000);
		kill(w->worker, SIGSEGV);
		_exit(0);
	}
	assert_refused(w, seal(w), ERR_INTERNAL, "the document's process ended");
	service_process_end(killer);
	const int status = service_process_end(w->worker);
	w->worker = 0;
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	w->client.wait_ms = 10;
	assert_refused(w, ready(w), ERR_NET, "is free");
}

static void an_overrun(void **state)
{
	struct worker_scene *w = *state;
	kill(w->fetcher, SIGSTOP);
	w->client.work_ms = 200;
	assert_refused(w, seal(w), ERR_LIMIT, "not done within");
	w->client.wait_ms = 10;
	assert_refused(w, ready(w), ERR_NET, "is free");
}

/* -- memory -- */
#define INFLATED ((size_t)120 << 20)

/* An object stream of a few hundred octets that inflates to 120 MB. */
static void put_bomb(struct pdf_make *m, uint32_t num, uint32_t inside, const char *body)
{
	uLongf packed = compressBound(INFLATED);
	uint8_t *plain = malloc(INFLATED + 1), *out = malloc(packed);
	assert_true(plain && out);
	memset(plain, ' ', INFLATED);
	int n = snprintf((char *)plain, INFLATED, "%u 0 %s", inside, body);
	plain[n] = ' ';
	assert_int_equal(compress2(out, &packed, plain, INFLATED, 1), Z_OK);
	pdf_make_stream(
	    m, num, "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", bytes_of(out, packed));
	pdf_make_entry(
	    m, (struct pdf_make_entry){ .num = inside, .kind = 2, .stream = num, .at = 0 });
	free(plain);
	free(out);
}

static struct bytes bombs(struct scope *s)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "1.7");
	put_bomb(m, 6, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	put_bomb(m, 7, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	put_bomb(m, 8, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>");
	pdf_make_xref_stream(m, 9, "/Root 1 0 R");
	return pdf_make_done(m);
}

/* With enough of it the document is read; with less, the job ends and the next one is done. */
static void inspect_bombs(struct worker_scene *w, size_t memory, enum err *ret_e)
{
	struct worker_client_inspection x;
	w->c.workers.memory = memory;
	w->c.limits.document = (uint64_t)1 << 20;
	worker_scene_start(w);
	*ret_e = worker_client_inspect(
	    w->s, &w->client, worker_scene_file(w, bombs(w->s)), BYTES_NONE, &x);
}

static void as_much_memory_as_it_takes(void **state)
{
	enum err e = OK;
	inspect_bombs(*state, (size_t)2 << 30, &e);
	assert_int_equal(e, OK);
}

static void more_memory_than_there_is(void **state)
{
	struct worker_scene *w = *state;
	enum err e = OK;
	inspect_bombs(w, 1, &e);
	scope_forgive(w->s);
	/* Where want of memory ends the process at once, as with a sanitizer, it is that one. */
	assert_true(e == ERR_NOMEM || e == ERR_LIMIT || e == ERR_INTERNAL);
	if (e != ERR_INTERNAL)
		assert_int_equal(ready(w), OK);
}

/* -- what the front should not say -- */
struct words {
	uint32_t kind;
	const char *text; /* of the field WORKER_FIELD_NAME; NULL: none */
	unsigned field;   /* a number in it; 0: none */
	size_t n_files;
};

static enum err say(struct worker_scene *w, struct link *l, const struct words *words)
{
	struct buf b = buf_new(w->s, 1000);
	struct bytes content;
	struct link_frame f;
	const int fd = worker_scene_file(w, BYTES_LIT("%PDF-1.7 no"));
	const int fds[LINK_FDS] = { fd, fd, fd, fd };
	message_put_text(&b, WORKER_FIELD_NAME, words->text);
	if (words->field)
		message_put_number(&b, words->field, 1);
	assert_int_equal(buf_done(&b, &content), OK);
	assert_int_equal(link_send(w->s, l, words->kind, content, fds, words->n_files), OK);
	assert_int_equal(link_receive(w->s, l, 60000, LIMIT_WORKER_ANSWER, 0, &f), OK);
	return f.kind == MESSAGE_FAULT ? message_take_fault(w->s, f.content) : OK;
}

static void requests_out_of_form(void **state)
{
	static const struct words cases[] = {
		{ 0, NULL, 0, 0 },
		{ WORKER_ANSWER, NULL, 0, 0 },
		{ 99, NULL, 0, 0 },
		{ WORKER_JOB_READY, "name", 0, 0 },
		{ WORKER_JOB_READY, NULL, 0, 1 },
		{ WORKER_JOB_INSPECT, NULL, 0, 0 },
		{ WORKER_JOB_INSPECT, NULL, 0, 4 },
		{ WORKER_JOB_INSPECT, NULL, WORKER_FIELD_PAGE, 1 },
		{ WORKER_JOB_PREVIEW, NULL, WORKER_FIELD_PAGE, 1 },
		{ WORKER_JOB_SEAL, NULL, 0, 2 },
		{ WORKER_JOB_SEAL, "x.pdf", 0, 2 },
		{ WORKER_JOB_VALIDATE, "x.pdf", WORKER_FIELD_WANTS_PACK, 1 },
		{ WORKER_JOB_REPORT, NULL, WORKER_FIELD_FORM, 0 },
		{ WORKER_JOB_STAMP, NULL, WORKER_FIELD_DIGEST, 0 },
		{ WORKER_JOB_CERTIFICATE, NULL, 0, 0 },
	};
	struct worker_scene *w = *state;
	struct link *l = worker_scene_front(w);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum err e = say(w, l, &cases[i]);
		if (e != ERR_FORMAT)
			fail_msg("%zu: %s: %s", i, err_name(e), scope_fault_text(w->s));
		scope_forgive(w->s);
	}
	const struct words good = { .kind = WORKER_JOB_READY };
	assert_int_equal(say(w, l, &good), OK);
	link_free(l);
	assert_ended_well(w);
}

static void what_is_no_frame(void **state)
{
	struct worker_scene *w = *state;
	struct link *l = worker_scene_front(w);
	assert_int_equal(write(link_descriptor(l), "GET / HTTP/1.1\r\n\r\n", 18), 18);
	const int status = service_process_end(w->worker);
	w->worker = 0;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
	link_free(l);
}

/* -- its end -- */
static void so_many_jobs(void **state)
{
	struct worker_scene *w = *state;
	w->c.workers.jobs = 3;
	worker_scene_start(w);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ready(w), OK);
	w->client.wait_ms = 10;
	assert_refused(w, ready(w), ERR_NET, "is free");
	assert_ended_well(w);
}

/* A fault is no end: whoever got it may ask again. */
static void faults_do_not_end_it(void **state)
{
	struct worker_scene *w = *state;
	struct worker_client_inspection x;
	w->c.workers.jobs = 1;
	worker_scene_start(w);
	for (int i = 0; i < 2; i++)
		assert_refused(w,
		    worker_client_inspect(
			w->s, &w->client, worker_scene_file(w, BYTES_LIT("no")), BYTES_NONE, &x),
		    ERR_FORMAT, "");
	assert_int_equal(ready(w), OK);
	assert_ended_well(w);
}

static void told_to_stop(void **state)
{
	struct worker_scene *w = *state;
	struct link *l = worker_scene_front(w);
	struct link_frame f;
	const struct words good = { .kind = WORKER_JOB_READY };
	assert_int_equal(say(w, l, &good), OK);
	assert_int_equal(link_send(w->s, w->control, CONTROL_STOP, BYTES_NONE, NULL, 0), OK);
	assert_int_equal(link_receive(w->s, l, 60000, 0, 0, &f), OK);
	assert_int_equal(f.kind, WORKER_LEAVES);
	/* What was asked before that was heard is done. */
	assert_int_equal(say(w, l, &good), OK);
	link_free(l);
	assert_ended_well(w);
}

static void its_steward_is_gone(void **state)
{
	struct worker_scene *w = *state;
	link_free(w->control);
	w->control = NULL;
	assert_ended_well(w);
}

/* -- its peers -- */
static void peers_that_are_replaced(void **state)
{
	struct worker_scene *w = *state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(seal(w), OK);
		worker_scene_stop(&w->keeper);
		worker_scene_stop(&w->fetcher);
		worker_scene_start_keeper(w);
		worker_scene_start_fetcher(w);
	}
	assert_int_equal(seal(w), OK);
}

/* It waits a little for another one, and says then what is missing. */
static void peers_that_are_gone(void **state)
{
	struct worker_scene *w = *state;
	worker_scene_stop(&w->keeper);
	assert_refused(w, seal(w), ERR_IO, "the keeper is not there");
	worker_scene_start_keeper(w);
	worker_scene_stop(&w->fetcher);
	assert_refused(w, seal(w), ERR_NET, "http://tsa.test/");
	worker_scene_start_fetcher(w);
	assert_int_equal(seal(w), OK);
}

static void *seal_without_keeper(void *ctx)
{
	struct worker_scene *w = ctx;
	if (seal(w) == OK)
		return NULL;
	scope_forgive(w->s);
	return w;
}

/* What was asked for by a front that is gone is not answered to the next one. */
static void a_front_that_is_replaced_in_mid_job(void **state)
{
	struct worker_scene *w = *state;
	struct scope *s = scope_new(0);
	struct link_frame f;
	struct message m;
	pthread_t thread;
	void *has_failed;
	worker_scene_stop(&w->keeper); /* the job waits for another one */
	assert_int_equal(pthread_create(&thread, NULL, seal_without_keeper, w), 0);
	usleep(500000);
	struct link *next = worker_scene_front(w);
	assert_non_null(next);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(message_call(s, next, WORKER_JOB_READY, BYTES_NONE, NULL, 0, 60000,
				     LIMIT_WORKER_ANSWER, WORKER_ANSWER, &f),
		    OK);
		assert_int_equal(message_parse(s, f.content, &m), OK);
		assert_true(message_has(&m, WORKER_FIELD_FILING));
	}
	assert_int_equal(pthread_join(thread, &has_failed), 0);
	assert_non_null(has_failed);
	link_free(next);
	scope_free(s);
}

/* -- confinement -- */
static void it_is_confined(void **state)
{
	struct worker_scene *w = *state;
	char path[64], line[256];
	bool filtered = false, no_new = false;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)w->worker);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		filtered |= !strcmp(line, "Seccomp:\t2\n");
		no_new |= !strcmp(line, "NoNewPrivs:\t1\n");
	}
	fclose(f);
	assert_true(filtered && no_new);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, worker_scene_setup, worker_scene_teardown)
#define OWN(name) cmocka_unit_test_setup_teardown(name, open_only, worker_scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(a_crash_in_mid_job), TEST(an_overrun),
		OWN(as_much_memory_as_it_takes), OWN(more_memory_than_there_is),
		TEST(requests_out_of_form), TEST(what_is_no_frame), OWN(so_many_jobs),
		OWN(faults_do_not_end_it), TEST(told_to_stop), TEST(its_steward_is_gone),
		TEST(peers_that_are_replaced), TEST(peers_that_are_gone),
		TEST(a_front_that_is_replaced_in_mid_job), TEST(it_is_confined) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
