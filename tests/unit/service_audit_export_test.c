#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/input_file.h"
#include "service/log/audit_export.h"
#include "service/log/audit_log.h"
#include "service/log/audit_timestamp.h"
#include "service/output_file.h"
#include "tests/support/mini_ca_timestamp.h"
#include "trust-lists/anchors.h"

struct fixture {
	struct scope *s;
	char folder[80], out[96];
	const struct cert *root, *tsa;
	struct scope *log_scope;
	struct audit_log *log;
	struct audit_export_verdict v;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");
	if (!f)
		return -1;
	snprintf(f->folder, sizeof(f->folder), "%.40s/log-XXXXXX", tmp ? tmp : P_tmpdir);
	f->s = scope_new(0);
	f->log_scope = scope_new(0);
	*state = f;
	if (!f->s || !f->log_scope || !mkdtemp(f->folder))
		return -1;
	snprintf(f->out, sizeof(f->out), "%s/export", f->folder);
	EVP_PKEY *ca = mini_ca_key(MINI_CA_P256, 0);
	f->root = mini_ca_root(f->s, ca);
	f->tsa = mini_ca_timestamp_authority(f->s, f->root, ca, mini_ca_key(MINI_CA_P256, 1));
	return audit_log_open(f->log_scope, f->folder, 5000, &f->log) == OK ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];
	scope_free(f->s);
	scope_free(f->log_scope);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
	int failed = system(command);
	free(f);
	return failed;
}

/* Records of partners 4 and 5 and of none, one after the other. */
static void append(struct fixture *f, int n)
{
	static const char *const partners[] = { "4", "5", NULL, "4\"5" };
	for (int i = 0; i < n; i++) {
		const char *partner = partners[i % 4];
		const struct audit_entry e = { .kind = AUDIT_SEALING_SEALED,
			.partner = partner,
			.object = partner && !strcmp(partner, "4") ? "of four" : "SECRET",
			.detail = { { "name", "\"partner\":\"4\"", false } } };
		assert_int_equal(audit_log_append(f->s, f->log, &e, NULL), OK);
	}
}

static void stamp(struct fixture *f)
{
	struct merkle_hash root;
	uint64_t size;
	struct mini_ca_timestamp spec = { .tsa = f->tsa,
		.key = mini_ca_key(MINI_CA_P256, 1),
		.alg = mini_ca_alg(MINI_CA_P256, false) };
	assert_int_equal(audit_log_root(f->s, f->log, &size, &root), OK);
	assert_int_equal(audit_timestamp_imprint(f->s, size, &root, &spec.imprint), OK);
	assert_int_equal(audit_log_note_timestamp(
			     f->s, f->log, size, &root, mini_ca_timestamp_token(f->s, &spec), NULL),
	    OK);
}

static struct bytes export(
    struct fixture *f, const char *partner, struct instant from, struct instant to, uint64_t *ret_n)
{
	const struct audit_export_request q = { partner, from, to };
	struct audit_verdict v;
	struct output_file *out;
	struct bytes text;
	assert_int_equal(audit_verify(f->s, f->folder, NULL, &v), OK);
	assert_int_equal(v.fault.kind, AUDIT_FAULT_NONE);
	assert_int_equal(output_file_open(f->s, f->out, &out), OK);
	assert_int_equal(audit_export_write(f->s, &v, &q, out, ret_n), OK);
	assert_int_equal(output_file_commit(f->s, out), OK);
	assert_int_equal(input_file_read(f->s, f->out, 1 << 24, &text), OK);
	return text;
}

static void is_good(struct fixture *f, struct bytes text, uint64_t n, uint64_t covered)
{
	assert_int_equal(audit_export_check(f->s, text, NULL, &f->v), OK);
	if (f->v.fault)
		fail_msg("line %d: %s", (int)f->v.line, f->v.fault);
	assert_int_equal(f->v.n_records, n);
	assert_int_equal(f->v.n_covered, covered);
}

/* Trees of all sizes, each with records of the partner behind the timestamp. */
static void test_every_size(void **state)
{
	struct fixture *f = *state;
	uint64_t n, of_four = 0;
	for (int round = 0; round < 20; round++) {
		append(f, 1 + round % 3);
		stamp(f);
		const uint64_t covered = ++of_four;
		append(f, 1);
		of_four++;
		struct bytes text = export(f, "4", INSTANT_NONE, INSTANT_NONE, &n);
		assert_int_equal(n, of_four);
		is_good(f, text, of_four, covered);
		assert_string_equal(f->v.partner, "4");
		assert_true(f->v.timestamp.time.unix_s == MINI_CA_NOW);
	}
}

static void test_nothing_of_others(void **state)
{
	struct fixture *f = *state;
	uint64_t n;
	append(f, 40);
	stamp(f);
	append(f, 8);
	struct bytes text = export(f, "4", INSTANT_NONE, INSTANT_NONE, &n);
	is_good(f, text, 12, 10);
	assert_int_equal(bytes_find(text, BYTES_LIT("SECRET"), 0), BYTES_NOT_FOUND);
	assert_int_equal(bytes_find(text, BYTES_LIT("\\\"partner\\\":null"), 0), BYTES_NOT_FOUND);
	text = export(f, "4\"5", INSTANT_NONE, INSTANT_NONE, &n);
	is_good(f, text, 12, 10);
	assert_string_equal(f->v.partner, "4\"5");
	text = export(f, "nobody", INSTANT_NONE, INSTANT_NONE, &n);
	is_good(f, text, 0, 0);
}

static void test_without_timestamp(void **state)
{
	struct fixture *f = *state;
	uint64_t n;
	append(f, 5);
	is_good(f, export(f, "4", INSTANT_NONE, INSTANT_NONE, &n), 2, 0);
	assert_int_equal(f->v.timestamp.size, 0);
}

static void test_bounds_of_time(void **state)
{
	struct fixture *f = *state;
	struct audit_verdict v;
	uint64_t n;
	append(f, 5);
	assert_int_equal(audit_verify(f->s, f->folder, NULL, &v), OK);
	const struct instant first = { v.first_ms / 1000 }, after = { v.last_ms / 1000 + 1 };
	is_good(f, export(f, "4", first, after, &n), 2, 0);
	is_good(f, export(f, "4", after, INSTANT_NONE, &n), 0, 0);
	struct bytes none = export(f, "4", INSTANT_NONE, first, &n);
	is_good(f, none, 0, 0);
	assert_true(f->v.to.unix_s == first.unix_s);
}

static void test_trust(void **state)
{
	struct fixture *f = *state;
	const struct anchors *anchors;
	const struct cert *other = mini_ca_root(f->s, mini_ca_key(MINI_CA_P256, 2));
	uint64_t n;
	append(f, 5);
	stamp(f);
	struct bytes text = export(f, "4", INSTANT_NONE, INSTANT_NONE, &n);
	assert_int_equal(anchors_new(f->s, &f->root, 1, &anchors), OK);
	assert_int_equal(audit_export_check(f->s, text, anchors, &f->v), OK);
	assert_null(f->v.fault);
	assert_true(f->v.timestamp.is_trusted);
	assert_int_equal(anchors_new(f->s, &other, 1, &anchors), OK);
	assert_int_equal(audit_export_check(f->s, text, anchors, &f->v), OK);
	assert_non_null(strstr(f->v.fault, "not to be trusted"));
}

static void is_bad(struct fixture *f, struct bytes text, uint64_t line, const char *why)
{
	struct scope *s = scope_new(0);
	struct audit_export_verdict v;
	enum err e = audit_export_check(s, text, NULL, &v);
	if (e == OK) {
		if (!v.fault)
			fail_msg("a change in line %d was not seen", (int)line);
		if (line)
			assert_int_equal(v.line, line);
		if (why && !strstr(v.fault, why))
			fail_msg("\"%s\" lacks \"%s\"", v.fault, why);
	} else {
		assert_int_equal(e, ERR_FORMAT);
		assert_true(line <= 1);
	}
	scope_free(s);
	(void)f;
}

static struct bytes replace(
    struct fixture *f, struct bytes text, const char *what, const char *with)
{
	struct buf b = buf_new(f->s, SIZE_MAX);
	const size_t at = bytes_find(text, bytes_of_str(what), 0);
	assert_int_not_equal(at, BYTES_NOT_FOUND);
	buf_add(&b, bytes_cut(text, 0, at));
	buf_add_str(&b, with);
	buf_add(&b, bytes_from(text, at + strlen(what)));
	return buf_bytes(&b);
}

/* Line by line, anything changed in a record, a path or the timestamp is seen; partner and bounds
 * are only what was asked for. */
static void test_any_change_is_seen(void **state)
{
	struct fixture *f = *state;
	struct bytes text;
	uint64_t n;
	append(f, 7);
	stamp(f);
	append(f, 1);
	assert_int_equal(
	    bytes_copy(f->s, export(f, "4", INSTANT_NONE, INSTANT_NONE, &n), &text), OK);
	is_good(f, text, 3, 2);
	uint8_t *octet = (uint8_t *)(uintptr_t)text.p;
	uint64_t line = 1;
	const size_t start = bytes_find(text, BYTES_LIT("\"timestamp\""), 0);
	const size_t record = bytes_find(text, BYTES_LIT("\"size\""), 0);
	const size_t token = bytes_find(text, BYTES_LIT("\"token\":\""), 0) + 8;
	const size_t token_end = bytes_find(text, BYTES_LIT("\""), token + 1);
	for (size_t at = start; at < text.n; at++) {
		const uint8_t was = octet[at];
		octet[at] ^= 1;
		/* The number of the timestamp's record is for people who have the log; a token has
		 * parts that its signature does not cover. */
		if ((at > start + 12 && at < record) || (at > token && at < token_end)) {
			octet[at] = was;
			continue;
		}
		is_bad(f, text, was == '\n' ? 0 : line, NULL);
		octet[at] = was;
		line += was == '\n';
	}
	for (size_t left = 0; left < text.n; left += 13)
		is_bad(f, bytes_cut(text, 0, left), 0, NULL);
	is_bad(f, replace(f, text, "\"partner\":\"4\"", "\"partner\":\"5\""), 2,
	    "not one of this partner's");
	is_bad(f, replace(f, text, "\"from\":null", "\"from\":\"2999-01-01T00:00:00Z\""), 2,
	    "time is not one");
	is_bad(f, replace(f, text, "\"to\":null", "\"to\":\"2001-01-01T00:00:00Z\""), 2,
	    "time is not one");
	is_bad(f, replace(f, text, "]}\n", "]}\n\n"), 5, "does not end");
	/* A path taken away would hide that the record is covered. */
	const size_t path = bytes_find(text, BYTES_LIT("\"path\":["), 0);
	const size_t end = bytes_find(text, BYTES_LIT("]}"), path);
	struct buf b = buf_new(f->s, SIZE_MAX);
	buf_add(&b, bytes_cut(text, 0, path));
	buf_add_str(&b, "\"path\":null");
	buf_add(&b, bytes_from(text, end + 1));
	is_bad(f, buf_bytes(&b), 2, "has no path");
	/* A record twice. */
	const size_t second = bytes_find(text, BYTES_LIT("\n"), 0) + 1;
	const size_t third = bytes_find(text, BYTES_LIT("\n"), second) + 1;
	b = buf_new(f->s, SIZE_MAX);
	buf_add(&b, bytes_cut(text, 0, third));
	buf_add(&b, bytes_from(text, second));
	is_bad(f, buf_bytes(&b), 3, "does not come after");
	is_good(f, text, 3, 2);
}

/* Memory that ends at any allocation is an error, never a verdict. */
static void test_out_of_memory(void **state)
{
	struct fixture *f = *state;
	struct audit_export_verdict checked;
	struct audit_verdict v;
	uint64_t n;
	append(f, 7);
	stamp(f);
	struct bytes text = export(f, "4", INSTANT_NONE, INSTANT_NONE, &n);
	for (int what = 0; what < 2; what++) {
		enum err e = ERR_NOMEM;
		for (size_t at = 1; e != OK; at++) {
			struct scope *s = scope_new(0);
			scope_fail_after(s, at);
			e = what ? audit_export_check(s, text, NULL, &checked)
				 : audit_verify(s, f->folder, NULL, &v);
			if (e != OK && e != ERR_NOMEM)
				fail_msg("%d %zu: %s", what, at, scope_fault_text(s));
			scope_free(s);
		}
		assert_true(what ? !checked.fault : v.fault.kind == AUDIT_FAULT_NONE);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_size),
		TEST(test_nothing_of_others),
		TEST(test_without_timestamp),
		TEST(test_bounds_of_time),
		TEST(test_trust),
		TEST(test_any_change_is_seen),
		TEST(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
