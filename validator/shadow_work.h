/*
 * Internal to validator/shadow*.c: one file being looked at.
 */
#ifndef BULLA_VALIDATOR_SHADOW_WORK_H
#define BULLA_VALIDATOR_SHADOW_WORK_H

#include "formats/pdf_drawing.h"
#include "validator/shadow.h"

struct shadow_work {
	struct scope *s;
	const struct pdf_file *f;
	const struct document *d;
	size_t first, last; /* revisions that the first and the last signature close */
	/* For appearances of fields, and for contents of pages, which take more. */
	struct pdf_drawing_budget budget, page_budget;
	struct findings *findings;
};

/* An annotation as a page has it. */
struct shadow_annotation {
	struct pdf_ref ref; /* num 0: direct */
	const struct pdf_value *dict;
	const struct pdf_value *appearance; /* the stream that is shown; the null value if none */
	struct pdf_rect rect;
	bool is_widget, is_signature;
	bool is_shown; /* on the screen */
	size_t made_in;
};

struct shadow_drawings {
	struct pdf_drawing *appearances, *contents;
};

struct shadow_page {
	const struct pdf_page *page;
	size_t number; /* from 1 */
	size_t rev;
	struct pdf_drawing *drawing, *contents; /* for appearances, and for the page itself */
	struct shadow_annotation *annotations;
	size_t n;
};

/* -- shadow_work.c -- */
/* Notes a finding about something; at most LIMIT_SHADOW_NOTES of a code. */
must_check enum err shadow_work_note(struct shadow_work *w, enum finding_code code,
    const char *about, ...) __attribute__((format(printf, 3, 4)));
/* An entry, resolved; what cannot be read is the null value. */
must_check enum err shadow_work_find(struct shadow_work *w, size_t rev, const struct pdf_value *v,
    const char *key, const struct pdf_value **ret_value);
must_check enum err shadow_work_resolve(struct shadow_work *w, size_t rev,
    const struct pdf_value *v, const struct pdf_value **ret_value);
/* The same, inherited from the fields above a widget (12.7.4.1). */
must_check enum err shadow_work_inherited(struct shadow_work *w, size_t rev,
    const struct pdf_value *field, const char *key, const struct pdf_value **ret_value);
/* The annotations of a page. */
must_check enum err shadow_work_page(struct shadow_work *w, size_t rev, size_t number,
    const struct pdf_page *page, const struct shadow_drawings *drawings,
    struct shadow_page *ret_page);
/* "page 2, object 7, [72 600 300 620]", for `about`. */
must_check enum err shadow_work_place(struct shadow_work *w, const struct shadow_page *p,
    struct pdf_ref ref, const struct pdf_rect *rect, char **ret_place);

/* -- what is looked at, by file -- */
/* Fields of a page: shown text and value; two in one place. */
must_check enum err shadow_field_check(struct shadow_work *w, const struct shadow_page *p);
/* Texts of a page under images and annotations. */
must_check enum err shadow_cover_check(struct shadow_work *w, const struct shadow_page *p);
/* Annotations that are new since the first signature: `then` is the same page, as signed. */
must_check enum err shadow_later_check(
    struct shadow_work *w, const struct shadow_page *p, const struct shadow_page *then);
/* Objects that nothing leads to, and such that are there twice. */
must_check enum err shadow_object_check(struct shadow_work *w);
/* Actions, scripts, content from elsewhere; `ret_reached`: a bit for each object that is reached.
 */
must_check enum err shadow_action_check(struct shadow_work *w, const uint8_t **ret_reached);
/* Whether a hybrid file shows all readers the same. */
must_check enum err shadow_hybrid_check(struct shadow_work *w);
/* Layers and how they begin; /NeedAppearances. */
must_check enum err shadow_catalog_check(struct shadow_work *w);

/* -- texts of a page, of shadow_text.c -- */
struct shadow_text {
	struct pdf_rect box;
	double letters;
};
struct shadow_texts {
	struct scope *s;
	struct shadow_text *item;
	size_t n, room;
};
/* Adds what a sink was told, if it can be seen. */
must_check enum err shadow_text_add(struct shadow_texts *t, const struct pdf_drawing_text *text);
/* How many letters lie in a rectangle. */
double shadow_text_under(const struct shadow_texts *t, const struct pdf_rect *rect);

#endif
