#include "service/front/api_client.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "service/front/problem.h"
#include "service/front/rate_limit.h"

/* Without a branch on the content. */
static bool is_same_octets(const uint8_t *a, const uint8_t *b, size_t n)
{
	volatile uint8_t differs = 0;
	for (size_t i = 0; i < n; i++)
		differs |= (uint8_t)(a[i] ^ b[i]);
	return !differs;
}

static bool has_key(struct scope *s, const struct configuration_portal *p, const struct digest *of)
{
	struct bytes want;
	return p->api_key_sha256 && bytes_of_hex(s, bytes_of_str(p->api_key_sha256), &want) == OK &&
	       want.n == of->n && is_same_octets(want.p, of->value, want.n);
}

static bool has_certificate(const struct configuration_portal *p, const char *hex)
{
	for (size_t i = 0; i < p->n_certificates; i++)
		if (!strcasecmp(p->certificates[i], hex))
			return true;
	return false;
}

/* RFC 6750 2.1; NULL: none. */
static const char *bearer(const struct http_request *q)
{
	const char *value = http_request_header(q, "Authorization");
	if (!value || strncasecmp(value, "Bearer ", 7))
		return NULL;
	value += 7;
	while (*value == ' ')
		value++;
	return value;
}

static enum err portal_of_key(struct scope *s, const struct configuration *c, const char *key,
    const struct configuration_portal **ret_portal)
{
	struct digest of;
	const struct configuration_portal *found = NULL;
	TRY(digest_of_bytes(s, DIGEST_SHA256, bytes_of_str(key), &of));
	for (size_t i = 0; i < c->n_portals; i++) /* all of them, whichever matches */
		if (has_key(s, &c->portal[i], &of))
			found = &c->portal[i];
	*ret_portal = found;
	return OK;
}

enum err api_client_portal(struct scope *s, const struct configuration *c,
    const struct http_request *q, const struct configuration_portal **ret_portal)
{
	const struct configuration_portal *by_certificate = NULL, *by_key = NULL;
	for (size_t i = 0; q->client_certificate && i < c->n_portals; i++)
		if (has_certificate(&c->portal[i], q->client_certificate))
			by_certificate = &c->portal[i];
	const char *key = bearer(q);
	if (key && *key && strlen(key) <= LIMIT_API_KEY)
		TRY(portal_of_key(s, c, key, &by_key));
	/* A wrong key is not made good by a certificate, nor the other way round. */
	if (http_request_header(q, "Authorization") && !by_key)
		*ret_portal = NULL;
	else if (by_certificate && by_key && by_certificate != by_key)
		*ret_portal = NULL;
	else
		*ret_portal = by_key ? by_key : by_certificate;
	return OK;
}

enum err api_client_find(struct front *f, struct scope *s, const struct http_request *q,
    struct http_reply *r, const struct configuration_portal **ret_portal)
{
	TRY(api_client_portal(s, f->configuration, q, ret_portal));
	if (*ret_portal)
		return OK;
	return problem_reply(s, q, PROBLEM_NOT_AUTHENTICATED,
	    "a client certificate or an API key of a portal is wanted", r);
}

/* A quarter of a minute's requests may come at once. */
static unsigned wait_of(struct front *f, const struct configuration_portal *p)
{
	const struct configuration *c = f->configuration;
	const unsigned most =
	    p->requests_per_minute ? p->requests_per_minute : c->limits.requests_per_minute;
	char key[LIMIT_AUDIT_NAME];
	struct timespec t;
	if (!f->rates || clock_gettime(CLOCK_MONOTONIC, &t))
		return 0;
	snprintf(key, sizeof key, "portal:%s", p->id);
	return rate_limit_take(
	    f->rates, key, most, most / 4 + 1, (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

enum err api_client_check(
    struct front *f, struct scope *s, const struct http_request *q, struct http_reply *r)
{
	const struct configuration_portal *portal;
	TRY(api_client_find(f, s, q, r, &portal));
	const unsigned wait_s = portal ? wait_of(f, portal) : 0;
	if (!wait_s)
		return OK;
	struct buf b = buf_new(s, 32);
	char *text;
	buf_addf(&b, "%u", wait_s);
	TRY(buf_done_str(&b, &text));
	http_reply_add(r, "Retry-After", text);
	return problem_reply(s, q, PROBLEM_TOO_MANY, NULL, r);
}
