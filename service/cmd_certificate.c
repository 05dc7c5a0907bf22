#include "service/cmd_certificate.h"

#include <string.h>

#include "base/limits.h"
#include "formats/der.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"
#include "service/input_file.h"
#include "service/policy_file.h"
#include "service/report_options.h"
#include "service/trust_files.h"
#include "service/fetch_options.h"
#include "validator/certificate_report.h"

struct job {
	const char *file, *policy_name;
	struct options_list chain, crls, ocsps, trust, policy_texts;
	struct bytes *policies; /* value octets */
	size_t n_policies;
	struct fetch_options fetch;
	struct instant at; /* INSTANT_NONE: now */
	enum cert_use use;
	bool explicit_policy, inhibit_mapping, inhibit_any, offline;
	struct scope *scope;
	struct report_options report;
	/* The run's own: */
	struct world_system *world;
	const struct anchors *anchors;
	struct policy policy;
	struct evidence *evidence;
	const struct cert *cert;
};

enum {
	OPTION_CHAIN = OPTIONS_LONG,
	OPTION_CRL,
	OPTION_OCSP,
	OPTION_TRUST,
	OPTION_POLICY,
	OPTION_AT,
	OPTION_OFFLINE,
	OPTION_INITIAL_POLICY,
	OPTION_EXPLICIT_POLICY,
	OPTION_INHIBIT_MAPPING,
	OPTION_INHIBIT_ANY,
	OPTION_USE,
};

static const struct option certificate_options[] = {
	{ "chain", required_argument, NULL, OPTION_CHAIN },
	{ "crl", required_argument, NULL, OPTION_CRL },
	{ "ocsp", required_argument, NULL, OPTION_OCSP },
	{ "trust", required_argument, NULL, OPTION_TRUST },
	{ "policy", required_argument, NULL, OPTION_POLICY },
	{ "at", required_argument, NULL, OPTION_AT },
	{ "offline", no_argument, NULL, OPTION_OFFLINE },
	{ "initial-policy", required_argument, NULL, OPTION_INITIAL_POLICY },
	{ "explicit-policy", no_argument, NULL, OPTION_EXPLICIT_POLICY },
	{ "inhibit-mapping", no_argument, NULL, OPTION_INHIBIT_MAPPING },
	{ "inhibit-any", no_argument, NULL, OPTION_INHIBIT_ANY },
	{ "use", required_argument, NULL, OPTION_USE },
	REPORT_OPTIONS_TABLE,
	FETCH_OPTIONS_TABLE,
	{ 0 },
};

static int take_use(struct job *j, const char *value)
{
	for (enum cert_use use = CERT_USE_SIGNATURE; use <= CERT_USE_ANY; use++)
		if (!strcmp(value, certificate_report_use_name(use))) {
			j->use = use;
			return EXIT_STATUS_DONE;
		}
	return diagnostic_usage("certificate: --use %s: not any, signature or timestamp", value);
}

/* Options whose value may be wrong. */
static int take_checked(struct job *j, int option, const char *value)
{
	switch (option) {
	case OPTION_AT:
		if (instant_of_rfc3339(bytes_of_str(value), &j->at))
			return EXIT_STATUS_DONE;
		return diagnostic_usage(
		    "certificate: --at %s: not an instant like 2026-11-22T10:00:00Z", value);
	case OPTION_USE:
		return take_use(j, value);
	default:
		if (report_options_has(option))
			return report_options_take(
			    j->scope, &j->report, "certificate", option, value);
		return fetch_options_take(&j->fetch, "certificate", option, value);
	}
}

static int take(struct job *j, int option, const char *value)
{
	struct options_list *list = NULL;
	switch (option) {
	case OPTION_POLICY:
		j->policy_name = value;
		break;
	case OPTION_CHAIN:
		list = &j->chain;
		break;
	case OPTION_CRL:
		list = &j->crls;
		break;
	case OPTION_OCSP:
		list = &j->ocsps;
		break;
	case OPTION_TRUST:
		list = &j->trust;
		break;
	case OPTION_INITIAL_POLICY:
		list = &j->policy_texts;
		break;
	case OPTION_OFFLINE:
		j->offline = true;
		break;
	case OPTION_EXPLICIT_POLICY:
		j->explicit_policy = true;
		break;
	case OPTION_INHIBIT_MAPPING:
		j->inhibit_mapping = true;
		break;
	case OPTION_INHIBIT_ANY:
		j->inhibit_any = true;
		break;
	default:
		return take_checked(j, option, value);
	}
	if (list)
		options_list_add(list, value);
	return EXIT_STATUS_DONE;
}

static enum err prepare_lists(struct scope *s, int argc, struct job *j)
{
	TRY(options_list_new(s, argc, &j->chain));
	TRY(options_list_new(s, argc, &j->crls));
	TRY(options_list_new(s, argc, &j->ocsps));
	TRY(options_list_new(s, argc, &j->trust));
	return options_list_new(s, argc, &j->policy_texts);
}

static int parse_policies(struct scope *s, struct job *j)
{
	j->policies = scope_alloc_array(s, j->policy_texts.n, sizeof(*j->policies));
	if (!j->policies)
		return diagnostic_fault(s, ERR_NOMEM, NULL);
	for (; j->n_policies < j->policy_texts.n; j->n_policies++) {
		const char *text = j->policy_texts.item[j->n_policies];
		if (der_oid_of_text(s, text, &j->policies[j->n_policies]) != OK)
			return diagnostic_usage(
			    "certificate: --initial-policy %s: not an object identifier", text);
	}
	return EXIT_STATUS_DONE;
}

static int parse(struct scope *s, int argc, char **argv, struct job *j)
{
	if (prepare_lists(s, argc, j) != OK)
		return diagnostic_fault(s, ERR_NOMEM, NULL);
	for (int c; (c = options_next(argc, argv, certificate_options)) != OPTIONS_END;) {
		if (c == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		int status = take(j, c, optarg);
		if (status != EXIT_STATUS_DONE)
			return status;
	}
	if (optind + 1 != argc)
		return diagnostic_usage("certificate: one file is wanted");
	j->file = argv[optind];
	return parse_policies(s, j);
}

/* -- what is at hand -- */

static enum err add_certs(
    struct scope *s, struct job *j, const char *path, const struct cert **ret_first)
{
	struct bytes content;
	const struct cert **certs;
	size_t n;
	TRY(input_file_read(s, path, LIMIT_EVIDENCE_FILE, &content));
	enum err e = cert_parse_many(s, content, &certs, &n);
	if (e != OK)
		return scope_fault_in(s, e, path);
	for (size_t i = 0; i < n; i++)
		TRY(evidence_add_cert(s, j->evidence, certs[i], EVIDENCE_GIVEN));
	if (ret_first)
		*ret_first = certs[0];
	return OK;
}

static enum err add_crl(struct scope *s, struct job *j, const char *path)
{
	struct bytes content;
	TRY(input_file_read(s, path, LIMIT_EVIDENCE_FILE, &content));
	TRY(evidence_add_crl_der(s, j->evidence, content, EVIDENCE_GIVEN, NULL));
	if (j->evidence->n_unreadable)
		return scope_fault(s, ERR_FORMAT, "%s: no certificate revocation list", path);
	return OK;
}

static enum err add_ocsp(struct scope *s, struct job *j, const char *path)
{
	struct bytes content;
	const struct ocsp_response *response;
	TRY(input_file_read(s, path, LIMIT_EVIDENCE_FILE, &content));
	TRY(evidence_add_ocsp_der(s, j->evidence, content, EVIDENCE_GIVEN, NULL, &response));
	if (!response)
		return scope_fault(s, ERR_FORMAT, "%s: no successful OCSP response", path);
	return OK;
}

static enum err load(struct scope *s, struct job *j)
{
	TRY(evidence_new(s, &j->evidence));
	TRY(add_certs(s, j, j->file, &j->cert));
	for (size_t i = 0; i < j->chain.n; i++)
		TRY(add_certs(s, j, j->chain.item[i], NULL));
	for (size_t i = 0; i < j->crls.n; i++)
		TRY(add_crl(s, j, j->crls.item[i]));
	for (size_t i = 0; i < j->ocsps.n; i++)
		TRY(add_ocsp(s, j, j->ocsps.item[i]));
	return trust_files_load(s, j->trust.item, j->trust.n, &j->anchors);
}

/* The command line asks for more than the policy, never for less; but other initial policies may
 * stand in place of its own. */
static enum err set_policy(struct scope *s, struct job *j)
{
	const struct policy *p;
	TRY(policy_file_load(s, j->policy_name, NULL, &p));
	j->policy = *p;
	struct policy_path_inputs *in = &j->policy.path;
	in->explicit_policy |= j->explicit_policy;
	in->inhibit_mapping |= j->inhibit_mapping;
	in->inhibit_any |= j->inhibit_any;
	if (j->n_policies) {
		in->initial_policies = j->policies;
		in->n_initial_policies = j->n_policies;
	}
	return OK;
}

static enum err prepare(struct scope *s, struct job *j)
{
	TRY(set_policy(s, j));
	TRY(load(s, j));
	TRY(fetch_options_world(s, &j->fetch, j->at, &j->world));
	if (!instant_is_known(j->at))
		j->at = j->world->world.now(j->world->world.ctx);
	return OK;
}

static enum err judge(struct scope *s, struct job *j, struct certificate_report **ret_report)
{
	struct validate_request request = {
		.name = j->file,
		.anchors = j->anchors,
		.policy = &j->policy,
		.at = j->at,
		.evidence = j->evidence,
		.offline = j->offline,
	};
	fetch_curl_begin_job(j->world->fetcher);
	return certificate_report_make(s, &j->world->world, &request, j->cert, j->use, ret_report);
}

static enum err print(struct scope *s, const struct job *j, const struct certificate_report *r)
{
	struct bytes text;
	TRY(j->report.form == REPORT_FORM_JSON
		? certificate_report_json(s, r, &text)
		: certificate_report_text(s, r, j->report.messages, &text));
	return report_options_put(s, &j->report, text);
}

static int exit_status(enum indication i)
{
	if (i == INDICATION_PASSED)
		return EXIT_STATUS_DONE;
	return i == INDICATION_FAILED ? EXIT_STATUS_FAILED : EXIT_STATUS_INDETERMINATE;
}

static int run(struct scope *s, struct job *j)
{
	struct certificate_report *report = NULL;
	enum err e = prepare(s, j);
	if (e == OK)
		e = judge(s, j, &report);
	if (e == OK)
		e = print(s, j, report);
	return e == OK ? exit_status(report->indication) : diagnostic_fault(s, e, NULL);
}

int cmd_certificate(int argc, char **argv)
{
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, NULL);
	struct job j = { .scope = s,
		.at = INSTANT_NONE,
		.use = CERT_USE_ANY,
		.report = { .forms = REPORT_FORM_BIT(REPORT_FORM_TEXT) |
				     REPORT_FORM_BIT(REPORT_FORM_JSON) },
		.fetch = fetch_options_default() };
	int status = parse(s, argc, argv, &j);
	if (status == EXIT_STATUS_DONE)
		status = run(s, &j);
	scope_free(s);
	return status;
}
