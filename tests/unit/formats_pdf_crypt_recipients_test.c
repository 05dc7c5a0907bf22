#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_crypt_recipients.h"
#include "formats/pdf_file.h"
#include "formats/pdf_signature.h"
#include "tests/support/office.h"
#include "tests/support/paper_recipients.h"

/* "rsa", "other": RSA; "p256", "p384", "p521", "brainpool": key agreement. */
static int setup(void **state)
{
	static const struct {
		const char *name;
		enum mini_ca_key_type type;
		unsigned index;
	} people[] = { { "rsa", MINI_CA_RSA, 0 }, { "other", MINI_CA_RSA, 1 },
		{ "p256", MINI_CA_P256, 0 }, { "p384", MINI_CA_P384, 1 },
		{ "p521", MINI_CA_P521, 0 }, { "brainpool", MINI_CA_BRAINPOOL_P256, 0 } };
	if (office_setup(state) != 0)
		return -1;
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(people) / sizeof(*people); i++) {
		struct mini_pki_entry *e = mini_pki_entry(o->p, people[i].name);
		e->key_type = people[i].type;
		e->key_index = people[i].index;
		e->serial = 700 + (int64_t)i;
		/* Long over: what was encrypted then is still so. */
		e->from = MINI_CA_NOW - 900 * MINI_CA_DAY;
		e->to = MINI_CA_NOW - 800 * MINI_CA_DAY;
	}
	return 0;
}

/* Everybody may do everything. */
#define ALL UINT32_C(0xffffffff)

static enum err open_file(
    struct office *o, struct bytes file, const char *name, struct pdf_file **ret_file)
{
	const struct pdf_crypt_means means = { .recipient =
						   name ? paper_recipients_key(o->p, name) : NULL };
	scope_forgive(o->s);
	return pdf_file_open_by(o->s, file, &means, ret_file);
}

static const struct pdf_value *object(struct office *o, const struct pdf_file *f, uint32_t num)
{
	const struct pdf_value *v;
	assert_int_equal(
	    pdf_file_object(o->s, f, pdf_file_latest(f), (struct pdf_ref){ num, 0 }, &v), OK);
	return v;
}

static void assert_string(
    struct office *o, const struct pdf_file *f, uint32_t num, const char *key, const char *text)
{
	const struct pdf_value *v = pdf_value_find(object(o, f, num), key);
	assert_true(pdf_value_is_string(v));
	assert_true(bytes_equal_str(v->string, text));
}

static enum err data_of(
    struct office *o, const struct pdf_file *f, uint32_t num, struct bytes *ret_data)
{
	scope_forgive(o->s);
	return pdf_file_stream_data(o->s, f, pdf_file_latest(f), object(o, f, num), ret_data);
}

static void assert_data(struct office *o, const struct pdf_file *f, uint32_t num, const char *text)
{
	struct bytes data;
	assert_int_equal(data_of(o, f, num, &data), OK);
	assert_true(bytes_equal_str(data, text));
}

static void assert_opens(
    struct office *o, const struct paper_recipients *spec, const char *name, const char *crypt_name)
{
	struct bytes file = paper_recipients_file(o->p, spec);
	struct pdf_file *f;
	assert_true(bytes_find(file, BYTES_LIT("secret t"), 0) == BYTES_NOT_FOUND);
	if (open_file(o, file, name, &f) != OK)
		fail_msg("%s: %s", name, scope_fault_text(o->s));
	assert_string(o, f, 7, "V", "secret value");
	assert_string(o, f, 10, "Title", "secret title");
	assert_data(o, f, 4, "BT /F1 24 Tf 72 720 Td (secret text) Tj ET");
	assert_data(o, f, 9, "<?xpacket begin=''?><x>secret</x>");
	assert_data(o, f, 11, "secret file");
	assert_string_equal(pdf_crypt_name(f->crypt), crypt_name);
	assert_false(pdf_file_is_locked(f));
	assert_true(pdf_crypt_is_owner(f->crypt));
}

/* -- what opens -- */

static void test_every_cipher(void **state)
{
	struct office *o = *state;
	static const struct {
		int v;
		const char *cfm;
		size_t key_n;
		const char *name;
	} kinds[] = { { 1, NULL, 0, "RC4 (V1 adbe.pkcs7.s4)" },
		{ 2, NULL, 0, "RC4 (V2 adbe.pkcs7.s4)" }, { 2, NULL, 7, "RC4 (V2 adbe.pkcs7.s4)" },
		{ 4, "V2", 0, "RC4 (V4 adbe.pkcs7.s5)" }, { 4, "V2", 5, "RC4 (V4 adbe.pkcs7.s5)" },
		{ 4, "AESV2", 0, "AES-128 (V4 adbe.pkcs7.s5)" },
		{ 5, "AESV3", 0, "AES-256 (V5 adbe.pkcs7.s5)" } };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct paper_recipients spec = { .v = kinds[i].v,
			.cfm = kinds[i].cfm,
			.key_n = kinds[i].key_n,
			.list = { { .names = { "rsa" }, .permissions = ALL } },
			.n_lists = 1 };
		assert_opens(o, &spec, "rsa", kinds[i].name);
		spec.clear_metadata = kinds[i].v >= 4;
		assert_opens(o, &spec, "rsa", kinds[i].name);
	}
}

static void test_every_recipient(void **state)
{
	struct office *o = *state;
	static const char *const names[] = { "rsa", "p256", "p384", "p521", "brainpool" };
	static const char *const ciphers[] = { "AES-128-CBC", "AES-192-CBC", "DES-EDE3-CBC" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct paper_recipients spec = {
			.list = { { .names = { names[i] }, .permissions = ALL } }, .n_lists = 1
		};
		assert_opens(o, &spec, names[i], "AES-256 (V5 adbe.pkcs7.s5)");
		spec.list[0].by_key_id = true;
		assert_opens(o, &spec, names[i], "AES-256 (V5 adbe.pkcs7.s5)");
		for (size_t k = 0; k < sizeof(ciphers) / sizeof(*ciphers); k++) {
			spec.list[0].cipher = ciphers[k];
			assert_opens(o, &spec, names[i], "AES-256 (V5 adbe.pkcs7.s5)");
		}
	}
	const struct paper_recipients oaep = {
		.list = { { .names = { "rsa" }, .oaep = true, .permissions = ALL } }, .n_lists = 1
	};
	assert_opens(o, &oaep, "rsa", "AES-256 (V5 adbe.pkcs7.s5)");
}

/* Each list has permissions of its own; the first that names the recipient counts. */
static void test_permissions(void **state)
{
	struct office *o = *state;
	const struct paper_recipients spec = {
		.list = { { .names = { "p256", "p384" }, .permissions = 0xfffff0c0 },
		    { .names = { "other" }, .permissions = 4 },
		    { .names = { "rsa", "p256" }, .permissions = ALL } },
		.n_lists = 3,
	};
	static const struct {
		const char *name;
		uint32_t permissions;
		bool is_owner;
	} expected[] = { { "p256", 0xfffff0c0, false }, { "p384", 0xfffff0c0, false },
		{ "other", 4, false }, { "rsa", ALL, true } };
	struct bytes file = paper_recipients_file(o->p, &spec);
	for (size_t i = 0; i < 4; i++) {
		struct pdf_file *f;
		assert_int_equal(open_file(o, file, expected[i].name, &f), OK);
		assert_string(o, f, 10, "Title", "secret title");
		assert_int_equal(pdf_crypt_permissions(f->crypt), expected[i].permissions);
		assert_int_equal(pdf_crypt_is_owner(f->crypt), expected[i].is_owner);
	}
}

static void test_attachments_of_others(void **state)
{
	struct office *o = *state;
	const struct paper_recipients spec = {
		.list = { { .names = { "rsa", "p256" }, .permissions = ALL } },
		.n_lists = 1,
		.attachments = "p256"
	};
	struct bytes file = paper_recipients_file(o->p, &spec), data;
	struct pdf_file *f;
	assert_int_equal(open_file(o, file, "p256", &f), OK);
	assert_data(o, f, 11, "secret file");
	assert_data(o, f, 12, "secret file");
	assert_int_equal(open_file(o, file, "rsa", &f), OK);
	assert_string(o, f, 10, "Title", "secret title");
	assert_int_equal(data_of(o, f, 11, &data), ERR_DENIED);
	assert_int_equal(data_of(o, f, 12, &data), ERR_DENIED);
}

/* AuthEvent EFOpen: the document itself is readable for everybody. */
static void test_only_attachments(void **state)
{
	struct office *o = *state;
	const struct paper_recipients spec = { .only_attachments = true,
		.list = { { .names = { "rsa" }, .permissions = ALL } },
		.n_lists = 1,
		.attachments = "rsa" };
	struct bytes file = paper_recipients_file(o->p, &spec), data;
	static const char *const names[] = { NULL, "other", "rsa" };
	for (size_t i = 0; i < 3; i++) {
		struct pdf_file *f;
		assert_int_equal(open_file(o, file, names[i], &f), OK);
		assert_false(pdf_file_is_locked(f));
		assert_string(o, f, 10, "Title", "secret title");
		assert_int_equal(data_of(o, f, 11, &data), i == 2 ? OK : ERR_DENIED);
	}
}

/* -- what does not -- */

static void assert_refused(struct office *o, const struct paper_recipients *spec, const char *name,
    enum err code, const char *text)
{
	struct pdf_file *f;
	assert_int_equal(open_file(o, paper_recipients_file(o->p, spec), name, &f), code);
	if (!strstr(scope_fault_text(o->s), text))
		fail_msg("%s", scope_fault_text(o->s));
}

static void test_wrong_keys(void **state)
{
	struct office *o = *state;
	static const char *const names[] = { "other", "p256" };
	struct paper_recipients spec = { .list = { { .names = { "rsa" }, .permissions = ALL } },
		.n_lists = 1 };
	for (size_t i = 0; i < 2; i++)
		assert_refused(
		    o, &spec, names[i], ERR_DENIED, "not encrypted for this certificate");
	assert_refused(o, &spec, NULL, ERR_DENIED, "needs the key of a recipient");
	/* The right certificate with a wrong key looks the same: nothing tells how it failed. */
	mini_pki_entry(o->p, "rsa")->serial = mini_pki_entry(o->p, "other")->serial;
	struct bytes file = paper_recipients_file(o->p, &spec);
	struct recipient wrong = *paper_recipients_key(o->p, "rsa");
	wrong.ctx = mini_pki_private(o->p, "other");
	const struct pdf_crypt_means means = { .recipient = &wrong };
	struct pdf_file *f;
	scope_forgive(o->s);
	assert_int_equal(pdf_file_open_by(o->s, file, &means, &f), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(o->s), "not encrypted for this certificate"));
	spec.list[0].names[0] = "p256";
	wrong = *paper_recipients_key(o->p, "p256");
	wrong.ctx = mini_ca_key(MINI_CA_P256, 3);
	file = paper_recipients_file(o->p, &spec);
	scope_forgive(o->s);
	assert_int_equal(pdf_file_open_by(o->s, file, &means, &f), ERR_DENIED);
	wrong.ctx = mini_ca_key(MINI_CA_P384, 3);
	scope_forgive(o->s);
	assert_int_equal(pdf_file_open_by(o->s, file, &means, &f), ERR_DENIED);
}

static void test_wrong_seeds(void **state)
{
	struct office *o = *state;
	static const struct {
		size_t n;
		enum err code;
	} sizes[] = { { 19, ERR_DENIED }, { 20, OK }, { 21, ERR_DENIED }, { 23, ERR_DENIED },
		{ 24, OK } };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		const struct paper_recipients spec = { .list = { { .names = { "rsa" },
							   .permissions = ALL,
							   .seed_n = sizes[i].n } },
			.n_lists = 1 };
		struct pdf_file *f;
		assert_int_equal(
		    open_file(o, paper_recipients_file(o->p, &spec), "rsa", &f), sizes[i].code);
	}
}

static void test_hostile_lists(void **state)
{
	struct office *o = *state;
	static const char *const garbage[] = { "\x01", "0", "\x30\x80", "\x30\x03\x06\x01\x2a",
		"\x30\x84\xff\xff\xff\xff" };
	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		struct paper_recipients spec = { .list = { { .instead = bytes_of_str(garbage[i]) },
						     { .names = { "rsa" }, .permissions = ALL } },
			.n_lists = 2 };
		/* Another list may be the recipient's. */
		assert_opens(o, &spec, "rsa", "AES-256 (V5 adbe.pkcs7.s5)");
		spec.n_lists = 1;
		assert_refused(o, &spec, "rsa", ERR_FORMAT, "none of the /Recipients");
	}
	const struct paper_recipients none = { .n_lists = 0 };
	assert_refused(o, &none, "rsa", ERR_FORMAT, "/Recipients is empty");
}

/* A real list, with each octet changed and cut after each: never another outcome than an error. */
static void test_damaged_lists(void **state)
{
	struct office *o = *state;
	const struct paper_recipients_list lists[] = { { .names = { "p256" }, .permissions = ALL },
		{ .names = { "rsa" }, .permissions = ALL } };
	for (size_t k = 0; k < 2; k++) {
		struct bytes good = paper_recipients_cms(o->p, &lists[k]);
		const struct recipient *r = paper_recipients_key(o->p, lists[k].names[0]);
		for (size_t i = 0; i < good.n; i += k ? 7 : 1) {
			struct scope *s = scope_new(0);
			struct bytes copy;
			uint32_t permissions = 0;
			struct pdf_crypt_key key;
			assert_int_equal(bytes_copy(s, good, &copy), OK);
			((uint8_t *)(uintptr_t)copy.p)[i] ^= 0x10;
			const struct pdf_crypt_recipients changed = {
				.list = &copy, .n = 1, .digest = DIGEST_SHA256, .key_n = 32
			};
			enum err e = pdf_crypt_recipients_open(s, &changed, r, &key, &permissions);
			assert_true(
			    e == OK || e == ERR_DENIED || e == ERR_FORMAT || e == ERR_UNSUPPORTED);
			scope_forgive(s);
			copy = bytes_cut(good, 0, i);
			e = pdf_crypt_recipients_open(s, &changed, r, &key, &permissions);
			assert_int_equal(e, ERR_FORMAT);
			scope_free(s);
		}
	}
}

struct counter {
	const struct recipient *real;
	int n;
};

static enum err count_and_fail(void *ctx, struct scope *s, const struct recipient_padding *padding,
    struct bytes encrypted, size_t n, struct recipient_secret *ret_key)
{
	struct counter *c = ctx;
	(void)s;
	(void)padding;
	(void)encrypted;
	c->n++;
	memset(ret_key, 0, sizeof(*ret_key));
	ret_key->n = n;
	return OK;
}

/* Many lists cost little for others, and no more than a few uses of the key for whom they name. */
static void test_many_lists(void **state)
{
	struct office *o = *state;
	struct paper_recipients spec = { .list = { { .names = { "other" }, .permissions = 4 },
					     { .names = { "rsa" }, .permissions = ALL } },
		.n_lists = 2,
		.repeats = 2000 };
	assert_opens(o, &spec, "rsa", "AES-256 (V5 adbe.pkcs7.s5)");
	struct counter counter = { .real = paper_recipients_key(o->p, "other") };
	const struct recipient broken = {
		.ctx = &counter, .cert = counter.real->cert, .decrypt = count_and_fail
	};
	const struct pdf_crypt_means means = { .recipient = &broken };
	struct pdf_file *f;
	scope_forgive(o->s);
	assert_int_equal(
	    pdf_file_open_by(o->s, paper_recipients_file(o->p, &spec), &means, &f), ERR_DENIED);
	assert_int_equal(counter.n, LIMIT_PDF_RECIPIENT_ATTEMPTS);
	spec.n_lists = 1;
	spec.list[0].instead = BYTES_LIT("0");
	spec.repeats = LIMIT_PDF_RECIPIENT_LISTS;
	assert_refused(o, &spec, "other", ERR_LIMIT, "lists of recipients");
}

/* -- locked -- */

static void test_locked(void **state)
{
	struct office *o = *state;
	static const struct pdf_crypt_means means = { .locked = true };
	for (int v = 1; v <= 5; v += v == 2 ? 2 : 1) {
		const struct paper_recipients spec = { .v = v,
			.clear_metadata = v == 5,
			.list = { { .names = { "rsa" } } },
			.n_lists = 1 };
		struct bytes data;
		struct pdf_file *f;
		struct pdf_signature_list list;
		assert_int_equal(
		    pdf_file_open_by(o->s, paper_recipients_file(o->p, &spec), &means, &f), OK);
		assert_true(pdf_file_is_locked(f));
		const struct pdf_value *title = pdf_value_find(object(o, f, 10), "Title");
		assert_true(pdf_value_is_locked(title) && !pdf_value_is_string(title));
		assert_int_equal(title->locked_in.num, 10);
		assert_int_equal(data_of(o, f, 4, &data), ERR_DENIED);
		assert_int_equal(data_of(o, f, 9, &data), v == 5 ? OK : ERR_DENIED);
		assert_int_equal(pdf_signature_list(o->s, f, &list), OK);
		assert_int_equal(list.n_unsigned, 1);
		assert_null(list.unsigned_fields[0].name);
		assert_false(list.duplicate_names);
	}
}

/* The same octets in two objects are not the same text. */
static void test_equal_ciphertext(void **state)
{
	struct office *o = *state;
	struct pdf_value *a = pdf_value_new_string(o->s, BYTES_LIT("same"));
	struct pdf_value *b = pdf_value_new_string(o->s, BYTES_LIT("same"));
	assert_true(pdf_value_equal(a, b));
	a->locked_in = b->locked_in = (struct pdf_ref){ 7, 0 };
	assert_true(pdf_value_equal(a, b));
	b->locked_in.num = 8;
	assert_false(pdf_value_equal(a, b));
}

static void test_out_of_memory(void **state)
{
	struct office *o = *state;
	const struct paper_recipients spec = { .list = { { .names = { "p256" } } }, .n_lists = 1 };
	struct bytes file = paper_recipients_file(o->p, &spec);
	const struct pdf_crypt_means means = { .recipient = paper_recipients_key(o->p, "p256") };
	enum err e = ERR_NOMEM;
	for (size_t n = 1; e == ERR_NOMEM; n++) {
		struct scope *s = scope_new(0);
		struct pdf_file *f;
		scope_fail_after(s, n);
		e = pdf_file_open_by(s, file, &means, &f);
		assert_true(e == OK || e == ERR_NOMEM);
		scope_free(s);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_cipher),
		TEST(test_every_recipient),
		TEST(test_permissions),
		TEST(test_attachments_of_others),
		TEST(test_only_attachments),
		TEST(test_wrong_keys),
		TEST(test_wrong_seeds),
		TEST(test_hostile_lists),
		TEST(test_damaged_lists),
		TEST(test_many_lists),
		TEST(test_locked),
		TEST(test_equal_ciphertext),
		TEST(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
