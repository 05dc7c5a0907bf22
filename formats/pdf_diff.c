#include "formats/pdf_diff.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/scope.h"

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

static size_t count_entries(const struct pdf_file *f, size_t rev, size_t until)
{
	size_t n = 0;
	for (size_t r = rev + 1; r <= until; r++)
		for (size_t k = 0; k < f->revisions[r].n_sections; k++)
			n += f->revisions[r].sections[k]->n_entries;
	return n;
}

/* The numbers that later revisions list, each once. */
static enum err listed_numbers(struct scope *s, const struct pdf_file *f, size_t rev, size_t until,
    uint32_t **ret_nums, size_t *ret_n)
{
	size_t total = count_entries(f, rev, until), n = 0, unique = 0;
	if (total > LIMIT_PDF_OBJECTS)
		return scope_fault(s, ERR_LIMIT, "pdf: %zu changed objects are too many", total);
	uint32_t *nums = scope_alloc_array(s, total, sizeof(*nums));
	if (!nums)
		return ERR_NOMEM;
	for (size_t r = rev + 1; r <= until; r++)
		for (size_t k = 0; k < f->revisions[r].n_sections; k++) {
			const struct pdf_section *section = f->revisions[r].sections[k];
			for (size_t i = 0; i < section->n_entries; i++)
				nums[n++] = section->entries[i].num;
		}
	qsort(nums, n, sizeof(*nums), by_number);
	for (size_t i = 0; i < n; i++)
		if (unique == 0 || nums[unique - 1] != nums[i])
			nums[unique++] = nums[i];
	*ret_nums = nums;
	*ret_n = unique;
	return OK;
}

/* Entries of an update may lead only into that update. One that says of an object stream what was
 * said before brings nothing back. */
static bool is_misplaced(const struct pdf_file *f, const struct pdf_xref_entry *e, size_t made_in,
    const struct pdf_xref_entry *was)
{
	const struct pdf_revision *r = &f->revisions[made_in];
	size_t container_made_in = 0;
	if (e->kind == PDF_ENTRY_OFFSET)
		return e->offset < r->start || e->offset >= r->end;
	if (e->kind != PDF_ENTRY_COMPRESSED)
		return false;
	if (was && was->kind == PDF_ENTRY_COMPRESSED && was->stream == e->stream &&
	    was->index == e->index)
		return false;
	return pdf_file_entry(f, made_in, e->stream, &container_made_in) &&
	       container_made_in < made_in;
}

/* An object of a revision; what cannot be read is told and taken as null. */
static enum err read_object(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_xref_entry *e, const struct pdf_value **ret_value, bool *unreadable)
{
	*ret_value = &pdf_value_null;
	if (!e || e->kind == PDF_ENTRY_FREE)
		return OK;
	enum err err = pdf_file_object(s, f, rev, (struct pdf_ref){ e->num, e->gen }, ret_value);
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(s);
	*ret_value = &pdf_value_null;
	*unreadable = true;
	return OK;
}

static bool is_container(const struct pdf_value *v)
{
	const struct pdf_value *type = pdf_value_find(v, "Type");
	return v->kind == PDF_STREAM &&
	       (pdf_value_is_name(type, "ObjStm") || pdf_value_is_name(type, "XRef"));
}

/* A key stands twice in it, at any depth. References are not followed. */
static bool has_twins(const struct pdf_value *v)
{
	if (v->kind == PDF_STREAM)
		v = v->stream.dict;
	bool has = v->kind == PDF_DICT && v->duplicate_keys;
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n && !has; i++)
		has = has_twins(v->dict.item[i].value);
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n && !has; i++)
		has = has_twins(v->array.item[i]);
	return has;
}

static enum err compare(struct scope *s, const struct pdf_file *f, size_t rev, size_t until,
    uint32_t num, struct pdf_diff *d)
{
	size_t made_in = 0;
	const struct pdf_xref_entry *was = pdf_file_entry(f, rev, num, NULL);
	const struct pdf_xref_entry *is = pdf_file_entry(f, until, num, &made_in);
	struct pdf_diff_object o = { .ref = { num, is ? is->gen : 0 } };
	if (is && made_in > rev && !d->is_misplaced && is_misplaced(f, is, made_in, was)) {
		d->is_misplaced = true;
		d->misplaced = num;
	}
	o.was_there = was && was->kind != PDF_ENTRY_FREE;
	const bool is_there = is && is->kind != PDF_ENTRY_FREE;
	if (o.was_there && !is_there)
		o.ref.gen = was->gen;
	o.has_new_generation = o.was_there && is_there && was->gen != is->gen;
	o.old_gen = was ? was->gen : 0;
	TRY(read_object(s, f, rev, was, &o.old, &o.is_unreadable));
	TRY(read_object(s, f, until, is, &o.now, &o.is_unreadable));
	o.is_container = is_container(o.now) && (!o.was_there || is_container(o.old));
	o.has_new_twins = has_twins(o.now) && !has_twins(o.old);
	if (o.is_unreadable || o.has_new_generation || o.has_new_twins ||
	    !pdf_value_equal(o.old, o.now))
		d->item[d->n++] = o;
	return OK;
}

enum err pdf_diff_between(
    struct scope *s, const struct pdf_file *f, size_t rev, size_t until, struct pdf_diff *ret_diff)
{
	struct pdf_diff d = { 0 };
	uint32_t *nums = NULL;
	size_t n = 0;
	TRY(listed_numbers(s, f, rev, until, &nums, &n));
	d.item = scope_alloc_array(s, n, sizeof(*d.item));
	if (!d.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		TRY(compare(s, f, rev, until, nums[i], &d));
	*ret_diff = d;
	return OK;
}

const struct pdf_diff_object *pdf_diff_find(const struct pdf_diff *d, uint32_t num)
{
	size_t low = 0, high = d->n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (d->item[mid].ref.num == num)
			return &d->item[mid];
		if (d->item[mid].ref.num < num)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
