#include "formats/pdf_drawing.h"

#include <string.h>

#include "base/scope.h"
#include "formats/pdf_drawing_state.h"
#include "formats/pdf_field.h"

#define DRAWING_COST 100                   /* operators that beginning a drawing is worth */
#define DRAWING_MEMORY ((size_t)512 << 20) /* of one page: its decoded streams */

static const struct pdf_drawing_matrix identity = { 1, 0, 0, 1, 0, 0 };

double pdf_drawing_number(const struct pdf_drawing_run *r, size_t i)
{
	return i < r->content->n ? r->content->operand[i].number : 0;
}

static enum err find(const struct pdf_drawing *d, const struct pdf_value *v, const char *key,
    const struct pdf_value **ret_value)
{
	return pdf_field_find(d->s, d->f, d->rev, v, key, NULL, ret_value);
}

enum err pdf_drawing_resource(struct pdf_drawing_run *r, const char *kind, struct bytes name,
    const struct pdf_value **ret_value)
{
	const struct pdf_value *all;
	char key[128];
	*ret_value = &pdf_value_null;
	if (name.n >= sizeof(key) || memchr(name.p, '#', name.n))
		return OK;
	memcpy(key, name.p, name.n);
	key[name.n] = '\0';
	TRY(find(r->d, r->resources, kind, &all));
	return find(r->d, all, key, ret_value);
}

enum err pdf_drawing_font(
    struct pdf_drawing *d, const struct pdf_value *dict, const struct pdf_font **ret_font)
{
	struct pdf_font *font;
	*ret_font = NULL;
	for (size_t i = 0; i < d->n_fonts; i++)
		if (d->fonts[i].dict == dict) {
			*ret_font = d->fonts[i].font;
			return OK;
		}
	if (dict->kind != PDF_DICT || d->n_fonts == PDF_DRAWING_FONTS)
		return OK;
	TRY(pdf_font_open(d->s, d->f, d->rev, dict, &font));
	d->fonts[d->n_fonts++] = (struct pdf_drawing_font){ dict, font };
	*ret_font = font;
	return OK;
}

/* -- paths: rectangles are kept, of the others their bounds -- */

static void end_path(struct pdf_drawing_run *r)
{
	if (r->will_clip && r->has_path) {
		const bool exact = r->n_rects == 1 && !r->is_path_other;
		r->now.clip = pdf_pages_meet(&r->now.clip, &r->bounds);
		r->now.is_clip_exact &= exact;
	}
	r->n_rects = 0;
	r->has_path = r->is_path_other = r->will_clip = false;
}

static void widen(struct pdf_drawing_run *r, const struct pdf_rect *by)
{
	struct pdf_rect *b = &r->bounds;
	if (!r->has_path)
		*b = *by;
	b->x0 = by->x0 < b->x0 ? by->x0 : b->x0;
	b->y0 = by->y0 < b->y0 ? by->y0 : b->y0;
	b->x1 = by->x1 > b->x1 ? by->x1 : b->x1;
	b->y1 = by->y1 > b->y1 ? by->y1 : b->y1;
	r->has_path = true;
}

static void add_rect(struct pdf_drawing_run *r)
{
	const double x = pdf_drawing_number(r, 0), y = pdf_drawing_number(r, 1);
	const double w = pdf_drawing_number(r, 2), h = pdf_drawing_number(r, 3);
	const struct pdf_rect own = { x, y, x + w, y + h };
	const struct pdf_rect box = pdf_drawing_matrix_bounds(&r->now.ctm, &own);
	widen(r, &box);
	if (r->n_rects < PDF_DRAWING_RECTS && pdf_drawing_matrix_is_straight(&r->now.ctm))
		r->rects[r->n_rects++] = box;
	else
		r->is_path_other = true;
}

/* m, l, c, v, y: all their points. */
static void add_points(struct pdf_drawing_run *r)
{
	for (size_t i = 0; i + 1 < r->content->n; i += 2) {
		const double x = pdf_drawing_number(r, i), y = pdf_drawing_number(r, i + 1);
		const struct pdf_rect own = { x, y, x, y };
		const struct pdf_rect box = pdf_drawing_matrix_bounds(&r->now.ctm, &own);
		widen(r, &box);
	}
	r->is_path_other = true;
}

static enum err tell_area(
    struct pdf_drawing_run *r, const struct pdf_rect *box, bool opaque, bool is_image)
{
	const struct pdf_drawing_state *g = &r->now;
	const struct pdf_drawing_area area = { .box = pdf_pages_meet(box, &g->clip),
		.is_opaque = opaque && g->alpha >= 1 && !g->is_blended && g->is_clip_exact &&
			     r->marks < r->optional_from,
		.is_image = is_image };
	return r->sink->area && pdf_pages_area(&area.box) > 0 ? r->sink->area(r->sink->ctx, &area)
							      : OK;
}

/* A path of rectangles alone; with even-odd filling, or one in another, some may stay open. */
static enum err fill(struct pdf_drawing_run *r, bool even_odd)
{
	for (size_t i = 0; i < r->n_rects && !r->is_path_other; i++)
		TRY(tell_area(
		    r, &r->rects[i], !r->now.is_pattern && (r->n_rects == 1 || !even_odd), false));
	return OK;
}

static enum err path_operator(struct pdf_drawing_run *r, bool *ret_was)
{
	const struct bytes name = r->content->name;
	const bool starred = name.n == 2 && name.p[1] == '*';
	*ret_was = true;
	if (name.n == 2 && name.p[0] == 'r' && name.p[1] == 'e') {
		add_rect(r);
		return OK;
	}
	*ret_was = name.n == 1 || starred;
	if (!*ret_was)
		return OK;
	switch (name.p[0]) {
	case 'm':
	case 'l':
	case 'c':
	case 'v':
	case 'y':
		add_points(r);
		return OK;
	case 'W':
		r->will_clip = true;
		return OK;
	case 'f':
	case 'F':
	case 'B':
	case 'b':
		TRY(fill(r, starred));
		end_path(r);
		return OK;
	case 'n':
	case 'S':
	case 's':
		end_path(r);
		return OK;
	default:
		*ret_was = false;
		return OK;
	}
}

/* -- the graphics state -- */

static void save(struct pdf_drawing_run *r)
{
	if (r->n_saved < LIMIT_PDF_GRAPHICS_STATES)
		r->saved[r->n_saved] = r->now;
	r->n_saved++;
}

static void restore(struct pdf_drawing_run *r)
{
	if (r->n_saved == 0)
		return;
	r->n_saved--;
	if (r->n_saved < LIMIT_PDF_GRAPHICS_STATES)
		r->now = r->saved[r->n_saved];
}

static void transform(struct pdf_drawing_run *r)
{
	double n[6];
	for (size_t i = 0; i < 6; i++)
		n[i] = pdf_drawing_number(r, i);
	const struct pdf_drawing_matrix m = { n[0], n[1], n[2], n[3], n[4], n[5] };
	r->now.ctm = pdf_drawing_matrix_of(&m, &r->now.ctm);
}

/* /ca, /BM, /SMask, /Font of an ExtGState (8.4.5). */
static enum err set_state(struct pdf_drawing_run *r)
{
	const struct pdf_value *gs, *alpha, *mode, *mask, *font, *dict;
	double n;
	if (r->content->n == 0 || r->content->operand[0].kind != PDF_CONTENT_NAME)
		return OK;
	TRY(pdf_drawing_resource(r, "ExtGState", r->content->operand[0].text, &gs));
	TRY(find(r->d, gs, "ca", &alpha));
	TRY(find(r->d, gs, "BM", &mode));
	TRY(find(r->d, gs, "SMask", &mask));
	TRY(find(r->d, gs, "Font", &font));
	if (pdf_value_number(alpha, &n))
		r->now.alpha = n;
	const bool blended = mode->kind == PDF_ARRAY ||
			     (mode->kind == PDF_NAME && !pdf_value_is_name(mode, "Normal") &&
				 !pdf_value_is_name(mode, "Compatible"));
	if (mode->kind != PDF_NULL || mask->kind != PDF_NULL)
		r->now.is_blended = blended || mask->kind == PDF_DICT;
	if (font->kind != PDF_ARRAY || font->array.n < 2)
		return OK;
	TRY(pdf_field_resolve(r->d->s, r->d->f, r->d->rev, font->array.item[0], NULL, NULL, &dict));
	if (pdf_value_number(font->array.item[1], &n))
		r->now.size = n;
	return pdf_drawing_font(r->d, dict, &r->now.font);
}

/* -- marked content -- */

static void begin_mark(struct pdf_drawing_run *r)
{
	const struct pdf_content_operand *o = r->content->operand;
	if (r->optional_from == SIZE_MAX && r->content->n > 0 && o->kind == PDF_CONTENT_NAME &&
	    bytes_equal_str(o->text, "OC"))
		r->optional_from = r->marks + 1;
	r->marks++;
}

static void end_mark(struct pdf_drawing_run *r)
{
	if (r->marks == 0)
		return;
	if (r->marks-- == r->optional_from)
		r->optional_from = SIZE_MAX;
}

/* -- XObjects -- */

static enum err is_opaque_image(struct pdf_drawing *d, const struct pdf_value *image, bool *ret_is)
{
	const struct pdf_value *soft, *mask, *stencil, *in_data;
	int64_t n;
	TRY(find(d, image, "SMask", &soft));
	TRY(find(d, image, "Mask", &mask));
	TRY(find(d, image, "ImageMask", &stencil));
	TRY(find(d, image, "SMaskInData", &in_data));
	*ret_is = soft->kind == PDF_NULL && mask->kind == PDF_NULL &&
		  !(stencil->kind == PDF_BOOL && stencil->boolean) &&
		  !(pdf_value_integer(in_data, &n) && n != 0);
	return OK;
}

static enum err paint_image(struct pdf_drawing_run *r, const struct pdf_value *image)
{
	static const struct pdf_rect unit = { 0, 0, 1, 1 };
	const struct pdf_rect box = pdf_drawing_matrix_bounds(&r->now.ctm, &unit);
	bool opaque;
	TRY(is_opaque_image(r->d, image, &opaque));
	return tell_area(r, &box, opaque && pdf_drawing_matrix_is_straight(&r->now.ctm), true);
}

static enum err run(struct pdf_drawing_run *r, struct bytes data);

/* NULL when out of memory. */
static struct pdf_drawing_run *new_run(struct pdf_drawing *d)
{
	struct pdf_drawing_run *r = scope_alloc(d->s, sizeof(*r));
	struct pdf_content *c = pdf_content_new(d->s, BYTES_NONE);
	if (!r || !c)
		return NULL;
	r->d = d;
	r->content = c;
	return r;
}

/* Makes a run ready for another content stream. */
static void reset(struct pdf_drawing_run *r, struct scope *apart,
    const struct pdf_drawing_sink *sink, const struct pdf_drawing_state *from)
{
	r->apart = apart;
	r->sink = sink;
	r->now = *from;
	r->resources = &pdf_value_null;
	r->n_saved = r->n_rects = r->marks = 0;
	r->has_path = r->is_path_other = r->will_clip = false;
	r->optional_from = SIZE_MAX;
}

/* A content stream of its own, in a state that begins as `from`. What it needs is kept for the next
 * one at the same depth. */
static enum err run_below(struct pdf_drawing_run *up, const struct pdf_drawing_state *from,
    struct bytes data, const struct pdf_value *resources)
{
	if (!up->below)
		up->below = new_run(up->d);
	struct pdf_drawing_run *r = up->below;
	if (!r)
		return ERR_NOMEM;
	reset(r, up->apart, up->sink, from);
	r->depth = up->depth + 1;
	r->resources = resources->kind == PDF_DICT ? resources : up->resources;
	r->optional_from = up->marks < up->optional_from ? SIZE_MAX : 0;
	return run(r, data);
}

static enum err matrix_of(
    struct pdf_drawing *d, const struct pdf_value *form, struct pdf_drawing_matrix *ret_matrix)
{
	const struct pdf_value *array;
	double n[6] = { 1, 0, 0, 1, 0, 0 };
	TRY(find(d, form, "Matrix", &array));
	for (size_t i = 0; array->kind == PDF_ARRAY && array->array.n == 6 && i < 6; i++)
		if (!pdf_value_number(array->array.item[i], &n[i]))
			n[i] = 0;
	*ret_matrix = (struct pdf_drawing_matrix){ n[0], n[1], n[2], n[3], n[4], n[5] };
	return OK;
}

/* Octets that cannot be read, or that the budget does not have, are none. */
static void read_stream(
    struct pdf_drawing *d, struct scope *apart, const struct pdf_value *v, struct bytes *ret_data)
{
	*ret_data = BYTES_NONE;
	for (size_t i = 0; i < d->n_forms; i++)
		if (d->forms[i].stream == v) {
			*ret_data = d->forms[i].data;
			return;
		}
	if (v->kind != PDF_STREAM || v->stream.raw.n > d->budget->raw) {
		d->is_cut |= v->kind == PDF_STREAM;
		return;
	}
	d->budget->raw -= v->stream.raw.n;
	const bool had_fault = scope_fault_code(d->s) != OK;
	const enum err err = pdf_file_stream_data_apart(d->s, apart, d->f, d->rev, v, ret_data);
	if (!had_fault)
		scope_forgive(d->s);
	scope_forgive(apart);
	if (err != OK)
		*ret_data = BYTES_NONE;
	d->is_cut |= err == ERR_NOMEM || err == ERR_LIMIT;
	if (d->n_forms < PDF_DRAWING_FORMS)
		d->forms[d->n_forms++] = (struct pdf_drawing_decoded){ v, *ret_data };
}

static enum err paint_form(struct pdf_drawing_run *r, const struct pdf_value *form)
{
	const struct pdf_value *box, *resources;
	struct pdf_drawing_state from = r->now;
	struct pdf_drawing_matrix m;
	struct pdf_rect bounds;
	struct bytes data;
	bool is;
	if (r->depth == LIMIT_PDF_FORMS_DEPTH)
		return OK;
	TRY(matrix_of(r->d, form, &m));
	from.ctm = pdf_drawing_matrix_of(&m, &from.ctm);
	TRY(find(r->d, form, "BBox", &box));
	TRY(find(r->d, form, "Resources", &resources));
	TRY(pdf_pages_rect(r->d->s, r->d->f, r->d->rev, box, &is, &bounds));
	if (is) {
		bounds = pdf_drawing_matrix_bounds(&from.ctm, &bounds);
		from.clip = pdf_pages_meet(&from.clip, &bounds);
		from.is_clip_exact &= pdf_drawing_matrix_is_straight(&from.ctm);
	}
	read_stream(r->d, r->apart, form, &data);
	return run_below(r, &from, data, resources);
}

static enum err paint_object(struct pdf_drawing_run *r)
{
	const struct pdf_value *v;
	if (r->content->n == 0 || r->content->operand[0].kind != PDF_CONTENT_NAME)
		return OK;
	TRY(pdf_drawing_resource(r, "XObject", r->content->operand[0].text, &v));
	if (v->kind != PDF_STREAM || pdf_value_find(v, "OC"))
		return OK;
	if (pdf_value_is_name(pdf_value_find(v, "Subtype"), "Image"))
		return paint_image(r, v);
	return pdf_value_is_name(pdf_value_find(v, "Subtype"), "Form") ? paint_form(r, v) : OK;
}

/* -- operators -- */

static enum err other_operator(struct pdf_drawing_run *r)
{
	const struct pdf_content *c = r->content;
	if (pdf_content_is(c, "q"))
		save(r);
	else if (pdf_content_is(c, "Q"))
		restore(r);
	else if (pdf_content_is(c, "cm"))
		transform(r);
	else if (pdf_content_is(c, "gs"))
		return set_state(r);
	else if (pdf_content_is(c, "Do"))
		return paint_object(r);
	else if (pdf_content_is(c, "BDC") || pdf_content_is(c, "BMC"))
		begin_mark(r);
	else if (pdf_content_is(c, "EMC"))
		end_mark(r);
	else if (pdf_content_is(c, "g") || pdf_content_is(c, "rg") || pdf_content_is(c, "k"))
		r->now.is_pattern = false;
	else if (pdf_content_is(c, "sc") || pdf_content_is(c, "scn"))
		r->now.is_pattern = c->n > 0 && c->operand[c->n - 1].kind == PDF_CONTENT_NAME;
	return OK;
}

static enum err run(struct pdf_drawing_run *r, struct bytes data)
{
	r->content->data = data;
	r->content->at = 0;
	while (pdf_content_next(r->content)) {
		bool was = false;
		if (r->d->budget->operators == 0) {
			r->d->is_cut = true;
			return OK;
		}
		r->d->budget->operators--;
		TRY(pdf_drawing_text_operator(r, &was));
		if (!was)
			TRY(path_operator(r, &was));
		if (!was)
			TRY(other_operator(r));
	}
	return OK;
}

/* -- the way in -- */

enum err pdf_drawing_new(struct scope *s, const struct pdf_file *f, size_t rev,
    struct pdf_drawing_budget *budget, struct pdf_drawing **ret_drawing)
{
	struct pdf_drawing *d = scope_alloc(s, sizeof(*d));
	if (!d)
		return ERR_NOMEM;
	d->s = s;
	d->f = f;
	d->rev = rev;
	d->budget = budget;
	*ret_drawing = d;
	return OK;
}

bool pdf_drawing_is_complete(const struct pdf_drawing *d)
{
	return !d->is_cut;
}

/* For one drawing, which costs something even where nothing is painted; NULL when out of memory. */
static struct scope *begin(struct pdf_drawing *d)
{
	d->n_forms = 0;
	d->budget->operators -=
	    d->budget->operators < DRAWING_COST ? d->budget->operators : DRAWING_COST;
	return scope_new(DRAWING_MEMORY);
}

static enum err begin_run(struct pdf_drawing *d, struct scope *apart, const struct pdf_rect *clip,
    const struct pdf_drawing_sink *sink, struct pdf_drawing_run **ret_run)
{
	const struct pdf_drawing_state from = {
		.ctm = identity, .clip = *clip, .is_clip_exact = true, .alpha = 1, .scale = 1
	};
	if (!d->top)
		d->top = new_run(d);
	if (!d->top || !apart)
		return scope_fault(d->s, ERR_NOMEM, "out of memory");
	reset(d->top, apart, sink, &from);
	*ret_run = d->top;
	return OK;
}

static enum err run_content(struct pdf_drawing *d, struct scope *apart, struct bytes content,
    const struct pdf_value *resources, const struct pdf_rect *clip,
    const struct pdf_drawing_sink *sink)
{
	struct pdf_drawing_run *r;
	TRY(begin_run(d, apart, clip, sink, &r));
	r->resources = resources;
	return run(r, content);
}

enum err pdf_drawing_content(struct pdf_drawing *d, struct bytes content,
    const struct pdf_value *resources, const struct pdf_rect *clip,
    const struct pdf_drawing_sink *sink)
{
	struct scope *apart = begin(d);
	const enum err err = run_content(d, apart, content, resources, clip, sink);
	scope_free(apart);
	return err;
}

/* 7.8.2: several streams are read as if they were one. */
static enum err join_contents(struct pdf_drawing *d, struct scope *apart,
    const struct pdf_page *page, struct bytes *ret_content)
{
	const struct pdf_value *contents, *stream;
	struct buf b = buf_new(apart, LIMIT_PDF_INFLATED);
	struct bytes data;
	TRY(find(d, page->dict, "Contents", &contents));
	if (contents->kind == PDF_STREAM) {
		read_stream(d, apart, contents, ret_content);
		return OK;
	}
	for (size_t i = 0; contents->kind == PDF_ARRAY && i < contents->array.n; i++) {
		TRY(pdf_field_resolve(
		    d->s, d->f, d->rev, contents->array.item[i], NULL, NULL, &stream));
		read_stream(d, apart, stream, &data);
		buf_add(&b, data);
		buf_add_byte(&b, '\n');
	}
	d->is_cut |= b.failed != OK;
	*ret_content = buf_bytes(&b);
	return OK;
}

/* The letters may stand in a string too: then some more is read. */
static size_t after_last_object(struct bytes content)
{
	const size_t at = bytes_find_last(content, BYTES_LIT("Do"), SIZE_MAX);
	return at == BYTES_NOT_FOUND ? 0 : at + 2;
}

static enum err draw_page(struct pdf_drawing *d, struct scope *apart, const struct pdf_page *page,
    const struct pdf_drawing_sink *sink)
{
	struct bytes content = BYTES_NONE;
	if (!apart)
		return scope_fault(d->s, ERR_NOMEM, "out of memory");
	TRY(join_contents(d, apart, page, &content));
	if (sink->ends_with_objects)
		content = bytes_cut(content, 0, after_last_object(content));
	return run_content(d, apart, content, page->resources, &page->box, sink);
}

enum err pdf_drawing_page(
    struct pdf_drawing *d, const struct pdf_page *page, const struct pdf_drawing_sink *sink)
{
	d->is_cut |= d->budget->operators == 0;
	if (d->is_cut)
		return OK;
	struct scope *apart = begin(d);
	const enum err err = draw_page(d, apart, page, sink);
	scope_free(apart);
	return err;
}

/* 12.5.5: the bounds of the box after /Matrix are stretched onto the rectangle. */
static enum err fit(struct pdf_drawing *d, const struct pdf_value *stream,
    const struct pdf_rect *rect, struct pdf_drawing_matrix *ret_matrix)
{
	const struct pdf_value *box;
	struct pdf_drawing_matrix m;
	struct pdf_rect b;
	bool is;
	*ret_matrix = identity;
	TRY(find(d, stream, "BBox", &box));
	TRY(pdf_pages_rect(d->s, d->f, d->rev, box, &is, &b));
	if (!is)
		return OK;
	TRY(matrix_of(d, stream, &m));
	b = pdf_drawing_matrix_bounds(&m, &b);
	const double w = b.x1 - b.x0, h = b.y1 - b.y0;
	const double x = w > 0 ? (rect->x1 - rect->x0) / w : 1;
	const double y = h > 0 ? (rect->y1 - rect->y0) / h : 1;
	*ret_matrix =
	    (struct pdf_drawing_matrix){ x, 0, 0, y, rect->x0 - b.x0 * x, rect->y0 - b.y0 * y };
	return OK;
}

enum err pdf_drawing_appearance(struct pdf_drawing *d, const struct pdf_value *stream,
    const struct pdf_rect *rect, const struct pdf_drawing_sink *sink)
{
	struct pdf_drawing_matrix onto;
	d->is_cut |= d->budget->operators == 0;
	if (stream->kind != PDF_STREAM || d->is_cut)
		return OK;
	TRY(fit(d, stream, rect, &onto));
	struct scope *apart = begin(d);
	struct pdf_drawing_run *r;
	enum err err = begin_run(d, apart, rect, sink, &r);
	if (err == OK) {
		r->now.ctm = onto;
		err = paint_form(r, stream);
	}
	scope_free(apart);
	return err;
}
