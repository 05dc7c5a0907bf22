#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/cache_folder.h"

#define URL "http://ca.example/a.crl"

static const struct cache_folder_bounds wide = { LIMIT_CACHE_OCTETS, LIMIT_CACHE_ENTRIES };

struct fixture {
	struct scope *s;
	char path[64];
	struct cache_folder *folder;
	struct digest key;
};

static struct digest key_of(struct scope *s, const char *text)
{
	struct digest key;
	assert_int_equal(digest_of_bytes(s, DIGEST_SHA256, bytes_of_str(text), &key), OK);
	return key;
}

static struct fixture open_bounded(const struct cache_folder_bounds *bounds)
{
	struct fixture f = { .s = scope_new(0), .path = "cache-test-XXXXXX" };
	const char *tmp = getenv("TMPDIR");
	snprintf(f.path, sizeof(f.path), "%.40s/cache-XXXXXX", tmp ? tmp : P_tmpdir);
	assert_non_null(f.s);
	assert_non_null(mkdtemp(f.path));
	assert_int_equal(cache_folder_open(f.s, f.path, bounds, &f.folder), OK);
	f.key = key_of(f.s, "key");
	return f;
}

/* The paths of what is kept. */
static size_t list(const struct fixture *f, char ret_paths[][256], size_t room)
{
	size_t n = 0;
	DIR *dir = opendir(f->path);
	assert_non_null(dir);
	for (const struct dirent *d; (d = readdir(dir));)
		if (d->d_name[0] != '.' && strncmp(d->d_name, "lock", 4) && n++ < room)
			snprintf(ret_paths[n - 1], 256, "%s/%.150s", f->path, d->d_name);
	closedir(dir);
	return n;
}

static void close_fixture(struct fixture *f)
{
	DIR *dir = opendir(f->path);
	char path[512];
	assert_non_null(dir);
	for (const struct dirent *d; (d = readdir(dir));) {
		snprintf(path, sizeof(path), "%s/%s", f->path, d->d_name);
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			unlink(path);
	}
	closedir(dir);
	rmdir(f->path);
	scope_free(f->s);
}

static struct cache_entry answer(const char *body)
{
	return (struct cache_entry){ .url = URL,
		.fetched = { 1000 },
		.until = { 2000 },
		.reply = { .status = 200, .content_type = "text/x", .body = bytes_of_str(body) } };
}

static void put(struct fixture *f, const struct cache_entry *e)
{
	assert_int_equal(cache_folder_put(f->s, f->folder, &f->key, e), OK);
	assert_int_equal(scope_fault_code(f->s), OK);
}

static bool find(struct fixture *f, struct cache_entry *ret_entry)
{
	bool found;
	assert_int_equal(cache_folder_find(f->s, f->folder, &f->key, URL, &found, ret_entry), OK);
	assert_int_equal(scope_fault_code(f->s), OK);
	return found;
}

static void test_answers_come_back(void **state)
{
	(void)state;
	struct fixture f = open_bounded(&wide);
	struct cache_entry e = answer("hello"), got;
	const struct bytes more[] = { BYTES_LIT("\0\n"), BYTES_NONE, BYTES_LIT("three") };
	assert_false(find(&f, &got));
	put(&f, &e);
	assert_true(find(&f, &got));
	assert_int_equal(got.failure, OK);
	assert_int_equal(got.fetched.unix_s, 1000);
	assert_int_equal(got.until.unix_s, 2000);
	assert_int_equal(got.reply.status, 200);
	assert_string_equal(got.reply.content_type, "text/x");
	assert_true(bytes_equal_str(got.reply.body, "hello"));
	assert_int_equal(got.reply.n_more, 0);
	e.reply.more = more;
	e.reply.n_more = 3;
	e.reply.content_type = "";
	put(&f, &e);
	assert_true(find(&f, &got));
	assert_int_equal(got.reply.n_more, 3);
	assert_true(bytes_equal(got.reply.more[0], more[0]));
	assert_int_equal(got.reply.more[1].n, 0);
	assert_true(bytes_equal(got.reply.more[2], more[2]));
	assert_string_equal(got.reply.content_type, "");
	close_fixture(&f);
}

static void test_failures_come_back(void **state)
{
	(void)state;
	struct fixture f = open_bounded(&wide);
	struct cache_entry e = { .url = URL,
		.fetched = { 1000 },
		.until = { 2000 },
		.failure = ERR_NET,
		.text = URL ": HTTP 500" };
	struct cache_entry got;
	put(&f, &e);
	assert_true(find(&f, &got));
	assert_int_equal(got.failure, ERR_NET);
	assert_string_equal(got.text, URL ": HTTP 500");
	e.failure = ERR_LIMIT;
	put(&f, &e);
	assert_true(find(&f, &got));
	assert_int_equal(got.failure, ERR_LIMIT);
	/* A fault that is being told stays. */
	scope_fault(f.s, ERR_NET, "the fault");
	assert_int_equal(cache_folder_put(f.s, f.folder, &f.key, &e), OK);
	assert_string_equal(scope_fault_text(f.s), "the fault");
	close_fixture(&f);
}

/* Each octet in turn, and each length. */
static void test_damage_is_noticed(void **state)
{
	(void)state;
	struct fixture f = open_bounded(&wide);
	const struct cache_entry e = answer("hello");
	struct cache_entry got;
	char path[1][256], content[1024];
	put(&f, &e);
	assert_int_equal(list(&f, path, 1), 1);
	FILE *file = fopen(path[0], "r");
	assert_non_null(file);
	const size_t n = fread(content, 1, sizeof(content), file);
	fclose(file);
	assert_in_range(n, 100, sizeof(content) - 1);
	for (size_t i = 0; i < 2 * n; i++) {
		put(&f, &e);
		if (i < n) {
			int fd = open(path[0], O_WRONLY);
			const char other = (char)(content[i] ^ 1);
			assert_int_equal(pwrite(fd, &other, 1, (off_t)i), 1);
			close(fd);
		} else {
			assert_int_equal(truncate(path[0], (off_t)(i - n)), 0);
		}
		if (find(&f, &got))
			fail_msg("damage %zu of %zu was not noticed", i, n);
		/* An empty file says nothing, not even that it is damaged. */
		if (i != n)
			assert_int_equal(list(&f, path, 1), 0);
	}
	close_fixture(&f);
}

static void test_what_is_exchanged(void **state)
{
	(void)state;
	struct fixture f = open_bounded(&wide);
	struct cache_entry e = answer("hello"), got;
	char path[1][256];
	/* Another URL's entry under this name. */
	e.url = "http://ca.example/b.crl";
	put(&f, &e);
	assert_false(find(&f, &got));
	assert_int_equal(list(&f, path, 0), 0);
	/* A symbolic link, a folder, a pipe where an entry should be. */
	e.url = URL;
	put(&f, &e);
	assert_int_equal(list(&f, path, 1), 1);
	unlink(path[0]);
	assert_int_equal(symlink("/etc/passwd", path[0]), 0);
	assert_false(find(&f, &got));
	unlink(path[0]);
	assert_int_equal(mkfifo(path[0], 0600), 0);
	assert_false(find(&f, &got));
	put(&f, &e);
	assert_true(find(&f, &got));
	unlink(path[0]);
	assert_int_equal(mkdir(path[0], 0700), 0);
	assert_false(find(&f, &got));
	put(&f, &e);
	assert_false(find(&f, &got));
	rmdir(path[0]);
	close_fixture(&f);
}

static void test_what_cannot_be_written(void **state)
{
	(void)state;
	struct fixture f = open_bounded(&wide);
	struct cache_entry e = answer("hello"), got;
	e.reply.content_type = "text/x\r\nurl y";
	put(&f, &e);
	assert_false(find(&f, &got));
	char longer[LIMIT_CACHE_HEAD + 1];
	memset(longer, 'x', sizeof(longer));
	longer[LIMIT_CACHE_HEAD] = 0;
	e.reply.content_type = longer;
	put(&f, &e);
	assert_false(find(&f, &got));
	close_fixture(&f);
}

static void test_folders(void **state)
{
	(void)state;
	struct fixture f = open_bounded(&wide);
	struct cache_folder *folder;
	char path[128];
	struct stat st;
	snprintf(path, sizeof(path), "%s/new", f.path);
	assert_int_equal(cache_folder_open(f.s, path, &wide, &folder), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/no/such", f.path);
	assert_int_equal(cache_folder_open(f.s, path, &wide, &folder), ERR_IO);
	assert_non_null(strstr(scope_fault_text(f.s), "/no/such: "));
	scope_forgive(f.s);
	snprintf(path, sizeof(path), "%s/file", f.path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(cache_folder_open(f.s, path, &wide, &folder), ERR_IO);
	scope_forgive(f.s);
	close_fixture(&f);
}

/* Twenty entries of about 1100 octets where 8 fit: the newest are there, the oldest are not. */
static void test_bounds(void **state)
{
	(void)state;
	static const struct cache_folder_bounds narrow[] = { { 9000, 1000 }, { 1 << 20, 8 } };
	char body[1001], name[16], paths[32][256];
	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = 0;
	for (size_t k = 0; k < 2; k++) {
		struct fixture f = open_bounded(&narrow[k]);
		const struct cache_entry e = answer(body);
		struct cache_entry got;
		for (int i = 0; i < 20; i++) {
			snprintf(name, sizeof(name), "%d", i);
			f.key = key_of(f.s, name);
			put(&f, &e);
			/* Each is a minute younger than the one before. */
			struct timespec t[2] = { { .tv_nsec = UTIME_OMIT },
				{ .tv_sec = time(NULL) - 6000 + 60 * i } };
			char path[256] = "";
			const size_t n = list(&f, paths, 32);
			for (size_t p = 0; p < n; p++) {
				struct stat st;
				if (stat(paths[p], &st) == 0 && st.st_mtime > time(NULL) - 60)
					memcpy(path, paths[p], sizeof(path));
			}
			assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
			assert_true(n <= 8);
		}
		assert_true(find(&f, &got));
		f.key = key_of(f.s, "0");
		assert_false(find(&f, &got));
		f.key = key_of(f.s, "17");
		assert_true(find(&f, &got));
		close_fixture(&f);
	}
}

static void make_old(const char *path, long seconds)
{
	struct timespec t[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = time(NULL) - seconds } };
	assert_int_equal(utimensat(AT_FDCWD, path, t, 0), 0);
}

static void test_what_is_left_behind(void **state)
{
	(void)state;
	struct fixture f = open_bounded(&wide);
	const struct cache_entry e = answer("hello");
	struct cache_entry got;
	char old[128], young[128], path[1][256];
	snprintf(old, sizeof(old), "%s/.new-1-a", f.path);
	snprintf(young, sizeof(young), "%s/.new-2-b", f.path);
	close(open(old, O_CREAT | O_WRONLY, 0600));
	close(open(young, O_CREAT | O_WRONLY, 0600));
	make_old(old, 3700);
	make_old(young, 3500);
	put(&f, &e); /* the first one of a process looks around */
	assert_int_not_equal(access(old, F_OK), 0);
	assert_int_equal(access(young, F_OK), 0);
	assert_int_equal(list(&f, path, 1), 1);
	make_old(path[0], LIMIT_CACHE_CERT_AGE_S + 100);
	assert_int_equal(cache_folder_open(f.s, f.path, &wide, &f.folder), OK);
	const struct digest first = f.key;
	f.key = key_of(f.s, "other");
	put(&f, &e);
	f.key = first;
	assert_false(find(&f, &got));
	close_fixture(&f);
}

struct holder {
	struct fixture *f;
	atomic_bool is_held;
	struct timespec let_go;
};

static void *hold(void *obj)
{
	struct holder *h = obj;
	int lock = cache_folder_lock(h->f->folder, &h->f->key, 1000);
	atomic_store(&h->is_held, true);
	nanosleep(&(struct timespec){ .tv_nsec = 150000000 }, NULL);
	clock_gettime(CLOCK_MONOTONIC, &h->let_go);
	cache_folder_unlock(lock);
	return NULL;
}

static void test_locks(void **state)
{
	(void)state;
	struct fixture f = open_bounded(&wide);
	struct holder h = { .f = &f };
	struct timespec got;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, hold, &h), 0);
	while (!atomic_load(&h.is_held))
		continue;
	assert_int_equal(cache_folder_lock(f.folder, &f.key, 20), -1);
	int lock = cache_folder_lock(f.folder, &f.key, 5000);
	clock_gettime(CLOCK_MONOTONIC, &got);
	assert_true(lock >= 0);
	pthread_join(thread, NULL);
	assert_true(got.tv_sec > h.let_go.tv_sec ||
		    (got.tv_sec == h.let_go.tv_sec && got.tv_nsec >= h.let_go.tv_nsec));
	struct digest other = f.key;
	other.value[0] ^= 1;
	int second = cache_folder_lock(f.folder, &other, 0);
	assert_true(second >= 0);
	cache_folder_unlock(second);
	cache_folder_unlock(lock);
	cache_folder_unlock(-1);
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_come_back),
		cmocka_unit_test(test_failures_come_back),
		cmocka_unit_test(test_damage_is_noticed),
		cmocka_unit_test(test_what_is_exchanged),
		cmocka_unit_test(test_what_cannot_be_written),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_what_is_left_behind),
		cmocka_unit_test(test_locks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
