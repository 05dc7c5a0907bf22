#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/password.h"

/* The read end of a pipe that holds `content`. */
static int pipe_of(const void *content, size_t n)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], content, n), n);
	close(ends[1]);
	return ends[0];
}

static void assert_password(struct scope *s, const char *content, const char *want)
{
	struct bytes password;
	int fd = pipe_of(content, strlen(content));
	assert_int_equal(password_of_fd(s, fd, &password), OK);
	close(fd);
	assert_true(bytes_equal_str(password, want));
	assert_int_equal(password.p[password.n], 0);
}

static void test_first_line_without_its_end(void **state)
{
	struct scope *s = *state;
	assert_password(s, "secret", "secret");
	assert_password(s, "secret\n", "secret");
	assert_password(s, "secret\r\n", "secret");
	assert_password(s, " two words \nnext", " two words ");
	assert_password(s, "\xef\xbb\xbfs\xc3\xa9same\n", "s\xc3\xa9same");
	assert_password(s, "\n", "");
	assert_password(s, "", "");
}

static void test_the_rest_stays_for_the_next_reader(void **state)
{
	struct scope *s = *state;
	struct bytes a, b;
	int fd = pipe_of("one\ntwo\n", 8);
	assert_int_equal(password_of_fd(s, fd, &a), OK);
	assert_int_equal(password_of_fd(s, fd, &b), OK);
	close(fd);
	assert_true(bytes_equal_str(a, "one"));
	assert_true(bytes_equal_str(b, "two"));
}

static enum err password_of_length(struct scope *s, size_t n)
{
	static char line[2 * LIMIT_PASSWORD];
	struct bytes password;
	memset(line, 'x', sizeof(line));
	line[n] = '\n';
	int fd = pipe_of(line, n + 1);
	enum err e = password_of_fd(s, fd, &password);
	close(fd);
	return e;
}

static void test_length_and_content(void **state)
{
	struct scope *s = *state;
	struct bytes password;
	assert_int_equal(password_of_length(s, LIMIT_PASSWORD), OK);
	assert_int_equal(password_of_length(s, LIMIT_PASSWORD + 1), ERR_LIMIT);
	scope_forgive(s);
	assert_int_equal(password_of_length(s, LIMIT_PASSWORD + 900), ERR_LIMIT);
	scope_forgive(s);
	int fd = pipe_of("a\0b\n", 4);
	assert_int_equal(password_of_fd(s, fd, &password), ERR_FORMAT);
	close(fd);
}

static void test_faults_name_the_source(void **state)
{
	struct scope *s = *state;
	struct bytes password;
	assert_int_equal(password_of_file(s, "/nonexistent/pw", &password), ERR_IO);
	assert_string_equal(scope_fault_text(s), "/nonexistent/pw: No such file or directory");
	scope_forgive(s);
	assert_int_equal(password_of_file(s, "/tmp", &password), ERR_IO);
	assert_string_equal(scope_fault_text(s), "/tmp: Is a directory");
	scope_forgive(s);
	assert_int_equal(password_of_fd(s, 987, &password), ERR_IO);
	assert_string_equal(scope_fault_text(s), "file descriptor 987: Bad file descriptor");
}

/* In a child with a terminal of its own. */
static int ask_at_terminal(void)
{
	struct scope *s = scope_new(0);
	struct bytes password;
	struct termios before, after;
	if (tcgetattr(STDIN_FILENO, &before) != 0 ||
	    password_of_terminal(s, "Password: ", &password) != OK ||
	    !bytes_equal_str(password, "typed"))
		return 1;
	if (tcgetattr(STDIN_FILENO, &after) != 0 || before.c_lflag != after.c_lflag)
		return 2;
	scope_free(s);
	return 0;
}

static void test_terminal_without_echo(void **state)
{
	(void)state;
	int master, status;
	char shown[256] = "";
	size_t n = 0;
	pid_t child = forkpty(&master, NULL, NULL, NULL);
	if (child == 0)
		_exit(ask_at_terminal());
	bool answered = false;
	for (ssize_t got; n < sizeof(shown) - 1; n += (size_t)got) {
		got = read(master, shown + n, sizeof(shown) - 1 - n);
		if (got <= 0)
			break;
		shown[n + (size_t)got] = 0;
		if (!answered && strstr(shown, "Password: ")) {
			answered = true;
			assert_int_equal(write(master, "typed\n", 6), 6);
		}
	}
	close(master);
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_non_null(strstr(shown, "Password: "));
	assert_null(strstr(shown, "typed"));
}

static void test_no_terminal(void **state)
{
	(void)state;
	int status;
	pid_t child = fork();
	if (child == 0) {
		struct scope *s = scope_new(0);
		struct bytes password;
		setsid();
		_exit(password_of_terminal(s, "Password: ", &password) == ERR_DENIED ? 0 : 1);
	}
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_first_line_without_its_end, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(
		    test_the_rest_stays_for_the_next_reader, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_length_and_content, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_faults_name_the_source, new_scope, end_scope),
		cmocka_unit_test(test_terminal_without_echo),
		cmocka_unit_test(test_no_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
