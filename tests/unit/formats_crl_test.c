#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/crl.h"
#include "formats/der.h"
#include "tests/support/mini_ca_revocation.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW MINI_CA_NOW
#define DAY MINI_CA_DAY

struct fixture {
	struct scope *s;
	EVP_PKEY *key;
	const struct cert *ca, *other;
};

static int set_up(void **state)
{
	static struct fixture f;
	f.s = scope_new(0);
	f.key = mini_ca_key(MINI_CA_P256, 0);
	f.ca = mini_ca_root(f.s, f.key);
	f.other = mini_ca_parsed(f.s, &(struct mini_ca_spec){
					  .subject = "/C=DE/O=Bulla Tests/CN=Other",
					  .key = mini_ca_key(MINI_CA_P256, 1),
				      });
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	scope_free(f->s);
	return 0;
}

static const struct crl *parsed(const struct fixture *f, struct mini_ca_revocation_crl spec)
{
	const struct crl *crl;
	spec.issuer = spec.issuer ? spec.issuer : f->ca;
	spec.key = spec.key ? spec.key : f->key;
	if (crl_parse(f->s, mini_ca_revocation_crl(f->s, &spec), &crl) != OK)
		fail_msg("%s", scope_fault_text(f->s));
	return crl;
}

static bool find(const struct fixture *f, const struct crl *crl, struct bytes issuer,
    struct bytes serial, struct crl_entry *ret_entry)
{
	bool found = false;
	assert_int_equal(crl_find(f->s, crl, issuer, serial, &found, ret_entry), OK);
	return found;
}

static void test_plain_list(void **state)
{
	const struct fixture *f = *state;
	const struct crl *crl = parsed(f, (struct mini_ca_revocation_crl){ .number = 700 });
	struct digest digest;
	assert_int_equal(crl->n_entries, 0);
	assert_int_equal(crl->this_update.unix_s, NOW - DAY);
	assert_int_equal(crl->next_update.unix_s, NOW + 7 * DAY);
	assert_true(bytes_equal(crl->issuer, f->ca->subject));
	assert_string_equal(crl->issuer_text, f->ca->subject_text);
	assert_true(bytes_equal(crl->number, BYTES_LIT("\x02\xbc")));
	assert_true(bytes_equal(crl->aki, f->ca->ski));
	assert_int_equal(crl->sig_alg.kind, SIGNATURE_ALG_ECDSA);
	assert_false(crl->is_delta || crl->has_idp || crl->unknown_critical);
	assert_false(instant_is_known(crl->expired_certs_on_crl));
	assert_int_equal(digest_of_bytes(f->s, DIGEST_SHA256, crl->der, &digest), OK);
	assert_true(digest_equal(&digest, &crl->sha256));
	struct crl_entry e;
	assert_false(find(f, crl, f->ca->subject, BYTES_LIT("\x01"), &e));
}

static void test_entries(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_entry entries[] = {
		{ .number = 5 },
		{ .number = 200,
		    .at = NOW - 3 * DAY,
		    .reason = CRL_REASON_KEY_COMPROMISE,
		    .invalidity_date = NOW - 9 * DAY },
		{ .number = -56, .reason = CRL_REASON_CERTIFICATE_HOLD },
	};
	const struct crl *crl =
	    parsed(f, (struct mini_ca_revocation_crl){ .entries = entries, .n_entries = 3 });
	struct crl_entry e;
	assert_int_equal(crl->n_entries, 3);
	assert_true(find(f, crl, f->ca->subject, BYTES_LIT("\x05"), &e));
	assert_int_equal(e.reason, CRL_REASON_NONE);
	assert_int_equal(e.revoked_at.unix_s, NOW - 30 * DAY);
	assert_false(instant_is_known(e.invalidity_date));
	assert_true(bytes_equal(e.issuer, f->ca->subject));
	assert_true(find(f, crl, f->ca->subject, BYTES_LIT("\x00\xc8"), &e));
	assert_int_equal(e.reason, CRL_REASON_KEY_COMPROMISE);
	assert_int_equal(e.revoked_at.unix_s, NOW - 3 * DAY);
	assert_int_equal(e.invalidity_date.unix_s, NOW - 9 * DAY);
	/* -56 and 200 differ in the sign octet alone */
	assert_true(find(f, crl, f->ca->subject, BYTES_LIT("\xc8"), &e));
	assert_int_equal(e.reason, CRL_REASON_CERTIFICATE_HOLD);
	assert_false(find(f, crl, f->ca->subject, BYTES_LIT("\x06"), &e));
	assert_false(find(f, crl, f->ca->subject, BYTES_NONE, &e));
	assert_false(find(f, crl, f->other->subject, BYTES_LIT("\x05"), &e));
}

static void test_redundant_zeros_do_not_count(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_entry entries[] = {
		{ .serial = BYTES_LIT("\x00\x00\x7f") },
		{ .serial = BYTES_LIT("\x00\x00\x80") },
	};
	const struct crl *crl =
	    parsed(f, (struct mini_ca_revocation_crl){ .entries = entries, .n_entries = 2 });
	struct crl_entry e;
	assert_true(find(f, crl, f->ca->subject, BYTES_LIT("\x7f"), &e));
	assert_true(find(f, crl, f->ca->subject, BYTES_LIT("\x00\x7f"), &e));
	assert_true(find(f, crl, f->ca->subject, BYTES_LIT("\x00\x80"), &e));
	assert_false(find(f, crl, f->ca->subject, BYTES_LIT("\x80"), &e));
}

static void test_last_of_equals_wins(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_entry entries[] = {
		{ .number = 7, .reason = CRL_REASON_CERTIFICATE_HOLD },
		{ .number = 8 },
		{ .number = 7, .reason = CRL_REASON_REMOVE_FROM_CRL },
	};
	struct crl_entry e;
	const struct crl *crl =
	    parsed(f, (struct mini_ca_revocation_crl){ .entries = entries, .n_entries = 3 });
	assert_true(find(f, crl, f->ca->subject, BYTES_LIT("\x07"), &e));
	assert_int_equal(e.reason, CRL_REASON_REMOVE_FROM_CRL);
}

/* RFC 5280 5.3.3: an entry without certificateIssuer is about the issuer of the one before. */
static void test_indirect_issuers_are_inherited(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_entry entries[] = {
		{ .number = 1 },
		{ .number = 2, .issuer = f->other->subject },
		{ .number = 3 },
		{ .number = 4, .issuer = f->ca->subject },
		{ .number = 3, .reason = CRL_REASON_SUPERSEDED },
	};
	const struct crl *crl = parsed(f, (struct mini_ca_revocation_crl){
					      .entries = entries,
					      .n_entries = COUNT(entries),
					      .indirect = true,
					  });
	struct crl_entry e;
	struct bytes ca = f->ca->subject, other = f->other->subject;
	assert_true(crl->has_idp && crl->idp_critical && crl->indirect);
	assert_true(find(f, crl, ca, BYTES_LIT("\x01"), &e));
	assert_false(find(f, crl, other, BYTES_LIT("\x01"), &e));
	assert_true(find(f, crl, other, BYTES_LIT("\x02"), &e));
	assert_true(bytes_equal(e.issuer, other));
	assert_false(find(f, crl, ca, BYTES_LIT("\x02"), &e));
	assert_true(find(f, crl, other, BYTES_LIT("\x03"), &e));
	assert_int_equal(e.reason, CRL_REASON_NONE);
	assert_true(find(f, crl, ca, BYTES_LIT("\x03"), &e));
	assert_int_equal(e.reason, CRL_REASON_SUPERSEDED);
	assert_true(find(f, crl, ca, BYTES_LIT("\x04"), &e));
}

static void test_issuing_distribution_point(void **state)
{
	const struct fixture *f = *state;
	const struct crl *crl =
	    parsed(f, (struct mini_ca_revocation_crl){
			  .idp_url = "http://a.example/1.crl",
			  .only_user_certs = true,
			  .only_reasons = 1U << CRL_REASON_KEY_COMPROMISE | 1U << 8,
		      });
	assert_true(crl->has_idp && crl->only_user_certs);
	assert_false(crl->only_ca_certs || crl->only_attribute_certs || crl->indirect);
	assert_int_equal(crl->only_reasons, 0x102);
	assert_true(bytes_has_prefix(crl->idp_name, BYTES_LIT("\xa0\x1a\xa0\x18\x86\x16http:")));
	crl = parsed(f, (struct mini_ca_revocation_crl){ .only_ca_certs = true });
	assert_true(crl->only_ca_certs && !crl->only_user_certs);
	assert_int_equal(crl->idp_name.n, 0);
	crl = parsed(f, (struct mini_ca_revocation_crl){ .only_attribute_certs = true });
	assert_true(crl->only_attribute_certs);
}

static void test_other_extensions(void **state)
{
	const struct fixture *f = *state;
	const struct crl *crl = parsed(f, (struct mini_ca_revocation_crl){
					      .number = 12,
					      .base_number = 10,
					      .freshest_url = "http://a.example/delta",
					      .aia_url = "http://a.example/cert",
					      .expired_certs_on_crl = NOW - 1000 * DAY,
					      .no_aki = true,
					      .unknown_critical = true,
					  });
	assert_true(crl->is_delta);
	assert_true(bytes_equal(crl->base_number, BYTES_LIT("\x0a")));
	assert_int_equal(crl->freshest_crl.n, 1);
	assert_string_equal(crl->freshest_crl.item[0].urls.item[0], "http://a.example/delta");
	assert_int_equal(crl->aia_ca_issuers.n, 1);
	assert_string_equal(crl->aia_ca_issuers.item[0], "http://a.example/cert");
	assert_int_equal(crl->expired_certs_on_crl.unix_s, NOW - 1000 * DAY);
	assert_int_equal(crl->aki.n, 0);
	assert_true(crl->unknown_critical);
	assert_false(crl->unknown_critical_entry);
}

static void test_unknown_critical_entry(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_entry entries[] = {
		{ .number = 1, .unknown_critical = true },
		{ .number = 2 },
	};
	const struct crl *crl =
	    parsed(f, (struct mini_ca_revocation_crl){ .entries = entries, .n_entries = 2 });
	struct crl_entry e;
	assert_true(crl->unknown_critical_entry);
	assert_false(crl->unknown_critical);
	assert_true(find(f, crl, f->ca->subject, BYTES_LIT("\x01"), &e));
	assert_true(e.unknown_critical);
	assert_true(find(f, crl, f->ca->subject, BYTES_LIT("\x02"), &e));
	assert_false(e.unknown_critical);
}

static void test_v1_and_no_next_update(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_entry entries[] = { { .number = 1 } };
	const struct crl *crl = parsed(f, (struct mini_ca_revocation_crl){
					      .v1 = true,
					      .next_update = MINI_CA_REVOCATION_ABSENT,
					      .entries = entries,
					      .n_entries = 1,
					  });
	struct crl_entry e;
	assert_false(instant_is_known(crl->next_update));
	assert_int_equal(crl->number.n, 0);
	assert_int_equal(crl->aki.n, 0);
	assert_true(find(f, crl, f->ca->subject, BYTES_LIT("\x01"), &e));
	crl = parsed(f, (struct mini_ca_revocation_crl){
			    .v1 = true, .next_update = MINI_CA_REVOCATION_ABSENT });
	assert_int_equal(crl->n_entries, 0);
}

static void test_dates_on_either_side_of_2050(void **state)
{
	const struct fixture *f = *state;
	const int64_t border = INT64_C(2524608000); /* 2050-01-01 */
	const struct crl *crl = parsed(
	    f, (struct mini_ca_revocation_crl){ .this_update = border - 1, .next_update = border });
	assert_int_equal(crl->this_update.unix_s, border - 1);
	assert_int_equal(crl->next_update.unix_s, border);
}

static bool is_signed(const struct fixture *f, const struct crl *crl, const struct cert *by)
{
	bool ok;
	assert_int_equal(crl_is_signed_by(f->s, crl, by, &ok), OK);
	return ok;
}

static void test_signatures(void **state)
{
	const struct fixture *f = *state;
	static const enum mini_ca_key_type types[] = { MINI_CA_RSA, MINI_CA_RSA_PSS, MINI_CA_P256,
		MINI_CA_ED25519, MINI_CA_ED448 };
	for (size_t i = 0; i < COUNT(types); i++) {
		EVP_PKEY *key = mini_ca_key(types[i], 0);
		const struct cert *ca = mini_ca_root(f->s, key);
		const struct crl *crl =
		    parsed(f, (struct mini_ca_revocation_crl){ .issuer = ca, .key = key });
		assert_true(crl->sig_algs_agree);
		assert_true(is_signed(f, crl, ca));
		assert_false(is_signed(f, crl, f->other));
		crl = parsed(f, (struct mini_ca_revocation_crl){
				    .issuer = ca, .key = key, .other_inner_alg = true });
		assert_false(crl->sig_algs_agree);
		assert_false(is_signed(f, crl, ca));
	}
}

/* Any changed octet of what is signed is noticed, or the list is no longer one. */
static void test_changed_octets(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_entry entries[] = { { .number = 1 } };
	struct bytes der = mini_ca_revocation_crl(
	    f->s, &(struct mini_ca_revocation_crl){
		      .issuer = f->ca, .key = f->key, .entries = entries, .n_entries = 1 });
	size_t readable = 0;
	for (size_t i = 0; i < der.n; i++) {
		struct scope *s = scope_new(0);
		struct bytes copy;
		const struct crl *crl;
		bool ok = false;
		assert_int_equal(bytes_copy(s, der, &copy), OK);
		((uint8_t *)(uintptr_t)copy.p)[i] ^= 1;
		if (crl_parse(s, copy, &crl) == OK) {
			enum err e = crl_is_signed_by(s, crl, f->ca, &ok);
			assert_true(e == OK || e == ERR_UNSUPPORTED);
			assert_false(e == OK && ok);
			readable++;
		}
		scope_free(s);
	}
	assert_true(readable > 60);
}

static void test_pem(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_crl spec = { .issuer = f->ca, .key = f->key, .pem = true };
	struct bytes pem = mini_ca_revocation_crl(f->s, &spec), content;
	const struct crl *crl;
	assert_int_equal(crl_parse(f->s, pem, &crl), OK);
	assert_true(is_signed(f, crl, f->ca));
	struct buf b = buf_new(f->s, 1 << 20);
	buf_add_str(&b, "Issuer: somebody\n");
	buf_add(&b, pem);
	assert_int_equal(buf_done(&b, &content), OK);
	assert_int_equal(crl_parse(f->s, content, &crl), OK);
	assert_int_equal(crl_parse(f->s, bytes_cut(pem, 0, pem.n - 5), &crl), ERR_FORMAT);
	assert_int_equal(crl_parse(f->s, BYTES_LIT("-----END X509 CRL-----"), &crl), ERR_FORMAT);
	assert_int_equal(crl_parse(f->s, BYTES_NONE, &crl), ERR_FORMAT);
}

static void test_truncated_and_extended(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_entry entries[] = {
		{ .number = 1, .reason = CRL_REASON_SUPERSEDED, .issuer = f->other->subject },
	};
	struct bytes der = mini_ca_revocation_crl(
	    f->s, &(struct mini_ca_revocation_crl){
		      .issuer = f->ca, .key = f->key, .entries = entries, .n_entries = 1 });
	const struct crl *crl;
	struct bytes longer;
	for (size_t n = 0; n < der.n; n++)
		assert_int_not_equal(crl_parse(f->s, bytes_cut(der, 0, n), &crl), OK);
	struct buf b = buf_new(f->s, der.n + 1);
	buf_add(&b, der);
	buf_add_byte(&b, 0);
	assert_int_equal(buf_done(&b, &longer), OK);
	assert_int_equal(crl_parse(f->s, longer, &crl), ERR_FORMAT);
}

/* Replaces one occurrence of `from` by `to`, which is as long. */
static struct bytes patched(
    const struct fixture *f, struct bytes der, struct bytes from, struct bytes to)
{
	struct bytes result;
	size_t at = bytes_find(der, from, 0);
	assert_true(at != BYTES_NOT_FOUND && from.n == to.n);
	struct buf b = buf_new(f->s, der.n);
	buf_add(&b, der);
	buf_patch(&b, at, to);
	assert_int_equal(buf_done(&b, &result), OK);
	return result;
}

static void test_malformed_details(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_entry entries[] = {
		{ .number = 99, .reason = CRL_REASON_SUPERSEDED },
	};
	struct bytes der =
	    mini_ca_revocation_crl(f->s, &(struct mini_ca_revocation_crl){ .issuer = f->ca,
					     .key = f->key,
					     .number = 77,
					     .expired_certs_on_crl = NOW,
					     .entries = entries,
					     .n_entries = 1 });
	static const struct {
		struct bytes from, to;
		enum err want;
	} rows[] = {
		/* version 3 */
		{ BYTES_LIT("\x02\x01\x01\x30"), BYTES_LIT("\x02\x01\x02\x30"), ERR_UNSUPPORTED },
		/* serial number that is no INTEGER */
		{ BYTES_LIT("\x02\x01\x63"), BYTES_LIT("\x04\x01\x63"), ERR_FORMAT },
		/* reason code that is no ENUMERATED, or negative */
		{ BYTES_LIT("\x0a\x01\x04"), BYTES_LIT("\x02\x01\x04"), ERR_FORMAT },
		{ BYTES_LIT("\x0a\x01\x04"), BYTES_LIT("\x0a\x01\x84"), ERR_FORMAT },
		/* no thirteenth month */
		{ BYTES_LIT("2512"), BYTES_LIT("2513"), ERR_FORMAT },
		/* crlNumber that is no INTEGER, and one that comes twice */
		{ BYTES_LIT("\x02\x01\x4d"), BYTES_LIT("\x04\x01\x4d"), ERR_FORMAT },
		{ BYTES_LIT("\x55\x1d\x23"), BYTES_LIT("\x55\x1d\x14"), ERR_FORMAT },
		/* expiredCertsOnCRL as UTCTime */
		{ BYTES_LIT("\x18\x0f"), BYTES_LIT("\x17\x0f"), ERR_FORMAT },
	};
	const struct crl *crl;
	assert_int_equal(crl_parse(f->s, der, &crl), OK);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(
		    crl_parse(f->s, patched(f, der, rows[i].from, rows[i].to), &crl), rows[i].want);
}

static void test_many_entries(void **state)
{
	const struct fixture *f = *state;
	enum {
		N = 20000
	};
	struct mini_ca_revocation_entry *entries = scope_alloc_array(f->s, N, sizeof(*entries));
	assert_non_null(entries);
	for (int64_t i = 0; i < N; i++) {
		entries[i].number = 1 + i * 7919;
		entries[i].at = NOW - i;
	}
	const struct crl *crl =
	    parsed(f, (struct mini_ca_revocation_crl){ .entries = entries, .n_entries = N });
	assert_int_equal(crl->n_entries, N);
	for (int64_t i = 0; i < N; i++) {
		struct buf b = buf_new(f->s, 16);
		struct crl_entry e;
		der_add_small_integer(&b, entries[i].number);
		assert_true(find(f, crl, f->ca->subject, bytes_from(buf_bytes(&b), 2), &e));
		assert_int_equal(e.revoked_at.unix_s, NOW - i);
		b = buf_new(f->s, 16);
		der_add_small_integer(&b, entries[i].number + 1);
		assert_false(find(f, crl, f->ca->subject, bytes_from(buf_bytes(&b), 2), &e));
	}
}

static void test_reason_names(void **state)
{
	(void)state;
	assert_string_equal(crl_reason_name(CRL_REASON_NONE), "none given");
	assert_string_equal(crl_reason_name(CRL_REASON_UNSPECIFIED), "unspecified");
	assert_string_equal(crl_reason_name(CRL_REASON_REMOVE_FROM_CRL), "removeFromCRL");
	assert_string_equal(crl_reason_name(CRL_REASON_AA_COMPROMISE), "aACompromise");
	assert_string_equal(crl_reason_name((enum crl_reason)7), "unknown");
}

/* Every allocation may fail; each failure is ERR_NOMEM and nothing else. */
static void test_no_memory(void **state)
{
	const struct fixture *f = *state;
	const struct mini_ca_revocation_entry entries[] = {
		{ .number = 1, .reason = CRL_REASON_SUPERSEDED, .issuer = f->other->subject },
		{ .number = 2 },
	};
	struct bytes pem =
	    mini_ca_revocation_crl(f->s, &(struct mini_ca_revocation_crl){ .issuer = f->ca,
					     .key = f->key,
					     .pem = true,
					     .freshest_url = "http://a.example/d",
					     .idp_url = "http://a.example/c",
					     .indirect = true,
					     .entries = entries,
					     .n_entries = COUNT(entries) });
	size_t n = 1;
	for (;; n++) {
		struct scope *s = scope_new(0);
		const struct crl *crl = NULL;
		scope_fail_after(s, n);
		enum err e = crl_parse(s, pem, &crl);
		scope_free(s);
		if (e == OK)
			break;
		assert_int_equal(e, ERR_NOMEM);
		assert_null(crl);
	}
	assert_true(n > 5);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_plain_list),
		T(test_entries),
		T(test_redundant_zeros_do_not_count),
		T(test_last_of_equals_wins),
		T(test_indirect_issuers_are_inherited),
		T(test_issuing_distribution_point),
		T(test_other_extensions),
		T(test_unknown_critical_entry),
		T(test_v1_and_no_next_update),
		T(test_dates_on_either_side_of_2050),
		T(test_signatures),
		T(test_changed_octets),
		T(test_pem),
		T(test_truncated_and_extended),
		T(test_malformed_details),
		T(test_many_entries),
		T(test_reason_names),
		T(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
