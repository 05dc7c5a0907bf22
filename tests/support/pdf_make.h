/*
 * Small PDF files for tests, whole or with any defect: pieces are appended in order, offsets are
 *kept for the next cross-reference section.
 *
 *	struct pdf_make *m = pdf_make_new(s);
 *	pdf_make_header(m, "1.7");
 *	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
 *	...
 *	pdf_make_table(m, "/Root 1 0 R");       first revision
 *	pdf_make_object(m, 5, "(changed)");
 *	pdf_make_table(m, "/Root 1 0 R");       second revision, with /Prev
 *	struct bytes file = pdf_make_done(m);
 *
 * Out of memory ends the test program.
 */
#ifndef BULLA_TESTS_SUPPORT_PDF_MAKE_H
#define BULLA_TESTS_SUPPORT_PDF_MAKE_H

#include "base/buf.h"

#define PDF_MAKE_ENTRIES 256 /* between two cross-reference sections */

struct pdf_make_entry {
	uint32_t num, gen;
	int kind;      /* 0 free, 1 at an offset, 2 in an object stream; 1 is `n` in a table */
	size_t offset; /* kind 1, as written */
	uint32_t stream, at; /* kind 2 */
};

struct pdf_make {
	struct scope *s;
	struct buf out;
	size_t base;   /* offsets count from here: set by pdf_make_header; change it for defects */
	size_t prev;   /* the last section; SIZE_MAX: none yet. Change it for defects */
	uint32_t size; /* /Size that the next trailer gets */
	struct pdf_make_entry entry[PDF_MAKE_ENTRIES];
	size_t n_entries;
};

struct pdf_make *pdf_make_new(struct scope *s);
/* Anything, as it is. */
void pdf_make_raw(struct pdf_make *m, const char *text);
void pdf_make_rawf(struct pdf_make *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void pdf_make_octets(struct pdf_make *m, struct bytes octets);
/* "%PDF-1.7", and a line of octets above 127. */
void pdf_make_header(struct pdf_make *m, const char *version);
/* Where the next octet will stand. */
size_t pdf_make_at(const struct pdf_make *m);

/* `num 0 obj` body `endobj`. */
void pdf_make_object(struct pdf_make *m, uint32_t num, const char *body);
void pdf_make_objectf(struct pdf_make *m, uint32_t num, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* entries: of the dictionary beside /Length, e.g. "/Type /Metadata". */
void pdf_make_stream(struct pdf_make *m, uint32_t num, const char *entries, struct bytes data);
/* An object stream `num` with the objects num[0..n) and their bodies. */
void pdf_make_object_stream(
    struct pdf_make *m, uint32_t num, size_t n, const uint32_t *nums, const char *const *bodies);
/* An entry for the next section, in place of the one for that number, if any. */
void pdf_make_entry(struct pdf_make *m, struct pdf_make_entry entry);
void pdf_make_free(struct pdf_make *m, uint32_t num, uint32_t gen);

/* The gathered entries as a section, with /Size, /Prev, startxref and %%EOF; forgets them.
 * `trailer` is what else the trailer holds. The result is the offset of the section. */
size_t pdf_make_table(struct pdf_make *m, const char *trailer);
/* The same as a stream, object `num`. */
size_t pdf_make_xref_stream(struct pdf_make *m, uint32_t num, const char *trailer);
/* The same as a table with /XRefStm: the entries in `hidden` and the compressed ones stand in
 * stream `num` and are free in the table. */
size_t pdf_make_hybrid(
    struct pdf_make *m, uint32_t num, const char *trailer, const uint32_t *hidden, size_t n_hidden);
/* Only the section, without startxref. */
size_t pdf_make_bare_table(struct pdf_make *m, const char *trailer);
void pdf_make_startxref(struct pdf_make *m, size_t offset);
struct bytes pdf_make_done(struct pdf_make *m);

/* -- whole files -- */
/* Catalog 1, pages 2, page 3, contents 4, font 5; one revision, a table. */
struct bytes pdf_make_one_page(struct scope *s);
struct pdf_make *pdf_make_begin_one_page(struct scope *s); /* before its section */
/* The same with other bodies for catalog and page, and this text. */
struct pdf_make *pdf_make_begin_page(
    struct scope *s, const char *catalog, const char *page, const char *text);
/* The same with this text on the page. */
struct bytes pdf_make_text(struct scope *s, const char *text);
/* The same with an /AcroForm (6): a text field "name" (7) and an unsigned signature field "seal"
 * (8), both widgets of the page. */
struct bytes pdf_make_form(struct scope *s);
/* The same page in object streams with a cross-reference stream. */
struct bytes pdf_make_compressed(struct scope *s);
/* A linearized file: the section that is read first stands before the other. */
struct bytes pdf_make_linearized(struct scope *s);
struct pdf_make *pdf_make_begin_linearized(struct scope *s); /* for updates to it */

#endif
