/* Which portal a request comes from: by key, by certificate, by both, by neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/scope.h"
#include "service/front/api_client.h"

/* SHA-256 of "first-key" and "second-key" */
#define FIRST "9e24b55356ef2a121ab5fd1a3ee8a3c9191e837f3853e399a369e9044ff183f7"
#define SECOND "f397f260a275cc4d42e7965c556167bf3f068aed491d35a8f5b38c8c2db96bb0"
#define CERTIFICATE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char *const certificates[] = { CERTIFICATE };
static const struct configuration_portal portals[] = {
	{ .id = "first", .api_key_sha256 = FIRST },
	{ .id = "second",
	    .api_key_sha256 = SECOND,
	    .certificates = certificates,
	    .n_certificates = 1 },
	{ .id = "third" },
};
static const struct configuration configuration = { .portal = portals, .n_portals = 3 };

/* The portal's id, "" for nobody. */
static const char *who(const char *authorization, const char *certificate)
{
	struct scope *s = scope_new(0);
	const struct http_request_pair header[] = { { "Authorization", authorization }, { 0 } };
	const struct http_request_values values = { .header = authorization ? header : NULL };
	const struct http_request q = { .client_certificate = certificate, .values = &values };
	const struct configuration_portal *portal;
	assert_int_equal(api_client_portal(s, &configuration, &q, &portal), OK);
	scope_free(s);
	return portal ? portal->id : "";
}

static void by_key(void **state)
{
	(void)state;
	assert_string_equal(who("Bearer first-key", NULL), "first");
	assert_string_equal(who("bearer   second-key", NULL), "second");
	assert_string_equal(who("Bearer first-kez", NULL), "");
	assert_string_equal(who("Bearer first-key ", NULL), "");
	assert_string_equal(who("Bearer ", NULL), "");
	assert_string_equal(who("Basic first-key", NULL), "");
	assert_string_equal(who("Bearer " FIRST, NULL), "");
	assert_string_equal(who(NULL, NULL), "");
}

static void long_keys(void **state)
{
	char text[600] = "Bearer ";
	(void)state;
	memset(text + 7, 'x', sizeof text - 8);
	assert_string_equal(who(text, NULL), "");
}

static void by_certificate(void **state)
{
	(void)state;
	assert_string_equal(who(NULL, CERTIFICATE), "second");
	assert_string_equal(
	    who(NULL, "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"),
	    "second");
	assert_string_equal(who(NULL, FIRST), "");
}

/* What contradicts itself is nobody. */
static void by_both(void **state)
{
	(void)state;
	assert_string_equal(who("Bearer second-key", CERTIFICATE), "second");
	assert_string_equal(who("Bearer first-key", CERTIFICATE), "");
	assert_string_equal(who("Bearer wrong", CERTIFICATE), "");
	assert_string_equal(who("Bearer first-key", FIRST), "first");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_key),
		cmocka_unit_test(long_keys),
		cmocka_unit_test(by_certificate),
		cmocka_unit_test(by_both),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
