#include "service/password.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"

/* Room for a byte order mark, CR, LF and a NUL beside the longest password. */
struct secret {
	uint8_t octets[LIMIT_PASSWORD + 6];
};

static void wipe_and_free(void *obj)
{
	bytes_wipe(obj, sizeof(struct secret));
	free(obj);
}

static enum err read_line(
    struct scope *s, int fd, const char *name, struct secret *line, size_t *ret_n)
{
	size_t n = 0;
	while (n < sizeof(line->octets) - 1) {
		ssize_t got = read(fd, line->octets + n, 1);
		if (got < 0)
			return scope_fault(s, ERR_IO, "%s: %s", name, strerror(errno));
		if (got == 0 || line->octets[n] == '\n')
			break;
		n++;
	}
	*ret_n = n;
	return OK;
}

static enum err password_of_line(
    struct scope *s, const char *name, struct secret *line, size_t n, struct bytes *ret_password)
{
	if (n && line->octets[n - 1] == '\r')
		n--;
	struct bytes word = bytes_of(line->octets, n);
	if (bytes_has_prefix(word, BYTES_LIT("\xef\xbb\xbf")))
		word = bytes_from(word, 3);
	if (word.n > LIMIT_PASSWORD)
		return scope_fault(
		    s, ERR_LIMIT, "%s: a password longer than %d octets", name, LIMIT_PASSWORD);
	if (bytes_find(word, bytes_of("", 1), 0) != BYTES_NOT_FOUND)
		return scope_fault(s, ERR_FORMAT, "%s: a NUL in the password", name);
	line->octets[n] = 0;
	*ret_password = word;
	return OK;
}

static enum err read_password(struct scope *s, int fd, const char *name, struct bytes *ret_password)
{
	struct secret *line = calloc(1, sizeof(*line));
	TRY(scope_own(s, line, wipe_and_free));
	size_t n = 0;
	TRY(read_line(s, fd, name, line, &n));
	return password_of_line(s, name, line, n, ret_password);
}

enum err password_of_file(struct scope *s, const char *path, struct bytes *ret_password)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	enum err e = read_password(s, fd, path, ret_password);
	close(fd);
	return e;
}

enum err password_of_fd(struct scope *s, int fd, struct bytes *ret_password)
{
	char name[32];
	snprintf(name, sizeof(name), "file descriptor %d", fd);
	return read_password(s, fd, name, ret_password);
}

static volatile sig_atomic_t caught;

static void note_signal(int signal_number)
{
	caught = signal_number;
}

/* Signals that would leave the terminal without echo. */
static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
#define N_ENDING (sizeof(ending) / sizeof(ending[0]))

/* One attempt with echo off. When a signal came, the terminal and the handlers are put back first,
 * then it has its usual effect. */
static enum err ask(struct scope *s, int tty, const char *prompt, struct bytes *ret_password)
{
	struct termios old;
	if (tcgetattr(tty, &old) != 0)
		return scope_fault(s, ERR_IO, "terminal: %s", strerror(errno));
	struct sigaction note = { .sa_handler = note_signal }, before[N_ENDING];
	caught = 0;
	for (size_t i = 0; i < N_ENDING; i++)
		sigaction(ending[i], &note, &before[i]);
	struct termios silent = old;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	silent.c_lflag |= ECHONL;
	tcsetattr(tty, TCSAFLUSH, &silent);
	dprintf(tty, "%s", prompt);
	enum err e = read_password(s, tty, "terminal", ret_password);
	tcsetattr(tty, TCSAFLUSH, &old);
	for (size_t i = 0; i < N_ENDING; i++)
		sigaction(ending[i], &before[i], NULL);
	if (caught)
		raise(caught);
	return e;
}

enum err password_of_terminal(struct scope *s, const char *prompt, struct bytes *ret_password)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0)
		return scope_fault(s, ERR_DENIED, "no terminal to ask for the password");
	enum err e = ask(s, tty, prompt, ret_password);
	/* Stopped and continued: ask again. */
	while (e != OK && caught == SIGTSTP) {
		scope_forgive(s);
		e = ask(s, tty, prompt, ret_password);
	}
	close(tty);
	return e;
}
