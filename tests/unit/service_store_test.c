#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/store/store_access.h"
#include "service/store/store_meta.h"
#include "service/store/store_schema.h"
#include "tests/support/store_scene.h"

#define THREADS 8

static int set_up(void **state)
{
	*state = store_scene_open(NULL);
	return 0;
}

static int tear_down(void **state)
{
	store_scene_close(*state);
	return 0;
}

static const char *value_of(struct store_scene *c, const char *key)
{
	const char *value;
	assert_int_equal(store_meta_find(c->s, c->store, key, &value), OK);
	return value;
}

static void test_values_stay(void **state)
{
	struct store_scene *c = *state;
	assert_null(value_of(c, "a"));
	assert_int_equal(store_meta_put(c->s, c->store, "a", "1"), OK);
	assert_int_equal(store_meta_put(c->s, c->store, "a", "2"), OK);
	assert_string_equal(value_of(c, "a"), "2");
	store_scene_reopen(c);
	assert_string_equal(value_of(c, "a"), "2");
	assert_int_equal(store_probe(c->s, c->store), OK);
	assert_string_equal(store_folder(c->store), c->folder);
}

/* -- closures -- */

static enum err write_two(void *ctx, struct scope *s, struct store *store)
{
	const char *value;
	TRY(store_meta_put(s, store, "a", "1"));
	TRY(store_meta_put(s, store, "b", "2"));
	TRY(store_meta_find(s, store, "b", &value)); /* its own writes are seen */
	assert_string_equal(value, "2");
	return ctx ? *(enum err *)ctx : OK;
}

static enum err write_outer(void *ctx, struct scope *s, struct store *store)
{
	enum err inner = ERR_DENIED;
	(void)ctx;
	TRY(store_meta_put(s, store, "c", "3"));
	if (store_write(s, store, write_two, &inner) != ERR_DENIED)
		return ERR_INTERNAL;
	scope_forgive(s);
	return OK;
}

static void test_all_or_nothing(void **state)
{
	struct store_scene *c = *state;
	enum err denied = ERR_DENIED;
	assert_int_equal(store_write(c->s, c->store, write_two, &denied), ERR_DENIED);
	assert_null(value_of(c, "a"));
	assert_null(value_of(c, "b"));
	assert_int_equal(store_counters(c->store).refused, 1);
	assert_int_equal(store_write(c->s, c->store, write_two, NULL), OK);
	assert_string_equal(value_of(c, "a"), "1");
	assert_string_equal(value_of(c, "b"), "2");
}

/* What a closure calls and gives up on is undone; the rest is kept. */
static void test_a_closure_inside(void **state)
{
	struct store_scene *c = *state;
	assert_int_equal(store_write(c->s, c->store, write_outer, NULL), OK);
	assert_string_equal(value_of(c, "c"), "3");
	assert_null(value_of(c, "a"));
}

/* -- several at once -- */

struct writer {
	struct store_scene *scene;
	sem_t *begun, *sem;
	int number, rounds;
	enum err e;
};

/* In the writing thread: what comes from now on is in another batch. */
static enum err wait_for_others(void *ctx, struct scope *s, struct store *store)
{
	struct writer *w = ctx;
	sem_post(w->begun);
	sem_wait(w->sem);
	return store_meta_put(s, store, "first", "1");
}

static void *write_one(void *ctx)
{
	struct writer *w = ctx;
	struct scope *s = scope_new(0);
	char key[16];
	snprintf(key, sizeof(key), "k%d", w->number);
	w->e = w->number == 0 ? store_write(s, w->scene->store, wait_for_others, w)
			      : store_meta_put(s, w->scene->store, key, "x");
	scope_free(s);
	return NULL;
}

static void wait_until_waiting(struct store *store, unsigned n)
{
	while (store_counters(store).waiting < n)
		sched_yield();
}

/* While one is being written seven others come: they share one commit. */
static void test_one_commit_for_many(void **state)
{
	struct store_scene *c = *state;
	struct writer w[THREADS];
	pthread_t thread[THREADS];
	sem_t begun, sem;
	sem_init(&begun, 0, 0);
	sem_init(&sem, 0, 0);
	struct store_counters before = store_counters(c->store);
	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct writer){ .scene = c, .begun = &begun, .sem = &sem, .number = i };
		assert_int_equal(pthread_create(&thread[i], NULL, write_one, &w[i]), 0);
		if (i == 0)
			sem_wait(&begun);
		wait_until_waiting(c->store, (unsigned)i + 1);
	}
	sem_post(&sem);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(w[i].e, OK);
	}
	struct store_counters after = store_counters(c->store);
	assert_int_equal(after.writes - before.writes, THREADS);
	assert_in_range(after.commits - before.commits, 1, 2);
	assert_int_equal(after.waiting, 0);
	sem_destroy(&begun);
	sem_destroy(&sem);
}

static enum err add_one(void *ctx, struct scope *s, struct store *store)
{
	const char *value;
	char text[32];
	TRY(store_meta_find(s, store, ctx, &value));
	snprintf(text, sizeof(text), "%d", value ? (int)strtol(value, NULL, 10) + 1 : 1);
	return store_meta_put(s, store, ctx, text);
}

/* Two values that are always the same in any one state of the database. */
static enum err add_one_to_both(void *ctx, struct scope *s, struct store *store)
{
	char a[] = "a", b[] = "b";
	(void)ctx;
	TRY(add_one(a, s, store));
	return add_one(b, s, store);
}

static enum err read_both(void *ctx, struct scope *s, struct store_sql *c)
{
	int64_t *both = ctx;
	TRY(store_sql_one(s, c, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'a'",
	    STORE_SQL_NOTHING, &both[0]));
	return store_sql_one(s, c, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'b'",
	    STORE_SQL_NOTHING, &both[1]);
}

static void *write_and_read(void *ctx)
{
	struct writer *w = ctx;
	for (int i = 0; i < w->rounds && w->e == OK; i++) {
		struct scope *s = scope_new(0);
		int64_t both[2] = { 0 };
		w->e = store_write(s, w->scene->store, add_one_to_both, NULL);
		if (w->e == OK)
			w->e = store_access_read(s, w->scene->store, read_both, both);
		if (both[0] != both[1] || both[0] < i + 1)
			w->e = ERR_INTERNAL;
		scope_free(s);
	}
	return NULL;
}

static void test_readers_see_whole_states(void **state)
{
	struct store_scene *c = *state;
	struct writer w[THREADS];
	pthread_t thread[THREADS];
	for (int i = 0; i < THREADS; i++) {
		w[i] = (struct writer){ .scene = c, .rounds = 50 };
		assert_int_equal(pthread_create(&thread[i], NULL, write_and_read, &w[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(w[i].e, OK);
	}
	assert_string_equal(value_of(c, "a"), "400");
}

/* -- a full disk -- */

static enum err fill_up(void *ctx, struct scope *s, struct store *store)
{
	size_t n = 1 << 20;
	char *big = scope_alloc(s, n + 1);
	(void)ctx;
	if (!big)
		return ERR_NOMEM;
	memset(big, 'x', n);
	return store_meta_put(s, store, "big", big);
}

static enum err set_pages(void *ctx, struct scope *s, struct store *store)
{
	return store_sql_script(s, store_access_inside(store), ctx);
}

static void *write_big(void *ctx)
{
	struct writer *w = ctx;
	struct scope *s = scope_new(0);
	w->e = store_write(s, w->scene->store, fill_up, NULL);
	scope_free(s);
	return NULL;
}

/* One that waits, one that is too much, one that is not: all three are told, and none is there. */
static void test_a_lost_transaction_is_told_to_all(void **state)
{
	struct store_scene *c = *state;
	struct writer w[4];
	pthread_t thread[4];
	sem_t begun, sem;
	char few[] = "PRAGMA max_page_count = 1", many[] = "PRAGMA max_page_count = 1000000";
	assert_int_equal(store_write(c->s, c->store, set_pages, few), OK); /* as many as now */
	sem_init(&begun, 0, 0);
	sem_init(&sem, 0, 0);
	for (int i = 0; i < 4; i++) {
		w[i] = (struct writer){ .scene = c, .begun = &begun, .sem = &sem, .number = i };
		assert_int_equal(
		    pthread_create(&thread[i], NULL, i == 2 ? write_big : write_one, &w[i]), 0);
		if (i == 0)
			sem_wait(&begun);
		wait_until_waiting(c->store, (unsigned)i + 1);
	}
	sem_post(&sem);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(w[0].e, OK); /* it was alone */
	for (int i = 1; i < 4; i++)
		assert_int_equal(w[i].e, ERR_IO);
	assert_null(value_of(c, "k1"));
	assert_null(value_of(c, "k3"));
	assert_int_equal(store_counters(c->store).failed, 3);
	/* The next one works, and so does what failed when there is room. */
	assert_int_equal(store_meta_put(c->s, c->store, "k1", "x"), OK);
	struct scope *s = scope_new(0);
	assert_int_equal(store_write(s, c->store, fill_up, NULL), ERR_IO);
	assert_non_null(strstr(scope_fault_text(s), "full"));
	scope_free(s);
	assert_int_equal(store_write(c->s, c->store, set_pages, many), OK);
	assert_int_equal(store_write(c->s, c->store, fill_up, NULL), OK);
	sem_destroy(&begun);
	sem_destroy(&sem);
}

static void fill_file(const char *path)
{
	char block[4096] = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	while (write(fd, block, sizeof(block)) > 0)
		continue;
	close(fd);
}

static void test_a_full_file_system(void **state)
{
	char folder[256], ballast[512];
	const char *tmp = getenv("TMPDIR");
	(void)state;
	snprintf(folder, sizeof(folder), "%.200s/full-XXXXXX", tmp ? tmp : P_tmpdir);
	assert_non_null(mkdtemp(folder));
	if (mount("tmpfs", folder, "tmpfs", 0, "size=4m") != 0) {
		rmdir(folder);
		print_message("no file system of one's own may be mounted here\n");
		skip();
	}
	struct store_scene *c = store_scene_open(folder);
	snprintf(ballast, sizeof(ballast), "%s/ballast", folder);
	fill_file(ballast);
	struct scope *s = scope_new(0);
	assert_int_equal(store_write(s, c->store, fill_up, NULL), ERR_IO);
	assert_null(value_of(c, "big"));
	scope_free(s);
	assert_int_equal(unlink(ballast), 0);
	assert_int_equal(store_meta_put(c->s, c->store, "a", "1"), OK);
	store_scene_reopen(c);
	assert_string_equal(value_of(c, "a"), "1");
	store_scene_close(c);
	assert_int_equal(umount(folder), 0);
	rmdir(folder);
}

/* -- opening -- */

static enum err open_again(struct store_scene *c)
{
	struct scope *s = scope_new(0);
	struct store *store;
	struct store_options o = { .folder = c->folder, .now = store_scene_at(0) };
	enum err e = store_open(s, &o, &store);
	if (e == OK)
		store_close(store);
	scope_free(s);
	return e;
}

static void test_one_process_at_a_time(void **state)
{
	struct store_scene *c = *state;
	assert_int_equal(open_again(c), ERR_MISUSE);
	store_close(c->store);
	assert_int_equal(open_again(c), OK);
	c->store = NULL;
}

static void test_nobody_else_may_read(void **state)
{
	struct store_scene *c = *state;
	static const char *const names[] = { "bulla.db", "bulla.db-wal", "bulla.db-shm" };
	char path[300];
	struct stat st;
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", c->folder, names[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void change_file(struct store_scene *c, long at, const char *octets, size_t n)
{
	char path[300];
	snprintf(path, sizeof(path), "%s/bulla.db", c->folder);
	FILE *f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(octets, 1, n, f), n);
	fclose(f);
}

static void test_a_newer_one_is_refused(void **state)
{
	struct store_scene *c = *state;
	store_close(c->store);
	c->store = NULL;
	/* PRAGMA user_version, the last of its four octets */
	const char newer = STORE_SCHEMA_VERSION + 1, own = STORE_SCHEMA_VERSION;
	change_file(c, 63, &newer, 1);
	assert_int_equal(open_again(c), ERR_UNSUPPORTED);
	change_file(c, 63, &own, 1);
	assert_int_equal(open_again(c), OK);
}

static void test_a_damaged_one_is_refused(void **state)
{
	struct store_scene *c = *state;
	char zeros[4096];
	memset(zeros, 0xa5, sizeof(zeros));
	assert_int_equal(store_write(c->s, c->store, fill_up, NULL), OK);
	store_close(c->store);
	c->store = NULL;
	change_file(c, 3 * 4096, zeros, sizeof(zeros));
	assert_int_equal(open_again(c), ERR_FORMAT);
	change_file(c, 0, "No database at all", 18);
	assert_int_equal(open_again(c), ERR_FORMAT);
}

/* -- older schemas -- */

static void test_each_version_is_brought_up(void **state)
{
	struct store_scene *c = *state;
	char path[300];
	struct store_sql *sql;
	struct store_filing_filter all = { .state = STORE_FILING_ANY,
		.word = STORE_FILING_ANY,
		.decision = STORE_FILING_ANY,
		.since = INSTANT_NONE,
		.before = INSTANT_NONE,
		.text = "annual" };
	struct store_filing_list list;
	store_close(c->store);
	c->store = NULL;
	snprintf(path, sizeof(path), "%s/bulla.db", c->folder);
	assert_int_equal(unlink(path), 0);
	fclose(fopen(path, "w"));
	assert_int_equal(store_sql_open(c->s, path, STORE_SQL_WRITE, &sql), OK);
	assert_int_equal(store_schema_bring(c->s, sql, 1), OK);
	assert_int_equal(store_sql_script(c->s, sql,
			     "INSERT INTO filing (id, source, request_sha256, name, reference,"
			     " size, sha256, received, state, word, decision) VALUES"
			     " ('fl_1', 'fund', x'00', 'Annual.pdf', '', 1, x'00', 1, 'received',"
			     " '', 'open')"),
	    OK);
	store_sql_close(sql);
	struct store_options o = { .folder = c->folder, .now = store_scene_at(0) };
	assert_int_equal(store_open(c->s, &o, &c->store), OK);
	assert_int_equal(
	    store_filing_list(c->s, c->store, &all, (struct store_page){ 0 }, &list), OK);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.filing[0].id, "fl_1");
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_values_stay),
		SCENE(test_all_or_nothing),
		SCENE(test_a_closure_inside),
		SCENE(test_one_commit_for_many),
		SCENE(test_readers_see_whole_states),
		SCENE(test_a_lost_transaction_is_told_to_all),
		cmocka_unit_test(test_a_full_file_system),
		SCENE(test_one_process_at_a_time),
		SCENE(test_nobody_else_may_read),
		SCENE(test_a_newer_one_is_refused),
		SCENE(test_a_damaged_one_is_refused),
		SCENE(test_each_version_is_brought_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
