#include "validator/policy.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"
#include "validator/policy_fields.h"

/* -- algorithms -- */

/* An end of reliability in words. */
static void end_text(struct instant end, char ret_text[INSTANT_TEXT])
{
	if (end.unix_s == POLICY_FOREVER.unix_s || end.unix_s == POLICY_NEVER.unix_s) {
		bool never = end.unix_s == POLICY_NEVER.unix_s;
		snprintf(ret_text, INSTANT_TEXT, "%s", never ? "never" : "forever");
		return;
	}
	instant_to_rfc3339(end, ret_text);
	ret_text[sizeof("YYYY-MM-DD") - 1] = '\0';
}

static void write_end(struct json *j, const char *key, struct instant end)
{
	char text[INSTANT_TEXT];
	end_text(end, text);
	json_string(j, key, text);
}

static void write_sizes(struct json *j, const char *key, const struct policy_sizes *sizes)
{
	char bits[16];
	if (sizes->n == 0)
		return write_end(j, key, POLICY_NEVER);
	if (sizes->n == 1 && sizes->item[0].bits == 0)
		return write_end(j, key, sizes->item[0].end);
	json_begin_object(j, key);
	for (size_t i = 0; i < sizes->n; i++) {
		snprintf(bits, sizeof(bits), "%d", sizes->item[i].bits);
		write_end(j, bits, sizes->item[i].end);
	}
	json_end_object(j);
}

static void write_algorithms(struct json *j, const char *key, const struct policy_algorithms *a)
{
	json_begin_object(j, key);
	json_begin_object(j, "digests");
	for (unsigned i = DIGEST_UNKNOWN + 1; i < POLICY_DIGESTS; i++)
		write_end(j, policy_fields_digest(i), a->digests[i]);
	json_end_object(j);
	json_begin_object(j, "schemes");
	for (unsigned i = SIGNATURE_ALG_UNKNOWN + 1; i < POLICY_SCHEMES; i++)
		write_sizes(j, policy_fields_scheme(i), &a->schemes[i]);
	json_end_object(j);
	json_end_object(j);
}

/* -- fields -- */

static enum err write_oid(struct scope *s, struct json *j, const char *key, struct bytes oid)
{
	char *dotted = NULL;
	if (oid.n)
		TRY(der_oid_text(s, oid, &dotted));
	json_string(j, key, dotted ? dotted : "");
	return OK;
}

static enum err write_oids(
    struct scope *s, struct json *j, const char *key, const struct bytes *oids, size_t n)
{
	json_begin_array(j, key);
	for (size_t i = 0; i < n; i++)
		TRY(write_oid(s, j, NULL, oids[i]));
	json_end_array(j);
	return OK;
}

static enum err write_classes(
    struct scope *s, struct json *j, const char *key, const struct policy_class *c, size_t n)
{
	json_begin_object(j, key);
	for (size_t i = 0; i < n; i++)
		TRY(write_oids(s, j, c[i].name, c[i].policies.item, c[i].policies.n));
	json_end_object(j);
	return OK;
}

static void write_flags(struct json *j, const struct policy_field *f, uint32_t flags)
{
	json_begin_array(j, f->key);
	for (unsigned i = 0; f->word(i); i++)
		if (flags & (1u << i))
			json_string(j, NULL, f->word(i));
	json_end_array(j);
}

static void write_list(struct json *j, const struct policy_field *f, const void *items, size_t n)
{
	const struct bytes *octets = items;
	const char *const *texts = items;
	json_begin_array(j, f->key);
	for (size_t i = 0; i < n; i++)
		if (f->kind == POLICY_FIELD_TEXTS)
			json_string(j, NULL, texts[i]);
		else
			json_bytes_hex(j, NULL, octets[i]);
	json_end_array(j);
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static enum err write_field(
    struct scope *s, struct json *j, const struct policy_field *f, const struct policy *p)
{
	const char *at = (const char *)p + f->at;
	const void *items = NULL;
	const char *text;
	size_t n = 0;
	if (f->n_at) {
		memcpy(&n, (const char *)p + f->n_at, sizeof(n));
		memcpy(&items, at, sizeof(items));
	}
	switch (f->kind) {
	case POLICY_FIELD_BOOL:
		json_bool(j, f->key, *(const bool *)at);
		break;
	case POLICY_FIELD_SECONDS:
		json_int(j, f->key, *(const int64_t *)(const void *)at);
		break;
	case POLICY_FIELD_TEXT:
		text = *(const char *const *)(const void *)at;
		json_string(j, f->key, text ? text : "");
		break;
	case POLICY_FIELD_OID:
		return write_oid(s, j, f->key, *(const struct bytes *)(const void *)at);
	case POLICY_FIELD_OIDS:
		return write_oids(s, j, f->key, items, n);
	case POLICY_FIELD_SHA256S:
	case POLICY_FIELD_TEXTS:
		write_list(j, f, items, n);
		break;
	case POLICY_FIELD_CHOICE:
		json_string(j, f->key, f->word(*(const unsigned *)(const void *)at));
		break;
	case POLICY_FIELD_FLAGS:
		write_flags(j, f, *(const uint32_t *)(const void *)at);
		break;
	case POLICY_FIELD_CLASSES:
		return write_classes(s, j, f->key, items, n);
	}
	return OK;
}

enum err policy_canonical(struct scope *s, const struct policy *p, struct bytes *ret_text)
{
	struct buf b = buf_new(s, 2 * LIMIT_JSON);
	struct json j = json_new(&b, false);
	size_t n;
	const struct policy_field *f = policy_fields(&n);
	const char *section = NULL;
	json_begin_object(&j, NULL);
	for (size_t i = 0; i < n; i++) {
		bool same = is_same(f[i].section, section);
		if (!same && section)
			json_end_object(&j);
		if (!same)
			json_begin_object(&j, f[i].section);
		section = f[i].section;
		TRY(write_field(s, &j, &f[i], p));
	}
	json_end_object(&j);
	json_begin_object(&j, "algorithms");
	for (enum policy_use use = 0; use < POLICY_USES; use++)
		write_algorithms(&j, policy_fields_use(use), &p->algorithms[use]);
	json_end_object(&j);
	json_end_object(&j);
	return buf_done(&b, ret_text);
}
