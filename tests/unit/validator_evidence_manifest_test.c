#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/evidence_manifest.h"

static struct digest digest_filled(uint8_t octet)
{
	struct digest d = { .alg = DIGEST_SHA256, .n = 32 };
	memset(d.value, octet, d.n);
	return d;
}

static struct evidence_manifest_item item_of(
    enum evidence_manifest_kind kind, uint8_t octet, bool is_given, const char *url)
{
	return (struct evidence_manifest_item){ .kind = kind,
		.file = { digest_filled(octet), 100u + octet },
		.source = kind == EVIDENCE_MANIFEST_ANCHOR ? EVIDENCE_ANCHOR : EVIDENCE_FETCHED,
		.is_given = is_given,
		.is_used = octet % 2,
		.url = url };
}

static struct evidence_manifest_item items[6];
static struct evidence_failure failures[2] = { { "http://a.test/\tx", "no\nanswer" }, { "-", "" } };

static struct evidence_manifest sample(void)
{
	items[0] = item_of(EVIDENCE_MANIFEST_ANCHOR, 1, true, NULL);
	items[1] = item_of(EVIDENCE_MANIFEST_CERTIFICATE, 2, true, NULL);
	items[2] = item_of(EVIDENCE_MANIFEST_CERTIFICATE, 3, false, NULL);
	items[3] = item_of(EVIDENCE_MANIFEST_CRL, 4, false, "http://ca.test/crl");
	items[4] = item_of(EVIDENCE_MANIFEST_OCSP, 5, false, "-");
	items[5] = item_of(EVIDENCE_MANIFEST_TIMESTAMP, 6, false, NULL);
	return (struct evidence_manifest){ .program = "0.1.0",
		.name = "a \\ and \xc5\xb1\x7f\xff.pdf",
		.document = { digest_filled(0xd0), 12345 },
		.policy = { digest_filled(0xd1), 20 },
		.report = { digest_filled(0xd2), 30 },
		.at = { 1798761600 },
		.conclusion = CONCLUSION_INDETERMINATE,
		.n_unreadable = 7,
		.items = items,
		.n_items = 6,
		.failures = failures,
		.n_failures = 2 };
}

static void assert_same(const struct evidence_manifest *a, const struct evidence_manifest *b)
{
	assert_string_equal(a->program, b->program);
	assert_string_equal(a->name, b->name);
	assert_true(digest_equal(&a->document.sha256, &b->document.sha256));
	assert_true(digest_equal(&a->policy.sha256, &b->policy.sha256));
	assert_true(digest_equal(&a->report.sha256, &b->report.sha256));
	assert_int_equal(a->document.size, b->document.size);
	assert_true(instant_equal(a->at, b->at));
	assert_int_equal(a->conclusion, b->conclusion);
	assert_int_equal(a->n_unreadable, b->n_unreadable);
	assert_int_equal(a->n_items, b->n_items);
	for (size_t i = 0; i < a->n_items; i++) {
		const struct evidence_manifest_item *x = &a->items[i], *y = &b->items[i];
		assert_int_equal(x->kind, y->kind);
		assert_true(digest_equal(&x->file.sha256, &y->file.sha256));
		assert_int_equal(x->file.size, y->file.size);
		assert_int_equal(x->source, y->source);
		assert_int_equal(x->is_given, y->is_given);
		assert_int_equal(x->is_used, y->is_used);
		assert_int_equal(x->url == NULL, y->url == NULL);
		if (x->url)
			assert_string_equal(x->url, y->url);
	}
	assert_int_equal(a->n_failures, b->n_failures);
	for (size_t i = 0; i < a->n_failures; i++) {
		assert_string_equal(a->failures[i].url, b->failures[i].url);
		assert_string_equal(a->failures[i].why, b->failures[i].why);
	}
}

static void test_there_and_back(void **state)
{
	struct scope *s = *state;
	struct evidence_manifest m = sample(), back;
	struct bytes text;
	assert_int_equal(evidence_manifest_write(s, &m, &text), OK);
	assert_int_equal(evidence_manifest_parse(s, text, &back), OK);
	assert_same(&m, &back);
	m.n_items = m.n_failures = 0;
	assert_int_equal(evidence_manifest_write(s, &m, &text), OK);
	assert_int_equal(evidence_manifest_parse(s, text, &back), OK);
	assert_same(&m, &back);
}

static void test_its_form(void **state)
{
	struct scope *s = *state;
	struct evidence_manifest m = sample();
	struct bytes text;
	char line[512], hex[65];
	assert_int_equal(evidence_manifest_write(s, &m, &text), OK);
	assert_true(bytes_has_prefix(text, BYTES_LIT("bulla-evidence\t1\nprogram\t0.1.0\n")));
	memset(hex, '0', 64);
	for (int i = 1; i < 64; i += 2)
		hex[i] = '4';
	hex[64] = '\0';
	snprintf(line, sizeof(line),
	    "\ncrl\t1\t%s\t104\tfetched\tfound\tspare\thttp://ca.test/crl\n", hex);
	assert_true(bytes_find(text, bytes_of_str(line), 0) != BYTES_NOT_FOUND);
	assert_true(
	    bytes_find(text, BYTES_LIT("a \\5c and \xc5\xb1\\7f\xff.pdf\n"), 0) != BYTES_NOT_FOUND);
	assert_true(bytes_find(text,
			BYTES_LIT("failure\t1\thttp://a.test/\\09x\tno\\0aanswer\n"
				  "failure\t2\t\\2d\t\n"),
			0) != BYTES_NOT_FOUND);
}

/* Every bit of it. */
static void test_a_changed_octet(void **state)
{
	struct scope *s = *state;
	struct evidence_manifest m = sample(), back;
	struct bytes text, copy;
	assert_int_equal(evidence_manifest_write(s, &m, &text), OK);
	for (size_t i = 0; i < 8 * text.n; i++) {
		struct scope *one = scope_new(0);
		assert_non_null(one);
		assert_int_equal(bytes_copy(one, text, &copy), OK);
		((uint8_t *)(uintptr_t)copy.p)[i / 8] ^= (uint8_t)(1u << i % 8);
		assert_int_equal(evidence_manifest_parse(one, copy, &back), ERR_FORMAT);
		scope_free(one);
	}
}

static void test_a_changed_length(void **state)
{
	struct scope *s = *state;
	struct evidence_manifest m = sample(), back;
	struct bytes text;
	struct buf longer = buf_new(s, 1 << 20);
	assert_int_equal(evidence_manifest_write(s, &m, &text), OK);
	for (size_t n = 0; n < text.n; n++) {
		assert_int_equal(
		    evidence_manifest_parse(s, bytes_cut(text, 0, n), &back), ERR_FORMAT);
		assert_int_equal(
		    evidence_manifest_parse(s, bytes_from(text, n + 1), &back), ERR_FORMAT);
		scope_forgive(s);
	}
	buf_add(&longer, text);
	buf_add_byte(&longer, '\n');
	assert_int_equal(evidence_manifest_parse(s, buf_bytes(&longer), &back), ERR_FORMAT);
}

/* A manifest whose digest was made to fit again: a text in place of another. */
static enum err parse_changed(struct scope *s, const char *from, const char *to)
{
	struct evidence_manifest m = sample(), back;
	struct bytes text;
	struct buf b = buf_new(s, 1 << 20);
	struct digest sha256;
	char *hex;
	scope_forgive(s);
	assert_int_equal(evidence_manifest_write(s, &m, &text), OK);
	size_t at = bytes_find(text, bytes_of_str(from), 0);
	size_t end = bytes_find(text, BYTES_LIT("\nsha256\t"), 0) + 1;
	assert_true(at != BYTES_NOT_FOUND && at < end);
	buf_add(&b, bytes_cut(text, 0, at));
	buf_add_str(&b, to);
	buf_add(&b, bytes_cut(text, at + strlen(from), end - at - strlen(from)));
	assert_int_equal(digest_of_bytes(s, DIGEST_SHA256, buf_bytes(&b), &sha256), OK);
	assert_int_equal(bytes_to_hex(s, digest_bytes(&sha256), &hex), OK);
	buf_addf(&b, "sha256\t%s\n", hex);
	return evidence_manifest_parse(s, buf_bytes(&b), &back);
}

static void test_a_forged_digest(void **state)
{
	struct scope *s = *state;
	assert_int_equal(parse_changed(s, "program\t0.1.0", "program\t0.1.1"), OK);
	static const struct {
		const char *from, *to;
	} changes[] = {
		{ "bulla-evidence", "bulla_evidence" },
		{ "program\t0.1.0\n", "" },
		{ "program\t0.1.0\n", "program\t-\n" },
		{ "program\t0.1.0\n", "program\t0.1.0\n\n" },
		{ "program\t0.1.0\n", "program\t0.1.0\t\n" },
		{ "program\t0.1.0\n", "program\t0.1.0\tmore\n" },
		{ "program\t0.1.0\n", "program\t0.1.0\r\n" },
		{ "instant\t2027", "instant\t20270" },
		{ "T00:00:00Z", "T00:00:00+00:00" },
		{ "conclusion\tINDETERMINATE", "conclusion\tPASSED" },
		{ "unreadable\t7", "unreadable\t07" },
		{ "unreadable\t7", "unreadable\t-7" },
		{ "unreadable\t7", "unreadable\t" },
		{ "unreadable\t7", "unreadable\t99999999999999999999" },
		{ "\\5c", "\\" },
		{ "\\5c", "\\5C" },
		{ "\\5c", "\\00" },
		{ "\\5c", "\\41" },
		{ "\\5c", "\\5" },
		{ "\\5c", "\\zz" },
		{ "d0d0d0", "D0D0D0" },
		{ "d0d0d0", "../../" },
		{ "d0d0d0", "d0d0" },
		{ "d0d0d0", "d0d0d0d0" },
		{ "anchor\t1", "anchor\t2" },
		{ "certificate\t2", "certificate\t1" },
		{ "certificate\t2", "certificate\t3" },
		{ "found\tused\t-\ncrl", "given\tused\t-\nocrl" },
		{ "found\tused\t-\ncrl", "lost\tused\t-\ncrl" },
		{ "found\tused\t-\ncrl", "found\tunused\t-\ncrl" },
		{ "given\tspare", "found\tspare" },
		{ "crl\t1", "ocsp\t1" },
		{ "fetched\t", "bought\t" },
		{ "timestamp\t1", "stamp\t1" },
		{ "failure\t2\t\\2d\t\n", "failure\t2\t-\t\n" },
		{ "failure\t2\t\\2d\t\n", "failure\t1\t\\2d\t\n" },
		{ "failure\t2\t\\2d\t\n", "failure\t2\t\\2d\t-\n" },
		{ "failure\t2\t\\2d\t\n", "failure\t2\t\\2d\t" },
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		enum err e = parse_changed(s, changes[i].from, changes[i].to);
		/* Found items first would be one of the forms that there are. */
		if (strcmp(changes[i].to, "found\tspare") == 0)
			assert_int_equal(e, OK);
		else if (e != ERR_FORMAT)
			fail_msg("%s: %s", changes[i].to, err_name(e));
	}
	assert_int_equal(
	    parse_changed(s, "bulla-evidence\t1\n", "bulla-evidence\t2\n"), ERR_UNSUPPORTED);
}

static void test_what_cannot_be_written(void **state)
{
	struct scope *s = *state;
	struct evidence_manifest m = sample();
	struct bytes text;
	m.at = INSTANT_NONE;
	assert_int_equal(evidence_manifest_write(s, &m, &text), ERR_MISUSE);
	scope_forgive(s);
	m = sample();
	items[1].is_given = false;
	items[2].is_given = true;
	assert_int_equal(evidence_manifest_write(s, &m, &text), ERR_MISUSE);
	scope_forgive(s);
	m = sample();
	items[0].kind = EVIDENCE_MANIFEST_CRL;
	assert_int_equal(evidence_manifest_write(s, &m, &text), ERR_MISUSE);
}

static void test_many_items(void **state)
{
	struct scope *s = *state;
	struct evidence_manifest m = sample(), back;
	struct bytes text;
	m.n_items = LIMIT_POOL_CERTIFICATES;
	m.items = scope_alloc_array(s, m.n_items + 1, sizeof(*m.items));
	assert_non_null(m.items);
	for (size_t i = 0; i <= m.n_items; i++)
		m.items[i] = item_of(EVIDENCE_MANIFEST_CRL, (uint8_t)i, false, NULL);
	assert_int_equal(evidence_manifest_write(s, &m, &text), OK);
	assert_int_equal(evidence_manifest_parse(s, text, &back), OK);
	m.n_items++;
	assert_int_equal(evidence_manifest_write(s, &m, &text), OK);
	assert_int_equal(evidence_manifest_parse(s, text, &back), ERR_LIMIT);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_there_and_back, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_its_form, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_a_changed_octet, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_a_changed_length, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_a_forged_digest, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_written, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_many_items, new_scope, end_scope),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
