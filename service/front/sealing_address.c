#include "service/front/sealing_address.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "service/front/http_server.h"

enum err sealing_address_token(
    struct front *f, struct scope *s, const char *id, const char **ret_token)
{
	/* The secret has a fixed length and stands at both ends, so no token leads to another. */
	const struct bytes parts[] = { bytes_of_str(f->window_secret), bytes_of_str(id),
		bytes_of_str(f->window_secret) };
	struct digest d;
	char *hex;
	if (!*f->window_secret)
		return scope_fault(s, ERR_INTERNAL, "the window's secret is missing");
	TRY(digest_compute(s, DIGEST_SHA256, parts, 3, &d));
	TRY(bytes_to_hex(s, digest_bytes(&d), &hex));
	*ret_token = hex;
	return OK;
}

enum err sealing_address_sha256(struct scope *s, const char *token, uint8_t ret_sha256[32])
{
	struct digest d;
	if (strlen(token) != SEALING_ADDRESS_TOKEN ||
	    strspn(token, "0123456789abcdef") != SEALING_ADDRESS_TOKEN)
		return scope_fault(s, ERR_FORMAT, "not the address of a window");
	TRY(digest_of_bytes(s, DIGEST_SHA256, bytes_of_str(token), &d));
	memcpy(ret_sha256, d.value, 32);
	return OK;
}

static enum err url_of(struct front *f, struct scope *s, const char *token, const char **ret_url)
{
	const struct configuration *c = f->configuration;
	const struct configuration_listener *w = &c->window;
	struct buf b = buf_new(s, LIMIT_URL);
	if (w->url)
		buf_add_str(&b, w->url);
	else
		buf_addf(&b, strchr(w->address, ':') ? "%s://[%s]:%u" : "%s://%s:%u",
		    w->certificate ? "https" : "http", w->address,
		    http_server_port(f->server, HTTP_WINDOW));
	buf_add_str(&b, "/w/");
	buf_add_str(&b, token);
	char *url;
	TRY(buf_done_str(&b, &url));
	*ret_url = url;
	return OK;
}

enum err sealing_address_renew(
    struct front *f, struct scope *s, const struct store_sealing *sealing, const char **ret_url)
{
	const char *token;
	uint8_t sha256[32];
	TRY(sealing_address_token(f, s, sealing->id, &token));
	TRY(sealing_address_sha256(s, token, sha256));
	if (!sealing->has_window || memcmp(sha256, sealing->window_sha256, sizeof sha256))
		TRY(store_sealing_set_window(s, f->store, sealing->id, sha256));
	return url_of(f, s, token, ret_url);
}

enum err sealing_address_find(
    struct front *f, struct scope *s, const struct store_sealing *sealing, const char **ret_url)
{
	const char *token;
	*ret_url = NULL;
	if (sealing->state != STORE_SEALING_AWAITING || !sealing->has_window)
		return OK;
	TRY(sealing_address_token(f, s, sealing->id, &token));
	return sealing_address_is_of(s, token, sealing) ? url_of(f, s, token, ret_url) : OK;
}

bool sealing_address_is_of(struct scope *s, const char *token, const struct store_sealing *sealing)
{
	uint8_t sha256[32];
	if (!token || !sealing->has_window)
		return false;
	if (sealing_address_sha256(s, token, sha256) != OK) {
		scope_forgive(s);
		return false;
	}
	return !memcmp(sha256, sealing->window_sha256, sizeof sha256);
}
