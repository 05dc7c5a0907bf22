#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/mini_ca.h"
#include "validator/cert_constraints.h"

/* A certificate with these extensions ("" for none further), under this subject. */
static const struct cert *made(struct scope *s, const char *subject, const char *extensions[])
{
	const struct mini_ca_spec spec = { .subject = subject ? subject : "/CN=Seal",
		.key = mini_ca_key(MINI_CA_P256, 0),
		.extensions = (const char *const *)extensions };
	return mini_ca_parsed(s, &spec);
}

#define WITH(...)                                                                                  \
	(const char *[])                                                                           \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}
#define PLAIN WITH("subjectKeyIdentifier=hash")

/* What the policy, given as JSON members, finds wrong: names joined by blanks. */
static const char *found_in(
    struct scope *s, const char *members, const struct path *path, enum cert_use use)
{
	const struct policy *p;
	struct findings f = { 0 };
	char text[1024], *names;
	snprintf(text, sizeof(text), "{\"name\":\"x\"%s%s}", members[0] ? "," : "", members);
	if (policy_parse(s, bytes_of_str(text), &p) != OK)
		fail_msg("%s", scope_fault_text(s));
	assert_int_equal(cert_constraints_check(s, p, path, use, &f), OK);
	struct buf b = buf_new(s, 1024);
	for (size_t i = 0; i < f.n; i++) {
		buf_addf(&b, "%s%s", i ? " " : "", findings_row(f.item[i].code)->name);
		assert_ptr_equal(f.item[i].cert, path->item[0]);
		assert_non_null(strstr(f.item[i].about, path->item[0]->subject_text));
	}
	assert_int_equal(buf_done_str(&b, &names), OK);
	return names;
}

static const char *found(struct scope *s, const char *members, const struct cert *c)
{
	const struct path path = { .item = { c }, .n = 1 };
	return found_in(s, members, &path, CERT_USE_SIGNATURE);
}

#define CERTIFICATE(members) "\"certificate\":{" members "}"

static void test_key_usage(void **state)
{
	struct scope *s = *state;
	const struct cert *sign = made(s, NULL, WITH("keyUsage=digitalSignature"));
	const struct cert *both = made(s, NULL, WITH("keyUsage=digitalSignature,nonRepudiation"));
	const struct cert *seal = made(s, NULL, WITH("keyUsage=keyEncipherment"));
	const struct cert *none = made(s, NULL, PLAIN);
	const char *all = CERTIFICATE("\"keyUsageAll\":[\"digitalSignature\",\"nonRepudiation\"]");
	assert_string_equal(found(s, "", sign), "");
	assert_string_equal(found(s, "", none), "");
	assert_string_equal(found(s, "", seal), "KEY_USAGE_WRONG");
	assert_string_equal(found(s, CERTIFICATE("\"keyUsageAny\":[]"), seal), "");
	assert_string_equal(found(s, all, both), "");
	assert_string_equal(found(s, all, none), "");
	assert_string_equal(found(s, all, sign), "KEY_USAGE_WRONG");
}

static void test_extended_key_usage(void **state)
{
	struct scope *s = *state;
	const struct cert *mail = made(s, NULL, WITH("extendedKeyUsage=emailProtection"));
	const struct cert *two =
	    made(s, NULL, WITH("extendedKeyUsage=emailProtection,1.3.6.1.5.5.7.3.36"));
	const struct cert *any = made(s, NULL, WITH("extendedKeyUsage=anyExtendedKeyUsage"));
	const struct cert *none = made(s, NULL, PLAIN);
	const char *wanted =
	    CERTIFICATE("\"extKeyUsageAny\":[\"1.3.6.1.5.5.7.3.36\",\"1.3.6.1.4.1.311.10.3.12\"]");
	const char *all =
	    CERTIFICATE("\"extKeyUsageAll\":[\"1.3.6.1.5.5.7.3.36\",\"1.3.6.1.5.5.7.3.4\"]");
	assert_string_equal(found(s, "", mail), "");
	assert_string_equal(found(s, wanted, two), "");
	assert_string_equal(found(s, wanted, any), "");
	assert_string_equal(found(s, wanted, none), "");
	assert_string_equal(found(s, wanted, mail), "EXTENDED_KEY_USAGE_WRONG");
	assert_string_equal(found(s, all, two), "");
	assert_string_equal(found(s, all, any), "");
	assert_string_equal(found(s, all, mail), "EXTENDED_KEY_USAGE_WRONG");
}

static void test_policies(void **state)
{
	struct scope *s = *state;
	const struct cert *b = made(s, NULL, WITH("certificatePolicies=1.2.3.2,1.2.3.9"));
	const struct cert *none = made(s, NULL, PLAIN);
	const char *accepts = CERTIFICATE("\"policiesAccepted\":[\"1.2.3.1\",\"1.2.3.9\"]");
	const char *other = CERTIFICATE("\"policiesAccepted\":[\"1.2.3\"]");
	const char *refuses = CERTIFICATE("\"policiesRefused\":[\"1.2.3.9\"]");
	assert_string_equal(found(s, accepts, b), "");
	assert_string_equal(found(s, accepts, none), "CERT_POLICY_NOT_ACCEPTED");
	assert_string_equal(found(s, other, b), "CERT_POLICY_NOT_ACCEPTED");
	assert_string_equal(found(s, refuses, b), "CERT_POLICY_REFUSED");
	assert_string_equal(found(s, refuses, none), "");
}

static void test_classes(void **state)
{
	struct scope *s = *state;
	const struct cert *b = made(s, NULL, WITH("certificatePolicies=1.2.3.2"));
	const struct cert *a = made(s, NULL, WITH("certificatePolicies=1.2.3.1"));
	const char *wanted = CERTIFICATE("\"classes\":{\"A\":[\"1.2.3.1\"],\"B\":[\"1.2.3.5\","
					 "\"1.2.3.2\"]},\"classesAccepted\":[\"B\"]");
	assert_string_equal(found(s, wanted, b), "");
	assert_string_equal(found(s, wanted, a), "CERT_CLASS_NOT_ACCEPTED");
	assert_string_equal(found(s, CERTIFICATE("\"classes\":{\"A\":[\"1.2.3.7\"]}"), a), "");
}

/* SEQUENCE of statements: compliance; type eseal; SSCD. */
#define QC(content) "qcStatements=DER:30" content
#define QC_COMPLIANCE                                                                              \
	"300806060400"                                                                             \
	"8e460101"
#define QC_SSCD                                                                                    \
	"300806060400"                                                                             \
	"8e460104"
#define QC_ESEAL                                                                                   \
	"301306060400"                                                                             \
	"8e460106"                                                                                 \
	"300906070400"                                                                             \
	"8e46010602"

static void test_qualified(void **state)
{
	struct scope *s = *state;
	const struct cert *full = made(s, NULL, WITH(QC("29" QC_COMPLIANCE QC_SSCD QC_ESEAL)));
	const struct cert *none = made(s, NULL, PLAIN);
	assert_true(full->qc_compliance && full->qc_sscd);
	assert_string_equal(found(s,
				CERTIFICATE("\"qcCompliance\":true,\"qcSscd\":true,"
					    "\"qcTypes\":[\"esign\",\"eseal\"]"),
				full),
	    "");
	assert_string_equal(
	    found(s, CERTIFICATE("\"qcTypes\":[\"esign\",\"web\"]"), full), "QC_TYPE_WRONG");
	assert_string_equal(
	    found(s, CERTIFICATE("\"qcCompliance\":true"), none), "QC_COMPLIANCE_MISSING");
	assert_string_equal(found(s, CERTIFICATE("\"qcSscd\":true"), none), "QC_SSCD_MISSING");
	assert_string_equal(
	    found(s, CERTIFICATE("\"qcTypes\":[\"eseal\"]"), none), "QC_TYPE_WRONG");
}

static void test_subject(void **state)
{
	struct scope *s = *state;
	const struct cert *legal = made(s, "/CN=Seal/organizationIdentifier=VATDE-1", PLAIN);
	const struct cert *natural = made(s, "/CN=Ada", PLAIN);
	const struct cert *marked = made(s, "/CN=PN:Ada", PLAIN);
	const struct cert *pseudonym = made(s, "/CN=Ada/pseudonym=X", PLAIN);
	const char *person = CERTIFICATE("\"legalPerson\":true");
	const char *named = CERTIFICATE("\"pseudonyms\":false");
	assert_string_equal(found(s, person, legal), "");
	assert_string_equal(found(s, person, natural), "LEGAL_PERSON_MISSING");
	assert_string_equal(found(s, named, natural), "");
	assert_string_equal(found(s, named, marked), "PSEUDONYM_NOT_ALLOWED");
	assert_string_equal(found(s, named, pseudonym), "PSEUDONYM_NOT_ALLOWED");
	assert_string_equal(found(s, "", pseudonym), "");
}

/* All findings of one certificate, in the order of the table. */
static void test_several(void **state)
{
	struct scope *s = *state;
	const struct cert *c = made(s, "/CN=PN:Ada", WITH("keyUsage=keyAgreement"));
	assert_string_equal(found(s, CERTIFICATE("\"legalPerson\":true,\"pseudonyms\":false"), c),
	    "KEY_USAGE_WRONG LEGAL_PERSON_MISSING PSEUDONYM_NOT_ALLOWED");
}

static void test_timestamp_purpose(void **state)
{
	static const char *const wrong[] = { "extendedKeyUsage=timeStamping",
		"extendedKeyUsage=critical,timeStamping,emailProtection",
		"extendedKeyUsage=critical,emailProtection", "subjectKeyIdentifier=hash" };
	struct scope *s = *state;
	struct path path = { .n = 1 };
	path.item[0] = made(s, NULL, WITH("extendedKeyUsage=critical,timeStamping"));
	assert_string_equal(found_in(s, "", &path, CERT_USE_TIMESTAMP), "");
	for (size_t i = 0; i < 4; i++) {
		path.item[0] = made(s, NULL, WITH(wrong[i]));
		assert_string_equal(found_in(s, "", &path, CERT_USE_TIMESTAMP), "TIMESTAMP_EKU");
	}
}

static void test_trusted_tsa(void **state)
{
	struct scope *s = *state;
	const char *stamp[] = { "extendedKeyUsage=critical,timeStamping", NULL };
	const struct path path = {
		.item = { made(s, "/O=Time/CN=TSA 1", stamp), made(s, "/CN=Root", PLAIN) }, .n = 2
	};
	char text[256], *hex;
	assert_string_equal(found_in(s, "\"timestamp\":{\"tsaSubjects\":[\"CN=x\",\"CN=TSA ?,*\"]}",
				&path, CERT_USE_TIMESTAMP),
	    "");
	assert_string_equal(found_in(s, "\"timestamp\":{\"tsaSubjects\":[\"CN=TSA 2,*\"]}", &path,
				CERT_USE_TIMESTAMP),
	    "TSA_NOT_TRUSTED");
	for (size_t i = 0; i < 3; i++) {
		const struct cert *c = i < 2 ? path.item[i] : made(s, "/CN=Other", PLAIN);
		assert_int_equal(bytes_to_hex(s, digest_bytes(&c->sha256), &hex), OK);
		snprintf(text, sizeof(text), "\"timestamp\":{\"tsaCertificates\":[\"%s\"]}", hex);
		assert_string_equal(
		    found_in(s, text, &path, CERT_USE_TIMESTAMP), i < 2 ? "" : "TSA_NOT_TRUSTED");
	}
}

static void test_any_use(void **state)
{
	struct scope *s = *state;
	const struct path path = { .item = { made(s, NULL, WITH("keyUsage=keyAgreement")) },
		.n = 1 };
	assert_string_equal(
	    found_in(s, CERTIFICATE("\"legalPerson\":true"), &path, CERT_USE_ANY), "");
}

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_key_usage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_extended_key_usage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_policies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_classes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_qualified, setup, teardown),
		cmocka_unit_test_setup_teardown(test_subject, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timestamp_purpose, setup, teardown),
		cmocka_unit_test_setup_teardown(test_trusted_tsa, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_use, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
