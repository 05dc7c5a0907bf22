/* What the processes of the service cannot do once they are confined: tried, in children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/scope.h"
#include "service/process/confinement.h"
#include "service/process/message.h"
#include "service/sandbox.h"

static char folder[64];  /* may be written by front and fetcher */
static char outside[64]; /* is named to nobody */

static const char *in(const char *of, const char *name)
{
	static char path[128];
	snprintf(path, sizeof(path), "%s/%s", of, name);
	return path;
}

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void *nothing(void *arg)
{
	return arg;
}

/* -- what is tried; true: it works -- */
static bool read_named(void)
{
	return opens(in(folder, "there"), O_RDONLY);
}

static bool read_other(void)
{
	return opens(in(outside, "there"), O_RDONLY);
}

static bool write_named(void)
{
	return opens(in(folder, "new"), O_WRONLY | O_CREAT);
}

static bool write_other(void)
{
	return opens(in(outside, "new"), O_WRONLY | O_CREAT) ||
	       opens(in(outside, "there"), O_RDWR) || mkdir(in(outside, "dir"), 0700) == 0 ||
	       unlink(in(outside, "there")) == 0;
}

static bool move_named(void)
{
	char to[128];
	mkdir(in(folder, "sub"), 0700);
	snprintf(to, sizeof(to), "%s/sub/moved", folder);
	return opens(in(folder, "move"), O_WRONLY | O_CREAT) && rename(in(folder, "move"), to) == 0;
}

static bool make_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return fd >= 0 && close(fd) == 0;
}

static bool make_local_socket(void)
{
	int fds[2];
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ||
	       socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0;
}

static bool make_process(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool make_thread(void)
{
	pthread_t t;
	return pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0;
}

/* Comes back only when it is refused; the exit status then tells. */
static bool run_program(void)
{
	char name[] = "/bin/true", *arguments[] = { name, NULL };
	execv(name, arguments);
	return errno != EPERM && errno != EACCES;
}

static bool signal_parent(void)
{
	return kill(getppid(), 0) == 0;
}

static bool trace_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static bool raise_limit(void)
{
	return setrlimit(RLIMIT_CORE, &(struct rlimit){ 1, 1 }) == 0;
}

static bool dump_core(void)
{
	struct rlimit l = { 0 };
	return prctl(PR_GET_DUMPABLE) == 1 || (getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_cur);
}

static bool gain_privileges(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
}

static bool speak(void)
{
	return true; /* the outcome comes over a link */
}

static bool (*const attempts[])(void) = { read_named, read_other, write_named, write_other,
	move_named, make_socket, make_local_socket, make_process, make_thread, run_program,
	signal_parent, trace_parent, raise_limit, dump_core, gain_privileges, speak };
static const char *const names[] = { "read_named", "read_other", "write_named", "write_other",
	"move_named", "make_socket", "make_local_socket", "make_process", "make_thread",
	"run_program", "signal_parent", "trace_parent", "raise_limit", "dump_core",
	"gain_privileges", "speak" };
#define N (sizeof(attempts) / sizeof(attempts[0]))

static _Noreturn void try(enum role role, size_t i, int fd)
{
	const char *const named[] = { folder };
	const bool writes = role == ROLE_FRONT || role == ROLE_FETCHER;
	const struct confinement c = { .readable = named,
		.n_readable = writes ? 0 : 1,
		.writable = named,
		.n_writable = writes ? 1 : 0,
		.memory = role == ROLE_WORKER ? (size_t)1 << 30 : 0,
		.written = 1 << 20 };
	struct scope *s = scope_new(0);
	struct link *l = link_new(fd);
	if (!s || !l || confinement_prepare(s, role) != OK || confinement_enter(s, role, &c) != OK)
		_exit(99);
	uint8_t works = attempts[i]();
	if (link_send(s, l, 1, bytes_of(&works, 1), NULL, 0) != OK)
		_exit(98);
	_exit(0);
}

static bool works(enum role role, size_t i)
{
	int ends[2], status = 0;
	struct link_frame f;
	struct scope *s = scope_new(0);
	assert_int_equal(link_pair(s, ends), OK);
	pid_t pid = fork();
	if (pid == 0)
		try(role, i, ends[1]);
	close(ends[1]);
	struct link *l = link_new(ends[0]);
	enum err e = link_receive(s, l, 20000, 1, 0, &f);
	bool yes = e == OK && f.content.n == 1 && f.content.p[0];
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) >= 98)
		fail_msg("%s: confinement ends with %d", role_name(role), WEXITSTATUS(status));
	/* A program that was run says nothing over the link. */
	yes = yes || (attempts[i] == run_program && e != OK);
	link_free(l);
	scope_free(s);
	return yes;
}

static void expect(enum role role, const char *allowed)
{
	for (size_t i = 0; i < N; i++) {
		const char *at = strstr(allowed, names[i]);
		const bool want =
		    at && (at == allowed || at[-1] == ' ') && strchr(" ", at[strlen(names[i])]);
		if (works(role, i) != want)
			fail_msg(
			    "%s: %s %s", role_name(role), names[i], want ? "is refused" : "works");
	}
}

static bool has_landlock(void)
{
	if (!sandbox_has_landlock())
		print_message("# no Landlock here: which paths may be used is not tried\n");
	return sandbox_has_landlock();
}

static void a_worker_reads_what_is_named_and_speaks(void **state)
{
	(void)state;
	expect(ROLE_WORKER, has_landlock() ? "read_named make_thread speak"
					   : "read_named read_other make_thread speak");
}

static void the_keeper_only_speaks(void **state)
{
	(void)state;
	expect(ROLE_KEEPER, "make_thread speak");
}

static void the_front_and_the_fetcher_stay_in_their_folders(void **state)
{
	(void)state;
	const char *allowed =
	    has_landlock() ? "read_named write_named move_named make_socket make_local_socket "
			     "make_thread speak"
			   : "read_named read_other write_named write_other move_named make_socket "
			     "make_local_socket make_thread speak";
	expect(ROLE_FRONT, allowed);
	expect(ROLE_FETCHER, allowed);
}

static void a_worker_that_wants_much_memory_gets_none(void **state)
{
	(void)state;
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		struct scope *s = scope_new(0);
		const struct confinement c = { .memory = (size_t)64 << 20 };
		if (!s || confinement_enter(s, ROLE_WORKER, &c) != OK)
			_exit(1);
		const int kind = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
		if (mmap(NULL, (size_t)32 << 20, PROT_READ, kind, -1, 0) == MAP_FAILED)
			_exit(2);
		_exit(mmap(NULL, (size_t)64 << 20, PROT_READ, kind, -1, 0) == MAP_FAILED ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int make_folders(void **state)
{
	(void)state;
	const char *tmp = getenv("TMPDIR");
	snprintf(folder, sizeof(folder), "%.40s/named-XXXXXX", tmp ? tmp : "/tmp");
	snprintf(outside, sizeof(outside), "%.40s/other-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder) || !mkdtemp(outside))
		return -1;
	return opens(in(folder, "there"), O_WRONLY | O_CREAT) &&
		       opens(in(outside, "there"), O_WRONLY | O_CREAT)
		   ? 0
		   : -1;
}

static int remove_folders(void **state)
{
	(void)state;
	static const char *const left[] = { "there", "new", "move", "sub/moved" };
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		unlink(in(folder, left[i]));
		unlink(in(outside, left[i]));
	}
	rmdir(in(folder, "sub"));
	rmdir(in(outside, "dir"));
	return rmdir(folder) == 0 && rmdir(outside) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_reads_what_is_named_and_speaks),
		cmocka_unit_test(the_keeper_only_speaks),
		cmocka_unit_test(the_front_and_the_fetcher_stay_in_their_folders),
		cmocka_unit_test(a_worker_that_wants_much_memory_gets_none),
	};
	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
