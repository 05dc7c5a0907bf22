/*
 * The options about the report that validate, certificate, replay and compare share: --report,
 * --lang and -o; and where a report goes that has been written.
 */
#ifndef BULLA_SERVICE_REPORT_OPTIONS_H
#define BULLA_SERVICE_REPORT_OPTIONS_H

#include "service/options.h"
#include "service/report_form.h"

enum {
	REPORT_OPTIONS_OUTPUT = 'o',
	REPORT_OPTIONS_REPORT = OPTIONS_LONG + 1100, /* above the commands' own, and fetching's */
	REPORT_OPTIONS_LANG,
};

/* For a table of options. */
#define REPORT_OPTIONS_TABLE                                                                       \
	{ "output", required_argument, NULL, REPORT_OPTIONS_OUTPUT },                              \
	    { "report", required_argument, NULL, REPORT_OPTIONS_REPORT },                          \
	{                                                                                          \
		"lang", required_argument, NULL, REPORT_OPTIONS_LANG                               \
	}

struct report_options {
	const char *out; /* NULL: standard output */
	enum report_form form;
	const struct messages *messages; /* NULL: English */
	unsigned forms;                  /* REPORT_FORMS_...: which of them the command has */
};

/* Whether the option is one of these; fetch_options_take does not know them. */
bool report_options_has(int option);
/* An exit status: done, or usage (told on standard error). `verb` is the subcommand. The catalogue
 * lives in the scope. */
int report_options_take(
    struct scope *s, struct report_options *o, const char *verb, int option, const char *value);
/* After all options: done, or usage where a terminal would get what is not for one. */
int report_options_check(const struct report_options *o, const char *verb);
/* Puts a whole report into the file of -o, or on standard output. */
must_check enum err report_options_put(
    struct scope *s, const struct report_options *o, struct bytes report);

#endif
