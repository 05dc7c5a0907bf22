#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/exit_status.h"
#include "service/input_file.h"
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

static void put(const char *name, const void *content, size_t n)
{
	FILE *f = fopen(at(name), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(content, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void test_maps_a_file(void **state)
{
	struct scope *s = *state;
	const struct input_file *in;
	put("a", "content", 7);
	assert_int_equal(input_file_open(s, at("a"), &in), OK);
	assert_true(bytes_equal_str(in->bytes, "content"));
	assert_true(in->fd >= 0);
	put("empty", "", 0);
	assert_int_equal(input_file_open(s, at("empty"), &in), OK);
	assert_int_equal(in->bytes.n, 0);
}

static void assert_refused(struct scope *s, const char *path, const char *cause)
{
	const struct input_file *in;
	char line[256];
	assert_int_equal(input_file_open(s, path, &in), ERR_IO);
	snprintf(line, sizeof(line), "%s: %s", path, cause);
	assert_string_equal(scope_fault_text(s), line);
	scope_forgive(s);
}

static void test_each_refusal_names_file_and_cause(void **state)
{
	struct scope *s = *state;
	assert_refused(s, at("missing"), "No such file or directory");
	assert_refused(s, dir, "Is a directory");
	assert_refused(s, "/dev/zero", "a device, not a file");
	put("secret", "x", 1);
	assert_int_equal(chmod(at("secret"), 0), 0);
	if (geteuid() != 0) /* root may read everything */
		assert_refused(s, at("secret"), "Permission denied");
	assert_int_equal(chmod(at("secret"), 0600), 0);
	assert_refused(s, at("secret/below"), "Not a directory");
}

static void test_small_files_and_their_cap(void **state)
{
	struct scope *s = *state;
	struct bytes content;
	put("small", "12345678", 8);
	assert_int_equal(input_file_read(s, at("small"), 8, &content), OK);
	assert_true(bytes_equal_str(content, "12345678"));
	assert_int_equal(input_file_read(s, at("small"), 7, &content), ERR_LIMIT);
}

static void test_a_pipe_is_read_to_its_end(void **state)
{
	struct scope *s = *state;
	const struct input_file *in;
	char path[32];
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		static char piece[1000];
		memset(piece, 'p', sizeof(piece));
		for (int i = 0; i < 300; i++)
			if (write(ends[1], piece, sizeof(piece)) != sizeof(piece))
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	assert_int_equal(input_file_open(s, path, &in), OK);
	assert_int_equal(in->bytes.n, 300000);
	assert_int_equal(in->fd, -1);
	assert_int_equal(in->bytes.p[299999], 'p');
	close(ends[0]);
	waitpid(child, NULL, 0);
}

static void test_same_file_under_other_names(void **state)
{
	struct scope *s = *state;
	const struct input_file *in;
	put("one", "1", 1);
	put("two", "1", 1);
	assert_int_equal(link(at("one"), at("hard")), 0);
	assert_int_equal(symlink("one", at("soft")), 0);
	assert_int_equal(input_file_open(s, at("one"), &in), OK);
	assert_true(input_file_is_at(in, at("one")));
	assert_true(input_file_is_at(in, at("hard")));
	assert_true(input_file_is_at(in, at("soft")));
	assert_false(input_file_is_at(in, at("two")));
	assert_false(input_file_is_at(in, at("none")));
}

/* In a child: maps a file, shrinks it, touches what is gone. */
static void touch_what_is_gone(void)
{
	struct scope *s = scope_new(0);
	const struct input_file *in;
	signal_guard_install();
	if (input_file_open(s, at("big"), &in) != OK || truncate(at("big"), 100) != 0)
		_exit(1);
	volatile uint8_t octet = in->bytes.p[20000];
	_exit(octet == 'b' ? 2 : 3);
}

static void test_a_file_that_shrinks_ends_in_one_line(void **state)
{
	(void)state;
	char line[512] = "";
	static char content[30000];
	int ends[2], status;
	memset(content, 'b', sizeof(content));
	put("big", content, sizeof(content));
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		touch_what_is_gone();
	}
	close(ends[1]);
	assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
	for (size_t n = strlen(line); read(ends[0], line + n, 1) == 1; n++)
		line[n + 1] = 0;
	close(ends[0]);
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_STATUS_INPUT_OUTPUT);
	assert_non_null(strstr(line, at("big")));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
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
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_maps_a_file, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(
		    test_each_refusal_names_file_and_cause, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(
		    test_small_files_and_their_cap, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(
		    test_a_pipe_is_read_to_its_end, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(
		    test_same_file_under_other_names, new_scope, end_scope),
		cmocka_unit_test(test_a_file_that_shrinks_ends_in_one_line),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
