#include "service/front/person_hashing.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

#define ADDRESS_ROOM 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t is_free = PTHREAD_COND_INITIALIZER;
static unsigned working;
/* Of those who log in and are at it, or wait. */
static char present[LIMIT_PASSWORD_LOGINS][ADDRESS_ROOM];
static unsigned n_present;

static void take_place(void)
{
	while (working >= LIMIT_PASSWORD_HASHES)
		pthread_cond_wait(&is_free, &lock);
	working++;
}

void person_hashing_enter(void)
{
	pthread_mutex_lock(&lock);
	take_place();
	pthread_mutex_unlock(&lock);
}

static bool has_room(const char *address, unsigned most)
{
	unsigned same = 0;
	if (most > LIMIT_PASSWORD_LOGINS)
		most = LIMIT_PASSWORD_LOGINS;
	for (unsigned i = 0; i < n_present; i++)
		same += !strncmp(present[i], address, ADDRESS_ROOM - 1);
	return n_present < most && same < (most + 1) / 2;
}

bool person_hashing_try(const char *address, unsigned threads)
{
	const unsigned most = threads * 3 / 4;
	pthread_mutex_lock(&lock);
	const bool may = has_room(address, most ? most : 1);
	if (may) {
		snprintf(present[n_present++], ADDRESS_ROOM, "%s", address);
		take_place();
	}
	pthread_mutex_unlock(&lock);
	return may;
}

static void forget(const char *address)
{
	unsigned i = 0;
	while (i < n_present && strncmp(present[i], address, ADDRESS_ROOM - 1) != 0)
		i++;
	if (i < n_present)
		memmove(present[i], present[--n_present], ADDRESS_ROOM);
}

void person_hashing_leave(const char *address)
{
	pthread_mutex_lock(&lock);
	working--;
	if (address)
		forget(address);
	pthread_cond_signal(&is_free);
	pthread_mutex_unlock(&lock);
}
