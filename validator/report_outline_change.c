#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/report_outline.h"

const char *report_outline_change_kind(const struct outline *o, enum report_modification_kind kind)
{
	static const char *const names[] = {
		[MODIFICATION_LTV_UPDATE] = MESSAGES_MARK("validation data or timestamp"),
		[MODIFICATION_SIGNATURE] = MESSAGES_MARK("further signature"),
		[MODIFICATION_FORM_FILL] = MESSAGES_MARK("form filled in"),
		[MODIFICATION_ANNOTATION] = MESSAGES_MARK("annotation"),
		[MODIFICATION_METADATA] = MESSAGES_MARK("metadata"),
		[MODIFICATION_PAGE_CONTENT] = MESSAGES_MARK("page content"),
		[MODIFICATION_STRUCTURE] = MESSAGES_MARK("structure of the document"),
		[MODIFICATION_FIELD] = MESSAGES_MARK("form field"),
		[MODIFICATION_SIGNATURE_LOST] = MESSAGES_MARK("signature changed or removed"),
		[MODIFICATION_FILE_STRUCTURE] = MESSAGES_MARK("structure of the file"),
		[MODIFICATION_UNKNOWN] = MESSAGES_MARK("unknown change"),
	};
	return outline_say(o, names[kind]);
}

/* What validator/modification*.c says of a place, in the sentences that it is made of: a report
 * says it in English, and the names in it are the document's. */
static const char *const sentences[] = {
	MESSAGES_MARK("a field was removed from the form"),
	MESSAGES_MARK("a font"),
	MESSAGES_MARK("a form XObject"),
	MESSAGES_MARK("a metadata stream"),
	MESSAGES_MARK("a page"),
	MESSAGES_MARK("a stream"),
	MESSAGES_MARK("a widget was put on a page"),
	MESSAGES_MARK("an annotation was added"),
	MESSAGES_MARK("an annotation was changed"),
	MESSAGES_MARK("an annotation was removed"),
	MESSAGES_MARK("an image"),
	MESSAGES_MARK("an object"),
	MESSAGES_MARK("an object begins inside another one, at offset {name}"),
	MESSAGES_MARK("an object in use was given another generation"),
	MESSAGES_MARK("an object stream that older objects stand in was changed"),
	MESSAGES_MARK("an object that has the same key twice"),
	MESSAGES_MARK("an older object became field \"{name}\""),
	MESSAGES_MARK("an older signature was put into new field \"{name}\""),
	MESSAGES_MARK("an optional content group"),
	MESSAGES_MARK("an update's cross-reference points at older bytes (object {name})"),
	MESSAGES_MARK("catalog /Metadata is no XMP stream"),
	MESSAGES_MARK("catalog /{name}"),
	MESSAGES_MARK("catalog /{name} was added"),
	MESSAGES_MARK("catalog /{name} was changed"),
	MESSAGES_MARK("catalog /{name} was removed"),
	MESSAGES_MARK("data that belongs to no update follows the end of the file"),
	MESSAGES_MARK("document information"),
	MESSAGES_MARK("document timestamp \"{name}\""),
	MESSAGES_MARK("earlier savings of the file are cut off: no /Prev leads to them"),
	MESSAGES_MARK("field \"{name}\" has the same key twice"),
	MESSAGES_MARK("field \"{name}\" was added"),
	MESSAGES_MARK("field \"{name}\" was filled in"),
	MESSAGES_MARK("field \"{name}\" was removed"),
	MESSAGES_MARK("form /{name}"),
	MESSAGES_MARK("form /DR: fonts of fields were replaced or removed"),
	MESSAGES_MARK("form /DR: resources were added"),
	MESSAGES_MARK("form /SigFlags no longer says that there are signatures"),
	MESSAGES_MARK("locked field \"{name}\" was filled in"),
	MESSAGES_MARK("object {name}"),
	MESSAGES_MARK("octets at offset {name} belong to no object of an update"),
	MESSAGES_MARK("page /{name}"),
	MESSAGES_MARK("page tree /{name}"),
	MESSAGES_MARK("signature in field \"{name}\""),
	MESSAGES_MARK("signature in new field \"{name}\""),
	MESSAGES_MARK("some readers show: {name}"),
	MESSAGES_MARK("structure element /{name}"),
	MESSAGES_MARK("structure element for new fields"),
	MESSAGES_MARK("structure tree /{name}"),
	MESSAGES_MARK("structure tree for new fields"),
	MESSAGES_MARK("the annotations of a page were reordered"),
	MESSAGES_MARK("the appearance of field \"{name}\" was removed"),
	MESSAGES_MARK("the appearance of signature field \"{name}\" was removed"),
	MESSAGES_MARK("the catalog cannot be read"),
	MESSAGES_MARK("the catalog has the same key twice"),
	MESSAGES_MARK("the dictionary of signature \"{name}\" was changed"),
	MESSAGES_MARK("the field of later signature \"{name}\" was changed"),
	MESSAGES_MARK("the field of signature \"{name}\" was changed"),
	MESSAGES_MARK("the fields of the form were reordered"),
	MESSAGES_MARK("the form is no dictionary"),
	MESSAGES_MARK("the form was removed"),
	MESSAGES_MARK("the page tree"),
	MESSAGES_MARK("the structure tree was added"),
	MESSAGES_MARK("the structure tree was removed"),
	MESSAGES_MARK("the trailer /{name}"),
	MESSAGES_MARK("the widget of a field was taken off its page"),
	MESSAGES_MARK("trailer /Encrypt"),
	MESSAGES_MARK("trailer /ID of an encrypted file"),
	MESSAGES_MARK("unsigned signature field \"{name}\" was added"),
	MESSAGES_MARK("update {name} of the file does not follow the one before it"),
	MESSAGES_MARK("update {name} of the file is not well-formed"),
	MESSAGES_MARK("update {name} of the file shows other objects to some readers"),
	MESSAGES_MARK("validation data (DSS)"),
	MESSAGES_MARK("validation data (DSS) /{name}"),
	MESSAGES_MARK("validation data (DSS) that is no dictionary"),
	MESSAGES_MARK("validation data (DSS) was removed"),
	MESSAGES_MARK("an object stream that older objects stand in"),
	MESSAGES_MARK("an object that cannot be read"),
	MESSAGES_MARK("{what} that may change is also reached from {from}"),
	MESSAGES_MARK("{what} was changed (reached from {from})"),
	MESSAGES_MARK("{what} was put where a reference had led nowhere (from {from})"),
	MESSAGES_MARK("{what} was removed (reached from {from})"),
	MESSAGES_MARK("what follows offset {name} cannot be read ({from})"),
	MESSAGES_MARK("who refers to the changed objects cannot be found out"),
	MESSAGES_MARK("too many places"),
	MESSAGES_MARK("/{name} of field \"{field}\""),
	MESSAGES_MARK("/{name} of signature field \"{field}\""),
	MESSAGES_MARK("form /XFA"),
	MESSAGES_MARK("catalog /Metadata"),
	MESSAGES_MARK("catalog /Extensions"),
	MESSAGES_MARK("catalog /Version"),
	MESSAGES_MARK("an annotation (the same key twice)"),
};

/* What stands for the words in braces: "{name}" and "{field}" are the document's, "{what}" and
 * "{from}" may be sentences of this table themselves. */
#define BLANKS 2
struct blanks {
	const char *word[BLANKS]; /* after the brace */
	struct bytes text[BLANKS];
	size_t n;
};

/* Where the next fixed words of a sentence begin in what is left of the path: at its beginning, at
 * its end, or wherever they come first. */
static size_t find_words(struct bytes path, struct bytes words, bool is_first, bool is_last)
{
	if (is_first)
		return bytes_has_prefix(path, words) ? 0 : BYTES_NOT_FOUND;
	if (!is_last)
		return bytes_find(path, words, 0);
	if (path.n < words.n || !bytes_equal(bytes_from(path, path.n - words.n), words))
		return BYTES_NOT_FOUND;
	return path.n - words.n;
}

static bool matches(struct bytes path, const char *sentence, struct blanks *ret_blanks)
{
	struct blanks b = { .n = 0 };
	for (const char *p = sentence;;) {
		const size_t n = strcspn(p, "{");
		const size_t start = find_words(path, bytes_of(p, n), p == sentence, !p[n]);
		if (start == BYTES_NOT_FOUND)
			return false;
		if (b.n)
			b.text[b.n - 1] = bytes_cut(path, 0, start);
		path = bytes_from(path, start + n);
		if (!p[n])
			break;
		if (b.n == BLANKS)
			return false;
		b.word[b.n++] = p + n + 1;
		p += n + strcspn(p + n, "}") + 1;
	}
	*ret_blanks = b;
	return path.n == 0;
}

/* NULL: the sentence has no such word. */
static const char *blank(struct outline *o, const struct blanks *b, const char *word)
{
	char *text = NULL;
	for (size_t i = 0; i < b->n && o->failed == OK; i++)
		if (strncmp(b->word[i], word, strlen(word)) == 0)
			o->failed = bytes_to_str(o->s, b->text[i], &text);
	return o->failed == OK ? text : NULL;
}

static const char *say_blank(struct outline *o, const struct blanks *b, const char *word)
{
	const char *text = blank(o, b, word);
	return text ? report_outline_change_sentence(o, text) : NULL;
}

/* The longest sentence that fits, for some begin like others. */
const char *report_outline_change_sentence(struct outline *o, const char *path)
{
	const char *best = NULL;
	struct blanks blanks = { .n = 0 };
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		struct blanks found;
		if (!matches(bytes_of_str(path), sentences[i], &found) ||
		    (best && strlen(sentences[i]) <= strlen(best)))
			continue;
		best = sentences[i];
		blanks = found;
	}
	if (!best || o->failed != OK)
		return path;
	return OUTLINE_FILL(o, outline_say(o, best), { "name", blank(o, &blanks, "name") },
	    { "field", blank(o, &blanks, "field") }, { "what", say_blank(o, &blanks, "what") },
	    { "from", say_blank(o, &blanks, "from") });
}

const char *report_outline_change_place(struct outline *o, const struct report_modification *m)
{
	const char *path = report_outline_change_sentence(o, m->path);
	if (!m->object.num)
		return path;
	return OUTLINE_FILL(o, outline_say(o, "{path} (object {number})"), { "path", path },
	    { "number", outline_number(o, m->object.num) });
}

/* At most so many of the allowed or of the other changes; how many more there may be. */
static size_t add_rows(
    struct outline *o, const struct report_signature *sig, bool allowed, size_t most)
{
	for (size_t i = 0; i < sig->n_modifications && most; i++) {
		const struct report_modification *m = &sig->modifications[i];
		if (m->allowed != allowed)
			continue;
		outline_cell(
		    o, allowed ? outline_say(o, "allowed") : outline_say(o, "not allowed"));
		outline_cell(o, report_outline_change_kind(o, m->kind));
		outline_cell(o, report_outline_change_place(o, m));
		outline_cell(o, m->rule);
		most--;
	}
	return most;
}

void report_outline_changes(struct outline *o, const struct report_signature *sig)
{
	if (!sig->n_modifications)
		return;
	const char *const headers[] = { outline_say(o, "Allowed?"), outline_say(o, "Change"),
		outline_say(o, "Where"), outline_say(o, "Rule") };
	outline_heading(o, 3, NULL, outline_say(o, "Later changes"));
	outline_table(o, outline_say(o, "Later changes"), 4, headers);
	size_t left = add_rows(o, sig, false, LIMIT_OUTLINE_CHANGES);
	add_rows(o, sig, true, left);
	if (sig->n_modifications > LIMIT_OUTLINE_CHANGES)
		outline_sentence(
		    o, outline_count(o, "{n} further change is told in the report's JSON form.",
			   "{n} further changes are told in the report's JSON form.",
			   sig->n_modifications - LIMIT_OUTLINE_CHANGES));
}
