/* Requests to the keeper: the first octet is the peer, the second the kind, the rest the frame's
 * content; octets 'T' where a token stands become the token of an open session. Whoever asks, a
 * peer gets no more than its role may have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/keeper/keeper_requests.h"
#include "service/keeper/keeper_secret.h"
#include "tests/support/keeper_bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct keeper_bench bench;
static struct keeper_session session;

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void prepare(void)
{
	if (bench.s)
		return;
	keeper_bench_open(&bench, MINI_CA_P256);
	check(keeper_add_unattended(bench.k, bench.s, "batch", bench.bag.pkcs12) == OK);
}

static void open_session(struct scope *s)
{
	struct bytes password;
	check(keeper_secret_copy(s, BYTES_LIT(KEEPER_BENCH_PASSWORD), &password) == OK);
	check(keeper_unlock_session(bench.k, s, bench.wrapped, password, 1, 60, &session) == OK);
}

static void put_token(uint8_t *content, size_t n)
{
	uint8_t mark[KEEPER_TOKEN];
	memset(mark, 'T', sizeof(mark));
	size_t at = bytes_find(bytes_of(content, n), bytes_of(mark, sizeof(mark)), 0);
	if (at != BYTES_NOT_FOUND)
		memcpy(content + at, session.token.p, KEEPER_TOKEN);
}

static void check_answer(enum role peer, uint32_t kind, struct bytes content)
{
	check(kind >= 1 && kind <= KEEPER_KIND_LAST);
	switch ((enum keeper_kind)kind) {
	case KEEPER_SIGN:
		check(peer == ROLE_WORKER);
		/* What was signed is in there, and begins as a SET. */
		check(bytes_find(content, BYTES_LIT("\x31"), 0) != BYTES_NOT_FOUND);
		break;
	case KEEPER_UNLOCK:
	case KEEPER_LOCK:
		check(peer == ROLE_OPERATOR);
		break;
	case KEEPER_STATUS:
		check(peer == ROLE_OPERATOR || peer == ROLE_FRONT);
		break;
	case KEEPER_UNLOCK_SESSION:
	case KEEPER_CLOSE_SESSION:
	case KEEPER_DEPOSIT:
	case KEEPER_CHANGE_PASSWORD:
	case KEEPER_GRANT:
		check(peer == ROLE_FRONT);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes reply;
	prepare();
	if (size < 2 || size > LIMIT_KEEPER_FILE)
		return 0;
	struct scope *s = scope_new(0);
	uint8_t *content = s ? scope_alloc(s, size - 2) : NULL;
	check(content != NULL);
	memcpy(content, data + 2, size - 2);
	const uint32_t kind = data[1];
	const enum role peer = (enum role)(data[0] % (ROLE_OPERATOR + 1));
	open_session(s);
	put_token(content, size - 2);
	const struct bytes request = bytes_of(content, size - 2);
	if (keeper_requests_answer(bench.k, s, peer, kind, request, &reply) == OK)
		check_answer(peer, kind, request);
	keeper_lock_all(bench.k);
	check(keeper_sessions(bench.k) == 0);
	/* No wait: time goes by. */
	bench.now_ms += (int64_t)LIMIT_KEEPER_WAIT_MOST_S * 1000;
	scope_free(s);
	return 0;
}
