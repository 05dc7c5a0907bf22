/* service/limited_process, service/sandbox: each case is a real child that does the wrong thing */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/scope.h"
#include "service/limited_process.h"
#include "service/sandbox.h"

#define FRAME_CAP 1000
#define TOTAL_CAP 2500

struct talk {
	struct scope *s;
	struct buf taken; /* "kind:content;" */
	uint32_t stop_at; /* the kind whose taking fails */
};

static enum err take(struct scope *s, void *ctx, uint32_t kind, struct bytes content)
{
	struct talk *t = ctx;
	if (t->stop_at && kind == t->stop_at)
		return scope_fault(s, ERR_DENIED, "enough");
	buf_addf(&t->taken, "%u:", kind);
	buf_add(&t->taken, bytes_cut(content, 0, 8));
	buf_add_str(&t->taken, ";");
	return OK;
}

typedef enum err work_function(struct scope *s, void *ctx, struct limited_process_pipe *pipe);

static int setup(void **state)
{
	static struct talk t;
	t = (struct talk){ .s = scope_new(0) };
	t.taken = buf_new(t.s, 10000);
	*state = &t;
	return 0;
}

static int teardown(void **state)
{
	struct talk *t = *state;
	scope_free(t->s);
	return 0;
}

static enum err run(struct talk *t, work_function *work)
{
	const struct limited_process p = {
		.what = "work",
		.limits = { .memory = (size_t)256 << 20,
		    .cpu_s = 1,
		    .wall_ms = 20000,
		    .frame = FRAME_CAP,
		    .total = TOTAL_CAP },
		.work = work,
		.take = take,
		.ctx = t,
	};
	return limited_process_run(t->s, &p);
}

static void assert_taken(struct talk *t, const char *wanted)
{
	char *text;
	assert_int_equal(buf_done_str(&t->taken, &text), OK);
	assert_string_equal(text, wanted);
}

static void assert_fault(struct talk *t, const char *part)
{
	const char *text = scope_fault_text(t->s);
	if (strncmp(text, "work: ", 6) || !strstr(text, part))
		fail_msg("\"%s\" without \"%s\"", text, part);
}

/* -- what goes well -- */
static enum err say_two(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	TRY(limited_process_send(s, pipe, 7, BYTES_LIT("seven")));
	TRY(limited_process_send(s, pipe, 0, BYTES_NONE));
	return limited_process_send(s, pipe, 65535, BYTES_LIT("last"));
}

static void frames_come_in_order(void **state)
{
	assert_int_equal(run(*state, say_two), OK);
	assert_taken(*state, "7:seven;0:;65535:last;");
}

static enum err say_much(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	static const uint8_t zero[FRAME_CAP];
	TRY(limited_process_send(s, pipe, 1, bytes_of(zero, FRAME_CAP)));
	return limited_process_send(s, pipe, 2, bytes_of(zero, FRAME_CAP));
}

static void the_largest_frame_passes(void **state)
{
	assert_int_equal(run(*state, say_much), OK);
}

static enum err fail_politely(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	TRY(limited_process_send(s, pipe, 1, BYTES_LIT("a")));
	return scope_fault(s, ERR_DENIED, "a password is wanted");
}

static void its_error_is_ours(void **state)
{
	assert_int_equal(run(*state, fail_politely), ERR_DENIED);
	assert_fault(*state, "work: a password is wanted");
	assert_taken(*state, "1:a;");
}

static void the_taker_ends_it(void **state)
{
	struct talk *t = *state;
	t->stop_at = 65535;
	assert_int_equal(run(t, say_two), ERR_DENIED);
	assert_taken(t, "7:seven;0:;");
}

/* -- what it may not say -- */
static enum err say_too_much_at_once(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	static const uint8_t zero[FRAME_CAP + 1];
	return limited_process_send(s, pipe, 1, bytes_of(zero, sizeof(zero)));
}

static enum err say_too_much(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	TRY(say_much(s, ctx, pipe));
	return say_much(s, ctx, pipe);
}

static enum err say_reserved(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	return limited_process_send(s, pipe, LIMITED_PROCESS_KINDS, BYTES_NONE);
}

/* The pipe behind the interface's back. */
static int find_pipe(void)
{
	struct stat st;
	for (int fd = 3; fd < 64; fd++)
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
			return fd;
	return -1;
}

struct raw {
	uint32_t magic, kind;
	uint64_t n;
	uint8_t content[8];
};

static enum err say_raw(uint32_t magic, uint32_t kind, uint64_t claimed, size_t given)
{
	const struct raw raw = { magic, kind, claimed, { 200, 1, 1, 1 } };
	ssize_t n = write(find_pipe(), &raw, 16 + given);
	_exit(n > 0 ? 0 : 1);
}

#define RAW(name, magic, kind, claimed, given)                                                     \
	static enum err name(struct scope *s, void *ctx, struct limited_process_pipe *pipe)        \
	{                                                                                          \
		(void)s, (void)ctx, (void)pipe;                                                    \
		return say_raw(magic, kind, claimed, given);                                       \
	}
#define MAGIC 0x616c6c75u
RAW(raw_claims_gigabytes, MAGIC, 1, UINT64_MAX, 8)
RAW(raw_claims_one_too_many, MAGIC, 1, FRAME_CAP + 1, 8)
RAW(raw_is_no_frame, 0x20202020u, 1, 8, 8)
RAW(raw_has_an_unknown_kind, MAGIC, LIMITED_PROCESS_KINDS + 1, 8, 8)
RAW(raw_ends_with_an_unknown_error, MAGIC, LIMITED_PROCESS_KINDS, 8, 8)
RAW(raw_ends_without_an_error, MAGIC, LIMITED_PROCESS_KINDS, 3, 3)
RAW(raw_breaks_off, MAGIC, 1, 100, 8)

static void answers_are_checked(void **state)
{
	static const struct {
		work_function *work;
		enum err e;
		const char *text;
	} table[] = {
		{ say_too_much_at_once, ERR_LIMIT, "a result of 1001 octets" },
		{ say_too_much, ERR_LIMIT, "more than 2500 octets" },
		{ say_reserved, ERR_MISUSE, "kind" },
		{ raw_claims_gigabytes, ERR_LIMIT, "more than 1000 octets" },
		{ raw_claims_one_too_many, ERR_LIMIT, "more than 1000 octets" },
		{ raw_is_no_frame, ERR_FORMAT, "not well-formed" },
		{ raw_has_an_unknown_kind, ERR_FORMAT, "not well-formed" },
		{ raw_ends_with_an_unknown_error, ERR_FORMAT, "not well-formed" },
		{ raw_ends_without_an_error, ERR_FORMAT, "not well-formed" },
		{ raw_breaks_off, ERR_LIMIT, "given up" },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(run(*state, table[i].work), table[i].e);
		assert_fault(*state, table[i].text);
		teardown(state);
		setup(state);
	}
}

/* -- how it may end -- */
static enum err crash(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	TRY(limited_process_send(s, pipe, 1, BYTES_LIT("a")));
	raise(SIGSEGV);
	return OK;
}

static void a_crash_is_one_error(void **state)
{
	assert_int_equal(run(*state, crash), ERR_FORMAT);
	assert_fault(*state, "crashed (Segmentation fault)");
	assert_taken(*state, "1:a;");
}

static enum err give_up(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)s, (void)ctx, (void)pipe;
	abort();
}

static void giving_up_is_one_error(void **state)
{
	assert_int_equal(run(*state, give_up), ERR_LIMIT);
	assert_fault(*state, "more than 256 MB");
}

static enum err leave(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)s, (void)ctx, (void)pipe;
	_exit(0);
}

static void leaving_without_a_word_is_an_error(void **state)
{
	assert_int_equal(run(*state, leave), ERR_LIMIT);
}

static void sleep_for_good(void)
{
	for (;;)
		nanosleep(&(struct timespec){ .tv_sec = 1000 }, NULL);
}

static enum err hang(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	TRY(limited_process_send(s, pipe, 1, BYTES_LIT("a")));
	sleep_for_good();
	return OK;
}

static void a_hang_ends_in_time(void **state)
{
	struct talk *t = *state;
	const struct limited_process p = {
		.what = "work", .limits = { .wall_ms = 150 }, .work = hang, .take = take, .ctx = t
	};
	assert_int_equal(limited_process_run(t->s, &p), ERR_LIMIT);
	assert_fault(t, "not done within 150 ms");
	assert_taken(t, "1:a;");
}

static enum err hang_silently(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)s, (void)ctx, (void)pipe;
	close(find_pipe());
	sleep_for_good();
	return OK;
}

static void closing_the_pipe_ends_it(void **state)
{
	assert_int_equal(run(*state, hang_silently), ERR_LIMIT);
	assert_fault(*state, "killed");
}

static enum err compute(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)s, (void)ctx, (void)pipe;
	for (volatile unsigned i = 0;; i = i + 1)
		continue;
	return OK;
}

static void a_loop_ends_in_time(void **state)
{
	assert_int_equal(run(*state, compute), ERR_LIMIT);
	assert_fault(*state, "not done within 1 s of computing");
}

/* Four times what it may have. */
static enum err want_memory(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx, (void)pipe;
	for (size_t i = 0; i < 64; i++) {
		void *p = mmap(NULL, (size_t)16 << 20, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return scope_fault(s, ERR_NOMEM, "no more");
	}
	return OK;
}

static void memory_has_an_end(void **state)
{
	assert_int_equal(run(*state, want_memory), ERR_LIMIT);
	assert_fault(*state, "wants more than 256 MB of memory");
}

/* -- what it may not do -- */
static bool refused(long result)
{
	return result == -1 && (errno == EPERM || errno == ENOSYS || errno == EACCES);
}

static enum err try_forbidden(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx, (void)pipe;
	char *none[] = { NULL };
	const struct rlimit more = { 1 << 20, 1 << 20 };
	const struct {
		const char *what;
		bool refused;
	} table[] = {
		{ "socket", refused(socket(AF_INET, SOCK_STREAM, 0)) },
		{ "unix socket", refused(socket(AF_UNIX, SOCK_STREAM, 0)) },
		{ "socketpair", refused(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, none)) },
		{ "connect", refused(syscall(SYS_connect, 1, NULL, 0)) },
		{ "execve", refused(execve("/bin/true", none, none)) },
		{ "fork", refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)) },
		{ "clone3", refused(syscall(SYS_clone3, NULL, 0)) },
		{ "ptrace", refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL)) },
		{ "peeking", refused(syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0, 0)) },
		{ "kill", refused(kill(getppid(), 0)) },
		{ "tgkill", refused(syscall(SYS_tgkill, getppid(), getppid(), 0)) },
		{ "limits", refused(setrlimit(RLIMIT_FSIZE, &more)) },
		{ "prctl", refused(syscall(SYS_prctl, 4 /* PR_SET_DUMPABLE */, 1, 0, 0, 0)) },
		{ "new file", refused(open("new-file", O_WRONLY | O_CREAT, 0600)) },
		{ "truncating", refused(open("/dev/null", O_RDONLY | O_TRUNC)) },
		{ "writing", refused(open("/dev/null", O_RDWR)) },
		{ "nameless file", refused(open(".", O_TMPFILE | O_RDWR, 0600)) },
		{ "unlink", refused(unlink("new-file")) },
		{ "rename", refused(rename("a", "b")) },
		{ "mkdir", refused(mkdir("new-folder", 0700)) },
		{ "chmod", refused(chmod(".", 0700)) },
		{ "mount", refused(syscall(SYS_mount, "a", "b", "c", 0, NULL)) },
		{ "bpf", refused(syscall(SYS_bpf, 0, NULL, 0)) },
		{ "io_uring", refused(syscall(SYS_io_uring_setup, 1, NULL)) },
		{ "unshare", refused(syscall(SYS_unshare, 0)) },
		{ "pidfd", refused(syscall(SYS_pidfd_open, getppid(), 0)) },
		{ "an unknown call", refused(syscall(100000)) },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (!table[i].refused)
			return scope_fault(s, ERR_INTERNAL, "not refused: %s", table[i].what);
	return OK;
}

static void what_it_may_not_do_fails(void **state)
{
	if (run(*state, try_forbidden) != OK)
		fail_msg("%s", scope_fault_text(((struct talk *)*state)->s));
}

static bool can_read(const char *path)
{
	int fd = open(path, O_RDONLY);
	char c;
	bool can = fd >= 0 && read(fd, &c, 1) == 1;
	if (fd >= 0)
		close(fd);
	return can;
}

static enum err read_files(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx, (void)pipe;
	if (!can_read("tests/run") || !can_read("base/buf.c"))
		return scope_fault(s, ERR_INTERNAL, "what is readable cannot be read");
	if (sandbox_has_landlock() && (can_read("Makefile") || can_read("/etc/passwd")))
		return scope_fault(s, ERR_INTERNAL, "other files can be read");
	return OK;
}

static enum err prepare_two(
    struct scope *s, void *ctx, const char *const **ret_readable, size_t *ret_n)
{
	(void)s, (void)ctx;
	static const char *const two[] = { "tests/run", "not/there", "base" };
	*ret_readable = two;
	*ret_n = 3;
	return OK;
}

static void only_what_is_named_is_read(void **state)
{
	struct talk *t = *state;
	const struct limited_process p = {
		.what = "work", .prepare = prepare_two, .work = read_files, .ctx = t
	};
	assert_true(can_read("Makefile"));
	if (limited_process_run(t->s, &p) != OK)
		fail_msg("%s", scope_fault_text(t->s));
}

static enum err do_honest_things(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx, (void)pipe;
	struct rlimit core, files;
	struct timespec t;
	if (getrlimit(RLIMIT_CORE, &core) || core.rlim_max || getrlimit(RLIMIT_NOFILE, &files) ||
	    files.rlim_max > 64 || clock_gettime(CLOCK_MONOTONIC, &t))
		return scope_fault(s, ERR_INTERNAL, "limits");
	for (int fd = 3; fd < 64; fd++)
		if (fd != find_pipe() && fcntl(fd, F_GETFD) != -1)
			return scope_fault(s, ERR_INTERNAL, "descriptor %d was left open", fd);
	return OK;
}

static void it_begins_clean(void **state)
{
	struct talk *t = *state;
	int fd = open("Makefile", O_RDONLY);
	assert_int_equal(run(t, do_honest_things), OK);
	close(fd);
}

/* -- parent and child -- */
static void never_run(int signal_number)
{
	(void)signal_number;
	_exit(77);
}

static enum err end_by_term(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)s, (void)ctx, (void)pipe;
	raise(SIGTERM);
	return OK;
}

static void handlers_of_the_parent_do_not_run(void **state)
{
	void (*old)(int) = signal(SIGTERM, never_run);
	assert_int_equal(run(*state, end_by_term), ERR_FORMAT);
	assert_fault(*state, "crashed (Terminated)");
	signal(SIGTERM, old);
}

static enum err say_pid_and_hang(struct scope *s, void *ctx, struct limited_process_pipe *pipe)
{
	(void)ctx;
	pid_t pid = getpid();
	TRY(limited_process_send(s, pipe, 1, bytes_of(&pid, sizeof(pid))));
	sleep_for_good();
	return OK;
}

static enum err pass_on(struct scope *s, void *ctx, uint32_t kind, struct bytes content)
{
	(void)kind;
	if (write(*(int *)ctx, content.p, content.n) != (ssize_t)content.n)
		return scope_fault(s, ERR_IO, "pipe");
	return OK;
}

/* Gone, or only waiting to be reaped. */
static bool is_dead(pid_t pid)
{
	char path[64], text[256] = "";
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "r");
	if (!f)
		return true;
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	const char *after = strrchr(text, ')');
	return n == 0 || (after && after[2] == 'Z');
}

static void the_child_dies_with_its_parent(void **state)
{
	struct talk *t = *state;
	int ends[2];
	pid_t grandchild = 0;
	assert_int_equal(pipe(ends), 0);
	pid_t middle = fork();
	if (middle == 0) {
		const struct limited_process p = {
			.what = "work", .work = say_pid_and_hang, .take = pass_on, .ctx = &ends[1]
		};
		_exit((int)limited_process_run(t->s, &p));
	}
	assert_true(middle > 0);
	assert_int_equal(read(ends[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	assert_false(is_dead(grandchild));
	kill(middle, SIGKILL);
	waitpid(middle, NULL, 0);
	for (int i = 0; i < 500 && !is_dead(grandchild); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	assert_true(is_dead(grandchild));
	close(ends[0]);
	close(ends[1]);
}

static void no_child_is_left_behind(void **state)
{
	assert_int_equal(run(*state, say_two), OK);
	assert_int_equal(run(*state, crash), ERR_FORMAT);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_come_in_order),
		TEST(the_largest_frame_passes),
		TEST(its_error_is_ours),
		TEST(the_taker_ends_it),
		TEST(answers_are_checked),
		TEST(a_crash_is_one_error),
		TEST(giving_up_is_one_error),
		TEST(leaving_without_a_word_is_an_error),
		TEST(a_hang_ends_in_time),
		TEST(closing_the_pipe_ends_it),
		TEST(a_loop_ends_in_time),
		TEST(memory_has_an_end),
		TEST(what_it_may_not_do_fails),
		TEST(only_what_is_named_is_read),
		TEST(it_begins_clean),
		TEST(handlers_of_the_parent_do_not_run),
		TEST(the_child_dies_with_its_parent),
		TEST(no_child_is_left_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
