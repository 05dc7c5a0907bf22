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
#include "service/output_file.h"
#include "service/trust_files.h"
#include "tests/support/mini_ca.h"

static char dir[64];

static const char *at(const char *name)
{
	static char path[4][128];
	static unsigned turn;
	char *p = path[turn++ % 4];
	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static struct bytes make_cert(struct scope *s, unsigned key)
{
	char subject[32];
	snprintf(subject, sizeof(subject), "/CN=Anchor %u", key);
	const struct mini_ca_spec spec = { .subject = subject,
		.key = mini_ca_key(MINI_CA_P256, key) };
	return mini_ca_cert(s, &spec);
}

static struct bytes pem_of(struct scope *s, struct bytes der)
{
	char *text;
	assert_int_equal(bytes_to_base64(s, der, &text), OK);
	struct buf b = buf_new(s, 1 << 20);
	buf_add_str(&b, "-----BEGIN CERTIFICATE-----\n");
	for (size_t i = 0; i < strlen(text); i += 64)
		buf_addf(&b, "%.64s\n", text + i);
	buf_add_str(&b, "-----END CERTIFICATE-----\n");
	struct bytes pem;
	assert_int_equal(buf_done(&b, &pem), OK);
	return pem;
}

static void put(struct scope *s, const char *name, struct bytes content)
{
	assert_int_equal(output_file_put(s, at(name), content), OK);
}

static void assert_loads(struct scope *s, const char *path, size_t n)
{
	const struct anchors *anchors;
	assert_int_equal(trust_files_load(s, &path, 1, &anchors), OK);
	assert_int_equal(anchors->n, n);
}

static void assert_refused(struct scope *s, const char *path, enum err code, const char *cause)
{
	const struct anchors *anchors;
	char line[256];
	assert_int_equal(trust_files_load(s, &path, 1, &anchors), code);
	snprintf(line, sizeof(line), "%s: %s", path, cause);
	assert_string_equal(scope_fault_text(s), line);
	scope_forgive(s);
}

static void test_files(void **state)
{
	struct scope *s = *state;
	struct bytes one = make_cert(s, 0), two = make_cert(s, 1), both;
	struct buf b = buf_new(s, 1 << 20);
	buf_add(&b, pem_of(s, one));
	buf_add_str(&b, "some words between\n");
	buf_add(&b, pem_of(s, two));
	assert_int_equal(buf_done(&b, &both), OK);
	put(s, "one.cer", one);
	put(s, "both.pem", both);
	put(s, "junk.txt", BYTES_LIT("no certificate"));
	put(s, "empty", BYTES_NONE);
	assert_loads(s, at("one.cer"), 1);
	assert_loads(s, at("both.pem"), 2);
	assert_refused(s, at("junk.txt"), ERR_FORMAT, "no certificate in it");
	assert_refused(s, at("empty"), ERR_FORMAT, "no certificate in it");
	assert_refused(s, at("missing"), ERR_IO, "No such file or directory");
	const char *const paths[] = { at("one.cer"), at("both.pem") };
	const struct anchors *anchors;
	assert_int_equal(trust_files_load(s, paths, 2, &anchors), OK);
	assert_int_equal(anchors->n, 2); /* the one that is in both counts once */
	assert_int_equal(trust_files_load(s, NULL, 0, &anchors), OK);
	assert_int_equal(anchors->n, 0);
}

static void test_folders(void **state)
{
	struct scope *s = *state;
	assert_int_equal(mkdir(at("d"), 0700), 0);
	assert_refused(s, at("d"), ERR_FORMAT, "no certificate in this folder");
	put(s, "d/readme.txt", BYTES_LIT("words"));
	put(s, "d/.hidden.cer", make_cert(s, 2));
	assert_refused(s, at("d"), ERR_FORMAT, "no certificate in this folder");
	put(s, "d/b.cer", make_cert(s, 1));
	put(s, "d/a.pem", pem_of(s, make_cert(s, 0)));
	assert_int_equal(symlink("nowhere", at("d/c.cer")), 0);
	assert_int_equal(mkdir(at("d/deeper"), 0700), 0);
	put(s, "d/deeper/e.cer", make_cert(s, 3));
	const char *path = at("d");
	const struct anchors *anchors;
	assert_int_equal(trust_files_load(s, &path, 1, &anchors), OK);
	assert_int_equal(anchors->n, 2);
	assert_string_equal(anchors->item[0]->common_name, "Anchor 0"); /* by file name */
	assert_string_equal(anchors->item[1]->common_name, "Anchor 1");
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
		cmocka_unit_test_setup_teardown(test_files, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_folders, new_scope, end_scope),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
