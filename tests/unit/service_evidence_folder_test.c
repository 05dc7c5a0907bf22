#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/evidence_folder.h"
#include "service/folder.h"
#include "service/input_file.h"
#include "service/output_file.h"
#include "tests/support/mini_ca.h"

static char dir[64];

static const char *at(const char *name)
{
	static char path[4][256];
	static unsigned turn;
	char *p = path[turn++ % 4];
	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static struct report *report_over(struct scope *s, struct evidence *e)
{
	struct report *r = scope_alloc(s, sizeof(*r));
	assert_non_null(r);
	r->name = "x.pdf";
	r->format = "PDF";
	r->policy = policy_default();
	r->conclusion = CONCLUSION_NO_SIGNATURE;
	r->items = e;
	return r;
}

static void test_what_is_stored_is_loaded(void **state)
{
	struct scope *s = *state;
	EVP_PKEY *key = mini_ca_key(MINI_CA_P256, 0);
	const struct cert *root = mini_ca_root(s, key);
	const struct cert *leaf = mini_ca_leaf(s, root, key, mini_ca_key(MINI_CA_P256, 1));
	struct evidence *e, *loaded;
	struct bytes manifest, report;
	assert_int_equal(evidence_new(s, &e), OK);
	assert_int_equal(evidence_add_cert(s, e, root, EVIDENCE_ANCHOR), OK);
	assert_int_equal(evidence_add_cert(s, e, leaf, EVIDENCE_SIGNATURE), OK);
	assert_int_equal(evidence_folder_store(s, at("e"), report_over(s, e)), OK);
	/* A second time: nothing is there twice. */
	assert_int_equal(evidence_folder_store(s, at("e"), report_over(s, e)), OK);
	struct folder certs;
	assert_int_equal(folder_list(s, at("e/certificates"), "", &certs), OK);
	assert_int_equal(certs.n, 2);

	assert_int_equal(evidence_new(s, &loaded), OK);
	assert_int_equal(evidence_folder_load(s, at("e"), loaded), OK);
	assert_int_equal(loaded->n_certs, 2);
	assert_int_equal(loaded->n_unreadable, 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(loaded->certs[i].source, EVIDENCE_GIVEN);
	struct digest a, b;
	assert_int_equal(evidence_digest(s, e, &a), OK);
	assert_int_equal(evidence_digest(s, loaded, &b), OK);
	assert_true(digest_equal(&a, &b));

	char *hex, line[256];
	assert_int_equal(bytes_to_hex(s, digest_bytes(&leaf->sha256), &hex), OK);
	snprintf(line, sizeof(line), "%s\tcertificate\tsignature\t-\n", hex);
	assert_int_equal(input_file_read(s, at("e/manifest.tsv"), 10000, &manifest), OK);
	assert_true(bytes_find(manifest, bytes_of_str(line), 0) != BYTES_NOT_FOUND);
	assert_int_equal(input_file_read(s, at("e/report.json"), 10000, &report), OK);
	assert_true(bytes_find(report, BYTES_LIT("NO-SIGNATURE"), 0) != BYTES_NOT_FOUND);
}

static void test_nothing_there_and_junk(void **state)
{
	struct scope *s = *state;
	struct evidence *e;
	assert_int_equal(evidence_new(s, &e), OK);
	assert_int_equal(evidence_folder_load(s, at("none"), e), OK);
	assert_int_equal(mkdir(at("j"), 0700), 0);
	assert_int_equal(evidence_folder_load(s, at("j"), e), OK);
	assert_int_equal(e->n_certs, 0);
	assert_int_equal(mkdir(at("j/certificates"), 0700), 0);
	assert_int_equal(mkdir(at("j/crls"), 0700), 0);
	assert_int_equal(output_file_put(s, at("j/certificates/a.cer"), BYTES_LIT("junk")), OK);
	assert_int_equal(output_file_put(s, at("j/crls/a.crl"), BYTES_LIT("junk")), OK);
	assert_int_equal(output_file_put(s, at("j/crls/notes.txt"), BYTES_LIT("words")), OK);
	assert_int_equal(evidence_folder_load(s, at("j"), e), OK);
	assert_int_equal(e->n_unreadable, 2);
	assert_int_equal(scope_fault_code(s), OK);
}

static void test_a_damaged_item_is_written_again(void **state)
{
	struct scope *s = *state;
	const struct cert *root = mini_ca_root(s, mini_ca_key(MINI_CA_P256, 0));
	struct evidence *e;
	char *hex, name[200];
	struct bytes content;
	assert_int_equal(evidence_new(s, &e), OK);
	assert_int_equal(evidence_add_cert(s, e, root, EVIDENCE_DSS), OK);
	assert_int_equal(evidence_folder_store(s, at("d"), report_over(s, e)), OK);
	assert_int_equal(bytes_to_hex(s, digest_bytes(&root->sha256), &hex), OK);
	snprintf(name, sizeof(name), "d/certificates/%s.cer", hex);
	assert_int_equal(output_file_put(s, at(name), BYTES_LIT("damaged")), OK);
	assert_int_equal(evidence_folder_store(s, at("d"), report_over(s, e)), OK);
	assert_int_equal(input_file_read(s, at(name), 10000, &content), OK);
	assert_true(bytes_equal(content, root->der));
}

static void test_a_file_in_the_way(void **state)
{
	struct scope *s = *state;
	struct evidence *e;
	char line[128];
	assert_int_equal(evidence_new(s, &e), OK);
	assert_int_equal(output_file_put(s, at("f"), BYTES_LIT("a file")), OK);
	assert_int_equal(evidence_folder_store(s, at("f"), report_over(s, e)), ERR_IO);
	snprintf(line, sizeof(line), "%s: File exists", at("f"));
	assert_string_equal(scope_fault_text(s), line);
}

static int new_scope(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int end_scope(void **state)
{
	scope_free(*state);
	return 0;
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/bulla-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_what_is_stored_is_loaded, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_nothing_there_and_junk, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(
		    test_a_damaged_item_is_written_again, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_a_file_in_the_way, new_scope, end_scope),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
