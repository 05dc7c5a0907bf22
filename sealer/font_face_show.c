#include "sealer/font_face_parts.h"

#include "base/limits.h"
#include "base/scope.h"

/* Sizes beyond it are nobody's. */
#define SIZE_MAX_SHOWN 14400.0

static enum err shape_complete(
    struct scope *s, struct font_face *face, const char *text, struct font_face_line *ret_line)
{
	TRY(font_face_shape(s, face, text, ret_line));
	if (ret_line->missing)
		return scope_fault(s, ERR_UNSUPPORTED, "font: it has no glyph for U+%04X",
		    (unsigned)ret_line->missing);
	return OK;
}

enum err font_face_missing(
    struct scope *s, struct font_face *face, const char *text, uint32_t *ret_missing)
{
	struct font_face_line line;
	TRY(font_face_shape(s, face, text, &line));
	*ret_missing = line.missing;
	return OK;
}

static int64_t line_advance(const struct font_face_line *line)
{
	int64_t units = 0;
	for (size_t i = 0; i < line->n; i++)
		units += line->item[i].advance;
	return units;
}

enum err font_face_measure(
    struct scope *s, struct font_face *face, const char *text, double *ret_width)
{
	struct font_face_line line;
	TRY(shape_complete(s, face, text, &line));
	*ret_width = (double)line_advance(&line) / (double)face->upem;
	return OK;
}

/* -- CIDs -- */

static enum err add_cid(
    struct scope *s, struct font_face *face, const struct font_face_glyph *g, unsigned *ret_cid)
{
	if (face->n_cids == LIMIT_FONT_CIDS)
		return scope_fault(s, ERR_LIMIT, "font: more than %d glyphs", LIMIT_FONT_CIDS);
	if (g->text.n > LIMIT_FONT_CLUSTER)
		return scope_fault(s, ERR_LIMIT, "font: one glyph for more than %d octets of text",
		    LIMIT_FONT_CLUSTER);
	if (face->n_cids == face->room) {
		size_t room = face->room ? 2 * face->room : 64;
		struct font_face_cid *cid =
		    scope_resize(s, face->cid, face->room * sizeof(*cid), room * sizeof(*cid));
		if (!cid)
			return ERR_NOMEM;
		face->cid = cid;
		face->room = room;
	}
	face->cid[face->n_cids++] = (struct font_face_cid){
		.glyph = g->glyph,
		.text = g->text,
		.width = font_face_thousandths(face, font_face_advance(face, g->glyph)),
	};
	*ret_cid = (unsigned)face->n_cids;
	return OK;
}

static enum err cid_of(
    struct scope *s, struct font_face *face, const struct font_face_glyph *g, unsigned *ret_cid)
{
	for (size_t i = 0; i < face->n_cids; i++) {
		if (face->cid[i].glyph != g->glyph || !bytes_equal(face->cid[i].text, g->text))
			continue;
		*ret_cid = (unsigned)i + 1;
		return OK;
	}
	return add_cid(s, face, g, ret_cid);
}

/* -- operators -- */

/* A line while it is written. Places are in thousandths of the size, from its beginning. */
struct showing {
	struct font_face *face;
	struct buf *out;
	double size;
	int64_t seen; /* where the viewer is */
	int32_t rise; /* font units */
	bool in_array, in_string;
};

static void add_thousandths(struct buf *out, int64_t n)
{
	uint64_t v = n < 0 ? -(uint64_t)n : (uint64_t)n;
	buf_addf(out, "%s%llu", n < 0 ? "-" : "", (unsigned long long)(v / 1000));
	if (v % 1000)
		buf_addf(out, ".%03u", (unsigned)(v % 1000));
}

static void end_string(struct showing *w)
{
	if (w->in_string)
		buf_add_byte(w->out, '>');
	w->in_string = false;
}

static void end_array(struct showing *w)
{
	end_string(w);
	if (w->in_array)
		buf_add(w->out, BYTES_LIT("] TJ\n"));
	w->in_array = false;
}

static void begin_array(struct showing *w)
{
	if (!w->in_array)
		buf_add_byte(w->out, '[');
	w->in_array = true;
}

/* TJ subtracts (ISO 32000-2 9.4.3). A thousandth is what rounding leaves: no more is made of it. */
static void move_to(struct showing *w, int64_t place)
{
	if (place - w->seen <= 1 && w->seen - place <= 1)
		return;
	begin_array(w);
	end_string(w);
	buf_addf(w->out, "%lld", (long long)(w->seen - place));
	w->seen = place;
}

static void set_rise(struct showing *w, int32_t rise)
{
	if (rise == w->rise)
		return;
	end_array(w);
	double v = (double)font_face_thousandths(w->face, rise) * w->size;
	add_thousandths(w->out, (int64_t)(v < 0 ? v - 0.5 : v + 0.5));
	buf_add(w->out, BYTES_LIT(" Ts\n"));
	w->rise = rise;
}

static void show_cid(struct showing *w, unsigned cid)
{
	begin_array(w);
	if (!w->in_string)
		buf_add_byte(w->out, '<');
	w->in_string = true;
	buf_addf(w->out, "%04x", cid);
	w->seen += w->face->cid[cid - 1].width;
}

static enum err show_line(struct scope *s, struct showing *w, const struct font_face_line *line)
{
	int64_t pen = 0;
	for (size_t i = 0; i < line->n; i++) {
		const struct font_face_glyph *g = &line->item[i];
		unsigned cid;
		TRY(cid_of(s, w->face, g, &cid));
		set_rise(w, g->y);
		move_to(w, font_face_thousandths(w->face, pen + g->x));
		show_cid(w, cid);
		pen += g->advance;
	}
	set_rise(w, 0);
	move_to(w, font_face_thousandths(w->face, pen));
	end_array(w);
	return OK;
}

enum err font_face_show(
    struct scope *s, struct font_face *face, const char *text, double size, struct buf *content)
{
	struct showing w = { .face = face, .out = content, .size = size };
	struct font_face_line line;
	if (!(size > 0 && size <= SIZE_MAX_SHOWN))
		return scope_fault(s, ERR_MISUSE, "font: a size of %g", size);
	TRY(shape_complete(s, face, text, &line));
	return show_line(s, &w, &line);
}
