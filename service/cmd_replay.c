#include "service/cmd_replay.h"

#include "service/diagnostic.h"
#include "service/evidence_folder.h"
#include "service/exit_status.h"
#include "service/input_file.h"
#include "service/password.h"
#include "service/recipient_options.h"
#include "service/report_options.h"
#include "validator/report_difference.h"

struct job {
	struct scope *scope;
	const char *dir, *document, *password_file;
	struct report_options report_options;
	struct recipient_options recipient_options;
	/* The run's own: */
	struct evidence_bundle bundle;
	char *manifest_sha256;
	struct report *report; /* NULL: there was no document to judge */
	struct bytes again;    /* its JSON */
	struct bytes differences;
};

enum {
	OPTION_DOCUMENT = OPTIONS_LONG,
	OPTION_PASSWORD_FILE,
};

static const struct option replay_options[] = {
	{ "document", required_argument, NULL, OPTION_DOCUMENT },
	{ "password-file", required_argument, NULL, OPTION_PASSWORD_FILE },
	REPORT_OPTIONS_TABLE,
	RECIPIENT_OPTIONS_TABLE,
	{ 0 },
};

static int take(struct job *j, int option, const char *value)
{
	switch (option) {
	case OPTION_DOCUMENT:
		j->document = value;
		break;
	case OPTION_PASSWORD_FILE:
		j->password_file = value;
		break;
	default:
		if (recipient_options_has(option))
			return recipient_options_take(
			    &j->recipient_options, "replay", option, value);
		return report_options_take(j->scope, &j->report_options, "replay", option, value);
	}
	return EXIT_STATUS_DONE;
}

static int parse(int argc, char **argv, struct job *j)
{
	for (int c; (c = options_next(argc, argv, replay_options)) != OPTIONS_END;) {
		if (c == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		int status = take(j, c, optarg);
		if (status != EXIT_STATUS_DONE)
			return status;
	}
	if (argc - optind != 1)
		return diagnostic_usage("replay: one folder is wanted");
	enum report_form form = j->report_options.form;
	if (!j->document && form != REPORT_FORM_TEXT && form != REPORT_FORM_JSON)
		return diagnostic_usage("replay: this --report wants the --document");
	j->dir = argv[optind];
	int status = recipient_options_check(&j->recipient_options, "replay");
	return status != EXIT_STATUS_DONE ? status
					  : report_options_check(&j->report_options, "replay");
}

/* -- judging again -- */

static enum err check_document(struct scope *s, const struct job *j, const struct input_file *in)
{
	const struct evidence_manifest_file *wanted = &j->bundle.manifest.document;
	struct digest sha256;
	TRY(digest_of_bytes(s, DIGEST_SHA256, in->bytes, &sha256));
	if (in->bytes.n == wanted->size && digest_equal(&sha256, &wanted->sha256))
		return OK;
	return scope_fault(s, ERR_FORMAT, "%s: not the document of this bundle, %s (%zu octets)",
	    in->name, j->bundle.manifest.name, wanted->size);
}

static bool is_same(const struct job *j)
{
	return bytes_equal(j->again, j->bundle.report);
}

/* A report that is too large to be compared in detail is told to differ, without the detail. */
static enum err find_differences(struct scope *s, struct job *j)
{
	enum err e = report_difference(s, j->bundle.report, j->again, &j->differences);
	if (e != ERR_FORMAT && e != ERR_LIMIT)
		return e;
	scope_forgive(s);
	return OK;
}

static enum err judge(struct scope *s, struct job *j)
{
	const struct input_file *in;
	const struct policy *policy;
	struct pdf_crypt_means means = { 0 };
	TRY(input_file_open(s, j->document, &in));
	TRY(check_document(s, j, in));
	if (j->password_file)
		TRY(password_of_file(s, j->password_file, &means.password));
	TRY(recipient_options_load(s, &j->recipient_options, &means.recipient));
	enum err e = policy_parse(s, j->bundle.policy, &policy);
	if (e != OK)
		return scope_fault_in(s, e, j->dir);
	e = evidence_bundle_judge(s, &j->bundle, in->bytes, &means, policy, &j->report);
	if (e != OK)
		return scope_fault_in(s, e, in->name);
	TRY(report_json(s, j->report, false, &j->again));
	return is_same(j) ? OK : find_differences(s, j);
}

/* -- telling -- */

static void add_outcome(struct buf *b, const struct job *j)
{
	const struct evidence_manifest *m = &j->bundle.manifest;
	buf_addf(b, "%s: %zu items, manifest SHA-256 %s: ", j->dir, m->n_items, j->manifest_sha256);
	if (!j->report)
		buf_add_str(b, "whole; the report is the stored one, the document was not judged "
			       "again (--document)");
	else if (is_same(j))
		buf_add_str(b, "judged again offline, the same report byte for byte");
	else
		buf_addf(b,
		    "judged again offline, THE REPORT DIFFERS (stored by bulla %s, this "
		    "is %s)",
		    m->program, BULLA_VERSION);
}

static void add_stored(struct buf *b, const struct job *j)
{
	char at[INSTANT_TEXT];
	const struct evidence_manifest *m = &j->bundle.manifest;
	instant_to_rfc3339(m->at, at);
	/* A name cannot write lines of its own. */
	for (const char *c = m->name; *c; c++)
		buf_add_byte(b, (unsigned char)*c < 0x20 || *c == 0x7f ? '?' : (uint8_t)*c);
	buf_addf(b, ": %s at %s\n", report_conclusion_name(m->conclusion), at);
}

static enum err render(struct scope *s, const struct job *j, struct bytes *ret_text)
{
	struct buf b = buf_new(s, SIZE_MAX);
	struct bytes text;
	const struct report_options *o = &j->report_options;
	if (o->form == REPORT_FORM_JSON) {
		*ret_text = j->report ? j->again : j->bundle.report;
		return OK;
	}
	if (j->report) {
		TRY(report_form_write(s, o->form, j->report, o->messages, false, &text));
		if (o->form != REPORT_FORM_TEXT) {
			*ret_text = text;
			return OK;
		}
		buf_add(&b, text);
	} else {
		add_stored(&b, j);
	}
	buf_add_byte(&b, '\n');
	add_outcome(&b, j);
	buf_add_byte(&b, '\n');
	buf_add(&b, j->differences);
	return buf_done(&b, ret_text);
}

/* Where the report itself cannot say it, in one line. */
static enum err tell(struct scope *s, const struct job *j)
{
	struct buf b = buf_new(s, SIZE_MAX);
	char *line;
	add_outcome(&b, j);
	for (struct bytes rest = j->differences; rest.n;) {
		size_t end = bytes_find(rest, BYTES_LIT("\n"), 0);
		buf_add_str(&b, rest.p == j->differences.p ? ": " : "; ");
		buf_add(&b, bytes_cut(rest, 0, end));
		rest = bytes_from(rest, end + 1);
	}
	TRY(buf_done_str(&b, &line));
	diagnostic_line("%s", line);
	return OK;
}

static enum err replay(struct scope *s, struct job *j)
{
	struct digest sha256;
	struct bytes text;
	TRY(evidence_folder_open(s, j->dir, &j->bundle));
	TRY(digest_of_bytes(s, DIGEST_SHA256, j->bundle.text, &sha256));
	TRY(bytes_to_hex(s, digest_bytes(&sha256), &j->manifest_sha256));
	if (j->document)
		TRY(judge(s, j));
	TRY(render(s, j, &text));
	TRY(report_options_put(s, &j->report_options, text));
	return j->report_options.form == REPORT_FORM_TEXT ? OK : tell(s, j);
}

int cmd_replay(int argc, char **argv)
{
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, NULL);
	struct job j = { .scope = s, .report_options = { .forms = REPORT_FORMS_ALL } };
	int status = parse(argc, argv, &j);
	if (status == EXIT_STATUS_DONE) {
		enum err e = replay(s, &j);
		if (e != OK)
			status = diagnostic_fault(s, e, NULL);
		else if (j.report && !is_same(&j))
			status = EXIT_STATUS_DIFFERS;
		else
			status = exit_status_of_conclusion(j.bundle.manifest.conclusion);
	}
	scope_free(s);
	return status;
}
