#include "service/pdf_sheet.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

/* A4, in points. */
#define PAGE_WIDTH 595.276
#define PAGE_HEIGHT 841.89
#define LEFT ((PAGE_WIDTH - PDF_SHEET_WIDTH) / 2)
#define TOP 52.0
#define BOTTOM (PAGE_HEIGHT - 64.0)
#define FOOT (PAGE_HEIGHT - 44.0)
#define BAR 4.0
#define OVER_INK 0xc5ced8
#define UNDER_INK 0xe3e8ed
#define FOOT_INK 0x4a5663

struct pdf_sheet {
	struct scope *s;
	struct pdf_sheet_about about;
	struct buf out;
	cairo_surface_t *surface;
	cairo_t *cr;
	PangoContext *context;
	double y; /* where the next row begins */
	unsigned page;
	bool in_element;                    /* the row has a tag */
	const struct pdf_sheet_row *header; /* of the table that is open */
	enum err failed;
};

/* -- what the scope releases -- */
static void release_surface(void *surface)
{
	cairo_surface_destroy(surface);
}

static void release_cairo(void *cr)
{
	cairo_destroy(cr);
}

static void release_object(void *object)
{
	g_object_unref(object);
}

static cairo_status_t write_octets(void *sheet, const unsigned char *octets, unsigned n)
{
	struct pdf_sheet *p = sheet;
	buf_add(&p->out, bytes_of(octets, n));
	return p->out.failed == OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* -- text -- */
static void set_ink(struct pdf_sheet *p, uint32_t rgb)
{
	cairo_set_source_rgb(
	    p->cr, (rgb >> 16 & 0xff) / 255.0, (rgb >> 8 & 0xff) / 255.0, (rgb & 0xff) / 255.0);
}

/* To be released with g_object_unref. */
static PangoLayout *lay(
    struct pdf_sheet *p, const char *text, const struct pdf_sheet_style *style, double width)
{
	PangoLayout *layout = pango_layout_new(p->context);
	PangoFontDescription *font = pango_font_description_new();
	pango_font_description_set_family(font, "DejaVu Sans");
	pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
	pango_font_description_set_weight(
	    font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	/* A ligature would be one glyph for two letters: harder to read aloud and to search. */
	PangoAttrList *attributes = pango_attr_list_new();
	pango_attr_list_insert(attributes, pango_attr_font_features_new("liga=0, clig=0"));
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	pango_layout_set_text(layout, text, -1);
	if (width > 0) {
		pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
		pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	}
	return layout;
}

double pdf_sheet_measure(struct pdf_sheet *p, const char *text, const struct pdf_sheet_style *style)
{
	int width, height;
	if (p->failed != OK)
		return 0;
	PangoLayout *layout = lay(p, text, style, 0);
	pango_layout_get_size(layout, &width, &height);
	g_object_unref(layout);
	return (double)width / PANGO_SCALE;
}

/* -- pages -- */
static void add_foot(struct pdf_sheet *p)
{
	static const struct pdf_sheet_style style = { .size = 8, .ink = FOOT_INK };
	char n[16], all[16], *numbers;
	snprintf(n, sizeof(n), "%u", p->page);
	snprintf(all, sizeof(all), "%u", p->about.pages);
	const struct messages_value values[] = { { "n", n }, { "all", all }, { 0 } };
	enum err e = messages_fill(
	    p->s, messages_text(p->about.messages, "page {n} of {all}"), values, &numbers);
	if (e != OK) {
		p->failed = e;
		return;
	}
	double width = pdf_sheet_measure(p, numbers, &style);
	PangoLayout *right = lay(p, numbers, &style, 0);
	PangoLayout *left = lay(p, p->about.subject, &style, PDF_SHEET_WIDTH - width - 12);
	pango_layout_set_ellipsize(left, PANGO_ELLIPSIZE_MIDDLE);
	set_ink(p, style.ink);
	cairo_move_to(p->cr, LEFT, FOOT);
	pango_cairo_show_layout(p->cr, left);
	cairo_move_to(p->cr, LEFT + PDF_SHEET_WIDTH - width, FOOT);
	pango_cairo_show_layout(p->cr, right);
	g_object_unref(left);
	g_object_unref(right);
}

static void add_line(struct pdf_sheet *p, double y, uint32_t ink)
{
	set_ink(p, ink);
	cairo_set_line_width(p->cr, 0.6);
	cairo_move_to(p->cr, LEFT, y);
	cairo_line_to(p->cr, LEFT + PDF_SHEET_WIDTH, y);
	cairo_stroke(p->cr);
}

static void end_page(struct pdf_sheet *p)
{
	add_foot(p);
	cairo_show_page(p->cr);
	p->page++;
	p->y = TOP;
	if (p->page > LIMIT_REPORT_PAGES && p->failed == OK)
		p->failed = scope_fault(p->s, ERR_LIMIT,
		    "the report has more than %d pages: ask for another form", LIMIT_REPORT_PAGES);
}

/* -- rows -- */
struct set { /* a row that has been laid */
	PangoLayout *layout[PDF_SHEET_COLUMNS];
	int lines[PDF_SHEET_COLUMNS], most;
	double pitch, ascent; /* of all lines alike, so that columns stay level */
};

static void measure(struct set *t, size_t column)
{
	PangoLayoutIter *i = pango_layout_get_iter(t->layout[column]);
	do {
		PangoRectangle box;
		pango_layout_line_get_extents(pango_layout_iter_get_line_readonly(i), NULL, &box);
		double ascent = (double)-box.y / PANGO_SCALE;
		double pitch = (double)box.height / PANGO_SCALE * 1.12;
		t->ascent = ascent > t->ascent ? ascent : t->ascent;
		t->pitch = pitch > t->pitch ? pitch : t->pitch;
	} while (pango_layout_iter_next_line(i));
	pango_layout_iter_free(i);
	t->lines[column] = pango_layout_get_line_count(t->layout[column]);
	t->most = t->lines[column] > t->most ? t->lines[column] : t->most;
}

static void set_row(struct pdf_sheet *p, const struct pdf_sheet_row *row, struct set *t)
{
	*t = (struct set){ 0 };
	for (size_t i = 0; i < row->n; i++) {
		const struct pdf_sheet_cell *c = &row->cell[i];
		t->layout[i] = lay(p, c->text, c->style, c->width - (i + 1 < row->n ? 8 : 0));
		measure(t, i);
	}
}

/* cairo's tags for links take what they lead to or are called as an attribute. */
static void begin_named(
    struct pdf_sheet *p, const char *tag, const char *attribute, const char *name)
{
	char text[64];
	snprintf(text, sizeof(text), "%s='%s'", attribute, name);
	cairo_tag_begin(p->cr, tag, text);
}

void pdf_sheet_begin(struct pdf_sheet *p, const char *tag)
{
	if (p->failed == OK && tag)
		cairo_tag_begin(p->cr, tag, NULL);
}

void pdf_sheet_end(struct pdf_sheet *p, const char *tag)
{
	if (p->failed == OK && tag)
		cairo_tag_end(p->cr, tag);
}

/* Lines `from` to `to` of one column. Each is an element of its own: cairo writes the space at
 * which a line was broken as a span inside the element, and readers lose what stands after such a
 * span. */
static void add_lines(
    struct pdf_sheet *p, const struct set *t, size_t column, double x, int from, int to)
{
	bool several = p->in_element && to - from > 1;
	PangoLayoutIter *i = pango_layout_get_iter(t->layout[column]);
	for (int k = 0; k < to; k++, pango_layout_iter_next_line(i)) {
		if (k < from)
			continue;
		if (several)
			cairo_tag_begin(p->cr, "Span", NULL);
		cairo_move_to(p->cr, x, p->y + t->ascent + t->pitch * (k - from));
		pango_cairo_show_layout_line(p->cr, pango_layout_iter_get_line_readonly(i));
		if (several)
			cairo_tag_end(p->cr, "Span");
	}
	pango_layout_iter_free(i);
}

static void add_cell(struct pdf_sheet *p, const struct pdf_sheet_cell *c, const struct set *t,
    size_t column, double x, int from, int to)
{
	int last = to < t->lines[column] ? to : t->lines[column];
	if (from >= last || !c->text[0])
		return;
	if (c->tag)
		cairo_tag_begin(p->cr, c->tag, NULL);
	if (c->link)
		begin_named(p, CAIRO_TAG_LINK, "dest", c->link);
	set_ink(p, c->style->ink);
	add_lines(p, t, column, x, from, last);
	if (c->link)
		cairo_tag_end(p->cr, CAIRO_TAG_LINK);
	if (c->tag)
		cairo_tag_end(p->cr, c->tag);
}

static void add_ground(struct pdf_sheet *p, const struct pdf_sheet_row *row, double height)
{
	if (!row->ground)
		return;
	set_ink(p, row->ground);
	cairo_rectangle(p->cr, LEFT, p->y, PDF_SHEET_WIDTH, height);
	cairo_fill(p->cr);
	set_ink(p, row->edge);
	cairo_rectangle(p->cr, LEFT, p->y, BAR, height);
	cairo_fill(p->cr);
}

/* What of a row stands on one page. */
static void add_part(
    struct pdf_sheet *p, const struct pdf_sheet_row *row, const struct set *t, int from, int to)
{
	double above = from == 0 ? row->above : 0, below = to == t->most ? row->below : 0;
	double height = above + t->pitch * (to - from) + below, x = LEFT + row->indent;
	add_ground(p, row, height);
	if (row->over && from == 0)
		add_line(p, p->y, OVER_INK);
	p->y += above;
	pdf_sheet_begin(p, row->tag);
	p->in_element = row->tag != NULL;
	if (row->target && from == 0)
		begin_named(p, CAIRO_TAG_DEST, "name", row->target);
	for (size_t i = 0; i < row->n; i++) {
		add_cell(p, &row->cell[i], t, i, x, from, to);
		x += row->cell[i].width;
	}
	if (row->target && from == 0)
		cairo_tag_end(p->cr, CAIRO_TAG_DEST);
	pdf_sheet_end(p, row->tag);
	p->y += t->pitch * (to - from) + below;
	if (row->under && to == t->most)
		add_line(p, p->y, UNDER_INK);
}

static void add_header_again(struct pdf_sheet *p)
{
	if (!p->header)
		return;
	struct pdf_sheet_row header = *p->header;
	header.tag = NULL;
	for (size_t i = 0; i < header.n; i++)
		header.cell[i].tag = NULL;
	struct set t;
	set_row(p, &header, &t);
	if (p->y + header.above + t.pitch * t.most + header.below < (TOP + BOTTOM) / 2)
		add_part(p, &header, &t, 0, t.most);
	for (size_t i = 0; i < header.n; i++)
		g_object_unref(t.layout[i]);
}

static void turn_page(struct pdf_sheet *p)
{
	end_page(p);
	add_header_again(p);
}

void pdf_sheet_row(struct pdf_sheet *p, const struct pdf_sheet_row *row)
{
	struct set t;
	if (p->failed != OK || !row->n)
		return;
	set_row(p, row, &t);
	double height = row->above + t.pitch * t.most + row->below;
	if (p->y > TOP && p->y + height + row->keep > BOTTOM && height < BOTTOM - TOP)
		turn_page(p);
	for (int from = 0, to; from < t.most && p->failed == OK; from = to) {
		int fit = (int)((BOTTOM - p->y - row->above - row->below) / t.pitch);
		fit = fit > 0 ? fit : 1;
		to = from + fit < t.most ? from + fit : t.most;
		add_part(p, row, &t, from, to);
		if (to < t.most)
			turn_page(p);
	}
	for (size_t i = 0; i < row->n; i++)
		g_object_unref(t.layout[i]);
}

void pdf_sheet_gap(struct pdf_sheet *p, double height)
{
	if (p->y > TOP)
		p->y += height;
}

void pdf_sheet_begin_table(struct pdf_sheet *p, const struct pdf_sheet_row *header)
{
	pdf_sheet_begin(p, "Table");
	pdf_sheet_row(p, header);
	p->header = header;
}

void pdf_sheet_end_table(struct pdf_sheet *p)
{
	p->header = NULL;
	pdf_sheet_end(p, "Table");
}

void pdf_sheet_bookmark(struct pdf_sheet *p, const char *text, const char *target)
{
	char attributes[64];
	if (p->failed != OK)
		return;
	snprintf(attributes, sizeof(attributes), "dest='%s'", target);
	cairo_pdf_surface_add_outline(
	    p->surface, CAIRO_PDF_OUTLINE_ROOT, text, attributes, (cairo_pdf_outline_flags_t)0);
}

/* -- the whole -- */
static enum err open_fonts(struct pdf_sheet *p)
{
	PangoFontFamily **families;
	int n = 0;
	PangoFontMap *map = pango_cairo_font_map_new();
	TRY(scope_own(p->s, map, release_object));
	pango_font_map_list_families(map, &families, &n);
	g_free(families);
	if (n == 0)
		return scope_fault(
		    p->s, ERR_UNSUPPORTED, "no fonts are installed; fonts-dejavu-core will do");
	pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(map), 72);
	p->context = pango_font_map_create_context(map);
	TRY(scope_own(p->s, p->context, release_object));
	/* Otherwise these come from the environment and from the screen. */
	pango_context_set_language(
	    p->context, pango_language_from_string(messages_language(p->about.messages)));
	cairo_font_options_t *options = cairo_font_options_create();
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	pango_cairo_context_set_font_options(p->context, options);
	cairo_font_options_destroy(options);
	pango_context_set_round_glyph_positions(p->context, FALSE);
	return OK;
}

static void describe(struct pdf_sheet *p)
{
	char date[INSTANT_TEXT];
	instant_to_rfc3339(p->about.made, date);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, p->about.title);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_SUBJECT, p->about.subject);
	cairo_pdf_surface_set_metadata(
	    p->surface, CAIRO_PDF_METADATA_CREATOR, "Bulla " BULLA_VERSION);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, date);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_MOD_DATE, date);
}

enum err pdf_sheet_new(
    struct scope *s, const struct pdf_sheet_about *about, struct pdf_sheet **ret_sheet)
{
	struct pdf_sheet *p = scope_alloc(s, sizeof(*p));
	if (!p)
		return ERR_NOMEM;
	*p = (struct pdf_sheet){
		.s = s, .about = *about, .out = buf_new(s, LIMIT_REPORT), .y = TOP, .page = 1
	};
	TRY(open_fonts(p));
	p->surface = cairo_pdf_surface_create_for_stream(write_octets, p, PAGE_WIDTH, PAGE_HEIGHT);
	TRY(scope_own(s, p->surface, release_surface));
	p->cr = cairo_create(p->surface);
	TRY(scope_own(s, p->cr, release_cairo));
	describe(p);
	cairo_tag_begin(p->cr, "Document", NULL);
	*ret_sheet = p;
	return OK;
}

enum err pdf_sheet_done(struct pdf_sheet *p, unsigned *ret_pages, struct bytes *ret_pdf)
{
	unsigned pages = p->page;
	if (p->failed == OK) {
		cairo_tag_end(p->cr, "Document");
		end_page(p);
	}
	cairo_surface_finish(p->surface);
	if (p->failed != OK)
		return p->failed;
	cairo_status_t status = cairo_status(p->cr);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(p->surface);
	if (status == CAIRO_STATUS_NO_MEMORY)
		return scope_fault(p->s, ERR_NOMEM, "no memory for the report's pages");
	if (status != CAIRO_STATUS_SUCCESS && p->out.failed == OK)
		return scope_fault(
		    p->s, ERR_INTERNAL, "the report's pages: %s", cairo_status_to_string(status));
	*ret_pages = pages;
	return buf_done(&p->out, ret_pdf);
}
