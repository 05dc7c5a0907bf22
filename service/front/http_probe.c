#include "service/front/http_probe.h"

#include "service/front/front.h"
#include "service/front/metrics.h"

static enum err tell_alive(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	(void)f;
	(void)s;
	(void)q;
	http_reply_body(r, 200, "application/json", BYTES_LIT("{\"status\":\"alive\"}\n"));
	return OK;
}

static enum err tell_metrics(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	struct bytes text;
	(void)q;
	TRY(metrics_text(s, f ? f->metrics : NULL, &text));
	http_reply_body(r, 200, "text/plain; version=0.0.4; charset=utf-8", text);
	return OK;
}

const struct route http_probe_routes[] = {
	{ .listeners = HTTP_API | HTTP_WINDOW | HTTP_DESK,
	    .method = "GET",
	    .pattern = "/healthz",
	    .any_host = true,
	    .handle = tell_alive },
	{ .listeners = HTTP_API,
	    .method = "GET",
	    .pattern = "/metrics",
	    .any_host = true,
	    .handle = tell_metrics },
	{ .method = NULL },
};
