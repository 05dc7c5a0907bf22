/*
 * Sheets of paper: rows of text set one below the other on numbered A4 pages, as a tagged PDF. The
 * owner of cairo and Pango; what a report looks like is said in service/report_pdf.c.
 *
 * Nothing is read from the environment: the same calls with the same fonts installed give the same
 * octets. Text is UTF-8 without control characters. Fonts come from the system (fontconfig): DejaVu
 * Sans where it is installed, and others for the scripts that it lacks. Running out of memory
 * inside of Pango ends the process (GLib knows no other way).
 *
 * Functions that add never fail; after a failure they do nothing, and pdf_sheet_done tells.
 */
#ifndef BULLA_SERVICE_PDF_SHEET_H
#define BULLA_SERVICE_PDF_SHEET_H

#include "base/instant.h"
#include "base/messages.h"

#define PDF_SHEET_COLUMNS 8
#define PDF_SHEET_WIDTH 499.0 /* of a row, in points */

struct pdf_sheet;

struct pdf_sheet_about {
	const char *title, *subject;
	struct instant made;             /* the document's creation date */
	const struct messages *messages; /* of the language, NULL: English */
	unsigned pages;                  /* how many there will be; 0: not known yet */
};

struct pdf_sheet_style {
	double size; /* of the letters, in points */
	bool bold;
	uint32_t ink; /* 0xRRGGBB */
};

struct pdf_sheet_cell {
	const char *text;
	const struct pdf_sheet_style *style;
	double width;     /* with the space to the next one */
	const char *tag;  /* "TD", ...; NULL: the row's tag is enough */
	const char *link; /* to the row with this `target`; NULL: none */
};

struct pdf_sheet_row {
	struct pdf_sheet_cell cell[PDF_SHEET_COLUMNS];
	size_t n;
	const char *tag;     /* "P", "H1", "TR", ...; NULL: decoration, not read aloud */
	const char *target;  /* a name to link to: letters and digits; NULL: none */
	double above, below; /* space */
	double indent;
	double keep;     /* so much of what follows belongs on the same page */
	uint32_t ground; /* a tint behind the row and a bar of colour `edge` at its left; 0: none */
	uint32_t edge;
	bool over, under; /* a line above or below it */
};

must_check enum err pdf_sheet_new(
    struct scope *s, const struct pdf_sheet_about *about, struct pdf_sheet **ret_sheet);
/* Opens and closes an element that holds rows: "Sect", "L", ... */
void pdf_sheet_begin(struct pdf_sheet *p, const char *tag);
void pdf_sheet_end(struct pdf_sheet *p, const char *tag);
/* A row stays on one page where it can; a longer one goes on on the next. */
void pdf_sheet_row(struct pdf_sheet *p, const struct pdf_sheet_row *row);
/* Space, none at the top of a page. */
void pdf_sheet_gap(struct pdf_sheet *p, double height);
/* A "Table" whose header is shown again on each further page. `header` lives until its end. */
void pdf_sheet_begin_table(struct pdf_sheet *p, const struct pdf_sheet_row *header);
void pdf_sheet_end_table(struct pdf_sheet *p);
/* An entry in the list of bookmarks. */
void pdf_sheet_bookmark(struct pdf_sheet *p, const char *text, const char *target);
/* The width that the text wants on one line. */
double pdf_sheet_measure(
    struct pdf_sheet *p, const char *text, const struct pdf_sheet_style *style);
/* Ends the last page. ERR_LIMIT beyond LIMIT_REPORT_PAGES; ERR_UNSUPPORTED when no font is there.
 */
must_check enum err pdf_sheet_done(struct pdf_sheet *p, unsigned *ret_pages, struct bytes *ret_pdf);

#endif
