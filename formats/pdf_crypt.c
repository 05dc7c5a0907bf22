#include "formats/pdf_crypt.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_crypt_cipher.h"
#include "formats/pdf_crypt_recipients.h"

/* A crypt filter (7.6.6), or what a file without them has in place of one. */
struct filter {
	struct bytes name;
	enum pdf_crypt_method method;
	const struct pdf_value *dict; /* NULL: Identity, and before V 4 */
	struct pdf_crypt_key key;     /* n 0: not opened */
};

struct pdf_crypt {
	int v;
	const char *sub_filter; /* of the public-key handler; NULL: the standard one */
	struct pdf_crypt_key_facts facts;
	struct filter filters[LIMIT_PDF_CRYPT_FILTERS];
	size_t n_filters;
	const struct filter *strings, *streams, *embedded;
	bool owner;
	uint32_t permissions;
	char name[48];
};

static void wipe(void *crypt)
{
	struct pdf_crypt *c = crypt;
	for (size_t i = 0; i < c->n_filters; i++)
		bytes_wipe(&c->filters[i].key, sizeof(c->filters[i].key));
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

static enum err read_handler(struct scope *s, const struct pdf_value *encrypt, struct pdf_crypt *c)
{
	static const char *const known[] = { "adbe.pkcs7.s3", "adbe.pkcs7.s4", "adbe.pkcs7.s5" };
	const struct pdf_value *sub_filter = pdf_value_find(encrypt, "SubFilter");
	if (!encrypt || encrypt->kind != PDF_DICT)
		return scope_fault(s, ERR_FORMAT, "pdf encryption: /Encrypt is no dictionary");
	if (pdf_value_is_name(pdf_value_find(encrypt, "Filter"), "Standard"))
		return OK;
	/* /Filter names the software that wrote it; /SubFilter is what others can read. */
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (pdf_value_is_name(sub_filter, known[i]))
			c->sub_filter = known[i];
	if (!c->sub_filter)
		return scope_fault(s, ERR_UNSUPPORTED,
		    "pdf encryption: a security handler for neither passwords nor certificates");
	return OK;
}

static enum err read_versions(struct scope *s, const struct pdf_value *encrypt, struct pdf_crypt *c)
{
	int64_t v, r = 2;
	TRY(read_int(s, encrypt, "V", &v));
	if (!c->sub_filter)
		TRY(read_int(s, encrypt, "R", &r));
	if (v < 1 || v > 5 || v == 3 || r < 2 || r > 6)
		return scope_fault(s, ERR_UNSUPPORTED, "pdf encryption: V %lld R %lld",
		    (long long)v, (long long)r);
	if (!c->sub_filter && (v == 5) != (r >= 5))
		return scope_fault(s, ERR_FORMAT, "pdf encryption: V %lld does not go with R %lld",
		    (long long)v, (long long)r);
	c->v = (int)v;
	c->facts.r = (int)r;
	return OK;
}

static bool is_true(const struct pdf_value *dict, const char *key, bool otherwise)
{
	const struct pdf_value *v = pdf_value_find(dict, key);
	return v && v->kind == PDF_BOOL ? v->boolean : otherwise;
}

static enum err read_facts(
    struct scope *s, const struct pdf_value *encrypt, struct bytes id0, struct pdf_crypt *c)
{
	struct pdf_crypt_key_facts *f = &c->facts;
	int64_t p;
	TRY(read_int(s, encrypt, "P", &p));
	f->p = (uint32_t)p; /* written signed or unsigned */
	f->encrypt_metadata = is_true(encrypt, "EncryptMetadata", true);
	TRY(read_octets(s, encrypt, "O", f->o, f->r >= 5 ? 48 : 32));
	TRY(read_octets(s, encrypt, "U", f->u, f->r >= 5 ? 48 : 32));
	if (f->r >= 5) {
		TRY(read_octets(s, encrypt, "OE", f->oe, sizeof(f->oe)));
		TRY(read_octets(s, encrypt, "UE", f->ue, sizeof(f->ue)));
	}
	return bytes_copy(s, id0, &f->id0);
}

/* -- crypt filters -- */

static enum pdf_crypt_method method_of_name(int v, const struct pdf_value *cfm, bool *ret_known)
{
	*ret_known = true;
	if (v == 4 && pdf_value_is_name(cfm, "V2"))
		return PDF_CRYPT_RC4;
	if (v == 4 && pdf_value_is_name(cfm, "AESV2"))
		return PDF_CRYPT_AES128;
	if (v == 5 && pdf_value_is_name(cfm, "AESV3"))
		return PDF_CRYPT_AES256;
	*ret_known = false;
	return PDF_CRYPT_IDENTITY;
}

static const struct filter *find_filter(const struct pdf_crypt *c, struct bytes name)
{
	for (size_t i = 0; i < c->n_filters; i++)
		if (bytes_equal(c->filters[i].name, name))
			return &c->filters[i];
	return NULL;
}

static const struct filter *add_filter(struct pdf_crypt *c, struct filter filter)
{
	c->filters[c->n_filters] = filter;
	return &c->filters[c->n_filters++];
}

/* A crypt filter by name (7.6.6): from /CF, or the predefined Identity. */
static enum err read_filter(struct scope *s, const struct pdf_value *encrypt, struct pdf_crypt *c,
    const struct pdf_value *name, const struct filter **ret_filter)
{
	if (name->kind != PDF_NAME)
		return scope_fault(s, ERR_FORMAT, "pdf encryption: a crypt filter is no name");
	*ret_filter = find_filter(c, name->name);
	if (*ret_filter)
		return OK;
	char *key;
	bool is_known;
	TRY(bytes_to_str(s, name->name, &key));
	const struct pdf_value *filter = pdf_value_find(pdf_value_find(encrypt, "CF"), key);
	if (!filter)
		return scope_fault(s, ERR_FORMAT, "pdf encryption: no crypt filter %s in /CF", key);
	const enum pdf_crypt_method method =
	    method_of_name(c->v, pdf_value_find(filter, "CFM"), &is_known);
	if (!is_known)
		return scope_fault(s, ERR_UNSUPPORTED,
		    "pdf encryption: crypt filter %s has an unknown method", key);
	*ret_filter =
	    add_filter(c, (struct filter){ .name = name->name, .method = method, .dict = filter });
	return OK;
}

/* Those that streams may name; the ones that are not known stay unknown. */
static void read_others(const struct pdf_value *encrypt, struct pdf_crypt *c)
{
	const struct pdf_value *all = pdf_value_find(encrypt, "CF");
	for (size_t i = 0; all && all->kind == PDF_DICT && i < all->dict.n; i++) {
		const struct pdf_entry *e = &all->dict.item[i];
		bool is_known;
		const enum pdf_crypt_method method =
		    method_of_name(c->v, pdf_value_find(e->value, "CFM"), &is_known);
		if (c->n_filters == LIMIT_PDF_CRYPT_FILTERS)
			return;
		if (is_known && !find_filter(c, e->key))
			add_filter(c,
			    (struct filter){ .name = e->key, .method = method, .dict = e->value });
	}
}

static enum err read_methods(struct scope *s, const struct pdf_value *encrypt, struct pdf_crypt *c)
{
	static const struct pdf_value identity = { .kind = PDF_NAME,
		.name = { (const uint8_t *)"Identity", 8 } };
	if (c->v < 4) {
		c->strings = c->streams = c->embedded =
		    add_filter(c, (struct filter){ .method = PDF_CRYPT_RC4 });
		return OK;
	}
	add_filter(c, (struct filter){ .name = identity.name, .method = PDF_CRYPT_IDENTITY });
	const struct pdf_value *strings = pdf_value_find(encrypt, "StrF");
	const struct pdf_value *streams = pdf_value_find(encrypt, "StmF");
	const struct pdf_value *embedded = pdf_value_find(encrypt, "EFF");
	strings = strings ? strings : &identity;
	streams = streams ? streams : &identity;
	embedded = embedded ? embedded : streams;
	TRY(read_filter(s, encrypt, c, strings, &c->strings));
	TRY(read_filter(s, encrypt, c, streams, &c->streams));
	TRY(read_filter(s, encrypt, c, embedded, &c->embedded));
	read_others(encrypt, c);
	return OK;
}

static bool has_clear_document(const struct pdf_crypt *c)
{
	return c->strings->method == PDF_CRYPT_IDENTITY && c->streams->method == PDF_CRYPT_IDENTITY;
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
	struct pdf_crypt_key key;
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
			TRY(try_one(s, &c->facts, &lock->forms[i], lock->lengths[j], &lock->key,
			    ret_opens));
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

/* Every filter of the standard handler has the one key. */
static void take_key(struct pdf_crypt *c, const struct pdf_crypt_key *key)
{
	for (size_t i = 0; i < c->n_filters; i++)
		if (c->filters[i].method != PDF_CRYPT_IDENTITY)
			c->filters[i].key = *key;
}

static enum err open_by_password(
    struct scope *s, const struct pdf_value *encrypt, struct bytes password, struct pdf_crypt *c)
{
	struct lock lock = { .crypt = c, .lengths = { 16 } };
	bool opens = false;
	if (password.n > LIMIT_PASSWORD)
		return scope_fault(s, ERR_LIMIT, "pdf encryption: password too long");
	lock.n_lengths = key_lengths(encrypt, c, lock.lengths);
	enum err e = unlock(s, &lock, password, &opens);
	if (e == OK && opens)
		take_key(c, &lock.key);
	bytes_wipe(&lock, sizeof(lock));
	TRY(e);
	c->permissions = c->facts.p;
	if (!opens && !has_clear_document(c))
		return scope_fault(s, ERR_DENIED, "pdf encryption: %s",
		    password.n ? "the password does not open the file" : "needs a password");
	return OK;
}

/* -- recipients -- */

/* The key's length where a filter or the dictionary gives it; nothing tells whether it is right. */
static size_t recipients_key_length(
    const struct pdf_value *encrypt, const struct pdf_crypt *c, const struct filter *filter)
{
	size_t lengths[LENGTHS], n = 0;
	if (filter->method != PDF_CRYPT_RC4)
		return filter->method == PDF_CRYPT_AES256 ? 32 : 16;
	if (c->v == 1)
		return 5;
	if (filter->dict)
		add_length(filter->dict, lengths, &n);
	add_length(encrypt, lengths, &n);
	return n > 0 ? lengths[0] : c->v == 4 ? 16 : 5;
}

/* Table 27 has EncryptMetadata in the filter, some writers have it in the dictionary alone. */
static bool is_metadata_encrypted(
    const struct pdf_value *encrypt, const struct pdf_crypt *c, const struct filter *filter)
{
	return c->v < 4 ||
	       is_true(filter->dict, "EncryptMetadata", is_true(encrypt, "EncryptMetadata", true));
}

static enum err open_filter(struct scope *s, const struct pdf_value *encrypt, struct pdf_crypt *c,
    struct filter *filter, const struct recipient *recipient, uint32_t *ret_permissions)
{
	const bool is_main = filter == c->strings || filter == c->streams;
	struct pdf_crypt_recipients r = { 0 };
	TRY(pdf_crypt_recipients_read(s, filter->dict ? filter->dict : encrypt, &r));
	r.key_n = recipients_key_length(encrypt, c, filter);
	r.digest = filter->method == PDF_CRYPT_AES256 ? DIGEST_SHA256 : DIGEST_SHA1;
	r.clear_metadata = is_main && !is_metadata_encrypted(encrypt, c, filter);
	return pdf_crypt_recipients_open(s, &r, recipient, &filter->key, ret_permissions);
}

/* Each filter has recipients of its own. Whoever opens strings and streams need not be one of those
 * who open attachments. */
static enum err open_filters(struct scope *s, const struct pdf_value *encrypt, struct pdf_crypt *c,
    const struct recipient *recipient)
{
	for (size_t i = 0; i < c->n_filters; i++) {
		struct filter *filter = &c->filters[i];
		const bool is_main = filter == c->strings || filter == c->streams;
		uint32_t permissions = c->facts.p;
		if (filter->method == PDF_CRYPT_IDENTITY)
			continue;
		enum err e = open_filter(s, encrypt, c, filter, recipient, &permissions);
		if (is_main)
			c->permissions &= permissions;
		if (is_main || e == OK || e == ERR_NOMEM)
			TRY(e);
		else
			scope_forgive(s);
	}
	return OK;
}

/* Table 24: bit 2 permits everything. A file that says nothing restricts nothing. */
static enum err open_by_recipient(struct scope *s, const struct pdf_value *encrypt,
    const struct pdf_crypt_means *means, struct pdf_crypt *c)
{
	int64_t p;
	c->facts.p = pdf_value_integer(pdf_value_find(encrypt, "P"), &p) ? (uint32_t)p : UINT32_MAX;
	c->facts.encrypt_metadata = is_metadata_encrypted(encrypt, c, c->streams);
	c->permissions = UINT32_MAX;
	if (means->recipient)
		TRY(open_filters(s, encrypt, c, means->recipient));
	else if (!means->locked && !has_clear_document(c))
		return scope_fault(s, ERR_DENIED,
		    "pdf encryption: encrypted for certificates: needs the key of a recipient");
	c->owner = (c->permissions & 2) != 0;
	return OK;
}

static void set_name(struct pdf_crypt *c)
{
	static const char *const names[] = { "Identity", "RC4", "AES-128", "AES-256" };
	const enum pdf_crypt_method m =
	    c->streams->method != PDF_CRYPT_IDENTITY   ? c->streams->method
	    : c->strings->method != PDF_CRYPT_IDENTITY ? c->strings->method
						       : c->embedded->method;
	if (c->sub_filter)
		snprintf(c->name, sizeof(c->name), "%s (V%d %s)", names[m], c->v, c->sub_filter);
	else
		snprintf(c->name, sizeof(c->name), "%s (V%d R%d)", names[m], c->v, c->facts.r);
}

enum err pdf_crypt_open(struct scope *s, const struct pdf_value *encrypt, struct bytes id0,
    const struct pdf_crypt_means *means, struct pdf_crypt **ret_crypt)
{
	struct pdf_crypt *c = scope_alloc(s, sizeof(*c));
	TRY(scope_own(s, c, wipe));
	TRY(read_handler(s, encrypt, c));
	TRY(read_versions(s, encrypt, c));
	if (!c->sub_filter)
		TRY(read_facts(s, encrypt, id0, c));
	TRY(read_methods(s, encrypt, c));
	if (c->sub_filter)
		TRY(open_by_recipient(s, encrypt, means, c));
	else
		TRY(open_by_password(s, encrypt, means->password, c));
	set_name(c);
	*ret_crypt = c;
	return OK;
}

/* -- strings and streams -- */
static const struct filter *filter_of(const struct pdf_crypt *c, enum pdf_crypt_item item)
{
	switch (item) {
	case PDF_CRYPT_STRING:
		return c->strings;
	case PDF_CRYPT_EMBEDDED_FILE:
		return c->embedded;
	case PDF_CRYPT_METADATA: /* the first filter of V 4 and 5 is Identity */
		return c->v >= 4 && !c->facts.encrypt_metadata ? &c->filters[0] : c->streams;
	case PDF_CRYPT_STREAM:
	default:
		return c->streams;
	}
}

bool pdf_crypt_is_locked(const struct pdf_crypt *crypt, enum pdf_crypt_item item)
{
	const struct filter *filter = filter_of(crypt, item);
	return filter->method != PDF_CRYPT_IDENTITY && filter->key.n == 0;
}

static enum err need_key(struct scope *s, const struct pdf_crypt *c)
{
	return scope_fault(s, ERR_DENIED, "pdf encryption: %s",
	    c->sub_filter ? "needs the key of a recipient" : "embedded files need the password");
}

static enum err decrypt(struct scope *s, const struct pdf_crypt *c, const struct filter *filter,
    struct pdf_ref object, struct bytes cipher, struct bytes *ret_plain)
{
	if (filter->method == PDF_CRYPT_IDENTITY) {
		*ret_plain = cipher;
		return OK;
	}
	if (filter->key.n == 0)
		return need_key(s, c);
	return pdf_crypt_cipher_decrypt(s, filter->method, &filter->key, object, cipher, ret_plain);
}

enum err pdf_crypt_decrypt(struct scope *s, const struct pdf_crypt *crypt, enum pdf_crypt_item item,
    struct pdf_ref object, struct bytes cipher, struct bytes *ret_plain)
{
	return decrypt(s, crypt, filter_of(crypt, item), object, cipher, ret_plain);
}

enum err pdf_crypt_decrypt_by(struct scope *s, const struct pdf_crypt *crypt, struct bytes filter,
    struct pdf_ref object, struct bytes cipher, struct bytes *ret_plain)
{
	const struct filter *found = crypt->v >= 4 ? find_filter(crypt, filter) : NULL;
	if (!found)
		return scope_fault(
		    s, ERR_UNSUPPORTED, "pdf encryption: a stream with an unknown crypt filter");
	return decrypt(s, crypt, found, object, cipher, ret_plain);
}

enum err pdf_crypt_encrypt(struct scope *s, const struct pdf_crypt *crypt, enum pdf_crypt_item item,
    struct pdf_ref object, struct bytes iv, struct bytes plain, struct bytes *ret_cipher)
{
	const struct filter *filter = filter_of(crypt, item);
	if (filter->method == PDF_CRYPT_IDENTITY) {
		*ret_cipher = plain;
		return OK;
	}
	if (filter->key.n == 0)
		return need_key(s, crypt);
	return pdf_crypt_cipher_encrypt(
	    s, filter->method, &filter->key, object, iv, plain, ret_cipher);
}

/* -- facts -- */
bool pdf_crypt_is_owner(const struct pdf_crypt *crypt)
{
	return crypt->owner;
}

uint32_t pdf_crypt_permissions(const struct pdf_crypt *crypt)
{
	return crypt->owner ? UINT32_MAX : crypt->permissions;
}

const char *pdf_crypt_name(const struct pdf_crypt *crypt)
{
	return crypt->name;
}
