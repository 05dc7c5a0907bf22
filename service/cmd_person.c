#include "service/cmd_person.h"

#include <stdio.h>
#include <string.h>

#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/front/person_password.h"
#include "service/front/person_roster.h"
#include "service/operator_command.h"
#include "service/options.h"
#include "service/password.h"
#include "service/password_hash.h"
#include "service/store/identifier.h"
#include "service/store/store_partner.h"
#include "service/store/store_person.h"

#define STAFF_ROLES                                                                                \
	(STORE_PERSON_CLERK | STORE_PERSON_APPROVER | STORE_PERSON_ADMINISTRATOR |                 \
	    STORE_PERSON_AUDITOR)

struct job {
	const char *configuration, *password_file, *roles;
	int password_fd;
	struct store_person person;
};

enum {
	OPTION_CONFIG = OPTIONS_LONG,
	OPTION_LOGIN,
	OPTION_NAME,
	OPTION_EMAIL,
	OPTION_ROLES,
	OPTION_PARTNER,
	OPTION_LANGUAGE,
	OPTION_PASSWORD_FILE,
	OPTION_PASSWORD_FD,
	OPTION_MUST_CHANGE,
};

static const struct option person_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "login", required_argument, NULL, OPTION_LOGIN },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "email", required_argument, NULL, OPTION_EMAIL },
	{ "roles", required_argument, NULL, OPTION_ROLES },
	{ "partner", required_argument, NULL, OPTION_PARTNER },
	{ "language", required_argument, NULL, OPTION_LANGUAGE },
	{ "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
	{ "password-fd", required_argument, NULL, OPTION_PASSWORD_FD },
	{ "must-change", no_argument, NULL, OPTION_MUST_CHANGE },
	{ 0 },
};

/* "clerk,approver" */
static int take_roles(struct job *j, const char *value)
{
	j->roles = value;
	j->person.roles = 0;
	for (const char *at = value; *at;) {
		char name[32] = "";
		size_t n = strcspn(at, ",");
		unsigned bit = 0;
		if (n < sizeof(name)) {
			memcpy(name, at, n);
			bit = person_roster_role_of_name(name);
		}
		if (!bit)
			return diagnostic_usage(
			    "person add: --roles %s: not of officer, partner-admin, clerk, "
			    "approver, administrator, auditor",
			    value);
		j->person.roles |= bit;
		at += n + (at[n] == ',');
	}
	return EXIT_STATUS_DONE;
}

static int take(struct job *j, int option, const char *value)
{
	switch (option) {
	case OPTION_CONFIG:
		j->configuration = value;
		return EXIT_STATUS_DONE;
	case OPTION_LOGIN:
		j->person.login = value;
		return EXIT_STATUS_DONE;
	case OPTION_NAME:
		j->person.name = value;
		return EXIT_STATUS_DONE;
	case OPTION_EMAIL:
		j->person.email = value;
		return EXIT_STATUS_DONE;
	case OPTION_ROLES:
		return take_roles(j, value);
	case OPTION_PARTNER:
		j->person.partner = value;
		return EXIT_STATUS_DONE;
	case OPTION_LANGUAGE:
		j->person.language = value;
		return EXIT_STATUS_DONE;
	case OPTION_PASSWORD_FILE:
		j->password_file = value;
		return EXIT_STATUS_DONE;
	case OPTION_MUST_CHANGE:
		j->person.must_change = true;
		return EXIT_STATUS_DONE;
	default:
		if (options_descriptor(value, &j->password_fd))
			return EXIT_STATUS_DONE;
		return diagnostic_usage("person add: --password-fd %s: not a descriptor", value);
	}
}

static int check(const struct job *j)
{
	const struct store_person *p = &j->person;
	if (!j->configuration || !p->login || !p->roles)
		return diagnostic_usage("person add: wants --config, --login and --roles");
	if (j->password_file && j->password_fd >= 0)
		return diagnostic_usage("person add: --password-file or --password-fd, not both");
	if (p->partner ? p->roles & STAFF_ROLES : p->roles & ~STAFF_ROLES)
		return diagnostic_usage("person add: --roles %s: officer and partner-admin are "
					"for persons of a partner (--partner), the others are not",
		    j->roles);
	return EXIT_STATUS_DONE;
}

static int take_all(struct job *j, int argc, char **argv)
{
	int option;
	while ((option = options_next(argc, argv, person_options)) != OPTIONS_END) {
		int status = option == OPTIONS_BAD ? EXIT_STATUS_USAGE : take(j, option, optarg);
		if (status != EXIT_STATUS_DONE)
			return status;
	}
	if (optind < argc)
		return diagnostic_usage("person add: %s: not expected", argv[optind]);
	return check(j);
}

static enum err read_password(struct scope *s, const struct job *j, struct bytes *ret_password)
{
	if (j->password_file)
		return password_of_file(s, j->password_file, ret_password);
	if (j->password_fd >= 0)
		return password_of_fd(s, j->password_fd, ret_password);
	return password_of_terminal(s, "Password of the new person: ", ret_password);
}

static enum err find_partner(
    struct scope *s, const struct operator_command *o, const struct store_person *p)
{
	const struct store_partner *partner = NULL;
	if (!p->partner)
		return OK;
	if (identifier_is(p->partner, IDENTIFIER_PARTNER))
		TRY(store_partner_find(s, o->store, p->partner, &partner));
	return partner ? OK : scope_fault(s, ERR_MISUSE, "%s: no such partner", p->partner);
}

static enum err add(struct scope *s, const struct job *j, const char **ret_id)
{
	struct operator_command o;
	struct store_person p = j->person;
	struct bytes password;
	p.name = p.name ? p.name : j->person.login;
	TRY(store_person_login(s, j->person.login, &p.login));
	TRY(read_password(s, j, &password));
	const char *fault = person_password_fault((const char *)password.p);
	if (fault)
		return scope_fault(s, ERR_DENIED, "%s", fault);
	TRY(password_hash_make(s, password, &p.password_hash));
	TRY(operator_command_open(s, j->configuration, &o));
	TRY(find_partner(s, &o, &p));
	TRY(identifier_new(s, IDENTIFIER_PERSON, &p.id));
	p.created = o.now;
	enum err added = store_person_add(s, o.store, &p);
	if (added == ERR_MISUSE) {
		scope_forgive(s);
		return scope_fault(s, ERR_MISUSE, "%s: somebody has this login already", p.login);
	}
	TRY(added);
	struct audit_entry e = {
		.kind = AUDIT_PERSON_CREATED, .partner = p.partner, .object = p.id
	};
	e.detail[0] = (struct audit_detail){ "login", p.login, false };
	e.detail[1] = (struct audit_detail){ "roles", j->roles, false };
	TRY(operator_command_note(s, &o, e));
	*ret_id = p.id;
	return OK;
}

int cmd_person(int argc, char **argv)
{
	struct job j = { .password_fd = -1,
		.person = {
		    .email = "", .language = "", .active = true, .waits_until = INSTANT_NONE } };
	const char *id;
	if (argc < 2 || strcmp(argv[1], "add") != 0)
		return diagnostic_usage("person: wants a verb: add");
	int status = take_all(&j, argc - 1, argv + 1);
	if (status != EXIT_STATUS_DONE)
		return status;
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, "person");
	enum err e = add(s, &j, &id);
	if (e == OK)
		printf("%s\n", id);
	status = e == OK ? EXIT_STATUS_DONE : diagnostic_fault(s, e, "person add");
	scope_free(s);
	return status;
}
