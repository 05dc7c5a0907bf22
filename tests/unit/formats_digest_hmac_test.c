#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/digest_hmac.h"

static void assert_mac(struct bytes key, const struct bytes *parts, size_t n, const char *hex)
{
	struct scope *s = scope_new(0);
	uint8_t mac[DIGEST_HMAC_OCTETS];
	char *text;
	assert_int_equal(digest_hmac(s, key, parts, n, mac), OK);
	assert_int_equal(bytes_to_hex(s, bytes_of(mac, sizeof(mac)), &text), OK);
	assert_string_equal(text, hex);
	scope_free(s);
}

/* RFC 4231, test cases 1, 2, 3 and 6. */
static void known_answers(void **state)
{
	(void)state;
	uint8_t key[131], data[50];
	struct bytes part = BYTES_LIT("Hi There");
	memset(key, 0x0b, 20);
	assert_mac(bytes_of(key, 20), &part, 1,
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	part = BYTES_LIT("what do ya want for nothing?");
	assert_mac(BYTES_LIT("Jefe"), &part, 1,
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	memset(data, 0xdd, sizeof(data));
	part = bytes_of(data, sizeof(data));
	assert_mac(bytes_of(key, 20), &part, 1,
	    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	part = BYTES_LIT("Test Using Larger Than Block-Size Key - Hash Key First");
	assert_mac(bytes_of(key, sizeof(key)), &part, 1,
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void parts_are_one_text(void **state)
{
	(void)state;
	const struct bytes parts[] = { BYTES_LIT("what do ya "), BYTES_NONE,
		BYTES_LIT("want for nothing?") };
	assert_mac(BYTES_LIT("Jefe"), parts, 3,
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* Nothing of a former key is left. */
static void no_key_is_a_key(void **state)
{
	(void)state;
	assert_mac(BYTES_NONE, NULL, 0,
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(parts_are_one_text),
		cmocka_unit_test(no_key_is_a_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
