/*
 * The options of seal about what people see of it: --visible, --anchor and its kin, --look,
 * --look-lang, --look-zone, --picture, --barcode and its data, --note, --font, --font-bold. One of
 * them is enough for a visible seal.
 */
#ifndef BULLA_SERVICE_LOOK_OPTIONS_H
#define BULLA_SERVICE_LOOK_OPTIONS_H

#include "sealer/seal.h"
#include "service/input_file.h"
#include "service/options.h"

enum {
	LOOK_OPTIONS_VISIBLE = OPTIONS_LONG + 1200, /* above the commands' own */
	LOOK_OPTIONS_ANCHOR,
	LOOK_OPTIONS_ANCHOR_SIDE,
	LOOK_OPTIONS_ANCHOR_PAGE,
	LOOK_OPTIONS_ANCHOR_SIZE,
	LOOK_OPTIONS_LOOK,
	LOOK_OPTIONS_LANG,
	LOOK_OPTIONS_ZONE,
	LOOK_OPTIONS_PICTURE,
	LOOK_OPTIONS_BARCODE,
	LOOK_OPTIONS_BARCODE_DATA,
	LOOK_OPTIONS_BARCODE_TEXT,
	LOOK_OPTIONS_NOTE,
	LOOK_OPTIONS_FONT,
	LOOK_OPTIONS_FONT_BOLD,
	LOOK_OPTIONS_END,
};

/* For a table of options. */
#define LOOK_OPTIONS_TABLE                                                                         \
	{ "visible", required_argument, NULL, LOOK_OPTIONS_VISIBLE },                              \
	    { "anchor", required_argument, NULL, LOOK_OPTIONS_ANCHOR },                            \
	    { "anchor-side", required_argument, NULL, LOOK_OPTIONS_ANCHOR_SIDE },                  \
	    { "anchor-page", required_argument, NULL, LOOK_OPTIONS_ANCHOR_PAGE },                  \
	    { "anchor-size", required_argument, NULL, LOOK_OPTIONS_ANCHOR_SIZE },                  \
	    { "look", required_argument, NULL, LOOK_OPTIONS_LOOK },                                \
	    { "look-lang", required_argument, NULL, LOOK_OPTIONS_LANG },                           \
	    { "look-zone", required_argument, NULL, LOOK_OPTIONS_ZONE },                           \
	    { "picture", required_argument, NULL, LOOK_OPTIONS_PICTURE },                          \
	    { "barcode", required_argument, NULL, LOOK_OPTIONS_BARCODE },                          \
	    { "barcode-data", required_argument, NULL, LOOK_OPTIONS_BARCODE_DATA },                \
	    { "barcode-text", required_argument, NULL, LOOK_OPTIONS_BARCODE_TEXT },                \
	    { "note", required_argument, NULL, LOOK_OPTIONS_NOTE },                                \
	    { "font", required_argument, NULL, LOOK_OPTIONS_FONT },                                \
	{                                                                                          \
		"font-bold", required_argument, NULL, LOOK_OPTIONS_FONT_BOLD                       \
	}

struct look_options {
	bool given, has_look; /* given: any of them */
	struct appearance_request look;
	const char *anchor;
	int anchor_page; /* 0: any */
	const char *picture, *barcode_data, *barcode_text;
	struct options_list fonts, bold_fonts;
};

/* `argc` bounds how many fonts can be named. */
must_check enum err look_options_new(struct scope *s, int argc, struct look_options *ret_options);
static inline bool look_options_has(int option)
{
	return option >= LOOK_OPTIONS_VISIBLE && option < LOOK_OPTIONS_END;
}
/* An exit status: done, or usage (told on standard error). `verb` is the subcommand. */
int look_options_take(struct look_options *o, const char *verb, int option, const char *value);
/* Likewise: what does not go together. */
int look_options_check(const struct look_options *o, const char *verb);
/* Reads the files, and puts it all into the request, which points to `o` then. Faults name the
 * file. */
must_check enum err look_options_apply(
    struct scope *s, struct look_options *o, struct seal_request *request);
/* Finds the anchor, if there is one, in a process of its own: before a key is opened. ERR_DENIED:
 * it is nowhere, or in several places. */
must_check enum err look_options_find_anchor(
    struct scope *s, struct look_options *o, const struct input_file *in, struct bytes password);

#endif
