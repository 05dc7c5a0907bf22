#include "validator/outline.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"

struct outline outline_new(struct scope *s, const struct messages *m)
{
	return (struct outline){ .s = s, .messages = m };
}

enum err outline_done(const struct outline *o)
{
	return o->failed;
}

/* -- texts -- */
const char *outline_say(const struct outline *o, const char *id)
{
	return messages_text(o->messages, id);
}

const char *outline_fill(
    struct outline *o, const char *template, const struct messages_value *values)
{
	char *text;
	if (o->failed == OK)
		o->failed = messages_fill(o->s, template, values, &text);
	return o->failed == OK ? text : "";
}

const char *outline_number(struct outline *o, uint64_t n)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRIu64, n);
	return OUTLINE_FILL(o, "{n}", { "n", text });
}

const char *outline_count(struct outline *o, const char *one, const char *many, uint64_t n)
{
	const char *template = messages_plural(o->messages, one, many, n);
	return OUTLINE_FILL(o, template, { "n", outline_number(o, n) });
}

const char *outline_time(struct outline *o, struct instant t)
{
	if (!instant_is_known(t))
		return outline_say(o, "unknown");
	struct civil c = instant_civil(t);
	char text[64];
	snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d:%02d UTC", c.year, c.month, c.day,
	    c.hour, c.minute, c.second);
	return OUTLINE_FILL(o, "{t}", { "t", text });
}

const char *outline_hex(struct outline *o, struct bytes b)
{
	char *hex;
	if (o->failed == OK)
		o->failed = bytes_to_hex(o->s, b, &hex);
	return o->failed == OK ? hex : "";
}

const char *outline_name(struct outline *o, const char *rfc4514)
{
	struct buf b = buf_new(o->s, LIMIT_REPORT);
	char *text;
	for (const char *c = rfc4514; *c; c++) {
		buf_add_byte(&b, (uint8_t)*c);
		if (*c == '\\' && c[1])
			buf_add_byte(&b, (uint8_t) * ++c);
		else if (*c == ',')
			buf_add_byte(&b, ' ');
	}
	if (o->failed == OK)
		o->failed = buf_done_str(&b, &text);
	return o->failed == OK ? text : "";
}

/* -- blocks -- */
/* All texts come through here, so that a layout need not think of control characters, nor of a name
 * that fills a book. */
static const char *safe(struct outline *o, const char *text)
{
	char *copy;
	size_t n = text ? strlen(text) : 0;
	if (n == 0 || o->failed != OK)
		return "";
	bool is_long = n > LIMIT_OUTLINE_TEXT;
	for (n = is_long ? LIMIT_OUTLINE_TEXT : n; is_long && ((uint8_t)text[n] & 0xc0) == 0x80;)
		n--;
	o->failed = pdf_text_printable(o->s, bytes_of(text, n), &copy);
	if (o->failed != OK || !is_long)
		return o->failed == OK ? copy : "";
	return OUTLINE_FILL(o, "{text} [...]", { "text", copy });
}

/* Room for one more in a list that lives in the scope. */
static bool grow(
    struct outline *o, const void *old, size_t n, size_t *room, size_t size, void **ret)
{
	size_t wanted = *room ? 2 * *room : 16;
	void *grown = o->failed == OK ? scope_alloc_array(o->s, wanted, size) : NULL;
	if (!grown) {
		if (o->failed == OK)
			o->failed = ERR_NOMEM;
		return false;
	}
	if (n)
		memcpy(grown, old, n * size);
	*room = wanted;
	*ret = grown;
	return true;
}

/* NULL after a failure. */
static struct outline_block *add_block(struct outline *o, enum outline_kind kind)
{
	void *grown;
	if (o->n == o->room) {
		if (!grow(o, o->item, o->n, &o->room, sizeof(*o->item), &grown))
			return NULL;
		o->item = grown;
	}
	if (o->failed != OK)
		return NULL;
	o->item[o->n] = (struct outline_block){ .kind = kind, .word = "", .text = "", .code = "" };
	return &o->item[o->n++];
}

static struct outline_block *last_block(struct outline *o)
{
	return o->n ? &o->item[o->n - 1] : NULL;
}

static void add_cell(struct outline *o, struct outline_block *b, const char *text)
{
	void *grown;
	if (b->n_cells == b->room) {
		if (!grow(o, b->cell, b->n_cells, &b->room, sizeof(*b->cell), &grown))
			return;
		b->cell = grown;
	}
	b->cell[b->n_cells++] = safe(o, text);
}

void outline_title(struct outline *o, const char *text, const char *subject)
{
	struct outline_block *b = add_block(o, OUTLINE_TITLE);
	if (!b)
		return;
	b->text = safe(o, text);
	b->code = safe(o, subject);
}

static void add_told(struct outline *o, enum outline_kind kind, enum outline_tone tone,
    const char *word, const char *text, const char *code)
{
	struct outline_block *b = add_block(o, kind);
	if (!b)
		return;
	b->tone = tone;
	b->word = safe(o, word);
	b->text = safe(o, text);
	b->code = safe(o, code);
}

void outline_verdict(
    struct outline *o, enum outline_tone tone, const char *word, const char *text, const char *code)
{
	add_told(o, OUTLINE_VERDICT, tone, word, text, code);
}

void outline_cause(
    struct outline *o, enum outline_tone tone, const char *word, const char *text, const char *code)
{
	add_told(o, OUTLINE_CAUSE, tone, word, text, code);
}

void outline_sentence(struct outline *o, const char *text)
{
	add_told(o, OUTLINE_SENTENCE, OUTLINE_PLAIN, "", text, "");
}

void outline_heading(struct outline *o, unsigned level, const char *id, const char *text)
{
	struct outline_block *b = add_block(o, OUTLINE_HEADING);
	if (!b)
		return;
	b->level = level;
	b->id = id;
	b->text = safe(o, text);
}

void outline_heading_verdict(
    struct outline *o, enum outline_tone tone, const char *word, const char *code)
{
	struct outline_block *b = last_block(o);
	if (!b)
		return;
	b->tone = tone;
	b->word = safe(o, word);
	b->code = safe(o, code);
}

void outline_fact(struct outline *o, const char *label, const char *value)
{
	struct outline_block *b = last_block(o);
	if (!value || !value[0])
		return;
	if (!b || (b->kind != OUTLINE_FACTS && b->kind != OUTLINE_CAUSE))
		b = add_block(o, OUTLINE_FACTS);
	if (!b)
		return;
	b->n_columns = 2;
	add_cell(o, b, label);
	add_cell(o, b, value);
}

void outline_table(
    struct outline *o, const char *text, size_t n_columns, const char *const *headers)
{
	struct outline_block *b = add_block(o, OUTLINE_TABLE);
	if (!b)
		return;
	b->text = safe(o, text);
	b->n_columns = n_columns < OUTLINE_COLUMNS ? n_columns : OUTLINE_COLUMNS;
	for (size_t i = 0; i < b->n_columns; i++)
		add_cell(o, b, headers[i]);
}

void outline_cell(struct outline *o, const char *text)
{
	struct outline_block *b = last_block(o);
	if (b && b->kind == OUTLINE_TABLE)
		add_cell(o, b, text);
}

void outline_words(
    struct outline *o, const char *before, const char *went, const char *came, const char *after)
{
	struct outline_block *b = add_block(o, OUTLINE_WORDS);
	if (!b)
		return;
	const char *const cells[] = { before, went, came, after };
	for (size_t i = 0; i < 4; i++)
		add_cell(o, b, cells[i]);
	b->text = safe(o,
	    OUTLINE_FILL(o,
		went[0] && came[0] ? outline_say(o, "{before} [was: {went}] [now: {came}] {after}")
		: came[0]          ? outline_say(o, "{before} [added: {came}] {after}")
				   : outline_say(o, "{before} [removed: {went}] {after}"),
		{ "before", before }, { "went", went }, { "came", came }, { "after", after }));
}

void outline_pictures(
    struct outline *o, const char *text, const struct outline_picture *pictures, size_t n)
{
	struct outline_block *b = add_block(o, OUTLINE_PICTURES);
	struct outline_picture *kept = b ? scope_alloc_array(o->s, n, sizeof(*kept)) : NULL;
	if (!kept) {
		o->failed = o->failed == OK ? ERR_NOMEM : o->failed;
		return;
	}
	b->text = safe(o, text);
	for (size_t i = 0; i < n; i++) {
		kept[i] = pictures[i];
		kept[i].alt = safe(o, pictures[i].alt);
		kept[i].caption = safe(o, pictures[i].caption);
	}
	b->picture = kept;
	b->n_pictures = n;
}
