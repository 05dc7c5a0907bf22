#include "validator/findings_outline.h"

#include <string.h>

#include "formats/cert.h"
#include "validator/report_outline.h"

static const char *severity_word(const struct outline *o, enum finding_severity severity)
{
	static const char *const words[] = {
		[SEVERITY_FAILURE] = MESSAGES_MARK("Failure"),
		[SEVERITY_INDETERMINATE] = MESSAGES_MARK("Undecided"),
		[SEVERITY_WARNING] = MESSAGES_MARK("Warning"),
		[SEVERITY_INFO] = MESSAGES_MARK("Note"),
	};
	return outline_say(o, words[severity]);
}

static enum outline_tone severity_tone(enum finding_severity severity)
{
	static const enum outline_tone tones[] = {
		[SEVERITY_FAILURE] = OUTLINE_BAD,
		[SEVERITY_INDETERMINATE] = OUTLINE_CAUTION,
		[SEVERITY_WARNING] = OUTLINE_CAUTION,
		[SEVERITY_INFO] = OUTLINE_PLAIN,
	};
	return tones[severity];
}

const char *findings_outline_sentence(const struct outline *o, enum finding_code code)
{
	return outline_say(o, findings_row(code)->text);
}

const char *findings_outline_remedy(const struct outline *o, enum finding_code code)
{
	return outline_say(o, findings_row(code)->remedy);
}

enum outline_tone findings_outline_tone(enum indication i)
{
	static const enum outline_tone tones[] = {
		[INDICATION_PASSED] = OUTLINE_GOOD,
		[INDICATION_INDETERMINATE] = OUTLINE_CAUTION,
		[INDICATION_FAILED] = OUTLINE_BAD,
	};
	return tones[i];
}

const char *findings_outline_word(const struct outline *o, enum indication i)
{
	static const char *const words[] = {
		[INDICATION_PASSED] = MESSAGES_MARK("Accept"),
		[INDICATION_INDETERMINATE] = MESSAGES_MARK("Look closer"),
		[INDICATION_FAILED] = MESSAGES_MARK("Do not accept"),
	};
	return outline_say(o, words[i]);
}

const char *findings_outline_code(
    struct outline *o, enum indication i, enum sub_indication sub, bool total)
{
	const char *name = findings_indication_name(i, total);
	if (sub == SUB_NONE)
		return name;
	return OUTLINE_FILL(
	    o, "{indication}, {sub}", { "indication", name }, { "sub", findings_sub_name(sub) });
}

/* -- places, as validator/shadow_work.c tells them in English: "page 2, object 7, shows "x"" -- */

static const struct {
	const char *start, *next, *sentence; /* next: what the rest may begin with */
} places[] = {
	{ "page ", "0123456789", MESSAGES_MARK("page {name}") },
	{ "object ", "0123456789", MESSAGES_MARK("object {name}") },
	{ "offset ", "0123456789", MESSAGES_MARK("offset {name}") },
	{ "shows ", "\"", MESSAGES_MARK("shows {name}") },
	{ "holds ", "\"", MESSAGES_MARK("holds {name}") },
};

static bool is_place(const char *text, size_t i)
{
	const size_t n = strlen(places[i].start);
	return strncmp(text, places[i].start, n) == 0 && text[n] && strchr(places[i].next, text[n]);
}

static const char *say_part(struct outline *o, const char *part)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (is_place(part, i))
			return OUTLINE_FILL(o, outline_say(o, places[i].sentence),
			    { "name", part + strlen(places[i].start) });
	return part;
}

static const char *say_about(struct outline *o, const char *about)
{
	char *part, *rest;
	const char *said = NULL;
	if (!is_place(about, 0) && !is_place(about, 1))
		return outline_say(o, about);
	if (o->failed == OK)
		o->failed = bytes_to_str(o->s, bytes_of_str(about), &rest);
	while (o->failed == OK && rest) {
		part = rest;
		rest = strstr(part, ", ");
		if (rest) {
			*rest = '\0';
			rest += 2;
		}
		said = said ? OUTLINE_FILL(o, "{before}, {part}", { "before", said },
				  { "part", say_part(o, part) })
			    : say_part(o, part);
	}
	return o->failed == OK ? said : "";
}

static void add_finding(struct outline *o, const struct finding *f)
{
	const struct finding_row *row = findings_row(f->code);
	outline_cause(o, severity_tone(row->severity), severity_word(o, row->severity),
	    findings_outline_sentence(o, f->code),
	    OUTLINE_FILL(o, "{name}, {clause}", { "name", row->name }, { "clause", row->clause }));
	if (!f->cert || strcmp(f->about, f->cert->subject_text))
		outline_fact(o, outline_say(o, "About"),
		    f->code == FINDING_CHANGED_AFTERWARDS
			? report_outline_change_sentence(o, f->about)
			: say_about(o, f->about));
	if (f->cert)
		outline_fact(o, outline_say(o, "Certificate"),
		    OUTLINE_FILL(o, outline_say(o, "{subject}, serial number {serial}"),
			{ "subject", outline_name(o, f->cert->subject_text) },
			{ "serial", f->cert->serial_text }));
	outline_fact(o, outline_say(o, "Address"), f->url);
	if (instant_is_known(f->at))
		outline_fact(o, outline_say(o, "Instant"), outline_time(o, f->at));
	outline_fact(o, outline_say(o, "What helps"), findings_outline_remedy(o, f->code));
}

void findings_outline(struct outline *o, const struct findings *f)
{
	static const enum finding_severity order[] = { SEVERITY_FAILURE, SEVERITY_INDETERMINATE,
		SEVERITY_WARNING, SEVERITY_INFO };
	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (size_t i = 0; i < f->n; i++)
			if (findings_row(f->item[i].code)->severity == order[k])
				add_finding(o, &f->item[i]);
}
