#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/store/identifier.h"
#include "service/store/store_files.h"
#include "tests/support/store_scene.h"

static int set_up(void **state)
{
	*state = store_scene_open(NULL);
	return 0;
}

static int tear_down(void **state)
{
	store_scene_close(*state);
	return 0;
}

static struct store_files_name document(const char *id, unsigned n)
{
	return (struct store_files_name){ id, STORE_FILES_DOCUMENT, n, 0 };
}

static struct store_files_name sealed(const char *id, unsigned n, unsigned attempt)
{
	return (struct store_files_name){ id, STORE_FILES_SEALED, n, attempt };
}

static void put(struct store_scene *c, struct store_files_name name, const char *text)
{
	assert_int_equal(store_files_put_bytes(c->s, c->store, bytes_of_str(text), name), OK);
}

static void assert_content(struct store_scene *c, struct store_files_name name, const char *text)
{
	struct bytes content;
	assert_int_equal(store_files_read(c->s, c->store, name, 1000, &content), OK);
	assert_true(bytes_equal_str(content, text));
}

static size_t n_files(const char *path)
{
	size_t n = 0;
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (const struct dirent *d; (d = readdir(dir));)
		n += d->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void test_put_and_read(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_id(c->s, IDENTIFIER_SEALING), *path;
	char expected[600];
	put(c, document(id, 1), "one");
	put(c, document(id, 12), "twelve");
	put(c, sealed(id, 1, 3), "sealed");
	assert_content(c, document(id, 1), "one");
	assert_content(c, document(id, 12), "twelve");
	assert_content(c, sealed(id, 1, 3), "sealed");
	assert_false(store_files_is_at(c->store, sealed(id, 1, 2)));
	assert_int_equal(store_files_path(c->s, c->store, sealed(id, 1, 3), &path), OK);
	snprintf(expected, sizeof(expected), "%s/documents/%.2s/%s/1.sealed-3.pdf", c->folder,
	    id + 3, id);
	assert_string_equal(path, expected);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(n_files(store_files_incoming(c->store)), 0);
}

static struct store_files_name of_verdict(
    const char *id, enum store_files_kind kind, unsigned judged)
{
	return (struct store_files_name){ id, kind, judged, 0 };
}

/* Each verdict has its own files. */
static void test_files_of_filings(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_id(c->s, IDENTIFIER_FILING);
	put(c, document(id, 0), "pdf");
	put(c, of_verdict(id, STORE_FILES_EVIDENCE, 7), "pack");
	put(c, of_verdict(id, STORE_FILES_REPORT, 7), "{}");
	put(c, of_verdict(id, STORE_FILES_REPORT, 8), "{8}");
	put(c, of_verdict(id, STORE_FILES_REPORT, 8), "{again}");
	assert_content(c, of_verdict(id, STORE_FILES_REPORT, 7), "{}");
	assert_content(c, of_verdict(id, STORE_FILES_REPORT, 8), "{again}");
	assert_content(c, of_verdict(id, STORE_FILES_EVIDENCE, 7), "pack");
	assert_false(store_files_is_at(c->store, of_verdict(id, STORE_FILES_EVIDENCE, 8)));
	assert_content(c, document(id, 0), "pdf");
}

/* Names that would lead elsewhere, or to what the thing does not have. */
static void test_names_that_are_refused(void **state)
{
	struct store_scene *c = *state;
	const char *sealing = store_scene_id(c->s, IDENTIFIER_SEALING);
	const char *filing = store_scene_id(c->s, IDENTIFIER_FILING);
	const struct store_files_name names[] = { document("sl_../../../etc/passwd.........", 1),
		document("../x", 1), document("", 1), document(NULL, 1),
		document(store_scene_id(c->s, IDENTIFIER_KEY), 1), document(sealing, 0),
		document(filing, 1), sealed(sealing, 0, 1), sealed(sealing, 1, 0),
		sealed(filing, 1, 1), of_verdict(sealing, STORE_FILES_REPORT, 1),
		of_verdict(filing, STORE_FILES_REPORT, 0) };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct scope *s = scope_new(0);
		const char *path;
		assert_int_equal(
		    store_files_put_bytes(s, c->store, BYTES_LIT("x"), names[i]), ERR_MISUSE);
		assert_int_equal(store_files_path(s, c->store, names[i], &path), ERR_MISUSE);
		assert_false(store_files_is_at(c->store, names[i]));
		scope_free(s);
	}
	assert_int_equal(store_files_remove(c->s, c->store, "../x"), ERR_MISUSE);
}

static void test_a_draft_goes_with_its_scope(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_id(c->s, IDENTIFIER_SEALING);
	struct scope *s = scope_new(0);
	struct store_files_draft kept, dropped;
	assert_int_equal(store_files_begin(s, c->store, &kept), OK);
	assert_int_equal(store_files_begin(s, c->store, &dropped), OK);
	assert_int_equal(write(kept.fd, "kept", 4), 4);
	assert_int_equal(n_files(store_files_incoming(c->store)), 2);
	assert_int_equal(store_files_put(s, c->store, &kept, sealed(id, 1, 1)), OK);
	scope_free(s);
	assert_int_equal(n_files(store_files_incoming(c->store)), 0);
	assert_content(c, sealed(id, 1, 1), "kept");
}

static void test_an_upload_is_taken(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_id(c->s, IDENTIFIER_SEALING);
	char path[400], link[400];
	snprintf(path, sizeof(path), "%s/upload", store_files_incoming(c->store));
	snprintf(link, sizeof(link), "%s/link", store_files_incoming(c->store));
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("pdf", f);
	fclose(f);
	assert_int_equal(symlink(path, link), 0);
	struct scope *s = scope_new(0);
	assert_int_equal(store_files_take(s, c->store, link, document(id, 1)), ERR_IO);
	assert_int_equal(store_files_take(s, c->store, "nowhere", document(id, 1)), ERR_IO);
	scope_free(s);
	assert_int_equal(store_files_take(c->s, c->store, path, document(id, 1)), OK);
	assert_content(c, document(id, 1), "pdf");
	assert_int_not_equal(access(path, F_OK), 0);
}

static void test_links_are_not_followed(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_id(c->s, IDENTIFIER_SEALING);
	const char *other = store_scene_id(c->s, IDENTIFIER_SEALING), *path;
	char folder[600];
	put(c, document(id, 1), "one");
	assert_int_equal(store_files_path(c->s, c->store, document(id, 2), &path), OK);
	assert_int_equal(symlink("1.pdf", path), 0);
	assert_false(store_files_is_at(c->store, document(id, 2)));
	/* A whole folder that leads elsewhere. */
	put(c, document(other, 1), "other");
	assert_int_equal(store_files_remove(c->s, c->store, other), OK);
	snprintf(folder, sizeof(folder), "%s/documents/%.2s/%s", c->folder, other + 3, other);
	assert_int_equal(symlink(c->folder, folder), 0);
	struct scope *s = scope_new(0);
	assert_int_equal(
	    store_files_put_bytes(s, c->store, BYTES_LIT("x"), document(other, 1)), ERR_IO);
	assert_int_equal(store_files_remove(s, c->store, other), ERR_IO);
	scope_free(s);
	assert_true(store_files_is_at(c->store, document(id, 1)));
}

static void test_open_files_outlive_removal(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_id(c->s, IDENTIFIER_SEALING);
	int fd;
	uint64_t size;
	char text[8] = { 0 };
	put(c, document(id, 1), "whole");
	assert_int_equal(store_files_open(c->s, c->store, document(id, 1), &fd, &size), OK);
	assert_int_equal(size, 5);
	assert_int_equal(store_files_remove(c->s, c->store, id), OK);
	assert_int_equal(store_files_remove(c->s, c->store, id), OK);
	assert_false(store_files_is_at(c->store, document(id, 1)));
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_string_equal(text, "whole");
}

static void test_a_file_over_its_cap(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_id(c->s, IDENTIFIER_SEALING);
	struct bytes content;
	put(c, document(id, 1), "12345");
	assert_int_equal(store_files_read(c->s, c->store, document(id, 1), 5, &content), OK);
	assert_int_equal(store_files_read(c->s, c->store, document(id, 1), 4, &content), ERR_LIMIT);
}

static void test_attempts_are_dropped(void **state)
{
	struct store_scene *c = *state;
	const char *id = store_scene_id(c->s, IDENTIFIER_SEALING);
	put(c, document(id, 1), "one");
	put(c, sealed(id, 1, 1), "first");
	put(c, sealed(id, 1, 2), "second");
	put(c, sealed(id, 2, 1), "first");
	assert_int_equal(store_files_drop_attempts(c->s, c->store, id, 2), OK);
	assert_false(store_files_is_at(c->store, sealed(id, 1, 1)));
	assert_false(store_files_is_at(c->store, sealed(id, 2, 1)));
	assert_content(c, sealed(id, 1, 2), "second");
	assert_int_equal(store_files_drop_attempts(c->s, c->store, id, 0), OK);
	assert_false(store_files_is_at(c->store, sealed(id, 1, 2)));
	assert_content(c, document(id, 1), "one");
}

/* -- the sweep at start -- */

static void make_old(struct store_scene *c, const char *id, int64_t seconds)
{
	char folder[600];
	snprintf(folder, sizeof(folder), "%s/documents/%.2s/%s", c->folder, id + 3, id);
	const struct timespec times[2] = { { .tv_sec = STORE_SCENE_NOW - seconds },
		{ .tv_sec = STORE_SCENE_NOW - seconds } };
	assert_int_equal(utimensat(AT_FDCWD, folder, times, 0), 0);
}

static void test_the_sweep(void **state)
{
	struct store_scene *c = *state;
	const char *old = store_scene_id(c->s, IDENTIFIER_SEALING);
	const char *young = store_scene_id(c->s, IDENTIFIER_FILING);
	const char *kept = store_scene_add_sealing(c, c->s)->id;
	const char *retired = store_scene_add_sealing(c, c->s)->id;
	struct store_filing filing = store_scene_filing(c->s, "a.pdf", 0);
	const struct store_filing *there;
	bool is_new;
	assert_int_equal(store_filing_add(c->s, c->store, &filing, &there, &is_new), OK);
	assert_int_equal(
	    store_sealing_cancel(c->s, c->store, retired, "x", "", store_scene_at(1)), OK);
	assert_int_equal(store_sealing_retire(c->s, c->store, retired), OK);
	put(c, document(old, 1), "x");
	put(c, document(young, 0), "x");
	put(c, document(kept, 1), "x");
	put(c, document(retired, 1), "x");
	put(c, document(filing.id, 0), "x");
	make_old(c, old, 3601);
	make_old(c, young, 3599);
	make_old(c, kept, 100000);
	make_old(c, retired, 100000);
	make_old(c, filing.id, 100000);
	char path[400], strange[600];
	snprintf(path, sizeof(path), "%s/upload", store_files_incoming(c->store));
	snprintf(strange, sizeof(strange), "%s/documents/notes", c->folder);
	fclose(fopen(path, "w"));
	assert_int_equal(mkdir(strange, 0700), 0);
	store_scene_reopen(c);
	assert_false(store_files_is_at(c->store, document(old, 1)));
	assert_true(store_files_is_at(c->store, document(young, 0)));
	assert_true(store_files_is_at(c->store, document(kept, 1)));
	assert_false(store_files_is_at(c->store, document(retired, 1)));
	assert_true(store_files_is_at(c->store, document(filing.id, 0)));
	assert_int_equal(n_files(store_files_incoming(c->store)), 0);
	assert_int_equal(access(strange, F_OK), 0);
}

static void test_free_space(void **state)
{
	struct store_scene *c = *state;
	uint64_t octets = 0;
	assert_int_equal(store_files_free(c->s, c->store, &octets), OK);
	assert_true(octets > 0);
}

/* -- identifiers -- */

static void test_identifiers(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	const char *one, *other;
	assert_int_equal(identifier_new(s, IDENTIFIER_SEALING, &one), OK);
	assert_int_equal(identifier_new(s, IDENTIFIER_SEALING, &other), OK);
	assert_string_not_equal(one, other);
	assert_int_equal(strlen(one), 29);
	assert_true(identifier_is(one, IDENTIFIER_SEALING));
	assert_false(identifier_is(one, IDENTIFIER_FILING));
	assert_true(identifier_is("sl_7zzzzzzzzzzzzzzzzzzzzzzzzz", "sl"));
	static const char *const refused[] = { "sl_8zzzzzzzzzzzzzzzzzzzzzzzzz",
		"sl_7zzzzzzzzzzzzzzzzzzzzzzzz", "sl_7zzzzzzzzzzzzzzzzzzzzzzzzzz",
		"sl_7zzzzzzzzzzzzzzzzzzzzzzzzi", "sl_7zzzzzzzzzzzzzzzzzzzzzzzzl",
		"sl_7zzzzzzzzzzzzzzzzzzzzzzzzo", "sl_7zzzzzzzzzzzzzzzzzzzzzzzzu",
		"sl_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "SL_7zzzzzzzzzzzzzzzzzzzzzzzzz",
		"sl-7zzzzzzzzzzzzzzzzzzzzzzzzz", "sl_", "s", "", "sl_7zzzz/zzzzzzzzzzzzzzzzzzzz" };
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		assert_false(identifier_is(refused[i], IDENTIFIER_SEALING));
	assert_false(identifier_is(NULL, IDENTIFIER_SEALING));
	scope_free(s);
}

static void test_tokens(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	const char *token, *other;
	uint8_t a[32], b[32];
	assert_int_equal(identifier_token(s, &token), OK);
	assert_int_equal(identifier_token(s, &other), OK);
	assert_string_not_equal(token, other);
	assert_true(identifier_is_token(token));
	assert_int_equal(strlen(token), 52);
	assert_int_equal(identifier_token_sha256(s, token, a), OK);
	assert_int_equal(identifier_token_sha256(s, other, b), OK);
	assert_memory_not_equal(a, b, 32);
	assert_int_equal(identifier_token_sha256(s, "x", b), ERR_FORMAT);
	assert_int_equal(identifier_token_sha256(s, NULL, b), ERR_FORMAT);
	assert_true(identifier_is_token("1zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"));
	assert_false(identifier_is_token("2zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"));
	scope_free(s);
}

/* Each bit of the random octets shows: over many, each place has each of its characters. */
static void test_all_characters_come_up(void **state)
{
	(void)state;
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	bool seen[26][32] = { 0 };
	struct scope *s = scope_new(0);
	for (int i = 0; i < 2000; i++) {
		const char *id = store_scene_id(s, IDENTIFIER_FILING);
		for (int k = 0; k < 26; k++)
			seen[k][strchr(alphabet, id[3 + k]) - alphabet] = true;
	}
	for (int k = 0; k < 26; k++)
		for (int v = 0; v < 32; v++)
			assert_int_equal(seen[k][v], k > 0 || v < 8);
	scope_free(s);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(test_put_and_read),
		SCENE(test_files_of_filings),
		SCENE(test_names_that_are_refused),
		SCENE(test_a_draft_goes_with_its_scope),
		SCENE(test_an_upload_is_taken),
		SCENE(test_links_are_not_followed),
		SCENE(test_open_files_outlive_removal),
		SCENE(test_a_file_over_its_cap),
		SCENE(test_attempts_are_dropped),
		SCENE(test_the_sweep),
		SCENE(test_free_space),
		cmocka_unit_test(test_identifiers),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_all_characters_come_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
