#include "service/front/sealing_request.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "formats/json_canonical.h"
#include "service/front/upload_file.h"
#include "service/worker/worker_seal_options.h"

static enum err refuse(struct scope *s, const char *key, const char *why)
{
	return scope_fault(s, ERR_FORMAT, "request: $.%s: %s", key, why);
}

/* A text of 1 to `most` octets; one that is not there stays as it is, or with `must` is refused. */
static enum err take_text(struct scope *s, const struct json_tree *t, const char *key, size_t most,
    bool must, const char **ret_text)
{
	const struct json_tree *v = json_tree_find(t, key);
	if (!v)
		return must ? refuse(s, key, "missing") : OK;
	if (v->kind != JSON_TREE_TEXT)
		return refuse(s, key, "not a text");
	if (!*v->text)
		return refuse(s, key, "empty");
	if (strlen(v->text) > most)
		return refuse(s, key, "too long");
	if (!upload_file_is_plain(v->text))
		return refuse(s, key, "holds characters that cannot be seen");
	*ret_text = v->text;
	return OK;
}

static enum err take_truth(
    struct scope *s, const struct json_tree *t, const char *key, bool *ret_truth)
{
	const struct json_tree *v = json_tree_find(t, key);
	if (!v)
		return OK;
	if (v->kind != JSON_TREE_BOOL)
		return refuse(s, key, "neither true nor false");
	*ret_truth = v->truth;
	return OK;
}

static enum err take_object(struct scope *s, const struct json_tree *t, const char *key,
    const struct json_tree **ret_object)
{
	static const struct json_tree nothing = { .kind = JSON_TREE_OBJECT };
	const struct json_tree *v = json_tree_find(t, key);
	if (v && v->kind != JSON_TREE_OBJECT)
		return refuse(s, key, "not an object");
	*ret_object = v ? v : &nothing;
	return OK;
}

static enum err check_keys(struct scope *s, const struct json_tree *t)
{
	static const char *const known[] = { "partner", "reference", "title", "data", "options",
		"returnUrl", "unattended" };
	for (size_t i = 0; i < t->n; i++) {
		size_t k = 0;
		while (k < sizeof known / sizeof *known && strcmp(known[k], t->item[i].key))
			k++;
		if (k == sizeof known / sizeof *known)
			return scope_fault(s, ERR_FORMAT, "request: a member that is not known: %s",
			    t->item[i].key);
	}
	return OK;
}

/* A copy of the object with one member put, at its end or in its place. */
static enum err with_member(struct scope *s, const struct json_tree *object, const char *key,
    struct json_tree value, struct json_tree *ret_object)
{
	struct json_tree *items = scope_alloc_array(s, object->n + 1, sizeof *items);
	if (!items)
		return ERR_NOMEM;
	size_t at = 0;
	while (at < object->n && strcmp(object->item[at].key, key))
		at++;
	if (object->n)
		memcpy(items, object->item, object->n * sizeof *items);
	value.key = key;
	items[at] = value;
	*ret_object = *object;
	ret_object->item = items;
	ret_object->n = at == object->n ? object->n + 1 : object->n;
	return OK;
}

/* options.visible.barcode without a content of its own gets the application's. */
static enum err fill_barcode(struct scope *s, const struct json_tree *options, const char *text,
    struct json_tree *ret_options)
{
	*ret_options = *options;
	const struct json_tree *visible = json_tree_find(options, "visible");
	const struct json_tree *barcode = visible && visible->kind == JSON_TREE_OBJECT
					      ? json_tree_find(visible, "barcode")
					      : NULL;
	if (!barcode || barcode->kind != JSON_TREE_OBJECT || json_tree_find(barcode, "text") ||
	    json_tree_find(barcode, "base64"))
		return OK;
	struct json_tree filled, seen;
	const struct json_tree content = { .kind = JSON_TREE_TEXT, .text = text };
	TRY(with_member(s, barcode, "text", content, &filled));
	TRY(with_member(s, visible, "barcode", filled, &seen));
	return with_member(s, options, "visible", seen, ret_options);
}

static enum err take_options(
    struct scope *s, const struct json_tree *t, const char *barcode, struct bytes *ret_options)
{
	const struct json_tree *options;
	struct json_tree filled;
	struct worker_seal_options checked;
	TRY(take_object(s, t, "options", &options));
	TRY(fill_barcode(s, options, barcode, &filled));
	TRY(worker_seal_options_parse(s, &filled, "request: $.options", &checked));
	if (checked.has_level && checked.level == SEAL_B_B)
		return refuse(s, "options.level", "none of B-T, B-LT, B-LTA");
	return json_canonical_text(s, &filled, LIMIT_SEALING_DATA, ret_options);
}

static enum err canonical_data(
    struct scope *s, const struct json_tree *data, struct bytes *ret_text)
{
	const enum err e = json_canonical_text(s, data, LIMIT_SEALING_DATA, ret_text);
	if (e == ERR_UNSUPPORTED)
		return scope_fault_in(s, ERR_FORMAT, "request: $.data");
	return e;
}

enum err sealing_request_barcode(
    struct scope *s, struct bytes canonical_data_text, const char *reference, const char **ret_text)
{
	struct buf b = buf_new(s, LIMIT_SEALING_DATA * 2);
	buf_add_str(&b, "{\"data\":");
	buf_add(&b, canonical_data_text);
	buf_add_str(&b, ",\"reference\":");
	json_canonical_add_string(&b, reference);
	buf_add_byte(&b, '}');
	struct bytes content;
	struct digest d;
	char *hex;
	TRY(buf_done(&b, &content));
	TRY(digest_of_bytes(s, DIGEST_SHA256, content, &d));
	TRY(bytes_to_hex(s, digest_bytes(&d), &hex));
	for (char *p = hex; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	struct buf text = buf_new(s, 128);
	buf_addf(&text, "BULLA:1:%s", hex);
	char *done;
	TRY(buf_done_str(&text, &done));
	*ret_text = done;
	return OK;
}

enum err sealing_request_parse(
    struct scope *s, struct bytes json, struct sealing_request *ret_request)
{
	const struct json_tree *t, *data;
	struct sealing_request r = { .reference = "" };
	const enum err e = json_tree_parse(s, json, &t);
	if (e != OK)
		return scope_fault_in(s, e, "request");
	if (t->kind != JSON_TREE_OBJECT)
		return scope_fault(s, ERR_FORMAT, "request: not an object");
	TRY(check_keys(s, t));
	TRY(take_truth(s, t, "unattended", &r.unattended));
	TRY(take_text(s, t, "partner", LIMIT_SEALING_REFERENCE, !r.unattended, &r.partner));
	TRY(take_text(s, t, "reference", LIMIT_SEALING_REFERENCE, false, &r.reference));
	TRY(take_text(s, t, "title", LIMIT_SEALING_TITLE, true, &r.title));
	TRY(take_text(s, t, "returnUrl", LIMIT_URL, false, &r.return_url));
	if (r.unattended && r.partner)
		return refuse(s, "partner", "not with unattended: the key is the portal's own");
	TRY(take_object(s, t, "data", &data));
	TRY(canonical_data(s, data, &r.data));
	TRY(sealing_request_barcode(s, r.data, r.reference, &r.barcode));
	TRY(take_options(s, t, r.barcode, &r.options));
	*ret_request = r;
	return OK;
}

/* The octets of "scheme://host[:port]"; 0: no such URL, or not one for a browser. */
static size_t origin_length(const char *url)
{
	const size_t scheme = !strncmp(url, "https://", 8)  ? 8
			      : !strncmp(url, "http://", 7) ? 7
							    : 0;
	const size_t host = scheme ? strcspn(url + scheme, "/?#") : 0;
	if (!host || memchr(url + scheme, '@', host) || memchr(url + scheme, '\\', host))
		return 0;
	return scheme + host;
}

static bool is_loopback(const char *url)
{
	static const char *const hosts[] = { "http://localhost", "http://127.0.0.1",
		"http://[::1]" };
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		const size_t n = strlen(hosts[i]);
		if (!strncmp(url, hosts[i], n) && (!url[n] || strchr(":/?#", url[n])))
			return true;
	}
	return false;
}

/* A segment of dots only, also as browsers read it: %2e is a dot to them. */
static bool climbs(const char *path)
{
	for (const char *end = path + strcspn(path, "?#"); path < end; path++) {
		size_t n = 0;
		while (*path == '.' || !strncasecmp(path, "%2e", 3)) {
			n += 1;
			path += *path == '.' ? 1 : 3;
		}
		if (n && (path == end || *path == '/'))
			return true;
		path += strcspn(path, "/?#");
	}
	return false;
}

bool sealing_request_may_return(const char *url, const char *const *prefixes, size_t n)
{
	const size_t origin = origin_length(url);
	if (!origin || (strncmp(url, "https://", 8) && !is_loopback(url)))
		return false;
	for (const char *p = url; *p; p++)
		if (*p <= 0x20 || *p >= 0x7f || *p == '\\')
			return false;
	for (size_t i = 0; i < n; i++) {
		const size_t length = strlen(prefixes[i]), of_prefix = origin_length(prefixes[i]);
		if (of_prefix == origin && !strncmp(url, prefixes[i], length) &&
		    !climbs(url + origin))
			return true;
	}
	return false;
}
