#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/json_tree.h"
#include "validator/policy_fields.h"

static struct bytes canonical(struct scope *s, const struct policy *p)
{
	struct bytes text;
	assert_int_equal(policy_canonical(s, p, &text), OK);
	return text;
}

static const struct policy *parsed(struct scope *s, const char *text)
{
	const struct policy *p = NULL;
	enum err err = policy_parse(s, bytes_of_str(text), &p);
	if (err != OK)
		fail_msg("%s: %s", scope_fault_text(s), text);
	return p;
}

/* What is written is read again as the same policy. */
static void test_round_trip(void **state)
{
	static const char *const names[] = { "default", "eidas", "sealed-filing" };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct scope *s = scope_new(0);
		const struct policy *p, *again;
		assert_int_equal(policy_ready(s, names[i], &p), OK);
		assert_string_equal(p->name, names[i]);
		struct bytes text = canonical(s, p);
		assert_int_equal(policy_parse(s, text, &again), OK);
		assert_true(bytes_equal(canonical(s, again), text));
		scope_free(s);
	}
}

static void test_no_such_policy(void **state)
{
	struct scope *s = scope_new(0);
	const struct policy *p = policy_default();
	(void)state;
	assert_int_equal(policy_ready(s, "Default", &p), OK);
	assert_null(p);
	scope_free(s);
}

static const struct json_tree *member(
    const struct json_tree *t, const char *a, const char *b, const char *c, const char *d)
{
	const char *const path[] = { a, b, c, d };
	for (size_t i = 0; i < 4 && path[i]; i++) {
		t = json_tree_find(t, path[i]);
		assert_non_null(t);
	}
	return t;
}

/* The table of TS 119 312, as far as people ask for it by heart. */
static void test_default_table(void **state)
{
	static const struct {
		const char *kind, *name, *size, *end;
	} rows[] = {
		{ "digests", "MD5", NULL, "2004-08-01" },
		{ "digests", "SHA1", NULL, "2012-08-01" },
		{ "digests", "RIPEMD160", NULL, "2014-08-01" },
		{ "digests", "SHA224", NULL, "2029-01-01" },
		{ "digests", "SHA256", NULL, "forever" },
		{ "digests", "SHA3-224", NULL, "2029-01-01" },
		{ "schemes", "RSA", "786", "2010-08-01" },
		{ "schemes", "RSA", "1024", "2019-10-01" },
		{ "schemes", "RSA", "1900", "2029-01-01" },
		{ "schemes", "RSA", "3000", "2029-01-01" },
		{ "schemes", "RSA-PSS", "1900", "2029-01-01" },
		{ "schemes", "RSA-PSS", "3000", "forever" },
		{ "schemes", "ECDSA", "160", "2012-08-01" },
		{ "schemes", "ECDSA", "224", "2021-10-01" },
		{ "schemes", "PLAIN-ECDSA", "256", "forever" },
		{ "schemes", "DSA", "1024", "2015-12-01" },
		{ "schemes", "DSA", "1900", "2029-01-01" },
		{ "schemes", "Ed25519", NULL, "forever" },
	};
	struct scope *s = scope_new(0);
	const struct json_tree *tree;
	(void)state;
	assert_int_equal(json_tree_parse(s, canonical(s, policy_default()), &tree), OK);
	for (enum policy_use use = 0; use < POLICY_USES; use++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			const struct json_tree *a =
			    member(tree, "algorithms", policy_fields_use(use), NULL, NULL);
			assert_string_equal(
			    member(a, rows[i].kind, rows[i].name, rows[i].size, NULL)->text,
			    rows[i].end);
		}
	scope_free(s);
}

/* A value for the field other than what the default has. */
static const char *other_value(const struct policy_field *f)
{
	switch (f->kind) {
	case POLICY_FIELD_BOOL: {
		const char *at = (const char *)policy_default() + f->at;
		return *(const bool *)at ? "false" : "true";
	}
	case POLICY_FIELD_SECONDS:
		return "1";
	case POLICY_FIELD_TEXT:
		return "\"other\"";
	case POLICY_FIELD_OID:
		return "\"1.2.3\"";
	case POLICY_FIELD_OIDS:
		return "[\"1.2.3\", \"2.999.4\"]";
	case POLICY_FIELD_SHA256S:
		return "[\"00112233445566778899aabbccddeeff"
		       "00112233445566778899aabbccddeeff\"]";
	case POLICY_FIELD_TEXTS:
		return strcmp(f->key, "classesAccepted") == 0 ? NULL : "[\"CN=a\", \"CN=b*\"]";
	case POLICY_FIELD_CHOICE:
		return strcmp(f->key, "place") == 0 ? NULL : "\"B-T\"";
	case POLICY_FIELD_FLAGS:
		return strcmp(f->key, "kinds") == 0 ? "[\"crl\"]" : NULL;
	case POLICY_FIELD_CLASSES:
		return "{\"A\": [\"1.2.3\"], \"B\": []}";
	}
	return NULL;
}

/* Each value shows in the text, so that no two policies share a digest, and comes back. */
static void test_every_value_counts(void **state)
{
	struct scope *s = scope_new(0);
	size_t n, n_tried = 0;
	const struct policy_field *f = policy_fields(&n);
	struct bytes texts[64];
	(void)state;
	texts[0] = canonical(s, parsed(s, "{\"name\":\"x\"}"));
	for (size_t i = 0; i < n; i++) {
		char text[512];
		const char *value = other_value(&f[i]);
		if (!value || strcmp(f[i].key, "name") == 0)
			continue;
		snprintf(text, sizeof(text),
		    f[i].section ? "{\"name\":\"x\",\"%s\":{\"%s\":%s}}"
				 : "{\"name\":\"x\",%s\"%s\":%s}",
		    f[i].section ? f[i].section : "", f[i].key, value);
		texts[++n_tried] = canonical(s, parsed(s, text));
		const struct policy *again;
		assert_int_equal(policy_parse(s, texts[n_tried], &again), OK);
		assert_true(bytes_equal(canonical(s, again), texts[n_tried]));
		for (size_t k = 0; k < n_tried; k++)
			if (bytes_equal(texts[k], texts[n_tried]))
				fail_msg("%s does not show", f[i].key);
	}
	assert_int_equal(n_tried, n - 8); /* name, five lists of words, place, classesAccepted */
	scope_free(s);
}

static void test_words(void **state)
{
	struct scope *s = scope_new(0);
	const struct policy *p = parsed(s,
	    "{\"name\":\"x\",\"certificate\":{\"keyUsageAny\":[],"
	    "\"keyUsageAll\":[\"nonRepudiation\",\"cRLSign\"],\"qcTypes\":[\"eseal\"],"
	    "\"classes\":{\"B\":[\"1.2.3\"]},\"classesAccepted\":[\"B\"]},"
	    "\"disclaimer\":{\"place\":\"subject\",\"oid\":\"2.5.4.13\"},"
	    "\"signature\":{\"digests\":[\"SHA256\",\"SHA3-512\"],\"schemes\":[\"Ed448\"]}}");
	(void)state;
	assert_int_equal(p->signer_key_usage, 0);
	assert_int_equal(p->signer_key_usage_all, 1 << 1 | 1 << 6);
	assert_int_equal(p->qc_types, POLICY_QC_ESEAL);
	assert_int_equal(p->disclaimer.place, POLICY_DISCLAIMER_SUBJECT);
	assert_true(bytes_equal(p->disclaimer.oid, BYTES_LIT("\x55\x04\x0d")));
	assert_int_equal(p->signature_digests, 1 << DIGEST_SHA256 | 1 << DIGEST_SHA3_512);
	assert_int_equal(p->signature_schemes, 1 << SIGNATURE_ALG_ED448);
	assert_string_equal(p->classes_accepted.item[0], "B");
	scope_free(s);
}

/* What is said of one use goes before what is said of all, wherever it stands. */
static void test_uses(void **state)
{
	struct scope *s = scope_new(0);
	const struct policy *p = parsed(s,
	    "{\"name\":\"x\",\"algorithms\":{"
	    "\"timestamp\":{\"digests\":{\"SHA1\":\"2013-01-01\"},\"schemes\":{\"RSA\":\"never\"}},"
	    "\"all\":{\"digests\":{\"SHA1\":\"2000-02-29\",\"MD5\":\"never\"},"
	    "\"schemes\":{\"RSA\":{\"4096\":\"forever\",\"512\":\"1999-12-31\"}}}}}");
	const struct policy_algorithms *stamp = &p->algorithms[POLICY_USE_TIMESTAMP];
	const struct policy_algorithms *sig = &p->algorithms[POLICY_USE_SIGNATURE];
	const struct policy_sizes *rsa = &sig->schemes[SIGNATURE_ALG_RSA_PKCS1];
	(void)state;
	assert_int_equal(sig->digests[DIGEST_SHA1].unix_s, 951782400);
	assert_int_equal(stamp->digests[DIGEST_SHA1].unix_s, 1356998400);
	assert_int_equal(stamp->digests[DIGEST_MD5].unix_s, POLICY_NEVER.unix_s);
	assert_int_equal(stamp->schemes[SIGNATURE_ALG_RSA_PKCS1].n, 0);
	assert_int_equal(rsa->n, 2);
	assert_int_equal(rsa->item[0].bits, 512);
	assert_int_equal(rsa->item[1].bits, 4096);
	assert_int_equal(rsa->item[1].end.unix_s, POLICY_FOREVER.unix_s);
	scope_free(s);
}

static void test_extends(void **state)
{
	struct scope *s = scope_new(0);
	const struct policy *p = parsed(s, "{\"name\":\"ours\",\"extends\":\"sealed-filing\","
					   "\"disclaimer\":{\"approval\":false}}");
	(void)state;
	assert_string_equal(p->name, "ours");
	assert_int_equal(p->grace_s, 4 * 3600);
	assert_true(p->timestamp_required);
	assert_false(p->disclaimer.approval);
	assert_int_equal(p->classes.n, 2);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_no_such_policy),
		cmocka_unit_test(test_default_table),
		cmocka_unit_test(test_every_value_counts),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_extends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
