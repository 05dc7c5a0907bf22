#include "sealer/look_text.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"

#define STEP 0.25       /* points: from size to size */
#define LABELS_MOST 0.5 /* of the width may go to the column of labels */
#define LABEL_GAP 0.7   /* between label and value, in the block's size */
#define LEADING 1.22    /* at least, from line to line */
#define SLACK 0.01      /* what rounding makes */
#define WORTH 0.8       /* of the size may go for whole numbers and a column of labels */

struct word {
	size_t start, end; /* in its text */
	double width;      /* at size 1 */
};

struct item {
	const char *label; /* as an inline one: with a colon */
	struct word *words;
	size_t n_words;
	double blank, label_width, inline_width; /* at size 1 */
	double ascent, line;                     /* of a line of size 1: base line, height */
};

struct line {
	size_t item, start, end; /* the part of its text */
	double x, y, size;       /* y: base line, down from the top */
	bool has_label;
};

struct look_text_fitted {
	struct item items[LOOK_TEXT_ITEMS];
	struct line lines[LIMIT_LOOK_LINES];
	size_t n_lines;
	bool columns; /* labels have one of their own */
};

enum breaks {
	BREAK_NOTHING,
	BREAK_NUMBERS,
	BREAK_ALL
};

/* One try. */
struct setting {
	struct scope *s;
	struct look_paint *p;
	const struct look_text_block *block;
	struct look_text_fitted *f;
	double width, size;
	double wrap; /* where the lines of the present item end: width, or less */
	enum breaks breaks;
	bool in_columns; /* labels must have theirs */
	/* Its outcome. */
	double y, widest;
	bool overflows; /* something is wider than the box, or there are too many lines */
};

void look_text_add(struct look_text_block *block, struct look_text_item item)
{
	if (item.text && item.text[0] && block->n < LOOK_TEXT_ITEMS)
		block->item[block->n++] = item;
}

/* -- once for each text -- */

static enum err part_of(
    struct scope *s, const char *text, size_t start, size_t end, char **ret_part)
{
	return bytes_to_str(s, bytes_of(text + start, end - start), ret_part);
}

static enum err measure_part(struct scope *s, struct look_paint *p,
    const struct look_text_item *from, size_t start, size_t end, double *ret_width)
{
	char *part;
	TRY(part_of(s, from->text, start, end, &part));
	return look_paint_measure(p, from->weight, part, ret_width);
}

static enum err find_words(
    struct scope *s, struct look_paint *p, const struct look_text_item *from, struct item *to)
{
	size_t at = 0, n = strlen(from->text);
	if (n > LIMIT_LOOK_TEXT)
		return scope_fault(s, ERR_LIMIT,
		    "a text of the seal's look is longer than %d octets", LIMIT_LOOK_TEXT);
	to->words = scope_alloc_array(s, n / 2 + 1, sizeof(*to->words));
	if (!to->words)
		return ERR_NOMEM;
	while (at < n) {
		struct word *w = &to->words[to->n_words];
		const size_t length = strcspn(from->text + at, " ");
		if (length) {
			*w = (struct word){ .start = at, .end = at + length };
			TRY(measure_part(s, p, from, w->start, w->end, &w->width));
			to->n_words++;
		}
		at += length + 1;
	}
	return OK;
}

static enum err prepare_label(
    struct scope *s, struct look_paint *p, const char *label, struct item *to)
{
	struct buf b = buf_new(s, LIMIT_LOOK_TEXT);
	char *text;
	buf_addf(&b, "%s:", label);
	TRY(buf_done_str(&b, &text));
	TRY(look_paint_measure(p, LOOK_PAINT_REGULAR, label, &to->label_width));
	TRY(look_paint_measure(p, LOOK_PAINT_REGULAR, text, &to->inline_width));
	to->label = text;
	return OK;
}

static enum err prepare(
    struct scope *s, struct look_paint *p, const struct look_text_item *from, struct item *to)
{
	struct look_paint_metrics m;
	TRY(find_words(s, p, from, to));
	TRY(look_paint_measure(p, from->weight, " ", &to->blank));
	TRY(look_paint_measure_height(p, from->weight, from->text, &m));
	const double height = m.ascent + m.descent;
	to->line = height > LEADING ? height : LEADING;
	to->ascent = m.ascent + (to->line - height) / 2;
	return from->label ? prepare_label(s, p, from->label, to) : OK;
}

/* -- one size -- */

static double size_of(const struct setting *t, size_t i)
{
	const double size = t->size * t->block->item[i].scale;
	return size > LOOK_TEXT_LEAST ? size : LOOK_TEXT_LEAST;
}

static void add_line(struct setting *t, size_t i, double x, size_t start, size_t end, double width)
{
	const struct item *item = &t->f->items[i];
	const double size = size_of(t, i);
	if (t->f->n_lines == LIMIT_LOOK_LINES) {
		t->overflows = true;
		return;
	}
	struct line *l = &t->f->lines[t->f->n_lines++];
	*l = (struct line){ .item = i,
		.start = start,
		.end = end,
		.x = x,
		.y = t->y + item->ascent * size,
		.size = size };
	if (t->block->centred && !t->block->item[i].label && t->width > width)
		l->x = (t->width - width) / 2;
	t->y += item->line * size;
	t->widest = x + width > t->widest ? x + width : t->widest;
	t->overflows = t->overflows || x + width > t->width + SLACK;
}

/* Past one character with the marks that stand on it. */
static size_t after_character(struct bytes text, size_t at)
{
	uint32_t point;
	pdf_text_utf8_step(text, &at, &point);
	while (at < text.n) {
		size_t next = at;
		pdf_text_utf8_step(text, &next, &point);
		if (point < 0x300 || point > 0x36f)
			break;
		at = next;
	}
	return at;
}

/* How much of a word fits this width: at least one character. */
static enum err fitting_part(struct setting *t, size_t i, const struct word *w, double room,
    size_t *ret_end, double *ret_width)
{
	const struct look_text_item *from = &t->block->item[i];
	const struct bytes text = bytes_of(from->text, w->end);
	const double size = size_of(t, i);
	for (size_t at = w->start; at < w->end;) {
		double width;
		const bool first = at == w->start;
		at = after_character(text, at);
		TRY(measure_part(t->s, t->p, from, w->start, at, &width));
		if (!first && width * size > room)
			return OK;
		*ret_end = at;
		*ret_width = width * size;
	}
	return OK;
}

/* A line in the making: from the first word that is on it. */
struct pending {
	size_t start, end;
	double x, width; /* of the box's width, x is taken by the label */
	bool any;
};

static void flush(struct setting *t, size_t i, struct pending *l, double next_x)
{
	add_line(t, i, l->x, l->start, l->end, l->width);
	*l = (struct pending){ .x = next_x };
}

/* A word that is wider than a line is laid out over several. */
static enum err add_long_word(
    struct setting *t, size_t i, struct word w, struct pending *l, double next_x)
{
	while (w.start < w.end && !t->overflows) {
		size_t end = 0;
		double width = 0;
		TRY(fitting_part(t, i, &w, t->width - l->x, &end, &width));
		*l = (struct pending){
			.start = w.start, .end = end, .x = l->x, .width = width, .any = true
		};
		w.start = end;
		if (w.start < w.end)
			flush(t, i, l, next_x);
	}
	return OK;
}

static bool may_break(const struct setting *t, const struct look_text_item *from)
{
	if (t->block->one_line || t->breaks == BREAK_NOTHING)
		return false;
	return t->breaks == BREAK_ALL || from->anywhere;
}

static enum err add_word(
    struct setting *t, size_t i, const struct word *w, struct pending *l, double next_x)
{
	const struct look_text_item *from = &t->block->item[i];
	const double size = size_of(t, i), width = w->width * size;
	const double blank = l->any ? t->f->items[i].blank * size : 0;
	const bool wraps = l->any && !t->block->one_line;
	if (wraps && l->x + l->width + blank + width > t->wrap + SLACK)
		flush(t, i, l, next_x);
	if (may_break(t, from) && !l->any && l->x + width > t->width + SLACK)
		return add_long_word(t, i, *w, l, next_x);
	if (!l->any)
		l->start = w->start;
	else
		l->width += blank;
	l->width += width;
	l->end = w->end;
	l->any = true;
	return OK;
}

/* Where a value begins on its first line, and on those that follow. */
static double value_x(const struct setting *t, size_t i, bool first, double column)
{
	const struct item *item = &t->f->items[i];
	if (!item->label)
		return 0;
	if (t->f->columns)
		return column;
	return first ? (item->inline_width + item->blank) * size_of(t, i) : 0;
}

/* Lines that the words take when each ends here at the latest. */
static size_t count_lines(const struct item *item, double size, double end)
{
	size_t n = 1;
	double x = 0;
	for (size_t i = 0; i < item->n_words; i++) {
		const double width = item->words[i].width * size;
		const double after = x > 0 ? x + item->blank * size + width : width;
		const bool wraps = x > 0 && after > end + SLACK;
		n += wraps;
		x = wraps ? width : after;
	}
	return n;
}

/* The narrowest width for as many lines: so that no word is left alone on the last one. */
static double balanced(const struct setting *t, size_t i)
{
	const struct item *item = &t->f->items[i];
	const double size = size_of(t, i);
	double low = 0, high = t->width;
	if (item->label || t->block->one_line)
		return t->width;
	for (size_t k = 0; k < item->n_words; k++)
		low = item->words[k].width * size > low ? item->words[k].width * size : low;
	const size_t lines = count_lines(item, size, high);
	if (low > high || lines == 1)
		return t->width;
	for (int tries = 0; tries < 12; tries++) {
		const double middle = (low + high) / 2;
		if (count_lines(item, size, middle) > lines)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static enum err set_item(struct setting *t, size_t i, double column)
{
	const struct item *item = &t->f->items[i];
	const double next_x = value_x(t, i, false, column);
	struct pending l = { .x = value_x(t, i, true, column) };
	const size_t first = t->f->n_lines;
	t->wrap = balanced(t, i);
	if (i > 0)
		t->y += t->block->item[i].gap * t->size;
	for (size_t k = 0; k < item->n_words && !t->overflows; k++)
		TRY(add_word(t, i, &item->words[k], &l, next_x));
	if (l.any)
		flush(t, i, &l, next_x);
	if (first < t->f->n_lines)
		t->f->lines[first].has_label = item->label != NULL;
	return OK;
}

static enum err set_all(struct setting *t)
{
	double column = 0;
	t->f->n_lines = 0;
	t->y = t->widest = 0;
	t->overflows = false;
	for (size_t i = 0; i < t->block->n; i++) {
		const double w = t->f->items[i].label_width * size_of(t, i);
		column = w > column ? w : column;
	}
	column += column > 0 ? LABEL_GAP * t->size : 0;
	t->f->columns = !t->block->one_line && column <= LABELS_MOST * t->width;
	t->overflows = t->in_columns && !t->f->columns;
	for (size_t i = 0; i < t->block->n && !t->overflows; i++)
		TRY(set_item(t, i, column));
	return OK;
}

static enum err try_sizes(struct setting *t, double h, double most, struct look_text_fit *fit)
{
	for (int step = 0;; step++) {
		t->size = most - step * STEP;
		if (t->size < LOOK_TEXT_LEAST - SLACK)
			break;
		TRY(set_all(t));
		fit->fits = !t->overflows && t->y <= h + SLACK;
		fit->size = t->size;
		fit->width = t->widest;
		fit->height = t->y;
		if (fit->fits)
			return OK;
	}
	return OK;
}

/* From the handsomest way to the one that takes the least room. */
static const struct {
	enum breaks breaks;
	bool in_columns;
} ways[] = { { BREAK_NOTHING, true }, { BREAK_NUMBERS, true }, { BREAK_NUMBERS, false },
	{ BREAK_ALL, false } };
enum {
	WAYS = sizeof(ways) / sizeof(ways[0]),
	WAY_BREAK_ALL = WAYS - 1
};

static enum err try_way(
    struct setting *t, size_t way, double h, double most, struct look_text_fit *fit)
{
	t->breaks = ways[way].breaks;
	t->in_columns = ways[way].in_columns;
	return try_sizes(t, h, most, fit);
}

/* The handsomest way whose print is almost as large as the largest; words are broken only if
 * nothing else fits. */
static enum err choose(struct setting *t, double h, double most, struct look_text_fit *fit)
{
	double sizes[WAYS] = { 0 }, largest = 0;
	if (t->block->one_line)
		return try_way(t, WAY_BREAK_ALL, h, most, fit);
	for (size_t i = 0; i < WAY_BREAK_ALL; i++) {
		TRY(try_way(t, i, h, most, fit));
		sizes[i] = fit->fits ? fit->size : 0;
		largest = sizes[i] > largest ? sizes[i] : largest;
	}
	size_t way = 0;
	while (way < WAY_BREAK_ALL && (largest <= 0 || sizes[way] < WORTH * largest))
		way++;
	return try_way(t, way, h, most, fit);
}

enum err look_text_fit(struct scope *s, struct look_paint *p, const struct look_text_block *block,
    double w, double h, double most, struct look_text_fit *ret_fit)
{
	struct setting t = {
		.s = s, .p = p, .block = block, .width = w, .f = scope_alloc(s, sizeof(*t.f))
	};
	struct look_text_fit fit = { .lines = t.f };
	if (!t.f)
		return ERR_NOMEM;
	for (size_t i = 0; i < block->n; i++)
		TRY(prepare(s, p, &block->item[i], &t.f->items[i]));
	TRY(choose(&t, h, most, &fit));
	*ret_fit = fit;
	return OK;
}

/* -- drawing -- */

enum err look_text_draw(struct scope *s, struct look_paint *p, const struct look_text_block *block,
    const struct look_text_fit *fit, double x, double top)
{
	const struct look_text_fitted *f = fit->lines;
	for (size_t i = 0; i < f->n_lines; i++) {
		const struct line *l = &f->lines[i];
		const struct look_text_item *from = &block->item[l->item];
		char *part;
		if (l->has_label)
			TRY(look_paint_text(p, LOOK_PAINT_REGULAR, LOOK_PAINT_GRAY, l->size, x,
			    top - l->y, f->columns ? from->label : f->items[l->item].label));
		TRY(part_of(s, from->text, l->start, l->end, &part));
		TRY(look_paint_text(
		    p, from->weight, from->colour, l->size, x + l->x, top - l->y, part));
	}
	return OK;
}
