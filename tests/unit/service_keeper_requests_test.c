/* Requests to the keeper as they come over a link: who may ask, which fields, malformed ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/keeper/keeper_requests.h"
#include "tests/support/keeper_bench.h"

/* A request that is right, in fields, and who may make it. */
struct sample {
	uint32_t kind;
	unsigned peers;
	struct field {
		unsigned number;
		struct bytes value;
	} field[8];
	size_t n;
};

struct office {
	struct keeper_bench b;
	struct keeper_session session;
	struct sample sample[KEEPER_KIND_LAST + 1];
};

static void add(struct sample *x, unsigned number, struct bytes value)
{
	x->field[x->n++] = (struct field){ number, value };
}

static struct bytes number_of(struct scope *s, int64_t n)
{
	uint8_t *p = scope_alloc(s, 8);
	for (size_t i = 0; i < 8; i++)
		p[i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
	return bytes_of(p, 8);
}

#define FRONT (1u << ROLE_FRONT)
#define WORKER (1u << ROLE_WORKER)
#define OPERATOR (1u << ROLE_OPERATOR)

static struct sample *begin(struct office *o, enum keeper_kind kind, unsigned peers)
{
	o->sample[kind] = (struct sample){ .kind = kind, .peers = peers };
	return &o->sample[kind];
}

static void add_terms(struct office *o, struct sample *x)
{
	add(x, KEEPER_FIELD_USES, number_of(o->b.s, 5));
	add(x, KEEPER_FIELD_SECONDS, number_of(o->b.s, 60));
}

static void add_samples(struct office *o)
{
	struct scope *s = o->b.s;
	const struct bytes name = BYTES_LIT("batch"), word = BYTES_LIT(KEEPER_BENCH_PASSWORD);
	struct sample *x = begin(o, KEEPER_UNLOCK_SESSION, FRONT);
	add_terms(o, x);
	add(x, KEEPER_FIELD_WRAPPED, o->b.wrapped);
	add(x, KEEPER_FIELD_PASSWORD, word);
	add(begin(o, KEEPER_CLOSE_SESSION, FRONT), KEEPER_FIELD_TOKEN,
	    keeper_bench_unlock(&o->b, 1, 60).token);
	x = begin(o, KEEPER_DEPOSIT, FRONT);
	add(x, KEEPER_FIELD_FILE, o->b.bag.pkcs12);
	add(x, KEEPER_FIELD_PASSWORD, word);
	x = begin(o, KEEPER_CHANGE_PASSWORD, FRONT);
	add(x, KEEPER_FIELD_WRAPPED, o->b.wrapped);
	add(x, KEEPER_FIELD_PASSWORD, word);
	add(x, KEEPER_FIELD_NEW_PASSWORD, BYTES_LIT(KEEPER_BENCH_OTHER));
	begin(o, KEEPER_STATUS, FRONT | OPERATOR);
	x = begin(o, KEEPER_UNLOCK, OPERATOR);
	add(x, KEEPER_FIELD_NAME, name);
	add(x, KEEPER_FIELD_PASSWORD, word);
	add(begin(o, KEEPER_LOCK, OPERATOR), KEEPER_FIELD_NAME, BYTES_LIT("other"));
	x = begin(o, KEEPER_GRANT, FRONT);
	add(x, KEEPER_FIELD_NAME, name);
	add_terms(o, x);
	const struct signature_alg alg = mini_ca_alg(MINI_CA_P256, false);
	x = begin(o, KEEPER_SIGN, WORKER);
	add(x, KEEPER_FIELD_ALGORITHM, number_of(s, alg.kind));
	add(x, KEEPER_FIELD_DIGEST, number_of(s, alg.digest));
	add(x, KEEPER_FIELD_MGF_DIGEST, number_of(s, alg.mgf_digest));
	add(x, KEEPER_FIELD_SALT_LENGTH, number_of(s, alg.salt_length));
	add(x, KEEPER_FIELD_DATA, KEEPER_BENCH_ATTRIBUTES);
	add(x, KEEPER_FIELD_TOKEN, o->session.token);
}

static void open_office(struct office *o)
{
	struct bytes certificate;
	memset(o, 0, sizeof(*o));
	keeper_bench_open(&o->b, MINI_CA_P256);
	assert_int_equal(keeper_add_unattended(o->b.k, o->b.s, "batch", o->b.bag.pkcs12), OK);
	assert_int_equal(keeper_add_unattended(o->b.k, o->b.s, "other", o->b.bag.pkcs12), OK);
	assert_int_equal(keeper_unlock(o->b.k, o->b.s, "batch",
			     keeper_bench_word(&o->b, KEEPER_BENCH_PASSWORD), &certificate),
	    OK);
	o->session = keeper_bench_unlock(&o->b, LIMIT_KEEPER_USES, 60);
	add_samples(o);
}

static struct bytes write_sample(struct scope *s, const struct sample *x)
{
	struct bytes content;
	struct buf b = buf_new(s, SIZE_MAX);
	for (size_t i = 0; i < x->n; i++)
		message_put_bytes(&b, x->field[i].number, x->field[i].value);
	assert_int_equal(buf_done(&b, &content), OK);
	return content;
}

static enum err ask(struct office *o, enum role peer, uint32_t kind, struct bytes content)
{
	struct bytes reply;
	struct scope *s = scope_new(0);
	enum err e = keeper_requests_answer(o->b.k, s, peer, kind, content, &reply);
	assert_int_equal(scope_fault_code(s), e);
	scope_free(s);
	return e;
}

static enum err ask_sample(struct office *o, const struct sample *x)
{
	const enum role peer = x->peers & FRONT    ? ROLE_FRONT
			       : x->peers & WORKER ? ROLE_WORKER
						   : ROLE_OPERATOR;
	return ask(o, peer, x->kind, write_sample(o->b.s, x));
}

static void every_request_of_every_peer(void **state)
{
	(void)state;
	struct office o;
	open_office(&o);
	for (uint32_t kind = 1; kind <= KEEPER_KIND_LAST; kind++) {
		const struct sample *x = &o.sample[kind];
		struct bytes content = write_sample(o.b.s, x);
		for (enum role peer = ROLE_STEWARD; peer <= ROLE_OPERATOR; peer++)
			assert_int_equal(
			    ask(&o, peer, kind, content), x->peers & 1u << peer ? OK : ERR_DENIED);
	}
	static const uint32_t unknown[] = { 0, KEEPER_KIND_LAST + 1, 100, UINT32_MAX };
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		for (enum role peer = ROLE_STEWARD; peer <= ROLE_OPERATOR; peer++)
			assert_int_equal(ask(&o, peer, unknown[i], BYTES_NONE), ERR_DENIED);
	keeper_bench_close(&o.b);
}

/* Each field left out, twice there, or joined by one that nobody knows. */
static void fields_are_all_there_and_no_others(void **state)
{
	(void)state;
	struct office o;
	open_office(&o);
	for (uint32_t kind = 1; kind <= KEEPER_KIND_LAST; kind++) {
		const struct sample *good = &o.sample[kind];
		for (size_t i = 0; i < good->n; i++) {
			struct sample less = *good, twice = *good;
			memmove(&less.field[i], &less.field[i + 1],
			    (--less.n - i) * sizeof(less.field[0]));
			assert_int_equal(ask_sample(&o, &less), ERR_FORMAT);
			memmove(&twice.field[i + 1], &twice.field[i],
			    (twice.n++ - i) * sizeof(twice.field[0]));
			assert_int_equal(ask_sample(&o, &twice), ERR_FORMAT);
		}
		struct sample more = *good;
		add(&more, 99, BYTES_LIT("x"));
		assert_int_equal(ask_sample(&o, &more), ERR_FORMAT);
	}
	keeper_bench_close(&o.b);
}

/* Cut at every octet: never a crash, and never an answer but to the whole. */
static void cut_requests(void **state)
{
	(void)state;
	struct office o;
	open_office(&o);
	for (uint32_t kind = 1; kind <= KEEPER_KIND_LAST; kind++) {
		struct bytes content = write_sample(o.b.s, &o.sample[kind]);
		const enum role peer = kind == KEEPER_SIGN ? ROLE_WORKER
				       : kind == KEEPER_UNLOCK || kind == KEEPER_LOCK
					   ? ROLE_OPERATOR
					   : ROLE_FRONT;
		for (size_t n = 0; n < content.n; n++)
			assert_int_equal(ask(&o, peer, kind, bytes_cut(content, 0, n)), ERR_FORMAT);
	}
	keeper_bench_close(&o.b);
}

/* -- bounds of single fields -- */
static struct bytes filled(struct scope *s, char with, size_t n)
{
	uint8_t *p = scope_alloc(s, n);
	assert_non_null(p);
	memset(p, with, n);
	return bytes_of(p, n);
}

static enum err ask_with(
    struct office *o, enum keeper_kind kind, unsigned field, struct bytes value)
{
	struct sample x = o->sample[kind];
	for (size_t i = 0; i < x.n; i++)
		if (x.field[i].number == field)
			x.field[i].value = value;
	return ask_sample(o, &x);
}

static void fields_have_bounds(void **state)
{
	(void)state;
	struct office o;
	open_office(&o);
	struct scope *s = o.b.s;
	const struct {
		enum keeper_kind kind;
		unsigned field;
		struct bytes value;
		enum err wanted;
	} cases[] = {
		{ KEEPER_GRANT, KEEPER_FIELD_USES, number_of(s, 1), OK },
		{ KEEPER_GRANT, KEEPER_FIELD_USES, number_of(s, LIMIT_KEEPER_USES), OK },
		{ KEEPER_GRANT, KEEPER_FIELD_USES, number_of(s, 0), ERR_FORMAT },
		{ KEEPER_GRANT, KEEPER_FIELD_USES, number_of(s, -1), ERR_FORMAT },
		{ KEEPER_GRANT, KEEPER_FIELD_USES, number_of(s, LIMIT_KEEPER_USES + 1),
		    ERR_FORMAT },
		{ KEEPER_GRANT, KEEPER_FIELD_USES, number_of(s, INT64_MAX), ERR_FORMAT },
		{ KEEPER_GRANT, KEEPER_FIELD_USES, BYTES_LIT("\0\0\0\0\0\0\1"), ERR_FORMAT },
		{ KEEPER_GRANT, KEEPER_FIELD_SECONDS, number_of(s, LIMIT_KEEPER_SECONDS), OK },
		{ KEEPER_GRANT, KEEPER_FIELD_SECONDS, number_of(s, 0), ERR_FORMAT },
		{ KEEPER_GRANT, KEEPER_FIELD_SECONDS, number_of(s, LIMIT_KEEPER_SECONDS + 1),
		    ERR_FORMAT },
		{ KEEPER_GRANT, KEEPER_FIELD_NAME, filled(s, 'n', LIMIT_KEEPER_NAME), ERR_MISUSE },
		{ KEEPER_GRANT, KEEPER_FIELD_NAME, filled(s, 'n', LIMIT_KEEPER_NAME + 1),
		    ERR_LIMIT },
		{ KEEPER_GRANT, KEEPER_FIELD_NAME, BYTES_LIT("bat\0h"), ERR_FORMAT },
		{ KEEPER_GRANT, KEEPER_FIELD_NAME, BYTES_LIT("bat\xffh"), ERR_FORMAT },
		{ KEEPER_GRANT, KEEPER_FIELD_NAME, BYTES_NONE, ERR_MISUSE },
		{ KEEPER_UNLOCK, KEEPER_FIELD_PASSWORD, filled(s, 'p', LIMIT_PASSWORD),
		    ERR_DENIED },
		{ KEEPER_UNLOCK, KEEPER_FIELD_PASSWORD, filled(s, 'p', LIMIT_PASSWORD + 1),
		    ERR_LIMIT },
		/* Not taken for the right one before its NUL. */
		{ KEEPER_UNLOCK, KEEPER_FIELD_PASSWORD, BYTES_LIT(KEEPER_BENCH_PASSWORD "\0x"),
		    ERR_FORMAT },
		{ KEEPER_UNLOCK, KEEPER_FIELD_PASSWORD, BYTES_NONE, ERR_DENIED },
		{ KEEPER_CLOSE_SESSION, KEEPER_FIELD_TOKEN, filled(s, 't', KEEPER_TOKEN), OK },
		{ KEEPER_CLOSE_SESSION, KEEPER_FIELD_TOKEN, filled(s, 't', KEEPER_TOKEN - 1),
		    ERR_FORMAT },
		{ KEEPER_CLOSE_SESSION, KEEPER_FIELD_TOKEN, filled(s, 't', KEEPER_TOKEN + 1),
		    ERR_LIMIT },
		{ KEEPER_DEPOSIT, KEEPER_FIELD_FILE, filled(s, 'f', LIMIT_KEEPER_FILE),
		    ERR_FORMAT },
		{ KEEPER_DEPOSIT, KEEPER_FIELD_FILE, filled(s, 'f', LIMIT_KEEPER_FILE + 1),
		    ERR_LIMIT },
		{ KEEPER_UNLOCK_SESSION, KEEPER_FIELD_WRAPPED, BYTES_NONE, ERR_FORMAT },
		{ KEEPER_SIGN, KEEPER_FIELD_ALGORITHM, number_of(s, SIGNATURE_ALG_UNKNOWN),
		    ERR_UNSUPPORTED },
		{ KEEPER_SIGN, KEEPER_FIELD_ALGORITHM, number_of(s, SIGNATURE_ALG_ED448 + 1),
		    ERR_FORMAT },
		{ KEEPER_SIGN, KEEPER_FIELD_DIGEST, number_of(s, DIGEST_SHAKE256 + 1), ERR_FORMAT },
		{ KEEPER_SIGN, KEEPER_FIELD_DIGEST, number_of(s, DIGEST_UNKNOWN), ERR_UNSUPPORTED },
		{ KEEPER_SIGN, KEEPER_FIELD_SALT_LENGTH, number_of(s, DIGEST_MAX), OK },
		{ KEEPER_SIGN, KEEPER_FIELD_SALT_LENGTH, number_of(s, -1), ERR_FORMAT },
		{ KEEPER_SIGN, KEEPER_FIELD_SALT_LENGTH, number_of(s, DIGEST_MAX + 1), ERR_FORMAT },
		{ KEEPER_SIGN, KEEPER_FIELD_DATA, BYTES_LIT("\x30\x00"), ERR_FORMAT },
		{ KEEPER_SIGN, KEEPER_FIELD_DATA, filled(s, '1', LIMIT_CMS_SIGNED_ATTRS + 1),
		    ERR_LIMIT },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum err e = ask_with(&o, cases[i].kind, cases[i].field, cases[i].value);
		if (e != cases[i].wanted)
			fail_msg("case %zu: %s instead of %s", i, err_name(e),
			    err_name(cases[i].wanted));
	}
	keeper_bench_close(&o.b);
}

/* Room for what each peer sends, and nothing for those who have no business here. */
static void frames_have_a_size(void **state)
{
	(void)state;
	struct office o;
	open_office(&o);
	assert_int_equal(keeper_requests_most(ROLE_STEWARD), 0);
	assert_int_equal(keeper_requests_most(ROLE_FETCHER), 0);
	assert_true(keeper_requests_most(ROLE_WORKER) < 8192);
	assert_true(keeper_requests_most(ROLE_OPERATOR) < 8192);
	struct sample x = o.sample[KEEPER_CHANGE_PASSWORD];
	x.field[0].value = filled(o.b.s, 'w', LIMIT_KEEPER_FILE + 61);
	x.field[1].value = x.field[2].value = filled(o.b.s, 'p', LIMIT_PASSWORD);
	assert_true(write_sample(o.b.s, &x).n <= keeper_requests_most(ROLE_FRONT));
	x = o.sample[KEEPER_SIGN];
	x.field[4].value = filled(o.b.s, '1', LIMIT_CMS_SIGNED_ATTRS);
	assert_true(write_sample(o.b.s, &x).n <= keeper_requests_most(ROLE_WORKER));
	keeper_bench_close(&o.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_of_every_peer),
		cmocka_unit_test(fields_are_all_there_and_no_others),
		cmocka_unit_test(cut_requests),
		cmocka_unit_test(fields_have_bounds),
		cmocka_unit_test(frames_have_a_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
