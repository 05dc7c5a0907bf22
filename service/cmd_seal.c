#include "service/cmd_seal.h"

#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "sealer/seal.h"
#include "service/diagnostic.h"
#include "service/draft_file.h"
#include "service/exit_status.h"
#include "service/fetch_ldap.h"
#include "service/fetch_options.h"
#include "service/key_file.h"
#include "service/look_options.h"
#include "service/options.h"
#include "service/output_file.h"
#include "service/password.h"
#include "service/permission_options.h"
#include "service/recipient_options.h"
#include "service/trust_files.h"

struct job {
	const char *in, *out;
	const char *key, *password_file, *document_password_file;
	int password_fd; /* -1: not given */
	struct options_list tsa, trust;
	struct fetch_options fetch;
	struct permission_options permission;
	struct look_options look;
	struct recipient_options recipient;
	struct seal_request request;
	bool has_level, extend;
};

enum {
	OPTION_KEY = OPTIONS_LONG,
	OPTION_PASSWORD_FILE,
	OPTION_PASSWORD_FD,
	OPTION_DOCUMENT_PASSWORD_FILE,
	OPTION_LEVEL,
	OPTION_TSA,
	OPTION_FORMAT,
	OPTION_FIELD,
	OPTION_TRUST,
	OPTION_DIGEST,
	OPTION_RSA_PKCS1,
	OPTION_REASON,
	OPTION_LOCATION,
	OPTION_CONTACT,
	OPTION_NAME,
};

#define VALUE required_argument, NULL
/* What both commands take. */
#define SHARED_OPTIONS                                                                             \
	{ "output", VALUE, 'o' },                                                                  \
	    { "document-password-file", VALUE, OPTION_DOCUMENT_PASSWORD_FILE },                    \
	    { "level", VALUE, OPTION_LEVEL }, { "tsa", VALUE, OPTION_TSA },                        \
	    { "trust", VALUE, OPTION_TRUST }, { "digest", VALUE, OPTION_DIGEST },                  \
	    RECIPIENT_OPTIONS_TABLE, FETCH_OPTIONS_TABLE

static const struct option seal_options[] = {
	SHARED_OPTIONS,
	{ "key", VALUE, OPTION_KEY },
	{ "password-file", VALUE, OPTION_PASSWORD_FILE },
	{ "password-fd", VALUE, OPTION_PASSWORD_FD },
	{ "format", VALUE, OPTION_FORMAT },
	{ "field", VALUE, OPTION_FIELD },
	PERMISSION_OPTIONS_TABLE,
	LOOK_OPTIONS_TABLE,
	{ "rsa-pkcs1", no_argument, NULL, OPTION_RSA_PKCS1 },
	{ "reason", VALUE, OPTION_REASON },
	{ "location", VALUE, OPTION_LOCATION },
	{ "contact", VALUE, OPTION_CONTACT },
	{ "name", VALUE, OPTION_NAME },
	{ 0 },
};

static const struct option extend_options[] = { SHARED_OPTIONS, { 0 } };

/* Options whose value is checked at once. EXIT_STATUS_DONE or EXIT_STATUS_USAGE. */
static int take_checked(struct job *j, const char *verb, int option, const char *value)
{
	struct seal_request *r = &j->request;
	switch (option) {
	case OPTION_LEVEL:
		j->has_level = true;
		if (!seal_level_of_name(value, &r->level))
			return diagnostic_usage(
			    "%s: --level %s: none of B-B, B-T, B-LT, B-LTA", verb, value);
		break;
	case OPTION_DIGEST:
		r->digest = digest_of_name(value);
		if (r->digest != DIGEST_SHA256 && r->digest != DIGEST_SHA384 &&
		    r->digest != DIGEST_SHA512)
			return diagnostic_usage(
			    "%s: --digest %s: none of sha256, sha384, sha512", verb, value);
		break;
	case OPTION_FORMAT:
		if (strcmp(value, "pades"))
			return diagnostic_usage("%s: --format %s: only pades", verb, value);
		break;
	case OPTION_PASSWORD_FD:
		if (!options_descriptor(value, &j->password_fd))
			return diagnostic_usage("%s: --password-fd %s: not a number", verb, value);
		break;
	default:
		if (permission_options_has(option))
			return permission_options_take(&j->permission, verb, option, value);
		if (look_options_has(option))
			return look_options_take(&j->look, verb, option, value);
		if (recipient_options_has(option))
			return recipient_options_take(&j->recipient, verb, option, value);
		return fetch_options_take(&j->fetch, verb, option, value);
	}
	return EXIT_STATUS_DONE;
}

static bool is_url(const char *text)
{
	return !strncasecmp(text, "http://", 7) || !strncasecmp(text, "https://", 8);
}

static int take(struct job *j, const char *verb, int option, const char *value)
{
	struct seal_request *r = &j->request;
	switch (option) {
	case 'o':
		j->out = value;
		break;
	case OPTION_KEY:
		j->key = value;
		break;
	case OPTION_PASSWORD_FILE:
		j->password_file = value;
		break;
	case OPTION_DOCUMENT_PASSWORD_FILE:
		j->document_password_file = value;
		break;
	case OPTION_TSA:
		if (!is_url(value))
			return diagnostic_usage(
			    "%s: --tsa %s: not an http or https URL", verb, value);
		options_list_add(&j->tsa, value);
		break;
	case OPTION_TRUST:
		options_list_add(&j->trust, value);
		break;
	case OPTION_FIELD:
		r->field = value;
		break;
	case OPTION_RSA_PKCS1:
		r->rsa_pkcs1 = true;
		break;
	case OPTION_REASON:
		r->reason = value;
		break;
	case OPTION_LOCATION:
		r->location = value;
		break;
	case OPTION_CONTACT:
		r->contact = value;
		break;
	case OPTION_NAME:
		r->signer_name = value;
		break;
	default:
		return take_checked(j, verb, option, value);
	}
	return EXIT_STATUS_DONE;
}

/* What must be there, and what does not go together. */
static int check(const struct job *j, const char *verb)
{
	if (!j->out)
		return diagnostic_usage("%s: -o OUT is missing", verb);
	if (!j->extend && !j->key)
		return diagnostic_usage("%s: --key FILE is missing", verb);
	if (j->password_file && j->password_fd >= 0)
		return diagnostic_usage(
		    "%s: --password-file and --password-fd exclude each other", verb);
	if (j->extend && !j->has_level)
		return diagnostic_usage("%s: --level is missing", verb);
	if (j->extend && j->request.level == SEAL_B_B)
		return diagnostic_usage("%s: --level B-B: nothing to extend to", verb);
	const char *level = seal_level_name(j->request.level);
	if (j->request.level >= SEAL_B_T && !j->tsa.n)
		return diagnostic_usage(
		    "%s: level %s needs a timestamp authority: --tsa URL", verb, level);
	if (j->request.level >= SEAL_B_LT && !j->trust.n)
		return diagnostic_usage(
		    "%s: level %s needs trust anchors: --trust PATH", verb, level);
	const int status = look_options_check(&j->look, verb);
	return status == EXIT_STATUS_DONE ? permission_options_check(&j->permission, verb) : status;
}

static int parse(struct scope *s, int argc, char **argv, struct job *j)
{
	const struct option *table = j->extend ? extend_options : seal_options;
	if (options_list_new(s, argc, &j->tsa) != OK ||
	    options_list_new(s, argc, &j->trust) != OK ||
	    permission_options_new(s, argc, &j->permission) != OK ||
	    look_options_new(s, argc, &j->look) != OK)
		return diagnostic_fault(s, ERR_NOMEM, NULL);
	for (int c; (c = options_next(argc, argv, table)) != OPTIONS_END;) {
		if (c == OPTIONS_BAD)
			return EXIT_STATUS_USAGE;
		int status = take(j, argv[0], c, optarg);
		if (status != EXIT_STATUS_DONE)
			return status;
	}
	if (argc - optind != 1)
		return diagnostic_usage("%s: one input file is wanted", argv[0]);
	j->in = argv[optind];
	int status = recipient_options_check(&j->recipient, argv[0]);
	return status != EXIT_STATUS_DONE ? status : check(j, argv[0]);
}

static enum err read_key(struct scope *s, const struct job *j, const struct key **ret_key)
{
	struct bytes password;
	if (j->password_file)
		TRY(password_of_file(s, j->password_file, &password));
	else if (j->password_fd >= 0)
		TRY(password_of_fd(s, j->password_fd, &password));
	else
		TRY(password_of_terminal(s, "Password of the seal key: ", &password));
	return key_file_open(s, j->key, password, ret_key);
}

/* Everything the request needs; faults name the file they are about. What reads the document in a
 * process of its own comes before the key. */
static enum err prepare(
    struct scope *s, struct job *j, const struct input_file *in, struct world_system **ret_world)
{
	struct seal_request *r = &j->request;
	if (j->document_password_file)
		TRY(password_of_file(s, j->document_password_file, &r->document_password));
	TRY(look_options_find_anchor(s, &j->look, in, r->document_password));
	if (!j->extend)
		TRY(read_key(s, j, &r->key));
	TRY(recipient_options_load(s, &j->recipient, &r->document_recipient));
	TRY(trust_files_load(s, j->trust.item, j->trust.n, &r->anchors));
	TRY(permission_options_apply(s, &j->permission, r));
	TRY(look_options_apply(s, &j->look, r));
	r->policy = policy_default();
	r->tsa_urls = j->tsa.item;
	r->n_tsa_urls = j->tsa.n;
	return fetch_options_world(s, &j->fetch, INSTANT_NONE, ret_world);
}

/* A fault of sealing is about the input, but where its text begins with what it is about: a URL
 * that gave no usable answer, or the output. */
static int seal_fault(struct scope *s, enum err e, const struct input_file *in)
{
	if (is_url(scope_fault_text(s)) || fetch_ldap_is_url(scope_fault_text(s)))
		return diagnostic_fault(s, ERR_NET, NULL);
	return diagnostic_fault(s, e, e == ERR_NET || e == ERR_IO ? NULL : in->name);
}

static int seal(
    struct scope *s, struct job *j, const struct world *world, const struct input_file *in)
{
	struct output_file *out;
	struct draft *draft;
	struct seal_outcome outcome = { 0 };
	enum err e = output_file_open(s, j->out, &out);
	if (e == OK)
		e = draft_file_open(s, in, output_file_fd(out), output_file_name(out), 0, &draft);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	if (j->extend)
		e = seal_extend(s, world, &j->request, draft, &outcome);
	else
		e = seal_document(s, world, &j->request, draft, &outcome);
	if (e != OK)
		return seal_fault(s, e, in);
	e = output_file_commit(s, out);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	if (outcome.warning)
		diagnostic_line("%s: warning: %s", in->name, outcome.warning);
	return EXIT_STATUS_DONE;
}

static int run(struct scope *s, struct job *j)
{
	const struct input_file *in;
	struct world_system *world;
	enum err e = input_file_open(s, j->in, &in);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	if (input_file_is_at(in, j->out)) {
		diagnostic_line("%s: the output would overwrite the input %s", j->out, in->name);
		return EXIT_STATUS_USAGE;
	}
	if (!in->bytes.n) {
		diagnostic_line("%s: the file is empty", in->name);
		return EXIT_STATUS_INPUT;
	}
	e = prepare(s, j, in, &world);
	if (e != OK)
		return diagnostic_fault(s, e, NULL);
	return seal(s, j, &world->world, in);
}

static int seal_or_extend(int argc, char **argv, bool extend)
{
	/* A core file would hold the key. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	struct scope *s = scope_new(0);
	if (!s)
		return diagnostic_fault(NULL, ERR_NOMEM, NULL);
	struct job j = { .password_fd = -1,
		.extend = extend,
		.request.level = SEAL_B_LTA,
		.fetch = fetch_options_default() };
	int status = parse(s, argc, argv, &j);
	if (status == EXIT_STATUS_DONE)
		status = run(s, &j);
	scope_free(s);
	return status;
}

int cmd_seal(int argc, char **argv)
{
	return seal_or_extend(argc, argv, false);
}

int cmd_seal_extend(int argc, char **argv)
{
	return seal_or_extend(argc, argv, true);
}
