#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/log/audit_file.h"
#include "service/log/audit_log.h"
#include "service/log/audit_reader.h"

#define THREADS 8
#define APPENDS 500

struct fixture {
	struct scope *s;
	char folder[80];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");
	if (!f)
		return -1;
	snprintf(f->folder, sizeof(f->folder), "%.40s/log-XXXXXX", tmp ? tmp : P_tmpdir);
	f->s = scope_new(0);
	*state = f;
	return f->s && mkdtemp(f->folder) ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];
	scope_free(f->s);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
	int failed = system(command);
	free(f);
	return failed;
}

/* Another run of the service. */
static void reopen(struct fixture *f, enum err want, size_t file_octets, struct audit_log **ret_log)
{
	scope_free(f->s);
	f->s = scope_new(0);
	assert_non_null(f->s);
	assert_int_equal(audit_log_open(f->s, f->folder, file_octets, ret_log), want);
}

static const char *path_of(const struct fixture *f, const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	return path;
}

static uint64_t append(struct fixture *f, struct audit_log *log, const char *object)
{
	const struct audit_entry e = { .kind = AUDIT_SEALING_SEALED, .object = object };
	uint64_t seq = 0;
	assert_int_equal(audit_log_append(f->s, log, &e, &seq), OK);
	return seq;
}

/* Every record is there in order, and so are its file's lines; their number. `most_files`: fails
 * when there are others. The kind of the last one is told. */
static uint64_t count(struct fixture *f, size_t files_wanted, char ret_last[64])
{
	struct audit_reader_files files;
	struct audit_reader *r;
	struct audit_chain chain = { 0 };
	struct audit_line line;
	struct audit_record record;
	bool more;
	struct scope *s = scope_new(0);
	assert_int_equal(audit_reader_list(s, f->folder, &files), OK);
	if (files_wanted)
		assert_int_equal(files.n, files_wanted);
	assert_int_equal(audit_reader_open(s, &files, 0, &r), OK);
	for (;;) {
		assert_int_equal(audit_reader_next(s, r, &more, &line), OK);
		if (!more)
			break;
		assert_true(line.is_ended);
		assert_int_equal(audit_record_parse(s, line.text, &record), OK);
		struct audit_frame frame = { .seq = record.seq };
		memcpy(frame.previous, record.previous, AUDIT_RECORD_HASH);
		memcpy(frame.hash, record.hash, AUDIT_RECORD_HASH);
		assert_true(audit_chain_fits(&chain, &frame));
		audit_chain_move(&chain, &frame);
		if (ret_last)
			snprintf(ret_last, 64, "%s", record.kind);
	}
	scope_free(s);
	return chain.seq;
}

static void test_numbers_from_one(void **state)
{
	struct fixture *f = *state;
	struct audit_log *log, *other;
	reopen(f, OK, 0, &log);
	assert_int_equal(append(f, log, "a"), 1);
	assert_int_equal(append(f, log, "b"), 2);
	/* One writer at a time. */
	struct scope *s = scope_new(0);
	assert_int_equal(audit_log_open(s, f->folder, 0, &other), ERR_DENIED);
	scope_free(s);
	reopen(f, OK, 0, &log);
	assert_int_equal(append(f, log, "c"), 3);
	assert_int_equal(count(f, 1, NULL), 3);
}

/* The head follows at once when it is told to, and at the end. */
static void test_head_catches_up(void **state)
{
	struct fixture *f = *state;
	struct audit_log *log;
	struct audit_chain head;
	bool is_there;
	reopen(f, OK, 0, &log);
	for (uint64_t n = 1; n <= 5; n++) {
		append(f, log, "a");
		audit_log_settle(log);
		assert_int_equal(audit_chain_read_head(f->s, f->folder, &is_there, &head), OK);
		assert_true(is_there);
		assert_int_equal(head.seq, n);
	}
	append(f, log, "a");
	scope_free(f->s);
	f->s = scope_new(0);
	assert_int_equal(audit_chain_read_head(f->s, f->folder, &is_there, &head), OK);
	assert_int_equal(head.seq, 6);
}

static void test_files_are_filled_one_after_the_other(void **state)
{
	struct fixture *f = *state;
	struct audit_log *log;
	struct stat st;
	reopen(f, OK, 2000, &log);
	for (int i = 0; i < 20; i++)
		append(f, log, "object");
	assert_int_equal(count(f, 4, NULL), 20);
	assert_int_equal(stat(path_of(f, "audit-000001.jsonl"), &st), 0);
	assert_in_range(st.st_size, 1500, 2000);
	reopen(f, OK, 2000, &log);
	for (int i = 0; i < 4; i++)
		append(f, log, "object");
	assert_int_equal(count(f, 5, NULL), 24);
}

static void test_root_grows_and_is_found_again(void **state)
{
	struct fixture *f = *state;
	struct audit_log *log;
	struct merkle_hash root, again;
	uint64_t size;
	reopen(f, OK, 2000, &log);
	for (int i = 0; i < 11; i++)
		append(f, log, "object");
	assert_int_equal(audit_log_root(f->s, log, &size, &root), OK);
	assert_int_equal(size, 11);
	assert_int_equal(audit_log_uncovered(log), 11);
	reopen(f, OK, 2000, &log);
	assert_int_equal(audit_log_root(f->s, log, &size, &again), OK);
	assert_memory_equal(&root, &again, sizeof(root));
	append(f, log, "another");
	assert_int_equal(
	    audit_log_note_timestamp(f->s, log, 11, &root, BYTES_LIT("not looked at"), &size), OK);
	assert_int_equal(size, 13);
	assert_int_equal(audit_log_uncovered(log), 2);
	assert_int_equal(audit_log_root(f->s, log, &size, &root), OK);
	assert_int_equal(
	    audit_log_note_timestamp(f->s, log, 13, &root, BYTES_LIT("token"), NULL), OK);
	assert_int_equal(audit_log_uncovered(log), 0);
	reopen(f, OK, 2000, &log);
	assert_int_equal(audit_log_uncovered(log), 0);
	append(f, log, "another");
	assert_int_equal(audit_log_uncovered(log), 2);
	assert_int_equal(
	    audit_log_note_timestamp(f->s, log, 16, &root, BYTES_LIT("token"), NULL), ERR_MISUSE);
	struct bytes large =
	    bytes_of(scope_alloc(f->s, LIMIT_AUDIT_TOKEN + 1), LIMIT_AUDIT_TOKEN + 1);
	scope_forgive(f->s);
	assert_int_equal(audit_log_note_timestamp(f->s, log, 15, &root, large, NULL), ERR_LIMIT);
	scope_forgive(f->s);
	large.n--;
	assert_int_equal(audit_log_note_timestamp(f->s, log, 15, &root, large, NULL), OK);
}

/* -- many at once -- */

struct appender {
	struct audit_log *log;
	uint64_t seq[APPENDS];
};

static void *append_many(void *p)
{
	struct appender *a = p;
	struct scope *s = scope_new(0);
	for (size_t i = 0; i < APPENDS; i++) {
		const struct audit_entry e = { .kind = AUDIT_LOGIN_ACCEPTED,
			.actor = "person:1",
			.detail = { { "n", "a text", false } } };
		if (audit_log_append(s, a->log, &e, &a->seq[i]) != OK)
			a->seq[i] = 0;
	}
	scope_free(s);
	return NULL;
}

static void test_many_threads(void **state)
{
	static struct appender a[THREADS];
	static bool seen[THREADS * APPENDS + 1];
	struct fixture *f = *state;
	pthread_t thread[THREADS];
	struct audit_log *log;
	reopen(f, OK, 100000, &log);
	for (size_t i = 0; i < THREADS; i++) {
		a[i].log = log;
		assert_int_equal(pthread_create(&thread[i], NULL, append_many, &a[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (size_t i = 0; i < THREADS * APPENDS; i++) {
		const uint64_t seq = a[i / APPENDS].seq[i % APPENDS];
		assert_in_range(seq, 1, THREADS * APPENDS);
		assert_false(seen[seq]);
		seen[seq] = true;
	}
	assert_int_equal(count(f, 0, NULL), THREADS * APPENDS);
}

/* -- crashes -- */

static void append_for_ever(const char *folder, _Atomic uint64_t *told)
{
	struct scope *s = scope_new(0);
	struct audit_log *log;
	const struct audit_entry e = { .kind = AUDIT_SEALING_SEALED, .object = "object" };
	if (audit_log_open(s, folder, 20000, &log) != OK)
		_exit(1);
	for (;;) {
		uint64_t seq;
		if (audit_log_append(s, log, &e, &seq) != OK)
			_exit(2);
		*told = seq;
	}
}

static void test_killed_in_the_middle(void **state)
{
	struct fixture *f = *state;
	struct audit_log *log;
	_Atomic uint64_t *told =
	    mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(told, MAP_FAILED);
	for (uint64_t round = 1; round <= 5; round++) {
		const uint64_t before = *told;
		int status;
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			append_for_ever(f->folder, told);
		while (*told < before + 40 * round && waitpid(pid, &status, WNOHANG) == 0)
			usleep(500);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		const uint64_t acknowledged = *told;
		reopen(f, OK, 0, &log);
		assert_true(count(f, 0, NULL) >= acknowledged);
		scope_free(f->s);
		f->s = scope_new(0);
	}
	munmap(told, sizeof(*told));
}

static off_t size_of(const char *path)
{
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void write_at_end(const char *path, struct bytes octets)
{
	int fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, octets.p, octets.n), octets.n);
	close(fd);
}

/* Cut anywhere in a record that the head does not tell of: what is left of it goes away. */
static void test_unfinished_line(void **state)
{
	struct fixture *f = *state;
	struct audit_log *log;
	char last[64], head[200] = "";
	reopen(f, OK, 0, &log);
	append(f, log, "a");
	reopen(f, OK, 0, &log); /* the head tells of 1 */
	int fd = open(path_of(f, "head"), O_RDONLY);
	assert_true(read(fd, head, sizeof(head) - 1) > 0);
	close(fd);
	const off_t whole = size_of(path_of(f, "audit-000001.jsonl"));
	for (off_t left = 1; left < whole; left += 23) {
		append(f, log, "b");
		scope_free(f->s);
		f->s = NULL;
		assert_int_equal(truncate(path_of(f, "audit-000001.jsonl"), whole + left), 0);
		fd = open(path_of(f, "head"), O_WRONLY | O_TRUNC);
		assert_int_equal(write(fd, head, strlen(head)), strlen(head));
		close(fd);
		reopen(f, OK, 0, &log);
		assert_int_equal(count(f, 1, last), 2);
		assert_string_equal(last, "log.recovered");
		scope_free(f->s);
		f->s = NULL;
		assert_int_equal(truncate(path_of(f, "audit-000001.jsonl"), whole), 0);
		fd = open(path_of(f, "head"), O_WRONLY | O_TRUNC);
		assert_int_equal(write(fd, head, strlen(head)), strlen(head));
		close(fd);
		reopen(f, OK, 0, &log);
	}
	/* Blocks that never came to the disk. */
	static const uint8_t hole[5000] = { [4999] = '\n' };
	write_at_end(path_of(f, "audit-000001.jsonl"), bytes_of(hole, sizeof(hole)));
	write_at_end(path_of(f, "audit-000001.jsonl"), BYTES_LIT("{\"rest\":1}\n"));
	reopen(f, OK, 0, &log);
	assert_int_equal(count(f, 1, last), 2);
	assert_string_equal(last, "log.recovered");
}

static void fails_to_open(struct fixture *f, const char *why)
{
	struct audit_log *log;
	reopen(f, ERR_FORMAT, 0, &log);
	if (!strstr(scope_fault_text(f->s), why))
		fail_msg("\"%s\" lacks \"%s\"", scope_fault_text(f->s), why);
}

static void flip(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	uint8_t octet;
	assert_int_equal(pread(fd, &octet, 1, at), 1);
	octet ^= 1;
	assert_int_equal(pwrite(fd, &octet, 1, at), 1);
	close(fd);
}

static void test_not_whole(void **state)
{
	struct fixture *f = *state;
	struct audit_log *log;
	reopen(f, OK, 1000, &log);
	for (int i = 0; i < 9; i++)
		append(f, log, "object");
	reopen(f, OK, 1000, &log);
	assert_int_equal(count(f, 5, NULL), 9);
	const char *second = strdup(path_of(f, "audit-000002.jsonl"));
	const char *last = strdup(path_of(f, "audit-000005.jsonl"));
	flip(second, 100);
	fails_to_open(
	    f, "audit-000002.jsonl: line 1: record 3: its hash is not that of its octets");
	flip(second, 100);
	/* The end, so that the last line is unfinished: but the head knows better. */
	const off_t whole = size_of(last);
	assert_int_equal(truncate(last, whole - 10), 0);
	fails_to_open(f, "audit-000005.jsonl: line 1: record 9");
	assert_int_equal(truncate(last, 0), 0);
	fails_to_open(f, "records 9 to 9 are missing at the end");
	unlink(last);
	fails_to_open(f, "records 9 to 9 are missing at the end");
	assert_int_equal(rename(second, path_of(f, "kept")), 0);
	fails_to_open(f, "audit-000002.jsonl: is missing");
	unlink(path_of(f, "head"));
	assert_int_equal(rename(path_of(f, "kept"), second), 0);
	fails_to_open(f, "head: is missing");
	close(open(path_of(f, "head"), O_CREAT | O_WRONLY, 0600));
	fails_to_open(f, "head: is no head");
	free((char *)(uintptr_t)second);
	free((char *)(uintptr_t)last);
}

/* -- a full disk -- */

static void limit_files_to(rlim_t octets)
{
	struct rlimit l;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &l), 0);
	l.rlim_cur = octets;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &l), 0);
}

static void test_full_disk(void **state)
{
	struct fixture *f = *state;
	struct audit_log *log;
	char last[64];
	uint64_t size, seq;
	struct merkle_hash root, same;
	const struct audit_entry e = { .kind = AUDIT_SEALING_SEALED, .object = "lost" };
	signal(SIGXFSZ, SIG_IGN);
	reopen(f, OK, 0, &log);
	append(f, log, "a");
	const off_t one = size_of(path_of(f, "audit-000001.jsonl"));
	assert_int_equal(audit_log_root(f->s, log, &size, &root), OK);
	limit_files_to((rlim_t)one + 200);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(audit_log_append(f->s, log, &e, &seq), ERR_IO);
		assert_non_null(strstr(scope_fault_text(f->s), "audit-000001.jsonl"));
		scope_forgive(f->s);
		assert_int_equal(size_of(path_of(f, "audit-000001.jsonl")), one);
	}
	assert_int_equal(audit_log_root(f->s, log, &size, &same), OK);
	assert_int_equal(size, 1);
	assert_memory_equal(&root, &same, sizeof(root));
	limit_files_to(RLIM_INFINITY);
	assert_int_equal(append(f, log, "b"), 2);
	assert_int_equal(count(f, 1, last), 2);
	reopen(f, OK, 0, &log);
	assert_int_equal(append(f, log, "c"), 3);
}

/* The disk is full in the middle of it: what was said to be there is there, and nothing else. */
static void test_many_threads_on_a_full_disk(void **state)
{
	static struct appender a[THREADS];
	static bool seen[THREADS * APPENDS + 1];
	struct fixture *f = *state;
	struct audit_log *log;
	pthread_t thread[THREADS];
	uint64_t n = 0;
	signal(SIGXFSZ, SIG_IGN);
	reopen(f, OK, 0, &log);
	append(f, log, "first");
	limit_files_to(300000);
	for (size_t i = 0; i < THREADS; i++) {
		a[i].log = log;
		assert_int_equal(pthread_create(&thread[i], NULL, append_many, &a[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (size_t i = 0; i < THREADS * APPENDS; i++) {
		const uint64_t seq = a[i / APPENDS].seq[i % APPENDS];
		if (!seq)
			continue;
		assert_in_range(seq, 2, THREADS * APPENDS);
		assert_false(seen[seq]);
		seen[seq] = true;
		n++;
	}
	assert_in_range(n, 100, 300000 / 300);
	assert_int_equal(count(f, 1, NULL), n + 1);
	limit_files_to(RLIM_INFINITY);
	assert_int_equal(append(f, log, "room again"), n + 2);
	assert_int_equal(count(f, 1, NULL), n + 2);
}

static int failures;
static int flush_that_fails(int fd)
{
	if (failures > 0) {
		failures--;
		errno = EIO;
		return -1;
	}
	return fdatasync(fd);
}

/* After a flush that failed the file is read again before it is gone on with. */
static void test_failed_flush(void **state)
{
	struct fixture *f = *state;
	struct audit_chain none = { 0 }, one = { .seq = 1 };
	struct audit_file file = { .folder = f->folder,
		.folder_fd = open(f->folder, O_RDONLY | O_DIRECTORY),
		.number = 1,
		.most = LIMIT_AUDIT_FILE,
		.flush = flush_that_fails };
	const struct audit_entry e = { .kind = AUDIT_SEALING_SEALED, .object = "kept" };
	const uint8_t salt[AUDIT_RECORD_SALT] = { 0 };
	struct buf first = buf_new(f->s, SIZE_MAX), second = buf_new(f->s, SIZE_MAX);
	struct bytes body;
	uint8_t hash[AUDIT_RECORD_HASH];
	assert_int_equal(audit_record_body(f->s, &e, &body), OK);
	assert_int_equal(
	    audit_record_write(f->s, &first, 1, 0, body, salt, none.hash, one.hash), OK);
	assert_int_equal(audit_record_write(f->s, &second, 2, 0, body, salt, one.hash, hash), OK);
	assert_int_equal(audit_file_open(f->s, &file), OK);
	assert_int_equal(audit_file_append(f->s, &file, &none, buf_bytes(&first)), OK);
	failures = 2; /* the flush, and that of the first repair */
	assert_int_equal(audit_file_append(f->s, &file, &one, buf_bytes(&second)), ERR_IO);
	assert_int_equal(audit_file_append(f->s, &file, &one, buf_bytes(&second)), ERR_IO);
	assert_int_equal(audit_file_append(f->s, &file, &one, buf_bytes(&second)), OK);
	assert_int_equal(count(f, 1, NULL), 2);
	/* The disk has lost what it had: no word about it would be better than that. */
	failures = 1;
	assert_int_equal(audit_file_append(f->s, &file, &one, buf_bytes(&second)), ERR_IO);
	flip(path_of(f, "audit-000001.jsonl"), 20);
	scope_forgive(f->s);
	assert_int_equal(audit_file_append(f->s, &file, &one, buf_bytes(&second)), ERR_FORMAT);
	audit_file_close(&file);
	close(file.folder_fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_numbers_from_one),
		TEST(test_head_catches_up),
		TEST(test_files_are_filled_one_after_the_other),
		TEST(test_root_grows_and_is_found_again),
		TEST(test_many_threads),
		TEST(test_killed_in_the_middle),
		TEST(test_unfinished_line),
		TEST(test_not_whole),
		TEST(test_full_disk),
		TEST(test_many_threads_on_a_full_disk),
		TEST(test_failed_flush),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
