#include "service/cmd_validate.h"

#include "service/diagnostic.h"
#include "service/evidence_folder.h"
#include "service/exit_status.h"
#include "service/fetch_options.h"
#include "service/folder.h"
#include "service/input_file.h"
#include "service/output_file.h"
#include "service/password.h"
#include "service/policy_file.h"
#include "service/recipient_options.h"
#include "service/report_options.h"
#include "service/report_pictures.h"
#include "service/trust_files.h"
#include "validator/validate.h"

struct job {
	struct scope *scope;
	char **files;
	size_t n_files;
	const char *password_file, *evidence, *policy_name, *approved;
	struct options_list trust;
	struct fetch_options fetch;
	struct instant at; /* INSTANT_NONE: now */
	bool offline, no_pictures;
	struct report_options report;
	struct recipient_options recipient_options;
	/* The run's own: */
	struct world_system *world;
	const struct anchors *anchors;
	const struct policy *policy;
	struct bytes password;
	const struct recipient *recipient;
	struct output_file *output; /* NULL: standard output */
	size_t written;
};

enum {
	OPTION_PASSWORD_FILE = OPTIONS_LONG,
	OPTION_TRUST,
	OPTION_AT,
	OPTION_OFFLINE,
	OPTION_EVIDENCE,
	OPTION_POLICY,
	OPTION_APPROVED,
	OPTION_NO_PICTURES,
};

static const struct option validate_options[] = {
	{ "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
	{ "trust", required_argument, NULL, OPTION_TRUST },
	{ "at", required_argument, NULL, OPTION_AT },
	{ "offline", no_argument, NULL, OPTION_OFFLINE },
	{ "evidence", required_argument, NULL, OPTION_EVIDENCE },
	{ "policy", required_argument, NULL, OPTION_POLICY },
	{ "approved", required_argument, NULL, OPTION_APPROVED },
	{ "no-pictures", no_argument, NULL, OPTION_NO_PICTURES },
	REPORT_OPTIONS_TABLE,
	RECIPIENT_OPTIONS_TABLE,
	FETCH_OPTIONS_TABLE,
	{ 0 },
};

static int take(struct job *j, int option, const char *value)
{
	switch (option) {
	case OPTION_PASSWORD_FILE:
		j->password_file = value;
		break;
	case OPTION_TRUST:
		options_list_add(&j->trust, value);
		break;
	case OPTION_AT:
		if (!instant_of_rfc3339(bytes_of_str(value), &j->at))
			return diagnostic_usage(
			    "validate: --at %s: not an instant like 2026-11-22T10:00:00Z", value);
		break;
	case OPTION_OFFLINE:
		j->offline = true;
		break;
	case OPTION_EVIDENCE:
		j->evidence = value;
		break;
	case OPTION_POLICY:
		j->policy_name = value;
		break;
	case OPTION_APPROVED:
		j->approved = value;
		break;
	case OPTION_NO_PICTURES:
		j->no_pictures = true;
		break;
	default:
		if (report_options_has(option))
			return report_options_take(j->scope, &j->report, "validate", option, value);
		if (recipient_options_has(option))
			return recipient_options_take(
			    &j->recipient_options, "validate", option, value);
		return fetch_options_take(&j->fetch, "validate", option, value);
	}
	return EXIT_STATUS_DONE;
}

static int parse(struct scope *s, int argc, char **argv, struct job *j)
{
	if (options_list_new(s, argc, &j->trust) != OK)
		return diagnostic_fault(s, ERR_NOMEM, NULL);
	for (int c; (c = options_next(argc, argv, validate_options)) != OPTIONS_END;) {
		if (c == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		int status = take(j, c, optarg);
		if (status != EXIT_STATUS_DONE)
			return status;
	}
	if (optind == argc)
		return diagnostic_usage("validate: a file is wanted");
	j->files = argv + optind;
	j->n_files = (size_t)(argc - optind);
	if (j->n_files > 1 && !report_form_is_sequence(j->report.form))
		return diagnostic_usage("validate: this --report is for one file at a time");
	int status = recipient_options_check(&j->recipient_options, "validate");
	return status != EXIT_STATUS_DONE ? status : report_options_check(&j->report, "validate");
}

static enum err prepare(struct scope *s, struct job *j)
{
	if (j->password_file)
		TRY(password_of_file(s, j->password_file, &j->password));
	TRY(recipient_options_load(s, &j->recipient_options, &j->recipient));
	TRY(policy_file_load(s, j->policy_name, j->approved, &j->policy));
	TRY(trust_files_load(s, j->trust.item, j->trust.n, &j->anchors));
	TRY(fetch_options_world(s, &j->fetch, j->at, &j->world));
	if (!instant_is_known(j->at))
		j->at = j->world->world.now(j->world->world.ctx);
	return j->report.out ? output_file_open(s, j->report.out, &j->output) : OK;
}

/* One document has the folder for itself; several have one each in it, named by their SHA-256. */
static enum err evidence_dir(
    struct scope *s, const struct job *j, const struct input_file *in, const char **ret_dir)
{
	*ret_dir = j->evidence;
	if (j->n_files == 1)
		return OK;
	struct digest digest;
	char *hex, *dir;
	TRY(digest_of_bytes(s, DIGEST_SHA256, in->bytes, &digest));
	TRY(bytes_to_hex(s, digest_bytes(&digest), &hex));
	TRY(folder_make(s, j->evidence));
	TRY(folder_path(s, j->evidence, hex, &dir));
	*ret_dir = dir;
	return OK;
}

static enum err judge(struct scope *s, const struct job *j, const struct input_file *in,
    struct evidence *evidence, struct report **ret_report)
{
	struct validate_request request = {
		.name = in->name,
		.document = in->bytes,
		.password = j->password,
		.recipient = j->recipient,
		.anchors = j->anchors,
		.policy = j->policy,
		.at = j->at,
		.evidence = evidence,
		.offline = j->offline,
	};
	if (!in->bytes.n)
		return scope_fault(s, ERR_FORMAT, "the file is empty");
	fetch_curl_begin_job(j->world->fetcher);
	return validate_pdf(s, &j->world->world, &request, ret_report);
}

static enum err print(struct scope *s, struct job *j, const struct report *report)
{
	struct bytes text;
	TRY(report_form_write(
	    s, j->report.form, report, j->report.messages, j->n_files > 1, &text));
	if (!j->output)
		return output_file_print(s, text);
	TRY(output_file_write(s, j->output, j->written, text));
	j->written += text.n;
	return OK;
}

/* After the judgement, and no part of what is kept. */
static enum err add_pictures(
    struct scope *s, const struct job *j, const struct input_file *in, struct report *report)
{
	if (j->no_pictures || j->report.form != REPORT_FORM_HTML)
		return OK;
	return report_pictures_add(s, report, in->bytes, j->password);
}

static enum err keep_and_print(
    struct scope *s, struct job *j, const char *dir, const struct report *report)
{
	struct evidence_bundle bundle;
	if (dir) {
		TRY(evidence_bundle_of_report(s, report, j->anchors, &bundle));
		TRY(evidence_folder_store(s, dir, &bundle));
	}
	return print(s, j, report);
}

/* Judges one file in a scope of its own. */
static int validate_one(struct scope *s, struct job *j, const char *path)
{
	const struct input_file *in;
	const char *dir = NULL;
	struct evidence *evidence;
	struct report *report;
	enum err e = input_file_open(s, path, &in);
	if (e == OK)
		e = evidence_new(s, &evidence);
	if (e == OK && j->evidence)
		e = evidence_dir(s, j, in, &dir);
	if (e == OK && dir)
		e = evidence_folder_load(s, dir, evidence);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	e = judge(s, j, in, evidence, &report);
	if (e != OK)
		return diagnostic_fault(s, e, in->name);
	e = add_pictures(s, j, in, report);
	if (e == OK)
		e = keep_and_print(s, j, dir, report);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	return exit_status_of_conclusion(report->conclusion);
}

static int validate_all(struct scope *s, struct job *j)
{
	enum err e = prepare(s, j);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	int worst = EXIT_STATUS_DONE;
	for (size_t i = 0; i < j->n_files; i++) {
		struct scope *one = scope_new(0);
		if (!one)
			return diagnostic_fault(NULL, ERR_NOMEM, j->files[i]);
		int status = validate_one(one, j, j->files[i]);
		scope_free(one);
		worst = exit_status_worse(worst, status);
	}
	/* Without any report there is nothing to put there. */
	if (j->output && j->written)
		e = output_file_commit(s, j->output);
	return e == OK ? worst : exit_status_worse(worst, diagnostic_fault(s, e, NULL));
}

int cmd_validate(int argc, char **argv)
{
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, NULL);
	struct job j = { .scope = s,
		.at = INSTANT_NONE,
		.report = { .forms = REPORT_FORMS_ALL },
		.fetch = fetch_options_default() };
	int status = parse(s, argc, argv, &j);
	if (status == EXIT_STATUS_DONE)
		status = validate_all(s, &j);
	scope_free(s);
	return status;
}
