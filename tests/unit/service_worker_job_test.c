/* service/worker: every job through a real, confined worker process */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/json_tree.h"
#include "formats/tst.h"
#include "tests/support/contract.h"
#include "tests/support/pdf_make.h"
#include "tests/support/sealed_bases.h"
#include "tests/support/worker_scene.h"

#define PNG BYTES_LIT("\x89PNG\r\n\x1a\n")

static void assert_done(const struct worker_scene *w, enum err e)
{
	if (e != OK)
		fail_msg("%s: %s", err_name(e), scope_fault_text(w->s));
}

static void assert_refused(struct worker_scene *w, enum err e, enum err wanted, const char *part)
{
	if (e != wanted || !strstr(scope_fault_text(w->s), part))
		fail_msg("%s: %s", err_name(e), scope_fault_text(w->s));
	scope_forgive(w->s);
}

/* A value by its path of keys; numbers are places in lists. */
static const struct json_tree *at(struct worker_scene *w, const char *json, const char *path)
{
	const struct json_tree *t;
	char copy[200], *rest;
	assert_int_equal(json_tree_parse(w->s, bytes_of_str(json), &t), OK);
	strncpy(copy, path, sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	for (char *key = strtok_r(copy, ".", &rest); key && t; key = strtok_r(NULL, ".", &rest)) {
		if (t->kind != JSON_TREE_ARRAY) {
			t = json_tree_find(t, key);
			continue;
		}
		const size_t i = strtoul(key, NULL, 10);
		t = i < t->n ? &t->item[i] : NULL;
	}
	if (!t)
		fail_msg("no %s in %s", path, json);
	return t;
}

static void assert_says(
    struct worker_scene *w, const char *json, const char *path, const char *wanted)
{
	const struct json_tree *t = at(w, json, path);
	if (t->kind != JSON_TREE_TEXT || strcmp(t->text, wanted) != 0)
		fail_msg("%s is not \"%s\" in %s", path, wanted, json);
}

static struct worker_client_inspection inspect(
    struct worker_scene *w, struct bytes document, const char *password)
{
	struct worker_client_inspection x;
	assert_done(w, worker_client_inspect(w->s, &w->client, worker_scene_file(w, document),
			   bytes_of_str(password), &x));
	return x;
}

static struct worker_client_validation validate(
    struct worker_scene *w, struct bytes document, int pack)
{
	const struct worker_client_validation_request q = { .document =
								worker_scene_file(w, document),
		.name = "test.pdf",
		.at = INSTANT_NONE,
		.pack = pack,
		.wants_report = true };
	struct worker_client_validation v;
	assert_done(w, worker_client_validate(w->s, &w->client, &q, &v));
	return v;
}

/* -- ready -- */
static void ready(void **state)
{
	struct worker_scene *w = *state;
	struct worker_client_readiness r;
	assert_done(w, worker_client_ready(w->s, &w->client, &r));
	assert_int_equal(r.anchors, 1);
	assert_int_equal(r.soonest.unix_s, mini_pki_cert(w->o->p, "root")->not_after.unix_s);
	assert_string_equal(r.policy, "default");
	assert_string_equal(r.filing_policy, "default");
}

/* -- inspect -- */
static void what_a_document_is(void **state)
{
	struct worker_scene *w = *state;
	struct bytes page = pdf_make_one_page(w->s);
	struct digest sha256;
	struct worker_client_inspection x = inspect(w, page, "");
	assert_int_equal(digest_of_bytes(w->s, DIGEST_SHA256, page, &sha256), OK);
	assert_memory_equal(x.sha256, sha256.value, 32);
	assert_int_equal(x.size, page.n);
	assert_int_equal(x.pages, 1);
	assert_int_equal(x.signatures + x.timestamps, 0);
	assert_false(x.encrypted || x.locked);
	assert_null(x.refusal);
	x = inspect(w, office_sealed(w->o, SEAL_B_LTA), "");
	assert_int_equal(x.signatures, 1);
	assert_int_equal(x.timestamps, 1);
	x = inspect(w, contract_new(w->s, CONTRACT_ENCRYPTED), "");
	assert_true(x.encrypted);
	assert_false(x.locked);
	assert_int_equal(x.pages, 3);
	x = inspect(w, sealed_bases_new(w->o, "certified-1"), "");
	assert_non_null(x.refusal);
}

static void what_is_no_document(void **state)
{
	static const char *const texts[] = { "hello", "%PDF-1.7\n", "%PDF-1.7\n1 0 obj\n<<" };
	struct worker_scene *w = *state;
	struct worker_client_inspection x;
	for (size_t i = 0; i < 3; i++)
		assert_refused(w,
		    worker_client_inspect(w->s, &w->client,
			worker_scene_file(w, bytes_of_str(texts[i])), BYTES_NONE, &x),
		    ERR_FORMAT, "");
	assert_refused(w,
	    worker_client_inspect(
		w->s, &w->client, worker_scene_file(w, BYTES_NONE), BYTES_NONE, &x),
	    ERR_FORMAT, "empty");
}

/* -- seal, judge, report -- */
static enum err witness(struct worker_scene *w, const struct worker_client_seal_request *q,
    const struct worker_client_sealed *sealed, struct worker_client_judgement *ret_judgement)
{
	const struct worker_client_witness_request r = {
		.sealing = q, .sealed = sealed, .output = q->output, .by_itself = true
	};
	return worker_client_witness(w->s, &w->client, &r, ret_judgement);
}

static struct worker_client_judgement witnessed(struct worker_scene *w,
    const struct worker_client_seal_request *q, const struct worker_client_sealed *sealed)
{
	struct worker_client_judgement j;
	assert_done(w, witness(w, q, sealed, &j));
	return j;
}

static void sealed_and_judged(void **state)
{
	struct worker_scene *w = *state;
	struct bytes page = pdf_make_one_page(w->s);
	const struct worker_client_seal_request q =
	    worker_scene_request(w, page, "{\"reason\":\"Because\"}");
	struct worker_client_sealed sealed;
	struct digest sha256;
	assert_done(w, worker_client_seal(w->s, &w->client, &q, &sealed));
	struct bytes content = worker_scene_content(w, q.output);
	assert_true(bytes_has_prefix(content, page));
	assert_int_equal(sealed.size, content.n);
	assert_int_equal(digest_of_bytes(w->s, DIGEST_SHA256, content, &sha256), OK);
	assert_memory_equal(sealed.sha256, sha256.value, 32);
	assert_string_equal(sealed.field, "Signature1");
	const struct worker_client_judgement judgement = witnessed(w, &q, &sealed);
	assert_int_equal(judgement.word, WORKER_CLIENT_ACCEPT);
	const char *json = judgement.summary;
	assert_says(w, json, "word", "accept");
	assert_says(w, json, "signatures.0.level", "PAdES-BASELINE-LTA");
	assert_says(w, json, "signatures.0.reason", "Because");
	assert_says(w, json, "signatures.0.who.name", "Bulla Tests");
	assert_true(at(w, json, "signatures.0.when.trusted")->truth);
	assert_says(w, json, "signatures.1.kind", "document-timestamp");

	struct worker_client_validation v = validate(w, content, -1);
	assert_int_equal(v.judgement.word, WORKER_CLIENT_ACCEPT);
	assert_int_equal(v.pack_size, 0);
	json = v.judgement.summary;
	assert_string_not_equal(at(w, json, "sentence.hu")->text, at(w, json, "sentence.en")->text);
	assert_true(bytes_has_prefix(v.report, BYTES_LIT("{\n")));
}

/* A worker that was taken over may hand in what it likes; another one says what it is. */
static void what_a_witness_refuses(void **state)
{
	struct worker_scene *w = *state;
	const struct bytes page = pdf_make_one_page(w->s), other = pdf_make_text(w->s, "Other");
	const struct worker_client_seal_request q = worker_scene_request(w, page, "");
	struct worker_client_seal_request as_told = q;
	struct worker_client_sealed sealed;
	struct worker_client_judgement j;
	assert_done(w, worker_client_seal(w->s, &w->client, &q, &sealed));
	as_told.document = worker_scene_file(w, other);
	assert_refused(w, witness(w, &as_told, &sealed, &j), ERR_DENIED, "does not begin with");
	as_told = q;
	as_told.output = worker_scene_file(w, page);
	assert_refused(w, witness(w, &as_told, &sealed, &j), ERR_DENIED, "is not there");
	as_told = q;
	as_told.options = BYTES_LIT("{\"level\":\"B-T\"}");
	assert_refused(w, witness(w, &as_told, &sealed, &j), ERR_DENIED, "not one signature");
	as_told = q;
	as_told.certificate = &q.certificate[1];
	assert_refused(w, witness(w, &as_told, &sealed, &j), ERR_DENIED, "not by the key");
	sealed.field = "Signature2";
	assert_refused(w, witness(w, &q, &sealed, &j), ERR_DENIED, "");
	sealed.field = "Signature1";
	witnessed(w, &q, &sealed);
}

static void levels_and_forms_of_seals(void **state)
{
	struct worker_scene *w = *state;
	static const struct {
		const char *options, *level;
	} cases[] = {
		{ "{\"level\":\"B-T\"}", "PAdES-BASELINE-T" },
		{ "{\"level\":\"B-LT\",\"digest\":\"sha512\"}", "PAdES-BASELINE-LT" },
		{ "{\"visible\":{\"page\":1,\"box\":{\"x\":50,\"y\":50,\"width\":300,"
		  "\"height\":110},\"barcode\":{\"kind\":\"qr\",\"text\":\"A-1\"},"
		  "\"language\":\"hu\"}}",
		    "PAdES-BASELINE-LTA" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes content =
		    worker_scene_sealed(w, contract_new(w->s, CONTRACT_TABLE), cases[i].options);
		struct worker_client_validation v = validate(w, content, -1);
		assert_says(w, v.judgement.summary, "signatures.0.level", cases[i].level);
		assert_int_equal(v.judgement.word, WORKER_CLIENT_ACCEPT);
	}
}

static void beside_a_text(void **state)
{
	struct worker_scene *w = *state;
	struct worker_client_sealed sealed;
	struct bytes page = pdf_make_text(w->s, "Seal here");
	worker_scene_sealed(w, page, "{\"visible\":{\"anchor\":{\"text\":\"Seal here\"}}}");
	const struct worker_client_seal_request q =
	    worker_scene_request(w, page, "{\"visible\":{\"anchor\":{\"text\":\"Not there\"}}}");
	assert_refused(
	    w, worker_client_seal(w->s, &w->client, &q, &sealed), ERR_DENIED, "on no page");
}

static void seals_that_are_refused(void **state)
{
	struct worker_scene *w = *state;
	struct worker_client_sealed sealed;
	struct bytes page = pdf_make_one_page(w->s);
	struct worker_client_seal_request q = worker_scene_request(w, page, "");
	q.token = BYTES_LIT("another token of thirty-two octs");
	assert_refused(
	    w, worker_client_seal(w->s, &w->client, &q, &sealed), ERR_MISUSE, "no such session");
	q = worker_scene_request(w, page, "{\"level\":\"B-X\"}");
	assert_refused(
	    w, worker_client_seal(w->s, &w->client, &q, &sealed), ERR_FORMAT, "$.level: none of");
	q = worker_scene_request(w, sealed_bases_new(w->o, "certified-1"), "");
	assert_refused(
	    w, worker_client_seal(w->s, &w->client, &q, &sealed), ERR_DENIED, "no further change");
	q = worker_scene_request(w, page, "");
	q.picture = BYTES_LIT("no picture");
	assert_refused(
	    w, worker_client_seal(w->s, &w->client, &q, &sealed), ERR_FORMAT, "\"visible\"");
}

static void judgements_that_are_bad(void **state)
{
	struct worker_scene *w = *state;
	struct bytes sealed = office_sealed(w->o, SEAL_B_T);
	uint8_t *p = scope_alloc(w->s, sealed.n);
	memcpy(p, sealed.p, sealed.n);
	p[bytes_find(sealed, BYTES_LIT("MediaBox"), 0)] ^= 1;
	struct worker_client_validation v = validate(w, bytes_of(p, sealed.n), -1);
	assert_int_equal(v.judgement.word, WORKER_CLIENT_REFUSE);
	assert_says(w, v.judgement.summary, "code", "TOTAL-FAILED, HASH_FAILURE");
	assert_says(w, v.judgement.summary, "causes.0.code", "HASH_MISMATCH");
	assert_says(w, v.judgement.summary, "causes.0.signature", "S1");
	v = validate(w, pdf_make_one_page(w->s), -1);
	assert_int_equal(v.judgement.word, WORKER_CLIENT_CLOSER);
	assert_says(w, v.judgement.summary, "conclusion", "NO-SIGNATURE");
}

static struct bytes report(
    struct worker_scene *w, int document, int pack, enum worker_client_form form)
{
	const struct worker_client_report_request q = {
		.document = document, .pack = pack, .form = form, .language = "hu"
	};
	struct bytes content;
	bool is_same = false;
	assert_done(w, worker_client_report(w->s, &w->client, &q, &content, &is_same));
	assert_true(is_same);
	return content;
}

static void reports_of_what_was_judged(void **state)
{
	static const char *const begin[WORKER_CLIENT_FORMS] = {
		[WORKER_CLIENT_FORM_TEXT] = "",
		[WORKER_CLIENT_FORM_JSON] = "{",
		[WORKER_CLIENT_FORM_HTML] = "<!DOCTYPE html>",
		[WORKER_CLIENT_FORM_ETSI] = "<?xml",
		[WORKER_CLIENT_FORM_PDF] = "%PDF-",
		[WORKER_CLIENT_FORM_HTML_FRAGMENT] = "<section class=\"verdict good\"",
	};
	struct worker_scene *w = *state;
	struct bytes sealed = office_sealed(w->o, SEAL_B_LTA);
	const int pack = worker_scene_file(w, BYTES_NONE);
	const int document = worker_scene_file(w, sealed);
	struct worker_client_validation v = validate(w, sealed, pack);
	struct bytes kept = worker_scene_content(w, pack);
	struct digest sha256;
	assert_int_equal(v.pack_size, kept.n);
	assert_int_equal(digest_of_bytes(w->s, DIGEST_SHA256, kept, &sha256), OK);
	assert_memory_equal(v.pack_sha256, sha256.value, 32);
	for (int form = 0; form < WORKER_CLIENT_FORMS; form++) {
		struct bytes content = report(w, document, pack, (enum worker_client_form)form);
		assert_true(bytes_has_prefix(content, bytes_of_str(begin[form])));
		assert_true(content.n > 500);
		if (form == WORKER_CLIENT_FORM_JSON)
			assert_true(bytes_equal(content, v.report));
	}
}

static void reports_of_something_else(void **state)
{
	struct worker_scene *w = *state;
	const int pack = worker_scene_file(w, BYTES_NONE);
	struct bytes content;
	bool is_same;
	validate(w, office_sealed(w->o, SEAL_B_T), pack);
	struct worker_client_report_request q = {
		.document = worker_scene_file(w, pdf_make_one_page(w->s)), .pack = pack
	};
	assert_refused(w, worker_client_report(w->s, &w->client, &q, &content, &is_same),
	    ERR_FORMAT, "another document");
	q.pack = q.document;
	assert_refused(w, worker_client_report(w->s, &w->client, &q, &content, &is_same),
	    ERR_FORMAT, "evidence pack: it is none");
}

/* -- pages -- */
static void pages_as_pictures(void **state)
{
	struct worker_scene *w = *state;
	const int document = worker_scene_file(w, contract_new(w->s, CONTRACT_TABLE));
	struct worker_client_preview p;
	for (unsigned page = 1; page <= 3; page++) {
		assert_done(
		    w, worker_client_show(w->s, &w->client, document, BYTES_NONE, page, 50, &p));
		assert_int_equal(p.pages, 3);
		assert_true(p.width > 100 && p.height > 100);
		assert_true(bytes_has_prefix(p.png, PNG));
	}
	assert_refused(w, worker_client_show(w->s, &w->client, document, BYTES_NONE, 4, 50, &p),
	    ERR_DENIED, "no such page");
	assert_refused(w,
	    worker_client_show(w->s, &w->client,
		worker_scene_file(w, BYTES_LIT("%PDF-1.7 nothing")), BYTES_NONE, 1, 50, &p),
	    ERR_FORMAT, "");
}

static void pages_then_and_now(void **state)
{
	struct worker_scene *w = *state;
	struct bytes once = worker_scene_sealed(w, pdf_make_one_page(w->s), "{\"level\":\"B-T\"}");
	struct bytes twice = worker_scene_sealed(
	    w, once, "{\"level\":\"B-T\",\"visible\":{\"page\":1,\"look\":\"text\"}}");
	const int pack = worker_scene_file(w, BYTES_NONE);
	validate(w, twice, pack);
	for (int with = 0; with <= 1; with++) {
		struct worker_client_comparison c;
		assert_done(w, worker_client_compare(w->s, &w->client, worker_scene_file(w, twice),
				   with ? pack : -1, BYTES_NONE, "S1", &c));
		assert_int_equal(c.n_pictures, 3);
		for (size_t i = 0; i < 3; i++) {
			assert_int_equal(c.picture[i].kind, i);
			assert_int_equal(c.picture[i].sealed, 1);
			assert_int_equal(c.picture[i].now, 1);
			assert_true(bytes_has_prefix(c.picture[i].png, PNG));
		}
		assert_true(bytes_has_prefix(c.json, BYTES_LIT("{")));
	}
	struct worker_client_comparison c;
	assert_refused(w,
	    worker_client_compare(
		w->s, &w->client, worker_scene_file(w, twice), -1, BYTES_NONE, "S9", &c),
	    ERR_DENIED, "no signature \"S9\"");
}

/* -- stamp, certificate -- */
static void a_stamp(void **state)
{
	struct worker_scene *w = *state;
	struct digest sha256;
	struct bytes token;
	assert_int_equal(digest_of_bytes(w->s, DIGEST_SHA256, BYTES_LIT("root"), &sha256), OK);
	assert_done(w, worker_client_stamp(w->s, &w->client, digest_bytes(&sha256), &token));
	struct bytes copy;
	assert_int_equal(bytes_copy(w->s, token, &copy), OK);
	assert_true(bytes_find(copy, digest_bytes(&sha256), 0) != BYTES_NOT_FOUND);
	assert_refused(w, worker_client_stamp(w->s, &w->client, BYTES_LIT("too short"), &token),
	    ERR_FORMAT, "no SHA-256");
}

static void a_certificate(void **state)
{
	struct worker_scene *w = *state;
	const struct key *key = mini_pki_key(w->o->p, "signer");
	const struct bytes der[] = { key->cert->der, key->chain[0]->der };
	struct worker_client_certificate c;
	assert_done(w, worker_client_certificate(w->s, &w->client, der, 2, &c));
	assert_true(c.accepted);
	assert_memory_equal(c.sha256, key->cert->sha256.value, 32);
	assert_int_equal(c.until.unix_s, key->cert->not_after.unix_s);
	assert_says(w, c.facts, "organisation", "Bulla Tests");
	assert_says(w, c.facts, "key.type", "EC");
	assert_int_equal(at(w, c.facts, "key.bits")->number, 256);
	assert_says(w, c.facts, "keyUsage.0", "digitalSignature");
	assert_says(w, c.facts, "indication", "PASSED");
	/* One that signs nothing. */
	const struct bytes ca = mini_pki_cert(w->o->p, "ca")->der;
	assert_done(w, worker_client_certificate(w->s, &w->client, &ca, 1, &c));
	assert_false(c.accepted);
	assert_true(at(w, c.facts, "reasons")->n > 0);
	const struct bytes none = BYTES_LIT("none");
	assert_refused(
	    w, worker_client_certificate(w->s, &w->client, &none, 1, &c), ERR_FORMAT, "");
}

/* A certificate waits for a person's approval of its disclaimer, once. */
static void approvals(void **state)
{
	struct worker_scene *w = worker_scene_open();
	struct worker_client_validation v;
	struct worker_client_certificate c;
	struct worker_client_sealed sealed;
	*state = w;
	worker_scene_set_policy(w, "{\"name\":\"strict\",\"disclaimer\":{\"approval\":true}}");
	worker_scene_start(w);
	const struct bytes sha256 = digest_bytes(&mini_pki_cert(w->o->p, "signer")->sha256);
	struct worker_client_validation_request q = {
		.document = worker_scene_file(w, office_sealed(w->o, SEAL_B_T)),
		.name = "test.pdf",
		.policy = WORKER_CLIENT_POLICY_FILING,
		.at = INSTANT_NONE,
		.pack = -1,
	};
	assert_done(w, worker_client_validate(w->s, &w->client, &q, &v));
	assert_int_equal(v.judgement.word, WORKER_CLIENT_CLOSER);
	assert_true(at(w, v.judgement.summary, "signatures.0.approvalWanted")->truth);
	assert_says(w, v.judgement.summary, "causes.0.code", "DISCLAIMER_NOT_APPROVED");
	q.approved = &sha256;
	q.n_approved = 1;
	assert_done(w, worker_client_validate(w->s, &w->client, &q, &v));
	assert_int_equal(v.judgement.word, WORKER_CLIENT_ACCEPT);
	assert_false(at(w, v.judgement.summary, "signatures.0.approvalWanted")->truth);
	assert_true(at(w, v.judgement.summary, "signatures.0.certificate.approved")->truth);
	assert_says(w, v.judgement.summary, "policy", "strict");

	const struct bytes der = mini_pki_cert(w->o->p, "signer")->der;
	assert_done(w, worker_client_certificate(w->s, &w->client, &der, 1, &c));
	assert_true(c.accepted);
	assert_true(at(w, c.facts, "approvalWanted")->truth);

	struct worker_client_seal_request seal =
	    worker_scene_request(w, pdf_make_one_page(w->s), "{\"level\":\"B-T\"}");
	assert_refused(w, worker_client_seal(w->s, &w->client, &seal, &sealed), ERR_DENIED, "");
	seal.output = worker_scene_file(w, BYTES_NONE);
	seal.approved = &sha256;
	seal.n_approved = 1;
	assert_done(w, worker_client_seal(w->s, &w->client, &seal, &sealed));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, worker_scene_setup, worker_scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(ready), TEST(what_a_document_is),
		TEST(what_is_no_document), TEST(sealed_and_judged), TEST(what_a_witness_refuses),
		TEST(levels_and_forms_of_seals), TEST(beside_a_text), TEST(seals_that_are_refused),
		TEST(judgements_that_are_bad), TEST(reports_of_what_was_judged),
		TEST(reports_of_something_else), TEST(pages_as_pictures), TEST(pages_then_and_now),
		TEST(a_stamp), TEST(a_certificate),
		cmocka_unit_test_teardown(approvals, worker_scene_teardown) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
