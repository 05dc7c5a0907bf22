#include "service/recipient_options.h"

#include <sys/resource.h>

#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/key_file_recipient.h"
#include "service/password.h"

bool recipient_options_has(int option)
{
	return option >= RECIPIENT_OPTIONS_KEY && option <= RECIPIENT_OPTIONS_PASSWORD_FD;
}

int recipient_options_take(
    struct recipient_options *o, const char *verb, int option, const char *value)
{
	if (option == RECIPIENT_OPTIONS_KEY)
		o->key = value;
	else if (option == RECIPIENT_OPTIONS_PASSWORD_FILE)
		o->password_file = value;
	else if (options_descriptor(value, &o->password_fd))
		o->has_fd = true;
	else
		return diagnostic_usage(
		    "%s: --recipient-password-fd %s: not a number", verb, value);
	return EXIT_STATUS_DONE;
}

int recipient_options_check(const struct recipient_options *o, const char *verb)
{
	if (o->password_file && o->has_fd)
		return diagnostic_usage("%s: --recipient-password-file and "
					"--recipient-password-fd exclude each other",
		    verb);
	if (!o->key && (o->password_file || o->has_fd))
		return diagnostic_usage("%s: --recipient-key FILE is missing", verb);
	return EXIT_STATUS_DONE;
}

enum err recipient_options_load(
    struct scope *s, const struct recipient_options *o, const struct recipient **ret_recipient)
{
	struct bytes password;
	*ret_recipient = NULL;
	if (!o->key)
		return OK;
	/* A core file would hold the key. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	if (o->password_file)
		TRY(password_of_file(s, o->password_file, &password));
	else if (o->has_fd)
		TRY(password_of_fd(s, o->password_fd, &password));
	else
		TRY(password_of_terminal(s, "Password of the recipient's key: ", &password));
	return key_file_recipient_open(s, o->key, password, ret_recipient);
}
