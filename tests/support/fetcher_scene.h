/*
 * A fetcher for tests: its shared parts, lines with peers of any role over real links, and a server
 * on the loopback that answers as its paths say. For cmocka: set_up and tear_down around each test,
 * which end it where something does not go as it must.
 */
#ifndef BULLA_TESTS_SUPPORT_FETCHER_SCENE_H
#define BULLA_TESTS_SUPPORT_FETCHER_SCENE_H

#include <pthread.h>
#include <stdatomic.h>

#include "service/fetcher/fetcher_line.h"
#include "service/fetcher/fetcher_world.h"
#include "tests/support/loopback_server.h"

#define FETCHER_SCENE_LARGE ((size_t)24 << 20) /* octets of "/large" */

struct fetcher_scene_server {
	struct loopback_server *s;
	atomic_int requests;
	struct bytes crl;
	pthread_mutex_t lock;
	char head[8192], body[8192];
	atomic_bool is_open; /* "/gate" answers */
};

#define FETCHER_SCENE_URLS 8
struct fetcher_scene {
	struct scope *s;
	struct fetcher_scene_server server;
	struct configuration c;
	struct configuration_portal portal[6];
	char url[FETCHER_SCENE_URLS][LOOPBACK_SERVER_URL];
	const char *tsa[4];
	char cache[64];
	struct fetcher_line_shared shared;
};

struct fetcher_scene_peer {
	struct fetcher_scene *scene;
	enum role role;
	pthread_t thread;
	struct link *own, *other;
	struct fetcher_world *world;
};

int fetcher_scene_set_up(void **state);
int fetcher_scene_tear_down(void **state);
/* A peer with its link to the fetcher. */
struct fetcher_scene_peer *fetcher_scene_join(struct fetcher_scene *o, enum role role);
/* Ends its link, and waits for the line to end. */
void fetcher_scene_leave(struct fetcher_scene_peer *p);
/* A fetch with the peer's world; faults are in the scope. */
enum err fetcher_scene_get_url(struct fetcher_scene_peer *p, struct scope *s, enum fetch_kind kind,
    const char *url, size_t *ret_n);
/* The same of the server, in the scene's scope. */
enum err fetcher_scene_get(struct fetcher_scene_peer *p, enum fetch_kind kind, const char *path);
/* As the front is told. */
struct fetcher_status fetcher_scene_status(struct fetcher_scene *o);

#endif
