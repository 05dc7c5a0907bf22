/* What peers say to the fetcher, and it to them: what is taken stays within its bounds, and is the
 * same when it is put and taken again. The first octet chooses the kind and the peer. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/fetcher/fetcher_protocol.h"
#include "service/fetcher/fetcher_status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static struct bytes done(struct buf *b)
{
	struct bytes content;
	check(buf_done(b, &content) == OK);
	return content;
}

static void fetch(struct scope *s, enum role peer, struct bytes content)
{
	struct fetch_request a, b;
	struct buf again = buf_new(s, LIMIT_FETCHER_REQUEST);
	if (fetcher_protocol_take_fetch(s, peer, content, &a) != OK)
		return;
	check(strlen(a.url) <= LIMIT_URL && !strpbrk(a.url, "\r\n\t "));
	check(a.cap > 0 && a.cap <= LIMIT_FETCH_CRL && a.body.n <= LIMIT_FETCHER_REQUEST);
	check(peer == ROLE_WORKER || a.kind == FETCH_TIMESTAMP);
	check((a.body.n > 0) == (a.content_type != NULL));
	check(fetcher_protocol_put_fetch(s, &again, &a) == OK);
	check(fetcher_protocol_take_fetch(s, peer, done(&again), &b) == OK);
	check(a.kind == b.kind && !strcmp(a.url, b.url) && a.cap == b.cap &&
	      bytes_equal(a.body, b.body));
}

static void fetched(struct scope *s, struct bytes content)
{
	const struct fetch_request want = { .kind = FETCH_CRL, .url = "http://a/", .cap = 512 };
	struct fetch_reply a, b;
	struct buf again = buf_new(s, 1 << 20);
	if (fetcher_protocol_take_fetched(s, content, &want, &a) != OK)
		return;
	size_t n = a.body.n;
	for (size_t i = 0; i < a.n_more; i++)
		n += a.more[i].n;
	check(n <= 512 && a.status == 200);
	fetcher_protocol_put_fetched(&again, &a);
	check(fetcher_protocol_take_fetched(s, done(&again), &want, &b) == OK);
	check(bytes_equal(a.body, b.body) && a.n_more == b.n_more);
}

static void webhook(struct scope *s, struct bytes content)
{
	struct fetcher_webhook a, b;
	struct buf again = buf_new(s, LIMIT_WEBHOOK_BODY + LIMIT_FETCHER_REQUEST);
	if (fetcher_protocol_take_webhook(s, content, &a) != OK)
		return;
	check(!strpbrk(a.event, "\r\n: ") && !strpbrk(a.delivery, "\r\n: ") &&
	      !strpbrk(a.signature, "\r\n: "));
	fetcher_protocol_put_webhook(&again, &a);
	check(fetcher_protocol_take_webhook(s, done(&again), &b) == OK);
	check(bytes_equal(a.body, b.body) && !strcmp(a.portal, b.portal));
}

static void status(struct scope *s, struct bytes content)
{
	struct fetcher_status a, b;
	struct buf again = buf_new(s, 1 << 20);
	if (fetcher_status_take(s, content, &a) != OK)
		return;
	(void)fetcher_status_has_authority(&a);
	fetcher_status_put(&again, &a);
	check(fetcher_status_take(s, done(&again), &b) == OK);
	check(a.n_authorities == b.n_authorities && !memcmp(a.count, b.count, sizeof(a.count)));
}

static void others(struct scope *s, struct bytes content)
{
	struct instant at;
	int number;
	(void)!fetcher_protocol_take_job(s, content, &at);
	scope_forgive(s);
	if (fetcher_protocol_take_sent(s, content, &number) == OK)
		check(number >= 100 && number <= 999);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct scope *s = scope_new((size_t)64 << 20);
	const struct bytes content = bytes_of(data + 1, size - 1);
	const enum role peer = data[0] & 8 ? ROLE_FRONT : ROLE_WORKER;
	if (!s)
		return 0;
	switch (data[0] % 8) {
	case 0:
		fetch(s, peer, content);
		break;
	case 1:
		fetched(s, content);
		break;
	case 2:
		webhook(s, content);
		break;
	case 3:
		status(s, content);
		break;
	default:
		others(s, content);
		break;
	}
	scope_free(s);
	return 0;
}
