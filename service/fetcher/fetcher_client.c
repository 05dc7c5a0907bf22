#include "service/fetcher/fetcher_client.h"

#include "base/limits.h"
#include "base/scope.h"

enum err fetcher_client_webhook(
    struct scope *s, struct link *link, const struct fetcher_webhook *hook, int *ret_status)
{
	struct buf b = buf_new(s, fetcher_protocol_most(ROLE_FRONT));
	struct bytes request;
	struct link_frame f;
	fetcher_protocol_put_webhook(&b, hook);
	TRY(buf_done(&b, &request));
	TRY(message_call(s, link, FETCHER_WEBHOOK, request, NULL, 0, LIMIT_FETCHER_REPLY_MS,
	    LIMIT_FETCHER_REQUEST, FETCHER_SENT, &f));
	return fetcher_protocol_take_sent(s, f.content, ret_status);
}

enum err fetcher_client_status(
    struct scope *s, struct link *link, struct fetcher_status *ret_status)
{
	struct link_frame f;
	TRY(message_call(s, link, FETCHER_STATUS, BYTES_NONE, NULL, 0, LIMIT_FETCHER_REPLY_MS,
	    LIMIT_FETCHER_COUNTS, FETCHER_COUNTS, &f));
	return fetcher_status_take(s, f.content, ret_status);
}
