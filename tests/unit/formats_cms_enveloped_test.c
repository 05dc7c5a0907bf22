#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/cms_enveloped.h"

/* Content of old writers; made with OpenSSL's legacy ciphers under a key of letters Z, for the
 * certificate with an empty issuer and the serial number 7. */
static const struct {
	const char *name, *hex;
} samples[] = {
	{ "RC2, 128 bits",
	    "30818506092a864886f70d010703a07830760201003127302502010030053000020107300d06092a"
	    "864886f70d0101010500040a7365616c6564206b6579304806092a864886f70d010701301906082a"
	    "864886f70d0302300d02013a0408696969696969696980203fbb8abd9d16f785534b8d45f6492bd1"
	    "c0127612e890feb42cb805728feb78de" },
	{ "RC2, 64 bits",
	    "30818506092a864886f70d010703a07830760201003127302502010030053000020107300d06092a"
	    "864886f70d0101010500040a7365616c6564206b6579304806092a864886f70d010701301906082a"
	    "864886f70d0302300d0201780408696969696969696980203062fc66d864f2ac5d16095d07100ce6"
	    "c3e25a09d106658b6c5bad1b7ce3d4ab" },
	{ "RC2, 40 bits",
	    "30818606092a864886f70d010703a07930770201003127302502010030053000020107300d06092a"
	    "864886f70d0101010500040a7365616c6564206b6579304906092a864886f70d010701301a06082a"
	    "864886f70d0302300e020200a00408696969696969696980202c326dc582c10aa553cd09f0c5093b"
	    "8e9af7ae2adfbd3a07db4c3d1379e7f8e6" },
	{ "DES", "307d06092a864886f70d010703a070306e0201003127302502010030053000020107300d06092a86"
		 "4886f70d0101010500040a7365616c6564206b6579304006092a864886f70d010701301106052b0e"
		 "030207040869696969696969698020b6e67a86022fe5f5b20f614568324d8fc7db36e0c850b7ba00"
		 "25c3fa94fe8cb0" },
	{ "triple DES",
	    "30818006092a864886f70d010703a07330710201003127302502010030053000020107300d06092a"
	    "864886f70d0101010500040a7365616c6564206b6579304306092a864886f70d010701301406082a"
	    "864886f70d0307040869696969696969698020b6e67a86022fe5f5b20f614568324d8fc7db36e0c8"
	    "50b7ba0025c3fa94fe8cb0" },
	{ "RC4", "307006092a864886f70d010703a06330610201003127302502010030053000020107300d06092a86"
		 "4886f70d0101010500040a7365616c6564206b6579303306092a864886f70d010701300c06082a86"
		 "4886f70d030405008018d193e52d106035a490f3da9945459f1fd7740be9139b806a" },
};
#define N_SAMPLES (sizeof(samples) / sizeof(*samples))

static enum err letters(void *ctx, struct scope *s, const struct recipient_padding *padding,
    struct bytes encrypted, size_t n, struct recipient_secret *ret_key)
{
	(void)s;
	(void)padding;
	assert_true(bytes_equal_str(encrypted, "sealed key"));
	ret_key->n = n;
	memset(ret_key->octets, *(const char *)ctx, n);
	return OK;
}

static const struct cert seven = { .issuer = { (const uint8_t *)"\x30\x00", 2 },
	.serial = { (const uint8_t *)"\x07", 1 } };
static const struct cert eight = { .issuer = { (const uint8_t *)"\x30\x00", 2 },
	.serial = { (const uint8_t *)"\x08", 1 } };

static struct bytes sample(struct scope *s, size_t i)
{
	struct bytes der;
	assert_int_equal(bytes_of_hex(s, bytes_of_str(samples[i].hex), &der), OK);
	return der;
}

static enum cms_enveloped_outcome outcome_of(struct scope *s, struct bytes der, const char *letter,
    const struct cert *cert, struct recipient_secret *ret_content)
{
	const struct recipient r = {
		.ctx = (void *)(uintptr_t)letter, .cert = cert, .decrypt = letters
	};
	enum cms_enveloped_outcome outcome = CMS_ENVELOPED_OTHERS;
	assert_int_equal(cms_enveloped_open(s, der, &r, ret_content, &outcome), OK);
	return outcome;
}

static void test_old_ciphers(void **state)
{
	struct scope *s = scope_new(0);
	(void)state;
	for (size_t i = 0; i < N_SAMPLES; i++) {
		struct recipient_secret content = { 0 };
		if (outcome_of(s, sample(s, i), "Z", &seven, &content) != CMS_ENVELOPED_OPEN)
			fail_msg("%s", samples[i].name);
		assert_int_equal(content.n, 24);
		assert_memory_equal(content.octets, "twenty octets, seed!\xff\xff\xf0\xc4", 24);
	}
	scope_free(s);
}

static void test_others(void **state)
{
	struct scope *s = scope_new(0);
	struct recipient_secret content = { 0 };
	(void)state;
	for (size_t i = 0; i < N_SAMPLES; i++)
		assert_int_equal(
		    outcome_of(s, sample(s, i), "Z", &eight, &content), CMS_ENVELOPED_OTHERS);
	/* Of the last one, a stream cipher, any key gives something. */
	for (size_t i = 0; i + 1 < N_SAMPLES; i++)
		assert_int_equal(
		    outcome_of(s, sample(s, i), "Y", &seven, &content), CMS_ENVELOPED_WRONG);
	scope_free(s);
}

static void test_trailing_octets(void **state)
{
	struct scope *s = scope_new(0);
	struct buf b = buf_new(s, 4096);
	struct bytes padded;
	struct recipient_secret content = { 0 };
	(void)state;
	buf_add(&b, sample(s, 0));
	buf_add_str(&b, "more");
	assert_int_equal(buf_done(&b, &padded), OK);
	assert_int_equal(outcome_of(s, padded, "Z", &seven, &content), CMS_ENVELOPED_OPEN);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_old_ciphers),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_trailing_octets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
