#include "service/diagnostic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "service/exit_status.h"

/* Room for a file name, a URL and a cause. */
#define LINE_MAX_TEXT (LIMIT_FAULT_TEXT + LIMIT_URL + 4096)

__attribute__((format(printf, 1, 0))) static void put_line(
    const char *fmt, va_list args, const char *tail)
{
	char line[LINE_MAX_TEXT + 128] = "bulla: ";
	size_t n = strlen(line);
	int made = vsnprintf(line + n, LINE_MAX_TEXT - n, fmt, args);
	if (made > 0)
		n += strlen(line + n);
	size_t tail_n = strlen(tail);
	memcpy(line + n, tail, tail_n);
	n += tail_n;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[n++] = '\n';
	/* One write, so that lines of several processes do not mix. Nobody is left to tell of a
	 * failure. */
	ssize_t ignored = write(STDERR_FILENO, line, n);
	(void)ignored;
}

void diagnostic_line(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	put_line(fmt, args, "");
	va_end(args);
}

int diagnostic_usage(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	put_line(fmt, args, " (see bulla --help)");
	va_end(args);
	return EXIT_STATUS_USAGE;
}

int diagnostic_fault(const struct scope *s, enum err e, const char *what)
{
	const char *why = s ? scope_fault_text(s) : "";
	if (!*why)
		why = err_name(e);
	if (what)
		diagnostic_line("%s: %s", what, why);
	else
		diagnostic_line("%s", why);
	return exit_status_of_err(e);
}
