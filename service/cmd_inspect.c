#include "service/cmd_inspect.h"

#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/input_file.h"
#include "service/inspection.h"
#include "service/options.h"
#include "service/output_file.h"
#include "service/password.h"

enum {
	OPTION_PASSWORD_FILE = OPTIONS_LONG,
};

static const struct option inspect_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
	{ 0 },
};

static int inspect(struct scope *s, const char *path, const char *password_file, const char *out)
{
	const struct input_file *in;
	struct bytes password = BYTES_NONE, text;
	enum err e = input_file_open(s, path, &in);
	if (e == OK && password_file)
		e = password_of_file(s, password_file, &password);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	if (!in->bytes.n)
		e = scope_fault(s, ERR_FORMAT, "the file is empty");
	else
		e = inspection_text(s, in->bytes, password, &text);
	if (e != OK)
		return diagnostic_fault(s, e, in->name);
	e = out ? output_file_put(s, out, text) : output_file_print(s, text);
	return e == OK ? EXIT_STATUS_DONE : diagnostic_fault(s, e, NULL);
}

int cmd_inspect(int argc, char **argv)
{
	const char *password_file = NULL, *out = NULL;
	for (int c; (c = options_next(argc, argv, inspect_options)) != OPTIONS_END;) {
		if (c == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		*(c == 'o' ? &out : &password_file) = optarg;
	}
	if (argc - optind != 1)
		return diagnostic_usage("inspect: one file is wanted");
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, NULL);
	int status = inspect(s, argv[optind], password_file, out);
	scope_free(s);
	return status;
}
