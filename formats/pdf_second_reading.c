#include "formats/pdf_second_reading.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_recovery_objects.h"

struct reading {
	struct scope *s;
	const struct pdf_file *f;
	size_t rev;
	struct pdf_recovery_objects *other;
	struct pdf_ref *queue; /* references found, each once */
	size_t n;
	uint8_t *seen; /* a bit per object number */
	char *difference;
};

/* -- which objects -- */

static bool was_seen(struct reading *r, uint32_t num)
{
	const uint8_t bit = (uint8_t)(1 << (num & 7));
	const bool seen = num > r->f->highest || (r->seen[num / 8] & bit);
	if (!seen)
		r->seen[num / 8] |= bit;
	return seen;
}

static void queue_all(struct reading *r, const struct pdf_value *v)
{
	if (r->n == LIMIT_PDF_SECOND_READING)
		return;
	if (v->kind == PDF_REF && !was_seen(r, v->ref.num))
		r->queue[r->n++] = v->ref;
	if (v->kind == PDF_STREAM)
		v = v->stream.dict;
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n; i++)
		queue_all(r, v->array.item[i]);
	for (size_t i = 0; v->kind == PDF_DICT && i < v->dict.n; i++)
		queue_all(r, v->dict.item[i].value);
}

/* -- whether they are the same -- */

/* NULL: it cannot be read. */
static enum err look(struct reading *r, struct pdf_ref ref, const struct pdf_value **ret_value)
{
	const enum err e = pdf_file_object(r->s, r->f, r->rev, ref, ret_value);
	if (e != ERR_FORMAT)
		return e;
	scope_forgive(r->s);
	*ret_value = NULL;
	return OK;
}

static enum err is_same(struct reading *r, const struct pdf_value *mine,
    const struct pdf_value *theirs, bool *ret_same);

/* A reference to nothing is null, in QPDF's words. */
static enum err is_nothing(struct reading *r, const struct pdf_value *v, bool *ret_nothing)
{
	for (int i = 0; v && v->kind == PDF_REF && i < LIMIT_PDF_RESOLVE; i++)
		TRY(look(r, v->ref, &v));
	*ret_nothing = !v || v->kind == PDF_NULL;
	return OK;
}

static enum err is_same_dict(struct reading *r, const struct pdf_value *mine,
    const struct pdf_value *theirs, bool of_stream, bool *ret_same)
{
	*ret_same = !mine->duplicate_keys;
	for (size_t i = 0; *ret_same && i < mine->dict.n; i++) {
		const struct pdf_entry *e = &mine->dict.item[i];
		const struct pdf_value *other = NULL;
		if (of_stream && bytes_equal_str(e->key, "Length"))
			continue;
		for (size_t k = 0; k < theirs->dict.n && !other; k++)
			if (bytes_equal(theirs->dict.item[k].key, e->key))
				other = theirs->dict.item[k].value;
		TRY(is_same(r, e->value, other ? other : &pdf_value_null, ret_same));
	}
	for (size_t i = 0; *ret_same && i < theirs->dict.n; i++) {
		const struct pdf_value *v = NULL;
		for (size_t k = 0; k < mine->dict.n && !v; k++)
			if (bytes_equal(mine->dict.item[k].key, theirs->dict.item[i].key))
				v = mine->dict.item[k].value;
		*ret_same = v != NULL;
	}
	return OK;
}

static enum err is_same(
    struct reading *r, const struct pdf_value *mine, const struct pdf_value *theirs, bool *ret_same)
{
	if (theirs->kind == PDF_NULL)
		return is_nothing(r, mine, ret_same);
	*ret_same = mine->kind == theirs->kind;
	/* What only begins like a number (-1.#INF, 7endobj) is a string to QPDF. */
	if ((mine->kind == PDF_REAL || mine->kind == PDF_INT) && theirs->kind == PDF_STRING) {
		const uint8_t first = theirs->string.n ? theirs->string.p[0] : 0;
		*ret_same =
		    (first >= '0' && first <= '9') || first == '+' || first == '-' || first == '.';
		return OK;
	}
	/* Digits beyond any integer: QPDF has a limit there. */
	if (mine->kind == PDF_REAL && theirs->kind == PDF_INT && mine->real.n > 18) {
		*ret_same = true;
		return OK;
	}
	if (mine->kind == PDF_DICT && *ret_same)
		return is_same_dict(r, mine, theirs, false, ret_same);
	if (mine->kind != PDF_ARRAY || !*ret_same) {
		*ret_same = pdf_value_equal(mine, theirs);
		return OK;
	}
	*ret_same = mine->array.n == theirs->array.n;
	for (size_t i = 0; *ret_same && i < mine->array.n; i++)
		TRY(is_same(r, mine->array.item[i], theirs->array.item[i], ret_same));
	return OK;
}

/* Where /Length is wrong, the end-of-line before `endstream` belongs to the data or not. */
static struct bytes without_end(struct bytes data)
{
	while (data.n && pdf_syntax_is_white(data.p[data.n - 1]))
		data.n--;
	return data;
}

/* A signature is judged by its own octets (validator/coverage.h). The strings of a cross-reference
 * stream are not encrypted (7.5.8.2), and nobody asks for them by the object's number. */
static bool is_apart(const struct reading *r, const struct pdf_value *v)
{
	return (pdf_value_find(v, "ByteRange") && pdf_value_find(v, "Contents")) ||
	       (r->f->crypt && pdf_value_is_name(pdf_value_find(v, "Type"), "XRef"));
}

static enum err compare(struct reading *r, struct pdf_ref ref, bool with_data)
{
	const struct pdf_value *mine, *theirs;
	bool same;
	TRY(look(r, ref, &mine));
	if (!mine || is_apart(r, mine))
		return OK;
	with_data &= mine->kind == PDF_STREAM && !r->f->crypt;
	TRY(pdf_recovery_objects_reread(r->s, r->other, ref, with_data, &theirs));
	if (mine->kind == PDF_STREAM && theirs->kind == PDF_STREAM) {
		TRY(is_same_dict(r, mine->stream.dict, theirs->stream.dict, true, &same));
		if (with_data)
			same = same && bytes_equal(without_end(mine->stream.raw),
					   without_end(theirs->stream.raw));
	} else {
		TRY(is_same(r, mine, theirs, &same));
	}
	if (same) {
		queue_all(r, mine);
		return OK;
	}
	char text[48];
	snprintf(
	    text, sizeof(text), "object %lu %lu", (unsigned long)ref.num, (unsigned long)ref.gen);
	return bytes_to_str(r->s, bytes_of_str(text), &r->difference);
}

static enum err compare_updates(struct reading *r, size_t since)
{
	for (size_t rev = since; rev < r->f->n_revisions; rev++)
		for (size_t i = 0; i < r->f->revisions[rev].n_sections; i++) {
			const struct pdf_section *section = r->f->revisions[rev].sections[i];
			for (size_t k = 0; k < section->n_entries && !r->difference; k++) {
				const struct pdf_xref_entry *e = &section->entries[k];
				if (e->kind != PDF_ENTRY_FREE)
					TRY(compare(r, (struct pdf_ref){ e->num, e->gen }, true));
			}
		}
	return OK;
}

enum err pdf_second_reading_compare(struct scope *s, const struct pdf_file *f, size_t since,
    struct bytes password, char **ret_difference)
{
	struct reading r = { .s = s, .f = f, .rev = pdf_file_latest(f) };
	const struct pdf_value *trailer, *root = pdf_value_new_ref(s, f->root), *theirs;
	bool same;
	*ret_difference = NULL;
	enum err e = pdf_recovery_objects_open(s, f->bytes, password, false, &r.other);
	if (e == ERR_FORMAT || e == ERR_UNSUPPORTED || e == ERR_DENIED) {
		if (e == ERR_FORMAT)
			TRY(bytes_to_str(s, bytes_of_str(scope_fault_text(s)), ret_difference));
		scope_forgive(s);
		return OK;
	}
	TRY(e);
	r.queue = scope_alloc_array(s, LIMIT_PDF_SECOND_READING, sizeof(*r.queue));
	r.seen = scope_alloc(s, f->highest / 8 + 1);
	if (!r.queue || !r.seen)
		return ERR_NOMEM;
	TRY(pdf_recovery_objects_trailer(s, r.other, &trailer));
	theirs = pdf_value_find(trailer, "Root");
	if (!root)
		return ERR_NOMEM;
	if (!theirs && (f->quirks & PDF_QUIRK_ROOT_OLDER))
		theirs = root; /* QPDF does not look for an older one */
	TRY(is_same(&r, root, theirs ? theirs : &pdf_value_null, &same));
	if (!same)
		return bytes_to_str(s, BYTES_LIT("the catalog"), ret_difference);
	queue_all(&r, root);
	queue_all(&r, f->trailer);
	for (size_t i = 0; i < r.n && !r.difference; i++)
		TRY(compare(&r, r.queue[i], false));
	TRY(compare_updates(&r, since));
	*ret_difference = r.difference;
	return OK;
}
