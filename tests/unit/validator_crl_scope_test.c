#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/der.h"
#include "validator/crl_delta.h"
#include "validator/crl_scope.h"

#define URL_A "http://ca.test/a.crl"
#define URL_B "http://ca.test/b.crl"
#define OTHER_REASONS (CRL_SCOPE_ALL_REASONS & ~UINT32_C(6))
#define COMPROMISE UINT32_C(6)

/* -- names made by hand -- */

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

static struct bytes done(struct buf *b)
{
	struct bytes content;
	assert_int_equal(buf_done(b, &content), OK);
	return content;
}

/* The content of a component: one commonName of this string type. */
static struct bytes component(struct scope *s, uint8_t type, const char *text)
{
	struct buf b = buf_new(s, 4096);
	size_t pair = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, BYTES_LIT("\x55\x04\x03"));
	der_add(&b, type, bytes_of_str(text));
	der_close(&b, pair);
	return done(&b);
}

/* A name of one component for each letter. */
static struct bytes name_of_type(struct scope *s, uint8_t type, const char *letters)
{
	struct buf b = buf_new(s, 4096);
	size_t name = der_open(&b, DER_SEQUENCE);
	for (; *letters; letters++) {
		const char text[2] = { *letters, '\0' };
		der_add(&b, DER_SET, component(s, type, text));
	}
	der_close(&b, name);
	return done(&b);
}

static struct bytes name(struct scope *s, const char *letters)
{
	return name_of_type(s, DER_UTF8_STRING, letters);
}

/* One GeneralName: a URL, or "=ABC" for a directory name. */
static void add_general(struct scope *s, struct buf *b, const char *text)
{
	if (text[0] == '=')
		der_add(b, DER_CONTEXT(4), name(s, text + 1));
	else
		der_add(b, DER_CONTEXT_PRIMITIVE(6), bytes_of_str(text));
}

/* The [0] TLV of a distributionPoint: "+X" for a name relative to the issuer; else one or two
 * general names. */
static struct bytes point(struct scope *s, const char *text, const char *second)
{
	struct buf b = buf_new(s, 4096);
	size_t whole = der_open(&b, DER_CONTEXT(0));
	if (text[0] == '+') {
		der_add(&b, DER_CONTEXT(1), component(s, DER_UTF8_STRING, text + 1));
	} else {
		size_t full = der_open(&b, DER_CONTEXT(0));
		add_general(s, &b, text);
		if (second)
			add_general(s, &b, second);
		der_close(&b, full);
	}
	der_close(&b, whole);
	return done(&b);
}

static struct bytes issuers(struct scope *s, const char *first, const char *second)
{
	struct buf b = buf_new(s, 4096);
	add_general(s, &b, first);
	if (second)
		add_general(s, &b, second);
	return done(&b);
}

/* -- a certificate of "CA" with one point, a list of "CA" -- */

struct pair {
	struct scope *s;
	struct cert cert;
	struct cert_distribution_point points[2];
	struct crl crl;
};

static struct pair pair_of(struct scope *s)
{
	struct pair p = { .s = s };
	p.cert.issuer = name(s, "CA");
	p.cert.subject = name(s, "CAX");
	p.crl.issuer = name(s, "CA");
	return p;
}

static uint32_t reasons(struct pair *p)
{
	const char *why = "";
	p->cert.crl_points.item = p->points;
	uint32_t r = crl_scope_reasons(&p->crl, &p->cert, &why);
	assert_true((r == 0) == (why != NULL));
	return r;
}

static uint32_t match(struct scope *s, const char *of_cert, const char *of_list)
{
	struct pair p = pair_of(s);
	if (of_cert) {
		p.cert.crl_points.n = 1;
		p.points[0].name = point(s, of_cert, NULL);
	}
	if (of_list)
		p.crl.idp_name = point(s, of_list, NULL);
	return reasons(&p);
}

static void test_kinds(void **state)
{
	struct pair p = pair_of(*state);
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
	p.crl.only_user_certs = true;
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
	p.cert.is_ca = true;
	assert_int_equal(reasons(&p), 0);
	p.crl.only_user_certs = false;
	p.crl.only_ca_certs = true;
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
	p.cert.is_ca = false;
	assert_int_equal(reasons(&p), 0);
	p.crl.only_ca_certs = false;
	p.crl.only_attribute_certs = true;
	assert_int_equal(reasons(&p), 0);
}

static void test_names(void **state)
{
	struct scope *s = *state;
	/* Neither, one, the other, both. */
	assert_int_equal(match(s, NULL, NULL), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, URL_A, NULL), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, NULL, URL_A), 0);
	assert_int_equal(match(s, URL_A, URL_A), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, URL_A, URL_B), 0);
	/* Whole, but for the case of scheme and host. */
	assert_int_equal(match(s, "HTTP://CA.Test/a.crl", URL_A), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, "http://ca.test/A.crl", URL_A), 0);
	assert_int_equal(match(s, "http://ca.test/a.cr", URL_A), 0);
	assert_int_equal(match(s, "http://ca.test/a.crl2", URL_A), 0);
	assert_int_equal(match(s, "http://ca.test@a.crl", "http://ca.test`a.crl"), 0);
	assert_int_equal(match(s, "=CAP", "=CAP"), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, "=CAP", "=CAQ"), 0);
	assert_int_equal(match(s, "=CAP", URL_A), 0);
}

static void test_relative_names(void **state)
{
	struct scope *s = *state;
	assert_int_equal(match(s, "+P", "+P"), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, "+p", "+P"), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, "+P", "+Q"), 0);
	assert_int_equal(match(s, "+P", "=CAP"), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, "=CAP", "+P"), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, "=CAPP", "+P"), 0);
	assert_int_equal(match(s, "=CA", "+P"), 0);
	assert_int_equal(match(s, "=P", "+P"), 0);
	assert_int_equal(match(s, "+P", URL_A), 0);
}

/* Without a point of the certificate that fits, the list's may be the issuer's own name. */
static void test_assumed_point(void **state)
{
	struct scope *s = *state;
	assert_int_equal(match(s, NULL, "=CA"), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, URL_B, "=CA"), CRL_SCOPE_ALL_REASONS);
	assert_int_equal(match(s, NULL, "=CB"), 0);
	struct pair p = pair_of(s);
	p.crl.issuer = name(s, "CB");
	assert_int_equal(reasons(&p), 0);
}

static void test_one_name_in_common(void **state)
{
	struct pair p = pair_of(*state);
	p.cert.crl_points.n = 1;
	p.points[0].name = point(p.s, URL_A, "=CAP");
	p.crl.idp_name = point(p.s, URL_B, "=CAP");
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
	p.crl.idp_name = point(p.s, URL_B, "=CAQ");
	assert_int_equal(reasons(&p), 0);
	/* Names of another string type and case are the same. */
	struct buf b = buf_new(p.s, 4096);
	size_t whole = der_open(&b, DER_CONTEXT(0)), full = der_open(&b, DER_CONTEXT(0));
	der_add(&b, DER_CONTEXT(4), name_of_type(p.s, DER_PRINTABLE_STRING, "cap"));
	der_close(&b, full);
	der_close(&b, whole);
	p.crl.idp_name = done(&b);
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
}

static void test_malformed_points(void **state)
{
	struct pair p = pair_of(*state);
	p.cert.crl_points.n = 1;
	p.points[0].name = point(p.s, URL_A, NULL);
	p.crl.idp_name = BYTES_LIT("\xa0\x00");
	assert_int_equal(reasons(&p), 0);
	p.crl.idp_name = BYTES_LIT("\xa0\x02\xa2\x00");
	assert_int_equal(reasons(&p), 0);
	p.points[0].name = BYTES_LIT("\xa0\x05\xa1");
	p.crl.idp_name = point(p.s, "+P", NULL);
	assert_int_equal(reasons(&p), 0);
}

static void test_other_issuers(void **state)
{
	struct pair p = pair_of(*state);
	p.crl.issuer = name(p.s, "L");
	p.cert.crl_points.n = 1;
	p.points[0].crl_issuer = issuers(p.s, "=L", NULL);
	/* It must say that it is an indirect one. */
	assert_int_equal(reasons(&p), 0);
	p.crl.indirect = true;
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
	p.points[0].crl_issuer = issuers(p.s, "=M", NULL);
	assert_int_equal(reasons(&p), 0);
	p.points[0].crl_issuer = issuers(p.s, "=M", "=L");
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
	/* A point that has no name goes by its issuers. */
	p.crl.idp_name = point(p.s, "=L", NULL);
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
	p.crl.idp_name = point(p.s, "=LP", NULL);
	assert_int_equal(reasons(&p), 0);
	/* A relative name continues the name of the other issuer. */
	p.points[0].crl_issuer = issuers(p.s, "=L", NULL);
	p.points[0].name = point(p.s, "+P", NULL);
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
	p.crl.idp_name = point(p.s, "=CAP", NULL);
	assert_int_equal(reasons(&p), 0);
	/* That of the issuer itself says nothing, nor does one that is no name of an authority. */
	p.crl.issuer = name(p.s, "CA");
	p.crl.indirect = false;
	p.points[0].crl_issuer = issuers(p.s, "=CA", NULL);
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
	p.points[0].crl_issuer = issuers(p.s, URL_A, NULL);
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
}

static void test_reasons(void **state)
{
	struct pair p = pair_of(*state);
	p.cert.crl_points.n = 2;
	p.points[0].name = point(p.s, URL_A, NULL);
	p.points[0].reasons = COMPROMISE;
	p.points[1].name = point(p.s, URL_B, NULL);
	p.points[1].reasons = OTHER_REASONS;
	p.crl.idp_name = point(p.s, URL_A, NULL);
	assert_int_equal(reasons(&p), COMPROMISE);
	p.crl.idp_name = point(p.s, URL_B, NULL);
	assert_int_equal(reasons(&p), OTHER_REASONS);
	/* A list that both name covers what both ask for. */
	p.crl.idp_name = point(p.s, URL_A, URL_B);
	assert_int_equal(reasons(&p), CRL_SCOPE_ALL_REASONS);
	/* What the list and the point both cover. */
	p.crl.idp_name = point(p.s, URL_B, NULL);
	p.crl.only_reasons = 1 << 1 | 1 << 3 | 1 << 4;
	assert_int_equal(reasons(&p), 1 << 3 | 1 << 4);
	p.points[1].reasons = 0;
	assert_int_equal(reasons(&p), 1 << 1 | 1 << 3 | 1 << 4);
	/* Nothing in common, and no distribution point left. */
	p.points[1].reasons = 1 << 5;
	assert_int_equal(reasons(&p), 0);
	/* Bit 0 is no reason. */
	p.crl.only_reasons = 1;
	assert_int_equal(reasons(&p), 0);
}

/* -- deltas -- */

static bool fits(const char *base, const char *delta_base, const char *delta)
{
	const struct crl b = { .number = bytes_of_str(base) };
	const struct crl d = { .number = bytes_of_str(delta),
		.base_number = bytes_of_str(delta_base),
		.is_delta = true };
	return crl_delta_fits(&d, &b);
}

static void test_numbers(void **state)
{
	(void)state;
	assert_true(fits("\x05", "\x05", "\x06"));
	assert_true(fits("\x05", "\x04", "\x06"));
	assert_false(fits("\x05", "\x06", "\x07"));
	/* The complete list must be older than the delta. */
	assert_false(fits("\x05", "\x04", "\x05"));
	assert_true(fits("\x7f\xff", "\x7f\xff", "\x01\x10\x01"));
	assert_false(fits("\x01\x10\x01", "\x01", "\x7f\xff"));
	assert_false(fits("", "\x04", "\x06"));
	assert_false(fits("\x05", "\x04", ""));
	assert_int_equal(crl_delta_compare_numbers(BYTES_LIT("\x00\x80"), BYTES_LIT("\x80")), 0);
	assert_true(crl_delta_compare_numbers(BYTES_LIT("\x00"), BYTES_LIT("\x01")) < 0);
	assert_true(crl_delta_compare_numbers(BYTES_NONE, BYTES_LIT("\x00")) < 0);
	assert_int_equal(crl_delta_compare_numbers(BYTES_NONE, BYTES_NONE), 0);
}

static void test_scope_of_a_delta(void **state)
{
	struct scope *s = *state;
	const struct crl base = { .issuer = name(s, "CA"),
		.number = BYTES_LIT("\x05"),
		.aki = BYTES_LIT("key"),
		.has_idp = true,
		.idp_name = point(s, URL_A, NULL) };
	struct crl delta = base;
	delta.is_delta = true;
	delta.number = BYTES_LIT("\x06");
	delta.base_number = BYTES_LIT("\x05");
	assert_true(crl_delta_fits(&delta, &base));
	assert_false(crl_delta_fits(&delta, &delta));
	assert_false(crl_delta_fits(&base, &base));
	struct crl other = delta;
	other.issuer = name(s, "CB");
	assert_false(crl_delta_fits(&other, &base));
	other = delta;
	other.aki = BYTES_LIT("yek");
	assert_false(crl_delta_fits(&other, &base));
	other = delta;
	other.has_idp = false;
	other.idp_name = BYTES_NONE;
	assert_false(crl_delta_fits(&other, &base));
	other = delta;
	other.idp_name = point(s, URL_B, NULL);
	assert_false(crl_delta_fits(&other, &base));
	other = delta;
	other.only_user_certs = true;
	assert_false(crl_delta_fits(&other, &base));
	other = delta;
	other.indirect = true;
	assert_false(crl_delta_fits(&other, &base));
	other = delta;
	other.only_reasons = COMPROMISE;
	assert_false(crl_delta_fits(&other, &base));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kinds),
		TEST(test_names),
		TEST(test_relative_names),
		TEST(test_assumed_point),
		TEST(test_one_name_in_common),
		TEST(test_malformed_points),
		TEST(test_other_issuers),
		TEST(test_reasons),
		TEST(test_numbers),
		TEST(test_scope_of_a_delta),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
