#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/scope.h"
#include "service/front/worker_pool.h"
#include "service/process/message.h"
#include "service/worker/worker_protocol.h"

/* -- a worker that answers as the job's kind says -- */
enum {
	ANSWER = 100, /* the same content back */
	FAULT,
	LARGE, /* more than is allowed */
	WRONG_KIND,
	SILENT, /* nothing, until the link ends */
	LEAVE,  /* ends in the middle */
	NOISE,
};

static void answer(struct scope *s, struct link *l, const struct link_frame *f)
{
	static uint8_t large[4096];
	enum err e = OK;
	switch (f->kind) {
	case ANSWER:
		e = link_send(s, l, WORKER_ANSWER, f->content, NULL, 0);
		break;
	case FAULT:
		scope_fault(s, ERR_DENIED, "x.pdf: not today");
		e = message_send_fault(s, l, ERR_DENIED);
		break;
	case LARGE:
		e = link_send(s, l, WORKER_ANSWER, bytes_of(large, sizeof(large)), NULL, 0);
		break;
	case WRONG_KIND:
		e = link_send(s, l, 77, BYTES_NONE, NULL, 0);
		break;
	case NOISE:
		if (write(link_descriptor(l), "no frame at all, is this", 24) != 24)
			e = ERR_IO;
		break;
	default:
		break;
	}
	assert_int_equal(e, OK);
}

static void *work(void *arg)
{
	struct link *l = arg;
	struct link_frame f;
	for (;;) {
		struct scope *s = scope_new(0);
		enum err e = link_receive(s, l, -1, 1 << 16, LINK_FDS, &f);
		if (e == OK)
			answer(s, l, &f);
		scope_free(s);
		if (e != OK || f.kind == LEAVE)
			break;
	}
	link_free(l);
	return NULL;
}

struct house {
	struct scope *s;
	struct link_pool *pool;
	pthread_t worker[8];
	size_t n;
};

static void hire(struct house *h, unsigned index)
{
	int ends[2];
	assert_int_equal(link_pair(h->s, ends), OK);
	struct link *near = link_new(ends[0]), *far = link_new(ends[1]);
	assert_true(near && far);
	link_set_peer(near, index);
	assert_int_equal(pthread_create(&h->worker[h->n++], NULL, work, far), 0);
	link_pool_add(h->pool, near);
}

static struct house open_house(void)
{
	struct house h = { .s = scope_new(0), .pool = link_pool_new("worker") };
	assert_true(h.s && h.pool);
	return h;
}

static void close_house(struct house *h)
{
	link_pool_free(h->pool);
	for (size_t i = 0; i < h->n; i++)
		pthread_join(h->worker[i], NULL);
	scope_free(h->s);
}

static enum err ask(struct house *h, uint32_t kind, struct bytes *ret_answer)
{
	struct worker_pool_job job = { .kind = kind,
		.content = BYTES_LIT("content"),
		.wait_ms = 50,
		.work_ms = kind == SILENT ? 50 : 20000,
		.most = 2048 };
	scope_forgive(h->s);
	return worker_pool_run(h->s, h->pool, &job, ret_answer);
}

static void answers_come_back(void **state)
{
	(void)state;
	struct house h = open_house();
	struct bytes b;
	hire(&h, 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(&h, ANSWER, &b), OK);
		assert_true(bytes_equal_str(b, "content"));
		assert_int_equal(ask(&h, FAULT, &b), ERR_DENIED);
		assert_string_equal(scope_fault_text(h.s), "x.pdf: not today");
	}
	assert_int_equal(link_pool_count(h.pool), 1);
	close_house(&h);
}

static void nobody_free_is_told(void **state)
{
	(void)state;
	struct house h = open_house();
	struct bytes b;
	assert_int_equal(ask(&h, ANSWER, &b), ERR_NET);
	assert_string_equal(scope_fault_text(h.s), "no worker is free");
	assert_int_equal(link_pool_waiting(h.pool), 0);
	close_house(&h);
}

static void who_misbehaves_is_not_asked_again(void **state)
{
	(void)state;
	static const struct {
		uint32_t kind;
		enum err e;
		const char *text;
	} cases[] = {
		{ SILENT, ERR_LIMIT, "not done within 0 s" },
		{ LARGE, ERR_INTERNAL, "the document's process said too much" },
		{ LEAVE, ERR_INTERNAL, "the document's process ended" },
		{ NOISE, ERR_INTERNAL, "the document's process spoke out of turn" },
		{ WRONG_KIND, ERR_INTERNAL, "the document's process spoke out of turn" },
	};
	struct house h = open_house();
	struct bytes b;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned dropped[4];
		hire(&h, 10 + i);
		assert_int_equal(ask(&h, cases[i].kind, &b), cases[i].e);
		assert_string_equal(scope_fault_text(h.s), cases[i].text);
		assert_int_equal(link_pool_count(h.pool), 0);
		assert_int_equal(link_pool_take_dropped(h.pool, dropped, 4), 1);
		assert_int_equal(dropped[0], 10 + i);
		assert_int_equal(link_pool_take_dropped(h.pool, dropped, 4), 0);
	}
	close_house(&h);
}

/* A worker that ended while nobody asked is passed over. */
static void the_dead_are_passed_over(void **state)
{
	(void)state;
	struct house h = open_house();
	struct bytes b;
	int ends[2];
	hire(&h, 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(link_pair(h.s, ends), OK);
		link_pool_add(h.pool, link_new(ends[0]));
		close(ends[1]);
	}
	assert_int_equal(ask(&h, ANSWER, &b), OK);
	assert_int_equal(link_pool_count(h.pool), 1);
	close_house(&h);
}

static enum err ask_another(struct house *h, unsigned not_by, unsigned *ret_worker)
{
	struct bytes b;
	struct worker_pool_job job = { .kind = ANSWER,
		.content = BYTES_LIT("content"),
		.wait_ms = 50,
		.work_ms = 20000,
		.most = 2048,
		.is_picky = true,
		.not_by = not_by };
	scope_forgive(h->s);
	const enum err e = worker_pool_run(h->s, h->pool, &job, &b);
	*ret_worker = job.worker;
	return e;
}

/* Whoever is next in turn: never the one that is not wanted. */
static void another_worker_is_found(void **state)
{
	(void)state;
	struct house h = open_house();
	unsigned who;
	hire(&h, 7);
	assert_int_equal(ask_another(&h, 7, &who), ERR_NET);
	assert_string_equal(scope_fault_text(h.s), "no worker is free");
	assert_int_equal(link_pool_count(h.pool), 1);
	hire(&h, 8);
	hire(&h, 9);
	for (unsigned i = 0; i < 12; i++) {
		assert_int_equal(ask_another(&h, 7 + i % 3, &who), OK);
		assert_true(who >= 7 && who <= 9 && who != 7 + i % 3);
	}
	assert_int_equal(link_pool_count(h.pool), 3);
	close_house(&h);
}

/* One who waits for another worker does not miss it because somebody else was told. */
struct picky {
	struct house *h;
	unsigned not_by, who;
	enum err e;
};

static void *ask_picky(void *arg)
{
	struct picky *p = arg;
	struct scope *s = scope_new(0);
	struct worker_pool_job job = { .kind = ANSWER,
		.content = BYTES_LIT("content"),
		.wait_ms = 20000,
		.work_ms = 20000,
		.most = 2048,
		.is_picky = true,
		.not_by = p->not_by };
	struct bytes b;
	p->e = worker_pool_run(s, p->h->pool, &job, &b);
	p->who = job.worker;
	scope_free(s);
	return NULL;
}

static void those_who_wait_get_the_right_one(void **state)
{
	(void)state;
	struct house h = open_house();
	struct picky p[6];
	pthread_t thread[6];
	for (unsigned i = 0; i < 6; i++) {
		p[i] = (struct picky){ .h = &h, .not_by = 1 + i % 2 };
		assert_int_equal(pthread_create(&thread[i], NULL, ask_picky, &p[i]), 0);
	}
	while (link_pool_waiting(h.pool) < 6)
		usleep(1000);
	hire(&h, 1);
	hire(&h, 2);
	for (unsigned i = 0; i < 6; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(p[i].e, OK);
		assert_int_equal(p[i].who, 3 - p[i].not_by);
	}
	close_house(&h);
}

struct asker {
	struct house *h;
	unsigned done;
};

static void *ask_often(void *arg)
{
	struct asker *a = arg;
	for (int i = 0; i < 50; i++) {
		struct bytes b;
		struct scope *s = scope_new(0);
		struct worker_pool_job job = { .kind = ANSWER,
			.content = BYTES_LIT("content"),
			.wait_ms = 20000,
			.work_ms = 20000,
			.most = 100 };
		a->done += worker_pool_run(s, a->h->pool, &job, &b) == OK;
		scope_free(s);
	}
	return NULL;
}

static void many_share_few(void **state)
{
	(void)state;
	struct house h = open_house();
	struct asker askers[8];
	pthread_t threads[8];
	hire(&h, 1);
	hire(&h, 2);
	for (size_t i = 0; i < 8; i++) {
		askers[i] = (struct asker){ &h, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &askers[i]), 0);
	}
	for (size_t i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(askers[i].done, 50);
	}
	assert_int_equal(link_pool_count(h.pool), 2);
	close_house(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_back),
		cmocka_unit_test(nobody_free_is_told),
		cmocka_unit_test(who_misbehaves_is_not_asked_again),
		cmocka_unit_test(the_dead_are_passed_over),
		cmocka_unit_test(another_worker_is_found),
		cmocka_unit_test(those_who_wait_get_the_right_one),
		cmocka_unit_test(another_worker_is_found),
		cmocka_unit_test(those_who_wait_get_the_right_one),
		cmocka_unit_test(many_share_few),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
