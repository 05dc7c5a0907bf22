#include <string.h>

#include "formats/pdf_drawing_state.h"

#define CAPITAL 0.7 /* height above the base line, as a part of the size */
#define OCTETS_PER_OPERATOR 16

/* -- where the next text goes -- */

static void move(struct pdf_drawing_run *r, double x, double y)
{
	const struct pdf_drawing_matrix by = { 1, 0, 0, 1, x, y };
	r->line = pdf_drawing_matrix_of(&by, &r->line);
	r->text = r->line;
}

static void advance(struct pdf_drawing_run *r, double x)
{
	const struct pdf_drawing_matrix by = { 1, 0, 0, 1, x, 0 };
	r->text = pdf_drawing_matrix_of(&by, &r->text);
}

/* -- showing -- */

static double width_of(const struct pdf_drawing_state *g, const struct pdf_font_extent *e)
{
	return g->scale * (e->width * g->size + (double)e->n * g->char_space +
			      (double)e->spaces * g->word_space);
}

/* Long texts take their time as many operators do. */
static void pay(struct pdf_drawing_run *r, size_t octets)
{
	size_t *left = &r->d->budget->operators;
	*left -= octets / OCTETS_PER_OPERATOR < *left ? octets / OCTETS_PER_OPERATOR : *left;
}

static bool is_painted(const struct pdf_drawing_run *r, const struct pdf_rect *box)
{
	const struct pdf_rect seen = pdf_pages_meet(box, &r->now.clip);
	return r->now.mode != 3 && r->now.mode != 7 && r->now.alpha > 0 &&
	       r->marks < r->optional_from && seen.x1 > seen.x0;
}

static enum err show(struct pdf_drawing_run *r, const struct pdf_content_operand *o)
{
	const size_t n = pdf_content_octets(o, r->octets, sizeof(r->octets));
	const struct bytes octets = bytes_of(r->octets, n);
	const struct pdf_font_extent extent = pdf_font_extent_of(r->now.font, octets);
	const double width = width_of(&r->now, &extent);
	const struct pdf_rect place = { width < 0 ? width : 0, r->now.rise, width < 0 ? 0 : width,
		r->now.rise + CAPITAL * r->now.size };
	const struct pdf_drawing_matrix m = pdf_drawing_matrix_of(&r->text, &r->now.ctm);
	struct pdf_drawing_text text = { .box = pdf_drawing_matrix_bounds(&m, &place),
		.font = r->now.font,
		.octets = octets,
		.letters = extent.letters,
		.is_cut = n == sizeof(r->octets) };
	text.is_painted = is_painted(r, &text.box);
	pay(r, n);
	advance(r, width);
	return n && r->sink->text ? r->sink->text(r->sink->ctx, &text) : OK;
}

static enum err show_all(struct pdf_drawing_run *r)
{
	for (size_t i = 0; i < r->content->n; i++) {
		const struct pdf_content_operand *o = &r->content->operand[i];
		if (o->kind == PDF_CONTENT_NUMBER)
			advance(r, -o->number / 1000 * r->now.size * r->now.scale);
		else
			TRY(show(r, o));
	}
	return OK;
}

/* The last operand, or nothing. */
static enum err show_last(struct pdf_drawing_run *r)
{
	return r->content->n ? show(r, &r->content->operand[r->content->n - 1]) : OK;
}

static enum err show_on_next_line(struct pdf_drawing_run *r)
{
	if (pdf_content_is(r->content, "\"")) {
		r->now.word_space = pdf_drawing_number(r, 0);
		r->now.char_space = pdf_drawing_number(r, 1);
	}
	move(r, 0, -r->now.leading);
	return show_last(r);
}

/* -- operators -- */

static enum err set_font(struct pdf_drawing_run *r)
{
	const struct pdf_value *dict;
	if (r->content->n < 2 || r->content->operand[0].kind != PDF_CONTENT_NAME)
		return OK;
	TRY(pdf_drawing_resource(r, "Font", r->content->operand[0].text, &dict));
	r->now.size = pdf_drawing_number(r, 1);
	return pdf_drawing_font(r->d, dict, &r->now.font);
}

static void set_matrix(struct pdf_drawing_run *r)
{
	double n[6];
	for (size_t i = 0; i < 6; i++)
		n[i] = pdf_drawing_number(r, i);
	r->line = r->text = (struct pdf_drawing_matrix){ n[0], n[1], n[2], n[3], n[4], n[5] };
}

/* Tc, Tw, Tz, TL, Ts, Tr. */
static bool set_parameter(struct pdf_drawing_run *r, uint8_t letter)
{
	const double n = pdf_drawing_number(r, 0);
	switch (letter) {
	case 'c':
		r->now.char_space = n;
		return true;
	case 'w':
		r->now.word_space = n;
		return true;
	case 'z':
		r->now.scale = n / 100;
		return true;
	case 'L':
		r->now.leading = n;
		return true;
	case 's':
		r->now.rise = n;
		return true;
	case 'r':
		r->now.mode = n >= 0 && n <= 7 ? (int)n : 0;
		return true;
	default:
		return false;
	}
}

static enum err text_operator(struct pdf_drawing_run *r, uint8_t letter, bool *ret_was)
{
	*ret_was = true;
	switch (letter) {
	case 'j':
		return show_last(r);
	case 'J':
		return show_all(r);
	case 'f':
		return set_font(r);
	case 'm':
		set_matrix(r);
		return OK;
	case 'D':
		r->now.leading = -pdf_drawing_number(r, 1);
		move(r, pdf_drawing_number(r, 0), pdf_drawing_number(r, 1));
		return OK;
	case 'd':
		move(r, pdf_drawing_number(r, 0), pdf_drawing_number(r, 1));
		return OK;
	case '*':
		move(r, 0, -r->now.leading);
		return OK;
	default:
		*ret_was = set_parameter(r, letter);
		return OK;
	}
}

enum err pdf_drawing_text_operator(struct pdf_drawing_run *r, bool *ret_was)
{
	const struct bytes name = r->content->name;
	if (name.n == 2 && name.p[0] == 'T')
		return text_operator(r, name.p[1], ret_was);
	*ret_was = true;
	if (pdf_content_is(r->content, "BT")) {
		r->text = r->line = (struct pdf_drawing_matrix){ 1, 0, 0, 1, 0, 0 };
		return OK;
	}
	if (pdf_content_is(r->content, "'") || pdf_content_is(r->content, "\""))
		return show_on_next_line(r);
	*ret_was = false;
	return OK;
}
