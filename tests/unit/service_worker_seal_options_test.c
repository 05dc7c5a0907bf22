/* service/worker/worker_seal_options: every key, and whatever is not one */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/worker/worker_seal_options.h"

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

static struct worker_seal_options must_read(struct scope *s, const char *json)
{
	struct worker_seal_options o;
	enum err e = worker_seal_options_read(s, bytes_of_str(json), &o);
	if (e != OK)
		fail_msg("%s: %s", json, scope_fault_text(s));
	return o;
}

static void nothing_said(void **state)
{
	static const char *const texts[] = { "", "{}" };
	for (size_t i = 0; i < 2; i++) {
		struct worker_seal_options o = must_read(*state, texts[i]);
		struct seal_request q = { .level = SEAL_B_LTA, .rsa_pkcs1 = true };
		assert_false(o.has_level || o.has_rsa_pkcs1 || o.is_visible || o.has_lock);
		worker_seal_options_apply(&o, &q);
		assert_int_equal(q.level, SEAL_B_LTA);
		assert_true(q.rsa_pkcs1);
		assert_null(q.look);
		assert_null(q.lock);
		assert_null(q.field);
	}
}

static void everything_said(void **state)
{
	struct worker_seal_options o = must_read(*state,
	    "{\"level\":\"B-T\",\"digest\":\"sha384\",\"rsaPkcs1\":false,\"field\":\"f\","
	    "\"lock\":{\"action\":\"include\",\"fields\":[\"a\",\"b\"],\"permission\":2},"
	    "\"reason\":\"r\",\"location\":\"l\",\"contact\":\"c\",\"signerName\":\"n\","
	    "\"visible\":{\"page\":-1,\"box\":{\"x\":1,\"y\":2,\"width\":3,\"height\":4},"
	    "\"look\":\"official\",\"language\":\"hu\",\"zone\":\"-01:30\",\"note\":\"x\\ny\","
	    "\"barcode\":{\"kind\":\"pdf417\",\"base64\":\"AAEC\"}}}");
	struct seal_request q = { .level = SEAL_B_LTA, .rsa_pkcs1 = true };
	worker_seal_options_apply(&o, &q);
	assert_int_equal(q.level, SEAL_B_T);
	assert_int_equal(q.digest, DIGEST_SHA384);
	assert_false(q.rsa_pkcs1);
	assert_string_equal(q.field, "f");
	assert_int_equal(q.lock->action, PDF_FIELDMDP_INCLUDE);
	assert_int_equal(q.lock->n_fields, 2);
	assert_string_equal(q.lock->fields[1], "b");
	assert_int_equal(q.lock->permissions, 2);
	assert_string_equal(q.reason, "r");
	assert_string_equal(q.location, "l");
	assert_string_equal(q.contact, "c");
	assert_string_equal(q.signer_name, "n");
	assert_int_equal(q.look->place.page, -1);
	assert_true(q.look->place.has_box);
	assert_int_equal((int)q.look->place.box.h, 4);
	assert_int_equal(q.look->look, LOOK_TEMPLATE_OFFICIAL);
	assert_int_equal(q.look->language, LOOK_WORDS_HU);
	assert_int_equal(q.look->zone_minutes, -90);
	assert_string_equal(q.look->note, "x\ny");
	assert_int_equal(q.look->barcode, BARCODE_KIND_PDF417);
	assert_int_equal(q.look->barcode_data.n, 3);
}

static void an_anchor(void **state)
{
	struct worker_seal_options o =
	    must_read(*state, "{\"visible\":{\"anchor\":{\"text\":\"Seal here\",\"page\":2}}}");
	assert_string_equal(o.anchor, "Seal here");
	assert_int_equal(o.anchor_page, 2);
	assert_int_equal(o.look.place.side, PLACEMENT_SIDE_RIGHT);
	assert_false(o.look.place.has_box);
	o = must_read(*state, "{\"visible\":{\"anchor\":{\"text\":\"Seal here\",\"side\":\"over\","
			      "\"width\":100,\"height\":50}}}");
	assert_int_equal(o.look.place.side, PLACEMENT_SIDE_OVER);
	assert_true(o.look.place.has_box);
}

static void edges_of_numbers(void **state)
{
	must_read(*state, "{\"certify\":1}");
	must_read(*state, "{\"certify\":3}");
	must_read(*state, "{\"visible\":{\"zone\":\"+14:00\"}}");
	must_read(*state, "{\"visible\":{\"page\":1}}");
}

static void what_is_refused(void **state)
{
	static const struct {
		const char *json, *fault;
	} cases[] = {
		{ "[]", "$: not an object" },
		{ "{\"levels\":\"B-T\"}", "$.levels: no such key" },
		{ "{\"level\":\"B-B\"}", "$.level: none of B-T, B-LT, B-LTA" },
		{ "{\"level\":3}", "$.level: not a text" },
		{ "{\"digest\":\"sha1\"}", "$.digest: not a word that is known here" },
		{ "{\"rsaPkcs1\":1}", "$.rsaPkcs1: neither true nor false" },
		{ "{\"field\":\"\"}", "$.field: empty" },
		{ "{\"certify\":0}", "$.certify: out of range" },
		{ "{\"certify\":4}", "$.certify: out of range" },
		{ "{\"certify\":1.5}", "$.certify: not a whole number" },
		{ "{\"certify\":1,\"lock\":{\"action\":\"all\",\"permission\":1}}",
		    "$: \"certify\" and \"lock.permission\" exclude each other" },
		{ "{\"lock\":{}}", "$.lock: without \"action\"" },
		{ "{\"lock\":{\"action\":\"all\",\"fields\":[\"a\"]}}",
		    "$.lock: \"fields\" go with include and exclude" },
		{ "{\"lock\":{\"action\":\"include\"}}",
		    "$.lock: \"fields\" go with include and exclude" },
		{ "{\"lock\":{\"fields\":[\"a\",7]}}", "$.lock.fields[1]: not a text" },
		{ "{\"reason\":\"a\\u0007\"}", "$.reason: control characters" },
		{ "{\"visible\":{\"page\":0}}", "$.visible.page: out of range" },
		{ "{\"visible\":{\"page\":-2}}", "$.visible.page: out of range" },
		{ "{\"visible\":{\"box\":{\"x\":1,\"y\":1,\"width\":1,\"height\":1}}}",
		    "$.visible: \"box\" goes with \"page\"" },
		{ "{\"visible\":{\"page\":1,\"box\":{\"x\":1}}}",
		    "$.visible.box: wants x, y, width and height" },
		{ "{\"visible\":{\"page\":1,\"box\":{\"x\":1,\"y\":1,\"width\":0,\"height\":1}}}",
		    "$.visible.box.width: out of range" },
		{ "{\"visible\":{\"page\":1,\"anchor\":{\"text\":\"a\"}}}",
		    "$.visible: \"anchor\" excludes \"page\" and \"box\"" },
		{ "{\"visible\":{\"anchor\":{\"page\":1}}}", "$.visible.anchor: without \"text\"" },
		{ "{\"visible\":{\"anchor\":{\"text\":\"\"}}}",
		    "$.visible.anchor.text: an empty text is everywhere" },
		{ "{\"visible\":{\"anchor\":{\"text\":\"a\",\"width\":1}}}",
		    "$.visible.anchor: width and height go together" },
		{ "{\"visible\":{\"look\":\"nice\"}}",
		    "$.visible.look: none of text, picture, both, official, strip, code" },
		{ "{\"visible\":{\"language\":\"fr\"}}",
		    "$.visible.language: none of en, hu, az, tr, uk, vi" },
		{ "{\"visible\":{\"zone\":\"+1:00\"}}",
		    "$.visible.zone: neither \"UTC\" nor like \"+02:00\"" },
		{ "{\"visible\":{\"zone\":\"+14:01\"}}", "$.visible.zone: out of range" },
		{ "{\"visible\":{\"zone\":\"+01:60\"}}", "$.visible.zone: out of range" },
		{ "{\"visible\":{\"barcode\":{\"text\":\"a\"}}}",
		    "$.visible.barcode: without \"kind\"" },
		{ "{\"visible\":{\"barcode\":{\"kind\":\"qr\"}}}",
		    "$.visible.barcode: without \"text\" or \"base64\"" },
		{ "{\"visible\":{\"barcode\":{\"kind\":\"qr\",\"text\":\"a\",\"base64\":\"AA==\"}}"
		  "}",
		    "$.visible.barcode.base64: \"text\" and \"base64\" exclude each other" },
		{ "{\"visible\":{\"barcode\":{\"kind\":\"qr\",\"base64\":\"!\"}}}",
		    "$.visible.barcode.base64: not base64" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct worker_seal_options o;
		struct scope *s = scope_new(0);
		assert_int_equal(
		    worker_seal_options_read(s, bytes_of_str(cases[i].json), &o), ERR_FORMAT);
		assert_string_equal(scope_fault_text(s), cases[i].fault);
		scope_free(s);
	}
	(void)state;
}

static void the_path_goes_on(void **state)
{
	struct worker_seal_options o;
	const struct json_tree *tree;
	assert_int_equal(json_tree_parse(*state, BYTES_LIT("{\"certify\":9}"), &tree), OK);
	assert_int_equal(
	    worker_seal_options_parse(*state, tree, "$.documents[1].options", &o), ERR_FORMAT);
	assert_string_equal(
	    scope_fault_text(*state), "$.documents[1].options.certify: out of range");
}

static void lengths_of_texts(void **state)
{
	struct worker_seal_options o;
	char json[LIMIT_WORKER_TEXT + 64];
	for (int more = 0; more <= 1; more++) {
		snprintf(json, sizeof(json), "{\"reason\":\"%0*d\"}", LIMIT_WORKER_TEXT + more, 0);
		assert_int_equal(worker_seal_options_read(*state, bytes_of_str(json), &o),
		    more ? ERR_FORMAT : OK);
	}
	assert_string_equal(scope_fault_text(*state), "$.reason: too long");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(nothing_said), TEST(everything_said),
		TEST(an_anchor), TEST(edges_of_numbers), TEST(what_is_refused),
		TEST(the_path_goes_on), TEST(lengths_of_texts) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
