#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/fetcher/fetcher_protocol.h"
#include "service/fetcher/fetcher_rules.h"
#include "service/fetcher/fetcher_status.h"

static int set_up(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	scope_free(*state);
	return 0;
}

static struct bytes done(struct buf *b)
{
	struct bytes content;
	assert_int_equal(buf_done(b, &content), OK);
	return content;
}

/* -- who may ask for what -- */

static void requests_by_peer(void **state)
{
	struct scope *s = *state;
	static const struct {
		uint32_t kind;
		bool worker, front;
	} cases[] = { { FETCHER_BEGIN_JOB, true, false }, { FETCHER_FETCH, true, true },
		{ FETCHER_WEBHOOK, false, true }, { FETCHER_STATUS, false, true },
		{ FETCHER_FETCHED, false, false }, { 0, false, false }, { 5, false, false } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int peer = ROLE_STEWARD; peer <= ROLE_OPERATOR; peer++) {
			bool may = (peer == ROLE_WORKER && cases[i].worker) ||
				   (peer == ROLE_FRONT && cases[i].front);
			scope_forgive(s);
			assert_int_equal(
			    fetcher_protocol_may_ask(s, (enum role)peer, cases[i].kind),
			    may ? OK : ERR_DENIED);
		}
	assert_true(fetcher_protocol_most(ROLE_WORKER) == LIMIT_FETCHER_REQUEST);
	assert_true(
	    fetcher_protocol_most(ROLE_FRONT) == LIMIT_FETCHER_REQUEST + LIMIT_WEBHOOK_BODY);
}

static enum err pass(
    struct scope *s, enum role peer, const struct fetch_request *want, struct fetch_request *ret)
{
	struct buf b = buf_new(s, LIMIT_FETCHER_REQUEST);
	scope_forgive(s);
	TRY(fetcher_protocol_put_fetch(s, &b, want));
	return fetcher_protocol_take_fetch(s, peer, done(&b), ret);
}

static void fetches_arrive(void **state)
{
	struct scope *s = *state;
	const struct fetch_request all[] = {
		{ .kind = FETCH_CERTIFICATE, .url = "http://a/c", .cap = 7 },
		{ .kind = FETCH_CRL, .url = "ldap://a/o=x??base" },
		{ .kind = FETCH_OCSP, .url = "http://a/o", .body = BYTES_LIT("0\0") },
		{ .kind = FETCH_TIMESTAMP,
		    .url = "http://a/t",
		    .body = BYTES_LIT("0"),
		    .content_type = "text/plain\r\nCookie: a" },
		{ .kind = FETCH_TRUST_LIST, .url = "https://a/l", .cap = SIZE_MAX },
	};
	static const char *const types[] = { NULL, NULL, "application/ocsp-request",
		"application/timestamp-query", NULL };
	static const size_t caps[] = { 7, LIMIT_FETCH_CRL, LIMIT_FETCH_OCSP, LIMIT_FETCH_TIMESTAMP,
		LIMIT_FETCH_TRUST_LIST };
	for (size_t i = 0; i < 5; i++) {
		struct fetch_request got;
		assert_int_equal(pass(s, ROLE_WORKER, &all[i], &got), OK);
		assert_int_equal(got.kind, all[i].kind);
		assert_string_equal(got.url, all[i].url);
		assert_true(bytes_equal(got.body, all[i].body));
		assert_int_equal(got.cap, caps[i]);
		assert_int_equal(fetcher_protocol_cap(&all[i]), caps[i]);
		/* Content types are the fetcher's own: none is taken from the peer. */
		assert_true(types[i] ? !strcmp(got.content_type, types[i]) : !got.content_type);
		assert_int_equal(pass(s, ROLE_FRONT, &all[i], &got),
		    all[i].kind == FETCH_TIMESTAMP ? OK : ERR_DENIED);
	}
}

static void put_raw(struct buf *b, int64_t kind, const char *url, struct bytes body, int64_t cap)
{
	message_put_number(b, 1, kind);
	message_put_text(b, 2, url);
	if (body.n)
		message_put_bytes(b, 3, body);
	if (cap)
		message_put_number(b, 4, cap);
}

static enum err take_raw(
    struct scope *s, int64_t kind, const char *url, struct bytes body, int64_t cap)
{
	struct fetch_request got;
	struct buf b = buf_new(s, 1 << 20);
	scope_forgive(s);
	put_raw(&b, kind, url, body, cap);
	return fetcher_protocol_take_fetch(s, ROLE_WORKER, done(&b), &got);
}

/* What the world's side would never send: the fetcher looks for itself. */
static void fetches_are_checked_by_the_fetcher_too(void **state)
{
	struct scope *s = *state;
	static uint8_t body[LIMIT_TST_REQUEST + 1];
	char url[LIMIT_URL + 2];
	memset(url, 'u', sizeof(url));
	url[LIMIT_URL + 1] = 0;
	assert_int_equal(take_raw(s, FETCH_CRL, url, BYTES_NONE, 0), ERR_LIMIT);
	assert_int_equal(take_raw(s, FETCH_CRL, url + 1, BYTES_NONE, 0), OK);
	assert_int_equal(take_raw(s, FETCH_CRL, "http://a/\tb", BYTES_NONE, 0), ERR_FORMAT);
	assert_int_equal(take_raw(s, FETCH_CRL, "http://a/ b", BYTES_NONE, 0), ERR_FORMAT);
	assert_int_equal(take_raw(s, FETCH_CRL, "http://a/\r\nX: y", BYTES_NONE, 0), ERR_FORMAT);
	assert_int_equal(take_raw(s, FETCH_CRL, "", BYTES_NONE, 0), ERR_FORMAT);
	assert_int_equal(take_raw(s, FETCH_CRL, NULL, BYTES_NONE, 0), ERR_FORMAT);
	assert_int_equal(take_raw(s, 5, "http://a/", BYTES_NONE, 0), ERR_FORMAT);
	assert_int_equal(take_raw(s, -1, "http://a/", BYTES_NONE, 0), ERR_FORMAT);
	assert_int_equal(take_raw(s, FETCH_CRL, "http://a/", BYTES_LIT("x"), 0), ERR_DENIED);
	assert_int_equal(take_raw(s, FETCH_OCSP, "http://a/", BYTES_NONE, 0), ERR_DENIED);
	assert_int_equal(
	    take_raw(s, FETCH_TIMESTAMP, "http://a/", bytes_of(body, LIMIT_TST_REQUEST), 0), OK);
	assert_int_equal(
	    take_raw(s, FETCH_TIMESTAMP, "http://a/", bytes_of(body, LIMIT_TST_REQUEST + 1), 0),
	    ERR_DENIED);
	assert_int_equal(
	    take_raw(s, FETCH_CRL, "http://a/", BYTES_NONE, (int64_t)LIMIT_FETCH_CRL), OK);
	assert_int_equal(
	    take_raw(s, FETCH_CRL, "http://a/", BYTES_NONE, (int64_t)LIMIT_FETCH_CRL + 1),
	    ERR_FORMAT);
	assert_int_equal(take_raw(s, FETCH_CRL, "http://a/", BYTES_NONE, -1), ERR_FORMAT);
}

static void a_field_that_is_not_known_is_refused(void **state)
{
	struct scope *s = *state;
	struct fetch_request got;
	struct buf b = buf_new(s, LIMIT_FETCHER_REQUEST);
	put_raw(&b, FETCH_CRL, "http://a/", BYTES_NONE, 0);
	message_put_text(&b, 9, "X-Header: mine");
	assert_int_equal(fetcher_protocol_take_fetch(s, ROLE_WORKER, done(&b), &got), ERR_FORMAT);
}

static void urls_that_are_not_sent(void **state)
{
	struct scope *s = *state;
	struct fetch_request got;
	char url[LIMIT_URL + 2];
	memset(url, 'u', sizeof(url));
	url[LIMIT_URL + 1] = 0;
	const char *const bad[] = { url, "", "http://a/\x01", "http://a/\xc3\xa1", "a b" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct fetch_request want = { .kind = FETCH_CRL, .url = bad[i] };
		assert_int_equal(pass(s, ROLE_WORKER, &want, &got), ERR_DENIED);
	}
}

/* -- replies -- */

static enum err pass_reply(
    struct scope *s, const struct fetch_reply *reply, size_t cap, struct fetch_reply *ret_reply)
{
	const struct fetch_request want = { .kind = FETCH_CRL, .url = "http://a/", .cap = cap };
	struct buf b = buf_new(s, FETCHER_PROTOCOL_REPLY(LIMIT_FETCH_CRL));
	scope_forgive(s);
	fetcher_protocol_put_fetched(&b, reply);
	return fetcher_protocol_take_fetched(s, done(&b), &want, ret_reply);
}

static void replies_arrive(void **state)
{
	struct scope *s = *state;
	const struct bytes more[] = { BYTES_LIT("two"), BYTES_NONE, BYTES_LIT("three") };
	struct fetch_reply got, reply = { .status = 200,
		.body = BYTES_LIT("one\0"),
		.more = more,
		.n_more = 3,
		.content_type = "text/x; a=\"b\"" };
	assert_int_equal(pass_reply(s, &reply, 0, &got), OK);
	assert_int_equal(got.status, 200);
	assert_true(bytes_equal(got.body, reply.body));
	assert_int_equal(got.n_more, 3);
	assert_true(bytes_equal_str(got.more[0], "two"));
	assert_int_equal(got.more[1].n, 0);
	assert_true(bytes_equal_str(got.more[2], "three"));
	assert_string_equal(got.content_type, "text/x; a=\"b\"");
	/* 4 + 3 + 5 octets: just allowed, and one less. */
	assert_int_equal(pass_reply(s, &reply, 12, &got), OK);
	assert_int_equal(pass_reply(s, &reply, 11, &got), ERR_LIMIT);
	/* A server may call its answer whatever it likes. */
	reply.content_type = "text/\x01\xff";
	assert_int_equal(pass_reply(s, &reply, 0, &got), OK);
	assert_string_equal(got.content_type, "");
	reply.status = 201;
	assert_int_equal(pass_reply(s, &reply, 0, &got), ERR_FORMAT);
}

static void the_largest_list_fits_a_frame(void **state)
{
	struct scope *s = *state;
	struct fetch_reply got;
	uint8_t *body = scope_alloc(s, LIMIT_FETCH_CRL);
	const struct fetch_reply reply = {
		.status = 200, .body = bytes_of(body, LIMIT_FETCH_CRL), .content_type = ""
	};
	assert_non_null(body);
	assert_true(FETCHER_PROTOCOL_REPLY(LIMIT_FETCH_CRL) <= LIMIT_LINK_FRAME);
	assert_int_equal(pass_reply(s, &reply, 0, &got), OK);
	assert_int_equal(got.body.n, LIMIT_FETCH_CRL);
}

static void number_of_values(void **state)
{
	struct scope *s = *state;
	struct bytes more[LIMIT_LDAP_VALUES] = { { NULL, 0 } };
	struct fetch_reply got, reply = { .status = 200, .more = more, .content_type = "" };
	reply.n_more = LIMIT_LDAP_VALUES - 1;
	assert_int_equal(pass_reply(s, &reply, 0, &got), OK);
	reply.n_more = LIMIT_LDAP_VALUES;
	assert_int_equal(pass_reply(s, &reply, 0, &got), ERR_LIMIT);
}

static void jobs_arrive(void **state)
{
	struct scope *s = *state;
	const struct instant all[] = { INSTANT_NONE, { 0 }, { 1795000000 }, { -5 } };
	for (size_t i = 0; i < 4; i++) {
		struct instant got;
		struct buf b = buf_new(s, 64);
		fetcher_protocol_put_job(&b, all[i]);
		assert_int_equal(fetcher_protocol_take_job(s, buf_bytes(&b), &got), OK);
		assert_true(instant_equal(got, all[i]));
	}
}

/* -- webhooks -- */

static enum err pass_webhook(
    struct scope *s, const struct fetcher_webhook *hook, struct fetcher_webhook *ret_hook)
{
	struct buf b = buf_new(s, 2 * LIMIT_WEBHOOK_BODY);
	scope_forgive(s);
	fetcher_protocol_put_webhook(&b, hook);
	return fetcher_protocol_take_webhook(s, done(&b), ret_hook);
}

static void webhooks_arrive(void **state)
{
	struct scope *s = *state;
	static uint8_t body[LIMIT_WEBHOOK_BODY + 1];
	struct fetcher_webhook got, hook = { .portal = "Fund portal 1",
		.event = "sealing.sealed",
		.delivery = "wh_01",
		.signature = "t=1,v1=00ff",
		.body = BYTES_LIT("{}") };
	assert_int_equal(pass_webhook(s, &hook, &got), OK);
	assert_string_equal(got.portal, hook.portal);
	assert_string_equal(got.event, hook.event);
	assert_string_equal(got.delivery, hook.delivery);
	assert_string_equal(got.signature, hook.signature);
	assert_true(bytes_equal(got.body, hook.body));
	hook.body = bytes_of(body, LIMIT_WEBHOOK_BODY);
	assert_int_equal(pass_webhook(s, &hook, &got), OK);
	hook.body = bytes_of(body, LIMIT_WEBHOOK_BODY + 1);
	assert_int_equal(pass_webhook(s, &hook, &got), ERR_LIMIT);
	hook.body = BYTES_NONE;
	assert_int_equal(pass_webhook(s, &hook, &got), ERR_FORMAT);
}

/* No value may become two header lines. */
static void header_values_are_plain(void **state)
{
	struct scope *s = *state;
	static const char *const bad[] = { "", "a b", "a\nX: y", "a:b", "\xc3\xa1" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		for (int field = 0; field < 3; field++) {
			struct fetcher_webhook got,
			    hook = { "p", field == 0 ? bad[i] : "a", field == 1 ? bad[i] : "a",
				    field == 2 ? bad[i] : "a", BYTES_LIT("{}") };
			assert_int_equal(pass_webhook(s, &hook, &got), ERR_FORMAT);
		}
}

static void statuses_of_webhooks(void **state)
{
	struct scope *s = *state;
	for (int status = 98; status < 1002; status++) {
		int got = 0;
		struct buf b = buf_new(s, 64);
		scope_forgive(s);
		fetcher_protocol_put_sent(&b, status);
		bool fits = status >= 100 && status <= 999;
		assert_int_equal(
		    fetcher_protocol_take_sent(s, done(&b), &got), fits ? OK : ERR_FORMAT);
		assert_int_equal(got, fits ? status : 0);
	}
}

/* -- what is configured -- */

static void only_configured_authorities(void **state)
{
	struct scope *s = *state;
	const char *const tsa[] = { "https://tsa.example/ts", "http://b.example/" };
	const struct configuration c = { .tsa = tsa, .n_tsa = 2 };
	static const char *const bad[] = { "https://tsa.example/ts/", "https://tsa.example/t",
		"https://TSA.example/ts", "http://tsa.example/ts", "https://tsa.example/ts?x", "" };
	struct fetch_request want = { .kind = FETCH_TIMESTAMP, .url = tsa[0] };
	assert_int_equal(fetcher_rules_may_fetch(s, &c, &want), OK);
	want.url = tsa[1];
	assert_int_equal(fetcher_rules_may_fetch(s, &c, &want), OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		want.url = bad[i];
		assert_int_equal(fetcher_rules_may_fetch(s, &c, &want), ERR_DENIED);
	}
	want.kind = FETCH_OCSP;
	assert_int_equal(fetcher_rules_may_fetch(s, &c, &want), OK);
}

static void webhooks_only_where_configured(void **state)
{
	struct scope *s = *state;
	const struct configuration_portal portals[] = {
		{ .id = "a", .webhook_url = "https://a.example/hook" },
		{ .id = "b", .webhook_url = "HTTP://127.0.0.1:1/hook" },
		{ .id = "c" },
		{ .id = "d", .webhook_url = "file:///etc/passwd" },
	};
	const struct configuration c = { .portal = portals, .n_portals = 4 };
	const char *url;
	bool loopback_only;
	assert_int_equal(fetcher_rules_webhook(s, &c, "a", &url, &loopback_only), OK);
	assert_string_equal(url, portals[0].webhook_url);
	assert_false(loopback_only);
	assert_int_equal(fetcher_rules_webhook(s, &c, "b", &url, &loopback_only), OK);
	assert_true(loopback_only);
	for (const char *const *p = (const char *const[]){ "c", "d", "e", "", NULL }; *p; p++) {
		scope_forgive(s);
		assert_int_equal(
		    fetcher_rules_webhook(s, &c, *p, &url, &loopback_only), ERR_DENIED);
	}
}

static void allowed_ranges(void **state)
{
	struct scope *s = *state;
	const char *const ranges[] = { "none", "10.0.0.0/8" }, *const wrong[] = { "10.0.0.0/33" };
	struct fetch_target_rules t;
	struct configuration c = { .n_allow_addresses = 0 };
	assert_int_equal(fetcher_rules_targets(s, &c, &t), OK);
	assert_null(fetch_target_objection_to_text(&t, "127.0.0.1"));
	assert_non_null(fetch_target_objection_to_text(&t, "10.0.0.1"));
	c.allow_addresses = ranges;
	c.n_allow_addresses = 2;
	assert_int_equal(fetcher_rules_targets(s, &c, &t), OK);
	assert_non_null(fetch_target_objection_to_text(&t, "127.0.0.1"));
	assert_null(fetch_target_objection_to_text(&t, "10.0.0.1"));
	c.allow_addresses = wrong;
	c.n_allow_addresses = 1;
	assert_int_equal(fetcher_rules_targets(s, &c, &t), ERR_FORMAT);
}

/* -- counts -- */

static void counts_arrive(void **state)
{
	struct scope *s = *state;
	struct fetcher_status_authority a[] = {
		{ "http://a/", { 1 }, INSTANT_NONE, "" },
		{ "http://b/", INSTANT_NONE, { 1795000000 }, "http://b/: HTTP 500" },
	};
	struct fetcher_status got,
	    st = { .authority = a, .n_authorities = 2, .held = 3, .held_most = 9 };
	struct buf b = buf_new(s, LIMIT_FETCHER_COUNTS);
	st.count[FETCHER_STATUS_WEBHOOK][FETCHER_STATUS_REFUSED] = UINT64_MAX;
	st.count[FETCHER_STATUS_CRL][FETCHER_STATUS_KEPT] = 258;
	fetcher_status_put(&b, &st);
	struct bytes content = done(&b);
	assert_int_equal(fetcher_status_take(s, content, &got), OK);
	assert_memory_equal(got.count, st.count, sizeof(st.count));
	assert_int_equal(got.n_authorities, 2);
	assert_string_equal(got.authority[1].cause, a[1].cause);
	assert_true(instant_equal(got.authority[0].answered, a[0].answered));
	assert_false(instant_is_known(got.authority[0].failed));
	assert_int_equal(got.held_most, 9);
	for (size_t n = 0; n < content.n; n++) {
		scope_forgive(s);
		enum err e = fetcher_status_take(s, bytes_cut(content, 0, n), &got);
		/* Cut before the authorities, it is a status without any. */
		assert_true(e != OK || got.n_authorities == 0);
	}
}

static void whether_there_is_an_authority(void **state)
{
	(void)state;
	struct fetcher_status_authority a = { "u", INSTANT_NONE, INSTANT_NONE, "" };
	struct fetcher_status st = { .authority = &a };
	assert_false(fetcher_status_has_authority(&st));
	st.n_authorities = 1;
	assert_true(fetcher_status_has_authority(&st));
	a.failed = (struct instant){ 10 };
	assert_false(fetcher_status_has_authority(&st));
	a.answered = (struct instant){ 9 };
	assert_false(fetcher_status_has_authority(&st));
	a.answered = (struct instant){ 10 };
	assert_true(fetcher_status_has_authority(&st));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(requests_by_peer),
		T(fetches_arrive),
		T(fetches_are_checked_by_the_fetcher_too),
		T(a_field_that_is_not_known_is_refused),
		T(urls_that_are_not_sent),
		T(replies_arrive),
		T(the_largest_list_fits_a_frame),
		T(number_of_values),
		T(jobs_arrive),
		T(webhooks_arrive),
		T(header_values_are_plain),
		T(statuses_of_webhooks),
		T(only_configured_authorities),
		T(webhooks_only_where_configured),
		T(allowed_ranges),
		T(counts_arrive),
		T(whether_there_is_an_authority),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
