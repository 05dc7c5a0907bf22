/*
 * Every scenario of tests/vectors judged, bundled, and judged again from the bundle's bytes: the
 * same report, byte for byte. Names of cases as arguments run these alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/vec_scene.h"
#include "tests/support/vec_program.h"
#include "validator/evidence_bundle.h"

static struct bytes json_of(struct scope *s, const struct report *r)
{
	struct bytes text;
	assert_int_equal(report_json(s, r, false, &text), OK);
	return text;
}

/* What a reader of the stored files would hold: nothing of the first judgement but bytes. */
static struct evidence_bundle reread(struct scope *s, const struct evidence_bundle *b)
{
	struct evidence_bundle copy = { 0 };
	assert_int_equal(bytes_copy(s, b->text, &copy.text), OK);
	assert_int_equal(evidence_manifest_parse(s, copy.text, &copy.manifest), OK);
	assert_int_equal(copy.manifest.n_items, b->manifest.n_items);
	copy.contents = scope_alloc_array(s, copy.manifest.n_items, sizeof(*copy.contents));
	assert_non_null(copy.contents);
	for (size_t i = 0; i < copy.manifest.n_items; i++) {
		struct digest sha256;
		assert_int_equal(bytes_copy(s, b->contents[i], &copy.contents[i]), OK);
		assert_int_equal(digest_of_bytes(s, DIGEST_SHA256, copy.contents[i], &sha256), OK);
		assert_true(digest_equal(&sha256, &copy.manifest.items[i].file.sha256));
		assert_int_equal(copy.contents[i].n, copy.manifest.items[i].file.size);
	}
	assert_int_equal(bytes_copy(s, b->policy, &copy.policy), OK);
	assert_int_equal(bytes_copy(s, b->report, &copy.report), OK);
	return copy;
}

static void run_case(void **state)
{
	const struct vec_reader_case *c = *state;
	struct scope *s = scope_new(0), *later = scope_new(0);
	struct evidence_bundle b;
	const struct policy *policy;
	struct report *again;
	assert_non_null(s);
	assert_non_null(later);
	struct vec_scene *v = vec_scene_stage(s, c);
	struct report *r = vec_scene_judge(v);
	assert_int_equal(
	    evidence_bundle_of_report(s, r, mini_pki_anchors(v->pki, v->anchor), &b), OK);
	assert_true(bytes_equal(b.report, json_of(s, r)));

	struct evidence_bundle copy = reread(later, &b);
	assert_int_equal(policy_parse(later, copy.policy, &policy), OK);
	assert_int_equal(evidence_bundle_judge(later, &copy, v->paper->document,
			     &(struct pdf_crypt_means){ 0 }, policy, &again),
	    OK);
	struct bytes text = json_of(later, again);
	if (!bytes_equal(text, copy.report))
		print_error("was\n%.*s\nis\n%.*s", (int)copy.report.n, (const char *)copy.report.p,
		    (int)text.n, (const char *)text.p);
	assert_true(bytes_equal(text, copy.report));
	/* And what was judged again makes the same bundle. */
	struct evidence_bundle twice;
	assert_int_equal(
	    evidence_bundle_of_report(later, again, mini_pki_anchors(v->pki, v->anchor), &twice),
	    OK);
	assert_true(bytes_equal(twice.text, b.text));
	scope_free(later);
	scope_free(s);
}

int main(int argc, char **argv)
{
	static struct vec_reader all; /* static, so that nothing counts as lost */
	vec_program_read_scenes(&all);
	return vec_program_run("bundles", &all, run_case, argc, argv);
}
