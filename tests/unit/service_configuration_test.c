#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/scope.h"
#include "service/configuration.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LISTENERS                                                                                  \
	"\"listeners\":{\"api\":{\"address\":\"127.0.0.1\",\"port\":0},"                           \
	"\"window\":{\"address\":\"0.0.0.0\",\"port\":443,\"certificate\":\"w.pem\",\"key\":\"/"   \
	"w.key\","                                                                                 \
	"\"url\":\"https://seal.example\"},\"desk\":{\"address\":\"::1\"}}"
#define LEAST                                                                                      \
	"\"data\":\"data\",\"organisation\":\"Fund\",\"trust\":[\"roots\"],\"tsa\":[\"http://"     \
	"tsa.example/\"]," LISTENERS

static enum err parse(struct scope *s, const char *text, const struct configuration **ret_c)
{
	return configuration_parse(s, bytes_of_str(text), "/etc/bulla", ret_c);
}

static void what_is_not_said_has_a_value(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	const struct configuration *c;
	assert_int_equal(parse(s, "{" LEAST "}", &c), OK);
	assert_string_equal(c->data, "/etc/bulla/data");
	assert_string_equal(c->cache, "/etc/bulla/data/cache");
	assert_string_equal(c->service_key, "/etc/bulla/data/service.key");
	assert_string_equal(c->trust[0], "/etc/bulla/roots");
	assert_string_equal(c->tsa[0], "http://tsa.example/");
	assert_string_equal(c->policy, "default");
	assert_string_equal(c->filing_policy, "sealed-filing");
	assert_string_equal(c->level, "B-LTA");
	assert_int_equal(c->window.port, 443);
	assert_string_equal(c->window.certificate, "/etc/bulla/w.pem");
	assert_string_equal(c->window.key, "/w.key");
	assert_int_equal(c->workers.n, 0);
	assert_int_equal(c->times.filing_days, 5475);
	assert_int_equal(c->limits.document, 256 << 20);
	assert_null(c->user);
	assert_false(c->demo);
	scope_free(s);
}

static void all_that_may_be_said_is_taken(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	const struct configuration *c;
	assert_int_equal(
	    parse(s,
		"{" LEAST ",\"user\":\"bulla\",\"language\":\"hu\",\"policy\":\"p.json\","
		"\"filingPolicy\":\"eidas\",\"level\":\"B-T\",\"rsaPkcs1\":true,"
		"\"look\":\"strip\",\"lookLanguage\":\"az\",\"demo\":true,"
		"\"workers\":{\"number\":3,\"jobs\":1,\"memory\":67108864,\"seconds\":5},"
		"\"unattendedKeys\":[{\"name\":\"own\",\"file\":\"own.p12\"}],"
		"\"portals\":[{\"id\":\"p1\",\"name\":\"Portal\",\"apiKeySha256\":\"" HEX64
		"\",\"webhook\":{\"url\":\"https://portal.example/hook\",\"secretFile\":\"s\"},"
		"\"returnUrls\":[\"https://portal.example/\"],\"unattendedKey\":\"own\","
		"\"requestsPerMinute\":7},{\"id\":\"p2\",\"name\":\"Other\","
		"\"clientCertificateSha256\":[\"" HEX64 "\"]}],"
		"\"allowAddresses\":[\"10.0.0.0/8\"],\"limits\":{\"documents\":2},"
		"\"times\":{\"sealedDays\":1}}",
		&c),
	    OK);
	assert_string_equal(c->policy, "/etc/bulla/p.json");
	assert_string_equal(c->filing_policy, "eidas");
	assert_int_equal(c->workers.jobs, 1);
	assert_int_equal(c->workers.memory, 67108864);
	assert_int_equal(c->n_portals, 2);
	const struct configuration_portal *p = configuration_find_portal(c, "p1");
	assert_string_equal(p->webhook_url, "https://portal.example/hook");
	assert_string_equal(p->webhook_secret_file, "/etc/bulla/s");
	assert_int_equal(p->requests_per_minute, 7);
	assert_string_equal(p->return_urls[0], "https://portal.example/");
	p = configuration_find_portal(c, "p2");
	assert_int_equal(p->n_certificates, 1);
	assert_null(p->webhook_url);
	assert_null(configuration_find_portal(c, "p3"));
	assert_int_equal(c->limits.documents, 2);
	assert_true(c->demo && c->rsa_pkcs1);
	scope_free(s);
}

static void each_fault_is_told_with_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *more, *fault;
	} cases[] = {
		{ ",\"colour\":1", "$.colour: unknown key" },
		{ ",\"limits\":{\"documents\":0}",
		    "$.limits.documents: the number is out of range" },
		{ ",\"limits\":{\"documents\":1001}",
		    "$.limits.documents: the number is out of range" },
		{ ",\"limits\":{\"documents\":\"2\"}",
		    "$.limits.documents: a whole number is wanted" },
		{ ",\"limits\":[]", "$.limits: an object is wanted" },
		{ ",\"level\":\"B-B\"", "$.level: none of the known words" },
		{ ",\"level\":\"B-T B-LT\"", "$.level: none of the known words" },
		{ ",\"level\":\"\"", "$.level: none of the known words" },
		{ ",\"level\":\"-LT\"", "$.level: none of the known words" },
		{ ",\"demo\":1", "$.demo: true or false is wanted" },
		{ ",\"user\":\"a b\"", "$.user: only letters, digits, - and _" },
		{ ",\"portals\":{}", "$.portals: a list is wanted" },
		{ ",\"portals\":[{\"id\":\"p\"}]", "$.portals[0].name: it is missing" },
		{ ",\"portals\":[{\"id\":\"p\",\"name\":\"P\"}]",
		    "$.portals[0]: neither an API key nor a client certificate" },
		{ ",\"portals\":[{\"id\":\"p\",\"name\":\"P\",\"apiKeySha256\":\"0\"}]",
		    "$.portals[0].apiKeySha256: a SHA-256 in small hexadecimal is wanted" },
		{ ",\"portals\":[{\"id\":\"p\",\"name\":\"P\",\"apiKeySha256\":\"" HEX64
		  "\",\"unattendedKey\":\"x\"}]",
		    "$.portals[0]: its unattendedKey is none of unattendedKeys" },
		{ ",\"portals\":[{\"id\":\"p\",\"name\":\"P\",\"apiKeySha256\":\"" HEX64
		  "\"},{\"id\":\"p\",\"name\":\"P\",\"apiKeySha256\":\"" HEX64 "\"}]",
		    "$.portals[1]: another portal has this id" },
		{ ",\"portals\":[{\"id\":\"p\",\"name\":\"P\",\"webhook\":{\"url\":\"ftp://x\","
		  "\"secretFile\":\"s\"}}]",
		    "$.portals[0].webhook.url: an http or https URL without a final slash is "
		    "wanted" },
		{ ",\"portals\":[{\"id\":\"p\",\"name\":\"P\",\"returnUrls\":[\"https://u@x/\"]}]",
		    "$.portals[0].returnUrls[0]: an http or https URL is wanted" },
		{ ",\"listeners\":{}", "duplicate" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[4096];
		struct scope *s = scope_new(0);
		const struct configuration *c;
		snprintf(text, sizeof(text), "{" LEAST "%s}", cases[i].more);
		assert_int_equal(parse(s, text, &c), ERR_FORMAT);
		if (cases[i].fault[0] == '$' && !strstr(scope_fault_text(s), cases[i].fault))
			fail_msg("%s: %s", cases[i].more, scope_fault_text(s));
		scope_free(s);
	}
}

static void listeners_without_tls_stay_at_home(void **state)
{
	(void)state;
	static const struct {
		const char *desk, *fault;
	} cases[] = {
		{ "{\"address\":\"0.0.0.0\"}", "without TLS only on the loopback" },
		{ "{\"address\":\"127.0.0.1\",\"key\":\"k\"}", "certificate and key go together" },
		{ "{\"address\":\"127.0.0.1\",\"clientAuthorities\":\"k\"}",
		    "client certificates need TLS" },
		{ "{\"address\":\"127.0.0.1\",\"port\":65536}", "the number is out of range" },
		{ "{\"port\":1}", "address: it is missing" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[4096];
		struct scope *s = scope_new(0);
		const struct configuration *c;
		snprintf(text, sizeof(text),
		    "{\"data\":\"d\",\"organisation\":\"F\",\"trust\":[],\"tsa\":[],\"listeners\":{"
		    "\"api\":{\"address\":\"127.0.0.1\"},\"window\":{\"address\":\"127.0.0.1\"},"
		    "\"desk\":%s}}",
		    cases[i].desk);
		assert_int_equal(parse(s, text, &c), ERR_FORMAT);
		if (!strstr(scope_fault_text(s), cases[i].fault))
			fail_msg("%s: %s", cases[i].desk, scope_fault_text(s));
		scope_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_has_a_value),
		cmocka_unit_test(all_that_may_be_said_is_taken),
		cmocka_unit_test(each_fault_is_told_with_its_place),
		cmocka_unit_test(listeners_without_tls_stay_at_home),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
