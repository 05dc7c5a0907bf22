#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "validator/embed.h"
#include "validator/outline.h"

EMBED(outline_html_style, "validator/outline.css");

struct page {
	struct buf out;
	const struct outline *outline;
	bool in_section, in_causes, in_words;
};

static void raw(struct page *p, const char *markup)
{
	buf_add_str(&p->out, markup);
}

/* The only way for a text into the page, in content and in attribute values. */
static void text(struct page *p, const char *any)
{
	for (const char *c = any; *c; c++) {
		switch (*c) {
		case '&':
			raw(p, "&amp;");
			break;
		case '<':
			raw(p, "&lt;");
			break;
		case '>':
			raw(p, "&gt;");
			break;
		case '"':
			raw(p, "&quot;");
			break;
		case '\'':
			raw(p, "&#39;");
			break;
		default:
			buf_add_byte(&p->out, (uint8_t)*c);
			break;
		}
	}
}

static void element(struct page *p, const char *open, const char *content, const char *close)
{
	raw(p, open);
	text(p, content);
	raw(p, close);
}

static const char *class_of(enum outline_tone tone)
{
	static const char *const names[] = {
		[OUTLINE_PLAIN] = "plain",
		[OUTLINE_GOOD] = "good",
		[OUTLINE_CAUTION] = "caution",
		[OUTLINE_BAD] = "bad",
	};
	return names[tone];
}

/* Not colour alone: a mark besides, which says nothing that the word does not say. */
static void add_mark(struct page *p, enum outline_tone tone)
{
	static const char *const marks[] = {
		[OUTLINE_PLAIN] = "\xe2\x80\xa2", /* bullet */
		[OUTLINE_GOOD] = "\xe2\x9c\x93",  /* check mark */
		[OUTLINE_CAUTION] = "!",
		[OUTLINE_BAD] = "\xc3\x97", /* multiplication sign */
	};
	element(p, "<span aria-hidden=\"true\">", marks[tone], "</span> ");
}

/* -- blocks -- */
static const struct outline_block *first_of(const struct outline *o, enum outline_kind kind)
{
	static const struct outline_block none = { .word = "", .text = "", .code = "" };
	for (size_t i = 0; i < o->n; i++)
		if (o->item[i].kind == kind)
			return &o->item[i];
	return &none;
}

static bool has_pictures(const struct outline *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->item[i].kind == OUTLINE_PICTURES)
			return true;
	return false;
}

static void add_head(struct page *p)
{
	const struct outline_block *title = first_of(p->outline, OUTLINE_TITLE);
	const struct outline_block *verdict = first_of(p->outline, OUTLINE_VERDICT);
	const char *language = messages_language(p->outline->messages);
	raw(p, "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"");
	element(p, " lang=\"", language, "\"");
	element(p, " xml:lang=\"", language, "\">\n<head>\n<meta charset=\"utf-8\"/>\n");
	raw(p, "<meta http-equiv=\"Content-Security-Policy\" "
	       "content=\"default-src 'none'; style-src 'unsafe-inline'");
	raw(p, has_pictures(p->outline) ? "; img-src data:" : "");
	raw(p, "\"/>\n"
	       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	       "<meta name=\"generator\" content=\"Bulla " BULLA_VERSION "\"/>\n");
	element(p, "<title>", verdict->word, " - ");
	element(p, "", title->code, " - ");
	element(p, "", title->text, "</title>\n<style>\n");
	raw(p, (const char *)outline_html_style);
	raw(p, "</style>\n</head>\n<body>\n");
}

static void add_title(struct page *p, const struct outline_block *b)
{
	raw(p, "<div class=\"bar\">\n<header>\n<p class=\"brand\">Bulla</p>\n");
	element(p, "<p>", b->text, "</p>\n");
	element(p, "<p>", b->code, "</p>\n</header>\n</div>\n");
}

static void add_verdict(struct page *p, const struct outline_block *b)
{
	element(
	    p, "<section class=\"verdict ", class_of(b->tone), "\" aria-labelledby=\"verdict\">\n");
	raw(p, "<h1 id=\"verdict\">");
	add_mark(p, b->tone);
	element(p, "", b->word, "</h1>\n");
	element(p, "<p>", b->text, "</p>\n</section>\n");
}

static void end_section(struct page *p)
{
	if (p->in_section)
		raw(p, "</section>\n");
	p->in_section = false;
}

static void add_heading(struct page *p, const struct outline_block *b)
{
	if (b->level > 2) {
		element(p, "<h3>", b->text, "</h3>\n");
		return;
	}
	end_section(p);
	p->in_section = true;
	element(p, "<section aria-labelledby=\"", b->id, "\">\n");
	element(p, "<h2 id=\"", b->id, "\">");
	element(p, "", b->text, "</h2>\n");
	if (!b->word[0])
		return;
	element(p, "<p class=\"badge ", class_of(b->tone), "\">");
	add_mark(p, b->tone);
	text(p, b->word);
	element(p, " <span class=\"code\">", b->code, "</span></p>\n");
}

static void add_facts(struct page *p, const struct outline_block *b)
{
	if (!b->n_cells)
		return;
	raw(p, "<dl>\n");
	for (size_t i = 0; i < b->n_cells; i += 2) {
		if (i == 0 || b->cell[i][0]) {
			raw(p, i ? "</div>\n" : "");
			element(p, "<div><dt>", b->cell[i], "</dt>");
		}
		element(p, "<dd>", b->cell[i + 1], "</dd>");
	}
	raw(p, "</div>\n</dl>\n");
}

static bool is_heading(const struct outline *o, const char *id)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->item[i].kind == OUTLINE_HEADING && o->item[i].id &&
		    !strcmp(o->item[i].id, id))
			return true;
	return false;
}

/* The first cell of a row heads it where it names a section, and leads there. */
static void add_first_cell(struct page *p, const char *cell, bool links)
{
	if (!links || !is_heading(p->outline, cell)) {
		element(p, "<td>", cell, "</td>");
		return;
	}
	element(p, "<th scope=\"row\"><a href=\"#", cell, "\">");
	element(p, "", cell, "</a></th>");
}

static void add_table(struct page *p, const struct outline_block *b)
{
	bool links = b->n_cells > b->n_columns && is_heading(p->outline, b->cell[b->n_columns]);
	element(p, "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"", b->text,
	    "\">\n<table>\n");
	element(p, "<caption>", b->text, "</caption>\n<thead><tr>");
	for (size_t i = 0; i < b->n_columns; i++)
		element(p, "<th scope=\"col\">", b->cell[i], "</th>");
	raw(p, "</tr></thead>\n<tbody>\n");
	for (size_t i = b->n_columns; i + b->n_columns <= b->n_cells; i += b->n_columns) {
		raw(p, "<tr>");
		add_first_cell(p, b->cell[i], links);
		for (size_t k = 1; k < b->n_columns; k++)
			element(p, "<td>", b->cell[i + k], "</td>");
		raw(p, "</tr>\n");
	}
	raw(p, "</tbody>\n</table>\n</div>\n");
}

static void add_cause(struct page *p, const struct outline_block *b)
{
	element(p, "<li class=\"", class_of(b->tone), "\">\n<p><strong>");
	add_mark(p, b->tone);
	element(p, "", b->word, ":</strong> ");
	element(p, "", b->text, "</p>\n");
	add_facts(p, b);
	element(p, "<p class=\"code\">", b->code, "</p>\n</li>\n");
}

/* What went and what came is said as well as shown: struck out and underlined is not for ears. */
static void add_words(struct page *p, const struct outline_block *b)
{
	element(p, "<li>", b->cell[0], " ");
	if (b->cell[1][0]) {
		element(p, "<del><span class=\"unseen\">", outline_say(p->outline, "removed:"),
		    " </span>");
		element(p, "", b->cell[1], "</del> ");
	}
	if (b->cell[2][0]) {
		element(p, "<ins><span class=\"unseen\">", outline_say(p->outline, "added:"),
		    " </span>");
		element(p, "", b->cell[2], "</ins> ");
	}
	element(p, "", b->cell[3], "</li>\n");
}

static void add_picture(struct page *p, const struct outline_picture *picture)
{
	char size[64];
	raw(p, "<figure>\n");
	if (picture->uri) {
		if (picture->link)
			element(p, "<a href=\"", picture->link, "\">");
		element(p, "<img alt=\"", picture->alt, "\"");
		snprintf(size, sizeof(size), " width=\"%u\" height=\"%u\"", picture->width,
		    picture->height);
		raw(p, size);
		raw(p, " src=\"");
		raw(p, picture->uri);
		raw(p, picture->link ? "\"/></a>\n" : "\"/>\n");
	}
	element(p, "<figcaption>", picture->caption, "");
	if (picture->link && !picture->uri) {
		element(p, ": <a href=\"", picture->link, "\">");
		element(p, "", picture->link, "</a>");
	}
	raw(p, "</figcaption>\n</figure>\n");
}

static void add_pictures(struct page *p, const struct outline_block *b)
{
	raw(p, "<div class=\"pictures\">\n");
	for (size_t i = 0; i < b->n_pictures; i++)
		add_picture(p, &b->picture[i]);
	raw(p, "</div>\n");
}

/* Blocks of a kind that stand one after the other are one list. */
static void enter(struct page *p, bool *is_in, bool belongs, const char *open)
{
	if (*is_in != belongs)
		raw(p, *is_in ? "</ul>\n" : open);
	*is_in = belongs;
}

static void leave_lists(struct page *p)
{
	enter(p, &p->in_causes, false, "");
	enter(p, &p->in_words, false, "");
}

static void add_block(struct page *p, const struct outline_block *b)
{
	enter(p, &p->in_causes, b->kind == OUTLINE_CAUSE, "<ul class=\"causes\">\n");
	enter(p, &p->in_words, b->kind == OUTLINE_WORDS, "<ul class=\"words\">\n");
	switch (b->kind) {
	case OUTLINE_TITLE: /* above the body */
		break;
	case OUTLINE_VERDICT:
		add_verdict(p, b);
		break;
	case OUTLINE_HEADING:
		add_heading(p, b);
		break;
	case OUTLINE_FACTS:
		add_facts(p, b);
		break;
	case OUTLINE_TABLE:
		add_table(p, b);
		break;
	case OUTLINE_CAUSE:
		add_cause(p, b);
		break;
	case OUTLINE_SENTENCE:
		element(p, "<p>", b->text, "</p>\n");
		break;
	case OUTLINE_WORDS:
		add_words(p, b);
		break;
	case OUTLINE_PICTURES:
		add_pictures(p, b);
		break;
	}
}

static void add_body(struct page *p)
{
	for (size_t i = 0; i < p->outline->n; i++)
		add_block(p, &p->outline->item[i]);
	leave_lists(p);
	end_section(p);
}

enum err outline_html(struct scope *s, const struct outline *o, struct bytes *ret_page)
{
	struct page p = { .out = buf_new(s, LIMIT_REPORT), .outline = o };
	add_head(&p);
	add_title(&p, first_of(o, OUTLINE_TITLE));
	raw(&p, "<main>\n");
	add_body(&p);
	raw(&p, "</main>\n</body>\n</html>\n");
	return buf_done(&p.out, ret_page);
}

enum err outline_html_body(struct scope *s, const struct outline *o, struct bytes *ret_body)
{
	struct page p = { .out = buf_new(s, LIMIT_REPORT), .outline = o };
	add_body(&p);
	return buf_done(&p.out, ret_body);
}
