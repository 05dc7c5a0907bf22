/*
 * A keeper for tests, with a clock of the test's own and one deposited key. Mistakes end the
 * program.
 */
#ifndef BULLA_TESTS_SUPPORT_KEEPER_BENCH_H
#define BULLA_TESTS_SUPPORT_KEEPER_BENCH_H

#include "service/keeper/keeper.h"
#include "tests/support/key_bag.h"

/* Passwords that keep the rule. */
#define KEEPER_BENCH_PASSWORD "Correct-Horse-7"
#define KEEPER_BENCH_OTHER "Battery!Staple-9"
/* A SET of one octet string: what signed attributes look like from outside. */
#define KEEPER_BENCH_ATTRIBUTES BYTES_LIT("\x31\x04\x04\x02\x01\x02")

struct keeper_bench {
	struct scope *s;
	struct keeper *k;
	int64_t now_ms;
	struct key_bag bag; /* its password is KEEPER_BENCH_PASSWORD */
	struct bytes wrapped;
};

/* The service key of all of them: 32 octets. */
struct bytes keeper_bench_service_key(void);
/* Stays where it is: the clock is in it. */
void keeper_bench_open(struct keeper_bench *b, enum mini_ca_key_type type);
void keeper_bench_close(struct keeper_bench *b);
/* With a NUL behind, as the keeper wants passwords. */
struct bytes keeper_bench_word(struct keeper_bench *b, const char *text);
struct keeper_session keeper_bench_unlock(struct keeper_bench *b, unsigned uses, unsigned seconds);
/* A P-256 key's session signs; the value is verified. */
enum err keeper_bench_sign(struct keeper_bench *b, struct bytes token, struct bytes data);
enum err keeper_bench_sign_as(
    struct keeper_bench *b, struct bytes token, struct signature_alg alg, struct bytes data);
/* Whether `e` is this error with this in its text, which is then forgiven; else says so. */
bool keeper_bench_refused(struct keeper_bench *b, enum err e, enum err wanted, const char *text);

#endif
