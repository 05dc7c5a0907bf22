/*
 * How many writes a second the store takes, from one thread and from many that share commits,
 * against how often this disk can be forced; and how long reading takes in a filled one.
 *
 *	store_rate write FOLDER SECONDS     sealings added by 1, 8 and 32 threads
 *	store_rate read FOLDER ROWS         after so many filings were added
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/measure.h"
#include "tests/support/store_scene.h"

#define MOST_THREADS 32

struct rate {
	struct store_scene *scene;
	double until;
	atomic_ulong n;
};

static void check(struct scope *s, enum err e)
{
	if (e == OK)
		return;
	fprintf(stderr, "store_rate: %s\n", scope_fault_text(s));
	exit(1);
}

/* Forced writes of one page at the end of a file, one after the other. */
static double forced_per_second(const char *folder, double seconds)
{
	char path[512], page[4096] = { 1 };
	unsigned long n = 0;
	snprintf(path, sizeof(path), "%s/forced", folder);
	int fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return 0;
	double begin = measure_seconds(CLOCK_MONOTONIC), now = begin;
	for (; now - begin < seconds; n++, now = measure_seconds(CLOCK_MONOTONIC))
		if (write(fd, page, sizeof(page)) != sizeof(page) || fdatasync(fd) != 0)
			exit(1);
	close(fd);
	unlink(path);
	return (double)n / (now - begin);
}

static void *write_on(void *ctx)
{
	struct rate *r = ctx;
	while (measure_seconds(CLOCK_MONOTONIC) < r->until) {
		struct scope *s = scope_new(0);
		if (!s)
			exit(1);
		store_scene_add_sealing(r->scene, s);
		r->n++;
		scope_free(s);
	}
	return NULL;
}

static void measure_writes(struct store_scene *c, unsigned threads, double seconds, double forced)
{
	pthread_t thread[MOST_THREADS];
	struct rate r = { .scene = c };
	struct store_counters before = store_counters(c->store);
	double begin = measure_seconds(CLOCK_MONOTONIC);
	r.until = begin + seconds;
	for (unsigned i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, write_on, &r) != 0)
			exit(1);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	double took = measure_seconds(CLOCK_MONOTONIC) - begin;
	struct store_counters after = store_counters(c->store);
	printf("store: %2u threads: %6.0f sealings/s in %5.0f commits/s; %.2f commits for a forced "
	       "write of this disk (%.0f/s)\n",
	    threads, (double)r.n / took, (double)(after.commits - before.commits) / took,
	    (double)(after.commits - before.commits) / took / forced, forced);
}

static int write_mode(const char *folder, double seconds)
{
	static const unsigned threads[] = { 1, 8, MOST_THREADS };
	struct store_scene *c = store_scene_open(folder);
	for (size_t i = 0; i < 3; i++)
		measure_writes(c, threads[i], seconds, forced_per_second(c->folder, seconds / 4));
	store_scene_close(c);
	return 0;
}

/* -- reading -- */

struct filling {
	unsigned from, to;
};

static enum err add_filings(void *ctx, struct scope *s, struct store *store)
{
	const struct filling *f = ctx;
	for (unsigned i = f->from; i < f->to; i++) {
		char name[64];
		bool is_new;
		const struct store_filing *there;
		snprintf(name, sizeof(name), "Filing number %u of %u.pdf", i, i % 997);
		struct store_filing filing = store_scene_filing(s, name, i);
		struct store_filing_judgement j = { STORE_FILING_JUDGED, STORE_FILING_ACCEPT,
			i % 50000 ? "Duna" : "Tisza", "TOTAL-PASSED", "Well", "{}",
			store_scene_at(i) };
		TRY(store_filing_add(s, store, &filing, &there, &is_new));
		TRY(store_filing_judge(s, store, filing.id, &j));
		if (i % 100)
			TRY(store_filing_decide(s, store, filing.id, STORE_FILING_ACCEPTED, "ps_1",
			    store_scene_at(i), ""));
	}
	return OK;
}

static void measure_list(struct store_scene *c, const char *what,
    const struct store_filing_filter *filter, unsigned rounds)
{
	double begin = measure_seconds(CLOCK_MONOTONIC);
	size_t n = 0;
	for (unsigned i = 0; i < rounds; i++) {
		struct scope *s = scope_new(0);
		struct store_filing_list list;
		if (!s)
			exit(1);
		check(s, store_filing_list(s, c->store, filter, (struct store_page){ 0 }, &list));
		n = list.n;
		scope_free(s);
	}
	printf("store: %-40s %3zu rows in %8.2f ms\n", what, n,
	    (measure_seconds(CLOCK_MONOTONIC) - begin) * 1000 / rounds);
}

static int read_mode(const char *folder, unsigned rows)
{
	struct store_scene *c = store_scene_open(folder);
	struct store_filing_filter f = { .state = STORE_FILING_ANY,
		.word = STORE_FILING_ANY,
		.decision = STORE_FILING_ANY,
		.since = INSTANT_NONE,
		.before = INSTANT_NONE };
	for (unsigned at = 0; at < rows; at += 1000) {
		struct scope *s = scope_new(0);
		struct filling part = { at, at + 1000 };
		if (!s)
			exit(1);
		check(s, store_write(s, c->store, add_filings, &part));
		scope_free(s);
	}
	double begin = measure_seconds(CLOCK_MONOTONIC);
	store_scene_reopen(c);
	printf("store: opening with %u filings took %.0f ms\n", rows,
	    (measure_seconds(CLOCK_MONOTONIC) - begin) * 1000);
	measure_list(c, "the queue", &f, 100);
	f.decision = STORE_FILING_ACCEPTED;
	measure_list(c, "accepted ones", &f, 100);
	f.decision = STORE_FILING_ANY;
	f.text = "Tisza";
	measure_list(c, "a word that few have", &f, 10);
	f.text = "Filing number";
	measure_list(c, "words that all have", &f, 3);
	f.text = "zq";
	measure_list(c, "two letters that none has", &f, 3);
	store_scene_close(c);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "write"))
		return write_mode(argv[2], strtod(argv[3], NULL));
	if (argc == 4 && !strcmp(argv[1], "read"))
		return read_mode(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
	fprintf(stderr, "usage: store_rate write FOLDER SECONDS | read FOLDER ROWS\n");
	return 64;
}
