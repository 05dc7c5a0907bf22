#include "sealer/font_face_parts.h"

#include <string.h>

#include <hb.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"
#include "formats/unicode_text.h"

/* What glyphs stand for that have no text of their own: nothing that is seen. */
#define ZERO_WIDTH_SPACE "\xe2\x80\x8b"

struct shaping {
	struct scope *s;
	struct font_face *face;
	struct bytes text; /* NFC */
	struct font_face_line line;
	size_t room;
};

/* A piece of one direction and one script. */
struct piece {
	size_t at, end;
	bool right_to_left;
	hb_script_t script;
};

static uint32_t char_at(struct bytes text, size_t at)
{
	uint32_t c = 0;
	return at < text.n && pdf_text_utf8_step(text, &at, &c) ? c : 0xfffd;
}

static size_t count_chars(struct bytes text)
{
	size_t n = 0;
	uint32_t c;
	for (size_t at = 0; at < text.n; n++)
		(void)pdf_text_utf8_step(text, &at, &c);
	return n;
}

/* The k-th character of the text. */
static struct bytes nth_char(struct bytes text, size_t k)
{
	size_t at = 0, next = 0;
	uint32_t c;
	for (size_t i = 0; i <= k && next < text.n; i++) {
		at = next;
		(void)pdf_text_utf8_step(text, &next, &c);
	}
	return bytes_cut(text, at, next - at);
}

/* -- which text each glyph stands for -- */

/* The glyphs [from, to) of the line stand for `text` together. Several take a character each, of
 * the text or of what it decomposes to; else the first to be read takes all. */
static enum err share_text(
    struct shaping *h, size_t from, size_t to, struct bytes text, bool right_to_left)
{
	size_t n = to - from;
	struct bytes parts = text;
	if (n > 1 && count_chars(text) != n) {
		char *whole, *apart;
		TRY(bytes_to_str(h->s, text, &whole));
		TRY(unicode_text_decompose(h->s, whole, &apart));
		parts = bytes_of_str(apart);
	}
	bool each = count_chars(parts) == n;
	for (size_t k = 0; k < n; k++) {
		struct font_face_glyph *g = &h->line.item[right_to_left ? to - 1 - k : from + k];
		if (n == 1)
			g->text = text;
		else if (each)
			g->text = nth_char(parts, k);
		else
			g->text = k == 0 ? text : BYTES_LIT(ZERO_WIDTH_SPACE);
	}
	return OK;
}

/* Glyphs of one cluster stand side by side; clusters are offsets and ascend in reading order. */
static enum err assign_text(
    struct shaping *h, const struct piece *piece, const hb_glyph_info_t *info, size_t n)
{
	size_t base = h->line.n - n, end = piece->end;
	for (size_t i = 0; i < n;) {
		/* From the end of the reading order to its beginning. */
		size_t last = piece->right_to_left ? i : n - 1 - i, k = i;
		uint32_t cluster = info[last].cluster;
		while (k < n && info[piece->right_to_left ? k : n - 1 - k].cluster == cluster)
			k++;
		size_t from = piece->right_to_left ? i : n - k;
		size_t to = piece->right_to_left ? k : n - i;
		struct bytes text = bytes_cut(h->text, cluster, end - cluster);
		TRY(share_text(h, base + from, base + to, text, piece->right_to_left));
		end = cluster;
		i = k;
	}
	return OK;
}

/* -- shaping -- */

static enum err grow(struct shaping *h, size_t more)
{
	size_t n = h->line.n + more;
	if (n <= h->room)
		return OK;
	struct font_face_glyph *item =
	    scope_resize(h->s, h->line.item, h->room * sizeof(*item), 2 * n * sizeof(*item));
	if (!item)
		return ERR_NOMEM;
	h->line.item = item;
	h->room = 2 * n;
	return OK;
}

static enum err take_glyphs(struct shaping *h, const struct piece *piece)
{
	unsigned n, n_positions;
	const hb_glyph_info_t *info = hb_buffer_get_glyph_infos(h->face->buffer, &n);
	const hb_glyph_position_t *at =
	    hb_buffer_get_glyph_positions(h->face->buffer, &n_positions);
	if (n > LIMIT_FONT_GLYPHS || h->line.n + n > LIMIT_FONT_GLYPHS)
		return scope_fault(h->s, ERR_LIMIT, "font: a line of too many glyphs");
	TRY(grow(h, n));
	for (unsigned i = 0; i < n; i++) {
		h->line.item[h->line.n++] = (struct font_face_glyph){
			.glyph = info[i].codepoint,
			.advance = at[i].x_advance,
			.x = at[i].x_offset,
			.y = at[i].y_offset,
		};
		if (info[i].codepoint == 0 && !h->line.missing)
			h->line.missing = char_at(h->text, info[i].cluster);
	}
	return assign_text(h, piece, info, n);
}

/* The language stays unset: HarfBuzz would take it from the process's locale. */
static enum err shape_piece(struct shaping *h, const struct piece *piece)
{
	static const hb_feature_t features[] = {
		{ HB_TAG('l', 'i', 'g', 'a'), 0, 0, (unsigned)-1 },
		{ HB_TAG('c', 'l', 'i', 'g'), 0, 0, (unsigned)-1 },
	};
	hb_buffer_t *b = h->face->buffer;
	hb_buffer_clear_contents(b);
	hb_buffer_set_cluster_level(b, HB_BUFFER_CLUSTER_LEVEL_MONOTONE_CHARACTERS);
	hb_buffer_set_flags(b, HB_BUFFER_FLAG_REMOVE_DEFAULT_IGNORABLES);
	hb_buffer_set_direction(b, piece->right_to_left ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
	hb_buffer_set_script(b, piece->script);
	hb_buffer_add_utf8(b, (const char *)h->text.p, (int)h->text.n, (unsigned)piece->at,
	    (int)(piece->end - piece->at));
	hb_shape(h->face->font, b, features, sizeof(features) / sizeof(features[0]));
	if (!hb_buffer_allocation_successful(b))
		return scope_fault(h->s, ERR_NOMEM, "font: no memory to shape a line");
	return take_glyphs(h, piece);
}

static hb_script_t script_of(uint32_t c)
{
	return hb_unicode_script(hb_unicode_funcs_get_default(), c);
}

static bool is_script(hb_script_t script)
{
	return script != HB_SCRIPT_COMMON && script != HB_SCRIPT_INHERITED;
}

/* The piece at the beginning of [at, end): characters of no script go with their neighbours. */
static struct piece first_piece(struct bytes text, size_t at, size_t end)
{
	struct piece p = { .at = at, .end = end, .script = HB_SCRIPT_COMMON };
	while (at < end) {
		size_t here = at;
		uint32_t c = 0xfffd;
		(void)pdf_text_utf8_step(text, &at, &c);
		hb_script_t script = script_of(c);
		if (!is_script(script))
			continue;
		if (is_script(p.script) && script != p.script) {
			p.end = here;
			break;
		}
		p.script = script;
	}
	return p;
}

/* The last piece of [at, end). */
static struct piece last_piece(struct bytes text, size_t at, size_t end)
{
	struct piece p = first_piece(text, at, end);
	while (p.end < end)
		p = first_piece(text, p.end, end);
	return p;
}

/* Pieces in visual order: of a run to the left the last one comes first. */
static enum err shape_run(struct shaping *h, const struct unicode_text_run *run)
{
	size_t at = run->at, end = run->at + run->n;
	while (at < end) {
		struct piece p = run->right_to_left ? last_piece(h->text, at, end)
						    : first_piece(h->text, at, end);
		p.right_to_left = run->right_to_left;
		TRY(shape_piece(h, &p));
		if (run->right_to_left)
			end = p.at;
		else
			at = p.end;
	}
	return OK;
}

/* Line feeds and their like have no place in a line. */
static uint32_t find_control(struct bytes text)
{
	for (size_t at = 0; at < text.n;) {
		uint32_t c = 0xfffd;
		(void)pdf_text_utf8_step(text, &at, &c);
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
			return c;
	}
	return 0;
}

enum err font_face_shape(
    struct scope *s, struct font_face *face, const char *text, struct font_face_line *ret_line)
{
	struct shaping h = { .s = s, .face = face };
	const struct unicode_text_run *run;
	size_t n_runs;
	char *nfc;
	if (strlen(text) > LIMIT_FONT_TEXT)
		return scope_fault(
		    s, ERR_LIMIT, "font: a line of more than %d octets", LIMIT_FONT_TEXT);
	TRY(unicode_text_compose(s, text, &nfc));
	h.text = bytes_of_str(nfc);
	TRY(unicode_text_runs(s, nfc, &run, &n_runs));
	for (size_t i = 0; i < n_runs; i++)
		TRY(shape_run(&h, &run[i]));
	uint32_t control = find_control(h.text);
	if (control)
		h.line.missing = control;
	*ret_line = h.line;
	return OK;
}
