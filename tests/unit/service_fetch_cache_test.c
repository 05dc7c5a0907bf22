#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/fetch_cache.h"
#include "tests/support/office.h"

#define CRL_URL "http://list.test/crl"
#define OCSP_URL "http://answer.test/ocsp"
#define CERT_URL "http://ca.test/other-cert"
#define MINUTE INT64_C(60)

struct fixture {
	struct office *o;
	struct fetch_cache *cache;
	char path[64];
	struct fetch_reply reply;
};

static struct fetch_cache *open_cache(struct fixture *f, struct instant at)
{
	struct fetch_cache *c;
	assert_int_equal(fetch_cache_new(f->o->s, f->path, &f->o->w->world, at, &c), OK);
	return c;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *tmp = getenv("TMPDIR");
	if (!f)
		return -1;
	snprintf(f->path, sizeof(f->path), "%.40s/cache-XXXXXX", tmp ? tmp : P_tmpdir);
	if (!mkdtemp(f->path))
		return -1;
	f->o = office_open();
	f->cache = open_cache(f, INSTANT_NONE);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	DIR *dir = opendir(f->path);
	char path[512];
	if (!dir)
		return -1;
	for (const struct dirent *d; (d = readdir(dir));) {
		snprintf(path, sizeof(path), "%s/%s", f->path, d->d_name);
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, ".."))
			unlink(path);
	}
	closedir(dir);
	rmdir(f->path);
	office_close(f->o);
	free(f);
	return 0;
}

static struct bytes list_until(struct fixture *f, int64_t next_update)
{
	const struct mini_ca_revocation_crl spec = { .issuer = mini_pki_cert(f->o->p, "ca"),
		.key = mini_pki_private(f->o->p, "ca"),
		.this_update = f->o->w->now.unix_s - MINUTE,
		.next_update = next_update };
	return mini_ca_revocation_crl(f->o->s, &spec);
}

static struct bytes answer_until(struct fixture *f, int64_t next_update, int status)
{
	const struct mini_ca_revocation_single single = { .subject =
							      mini_pki_cert(f->o->p, "signer"),
		.issuer = mini_pki_cert(f->o->p, "ca"),
		.this_update = f->o->w->now.unix_s - MINUTE,
		.next_update = next_update };
	const struct mini_ca_revocation_ocsp spec = { .responder = mini_pki_cert(f->o->p, "ca"),
		.key = mini_pki_private(f->o->p, "ca"),
		.singles = &single,
		.n_singles = 1,
		.status = status };
	return mini_ca_revocation_ocsp(f->o->s, &spec);
}

static enum err ask(struct fixture *f, enum fetch_kind kind, const char *url, const char *body)
{
	const struct fetch_request want = { .kind = kind, .url = url, .body = bytes_of_str(body) };
	return fetch_cache_get(f->cache, f->o->s, &want, &f->reply);
}

/* Asks and tells how often the network was asked for it. */
static unsigned asked_for(
    struct fixture *f, enum fetch_kind kind, const char *url, const char *body)
{
	const unsigned before = canned_world_asked(f->o->w, url);
	assert_int_equal(ask(f, kind, url, body), OK);
	return canned_world_asked(f->o->w, url) - before;
}

static void test_a_list(void **state)
{
	struct fixture *f = *state;
	const int64_t start = f->o->w->now.unix_s;
	const struct bytes list = list_until(f, start + 10 * MINUTE);
	canned_world_put(f->o->w, CRL_URL, list);
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 1);
	assert_true(bytes_equal(f->reply.body, list));
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 0);
	assert_true(bytes_equal(f->reply.body, list));
	/* Another run, another process. */
	f->cache = open_cache(f, INSTANT_NONE);
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 0);
	/* Until its nextUpdate, and not after. */
	f->o->w->now.unix_s = start + 10 * MINUTE - 1;
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 0);
	f->o->w->now.unix_s = start + 10 * MINUTE;
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 1);
	/* It is out of date: not kept again. */
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 1);
}

static void test_no_longer_than_an_hour(void **state)
{
	struct fixture *f = *state;
	const int64_t start = f->o->w->now.unix_s;
	canned_world_put(f->o->w, CRL_URL, list_until(f, start + 7 * MINI_CA_DAY));
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 1);
	f->o->w->now.unix_s = start + LIMIT_CACHE_AGE_S - 1;
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 0);
	f->o->w->now.unix_s = start + LIMIT_CACHE_AGE_S;
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 1);
	/* A clock that was set back. */
	f->o->w->now.unix_s = start + LIMIT_CACHE_AGE_S - 1;
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 1);
}

static void test_the_instant_that_is_judged_for(void **state)
{
	struct fixture *f = *state;
	const int64_t start = f->o->w->now.unix_s;
	canned_world_put(f->o->w, CRL_URL, list_until(f, start + 10 * MINUTE));
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 1);
	f->cache = open_cache(f, (struct instant){ start + 10 * MINUTE - 1 });
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 0);
	f->cache = open_cache(f, (struct instant){ start + 10 * MINUTE });
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 1);
	/* One in the past does not make old data good. */
	f->cache = open_cache(f, (struct instant){ start - MINI_CA_DAY });
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 0);
	f->o->w->now.unix_s = start + 10 * MINUTE;
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 1);
}

static void test_responses(void **state)
{
	struct fixture *f = *state;
	const int64_t start = f->o->w->now.unix_s;
	canned_world_put(f->o->w, OCSP_URL, answer_until(f, start + 10 * MINUTE, 0));
	assert_int_equal(asked_for(f, FETCH_OCSP, OCSP_URL, "about one"), 1);
	assert_int_equal(asked_for(f, FETCH_OCSP, OCSP_URL, "about one"), 0);
	assert_int_equal(asked_for(f, FETCH_OCSP, OCSP_URL, "about another"), 1);
	f->o->w->now.unix_s = start + 10 * MINUTE;
	assert_int_equal(asked_for(f, FETCH_OCSP, OCSP_URL, "about one"), 1);
}

static void test_what_is_not_kept(void **state)
{
	struct fixture *f = *state;
	const int64_t now = f->o->w->now.unix_s, later = now + 7 * MINI_CA_DAY;
	const struct {
		enum fetch_kind kind;
		struct bytes body;
	} cases[] = {
		{ FETCH_CRL, list_until(f, MINI_CA_REVOCATION_ABSENT) },
		{ FETCH_CRL, BYTES_LIT("no list") },
		{ FETCH_CRL, bytes_cut(list_until(f, later), 0, 100) },
		{ FETCH_CRL, BYTES_NONE },
		{ FETCH_OCSP, answer_until(f, MINI_CA_REVOCATION_ABSENT, 0) },
		{ FETCH_OCSP, answer_until(f, later, 3) }, /* tryLater */
		{ FETCH_OCSP, BYTES_LIT("no response") },
		{ FETCH_CERTIFICATE, BYTES_LIT("no certificate") },
		{ FETCH_TIMESTAMP, BYTES_LIT("a token") },
		{ FETCH_TRUST_LIST, BYTES_LIT("a list") },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		canned_world_put(f->o->w, CRL_URL, cases[i].body);
		for (int k = 0; k < 2; k++)
			if (asked_for(f, cases[i].kind, CRL_URL, NULL) != 1)
				fail_msg("case %zu was kept", i);
		assert_true(bytes_equal(f->reply.body, cases[i].body));
		assert_int_equal(scope_fault_code(f->o->s), OK);
	}
}

static void test_certificates(void **state)
{
	struct fixture *f = *state;
	const int64_t start = f->o->w->now.unix_s;
	canned_world_put(f->o->w, CERT_URL, mini_pki_cert(f->o->p, "ca")->der);
	assert_int_equal(asked_for(f, FETCH_CERTIFICATE, CERT_URL, NULL), 1);
	f->o->w->now.unix_s = start + LIMIT_CACHE_CERT_AGE_S - 1;
	assert_int_equal(asked_for(f, FETCH_CERTIFICATE, CERT_URL, NULL), 0);
	f->o->w->now.unix_s = start + LIMIT_CACHE_CERT_AGE_S;
	assert_int_equal(asked_for(f, FETCH_CERTIFICATE, CERT_URL, NULL), 1);
	/* The same URL as a list is another matter. */
	assert_int_equal(asked_for(f, FETCH_CRL, CERT_URL, NULL), 1);
}

static void assert_fails(struct fixture *f, enum err code, const char *text, unsigned asked)
{
	const unsigned before = canned_world_asked(f->o->w, OCSP_URL);
	assert_int_equal(ask(f, FETCH_OCSP, OCSP_URL, "about one"), code);
	assert_int_equal(canned_world_asked(f->o->w, OCSP_URL) - before, asked);
	if (!strstr(scope_fault_text(f->o->s), text))
		fail_msg("no '%s' in: %s", text, scope_fault_text(f->o->s));
	scope_forgive(f->o->s);
}

static void test_failures(void **state)
{
	struct fixture *f = *state;
	const int64_t start = f->o->w->now.unix_s;
	canned_world_break(f->o->w, OCSP_URL, ERR_NET);
	assert_fails(f, ERR_NET, OCSP_URL, 1);
	f->o->w->now.unix_s = start + 12;
	assert_fails(f, ERR_NET, " (12 s ago; not asked again for 300 s)", 0);
	/* Nor about anything else; but another URL is. */
	assert_int_equal(ask(f, FETCH_OCSP, OCSP_URL, "about another"), ERR_NET);
	scope_forgive(f->o->s);
	canned_world_put(f->o->w, CRL_URL, list_until(f, start + MINI_CA_DAY));
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 1);
	canned_world_put(f->o->w, OCSP_URL, answer_until(f, start + MINI_CA_DAY, 0));
	f->o->w->now.unix_s = start + LIMIT_CACHE_FAILURE_S - 1;
	assert_fails(f, ERR_NET, " (299 s ago; not asked again for 300 s)", 0);
	f->o->w->now.unix_s = start + LIMIT_CACHE_FAILURE_S;
	assert_int_equal(asked_for(f, FETCH_OCSP, OCSP_URL, "about one"), 1);
	/* What is kept outlives a failure about something else. */
	canned_world_break(f->o->w, OCSP_URL, ERR_LIMIT);
	assert_int_equal(ask(f, FETCH_OCSP, OCSP_URL, "about another"), ERR_LIMIT);
	scope_forgive(f->o->s);
	assert_int_equal(asked_for(f, FETCH_OCSP, OCSP_URL, "about one"), 0);
}

static void test_refusals_are_not_remembered(void **state)
{
	struct fixture *f = *state;
	canned_world_break(f->o->w, OCSP_URL, ERR_DENIED);
	assert_fails(f, ERR_DENIED, OCSP_URL, 1);
	assert_fails(f, ERR_DENIED, OCSP_URL, 1);
}

static void test_without_memory(void **state)
{
	struct fixture *f = *state;
	const struct fetch_request want = { .kind = FETCH_CRL, .url = CRL_URL };
	canned_world_put(f->o->w, CRL_URL, list_until(f, f->o->w->now.unix_s + MINI_CA_DAY));
	for (size_t n = 1;; n++) {
		struct scope *s = scope_new(0);
		assert_non_null(s);
		scope_fail_after(s, n);
		enum err err = fetch_cache_get(f->cache, s, &want, &f->reply);
		scope_free(s);
		if (err == OK)
			break;
		assert_int_equal(err, ERR_NOMEM);
		assert_in_range(n, 1, 1000);
	}
	assert_int_equal(asked_for(f, FETCH_CRL, CRL_URL, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_longer_than_an_hour, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_the_instant_that_is_judged_for, setup, teardown),
		cmocka_unit_test_setup_teardown(test_responses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_not_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_certificates, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals_are_not_remembered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_memory, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
