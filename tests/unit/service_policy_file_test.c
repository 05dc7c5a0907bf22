#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/policy_file.h"

#define A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define B "ffeeddccbbaa99887766554433221100FFEEDDCCBBAA99887766554433221100"

struct fixture {
	struct scope *s;
	char dir[32], policy[64], approved[64];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	assert_non_null(f);
	f->s = scope_new(0);
	snprintf(f->dir, sizeof(f->dir), "/tmp/bulla-policy-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->policy, sizeof(f->policy), "%s/policy.json", f->dir);
	snprintf(f->approved, sizeof(f->approved), "%s/approved", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	remove(f->policy);
	remove(f->approved);
	remove(f->dir);
	scope_free(f->s);
	free(f);
	return 0;
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static void test_names(void **state)
{
	struct fixture *f = *state;
	const struct policy *p;
	assert_int_equal(policy_file_load(f->s, NULL, NULL, &p), OK);
	assert_ptr_equal(p, policy_default());
	assert_int_equal(policy_file_load(f->s, "sealed-filing", NULL, &p), OK);
	assert_string_equal(p->name, "sealed-filing");
}

static void test_files(void **state)
{
	struct fixture *f = *state;
	const struct policy *p;
	char line[256];
	put(f->policy, "{\"name\": \"ours\", \"extends\": \"eidas\"}");
	assert_int_equal(policy_file_load(f->s, f->policy, NULL, &p), OK);
	assert_string_equal(p->name, "ours");
	put(f->policy, "{\"name\": \"ours\", \"grace\": 1}");
	assert_int_equal(policy_file_load(f->s, f->policy, NULL, &p), ERR_FORMAT);
	snprintf(line, sizeof(line), "%s: policy: $.grace: unknown key", f->policy);
	assert_string_equal(scope_fault_text(f->s), line);
	scope_forgive(f->s);
	remove(f->policy);
	assert_int_equal(policy_file_load(f->s, f->policy, NULL, &p), ERR_IO);
}

static void test_approved(void **state)
{
	struct fixture *f = *state;
	const struct policy *p;
	put(f->policy, "{\"name\": \"x\", \"disclaimer\": {\"approved\": [\"" A "\"]}}");
	put(f->approved, "# seals of 2026\n\n" B " Acme, 2026-01-02\r\n" A "\tagain\n" A);
	assert_int_equal(policy_file_load(f->s, f->policy, f->approved, &p), OK);
	assert_int_equal(p->disclaimer.approved.n, 4);
	assert_int_equal(p->disclaimer.approved.item[0].p[1], 0x11);
	assert_int_equal(p->disclaimer.approved.item[1].p[0], 0xff);
	assert_int_equal(policy_default()->disclaimer.approved.n, 0);
}

static void test_approved_refused(void **state)
{
	static const char *const texts[] = {
		"# ours\n" A "0\n",
		"# ours\n0" A "\n",
		"# ours\n" A ",\n",
		"# ours\n00112233\n",
		"# ours\n " A "\n",
		"# ours\n00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33:44\n",
	};
	struct fixture *f = *state;
	const struct policy *p;
	char line[256];
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put(f->approved, texts[i]);
		assert_int_equal(policy_file_load(f->s, NULL, f->approved, &p), ERR_FORMAT);
		snprintf(line, sizeof(line), "%s:2: not a SHA-256 value of 64 hexadecimal digits",
		    f->approved);
		assert_string_equal(scope_fault_text(f->s), line);
		scope_forgive(f->s);
	}
}

static void test_approved_limit(void **state)
{
	struct fixture *f = *state;
	const struct policy *p;
	for (size_t more = 0; more < 2; more++) {
		struct buf b = buf_new(f->s, LIMIT_JSON);
		char *text;
		for (size_t i = 0; i < LIMIT_POLICY_LIST + more; i++)
			buf_add_str(&b, A "\n");
		assert_int_equal(buf_done_str(&b, &text), OK);
		put(f->approved, text);
		assert_int_equal(
		    policy_file_load(f->s, NULL, f->approved, &p), more ? ERR_LIMIT : OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_approved, setup, teardown),
		cmocka_unit_test_setup_teardown(test_approved_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_approved_limit, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
