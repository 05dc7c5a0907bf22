#include "tests/support/update_verdict.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODES 64

/* -- findings -- */

struct codes {
	const char *name[CODES];
	size_t n;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_codes(struct codes *c, const struct findings *f)
{
	for (size_t i = 0; i < f->n && c->n < CODES; i++) {
		const struct finding_row *row = findings_row(f->item[i].code);
		const char *name = row->name;
		bool is_new = row->severity != SEVERITY_INFO;
		for (size_t k = 0; k < c->n; k++)
			is_new &= strcmp(c->name[k], name) != 0;
		if (is_new)
			c->name[c->n++] = name;
	}
	qsort(c->name, c->n, sizeof(c->name[0]), compare_names);
}

static bool has_code(const struct codes *c, const char *name, size_t n)
{
	for (size_t i = 0; i < c->n; i++)
		if (strlen(c->name[i]) == n && strncmp(c->name[i], name, n) == 0)
			return true;
	return false;
}

static struct codes codes_of(const struct update_verdict *v)
{
	struct codes c = { .n = 0 };
	if (v->signature)
		add_codes(&c, &v->signature->findings);
	if (v->report)
		add_codes(&c, &v->report->findings);
	return c;
}

/* -- in words -- */

static void say(struct update_verdict *v, const char *word)
{
	const size_t n = strlen(v->text);
	snprintf(v->text + n, sizeof(v->text) - n, "%s%s", n ? " " : "", word);
}

static void say_codes(struct update_verdict *v)
{
	const struct codes c = codes_of(v);
	for (size_t i = 0; i < c.n; i++)
		say(v, c.name[i]);
}

static void say_kinds(struct update_verdict *v)
{
	struct codes kinds = { .n = 0 };
	for (size_t i = 0; i < v->signature->n_modifications; i++) {
		const char *name = report_modification_name(v->signature->modifications[i].kind);
		if (!has_code(&kinds, name, strlen(name)))
			kinds.name[kinds.n++] = name;
	}
	qsort(kinds.name, kinds.n, sizeof(kinds.name[0]), compare_names);
	for (size_t i = 0; i < kinds.n; i++)
		say(v, kinds.name[i]);
}

static void say_broken(struct update_verdict *v)
{
	say(v, "broken");
	for (size_t i = 0; i < v->signature->n_modifications; i++) {
		const struct report_modification *m = &v->signature->modifications[i];
		char rule[128];
		if (m->allowed)
			continue;
		say(v, report_modification_name(m->kind));
		snprintf(rule, sizeof(rule), "[%s]", m->rule);
		say(v, rule);
		say(v, m->path);
		return;
	}
	say_codes(v);
}

static const struct report_signature *find(
    const struct report *r, const struct pdf_signature *before)
{
	for (size_t i = 0; i < r->n_signatures; i++)
		if (memcmp(r->signatures[i].facts->pdf->byte_range, before->byte_range,
			sizeof(before->byte_range)) == 0)
			return &r->signatures[i];
	return r->n_signatures ? &r->signatures[0] : NULL;
}

void update_verdict_of(const struct report *report, const char *error,
    const struct pdf_signature *before, struct update_verdict *ret_verdict)
{
	struct update_verdict *v = ret_verdict;
	*v = (struct update_verdict){ .report = report, .all_intact = report != NULL };
	if (!report) {
		say(v, "refused");
		say(v, error);
		return;
	}
	v->signature = find(report, before);
	for (size_t i = 0; i < report->n_signatures; i++)
		v->all_intact &= report->signatures[i].intact;
	if (!v->signature) {
		say(v, "unsigned");
		say_codes(v);
	} else if (!v->signature->intact) {
		say_broken(v);
	} else {
		say(v, v->all_intact ? "intact" : "intact-alone");
		say_kinds(v);
		say_codes(v);
	}
}

/* -- expected -- */

/* Each word that is all capitals is a finding's code. */
static bool has_all_codes(const struct update_verdict *v, const char *words)
{
	const struct codes c = codes_of(v);
	for (; *(words += strspn(words, " "));) {
		const size_t n = strcspn(words, " ");
		if (!has_code(&c, words, n))
			return false;
		words += n;
	}
	return true;
}

static bool has_forbidden(const struct update_verdict *v, const char *words)
{
	const char *clause = strstr(words, " ["), *end = clause ? strchr(clause, ']') : NULL;
	char kind[64] = "", rule[64] = "";
	if (!end || end[1] != ' ')
		return false;
	snprintf(kind, sizeof(kind), "%.*s", (int)(clause - words), words);
	snprintf(rule, sizeof(rule), "%.*s", (int)(end - clause - 2), clause + 2);
	for (size_t i = 0; i < v->signature->n_modifications; i++) {
		const struct report_modification *m = &v->signature->modifications[i];
		if (!m->allowed && strcmp(report_modification_name(m->kind), kind) == 0 &&
		    strstr(m->rule, rule) && strstr(m->path, end + 2))
			return true;
	}
	return false;
}

bool update_verdict_is(const struct update_verdict *v, const char *expected)
{
	if (strncmp(expected, "refused ", 8) == 0)
		return !v->report && strstr(v->text, expected + 8) != NULL;
	if (strncmp(expected, "unsigned", 8) == 0)
		return v->report && !v->signature && has_all_codes(v, expected + 8);
	if (strncmp(expected, "broken ", 7) == 0) {
		if (!v->signature || v->signature->intact)
			return false;
		return isupper((unsigned char)expected[7]) ? has_all_codes(v, expected + 7)
							   : has_forbidden(v, expected + 7);
	}
	return strcmp(v->text, expected) == 0;
}
