#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/pdf_make.h"
#include "tests/support/pdf_reread.h"

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

static bool contains(struct bytes hay, const char *needle)
{
	return bytes_find(hay, bytes_of_str(needle), 0) != BYTES_NOT_FOUND;
}

static struct pdf_value *signature_dict(struct scope *s)
{
	struct pdf_value *dict = pdf_value_new_dict(s);
	assert_int_equal(pdf_value_set(s, dict, "Type", pdf_value_new_name(s, "Sig")), OK);
	assert_int_equal(
	    pdf_value_set(s, dict, "Name", pdf_value_new_string(s, BYTES_LIT("A. Signer"))), OK);
	/* Not the caller's to say. */
	assert_int_equal(pdf_value_set(s, dict, "ByteRange", pdf_value_new_int(s, 1)), OK);
	assert_int_equal(pdf_value_set(s, dict, "Contents", pdf_value_new_int(s, 1)), OK);
	return dict;
}

/* -- encryption: dictionaries that qpdf 11 made, with an empty user password -- */

#define ID "/ID [<31415926535897932384626433832795> <31415926535897932384626433832795>]"

static const char *const encryption[] = {
	/* RC4, 40 bits */
	"<< /Filter /Standard /Length 40 /V 1 /R 2 /P -4 "
	"/O <c92422687facee686e373f10b5c7d04738053152f7e2ee30e11c69ec442576ab> "
	"/U <b3d9fa366906ef42f354c6deb74c59075eaf334eb7c04356ba0d7f3dd8b51d0a> >>",
	/* AES-128 */
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV2 /Length 16 >> >> /Filter /Standard "
	"/Length 128 /V 4 /R 4 /P -4 /StmF /StdCF /StrF /StdCF "
	"/O <566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5> "
	"/U <e21cc3d13b0faa9934db7d20f11e333e0122456a91bae5134273a6db134c87c4> >>",
	/* AES-256 */
	"<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter /Standard "
	"/Length 256 /V 5 /R 6 /P -4 /StmF /StdCF /StrF /StdCF "
	"/O <9983fe38750046bc9a7b5b4fbcacadd0e8b6e63337d070f2bb356d824889cba7bdf895978cac3a41"
	"4e224b83ed3785cc> /OE <622b2721b332c5d3736a98674b2967080e00de2e3c9dfe5fca96afbdfdbb628b> "
	"/U <4d2019f62a7529521193b4bbe21cccef557a74316bc28b476cb6533f27a8aec7b6a0ae43951e4a6e"
	"1f4cf6e2c1c590f6> /UE <0d37dfeabd84f5e4c731f1c855d1f53272e8df0cbc71a34b63f2191e670c1fb9> "
	"/Perms <03e6a2972649553a6cf6f647c0333b4b> >>",
};
#define N_ENCRYPTION (sizeof(encryption) / sizeof(*encryption))

/* Page 3 of the sample has no strings, so nothing of it would have to be encrypted. */
static struct bytes encrypted_file(struct scope *s, const char *dict, bool direct)
{
	struct pdf_make *m = pdf_make_new(s);
	struct buf trailer = buf_new(s, 4096);
	pdf_make_header(m, "2.0");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(m, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>");
	/* Signed by somebody else, as a value in its field. */
	pdf_make_object(m, 4, "<< /FT /Sig /V << /ByteRange [0 1 2 3] /Contents <300101> >> >>");
	if (direct) {
		buf_addf(&trailer, "/Root 1 0 R " ID " /Encrypt %s", dict);
	} else {
		pdf_make_object(m, 5, dict);
		buf_addf(&trailer, "/Root 1 0 R " ID " /Encrypt 5 0 R");
	}
	buf_add_byte(&trailer, 0);
	pdf_make_table(m, (const char *)buf_bytes(&trailer).p);
	return pdf_make_done(m);
}

static void check_encrypted(struct scope *s, struct bytes file)
{
	struct pdf_file *f = pdf_reread_open(s, file);
	assert_non_null(f->crypt);
	struct pdf_update *u = pdf_reread_begin(s, f);
	struct pdf_ref text, data, sig;
	struct pdf_update_result r;
	const struct pdf_ref field = { 4, 0 };
	const struct pdf_value *old;
	assert_int_equal(pdf_update_reserve(u, &text), OK);
	assert_int_equal(pdf_update_reserve(u, &data), OK);
	assert_int_equal(pdf_update_reserve(u, &sig), OK);
	struct pdf_value *two = pdf_value_new_array(s);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
		    pdf_value_append(s, two, pdf_value_new_string(s, BYTES_LIT("plain text"))), OK);
	assert_int_equal(pdf_update_put(u, text, two), OK);
	assert_int_equal(
	    pdf_update_put(
		u, data, pdf_value_new_stream(s, pdf_value_new_dict(s), BYTES_LIT("plain stream"))),
	    OK);
	assert_int_equal(pdf_update_object(u, field, &old), OK);
	struct pdf_value *changed = pdf_value_copy(s, old);
	assert_int_equal(
	    pdf_value_set(s, changed, "T", pdf_value_new_string(s, BYTES_LIT("plain name"))), OK);
	assert_int_equal(pdf_update_put(u, field, changed), OK);
	assert_int_equal(pdf_update_put_signature(u, sig, signature_dict(s), 3), OK);
	assert_int_equal(pdf_update_close(u, &r), OK);
	assert_int_equal(pdf_update_fill(s, f, &r, BYTES_LIT("\x30\x01\xfe")), OK);

	const struct bytes added = bytes_of(r.p, r.n);
	assert_false(contains(added, "plain"));
	assert_false(contains(added, "706c61696e"));
	assert_false(contains(added, "Signer"));
	assert_true(contains(added, "<3001fe>"));
	assert_true(contains(added, "<300101>"));

	struct pdf_file *again = pdf_reread_open(s, pdf_reread_join(s, f, &r));
	const struct pdf_value *v = pdf_reread_object(s, again, text);
	assert_true(bytes_equal_str(v->array.item[0]->string, "plain text"));
	assert_true(bytes_equal_str(v->array.item[1]->string, "plain text"));
	struct bytes plain;
	assert_int_equal(pdf_file_stream_data(s, again, pdf_file_latest(again),
			     pdf_reread_object(s, again, data), &plain),
	    OK);
	assert_true(bytes_equal_str(plain, "plain stream"));
	v = pdf_reread_object(s, again, sig);
	assert_true(bytes_equal_str(pdf_value_find(v, "Name")->string, "A. Signer"));
	assert_true(bytes_equal_str(pdf_value_find(v, "Contents")->string, "\x30\x01\xfe"));
	v = pdf_value_find(pdf_reread_object(s, again, field), "V");
	assert_true(bytes_equal_str(pdf_value_find(v, "Contents")->string, "\x30\x01\x01"));
	assert_true(pdf_value_equal(
	    pdf_value_find(again->trailer, "ID"), pdf_value_find(f->trailer, "ID")));
	assert_true(pdf_value_equal(
	    pdf_value_find(again->trailer, "Encrypt"), pdf_value_find(f->trailer, "Encrypt")));
}

static void test_encrypted(void **state)
{
	for (size_t i = 0; i < N_ENCRYPTION; i++)
		for (size_t direct = 0; direct < 2; direct++)
			check_encrypted(*state, encrypted_file(*state, encryption[i], direct));
}

/* The same text twice, and under another seed, never looks the same. */
static void test_initialisation_vectors(void **state)
{
	struct scope *s = *state;
	static const char *const seeds[] = { "sixteen octets 1", "sixteen octets 1",
		"sixteen octets 2" };
	struct pdf_file *f = pdf_reread_open(s, encrypted_file(s, encryption[2], false));
	struct bytes out[3];
	for (size_t i = 0; i < 3; i++) {
		struct pdf_update *u;
		struct pdf_update_result r;
		struct pdf_ref ref;
		assert_int_equal(pdf_update_new(s, f, bytes_of_str(seeds[i]), &u), OK);
		for (size_t k = 0; k < 2; k++) {
			struct pdf_value *two = pdf_value_new_array(s);
			assert_int_equal(pdf_update_reserve(u, &ref), OK);
			for (size_t n = 0; n < 2; n++)
				assert_int_equal(pdf_value_append(s, two,
						     pdf_value_new_string(s, BYTES_LIT("same"))),
				    OK);
			assert_int_equal(pdf_update_put(u, ref, two), OK);
		}
		assert_int_equal(pdf_update_close(u, &r), OK);
		out[i] = bytes_of(r.p, r.n);
	}
	assert_true(bytes_equal(out[0], out[1]));
	const size_t from = 9; /* after "6 0 obj\n[" */
	const size_t width = 2 + 2 * 32;
	assert_int_equal(out[0].p[from], '<');
	assert_false(bytes_equal(
	    bytes_cut(out[0], from, width), bytes_cut(out[0], from + width + 1, width)));
	assert_false(bytes_equal(bytes_cut(out[0], from, width), bytes_cut(out[2], from, width)));
	const size_t next = bytes_find(out[0], BYTES_LIT("7 0 obj\n["), 0) + 9;
	assert_false(bytes_equal(bytes_cut(out[0], from, width), bytes_cut(out[0], next, width)));
}

static void test_encrypted_refusals(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = pdf_reread_open(s, encrypted_file(s, encryption[1], false));
	struct pdf_update *u;
	assert_int_equal(pdf_update_new(s, f, BYTES_LIT("fifteen octets."), &u), ERR_MISUSE);
	scope_forgive(s);
	assert_int_equal(pdf_update_new(s, f, BYTES_LIT("sixteen octets.."), &u), OK);
	assert_int_equal(pdf_update_put(u, (struct pdf_ref){ 5, 0 }, &pdf_value_null), ERR_MISUSE);
	scope_forgive(s);
	struct pdf_value *dict = pdf_value_new_dict(s);
	struct pdf_update_result r;
	struct pdf_ref ref;
	assert_int_equal(pdf_update_reserve(u, &ref), OK);
	assert_int_equal(pdf_value_set(s, dict, "Filter", pdf_value_new_name(s, "Crypt")), OK);
	assert_int_equal(pdf_update_put(u, ref, pdf_value_new_stream(s, dict, BYTES_LIT("x"))), OK);
	assert_int_equal(pdf_update_close(u, &r), ERR_UNSUPPORTED);
}

/* A stream's octets stay as stored in its own object; in another they are encrypted anew. */
static void test_encrypted_stream_again(void **state)
{
	struct scope *s = *state;
	struct pdf_file *f = pdf_reread_open(s, encrypted_file(s, encryption[1], false));
	struct pdf_update *u = pdf_reread_begin(s, f);
	struct pdf_ref first, copy;
	assert_int_equal(pdf_update_reserve(u, &first), OK);
	assert_int_equal(pdf_update_put(u, first,
			     pdf_value_new_stream(s, pdf_value_new_dict(s), BYTES_LIT("octets"))),
	    OK);
	f = pdf_reread_close(s, f, u);
	const struct pdf_value *stored = pdf_reread_object(s, f, first);

	u = pdf_reread_begin(s, f);
	assert_int_equal(pdf_update_reserve(u, &copy), OK);
	assert_int_equal(pdf_update_put(u, first, pdf_value_copy(s, stored)), OK);
	assert_int_equal(pdf_update_put(u, copy, stored), OK);
	struct pdf_file *again = pdf_reread_close(s, f, u);
	assert_true(
	    bytes_equal(pdf_reread_object(s, again, first)->stream.raw, stored->stream.raw));
	assert_false(
	    bytes_equal(pdf_reread_object(s, again, copy)->stream.raw, stored->stream.raw));
	struct bytes plain;
	assert_int_equal(pdf_file_stream_data(s, again, pdf_file_latest(again),
			     pdf_reread_object(s, again, copy), &plain),
	    OK);
	assert_true(bytes_equal_str(plain, "octets"));
}

/* -- running out of memory -- */

static enum err make_update(
    struct scope *s, struct bytes file, struct pdf_update_result *ret_result)
{
	struct pdf_file *f;
	struct pdf_update *u;
	struct pdf_ref text;
	TRY(pdf_file_open(s, file, BYTES_NONE, &f));
	TRY(pdf_update_new(s, f, BYTES_LIT("sixteen octets.."), &u));
	TRY(pdf_update_reserve(u, &text));
	TRY(pdf_update_put(u, text, pdf_value_new_string(s, BYTES_LIT("text"))));
	return pdf_update_close(u, ret_result);
}

static void test_out_of_memory(void **state)
{
	const struct bytes file = encrypted_file(*state, encryption[1], false);
	enum err e = ERR_NOMEM;
	for (size_t n = 1; e != OK; n++) {
		struct pdf_update_result r;
		struct scope *s = scope_new(0);
		assert_non_null(s);
		scope_fail_after(s, n);
		e = make_update(s, file, &r);
		assert_true(e == OK || e == ERR_NOMEM);
		scope_free(s);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_encrypted),
		T(test_initialisation_vectors),
		T(test_encrypted_refusals),
		T(test_encrypted_stream_again),
		T(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
