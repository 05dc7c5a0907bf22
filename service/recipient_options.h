/*
 * The options about a document that is encrypted for certificates, which validate, seal, extend,
 * inspect and replay share: --recipient-key, --recipient-password-file, --recipient-password-fd.
 */
#ifndef BULLA_SERVICE_RECIPIENT_OPTIONS_H
#define BULLA_SERVICE_RECIPIENT_OPTIONS_H

#include "formats/recipient.h"
#include "service/options.h"

enum {
	RECIPIENT_OPTIONS_KEY = OPTIONS_LONG + 1300, /* above those of other tables */
	RECIPIENT_OPTIONS_PASSWORD_FILE,
	RECIPIENT_OPTIONS_PASSWORD_FD,
};

/* For a table of options. */
#define RECIPIENT_OPTIONS_TABLE                                                                    \
	{ "recipient-key", required_argument, NULL, RECIPIENT_OPTIONS_KEY },                       \
	    { "recipient-password-file", required_argument, NULL,                                  \
		    RECIPIENT_OPTIONS_PASSWORD_FILE },                                             \
	{                                                                                          \
		"recipient-password-fd", required_argument, NULL, RECIPIENT_OPTIONS_PASSWORD_FD    \
	}

struct recipient_options {
	const char *key, *password_file; /* NULL: not given */
	bool has_fd;
	int password_fd;
};

/* Whether the option is one of these; the other tables' functions do not know them. */
bool recipient_options_has(int option);
/* An exit status: done, or usage (told on standard error). `verb` is the subcommand. */
int recipient_options_take(
    struct recipient_options *o, const char *verb, int option, const char *value);
/* After all options: done, or usage where they do not go together. */
int recipient_options_check(const struct recipient_options *o, const char *verb);
/* The recipient, NULL without --recipient-key. Without a password option the terminal is asked.
 * Faults name the file they are about. No core file is left behind from then on. */
must_check enum err recipient_options_load(
    struct scope *s, const struct recipient_options *o, const struct recipient **ret_recipient);

#endif
