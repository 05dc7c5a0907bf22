/* A line of the fetcher and its peers, over real links, against a server that misbehaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/fetcher/fetcher_client.h"
#include "service/fetcher/fetcher_rules.h"
#include "tests/support/fetcher_scene.h"
#include "tests/support/office.h"

static const char *fault(struct fetcher_scene_peer *p)
{
	return scope_fault_text(p->scene->s);
}

/* -- fetching -- */

static void answers_come_over_the_link(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	struct fetch_reply reply;
	const struct fetch_request want = { .kind = FETCH_CERTIFICATE, .url = o->url[3] };
	assert_int_equal(fetcher_world_begin_job(o->s, p->world, INSTANT_NONE, INSTANT_NONE), OK);
	assert_int_equal(p->world->world.fetch(p->world->world.ctx, o->s, &want, &reply), OK);
	assert_int_equal(reply.status, 200);
	assert_true(bytes_equal_str(reply.body, "hello"));
	assert_string_equal(reply.content_type, "text/plain");
	assert_true(p->world->world.keeps_answers);
	assert_int_equal(fetcher_scene_get(p, FETCH_OCSP, "/ok"), OK);
	assert_non_null(strstr(o->server.head, "Content-Type: application/ocsp-request\r\n"));
	assert_string_equal(o->server.body, "0request");
	fetcher_scene_leave(p);
}

static void misbehaving_servers(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	static const struct {
		const char *path;
		enum fetch_kind kind;
		enum err e;
		const char *text;
	} cases[] = {
		{ "/500", FETCH_CERTIFICATE, ERR_NET, "HTTP 500" },
		{ "/close", FETCH_CERTIFICATE, ERR_NET, "connection closed without an answer" },
		{ "/early", FETCH_CERTIFICATE, ERR_NET, "the answer is truncated" },
		{ "/slow", FETCH_CERTIFICATE, ERR_NET, "time-out" },
		{ "/hang", FETCH_CERTIFICATE, ERR_NET, "time-out" },
		{ "/claims", FETCH_CRL, ERR_LIMIT, "larger than 134217728 octets" },
		{ "/large", FETCH_CERTIFICATE, ERR_LIMIT, "larger than 1048576 octets" },
		{ "/private", FETCH_CRL, ERR_DENIED, "10.0.0.1 is a private address" },
		{ "/meta", FETCH_CRL, ERR_DENIED, "169.254.169.254 is a link-local address" },
		{ "/file", FETCH_CRL, ERR_DENIED, "redirects to a scheme" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(fetcher_scene_get(p, cases[i].kind, cases[i].path), cases[i].e);
		assert_non_null(strstr(fault(p), cases[i].text));
		assert_non_null(strstr(fault(p), "http://127.0.0.1:"));
	}
	/* The line lives on. */
	assert_int_equal(fetcher_scene_get(p, FETCH_CERTIFICATE, "/ok"), OK);
	fetcher_scene_leave(p);
}

static void addresses_that_are_not_allowed(void **state)
{
	struct fetcher_scene *o = *state;
	const char *const none[] = { "none" };
	size_t n;
	o->c.allow_addresses = none;
	o->c.n_allow_addresses = 1;
	assert_int_equal(fetcher_rules_targets(o->s, &o->c, &o->shared.targets), OK);
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	char by_name[128];
	/* A name that leads to a private address is as good as the address. */
	snprintf(
	    by_name, sizeof(by_name), "http://localhost:%d/ok", loopback_server_port(o->server.s));
	const char *const urls[] = { o->url[3], by_name, "http://[::1]:1/", "http://10.0.0.1/",
		"ldap://127.0.0.1:1/o=x", "file:///etc/passwd", "gopher://a/",
		"http://me:secret@127.0.0.1/" };
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		assert_int_equal(
		    fetcher_scene_get_url(p, o->s, FETCH_CRL, urls[i], &n), ERR_DENIED);
		assert_null(strstr(fault(p), "secret"));
	}
	assert_int_equal(atomic_load(&o->server.requests), 0);
	/* The configured authority may be anywhere. */
	assert_int_equal(fetcher_scene_get(p, FETCH_TIMESTAMP, "/ok?tsa"), OK);
	fetcher_scene_leave(p);
}

static void timestamps_only_of_configured_authorities(void **state)
{
	struct fetcher_scene *o = *state;
	const enum role roles[] = { ROLE_WORKER, ROLE_FRONT };
	for (size_t i = 0; i < 2; i++) {
		struct fetcher_scene_peer *p = fetcher_scene_join(o, roles[i]);
		assert_int_equal(fetcher_scene_get(p, FETCH_TIMESTAMP, "/ok?tsa"), OK);
		int before = atomic_load(&o->server.requests);
		assert_int_equal(fetcher_scene_get(p, FETCH_TIMESTAMP, "/ok"), ERR_DENIED);
		assert_non_null(strstr(fault(p), "no configured timestamp authority"));
		assert_int_equal(atomic_load(&o->server.requests), before);
		/* Configured, but it sends elsewhere. */
		assert_int_equal(fetcher_scene_get(p, FETCH_TIMESTAMP, "/302"), ERR_NET);
		assert_int_equal(atomic_load(&o->server.requests), before + 1);
		fetcher_scene_leave(p);
	}
}

static void one_document_cannot_crawl(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	assert_int_equal(fetcher_world_begin_job(o->s, p->world, INSTANT_NONE, INSTANT_NONE), OK);
	for (int i = 0; i < LIMIT_FETCHES_PER_JOB; i++)
		assert_int_equal(fetcher_scene_get(p, FETCH_TRUST_LIST, "/ok"), OK);
	assert_int_equal(fetcher_scene_get(p, FETCH_TRUST_LIST, "/ok"), ERR_DENIED);
	assert_int_equal(atomic_load(&o->server.requests), LIMIT_FETCHES_PER_JOB);
	assert_int_equal(fetcher_world_begin_job(o->s, p->world, INSTANT_NONE, INSTANT_NONE), OK);
	assert_int_equal(fetcher_scene_get(p, FETCH_TRUST_LIST, "/ok"), OK);
	fetcher_scene_leave(p);
}

static void the_job_says_the_present(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	const struct world *w = &p->world->world;
	uint8_t a[64] = { 0 }, b[64] = { 0 };
	time_t before = time(NULL);
	assert_true(w->now(w->ctx).unix_s >= before);
	assert_int_equal(
	    fetcher_world_begin_job(o->s, p->world, INSTANT_NONE, (struct instant){ 1000000000 }),
	    OK);
	assert_int_equal(w->now(w->ctx).unix_s, 1000000000);
	assert_int_equal(w->random(w->ctx, o->s, a, 64), OK);
	assert_int_equal(w->random(w->ctx, o->s, b, 64), OK);
	assert_memory_not_equal(a, b, 64);
	fetcher_scene_leave(p);
}

/* -- kept answers -- */

static void kept_answers_are_shared_and_current(void **state)
{
	struct fetcher_scene *o = *state;
	struct office *office = office_open();
	struct fetcher_scene_peer *a = fetcher_scene_join(o, ROLE_WORKER),
				  *b = fetcher_scene_join(o, ROLE_WORKER);
	const struct mini_ca_revocation_crl spec = { .issuer = mini_pki_cert(office->p, "ca"),
		.key = mini_pki_private(office->p, "ca"),
		.this_update = time(NULL) - 60,
		.next_update = time(NULL) + 86400 };
	assert_int_equal(
	    bytes_copy(o->s, mini_ca_revocation_crl(office->s, &spec), &o->server.crl), OK);
	office_close(office);
	const struct instant late = { time(NULL) + 400LL * 86400 };
	assert_int_equal(fetcher_scene_get(a, FETCH_CRL, "/crl"), OK);
	assert_int_equal(fetcher_scene_get(b, FETCH_CRL, "/crl"), OK);
	assert_int_equal(atomic_load(&o->server.requests), 1);
	/* For an instant past its nextUpdate it is of no use. */
	assert_int_equal(fetcher_world_begin_job(o->s, b->world, late, INSTANT_NONE), OK);
	assert_int_equal(fetcher_scene_get(b, FETCH_CRL, "/crl"), OK);
	assert_int_equal(atomic_load(&o->server.requests), 2);
	assert_int_equal(fetcher_world_begin_job(o->s, b->world, INSTANT_NONE, INSTANT_NONE), OK);
	assert_int_equal(fetcher_scene_get(b, FETCH_CRL, "/crl"), OK);
	assert_int_equal(atomic_load(&o->server.requests), 2);
	fetcher_scene_leave(a);
	fetcher_scene_leave(b);
	struct fetcher_status st = fetcher_scene_status(o);
	assert_int_equal(st.count[FETCHER_STATUS_CRL][FETCHER_STATUS_FETCHED], 2);
	assert_int_equal(st.count[FETCHER_STATUS_CRL][FETCHER_STATUS_KEPT], 2);
}

static void no_folder_no_harm(void **state)
{
	struct fetcher_scene *o = *state;
	o->c.cache = "/dev/null/cache";
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	assert_int_equal(fetcher_scene_get(p, FETCH_CERTIFICATE, "/ok"), OK);
	fetcher_scene_leave(p);
}

/* -- who may ask for what -- */

static void a_worker_sends_no_webhook(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	const struct fetcher_webhook hook = { "good", "a", "b", "c", BYTES_LIT("{}") };
	struct fetcher_status st;
	int status;
	assert_int_equal(fetcher_client_webhook(o->s, p->own, &hook, &status), ERR_DENIED);
	scope_forgive(o->s);
	assert_int_equal(fetcher_client_status(o->s, p->own, &st), ERR_DENIED);
	assert_int_equal(atomic_load(&o->server.requests), 0);
	fetcher_scene_leave(p);
}

static void the_front_fetches_nothing_but_timestamps(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_FRONT);
	const enum fetch_kind kinds[] = { FETCH_CERTIFICATE, FETCH_CRL, FETCH_OCSP,
		FETCH_TRUST_LIST };
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(fetcher_scene_get(p, kinds[i], "/ok"), ERR_DENIED);
	scope_forgive(o->s);
	assert_int_equal(
	    fetcher_world_begin_job(o->s, p->world, INSTANT_NONE, INSTANT_NONE), ERR_DENIED);
	assert_int_equal(atomic_load(&o->server.requests), 0);
	fetcher_scene_leave(p);
}

/* Whoever does not keep to the form is not spoken to again. */
static void malformed_requests_end_the_link(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	struct link_frame f;
	assert_int_equal(message_call(o->s, p->own, FETCHER_FETCH, BYTES_LIT("\0\0\0"), NULL, 0,
			     5000, 10, FETCHER_FETCHED, &f),
	    ERR_FORMAT);
	scope_forgive(o->s);
	assert_int_equal(fetcher_scene_get(p, FETCH_CRL, "/ok"), ERR_NET);
	assert_true(fetcher_world_is_broken(p->world));
	assert_non_null(strstr(fault(p), "/ok: the fetcher: "));
	assert_int_equal(atomic_load(&o->server.requests), 0);
	fetcher_scene_leave(p);
}

static void no_fetcher_is_a_network_that_fails(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_world *w;
	const struct fetch_request want = { .kind = FETCH_CRL, .url = "http://a/" };
	struct fetch_reply reply;
	assert_int_equal(fetcher_world_new(o->s, NULL, &w), OK);
	assert_int_equal(w->world.fetch(w->world.ctx, o->s, &want, &reply), ERR_NET);
	scope_forgive(o->s);
	assert_int_equal(fetcher_world_begin_job(o->s, w, INSTANT_NONE, INSTANT_NONE), ERR_NET);
}

/* -- memory -- */

static void a_large_list_comes_whole(void **state)
{
	struct fetcher_scene *o = *state;
	o->shared.total_ms = 0;
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	size_t n;
	char url[LOOPBACK_SERVER_URL];
	loopback_server_url(o->server.s, "/large", url);
	struct scope *s = scope_new(0);
	assert_int_equal(fetcher_scene_get_url(p, s, FETCH_TRUST_LIST, url, &n), OK);
	assert_int_equal(n, FETCHER_SCENE_LARGE);
	scope_free(s);
	fetcher_scene_leave(p);
	assert_int_equal(atomic_load(&o->shared.memory.held), 0);
	struct fetcher_status st = fetcher_scene_status(o);
	assert_true(st.held_most >= FETCHER_SCENE_LARGE && st.held == 0);
}

static void memory_is_bounded(void **state)
{
	struct fetcher_scene *o = *state;
	o->shared.total_ms = 0;
	o->shared.memory.most = FETCHER_SCENE_LARGE;
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	assert_int_equal(fetcher_scene_get(p, FETCH_TRUST_LIST, "/large"), ERR_NET);
	assert_non_null(strstr(fault(p), "too many large answers"));
	/* Small ones go through all the while. */
	assert_int_equal(fetcher_scene_get(p, FETCH_CERTIFICATE, "/ok"), OK);
	fetcher_scene_leave(p);
}

struct asking {
	struct fetcher_scene_peer *p;
	pthread_t thread;
	enum err e;
};

static void *ask_for_large(void *obj)
{
	struct asking *a = obj;
	char url[LOOPBACK_SERVER_URL];
	size_t n;
	struct scope *s = scope_new(0);
	loopback_server_url(a->p->scene->server.s, "/large", url);
	a->e = fetcher_scene_get_url(a->p, s, FETCH_TRUST_LIST, url, &n);
	scope_free(s);
	return NULL;
}

/* Room for one of them: the others wait for it, or are told; never is there more. */
static void large_answers_wait_for_each_other(void **state)
{
	struct fetcher_scene *o = *state;
	struct asking a[4];
	size_t n = 0;
	/* One takes its body, with room to grow, and its frame. */
	o->shared.memory.most = 2 * FETCHER_SCENE_LARGE + FETCHER_SCENE_LARGE / 2;
	o->shared.wait_ms = 20000;
	o->shared.total_ms = 20000;
	for (size_t i = 0; i < 4; i++) {
		a[i].p = fetcher_scene_join(o, ROLE_WORKER);
		assert_int_equal(pthread_create(&a[i].thread, NULL, ask_for_large, &a[i]), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(a[i].thread, NULL);
		assert_true(a[i].e == OK || a[i].e == ERR_NET);
		n += a[i].e == OK;
		fetcher_scene_leave(a[i].p);
	}
	assert_true(n > 0);
	assert_true(fetcher_scene_status(o).held_most <= o->shared.memory.most);
}

/* -- webhooks -- */

static void webhooks_are_delivered(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_FRONT);
	static const struct {
		const char *portal;
		enum err e;
		int status, requests;
	} cases[] = { { "good", OK, 200, 1 }, { "gone", OK, 410, 1 }, { "moved", OK, 302, 1 },
		{ "half", OK, 200, 1 }, { "silent", ERR_NET, 0, 1 }, { "far", ERR_DENIED, 0, 0 },
		{ "nobody", ERR_DENIED, 0, 0 }, { "good", OK, 200, 1 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct fetcher_webhook hook = { cases[i].portal, "sealing.sealed", "wh_1",
			"t=1795000000,v1=00ff", BYTES_LIT("{\"id\":\"wh_1\"}") };
		int status = 0, before = atomic_load(&o->server.requests);
		scope_forgive(o->s);
		assert_int_equal(fetcher_client_webhook(o->s, p->own, &hook, &status), cases[i].e);
		assert_int_equal(status, cases[i].status);
		assert_int_equal(atomic_load(&o->server.requests) - before, cases[i].requests);
	}
	assert_non_null(strstr(o->server.head, "POST /ok HTTP/1.1\r\n"));
	assert_non_null(strstr(o->server.head, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(o->server.head, "\r\nBulla-Event: sealing.sealed\r\n"));
	assert_non_null(strstr(o->server.head, "\r\nBulla-Delivery: wh_1\r\n"));
	assert_non_null(strstr(o->server.head, "\r\nBulla-Signature: t=1795000000,v1=00ff\r\n"));
	assert_string_equal(o->server.body, "{\"id\":\"wh_1\"}");
	fetcher_scene_leave(p);
	struct fetcher_status st = fetcher_scene_status(o);
	assert_int_equal(st.count[FETCHER_STATUS_WEBHOOK][FETCHER_STATUS_FETCHED], 3);
	assert_int_equal(st.count[FETCHER_STATUS_WEBHOOK][FETCHER_STATUS_FAILED], 3);
	assert_int_equal(st.count[FETCHER_STATUS_WEBHOOK][FETCHER_STATUS_REFUSED], 2);
}

/* -- status -- */

static void authorities_are_remembered(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_status st = fetcher_scene_status(o);
	assert_int_equal(st.n_authorities, 3);
	assert_true(fetcher_status_has_authority(&st));
	struct fetcher_scene_peer *p = fetcher_scene_join(o, ROLE_WORKER);
	const int64_t before = time(NULL);
	assert_int_equal(fetcher_scene_get(p, FETCH_TIMESTAMP, "/ok?tsa"), OK);
	assert_int_equal(fetcher_scene_get(p, FETCH_TIMESTAMP, "/500"), ERR_NET);
	assert_int_equal(fetcher_scene_get(p, FETCH_TIMESTAMP, "/410"), ERR_DENIED);
	fetcher_scene_leave(p);
	st = fetcher_scene_status(o);
	assert_string_equal(st.authority[0].url, o->url[0]);
	assert_true(st.authority[0].answered.unix_s >= before);
	assert_false(instant_is_known(st.authority[0].failed));
	assert_false(instant_is_known(st.authority[1].answered));
	assert_false(instant_is_known(st.authority[1].failed));
	assert_true(st.authority[2].failed.unix_s >= before);
	assert_non_null(strstr(st.authority[2].cause, "HTTP 500"));
	assert_int_equal(st.count[FETCHER_STATUS_TIMESTAMP][FETCHER_STATUS_FETCHED], 1);
	assert_int_equal(st.count[FETCHER_STATUS_TIMESTAMP][FETCHER_STATUS_FAILED], 1);
	assert_int_equal(st.count[FETCHER_STATUS_TIMESTAMP][FETCHER_STATUS_REFUSED], 1);
}

/* A peer that leaves in the middle of a fetch costs its line, nothing else. */
static void a_worker_that_dies(void **state)
{
	struct fetcher_scene *o = *state;
	struct fetcher_scene_peer *dead = fetcher_scene_join(o, ROLE_WORKER),
				  *other = fetcher_scene_join(o, ROLE_WORKER);
	char url[LOOPBACK_SERVER_URL];
	struct buf b = buf_new(o->s, LIMIT_FETCHER_REQUEST);
	loopback_server_url(o->server.s, "/gate", url);
	const struct fetch_request want = { .kind = FETCH_TRUST_LIST, .url = url };
	assert_int_equal(fetcher_protocol_put_fetch(o->s, &b, &want), OK);
	assert_int_equal(link_send(o->s, dead->own, FETCHER_FETCH, buf_bytes(&b), NULL, 0), OK);
	link_free(dead->own);
	dead->own = NULL;
	assert_int_equal(fetcher_scene_get(other, FETCH_TRUST_LIST, "/ok"), OK);
	atomic_store(&o->server.is_open, true);
	fetcher_scene_leave(dead);
	assert_int_equal(fetcher_scene_get(other, FETCH_TRUST_LIST, "/ok"), OK);
	fetcher_scene_leave(other);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fetcher_scene_set_up, fetcher_scene_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(answers_come_over_the_link),
		T(misbehaving_servers),
		T(addresses_that_are_not_allowed),
		T(timestamps_only_of_configured_authorities),
		T(one_document_cannot_crawl),
		T(the_job_says_the_present),
		T(kept_answers_are_shared_and_current),
		T(no_folder_no_harm),
		T(a_worker_sends_no_webhook),
		T(the_front_fetches_nothing_but_timestamps),
		T(malformed_requests_end_the_link),
		T(no_fetcher_is_a_network_that_fails),
		T(a_large_list_comes_whole),
		T(memory_is_bounded),
		T(large_answers_wait_for_each_other),
		T(webhooks_are_delivered),
		T(authorities_are_remembered),
		T(a_worker_that_dies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
