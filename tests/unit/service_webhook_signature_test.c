#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/webhook_signature.h"

#define SECRET "whsec_0123456789abcdef"
#define BODY "{\"event\":\"sealing.sealed\",\"delivery\":\"wh_01\"}"
/* By another program: printf '%s' '1795000000.BODY' | openssl dgst -sha256 -hmac SECRET. The same
 * answer is asked of tests/demo/webhook_signature.py. */
#define ANSWER "t=1795000000,v1=0f38b40d81fe72530f282c92426aeeac649078b34615b9b05b9f32ede7945352"

static const struct instant at = { 1795000000 };

static int set_up(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	scope_free(*state);
	return 0;
}

static void known_answer(void **state)
{
	const char *value;
	assert_int_equal(
	    webhook_signature_make(*state, BYTES_LIT(SECRET), at, BYTES_LIT(BODY), &value), OK);
	assert_string_equal(value, ANSWER);
}

static void everything_counts(void **state)
{
	struct scope *s = *state;
	const char *value;
	assert_int_equal(
	    webhook_signature_make(s, BYTES_LIT(SECRET "x"), at, BYTES_LIT(BODY), &value), OK);
	assert_string_not_equal(value, ANSWER);
	assert_int_equal(
	    webhook_signature_make(s, BYTES_LIT(SECRET), at, BYTES_LIT(BODY " "), &value), OK);
	assert_string_not_equal(value, ANSWER);
	assert_int_equal(webhook_signature_make(s, BYTES_LIT(SECRET),
			     (struct instant){ 1795000001 }, BYTES_LIT(BODY), &value),
	    OK);
	assert_string_not_equal(strchr(value, ','), strchr(ANSWER, ','));
}

static enum err by_file(struct scope *s, struct bytes content, const char **ret_value)
{
	char path[] = "/tmp/bulla-secret-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content.p, content.n), content.n);
	close(fd);
	scope_forgive(s);
	enum err e = webhook_signature_make_by_file(s, path, at, BYTES_LIT(BODY), ret_value);
	if (e != OK) /* The fault names the file, and nothing of what is in it. */
		assert_memory_equal(scope_fault_text(s), path, strlen(path));
	assert_null(strstr(scope_fault_text(s), "whsec"));
	unlink(path);
	return e;
}

static void the_secret_is_in_a_file(void **state)
{
	struct scope *s = *state;
	static const struct bytes same[] = { BYTES_LIT(SECRET), BYTES_LIT(SECRET "\n"),
		BYTES_LIT(SECRET "\r\n") };
	for (size_t i = 0; i < 3; i++) {
		const char *value;
		assert_int_equal(by_file(s, same[i], &value), OK);
		assert_string_equal(value, ANSWER);
	}
}

static void secrets_that_are_none(void **state)
{
	struct scope *s = *state;
	static uint8_t octets[LIMIT_WEBHOOK_SECRET + 1];
	const char *value;
	memset(octets, 'w', sizeof(octets));
	assert_int_equal(by_file(s, BYTES_NONE, &value), ERR_DENIED);
	assert_int_equal(by_file(s, BYTES_LIT("whsec\n"), &value), ERR_DENIED);
	assert_int_equal(
	    by_file(s, bytes_of(octets, LIMIT_WEBHOOK_SECRET_LEAST - 1), &value), ERR_DENIED);
	assert_int_equal(by_file(s, bytes_of(octets, LIMIT_WEBHOOK_SECRET_LEAST), &value), OK);
	assert_int_equal(by_file(s, bytes_of(octets, LIMIT_WEBHOOK_SECRET), &value), OK);
	assert_int_equal(by_file(s, bytes_of(octets, sizeof(octets)), &value), ERR_LIMIT);
	scope_forgive(s);
	assert_int_equal(
	    webhook_signature_make_by_file(s, "/nowhere/secret", at, BYTES_NONE, &value), ERR_IO);
	scope_forgive(s);
	assert_int_equal(webhook_signature_make_by_file(s, "/tmp", at, BYTES_NONE, &value), ERR_IO);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(known_answer),
		T(everything_counts),
		T(the_secret_is_in_a_file),
		T(secrets_that_are_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
