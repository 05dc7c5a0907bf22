#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/rc2.h"

/* RFC 2268 5 */
static const struct {
	const char *key;
	int bits;
	const char *plain, *cipher;
} vectors[] = {
	{ "0000000000000000", 63, "0000000000000000", "ebb773f993278eff" },
	{ "ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49" },
	{ "3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2" },
	{ "88", 64, "0000000000000000", "61a8a244adacccf0" },
	{ "88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f" },
	{ "88bca90e90875a7f0f79c384627bafb2", 64, "0000000000000000", "1a807d272bbe5db1" },
	{ "88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6" },
	{ "88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e", 129,
	    "0000000000000000", "5b78d3a43dfff1f1" },
};

static struct bytes octets(struct scope *s, const char *hex)
{
	struct bytes b;
	assert_int_equal(bytes_of_hex(s, bytes_of_str(hex), &b), OK);
	return b;
}

static void test_vectors(void **state)
{
	static const uint8_t iv[RC2_BLOCK];
	struct scope *s = scope_new(0);
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		uint8_t out[RC2_BLOCK];
		rc2_decrypt(octets(s, vectors[i].key), vectors[i].bits, iv,
		    octets(s, vectors[i].cipher), out);
		assert_memory_equal(out, octets(s, vectors[i].plain).p, RC2_BLOCK);
	}
	scope_free(s);
}

/* Two equal blocks of ciphertext: the second comes out as the first, but for what CBC adds. */
static void test_chaining(void **state)
{
	struct scope *s = scope_new(0);
	const struct bytes iv = octets(s, "0102030405060708");
	uint8_t out[2 * RC2_BLOCK];
	(void)state;
	rc2_decrypt(octets(s, "ffffffffffffffff"), 64, iv.p,
	    octets(s, "278b27e42e2f0d49278b27e42e2f0d49"), out);
	assert_memory_equal(out, octets(s, "fefdfcfbfaf9f8f7d874d81bd1d0f2b6").p, sizeof(out));
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_chaining),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
