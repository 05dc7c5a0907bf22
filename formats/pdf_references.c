#include "formats/pdf_references.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

#define SCRATCH ((size_t)4 << 20) /* octets of parsed values kept before they are thrown away */
#define PASSES 4                  /* over the file; honest objects are read once */

struct pdf_references {
	struct pdf_reference *item; /* by target */
	size_t n, room;
	uint32_t *first; /* by target number: index of its first item; one more at the end */
	uint32_t highest;
};

struct collector {
	struct scope *s, *scratch;
	const struct pdf_file *f;
	struct pdf_references *r;
	uint32_t holder, rev;
	size_t octets_left;
};

/* -- gathering -- */

static enum err add(struct collector *c, struct pdf_ref target)
{
	struct pdf_references *r = c->r;
	if (target.num == 0 || target.num > r->highest)
		return OK; /* nothing will ever be there */
	if (r->n > 0 && r->item[r->n - 1].holder == c->holder && r->item[r->n - 1].rev == c->rev &&
	    pdf_value_refs_equal(r->item[r->n - 1].target, target))
		return OK;
	if (r->n == LIMIT_PDF_REFERENCES)
		return scope_fault(
		    c->s, ERR_LIMIT, "pdf: more than %d references", LIMIT_PDF_REFERENCES);
	if (r->n == r->room) {
		const size_t room = r->room ? 2 * r->room : 1024;
		struct pdf_reference *more =
		    scope_resize(c->s, r->item, r->room * sizeof(*more), room * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		r->item = more;
		r->room = room;
	}
	r->item[r->n++] = (struct pdf_reference){ target, c->holder, c->rev, 0 };
	return OK;
}

/* The parser bounds the depth. */
static enum err add_all(struct collector *c, const struct pdf_value *v)
{
	if (v->kind == PDF_REF)
		return add(c, v->ref);
	if (v->kind == PDF_STREAM)
		v = v->stream.dict;
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n; i++)
		TRY(add_all(c, v->array.item[i]));
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		TRY(add_all(c, v->dict.item[i].value));
	return OK;
}

static enum err refresh_scratch(struct collector *c)
{
	if (c->scratch && scope_used(c->scratch) < SCRATCH)
		return OK;
	scope_free(c->scratch);
	c->scratch = scope_new(0);
	return c->scratch ? OK : scope_fault(c->s, ERR_NOMEM, "out of memory");
}

/* What stands in the file is parsed apart from the file's cache, as it is needed once only; and
 * without the data of a stream. */
static enum err read_in_file(struct collector *c, const struct pdf_xref_entry *e)
{
	const struct pdf_value *v;
	struct pdf_ref ref;
	size_t at = pdf_syntax_skip_white(c->f->bytes, e->offset);
	if (!pdf_syntax_object_header(c->f->bytes, at, &ref, &at) || ref.num != e->num)
		return OK;
	TRY(refresh_scratch(c));
	const size_t start = at;
	const enum err err = pdf_syntax_value(c->scratch, c->f->bytes, &at, &v);
	if (err == ERR_NOMEM)
		return scope_fault(c->s, err, "out of memory");
	const size_t read = err == OK ? at - start : 0;
	if (read > c->octets_left)
		return scope_fault(c->s, ERR_LIMIT, "pdf: too many objects overlap");
	c->octets_left -= read;
	scope_forgive(c->scratch);
	return err == OK ? add_all(c, v) : OK;
}

static enum err read_compressed(struct collector *c, const struct pdf_xref_entry *e)
{
	const struct pdf_value *v;
	const bool had_fault = scope_fault_code(c->s) != OK;
	const enum err err = pdf_file_object(c->s, c->f, c->rev, (struct pdf_ref){ e->num, 0 }, &v);
	if (err == ERR_NOMEM)
		return err;
	if (err != OK && !had_fault)
		scope_forgive(c->s);
	return err == OK ? add_all(c, v) : OK;
}

static enum err read_revision(struct collector *c)
{
	const struct pdf_revision *revision = &c->f->revisions[c->rev];
	c->holder = 0;
	TRY(add_all(c, pdf_file_trailer(c->f, c->rev)));
	for (size_t i = 0; i < revision->n_sections; i++)
		for (size_t k = 0; k < revision->sections[i]->n_entries; k++) {
			const struct pdf_xref_entry *e = &revision->sections[i]->entries[k];
			c->holder = e->num;
			if (e->kind == PDF_ENTRY_OFFSET)
				TRY(read_in_file(c, e));
			if (e->kind == PDF_ENTRY_COMPRESSED)
				TRY(read_compressed(c, e));
		}
	return OK;
}

/* Sets `until` of all: from the last revision to the first, with the next writer of each object at
 * hand. A trailer is its revision's own. */
static enum err date_holders(struct scope *s, const struct pdf_file *f, struct pdf_references *r)
{
	uint32_t *next = scope_alloc_array(s, (size_t)r->highest + 1, sizeof(*next));
	if (!next)
		return ERR_NOMEM;
	for (size_t num = 0; num <= r->highest; num++)
		next[num] = (uint32_t)f->n_revisions;
	size_t n = r->n;
	for (size_t rev = f->n_revisions; rev-- > 0;) {
		const struct pdf_revision *revision = &f->revisions[rev];
		for (; n > 0 && r->item[n - 1].rev == rev; n--) {
			const uint32_t holder = r->item[n - 1].holder;
			r->item[n - 1].until = holder ? next[holder] : (uint32_t)rev + 1;
		}
		for (size_t i = 0; i < revision->n_sections; i++)
			for (size_t k = 0; k < revision->sections[i]->n_entries; k++)
				next[revision->sections[i]->entries[k].num] = (uint32_t)rev;
	}
	return OK;
}

/* -- by target -- */

static enum err order(struct scope *s, struct pdf_references *r)
{
	r->first = scope_alloc_array(s, (size_t)r->highest + 2, sizeof(*r->first));
	struct pdf_reference *sorted = scope_alloc_array(s, r->n, sizeof(*sorted));
	if (!r->first || !sorted)
		return ERR_NOMEM;
	for (size_t i = 0; i < r->n; i++)
		r->first[r->item[i].target.num + 1]++;
	for (size_t i = 1; i < (size_t)r->highest + 2; i++)
		r->first[i] += r->first[i - 1];
	/* Each is put where its target's next one goes; that moves `first` on by one target. */
	for (size_t i = 0; i < r->n; i++)
		sorted[r->first[r->item[i].target.num]++] = r->item[i];
	memmove(r->first + 1, r->first, ((size_t)r->highest + 1) * sizeof(*r->first));
	r->first[0] = 0;
	r->item = sorted;
	return OK;
}

enum err pdf_references_collect(
    struct scope *s, const struct pdf_file *f, struct pdf_references **ret_references)
{
	struct pdf_references *r = scope_alloc(s, sizeof(*r));
	if (!r)
		return ERR_NOMEM;
	r->highest = f->highest;
	struct collector c = { .s = s, .f = f, .r = r };
	if (__builtin_mul_overflow(f->bytes.n, (size_t)PASSES, &c.octets_left))
		c.octets_left = SIZE_MAX;
	enum err err = OK;
	for (size_t rev = 0; rev < f->n_revisions && err == OK; rev++) {
		c.rev = (uint32_t)rev;
		err = read_revision(&c);
	}
	scope_free(c.scratch);
	TRY(err);
	TRY(date_holders(s, f, r));
	TRY(order(s, r));
	*ret_references = r;
	return OK;
}

void pdf_references_to(const struct pdf_references *r, uint32_t num,
    const struct pdf_reference **ret_first, size_t *ret_n)
{
	*ret_first = NULL;
	*ret_n = 0;
	if (num > r->highest)
		return;
	*ret_first = r->item + r->first[num];
	*ret_n = r->first[num + 1] - r->first[num];
}

bool pdf_references_is_seen(const struct pdf_reference *reference, size_t rev)
{
	return rev >= reference->rev && rev < reference->until;
}

/* -- reaching -- */

struct walk {
	struct scope *s;
	uint8_t *bits;
	struct pdf_ref *todo;
	size_t n, room;
	uint32_t highest;
};

static enum err visit(struct walk *w, const struct pdf_value *v)
{
	if (v->kind == PDF_STREAM)
		v = v->stream.dict;
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n; i++)
		TRY(visit(w, v->array.item[i]));
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		TRY(visit(w, v->dict.item[i].value));
	if (v->kind != PDF_REF || v->ref.num > w->highest ||
	    w->bits[v->ref.num / 8] & 1 << v->ref.num % 8)
		return OK;
	w->bits[v->ref.num / 8] |= (uint8_t)(1 << v->ref.num % 8);
	if (w->n == w->room) {
		const size_t room = w->room ? 2 * w->room : 256;
		struct pdf_ref *more =
		    scope_resize(w->s, w->todo, w->room * sizeof(*more), room * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		w->todo = more;
		w->room = room;
	}
	w->todo[w->n++] = v->ref;
	return OK;
}

enum err pdf_references_reach(
    struct scope *s, const struct pdf_file *f, size_t rev, const uint8_t **ret_bits)
{
	struct walk w = { .s = s, .highest = f->highest };
	w.bits = scope_alloc(s, (size_t)f->highest / 8 + 1);
	if (!w.bits)
		return ERR_NOMEM;
	TRY(visit(&w, pdf_file_trailer(f, rev)));
	const struct pdf_value root = { .kind = PDF_REF, .ref = f->root };
	TRY(visit(&w, &root));
	while (w.n > 0) {
		const struct pdf_value *v;
		const bool had_fault = scope_fault_code(s) != OK;
		const enum err err = pdf_file_object(s, f, rev, w.todo[--w.n], &v);
		if (err == ERR_NOMEM)
			return err;
		if (err == OK)
			TRY(visit(&w, v));
		else if (!had_fault)
			scope_forgive(s);
	}
	*ret_bits = w.bits;
	return OK;
}
