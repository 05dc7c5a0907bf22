#include "service/permission_options.h"

#include <string.h>

#include "base/scope.h"
#include "service/diagnostic.h"
#include "service/exit_status.h"

enum err permission_options_new(struct scope *s, int argc, struct permission_options *ret_options)
{
	struct permission_options o = { 0 };
	TRY(options_list_new(s, argc, &o.fields));
	*ret_options = o;
	return OK;
}

/* "1" to "3"; 0 for all else. */
static int level_of(const char *text)
{
	return text[0] >= '1' && text[0] <= '3' && text[1] == '\0' ? text[0] - '0' : 0;
}

static enum pdf_fieldmdp action_of(const char *text)
{
	static const struct {
		const char *name;
		enum pdf_fieldmdp action;
	} known[] = { { "all", PDF_FIELDMDP_ALL }, { "include", PDF_FIELDMDP_INCLUDE },
		{ "exclude", PDF_FIELDMDP_EXCLUDE } };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(text, known[i].name) == 0)
			return known[i].action;
	return PDF_FIELDMDP_NONE;
}

int permission_options_take(
    struct permission_options *o, const char *verb, int option, const char *value)
{
	switch (option) {
	case PERMISSION_OPTIONS_CERTIFY:
		o->certify = level_of(value);
		if (!o->certify)
			return diagnostic_usage("%s: --certify %s: none of 1, 2, 3", verb, value);
		break;
	case PERMISSION_OPTIONS_LOCK_LEVEL:
		o->lock.permissions = level_of(value);
		if (!o->lock.permissions)
			return diagnostic_usage(
			    "%s: --lock-level %s: none of 1, 2, 3", verb, value);
		break;
	case PERMISSION_OPTIONS_LOCK:
		o->lock.action = action_of(value);
		if (o->lock.action == PDF_FIELDMDP_NONE)
			return diagnostic_usage(
			    "%s: --lock %s: none of all, include, exclude", verb, value);
		break;
	case PERMISSION_OPTIONS_LOCK_FIELD:
		options_list_add(&o->fields, value);
		break;
	default:
		return EXIT_STATUS_INTERNAL;
	}
	return EXIT_STATUS_DONE;
}

int permission_options_check(const struct permission_options *o, const char *verb)
{
	const bool named =
	    o->lock.action == PDF_FIELDMDP_INCLUDE || o->lock.action == PDF_FIELDMDP_EXCLUDE;
	if (named && o->fields.n == 0)
		return diagnostic_usage("%s: --lock include and --lock exclude need the names: "
					"--lock-field NAME",
		    verb);
	if (!named && o->fields.n)
		return diagnostic_usage(
		    "%s: --lock-field goes with --lock include or --lock exclude", verb);
	if (o->lock.permissions && o->lock.action == PDF_FIELDMDP_NONE)
		return diagnostic_usage("%s: --lock-level goes with --lock", verb);
	if (o->certify && o->lock.permissions)
		return diagnostic_usage("%s: --certify and --lock-level exclude each other", verb);
	return EXIT_STATUS_DONE;
}

enum err permission_options_apply(
    struct scope *s, struct permission_options *o, struct seal_request *request)
{
	request->certify = o->certify;
	if (o->lock.action == PDF_FIELDMDP_NONE)
		return OK;
	o->lock.fields = scope_alloc_array(s, o->fields.n, sizeof(*o->lock.fields));
	if (!o->lock.fields)
		return ERR_NOMEM;
	for (o->lock.n_fields = 0; o->lock.n_fields < o->fields.n; o->lock.n_fields++)
		TRY(bytes_to_str(s, bytes_of_str(o->fields.item[o->lock.n_fields]),
		    &o->lock.fields[o->lock.n_fields]));
	request->lock = &o->lock;
	return OK;
}
