#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/policy.h"

/* The text is refused with exactly this. */
static void refused(const char *text, const char *why)
{
	struct scope *s = scope_new(0);
	const struct policy *p = NULL;
	assert_int_equal(policy_parse(s, bytes_of_str(text), &p), ERR_FORMAT);
	assert_string_equal(scope_fault_text(s), why);
	assert_null(p);
	scope_free(s);
}

#define X "{\"name\":\"x\","

static void test_keys(void **state)
{
	(void)state;
	refused("{}", "policy: $.name: is wanted");
	refused(X "\"grace\":1}", "policy: $.grace: unknown key");
	refused(X "\"revocation\":{\"grace\":1}}", "policy: $.revocation.grace: unknown key");
	refused(X "\"algorithms\":{\"seal\":{}}}", "policy: $.algorithms.seal: unknown key");
	refused(X "\"algorithms\":{\"all\":{\"curves\":{}}}}",
	    "policy: $.algorithms.all.curves: unknown key");
	refused(X "\"algorithms\":{\"all\":{\"digests\":{\"SHA-1\":\"never\"}}}}",
	    "policy: $.algorithms.all.digests.SHA-1: unknown digest");
	refused(X "\"algorithms\":{\"all\":{\"digests\":{\"\":\"never\"}}}}",
	    "policy: $.algorithms.all.digests.: unknown digest");
	refused(X "\"algorithms\":{\"all\":{\"schemes\":{\"unknown\":\"never\"}}}}",
	    "policy: $.algorithms.all.schemes.unknown: unknown scheme");
	refused(X "\"extends\":\"qualified\"}", "policy: $.extends: no ready policy of this name");
}

static void test_twice(void **state)
{
	(void)state;
	refused("{\"name\":\"x\",\n\"name\":\"x\"}",
	    "policy: $.name: line 2: duplicate object key near '\"name\"'");
	refused(X "\"path\":{},\"timestamp\":{\"tsaSubjects\":[\"a\",\"}\\\"\"],\n\n"
		  "\"required\":true,\"required\":true}}",
	    "policy: $.timestamp.required: line 3: duplicate object key near '\"required\"'");
	refused(X "\"certificate\":{\"classes\":{\"B\":[],\"B\":[]}}}",
	    "policy: $.certificate.classes.B: line 1: duplicate object key near '\"B\"'");
	refused(X "\"signature\":{\"digests\":[\"SHA256\",\"SHA384\",\"SHA256\"]}}",
	    "policy: $.signature.digests[2]: twice");
}

static void test_types(void **state)
{
	(void)state;
	refused("[]", "policy: $: not an object");
	refused("7", "policy: $: not an object");
	refused("{\"name\":7}", "policy: $.name: not a text");
	refused("{\"name\":\"\"}", "policy: $.name: empty");
	refused(X "\"description\":null}", "policy: $.description: not a text");
	refused(X "\"extends\":[]}", "policy: $.extends: not a text");
	refused(X "\"revocation\":[]}", "policy: $.revocation: not an object");
	refused(X "\"algorithms\":1}", "policy: $.algorithms: not an object");
	refused(
	    X "\"algorithms\":{\"signature\":1}}", "policy: $.algorithms.signature: not an object");
	refused(X "\"algorithms\":{\"all\":1}}", "policy: $.algorithms.all: not an object");
	refused(X "\"revocation\":{\"required\":1}}",
	    "policy: $.revocation.required: neither true nor false");
	refused(X "\"revocation\":{\"graceSeconds\":\"4h\"}}",
	    "policy: $.revocation.graceSeconds: not a number of seconds");
	refused(X "\"revocation\":{\"graceSeconds\":1.0}}",
	    "policy: $.revocation.graceSeconds: not a number of seconds");
	refused(X "\"revocation\":{\"kinds\":\"crl\"}}", "policy: $.revocation.kinds: not a list");
	refused(
	    X "\"certificate\":{\"classes\":[]}}", "policy: $.certificate.classes: not an object");
	refused(X "\"certificate\":{\"classes\":{\"B\":\"1.2.3\"}}}",
	    "policy: $.certificate.classes.B: not a list");
	refused(X "\"signature\":{\"level\":1}}", "policy: $.signature.level: not a word");
}

static void test_values(void **state)
{
	(void)state;
	refused(X "\"algorithms\":{\"signature\":{\"digests\":{\"SHA1\":\"soon\"}}}}",
	    "policy: $.algorithms.signature.digests.SHA1: not a date: neither YYYY-MM-DD nor "
	    "\"forever\" nor \"never\"");
	refused(X "\"algorithms\":{\"signature\":{\"digests\":{\"SHA1\":\"2023-02-29\"}}}}",
	    "policy: $.algorithms.signature.digests.SHA1: not a date: neither YYYY-MM-DD nor "
	    "\"forever\" nor \"never\"");
	refused(X "\"algorithms\":{\"signature\":{\"digests\":{\"SHA1\":2012}}}}",
	    "policy: $.algorithms.signature.digests.SHA1: not a date");
	refused(X "\"algorithms\":{\"signature\":{\"schemes\":{\"RSA\":{\"02048\":\"never\"}}}}}",
	    "policy: $.algorithms.signature.schemes.RSA.02048: not a number of bits");
	refused(X "\"algorithms\":{\"signature\":{\"schemes\":{\"RSA\":{\"100000\":\"never\"}}}}}",
	    "policy: $.algorithms.signature.schemes.RSA.100000: not a number of bits");
	refused(X
	    "\"algorithms\":{\"signature\":{\"schemes\":{\"RSA\":{\"1\":\"never\",\"2\":\"never\","
	    "\"3\":\"never\",\"4\":\"never\",\"5\":\"never\",\"6\":\"never\",\"7\":\"never\","
	    "\"8\":\"never\",\"9\":\"never\"}}}}}",
	    "policy: $.algorithms.signature.schemes.RSA: too many sizes");
	refused(X "\"revocation\":{\"graceSeconds\":-1}}",
	    "policy: $.revocation.graceSeconds: not between 0 and 3155760000 seconds");
	refused(X "\"revocation\":{\"graceSeconds\":3155760001}}",
	    "policy: $.revocation.graceSeconds: not between 0 and 3155760000 seconds");
	refused(X "\"revocation\":{\"kinds\":[]}}", "policy: $.revocation.kinds: empty");
	refused(X "\"revocation\":{\"kinds\":[\"crl\",\"scvp\"]}}",
	    "policy: $.revocation.kinds[1]: not a word that is known here");
	refused(X "\"signature\":{\"level\":\"LT\"}}",
	    "policy: $.signature.level: not a word that is known here");
	refused(X "\"certificate\":{\"policiesAccepted\":[\"1.2.3\",\"1.40.1\"]}}",
	    "policy: $.certificate.policiesAccepted[1]: not an object identifier like 1.2.3");
	refused(X "\"certificate\":{\"policiesAccepted\":[\"any\"]}}",
	    "policy: $.certificate.policiesAccepted[0]: not an object identifier like 1.2.3");
	refused(X "\"timestamp\":{\"tsaCertificates\":[\"AA\"]}}",
	    "policy: $.timestamp.tsaCertificates[0]: not a SHA-256 value: 64 hexadecimal digits in "
	    "lower case");
	refused(X "\"timestamp\":{\"tsaSubjects\":[\"\"]}}",
	    "policy: $.timestamp.tsaSubjects[0]: empty");
}

static void test_fits_together(void **state)
{
	(void)state;
	refused(X "\"certificate\":{\"classes\":{\"B\":[]},\"classesAccepted\":[\"B\",\"C\"]}}",
	    "policy: $.certificate.classesAccepted[1]: no class of this name");
	refused(X "\"disclaimer\":{\"place\":\"extension\"}}",
	    "policy: $.disclaimer.oid: is wanted for this place");
}

static void test_no_json(void **state)
{
	struct scope *s = scope_new(0);
	const struct policy *p;
	(void)state;
	assert_int_equal(policy_parse(s, BYTES_LIT("{\"name\":\"x\"} {}"), &p), ERR_FORMAT);
	scope_forgive(s);
	assert_int_equal(policy_parse(s, BYTES_NONE, &p), ERR_FORMAT);
	scope_forgive(s);
	assert_int_equal(policy_parse(s, BYTES_LIT("{\"name\":\"\xff\"}"), &p), ERR_FORMAT);
	scope_free(s);
}

/* Lists and texts: the longest that is taken, and one more. */
static void test_lengths(void **state)
{
	struct scope *s = scope_new(0);
	const struct policy *p;
	struct bytes text;
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		struct buf list = buf_new(s, LIMIT_JSON), name = buf_new(s, LIMIT_JSON);
		buf_add_str(&list, X "\"certificate\":{\"policiesAccepted\":[\"1.2\"");
		for (size_t i = 1; i < LIMIT_POLICY_LIST + more; i++)
			buf_add_str(&list, ",\"1.2\"");
		buf_add_str(&list, "]}}");
		assert_int_equal(buf_done(&list, &text), OK);
		assert_int_equal(policy_parse(s, text, &p), more ? ERR_FORMAT : OK);
		scope_forgive(s);
		buf_add_str(&name, "{\"name\":\"");
		for (size_t i = 0; i < 4096 + more; i++)
			buf_add_str(&name, "\xc3\xa9");
		buf_add_str(&name, "\"}");
		assert_int_equal(buf_done(&name, &text), OK);
		assert_int_equal(policy_parse(s, text, &p), more ? ERR_FORMAT : OK);
		scope_forgive(s);
	}
	scope_free(s);
}

/* Want of memory at any point is told, and nothing is handed out. */
static void test_no_memory(void **state)
{
	(void)state;
	for (size_t n = 1;; n++) {
		struct scope *s = scope_new(0);
		const struct policy *p = NULL;
		struct bytes text;
		scope_fail_after(s, n);
		enum err err = policy_ready(s, "sealed-filing", &p);
		if (err != OK)
			assert_null(p);
		if (err == OK)
			err = policy_canonical(s, p, &text);
		scope_free(s);
		if (err == OK) {
			assert_true(n > 10);
			break;
		}
		assert_int_equal(err, ERR_NOMEM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_fits_together),
		cmocka_unit_test(test_no_json),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
