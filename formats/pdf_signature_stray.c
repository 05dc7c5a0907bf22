/* The scan of pdf_signature.h for what no field leads to. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_field.h"
#include "formats/pdf_signature.h"

#define OTHERS_PER_REVISION 3

/* Where a /ByteRange is explained. */
struct span {
	size_t start, end;
};

struct spans {
	struct span *item;
	size_t n;
};

static void add_span(struct spans *spans, size_t start, size_t end)
{
	if (end > start)
		spans->item[spans->n++] = (struct span){ start, end };
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	return (x->start > y->start) - (x->start < y->start);
}

/* Usage rights of a revision (ISO 32000-2 12.8.6), and its integrity code (ISO/TS 32004): both have
 * a /ByteRange and neither is a signature of the document. */
static enum err collect_others(
    struct scope *s, const struct pdf_file *f, size_t rev, struct spans *spans, bool *ret_rights)
{
	static const char *const rights[] = { "UR", "UR3" };
	const struct pdf_value *trailer = pdf_file_trailer(f, rev), *perms, *v;
	TRY(pdf_field_find(s, f, rev, pdf_value_find(trailer, "Root"), "Perms", NULL, &perms));
	for (size_t i = 0; i < sizeof(rights) / sizeof(*rights); i++) {
		TRY(pdf_field_find(s, f, rev, perms, rights[i], NULL, &v));
		add_span(spans, v->start, v->end);
		*ret_rights |= v->kind == PDF_DICT;
	}
	TRY(pdf_field_find(s, f, rev, trailer, "AuthCode", NULL, &v));
	add_span(spans, v->start, v->end);
	return OK;
}

/* A dictionary explains its own octets only: an object can be drawn out to hold another one. */
static enum err collect_spans(struct scope *s, const struct pdf_file *f,
    struct pdf_signature_list *list, struct spans *ret_spans)
{
	struct spans spans = { 0 };
	spans.item = scope_alloc_array(
	    s, list->n + OTHERS_PER_REVISION * f->n_revisions, sizeof(*spans.item));
	if (!spans.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < list->n; i++)
		add_span(&spans, list->item[i].dict->start, list->item[i].dict->end);
	for (size_t rev = 0; rev < f->n_revisions; rev++) {
		list->usage_rights = false;
		TRY(collect_others(s, f, rev, &spans, &list->usage_rights));
	}
	qsort(spans.item, spans.n, sizeof(*spans.item), compare_spans);
	*ret_spans = spans;
	return OK;
}

/* A key whose value may be an array: what else reads `/ByteRange` is prose or another name. */
static bool is_key(struct bytes file, size_t after)
{
	if (after >= file.n || pdf_syntax_is_regular(file.p[after]))
		return false;
	size_t value = pdf_syntax_skip(file, after);
	if (value >= file.n)
		return false;
	const uint8_t c = file.p[value];
	return c == '[' || (c >= '0' && c <= '9');
}

/* Sixteen octets at once: this reads the whole file at each judgement, and neither memmem nor
 * memchr for one of the letters is as fast as memory. */
typedef uint8_t octets __attribute__((vector_size(16)));
#define STRIDE (4 * sizeof(octets))
#define AHEAD 4096 /* octets fetched before they are looked at */

static octets load(const uint8_t *p)
{
	octets v;
	memcpy(&v, p, sizeof(v));
	return v;
}

/* An octet is set where `/By` stands: few other words begin so. */
static octets beginnings(const uint8_t *p)
{
	return (octets)((load(p) == '/') & (load(p + 1) == 'B') & (load(p + 2) == 'y'));
}

static bool is_any(octets v)
{
	uint64_t halves[2];
	memcpy(halves, &v, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* bytes_find for `/ByteRange`. */
static size_t find_key(struct bytes file, size_t from)
{
	const struct bytes needle = BYTES_LIT("/ByteRange");
	while (from < file.n && file.n - from > STRIDE + 1) {
		const uint8_t *p = file.p + from;
		__builtin_prefetch(p + AHEAD);
		const octets hits =
		    beginnings(p) | beginnings(p + 16) | beginnings(p + 32) | beginnings(p + 48);
		for (size_t i = 0; is_any(hits) && i < STRIDE; i++)
			if (bytes_has_prefix(bytes_from(file, from + i), needle))
				return from + i;
		from += STRIDE;
	}
	return bytes_find(file, needle, from);
}

enum err pdf_signature_find_stray(
    struct scope *s, const struct pdf_file *f, struct pdf_signature_list *list)
{
	const struct bytes needle = BYTES_LIT("/ByteRange");
	struct spans spans;
	TRY(collect_spans(s, f, list, &spans));
	size_t *stray = scope_alloc_array(s, LIMIT_PDF_STRAY, sizeof(*stray));
	if (!stray)
		return ERR_NOMEM;
	size_t n = 0, span = 0, reach = 0;
	for (size_t at = 0; n < LIMIT_PDF_STRAY; at += needle.n) {
		at = find_key(f->bytes, at);
		if (at == BYTES_NOT_FOUND)
			break;
		/* Both ascend: each span is taken up once. */
		for (; span < spans.n && spans.item[span].start <= at; span++)
			if (spans.item[span].end > reach)
				reach = spans.item[span].end;
		if (at >= reach && is_key(f->bytes, at + needle.n))
			stray[n++] = at;
	}
	list->stray = stray;
	list->n_stray = n;
	return OK;
}
