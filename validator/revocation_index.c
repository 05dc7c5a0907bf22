#include "validator/revocation_index.h"

#include <stdlib.h>

#include "base/scope.h"
#include "formats/cert_name.h"

struct table {
	struct revocation_index_entry *item; /* by hash, then as in the evidence */
	size_t n;
};

struct revocation_index {
	struct table crls, singles, subjects, responders;
};

/* FNV-1a. Whoever makes up colliding numbers slows down look-ups for them, no more. */
static uint32_t hash_of(struct bytes b)
{
	uint32_t hash = UINT32_C(2166136261);
	for (size_t i = 0; i < b.n; i++)
		hash = (hash ^ b.p[i]) * UINT32_C(16777619);
	return hash;
}

/* Without the zero octets that BER allows and DER forbids in front of an INTEGER. */
static uint32_t hash_of_serial(struct bytes serial)
{
	while (serial.n > 1 && serial.p[0] == 0 && (serial.p[1] & 0x80) == 0)
		serial = bytes_from(serial, 1);
	return hash_of(serial);
}

static int compare(const void *a, const void *b)
{
	const struct revocation_index_entry *x = a, *y = b;
	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->single < y->single ? -1 : x->single > y->single;
}

static enum err table_new(struct scope *s, size_t room, struct table *ret_table)
{
	ret_table->item = scope_alloc_array(s, room, sizeof(*ret_table->item));
	return ret_table->item ? OK : ERR_NOMEM;
}

static void add(struct table *t, uint32_t hash, size_t at, size_t single)
{
	t->item[t->n++] = (struct revocation_index_entry){ hash, (uint32_t)at, (uint32_t)single };
}

static void sort(struct table *t)
{
	qsort(t->item, t->n, sizeof(*t->item), compare);
}

static enum err index_crls(struct scope *s, const struct evidence *e, struct table *t)
{
	TRY(table_new(s, e->n_crls, t));
	for (size_t i = 0; i < e->n_crls; i++)
		add(t, cert_name_hash(e->crls[i].crl->issuer), i, 0);
	sort(t);
	return OK;
}

static enum err index_singles(struct scope *s, const struct evidence *e, struct table *t)
{
	size_t n = 0;
	for (size_t i = 0; i < e->n_ocsps; i++)
		n += e->ocsps[i].response->n_singles;
	TRY(table_new(s, n, t));
	for (size_t i = 0; i < e->n_ocsps; i++)
		for (size_t k = 0; k < e->ocsps[i].response->n_singles; k++)
			add(t, hash_of_serial(e->ocsps[i].response->singles[k].serial), i, k);
	sort(t);
	return OK;
}

static enum err index_certs(
    struct scope *s, const struct evidence *e, struct table *subjects, struct table *responders)
{
	struct digest key;
	TRY(table_new(s, e->n_certs, subjects));
	TRY(table_new(s, e->n_certs, responders));
	for (size_t i = 0; i < e->n_certs; i++) {
		const struct cert *c = e->certs[i].cert;
		add(subjects, cert_name_hash(c->subject), i, 0);
		if (!cert_has_eku(c, OID_EKU_OCSP_SIGNING))
			continue;
		TRY(digest_of_bytes(s, DIGEST_SHA1, c->public_key, &key));
		add(responders, hash_of(digest_bytes(&key)), i, 0);
	}
	sort(subjects);
	sort(responders);
	return OK;
}

enum err revocation_index_new(
    struct scope *s, const struct evidence *evidence, struct revocation_index **ret_index)
{
	struct revocation_index *x = scope_alloc(s, sizeof(*x));
	if (!x)
		return ERR_NOMEM;
	TRY(index_crls(s, evidence, &x->crls));
	TRY(index_singles(s, evidence, &x->singles));
	TRY(index_certs(s, evidence, &x->subjects, &x->responders));
	*ret_index = x;
	return OK;
}

static struct revocation_index_run find(const struct table *t, uint32_t hash)
{
	size_t low = 0, high = t->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (t->item[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	struct revocation_index_run run = { t->item + low, 0 };
	while (low + run.n < t->n && run.item[run.n].hash == hash)
		run.n++;
	return run;
}

struct revocation_index_run revocation_index_crls(
    const struct revocation_index *x, struct bytes issuer)
{
	return find(&x->crls, cert_name_hash(issuer));
}

struct revocation_index_run revocation_index_singles(
    const struct revocation_index *x, struct bytes serial)
{
	return find(&x->singles, hash_of_serial(serial));
}

struct revocation_index_run revocation_index_subjects(
    const struct revocation_index *x, struct bytes name)
{
	return find(&x->subjects, cert_name_hash(name));
}

struct revocation_index_run revocation_index_responders(
    const struct revocation_index *x, struct bytes key_hash)
{
	return find(&x->responders, hash_of(key_hash));
}
