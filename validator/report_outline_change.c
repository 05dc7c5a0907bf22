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
};

/* Whether a path is this sentence; the octets of it that stand for "{name}". */
static bool matches(struct bytes path, const char *sentence, struct bytes *ret_name)
{
	struct bytes whole = bytes_of_str(sentence);
	size_t at = bytes_find(whole, BYTES_LIT("{name}"), 0);
	*ret_name = BYTES_NONE;
	if (at == BYTES_NOT_FOUND)
		return bytes_equal(path, whole);
	struct bytes before = bytes_cut(whole, 0, at), after = bytes_from(whole, at + 6);
	if (path.n < before.n + after.n || !bytes_has_prefix(path, before) ||
	    !bytes_equal(bytes_from(path, path.n - after.n), after))
		return false;
	*ret_name = bytes_cut(path, before.n, path.n - before.n - after.n);
	return true;
}

/* In the language; the longest sentence that fits, for some begin like others. */
static const char *say_path(struct outline *o, const char *path)
{
	const char *best = NULL;
	struct bytes best_name = BYTES_NONE;
	char *name;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		struct bytes found;
		if (!matches(bytes_of_str(path), sentences[i], &found) ||
		    (best && strlen(sentences[i]) <= strlen(best)))
			continue;
		best = sentences[i];
		best_name = found;
	}
	if (!best || o->failed != OK)
		return path;
	o->failed = bytes_to_str(o->s, best_name, &name);
	return o->failed == OK ? OUTLINE_FILL(o, outline_say(o, best), { "name", name }) : "";
}

const char *report_outline_change_place(struct outline *o, const struct report_modification *m)
{
	const char *path = say_path(o, m->path);
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
