#include "sealer/look_paint.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_filter.h"
#include "sealer/font_face.h"
#include "sealer/srgb.h"

struct face {
	struct bytes file;
	struct font_face *face; /* opened when it is first asked */
	bool shown;
};

struct look_paint {
	struct scope *s;
	struct pdf_update *update;
	bool opaque;
	struct buf content;
	int colour;         /* that is set, -1: none yet */
	struct face *faces; /* regular ones, then bold ones */
	size_t n_regular, n_faces;
	struct pdf_value *rgb, *gray; /* colour spaces */
	struct pdf_value *images;     /* the resource dictionary's /XObject */
	size_t n_images;
	const struct picture *picture; /* the last one put: number n_images - 1 */
};

static const double colours[][3] = {
	[LOOK_PAINT_WHITE] = { 1, 1, 1 },
	[LOOK_PAINT_BLACK] = { 0, 0, 0 },
	[LOOK_PAINT_INK] = { 0.1, 0.1, 0.12 },
	[LOOK_PAINT_GRAY] = { 0.36, 0.38, 0.42 },
	[LOOK_PAINT_ACCENT] = { 0.1, 0.22, 0.42 },
};

/* -- numbers and operators -- */

/* Thousandths of a point, without the locale's decimal sign. */
static void add_number(struct buf *b, double value)
{
	const double bound = 1e9;
	const double v = value > bound ? bound : value > -bound ? value : -bound;
	const long long n = (long long)(v * 1000 + (v < 0 ? -0.5 : 0.5));
	const unsigned long long size = (unsigned long long)(n < 0 ? -n : n);
	unsigned part = (unsigned)(size % 1000);
	int width = 3;
	for (; width > 0 && part % 10 == 0; width--)
		part /= 10;
	buf_addf(b, "%s%llu", n < 0 ? "-" : "", size / 1000);
	if (width)
		buf_addf(b, ".%0*u", width, part);
	buf_add_byte(b, ' ');
}

static void add_operator(struct buf *b, const double *operands, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		add_number(b, operands[i]);
	buf_add_str(b, name);
	buf_add_byte(b, '\n');
}

static void set_colour(struct look_paint *p, enum look_paint_colour colour)
{
	if (p->colour != (int)colour)
		add_operator(&p->content, colours[colour], 3, "rg");
	p->colour = (int)colour;
}

static void add_rectangle(struct look_paint *p, double x, double y, double w, double h)
{
	add_operator(&p->content, (const double[]){ x, y, w, h }, 4, "re");
}

/* -- what the form has at hand -- */

static enum err make_spaces(struct look_paint *p)
{
	/* The white of D65, as sRGB has it. */
	static const double white[] = { 0.9505, 1, 1.089 };
	struct scope *s = p->s;
	struct bytes icc;
	struct pdf_ref ref;
	struct pdf_value *dict = pdf_value_new_dict(s), *cal = pdf_value_new_dict(s);
	struct pdf_value *point = pdf_value_new_array(s);
	p->rgb = pdf_value_new_array(s);
	p->gray = pdf_value_new_array(s);
	if (!dict || !cal || !point || !p->rgb || !p->gray)
		return ERR_NOMEM;
	TRY(srgb_profile(s, &icc));
	TRY(pdf_value_set(s, dict, "N", pdf_value_new_int(s, 3)));
	TRY(pdf_update_reserve(p->update, &ref));
	TRY(pdf_update_put(p->update, ref, pdf_value_new_stream(s, dict, icc)));
	TRY(pdf_value_append(s, p->rgb, pdf_value_new_name(s, "ICCBased")));
	TRY(pdf_value_append(s, p->rgb, pdf_value_new_ref(s, ref)));
	for (size_t i = 0; i < 3; i++)
		TRY(pdf_value_append(s, point, pdf_value_new_real(s, white[i])));
	TRY(pdf_value_set(s, cal, "WhitePoint", point));
	TRY(pdf_value_set(s, cal, "Gamma", pdf_value_new_real(s, 2.2)));
	TRY(pdf_value_append(s, p->gray, pdf_value_new_name(s, "CalGray")));
	return pdf_value_append(s, p->gray, cal);
}

enum err look_paint_new(struct scope *s, struct pdf_update *update,
    const struct look_paint_fonts *fonts, bool opaque, struct look_paint **ret_paint)
{
	struct look_paint *p = scope_alloc(s, sizeof(*p));
	const size_t n = fonts->n_regular + fonts->n_bold;
	if (!p)
		return ERR_NOMEM;
	if (fonts->n_regular == 0)
		return scope_fault(s, ERR_MISUSE, "a visible seal needs a font");
	*p = (struct look_paint){ .s = s,
		.update = update,
		.opaque = opaque,
		.colour = -1,
		.content = buf_new(s, LIMIT_LOOK_CONTENT),
		.n_regular = fonts->n_regular,
		.n_faces = n,
		.faces = scope_alloc_array(s, n, sizeof(*p->faces)),
		.images = pdf_value_new_dict(s) };
	if (!p->faces || !p->images)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		p->faces[i].file =
		    i < fonts->n_regular ? fonts->regular[i] : fonts->bold[i - fonts->n_regular];
	*ret_paint = p;
	return make_spaces(p);
}

/* -- text -- */

static enum err missing_in(
    struct look_paint *p, struct face *f, const char *text, uint32_t *ret_missing)
{
	if (!f->face)
		TRY(font_face_open(p->s, f->file, &f->face));
	return font_face_missing(p->s, f->face, text, ret_missing);
}

static enum err find_face(
    struct look_paint *p, enum look_paint_weight weight, const char *text, struct face **ret_face)
{
	uint32_t missing, first = 0;
	for (size_t i = p->n_regular; weight == LOOK_PAINT_BOLD && i < p->n_faces; i++) {
		*ret_face = &p->faces[i];
		TRY(missing_in(p, &p->faces[i], text, &missing));
		if (!missing)
			return OK;
	}
	for (size_t i = 0; i < p->n_regular; i++) {
		*ret_face = &p->faces[i];
		TRY(missing_in(p, &p->faces[i], text, &missing));
		if (!missing)
			return OK;
		first = first ? first : missing;
	}
	return scope_fault(p->s, ERR_UNSUPPORTED,
	    "the seal's look: no font has the character U+%04X of \"%s\"", first, text);
}

enum err look_paint_measure(
    struct look_paint *p, enum look_paint_weight weight, const char *text, double *ret_width)
{
	struct face *f;
	TRY(find_face(p, weight, text, &f));
	return font_face_measure(p->s, f->face, text, ret_width);
}

enum err look_paint_measure_height(struct look_paint *p, enum look_paint_weight weight,
    const char *text, struct look_paint_metrics *ret_metrics)
{
	struct face *f;
	TRY(find_face(p, weight, text, &f));
	const struct font_face_metrics m = font_face_metrics(f->face);
	*ret_metrics =
	    (struct look_paint_metrics){ m.ascent / 1000, -m.descent / 1000, m.cap_height / 1000 };
	return OK;
}

enum err look_paint_text(struct look_paint *p, enum look_paint_weight weight,
    enum look_paint_colour colour, double size, double x, double y, const char *text)
{
	struct face *f;
	if (!text[0])
		return OK;
	TRY(find_face(p, weight, text, &f));
	set_colour(p, colour);
	buf_addf(&p->content, "BT /F%zu ", (size_t)(f - p->faces));
	add_operator(&p->content, &size, 1, "Tf");
	add_operator(&p->content, (const double[]){ x, y }, 2, "Td");
	TRY(font_face_show(p->s, f->face, text, size, &p->content));
	buf_add_str(&p->content, "\nET\n");
	f->shown = true;
	return OK;
}

/* -- shapes -- */

void look_paint_fill(
    struct look_paint *p, enum look_paint_colour colour, double x, double y, double w, double h)
{
	set_colour(p, colour);
	add_rectangle(p, x, y, w, h);
	buf_add_str(&p->content, "f\n");
}

void look_paint_frame(struct look_paint *p, enum look_paint_colour colour, double line, double x,
    double y, double w, double h)
{
	set_colour(p, colour);
	add_rectangle(p, x, y, w, h);
	add_rectangle(p, x + line, y + line, w - 2 * line, h - 2 * line);
	buf_add_str(&p->content, "f*\n");
}

static enum err put_picture(struct look_paint *p, const struct picture *picture)
{
	struct scope *s = p->s;
	struct pdf_ref image;
	struct bytes name;
	char text[24];
	const int n = snprintf(text, sizeof(text), "I%zu", p->n_images);
	TRY(picture_put(s, picture, p->update, p->opaque, p->rgb, p->gray, &image));
	TRY(bytes_copy(s, bytes_of(text, (size_t)n + 1), &name));
	TRY(pdf_value_set(s, p->images, (const char *)name.p, pdf_value_new_ref(s, image)));
	p->picture = picture;
	p->n_images++;
	return OK;
}

enum err look_paint_picture(
    struct look_paint *p, const struct picture *picture, double x, double y, double w, double h)
{
	if (p->picture != picture)
		TRY(put_picture(p, picture));
	buf_add_str(&p->content, "q\n");
	add_operator(&p->content, (const double[]){ w, 0, 0, h, x, y }, 6, "cm");
	buf_addf(&p->content, "/I%zu Do\nQ\n", p->n_images - 1);
	return OK;
}

/* One path, so that no seams show where rectangles meet. */
void look_paint_barcode(struct look_paint *p, const struct barcode *barcode, double x, double y,
    double module_w, double module_h)
{
	const double top = y + barcode->height * module_h;
	set_colour(p, LOOK_PAINT_BLACK);
	for (size_t i = 0; i < barcode->n; i++) {
		const struct barcode_rect *r = &barcode->bar[i];
		add_rectangle(p, x + r->x * module_w, top - (r->y + r->h) * module_h,
		    r->w * module_w, r->h * module_h);
	}
	buf_add_str(&p->content, barcode->n ? "f\n" : "");
}

void look_paint_turn(struct look_paint *p, double width)
{
	add_operator(&p->content, (const double[]){ 0, 1, -1, 0, width, 0 }, 6, "cm");
}

/* -- the form -- */

static enum err put_fonts(struct look_paint *p, struct pdf_value *resources)
{
	struct scope *s = p->s;
	struct pdf_value *fonts = pdf_value_new_dict(s);
	if (!fonts)
		return ERR_NOMEM;
	for (size_t i = 0; i < p->n_faces; i++) {
		char text[24];
		struct pdf_ref ref;
		struct bytes name;
		if (!p->faces[i].shown)
			continue;
		const int n = snprintf(text, sizeof(text), "F%zu", i);
		TRY(font_face_put(s, p->faces[i].face, p->update, &ref));
		TRY(bytes_copy(s, bytes_of(text, (size_t)n + 1), &name));
		TRY(pdf_value_set(s, fonts, (const char *)name.p, pdf_value_new_ref(s, ref)));
	}
	return fonts->dict.n ? pdf_value_set(s, resources, "Font", fonts) : OK;
}

static enum err make_resources(struct look_paint *p, struct pdf_value **ret_resources)
{
	struct scope *s = p->s;
	struct pdf_value *r = pdf_value_new_dict(s), *spaces = pdf_value_new_dict(s);
	if (!r || !spaces)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, spaces, "DefaultRGB", p->rgb));
	TRY(pdf_value_set(s, spaces, "DefaultGray", p->gray));
	TRY(pdf_value_set(s, r, "ColorSpace", spaces));
	TRY(put_fonts(p, r));
	if (p->n_images)
		TRY(pdf_value_set(s, r, "XObject", p->images));
	*ret_resources = r;
	return OK;
}

static enum err set_numbers(
    struct scope *s, struct pdf_value *dict, const char *key, const double *numbers, size_t n)
{
	struct pdf_value *array = pdf_value_new_array(s);
	if (!array)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		TRY(pdf_value_append(s, array, pdf_value_new_real(s, numbers[i])));
	return pdf_value_set(s, dict, key, array);
}

enum err look_paint_close(
    struct look_paint *p, const struct placement_spot *spot, struct pdf_ref *ret_form)
{
	struct scope *s = p->s;
	struct pdf_value *dict = pdf_value_new_dict(s), *resources;
	struct bytes content;
	if (!dict)
		return ERR_NOMEM;
	const double box[] = { 0, 0, spot->width, spot->height };
	TRY(make_resources(p, &resources));
	TRY(buf_done(&p->content, &content));
	TRY(pdf_filter_deflate(s, content, &content));
	TRY(pdf_value_set(s, dict, "Filter", pdf_value_new_name(s, "FlateDecode")));
	TRY(pdf_value_set(s, dict, "Type", pdf_value_new_name(s, "XObject")));
	TRY(pdf_value_set(s, dict, "Subtype", pdf_value_new_name(s, "Form")));
	TRY(set_numbers(s, dict, "BBox", box, 4));
	TRY(set_numbers(s, dict, "Matrix", spot->matrix, 6));
	TRY(pdf_value_set(s, dict, "Resources", resources));
	TRY(pdf_update_reserve(p->update, ret_form));
	return pdf_update_put(p->update, *ret_form, pdf_value_new_stream(s, dict, content));
}
