#include "service/report_pdf.h"

#include <string.h>

#include "base/buf.h"
#include "base/scope.h"
#include "formats/pdf_update.h"
#include "service/pdf_sheet.h"
#include "validator/report_outline.h"

#define PAD 12.0       /* between a bar and the text beside it */
#define NARROWEST 36.0 /* a column of a table is not made narrower to fit */
#define KEEP 64.0      /* what must stand below a heading on the same page */

#define INK 0x1d2329
#define SOFT 0x4a5663

static const struct pdf_sheet_style plain = { .size = 9.5, .ink = INK };
static const struct pdf_sheet_style soft = { .size = 9.5, .ink = SOFT };
static const struct pdf_sheet_style fine = { .size = 8, .ink = SOFT };
static const struct pdf_sheet_style head = { .size = 9, .bold = true, .ink = SOFT };
static const struct pdf_sheet_style cell = { .size = 9, .ink = INK };
static const struct pdf_sheet_style link = { .size = 9, .bold = true, .ink = 0x164a8a };
static const struct pdf_sheet_style brand = { .size = 10, .bold = true, .ink = 0x1f3a5f };
static const struct pdf_sheet_style heading2 = { .size = 14, .bold = true, .ink = INK };
static const struct pdf_sheet_style heading3 = { .size = 11, .bold = true, .ink = INK };

/* The colours of validator/outline.css; the mark tells the same to those who see none. */
static const struct tone {
	uint32_t edge, ground, ink;
	const char *mark;
} tones[] = {
	[OUTLINE_PLAIN] = { 0x5b6b7b, 0xf2f4f7, 0x33404d, "\xe2\x80\xa2" },
	[OUTLINE_GOOD] = { 0x0b6b3a, 0xeaf5ee, 0x0a5730, "\xe2\x9c\x93" },
	[OUTLINE_CAUTION] = { 0xa86400, 0xfff5dd, 0x6a4100, "!" },
	[OUTLINE_BAD] = { 0xb3261e, 0xfdeeec, 0x8a1c16, "\xc3\x97" },
};

struct paper {
	struct scope *s;
	const struct outline *outline;
	struct pdf_sheet *sheet;
	bool in_section;
	enum err failed;
};

static const char *fill(struct paper *p, const char *template, const struct outline_block *b)
{
	char *text;
	const struct messages_value values[] = { { "mark", tones[b->tone].mark },
		{ "word", b->word }, { "text", b->text }, { "code", b->code }, { 0 } };
	if (p->failed == OK)
		p->failed = messages_fill(p->s, template, values, &text);
	return p->failed == OK ? text : "";
}

static struct pdf_sheet_row row_of(
    const char *tag, const char *text, const struct pdf_sheet_style *style, double indent)
{
	struct pdf_sheet_row row = { .tag = tag, .n = 1, .indent = indent };
	row.cell[0] = (struct pdf_sheet_cell){
		.text = text, .style = style, .width = PDF_SHEET_WIDTH - indent
	};
	return row;
}

/* -- blocks -- */
static void add_title(struct paper *p, const struct outline_block *b)
{
	struct pdf_sheet_row row = row_of("P", fill(p, "Bulla \xc2\xb7 {text}", b), &brand, 0);
	row.below = 10;
	pdf_sheet_row(p->sheet, &row);
}

static void add_verdict(struct paper *p, const struct outline_block *b)
{
	const struct tone *t = &tones[b->tone];
	const struct pdf_sheet_style word = { .size = 21, .bold = true, .ink = t->ink };
	const struct pdf_sheet_style sentence = { .size = 12, .ink = INK };
	struct pdf_sheet_row row = row_of("H1", fill(p, "{mark} {word}", b), &word, PAD + 6);
	row.ground = t->ground;
	row.edge = t->edge;
	row.above = 12;
	row.keep = 40;
	pdf_sheet_row(p->sheet, &row);
	row = row_of("P", b->text, &sentence, PAD + 6);
	row.cell[0].width -= PAD;
	row.ground = t->ground;
	row.edge = t->edge;
	row.above = 3;
	row.below = 13;
	pdf_sheet_row(p->sheet, &row);
	pdf_sheet_gap(p->sheet, 8);
}

static void end_section(struct paper *p)
{
	if (p->in_section)
		pdf_sheet_end(p->sheet, "Sect");
	p->in_section = false;
}

static void add_badge(struct paper *p, const struct outline_block *b)
{
	const struct tone *t = &tones[b->tone];
	const struct pdf_sheet_style word = { .size = 10, .bold = true, .ink = t->ink };
	const char *text = fill(p, "{mark} {word}", b);
	double width = pdf_sheet_measure(p->sheet, text, &word) + 20;
	struct pdf_sheet_row row = row_of("P", text, &word, PAD);
	row.n = 2;
	row.cell[0].width = width;
	row.cell[1] = (struct pdf_sheet_cell){
		.text = b->code, .style = &fine, .width = PDF_SHEET_WIDTH - PAD - width
	};
	row.ground = t->ground;
	row.edge = t->edge;
	row.above = 3;
	row.below = 4;
	row.keep = KEEP;
	pdf_sheet_row(p->sheet, &row);
	pdf_sheet_gap(p->sheet, 4);
}

static void add_heading(struct paper *p, const struct outline_block *b)
{
	struct pdf_sheet_row row = row_of("H3", b->text, &heading3, 0);
	row.above = 12;
	row.below = 3;
	row.keep = KEEP;
	if (b->level > 2) {
		pdf_sheet_row(p->sheet, &row);
		return;
	}
	end_section(p);
	p->in_section = true;
	pdf_sheet_begin(p->sheet, "Sect");
	pdf_sheet_gap(p->sheet, 20);
	row = row_of("H2", b->text, &heading2, 0);
	row.target = b->id;
	row.above = 10;
	row.below = 5;
	row.keep = 2 * KEEP;
	row.over = true;
	pdf_sheet_row(p->sheet, &row);
	if (b->id)
		pdf_sheet_bookmark(p->sheet, b->text, b->id);
	if (b->word[0])
		add_badge(p, b);
}

static void add_facts(struct paper *p, const struct outline_block *b, const struct tone *t)
{
	double indent = t ? PAD : 0, label = t ? 88 : 150;
	if (!b->n_cells)
		return;
	pdf_sheet_begin(p->sheet, "L");
	for (size_t i = 0; i < b->n_cells; i += 2) {
		struct pdf_sheet_row row = row_of("LI", b->cell[i], &soft, indent);
		row.n = 2;
		row.cell[0].width = label;
		row.cell[0].tag = "Lbl";
		row.cell[1] = (struct pdf_sheet_cell){ .text = b->cell[i + 1],
			.style = &plain,
			.tag = "LBody",
			.width = PDF_SHEET_WIDTH - 2 * indent - label };
		row.above = row.below = t ? 1.5 : 3;
		row.ground = t ? t->ground : 0;
		row.edge = t ? t->edge : 0;
		row.under = !t;
		pdf_sheet_row(p->sheet, &row);
	}
	pdf_sheet_end(p->sheet, "L");
}

static void add_cause(struct paper *p, const struct outline_block *b)
{
	const struct tone *t = &tones[b->tone];
	const struct pdf_sheet_style strong = { .size = 9.5, .bold = true, .ink = t->ink };
	struct pdf_sheet_row row = row_of("P", fill(p, "{mark} {word}: {text}", b), &strong, PAD);
	row.cell[0].width -= PAD;
	row.ground = t->ground;
	row.edge = t->edge;
	row.above = 6;
	row.below = 1.5;
	const size_t facts = b->n_cells / 2;
	row.keep = 16 * (double)(facts + 1);
	pdf_sheet_row(p->sheet, &row);
	add_facts(p, b, t);
	row = row_of("P", b->code, &fine, PAD);
	row.cell[0].width -= PAD;
	row.ground = t->ground;
	row.edge = t->edge;
	row.above = 1.5;
	row.below = 6;
	pdf_sheet_row(p->sheet, &row);
	pdf_sheet_gap(p->sheet, 6);
}

/* -- tables -- */
static const char *target_of(const struct outline *o, const char *text)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->item[i].kind == OUTLINE_HEADING && o->item[i].id &&
		    !strcmp(o->item[i].id, text))
			return text;
	return NULL;
}

/* Each column as its widest cell wants; then the widest give way, or all share what is left. */
static void lay_columns(struct paper *p, const struct outline_block *b, double *widths)
{
	double sum = 0;
	if (b->n_columns == 0)
		return;
	for (size_t i = 0; i < b->n_columns; i++)
		widths[i] = 0;
	for (size_t i = 0; i < b->n_cells; i++) {
		double *w = &widths[i % b->n_columns], width = PDF_SHEET_WIDTH;
		if (strlen(b->cell[i]) < 200)
			width = pdf_sheet_measure(
				    p->sheet, b->cell[i], i < b->n_columns ? &head : &cell) +
				9;
		*w = width > *w ? width : *w;
	}
	for (size_t i = 0; i < b->n_columns; i++)
		sum += widths[i];
	while (sum > PDF_SHEET_WIDTH) {
		size_t widest = 0;
		for (size_t i = 1; i < b->n_columns; i++)
			widest = widths[i] >= widths[widest] ? i : widest;
		if (widths[widest] <= NARROWEST)
			return;
		widths[widest] -= 1;
		sum -= 1;
	}
	for (size_t i = 0; i < b->n_columns; i++)
		widths[i] += (PDF_SHEET_WIDTH - sum) / (double)b->n_columns;
}

static struct pdf_sheet_row table_row(
    const struct paper *p, const struct outline_block *b, size_t first, const double *widths)
{
	bool heads = first == 0;
	struct pdf_sheet_row row = { .tag = "TR",
		.n = b->n_columns,
		.above = 3,
		.below = 3,
		.under = true,
		.keep = heads ? 20 : 0 };
	for (size_t i = 0; i < b->n_columns; i++)
		row.cell[i] = (struct pdf_sheet_cell){ .text = b->cell[first + i],
			.style = heads ? &head : &cell,
			.width = widths[i],
			.tag = heads ? "TH" : "TD" };
	if (!heads)
		row.cell[0].link = target_of(p->outline, row.cell[0].text);
	if (row.cell[0].link)
		row.cell[0].style = &link;
	return row;
}

static void add_table(struct paper *p, const struct outline_block *b)
{
	double widths[OUTLINE_COLUMNS];
	lay_columns(p, b, widths);
	struct pdf_sheet_row header = table_row(p, b, 0, widths);
	pdf_sheet_begin_table(p->sheet, &header);
	for (size_t i = b->n_columns; i + b->n_columns <= b->n_cells; i += b->n_columns) {
		struct pdf_sheet_row row = table_row(p, b, i, widths);
		pdf_sheet_row(p->sheet, &row);
	}
	pdf_sheet_end_table(p->sheet);
}

static void add_sentence(struct paper *p, const struct outline_block *b)
{
	struct pdf_sheet_row row = row_of("P", b->text, &plain, 0);
	row.above = 6;
	row.below = 3;
	pdf_sheet_row(p->sheet, &row);
}

static void add_block(struct paper *p, const struct outline_block *b)
{
	switch (b->kind) {
	case OUTLINE_TITLE:
		add_title(p, b);
		break;
	case OUTLINE_VERDICT:
		add_verdict(p, b);
		break;
	case OUTLINE_HEADING:
		add_heading(p, b);
		break;
	case OUTLINE_FACTS:
		add_facts(p, b, NULL);
		break;
	case OUTLINE_TABLE:
		add_table(p, b);
		break;
	case OUTLINE_CAUSE:
		add_cause(p, b);
		break;
	case OUTLINE_SENTENCE:
	case OUTLINE_WORDS:
	case OUTLINE_PICTURES:
		if (b->text[0])
			add_sentence(p, b);
		break;
	}
}

/* -- the whole -- */
static enum err lay_out(struct scope *s, const struct report *r, const struct outline *o,
    unsigned *pages, struct bytes *ret_pdf)
{
	struct paper p = { .s = s, .outline = o };
	struct pdf_sheet_about about = { .title = outline_say(o, "Validation report"),
		.subject = o->item[0].code,
		.made = r->validation_time,
		.messages = o->messages,
		.pages = *pages };
	TRY(pdf_sheet_new(s, &about, &p.sheet));
	for (size_t i = 0; i < o->n; i++)
		add_block(&p, &o->item[i]);
	end_section(&p);
	TRY(p.failed);
	return pdf_sheet_done(p.sheet, pages, ret_pdf);
}

/* What cairo cannot say: the language, and that the title is to be shown (ISO 32000-2 14.9.2,
 * 12.2). */
static enum err add_language(
    struct scope *s, struct bytes pdf, const char *language, struct bytes *ret_pdf)
{
	struct pdf_file *file;
	struct pdf_update *update;
	struct pdf_update_result more;
	const struct pdf_value *old;
	struct buf b = buf_new(s, SIZE_MAX);
	TRY(pdf_file_open(s, pdf, BYTES_NONE, &file));
	TRY(pdf_update_new(s, file, BYTES_NONE, &update));
	TRY(pdf_update_object(update, file->root, &old));
	struct pdf_value *catalog = pdf_value_copy(s, old), *shown = pdf_value_new_dict(s);
	if (!catalog || !shown)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, shown, "DisplayDocTitle", pdf_value_new_bool(s, true)));
	TRY(pdf_value_set(s, catalog, "ViewerPreferences", shown));
	TRY(pdf_value_set(s, catalog, "Lang", pdf_value_new_string(s, bytes_of_str(language))));
	TRY(pdf_update_put(update, file->root, catalog));
	TRY(pdf_update_close(update, &more));
	buf_add(&b, pdf);
	buf_add(&b, bytes_of(more.p, more.n));
	return buf_done(&b, ret_pdf);
}

enum err report_pdf(
    struct scope *s, const struct report *r, const struct messages *m, struct bytes *ret_pdf)
{
	struct outline o;
	struct bytes pdf;
	unsigned pages = 0;
	TRY(report_outline(s, r, m, &o));
	TRY(lay_out(s, r, &o, &pages, &pdf)); /* once to count the pages, once to number them */
	TRY(lay_out(s, r, &o, &pages, &pdf));
	return add_language(s, pdf, messages_language(m), ret_pdf);
}
