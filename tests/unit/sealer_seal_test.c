#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"

static struct seal_request request(struct office *o, enum seal_level level)
{
	return mini_pki_request(o->p, level);
}

static void assert_sealed(struct office *o, enum seal_level level, struct bytes before,
    struct bytes after, const char *format)
{
	const struct report *r = office_judge(o, after, level >= SEAL_B_LT);
	assert_true(bytes_has_prefix(after, before));
	assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
	assert_int_equal(r->n_signatures, level == SEAL_B_LTA ? 2 : 1);
	assert_true(r->signatures[0].intact);
	assert_string_equal(r->signatures[0].format, format);
	assert_true(r->signatures[r->n_signatures - 1].coverage.whole_file || level == SEAL_B_LT);
}

static const char *const formats[] = { "PAdES-BASELINE-B", "PAdES-BASELINE-T", "PAdES-BASELINE-LT",
	"PAdES-BASELINE-LTA" };

static void seal_with_key(enum mini_ca_key_type type, enum seal_level level)
{
	static const struct {
		const char *alg, *digest;
	} wanted[] = { [MINI_CA_RSA] = { "RSA-PSS", "SHA256" },
		[MINI_CA_RSA_PSS] = { "RSA-PSS", "SHA256" },
		[MINI_CA_P256] = { "ECDSA", "SHA256" },
		[MINI_CA_P384] = { "ECDSA", "SHA384" },
		[MINI_CA_P521] = { "ECDSA", "SHA512" },
		[MINI_CA_BRAINPOOL_P256] = { "ECDSA", "SHA256" },
		[MINI_CA_ED25519] = { "Ed25519", "SHA512" },
		[MINI_CA_ED448] = { "Ed448", "SHAKE256" } };
	struct office *o = office_open();
	mini_pki_entry(o->p, "signer")->key_type = type;
	const struct seal_request q = request(o, level);
	struct bytes before = pdf_make_one_page(o->s), after = office_seal(o, &q, before);
	assert_sealed(o, level, before, after, formats[level]);
	const struct report *r = office_judge(o, after, true);
	assert_string_equal(r->signatures[0].signature_algorithm, wanted[type].alg);
	assert_string_equal(r->signatures[0].digest_algorithm, wanted[type].digest);
	office_close(o);
}

static void test_every_key_at_every_level(void **state)
{
	(void)state;
	for (int type = MINI_CA_RSA; type <= MINI_CA_ED448; type++)
		for (int level = SEAL_B_B; level <= SEAL_B_LTA; level++)
			seal_with_key((enum mini_ca_key_type)type, (enum seal_level)level);
}

static void test_pkcs1_and_digest_by_request(void **state)
{
	struct office *o = *state;
	mini_pki_entry(o->p, "signer")->key_type = MINI_CA_RSA;
	struct seal_request q = request(o, SEAL_B_B);
	q.rsa_pkcs1 = true;
	q.digest = DIGEST_SHA512;
	const struct report *r =
	    office_judge(o, office_seal(o, &q, pdf_make_one_page(o->s)), false);
	assert_string_equal(r->signatures[0].signature_algorithm, "RSA");
	assert_string_equal(r->signatures[0].digest_algorithm, "SHA512");
	assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
}

static void test_every_form_of_file(void **state)
{
	struct office *o = *state;
	const struct bytes files[] = { pdf_make_compressed(o->s), pdf_make_linearized(o->s),
		pdf_make_form(o->s), pdf_make_text(o->s, "other") };
	const struct seal_request q = request(o, SEAL_B_LTA);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_sealed(
		    o, SEAL_B_LTA, files[i], office_seal(o, &q, files[i]), "PAdES-BASELINE-LTA");
}

/* Texts go into the dictionary and come out as they were. */
static void test_texts(void **state)
{
	struct office *o = *state;
	struct seal_request q = request(o, SEAL_B_B);
	q.reason = "Gr\xc3\xbc\xc3\x9f";
	q.location = "Wien";
	q.contact = "seal@example.org";
	q.signer_name = "\xe5\x8d\xb0";
	const struct report *r =
	    office_judge(o, office_seal(o, &q, pdf_make_one_page(o->s)), false);
	assert_string_equal(r->signatures[0].reason, q.reason);
	assert_string_equal(r->signatures[0].location, q.location);
	assert_string_equal(r->signatures[0].signer_name, q.signer_name);
	assert_true(instant_equal(r->signatures[0].claimed_time, o->w->now));
}

static void test_second_seal_leaves_the_first(void **state)
{
	struct office *o = *state;
	for (int level = SEAL_B_B; level <= SEAL_B_LTA; level++) {
		const struct seal_request first = request(o, SEAL_B_LTA),
					  second = request(o, (enum seal_level)level);
		struct bytes once = office_seal(o, &first, pdf_make_one_page(o->s));
		struct bytes twice = office_seal(o, &second, once);
		const struct report *r = office_judge(o, twice, false);
		assert_true(bytes_has_prefix(twice, once));
		assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
		for (size_t i = 0; i < r->n_signatures; i++)
			assert_true(r->signatures[i].intact);
		assert_string_equal(r->signatures[0].name, "Signature1");
		assert_string_equal(r->signatures[2].name, "Signature2");
	}
}

/* -- tokens of any size -- */

static char long_extension[60100];

static void make_tokens_long(struct office *o, size_t octets)
{
	size_t n = (size_t)snprintf(
	    long_extension, sizeof(long_extension), "1.2.3.4.5.6=DER:0482%04zX", octets);
	memset(long_extension + n, 'A', 2 * octets);
	long_extension[n + 2 * octets] = '\0';
	mini_pki_entry(o->p, "tsa")->more[0] = long_extension;
}

static void test_large_token(void **state)
{
	struct office *o = *state;
	make_tokens_long(o, 29500);
	const struct seal_request q = request(o, SEAL_B_LTA);
	struct bytes before = pdf_make_one_page(o->s), after = office_seal(o, &q, before);
	assert_sealed(o, SEAL_B_LTA, before, after, "PAdES-BASELINE-LTA");
	/* Once too small, then right for the rest. */
	assert_int_equal(canned_world_asked(o->w, "http://tsa.test/"), 3);
}

struct growing {
	struct office *o;
	unsigned n;
};

/* A certificate that is longer at every request. */
static enum err answer_growing(
    void *ctx, struct scope *s, const struct fetch_request *want, struct bytes *ret_body)
{
	static const char *const names[] = { "g1", "g2", "g3", "g4", "g5", "g6" };
	struct growing *g = ctx;
	const char *name = names[g->n++ % 6];
	struct mini_pki_entry *e = mini_pki_entry(g->o->p, name);
	e->eku = "critical,timeStamping";
	make_tokens_long(g->o, 4000 * g->n + 6000);
	e->more[0] = long_extension;
	mini_pki_cert(g->o->p, name);
	mini_pki_serve_tsa(g->o->p, "http://growing.test/", name, MINI_PKI_TRUTH);
	struct fetch_request real = *want;
	struct fetch_reply reply;
	real.url = "http://growing.test/";
	enum err err = g->o->w->world.fetch(g->o->w, s, &real, &reply);
	*ret_body = reply.body;
	return err;
}

static void test_tokens_that_keep_growing(void **state)
{
	struct office *o = *state;
	struct growing g = { .o = o };
	struct seal_outcome outcome;
	struct bytes sealed;
	canned_world_serve(o->w, "http://tsa.test/", answer_growing, &g);
	const struct seal_request q = request(o, SEAL_B_T);
	assert_int_equal(
	    office_try(o, o->s, &q, false, pdf_make_one_page(o->s), &sealed, &outcome), ERR_NET);
	assert_string_equal(scope_fault_text(o->s), "http://tsa.test/: its tokens keep growing");
	assert_int_equal(g.n, 4);
}

struct counted {
	const struct key *key;
	unsigned signatures;
};

static enum err sign_counted(void *ctx, struct scope *s, const struct signature_alg *alg,
    struct bytes data, struct bytes *ret_value)
{
	struct counted *c = ctx;
	c->signatures++;
	return c->key->sign(c->key->ctx, s, alg, data, ret_value);
}

/* A key that signs so often and no more: the size of a token is asked for, once. */
static void test_large_token_for_a_counted_key(void **state)
{
	struct office *o = *state;
	struct counted c = { .key = mini_pki_key(o->p, "signer") };
	struct key key = *c.key;
	size_t room = 0;
	key.ctx = &c;
	key.sign = sign_counted;
	key.is_counted = true;
	make_tokens_long(o, 12000);
	for (unsigned i = 1; i <= 3; i++) {
		struct seal_request q = request(o, SEAL_B_T);
		q.key = &key;
		q.token_room = &room;
		struct bytes before = pdf_make_one_page(o->s), after = office_seal(o, &q, before);
		assert_sealed(o, SEAL_B_T, before, after, "PAdES-BASELINE-T");
		assert_int_equal(c.signatures, i);
		assert_int_equal(canned_world_asked(o->w, "http://tsa.test/"), i + 1);
		assert_true(room > 12000);
	}
	/* Without anywhere to keep it, each time anew. */
	struct seal_request q = request(o, SEAL_B_T);
	q.key = &key;
	office_seal(o, &q, pdf_make_one_page(o->s));
	assert_int_equal(c.signatures, 4);
	assert_int_equal(canned_world_asked(o->w, "http://tsa.test/"), 6);
	/* Of several authorities those that answer are asked. */
	const char *urls[] = { "http://gone.test/", "http://tsa.test/", "http://gone.test/" };
	q.tsa_urls = urls;
	q.n_tsa_urls = 3;
	office_seal(o, &q, pdf_make_one_page(o->s));
	assert_int_equal(c.signatures, 5);
	assert_int_equal(canned_world_asked(o->w, "http://tsa.test/"), 8);
	/* None is wanted. */
	q = request(o, SEAL_B_B);
	q.key = &key;
	office_seal(o, &q, pdf_make_one_page(o->s));
	assert_int_equal(c.signatures, 6);
	assert_int_equal(canned_world_asked(o->w, "http://tsa.test/"), 8);
}

/* Tokens that grow after all: refused, and no second signature made. */
static void test_growing_tokens_for_a_counted_key(void **state)
{
	struct office *o = *state;
	struct growing g = { .o = o };
	struct counted c = { .key = mini_pki_key(o->p, "signer") };
	struct key key = *c.key;
	struct seal_outcome outcome;
	struct bytes sealed;
	size_t room = 0;
	key.ctx = &c;
	key.sign = sign_counted;
	key.is_counted = true;
	canned_world_serve(o->w, "http://tsa.test/", answer_growing, &g);
	struct seal_request q = request(o, SEAL_B_T);
	q.key = &key;
	q.token_room = &room;
	assert_int_equal(
	    office_try(o, o->s, &q, false, pdf_make_one_page(o->s), &sealed, &outcome), ERR_NET);
	assert_string_equal(scope_fault_text(o->s), "http://tsa.test/: its tokens keep growing");
	assert_int_equal(c.signatures, 1);
	assert_true(room > 14000); /* for the next attempt */
}

/* -- encrypted files: dictionaries that qpdf 11 made, with an empty user password -- */

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

static struct bytes encrypted(struct scope *s, const char *dict)
{
	struct pdf_make *m = pdf_make_new(s);
	pdf_make_header(m, "2.0");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(m, 3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>");
	pdf_make_object(m, 5, dict);
	pdf_make_table(m, "/Root 1 0 R /Encrypt 5 0 R /ID [<31415926535897932384626433832795> "
			  "<31415926535897932384626433832795>]");
	return pdf_make_done(m);
}

static bool contains(struct bytes hay, const char *needle)
{
	return bytes_find(hay, bytes_of_str(needle), 0) != BYTES_NOT_FOUND;
}

static void test_encrypted_files_stay_encrypted(void **state)
{
	struct office *o = *state;
	struct seal_request q = request(o, SEAL_B_LTA);
	q.reason = "a very plain reason";
	q.field = "field in plain sight";
	for (size_t i = 0; i < sizeof(encryption) / sizeof(encryption[0]); i++) {
		struct bytes before = encrypted(o->s, encryption[i]);
		struct bytes after = office_seal(o, &q, before);
		assert_sealed(o, SEAL_B_LTA, before, after, "PAdES-BASELINE-LTA");
		assert_false(contains(after, q.reason));
		assert_false(contains(after, q.field));
		/* /Contents is in the clear: the SignedData's OID in hexadecimal. */
		assert_true(contains(after, "06092a864886f70d010702") ||
			    contains(after, "06092A864886F70D010702"));
		const struct report *r = office_judge(o, after, true);
		assert_string_equal(r->signatures[0].reason, q.reason);
		assert_string_equal(r->signatures[0].name, q.field);
	}
}

/* -- refusals -- */

static void assert_refused(struct office *o, const struct seal_request *q, struct bytes document,
    enum err wanted, const char *text)
{
	struct seal_outcome outcome;
	struct bytes sealed;
	scope_forgive(o->s);
	assert_int_equal(office_try(o, o->s, q, false, document, &sealed, &outcome), wanted);
	if (!strstr(scope_fault_text(o->s), text))
		fail_msg("\"%s\" does not tell of \"%s\"", scope_fault_text(o->s), text);
}

static void assert_key_refused(
    struct office *o, enum seal_level level, enum err wanted, const char *text)
{
	const struct seal_request q = request(o, level);
	assert_refused(o, &q, pdf_make_one_page(o->s), wanted, text);
	assert_int_equal(canned_world_asked(o->w, "http://tsa.test/"), 0);
}

static void test_revoked_key(void **state)
{
	struct office *o = *state;
	mini_pki_entry(o->p, "signer")->revoked_at = MINI_CA_NOW;
	assert_key_refused(o, SEAL_B_B, ERR_DENIED, "revoked");
	mini_pki_entry(o->p, "signer")->revoked_at = MINI_CA_NOW + 1;
	const struct seal_request q = request(o, SEAL_B_B);
	office_seal(o, &q, pdf_make_one_page(o->s));
}

static void test_suspended_key(void **state)
{
	struct office *o = *state;
	mini_pki_entry(o->p, "signer")->revoked_at = MINI_CA_NOW - 1;
	mini_pki_entry(o->p, "signer")->reason = CRL_REASON_CERTIFICATE_HOLD;
	assert_key_refused(o, SEAL_B_T, ERR_DENIED, "suspended");
}

static void test_revoked_authority(void **state)
{
	struct office *o = *state;
	mini_pki_entry(o->p, "ca")->revoked_at = MINI_CA_NOW - 1;
	assert_key_refused(o, SEAL_B_T, ERR_DENIED, "authority in the chain was revoked");
}

static void test_dates_of_the_key(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *e = mini_pki_entry(o->p, "signer");
	e->from = MINI_CA_NOW;
	e->to = MINI_CA_NOW;
	const struct seal_request q = request(o, SEAL_B_B);
	office_seal(o, &q, pdf_make_one_page(o->s));
	o->w->now.unix_s = MINI_CA_NOW + 1;
	assert_key_refused(o, SEAL_B_B, ERR_DENIED, "expired");
	o->w->now.unix_s = MINI_CA_NOW - 1;
	assert_key_refused(o, SEAL_B_B, ERR_DENIED, "not valid before");
}

static void test_usage_of_the_key(void **state)
{
	struct office *o = *state;
	mini_pki_entry(o->p, "signer")->usage = "keyEncipherment";
	assert_key_refused(o, SEAL_B_B, ERR_DENIED, "key usage");
}

static void test_unknown_root(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *e = mini_pki_entry(o->p, "other");
	e->issuer = "other";
	e->is_ca = true;
	e->no_urls = true;
	struct seal_request q = request(o, SEAL_B_B);
	q.anchors = mini_pki_anchors(o->p, "other");
	assert_refused(o, &q, pdf_make_one_page(o->s), ERR_DENIED, "No chain");
}

static void test_requests_that_lack_something(void **state)
{
	struct office *o = *state;
	const struct anchors none = { 0 };
	struct bytes page = pdf_make_one_page(o->s);
	struct seal_request q = request(o, SEAL_B_T);
	q.n_tsa_urls = 0;
	assert_refused(o, &q, page, ERR_MISUSE, "time-stamping authority");
	q = request(o, SEAL_B_LT);
	q.anchors = &none;
	assert_refused(o, &q, page, ERR_MISUSE, "trust anchors");
	/* At B-B it does without. */
	q = request(o, SEAL_B_B);
	q.anchors = &none;
	office_seal(o, &q, page);
	assert_int_equal(canned_world_asked(o->w, "http://ca.test/ocsp"), 0);
}

static void test_documents_that_forbid_it(void **state)
{
	struct office *o = *state;
	const struct seal_request q = request(o, SEAL_B_B);
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d,
	    &(struct paper_signature){ .cms.by = "signer", .claimed = MINI_CA_NOW, .docmdp = 1 });
	assert_refused(o, &q, d->document, ERR_DENIED, "P=1");
	struct pdf_make *m = pdf_make_new(o->s);
	pdf_make_header(m, "1.7");
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [] /Count 0 >>");
	pdf_make_table(m, "/Root 1 0 R");
	assert_refused(o, &q, pdf_make_done(m), ERR_FORMAT, "no page");
	assert_refused(o, &q, BYTES_LIT("no document"), ERR_FORMAT, "");
	assert_refused(o, &q, BYTES_NONE, ERR_FORMAT, "");
}

/* -- services out of reach -- */

static void cut_off(struct office *o)
{
	static const char *const urls[] = { "http://ca.test/ocsp", "http://ca.test/crl",
		"http://root.test/ocsp", "http://root.test/crl" };
	for (size_t i = 0; i < 4; i++)
		canned_world_break(o->w, urls[i], ERR_NET);
}

static void test_without_revocation_data(void **state)
{
	struct office *o = *state;
	struct seal_outcome outcome;
	struct bytes sealed;
	cut_off(o);
	for (int level = SEAL_B_LT; level <= SEAL_B_LTA; level++)
		assert_key_refused(o, (enum seal_level)level, ERR_NET, "http://");
	for (int level = SEAL_B_B; level <= SEAL_B_T; level++) {
		const struct seal_request q = request(o, (enum seal_level)level);
		scope_forgive(o->s);
		assert_int_equal(
		    office_try(o, o->s, &q, false, pdf_make_one_page(o->s), &sealed, &outcome), OK);
		assert_non_null(outcome.warning);
		assert_non_null(strstr(outcome.warning, "revocation status"));
	}
}

/* The seal's own certificate can be judged, the time-stamping authority's not. */
static void test_without_revocation_data_of_the_tsa(void **state)
{
	struct office *o = *state;
	mini_pki_entry(o->p, "tsa")->no_urls = true;
	const struct seal_request q = request(o, SEAL_B_LT);
	canned_world_break(o->w, "http://ca.test/crl", ERR_NET);
	assert_refused(o, &q, pdf_make_one_page(o->s), ERR_NET, "timestamp");
}

static void test_list_instead_of_responder(void **state)
{
	struct office *o = *state;
	canned_world_break(o->w, "http://ca.test/ocsp", ERR_NET);
	canned_world_break(o->w, "http://root.test/ocsp", ERR_LIMIT);
	struct bytes sealed = office_sealed(o, SEAL_B_LTA);
	const struct report *r = office_judge(o, sealed, true);
	assert_int_equal(r->conclusion, CONCLUSION_TOTAL_PASSED);
	assert_int_equal(r->evidence.ocsp_responses, 0);
	assert_int_equal(r->evidence.crls, 2);
}

/* The archive timestamp alone comes from somebody whom nobody trusts. */
static void test_archive_timestamp_untrusted(void **state)
{
	struct office *o = *state;
	struct mini_pki_entry *e = mini_pki_entry(o->p, "alien");
	e->issuer = "alien";
	e->eku = "critical,timeStamping";
	e->no_urls = true;
	mini_pki_serve_tsa(o->p, "http://alien.test/", "alien", MINI_PKI_TRUTH);
	static const char *const urls[] = { "http://alien.test/" };
	struct seal_request q = request(o, SEAL_B_LTA);
	q.tsa_urls = urls;
	assert_refused(o, &q, pdf_make_one_page(o->s), ERR_DENIED, "timestamp: No chain");
	/* Extending adds nothing but that timestamp. */
	struct bytes sealed = office_sealed(o, SEAL_B_LT);
	struct seal_outcome outcome;
	scope_forgive(o->s);
	assert_int_equal(office_try(o, o->s, &q, true, sealed, &sealed, &outcome), ERR_DENIED);
}

static void test_levels_by_name(void **state)
{
	static const char *const bad[] = { "", "B", "b-b", "B-LTAX", "LTA" };
	enum seal_level level;
	(void)state;
	for (int i = SEAL_B_B; i <= SEAL_B_LTA; i++) {
		assert_true(seal_level_of_name(seal_level_name((enum seal_level)i), &level));
		assert_int_equal(level, i);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(seal_level_of_name(bad[i], &level));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_key_at_every_level),
		TEST(test_pkcs1_and_digest_by_request),
		TEST(test_every_form_of_file),
		TEST(test_texts),
		TEST(test_second_seal_leaves_the_first),
		TEST(test_large_token),
		TEST(test_tokens_that_keep_growing),
		TEST(test_large_token_for_a_counted_key),
		TEST(test_growing_tokens_for_a_counted_key),
		TEST(test_encrypted_files_stay_encrypted),
		TEST(test_revoked_key),
		TEST(test_suspended_key),
		TEST(test_revoked_authority),
		TEST(test_dates_of_the_key),
		TEST(test_usage_of_the_key),
		TEST(test_unknown_root),
		TEST(test_requests_that_lack_something),
		TEST(test_documents_that_forbid_it),
		TEST(test_without_revocation_data),
		TEST(test_without_revocation_data_of_the_tsa),
		TEST(test_list_instead_of_responder),
		TEST(test_archive_timestamp_untrusted),
		TEST(test_levels_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
