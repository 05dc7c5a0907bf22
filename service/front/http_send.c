#include "service/front/http_send.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"

#define POLICY                                                                                     \
	"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "          \
	"font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "        \
	"base-uri 'none'"

static const struct {
	const char *name, *value;
} always[] = {
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" }, /* for browsers that do not know frame-ancestors */
	/* Not no-referrer: then browsers tell "Origin: null" even to ourselves (Fetch 3.1). */
	{ "Referrer-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy",
	    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()" },
};

static bool add(struct MHD_Response *m, const char *name, const char *value)
{
	return MHD_add_response_header(m, name, value) == MHD_YES;
}

static bool add_always(struct MHD_Response *m, const struct http_own_exchange *x)
{
	bool ok = true;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		ok = ok && add(m, always[i].name, always[i].value);
	ok = ok &&
	     add(m, "Content-Security-Policy", x->r.content_policy ? x->r.content_policy : POLICY);
	ok = ok && add(m, "Cache-Control",
		       x->r.may_cache && x->r.status == 200 ? "public, max-age=86400" : "no-store");
	ok = ok && add(m, "X-Request-Id", x->id);
	if (x->at->is_tls)
		ok = ok && add(m, "Strict-Transport-Security", "max-age=31536000");
	return ok;
}

static bool add_own(struct MHD_Response *m, const struct http_own_exchange *x)
{
	bool ok = true;
	if (x->r.content_type)
		ok = add(m, "Content-Type", x->r.content_type);
	for (size_t i = 0; i < x->r.n_headers; i++)
		ok = ok && add(m, x->r.header[i].name, x->r.header[i].value);
	if (x->closes || atomic_load(&x->at->server->drains))
		ok = ok && add(m, "Connection", "close");
	return ok;
}

static struct MHD_Response *make(struct http_own_exchange *x)
{
	union {
		const uint8_t *borrowed;
		void *as_mhd_wants;
	} body = { .borrowed = x->r.body.p };
	if (x->r.file < 0) /* the scope lives until the reply is sent */
		return MHD_create_response_from_buffer(
		    x->r.body.n, body.as_mhd_wants, MHD_RESPMEM_PERSISTENT);
	int fd = x->r.file;
	x->r.file = -1;
	return MHD_create_response_from_fd64(x->r.file_size, fd);
}

bool http_send_reply(struct http_own_exchange *x)
{
	struct http_server *h = x->at->server;
	x->sent = x->r.file >= 0 ? x->r.file_size : x->r.body.n;
	struct MHD_Response *m = make(x);
	if (!m)
		return false;
	bool ok = add_always(m, x) && add_own(m, x) &&
		  MHD_queue_response(x->connection, (unsigned)x->r.status, m) == MHD_YES;
	MHD_destroy_response(m);
	http_watch_until(
	    h->watch, x->watched, http_own_until(h, LIMIT_HTTP_BODY_S, x->sent), false);
	return ok;
}
