#include "formats/pdf_cmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_content.h"

#define CODE_OCTETS 4

struct mapping {
	uint32_t first, last; /* codes; the last point counts up with them */
	uint32_t points[PDF_CMAP_POINTS];
	uint8_t n, octets;
	uint32_t place; /* in the file: of two, the later one counts */
};

struct pdf_cmap {
	struct mapping *item; /* by octets and first */
	size_t n, room;
};

struct code {
	uint32_t value;
	size_t octets; /* 0: none */
};

static struct code code_of(const struct pdf_content_operand *o)
{
	uint8_t octets[CODE_OCTETS + 1];
	struct code c = { 0 };
	if (o->kind != PDF_CONTENT_HEX && o->kind != PDF_CONTENT_STRING)
		return c;
	c.octets = pdf_content_octets(o, octets, sizeof(octets));
	if (c.octets > CODE_OCTETS)
		return (struct code){ 0 };
	for (size_t i = 0; i < c.octets; i++)
		c.value = c.value << 8 | octets[i];
	return c;
}

/* UTF-16BE. */
static size_t points_of(const struct pdf_content_operand *o, uint32_t points[PDF_CMAP_POINTS])
{
	uint8_t octets[PDF_CMAP_POINTS * 4 + 1];
	size_t count = 0;
	const size_t n = pdf_content_octets(o, octets, sizeof(octets));
	for (size_t i = 0; i + 1 < n && count < PDF_CMAP_POINTS; i += 2) {
		uint32_t p = (uint32_t)octets[i] << 8 | octets[i + 1];
		if (p >= 0xd800 && p < 0xdc00 && i + 3 < n) {
			const uint32_t low = (uint32_t)octets[i + 2] << 8 | octets[i + 3];
			p = 0x10000 + ((p & 0x3ff) << 10 | (low & 0x3ff));
			i += 2;
		}
		points[count++] = p;
	}
	return n > PDF_CMAP_POINTS * 4 ? 0 : count;
}

static enum err add(struct scope *s, struct pdf_cmap *m, struct code first, uint32_t last,
    const struct pdf_content_operand *to)
{
	struct mapping item = { .first = first.value,
		.last = last,
		.octets = (uint8_t)first.octets,
		.place = (uint32_t)m->n };
	item.n = (uint8_t)points_of(to, item.points);
	if (first.octets == 0 || last < first.value || item.n == 0 || m->n == LIMIT_PDF_CMAP)
		return OK;
	if (m->n == m->room) {
		const size_t room = m->room ? 2 * m->room : 64;
		struct mapping *more =
		    scope_resize(s, m->item, m->room * sizeof(*more), room * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		m->item = more;
		m->room = room;
	}
	m->item[m->n++] = item;
	return OK;
}

static enum err add_chars(struct scope *s, struct pdf_cmap *m, const struct pdf_content *c)
{
	for (size_t i = 0; i + 1 < c->n; i += 2) {
		const struct code code = code_of(&c->operand[i]);
		TRY(add(s, m, code, code.value, &c->operand[i + 1]));
	}
	return OK;
}

static enum err add_ranges(struct scope *s, struct pdf_cmap *m, const struct pdf_content *c)
{
	for (size_t i = 0; i + 2 < c->n; i += 3) {
		struct code first = code_of(&c->operand[i]);
		const struct code last = code_of(&c->operand[i + 1]);
		if (c->operand[i + 2].kind != PDF_CONTENT_OPEN) {
			TRY(add(s, m, first, last.value, &c->operand[i + 2]));
			continue;
		}
		for (i += 3; i < c->n && c->operand[i].kind != PDF_CONTENT_CLOSE; i++) {
			TRY(add(s, m, first, first.value, &c->operand[i]));
			first.value++;
		}
		i -= 2; /* the next one begins after `]` */
	}
	return OK;
}

static int compare(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;
	if (x->octets != y->octets)
		return x->octets - y->octets;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

enum err pdf_cmap_read(struct scope *s, struct bytes data, struct pdf_cmap **ret_cmap)
{
	struct pdf_content *c = pdf_content_new(s, data);
	struct pdf_cmap *m = scope_alloc(s, sizeof(*m));
	if (!c || !m)
		return ERR_NOMEM;
	while (pdf_content_next(c)) {
		if (pdf_content_is(c, "endbfchar"))
			TRY(add_chars(s, m, c));
		else if (pdf_content_is(c, "endbfrange"))
			TRY(add_ranges(s, m, c));
	}
	if (m->n)
		qsort(m->item, m->n, sizeof(*m->item), compare);
	*ret_cmap = m;
	return OK;
}

size_t pdf_cmap_find(
    const struct pdf_cmap *m, uint32_t code, size_t octets, uint32_t ret_points[PDF_CMAP_POINTS])
{
	const struct mapping key = {
		.first = code, .octets = (uint8_t)octets, .place = UINT32_MAX
	};
	size_t low = 0, high = m->n;
	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		if (compare(&m->item[mid], &key) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0)
		return 0;
	const struct mapping *found = &m->item[low - 1];
	if (found->octets != octets || code > found->last)
		return 0;
	memcpy(ret_points, found->points, sizeof(found->points));
	ret_points[found->n - 1] += code - found->first;
	return found->n;
}
