#include "sealer/look_template.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "sealer/look_text.h"

#define TEXT_USUAL 9.0
#define TEXT_MOST 14.0 /* a seal is no headline, however large its box */
#define STRIP_MOST 8.0
#define RULE 1.5 /* the coloured bar beside a text */
#define HAIRLINE 0.35
#define PICTURE_SHARE 0.36 /* of the width, at most */
#define BARCODE_SHARE 0.45 /* a wider one goes below the text */

struct area {
	double x, y, w, h; /* from the lower left corner */
};

struct sheet {
	struct scope *s;
	struct look_paint *p;
	const struct look_template_content *c;
	enum look_template look;
	double w, h;
	bool is_small; /* something did not fit */
};

/* What a look cannot do without, and what else it has room for. */
static const struct {
	const char *name;
	bool needs_picture, takes_picture, needs_barcode, takes_barcode;
} looks[] = {
	[LOOK_TEMPLATE_TEXT] = { "text", false, false, false, true },
	[LOOK_TEMPLATE_PICTURE] = { "picture", true, true, false, false },
	[LOOK_TEMPLATE_BOTH] = { "both", true, true, false, true },
	[LOOK_TEMPLATE_OFFICIAL] = { "official", false, true, false, true },
	[LOOK_TEMPLATE_STRIP] = { "strip", false, false, false, false },
	[LOOK_TEMPLATE_CODE] = { "code", false, false, true, true },
};
#define N_LOOKS (sizeof(looks) / sizeof(looks[0]))

bool look_template_of_name(const char *name, enum look_template *ret_look)
{
	for (size_t i = 0; i < N_LOOKS; i++)
		if (strcmp(looks[i].name, name) == 0) {
			*ret_look = (enum look_template)i;
			return true;
		}
	return false;
}

const char *look_template_name(enum look_template look)
{
	return looks[look].name;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

static double most(double a, double b)
{
	return a > b ? a : b;
}

static double round_up(double v)
{
	const double whole = (double)(long)least(v, 1e6);
	return whole < v ? whole + 1 : whole;
}

/* What would do is found out afterwards. */
static enum err too_small(struct sheet *t)
{
	t->is_small = true;
	return ERR_DENIED;
}

static struct area inset(struct area a, double by)
{
	return (struct area){ a.x + by, a.y + by, a.w - 2 * by, a.h - 2 * by };
}

static const char *word(const struct sheet *t, enum look_words_word w)
{
	return look_words_text(t->c->language, w);
}

static bool is_said(const char *text)
{
	return text && text[0];
}

/* -- text -- */

static double largest_text(const struct sheet *t)
{
	return most(TEXT_USUAL, least(TEXT_MOST, 0.065 * t->h));
}

static void add_line(struct look_text_block *b, const char *text, enum look_paint_weight weight,
    enum look_paint_colour colour, double scale, double gap)
{
	look_text_add(
	    b, (struct look_text_item){
		   .text = text, .weight = weight, .colour = colour, .scale = scale, .gap = gap });
}

static void add_pair(struct look_text_block *b, const char *label, const char *text, bool anywhere)
{
	look_text_add(b, (struct look_text_item){ .label = label,
			     .text = text,
			     .colour = LOOK_PAINT_INK,
			     .scale = 1,
			     .anywhere = anywhere });
}

/* Who, and for whom unless that is the same. */
static void add_who(const struct sheet *t, struct look_text_block *b)
{
	const struct look_template_content *c = t->c;
	const bool same = is_said(c->organisation) && strcmp(c->who, c->organisation) == 0;
	add_line(b, c->who, LOOK_PAINT_BOLD, LOOK_PAINT_INK, 1.2, 0.1);
	if (!same)
		add_line(b, c->organisation, LOOK_PAINT_REGULAR, LOOK_PAINT_INK, 1, 0.05);
}

/* Sets a block in the middle of the height. */
static enum err draw_block(
    struct sheet *t, const struct look_text_block *b, struct area a, double largest)
{
	struct look_text_fit fit;
	TRY(look_text_fit(t->s, t->p, b, a.w, a.h, largest, &fit));
	if (!fit.fits)
		return too_small(t);
	return look_text_draw(t->s, t->p, b, &fit, a.x, a.y + (a.h + fit.height) / 2);
}

static struct look_text_block short_block(const struct sheet *t)
{
	struct look_text_block b = { .n = 0 };
	add_line(&b, word(t, LOOK_WORDS_SEALED_BY), LOOK_PAINT_REGULAR, LOOK_PAINT_GRAY, 0.85, 0);
	add_who(t, &b);
	add_pair(&b, word(t, LOOK_WORDS_DATE), t->c->when, false);
	if (b.n)
		b.item[b.n - 1].gap = 0.35;
	add_pair(&b, word(t, LOOK_WORDS_REASON), t->c->reason, false);
	add_pair(&b, word(t, LOOK_WORDS_PLACE), t->c->location, false);
	add_line(&b, t->c->note, LOOK_PAINT_REGULAR, LOOK_PAINT_GRAY, 0.9, 0.35);
	return b;
}

static struct look_text_block long_block(const struct sheet *t)
{
	const struct look_template_content *c = t->c;
	struct look_text_block b = { .n = 0 };
	add_who(t, &b);
	const size_t names = b.n;
	add_pair(&b, word(t, LOOK_WORDS_ORGANISATION_ID), c->organisation_id, false);
	add_pair(&b, word(t, LOOK_WORDS_DATE), c->when, false);
	add_pair(&b, word(t, LOOK_WORDS_REASON), c->reason, false);
	add_pair(&b, word(t, LOOK_WORDS_PLACE), c->location, false);
	add_pair(&b, word(t, LOOK_WORDS_SERIAL), c->serial, true);
	add_pair(&b, word(t, LOOK_WORDS_ISSUER), c->issuer, false);
	if (b.n > names)
		b.item[names].gap = 0.4;
	add_line(&b, c->note, LOOK_PAINT_REGULAR, LOOK_PAINT_GRAY, 0.9, 0.4);
	return b;
}

/* -- pictures -- */

/* As large as it goes, in the middle. */
static enum err draw_picture(struct sheet *t, struct area a)
{
	const struct picture *p = t->c->picture;
	const double dpi_x = p->dpi_x > 0 && p->dpi_y > 0 ? p->dpi_x : 1;
	const double dpi_y = p->dpi_x > 0 && p->dpi_y > 0 ? p->dpi_y : 1;
	const double w = p->width / dpi_x, h = p->height / dpi_y;
	const double scale = least(a.w / w, a.h / h);
	if (!(a.w > 1 && a.h > 1))
		return too_small(t);
	return look_paint_picture(t->p, p, a.x + (a.w - w * scale) / 2, a.y + (a.h - h * scale) / 2,
	    w * scale, h * scale);
}

/* On the left; the area becomes what is left of it. */
static enum err take_picture(struct sheet *t, double gap, struct area *a)
{
	const struct picture *p = t->c->picture;
	if (!p)
		return OK;
	const double w = least(PICTURE_SHARE * a->w, a->h * p->width / p->height);
	TRY(draw_picture(t, (struct area){ a->x, a->y, w, a->h }));
	*a = (struct area){ a->x + w + gap, a->y, a->w - w - gap, a->h };
	return OK;
}

/* -- barcodes -- */

/* Sides of a module in points: ISO/IEC 15415 and 15416 readers of offices want 0.25 mm of a QR Code
 * and 0.18 mm of narrow bars; beyond the largest nothing is gained. */
static double module_least(enum barcode_kind kind)
{
	return kind == BARCODE_KIND_QR ? 0.71 : 0.51;
}

static double module_most(enum barcode_kind kind)
{
	return kind == BARCODE_KIND_QR ? 2 : 1;
}

/* With the light ground around it, in modules. */
struct symbol {
	double w, h, quiet_x, quiet_y;
};

static struct symbol symbol_of(const struct sheet *t)
{
	const struct barcode *b = t->c->barcode;
	/* Bars without rows may be cut low, but a reader must find them. */
	const double quiet_y = t->c->barcode_kind == BARCODE_KIND_CODE128 ? 0 : b->quiet;
	return (
	    struct symbol){ b->width + 2 * b->quiet, b->height + 2 * quiet_y, b->quiet, quiet_y };
}

/* As large as it goes in the middle of the area. */
static enum err draw_barcode(struct sheet *t, struct area a)
{
	const struct symbol m = symbol_of(t);
	const enum barcode_kind kind = t->c->barcode_kind;
	const double smallest = module_least(kind);
	double side = least(least(a.w / m.w, a.h / m.h), module_most(kind));
	if (side < smallest)
		return too_small(t);
	double tall = side;
	if (kind == BARCODE_KIND_CODE128)
		tall = least(a.h / m.h, 2 * side);
	const double w = m.w * side, h = m.h * tall;
	const double x = a.x + (a.w - w) / 2, y = a.y + (a.h - h) / 2;
	look_paint_fill(t->p, LOOK_PAINT_WHITE, x, y, w, h);
	look_paint_barcode(
	    t->p, t->c->barcode, x + m.quiet_x * side, y + m.quiet_y * tall, side, tall);
	return OK;
}

/* On the right, or below when it is wide or the area narrow; the area becomes what is left of it.
 */
static enum err take_barcode(struct sheet *t, double gap, struct area *a)
{
	if (!t->c->barcode)
		return OK;
	const struct symbol m = symbol_of(t);
	const double smallest = module_least(t->c->barcode_kind);
	if (m.w * smallest <= BARCODE_SHARE * a->w && a->h <= 0.75 * a->w) {
		const double w = least(most(least(a->h * m.w / m.h, 0.36 * a->w), m.w * smallest),
		    m.w * module_most(t->c->barcode_kind));
		TRY(draw_barcode(t, (struct area){ a->x + a->w - w, a->y, w, a->h }));
		a->w -= w + gap;
		return OK;
	}
	const double side = least(a->w / m.w, BARCODE_SHARE * a->h / m.h);
	const double h = m.h * most(smallest, least(module_most(t->c->barcode_kind), side));
	TRY(draw_barcode(t, (struct area){ a->x, a->y, a->w, least(h, a->h) }));
	a->y += h + gap;
	a->h -= h + gap;
	return OK;
}

/* -- the looks -- */

static double padding(const struct sheet *t)
{
	return most(1.5, least(6, 0.07 * least(t->w, t->h)));
}

static enum err draw_text(struct sheet *t)
{
	const double pad = padding(t);
	struct area a = { RULE + pad, 0, t->w - RULE - pad, t->h };
	const struct look_text_block b = short_block(t);
	look_paint_fill(t->p, LOOK_PAINT_ACCENT, 0, 0, RULE, t->h);
	TRY(take_barcode(t, pad, &a));
	return draw_block(t, &b, a, largest_text(t));
}

static enum err draw_both(struct sheet *t)
{
	const double pad = padding(t);
	struct area a = { 0, 0, t->w, t->h };
	const struct look_text_block b = short_block(t);
	TRY(take_picture(t, pad, &a));
	look_paint_fill(t->p, LOOK_PAINT_ACCENT, a.x, 0, RULE, t->h);
	a.x += RULE + pad;
	a.w -= RULE + pad;
	TRY(take_barcode(t, pad, &a));
	return draw_block(t, &b, a, largest_text(t));
}

/* A heading over the whole width with a line below it. */
static enum err take_heading(struct sheet *t, struct area *a)
{
	struct look_text_block b = { .centred = true, .one_line = true };
	const double largest = 1.33 * largest_text(t);
	const double h = most(LOOK_TEXT_LEAST * 1.5, least(largest * 1.5, 0.17 * a->h));
	add_line(&b, word(t, LOOK_WORDS_SEAL), LOOK_PAINT_BOLD, LOOK_PAINT_ACCENT, 1, 0);
	TRY(draw_block(
	    t, &b, (struct area){ a->x + a->w / 10, a->y + a->h - h, 0.8 * a->w, h }, largest));
	look_paint_fill(t->p, LOOK_PAINT_ACCENT, a->x, a->y + a->h - h - 1, a->w, HAIRLINE);
	a->h -= h + 1;
	return OK;
}

static enum err draw_official(struct sheet *t)
{
	const double pad = padding(t);
	const struct area whole = { 0, 0, t->w, t->h };
	const struct look_text_block b = long_block(t);
	struct area a = inset(whole, 2.5 + pad / 2);
	look_paint_frame(t->p, LOOK_PAINT_ACCENT, 0.9, 0, 0, t->w, t->h);
	look_paint_frame(t->p, LOOK_PAINT_ACCENT, HAIRLINE, 2, 2, t->w - 4, t->h - 4);
	TRY(take_heading(t, &a));
	a.y += pad / 2;
	a.h -= pad;
	a.x += pad / 2;
	a.w -= pad;
	TRY(take_picture(t, pad, &a));
	TRY(take_barcode(t, pad, &a));
	return draw_block(t, &b, a, largest_text(t));
}

static enum err draw_code(struct sheet *t)
{
	struct look_text_block b = { .centred = true };
	struct look_text_fit fit;
	const double largest = most(LOOK_TEXT_LEAST, least(STRIP_MOST, 0.12 * t->h));
	add_line(&b, is_said(t->c->note) ? t->c->note : t->c->who, LOOK_PAINT_REGULAR,
	    LOOK_PAINT_INK, 1, 0);
	TRY(look_text_fit(t->s, t->p, &b, t->w, 0.3 * t->h, largest, &fit));
	if (!fit.fits)
		return too_small(t);
	TRY(look_text_draw(t->s, t->p, &b, &fit, 0, fit.height));
	return draw_barcode(t, (struct area){ 0, fit.height + 1, t->w, t->h - fit.height - 1 });
}

/* -- the strip -- */

static enum err strip_text(struct sheet *t, size_t n, char **ret_text)
{
	const struct look_template_content *c = t->c;
	const char *const parts[] = { c->who, c->when, c->reason, c->location, c->note };
	struct buf b = buf_new(t->s, 5 * (LIMIT_LOOK_TEXT + 8));
	for (size_t i = 0; i < n; i++)
		if (is_said(parts[i])) {
			buf_add_str(&b, b.n ? "  \xc2\xb7  " : "");
			buf_add_str(&b, parts[i]);
		}
	return buf_done_str(&b, ret_text);
}

/* The heading, and as much of the rest as fits: at least who and when. */
static enum err draw_strip_line(struct sheet *t, double w, double h)
{
	const char *heading = word(t, LOOK_WORDS_SEAL);
	struct look_paint_metrics m;
	double heading_w, rest_w = 0, size = 0;
	char *rest = NULL;
	TRY(look_paint_measure(t->p, LOOK_PAINT_BOLD, heading, &heading_w));
	TRY(look_paint_measure_height(t->p, LOOK_PAINT_BOLD, heading, &m));
	const double line = m.ascent + m.descent, gap = 0.9;
	for (size_t n = 5; n >= 2 && size < LOOK_TEXT_LEAST; n--) {
		TRY(strip_text(t, n, &rest));
		TRY(look_paint_measure(t->p, LOOK_PAINT_REGULAR, rest, &rest_w));
		size = least(STRIP_MOST, least((h - 1) / line, w / (heading_w + gap + rest_w)));
	}
	if (size < LOOK_TEXT_LEAST)
		return too_small(t);
	const double y = (h - 1 - line * size) / 2 + m.descent * size;
	look_paint_fill(t->p, LOOK_PAINT_ACCENT, 0, h - 0.6, w, 0.6);
	TRY(look_paint_text(t->p, LOOK_PAINT_BOLD, LOOK_PAINT_ACCENT, size, 0, y, heading));
	return look_paint_text(
	    t->p, LOOK_PAINT_REGULAR, LOOK_PAINT_INK, size, (heading_w + gap) * size, y, rest);
}

/* Along a side of the page it is read from below upward. */
static enum err draw_strip(struct sheet *t)
{
	if (t->h <= t->w)
		return draw_strip_line(t, t->w, t->h);
	look_paint_turn(t->p, t->w);
	return draw_strip_line(t, t->h, t->w);
}

/* -- any of them -- */

static enum err check(const struct sheet *t)
{
	const char *name = look_template_name(t->look);
	const bool picture = t->c->picture != NULL, barcode = t->c->barcode != NULL;
	if (looks[t->look].needs_picture && !picture)
		return scope_fault(t->s, ERR_DENIED, "the look \"%s\" needs a picture", name);
	if (looks[t->look].needs_barcode && !barcode)
		return scope_fault(t->s, ERR_DENIED, "the look \"%s\" needs a barcode", name);
	if (picture && !looks[t->look].takes_picture)
		return scope_fault(t->s, ERR_DENIED, "the look \"%s\" shows no picture", name);
	if (barcode && !looks[t->look].takes_barcode)
		return scope_fault(t->s, ERR_DENIED, "the look \"%s\" shows no barcode", name);
	return OK;
}

static enum err draw(struct sheet *t)
{
	switch (t->look) {
	case LOOK_TEMPLATE_PICTURE:
		return draw_picture(t, (struct area){ 0, 0, t->w, t->h });
	case LOOK_TEMPLATE_BOTH:
		return draw_both(t);
	case LOOK_TEMPLATE_OFFICIAL:
		return draw_official(t);
	case LOOK_TEMPLATE_STRIP:
		return draw_strip(t);
	case LOOK_TEMPLATE_CODE:
		return draw_code(t);
	case LOOK_TEMPLATE_TEXT:
	default:
		return draw_text(t);
	}
}

/* Larger and larger boxes are tried: higher ones, if the width is one to write in, and such of the
 * same shape. What they leave in the form is thrown away with it. */
static enum err tell_size(struct sheet *t)
{
	const double w = most(t->w, 8), h = most(t->h, 4), writable = 90;
	double f = 1;
	for (int i = 0; i < 60; i++) {
		f *= 1.08;
		for (int shape = w >= writable ? 0 : 1; shape < 2; shape++) {
			struct sheet larger = *t;
			larger.w = round_up(shape ? w * f : w);
			larger.h = round_up(shape ? h * f : h * f * f);
			larger.is_small = false;
			enum err err = draw(&larger);
			if (err == OK)
				return scope_fault(t->s, ERR_DENIED,
				    "the box of %.6g x %.6g points is too small for the look "
				    "\"%s\": one of %g x %g would do",
				    t->w, t->h, look_template_name(t->look), larger.w, larger.h);
			if (!larger.is_small)
				return err;
		}
	}
	return scope_fault(t->s, ERR_DENIED,
	    "the box of %.6g x %.6g points is too small for the look \"%s\"", t->w, t->h,
	    look_template_name(t->look));
}

enum err look_template_draw(struct scope *s, struct look_paint *p, enum look_template look,
    const struct look_template_content *content, double width, double height)
{
	struct sheet t = { s, p, content, look, width, height, false };
	TRY(check(&t));
	enum err err = draw(&t);
	return t.is_small ? tell_size(&t) : err;
}

void look_template_size(enum look_template look, enum barcode_kind barcode, double page_width,
    double page_height, struct placement_box *ret_box)
{
	static const double sizes[][2] = {
		[LOOK_TEMPLATE_TEXT] = { 210, 62 },
		[LOOK_TEMPLATE_PICTURE] = { 110, 72 },
		[LOOK_TEMPLATE_BOTH] = { 250, 70 },
		[LOOK_TEMPLATE_OFFICIAL] = { 290, 112 },
		[LOOK_TEMPLATE_STRIP] = { 1e6, 12 },
		[LOOK_TEMPLATE_CODE] = { 92, 104 },
	};
	const double margin = least(36, 0.06 * least(page_width, page_height));
	double w = sizes[look][0], h = sizes[look][1];
	if (look == LOOK_TEMPLATE_CODE && barcode != BARCODE_KIND_QR)
		w = 200, h = 64;
	else if (barcode == BARCODE_KIND_CODE128 || barcode == BARCODE_KIND_PDF417)
		w += 40, h += 40;
	w = least(w, page_width - 2 * margin);
	h = least(h, page_height - 2 * margin);
	const double below = look == LOOK_TEMPLATE_STRIP ? margin / 2 : margin;
	*ret_box = (struct placement_box){ page_width - margin - w, page_height - below - h, w, h };
}
