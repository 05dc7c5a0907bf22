/*
 * A report as a person reads it, before anybody has chosen a medium: a list of blocks in reading
 * order, in one language. It is built once (validator/report_outline.c) and laid out three times:
 * for a terminal (outline_text), as a page (outline_html), on paper (service/report_pdf.h).
 *
 * Every text in a finished outline is UTF-8 that is safe to show: control characters, broken
 * sequences, bidirectional overrides and the like, which a document may carry to deceive, have
 * become U+FFFD (pdf_text_printable). A layout still escapes what its own syntax wants escaped.
 *
 * The functions that add never fail: after a failure they do nothing, and outline_done tells.
 */
#ifndef BULLA_VALIDATOR_OUTLINE_H
#define BULLA_VALIDATOR_OUTLINE_H

#include "base/instant.h"
#include "base/messages.h"

#define OUTLINE_COLUMNS 8 /* of a table at most */

enum outline_tone {
	OUTLINE_PLAIN,
	OUTLINE_GOOD,    /* accept */
	OUTLINE_CAUTION, /* look closer */
	OUTLINE_BAD,     /* do not accept */
};

enum outline_kind {
	OUTLINE_TITLE,    /* first; `text` of the whole, `code` of what it is about */
	OUTLINE_VERDICT,  /* `word`: the sentence in `text`; `code`: what the standard calls it */
	OUTLINE_HEADING,  /* `level` 2 or 3; with a `word` and `code` where it is a verdict */
	OUTLINE_FACTS,    /* `cell`: label, value, label, value, ... */
	OUTLINE_TABLE,    /* `cell`: n_columns headers, then rows; `text`: what it shows */
	OUTLINE_CAUSE,    /* `word`: `text`; facts in `cell`; `code`: finding and clause */
	OUTLINE_SENTENCE, /* `text` */
	OUTLINE_WORDS,    /* `cell`: words before, words that went, that came, words after, ...;
			     `text`: the same in one line */
	OUTLINE_PICTURES, /* `picture`, beside each other where there is room; `text`: where they
			     are, for a medium without pictures */
};

/* All in the scope, or longer. */
struct outline_picture {
	const char *uri; /* data:...; NULL: it is only told of */
	const char *alt, *caption;
	const char *link; /* a file beside the page; NULL: none */
	uint32_t width, height;
};

struct outline_block {
	enum outline_kind kind;
	enum outline_tone tone;
	unsigned level;
	const char *id; /* of a heading: letters and digits, to link to; NULL: none */
	const char *word, *text, *code; /* "" when there is none */
	const char **cell;
	size_t n_cells, n_columns;
	struct outline_picture *picture;
	size_t n_pictures;
	size_t room; /* the builder's */
};

struct outline {
	struct scope *s;
	const struct messages *messages; /* NULL: English */
	struct outline_block *item;
	size_t n, room;
	enum err failed;
};

struct outline outline_new(struct scope *s, const struct messages *m);
must_check enum err outline_done(const struct outline *o);

/* -- texts, "" after a failure -- */
/* The text in the outline's language. */
const char *outline_say(const struct outline *o, const char *id);
/* The form for n, with "{n}" filled in. */
const char *outline_count(struct outline *o, const char *one, const char *many, uint64_t n);
/* messages_fill on a text that is in the language already. */
const char *outline_fill(
    struct outline *o, const char *template, const struct messages_value *values);
/* Up to three values, as most texts have. */
#define OUTLINE_FILL(o, template, ...)                                                             \
	outline_fill(o, template, (const struct messages_value[]){ __VA_ARGS__, { 0 } })
/* "2026-11-22 10:00:00 UTC"; "unknown" in the language. */
const char *outline_time(struct outline *o, struct instant t);
const char *outline_number(struct outline *o, uint64_t n);
const char *outline_hex(struct outline *o, struct bytes b);
/* A distinguished name (RFC 4514) with a space after each comma that separates. */
const char *outline_name(struct outline *o, const char *rfc4514);

/* -- blocks -- */
void outline_title(struct outline *o, const char *text, const char *subject);
void outline_verdict(struct outline *o, enum outline_tone tone, const char *word, const char *text,
    const char *code);
void outline_heading(struct outline *o, unsigned level, const char *id, const char *text);
/* Makes the heading just added one that tells a verdict. */
void outline_heading_verdict(
    struct outline *o, enum outline_tone tone, const char *word, const char *code);
void outline_sentence(struct outline *o, const char *text);
/* A fact in the list of facts that stands last, which it begins if need be, or in the cause that
 * does. An empty label goes on with the one before; a NULL or empty value adds nothing. */
void outline_fact(struct outline *o, const char *label, const char *value);
void outline_cause(struct outline *o, enum outline_tone tone, const char *word, const char *text,
    const char *code);
/* Begins a table of at most OUTLINE_COLUMNS; cells follow, row by row. */
void outline_table(
    struct outline *o, const char *text, size_t n_columns, const char *const *headers);
void outline_cell(struct outline *o, const char *text);
/* A place in a text where words went and others came: what was before and after the place, "" or
 * some words. */
void outline_words(
    struct outline *o, const char *before, const char *went, const char *came, const char *after);
/* URIs and links are the caller's own and not looked at. */
void outline_pictures(
    struct outline *o, const char *text, const struct outline_picture *pictures, size_t n);

/* -- layouts -- */
/* For a terminal of 80 columns; ends with a line feed. */
must_check enum err outline_text(struct scope *s, const struct outline *o, struct bytes *ret_text);
/* One page that needs nothing else: HTML that is well-formed XML too, no script, its styles inside,
 * and a Content-Security-Policy that lets nothing be loaded. */
must_check enum err outline_html(struct scope *s, const struct outline *o, struct bytes *ret_page);
/* What stands in that page's <main>, for a page of somebody else's with the styles of
 * validator/outline.css: it begins with an h1, ids are those of the headings and "verdict". */
must_check enum err outline_html_body(
    struct scope *s, const struct outline *o, struct bytes *ret_body);

#endif
