/*
 * The pages of the front without a network: a store and an audit log in a temporary folder, persons
 * who may log in, and a browser that keeps its cookies. The instant of every request is the test's.
 */
#ifndef BULLA_TESTS_SUPPORT_FRONT_SCENE_H
#define BULLA_TESTS_SUPPORT_FRONT_SCENE_H

#include "service/front/front.h"
#include "service/front/page.h"

#define FRONT_SCENE_PASSWORD "Correct-Horse-9"
#define FRONT_SCENE_NOW 1795341600 /* 2026-11-22T10:00:00Z */
#define FRONT_SCENE_COOKIES 8
#define FRONT_SCENE_FIELDS 16

struct front_scene {
	struct scope *s;
	struct front front;
	struct configuration configuration;
	struct configuration_portal portal;
	char folder[64];
	const struct route *const *tables;
	size_t n_tables;
	const char *hash; /* of FRONT_SCENE_PASSWORD */
	struct instant at;

	/* the browser */
	struct front_scene_cookie {
		char name[64], value[128];
	} cookie[FRONT_SCENE_COOKIES];
	const char *csrf;            /* goes with every form that has none; NULL: none */
	const char *site;            /* Sec-Fetch-Site; NULL: none */
	const char *origin;          /* NULL: none */
	const char *accept_language; /* NULL: none */
	bool sends_row;              /* X-Bulla-Row */
};

struct front_scene_field {
	const char *name, *value;
	const char *path; /* of a file; the value is its name */
};

/* `tables`: the routes under test; borrowed. Fails the test when it cannot be made. */
struct front_scene *front_scene_open(const struct route *const *tables, size_t n);
void front_scene_close(struct front_scene *x);

/* The id of a new person with the password above; `partner` NULL: staff. */
const char *front_scene_person(
    struct front_scene *x, const char *login, unsigned roles, const char *partner);
const char *front_scene_partner(struct front_scene *x, const char *name);

/* `path` may have a query, percent-encoded. What comes back lives as long as the scene. */
struct http_reply *front_scene_get(
    struct front_scene *x, enum http_listener listener, const char *path);
/* The same with a scope of its own, whose n-th allocation and all later ones fail: what comes of
 * it, ERR_NOMEM for a reply that is broken. */
enum err front_scene_try(
    struct front_scene *x, enum http_listener listener, const char *path, size_t n);
/* `fields` ends with a NULL name. */
struct http_reply *front_scene_post(struct front_scene *x, enum http_listener listener,
    const char *path, const struct front_scene_field *fields);
/* Posts the form of /login, and takes the csrf token of the start page. The reply of the post. */
struct http_reply *front_scene_login(
    struct front_scene *x, enum http_listener listener, const char *login, const char *password);

const char *front_scene_text(struct front_scene *x, const struct http_reply *r);
const char *front_scene_header(const struct http_reply *r, const char *name);
const char *front_scene_cookie(const struct front_scene *x, const char *name);
/* Records of a kind in the audit log. */
size_t front_scene_logged(struct front_scene *x, const char *kind);

#endif
