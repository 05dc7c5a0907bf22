#include "tests/support/memory_search.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20)

void __asan_init(void) __attribute__((weak));
void __tsan_init(void) __attribute__((weak));

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "memory search: %s\n", what);
	abort();
}

static int open_memory(pid_t pid)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%ld/mem", (long)pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static FILE *open_file(pid_t pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	return fopen(path, "re");
}

bool memory_search_is_possible(pid_t pid)
{
	int fd = open_memory(pid);
	if (fd >= 0)
		close(fd);
	FILE *f = open_file(pid, "smaps");
	if (f)
		fclose(f);
	return fd >= 0 && f && !__asan_init && !__tsan_init;
}

struct mapping {
	uint64_t from, to;
	bool is_readable;
};

static size_t count_in(struct bytes hay, struct bytes needle)
{
	size_t n = 0;
	for (size_t at = 0; (at = bytes_find(hay, needle, at)) != BYTES_NOT_FOUND; at++)
		n++;
	return n;
}

/* Pieces overlap by what a needle could be cut at. */
static size_t search_mapping(
    int fd, const struct mapping *m, struct bytes needle, uint8_t *room, size_t *octets)
{
	size_t found = 0;
	for (uint64_t at = m->from; at < m->to; at += PIECE) {
		uint64_t want =
		    m->to - at < PIECE + needle.n - 1 ? m->to - at : PIECE + needle.n - 1;
		ssize_t got = pread(fd, room, (size_t)want, (off_t)at);
		if (got <= 0)
			break; /* guard pages, and what belongs to the kernel */
		*octets += (size_t)got;
		found += count_in(bytes_of(room, (size_t)got), needle);
	}
	return found;
}

/* A mapping and its flags, as smaps tells them. */
static bool next_mapping(FILE *smaps, struct mapping *m, bool *ret_is_locked)
{
	char line[4096], bits[8];
	bool has_mapping = false;
	while (fgets(line, sizeof(line), smaps)) {
		struct mapping begun;
		/* Other lines may begin with what could be a number too. */
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &begun.from, &begun.to, bits) ==
		    3) {
			begun.is_readable = bits[0] == 'r';
			*m = begun;
			has_mapping = true;
		}
		if (has_mapping && !strncmp(line, "VmFlags:", 8)) {
			*ret_is_locked = strstr(line, " lo") && strstr(line, " dd");
			return true;
		}
	}
	return false;
}

struct memory_search memory_search_run(pid_t pid, struct bytes needle)
{
	struct memory_search result = { 0 };
	struct mapping m;
	bool is_locked;
	int fd = open_memory(pid);
	FILE *smaps = open_file(pid, "smaps");
	uint8_t *room = malloc(PIECE + needle.n);
	if (fd < 0 || !smaps || !room || !needle.n)
		die("cannot begin");
	while (next_mapping(smaps, &m, &is_locked)) {
		size_t n = m.is_readable ? search_mapping(fd, &m, needle, room, &result.octets) : 0;
		result.found += n;
		result.unlocked += is_locked ? 0 : n;
	}
	free(room);
	fclose(smaps);
	close(fd);
	return result;
}

long memory_search_status(pid_t pid, const char *file, const char *name)
{
	char line[512];
	long value = -1;
	FILE *f = open_file(pid, file);
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			value = strtol(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return value;
}
