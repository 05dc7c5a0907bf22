#include "validator/findings.h"

#include <string.h>

#include "base/scope.h"

/* A document cannot make the list of findings grow without end; beyond this each code is noted once
 * more at most, so that what decides is never lost. */
#define FINDINGS_MAX 1000

static const struct finding_row rows[] = {
	[FINDING_NONE] = { "", SEVERITY_INFO, SUB_NONE, "", "", "" },
#define X(code, severity, sub, clause, text, remedy)                                               \
	[FINDING_##code] = { #code, SEVERITY_##severity, SUB_##sub, clause, text, remedy },
#include "validator/findings.def"
#undef X
};

const struct finding_row *findings_row(enum finding_code code)
{
	return &rows[code];
}

const char *findings_severity_name(enum finding_severity severity)
{
	static const char *const names[] = {
		[SEVERITY_FAILURE] = "failure",
		[SEVERITY_INDETERMINATE] = "indeterminate",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_INFO] = "info",
	};
	return names[severity];
}

const char *findings_indication_name(enum indication i, bool total)
{
	switch (i) {
	case INDICATION_PASSED:
		return total ? "TOTAL-PASSED" : "PASSED";
	case INDICATION_FAILED:
		return total ? "TOTAL-FAILED" : "FAILED";
	case INDICATION_INDETERMINATE:
		break;
	}
	return "INDETERMINATE";
}

const char *findings_sub_name(enum sub_indication sub)
{
	static const char *const names[] = {
		[SUB_NONE] = NULL,
#define X(name) [SUB_##name] = #name,
		SUB_INDICATION_ENTRIES(X)
#undef X
	};
	return names[sub];
}

enum err findings_add_all(struct scope *s, struct findings *f, const struct findings *more)
{
	for (size_t i = 0; i < more->n; i++)
		TRY(findings_add_item(s, f, &more->item[i]));
	return OK;
}

bool findings_has(const struct findings *f, enum finding_code code)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->item[i].code == code)
			return true;
	return false;
}

bool findings_has_doubt(const struct findings *f)
{
	static const enum finding_code codes[] = { FINDING_FIELD_SHOWS_OTHER_TEXT,
		FINDING_FIELDS_IN_ONE_PLACE, FINDING_CONTENT_COVERED, FINDING_OBJECT_DEFINED_TWICE,
		FINDING_OBJECT_HIDDEN, FINDING_HYBRID_VIEWS_DIFFER, FINDING_CONTENT_ELSEWHERE,
		FINDING_LATER_OVERLAY };
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (findings_has(f, codes[i]))
			return true;
	return false;
}

static bool is_same(const struct finding *a, const struct finding *b, const char *about)
{
	return a->code == b->code && a->cert == b->cert && strcmp(a->about, about) == 0;
}

enum err findings_add_item(struct scope *s, struct findings *f, const struct finding *new)
{
	const char *about = new->about ? new->about : "";
	for (size_t i = 0; i < f->n; i++)
		if (is_same(&f->item[i], new, about))
			return OK;
	if (f->n >= FINDINGS_MAX && findings_has(f, new->code))
		return OK;
	if (f->n == f->room) {
		size_t room = f->room ? 2 * f->room : 8;
		struct finding *item = scope_alloc_array(s, room, sizeof(*item));
		if (!item)
			return ERR_NOMEM;
		if (f->n)
			memcpy(item, f->item, f->n * sizeof(*item));
		f->item = item;
		f->room = room;
	}
	f->item[f->n] = *new;
	f->item[f->n++].about = about;
	return OK;
}

enum err findings_add(
    struct scope *s, struct findings *f, enum finding_code code, const char *about)
{
	return findings_add_item(
	    s, f, &(struct finding){ .code = code, .about = about, .at = INSTANT_NONE });
}

static bool find_severity(
    const struct findings *f, enum finding_severity severity, enum sub_indication *ret_sub)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding_row *row = &rows[f->item[i].code];
		if (row->severity != severity)
			continue;
		*ret_sub = row->sub;
		return true;
	}
	return false;
}

enum indication findings_indication(const struct findings *f, enum sub_indication *ret_sub)
{
	if (find_severity(f, SEVERITY_FAILURE, ret_sub))
		return INDICATION_FAILED;
	if (find_severity(f, SEVERITY_INDETERMINATE, ret_sub))
		return INDICATION_INDETERMINATE;
	*ret_sub = SUB_NONE;
	return INDICATION_PASSED;
}
