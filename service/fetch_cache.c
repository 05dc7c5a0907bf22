#include "service/fetch_cache.h"

#include <inttypes.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/crl_updates.h"
#include "formats/ocsp.h"

struct fetch_cache {
	struct cache_folder *folder;
	const struct world *inner;
	struct instant at;
};

/* The answer to this request; and whether the URL answers at all, whatever the request. */
struct keys {
	struct digest answer, failure;
};

enum err fetch_cache_new(struct scope *s, const char *folder, const struct world *inner,
    struct instant at, struct fetch_cache **ret_cache)
{
	const struct cache_folder_bounds bounds = { LIMIT_CACHE_OCTETS, LIMIT_CACHE_ENTRIES };
	struct fetch_cache *c = scope_alloc(s, sizeof(*c));
	if (!c)
		return ERR_NOMEM;
	c->inner = inner;
	c->at = at;
	TRY(cache_folder_open(s, folder, &bounds, &c->folder));
	*ret_cache = c;
	return OK;
}

void fetch_cache_judge_for(struct fetch_cache *c, struct instant at)
{
	c->at = at;
}

static bool is_kept(enum fetch_kind kind)
{
	return kind == FETCH_CRL || kind == FETCH_OCSP || kind == FETCH_CERTIFICATE;
}

static enum err make_keys(struct scope *s, const struct fetch_request *want, struct keys *ret_keys)
{
	const uint8_t kind = (uint8_t)want->kind;
	const struct bytes url = bytes_of_str(want->url);
	/* The URL with its NUL: nothing in it can pass for a body. */
	const struct bytes of_answer[] = { bytes_of(&kind, 1), bytes_of(url.p, url.n + 1),
		want->body };
	const struct bytes of_failure[] = { BYTES_LIT("failure"), bytes_of(&kind, 1), url };
	TRY(digest_compute(s, DIGEST_SHA256, of_answer, 3, &ret_keys->answer));
	return digest_compute(s, DIGEST_SHA256, of_failure, 3, &ret_keys->failure);
}

static int64_t most_age(enum fetch_kind kind)
{
	return kind == FETCH_CERTIFICATE ? LIMIT_CACHE_CERT_AGE_S : LIMIT_CACHE_AGE_S;
}

/* A clock that was set back makes answers from the future: those are asked for again. */
static bool is_of_use(const struct cache_entry *e, struct instant now, int64_t most)
{
	const int64_t age = now.unix_s - e->fetched.unix_s;
	return age >= 0 && age < most && instant_before(now, e->until);
}

static enum err find_failure(struct fetch_cache *c, struct scope *s, const char *url,
    const struct keys *keys, struct instant now)
{
	struct cache_entry e;
	bool found;
	TRY(cache_folder_find(s, c->folder, &keys->failure, url, &found, &e));
	if (!found || e.failure == OK || !is_of_use(&e, now, LIMIT_CACHE_FAILURE_S))
		return OK;
	return scope_fault(s, e.failure, "%s (%" PRId64 " s ago; not asked again for %d s)", e.text,
	    now.unix_s - e.fetched.unix_s, LIMIT_CACHE_FAILURE_S);
}

/* From the cache: the answer, or the failure as an error, or *ret_found = false. */
static enum err find(struct fetch_cache *c, struct scope *s, const struct fetch_request *want,
    const struct keys *keys, bool *ret_found, struct fetch_reply *ret_reply)
{
	const struct instant now = c->inner->now(c->inner->ctx);
	struct cache_entry e;
	TRY(cache_folder_find(s, c->folder, &keys->answer, want->url, ret_found, &e));
	*ret_found = *ret_found && e.failure == OK && is_of_use(&e, now, most_age(want->kind)) &&
		     instant_before(instant_max(now, c->at), e.until);
	if (!*ret_found)
		return find_failure(c, s, want->url, keys, now);
	*ret_reply = e.reply;
	return OK;
}

/* -- keeping -- */

/* INSTANT_NONE: not to be kept. */
static enum err end_of_ocsp(struct scope *s, struct bytes body, struct instant *ret_end)
{
	const struct ocsp_response *r;
	*ret_end = INSTANT_NONE;
	TRY(ocsp_parse(s, body, &r));
	if (r->response_status != 0)
		return OK;
	for (size_t i = 0; i < r->n_singles; i++) {
		if (!instant_is_known(r->singles[i].next_update)) {
			*ret_end = INSTANT_NONE;
			return OK;
		}
		*ret_end = instant_min(*ret_end, r->singles[i].next_update);
	}
	return OK;
}

static enum err end_of_certificates(
    struct scope *s, struct bytes body, struct instant now, struct instant *ret_end)
{
	const struct cert **certs;
	size_t n;
	TRY(cert_parse_many(s, body, &certs, &n));
	*ret_end = instant_add(now, LIMIT_CACHE_CERT_AGE_S);
	return OK;
}

static enum err end_of_value(struct scope *s, enum fetch_kind kind, struct bytes value,
    struct instant now, struct instant *ret_end)
{
	struct instant this_update;
	if (kind == FETCH_CRL)
		return crl_updates_read(s, value, &this_update, ret_end);
	if (kind == FETCH_OCSP)
		return end_of_ocsp(s, value, ret_end);
	return end_of_certificates(s, value, now, ret_end);
}

/* Until when every value of the reply is current. */
static enum err end_of_reply(struct scope *s, enum fetch_kind kind, const struct fetch_reply *reply,
    struct instant now, struct instant *ret_end)
{
	TRY(end_of_value(s, kind, reply->body, now, ret_end));
	for (size_t i = 0; i < reply->n_more && instant_is_known(*ret_end); i++) {
		struct instant end;
		TRY(end_of_value(s, kind, reply->more[i], now, &end));
		*ret_end = instant_is_known(end) ? instant_min(*ret_end, end) : INSTANT_NONE;
	}
	return OK;
}

static enum err keep_answer(struct fetch_cache *c, struct scope *s,
    const struct fetch_request *want, const struct keys *keys, const struct fetch_reply *reply)
{
	struct cache_entry e = { .url = want->url,
		.fetched = c->inner->now(c->inner->ctx),
		.failure = OK,
		.reply = *reply };
	enum err err = end_of_reply(s, want->kind, reply, e.fetched, &e.until);
	if (err == ERR_NOMEM)
		return err;
	if (err != OK)
		scope_forgive(s);
	if (err != OK || !instant_is_known(e.until) || !instant_before(e.fetched, e.until))
		return OK;
	return cache_folder_put(s, c->folder, &keys->answer, &e);
}

static enum err keep_failure(struct fetch_cache *c, struct scope *s,
    const struct fetch_request *want, const struct keys *keys, enum err failure)
{
	const struct instant now = c->inner->now(c->inner->ctx);
	const struct cache_entry e = { .url = want->url,
		.fetched = now,
		.until = instant_add(now, LIMIT_CACHE_FAILURE_S),
		.failure = failure,
		.text = scope_fault_text(s) };
	if (failure != ERR_NET && failure != ERR_LIMIT)
		return failure;
	TRY(cache_folder_put(s, c->folder, &keys->failure, &e));
	return failure;
}

static enum err ask(struct fetch_cache *c, struct scope *s, const struct fetch_request *want,
    const struct keys *keys, struct fetch_reply *ret_reply)
{
	struct fetch_reply reply;
	bool found;
	/* Whoever had the lock may have brought it. */
	TRY(find(c, s, want, keys, &found, ret_reply));
	if (found)
		return OK;
	enum err err = c->inner->fetch(c->inner->ctx, s, want, &reply);
	if (err != OK)
		return keep_failure(c, s, want, keys, err);
	TRY(keep_answer(c, s, want, keys, &reply));
	*ret_reply = reply;
	return OK;
}

enum err fetch_cache_get(struct fetch_cache *c, struct scope *s, const struct fetch_request *want,
    struct fetch_reply *ret_reply)
{
	struct keys keys;
	bool found;
	if (!is_kept(want->kind))
		return c->inner->fetch(c->inner->ctx, s, want, ret_reply);
	TRY(make_keys(s, want, &keys));
	TRY(find(c, s, want, &keys, &found, ret_reply));
	if (found)
		return OK;
	const int lock = cache_folder_lock(c->folder, &keys.failure, LIMIT_CACHE_WAIT_MS);
	enum err err = ask(c, s, want, &keys, ret_reply);
	cache_folder_unlock(lock);
	return err;
}
