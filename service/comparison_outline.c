#include "service/comparison_outline.h"

#include <math.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/report_outline.h"

#define MM_PER_POINT (25.4 / 72)

/* -- what is said of pages -- */
static const char *kind_word(const struct outline *o, enum comparison_kind kind)
{
	static const char *const words[] = {
		[COMPARISON_SAME] = MESSAGES_MARK("looks the same"),
		[COMPARISON_CHANGED] = MESSAGES_MARK("looks different"),
		[COMPARISON_ADDED] = MESSAGES_MARK("was added"),
		[COMPARISON_REMOVED] = MESSAGES_MARK("was removed"),
	};
	return outline_say(o, words[kind]);
}

/* An id for the heading, and for the row that leads to it. */
static const char *page_id(struct outline *o, const struct comparison_page *page)
{
	char id[32];
	snprintf(id, sizeof(id), page->now ? "%u" : "-%u", page->now ? page->now : page->sealed);
	return OUTLINE_FILL(o, "{id}", { "id", id });
}

/* Changes that are not allowed, or that no entry of the report explains, are bad. */
static enum outline_tone tone_of(const struct comparison *c, const struct comparison_page *page)
{
	const struct report_modification *m = c->signature->modifications;
	bool is_bad = page->kind != COMPARISON_SAME && !page->n_changes;
	for (size_t i = 0; i < page->n_changes; i++)
		is_bad |= !m[page->changes[i]].allowed;
	if (is_bad)
		return OUTLINE_BAD;
	return page->kind == COMPARISON_SAME && !page->text.n ? OUTLINE_GOOD : OUTLINE_CAUTION;
}

static bool is_told(const struct comparison_page *page)
{
	return page->kind != COMPARISON_SAME || page->text.n;
}

/* -- the verdict -- */
static void add_same(struct outline *o, const struct comparison *c)
{
	const char *word = outline_say(o, "Looks the same");
	if (c->n_forbidden)
		outline_verdict(o, OUTLINE_CAUTION, word,
		    outline_say(o,
			"No page looks different here, but changes were made that the seal does "
			"not allow. Other programs may show them."),
		    "same");
	else
		outline_verdict(o, OUTLINE_GOOD, word,
		    outline_count(o, "The page looks as it did when it was sealed.",
			"All {n} pages look as they did when they were sealed.", c->n_pages),
		    "same");
}

static bool is_explained(const struct comparison *c)
{
	for (size_t i = 0; i < c->n_pages; i++)
		if (tone_of(c, &c->page[i]) == OUTLINE_BAD)
			return false;
	return !c->n_forbidden;
}

static const char *damage_sentence(const struct outline *o)
{
	return outline_say(o,
	    "The file is damaged. What is shown of it is a guess, and other programs may show "
	    "something else.");
}

static void add_verdict(struct outline *o, const struct comparison *c)
{
	if (c->damage) {
		outline_verdict(
		    o, OUTLINE_BAD, outline_say(o, "Damaged"), damage_sentence(o), "damaged");
		return;
	}
	if (!c->n_different) {
		add_same(o, c);
		return;
	}
	if (is_explained(c))
		outline_verdict(o, OUTLINE_CAUTION, outline_say(o, "Looks different"),
		    outline_count(o,
			"{n} page looks different from when it was sealed. The changes are of "
			"kinds that the seal allows.",
			"{n} pages look different from when they were sealed. The changes are of "
			"kinds that the seal allows.",
			c->n_different),
		    "changed");
	else
		outline_verdict(o, OUTLINE_BAD, outline_say(o, "Looks different"),
		    outline_count(o,
			"{n} page looks different from when it was sealed, and not by allowed "
			"changes alone.",
			"{n} pages look different from when they were sealed, and not by allowed "
			"changes alone.",
			c->n_different),
		    "changed");
}

/* What makes the pictures doubtful comes before them. */
static void add_doubts(struct outline *o, const struct comparison *c)
{
	const char *word = outline_say(o, "Caution");
	if (c->damage)
		outline_cause(o, OUTLINE_BAD, word, damage_sentence(o), c->damage);
	if (!c->signature->coverage.valid)
		outline_cause(o, OUTLINE_BAD, word,
		    outline_say(o,
			"The signature does not cover a whole saved state of the document. What "
			"is shown as sealed may not be what was sealed."),
		    c->signature->id);
	if (!c->signature->digest_matches)
		outline_cause(o, OUTLINE_BAD, word,
		    outline_say(o,
			"The signed bytes were changed. What is shown as sealed is not what was "
			"sealed."),
		    c->signature->id);
}

static void add_basis(struct outline *o, const struct comparison *c)
{
	const struct report_signature *sig = c->signature;
	outline_fact(o, outline_say(o, "Document"), c->report->name);
	outline_fact(o, outline_say(o, "Compared with"),
	    sig->name ? OUTLINE_FILL(o, outline_say(o, "what {id} sealed (field \"{name}\")"),
			    { "id", sig->id }, { "name", sig->name })
		      : OUTLINE_FILL(o, outline_say(o, "what {id} sealed"), { "id", sig->id }));
	outline_fact(o, outline_say(o, "Signer"), report_outline_who(o, sig->signer));
	outline_fact(o, outline_say(o, "Claimed time"), outline_time(o, sig->claimed_time));
	outline_fact(o, outline_say(o, "Sealed part"),
	    OUTLINE_FILL(o, outline_say(o, "the first {n} of {all} bytes"),
		{ "n", outline_number(o, c->sealed_size) },
		{ "all", outline_number(o, c->report->size) }));
	outline_fact(o, outline_say(o, "Pages"),
	    OUTLINE_FILL(o, outline_say(o, "{sealed} when it was sealed, {now} now"),
		{ "sealed", outline_number(o, c->sealed_pages) },
		{ "now", outline_number(o, c->now_pages) }));
	outline_fact(o, outline_say(o, "Compared"),
	    outline_count(
		o, "{n} page, by how it looks", "{n} pages, by how they look", c->n_pages));
}

/* -- all pages at a glance -- */
static void add_glance(struct outline *o, const struct comparison *c)
{
	const char *const headers[] = { outline_say(o, "Page"), outline_say(o, "How it looks"),
		outline_say(o, "Areas"), outline_say(o, "Words"), outline_say(o, "Changes") };
	size_t n = 0;
	for (size_t i = 0; i < c->n_pages; i++)
		n += is_told(&c->page[i]);
	if (!n)
		return;
	outline_heading(o, 2, "pages", outline_say(o, "Pages with differences"));
	outline_table(o, outline_say(o, "Pages with differences"), 5, headers);
	for (size_t i = 0; i < c->n_pages; i++) {
		const struct comparison_page *page = &c->page[i];
		if (!is_told(page))
			continue;
		outline_cell(o, page_id(o, page));
		outline_cell(o, kind_word(o, page->kind));
		outline_cell(o, page->n_areas ? outline_number(o, page->n_areas) : "-");
		outline_cell(o, page->text.n
				    ? OUTLINE_FILL(o, "-{went} +{came}",
					  { "went", outline_number(o, page->text.removed) },
					  { "came", outline_number(o, page->text.added) })
				    : "-");
		outline_cell(o, outline_number(o, page->n_changes));
	}
	if (n < c->n_pages)
		outline_sentence(o, outline_say(o, "All other pages look the same."));
}

/* -- one page -- */
static const char *millimetres(struct outline *o, double points)
{
	double mm = round(points * MM_PER_POINT);
	return outline_number(o, mm > 0 ? (uint64_t)mm : 0);
}

static const char *place_of_area(struct outline *o, const struct change_box *b)
{
	return outline_fill(o,
	    outline_say(o,
		"{left} mm from the left, {top} mm from the top, {width} mm wide, {height} mm "
		"high"),
	    (const struct messages_value[]){ { "left", millimetres(o, b->left) },
		{ "top", millimetres(o, b->top) }, { "width", millimetres(o, b->right - b->left) },
		{ "height", millimetres(o, b->bottom - b->top) }, { 0 } });
}

static void add_change_cells(struct outline *o, const struct report_modification *m)
{
	outline_cell(o, m->allowed ? outline_say(o, "allowed") : outline_say(o, "not allowed"));
	outline_cell(o, report_outline_change_kind(o, m->kind));
	outline_cell(o, report_outline_change_place(o, m));
}

static void add_area(struct outline *o, const struct comparison *c, const char *number,
    const struct comparison_area *area)
{
	for (size_t i = 0; i < area->n_changes && i < LIMIT_AREA_CHANGES; i++) {
		outline_cell(o, i ? "" : number);
		outline_cell(o, i ? "" : place_of_area(o, &area->box));
		add_change_cells(o, &c->signature->modifications[area->changes[i]]);
	}
	if (area->n_changes)
		return;
	outline_cell(o, number);
	outline_cell(o, place_of_area(o, &area->box));
	outline_cell(o, outline_say(o, "not explained"));
	outline_cell(o, "-");
	outline_cell(o, outline_say(o, "no change that the report lists lies here"));
}

static void add_areas(
    struct outline *o, const struct comparison *c, const struct comparison_page *page)
{
	const char *const headers[] = { outline_say(o, "Area"), outline_say(o, "Position"),
		outline_say(o, "Allowed?"), outline_say(o, "Change"), outline_say(o, "Where") };
	if (!page->n_areas)
		return;
	outline_heading(o, 3, NULL, outline_say(o, "Areas that differ"));
	outline_table(o, outline_say(o, "Areas that differ"), 5, headers);
	for (size_t i = 0; i < page->n_areas; i++)
		add_area(o, c, outline_number(o, i + 1), &page->areas[i]);
}

static void add_texts(struct outline *o, const struct comparison_page *page)
{
	if (!page->text.n || page->kind == COMPARISON_ADDED || page->kind == COMPARISON_REMOVED)
		return;
	outline_heading(o, 3, NULL, outline_say(o, "Words that differ"));
	for (size_t i = 0; i < page->text.n; i++) {
		const struct text_change *t = &page->text.change[i];
		outline_words(o, t->lead, t->before, t->after, t->trail);
	}
	if (page->text.n_more)
		outline_sentence(o, outline_count(o, "{n} further place differs.",
					"{n} further places differ.", page->text.n_more));
}

/* Those with a place in an area were told there. */
static void add_page_changes(
    struct outline *o, const struct comparison *c, const struct comparison_page *page)
{
	const char *const headers[] = { outline_say(o, "Allowed?"), outline_say(o, "Change"),
		outline_say(o, "Where") };
	if (page->n_areas || !page->n_changes)
		return;
	outline_heading(o, 3, NULL, outline_say(o, "Changes on this page"));
	outline_table(o, outline_say(o, "Changes on this page"), 3, headers);
	for (size_t i = 0; i < page->n_changes && i < LIMIT_OUTLINE_CHANGES; i++)
		add_change_cells(o, &c->signature->modifications[page->changes[i]]);
}

static void add_page(struct outline *o, const struct comparison *c,
    const struct comparison_page *page, const struct report_page_pictures *pictures)
{
	outline_heading(o, 2, page_id(o, page), report_outline_page(o, page->sealed, page->now));
	outline_heading_verdict(o, tone_of(c, page), kind_word(o, page->kind),
	    OUTLINE_FILL(o, outline_say(o, "{width} x {height} mm"),
		{ "width", millimetres(o, page->width) },
		{ "height", millimetres(o, page->height) }));
	if (pictures)
		report_outline_page_pictures(o, pictures);
	if (page->other_size)
		outline_sentence(o, outline_say(o, "The page has another size than it had."));
	if (page->kind == COMPARISON_SAME)
		outline_sentence(o,
		    outline_say(o,
			"No difference can be seen, but the text that programs read from the page "
			"is another one."));
	add_areas(o, c, page);
	add_texts(o, page);
	add_page_changes(o, c, page);
}

/* -- the rest -- */
static void add_elsewhere(struct outline *o, const struct comparison *c)
{
	const struct report_signature *sig = c->signature;
	const char *const headers[] = { outline_say(o, "Allowed?"), outline_say(o, "Change"),
		outline_say(o, "Where") };
	size_t n = 0;
	for (size_t i = 0; i < sig->n_modifications; i++) {
		if (c->is_on_page[i])
			continue;
		if (!n++) {
			outline_heading(
			    o, 2, "elsewhere", outline_say(o, "Changes on none of these pages"));
			outline_table(
			    o, outline_say(o, "Changes on none of these pages"), 3, headers);
		}
		if (n <= LIMIT_OUTLINE_CHANGES)
			add_change_cells(o, &sig->modifications[i]);
	}
	if (n > LIMIT_OUTLINE_CHANGES)
		outline_sentence(
		    o, outline_count(o, "{n} further change is told in the report's JSON form.",
			   "{n} further changes are told in the report's JSON form.",
			   n - LIMIT_OUTLINE_CHANGES));
}

enum err comparison_outline(struct scope *s, const struct comparison *c,
    const struct report_page_pictures *pictures, const struct messages *m,
    struct outline *ret_outline)
{
	struct outline o = outline_new(s, m);
	outline_title(
	    &o, outline_say(&o, "What it looks like, and what was sealed"), c->report->name);
	add_verdict(&o, c);
	add_basis(&o, c);
	add_doubts(&o, c);
	add_glance(&o, c);
	for (size_t i = 0; i < c->n_pages; i++)
		if (is_told(&c->page[i]))
			add_page(&o, c, &c->page[i], pictures ? &pictures[i] : NULL);
	add_elsewhere(&o, c);
	outline_heading(&o, 2, "basis", outline_say(&o, "What this rests on"));
	outline_sentence(&o,
	    outline_say(&o,
		"This compares what can be seen on the pages, then and now. Whether the signature "
		"is valid, and what may be done with the document, is told by the validation "
		"report."));
	TRY(outline_done(&o));
	*ret_outline = o;
	return OK;
}
