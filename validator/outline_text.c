#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"
#include "validator/outline.h"

#define WIDTH 80
#define INDENT 4    /* of what stands below a heading */
#define LABEL 26    /* the widest column of labels */
#define GAP 2       /* between columns */
#define NARROWEST 6 /* a column of a table is not made narrower to fit */

struct page {
	struct buf out;
	size_t indent; /* of what comes next */
};

/* -- columns of a terminal -- */
/* 0 for marks that join the character before, 2 for East Asian wide ones, else 1; near enough to
 * Unicode's tables for lines that look right. */
static size_t columns_of(uint32_t point)
{
	static const struct {
		uint32_t first, last;
		size_t columns;
	} ranges[] = {
		{ 0x0300, 0x036f, 0 },
		{ 0x0483, 0x0489, 0 },
		{ 0x0591, 0x05bd, 0 },
		{ 0x064b, 0x065f, 0 },
		{ 0x1100, 0x115f, 2 },
		{ 0x1ab0, 0x1aff, 0 },
		{ 0x1dc0, 0x1dff, 0 },
		{ 0x200c, 0x200f, 0 },
		{ 0x20d0, 0x20ff, 0 },
		{ 0x2e80, 0xa4cf, 2 },
		{ 0xac00, 0xd7a3, 2 },
		{ 0xf900, 0xfaff, 2 },
		{ 0xfe00, 0xfe0f, 0 },
		{ 0xfe20, 0xfe2f, 0 },
		{ 0xfe30, 0xfe6f, 2 },
		{ 0xff00, 0xff60, 2 },
		{ 0xffe0, 0xffe6, 2 },
		{ 0x1f300, 0x1faff, 2 },
		{ 0x20000, 0x3fffd, 2 },
	};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return ranges[i].columns;
	return 1;
}

static size_t width_of(struct bytes text)
{
	size_t width = 0;
	uint32_t point;
	for (size_t at = 0; at < text.n;)
		width += pdf_text_utf8_step(text, &at, &point) ? columns_of(point) : 1;
	return width;
}

/* A hyphen inside a word, where a line may end; not one in a date or a number. */
static bool is_hyphen(struct bytes text, size_t at)
{
	return at > 0 && at + 1 < text.n && text.p[at] == '-' && text.p[at - 1] > '9' &&
	       text.p[at + 1] > '9';
}

/* Takes the next line of at most `width` columns off the text; a word that is longer is cut, so
 * that no line can begin with what a document chose. False: nothing is left. */
static bool take_line(struct bytes *rest, size_t width, struct bytes *ret_line)
{
	size_t at = 0, used = 0, space = 0;
	while (rest->n && rest->p[0] == ' ')
		*rest = bytes_from(*rest, 1);
	if (!rest->n)
		return false;
	while (at < rest->n) {
		size_t before = at;
		uint32_t point = 0;
		used += pdf_text_utf8_step(*rest, &at, &point) ? columns_of(point) : 1;
		if (point == ' ')
			space = before;
		else if (used < width && is_hyphen(*rest, before))
			space = at;
		if (used > width && (before || point == ' ')) {
			at = space ? space : before;
			break;
		}
	}
	*ret_line = bytes_cut(*rest, 0, at);
	*rest = bytes_from(*rest, at);
	return true;
}

/* -- lines -- */
/* The text from where the line stands; what does not fit goes on below, `indent` columns in. */
static void add_wrapped(struct page *p, const char *text, size_t used, size_t indent)
{
	struct bytes rest = bytes_of_str(text), line;
	for (bool first = true; take_line(&rest, WIDTH - (first ? used : indent), &line);
	     first = false) {
		if (!first) {
			buf_add_byte(&p->out, '\n');
			buf_add_repeat(&p->out, ' ', indent);
		}
		buf_add(&p->out, line);
	}
	buf_add_byte(&p->out, '\n');
}

/* A single word, such as a digest, that would not stay whole beside its label but does below it. */
static bool wants_own_line(const char *value, size_t at, size_t indent)
{
	size_t width = width_of(bytes_of_str(value));
	return !strchr(value, ' ') && width > WIDTH - at && width <= WIDTH - indent - GAP;
}

static void add_fact(
    struct page *p, const char *label, const char *value, size_t indent, size_t column)
{
	size_t width = width_of(bytes_of_str(label));
	size_t at = wants_own_line(value, column, indent) ? indent + GAP : column;
	buf_add_repeat(&p->out, ' ', indent);
	buf_add_str(&p->out, label);
	if (at != column || indent + width + GAP > column) {
		buf_add_byte(&p->out, '\n');
		buf_add_repeat(&p->out, ' ', at);
	} else {
		buf_add_repeat(&p->out, ' ', column - indent - width);
	}
	add_wrapped(p, value, at, at);
}

static void add_facts(struct page *p, const struct outline_block *b, size_t indent)
{
	size_t label = 0;
	for (size_t i = 0; i < b->n_cells; i += 2) {
		size_t width = width_of(bytes_of_str(b->cell[i]));
		label = width > label ? width : label;
	}
	size_t column = indent + (label < LABEL ? label : LABEL) + GAP;
	for (size_t i = 0; i < b->n_cells; i += 2)
		add_fact(p, b->cell[i], b->cell[i + 1], indent, column);
}

static char *joined(struct page *p, const char *template, const struct outline_block *b)
{
	char *text;
	const struct messages_value values[] = { { "word", b->word }, { "text", b->text },
		{ "code", b->code }, { 0 } };
	enum err e = messages_fill(p->out.s, template, values, &text);
	if (e == OK)
		return text;
	p->out.failed = p->out.failed == OK ? e : p->out.failed;
	return NULL;
}

static void add_joined(
    struct page *p, const char *template, const struct outline_block *b, size_t indent, size_t hang)
{
	const char *text = joined(p, template, b);
	if (!text)
		return;
	buf_add_repeat(&p->out, ' ', indent);
	add_wrapped(p, text, indent, hang);
}

static void add_heading(struct page *p, const struct outline_block *b)
{
	size_t indent = b->level > 2 ? INDENT / 2 : 0;
	buf_add_byte(&p->out, '\n');
	add_joined(
	    p, b->word[0] ? "{text} - {word} ({code})" : "{text}", b, indent, indent + INDENT);
	p->indent = INDENT;
}

static void add_cause(struct page *p, const struct outline_block *b)
{
	add_joined(p, "{word}: {text} [{code}]", b, p->indent, p->indent + 2);
	add_facts(p, b, p->indent + 2);
}

/* -- tables -- */
/* Widths that fit: each as its widest cell wants, then the widest give way. */
static void lay_columns(const struct outline_block *b, size_t room, size_t *widths)
{
	size_t sum = 0;
	if (b->n_columns == 0)
		return;
	for (size_t i = 0; i < b->n_columns; i++)
		widths[i] = 1;
	for (size_t i = 0; i < b->n_cells; i++) {
		size_t width = width_of(bytes_of_str(b->cell[i])), *w = &widths[i % b->n_columns];
		width = width < WIDTH ? width : WIDTH;
		*w = width > *w ? width : *w;
	}
	for (size_t i = 0; i < b->n_columns; i++)
		sum += widths[i] + (i ? GAP : 0);
	for (; sum > room; sum--) {
		size_t widest = 0;
		for (size_t i = 1; i < b->n_columns; i++)
			widest = widths[i] >= widths[widest] ? i : widest;
		if (widths[widest] <= NARROWEST)
			return;
		widths[widest]--;
	}
}

static void add_row(struct page *p, const char *const *cell, size_t n, const size_t *widths)
{
	struct bytes rest[OUTLINE_COLUMNS], line;
	bool more = true;
	for (size_t i = 0; i < n; i++)
		rest[i] = bytes_of_str(cell[i]);
	for (bool first = true; more; first = false) {
		size_t at = 0, wanted = p->indent; /* columns written; where the next begins */
		more = false;
		for (size_t i = 0; i < n; wanted += widths[i++] + GAP) {
			if (!take_line(&rest[i], widths[i], &line))
				continue;
			buf_add_repeat(&p->out, ' ', wanted - at);
			buf_add(&p->out, line);
			at = wanted + width_of(line);
			more |= rest[i].n > 0;
		}
		if (at || first)
			buf_add_byte(&p->out, '\n');
	}
}

static void add_table(struct page *p, const struct outline_block *b)
{
	size_t widths[OUTLINE_COLUMNS];
	lay_columns(b, WIDTH - p->indent, widths);
	for (size_t i = 0; i + b->n_columns <= b->n_cells; i += b->n_columns)
		add_row(p, b->cell + i, b->n_columns, widths);
}

static void add_block(struct page *p, const struct outline_block *b)
{
	switch (b->kind) {
	case OUTLINE_TITLE: /* a terminal shows the verdict first */
		break;
	case OUTLINE_VERDICT:
		add_joined(p, "{word}: {text}", b, 0, 0);
		buf_add_byte(&p->out, '\n');
		break;
	case OUTLINE_HEADING:
		add_heading(p, b);
		break;
	case OUTLINE_FACTS:
		add_facts(p, b, p->indent);
		break;
	case OUTLINE_TABLE:
		add_table(p, b);
		break;
	case OUTLINE_CAUSE:
		add_cause(p, b);
		break;
	case OUTLINE_SENTENCE:
	case OUTLINE_PICTURES:
		if (b->text[0])
			add_joined(p, "{text}", b, p->indent, p->indent);
		break;
	case OUTLINE_WORDS:
		add_joined(p, "{text}", b, p->indent, p->indent + 2);
		break;
	}
}

enum err outline_text(struct scope *s, const struct outline *o, struct bytes *ret_text)
{
	struct page p = { .out = buf_new(s, LIMIT_REPORT) };
	for (size_t i = 0; i < o->n; i++)
		add_block(&p, &o->item[i]);
	return buf_done(&p.out, ret_text);
}
