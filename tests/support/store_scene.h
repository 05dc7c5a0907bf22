/*
 * A store in a temporary folder, with a partner and persons, for tests. Mistakes end the program.
 */
#ifndef BULLA_TESTS_SUPPORT_STORE_SCENE_H
#define BULLA_TESTS_SUPPORT_STORE_SCENE_H

#include "service/store/store.h"
#include "service/store/store_filing.h"
#include "service/store/store_sealing.h"

#define STORE_SCENE_NOW INT64_C(1767225600)

struct store_scene {
	struct scope *s;
	char folder[256];
	struct store *store;
	const char *partner;          /* "Duna Biztosító", active */
	const char *officer;          /* of the partner; login "anna" */
	const char *clerk, *approver; /* staff; logins "clerk", "approver" */
};

/* In $TMPDIR, or in `parent` when it is not NULL. */
struct store_scene *store_scene_open(const char *parent);
/* Closes the store and opens it again. */
void store_scene_reopen(struct store_scene *scene);
/* Closes, and removes the folder with all in it. */
void store_scene_close(struct store_scene *scene);

struct instant store_scene_at(int64_t seconds); /* after STORE_SCENE_NOW */
const char *store_scene_id(struct scope *s, const char *prefix);

/* A sealing of portal "fund" with two documents, expiring in an hour; not stored. */
struct store_sealing store_scene_sealing(struct store_scene *scene, struct scope *s);
/* The same, stored. */
const struct store_sealing *store_scene_add_sealing(struct store_scene *scene, struct scope *s);
/* A filing of portal "fund"; not stored. */
struct store_filing store_scene_filing(struct scope *s, const char *name, int64_t received);

#endif
