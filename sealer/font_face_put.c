#include "sealer/font_face_parts.h"

#include <string.h>

#include <hb-ot.h>
#include <hb-subset.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "formats/pdf_filter.h"
#include "formats/pdf_text.h"

/* ISO 32000-2 Table 121 */
#define FLAG_FIXED_PITCH 1
#define FLAG_SYMBOLIC 4
#define FLAG_ITALIC 64

#define NAME_ROOM 64 /* of a PostScript name (OpenType: at most 63) */
#define TAG_LETTERS 6
#define LINES_PER_BLOCK 100 /* of a bfchar block (Adobe Technical Note 5014) */

struct putting {
	struct scope *s;
	struct font_face *face;
	struct pdf_update *update;
	struct bytes program;     /* the subset */
	const hb_map_t *glyph_of; /* old number to new */
	char *name;               /* in the scope */
	struct pdf_ref file, map, cid_set, to_unicode;
};

/* -- the subset -- */

static void release_input(void *input)
{
	hb_subset_input_destroy(input);
}

static void release_plan(void *plan)
{
	hb_subset_plan_destroy(plan);
}

static void release_subset(void *face)
{
	hb_face_destroy(face);
}

static void release_blob(void *blob)
{
	hb_blob_destroy(blob);
}

/* Only what a CIDFontType2 is drawn by stays (ISO 32000-2 9.9): what else a font may bring has no
 * use in a document. */
static void drop_tables(hb_face_t *face, hb_subset_input_t *input)
{
	static const hb_tag_t kept[] = { HB_TAG('g', 'l', 'y', 'f'), HB_TAG('l', 'o', 'c', 'a'),
		HB_TAG('h', 'e', 'a', 'd'), HB_TAG('h', 'h', 'e', 'a'), HB_TAG('h', 'm', 't', 'x'),
		HB_TAG('m', 'a', 'x', 'p') };
	hb_set_t *dropped = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG);
	hb_tag_t tags[32];
	unsigned at = 0, n;
	do {
		n = sizeof(tags) / sizeof(tags[0]);
		hb_face_get_table_tags(face, at, &n, tags);
		for (unsigned i = 0; i < n; i++)
			hb_set_add(dropped, tags[i]);
		at += n;
	} while (n > 0);
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		hb_set_del(dropped, kept[i]);
}

static enum err subset(struct putting *p)
{
	struct scope *s = p->s;
	struct font_face *f = p->face;
	hb_subset_input_t *input = hb_subset_input_create_or_fail();
	TRY(scope_own(s, input, release_input));
	drop_tables(f->face, input);
	for (size_t i = 0; i < f->n_cids; i++)
		hb_set_add(hb_subset_input_glyph_set(input), f->cid[i].glyph);
	hb_subset_input_set_flags(
	    input, HB_SUBSET_FLAGS_NO_HINTING | HB_SUBSET_FLAGS_NOTDEF_OUTLINE);
	hb_subset_plan_t *plan = hb_subset_plan_create_or_fail(f->face, input);
	if (!plan)
		return scope_fault(s, ERR_FORMAT, "font: its glyphs cannot be taken out");
	TRY(scope_own(s, plan, release_plan));
	hb_face_t *small = hb_subset_plan_execute_or_fail(plan);
	if (!small)
		return scope_fault(s, ERR_FORMAT, "font: its glyphs cannot be taken out");
	TRY(scope_own(s, small, release_subset));
	hb_blob_t *blob = hb_face_reference_blob(small);
	TRY(scope_own(s, blob, release_blob));
	unsigned n;
	const char *octets = hb_blob_get_data(blob, &n);
	if (n == 0)
		return scope_fault(s, ERR_NOMEM, "font: no memory for its subset");
	p->program = bytes_of(octets, n);
	p->glyph_of = hb_subset_plan_old_to_new_glyph_mapping(plan);
	return OK;
}

/* -- the name -- */

static bool is_name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

/* "ABCDEF+DejaVuSans": the tag comes from the subset, so other subsets have other names. */
static enum err make_name(struct putting *p)
{
	struct digest d;
	char own[NAME_ROOM] = "";
	unsigned room = sizeof(own);
	size_t n = 0;
	p->name = scope_alloc(p->s, TAG_LETTERS + 1 + NAME_ROOM);
	if (!p->name)
		return ERR_NOMEM;
	TRY(digest_of_bytes(p->s, DIGEST_SHA256, p->program, &d));
	for (; n < TAG_LETTERS; n++)
		p->name[n] = (char)('A' + d.value[n] % 26);
	p->name[n++] = '+';
	hb_ot_name_get_utf8(
	    p->face->face, HB_OT_NAME_ID_POSTSCRIPT_NAME, HB_LANGUAGE_INVALID, &room, own);
	for (const char *c = own; *c; c++)
		if (is_name_char(*c))
			p->name[n++] = *c;
	if (n == TAG_LETTERS + 1)
		memcpy(p->name + n, "Font", sizeof("Font"));
	return OK;
}

/* -- streams -- */

static enum err put_stream(
    struct putting *p, struct pdf_value *dict, struct bytes data, struct pdf_ref *ret_ref)
{
	struct scope *s = p->s;
	struct bytes deflated;
	TRY(pdf_filter_deflate(s, data, &deflated));
	if (!dict)
		return ERR_NOMEM;
	if (deflated.n < data.n) {
		data = deflated;
		TRY(pdf_value_set(s, dict, "Filter", pdf_value_new_name(s, "FlateDecode")));
	}
	struct pdf_value *stream = pdf_value_new_stream(s, dict, data);
	if (!stream)
		return ERR_NOMEM;
	TRY(pdf_update_reserve(p->update, ret_ref));
	return pdf_update_put(p->update, *ret_ref, stream);
}

static enum err put_program(struct putting *p)
{
	struct pdf_value *dict = pdf_value_new_dict(p->s);
	if (!dict)
		return ERR_NOMEM;
	TRY(pdf_value_set(p->s, dict, "Length1", pdf_value_new_int(p->s, (int64_t)p->program.n)));
	return put_stream(p, dict, p->program, &p->file);
}

/* Two octets for each CID, .notdef being 0. */
static enum err put_map(struct putting *p)
{
	struct buf b = buf_new(p->s, 2 * (LIMIT_FONT_CIDS + 1));
	struct bytes map;
	buf_add(&b, BYTES_LIT("\0\0"));
	for (size_t i = 0; i < p->face->n_cids; i++) {
		hb_codepoint_t glyph = hb_map_get(p->glyph_of, p->face->cid[i].glyph);
		if (glyph > 0xffff)
			return scope_fault(p->s, ERR_FORMAT, "font: a glyph of it is gone");
		buf_add_byte(&b, (uint8_t)(glyph >> 8));
		buf_add_byte(&b, (uint8_t)glyph);
	}
	TRY(buf_done(&b, &map));
	return put_stream(p, pdf_value_new_dict(p->s), map, &p->map);
}

/* A bit for each CID from 0, the highest bit first: all of them are there. */
static enum err put_cid_set(struct putting *p)
{
	size_t n = p->face->n_cids + 1;
	struct buf b = buf_new(p->s, n / 8 + 1);
	struct bytes bits;
	buf_add_repeat(&b, 0xff, n / 8);
	if (n % 8)
		buf_add_byte(&b, (uint8_t)(0xff00 >> n % 8));
	TRY(buf_done(&b, &bits));
	return put_stream(p, pdf_value_new_dict(p->s), bits, &p->cid_set);
}

static void add_utf16(struct buf *b, struct bytes utf8)
{
	for (size_t at = 0; at < utf8.n;) {
		uint32_t c = 0xfffd;
		(void)pdf_text_utf8_step(utf8, &at, &c);
		if (c < 0x10000)
			buf_addf(b, "%04X", (unsigned)c);
		else
			buf_addf(b, "%04X%04X", (unsigned)(0xd7c0 + (c >> 10)),
			    (unsigned)(0xdc00 | (c & 0x3ff)));
	}
}

static void add_mappings(struct buf *b, const struct font_face *f)
{
	for (size_t i = 0; i < f->n_cids; i++) {
		size_t left = f->n_cids - i;
		if (i % LINES_PER_BLOCK == 0)
			buf_addf(b, "%zu beginbfchar\n",
			    left < LINES_PER_BLOCK ? left : (size_t)LINES_PER_BLOCK);
		buf_addf(b, "<%04X> <", (unsigned)i + 1);
		add_utf16(b, f->cid[i].text);
		buf_add(b, BYTES_LIT(">\n"));
		if (i % LINES_PER_BLOCK == LINES_PER_BLOCK - 1 || left == 1)
			buf_add(b, BYTES_LIT("endbfchar\n"));
	}
}

/* A CMap from CIDs to UTF-16 (ISO 32000-2 9.10.3). */
static enum err put_to_unicode(struct putting *p)
{
	struct buf b = buf_new(p->s, LIMIT_PDF_STRING);
	struct bytes cmap;
	buf_add_str(&b, "/CIDInit /ProcSet findresource begin\n"
			"12 dict begin\n"
			"begincmap\n"
			"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
			"/CMapName /Adobe-Identity-UCS def\n"
			"/CMapType 2 def\n"
			"1 begincodespacerange\n"
			"<0000> <FFFF>\n"
			"endcodespacerange\n");
	add_mappings(&b, p->face);
	buf_add_str(&b, "endcmap\n"
			"CMapName currentdict /CMap defineresource pop\n"
			"end\n"
			"end\n");
	TRY(buf_done(&b, &cmap));
	return put_stream(p, pdf_value_new_dict(p->s), cmap, &p->to_unicode);
}

/* -- the descriptor -- */

/* A big-endian number of two octets, with its sign, from a table; 0 beyond its end. */
static int table_number(const struct font_face *f, hb_tag_t tag, unsigned at)
{
	hb_blob_t *blob = hb_face_reference_table(f->face, tag);
	unsigned n;
	const char *p = hb_blob_get_data(blob, &n);
	int v = at + 2 <= n ? (int16_t)((uint8_t)p[at] << 8 | (uint8_t)p[at + 1]) : 0;
	hb_blob_destroy(blob);
	return v;
}

static enum err set_number(struct scope *s, struct pdf_value *dict, const char *key, double v)
{
	return pdf_value_set(s, dict, key, pdf_value_new_real(s, v));
}

/* xMin, yMin, xMax, yMax of `head`. */
static enum err set_box(struct putting *p, struct pdf_value *dict)
{
	struct pdf_value *box = pdf_value_new_array(p->s);
	if (!box)
		return ERR_NOMEM;
	for (unsigned i = 0; i < 4; i++) {
		int v = table_number(p->face, HB_TAG('h', 'e', 'a', 'd'), 36 + 2 * i);
		TRY(pdf_value_append(
		    p->s, box, pdf_value_new_int(p->s, font_face_thousandths(p->face, v))));
	}
	return pdf_value_set(p->s, dict, "FontBBox", box);
}

static enum err put_descriptor(struct putting *p, struct pdf_ref *ret_ref)
{
	const hb_tag_t post = HB_TAG('p', 'o', 's', 't');
	struct scope *s = p->s;
	struct pdf_value *d = pdf_value_new_dict(s);
	if (!d)
		return ERR_NOMEM;
	/* `post`: italicAngle (16.16), isFixedPitch. */
	double slant =
	    table_number(p->face, post, 4) + (uint16_t)table_number(p->face, post, 6) / 65536.0;
	int flags = FLAG_SYMBOLIC;
	if (table_number(p->face, post, 12) || table_number(p->face, post, 14))
		flags |= FLAG_FIXED_PITCH;
	if (slant < 0 || slant > 0)
		flags |= FLAG_ITALIC;
	/* Nothing in a font says how thick its stems are; the weight is a guide. */
	double weight = table_number(p->face, HB_TAG('O', 'S', '/', '2'), 4);
	if (weight < 1 || weight > 1000)
		weight = 400;
	TRY(pdf_value_set(s, d, "Type", pdf_value_new_name(s, "FontDescriptor")));
	TRY(pdf_value_set(s, d, "FontName", pdf_value_new_name(s, p->name)));
	TRY(pdf_value_set(s, d, "Flags", pdf_value_new_int(s, flags)));
	TRY(set_box(p, d));
	TRY(set_number(s, d, "ItalicAngle", slant));
	TRY(set_number(s, d, "Ascent", p->face->metrics.ascent));
	TRY(set_number(s, d, "Descent", p->face->metrics.descent));
	TRY(set_number(s, d, "CapHeight", p->face->metrics.cap_height));
	TRY(pdf_value_set(s, d, "StemV", pdf_value_new_int(s, (int)(weight / 5))));
	TRY(pdf_value_set(s, d, "FontFile2", pdf_value_new_ref(s, p->file)));
	TRY(pdf_value_set(s, d, "CIDSet", pdf_value_new_ref(s, p->cid_set)));
	TRY(pdf_update_reserve(p->update, ret_ref));
	return pdf_update_put(p->update, *ret_ref, d);
}

/* -- the font -- */

/* /W [ 1 [ width of CID 1, of CID 2, ... ] ] */
static enum err set_widths(struct putting *p, struct pdf_value *font)
{
	struct scope *s = p->s;
	struct pdf_value *w = pdf_value_new_array(s), *widths = pdf_value_new_array(s);
	if (!w || !widths)
		return ERR_NOMEM;
	for (size_t i = 0; i < p->face->n_cids; i++)
		TRY(pdf_value_append(s, widths, pdf_value_new_int(s, p->face->cid[i].width)));
	TRY(pdf_value_append(s, w, pdf_value_new_int(s, 1)));
	TRY(pdf_value_append(s, w, widths));
	int64_t notdef = font_face_thousandths(p->face, font_face_advance(p->face, 0));
	TRY(pdf_value_set(s, font, "DW", pdf_value_new_int(s, notdef)));
	return pdf_value_set(s, font, "W", w);
}

static enum err put_cid_font(struct putting *p, struct pdf_ref *ret_ref)
{
	struct scope *s = p->s;
	struct pdf_value *f = pdf_value_new_dict(s), *system = pdf_value_new_dict(s);
	struct pdf_ref descriptor;
	if (!f || !system)
		return ERR_NOMEM;
	TRY(put_descriptor(p, &descriptor));
	TRY(pdf_value_set(s, system, "Registry", pdf_value_new_string(s, BYTES_LIT("Adobe"))));
	TRY(pdf_value_set(s, system, "Ordering", pdf_value_new_string(s, BYTES_LIT("Identity"))));
	TRY(pdf_value_set(s, system, "Supplement", pdf_value_new_int(s, 0)));
	TRY(pdf_value_set(s, f, "Type", pdf_value_new_name(s, "Font")));
	TRY(pdf_value_set(s, f, "Subtype", pdf_value_new_name(s, "CIDFontType2")));
	TRY(pdf_value_set(s, f, "BaseFont", pdf_value_new_name(s, p->name)));
	TRY(pdf_value_set(s, f, "CIDSystemInfo", system));
	TRY(pdf_value_set(s, f, "CIDToGIDMap", pdf_value_new_ref(s, p->map)));
	TRY(pdf_value_set(s, f, "FontDescriptor", pdf_value_new_ref(s, descriptor)));
	TRY(set_widths(p, f));
	TRY(pdf_update_reserve(p->update, ret_ref));
	return pdf_update_put(p->update, *ret_ref, f);
}

static enum err put_font(struct putting *p, struct pdf_ref *ret_ref)
{
	struct scope *s = p->s;
	struct pdf_value *f = pdf_value_new_dict(s), *descendants = pdf_value_new_array(s);
	struct pdf_ref cid_font, ref;
	if (!f || !descendants)
		return ERR_NOMEM;
	TRY(put_cid_font(p, &cid_font));
	TRY(pdf_value_append(s, descendants, pdf_value_new_ref(s, cid_font)));
	TRY(pdf_value_set(s, f, "Type", pdf_value_new_name(s, "Font")));
	TRY(pdf_value_set(s, f, "Subtype", pdf_value_new_name(s, "Type0")));
	TRY(pdf_value_set(s, f, "BaseFont", pdf_value_new_name(s, p->name)));
	TRY(pdf_value_set(s, f, "Encoding", pdf_value_new_name(s, "Identity-H")));
	TRY(pdf_value_set(s, f, "DescendantFonts", descendants));
	TRY(pdf_value_set(s, f, "ToUnicode", pdf_value_new_ref(s, p->to_unicode)));
	TRY(pdf_update_reserve(p->update, &ref));
	TRY(pdf_update_put(p->update, ref, f));
	*ret_ref = ref;
	return OK;
}

enum err font_face_put(
    struct scope *s, struct font_face *face, struct pdf_update *update, struct pdf_ref *ret_font)
{
	struct putting p = { .s = s, .face = face, .update = update };
	if (face->n_cids == 0)
		return scope_fault(s, ERR_MISUSE, "font: nothing was shown with it");
	TRY(subset(&p));
	TRY(make_name(&p));
	TRY(put_program(&p));
	TRY(put_map(&p));
	TRY(put_cid_set(&p));
	TRY(put_to_unicode(&p));
	return put_font(&p, ret_font);
}
