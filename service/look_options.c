#include "service/look_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/look_fonts.h"
#include "service/page_text.h"

enum err look_options_new(struct scope *s, int argc, struct look_options *ret_options)
{
	struct look_options o = { .given = false };
	TRY(options_list_new(s, argc, &o.fonts));
	TRY(options_list_new(s, argc, &o.bold_fonts));
	*ret_options = o;
	return OK;
}

/* -- values -- */

/* "1" and up, or "last". */
static bool read_page(const char *text, const char **ret_rest, int *ret_page)
{
	char *end;
	if (!strncmp(text, "last", 4)) {
		*ret_page = -1;
		*ret_rest = text + 4;
		return true;
	}
	errno = 0;
	const long n = strtol(text, &end, 10);
	if (errno || end == text || (n < 1 && n != -1) || n > LIMIT_PDF_PAGES)
		return false;
	*ret_page = (int)n;
	*ret_rest = end;
	return true;
}

/* Points, plain decimals with a comma before each. */
static bool read_points(const char *text, double *ret_points, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *end;
		if (*text++ != ',' || !strchr("-.0123456789", *text) || !*text ||
		    strspn(text, "-.0123456789") != strcspn(text, ","))
			return false;
		ret_points[i] = strtod(text, &end);
		if (end == text || (*end && *end != ','))
			return false;
		text = end;
	}
	return *text == '\0';
}

static bool read_visible(const char *text, struct placement *place)
{
	double v[4];
	if (!read_page(text, &text, &place->page))
		return false;
	place->has_box = *text != '\0';
	if (!place->has_box)
		return true;
	if (!read_points(text, v, 4))
		return false;
	place->box = (struct placement_box){ v[0], v[1], v[2], v[3] };
	return true;
}

static bool read_size(const char *text, struct placement *place)
{
	double h = 0;
	const char *comma = strchr(text, ',');
	char w_text[32] = ",";
	if (!comma || comma - text > 28 || !read_points(comma, &h, 1))
		return false;
	memcpy(w_text + 1, text, (size_t)(comma - text));
	if (!read_points(w_text, &place->box.w, 1) || !(place->box.w > 0 && h > 0))
		return false;
	place->box.h = h;
	place->has_box = true;
	return true;
}

static bool read_side(const char *text, enum placement_side *ret_side)
{
	static const char *const names[] = { [PLACEMENT_SIDE_RIGHT] = "right",
		[PLACEMENT_SIDE_BELOW] = "below",
		[PLACEMENT_SIDE_OVER] = "over" };
	for (size_t i = PLACEMENT_SIDE_RIGHT; i <= PLACEMENT_SIDE_OVER; i++)
		if (!strcmp(text, names[i])) {
			*ret_side = (enum placement_side)i;
			return true;
		}
	return false;
}

/* "UTC" or "+02:00" */
static bool read_zone(const char *text, int *ret_minutes)
{
	static const char form[] = "s00:00";
	*ret_minutes = 0;
	if (!strcmp(text, "UTC"))
		return true;
	for (size_t i = 0; i < sizeof(form); i++) {
		const bool digit = text[i] >= '0' && text[i] <= '9';
		if (form[i] == 's' ? text[i] != '+' && text[i] != '-'
				   : (form[i] == '0' ? !digit : text[i] != form[i]))
			return false;
	}
	const int hours = (text[1] - '0') * 10 + text[2] - '0';
	const int minutes = (text[4] - '0') * 10 + text[5] - '0';
	*ret_minutes = (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
	return hours <= 14 && minutes < 60;
}

/* -- options -- */

static int take_named(struct look_options *o, const char *verb, int option, const char *value)
{
	switch (option) {
	case LOOK_OPTIONS_LOOK:
		o->has_look = true;
		if (!look_template_of_name(value, &o->look.look))
			return diagnostic_usage("%s: --look %s: none of text, picture, both, "
						"official, strip, code",
			    verb, value);
		break;
	case LOOK_OPTIONS_LANG:
		if (!look_words_language_of_tag(value, &o->look.language))
			return diagnostic_usage(
			    "%s: --look-lang %s: none of en, hu, az, tr, uk, vi", verb, value);
		break;
	case LOOK_OPTIONS_BARCODE:
		if (!barcode_kind_of_name(value, &o->look.barcode))
			return diagnostic_usage(
			    "%s: --barcode %s: none of qr, pdf417, code128", verb, value);
		break;
	case LOOK_OPTIONS_ANCHOR_SIDE:
		if (!read_side(value, &o->look.place.side))
			return diagnostic_usage(
			    "%s: --anchor-side %s: none of right, below, over", verb, value);
		break;
	default:
		return EXIT_STATUS_INTERNAL;
	}
	return EXIT_STATUS_DONE;
}

static int take_measured(struct look_options *o, const char *verb, int option, const char *value)
{
	const char *rest;
	switch (option) {
	case LOOK_OPTIONS_VISIBLE:
		if (!read_visible(value, &o->look.place))
			return diagnostic_usage(
			    "%s: --visible %s: not PAGE or PAGE,X,Y,W,H", verb, value);
		break;
	case LOOK_OPTIONS_ANCHOR_PAGE:
		if (!read_page(value, &rest, &o->anchor_page) || *rest)
			return diagnostic_usage("%s: --anchor-page %s: not a page", verb, value);
		break;
	case LOOK_OPTIONS_ANCHOR_SIZE:
		if (!read_size(value, &o->look.place))
			return diagnostic_usage("%s: --anchor-size %s: not W,H", verb, value);
		break;
	case LOOK_OPTIONS_ZONE:
		if (!read_zone(value, &o->look.zone_minutes))
			return diagnostic_usage(
			    "%s: --look-zone %s: not UTC or like +02:00", verb, value);
		break;
	default:
		return take_named(o, verb, option, value);
	}
	return EXIT_STATUS_DONE;
}

int look_options_take(struct look_options *o, const char *verb, int option, const char *value)
{
	o->given = true;
	switch (option) {
	case LOOK_OPTIONS_ANCHOR:
		o->anchor = value;
		break;
	case LOOK_OPTIONS_PICTURE:
		o->picture = value;
		break;
	case LOOK_OPTIONS_BARCODE_DATA:
		o->barcode_data = value;
		break;
	case LOOK_OPTIONS_BARCODE_TEXT:
		o->barcode_text = value;
		break;
	case LOOK_OPTIONS_NOTE:
		o->look.note = value;
		break;
	case LOOK_OPTIONS_FONT:
		options_list_add(&o->fonts, value);
		break;
	case LOOK_OPTIONS_FONT_BOLD:
		options_list_add(&o->bold_fonts, value);
		break;
	default:
		return take_measured(o, verb, option, value);
	}
	return EXIT_STATUS_DONE;
}

int look_options_check(const struct look_options *o, const char *verb)
{
	const struct placement *place = &o->look.place;
	const bool has_data = o->barcode_data || o->barcode_text;
	if (o->anchor && place->page)
		return diagnostic_usage("%s: --anchor and --visible exclude each other", verb);
	if (o->anchor && !o->anchor[0])
		return diagnostic_usage("%s: --anchor: an empty text is everywhere", verb);
	if (!o->anchor && (o->anchor_page || place->side != PLACEMENT_SIDE_NONE ||
			      (place->has_box && !place->page)))
		return diagnostic_usage(
		    "%s: --anchor-side, --anchor-page and --anchor-size go with --anchor", verb);
	if (o->barcode_data && o->barcode_text)
		return diagnostic_usage(
		    "%s: --barcode-data and --barcode-text exclude each other", verb);
	if (o->look.barcode != BARCODE_KIND_NONE && !has_data)
		return diagnostic_usage(
		    "%s: --barcode needs --barcode-data FILE or --barcode-text TEXT", verb);
	if (o->look.barcode == BARCODE_KIND_NONE && has_data)
		return diagnostic_usage(
		    "%s: --barcode-data and --barcode-text go with --barcode", verb);
	return EXIT_STATUS_DONE;
}

/* -- files -- */

static enum err read_fonts(
    struct scope *s, const struct options_list *list, const struct bytes **ret_fonts)
{
	struct bytes *fonts = scope_alloc_array(s, list->n + 1, sizeof(*fonts));
	if (!fonts)
		return ERR_NOMEM;
	for (size_t i = 0; i < list->n; i++)
		TRY(input_file_read(s, list->item[i], LIMIT_FONT_FILE, &fonts[i]));
	*ret_fonts = fonts;
	return OK;
}

/* The usual fonts come in where none is given; bold ones only beside the usual regular one. */
static enum err load_fonts(struct scope *s, struct look_options *o)
{
	struct look_paint_fonts *f = &o->look.fonts;
	struct bytes *usual = scope_alloc_array(s, 2, sizeof(*usual));
	if (!usual)
		return ERR_NOMEM;
	TRY(read_fonts(s, &o->fonts, &f->regular));
	TRY(read_fonts(s, &o->bold_fonts, &f->bold));
	f->n_regular = o->fonts.n;
	f->n_bold = o->bold_fonts.n;
	if (f->n_regular)
		return OK;
	TRY(look_fonts_regular(s, &usual[0]));
	f->regular = &usual[0];
	f->n_regular = 1;
	if (f->n_bold)
		return OK;
	TRY(look_fonts_bold(s, &usual[1]));
	f->bold = &usual[1];
	f->n_bold = usual[1].n > 0;
	return OK;
}

enum err look_options_apply(struct scope *s, struct look_options *o, struct seal_request *request)
{
	if (!o->given)
		return OK;
	if (!o->has_look && o->picture)
		o->look.look = LOOK_TEMPLATE_BOTH;
	if (o->picture)
		TRY(input_file_read(s, o->picture, LIMIT_PICTURE_FILE, &o->look.picture));
	o->look.barcode_data = bytes_of_str(o->barcode_text);
	if (o->barcode_data)
		TRY(input_file_read(s, o->barcode_data, LIMIT_BARCODE_DATA, &o->look.barcode_data));
	TRY(load_fonts(s, o));
	request->look = &o->look;
	return OK;
}

enum err look_options_find_anchor(
    struct scope *s, struct look_options *o, const struct input_file *in, struct bytes password)
{
	const struct page_text_request request = { .name = in->name,
		.content = in->bytes,
		.password = password,
		.wanted = o->anchor,
		.page = o->anchor_page };
	struct placement *place = &o->look.place;
	struct page_text_place at;
	if (!o->anchor)
		return OK;
	TRY(page_text_find(s, &request, &at));
	place->page = at.page;
	place->anchor = (struct placement_box){ at.x, at.y, at.w, at.h };
	if (place->side == PLACEMENT_SIDE_NONE)
		place->side = PLACEMENT_SIDE_RIGHT;
	return OK;
}
