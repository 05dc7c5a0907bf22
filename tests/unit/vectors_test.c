/*
 * The scenario tables of tests/vectors: one test per case, named after it. Run from the root of the
 * repository; names of cases as arguments run these alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/etsi_check.h"
#include "tests/support/vec_scene.h"
#include "tests/support/vec_program.h"

#define CODES 64

/* -- what a line expects -- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The codes of the findings, each once, in the order of their names. */
static void codes_of(const struct findings *f, char *ret_text, size_t room)
{
	const char *names[CODES];
	size_t n = 0;
	assert_true(f->n <= CODES);
	for (size_t i = 0; i < f->n; i++)
		names[n++] = findings_row(f->item[i].code)->name;
	qsort(names, n, sizeof(names[0]), compare_names);
	ret_text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(names[i - 1], names[i]) != 0)
			snprintf(
			    ret_text + strlen(ret_text), room - strlen(ret_text), " %s", names[i]);
}

static void add_indication(
    char *text, size_t room, enum indication indication, enum sub_indication sub, bool total)
{
	const char *name = findings_sub_name(sub);
	snprintf(text, room, "%s%s%s", findings_indication_name(indication, total), name ? "/" : "",
	    name ? name : "");
}

static void signature_line(const struct report_signature *sig, char *text, size_t room)
{
	char codes[2048];
	codes_of(&sig->findings, codes, sizeof(codes));
	add_indication(text, room, sig->indication, sig->sub, true);
	snprintf(text + strlen(text), room - strlen(text), " %s %s%s", sig->format,
	    sig->intact ? "intact" : "broken", codes);
}

static void timestamp_line(const struct report_timestamp *t, char *text, size_t room)
{
	char codes[2048];
	codes_of(&t->findings, codes, sizeof(codes));
	add_indication(text, room, t->indication, t->sub, false);
	snprintf(text + strlen(text), room - strlen(text), " %s %s%s", t->kind,
	    t->intact ? "intact" : "broken", codes);
}

static void counter_line(const struct report_counter_signature *c, char *text, size_t room)
{
	char codes[2048];
	codes_of(&c->findings, codes, sizeof(codes));
	add_indication(text, room, c->indication, c->sub, true);
	snprintf(text + strlen(text), room - strlen(text), " %s%s", c->intact ? "intact" : "broken",
	    codes);
}

/* The words of an expectation with its codes in the order of their names. */
static void normalise(struct scope *s, const struct vec_reader_case *c,
    const struct vec_reader_line *line, size_t n_fixed, char *ret_text, size_t room)
{
	struct vec_words w = vec_words_of(s, c, line);
	if (w.n < n_fixed)
		vec_reader_complain(c, line->line, "too few words", line->value);
	for (size_t i = n_fixed; i < w.n; i++) {
		bool known = false;
		for (int k = FINDING_NONE + 1; strcmp(w.word[i], "-") != 0; k++) {
			known = strcmp(findings_row((enum finding_code)k)->name, w.word[i]) == 0;
			if (known || k == FINDING_LATER_FORM_FILL)
				break;
		}
		if (!known)
			vec_reader_complain(c, line->line, "no finding", w.word[i]);
	}
	qsort(w.word + n_fixed, w.n - n_fixed, sizeof(w.word[0]), compare_names);
	ret_text[0] = '\0';
	for (size_t i = 0; i < w.n; i++)
		snprintf(ret_text + strlen(ret_text), room - strlen(ret_text), "%s%s",
		    n_fixed == 0 || i > 0 ? " " : "", w.word[i]);
}

/* -- comparing -- */

struct comparison {
	struct scope *s;
	const struct vec_reader_case *c;
	bool *used; /* parallel to the lines */
	bool differs;
};

/* Looks for "key: ..." in the case; `otherwise` is what counts when there is none (NULL: it must
 * be there). */
static void compare(
    struct comparison *cmp, const char *key, size_t n_fixed, const char *got, const char *otherwise)
{
	char wanted[4096];
	const struct vec_reader_line *line = NULL;
	for (size_t i = 0; i < cmp->c->n_lines; i++)
		if (strcmp(cmp->c->lines[i].key, key) == 0) {
			line = &cmp->c->lines[i];
			cmp->used[i] = true;
		}
	if (line)
		normalise(cmp->s, cmp->c, line, n_fixed, wanted, sizeof(wanted));
	else
		snprintf(wanted, sizeof(wanted), "%s", otherwise ? otherwise : "(no line)");
	if (strcmp(got, wanted) == 0)
		return;
	cmp->differs = true;
	print_error("%s:%u: %s\n  is     %s: %s\n  wanted %s: %s\n", cmp->c->file,
	    line ? line->line : cmp->c->line, cmp->c->name, key, got, key, wanted);
}

static void compare_signature(struct comparison *cmp, const struct report_signature *sig)
{
	char got[4096], key[64], passed[64];
	signature_line(sig, got, sizeof(got));
	compare(cmp, sig->id, 3, got, NULL);
	/* A document timestamp's own token says the same again. */
	for (size_t i = 0; i < sig->n_timestamps && !sig->is_document_timestamp; i++) {
		const struct report_timestamp *t = &sig->timestamps[i];
		snprintf(key, sizeof(key), "%s.T%zu", sig->id, i + 1);
		snprintf(passed, sizeof(passed), "PASSED %s intact", t->kind);
		timestamp_line(t, got, sizeof(got));
		compare(cmp, key, 3, got, passed);
	}
	for (size_t i = 0; i < sig->n_counter_signatures; i++) {
		snprintf(key, sizeof(key), "%s.C%zu", sig->id, i + 1);
		counter_line(&sig->counter_signatures[i], got, sizeof(got));
		compare(cmp, key, 2, got, NULL);
	}
}

static bool is_expectation(const char *key)
{
	return strcmp(key, "conclusion") == 0 || strcmp(key, "document") == 0 || key[0] == 'S';
}

static void compare_report(struct comparison *cmp, const struct report *r)
{
	char got[4096];
	const struct vec_reader_case *c = cmp->c;
	compare(cmp, "conclusion", 1, report_conclusion_name(r->conclusion), NULL);
	for (size_t i = 0; i < r->n_signatures; i++)
		compare_signature(cmp, &r->signatures[i]);
	codes_of(&r->findings, got, sizeof(got));
	compare(cmp, "document", 0, got, "");
	for (size_t i = 0; i < c->n_lines; i++)
		if (is_expectation(c->lines[i].key) && !cmp->used[i])
			vec_reader_complain(
			    c, c->lines[i].line, "expects what is not there", c->lines[i].key);
}

static void run_case(void **state)
{
	const struct vec_reader_case *c = *state;
	struct scope *s = scope_new(0);
	bool used[256] = { false };
	struct comparison cmp = { .s = s, .c = c, .used = used };
	assert_non_null(s);
	assert_true(c->n_lines <= sizeof(used) / sizeof(used[0]));
	struct report *r = vec_scene_play(s, c);
	compare_report(&cmp, r);
	(void)etsi_check_report(s, r);
	if (cmp.differs && getenv("VECTORS_SHOW")) {
		struct bytes text;
		assert_int_equal(report_text(s, r, NULL, &text), OK);
		print_error("%.*s", (int)text.n, (const char *)text.p);
	}
	scope_free(s);
	assert_false(cmp.differs);
}

int main(int argc, char **argv)
{
	static struct vec_reader all; /* static, so that nothing counts as lost */
	vec_program_read_scenes(&all);
	return vec_program_run("vectors", &all, run_case, argc, argv);
}
