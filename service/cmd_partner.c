#include "service/cmd_partner.h"

#include <stdio.h>
#include <string.h>

#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/operator_command.h"
#include "service/options.h"
#include "service/store/identifier.h"
#include "service/store/store_partner.h"

struct job {
	const char *configuration, *name, *number;
};

enum {
	OPTION_CONFIG = OPTIONS_LONG,
	OPTION_NAME,
	OPTION_NUMBER,
};

static const struct option partner_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "name", required_argument, NULL, OPTION_NAME },
	{ "number", required_argument, NULL, OPTION_NUMBER },
	{ 0 },
};

static int take_all(struct job *j, int argc, char **argv)
{
	int option;
	while ((option = options_next(argc, argv, partner_options)) != OPTIONS_END) {
		if (option == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		if (option == OPTION_CONFIG)
			j->configuration = optarg;
		else if (option == OPTION_NAME)
			j->name = optarg;
		else
			j->number = optarg;
	}
	if (optind < argc)
		return diagnostic_usage("partner add: %s: not expected", argv[optind]);
	if (!j->configuration || !j->name || !j->name[0])
		return diagnostic_usage("partner add: wants --config and --name");
	return EXIT_STATUS_DONE;
}

static enum err add(struct scope *s, const struct job *j, const char **ret_id)
{
	struct store_partner p = { .name = j->name, .number = j->number, .active = true };
	struct operator_command o;
	TRY(operator_command_open(s, j->configuration, &o));
	TRY(identifier_new(s, IDENTIFIER_PARTNER, &p.id));
	p.created = o.now;
	enum err added = store_partner_add(s, o.store, &p);
	if (added == ERR_MISUSE) {
		scope_forgive(s);
		return scope_fault(
		    s, ERR_MISUSE, "%s: another partner has this number already", p.number);
	}
	TRY(added);
	struct audit_entry e = { .kind = AUDIT_PARTNER_CREATED, .partner = p.id, .object = p.id };
	e.detail[0] = (struct audit_detail){ "name", p.name, false };
	e.detail[1] = (struct audit_detail){ "number", p.number, false };
	TRY(operator_command_note(s, &o, e));
	*ret_id = p.id;
	return OK;
}

int cmd_partner(int argc, char **argv)
{
	struct job j = { .number = "" };
	const char *id;
	if (argc < 2 || strcmp(argv[1], "add") != 0)
		return diagnostic_usage("partner: wants a verb: add");
	int status = take_all(&j, argc - 1, argv + 1);
	if (status != EXIT_STATUS_DONE)
		return status;
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, "partner");
	enum err e = add(s, &j, &id);
	if (e == OK)
		printf("%s\n", id);
	status = e == OK ? EXIT_STATUS_DONE : diagnostic_fault(s, e, "partner add");
	scope_free(s);
	return status;
}
