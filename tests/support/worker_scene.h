/*
 * A real worker process for tests, with a keeper and a fetcher of an office's
 * (tests/support/office.h) in processes of their own, and the front's pool with its link. The
 * office's clock is the machine's. Mistakes end the program.
 */
#ifndef BULLA_TESTS_SUPPORT_WORKER_SCENE_H
#define BULLA_TESTS_SUPPORT_WORKER_SCENE_H

#include <sys/types.h>

#include "service/front/link_pool.h"
#include "service/worker/worker_client.h"
#include "tests/support/office.h"
#include "tests/support/service_process.h"

#define WORKER_SCENE_TOKEN BYTES_LIT("0123456789abcdef0123456789ABCDEF")

struct worker_scene {
	struct office *o;
	struct scope *s; /* the office's */
	struct configuration c;
	char anchors[64];              /* a file */
	char policy[64];               /* another; "": none */
	pid_t worker, keeper, fetcher; /* 0: none */
	struct link *control;
	struct link_pool *pool;
	struct worker_client client;
	int open[64]; /* files */
	size_t n_open;
};

/* Everything but the processes, so that it can be changed before. */
struct worker_scene *worker_scene_open(void);
/* A policy file for both uses, before the start. */
void worker_scene_set_policy(struct worker_scene *w, const char *json);
/* The processes; what is changed of the office later they do not learn of. */
void worker_scene_start(struct worker_scene *w);
void worker_scene_start_keeper(struct worker_scene *w);
void worker_scene_start_fetcher(struct worker_scene *w);
void worker_scene_stop(pid_t *pid); /* kills it */
/* The other end of a worker's link to the front, instead of the pool's. */
struct link *worker_scene_front(struct worker_scene *w);
void worker_scene_close(struct worker_scene *w);
/* For cmocka: opened and started. */
int worker_scene_setup(void **state);
int worker_scene_teardown(void **state);

/* A file in memory with this content; closed with the scene. */
int worker_scene_file(struct worker_scene *w, struct bytes content);
struct bytes worker_scene_content(struct worker_scene *w, int fd);
/* A request to seal with "signer" and the token, into a new file. */
struct worker_client_seal_request worker_scene_request(
    struct worker_scene *w, struct bytes document, const char *options);
/* The result of one that must succeed. */
struct bytes worker_scene_sealed(
    struct worker_scene *w, struct bytes document, const char *options);

#endif
