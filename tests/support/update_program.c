#include "tests/support/update_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/pdf_script.h"
#include "tests/support/sealed_bases.h"
#include "tests/support/update_cases.h"

#define BASES_MAX 32
#define FOLDER "tests/updates"

struct program {
	struct office *office;
	struct {
		const char *name;
		struct bytes document;
	} base[BASES_MAX];
	size_t n_bases;
	void (*holds)(const struct update_verdict *v);
};

struct run {
	struct program *program;
	const struct update_case *c;
	const char *base;
};

static struct bytes base_of(struct program *p, const char *name)
{
	for (size_t i = 0; i < p->n_bases; i++)
		if (strcmp(p->base[i].name, name) == 0)
			return p->base[i].document;
	mini_ca_check(p->n_bases < BASES_MAX, "room for bases");
	p->base[p->n_bases].name = name;
	p->base[p->n_bases].document = sealed_bases_new(p->office, name);
	return p->base[p->n_bases++].document;
}

/* "seal LEVEL [FIELD]", "show ..." and "extend LEVEL": by the sealer, whatever it finds. */
static bool seals(
    struct scope *s, const struct run *r, const char *line, struct pdf_script **script)
{
	char verb[16] = "", level[16] = "", field[64] = "";
	struct office *o = r->program->office;
	struct seal_outcome outcome;
	struct bytes sealed;
	enum seal_level to;
	if (sscanf(line, "%15s %15s %63s", verb, level, field) < 2 ||
	    (strcmp(verb, "seal") != 0 && strcmp(verb, "show") != 0 && strcmp(verb, "extend") != 0))
		return false;
	mini_ca_check(seal_level_of_name(level, &to), line);
	struct seal_request q = mini_pki_request(o->p, to);
	q.field = *field ? field : NULL;
	q.skip_self_check = true;
	struct appearance_request look;
	if (strcmp(verb, "show") == 0) {
		look = sealed_bases_look(o, strcmp(field, "empty") == 0);
		q.look = &look;
	}
	if (office_try(o, s, &q, *verb == 'e', pdf_script_done(*script), &sealed, &outcome) != OK)
		fail_msg("%s: %s", line, scope_fault_text(s));
	*script = pdf_script_new(s, sealed);
	return true;
}

static struct bytes changed(struct scope *s, const struct run *r)
{
	struct pdf_script *script = pdf_script_new(s, base_of(r->program, r->base));
	for (size_t i = 0; i < r->c->n_lines; i++)
		if (!seals(s, r, r->c->script[i], &script))
			pdf_script_run(script, r->c->script[i]);
	return pdf_script_done(script);
}

static void judge(
    struct scope *s, const struct run *r, struct bytes document, struct update_verdict *ret_verdict)
{
	struct office *o = r->program->office;
	struct pdf_file *f;
	struct pdf_signature_list before;
	struct report *report = NULL;
	const struct validate_request q = { .name = r->c->name,
		.document = document,
		.anchors = mini_pki_anchors(o->p, "root"),
		.policy = policy_default(),
		.at = o->w->now };
	assert_int_equal(pdf_file_open(s, base_of(r->program, r->base), BYTES_NONE, &f), OK);
	assert_int_equal(pdf_signature_list(s, f, &before), OK);
	const enum err err = validate_pdf(s, &o->w->world, &q, &report);
	assert_true(err == OK || err == ERR_FORMAT || err == ERR_UNSUPPORTED || err == ERR_DENIED ||
		    err == ERR_LIMIT);
	update_verdict_of(
	    err == OK ? report : NULL, scope_fault_text(s), &before.item[0], ret_verdict);
}

static void test_case(void **state)
{
	const struct run *r = *state;
	const char *expected = update_cases_expected(r->c, r->base);
	struct scope *s = scope_new(0);
	struct update_verdict v;
	assert_non_null(s);
	judge(s, r, changed(s, r), &v);
	const bool fits = update_verdict_is(&v, expected);
	if (fits)
		r->program->holds(&v);
	else
		print_message("%s:%u: %s\n  wanted: %s\n  found:  %s\n", r->c->file, r->c->line,
		    r->base, expected, v.text);
	scope_free(s);
	if (!fits)
		fail_msg("%s at %s", r->c->name, r->base);
}

static void write_file(const struct run *r, const char *folder)
{
	char path[1024];
	struct scope *s = scope_new(0);
	assert_non_null(s);
	snprintf(path, sizeof(path), "%s/%s@%s.pdf", folder, r->c->name, r->base);
	const struct bytes document = changed(s, r);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(document.p, 1, document.n, f) != document.n || fclose(f) != 0) {
		fprintf(stderr, "%s: cannot be written\n", path);
		exit(1);
	}
	scope_free(s);
}

int update_program_run(
    const char *prefix, void (*holds)(const struct update_verdict *v), int argc, char **argv)
{
	struct program p = { .office = office_open(), .holds = holds };
	struct scope *s = p.office->s;
	const struct update_cases cases = update_cases_read(s, FOLDER, prefix);
	const size_t room = cases.n * UPDATE_CASES_BASES;
	struct CMUnitTest *tests = calloc(room, sizeof(*tests));
	struct run *runs = calloc(room, sizeof(*runs));
	size_t n = 0;
	mini_ca_check(tests && runs, "memory");
	for (size_t i = 0; i < cases.n; i++)
		for (size_t k = 0; k < cases.item[i].n_bases; k++, n++) {
			char name[256];
			char *kept;
			runs[n] = (struct run){ &p, &cases.item[i], cases.item[i].base[k] };
			snprintf(name, sizeof(name), "%s@%s", runs[n].c->name, runs[n].base);
			mini_ca_check(bytes_to_str(s, bytes_of_str(name), &kept) == OK, "memory");
			tests[n] = (struct CMUnitTest){
				.name = kept, .test_func = test_case, .initial_state = &runs[n]
			};
		}
	int failed = 0;
	if (argc > 1)
		for (size_t i = 0; i < n; i++)
			write_file(&runs[i], argv[1]);
	else
		failed = _cmocka_run_group_tests(prefix, tests, n, NULL, NULL);
	free(tests);
	free(runs);
	office_close(p.office);
	return failed;
}
