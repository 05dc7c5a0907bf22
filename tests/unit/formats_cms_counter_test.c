/*
 * Counter-signatures (RFC 5652 11.4) as they are read: which there are, and what each stands on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cms.h"
#include "formats/der.h"

#define CAP ((size_t)1 << 20)

static struct bytes done(struct buf *b)
{
	struct bytes der;
	assert_int_equal(buf_done(b, &der), OK);
	return der;
}

/* A SignerInfo whose value is one octet, with these unsigned attributes. */
static struct bytes signer_info(struct scope *s, uint8_t value, struct bytes unsigned_attrs)
{
	struct buf b = buf_new(s, CAP);
	size_t mark = der_open(&b, DER_SEQUENCE);
	der_add_small_integer(&b, 1);
	buf_add(&b, BYTES_LIT("\x30\x05\x30\x00\x02\x01\x07")); /* empty name, serial 7 */
	digest_add_algorithm_identifier(&b, DIGEST_SHA256);
	signature_alg_add(&b, (struct signature_alg){ SIGNATURE_ALG_ED25519, 0, 0, 0 });
	der_add(&b, DER_OCTET_STRING, bytes_of(&value, 1));
	if (unsigned_attrs.n)
		der_add(&b, DER_CONTEXT(1), unsigned_attrs);
	der_close(&b, mark);
	return done(&b);
}

static struct bytes counter_attr(struct scope *s, struct bytes values)
{
	struct buf b = buf_new(s, CAP);
	size_t mark = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, oid_value(OID_ATTR_COUNTER_SIGNATURE));
	der_add(&b, DER_SET, values);
	der_close(&b, mark);
	return done(&b);
}

static struct bytes joined(struct scope *s, struct bytes a, struct bytes b)
{
	struct buf out = buf_new(s, CAP);
	buf_add(&out, a);
	buf_add(&out, b);
	return done(&out);
}

static const struct cms_signer *signer_with(struct scope *s, struct bytes unsigned_attrs)
{
	const struct cms *cms;
	struct buf b = buf_new(s, CAP);
	size_t info = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, oid_value(OID_CMS_SIGNED_DATA));
	size_t wrapper = der_open(&b, DER_CONTEXT(0)), data = der_open(&b, DER_SEQUENCE);
	der_add_small_integer(&b, 1);
	buf_add(&b, BYTES_LIT("\x31\x00\x30\x0b"));
	der_add(&b, DER_OID, oid_value(OID_CMS_DATA));
	der_add(&b, DER_SET, signer_info(s, 1, unsigned_attrs));
	der_close(&b, data);
	der_close(&b, wrapper);
	der_close(&b, info);
	assert_int_equal(cms_parse(s, done(&b), NULL, &cms), OK);
	assert_int_equal(cms->n_signers, 1);
	return &cms->signers[0];
}

struct list {
	struct cms_counter_signature *item;
	size_t n;
};

static struct list read_list(struct scope *s, struct bytes unsigned_attrs)
{
	struct list l;
	assert_int_equal(
	    cms_counter_signatures(s, signer_with(s, unsigned_attrs), &l.item, &l.n), OK);
	assert_string_equal(scope_fault_text(s), "");
	return l;
}

static void assert_counter(const struct cms_counter_signature *c, uint8_t value, size_t on)
{
	assert_true(c->is_readable);
	assert_true(bytes_equal(c->signer.sig_value, bytes_of(&value, 1)));
	assert_true(bytes_equal(c->signer.whole, c->whole));
	assert_int_equal(c->on, on);
}

static void test_none(void **state)
{
	assert_int_equal(read_list(*state, BYTES_NONE).n, 0);
	assert_int_equal(read_list(*state, counter_attr(*state, BYTES_NONE)).n, 0);
}

static void test_several(void **state)
{
	struct scope *s = *state;
	struct bytes two = joined(s, signer_info(s, 2, BYTES_NONE), signer_info(s, 3, BYTES_NONE));
	struct bytes attrs =
	    joined(s, counter_attr(s, two), counter_attr(s, signer_info(s, 4, BYTES_NONE)));
	struct list l = read_list(s, attrs);
	assert_int_equal(l.n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_counter(&l.item[i], (uint8_t)(2 + i), CMS_COUNTER_ON_SIGNER);
}

static void test_nested(void **state)
{
	struct scope *s = *state;
	struct bytes four = counter_attr(s, signer_info(s, 4, BYTES_NONE));
	struct bytes on_two = joined(s, counter_attr(s, signer_info(s, 3, four)),
	    counter_attr(s, signer_info(s, 5, BYTES_NONE)));
	struct bytes two = joined(s, signer_info(s, 2, on_two), signer_info(s, 6, BYTES_NONE));
	struct list l = read_list(s, counter_attr(s, two));
	assert_int_equal(l.n, 5);
	assert_counter(&l.item[0], 2, CMS_COUNTER_ON_SIGNER);
	assert_counter(&l.item[1], 6, CMS_COUNTER_ON_SIGNER);
	assert_counter(&l.item[2], 3, 0);
	assert_counter(&l.item[3], 5, 0);
	assert_counter(&l.item[4], 4, 2);
}

static void test_unreadable(void **state)
{
	struct scope *s = *state;
	struct bytes bad = BYTES_LIT("\x30\x03\x02\x01\x07");
	struct list l =
	    read_list(s, counter_attr(s, joined(s, bad, signer_info(s, 2, BYTES_NONE))));
	assert_int_equal(l.n, 2);
	assert_false(l.item[0].is_readable);
	assert_true(bytes_equal(l.item[0].whole, bad));
	assert_counter(&l.item[1], 2, CMS_COUNTER_ON_SIGNER);
}

/* One on the other; the innermost is the last. */
static struct bytes tower(struct scope *s, size_t depth)
{
	struct bytes attrs = BYTES_NONE;
	for (size_t i = 0; i < depth; i++)
		attrs = counter_attr(s, signer_info(s, (uint8_t)(depth - i), attrs));
	return attrs;
}

static void test_depth(void **state)
{
	struct scope *s = *state;
	struct list l = read_list(s, tower(s, LIMIT_CMS_COUNTER_DEPTH));
	assert_int_equal(l.n, LIMIT_CMS_COUNTER_DEPTH);
	for (size_t i = 0; i < l.n; i++)
		assert_counter(&l.item[i], (uint8_t)(i + 1), i ? i - 1 : CMS_COUNTER_ON_SIGNER);
	assert_int_equal(cms_counter_signatures(s,
			     signer_with(s, tower(s, LIMIT_CMS_COUNTER_DEPTH + 1)), &l.item, &l.n),
	    ERR_LIMIT);
}

static void test_number(void **state)
{
	struct scope *s = *state;
	struct bytes values = BYTES_NONE;
	struct list l;
	for (size_t i = 0; i < LIMIT_CMS_COUNTER_SIGNATURES; i++)
		values = joined(s, values, signer_info(s, 2, BYTES_NONE));
	assert_int_equal(read_list(s, counter_attr(s, values)).n, LIMIT_CMS_COUNTER_SIGNATURES);
	struct bytes more =
	    joined(s, counter_attr(s, values), counter_attr(s, signer_info(s, 2, BYTES_NONE)));
	assert_int_equal(cms_counter_signatures(s, signer_with(s, more), &l.item, &l.n), ERR_LIMIT);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, new_scope, end_scope)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_none),
		TEST(test_several),
		TEST(test_nested),
		TEST(test_unreadable),
		TEST(test_depth),
		TEST(test_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
