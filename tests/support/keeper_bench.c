#include "tests/support/keeper_bench.h"

#include <stdio.h>
#include <string.h>

#include "base/scope.h"
#include "service/keeper/keeper_secret.h"
#include "service/keeper/keeper_wrap.h"

static const uint8_t service_key[KEEPER_WRAP_KEY] = "an octet string that has 32 oct";

struct bytes keeper_bench_service_key(void)
{
	return bytes_of(service_key, sizeof(service_key));
}

static int64_t now_ms(void *ctx)
{
	return ((struct keeper_bench *)ctx)->now_ms;
}

struct bytes keeper_bench_word(struct keeper_bench *b, const char *text)
{
	struct bytes copy = BYTES_NONE;
	mini_ca_check(keeper_secret_copy(b->s, bytes_of_str(text), &copy) == OK, "a password");
	return copy;
}

void keeper_bench_open(struct keeper_bench *b, enum mini_ca_key_type type)
{
	struct keeper_certificates c;
	*b = (struct keeper_bench){ .s = scope_new(0), .now_ms = 1000000 };
	mini_ca_check(
	    keeper_new(b->s, keeper_bench_service_key(), now_ms, b, &b->k) == OK, "a keeper");
	mini_ca_check(
	    key_bag_make(b->s, type, KEEPER_BENCH_PASSWORD, KEY_BAG_USUAL, 1, &b->bag), "a key");
	mini_ca_check(keeper_deposit(b->k, b->s, b->bag.pkcs12,
			  keeper_bench_word(b, KEEPER_BENCH_PASSWORD), &b->wrapped, &c) == OK,
	    "a deposit");
}

void keeper_bench_close(struct keeper_bench *b)
{
	keeper_free(b->k);
	scope_free(b->s);
}

struct keeper_session keeper_bench_unlock(struct keeper_bench *b, unsigned uses, unsigned seconds)
{
	struct keeper_session session = { 0 };
	mini_ca_check(
	    keeper_unlock_session(b->k, b->s, b->wrapped,
		keeper_bench_word(b, KEEPER_BENCH_PASSWORD), uses, seconds, &session) == OK,
	    "a session");
	return session;
}

enum err keeper_bench_sign_as(
    struct keeper_bench *b, struct bytes token, struct signature_alg alg, struct bytes data)
{
	struct bytes value;
	bool ok = false;
	TRY(keeper_sign(b->k, b->s, token, &alg, data, &value));
	mini_ca_check(
	    signature_alg_verify(b->s, alg, b->bag.leaf->key, data, value, &ok) == OK && ok,
	    "a signature");
	return OK;
}

enum err keeper_bench_sign(struct keeper_bench *b, struct bytes token, struct bytes data)
{
	return keeper_bench_sign_as(b, token, mini_ca_alg(MINI_CA_P256, false), data);
}

bool keeper_bench_refused(struct keeper_bench *b, enum err e, enum err wanted, const char *text)
{
	const bool is_so = e == wanted && strstr(scope_fault_text(b->s), text);
	if (!is_so)
		fprintf(stderr, "%s, \"%s\" instead of %s, \"%s\"\n", err_name(e),
		    scope_fault_text(b->s), err_name(wanted), text);
	scope_forgive(b->s);
	return is_so;
}
