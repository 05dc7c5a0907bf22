#include "validator/shadow.h"

#include "base/limits.h"
#include "base/scope.h"
#include "validator/shadow_work.h"

/* Contents of pages that may be decoded, as stored: a part of the file, and some more. So the cost
 * stays below that of hashing a large file, while all of a small one is looked at. */
#define RAW_PART 512
#define RAW_MORE ((size_t)256 << 10)
#define APPEARANCES_MORE ((size_t)1 << 20)
/* Operators that may be executed, in the same way. */
#define OPERATORS_PART 256
#define OPERATORS_MORE 200000

/* What cannot be read says nothing, and is no fault of the job. */
static enum err forgive(struct shadow_work *w, bool had_fault, enum err err)
{
	if (err == OK || err == ERR_NOMEM)
		return err;
	if (!had_fault)
		scope_forgive(w->s);
	return OK;
}

static bool find_revisions(struct shadow_work *w, const struct coverage *coverages)
{
	bool any = false;
	for (size_t i = 0; i < w->d->n_signatures; i++) {
		const struct coverage *c = &coverages[i];
		if (!c->valid)
			continue;
		w->first = !any || c->revision < w->first ? c->revision : w->first;
		w->last = !any || c->revision > w->last ? c->revision : w->last;
		any = true;
	}
	return any;
}

static enum err check_signed(struct shadow_work *w, const struct shadow_page *p)
{
	TRY(shadow_field_check(w, p));
	return shadow_cover_check(w, p);
}

static enum err begin_drawings(
    struct shadow_work *w, size_t rev, struct shadow_drawings *ret_drawings)
{
	TRY(pdf_drawing_new(w->s, w->f, rev, &w->budget, &ret_drawings->appearances));
	return pdf_drawing_new(w->s, w->f, rev, &w->page_budget, &ret_drawings->contents);
}

/* As the first signature closed it. */
static enum err check_pages(struct shadow_work *w, const struct pdf_pages *pages)
{
	struct shadow_drawings drawings;
	struct shadow_page p;
	TRY(begin_drawings(w, w->first, &drawings));
	for (size_t i = 0; i < pages->n; i++) {
		const bool had_fault = scope_fault_code(w->s) != OK;
		TRY(shadow_work_page(w, w->first, i + 1, &pages->item[i], &drawings, &p));
		TRY(forgive(w, had_fault, check_signed(w, &p)));
	}
	return OK;
}

/* As the latest revision shows it: pages with annotations that the first signature did not see. */
static enum err check_later(struct shadow_work *w, const struct pdf_pages *pages)
{
	const size_t latest = pdf_file_latest(w->f);
	struct shadow_drawings drawings, old;
	struct pdf_pages now;
	struct shadow_page p, then;
	if (latest == w->first)
		return OK;
	TRY(pdf_pages_list(w->s, w->f, latest, &now));
	TRY(begin_drawings(w, latest, &drawings));
	TRY(begin_drawings(w, w->first, &old));
	for (size_t i = 0; i < now.n && i < pages->n; i++) {
		const bool had_fault = scope_fault_code(w->s) != OK;
		TRY(shadow_work_page(w, latest, i + 1, &now.item[i], &drawings, &p));
		TRY(shadow_work_page(w, w->first, i + 1, &pages->item[i], &old, &then));
		TRY(forgive(w, had_fault, shadow_later_check(w, &p, &then)));
	}
	return OK;
}

static enum err check(struct shadow_work *w)
{
	struct pdf_pages pages = { 0 };
	bool had_fault = scope_fault_code(w->s) != OK;
	TRY(forgive(w, had_fault, pdf_pages_list(w->s, w->f, w->first, &pages)));
	TRY(forgive(w, had_fault, check_later(w, &pages)));
	TRY(check_pages(w, &pages));
	TRY(forgive(w, had_fault, shadow_catalog_check(w)));
	TRY(forgive(w, had_fault, shadow_hybrid_check(w)));
	return forgive(w, had_fault, shadow_object_check(w));
}

enum err shadow_check(struct scope *s, const struct document *d, const struct coverage *coverages,
    struct findings *findings)
{
	struct shadow_work w = { .s = s, .f = d->file, .d = d, .findings = findings };
	if (!find_revisions(&w, coverages))
		return OK;
	const size_t operators = d->bytes.n / OPERATORS_PART + OPERATORS_MORE;
	w.budget.operators = w.page_budget.operators =
	    operators < LIMIT_PDF_OPERATORS ? operators : LIMIT_PDF_OPERATORS;
	w.page_budget.raw = d->bytes.n / RAW_PART + RAW_MORE;
	w.budget.raw = w.page_budget.raw + APPEARANCES_MORE;
	return check(&w);
}
