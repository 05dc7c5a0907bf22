/* Fields that show one text and hold another ("shadow replace"): as soon as something has a reader
 * draw them anew, they show what they hold. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"
#include "formats/unicode_text.h"
#include "validator/shadow_work.h"

#define FLAG_READ_ONLY (1 << 0)
#define FLAG_MULTILINE (1 << 12)
#define FLAG_PASSWORD (1 << 13)
#define FLAG_COMBO (1 << 17)
#define FLAG_FILE (1 << 20)
#define PART 16       /* letters of a longer text that may be shown in part */
#define SAME_PLACE 1. /* units by which two rectangles may differ */
#define SHOWN_IN_ABOUT 60

/* -- what is shown -- */

struct reading {
	struct shadow_work *w;
	struct buf text;
	bool is_unknown;
};

static void add_point(struct buf *b, uint32_t p)
{
	if (p < 0x80) {
		buf_add_byte(b, (uint8_t)p);
		return;
	}
	if (p >= 0x10000)
		buf_add_byte(b, (uint8_t)(0xf0 | (p >> 18 & 7)));
	if (p >= 0x800)
		buf_add_byte(
		    b, (uint8_t)(p >= 0x10000 ? 0x80 | (p >> 12 & 0x3f) : 0xe0 | (p >> 12 & 0xf)));
	buf_add_byte(b, (uint8_t)(p >= 0x800 ? 0x80 | (p >> 6 & 0x3f) : 0xc0 | (p >> 6 & 0x1f)));
	buf_add_byte(b, (uint8_t)(0x80 | (p & 0x3f)));
}

static enum err read_text(void *ctx, const struct pdf_drawing_text *text)
{
	struct reading *r = ctx;
	if (!text->is_painted)
		return OK;
	r->is_unknown |= text->is_cut || !text->font;
	for (size_t at = 0; at < text->octets.n && !r->is_unknown;) {
		const struct pdf_font_char c = pdf_font_char_at(text->font, text->octets, at);
		r->is_unknown |= c.n == 0;
		for (size_t i = 0; i < c.n; i++)
			add_point(&r->text, c.points[i]);
		at += c.octets;
	}
	buf_add_byte(&r->text, ' ');
	return OK;
}

/* NULL: it cannot be told. */
static enum err shown_text(struct shadow_work *w, const struct shadow_page *p,
    const struct shadow_annotation *a, const char **ret_text)
{
	struct reading r = { .w = w, .text = buf_new(w->s, LIMIT_UNICODE_TEXT) };
	const struct pdf_drawing_sink sink = { .ctx = &r, .text = read_text };
	char *text;
	*ret_text = NULL;
	TRY(pdf_drawing_appearance(p->drawing, a->appearance, &a->rect, &sink));
	if (r.is_unknown || r.text.failed == ERR_LIMIT || !pdf_drawing_is_complete(p->drawing))
		return OK;
	TRY(buf_done_str(&r.text, &text));
	*ret_text = strlen(text) == r.text.n ? text : NULL;
	return OK;
}

/* -- what is held -- */

/* 12.7.5.4: a choice holds one text and may show another. */
static enum err display_of(struct shadow_work *w, const struct shadow_page *p,
    const struct shadow_annotation *a, const struct pdf_value **value)
{
	const struct pdf_value *options, *option, *exported, *shown;
	TRY(shadow_work_inherited(w, p->rev, a->dict, "Opt", &options));
	for (size_t i = 0; options->kind == PDF_ARRAY && i < options->array.n; i++) {
		TRY(shadow_work_resolve(w, p->rev, options->array.item[i], &option));
		if (option->kind != PDF_ARRAY || option->array.n < 2)
			continue;
		TRY(shadow_work_resolve(w, p->rev, option->array.item[0], &exported));
		TRY(shadow_work_resolve(w, p->rev, option->array.item[1], &shown));
		if (pdf_value_equal(exported, *value)) {
			*value = shown;
			return OK;
		}
	}
	return OK;
}

/* Fields whose value is shown as it is: not with a script that formats it. */
static enum err is_plain(struct shadow_work *w, const struct shadow_page *p,
    const struct shadow_annotation *a, bool *ret_plain, int64_t *ret_flags)
{
	const struct pdf_value *type, *flags, *actions, *format;
	*ret_flags = 0;
	TRY(shadow_work_inherited(w, p->rev, a->dict, "FT", &type));
	TRY(shadow_work_inherited(w, p->rev, a->dict, "Ff", &flags));
	TRY(shadow_work_inherited(w, p->rev, a->dict, "AA", &actions));
	TRY(shadow_work_find(w, p->rev, actions, "F", &format));
	pdf_value_integer(flags, ret_flags);
	const bool text = pdf_value_is_name(type, "Tx");
	const bool combo = pdf_value_is_name(type, "Ch") && (*ret_flags & FLAG_COMBO);
	*ret_plain = (text || combo) && format->kind == PDF_NULL &&
		     !(text && (*ret_flags & (FLAG_PASSWORD | FLAG_FILE)));
	return OK;
}

static enum err held_text(struct shadow_work *w, const struct shadow_page *p,
    const struct shadow_annotation *a, const char **ret_text)
{
	const struct pdf_value *value;
	char *text;
	*ret_text = NULL;
	TRY(shadow_work_inherited(w, p->rev, a->dict, "V", &value));
	TRY(display_of(w, p, a, &value));
	if (value->kind != PDF_STRING || value->string.n > LIMIT_UNICODE_TEXT / 4)
		return OK;
	TRY(pdf_text_decode(w->s, value->string, &text));
	*ret_text = text;
	return OK;
}

/* -- comparing -- */

/* Letters that a font does not have are shown as question marks, or left out. */
static bool has_substitutes(const char *shown, const char *held)
{
	bool beyond = false;
	for (const char *c = held; *c; c++)
		beyond |= (unsigned char)*c >= 0x80;
	return beyond && strchr(shown, '?');
}

static enum err differ(
    struct shadow_work *w, const char *shown, const char *held, bool in_part, bool *ret_differ)
{
	char *a, *b;
	*ret_differ = false;
	TRY(unicode_text_letters(w->s, shown, &a));
	TRY(unicode_text_letters(w->s, held, &b));
	if (!a[0] || !b[0] || strcmp(a, b) == 0 || has_substitutes(shown, held))
		return OK;
	const size_t shorter = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
	if ((in_part || shorter >= PART) && (strstr(a, b) || strstr(b, a)))
		return OK;
	*ret_differ = true;
	return OK;
}

static enum err note_difference(struct shadow_work *w, const struct shadow_page *p,
    const struct shadow_annotation *a, const char *shown, const char *held)
{
	char *place, *one, *other, *s, *h;
	TRY(shadow_work_place(w, p, a->ref, &a->rect, &place));
	TRY(unicode_text_fold(w->s, shown, &s));
	TRY(unicode_text_fold(w->s, held, &h));
	TRY(pdf_text_printable(w->s, bytes_cut(bytes_of_str(s), 0, SHOWN_IN_ABOUT), &one));
	TRY(pdf_text_printable(w->s, bytes_cut(bytes_of_str(h), 0, SHOWN_IN_ABOUT), &other));
	return shadow_work_note(
	    w, FINDING_FIELD_SHOWS_OTHER_TEXT, "%s, shows \"%s\", holds \"%s\"", place, one, other);
}

static enum err check_text(
    struct shadow_work *w, const struct shadow_page *p, const struct shadow_annotation *a)
{
	const char *shown, *held;
	bool plain, different;
	int64_t flags;
	if (!a->is_widget || !a->is_shown || a->appearance->kind != PDF_STREAM)
		return OK;
	TRY(is_plain(w, p, a, &plain, &flags));
	if (!plain)
		return OK;
	TRY(held_text(w, p, a, &held));
	if (!held || !held[0])
		return OK;
	TRY(shown_text(w, p, a, &shown));
	if (!shown)
		return OK;
	TRY(differ(w, shown, held, flags & FLAG_MULTILINE, &different));
	return different ? note_difference(w, p, a, shown, held) : OK;
}

/* -- two in one place -- */

static bool is_same_place(const struct pdf_rect *a, const struct pdf_rect *b)
{
	return fabs(a->x0 - b->x0) < SAME_PLACE && fabs(a->y0 - b->y0) < SAME_PLACE &&
	       fabs(a->x1 - b->x1) < SAME_PLACE && fabs(a->y1 - b->y1) < SAME_PLACE;
}

static enum err see_area(void *ctx, const struct pdf_drawing_area *area)
{
	*(bool *)ctx |= area->is_opaque;
	return OK;
}

static enum err see_text(void *ctx, const struct pdf_drawing_text *text)
{
	*(bool *)ctx |= text->is_painted;
	return OK;
}

/* One that cannot be filled in, and that shows something. */
static enum err is_fixed(struct shadow_work *w, const struct shadow_page *p,
    const struct shadow_annotation *a, bool *ret_is)
{
	const struct pdf_drawing_sink sink = { .ctx = ret_is, .text = see_text, .area = see_area };
	const struct pdf_value *flags;
	int64_t n = 0;
	*ret_is = false;
	if (!a->is_widget || a->is_signature || !a->is_shown || a->appearance->kind != PDF_STREAM)
		return OK;
	TRY(shadow_work_inherited(w, p->rev, a->dict, "Ff", &flags));
	if (!pdf_value_integer(flags, &n) || !(n & FLAG_READ_ONLY))
		return OK;
	return pdf_drawing_appearance(p->drawing, a->appearance, &a->rect, &sink);
}

static enum err check_pair(struct shadow_work *w, const struct shadow_page *p,
    const struct shadow_annotation *a, const struct shadow_annotation *b)
{
	bool one, other;
	char *place;
	TRY(is_fixed(w, p, a, &one));
	TRY(is_fixed(w, p, b, &other));
	if (!one || !other)
		return OK;
	TRY(shadow_work_place(w, p, a->ref, &a->rect, &place));
	return shadow_work_note(w, FINDING_FIELDS_IN_ONE_PLACE, "%s", place);
}

static enum err check_places(struct shadow_work *w, const struct shadow_page *p)
{
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; p->annotations[i].is_widget && k < i; k++)
			if (p->annotations[k].is_widget &&
			    is_same_place(&p->annotations[i].rect, &p->annotations[k].rect))
				TRY(check_pair(w, p, &p->annotations[i], &p->annotations[k]));
	return OK;
}

enum err shadow_field_check(struct shadow_work *w, const struct shadow_page *p)
{
	for (size_t i = 0; i < p->n; i++)
		TRY(check_text(w, p, &p->annotations[i]));
	return check_places(w, p);
}
