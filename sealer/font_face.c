#include "sealer/font_face_parts.h"

#include <hb-ot.h>

#include "base/limits.h"
#include "base/scope.h"

#define TAG(text) HB_TAG(text[0], text[1], text[2], text[3])

/* OS/2 fsType (OpenType 1.9): what the foundry allows. */
#define FS_RESTRICTED 0x0002
#define FS_PREVIEW_OR_EDITABLE 0x000c
#define FS_NO_SUBSET 0x0100
#define FS_BITMAPS_ONLY 0x0200
#define FS_AT 8 /* its offset */

static void release_face(void *face)
{
	hb_face_destroy(face);
}

static void release_font(void *font)
{
	hb_font_destroy(font);
}

static void release_buffer(void *buffer)
{
	hb_buffer_destroy(buffer);
}

int64_t font_face_thousandths(const struct font_face *face, int64_t v)
{
	int64_t scaled = v * 1000, half = face->upem / 2;
	return (scaled < 0 ? scaled - half : scaled + half) / face->upem;
}

int32_t font_face_advance(const struct font_face *face, hb_codepoint_t glyph)
{
	return hb_font_get_glyph_h_advance(face->font, glyph);
}

static bool has_table(hb_face_t *face, hb_tag_t tag, unsigned at_least)
{
	hb_blob_t *blob = hb_face_reference_table(face, tag);
	unsigned n = hb_blob_get_length(blob);
	hb_blob_destroy(blob);
	return n >= at_least;
}

/* -- what may be embedded -- */

static unsigned embedding_rights(hb_face_t *face)
{
	hb_blob_t *blob = hb_face_reference_table(face, TAG("OS/2"));
	unsigned n, rights = 0;
	const char *p = hb_blob_get_data(blob, &n);
	if (n >= FS_AT + 2)
		rights = (unsigned)((uint8_t)p[FS_AT] << 8 | (uint8_t)p[FS_AT + 1]);
	hb_blob_destroy(blob);
	return rights;
}

static enum err check_rights(struct scope *s, hb_face_t *face)
{
	unsigned rights = embedding_rights(face);
	/* Of several levels the least restrictive counts, as old fonts set more than one. */
	if (rights & FS_RESTRICTED && !(rights & FS_PREVIEW_OR_EDITABLE))
		return scope_fault(s, ERR_UNSUPPORTED, "font: it forbids to be embedded");
	if (rights & FS_NO_SUBSET)
		return scope_fault(s, ERR_UNSUPPORTED, "font: it forbids to be subset");
	if (rights & FS_BITMAPS_ONLY)
		return scope_fault(s, ERR_UNSUPPORTED, "font: it allows only bitmaps");
	return OK;
}

/* What a CIDFontType2 needs (ISO 32000-2 9.9), and a cmap to come from characters to glyphs. */
static enum err check_tables(struct scope *s, hb_face_t *face)
{
	static const struct {
		char tag[5];
		unsigned at_least;
	} needed[] = { { "head", 54 }, { "hhea", 36 }, { "maxp", 6 }, { "hmtx", 4 }, { "loca", 4 },
		{ "cmap", 4 } };
	if (has_table(face, TAG("CFF "), 1) || has_table(face, TAG("CFF2"), 1))
		return scope_fault(s, ERR_UNSUPPORTED,
		    "font: its outlines are PostScript (CFF), only TrueType is supported");
	if (!has_table(face, TAG("glyf"), 1))
		return scope_fault(s, ERR_UNSUPPORTED, "font: it has no TrueType outlines");
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!has_table(face, TAG(needed[i].tag), needed[i].at_least))
			return scope_fault(
			    s, ERR_FORMAT, "font: table %s is missing or broken", needed[i].tag);
	if (hb_face_get_glyph_count(face) == 0)
		return scope_fault(s, ERR_FORMAT, "font: it has no glyph");
	return OK;
}

/* -- metrics -- */

static double metric(const struct font_face *f, hb_ot_metrics_tag_t tag, double otherwise)
{
	hb_position_t v;
	if (!hb_ot_metrics_get_position(f->font, tag, &v))
		return otherwise;
	return (double)font_face_thousandths(f, v);
}

/* The height of an H, where OS/2 says none. */
static double height_of_capital(const struct font_face *f, double otherwise)
{
	hb_codepoint_t glyph;
	hb_glyph_extents_t extents;
	if (!hb_font_get_nominal_glyph(f->font, 'H', &glyph) ||
	    !hb_font_get_glyph_extents(f->font, glyph, &extents))
		return otherwise;
	return (double)font_face_thousandths(f, extents.y_bearing);
}

static struct font_face_metrics measure_face(const struct font_face *f)
{
	struct font_face_metrics m;
	m.ascent = metric(f, HB_OT_METRICS_TAG_HORIZONTAL_ASCENDER, 800);
	m.descent = metric(f, HB_OT_METRICS_TAG_HORIZONTAL_DESCENDER, -200);
	m.cap_height = metric(f, HB_OT_METRICS_TAG_CAP_HEIGHT, 0);
	if (m.cap_height <= 0)
		m.cap_height = height_of_capital(f, m.ascent);
	/* Some fonts give the depth without its sign. */
	if (m.descent > 0)
		m.descent = -m.descent;
	return m;
}

struct font_face_metrics font_face_metrics(const struct font_face *face)
{
	return face->metrics;
}

/* -- opening -- */

static enum err new_face(struct scope *s, struct bytes file, struct font_face *f)
{
	hb_blob_t *blob = hb_blob_create(
	    (const char *)file.p, (unsigned)file.n, HB_MEMORY_MODE_READONLY, NULL, NULL);
	bool is_font = hb_face_count(blob) > 0;
	f->face = hb_face_create(blob, 0);
	hb_blob_destroy(blob);
	TRY(scope_own(s, f->face, release_face));
	if (!is_font)
		return scope_fault(s, ERR_FORMAT, "font: not a TrueType file");
	TRY(check_tables(s, f->face));
	TRY(check_rights(s, f->face));
	f->upem = hb_face_get_upem(f->face);
	f->font = hb_font_create(f->face);
	TRY(scope_own(s, f->font, release_font));
	f->buffer = hb_buffer_create();
	TRY(scope_own(s, f->buffer, release_buffer));
	hb_font_set_scale(f->font, (int)f->upem, (int)f->upem);
	return OK;
}

enum err font_face_open(struct scope *s, struct bytes file, struct font_face **ret_face)
{
	if (file.n > LIMIT_FONT_FILE)
		return scope_fault(s, ERR_LIMIT, "font: larger than %zu octets", LIMIT_FONT_FILE);
	struct font_face *f = scope_alloc(s, sizeof(*f));
	if (!f)
		return ERR_NOMEM;
	TRY(new_face(s, file, f));
	f->metrics = measure_face(f);
	*ret_face = f;
	return OK;
}
