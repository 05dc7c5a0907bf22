#include "formats/pdf_update_cipher.h"

#include <string.h>

#include "base/scope.h"
#include "formats/digest.h"

#define IV_SIZE 16

/* The object being written. */
struct target {
	struct pdf_value_cipher cipher;
	const struct pdf_crypt *crypt;
	struct bytes seed;
	struct pdf_ref ref;
	const struct pdf_value *value;
	uint32_t counter; /* of initialisation vectors */
	/* Strings that are written as they are, in the order in which they get written. */
	const uint8_t **plain;
	size_t n_plain, room_plain, next_plain;
};

static enum err add_plain(struct scope *s, struct target *t, struct bytes octets)
{
	if (t->n_plain == t->room_plain) {
		size_t room = t->room_plain ? t->room_plain * 2 : 8;
		const uint8_t **more = scope_alloc_array(s, room, sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		if (t->n_plain)
			memcpy(more, t->plain, t->n_plain * sizeof(*more));
		t->plain = more;
		t->room_plain = room;
	}
	t->plain[t->n_plain++] = octets.p;
	return OK;
}

/* /Contents of a dictionary with /ByteRange is never encrypted (ISO 32000-2 7.6.2). */
static enum err collect_plain(struct scope *s, struct target *t, const struct pdf_value *v)
{
	if (v->kind == PDF_ARRAY)
		for (size_t i = 0; i < v->array.n; i++)
			TRY(collect_plain(s, t, v->array.item[i]));
	if (v->kind == PDF_STREAM)
		v = v->stream.dict;
	if (v->kind != PDF_DICT)
		return OK;
	const bool is_signature = pdf_value_find(v, "ByteRange") != NULL;
	for (size_t i = 0; i < v->dict.n; i++) {
		const struct pdf_entry *e = &v->dict.item[i];
		if (is_signature && e->value->kind == PDF_STRING && e->value->string.n > 0 &&
		    bytes_equal_str(e->key, "Contents"))
			TRY(add_plain(s, t, e->value->string));
		else
			TRY(collect_plain(s, t, e->value));
	}
	return OK;
}

static enum pdf_crypt_item item_of_stream(const struct pdf_value *stream)
{
	const struct pdf_value *type = pdf_value_find(stream, "Type");
	if (pdf_value_is_name(type, "Metadata"))
		return PDF_CRYPT_METADATA;
	return pdf_value_is_name(type, "EmbeddedFile") ? PDF_CRYPT_EMBEDDED_FILE : PDF_CRYPT_STREAM;
}

static bool has_crypt_filter(const struct pdf_value *stream)
{
	const struct pdf_value *filter = pdf_value_find(stream, "Filter");
	if (filter && filter->kind == PDF_ARRAY)
		filter = filter->array.n ? filter->array.item[0] : NULL;
	return pdf_value_is_name(filter, "Crypt");
}

static enum err encrypt_octets(struct scope *s, struct target *t, enum pdf_crypt_item item,
    struct bytes plain, struct bytes *ret_cipher)
{
	const uint32_t words[] = { t->ref.num, t->counter++ };
	uint8_t octets[sizeof(words)];
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
	const struct bytes parts[] = { t->seed, bytes_of(octets, sizeof(octets)) };
	struct digest iv;
	TRY(digest_compute(s, DIGEST_SHA256, parts, 2, &iv));
	return pdf_crypt_encrypt(
	    s, t->crypt, item, t->ref, bytes_of(iv.value, IV_SIZE), plain, ret_cipher);
}

static enum err encrypt_stream(
    struct scope *s, struct target *t, struct bytes raw, struct bytes *ret_cipher)
{
	const struct pdf_ref owner = t->value->stream.owner;
	if (owner.num && pdf_value_refs_equal(owner, t->ref)) {
		*ret_cipher = raw;
		return OK;
	}
	if (has_crypt_filter(t->value))
		return scope_fault(
		    s, ERR_UNSUPPORTED, "pdf: new stream with a filter for encryption of its own");
	const enum pdf_crypt_item item = item_of_stream(t->value);
	if (owner.num)
		TRY(pdf_crypt_decrypt(s, t->crypt, item, owner, raw, &raw));
	return encrypt_octets(s, t, item, raw, ret_cipher);
}

static enum err encrypt(
    void *ctx, struct scope *s, bool is_stream, struct bytes plain, struct bytes *ret_cipher)
{
	struct target *t = ctx;
	if (is_stream)
		return encrypt_stream(s, t, plain, ret_cipher);
	if (t->next_plain < t->n_plain && t->plain[t->next_plain] == plain.p) {
		t->next_plain++;
		*ret_cipher = plain;
		return OK;
	}
	return encrypt_octets(s, t, PDF_CRYPT_STRING, plain, ret_cipher);
}

enum err pdf_update_cipher_new(struct scope *s, const struct pdf_crypt *crypt, struct bytes seed,
    struct pdf_ref ref, const struct pdf_value *value, const struct pdf_value_cipher **ret_cipher)
{
	struct target *t = scope_alloc(s, sizeof(*t));
	if (!t)
		return ERR_NOMEM;
	*t = (struct target){
		.cipher = { .ctx = t, .encrypt = encrypt },
		.crypt = crypt,
		.seed = seed,
		.ref = ref,
		.value = value,
	};
	TRY(collect_plain(s, t, value));
	*ret_cipher = &t->cipher;
	return OK;
}
