#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/input_file.h"
#include "service/output_file.h"
#include "service/signal_guard.h"

static char dir[64];

static const char *at(const char *name)
{
	static char path[4][128];
	static unsigned turn;
	char *p = path[turn++ % 4];
	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

/* Entries of the folder, dot files included. */
static size_t count_entries(void)
{
	size_t n = 0;
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	closedir(d);
	return n;
}

static void assert_content(struct scope *s, const char *path, const char *want)
{
	struct bytes content;
	assert_int_equal(input_file_read(s, path, 1000, &content), OK);
	assert_true(bytes_equal_str(content, want));
}

static void test_appears_whole_at_the_commit(void **state)
{
	struct scope *s = *state;
	struct output_file *out;
	assert_int_equal(output_file_open(s, at("new"), &out), OK);
	assert_int_equal(output_file_write(s, out, 0, BYTES_LIT("hello ")), OK);
	assert_int_equal(output_file_write(s, out, 6, BYTES_LIT("world")), OK);
	assert_int_not_equal(access(at("new"), F_OK), 0);
	assert_int_equal(output_file_commit(s, out), OK);
	assert_content(s, at("new"), "hello world");
	assert_int_equal(count_entries(), 1);
	assert_int_equal(output_file_commit(s, out), ERR_MISUSE);
	assert_int_equal(unlink(at("new")), 0);
}

static void test_without_a_commit_nothing_changes(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	struct output_file *out;
	assert_int_equal(output_file_put(s, at("old"), BYTES_LIT("old")), OK);
	assert_int_equal(output_file_open(s, at("old"), &out), OK);
	assert_int_equal(output_file_write(s, out, 0, BYTES_LIT("half")), OK);
	assert_int_equal(count_entries(), 2);
	assert_content(s, at("old"), "old");
	scope_free(s);
	assert_int_equal(count_entries(), 1);
	assert_int_equal(unlink(at("old")), 0);
}

static void test_keeps_mode_and_follows_links(void **state)
{
	struct scope *s = *state;
	struct stat st;
	assert_int_equal(output_file_put(s, at("real"), BYTES_LIT("1")), OK);
	assert_int_equal(chmod(at("real"), 0640), 0);
	assert_int_equal(symlink("real", at("link")), 0);
	assert_int_equal(output_file_put(s, at("link"), BYTES_LIT("2")), OK);
	assert_content(s, at("real"), "2");
	assert_int_equal(lstat(at("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(at("real"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	mode_t mask = umask(022);
	assert_int_equal(output_file_put(s, at("fresh"), BYTES_LIT("3")), OK);
	umask(mask);
	assert_int_equal(stat(at("fresh"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	unlink(at("real"));
	unlink(at("link"));
	unlink(at("fresh"));
}

static void assert_refused(struct scope *s, const char *path, const char *cause)
{
	struct output_file *out;
	char line[256];
	assert_int_equal(output_file_open(s, path, &out), ERR_IO);
	snprintf(line, sizeof(line), "%s: %s", path, cause);
	assert_string_equal(scope_fault_text(s), line);
	scope_forgive(s);
}

static void test_each_refusal_names_file_and_cause(void **state)
{
	struct scope *s = *state;
	assert_refused(s, dir, "Is a directory");
	assert_refused(s, at("none/x"), "No such file or directory");
	assert_refused(s, at("new/"), "No such file or directory");
	assert_refused(s, "/dev/null", "not a regular file");
	assert_refused(s, "/proc/x", "No such file or directory");
	assert_int_equal(output_file_put(s, at("fixed"), BYTES_LIT("1")), OK);
	assert_int_equal(chmod(at("fixed"), 0444), 0);
	if (geteuid() != 0) /* root may write everything */
		assert_refused(s, at("fixed"), "Permission denied");
	assert_refused(s, at("fixed/x"), "Not a directory");
	unlink(at("fixed"));
	assert_int_equal(count_entries(), 0);
}

/* RLIMIT_FSIZE stands in for a full disk: the same path through the code, another errno. */
static void test_a_failed_write_leaves_nothing(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();
	if (child == 0) {
		static const char big[20000];
		struct scope *s = scope_new(0);
		struct output_file *out;
		signal_guard_install();
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 8192, 8192 });
		bool right = output_file_open(s, at("big"), &out) == OK &&
			     output_file_write(s, out, 0, bytes_of(big, sizeof(big))) == ERR_IO &&
			     strstr(scope_fault_text(s), "big: File too large");
		scope_free(s);
		_exit(right ? 0 : 1);
	}
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(count_entries(), 0);
}

static void test_a_signal_leaves_nothing(void **state)
{
	(void)state;
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	for (size_t i = 0; i < 3; i++) {
		int status;
		pid_t child = fork();
		if (child == 0) {
			struct scope *s = scope_new(0);
			struct output_file *out;
			signal(signals[i], SIG_DFL);
			signal_guard_install();
			if (output_file_open(s, at("cut"), &out) == OK && count_entries() == 1)
				raise(signals[i]);
			_exit(1);
		}
		waitpid(child, &status, 0);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
		assert_int_equal(count_entries(), 0);
	}
}

static void test_print_reports_a_full_device(void **state)
{
	struct scope *s = *state;
	int full = open("/dev/full", O_WRONLY), kept = dup(STDOUT_FILENO);
	assert_true(full >= 0 && kept >= 0);
	fflush(stdout);
	dup2(full, STDOUT_FILENO);
	enum err e = output_file_print(s, BYTES_LIT("text"));
	dup2(kept, STDOUT_FILENO);
	close(kept);
	close(full);
	assert_int_equal(e, ERR_IO);
	assert_string_equal(scope_fault_text(s), "standard output: No space left on device");
}

static int new_scope(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int end_scope(void **state)
{
	scope_free(*state);
	return 0;
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/bulla-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_appears_whole_at_the_commit, new_scope, end_scope),
		cmocka_unit_test(test_without_a_commit_nothing_changes),
		cmocka_unit_test_setup_teardown(
		    test_keeps_mode_and_follows_links, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(
		    test_each_refusal_names_file_and_cause, new_scope, end_scope),
		cmocka_unit_test(test_a_failed_write_leaves_nothing),
		cmocka_unit_test(test_a_signal_leaves_nothing),
		cmocka_unit_test_setup_teardown(
		    test_print_reports_a_full_device, new_scope, end_scope),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
