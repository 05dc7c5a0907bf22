#include "tests/support/store_scene.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/store/identifier.h"
#include "service/store/store_partner.h"
#include "service/store/store_person.h"

static void check(struct scope *s, enum err e, const char *what)
{
	if (e == OK)
		return;
	fprintf(stderr, "store_scene: %s: %s: %s\n", what, err_name(e), scope_fault_text(s));
	abort();
}

struct instant store_scene_at(int64_t seconds)
{
	return (struct instant){ STORE_SCENE_NOW + seconds };
}

const char *store_scene_id(struct scope *s, const char *prefix)
{
	const char *id;
	check(s, identifier_new(s, prefix, &id), "an identifier");
	return id;
}

static const char *add_person(
    struct store_scene *scene, const char *partner, const char *login, unsigned roles)
{
	struct store_person p = { .id = store_scene_id(scene->s, IDENTIFIER_PERSON),
		.partner = partner,
		.login = login,
		.name = login,
		.email = "somebody@bulla.example",
		.password_hash = "",
		.roles = roles,
		.language = "hu",
		.active = true,
		.waits_until = INSTANT_NONE,
		.created = store_scene_at(0) };
	check(scene->s, store_person_add(scene->s, scene->store, &p), "a person");
	return p.id;
}

static void open_store(struct store_scene *scene)
{
	struct store_options o = { .folder = scene->folder, .now = store_scene_at(0) };
	check(scene->s, store_open(scene->s, &o, &scene->store), "open");
}

struct store_scene *store_scene_open(const char *parent)
{
	struct scope *s = scope_new(0);
	struct store_scene *scene = s ? scope_alloc(s, sizeof(*scene)) : NULL;
	const char *tmp = getenv("TMPDIR");
	if (!scene)
		abort();
	scene->s = s;
	snprintf(scene->folder, sizeof(scene->folder), "%.200s/store-XXXXXX",
	    parent ? parent
	    : tmp  ? tmp
		   : P_tmpdir);
	if (!mkdtemp(scene->folder))
		check(s, ERR_IO, scene->folder);
	open_store(scene);
	struct store_partner p = { .id = store_scene_id(s, IDENTIFIER_PARTNER),
		.name = "Duna Biztosító",
		.number = "01-10-041365",
		.active = true,
		.created = store_scene_at(0) };
	check(s, store_partner_add(s, scene->store, &p), "a partner");
	scene->partner = p.id;
	scene->officer = add_person(scene, p.id, "anna", STORE_PERSON_OFFICER);
	scene->clerk = add_person(scene, NULL, "clerk", STORE_PERSON_CLERK);
	scene->approver = add_person(scene, NULL, "approver", STORE_PERSON_APPROVER);
	return scene;
}

void store_scene_reopen(struct store_scene *scene)
{
	store_close(scene->store);
	open_store(scene);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void store_scene_close(struct store_scene *scene)
{
	store_close(scene->store);
	if (nftw(scene->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		check(scene->s, ERR_IO, "removal");
	scope_free(scene->s);
}

struct store_sealing store_scene_sealing(struct store_scene *scene, struct scope *s)
{
	struct store_sealing_document *d = scope_alloc_array(s, 2, sizeof(*d));
	if (!d)
		abort();
	d[0] = (struct store_sealing_document){
		.n = 1, .name = "contract.pdf", .size = 1000, .sha256 = { 1 }, .pages = 3
	};
	d[1] = (struct store_sealing_document){
		.n = 2, .name = "annex.pdf", .size = 2000, .sha256 = { 2 }, .pages = 1
	};
	return (struct store_sealing){ .id = store_scene_id(s, IDENTIFIER_SEALING),
		.portal = "fund",
		.request_sha256 = { 7 },
		.partner = scene->partner,
		.reference = "F-1",
		.title = "A filing",
		.data = "{\"sum\":1}",
		.options = "{}",
		.created = store_scene_at(0),
		.expires = store_scene_at(3600),
		.document = d,
		.n_documents = 2 };
}

const struct store_sealing *store_scene_add_sealing(struct store_scene *scene, struct scope *s)
{
	struct store_sealing g = store_scene_sealing(scene, s);
	const struct store_sealing *stored;
	bool is_new;
	check(s, store_sealing_add(s, scene->store, &g, &stored, &is_new), "a sealing");
	return stored;
}

struct store_filing store_scene_filing(struct scope *s, const char *name, int64_t received)
{
	return (struct store_filing){ .id = store_scene_id(s, IDENTIFIER_FILING),
		.source = "fund",
		.request_sha256 = { 9 },
		.name = name,
		.reference = "",
		.size = 4000,
		.sha256 = { 3 },
		.received = store_scene_at(received) };
}
