/*
 * A process that writes is killed at random moments: what it was told is written must be there
 * afterwards, and what is there must be whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/store/identifier.h"
#include "service/store/store_files.h"
#include "tests/support/store_scene.h"

#define ROUNDS 12
#define THREADS 4
#define TEXT_ROOM 300

struct worker {
	struct store_scene *scene;
	int told; /* descriptor for what was acknowledged */
};

/* What a sealed file consists of: told by its sealing's id, so that a part of it shows. */
static struct bytes content_of(const char *id, char room[TEXT_ROOM])
{
	int n = snprintf(room, TEXT_ROOM, "begins %s and %s and %s ends", id, id, id);
	return bytes_of(room, (size_t)n);
}

static void tell(const struct worker *w, char what, const char *id)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%c %s\n", what, id);
	if (write(w->told, line, (size_t)n) != n)
		_exit(1);
}

static enum err seal_one(const struct worker *w, struct scope *s)
{
	struct store *store = w->scene->store;
	struct store_sealing g = store_scene_sealing(w->scene, s);
	const struct store_sealing *there;
	struct store_sealing_attempt a = { w->scene->officer, "ky_1", store_scene_at(1) };
	char room[TEXT_ROOM];
	struct bytes content = content_of(g.id, room);
	bool is_new;
	unsigned attempt;
	for (unsigned n = 1; n <= 2; n++)
		TRY(store_files_put_bytes(s, store, content,
		    (struct store_files_name){ g.id, STORE_FILES_DOCUMENT, n, 0 }));
	TRY(store_sealing_add(s, store, &g, &there, &is_new));
	tell(w, 'A', g.id);
	TRY(store_sealing_begin(s, store, g.id, &a, &attempt));
	struct store_sealing_document d[2] = {
		{ .n = 1, .sealed_size = content.n, .sealed_sha256 = { 1 } },
		{ .n = 2, .sealed_size = content.n, .sealed_sha256 = { 2 } }
	};
	for (unsigned n = 1; n <= 2; n++)
		TRY(store_files_put_bytes(s, store, content,
		    (struct store_files_name){ g.id, STORE_FILES_SEALED, n, attempt }));
	TRY(store_sealing_finish(s, store, g.id, attempt, d, 2, store_scene_at(2)));
	tell(w, 'F', g.id);
	return OK;
}

static void *work(void *ctx)
{
	enum err e = OK;
	while (e == OK) {
		struct scope *s = scope_new(0);
		e = seal_one(ctx, s);
		if (e != OK)
			fprintf(stderr, "%s\n", scope_fault_text(s));
		scope_free(s);
	}
	_exit(1);
}

/* Never returns. */
static void be_the_child(struct store_scene *c, int told)
{
	struct store_options o = { .folder = c->folder, .now = store_scene_at(0) };
	struct worker w = { c, told };
	pthread_t thread;
	if (store_open(c->s, &o, &c->store) != OK)
		_exit(2);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&thread, NULL, work, &w) != 0)
			_exit(3);
	for (;;)
		pause();
}

static void check_documents(struct store_scene *c, struct scope *s, const struct store_sealing *g)
{
	char room[TEXT_ROOM];
	struct bytes content, expected = content_of(g->id, room);
	for (unsigned n = 1; n <= 2; n++) {
		struct store_files_name name = { g->id, STORE_FILES_DOCUMENT, n, 0 };
		assert_int_equal(store_files_read(s, c->store, name, 4096, &content), OK);
		assert_true(bytes_equal(content, expected));
		if (g->state != STORE_SEALING_SEALED)
			continue;
		name = (struct store_files_name){ g->id, STORE_FILES_SEALED, n, g->attempts };
		assert_int_equal(store_files_read(s, c->store, name, 4096, &content), OK);
		assert_true(bytes_equal(content, expected));
		assert_int_equal(g->document[n - 1].sealed_size, content.n);
	}
}

/* Every row, acknowledged or not, is whole. */
static size_t check_rows(struct store_scene *c)
{
	struct store_sealing_filter all = {
		.state = STORE_SEALING_ANY, .since = INSTANT_NONE, .before = INSTANT_NONE
	};
	struct store_page page = { .limit = 100 };
	struct store_sealing_list list;
	size_t n = 0;
	do {
		assert_int_equal(store_sealing_list(c->s, c->store, &all, page, &list), OK);
		for (size_t i = 0; i < list.n; i++, n++) {
			struct scope *s = scope_new(0);
			const struct store_sealing *g;
			assert_int_equal(
			    store_sealing_find(s, c->store, list.sealing[i].id, &g), OK);
			assert_int_equal(g->n_documents, 2);
			check_documents(c, s, g);
			scope_free(s);
		}
		page.after = list.next;
	} while (list.next);
	return n;
}

static size_t check_told(struct store_scene *c, int told)
{
	FILE *f = fdopen(told, "r");
	char what, id[64];
	size_t n = 0;
	assert_non_null(f);
	while (fscanf(f, " %c %63s", &what, id) == 2) {
		const struct store_sealing *g;
		if (!identifier_is(id, IDENTIFIER_SEALING)) /* the last line, cut off */
			break;
		assert_int_equal(store_sealing_find(c->s, c->store, id, &g), OK);
		assert_non_null(g);
		if (what == 'F')
			assert_int_equal(g->state, STORE_SEALING_SEALED);
		n++;
	}
	fclose(f);
	return n;
}

static void test_killed_at_random_moments(void **state)
{
	struct store_scene *c = store_scene_open(NULL);
	size_t n_told = 0, n_rows = 0;
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		int told[2];
		uint16_t random;
		store_close(c->store);
		c->store = NULL;
		assert_int_equal(pipe(told), 0);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			close(told[0]);
			be_the_child(c, told[1]);
		}
		close(told[1]);
		assert_int_equal(getrandom(&random, sizeof(random), 0), sizeof(random));
		struct pollfd first = { .fd = told[0], .events = POLLIN };
		assert_int_equal(poll(&first, 1, 60000), 1);
		usleep(random); /* up to 65 ms after the first word */
		kill(child, SIGKILL);
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		struct store_options o = { .folder = c->folder, .now = store_scene_at(0) };
		assert_int_equal(store_open(c->s, &o, &c->store), OK);
		n_told += check_told(c, told[0]);
		n_rows = check_rows(c);
	}
	print_message("# %zu acknowledged in %d lives, %zu sealings\n", n_told, ROUNDS, n_rows);
	assert_true(n_rows > 0);
	store_scene_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_killed_at_random_moments) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
