#include "service/report_options.h"

#include <unistd.h>

#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/output_file.h"
#include "validator/language.h"

bool report_options_has(int option)
{
	return option == REPORT_OPTIONS_OUTPUT || option == REPORT_OPTIONS_REPORT ||
	       option == REPORT_OPTIONS_LANG;
}

int report_options_take(
    struct scope *s, struct report_options *o, const char *verb, int option, const char *value)
{
	char words[REPORT_FORM_WORDS];
	switch (option) {
	case REPORT_OPTIONS_OUTPUT:
		o->out = value;
		break;
	case REPORT_OPTIONS_REPORT:
		report_form_words(o->forms, words);
		if (!report_form_find(value, o->forms, &o->form))
			return diagnostic_usage("%s: --report %s: not %s", verb, value, words);
		break;
	case REPORT_OPTIONS_LANG:
		if (language_find(s, value, &o->messages) != OK)
			return diagnostic_usage(
			    "%s: --lang %s: none of %s", verb, value, language_names());
		break;
	default:
		return EXIT_STATUS_INTERNAL;
	}
	return EXIT_STATUS_DONE;
}

int report_options_check(const struct report_options *o, const char *verb)
{
	if (!o->out && report_form_is_binary(o->form) && isatty(STDOUT_FILENO))
		return diagnostic_usage("%s: this --report is not for a terminal: use -o", verb);
	return EXIT_STATUS_DONE;
}

enum err report_options_put(struct scope *s, const struct report_options *o, struct bytes report)
{
	return o->out ? output_file_put(s, o->out, report) : output_file_print(s, report);
}
