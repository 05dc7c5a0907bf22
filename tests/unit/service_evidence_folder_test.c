#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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
#include "tests/support/mini_pki.h"
#include "tests/support/paper.h"

static char dir[64];

static const char *at(const char *name)
{
	static char path[4][256];
	static unsigned turn;
	char *p = path[turn++ % 4];
	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

/* A sealed document judged online: every kind of item is in its bundle. */
struct fixture {
	struct scope *s;
	struct mini_pki *pki;
	struct paper *paper;
	struct evidence_bundle bundle;
};

static struct report *judge(struct fixture *f, struct evidence *given, bool offline)
{
	struct report *r;
	const struct validate_request q = { .name = "x.pdf",
		.document = f->paper->document,
		.anchors = mini_pki_anchors(f->pki, "root"),
		.policy = policy_default(),
		.at = { MINI_CA_NOW },
		.evidence = given,
		.offline = offline };
	struct canned_world *w = f->pki->w;
	assert_int_equal(validate_pdf(f->s, &w->world, &q, &r), OK);
	return r;
}

static struct evidence_bundle bundle_of(struct fixture *f, struct evidence *given, bool offline)
{
	struct evidence_bundle b;
	struct report *r = judge(f, given, offline);
	assert_int_equal(
	    evidence_bundle_of_report(f->s, r, mini_pki_anchors(f->pki, "root"), &b), OK);
	return b;
}

static struct fixture *sealed(void **state)
{
	return *state;
}

static void assert_same_bundle(const struct evidence_bundle *a, const struct evidence_bundle *b)
{
	assert_true(bytes_equal(a->text, b->text));
	assert_true(bytes_equal(a->policy, b->policy));
	assert_true(bytes_equal(a->report, b->report));
	assert_int_equal(a->manifest.n_items, b->manifest.n_items);
	for (size_t i = 0; i < a->manifest.n_items; i++)
		assert_true(bytes_equal(a->contents[i], b->contents[i]));
}

static size_t count_kind(const struct evidence_bundle *b, enum evidence_manifest_kind kind)
{
	size_t n = 0;
	for (size_t i = 0; i < b->manifest.n_items; i++)
		n += b->manifest.items[i].kind == kind;
	return n;
}

static void test_what_is_stored_is_opened(void **state)
{
	struct fixture *f = sealed(state);
	struct evidence_bundle b;
	for (int k = 0; k < EVIDENCE_MANIFEST_KINDS; k++)
		assert_true(count_kind(&f->bundle, (enum evidence_manifest_kind)k) > 0);
	assert_true(f->bundle.manifest.n_failures > 0);
	assert_int_equal(evidence_folder_store(f->s, at("e"), &f->bundle), OK);
	/* A second time: nothing is there twice. */
	assert_int_equal(evidence_folder_store(f->s, at("e"), &f->bundle), OK);
	assert_int_equal(evidence_folder_open(f->s, at("e"), &b), OK);
	assert_same_bundle(&f->bundle, &b);

	struct report *again;
	struct bytes json;
	assert_int_equal(evidence_bundle_judge(f->s, &b, f->paper->document,
			     &(struct pdf_crypt_means){ 0 }, policy_default(), &again),
	    OK);
	assert_int_equal(again->conclusion, CONCLUSION_TOTAL_PASSED);
	assert_int_equal(report_json(f->s, again, false, &json), OK);
	assert_true(bytes_equal(json, b.report));
}

/* -- one octet -- */

static char all_files[64][256];
static size_t n_all_files;

static int note_file(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)where;
	assert_true(n_all_files < 64);
	if (type == FTW_F)
		snprintf(all_files[n_all_files++], sizeof(all_files[0]), "%s", path);
	return 0;
}

static void list_files(const char *path)
{
	n_all_files = 0;
	assert_int_equal(nftw(path, note_file, 8, FTW_PHYS), 0);
}

/* Opening fails, and the text names this. */
static void assert_told(const char *bundle, const char *name)
{
	struct scope *s = scope_new(0);
	struct evidence_bundle b;
	assert_non_null(s);
	if (evidence_folder_open(s, bundle, &b) != ERR_FORMAT || !strstr(scope_fault_text(s), name))
		fail_msg("%s: %s", name, scope_fault_text(s));
	scope_free(s);
}

static void test_every_octet(void **state)
{
	struct fixture *f = sealed(state);
	const char *bundle = at("o");
	assert_int_equal(evidence_folder_store(f->s, bundle, &f->bundle), OK);
	list_files(bundle);
	assert_int_equal(n_all_files, 3 + f->bundle.manifest.n_items);
	for (size_t i = 0; i < n_all_files; i++) {
		int fd = open(all_files[i], O_RDWR);
		struct stat st;
		assert_true(fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0);
		for (off_t k = 0; k < st.st_size; k++) {
			uint8_t octet, other;
			assert_int_equal(pread(fd, &octet, 1, k), 1);
			other = octet ^ (uint8_t)(1u << k % 8);
			assert_int_equal(pwrite(fd, &other, 1, k), 1);
			assert_told(bundle, all_files[i] + strlen(bundle) + 1);
			assert_int_equal(pwrite(fd, &octet, 1, k), 1);
		}
		close(fd);
	}
	struct evidence_bundle b;
	assert_int_equal(evidence_folder_open(f->s, bundle, &b), OK);
}

static void test_every_length(void **state)
{
	struct fixture *f = sealed(state);
	const char *bundle = at("l");
	assert_int_equal(evidence_folder_store(f->s, bundle, &f->bundle), OK);
	list_files(bundle);
	for (size_t i = 0; i < n_all_files; i++) {
		struct bytes content;
		const char *path = all_files[i], *name = path + strlen(bundle) + 1;
		struct buf longer = buf_new(f->s, SIZE_MAX);
		assert_int_equal(input_file_read(f->s, path, 1 << 20, &content), OK);
		for (size_t n = 0; n < content.n; n += n < 100 ? 1 : 97) {
			assert_int_equal(truncate(path, 0), 0);
			int fd = open(path, O_WRONLY);
			assert_int_equal(write(fd, content.p, n), n);
			close(fd);
			assert_told(bundle, name);
		}
		buf_add(&longer, content);
		buf_add_byte(&longer, 0);
		assert_int_equal(output_file_put(f->s, path, buf_bytes(&longer)), OK);
		assert_told(bundle, name);
		assert_int_equal(unlink(path), 0);
		assert_told(bundle, name);
		assert_int_equal(output_file_put(f->s, path, content), OK);
	}
}

/* Any two files change their contents. */
static void test_swapped_files(void **state)
{
	struct fixture *f = sealed(state);
	const char *bundle = at("w");
	char third[300];
	assert_int_equal(evidence_folder_store(f->s, bundle, &f->bundle), OK);
	list_files(bundle);
	snprintf(third, sizeof(third), "%s.third", bundle);
	for (size_t i = 0; i < n_all_files; i++)
		for (size_t k = 0; k < i; k++) {
			const char *a = all_files[i], *b = all_files[k];
			for (int back = 0; back < 2; back++) {
				assert_int_equal(rename(a, third), 0);
				assert_int_equal(rename(b, a), 0);
				assert_int_equal(rename(third, b), 0);
				if (back)
					continue;
				bool manifest =
				    strstr(a, "manifest.tsv") || strstr(b, "manifest.tsv");
				assert_told(bundle, manifest ? "manifest.tsv" : "was changed");
			}
		}
}

static void test_many_strangers(void **state)
{
	struct fixture *f = sealed(state);
	struct evidence_bundle b;
	char name[64];
	assert_int_equal(evidence_folder_store(f->s, at("m"), &f->bundle), OK);
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "m/stranger-%d", i);
		assert_int_equal(output_file_put(f->s, at(name), BYTES_LIT("x")), OK);
	}
	assert_int_equal(evidence_folder_open(f->s, at("m"), &b), ERR_FORMAT);
	assert_non_null(strstr(scope_fault_text(f->s), "stranger-"));
	assert_non_null(strstr(scope_fault_text(f->s), "; and 2 more"));
}

/* -- a run that was cut off -- */

/* The content as it is, or as it is not to be. */
static void copy_file(struct scope *s, const char *from, const char *bundle, const char *to)
{
	struct bytes content;
	char path[300], folder[300];
	assert_int_equal(input_file_read(s, from, 1 << 20, &content), OK);
	snprintf(path, sizeof(path), "%s/%s", bundle, to);
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	assert_true(mkdir(folder, 0700) == 0 || errno == EEXIST);
	assert_int_equal(output_file_put(s, path, content), OK);
}

static void test_half_written(void **state)
{
	struct fixture *f = sealed(state);
	const char *whole = at("h"), *half = at("half");
	struct evidence *e;
	struct evidence_bundle b;
	assert_int_equal(evidence_folder_store(f->s, whole, &f->bundle), OK);
	list_files(whole);
	assert_int_equal(mkdir(half, 0700), 0);
	for (size_t i = 0; i < n_all_files; i++) {
		const char *name = all_files[i] + strlen(whole) + 1;
		if (strcmp(name, "manifest.tsv") == 0)
			continue;
		assert_told(half, "half written");
		copy_file(f->s, all_files[i], half, name);
	}
	assert_told(half, "half written");
	/* Nothing of it is taken, and the next run completes it. */
	assert_int_equal(evidence_new(f->s, &e), OK);
	assert_int_equal(evidence_folder_load(f->s, half, e), OK);
	assert_int_equal(e->n_certs, 0);
	copy_file(f->s, all_files[0], half, "ocsp/.bulla-0123456789abcdef");
	assert_int_equal(evidence_folder_store(f->s, half, &f->bundle), OK);
	assert_int_equal(evidence_folder_open(f->s, half, &b), OK);
}

/* -- further runs -- */

static void test_what_is_stored_is_loaded(void **state)
{
	struct fixture *f = sealed(state);
	struct evidence *e;
	struct bytes json;
	assert_int_equal(evidence_folder_store(f->s, at("r"), &f->bundle), OK);
	assert_int_equal(evidence_new(f->s, &e), OK);
	assert_int_equal(evidence_folder_load(f->s, at("r"), e), OK);
	assert_int_equal(e->n_certs, count_kind(&f->bundle, EVIDENCE_MANIFEST_CERTIFICATE));
	assert_int_equal(e->n_crls, count_kind(&f->bundle, EVIDENCE_MANIFEST_CRL));
	assert_int_equal(e->n_ocsps, count_kind(&f->bundle, EVIDENCE_MANIFEST_OCSP));
	assert_int_equal(e->n_unreadable, 0);
	for (size_t i = 0; i < e->n_certs; i++)
		assert_int_equal(e->certs[i].source, EVIDENCE_GIVEN);
	/* Offline, it is enough; and this judgement's bundle replays in its turn. */
	struct evidence_bundle b = bundle_of(f, e, true), back;
	struct report *again;
	assert_int_equal(b.manifest.conclusion, CONCLUSION_TOTAL_PASSED);
	assert_int_equal(evidence_folder_store(f->s, at("r"), &b), OK);
	assert_int_equal(evidence_folder_open(f->s, at("r"), &back), OK);
	assert_int_equal(evidence_bundle_judge(f->s, &back, f->paper->document,
			     &(struct pdf_crypt_means){ 0 }, policy_default(), &again),
	    OK);
	assert_int_equal(report_json(f->s, again, false, &json), OK);
	assert_true(bytes_equal(json, back.report));
}

static void test_nothing_there(void **state)
{
	struct fixture *f = sealed(state);
	struct evidence *e;
	assert_int_equal(evidence_new(f->s, &e), OK);
	assert_int_equal(evidence_folder_load(f->s, at("none"), e), OK);
	assert_int_equal(mkdir(at("j"), 0700), 0);
	assert_int_equal(evidence_folder_load(f->s, at("j"), e), OK);
	assert_int_equal(e->n_certs, 0);
	assert_int_equal(scope_fault_code(f->s), OK);
}

static void test_less_evidence(void **state)
{
	struct fixture *f = sealed(state);
	struct evidence_bundle b = bundle_of(f, NULL, true), back;
	struct stat st;
	assert_int_equal(count_kind(&b, EVIDENCE_MANIFEST_CRL), 0);
	assert_int_equal(evidence_folder_store(f->s, at("s"), &f->bundle), OK);
	assert_int_equal(evidence_folder_store(f->s, at("s"), &b), OK);
	assert_int_equal(evidence_folder_open(f->s, at("s"), &back), OK);
	assert_same_bundle(&b, &back);
	assert_int_equal(stat(at("s/crls"), &st), -1);
}

static void test_a_damaged_item(void **state)
{
	struct fixture *f = sealed(state);
	struct evidence *e;
	struct evidence_bundle b;
	assert_int_equal(evidence_folder_store(f->s, at("d"), &f->bundle), OK);
	list_files(at("d/crls"));
	assert_int_equal(output_file_put(f->s, all_files[0], BYTES_LIT("damaged")), OK);
	assert_int_equal(evidence_new(f->s, &e), OK);
	assert_int_equal(evidence_folder_load(f->s, at("d"), e), ERR_FORMAT);
	assert_non_null(strstr(scope_fault_text(f->s), "was changed"));
	scope_forgive(f->s);
	/* Storing writes it again. */
	assert_int_equal(evidence_folder_store(f->s, at("d"), &f->bundle), OK);
	assert_int_equal(evidence_folder_open(f->s, at("d"), &b), OK);
}

static void test_a_file_in_the_way(void **state)
{
	struct fixture *f = sealed(state);
	char line[128];
	assert_int_equal(output_file_put(f->s, at("f"), BYTES_LIT("a file")), OK);
	assert_int_equal(evidence_folder_store(f->s, at("f"), &f->bundle), ERR_IO);
	snprintf(line, sizeof(line), "%s: File exists", at("f"));
	assert_string_equal(scope_fault_text(f->s), line);
}

/* -- the fixture -- */

static int set_up(void **state)
{
	struct scope *s = scope_new(0);
	struct fixture *f = s ? scope_alloc(s, sizeof(*f)) : NULL;
	if (!f)
		return -1;
	f->s = s;
	f->pki = mini_pki_new(canned_world_new(s, MINI_CA_NOW));
	f->paper = paper_new(f->pki, "one-page");
	/* So that a CRL is asked for. */
	canned_world_break(f->pki->w, "http://ca.test/ocsp", ERR_NET);
	paper_sign(f->paper,
	    &(struct paper_signature){ .cms = { .by = "signer",
					   .stamps = { { .tsa = "tsa", .at = MINI_CA_NOW } },
					   .n_stamps = 1 },
		.claimed = MINI_CA_NOW });
	f->bundle = bundle_of(f, NULL, false);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	scope_free(((struct fixture *)*state)->s);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_stored_is_opened),
		TEST(test_every_octet),
		TEST(test_every_length),
		TEST(test_swapped_files),
		TEST(test_many_strangers),
		TEST(test_half_written),
		TEST(test_what_is_stored_is_loaded),
		TEST(test_nothing_there),
		TEST(test_less_evidence),
		TEST(test_a_damaged_item),
		TEST(test_a_file_in_the_way),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
