#include "formats/pdf_font.h"

#include <string.h>

#include "base/scope.h"
#include "formats/pdf_field.h"
#include "formats/pdf_glyph.h"

#define WIDTH 0.5       /* of what is not known: about that of a letter */
#define WIDTHS_MAX 1024 /* ranges of a font's /W */

struct width_range {
	uint32_t first, last;
	double width;
	const struct pdf_value *list; /* NULL, or one width for each code */
};

struct pdf_font {
	bool is_composite, is_two_octets, is_unicode;
	struct pdf_cmap *cmap; /* NULL: none */
	uint32_t points[256];  /* of a simple font; 0: not known */
	double widths[256];
	bool letters[256];
	struct width_range *ranges; /* of a composite one, by first */
	size_t n_ranges;
	double width;
};

struct opening {
	struct scope *s;
	const struct pdf_file *f;
	size_t rev;
	struct pdf_font *font;
};

static enum err find(const struct opening *o, const struct pdf_value *v, const char *key,
    const struct pdf_value **ret_value)
{
	return pdf_field_find(o->s, o->f, o->rev, v, key, NULL, ret_value);
}

/* -- simple fonts -- */

static bool base_encoding(const struct pdf_value *name, enum pdf_glyph_encoding *ret_encoding)
{
	*ret_encoding = PDF_GLYPH_STANDARD;
	if (pdf_value_is_name(name, "WinAnsiEncoding"))
		*ret_encoding = PDF_GLYPH_WIN_ANSI;
	else if (pdf_value_is_name(name, "MacRomanEncoding"))
		*ret_encoding = PDF_GLYPH_MAC_ROMAN;
	else
		return pdf_value_is_name(name, "StandardEncoding");
	return true;
}

/* A font without an encoding of its own has that of its program: known of the standard ones alone
 * (9.6.2.2), whose names may have a subset's tag no more than a descriptor. */
static enum err has_standard_program(
    const struct opening *o, const struct pdf_value *dict, bool *ret_has)
{
	static const char *const names[] = { "Helvetica", "Times", "Courier", "Arial" };
	const struct pdf_value *base, *descriptor;
	TRY(find(o, dict, "BaseFont", &base));
	TRY(find(o, dict, "FontDescriptor", &descriptor));
	*ret_has = false;
	for (size_t i = 0; base->kind == PDF_NAME && i < sizeof(names) / sizeof(names[0]); i++)
		*ret_has |= bytes_has_prefix(base->name, bytes_of_str(names[i]));
	*ret_has &= !pdf_value_find(descriptor, "FontFile") &&
		    !pdf_value_find(descriptor, "FontFile2") &&
		    !pdf_value_find(descriptor, "FontFile3");
	return OK;
}

static void apply_differences(struct pdf_font *font, const struct pdf_value *differences)
{
	int64_t code = 0, n;
	for (size_t i = 0; differences->kind == PDF_ARRAY && i < differences->array.n; i++) {
		const struct pdf_value *v = differences->array.item[i];
		if (pdf_value_integer(v, &n))
			code = n;
		else if (v->kind == PDF_NAME && code >= 0 && code < 256)
			font->points[code++] = pdf_glyph_of_name(v->name);
	}
}

static enum err read_encoding(const struct opening *o, const struct pdf_value *dict)
{
	const struct pdf_value *encoding, *base, *differences;
	enum pdf_glyph_encoding table;
	bool known;
	TRY(find(o, dict, "Encoding", &encoding));
	TRY(find(o, encoding, "BaseEncoding", &base));
	TRY(find(o, encoding, "Differences", &differences));
	known = base_encoding(encoding->kind == PDF_NAME ? encoding : base, &table);
	if (!known)
		TRY(has_standard_program(o, dict, &known));
	for (size_t i = 0; known && i < 256; i++)
		o->font->points[i] = pdf_glyph_of_code(table, (uint8_t)i);
	apply_differences(o->font, differences);
	return OK;
}

/* Type 3 glyphs have a space of their own (9.6.4). */
static enum err width_unit(const struct opening *o, const struct pdf_value *dict, double *ret_unit)
{
	const struct pdf_value *matrix;
	*ret_unit = 0.001;
	if (!pdf_value_is_name(pdf_value_find(dict, "Subtype"), "Type3"))
		return OK;
	TRY(find(o, dict, "FontMatrix", &matrix));
	if (matrix->kind == PDF_ARRAY && matrix->array.n == 6)
		pdf_value_number(matrix->array.item[0], ret_unit);
	return OK;
}

static enum err read_widths(const struct opening *o, const struct pdf_value *dict)
{
	const struct pdf_value *first, *widths;
	int64_t code;
	double unit, n;
	TRY(find(o, dict, "FirstChar", &first));
	TRY(find(o, dict, "Widths", &widths));
	TRY(width_unit(o, dict, &unit));
	for (size_t i = 0; i < 256; i++)
		o->font->widths[i] = WIDTH;
	if (!pdf_value_integer(first, &code) || code < 0)
		return OK;
	for (size_t i = 0; widths->kind == PDF_ARRAY && i < widths->array.n && code < 256;
	     i++, code++)
		if (pdf_value_number(widths->array.item[i], &n))
			o->font->widths[code] = n * unit;
	return OK;
}

/* -- composite fonts -- */

static void add_range(struct pdf_font *font, struct width_range range, double first, double last)
{
	if (font->n_ranges == WIDTHS_MAX || first < 0 || last > UINT16_MAX || last < first)
		return;
	range.first = (uint32_t)first;
	range.last = (uint32_t)last;
	font->ranges[font->n_ranges++] = range;
}

/* 9.7.4.3: `c [w w ...]` or `first last w`. */
static enum err read_ranges(const struct opening *o, const struct pdf_value *w)
{
	double first, last, width;
	for (size_t i = 0; i + 1 < w->array.n;) {
		const struct pdf_value *second;
		if (!pdf_value_number(w->array.item[i], &first))
			return OK;
		TRY(pdf_field_resolve(
		    o->s, o->f, o->rev, w->array.item[i + 1], NULL, NULL, &second));
		if (second->kind == PDF_ARRAY && second->array.n > 0) {
			add_range(o->font, (struct width_range){ .list = second }, first,
			    first + (double)second->array.n - 1);
			i += 2;
		} else if (i + 2 < w->array.n && pdf_value_number(second, &last) &&
			   pdf_value_number(w->array.item[i + 2], &width)) {
			add_range(
			    o->font, (struct width_range){ .width = width / 1000 }, first, last);
			i += 3;
		} else {
			return OK;
		}
	}
	return OK;
}

static enum err read_composite_widths(const struct opening *o, const struct pdf_value *descendant)
{
	const struct pdf_value *w, *by_default;
	struct pdf_font *font = o->font;
	double number;
	TRY(find(o, descendant, "W", &w));
	TRY(find(o, descendant, "DW", &by_default));
	font->width = pdf_value_number(by_default, &number) ? number / 1000 : 1;
	if (w->kind != PDF_ARRAY)
		return OK;
	const size_t room = w->array.n < WIDTHS_MAX ? w->array.n : WIDTHS_MAX;
	font->ranges = scope_alloc_array(o->s, room, sizeof(*font->ranges));
	return font->ranges ? read_ranges(o, w) : ERR_NOMEM;
}

static bool contains(struct bytes name, struct bytes part)
{
	return bytes_find(name, part, 0) != BYTES_NOT_FOUND;
}

static enum err open_composite(const struct opening *o, const struct pdf_value *dict)
{
	const struct pdf_value *descendants, *descendant = &pdf_value_null, *encoding;
	TRY(find(o, dict, "DescendantFonts", &descendants));
	TRY(find(o, dict, "Encoding", &encoding));
	if (descendants->kind == PDF_ARRAY && descendants->array.n > 0)
		descendant = descendants->array.item[0];
	o->font->is_composite = true;
	if (encoding->kind == PDF_NAME) {
		const struct bytes name = encoding->name;
		o->font->is_unicode =
		    contains(name, BYTES_LIT("UCS2")) || contains(name, BYTES_LIT("UTF16"));
		o->font->is_two_octets =
		    o->font->is_unicode || bytes_has_prefix(name, BYTES_LIT("Identity-"));
	}
	return read_composite_widths(o, descendant);
}

static double width_of(const struct pdf_font *font, uint32_t code)
{
	for (size_t i = font->n_ranges; i-- > 0;) {
		const struct width_range *r = &font->ranges[i];
		double width;
		if (code < r->first || code > r->last)
			continue;
		if (!r->list)
			return r->width;
		return pdf_value_number(r->list->array.item[code - r->first], &width) ? width / 1000
										      : font->width;
	}
	return font->width;
}

/* -- both -- */

static enum err read_cmap(const struct opening *o, const struct pdf_value *dict)
{
	const struct pdf_value *stream;
	struct bytes data;
	TRY(find(o, dict, "ToUnicode", &stream));
	if (stream->kind != PDF_STREAM)
		return OK;
	const bool had_fault = scope_fault_code(o->s) != OK;
	const enum err err = pdf_file_stream_data(o->s, o->f, o->rev, stream, &data);
	if (err == OK)
		return pdf_cmap_read(o->s, data, &o->font->cmap);
	if (err != ERR_NOMEM && !had_fault)
		scope_forgive(o->s);
	return err == ERR_NOMEM ? err : OK;
}

static bool is_letter(const struct pdf_font_char *c)
{
	const uint32_t p = c->n ? c->points[0] : 'x';
	return (p >= '0' && p <= '9') || (p >= 'A' && p <= 'Z') || (p >= 'a' && p <= 'z') ||
	       (p >= 0xc0 && (p < 0x2000 || p > 0x2bff));
}

static void note_letters(struct pdf_font *font)
{
	for (unsigned i = 0; i < 256; i++) {
		const uint8_t code = (uint8_t)i;
		const struct pdf_font_char c = pdf_font_char_at(font, bytes_of(&code, 1), 0);
		font->letters[i] = is_letter(&c);
	}
}

enum err pdf_font_open(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *dict, struct pdf_font **ret_font)
{
	struct pdf_font *font = scope_alloc(s, sizeof(*font));
	const struct opening o = { s, f, rev, font };
	if (!font)
		return ERR_NOMEM;
	TRY(read_cmap(&o, dict));
	if (pdf_value_is_name(pdf_value_find(dict, "Subtype"), "Type0")) {
		TRY(open_composite(&o, dict));
	} else {
		TRY(read_encoding(&o, dict));
		TRY(read_widths(&o, dict));
		note_letters(font);
	}
	*ret_font = font;
	return OK;
}

struct pdf_font_char pdf_font_char_at(const struct pdf_font *font, struct bytes octets, size_t at)
{
	struct pdf_font_char c = { .octets = 1, .width = WIDTH };
	if (!font)
		return c;
	uint32_t code = octets.p[at];
	if (font->is_composite && at + 1 < octets.n) {
		c.octets = 2;
		code = code << 8 | octets.p[at + 1];
	}
	c.width = font->is_composite ? width_of(font, code) : font->widths[code];
	if (font->is_composite && !font->is_two_octets)
		return c;
	if (font->cmap)
		c.n = pdf_cmap_find(font->cmap, code, c.octets, c.points);
	if (c.n == 0 && font->is_unicode)
		c.points[c.n++] = code;
	if (c.n == 0 && !font->is_composite && font->points[code])
		c.points[c.n++] = font->points[code];
	c.is_blank = c.n == 1 && (c.points[0] == ' ' || c.points[0] == 0xa0);
	return c;
}

struct pdf_font_extent pdf_font_extent_of(const struct pdf_font *font, struct bytes octets)
{
	struct pdf_font_extent e = { 0 };
	if (font && !font->is_composite) {
		e.n = octets.n;
		for (size_t i = 0; i < octets.n; i++) {
			e.width += font->widths[octets.p[i]];
			e.spaces += octets.p[i] == ' ';
			e.letters += font->letters[octets.p[i]];
		}
		return e;
	}
	for (size_t at = 0; at < octets.n;) {
		const struct pdf_font_char c = pdf_font_char_at(font, octets, at);
		e.width += c.width;
		e.spaces += c.octets == 1 && octets.p[at] == ' ';
		e.letters += is_letter(&c);
		e.n++;
		at += c.octets;
	}
	return e;
}
