#include "service/cmd_audit.h"

#include <string.h>

#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/input_file.h"
#include "service/log/audit_account.h"
#include "service/options.h"
#include "service/output_file.h"
#include "service/trust_files.h"

struct job {
	struct scope *scope;
	const char *verb;
	const char *folder, *export, *out;
	struct options_list trust;
	bool as_json;
	struct audit_export_request request;
	bool is_good; /* of the run */
};

enum {
	OPTION_TRUST = OPTIONS_LONG,
	OPTION_REPORT,
	OPTION_EXPORT,
	OPTION_PARTNER,
	OPTION_FROM,
	OPTION_TO,
};

static const struct option verify_options[] = {
	{ "trust", required_argument, NULL, OPTION_TRUST },
	{ "report", required_argument, NULL, OPTION_REPORT },
	{ "export", required_argument, NULL, OPTION_EXPORT },
	{ "output", required_argument, NULL, 'o' },
	{ 0 },
};

static const struct option export_options[] = {
	{ "partner", required_argument, NULL, OPTION_PARTNER },
	{ "from", required_argument, NULL, OPTION_FROM },
	{ "to", required_argument, NULL, OPTION_TO },
	{ "output", required_argument, NULL, 'o' },
	{ 0 },
};

static int take_instant(const char *name, const char *value, struct instant *ret_instant)
{
	if (instant_of_rfc3339(bytes_of_str(value), ret_instant))
		return EXIT_STATUS_DONE;
	return diagnostic_usage(
	    "audit export: --%s %s: not an instant like 2026-11-22T10:00:00Z", name, value);
}

static int take(struct job *j, int option, const char *value)
{
	switch (option) {
	case OPTION_TRUST:
		options_list_add(&j->trust, value);
		return EXIT_STATUS_DONE;
	case OPTION_REPORT:
		j->as_json = !strcmp(value, "json");
		if (j->as_json || !strcmp(value, "text"))
			return EXIT_STATUS_DONE;
		return diagnostic_usage("audit verify: --report %s: not text or json", value);
	case OPTION_EXPORT:
		j->export = value;
		return EXIT_STATUS_DONE;
	case OPTION_PARTNER:
		j->request.partner = value;
		return EXIT_STATUS_DONE;
	case OPTION_FROM:
		return take_instant("from", value, &j->request.from);
	case OPTION_TO:
		return take_instant("to", value, &j->request.to);
	default:
		j->out = value;
		return EXIT_STATUS_DONE;
	}
}

static int check(const struct job *j, int n_operands)
{
	if (j->export)
		return n_operands ? diagnostic_usage("audit verify: a folder or an --export")
				  : EXIT_STATUS_DONE;
	if (n_operands != 1)
		return diagnostic_usage("audit %s: one folder is wanted", j->verb);
	if (strcmp(j->verb, "export"))
		return EXIT_STATUS_DONE;
	if (!j->request.partner || !*j->request.partner)
		return diagnostic_usage("audit export: a --partner is wanted");
	return j->out ? EXIT_STATUS_DONE : diagnostic_usage("audit export: -o is wanted");
}

static int parse(int argc, char **argv, const struct option *table, struct job *j)
{
	if (options_list_new(j->scope, argc, &j->trust) != OK)
		return diagnostic_fault(j->scope, ERR_NOMEM, NULL);
	for (int c; (c = options_next(argc, argv, table)) != OPTIONS_END;) {
		if (c == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		int status = take(j, c, optarg);
		if (status != EXIT_STATUS_DONE)
			return status;
	}
	j->folder = argv[optind];
	return check(j, argc - optind);
}

static enum err put(struct job *j, struct bytes text)
{
	return j->out ? output_file_put(j->scope, j->out, text) : output_file_print(j->scope, text);
}

static enum err verify_log(struct job *j, const struct anchors *anchors)
{
	struct scope *s = j->scope;
	struct audit_verdict v;
	struct bytes text;
	TRY(audit_verify(s, j->folder, anchors, &v));
	TRY(audit_account_of_log(s, &v, j->as_json, &text));
	j->is_good = v.fault.kind == AUDIT_FAULT_NONE;
	return put(j, text);
}

static enum err verify_export(struct job *j, const struct anchors *anchors)
{
	struct scope *s = j->scope;
	const struct input_file *in;
	struct audit_export_verdict v;
	struct bytes text;
	TRY(input_file_open(s, j->export, &in));
	enum err e = audit_export_check(s, in->bytes, anchors, &v);
	if (e != OK)
		return scope_fault_in(s, e, in->name);
	TRY(audit_account_of_export(s, in->name, &v, j->as_json, &text));
	j->is_good = !v.fault;
	return put(j, text);
}

static enum err verify(struct job *j)
{
	const struct anchors *anchors = NULL;
	if (j->trust.n)
		TRY(trust_files_load(j->scope, j->trust.item, j->trust.n, &anchors));
	return j->export ? verify_export(j, anchors) : verify_log(j, anchors);
}

/* Nothing is handed out of a log that is not whole: its proofs would prove nothing. */
static enum err export(struct job *j) {
	struct scope *s = j->scope; struct audit_verdict v; struct output_file * out; uint64_t n;
	    TRY(audit_verify(s, j->folder, NULL, &v));
	    j->is_good = v.fault.kind == AUDIT_FAULT_NONE; if (!j->is_good){ diagnostic_line(
		"%s: not whole, nothing was exported: %s", v.folder, v.fault.text);
		    return OK;
}
TRY(output_file_open(s, j->out, &out));
TRY(audit_export_write(s, &v, &j->request, out, &n));
return output_file_commit(s, out);
}

static int run(int argc, char **argv, struct job *j)
{
	const bool is_export = !strcmp(j->verb, "export");
	int status = parse(argc, argv, is_export ? export_options : verify_options, j);
	if (status != EXIT_STATUS_DONE)
		return status;
	enum err e = is_export ? export(j) : verify(j);
	if (e != OK)
		return diagnostic_fault(j->scope, e, NULL);
	return j->is_good ? EXIT_STATUS_DONE : EXIT_STATUS_FAILED;
}

int cmd_audit(int argc, char **argv)
{
	if (argc < 2 || (strcmp(argv[1], "verify") && strcmp(argv[1], "export")))
		return diagnostic_usage("audit: verify or export is wanted");
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, NULL);
	struct job j = {
		.scope = s, .verb = argv[1], .request = { .from = INSTANT_NONE, .to = INSTANT_NONE }
	};
	int status = run(argc - 1, argv + 1, &j);
	scope_free(s);
	return status;
}
