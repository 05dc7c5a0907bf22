#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_cipher.h"
#include "formats/pdf_crypt.h"
#include "formats/pdf_syntax.h"

struct sample {
	const char *encrypt;
	const char *title;
};

/* Files made once with qpdf 11.3: /Encrypt, and the /Title of object 2 0; /ID is pi. */
static const struct sample rc4_40 = {
	"<< /Filter /Standard /Length 40 /O "
	"<4c206d19af704565424449903ed45c3201c315ad86db1f56970f1050a25ca95d> /P -12 /R 2 /U "
	"<773ff5c524ef6b6ef4f39ceff871b756c9f2d8f17316c60d2133ea93dd412732> /V 1 >>",
	"50311b0b9ef7265f45a023d2d64141fbfbe8980aa8",
};
static const struct sample rc4_128 = {
	"<< /Filter /Standard /Length 128 /O "
	"<0e34955e006ef298f775ab936441800c82e5252de0b0fdc1205823063e56c326> /P -1324 /R 3 /U "
	"<49e71cea3519f17e3e497a7fc0c3be360122456a91bae5134273a6db134c87c4> /V 2 >>",
	"b81996880167967f883cdb969a393393d96a7e5f61",
};
static const struct sample v4_rc4 = {
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /V2 /Length 16 >> >> /Filter /Standard "
	"/Length 128 /O <566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5> /P"
	" -1324 /R 4 /StmF /StdCF /StrF /StdCF /U "
	"<aa2b0a8ee6fa10d2095873c5f6857d390122456a91bae5134273a6db134c87c4> /V 4 >>",
	"7f123decb35ca5deff3359185e9da8a08db262c859",
};
static const struct sample aes_128 = {
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV2 /Length 16 >> >> /Filter "
	"/Standard /Length 128 /O "
	"<0ba3835f88f90388e74e54584125ce142be0de24c6b0d37746e075b891756671> /P -1324 /R 4 "
	"/StmF /StdCF /StrF /StdCF /U "
	"<1ef8a38b8100f57a0d1c9828f9a283be0122456a91bae5134273a6db134c87c4> /V 4 >>",
	"0e1c2a38465462707e8c9aa8b6c4d2e0a1b5ede2a1b95b35626aa7a58cda0df48ee77c260661f2dd6b0de8ac52"
	"a02e54",
};
static const struct sample aes_128_cleartext = {
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV2 /Length 16 >> >> "
	"/EncryptMetadata false /Filter /Standard /Length 128 /O "
	"<3b450f40a75c29155fe53951cc4949f4edc5dbd64367bda5812d55d0d6aa8d43> /P -1324 /R 4 "
	"/StmF /StdCF /StrF /StdCF /U "
	"<4d7248657924d28b6a13bc1829c5cfdd0122456a91bae5134273a6db134c87c4> /V 4 >>",
	"0e1c2a38465462707e8c9aa8b6c4d2e0bb821355dfb18504866a293c58a2bec8bbec1d13485f9b4394d0837b28"
	"4e7189",
};
static const struct sample r5 = {
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter "
	"/Standard /Length 256 /O <35a637d93114b320b81d8c69777b7142d5b5fe6940e2d500db042f2279"
	"5234f6127cdc924e168dcb38f33a23892bc307> /OE "
	"<01adb40fcfa4db77ca630e233554c73d14f8b11ae994c4ad4c10b3883c5db80f> /P -1324 /Perms "
	"<f6dd4184b896a16cfeb12f71fa8fe9cd> /R 5 /StmF /StdCF /StrF /StdCF /U <cf74571be63d3b"
	"b6d25bf351af7a269d52b15f4093e8fddde5bd53a2d2b7632a611e3e1af700f49f8d0e645063ef8144> "
	"/UE <713037c6eff7699e62ef2b0637a9efd98d0c6541d7ce2095f2351033ae4bd0a7> /V 5 >>",
	"0e1c2a38465462707e8c9aa8b6c4d2e00469af4ddb2b4d9abcfbea25cab537d2fd9930901ff62a290a9a77355b"
	"b1b587",
};
static const struct sample r6 = {
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter "
	"/Standard /Length 256 /O <53e4d0b75ef768297099bafd2fd4f53e7b49ff01a089e51dc23d4bb254"
	"058fb553725eb7e54fcaa4668927967020e8c6> /OE "
	"<ca84025804f7096880e66fcbd3e465882215a0d73a627b51965cbc6e21f946dc> /P -1324 /Perms "
	"<aacbe219155fb7059f2af71654c4b285> /R 6 /StmF /StdCF /StrF /StdCF /U <cf4743a3398e7d"
	"ebdac56f2fc17f166679920aa56447cdc387bd473e152565eadb43134f00fee9d26274eeb9cf725891> "
	"/UE <9fe13ba10781764119509ad1f3578f8adccfcf97f201ce2d322fdad8a644d544> /V 5 >>",
	"0e1c2a38465462707e8c9aa8b6c4d2e03e4d04d243d41efa84cb17d15d149b6364e12dd7b8adc021c64dc6237b"
	"cc9ca5",
};
static const struct sample r6_blank = {
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter "
	"/Standard /Length 256 /O <bbb9b5e1a657752559a12f8ece30aa71bba16cad0e804c64fee514229f"
	"55c0dd268602d10466dbea9f0d1d359059226c> /OE "
	"<a04ff7d0efdee0e3a5afb22a39fbc69387281e4f4cb38276af5ffe08ab80e49c> /P -1324 /Perms "
	"<940817448becf85230dfd4708aedc3f3> /R 6 /StmF /StdCF /StrF /StdCF /U <18b71771719718"
	"bb83ada37918b16ea6f69041a2a5b88331ee39fbfff4c05c8f29a9779b9802cf986cd46bef61313d4b> "
	"/UE <c6d4f347dd87645a5c6a8c3f7d196ef9b7a7f5ad833ce391f186b079ef702845> /V 5 >>",
	"0e1c2a38465462707e8c9aa8b6c4d2e079780e7329c50a6e02f5a3737cc4b007ecf2a3da4e503b80f9317b0ddf"
	"faa333",
};
static const struct sample r6_prep = {
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter "
	"/Standard /Length 256 /O <531841a7f2b65d9c62c238f82fcf1d4641741167db674a918a9568a9d8"
	"70ab7b7a9858f0c93ba8b985e85c38a3066440> /OE "
	"<940af6ec3a0546855a8641a232aecc966407eb19c79488ff2e35165348499fae> /P -1324 /Perms "
	"<fef02967a408207c979ff5b3cb429ea6> /R 6 /StmF /StdCF /StrF /StdCF /U <80988a6356f6e5"
	"e1594feb43402bf21120b5a704213f8d9428cd2925cc94490ab0b5534ef1bd6e748e57922ca0394348> "
	"/UE <d20caf81a77105a5c6687ee0979eadda7ffb91f6ceffdcd4d4c91799b41e860a> /V 5 >>",
	"0e1c2a38465462707e8c9aa8b6c4d2e08b57ab59281241758165d7490a0100e6c9f1ebc374452147af3f919ebb"
	"283513",
};

#define PLAIN "Bulla seals documents"
static const struct pdf_ref object = { 2, 0 };
static const uint8_t vector[PDF_CIPHER_BLOCK] = "0123456789abcde";

static const struct pdf_value *parse(struct scope *s, const char *text)
{
	const struct pdf_value *v = NULL;
	size_t at = 0;
	assert_int_equal(pdf_syntax_value(s, bytes_of_str(text), &at, &v), OK);
	return v;
}

static enum err open_text(
    struct scope *s, const char *encrypt, const char *password, struct pdf_crypt **ret_crypt)
{
	struct bytes id0;
	scope_forgive(s);
	assert_int_equal(bytes_of_hex(s, BYTES_LIT("31415926535897932384626433832795"), &id0), OK);
	const struct pdf_crypt_means means = { .password = bytes_of_str(password) };
	return pdf_crypt_open(s, parse(s, encrypt), id0, &means, ret_crypt);
}

static void assert_title(struct scope *s, const struct pdf_crypt *c, const char *title)
{
	struct bytes cipher, plain;
	assert_int_equal(bytes_of_hex(s, bytes_of_str(title), &cipher), OK);
	assert_int_equal(pdf_crypt_decrypt(s, c, PDF_CRYPT_STRING, object, cipher, &plain), OK);
	assert_true(bytes_equal_str(plain, PLAIN));
}

#define EVERYTHING UINT32_MAX
#define U32(p) ((uint32_t)(p))

/* Non-ASCII passwords stand here as UTF-8. */
static const struct attempt {
	const struct sample *sample;
	const char *password;
	enum err result;
	bool owner;
	uint32_t permissions;
	const char *name;
} attempts[] = {
	{ &rc4_40, "user", OK, false, U32(-12), "RC4 (V1 R2)" },
	{ &rc4_40, "\xc3\xa4ngstrom", OK, true, EVERYTHING, "RC4 (V1 R2)" },
	{ &rc4_40, "\xe4ngstrom", OK, true, EVERYTHING, "RC4 (V1 R2)" }, /* as octets */
	{ &rc4_40, "User", ERR_DENIED, false, 0, NULL },
	{ &rc4_40, "", ERR_DENIED, false, 0, NULL },
	{ &rc4_128, "p\xc3\xa4ss\xe2\x82\xac", OK, false, U32(-1324), "RC4 (V2 R3)" },
	{ &rc4_128, "p\xe4ss\xa0", OK, false, U32(-1324), "RC4 (V2 R3)" },
	{ &rc4_128, "owner", OK, true, EVERYTHING, "RC4 (V2 R3)" },
	{ &rc4_128, "owne", ERR_DENIED, false, 0, NULL },
	{ &v4_rc4, "", OK, false, U32(-1324), "RC4 (V4 R4)" },
	{ &v4_rc4, "owner", OK, true, EVERYTHING, "RC4 (V4 R4)" },
	{ &v4_rc4, "neither", OK, false, U32(-1324), "RC4 (V4 R4)" }, /* the empty one opens */
	{ &aes_128, "user", OK, false, U32(-1324), "AES-128 (V4 R4)" },
	{ &aes_128, "owner", OK, true, EVERYTHING, "AES-128 (V4 R4)" },
	{ &aes_128, "usera", ERR_DENIED, false, 0, NULL },
	{ &aes_128_cleartext, "", OK, false, U32(-1324), "AES-128 (V4 R4)" },
	{ &aes_128_cleartext, "own\xc3\xa9r", OK, true, EVERYTHING, "AES-128 (V4 R4)" },
	{ &r5, "p\xc3\xa4ssw\xc3\xb6rt", OK, false, U32(-1324), "AES-256 (V5 R5)" },
	/* made without SASLprep, which would have turned the long s into an s */
	{ &r5, "\xc5\xbf owner", OK, true, EVERYTHING, "AES-256 (V5 R5)" },
	{ &r5, "s owner", ERR_DENIED, false, 0, NULL },
	{ &r5, "p\xe4ssw\xf6rt", ERR_DENIED, false, 0, NULL },
	{ &r6, "\xe6\x97\xa5\xe6\x9c\xac", OK, false, U32(-1324), "AES-256 (V5 R6)" },
	{ &r6, "w\xc5\x91rt", OK, true, EVERYTHING, "AES-256 (V5 R6)" },
	{ &r6, "wo\xcc\x8brt", OK, true, EVERYTHING, "AES-256 (V5 R6)" }, /* composed by NFKC */
	{ &r6, "wort", ERR_DENIED, false, 0, NULL },
	{ &r6_blank, "", OK, false, U32(-1324), "AES-256 (V5 R6)" },
	{ &r6_blank, "owner", OK, true, EVERYTHING, "AES-256 (V5 R6)" },
	/* RFC 4013 section 3 */
	{ &r6_prep, "IX", OK, false, U32(-1324), "AES-256 (V5 R6)" },
	{ &r6_prep, "I\xc2\xadX", OK, false, U32(-1324), "AES-256 (V5 R6)" },
	{ &r6_prep, "\xe2\x85\xa8", OK, false, U32(-1324), "AES-256 (V5 R6)" },
	{ &r6_prep,
	    "own\xc2\xa0"
	    "er",
	    OK, true, EVERYTHING, "AES-256 (V5 R6)" },
	{ &r6_prep, "ix", ERR_DENIED, false, 0, NULL },
	{ &r6_prep, "\x07", ERR_DENIED, false, 0, NULL },
	{ &r6_prep, "\xff", ERR_DENIED, false, 0, NULL },
};

static void test_known_answers(void **state)
{
	for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++) {
		const struct attempt *a = &attempts[i];
		struct pdf_crypt *c = NULL;
		enum err e = open_text(*state, a->sample->encrypt, a->password, &c);
		if (e != a->result)
			fail_msg("attempt %zu: %s", i, scope_fault_text(*state));
		if (e != OK)
			continue;
		assert_int_equal(pdf_crypt_is_owner(c), a->owner);
		assert_int_equal(pdf_crypt_permissions(c), a->permissions);
		assert_string_equal(pdf_crypt_name(c), a->name);
		assert_title(*state, c, a->sample->title);
	}
}

static void test_object_number_counts(void **state)
{
	struct scope *s = *state;
	struct pdf_crypt *c;
	struct bytes cipher, plain;
	assert_int_equal(open_text(s, rc4_128.encrypt, "owner", &c), OK);
	assert_int_equal(bytes_of_hex(s, bytes_of_str(rc4_128.title), &cipher), OK);
	const struct pdf_ref others[] = { { 3, 0 }, { 2, 1 }, { 2 + 256, 0 } };
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    pdf_crypt_decrypt(s, c, PDF_CRYPT_STRING, others[i], cipher, &plain), OK);
		assert_false(bytes_equal_str(plain, PLAIN));
	}
}

static void assert_round_trip(struct scope *s, const struct pdf_crypt *c, struct bytes plain)
{
	struct bytes cipher, again;
	struct bytes iv = bytes_of(vector, sizeof(vector));
	assert_int_equal(pdf_crypt_encrypt(s, c, PDF_CRYPT_STREAM, object, iv, plain, &cipher), OK);
	assert_int_equal(pdf_crypt_decrypt(s, c, PDF_CRYPT_STREAM, object, cipher, &again), OK);
	assert_true(bytes_equal(again, plain));
}

static void test_round_trips(void **state)
{
	static const struct sample *const samples[] = { &rc4_40, &rc4_128, &v4_rc4, &aes_128, &r5,
		&r6, &r6_blank };
	static const char *const passwords[] = { "user", "owner", "", "user",
		"p\xc3\xa4ssw\xc3\xb6rt", "w\xc5\x91rt", "" };
	static const uint8_t data[50] = { 1, 2, 3, [49] = 1 };
	for (size_t i = 0; i < 7; i++) {
		struct pdf_crypt *c;
		assert_int_equal(open_text(*state, samples[i]->encrypt, passwords[i], &c), OK);
		for (size_t n = 0; n <= sizeof(data); n++)
			assert_round_trip(*state, c, bytes_of(data, n));
	}
}

/* qpdf --static-aes-iv used the vector that stands before its cipher text. */
static void test_encrypt_gives_qpdfs_octets(void **state)
{
	static const struct sample *const samples[] = { &aes_128, &r6_blank };
	for (size_t i = 0; i < 2; i++) {
		struct pdf_crypt *c;
		struct bytes title, cipher;
		assert_int_equal(open_text(*state, samples[i]->encrypt, "owner", &c), OK);
		assert_int_equal(bytes_of_hex(*state, bytes_of_str(samples[i]->title), &title), OK);
		assert_int_equal(pdf_crypt_encrypt(*state, c, PDF_CRYPT_STRING, object,
				     bytes_cut(title, 0, 16), BYTES_LIT(PLAIN), &cipher),
		    OK);
		assert_true(bytes_equal(cipher, title));
	}
}

static void test_odd_cipher_texts(void **state)
{
	struct scope *s = *state;
	struct pdf_crypt *c;
	struct bytes cipher, plain, longer;
	assert_int_equal(open_text(s, r6_blank.encrypt, "", &c), OK);
	assert_int_equal(bytes_of_hex(s, bytes_of_str(r6_blank.title), &cipher), OK);
	for (size_t n = 0; n < 32; n++) {
		assert_int_equal(pdf_crypt_decrypt(s, c, PDF_CRYPT_STRING, object,
				     bytes_cut(cipher, 0, n), &plain),
		    OK);
		assert_int_equal(plain.n, 0);
	}
	/* without its last block there is no padding to take away */
	assert_int_equal(
	    pdf_crypt_decrypt(s, c, PDF_CRYPT_STRING, object, bytes_cut(cipher, 0, 40), &plain),
	    OK);
	assert_true(bytes_equal_str(plain, "Bulla seals docu"));
	/* an end of line that was counted in */
	struct buf b = buf_new(s, 100);
	buf_add(&b, cipher);
	buf_add_str(&b, "\r\n");
	assert_int_equal(buf_done(&b, &longer), OK);
	assert_int_equal(pdf_crypt_decrypt(s, c, PDF_CRYPT_STRING, object, longer, &plain), OK);
	assert_true(bytes_equal_str(plain, PLAIN));
	/* a vector of another length is the caller's mistake */
	assert_int_equal(pdf_crypt_encrypt(s, c, PDF_CRYPT_STRING, object, bytes_of(vector, 15),
			     BYTES_LIT(PLAIN), &cipher),
	    ERR_INTERNAL);
}

static void test_metadata_in_clear(void **state)
{
	struct scope *s = *state;
	struct pdf_crypt *c;
	struct bytes iv = bytes_of(vector, sizeof(vector)), out;
	assert_int_equal(open_text(s, aes_128_cleartext.encrypt, "", &c), OK);
	assert_int_equal(
	    pdf_crypt_encrypt(s, c, PDF_CRYPT_METADATA, object, iv, BYTES_LIT("<x/>"), &out), OK);
	assert_true(bytes_equal_str(out, "<x/>"));
	assert_int_equal(
	    pdf_crypt_encrypt(s, c, PDF_CRYPT_STREAM, object, iv, BYTES_LIT("<x/>"), &out), OK);
	assert_int_equal(out.n, 32);
	assert_int_equal(open_text(s, aes_128.encrypt, "user", &c), OK);
	assert_int_equal(
	    pdf_crypt_encrypt(s, c, PDF_CRYPT_METADATA, object, iv, BYTES_LIT("<x/>"), &out), OK);
	assert_int_equal(out.n, 32);
}

/* A sample's dictionary with one entry replaced. */
static const char *changed(
    struct scope *s, const struct sample *sample, const char *key, const char *value, struct buf *b)
{
	const struct pdf_value *old = parse(s, sample->encrypt);
	struct pdf_value *dict = pdf_value_copy(s, old);
	char *text;
	if (value)
		assert_int_equal(pdf_value_set(s, dict, key, parse(s, value)), OK);
	else
		pdf_value_remove(dict, key);
	*b = buf_new(s, 4096);
	assert_int_equal(pdf_value_write(s, b, dict, NULL), OK);
	assert_int_equal(buf_done_str(b, &text), OK);
	return text;
}

static const struct change {
	const struct sample *sample;
	const char *key, *value;
	enum err result;
} changes[] = {
	{ &r6_blank, "Filter", "/Adobe.PubSec", ERR_UNSUPPORTED },
	{ &r6_blank, "Filter", NULL, ERR_UNSUPPORTED },
	{ &r6_blank, "V", "6", ERR_UNSUPPORTED },
	{ &r6_blank, "V", "4", ERR_FORMAT },
	{ &r6_blank, "V", NULL, ERR_FORMAT },
	{ &r6_blank, "R", "7", ERR_UNSUPPORTED },
	{ &r6_blank, "R", "4", ERR_FORMAT },
	{ &r6_blank, "R", "(6)", ERR_FORMAT },
	{ &r6_blank, "P", "[]", ERR_FORMAT },
	{ &r6_blank, "P", NULL, ERR_FORMAT },
	{ &r6_blank, "O", "17", ERR_FORMAT },
	{ &r6_blank, "U", NULL, ERR_FORMAT },
	{ &r6_blank, "UE", NULL, ERR_FORMAT },
	{ &r6_blank, "OE", "/x", ERR_FORMAT },
	{ &r6_blank, "U", "<00>", ERR_DENIED },
	{ &r6_blank, "U", "()", ERR_DENIED },
	{ &r6_blank, "CF", NULL, ERR_FORMAT },
	{ &r6_blank, "CF", "<</StdCF<</CFM/AESV2>>>>", ERR_UNSUPPORTED },
	{ &r6_blank, "CF", "<</StdCF<<>>>>", ERR_UNSUPPORTED },
	{ &r6_blank, "StmF", "7", ERR_FORMAT },
	{ &r6_blank, "EFF", "/Other", ERR_FORMAT },
	{ &r6_blank, "Perms", "(odd)", OK },
	{ &r6_blank, "Length", NULL, OK },
	{ &v4_rc4, "V", "3", ERR_UNSUPPORTED },
	{ &v4_rc4, "O", "<566f>", ERR_DENIED }, /* in /O stands what the key is made of */
	{ &v4_rc4, "U", "<aa2b0a8ee6fa10d2095873c5f6857d39>", OK }, /* 16 octets count */
	{ &v4_rc4, "U", "<aa2b0a8ee6fa10d2095873c5f6857d>", ERR_DENIED },
	{ &v4_rc4, "P", "4294965972", OK }, /* unsigned */
	{ &v4_rc4, "P", "-1320", ERR_DENIED },
	{ &v4_rc4, "EncryptMetadata", "false", ERR_DENIED },
	{ &v4_rc4, "Length", "16", OK },
	{ &v4_rc4, "Length", "40", OK },
	{ &v4_rc4, "Length", "-1", OK },
};

static void test_malformed_dictionaries(void **state)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		const struct change *ch = &changes[i];
		struct buf b;
		struct pdf_crypt *c;
		scope_forgive(*state);
		const char *text = changed(*state, ch->sample, ch->key, ch->value, &b);
		enum err e = open_text(*state, text, "", &c);
		if (e != ch->result)
			fail_msg("change %zu: %s", i, scope_fault_text(*state));
		if (e == OK)
			assert_title(*state, c, ch->sample->title);
	}
}

static void test_no_dictionary(void **state)
{
	struct pdf_crypt *c;
	assert_int_equal(
	    pdf_crypt_open(*state, NULL, BYTES_NONE, &(struct pdf_crypt_means){ 0 }, &c),
	    ERR_FORMAT);
	assert_int_equal(open_text(*state, "[1]", "", &c), ERR_FORMAT);
}

/* Short keys: /Length in octets, or none. */
static void test_length_in_octets(void **state)
{
	struct buf b;
	struct pdf_crypt *c;
	const char *text = changed(*state, &rc4_128, "Length", "16", &b);
	assert_int_equal(open_text(*state, text, "owner", &c), OK);
	assert_title(*state, c, rc4_128.title);
	text = changed(*state, &rc4_128, "Length", NULL, &b);
	assert_int_equal(open_text(*state, text, "owner", &c), OK);
	assert_title(*state, c, rc4_128.title);
}

static void test_only_attachments(void **state)
{
	struct scope *s = *state;
	struct buf b;
	struct pdf_crypt *c;
	struct bytes out, iv = bytes_of(vector, sizeof(vector));
	struct sample half = { changed(s, &r6, "StmF", "/Identity", &b), NULL };
	assert_int_equal(open_text(s, half.encrypt, "", &c), ERR_DENIED);
	struct sample none = { changed(s, &half, "StrF", "/Identity", &b), NULL };
	const char *text = changed(s, &none, "EFF", "/StdCF", &b);
	assert_int_equal(open_text(s, text, "", &c), OK);
	assert_false(pdf_crypt_is_owner(c));
	assert_string_equal(pdf_crypt_name(c), "AES-256 (V5 R6)");
	assert_int_equal(
	    pdf_crypt_decrypt(s, c, PDF_CRYPT_STRING, object, BYTES_LIT("clear"), &out), OK);
	assert_true(bytes_equal_str(out, "clear"));
	assert_int_equal(
	    pdf_crypt_decrypt(s, c, PDF_CRYPT_EMBEDDED_FILE, object, BYTES_LIT("x"), &out),
	    ERR_DENIED);
	assert_int_equal(
	    pdf_crypt_encrypt(s, c, PDF_CRYPT_EMBEDDED_FILE, object, iv, BYTES_LIT("x"), &out),
	    ERR_DENIED);
	assert_int_equal(open_text(s, text, "w\xc5\x91rt", &c), OK);
	assert_int_equal(
	    pdf_crypt_encrypt(s, c, PDF_CRYPT_EMBEDDED_FILE, object, iv, BYTES_LIT("x"), &out), OK);
	assert_int_equal(out.n, 32);
}

static void test_password_length(void **state)
{
	struct pdf_crypt *c;
	char text[LIMIT_PASSWORD + 2];
	memset(text, 'x', sizeof(text));
	text[LIMIT_PASSWORD + 1] = '\0';
	assert_int_equal(open_text(*state, r6.encrypt, text, &c), ERR_LIMIT);
	text[LIMIT_PASSWORD] = '\0';
	assert_int_equal(open_text(*state, r6.encrypt, text, &c), ERR_DENIED);
	assert_int_equal(open_text(*state, rc4_40.encrypt, text, &c), ERR_DENIED);
	/* each of these characters becomes 18 under NFKC */
	for (size_t i = 0; i + 3 <= LIMIT_PASSWORD; i += 3)
		memcpy(text + i, "\xef\xb7\xba", 3);
	assert_int_equal(open_text(*state, r6.encrypt, text, &c), ERR_DENIED);
}

/* RFC 6229 2 and NIST SP 800-38A F.2.5 */
static void test_ciphers(void **state)
{
	struct scope *s = *state;
	uint8_t stream[16] = { 0 }, out[16];
	struct bytes key, iv, plain;
	char *hex;
	pdf_cipher_rc4(BYTES_LIT("\1\2\3\4\5"), stream, sizeof(stream));
	assert_int_equal(bytes_to_hex(s, bytes_of(stream, 16), &hex), OK);
	assert_string_equal(hex, "b2396305f03dc027ccc3524a0a1118a8");
	assert_int_equal(bytes_of_hex(s,
			     BYTES_LIT("603deb1015ca71be2b73aef0857d7781"
				       "1f352c073b6108d72d9810a30914dff4"),
			     &key),
	    OK);
	assert_int_equal(bytes_of_hex(s, BYTES_LIT("000102030405060708090a0b0c0d0e0f"), &iv), OK);
	assert_int_equal(
	    bytes_of_hex(s, BYTES_LIT("6bc1bee22e409f96e93d7e117393172a"), &plain), OK);
	assert_int_equal(pdf_cipher_aes_encrypt(s, key, iv.p, plain, out), OK);
	assert_int_equal(bytes_to_hex(s, bytes_of(out, 16), &hex), OK);
	assert_string_equal(hex, "f58c4c04d6e5f1ba779eabfb5f7bfbd6");
	assert_int_equal(pdf_cipher_aes_decrypt(s, key, iv.p, bytes_of(out, 16), out), OK);
	assert_memory_equal(out, plain.p, 16);
	assert_int_equal(
	    pdf_cipher_aes_encrypt(s, bytes_cut(key, 0, 24), iv.p, plain, out), ERR_INTERNAL);
	assert_int_equal(
	    pdf_cipher_aes_encrypt(s, key, iv.p, bytes_cut(plain, 0, 15), out), ERR_INTERNAL);
}

static void test_out_of_memory(void **state)
{
	enum err e = ERR_NOMEM;
	for (size_t n = 1; e == ERR_NOMEM && n < 1000; n++) {
		struct scope *s = scope_new(0);
		struct pdf_crypt *c;
		const struct pdf_value *dict = parse(*state, r6_blank.encrypt);
		scope_fail_after(s, n);
		const struct pdf_crypt_means means = { .password = BYTES_LIT("owner") };
		e = pdf_crypt_open(s, dict, BYTES_LIT("id"), &means, &c);
		if (e == OK)
			assert_true(n > 1 && pdf_crypt_is_owner(c));
		scope_free(s);
	}
	assert_int_equal(e, OK);
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

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_known_answers),
		T(test_object_number_counts),
		T(test_round_trips),
		T(test_encrypt_gives_qpdfs_octets),
		T(test_odd_cipher_texts),
		T(test_metadata_in_clear),
		T(test_malformed_dictionaries),
		T(test_no_dictionary),
		T(test_length_in_octets),
		T(test_only_attachments),
		T(test_password_length),
		T(test_ciphers),
		T(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
