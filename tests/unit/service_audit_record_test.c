#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/log/audit_chain.h"
#include "service/log/audit_text.h"

#define AT INT64_C(1767225600123)

static const uint8_t salt[AUDIT_RECORD_SALT] = { 0x5a, 1 };
static const uint8_t previous[AUDIT_RECORD_HASH] = { 0xb0, 2 };

static const struct audit_entry login = { .kind = AUDIT_LOGIN_ACCEPTED,
	.address = "192.0.2.1",
	.session = "0123456789abcdef0123",
	.actor = "person:12",
	.partner = "4",
	.detail = { { "role", "officer", false }, { "language", NULL, false } } };

static struct bytes line_of(struct scope *s, const struct audit_entry *entry, uint64_t seq)
{
	struct buf b = buf_new(s, SIZE_MAX);
	struct bytes body;
	uint8_t hash[AUDIT_RECORD_HASH];
	assert_int_equal(audit_record_body(s, entry, &body), OK);
	assert_int_equal(audit_record_write(s, &b, seq, AT, body, salt, previous, hash), OK);
	assert_int_equal(b.p[b.n - 1], '\n');
	return bytes_cut(buf_bytes(&b), 0, b.n - 1);
}

/* The form is a promise to auditors with programs of their own. */
static void test_form(void **state)
{
	struct scope *s = *state;
	assert_true(bytes_equal_str(line_of(s, &login, 7),
	    "{\"seq\":7,\"time\":\"2026-01-01T00:00:00.123Z\",\"kind\":\"login.accepted\","
	    "\"source\":{\"address\":\"192.0.2.1\",\"session\":\"0123456789abcdef\"},"
	    "\"actor\":\"person:12\",\"partner\":\"4\",\"object\":null,"
	    "\"detail\":{\"role\":\"officer\",\"language\":null},"
	    "\"salt\":\"5a010000000000000000000000000000\","
	    "\"previous\":\"b002000000000000000000000000000000000000000000000000000000000000\","
	    "\"hash\":\"da6cf63a9bbd54449dd5fbc17bbf088d743c465d891c5b21a62c0549b206e561\"}"));
}

static void test_read_again(void **state)
{
	struct scope *s = *state;
	struct audit_record r;
	assert_int_equal(audit_record_parse(s, line_of(s, &login, 7), &r), OK);
	assert_int_equal(r.seq, 7);
	assert_true(r.ms == AT);
	assert_string_equal(r.kind, "login.accepted");
	assert_string_equal(r.address, "192.0.2.1");
	assert_string_equal(r.actor, "person:12");
	assert_string_equal(r.partner, "4");
	assert_null(r.object);
	assert_string_equal(audit_record_detail(&r, "role"), "officer");
	assert_null(audit_record_detail(&r, "language"));
	assert_null(audit_record_detail(&r, "other"));
	assert_memory_equal(r.previous, previous, sizeof(previous));
	assert_memory_equal(r.salt, salt, sizeof(salt));
	struct audit_entry least = { .kind = AUDIT_SERVICE_STARTED };
	assert_int_equal(audit_record_parse(s, line_of(s, &least, 1), &r), OK);
	assert_string_equal(r.actor, "system");
	assert_null(r.address);
	assert_int_equal(r.n_details, 0);
}

static void refused(struct scope *s, struct bytes line)
{
	struct audit_record r;
	struct audit_frame f;
	scope_forgive(s);
	assert_int_equal(audit_record_frame(s, line, &f), ERR_FORMAT);
	assert_int_equal(audit_record_parse(s, line, &r), ERR_FORMAT);
	scope_forgive(s);
}

/* Every octet to every neighbour of it, and cut at every octet. */
static void test_any_change_is_seen(void **state)
{
	struct scope *s = *state;
	struct bytes line = line_of(s, &login, 7), copy;
	for (size_t i = 0; i < line.n; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			struct scope *own = scope_new(0);
			assert_int_equal(bytes_copy(own, line, &copy), OK);
			((uint8_t *)(uintptr_t)copy.p)[i] ^= (uint8_t)(1 << bit);
			refused(own, copy);
			scope_free(own);
		}
		refused(s, bytes_cut(line, 0, i));
		refused(s, bytes_from(line, i + 1));
	}
}

/* Lines whose hash is right, but that are not written as records are. */
static void test_one_form_only(void **state)
{
	static const char *const bodies[] = {
		"\"kind\":\"login.accepted\",\"source\":{\"address\":null,\"session\":null},"
		"\"actor\":\"a\",\"partner\":null,\"object\":null,\"detail\":{}",
		"\"kind\":\"login.accepted\",\"source\":{\"address\":null,\"session\":null},"
		"\"actor\":\"a\",\"partner\":null,\"object\":null,\"detail\": {}",
		"\"kind\":\"login.accepted\",\"source\":{\"address\":null,\"session\":null},"
		"\"actor\":\"\\u0061\",\"partner\":null,\"object\":null,\"detail\":{}",
		"\"kind\":\"login.accepted\",\"source\":{\"session\":null,\"address\":null},"
		"\"actor\":\"a\",\"partner\":null,\"object\":null,\"detail\":{}",
		"\"kind\":\"login.accepted\",\"source\":{\"address\":null,\"session\":null},"
		"\"actor\":\"a\",\"partner\":null,\"object\":null,\"detail\":{\"a\":1}",
		"\"kind\":\"login.accepted\",\"source\":{\"address\":null,\"session\":null},"
		"\"actor\":\"a\",\"partner\":null,\"object\":null,\"detail\":{},\"more\":null",
		"\"kind\":\"Login\",\"source\":{\"address\":null,\"session\":null},"
		"\"actor\":\"a\",\"partner\":null,\"object\":null,\"detail\":{}",
		"\"kind\":\"login.accepted\",\"source\":null,"
		"\"actor\":\"a\",\"partner\":null,\"object\":null,\"detail\":{}",
		"\"kind\":\"a\",\"kind\":\"a\"",
		"]",
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct buf b = buf_new(s, SIZE_MAX);
		struct audit_record r;
		struct audit_frame f;
		uint8_t hash[AUDIT_RECORD_HASH];
		assert_int_equal(
		    audit_record_write(s, &b, 1, AT, bytes_of_str(bodies[i]), salt, previous, hash),
		    OK);
		struct bytes line = bytes_cut(buf_bytes(&b), 0, b.n - 1);
		assert_int_equal(audit_record_frame(s, line, &f), OK);
		assert_int_equal(audit_record_parse(s, line, &r), i == 0 ? OK : ERR_FORMAT);
		scope_forgive(s);
	}
}

static void test_texts_from_outside(void **state)
{
	static const struct {
		const char *text, *clean;
	} cases[] = {
		{ "", "" },
		{ "Kov\xc3\xa1"
		  "cs \xe2\x82\xac \xf0\x9f\x94\x92",
		    "Kov\xc3\xa1"
		    "cs \xe2\x82\xac \xf0\x9f\x94\x92" },
		{ "a\nb\r\x1b[2J\x7f", "a<U+000A>b<U+000D><U+001B>[2J<U+007F>" },
		{ "\xc2\x85\xc2\xa0", "<U+0085>\xc2\xa0" },
		{ "user\xe2\x80\xaegnp.exe", "user<U+202E>gnp.exe" },
		{ "\xe2\x81\xa6\xe2\x80\x8f\xe2\x80\xa8\xef\xbb\xbf",
		    "<U+2066><U+200F><U+2028><U+FEFF>" },
		{ "\xf3\xa0\x81\x81", "<U+E0041>" },
		{ "\xff\xc0\x80\xed\xa0\x80",
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
	};
	struct scope *s = *state;
	const char *clean;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(audit_text_clean(s, cases[i].text, 64, &clean), OK);
		assert_string_equal(clean, cases[i].clean);
	}
	assert_int_equal(audit_text_clean(s, NULL, 64, &clean), OK);
	assert_null(clean);
}

static void test_long_texts(void **state)
{
	struct scope *s = *state;
	const char *clean;
	assert_int_equal(audit_text_clean(s, "0123456789abcdef", 16, &clean), OK);
	assert_string_equal(clean, "0123456789abcdef");
	assert_int_equal(audit_text_clean(s, "0123456789abcdefg", 16, &clean), OK);
	assert_string_equal(clean, "0123456789abc...");
	/* Not inside of a character, nor of what stands for one. */
	assert_int_equal(audit_text_clean(s,
			     "0123456789ab\xe2\x82\xac"
			     "def",
			     16, &clean),
	    OK);
	assert_string_equal(clean, "0123456789ab...");
	assert_int_equal(audit_text_clean(s, "0123456\n\n", 16, &clean), OK);
	assert_string_equal(clean, "0123456...");
	char *many = scope_alloc(s, 100001);
	memset(many, '\n', 100000);
	struct audit_entry e = { .kind = AUDIT_LOGIN_REFUSED,
		.address = many,
		.session = many,
		.actor = many,
		.partner = many,
		.object = many };
	for (size_t i = 0; i < LIMIT_AUDIT_DETAILS; i++)
		e.detail[i] = (struct audit_detail){ "text", many, false };
	e.detail[0].name = "a";
	struct bytes body;
	assert_int_equal(audit_record_body(s, &e, &body), OK);
	assert_true(body.n < LIMIT_AUDIT_DETAILS * (LIMIT_AUDIT_TEXT + 16) + 8 * LIMIT_AUDIT_NAME);
}

static void test_size_limit(void **state)
{
	struct scope *s = *state;
	struct bytes body;
	char *long_text = scope_alloc(s, LIMIT_AUDIT_LINE + 1);
	struct audit_entry e = { .kind = AUDIT_LOG_TIMESTAMP,
		.detail = { { "token", long_text, true } } };
	memset(long_text, 'A', LIMIT_AUDIT_TOKEN / 3 * 4 + 4);
	assert_int_equal(audit_record_body(s, &e, &body), OK);
	memset(long_text, 'A', LIMIT_AUDIT_LINE);
	assert_int_equal(audit_record_body(s, &e, &body), ERR_LIMIT);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_form),
		TEST(test_read_again),
		TEST(test_any_change_is_seen),
		TEST(test_one_form_only),
		TEST(test_texts_from_outside),
		TEST(test_long_texts),
		TEST(test_size_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
