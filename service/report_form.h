/*
 * The forms a report can be asked for in, by their words on the command line.
 */
#ifndef BULLA_SERVICE_REPORT_FORM_H
#define BULLA_SERVICE_REPORT_FORM_H

#include "validator/report.h"

enum report_form {
	REPORT_FORM_TEXT, /* several reports stand one below the other */
	REPORT_FORM_JSON, /* several reports are one line each */
	REPORT_FORM_HTML, /* one report only, as the following */
	REPORT_FORM_ETSI, /* XML of TS 119 102-2 */
	REPORT_FORM_PDF,
};

/* Sets of forms: those that a command has. */
#define REPORT_FORM_BIT(form) (1u << (form))
#define REPORT_FORMS_ALL (REPORT_FORM_BIT(REPORT_FORM_PDF + 1) - 1)
#define REPORT_FORM_WORDS 64

/* False: no such form among these. */
bool report_form_find(const char *word, unsigned forms, enum report_form *ret_form);
/* Their words, for a person: "text, json, html, etsi or pdf". */
void report_form_words(unsigned forms, char ret_words[REPORT_FORM_WORDS]);
/* Whether several reports can be written one after the other. */
bool report_form_is_sequence(enum report_form form);
/* Not for a terminal's screen. */
bool report_form_is_binary(enum report_form form);
/* The report in this form; `m`: the language of the forms for a person, NULL for English;
 * `several`: others stand before or after it. */
must_check enum err report_form_write(struct scope *s, enum report_form form,
    const struct report *r, const struct messages *m, bool several, struct bytes *ret_content);

#endif
