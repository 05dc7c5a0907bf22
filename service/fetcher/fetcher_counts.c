#include "service/fetcher/fetcher_counts.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

struct cause {
	char text[LIMIT_FAULT_TEXT];
};

struct fetcher_counts {
	pthread_mutex_t lock;
	struct fetcher_status status;
	struct cause *cause; /* of each authority's last failure */
};

enum err fetcher_counts_new(
    struct scope *s, const struct configuration *c, struct fetcher_counts **ret_counts)
{
	struct fetcher_counts *counts = scope_alloc(s, sizeof(*counts));
	if (!counts)
		return ERR_NOMEM;
	pthread_mutex_init(&counts->lock, NULL);
	counts->cause = scope_alloc_array(s, c->n_tsa, sizeof(*counts->cause));
	counts->status.authority =
	    scope_alloc_array(s, c->n_tsa, sizeof(*counts->status.authority));
	if (!counts->cause || !counts->status.authority)
		return ERR_NOMEM;
	counts->status.n_authorities = c->n_tsa;
	for (size_t i = 0; i < c->n_tsa; i++)
		counts->status.authority[i] = (struct fetcher_status_authority){ .url = c->tsa[i],
			.answered = INSTANT_NONE,
			.failed = INSTANT_NONE,
			.cause = counts->cause[i].text };
	*ret_counts = counts;
	return OK;
}

void fetcher_counts_note(struct fetcher_counts *c, enum fetcher_status_kind kind,
    enum fetcher_status_outcome outcome, size_t held)
{
	pthread_mutex_lock(&c->lock);
	c->status.count[kind][outcome]++;
	if (held > c->status.held_most)
		c->status.held_most = held;
	pthread_mutex_unlock(&c->lock);
}

void fetcher_counts_note_authority(
    struct fetcher_counts *c, const char *url, struct instant now, const char *cause)
{
	pthread_mutex_lock(&c->lock);
	for (size_t i = 0; i < c->status.n_authorities; i++) {
		struct fetcher_status_authority *a = &c->status.authority[i];
		if (strcmp(a->url, url) != 0)
			continue;
		*(cause ? &a->failed : &a->answered) = now;
		if (cause)
			snprintf(c->cause[i].text, sizeof(c->cause[i].text), "%s", cause);
	}
	pthread_mutex_unlock(&c->lock);
}

void fetcher_counts_put(struct fetcher_counts *c, struct buf *b, size_t held)
{
	pthread_mutex_lock(&c->lock);
	c->status.held = held;
	fetcher_status_put(b, &c->status);
	pthread_mutex_unlock(&c->lock);
}
