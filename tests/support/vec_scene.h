/*
 * Plays a case of the scenario tables: builds certificates, evidence and the document as its lines
 * say (tests/vectors/README.md is the manual), and judges it. Expectations are the driver's.
 */
#ifndef BULLA_TESTS_SUPPORT_VEC_SCENE_H
#define BULLA_TESTS_SUPPORT_VEC_SCENE_H

#include "tests/support/paper.h"
#include "tests/support/vec_words.h"
#include "validator/validate.h"

#define VEC_SCENE_ITEMS 24

enum vec_scene_kind {
	VEC_SCENE_CERT,
	VEC_SCENE_CRL,
	VEC_SCENE_OCSP,
};

/* A piece of evidence that has a name. */
struct vec_scene_item {
	const char *name;
	enum vec_scene_kind kind;
	struct bytes der;
};

struct vec_scene {
	struct scope *s;
	const struct vec_reader_case *c;
	struct canned_world *w;
	struct mini_pki *pki;
	struct paper *paper; /* NULL until the first step */
	const char *base;    /* what it will be made of */
	struct vec_scene_item items[VEC_SCENE_ITEMS];
	size_t n_items;
	struct evidence *given;
	struct policy policy;
	const char *anchor;
	int64_t at; /* when it is judged; until told: when the last step was done */
	bool online;
};

/* Keys that vec_scene_play understands; ends with NULL. */
extern const char *const vec_scene_keys[];

/* Plays all lines but expectations (keys not in the list): the document and its world as they are
 * when it is to be judged. */
struct vec_scene *vec_scene_stage(struct scope *s, const struct vec_reader_case *c);
/* Judges what was staged. */
struct report *vec_scene_judge(struct vec_scene *v);
/* Both. */
struct report *vec_scene_play(struct scope *s, const struct vec_reader_case *c);

/* The item of that name, or the certificate of the infrastructure. */
struct vec_scene_item vec_scene_find(
    struct vec_scene *v, const struct vec_words *w, const char *name);

#endif
