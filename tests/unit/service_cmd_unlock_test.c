/* bulla unlock against a keeper behind a socket of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/scope.h"
#include "service/cmd_unlock.h"
#include "service/exit_status.h"
#include "service/keeper/keeper_requests.h"
#include "tests/support/keeper_bench.h"

static char folder[64], config[96], right[96], wrong[96];
static pid_t server;

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* -- the service's side, in a process of its own -- */
static bool answer(struct keeper_bench *b, struct link *l)
{
	struct link_frame f;
	struct bytes reply;
	struct scope *s = scope_new(0);
	enum err e = link_receive(s, l, -1, keeper_requests_most(ROLE_OPERATOR), 0, &f);
	if (e == OK) {
		e = keeper_requests_answer(b->k, s, ROLE_OPERATOR, f.kind, f.content, &reply);
		e = e == OK ? link_send(s, l, KEEPER_REPLY(f.kind), reply, NULL, 0)
			    : message_send_fault(s, l, e);
	}
	scope_free(s);
	return e == OK;
}

static _Noreturn void serve(int listening)
{
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	if (keeper_add_unattended(b.k, b.s, "batch", b.bag.pkcs12) != OK)
		_exit(1);
	for (int fd; (fd = accept(listening, NULL, NULL)) >= 0;) {
		struct link *l = link_new(fd);
		while (answer(&b, l))
			continue;
		link_free(l);
	}
	_exit(0);
}

static int start(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char path[96];
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/bulla-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/run", folder);
	mkdir(path, 0700);
	snprintf(config, sizeof(config), "%s/bulla.json", folder);
	snprintf(right, sizeof(right), "%s/right", folder);
	snprintf(wrong, sizeof(wrong), "%s/wrong", folder);
	put(right, KEEPER_BENCH_PASSWORD "\n");
	put(wrong, KEEPER_BENCH_OTHER "\n");
	put(config, "{\"data\":\".\",\"organisation\":\"Fund\",\"trust\":[],\"tsa\":[],"
		    "\"unattendedKeys\":[{\"name\":\"batch\",\"file\":\"batch.p12\"},"
		    "{\"name\":\"gone\",\"file\":\"gone.p12\"}],\"listeners\":{"
		    "\"api\":{\"address\":\"127.0.0.1\",\"port\":0},"
		    "\"window\":{\"address\":\"127.0.0.1\",\"port\":0},"
		    "\"desk\":{\"address\":\"127.0.0.1\",\"port\":0}}}");
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/run/admin.sock", folder);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 8) != 0)
		return -1;
	server = fork();
	if (server == 0)
		serve(fd);
	close(fd);
	return server > 0 ? 0 : -1;
}

static int stop(void **state)
{
	static const char *const names[] = { "run/admin.sock", "bulla.json", "right", "wrong" };
	char path[128];
	(void)state;
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/run", folder);
	rmdir(path);
	return rmdir(folder);
}

/* -- the operator's side -- */
/* Runs the command; what it prints to both outputs ends in `text`. */
static int run(char text[2048], const char *const *words)
{
	char *argv[12], storage[12][128];
	int argc = 0;
	for (; words[argc]; argc++) {
		snprintf(storage[argc], sizeof(storage[argc]), "%s", words[argc]);
		argv[argc] = storage[argc];
	}
	argv[argc] = NULL;
	FILE *kept = tmpfile();
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	fflush(NULL);
	dup2(fileno(kept), STDOUT_FILENO);
	dup2(fileno(kept), STDERR_FILENO);
	optind = 0;
	int status = cmd_unlock(argc, argv);
	fflush(NULL);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	rewind(kept);
	text[fread(text, 1, 2047, kept)] = 0;
	fclose(kept);
	return status;
}

#define RUN(text, ...) run((text), (const char *const[]){ "unlock", __VA_ARGS__, NULL })

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static void a_key_is_opened_told_and_locked(void **state)
{
	(void)state;
	char text[2048];
	assert_int_equal(RUN(text, "--config", config, "--status"), EXIT_STATUS_DONE);
	assert_string_equal(text, "batch: locked\nsessions: 0\n");
	assert_int_equal(
	    RUN(text, "--config", config, "batch", "--password-file", wrong), EXIT_STATUS_INPUT);
	has(text, "bulla: batch: wrong password\n");
	assert_int_equal(
	    RUN(text, "--config", config, "batch", "--password-file", right), EXIT_STATUS_DONE);
	has(text, "batch: open, until 20");
	assert_int_equal(RUN(text, "--config", config, "--status"), EXIT_STATUS_DONE);
	has(text, "batch: open, until 20");
	assert_int_equal(RUN(text, "--config", config, "--lock", "batch"), EXIT_STATUS_DONE);
	assert_string_equal(text, "");
	assert_int_equal(RUN(text, "--config", config, "--status"), EXIT_STATUS_DONE);
	has(text, "batch: locked\n");
}

static void the_password_comes_by_a_descriptor(void **state)
{
	(void)state;
	char text[2048], number[16];
	int fd = open(right, O_RDONLY | O_CLOEXEC);
	snprintf(number, sizeof(number), "%d", fd);
	assert_int_equal(
	    RUN(text, "--config", config, "batch", "--password-fd", number), EXIT_STATUS_DONE);
	close(fd);
	assert_int_equal(RUN(text, "--config", config, "--lock", "batch"), EXIT_STATUS_DONE);
}

static void other_names_are_refused(void **state)
{
	(void)state;
	char text[2048];
	assert_int_equal(
	    RUN(text, "--config", config, "other", "--password-file", right), EXIT_STATUS_INPUT);
	has(text, "other is none of its unattendedKeys");
	/* In the file by now, but not in the service that runs. */
	assert_int_not_equal(
	    RUN(text, "--config", config, "gone", "--password-file", right), EXIT_STATUS_DONE);
	has(text, "no key named gone");
}

static void usage(void **state)
{
	(void)state;
	char text[2048];
	assert_int_equal(RUN(text, "batch"), EXIT_STATUS_USAGE);
	assert_int_equal(RUN(text, "--config", config), EXIT_STATUS_USAGE);
	assert_int_equal(RUN(text, "--config", config, "a", "b"), EXIT_STATUS_USAGE);
	assert_int_equal(RUN(text, "--config", config, "--status", "a"), EXIT_STATUS_USAGE);
	assert_int_equal(RUN(text, "--config", config, "--status", "--lock"), EXIT_STATUS_USAGE);
	assert_int_equal(
	    RUN(text, "--config", config, "--status", "--password-file", right), EXIT_STATUS_USAGE);
	assert_int_equal(
	    RUN(text, "--config", config, "a", "--password-file", right, "--password-fd", "3"),
	    EXIT_STATUS_USAGE);
	assert_int_equal(
	    RUN(text, "--config", config, "a", "--password-fd", "x"), EXIT_STATUS_USAGE);
	assert_int_equal(RUN(text, "--config", config, "a", "-o", "x"), EXIT_STATUS_USAGE);
}

/* The last test: the socket is nobody's then. */
static void no_service_is_told(void **state)
{
	(void)state;
	char text[2048];
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	assert_int_equal(RUN(text, "--config", config, "--status"), EXIT_STATUS_UNREACHABLE);
	has(text, "run/admin.sock: the service does not run there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_opened_told_and_locked),
		cmocka_unit_test(the_password_comes_by_a_descriptor),
		cmocka_unit_test(other_names_are_refused),
		cmocka_unit_test(usage),
		cmocka_unit_test(no_service_is_told),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
