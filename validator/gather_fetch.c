#include "validator/gather_fetch.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/scope.h"

/* True when this was asked before; otherwise notes it. */
static enum err ask_once(
    struct scope *s, struct gather *g, const char *url, const struct cert *about, bool *ret_again)
{
	struct buf key = buf_new(s, LIMIT_URL + 64);
	struct bytes k;
	buf_add_str(&key, url);
	if (about)
		buf_add(&key, digest_bytes(&about->sha256));
	TRY(buf_done(&key, &k));
	for (size_t i = 0; i < g->n_asked; i++)
		if (bytes_equal(g->asked[i], k)) {
			*ret_again = true;
			return OK;
		}
	if (g->n_asked == g->room_asked) {
		size_t room = g->room_asked ? 2 * g->room_asked : 16;
		struct bytes *p = scope_alloc_array(s, room, sizeof(*p));
		if (!p)
			return ERR_NOMEM;
		if (g->n_asked)
			memcpy(p, g->asked, g->n_asked * sizeof(*p));
		g->asked = p;
		g->room_asked = room;
	}
	g->asked[g->n_asked++] = k;
	*ret_again = false;
	return OK;
}

enum err gather_fetch_note(struct scope *s, struct gather *g, const char *url, enum err err)
{
	char why[LIMIT_FAULT_TEXT];
	if (err == ERR_NOMEM)
		return err;
	snprintf(why, sizeof(why), "%s", scope_fault_text(s));
	scope_forgive(s);
	return evidence_add_failure(s, g->evidence, url, why);
}

enum err gather_fetch_reject(struct scope *s, struct gather *g, const char *url, const char *why)
{
	scope_fault(s, ERR_NET, "%s: %s", url, why);
	return gather_fetch_note(s, g, url, ERR_NET);
}

/* An LDAP address without a host leaves the choice of a directory to the reader, who has none. */
static bool is_fetchable(const char *url)
{
	static const char *const schemes[] = { "http://", "https://", "ldap://", "ldaps://" };
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		const size_t n = strlen(schemes[i]);
		if (strncasecmp(url, schemes[i], n) == 0)
			return url[n] != '\0' && url[n] != '/';
	}
	return false;
}

enum err gather_fetch(struct scope *s, struct gather *g, const struct fetch_request *want,
    const struct cert *about, bool *ret_got, struct fetch_reply *ret_reply)
{
	bool again = false;
	*ret_got = false;
	if (!is_fetchable(want->url) || strlen(want->url) > LIMIT_URL)
		return OK;
	TRY(ask_once(s, g, want->url, about, &again));
	if (again || g->n_asked > LIMIT_FETCHES_PER_JOB)
		return OK;
	enum err err = g->world->fetch(g->world->ctx, s, want, ret_reply);
	if (err != OK)
		return gather_fetch_note(s, g, want->url, err);
	*ret_got = true;
	return OK;
}

/* *ret_useful: one of the certificates has the name that is looked for. */
static enum err add_certs(struct scope *s, struct gather *g, const char *url, struct bytes body,
    struct bytes name, bool *ret_useful)
{
	const struct cert **certs;
	size_t n = 0;
	enum err err = cert_parse_many(s, body, &certs, &n);
	if (err != OK)
		return gather_fetch_note(s, g, url, err);
	for (size_t i = 0; i < n; i++) {
		*ret_useful |= cert_names_match(certs[i]->subject, name);
		TRY(evidence_add_cert(s, g->evidence, certs[i], EVIDENCE_FETCHED));
	}
	return OK;
}

enum err gather_fetch_certs(
    struct scope *s, struct gather *g, const struct cert_texts *urls, struct bytes name)
{
	bool useful = false;
	for (size_t i = 0; i < urls->n && !useful; i++) {
		const struct fetch_request want = { .kind = FETCH_CERTIFICATE,
			.url = urls->item[i] };
		bool got = false;
		struct fetch_reply reply;
		TRY(gather_fetch(s, g, &want, NULL, &got, &reply));
		if (got)
			TRY(add_certs(s, g, want.url, reply.body, name, &useful));
		for (size_t k = 0; got && k < reply.n_more; k++)
			TRY(add_certs(s, g, want.url, reply.more[k], name, &useful));
	}
	return OK;
}
