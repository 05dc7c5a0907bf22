#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/mini_ca.h"
#include "validator/signature_constraints.h"

#define NOW ((struct instant){ MINI_CA_NOW })

static struct report_signature plain(void)
{
	return (struct report_signature){ .format = "PAdES-BASELINE-B",
		.digest_algorithm = "SHA256",
		.signature_algorithm = "RSA",
		.best_signature_time = NOW };
}

static const char *found(struct scope *s, const struct policy *p, const struct report_signature *r)
{
	struct findings f = { 0 };
	char *names;
	struct buf b = buf_new(s, 1024);
	assert_int_equal(signature_constraints_check(s, p, r, &f), OK);
	for (size_t i = 0; i < f.n; i++)
		buf_addf(&b, "%s%s(%s)", i ? " " : "", findings_row(f.item[i].code)->name,
		    f.item[i].about);
	assert_int_equal(buf_done_str(&b, &names), OK);
	return names;
}

static void test_timestamp(void **state)
{
	struct scope *s = *state;
	struct policy p = *policy_default();
	struct report_signature r = plain();
	assert_string_equal(found(s, &p, &r), "");
	p.timestamp_required = true;
	assert_string_equal(found(s, &p, &r), "TIMESTAMP_REQUIRED()");
	r.is_time_proven = true;
	assert_string_equal(found(s, &p, &r), "");
}

static void test_level(void **state)
{
	static const char *const formats[] = { "PDF-NOT-ETSI", "PAdES-BASELINE-B",
		"PAdES-BASELINE-T", "PAdES-BASELINE-LT", "PAdES-BASELINE-LTA" };
	struct scope *s = *state;
	struct policy p = *policy_default();
	struct report_signature r = plain();
	for (enum policy_level level = POLICY_LEVEL_ANY; level <= POLICY_LEVEL_LTA; level++)
		for (size_t i = 0; i < 5; i++) {
			char wanted[64];
			snprintf(wanted, sizeof(wanted), "LEVEL_TOO_LOW(%s)", formats[i]);
			p.level = level;
			r.format = formats[i];
			assert_string_equal(found(s, &p, &r), (size_t)level > i ? wanted : "");
		}
	r.format = "PKCS7-LTA"; /* no baseline */
	p.level = POLICY_LEVEL_B;
	assert_string_equal(found(s, &p, &r), "LEVEL_TOO_LOW(PKCS7-LTA)");
}

static void test_algorithms(void **state)
{
	struct scope *s = *state;
	struct policy p = *policy_default();
	struct report_signature r = plain();
	p.signature_digests = 1u << DIGEST_SHA256 | 1u << DIGEST_SHA3_256;
	p.signature_schemes = 1u << SIGNATURE_ALG_RSA_PKCS1 | 1u << SIGNATURE_ALG_RSA_PSS;
	assert_string_equal(found(s, &p, &r), "");
	r.signature_algorithm = "RSA-PSS";
	r.digest_algorithm = "SHA3-256";
	assert_string_equal(found(s, &p, &r), "");
	r.signature_algorithm = "ECDSA";
	r.digest_algorithm = "SHA384";
	assert_string_equal(
	    found(s, &p, &r), "DIGEST_NOT_ACCEPTED(SHA384) SCHEME_NOT_ACCEPTED(ECDSA)");
	r.signature_algorithm = r.digest_algorithm = "unknown";
	assert_string_equal(
	    found(s, &p, &r), "DIGEST_NOT_ACCEPTED(unknown) SCHEME_NOT_ACCEPTED(unknown)");
}

static const struct cert *made(struct scope *s, const char *subject, int64_t from, int64_t to)
{
	const struct mini_ca_spec spec = { .subject = subject,
		.key = mini_ca_key(MINI_CA_P256, 0),
		.not_before = from,
		.not_after = to };
	return mini_ca_parsed(s, &spec);
}

/* Every certificate counts, anchors and those of timestamps too, to the second. */
static void test_dates(void **state)
{
	struct scope *s = *state;
	struct policy p = *policy_default();
	struct report_signature r = plain();
	const int64_t now = MINI_CA_NOW, far = MINI_CA_NOW + MINI_CA_DAY;
	const struct path good = { .item = { made(s, "/CN=Seal", now, far),
				       made(s, "/CN=Root", now - MINI_CA_DAY, now) },
		.n = 2 };
	const struct path late = { .item = { made(s, "/CN=Seal", now, far),
				       made(s, "/CN=Old root", now - MINI_CA_DAY, now - 1) },
		.n = 2 };
	const struct path early = { .item = { made(s, "/CN=TSA", now + 1, far) }, .n = 1 };
	struct report_timestamp t = { .indication = INDICATION_PASSED, .path = &early };
	r.path = &late;
	assert_string_equal(found(s, &p, &r), "");
	p.all_valid_at_signing = true;
	assert_string_equal(found(s, &p, &r), "CERT_NOT_VALID_AT_SIGNING(CN=Old root)");
	r.path = &good;
	assert_string_equal(found(s, &p, &r), "");
	r.timestamps = &t;
	r.n_timestamps = 1;
	assert_string_equal(found(s, &p, &r), "CERT_NOT_VALID_AT_SIGNING(CN=TSA)");
	t.indication = INDICATION_INDETERMINATE; /* it proves nothing, so nothing is asked of it */
	assert_string_equal(found(s, &p, &r), "");
	r.path = NULL;
	r.n_timestamps = 0;
	assert_string_equal(found(s, &p, &r), "");
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
		cmocka_unit_test_setup_teardown(test_timestamp, setup, teardown),
		cmocka_unit_test_setup_teardown(test_level, setup, teardown),
		cmocka_unit_test_setup_teardown(test_algorithms, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dates, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
