#include "formats/pdf_crypt.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest.h"
#include "formats/pdf_cipher.h"
#include "formats/pdf_crypt_key.h"

enum method {
	METHOD_IDENTITY,
	METHOD_RC4,
	METHOD_AES128,
	METHOD_AES256
};

struct pdf_crypt {
	int v;
	struct pdf_crypt_key_facts facts;
	enum method strings, streams, embedded;
	struct pdf_crypt_key
	    key; /* n 0: opened without a password, for only attachments need one */
	bool owner;
	char name[32];
};

static void wipe(void *crypt)
{
	struct pdf_crypt *c = crypt;
	bytes_wipe(&c->key, sizeof(c->key));
}

/* -- the dictionary -- */
static enum err read_int(
    struct scope *s, const struct pdf_value *encrypt, const char *key, int64_t *ret_n)
{
	if (!pdf_value_integer(pdf_value_find(encrypt, key), ret_n))
		return scope_fault(s, ERR_FORMAT, "pdf encryption: /%s is no integer", key);
	return OK;
}

/* Writers pad these or cut them short: as much as there is counts, the rest is zero. */
static enum err read_octets(
    struct scope *s, const struct pdf_value *encrypt, const char *key, uint8_t *p, size_t n)
{
	const struct pdf_value *v = pdf_value_find(encrypt, key);
	if (!v || v->kind != PDF_STRING)
		return scope_fault(s, ERR_FORMAT, "pdf encryption: /%s is no string", key);
	if (v->string.n > 0)
		memcpy(p, v->string.p, v->string.n < n ? v->string.n : n);
	return OK;
}

static enum err read_versions(struct scope *s, const struct pdf_value *encrypt, struct pdf_crypt *c)
{
	int64_t v, r;
	if (!encrypt || encrypt->kind != PDF_DICT)
		return scope_fault(s, ERR_FORMAT, "pdf encryption: /Encrypt is no dictionary");
	if (!pdf_value_is_name(pdf_value_find(encrypt, "Filter"), "Standard"))
		return scope_fault(s, ERR_UNSUPPORTED,
		    "pdf encryption: only the standard security handler (passwords) is known");
	TRY(read_int(s, encrypt, "V", &v));
	TRY(read_int(s, encrypt, "R", &r));
	if (v < 1 || v > 5 || v == 3 || r < 2 || r > 6)
		return scope_fault(s, ERR_UNSUPPORTED, "pdf encryption: V %lld R %lld",
		    (long long)v, (long long)r);
	if ((v == 5) != (r >= 5))
		return scope_fault(s, ERR_FORMAT, "pdf encryption: V %lld does not go with R %lld",
		    (long long)v, (long long)r);
	c->v = (int)v;
	c->facts.r = (int)r;
	return OK;
}

static enum err read_facts(
    struct scope *s, const struct pdf_value *encrypt, struct bytes id0, struct pdf_crypt *c)
{
	struct pdf_crypt_key_facts *f = &c->facts;
	int64_t p;
	TRY(read_int(s, encrypt, "P", &p));
	f->p = (uint32_t)p; /* written signed or unsigned */
	const struct pdf_value *metadata = pdf_value_find(encrypt, "EncryptMetadata");
	f->encrypt_metadata = !metadata || metadata->kind != PDF_BOOL || metadata->boolean;
	TRY(read_octets(s, encrypt, "O", f->o, f->r >= 5 ? 48 : 32));
	TRY(read_octets(s, encrypt, "U", f->u, f->r >= 5 ? 48 : 32));
	if (f->r >= 5) {
		TRY(read_octets(s, encrypt, "OE", f->oe, sizeof(f->oe)));
		TRY(read_octets(s, encrypt, "UE", f->ue, sizeof(f->ue)));
	}
	return bytes_copy(s, id0, &f->id0);
}

/* A crypt filter by name (7.6.6): from /CF, or the predefined Identity. */
static enum err read_filter(struct scope *s, const struct pdf_value *encrypt, int v,
    const struct pdf_value *name, enum method *ret_method)
{
	if (name->kind != PDF_NAME)
		return scope_fault(s, ERR_FORMAT, "pdf encryption: a crypt filter is no name");
	*ret_method = METHOD_IDENTITY;
	if (pdf_value_is_name(name, "Identity"))
		return OK;
	char *key;
	TRY(bytes_to_str(s, name->name, &key));
	const struct pdf_value *filter = pdf_value_find(pdf_value_find(encrypt, "CF"), key);
	if (!filter)
		return scope_fault(s, ERR_FORMAT, "pdf encryption: no crypt filter %s in /CF", key);
	const struct pdf_value *cfm = pdf_value_find(filter, "CFM");
	if (v == 4 && pdf_value_is_name(cfm, "V2"))
		*ret_method = METHOD_RC4;
	else if (v == 4 && pdf_value_is_name(cfm, "AESV2"))
		*ret_method = METHOD_AES128;
	else if (v == 5 && pdf_value_is_name(cfm, "AESV3"))
		*ret_method = METHOD_AES256;
	else
		return scope_fault(s, ERR_UNSUPPORTED,
		    "pdf encryption: crypt filter %s has an unknown method", key);
	return OK;
}

static enum err read_methods(struct scope *s, const struct pdf_value *encrypt, struct pdf_crypt *c)
{
	static const struct pdf_value identity = { .kind = PDF_NAME,
		.name = { (const uint8_t *)"Identity", 8 } };
	if (c->v < 4) {
		c->strings = c->streams = c->embedded = METHOD_RC4;
		return OK;
	}
	const struct pdf_value *strings = pdf_value_find(encrypt, "StrF");
	const struct pdf_value *streams = pdf_value_find(encrypt, "StmF");
	const struct pdf_value *embedded = pdf_value_find(encrypt, "EFF");
	strings = strings ? strings : &identity;
	streams = streams ? streams : &identity;
	embedded = embedded ? embedded : streams;
	TRY(read_filter(s, encrypt, c->v, strings, &c->strings));
	TRY(read_filter(s, encrypt, c->v, streams, &c->streams));
	return read_filter(s, encrypt, c->v, embedded, &c->embedded);
}

/* /Length is meant in bits (of the dictionary) or octets (of a crypt filter), and writers confuse
 * them. Reading it both ways is safe, since /U tells whether the key is the right one. */
static void add_length(const struct pdf_value *dict, size_t lengths[], size_t *n)
{
	int64_t length;
	if (!pdf_value_integer(pdf_value_find(dict, "Length"), &length))
		return;
	if (length >= 40 && length <= 128)
		lengths[(*n)++] = (size_t)length / 8;
	else if (length >= 5 && length <= 16)
		lengths[(*n)++] = (size_t)length;
}

#define LENGTHS 4
static size_t key_lengths(
    const struct pdf_value *encrypt, const struct pdf_crypt *c, size_t ret_lengths[LENGTHS])
{
	size_t n = 0;
	if (c->v == 4)
		ret_lengths[n++] = 16;
	if (c->v == 2 || c->v == 4)
		add_length(encrypt, ret_lengths, &n);
	if (c->v == 4)
		add_length(pdf_value_find(pdf_value_find(encrypt, "CF"), "StdCF"), ret_lengths, &n);
	if (c->v <= 2)
		ret_lengths[n++] = 5;
	if (c->v == 2)
		ret_lengths[n++] = 16;
	return n > 0 ? n : 1;
}

/* -- passwords -- */
typedef enum err try_password(struct scope *s, const struct pdf_crypt_key_facts *facts,
    const struct pdf_password *password, size_t key_n, struct pdf_crypt_key *ret_key,
    bool *ret_opens);

struct lock {
	struct pdf_crypt *crypt;
	size_t lengths[LENGTHS], n_lengths;
	struct pdf_password forms[PDF_PASSWORD_FORMS];
	size_t n_forms;
};

static enum err try_forms(
    struct scope *s, struct lock *lock, try_password *try_one, bool *ret_opens)
{
	struct pdf_crypt *c = lock->crypt;
	*ret_opens = false;
	for (size_t i = 0; i < lock->n_forms; i++) {
		for (size_t j = 0; j < lock->n_lengths; j++) {
			TRY(try_one(
			    s, &c->facts, &lock->forms[i], lock->lengths[j], &c->key, ret_opens));
			if (*ret_opens)
				return OK;
		}
	}
	return OK;
}

/* The owner's rights are the larger ones, so a given password is tried for them first; but nobody
 * becomes owner by an empty password that also opens the file for everybody. */
static enum err unlock(struct scope *s, struct lock *lock, struct bytes password, bool *ret_opens)
{
	static const struct {
		bool given;
		bool owner;
	} attempts[] = { { true, true }, { false, false }, { true, false }, { false, true } };
	*ret_opens = false;
	for (size_t i = 0; i < 4 && !*ret_opens; i++) {
		struct bytes pw = attempts[i].given ? password : BYTES_NONE;
		if (attempts[i].given && pw.n == 0)
			continue;
		lock->n_forms = pdf_password_forms(pw, lock->crypt->v == 5, lock->forms);
		TRY(try_forms(s, lock,
		    attempts[i].owner ? pdf_crypt_key_by_owner : pdf_crypt_key_by_user, ret_opens));
		lock->crypt->owner = *ret_opens && attempts[i].owner;
	}
	return OK;
}

static enum err find_key(
    struct scope *s, const struct pdf_value *encrypt, struct bytes password, struct pdf_crypt *c)
{
	struct lock lock = { .crypt = c, .lengths = { 16 } };
	bool opens = false;
	if (password.n > LIMIT_PASSWORD)
		return scope_fault(s, ERR_LIMIT, "pdf encryption: password too long");
	lock.n_lengths = key_lengths(encrypt, c, lock.lengths);
	enum err e = unlock(s, &lock, password, &opens);
	bytes_wipe(&lock, sizeof(lock));
	TRY(e);
	bool only_attachments = c->strings == METHOD_IDENTITY && c->streams == METHOD_IDENTITY;
	if (!opens && !only_attachments)
		return scope_fault(s, ERR_DENIED, "pdf encryption: %s",
		    password.n ? "the password does not open the file" : "needs a password");
	return OK;
}

static void set_name(struct pdf_crypt *c)
{
	static const char *const names[] = { "Identity", "RC4", "AES-128", "AES-256" };
	enum method m = c->streams != METHOD_IDENTITY   ? c->streams
			: c->strings != METHOD_IDENTITY ? c->strings
							: c->embedded;
	snprintf(c->name, sizeof(c->name), "%s (V%d R%d)", names[m], c->v, c->facts.r);
}

enum err pdf_crypt_open(struct scope *s, const struct pdf_value *encrypt, struct bytes id0,
    struct bytes password, struct pdf_crypt **ret_crypt)
{
	struct pdf_crypt *c = scope_alloc(s, sizeof(*c));
	TRY(scope_own(s, c, wipe));
	TRY(read_versions(s, encrypt, c));
	TRY(read_facts(s, encrypt, id0, c));
	TRY(read_methods(s, encrypt, c));
	TRY(find_key(s, encrypt, password, c));
	set_name(c);
	*ret_crypt = c;
	return OK;
}

/* -- strings and streams -- */
static enum method method_of(const struct pdf_crypt *c, enum pdf_crypt_item item)
{
	switch (item) {
	case PDF_CRYPT_STRING:
		return c->strings;
	case PDF_CRYPT_EMBEDDED_FILE:
		return c->embedded;
	case PDF_CRYPT_METADATA:
		return c->v >= 4 && !c->facts.encrypt_metadata ? METHOD_IDENTITY : c->streams;
	case PDF_CRYPT_STREAM:
	default:
		return c->streams;
	}
}

/* Algorithms 1 and 1.A: the key for one object. AES-128 always takes 16 octets. */
static enum err object_key(struct scope *s, const struct pdf_crypt *c, enum method method,
    struct pdf_ref object, struct pdf_crypt_key *ret_key)
{
	if (c->key.n == 0)
		return scope_fault(
		    s, ERR_DENIED, "pdf encryption: embedded files need the password");
	*ret_key = c->key;
	if (method == METHOD_AES256)
		return OK;
	const uint8_t number[5] = { (uint8_t)object.num, (uint8_t)(object.num >> 8),
		(uint8_t)(object.num >> 16), (uint8_t)object.gen, (uint8_t)(object.gen >> 8) };
	const struct bytes parts[] = { bytes_of(c->key.octets, c->key.n),
		bytes_of(number, sizeof(number)), BYTES_LIT("sAlT") };
	struct digest d;
	TRY(digest_compute(s, DIGEST_MD5, parts, method == METHOD_AES128 ? 3 : 2, &d));
	bool short_key = method == METHOD_RC4 && c->key.n + 5 < 16;
	ret_key->n = short_key ? c->key.n + 5 : 16;
	memcpy(ret_key->octets, d.value, ret_key->n);
	bytes_wipe(&d, sizeof(d));
	return OK;
}

/* The plain text without its padding; padding that is none stays, as readers have it. */
static size_t unpadded(const uint8_t *p, size_t n)
{
	uint8_t pad = n > 0 ? p[n - 1] : 0;
	if (pad == 0 || pad > PDF_CIPHER_BLOCK || pad > n)
		return n;
	for (size_t i = n - pad; i < n; i++) {
		if (p[i] != pad)
			return n;
	}
	return n - pad;
}

/* Data shorter than the vector is empty; a last incomplete block (most often an end-of-line that
 * got counted in) is dropped. */
static enum err aes_decrypt(
    struct scope *s, const struct pdf_crypt_key *key, struct bytes cipher, struct bytes *ret_plain)
{
	struct bytes blocks = bytes_from(cipher, PDF_CIPHER_BLOCK);
	blocks.n -= blocks.n % PDF_CIPHER_BLOCK;
	if (blocks.n == 0) {
		*ret_plain = BYTES_NONE;
		return OK;
	}
	uint8_t *plain = scope_alloc(s, blocks.n);
	if (!plain)
		return ERR_NOMEM;
	TRY(pdf_cipher_aes_decrypt(s, bytes_of(key->octets, key->n), cipher.p, blocks, plain));
	*ret_plain = bytes_of(plain, unpadded(plain, blocks.n));
	return OK;
}

static enum err aes_encrypt(struct scope *s, const struct pdf_crypt_key *key, struct bytes iv,
    struct bytes plain, struct bytes *ret_cipher)
{
	if (iv.n != PDF_CIPHER_BLOCK)
		return scope_fault(s, ERR_INTERNAL, "pdf encryption: vector of %zu octets", iv.n);
	size_t pad = PDF_CIPHER_BLOCK - plain.n % PDF_CIPHER_BLOCK;
	if (plain.n > SIZE_MAX / 2)
		return scope_fault(s, ERR_LIMIT, "pdf encryption: impossible size");
	size_t n = plain.n + pad;
	uint8_t *cipher = scope_alloc(s, PDF_CIPHER_BLOCK + n);
	if (!cipher)
		return ERR_NOMEM;
	uint8_t *blocks = cipher + PDF_CIPHER_BLOCK;
	memcpy(cipher, iv.p, PDF_CIPHER_BLOCK);
	if (plain.n > 0)
		memcpy(blocks, plain.p, plain.n);
	memset(blocks + plain.n, (int)pad, pad);
	TRY(pdf_cipher_aes_encrypt(
	    s, bytes_of(key->octets, key->n), cipher, bytes_of(blocks, n), blocks));
	*ret_cipher = bytes_of(cipher, PDF_CIPHER_BLOCK + n);
	return OK;
}

static enum err rc4(
    struct scope *s, const struct pdf_crypt_key *key, struct bytes in, struct bytes *ret_out)
{
	uint8_t *p = scope_alloc(s, in.n);
	if (!p)
		return ERR_NOMEM;
	if (in.n > 0)
		memcpy(p, in.p, in.n);
	pdf_cipher_rc4(bytes_of(key->octets, key->n), p, in.n);
	*ret_out = bytes_of(p, in.n);
	return OK;
}

enum err pdf_crypt_decrypt(struct scope *s, const struct pdf_crypt *crypt, enum pdf_crypt_item item,
    struct pdf_ref object, struct bytes cipher, struct bytes *ret_plain)
{
	enum method method = method_of(crypt, item);
	struct pdf_crypt_key key;
	if (method == METHOD_IDENTITY) {
		*ret_plain = cipher;
		return OK;
	}
	TRY(object_key(s, crypt, method, object, &key));
	enum err e = method == METHOD_RC4 ? rc4(s, &key, cipher, ret_plain)
					  : aes_decrypt(s, &key, cipher, ret_plain);
	bytes_wipe(&key, sizeof(key));
	return e;
}

enum err pdf_crypt_encrypt(struct scope *s, const struct pdf_crypt *crypt, enum pdf_crypt_item item,
    struct pdf_ref object, struct bytes iv, struct bytes plain, struct bytes *ret_cipher)
{
	enum method method = method_of(crypt, item);
	struct pdf_crypt_key key;
	if (method == METHOD_IDENTITY) {
		*ret_cipher = plain;
		return OK;
	}
	TRY(object_key(s, crypt, method, object, &key));
	enum err e = method == METHOD_RC4 ? rc4(s, &key, plain, ret_cipher)
					  : aes_encrypt(s, &key, iv, plain, ret_cipher);
	bytes_wipe(&key, sizeof(key));
	return e;
}

/* -- facts -- */
bool pdf_crypt_is_owner(const struct pdf_crypt *crypt)
{
	return crypt->owner;
}

uint32_t pdf_crypt_permissions(const struct pdf_crypt *crypt)
{
	return crypt->owner ? UINT32_MAX : crypt->facts.p;
}

const char *pdf_crypt_name(const struct pdf_crypt *crypt)
{
	return crypt->name;
}
