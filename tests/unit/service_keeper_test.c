/* The keeper's state: sessions, deposited files, unattended keys, what it signs. The clock is the
 * test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/keeper/keeper.h"
#include "service/keeper/keeper_secret.h"
#include "service/keeper/keeper_wrap.h"
#include "service/key_file.h"
#include "tests/support/key_bag.h"

#define GOOD "Correct-Horse-7"
#define BETTER "Battery!Staple-9"
/* A SET of one octet string: what signed attributes look like from outside. */
#define ATTRIBUTES BYTES_LIT("\x31\x04\x04\x02\x01\x02")

struct bench {
	struct scope *s;
	struct keeper *k;
	int64_t now_ms;
	struct key_bag bag;
	struct bytes wrapped;
};

static int64_t bench_clock(void *ctx)
{
	return ((struct bench *)ctx)->now_ms;
}

static const uint8_t service_key[KEEPER_WRAP_KEY] = "an octet string that has 32 oct";

static struct bytes word(struct scope *s, const char *text)
{
	struct bytes copy;
	assert_int_equal(keeper_secret_copy(s, bytes_of_str(text), &copy), OK);
	return copy;
}

static void open_bench(struct bench *b, enum mini_ca_key_type type)
{
	struct keeper_certificates c;
	*b = (struct bench){ .s = scope_new(0), .now_ms = 1000000 };
	assert_int_equal(
	    keeper_new(b->s, bytes_of(service_key, sizeof(service_key)), bench_clock, b, &b->k),
	    OK);
	assert_true(key_bag_make(b->s, type, GOOD, KEY_BAG_USUAL, 1, &b->bag));
	assert_int_equal(
	    keeper_deposit(b->k, b->s, b->bag.pkcs12, word(b->s, GOOD), &b->wrapped, &c), OK);
	assert_true(bytes_equal(c.certificate, b->bag.leaf->der));
	assert_int_equal(c.n_chain, 1);
	assert_true(bytes_equal(c.chain[0], b->bag.root->der));
}

static void close_bench(struct bench *b)
{
	keeper_free(b->k);
	scope_free(b->s);
}

static void refused(struct bench *b, enum err e, enum err wanted, const char *text)
{
	assert_int_equal(e, wanted);
	if (!strstr(scope_fault_text(b->s), text))
		fail_msg("\"%s\" instead of \"%s\"", scope_fault_text(b->s), text);
	scope_forgive(b->s);
}

static struct keeper_session unlock(struct bench *b, unsigned uses, unsigned seconds)
{
	struct keeper_session session = { 0 };
	assert_int_equal(keeper_unlock_session(
			     b->k, b->s, b->wrapped, word(b->s, GOOD), uses, seconds, &session),
	    OK);
	return session;
}

static enum err sign_as(
    struct bench *b, struct bytes token, struct signature_alg alg, struct bytes data)
{
	struct bytes value;
	bool ok = false;
	TRY(keeper_sign(b->k, b->s, token, &alg, data, &value));
	assert_int_equal(signature_alg_verify(b->s, alg, b->bag.leaf->key, data, value, &ok), OK);
	assert_true(ok);
	return OK;
}

static enum err sign(struct bench *b, struct bytes token, struct bytes data)
{
	return sign_as(b, token, mini_ca_alg(MINI_CA_P256, false), data);
}

/* -- sessions -- */
static void every_kind_of_key_signs(void **state)
{
	(void)state;
	static const enum mini_ca_key_type types[] = { MINI_CA_RSA, MINI_CA_RSA_PSS, MINI_CA_P256,
		MINI_CA_P384, MINI_CA_ED25519, MINI_CA_ED448 };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct bench b;
		open_bench(&b, types[i]);
		struct keeper_session session = unlock(&b, 2, 60);
		assert_int_equal(session.token.n, KEEPER_TOKEN);
		assert_true(bytes_equal(session.certificates.certificate, b.bag.leaf->der));
		struct signature_alg alg = mini_ca_alg(types[i], types[i] == MINI_CA_RSA_PSS);
		assert_int_equal(sign_as(&b, session.token, alg, ATTRIBUTES), OK);
		if (types[i] == MINI_CA_RSA)
			assert_int_equal(
			    sign_as(&b, session.token, mini_ca_alg(types[i], true), ATTRIBUTES),
			    OK);
		close_bench(&b);
	}
}

static void uses_run_out(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_P256);
	struct keeper_session session = unlock(&b, 3, 60);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(keeper_sessions(b.k), 1);
		assert_int_equal(sign(&b, session.token, ATTRIBUTES), OK);
	}
	assert_int_equal(keeper_sessions(b.k), 0);
	refused(&b, sign(&b, session.token, ATTRIBUTES), ERR_MISUSE, "no such session");
	close_bench(&b);
}

/* What is refused before the key is asked takes no use; what the key cannot do takes one. */
static void what_takes_a_use(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_P256);
	struct keeper_session session = unlock(&b, 1, 60);
	refused(&b, sign(&b, session.token, BYTES_LIT("\x30\x00")), ERR_FORMAT, "no set");
	assert_int_equal(sign(&b, session.token, ATTRIBUTES), OK);
	session = unlock(&b, 1, 60);
	refused(&b, sign_as(&b, session.token, mini_ca_alg(MINI_CA_ED25519, false), ATTRIBUTES),
	    ERR_UNSUPPORTED, "cannot sign");
	refused(&b, sign(&b, session.token, ATTRIBUTES), ERR_MISUSE, "no such session");
	close_bench(&b);
}

static void time_runs_out(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_P256);
	struct keeper_session session = unlock(&b, 5, 10);
	b.now_ms += 9999;
	keeper_tick(b.k);
	assert_int_equal(keeper_sessions(b.k), 1);
	assert_int_equal(sign(&b, session.token, ATTRIBUTES), OK);
	b.now_ms += 1;
	refused(&b, sign(&b, session.token, ATTRIBUTES), ERR_MISUSE, "no such session");
	assert_int_equal(keeper_sessions(b.k), 0);
	unlock(&b, 5, 10);
	b.now_ms += 9999;
	keeper_tick(b.k);
	assert_int_equal(keeper_sessions(b.k), 1);
	b.now_ms += 1;
	keeper_tick(b.k);
	assert_int_equal(keeper_sessions(b.k), 0);
	close_bench(&b);
}

static void closing_ends_one_session(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_P256);
	struct keeper_session one = unlock(&b, 5, 60), two = unlock(&b, 5, 60);
	assert_false(bytes_equal(one.token, two.token));
	keeper_close_session(b.k, one.token);
	keeper_close_session(b.k, one.token);
	refused(&b, sign(&b, one.token, ATTRIBUTES), ERR_MISUSE, "no such session");
	assert_int_equal(sign(&b, two.token, ATTRIBUTES), OK);
	assert_int_equal(keeper_sessions(b.k), 1);
	close_bench(&b);
}

static void other_tokens_are_nobodys(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_P256);
	struct keeper_session session = unlock(&b, 5, 60);
	uint8_t token[KEEPER_TOKEN + 1];
	memcpy(token, session.token.p, KEEPER_TOKEN);
	for (size_t i = 0; i < KEEPER_TOKEN; i++) {
		token[i] ^= 1;
		refused(&b, sign(&b, bytes_of(token, KEEPER_TOKEN), ATTRIBUTES), ERR_MISUSE, "no");
		token[i] ^= 1;
	}
	refused(&b, sign(&b, bytes_of(token, KEEPER_TOKEN - 1), ATTRIBUTES), ERR_MISUSE, "no");
	refused(&b, sign(&b, bytes_of(token, KEEPER_TOKEN + 1), ATTRIBUTES), ERR_MISUSE, "no");
	/* The token of places that are free. */
	memset(token, 0, sizeof(token));
	refused(&b, sign(&b, bytes_of(token, KEEPER_TOKEN), ATTRIBUTES), ERR_MISUSE, "no");
	assert_int_equal(sign(&b, session.token, ATTRIBUTES), OK);
	close_bench(&b);
}

static void sessions_have_bounds(void **state)
{
	(void)state;
	struct bench b;
	struct keeper_session x;
	open_bench(&b, MINI_CA_P256);
	struct bytes good = word(b.s, GOOD);
	static const unsigned wrong[][2] = { { 0, 1 }, { 1, 0 }, { LIMIT_KEEPER_USES + 1, 1 },
		{ 1, LIMIT_KEEPER_SECONDS + 1 } };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refused(&b,
		    keeper_unlock_session(b.k, b.s, b.wrapped, good, wrong[i][0], wrong[i][1], &x),
		    ERR_LIMIT, "a session");
	unlock(&b, LIMIT_KEEPER_USES, LIMIT_KEEPER_SECONDS);
	for (size_t i = 1; i < LIMIT_KEEPER_SESSIONS; i++)
		unlock(&b, 1, 1);
	refused(&b, keeper_unlock_session(b.k, b.s, b.wrapped, good, 1, 1, &x), ERR_LIMIT,
	    "sessions are open");
	b.now_ms += 1000;
	keeper_tick(b.k);
	assert_int_equal(keeper_sessions(b.k), 1);
	close_bench(&b);
}

/* -- what it signs -- */
static void only_sets_are_signed(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_P256);
	struct keeper_session session = unlock(&b, LIMIT_KEEPER_USES, 60);
	static const struct {
		const char *hex;
		bool is_set;
	} cases[] = {
		{ "3100", true },
		{ "310101", true },
		{ "", false },
		{ "31", false },
		{ "3000", false },
		{ "a000", false },
		{ "3101", false },
		{ "31010101", false },
		{ "3180", false },
		{ "31800000", false },
		{ "318100", false },
		{ "31820001ff", false },
		{ "318101ff", false },
		{ "31ff", false },
		{ "31830000ff", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes data;
		assert_int_equal(bytes_of_hex(b.s, bytes_of_str(cases[i].hex), &data), OK);
		if (cases[i].is_set)
			assert_int_equal(sign(&b, session.token, data), OK);
		else
			refused(&b, sign(&b, session.token, data), ERR_FORMAT, "no set");
	}
	close_bench(&b);
}

/* A SET of n octets in all. */
static struct bytes set_of(struct scope *s, size_t n)
{
	uint8_t *p = scope_alloc(s, n);
	assert_non_null(p);
	size_t head = n - 2 < 0x80 ? 2 : n - 3 < 0x100 ? 3 : 4;
	size_t rest = n - head;
	p[0] = 0x31;
	p[1] = (uint8_t)(head == 2 ? rest : 0x80 + head - 2);
	for (size_t i = head - 1; i > 1; i--, rest >>= 8)
		p[i] = (uint8_t)rest;
	return bytes_of(p, n);
}

static void sets_have_a_size(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_P256);
	struct keeper_session session = unlock(&b, LIMIT_KEEPER_USES, 60);
	static const size_t sizes[] = { 2 + 0x7f, 3 + 0x80, 3 + 0xff, 4 + 0x100,
		LIMIT_CMS_SIGNED_ATTRS };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_int_equal(sign(&b, session.token, set_of(b.s, sizes[i])), OK);
	refused(&b, sign(&b, session.token, set_of(b.s, LIMIT_CMS_SIGNED_ATTRS + 1)), ERR_FORMAT,
	    "no set");
	close_bench(&b);
}

static void broken_digests_are_refused(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_RSA);
	struct keeper_session session = unlock(&b, 20, 60);
	static const enum digest_alg broken[] = { DIGEST_MD5, DIGEST_SHA1, DIGEST_RIPEMD160 };
	for (size_t i = 0; i < 3; i++) {
		struct signature_alg alg = { .kind = SIGNATURE_ALG_RSA_PKCS1, .digest = broken[i] };
		refused(&b, sign_as(&b, session.token, alg, ATTRIBUTES), ERR_UNSUPPORTED,
		    "no signature with");
		alg = (struct signature_alg){ .kind = SIGNATURE_ALG_RSA_PSS,
			.digest = DIGEST_SHA256,
			.mgf_digest = broken[i],
			.salt_length = 32 };
		refused(&b, sign_as(&b, session.token, alg, ATTRIBUTES), ERR_UNSUPPORTED,
		    "no signature with");
	}
	struct signature_alg alg = { .kind = SIGNATURE_ALG_RSA_PKCS1, .digest = DIGEST_SHA512 };
	assert_int_equal(sign_as(&b, session.token, alg, ATTRIBUTES), OK);
	close_bench(&b);
}

/* -- passwords -- */
static enum err try_password(struct bench *b, const char *password)
{
	struct keeper_session x;
	return keeper_unlock_session(b->k, b->s, b->wrapped, word(b->s, password), 1, 60, &x);
}

static void wrong_passwords_have_to_wait(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_P256);
	for (int i = 0; i < LIMIT_KEEPER_TRIES; i++)
		refused(&b, try_password(&b, "wrong"), ERR_DENIED, "wrong password");
	refused(&b, try_password(&b, "wrong"), ERR_LIMIT, "wait 30 s: ");
	/* The right one too: it is not even tried. */
	refused(&b, try_password(&b, GOOD), ERR_LIMIT, "wait 30 s: ");
	b.now_ms += 29999;
	refused(&b, try_password(&b, GOOD), ERR_LIMIT, "wait 1 s: ");
	b.now_ms += 1;
	refused(&b, try_password(&b, "wrong"), ERR_DENIED, "wrong password");
	refused(&b, try_password(&b, GOOD), ERR_LIMIT, "wait 60 s: ");
	assert_int_equal(keeper_sessions(b.k), 0);
	b.now_ms += 60000;
	assert_int_equal(try_password(&b, GOOD), OK);
	/* Forgotten: all tries are there again. */
	for (int i = 0; i < LIMIT_KEEPER_TRIES; i++)
		refused(&b, try_password(&b, ""), ERR_DENIED, "wrong password");
	refused(&b, try_password(&b, GOOD), ERR_LIMIT, "wait 30 s: ");
	close_bench(&b);
}

static void the_wait_has_an_end(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_P256);
	for (int i = 0; i < 30; i++) {
		refused(&b, try_password(&b, "wrong"), ERR_DENIED, "wrong password");
		b.now_ms += (int64_t)LIMIT_KEEPER_WAIT_MOST_S * 1000;
	}
	b.now_ms -= 1;
	refused(&b, try_password(&b, GOOD), ERR_LIMIT, "wait 1 s: ");
	b.now_ms += 1;
	assert_int_equal(try_password(&b, GOOD), OK);
	close_bench(&b);
}

/* The same file wrapped again counts as the same key; another key is not touched. */
static void keys_are_counted_apart(void **state)
{
	(void)state;
	struct bench b;
	struct key_bag other;
	struct bytes again, another;
	struct keeper_certificates c;
	open_bench(&b, MINI_CA_P256);
	struct bytes good = word(b.s, GOOD);
	assert_int_equal(keeper_deposit(b.k, b.s, b.bag.pkcs12, good, &again, &c), OK);
	assert_false(bytes_equal(again, b.wrapped));
	assert_true(key_bag_make(b.s, MINI_CA_P384, GOOD, KEY_BAG_USUAL, 1, &other));
	assert_int_equal(keeper_deposit(b.k, b.s, other.pkcs12, good, &another, &c), OK);
	for (int i = 0; i < LIMIT_KEEPER_TRIES; i++)
		refused(&b, try_password(&b, "wrong"), ERR_DENIED, "wrong password");
	b.wrapped = again;
	refused(&b, try_password(&b, GOOD), ERR_LIMIT, "wait 30 s: ");
	b.wrapped = another;
	assert_int_equal(try_password(&b, GOOD), OK);
	close_bench(&b);
}

/* -- deposits -- */
static void deposit_asks_for_a_good_password(void **state)
{
	(void)state;
	struct bench b;
	open_bench(&b, MINI_CA_P256);
	static const struct {
		const char *password;
		bool is_good;
	} cases[] = {
		{ "Abcdefghij-1", true },
		{ "Abcdefghi-1", false }, /* eleven */
		{ "abcdefghij-1", false },
		{ "ABCDEFGHIJ-1", false },
		{ "Abcdefghij-x", false },
		{ "Abcdefghijk1", false },
		{ "", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_bag bag;
		struct bytes wrapped;
		struct keeper_certificates c;
		assert_true(
		    key_bag_make(b.s, MINI_CA_P256, cases[i].password, KEY_BAG_USUAL, 1, &bag));
		enum err e = keeper_deposit(
		    b.k, b.s, bag.pkcs12, word(b.s, cases[i].password), &wrapped, &c);
		if (cases[i].is_good)
			assert_int_equal(e, OK);
		else
			refused(&b, e, ERR_DENIED, "the password must have");
	}
	close_bench(&b);
}

static enum err deposit(struct bench *b, struct bytes pkcs12, const char *password)
{
	struct bytes wrapped;
	struct keeper_certificates c;
	return keeper_deposit(b->k, b->s, pkcs12, word(b->s, password), &wrapped, &c);
}

static void deposit_refuses(void **state)
{
	(void)state;
	struct bench b;
	struct key_bag bag;
	open_bench(&b, MINI_CA_P256);
	refused(&b, deposit(&b, b.bag.pkcs12, BETTER), ERR_DENIED, "wrong password");
	refused(&b, deposit(&b, BYTES_LIT("-----BEGIN"), GOOD), ERR_FORMAT, "not a PKCS#12 file");
	refused(&b, deposit(&b, BYTES_NONE, GOOD), ERR_FORMAT, "not a PKCS#12 file");
	uint8_t *large = scope_alloc(b.s, LIMIT_KEEPER_FILE + 1);
	refused(&b, deposit(&b, bytes_of(large, LIMIT_KEEPER_FILE + 1), GOOD), ERR_LIMIT, "larger");
	refused(&b, deposit(&b, bytes_of(large, LIMIT_KEEPER_FILE), GOOD), ERR_FORMAT, "not a");
	assert_true(key_bag_make(b.s, MINI_CA_P256, GOOD, KEY_BAG_OPEN, 1, &bag));
	refused(&b, deposit(&b, bag.pkcs12, GOOD), ERR_DENIED, "not encrypted");
	assert_true(key_bag_make(b.s, MINI_CA_P256, GOOD, KEY_BAG_BARE, 1, &bag));
	refused(&b, deposit(&b, bag.pkcs12, GOOD), ERR_DENIED, "not encrypted");
	close_bench(&b);
}

static void deposit_reads_old_files(void **state)
{
	(void)state;
	struct bench b;
	struct key_bag bag;
	struct keeper_certificates c;
	open_bench(&b, MINI_CA_P256);
	bool has_legacy = key_bag_make(b.s, MINI_CA_P256, GOOD, KEY_BAG_OLD, 1, &bag);
	if (has_legacy) {
		assert_int_equal(
		    keeper_deposit(b.k, b.s, bag.pkcs12, word(b.s, GOOD), &b.wrapped, &c), OK);
		assert_int_equal(sign(&b, unlock(&b, 1, 60).token, ATTRIBUTES), OK);
	}
	close_bench(&b);
	if (!has_legacy)
		skip();
}

/* A file that would keep the keeper busy for an hour is refused before any of it is computed, where
 * its cost stands plainly and where it hides inside of an encrypted part. */
static void deposit_refuses_what_takes_too_long(void **state)
{
	(void)state;
	struct bench b;
	struct key_bag bag;
	open_bench(&b, MINI_CA_P256);
	/* Made with the cost of a small file, which is then written as that of a large one. */
	static const enum key_bag_form forms[] = { KEY_BAG_USUAL, KEY_BAG_NESTED };
	for (size_t i = 0; i < 2; i++) {
		assert_true(key_bag_make(b.s, MINI_CA_P256, GOOD, forms[i], 1000, &bag));
		assert_int_equal(deposit(&b, bag.pkcs12, GOOD), OK);
	}
	assert_true(key_bag_make(b.s, MINI_CA_P256, GOOD, KEY_BAG_USUAL, 0x7fff, &bag));
	size_t at = 0, n = 0;
	for (; (at = bytes_find(bag.pkcs12, BYTES_LIT("\x02\x02\x7f\xff"), at)) != BYTES_NOT_FOUND;
	     at += 4, n++)
		memcpy((uint8_t *)(uintptr_t)bag.pkcs12.p + at, "\x02\x02\xff\x7f", 4);
	assert_true(n >= 2);
	/* A negative number is none. */
	refused(&b, deposit(&b, bag.pkcs12, GOOD), ERR_LIMIT, "rounds of computing");
	assert_true(
	    key_bag_make(b.s, MINI_CA_P256, GOOD, KEY_BAG_NESTED, LIMIT_KEEPER_ITERATIONS, &bag));
	refused(&b, deposit(&b, bag.pkcs12, GOOD), ERR_LIMIT, "rounds of computing");
	close_bench(&b);
}

/* -- another password -- */
static void a_new_password_replaces_the_old(void **state)
{
	(void)state;
	static const enum mini_ca_key_type types[] = { MINI_CA_RSA, MINI_CA_RSA_PSS, MINI_CA_P256,
		MINI_CA_ED25519 };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct bench b;
		struct keeper_session session;
		open_bench(&b, types[i]);
		struct bytes old = b.wrapped;
		assert_int_equal(keeper_change_password(
				     b.k, b.s, old, word(b.s, GOOD), word(b.s, BETTER), &b.wrapped),
		    OK);
		refused(&b, try_password(&b, GOOD), ERR_DENIED, "wrong password");
		assert_int_equal(
		    keeper_unlock_session(b.k, b.s, b.wrapped, word(b.s, BETTER), 1, 60, &session),
		    OK);
		assert_true(bytes_equal(session.certificates.certificate, b.bag.leaf->der));
		assert_int_equal(session.certificates.n_chain, 1);
		assert_true(bytes_equal(session.certificates.chain[0], b.bag.root->der));
		struct signature_alg alg = mini_ca_alg(types[i], types[i] == MINI_CA_RSA_PSS);
		assert_int_equal(sign_as(&b, session.token, alg, ATTRIBUTES), OK);
		close_bench(&b);
	}
}

static void a_new_password_is_refused(void **state)
{
	(void)state;
	struct bench b;
	struct bytes again;
	open_bench(&b, MINI_CA_P256);
	struct bytes good = word(b.s, GOOD), better = word(b.s, BETTER);
	refused(&b, keeper_change_password(b.k, b.s, b.wrapped, better, good, &again), ERR_DENIED,
	    "wrong password");
	refused(&b, keeper_change_password(b.k, b.s, b.wrapped, good, word(b.s, "short"), &again),
	    ERR_DENIED, "the password must have");
	refused(&b, keeper_change_password(b.k, b.s, b.bag.pkcs12, good, better, &again),
	    ERR_FORMAT, "keeper: ");
	/* Wrong ones count here as well: one was, and the right one took it back. */
	for (int i = 0; i < LIMIT_KEEPER_TRIES; i++)
		refused(&b, keeper_change_password(b.k, b.s, b.wrapped, better, good, &again),
		    ERR_DENIED, "wrong password");
	refused(&b, keeper_change_password(b.k, b.s, b.wrapped, good, better, &again), ERR_LIMIT,
	    "wait 30 s: ");
	close_bench(&b);
}

/* -- unattended keys -- */
static void unattended_keys(void **state)
{
	(void)state;
	struct bench b;
	struct bytes certificate;
	struct keeper_session one, two;
	const char *name;
	open_bench(&b, MINI_CA_P256);
	struct bytes good = word(b.s, GOOD);
	assert_int_equal(keeper_add_unattended(b.k, b.s, "batch", b.bag.pkcs12), OK);
	refused(&b, keeper_add_unattended(b.k, b.s, "batch", b.bag.pkcs12), ERR_MISUSE, "two keys");
	assert_int_equal(keeper_unattended(b.k), 1);
	assert_int_equal(keeper_unattended_at(b.k, b.s, 0, &name, &certificate), OK);
	assert_string_equal(name, "batch");
	assert_int_equal(certificate.n, 0);
	refused(&b, keeper_grant(b.k, b.s, "batch", 1, 60, &one), ERR_MISUSE, "is locked");
	refused(&b, keeper_grant(b.k, b.s, "other", 1, 60, &one), ERR_MISUSE, "no key named");
	refused(&b, keeper_unlock(b.k, b.s, "other", good, &certificate), ERR_MISUSE, "no key");
	refused(&b, keeper_lock(b.k, b.s, "other"), ERR_MISUSE, "no key named");
	refused(&b, keeper_unlock(b.k, b.s, "batch", word(b.s, "no"), &certificate), ERR_DENIED,
	    "wrong password");
	assert_int_equal(keeper_unlock(b.k, b.s, "batch", good, &certificate), OK);
	assert_true(bytes_equal(certificate, b.bag.leaf->der));
	assert_int_equal(keeper_unattended_at(b.k, b.s, 0, &name, &certificate), OK);
	assert_true(bytes_equal(certificate, b.bag.leaf->der));
	assert_int_equal(keeper_grant(b.k, b.s, "batch", 1, 60, &one), OK);
	assert_int_equal(sign(&b, one.token, ATTRIBUTES), OK);
	refused(&b, sign(&b, one.token, ATTRIBUTES), ERR_MISUSE, "no such session");
	/* Unlocked once more: sessions of before go on. */
	assert_int_equal(keeper_grant(b.k, b.s, "batch", 5, 60, &one), OK);
	assert_int_equal(keeper_unlock(b.k, b.s, "batch", good, &certificate), OK);
	assert_int_equal(sign(&b, one.token, ATTRIBUTES), OK);
	assert_int_equal(keeper_grant(b.k, b.s, "batch", 5, 60, &two), OK);
	struct keeper_session officer = unlock(&b, 5, 60);
	assert_int_equal(keeper_lock(b.k, b.s, "batch"), OK);
	assert_int_equal(keeper_lock(b.k, b.s, "batch"), OK);
	refused(&b, sign(&b, two.token, ATTRIBUTES), ERR_MISUSE, "no such session");
	refused(&b, sign(&b, one.token, ATTRIBUTES), ERR_MISUSE, "no such session");
	refused(&b, keeper_grant(b.k, b.s, "batch", 1, 60, &one), ERR_MISUSE, "is locked");
	assert_int_equal(sign(&b, officer.token, ATTRIBUTES), OK);
	close_bench(&b);
}

static void unattended_keys_have_bounds(void **state)
{
	(void)state;
	struct bench b;
	char name[LIMIT_KEEPER_NAME + 2];
	open_bench(&b, MINI_CA_P256);
	memset(name, 'n', sizeof(name));
	name[LIMIT_KEEPER_NAME + 1] = 0;
	refused(&b, keeper_add_unattended(b.k, b.s, name, b.bag.pkcs12), ERR_LIMIT, "name");
	refused(&b, keeper_add_unattended(b.k, b.s, "", b.bag.pkcs12), ERR_LIMIT, "name");
	name[LIMIT_KEEPER_NAME] = 0;
	assert_int_equal(keeper_add_unattended(b.k, b.s, name, b.bag.pkcs12), OK);
	for (size_t i = 1; i < LIMIT_KEEPER_KEYS; i++) {
		name[0] = (char)('#' + i);
		assert_int_equal(keeper_add_unattended(b.k, b.s, name, b.bag.pkcs12), OK);
	}
	name[0] = '!';
	refused(&b, keeper_add_unattended(b.k, b.s, name, b.bag.pkcs12), ERR_LIMIT, "more than");
	close_bench(&b);
}

static void locking_all_ends_everything(void **state)
{
	(void)state;
	struct bench b;
	struct bytes certificate;
	struct keeper_session granted;
	open_bench(&b, MINI_CA_P256);
	struct keeper_session session = unlock(&b, 5, 60);
	assert_int_equal(keeper_add_unattended(b.k, b.s, "batch", b.bag.pkcs12), OK);
	assert_int_equal(keeper_unlock(b.k, b.s, "batch", word(b.s, GOOD), &certificate), OK);
	assert_int_equal(keeper_grant(b.k, b.s, "batch", 5, 60, &granted), OK);
	keeper_lock_all(b.k);
	assert_int_equal(keeper_sessions(b.k), 0);
	refused(&b, sign(&b, session.token, ATTRIBUTES), ERR_MISUSE, "no such session");
	refused(&b, sign(&b, granted.token, ATTRIBUTES), ERR_MISUSE, "no such session");
	refused(&b, keeper_grant(b.k, b.s, "batch", 5, 60, &granted), ERR_MISUSE, "is locked");
	close_bench(&b);
}

/* -- wrapped files -- */
static void wrapping_tells_every_change(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	const struct bytes key = bytes_of(service_key, sizeof(service_key));
	const struct bytes content = BYTES_LIT("what a person brought");
	struct bytes wrapped, again, out;
	assert_int_equal(keeper_wrap_close(s, key, content, &wrapped), OK);
	assert_int_equal(keeper_wrap_close(s, key, content, &again), OK);
	assert_int_equal(wrapped.n, content.n + KEEPER_WRAP_MORE);
	assert_false(bytes_equal(wrapped, again));
	assert_int_equal(bytes_find(wrapped, BYTES_LIT("person"), 0), BYTES_NOT_FOUND);
	assert_int_equal(keeper_wrap_open(s, key, wrapped, &out), OK);
	assert_true(bytes_equal(out, content));
	uint8_t *p = (uint8_t *)(uintptr_t)wrapped.p;
	for (size_t i = 0; i < wrapped.n; i++) {
		for (unsigned bit = 1; bit < 256; bit *= 2) {
			p[i] ^= (uint8_t)bit;
			assert_int_equal(keeper_wrap_open(s, key, wrapped, &out), ERR_FORMAT);
			scope_forgive(s);
			p[i] ^= (uint8_t)bit;
		}
		assert_int_equal(
		    keeper_wrap_open(s, key, bytes_cut(wrapped, 0, i), &out), ERR_FORMAT);
		scope_forgive(s);
	}
	uint8_t other[KEEPER_WRAP_KEY];
	memcpy(other, service_key, sizeof(other));
	other[31] ^= 1;
	assert_int_equal(
	    keeper_wrap_open(s, bytes_of(other, sizeof(other)), wrapped, &out), ERR_FORMAT);
	scope_forgive(s);
	assert_int_equal(
	    keeper_wrap_open(s, bytes_of(other, sizeof(other) - 1), wrapped, &out), ERR_MISUSE);
	scope_free(s);
}

static void wrapping_has_a_size(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	const struct bytes key = bytes_of(service_key, sizeof(service_key));
	struct bytes wrapped, out;
	uint8_t *large = scope_alloc(s, LIMIT_KEEPER_FILE + KEEPER_WRAP_MORE + 1);
	assert_int_equal(
	    keeper_wrap_close(s, key, bytes_of(large, LIMIT_KEEPER_FILE + 1), &wrapped), ERR_LIMIT);
	scope_forgive(s);
	assert_int_equal(
	    keeper_wrap_close(s, key, bytes_of(large, LIMIT_KEEPER_FILE), &wrapped), OK);
	assert_int_equal(keeper_wrap_open(s, key, wrapped, &out), OK);
	assert_true(bytes_equal(out, bytes_of(large, LIMIT_KEEPER_FILE)));
	assert_int_equal(keeper_wrap_open(s, key,
			     bytes_of(large, LIMIT_KEEPER_FILE + KEEPER_WRAP_MORE + 1), &out),
	    ERR_LIMIT);
	scope_forgive(s);
	assert_int_equal(keeper_wrap_close(s, key, BYTES_NONE, &wrapped), OK);
	assert_int_equal(keeper_wrap_open(s, key, wrapped, &out), OK);
	assert_int_equal(out.n, 0);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_key_signs),
		cmocka_unit_test(uses_run_out),
		cmocka_unit_test(what_takes_a_use),
		cmocka_unit_test(time_runs_out),
		cmocka_unit_test(closing_ends_one_session),
		cmocka_unit_test(other_tokens_are_nobodys),
		cmocka_unit_test(sessions_have_bounds),
		cmocka_unit_test(only_sets_are_signed),
		cmocka_unit_test(sets_have_a_size),
		cmocka_unit_test(broken_digests_are_refused),
		cmocka_unit_test(wrong_passwords_have_to_wait),
		cmocka_unit_test(the_wait_has_an_end),
		cmocka_unit_test(keys_are_counted_apart),
		cmocka_unit_test(deposit_asks_for_a_good_password),
		cmocka_unit_test(deposit_refuses),
		cmocka_unit_test(deposit_reads_old_files),
		cmocka_unit_test(deposit_refuses_what_takes_too_long),
		cmocka_unit_test(a_new_password_replaces_the_old),
		cmocka_unit_test(a_new_password_is_refused),
		cmocka_unit_test(unattended_keys),
		cmocka_unit_test(unattended_keys_have_bounds),
		cmocka_unit_test(locking_all_ends_everything),
		cmocka_unit_test(wrapping_tells_every_change),
		cmocka_unit_test(wrapping_has_a_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
