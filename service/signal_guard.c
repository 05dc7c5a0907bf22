#include "service/signal_guard.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "service/exit_status.h"
#include "service/folder.h"

/* Files mapped, or being written, at one time in one process. */
#define GUARD_SLOTS 64
#define GUARD_NAME 256

/* Handlers read a slot only while it is taken; it is filled before that is set. */
struct mapping {
	atomic_bool taken;
	uintptr_t start, end;
	char name[GUARD_NAME];
};

struct temporary {
	atomic_bool taken;
	char path[PATH_MAX];
};

static struct mapping mappings[GUARD_SLOTS];
static struct temporary temporaries[GUARD_SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void unlink_temporaries(void)
{
	for (size_t i = 0; i < GUARD_SLOTS; i++)
		if (atomic_load(&temporaries[i].taken) && unlink(temporaries[i].path) != 0)
			folder_remove(temporaries[i].path);
}

static void die_of(int signal_number)
{
	unlink_temporaries();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
	(void)ignored;
}

static void on_bus_error(int signal_number, siginfo_t *info, void *context)
{
	(void)context;
	uintptr_t at = (uintptr_t)info->si_addr;
	for (size_t i = 0; i < GUARD_SLOTS; i++) {
		const struct mapping *m = &mappings[i];
		if (!atomic_load(&m->taken) || at < m->start || at >= m->end)
			continue;
		say("bulla: ");
		say(m->name);
		say(": the file shrank, or its disk failed, while it was read\n");
		unlink_temporaries();
		_exit(EXIT_STATUS_INPUT_OUTPUT);
	}
	die_of(signal_number);
}

static void on_end(int signal_number)
{
	die_of(signal_number);
}

void signal_guard_install(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction end = { .sa_handler = on_end };
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct sigaction old;
		if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(ends[i], &end, NULL);
	}
	struct sigaction bus = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO };
	sigaction(SIGBUS, &bus, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

enum err signal_guard_map(struct scope *s, const void *p, size_t n, const char *name)
{
	pthread_mutex_lock(&lock);
	struct mapping *free_one = NULL;
	for (size_t i = 0; i < GUARD_SLOTS && !free_one; i++)
		if (!atomic_load(&mappings[i].taken))
			free_one = &mappings[i];
	if (free_one) {
		free_one->start = (uintptr_t)p;
		free_one->end = (uintptr_t)p + n;
		snprintf(free_one->name, sizeof(free_one->name), "%s", name);
		for (char *c = free_one->name; *c; c++)
			if ((unsigned char)*c < 0x20 || *c == 0x7f)
				*c = '?';
		atomic_store(&free_one->taken, true);
	}
	pthread_mutex_unlock(&lock);
	if (!free_one)
		return scope_fault(s, ERR_LIMIT, "%s: too many files open at once", name);
	return OK;
}

void signal_guard_unmap(const void *p)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < GUARD_SLOTS; i++)
		if (atomic_load(&mappings[i].taken) && mappings[i].start == (uintptr_t)p)
			atomic_store(&mappings[i].taken, false);
	pthread_mutex_unlock(&lock);
}

enum err signal_guard_temporary(struct scope *s, const char *path)
{
	if (strlen(path) >= PATH_MAX)
		return scope_fault(s, ERR_IO, "%s: File name too long", path);
	pthread_mutex_lock(&lock);
	struct temporary *free_one = NULL;
	for (size_t i = 0; i < GUARD_SLOTS && !free_one; i++)
		if (!atomic_load(&temporaries[i].taken))
			free_one = &temporaries[i];
	if (free_one) {
		snprintf(free_one->path, sizeof(free_one->path), "%s", path);
		atomic_store(&free_one->taken, true);
	}
	pthread_mutex_unlock(&lock);
	if (!free_one)
		return scope_fault(s, ERR_LIMIT, "%s: too many files written at once", path);
	return OK;
}

void signal_guard_forget(const char *path)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < GUARD_SLOTS; i++)
		if (atomic_load(&temporaries[i].taken) && !strcmp(temporaries[i].path, path))
			atomic_store(&temporaries[i].taken, false);
	pthread_mutex_unlock(&lock);
}
