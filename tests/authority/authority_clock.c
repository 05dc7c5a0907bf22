#include "tests/authority/authority_clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/scope.h"
#include "tests/authority/authority_file.h"

#define OFFSET_MOST ((long long)1000 * 365 * 86400)

static bool read_offset(const char *text, long long *ret_offset)
{
	char *end;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	if (errno || end == text || *end || n > OFFSET_MOST || n < -OFFSET_MOST)
		return false;
	*ret_offset = n;
	return true;
}

struct instant authority_clock_now(const char *dir)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	struct instant now = { ts.tv_sec }, fixed;
	char line[128];
	long long offset;
	authority_file_line(dir, "clock", line, sizeof(line));
	if (!strncmp(line, "fixed ", 6) && instant_of_rfc3339(bytes_of_str(line + 6), &fixed))
		return fixed;
	if (!strncmp(line, "offset ", 7) && read_offset(line + 7, &offset))
		return instant_add(now, offset);
	return now;
}

uint64_t authority_clock_ticks(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

enum err authority_clock_set(struct scope *s, const char *dir, const char *text)
{
	char line[128], *path;
	long long offset = 0;
	struct instant fixed;
	bool moved = text[0] == '+' || text[0] == '-';
	if (!moved && strcmp(text, "real") && !instant_of_rfc3339(bytes_of_str(text), &fixed))
		return scope_fault(s, ERR_FORMAT, "clock: neither RFC 3339 nor +SECONDS: %s", text);
	if (moved && !read_offset(text, &offset))
		return scope_fault(s, ERR_FORMAT, "clock: not a number of seconds: %s", text);
	if (moved || !strcmp(text, "real"))
		snprintf(line, sizeof(line), "offset %lld\n", offset);
	else
		snprintf(line, sizeof(line), "fixed %.100s\n", text);
	TRY(authority_file_path(s, &path, dir, "clock"));
	return authority_file_write(s, path, bytes_of_str(line), 0644);
}
