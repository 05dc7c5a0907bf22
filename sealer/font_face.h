/*
 * A TrueType font in use in one appearance: text is shaped with it, its width told, the operators
 * that show it written, and in the end the glyphs that were shown go into the document as a Type0
 * font (ISO 32000-2 9.7). The owner of HarfBuzz and its subsetter. The same calls give the same
 * octets.
 *
 * The font embedded is a CIDFontType2 with Identity-H: one CID for each pair of a glyph and the
 * text that it stands for, in the order of their first use, and a CIDToGIDMap that leads to the
 * glyphs of the subset. So ToUnicode can say of each what it meant (a glyph that stands for two
 * letters has two CIDs), and W, CIDSet and ToUnicode are complete and without gaps, as PDF/A-1 (ISO
 * 19005-1 6.3.5, 6.3.6) to PDF/A-4 want. Hinting is dropped: no viewer needs it, and a hostile font
 * gets no program into the document.
 *
 * Text is brought into NFC, then shaped: kerning and the placing of marks are the font's, ligatures
 * are off where they are for looks (liga, clig) and on where the script needs them. Text runs from
 * left to right or from right to left as its characters ask (UAX #9).
 *
 * Not supported (ERR_UNSUPPORTED): fonts without glyf outlines (CFF), fonts whose OS/2 table
 * forbids embedding or subsetting. Of a variable font the default instance is used, of a collection
 * the first font. Colour glyphs are not shown in colour.
 *
 * Not checked: whether glyphs look like what they are mapped to; whether the text means to deceive
 * (overrides of direction and the like): pdf_text_printable does.
 */
#ifndef BULLA_SEALER_FONT_FACE_H
#define BULLA_SEALER_FONT_FACE_H

#include "formats/pdf_update.h"

struct font_face;

/* `file` must outlive the scope, which is the one for all calls with this face. ERR_FORMAT: not a
 * font, or a needed table is broken; ERR_LIMIT: beyond LIMIT_FONT_FILE; ERR_UNSUPPORTED: see above.
 */
must_check enum err font_face_open(struct scope *s, struct bytes file, struct font_face **ret_face);

/* The first character of the text that the font cannot show, or 0 when it can show all of them.
 * Control characters (line feed, tab) cannot be shown. Errors as of font_face_measure, but for a
 * missing character. */
must_check enum err font_face_missing(
    struct scope *s, struct font_face *face, const char *text, uint32_t *ret_missing);

/* In thousandths of the size. */
struct font_face_metrics {
	double ascent, descent; /* of a line; descent is negative */
	double cap_height;
};
struct font_face_metrics font_face_metrics(const struct font_face *face);

/* Width of the text (UTF-8) at size 1. ERR_UNSUPPORTED: a character is missing in the font, named
 * in the text of the fault; ERR_LIMIT: longer than LIMIT_FONT_TEXT octets. */
must_check enum err font_face_measure(
    struct scope *s, struct font_face *face, const char *text, double *ret_width);

/* Appends the operators that show the text at the current point: inside BT and ET, with this font
 * set by Tf at `size`, no Tc, Tw, Ts (`Tz` 100). Afterwards the point is behind the text. Notes
 * what was shown, for font_face_put. Errors as of font_face_measure; ERR_LIMIT also for more than
 * LIMIT_FONT_CIDS different glyphs. */
must_check enum err font_face_show(
    struct scope *s, struct font_face *face, const char *text, double size, struct buf *content);

/* Puts the font with all that was shown into the update, as several objects; *ret_font is what a
 * resource dictionary names. Once, after the last font_face_show. ERR_MISUSE when nothing was
 * shown. */
must_check enum err font_face_put(
    struct scope *s, struct font_face *face, struct pdf_update *update, struct pdf_ref *ret_font);

#endif
