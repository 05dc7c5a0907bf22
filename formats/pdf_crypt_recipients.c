#include "formats/pdf_crypt_recipients.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cms_enveloped.h"

#define SEED 20       /* octets */
#define PERMISSIONS 4 /* octets after the seed, the highest first */

enum err pdf_crypt_recipients_read(
    struct scope *s, const struct pdf_value *dict, struct pdf_crypt_recipients *ret_recipients)
{
	const struct pdf_value *v = pdf_value_find(dict, "Recipients");
	const bool is_array = v && v->kind == PDF_ARRAY;
	const size_t n = is_array ? v->array.n : 1;
	if (n > LIMIT_PDF_RECIPIENT_LISTS)
		return scope_fault(s, ERR_LIMIT, "pdf encryption: more than %d lists of recipients",
		    LIMIT_PDF_RECIPIENT_LISTS);
	struct bytes *list = scope_alloc_array(s, n, sizeof(*list));
	if (!list)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct pdf_value *item = is_array ? v->array.item[i] : v;
		if (!item || item->kind != PDF_STRING)
			return scope_fault(
			    s, ERR_FORMAT, "pdf encryption: /Recipients holds no strings");
		list[i] = item->string;
	}
	if (n == 0)
		return scope_fault(s, ERR_FORMAT, "pdf encryption: /Recipients is empty");
	ret_recipients->list = list;
	ret_recipients->n = n;
	return OK;
}

/* ISO 32000-2 7.6.5.3 */
static enum err make_key(struct scope *s, const struct pdf_crypt_recipients *r, const uint8_t *seed,
    struct pdf_crypt_key *ret_key)
{
	struct digest d;
	size_t n = 0;
	struct bytes *parts = scope_alloc_array(s, r->n + 2, sizeof(*parts));
	if (!parts)
		return ERR_NOMEM;
	parts[n++] = bytes_of(seed, SEED);
	for (size_t i = 0; i < r->n; i++)
		parts[n++] = r->list[i];
	if (r->clear_metadata)
		parts[n++] = BYTES_LIT("\xff\xff\xff\xff");
	TRY(digest_compute(s, r->digest, parts, n, &d));
	ret_key->n = r->key_n < d.n ? r->key_n : d.n;
	memcpy(ret_key->octets, d.value, ret_key->n);
	bytes_wipe(&d, sizeof(d));
	return OK;
}

static uint32_t permissions_of(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* What went wrong on the way through the lists. */
struct attempts {
	size_t named;    /* lists that name the recipient, and did not open */
	size_t readable; /* lists that could be read */
	bool unsupported;
};

/* One list. A list that cannot be read is passed over: another one may be the recipient's. */
static enum err try_list(struct scope *s, struct bytes list, const struct recipient *recipient,
    struct attempts *attempts, struct recipient_secret *ret_seed, bool *ret_opens)
{
	enum cms_enveloped_outcome outcome = CMS_ENVELOPED_OTHERS;
	enum err e = cms_enveloped_open(s, list, recipient, ret_seed, &outcome);
	*ret_opens = false;
	if (e == ERR_FORMAT || e == ERR_UNSUPPORTED || e == ERR_LIMIT) {
		scope_forgive(s);
		attempts->unsupported |= e == ERR_UNSUPPORTED;
		return OK;
	}
	TRY(e);
	attempts->readable++;
	if (outcome == CMS_ENVELOPED_OTHERS)
		return OK;
	/* Without integrity protection a wrong key may give octets, but not their number. */
	*ret_opens = outcome == CMS_ENVELOPED_OPEN &&
		     (ret_seed->n == SEED || ret_seed->n == SEED + PERMISSIONS);
	attempts->named += !*ret_opens;
	return OK;
}

static enum err find_seed(struct scope *s, const struct pdf_crypt_recipients *recipients,
    const struct recipient *recipient, struct recipient_secret *ret_seed)
{
	struct attempts attempts = { 0 };
	bool opens = false;
	for (size_t i = 0;
	     i < recipients->n && !opens && attempts.named < LIMIT_PDF_RECIPIENT_ATTEMPTS; i++)
		TRY(try_list(s, recipients->list[i], recipient, &attempts, ret_seed, &opens));
	if (opens)
		return OK;
	if (attempts.named == 0 && attempts.unsupported)
		return scope_fault(s, ERR_UNSUPPORTED,
		    "pdf encryption: the key for this certificate is under an unknown algorithm");
	if (attempts.named == 0 && attempts.readable == 0)
		return scope_fault(
		    s, ERR_FORMAT, "pdf encryption: none of the /Recipients can be read");
	return scope_fault(s, ERR_DENIED, "pdf encryption: not encrypted for this certificate");
}

enum err pdf_crypt_recipients_open(struct scope *s, const struct pdf_crypt_recipients *recipients,
    const struct recipient *recipient, struct pdf_crypt_key *ret_key, uint32_t *ret_permissions)
{
	struct recipient_secret seed = { 0 };
	enum err e = find_seed(s, recipients, recipient, &seed);
	if (e == OK)
		e = make_key(s, recipients, seed.octets, ret_key);
	if (e == OK && seed.n == SEED + PERMISSIONS)
		*ret_permissions = permissions_of(seed.octets + SEED);
	bytes_wipe(&seed, sizeof(seed));
	return e;
}
