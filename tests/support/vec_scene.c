#include "tests/support/vec_scene.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "tests/support/vec_evidence.h"
#include "tests/support/vec_policy.h"
#include "tests/support/vec_steps.h"

struct vec_scene_item vec_scene_find(
    struct vec_scene *v, const struct vec_words *w, const char *name)
{
	for (size_t i = 0; i < v->n_items; i++)
		if (strcmp(v->items[i].name, name) == 0)
			return v->items[i];
	if (!mini_pki_has(v->pki, name))
		vec_reader_complain(w->c, w->line, "no such item", name);
	return (struct vec_scene_item){ name, VEC_SCENE_CERT, mini_pki_cert(v->pki, name)->der };
}

static void play_base(struct vec_scene *v, struct vec_words *w)
{
	v->base = vec_words_name(w);
}

static void play_trust(struct vec_scene *v, struct vec_words *w)
{
	v->anchor = vec_words_name(w);
}

/* URL works | net | denied | limit | garbage | an item */
static void play_fetch(struct vec_scene *v, struct vec_words *w)
{
	static const struct {
		const char *word;
		enum err failure;
	} failures[] = { { "net", ERR_NET }, { "denied", ERR_DENIED }, { "limit", ERR_LIMIT } };
	const char *url = vec_words_name(w), *how = vec_words_name(w);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (strcmp(failures[i].word, how) == 0) {
			canned_world_break(v->w, url, failures[i].failure);
			return;
		}
	if (strcmp(how, "garbage") == 0)
		canned_world_put(v->w, url, BYTES_LIT("<html>it works</html>"));
	else
		canned_world_put(v->w, url, vec_scene_find(v, w, how).der);
}

static void play_given(struct vec_scene *v, struct vec_words *w)
{
	for (const char *name; (name = vec_words_next(w));) {
		struct vec_scene_item item = vec_scene_find(v, w, name);
		enum err err = OK;
		if (item.kind == VEC_SCENE_CERT)
			err = evidence_add_cert_der(v->s, v->given, item.der, EVIDENCE_GIVEN);
		else if (item.kind == VEC_SCENE_CRL)
			err = evidence_add_crl_der(v->s, v->given, item.der, EVIDENCE_GIVEN, NULL);
		else
			err = evidence_add_ocsp_der(
			    v->s, v->given, item.der, EVIDENCE_GIVEN, NULL, NULL);
		if (err != OK)
			vec_reader_complain(w->c, w->line, "given", scope_fault_text(v->s));
	}
}

static void play_judge(struct vec_scene *v, struct vec_words *w)
{
	v->at = vec_words_time(w, "at", v->at);
	v->online = vec_words_flag(w, "online");
	if (!v->online && !vec_words_flag(w, "offline"))
		vec_reader_complain(w->c, w->line, "neither online nor offline", "");
}

const char *const vec_scene_keys[] = { "base", "cert", "revoke", "crl", "ocsp", "trust", "fetch",
	"do", "given", "policy", "policy-json", "judge", NULL };

static void (*const plays[])(struct vec_scene *v, struct vec_words *w) = { play_base,
	vec_evidence_cert, vec_evidence_revoke, vec_evidence_crl, vec_evidence_ocsp, play_trust,
	play_fetch, vec_steps_do, play_given, vec_policy_words, vec_policy_json, play_judge };

static void play_line(struct vec_scene *v, const struct vec_reader_line *line)
{
	for (size_t i = 0; vec_scene_keys[i]; i++) {
		if (strcmp(vec_scene_keys[i], line->key) != 0)
			continue;
		struct vec_words w = vec_words_of(v->s, v->c, line);
		plays[i](v, &w);
		vec_words_end(&w);
	}
}

struct vec_scene *vec_scene_stage(struct scope *s, const struct vec_reader_case *c)
{
	struct vec_scene *v = scope_alloc(s, sizeof(*v));
	mini_ca_check(v != NULL, "scene");
	*v = (struct vec_scene){ .s = s,
		.c = c,
		.w = canned_world_new(s, MINI_CA_NOW),
		.base = "one-page",
		.policy = *policy_default(),
		.anchor = "root",
		.at = MINI_CA_NOW };
	v->pki = mini_pki_new(v->w);
	mini_ca_check(evidence_new(s, &v->given) == OK, "evidence");
	for (size_t i = 0; i < c->n_lines; i++)
		play_line(v, &c->lines[i]);
	if (!v->paper)
		v->paper = paper_new(v->pki, v->base);
	v->w->now.unix_s = v->at;
	return v;
}

struct report *vec_scene_judge(struct vec_scene *v)
{
	struct report *r = NULL;
	const struct validate_request q = { .name = v->c->name,
		.document = v->paper->document,
		.anchors = mini_pki_anchors(v->pki, v->anchor),
		.policy = &v->policy,
		.at = { v->at },
		.evidence = v->given,
		.offline = !v->online };
	enum err err = validate_pdf(v->s, &v->w->world, &q, &r);
	if (err != OK)
		vec_reader_complain(v->c, v->c->line, err_name(err), scope_fault_text(v->s));
	return r;
}

struct report *vec_scene_play(struct scope *s, const struct vec_reader_case *c)
{
	return vec_scene_judge(vec_scene_stage(s, c));
}
