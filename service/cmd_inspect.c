#include "service/cmd_inspect.h"

#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/input_file.h"
#include "service/inspection.h"
#include "service/options.h"
#include "service/output_file.h"
#include "service/password.h"
#include "service/recipient_options.h"

enum {
	OPTION_PASSWORD_FILE = OPTIONS_LONG,
};

static const struct option inspect_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
	RECIPIENT_OPTIONS_TABLE,
	{ 0 },
};

struct job {
	const char *path, *password_file, *out;
	struct recipient_options recipient;
};

static enum err read_means(struct scope *s, const struct job *j, struct pdf_crypt_means *ret_means)
{
	if (j->password_file)
		TRY(password_of_file(s, j->password_file, &ret_means->password));
	TRY(recipient_options_load(s, &j->recipient, &ret_means->recipient));
	ret_means->locked = !ret_means->recipient;
	return OK;
}

static int inspect(struct scope *s, const struct job *j)
{
	const struct input_file *in;
	struct pdf_crypt_means means = { 0 };
	struct bytes text;
	enum err e = input_file_open(s, j->path, &in);
	if (e == OK)
		e = read_means(s, j, &means);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	if (!in->bytes.n)
		e = scope_fault(s, ERR_FORMAT, "the file is empty");
	else
		e = inspection_text(s, in->bytes, &means, &text);
	if (e != OK)
		return diagnostic_fault(s, e, in->name);
	e = j->out ? output_file_put(s, j->out, text) : output_file_print(s, text);
	return e == OK ? EXIT_STATUS_DONE : diagnostic_fault(s, e, NULL);
}

static int parse(int argc, char **argv, struct job *j)
{
	for (int c; (c = options_next(argc, argv, inspect_options)) != OPTIONS_END;) {
		if (c == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		int status = EXIT_STATUS_DONE;
		if (recipient_options_has(c))
			status = recipient_options_take(&j->recipient, "inspect", c, optarg);
		else
			*(c == 'o' ? &j->out : &j->password_file) = optarg;
		if (status != EXIT_STATUS_DONE)
			return status;
	}
	if (argc - optind != 1)
		return diagnostic_usage("inspect: one file is wanted");
	j->path = argv[optind];
	return recipient_options_check(&j->recipient, "inspect");
}

int cmd_inspect(int argc, char **argv)
{
	struct job j = { 0 };
	int status = parse(argc, argv, &j);
	if (status != EXIT_STATUS_DONE)
		return status;
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, NULL);
	status = inspect(s, &j);
	scope_free(s);
	return status;
}
