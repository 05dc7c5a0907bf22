#include "tests/authority/authority_crl.h"

#include <string.h>
#include <time.h>

#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/scope.h"
#include "tests/authority/authority_der.h"
#include "tests/authority/authority_extension.h"
#include "tests/authority/authority_file.h"
#include "tests/authority/authority_key.h"
#include "tests/authority/authority_own.h"

#define DAY 86400
#define BASE_LIFE (7 * DAY)
#define DELTA_LIFE DAY
#define STALE_AGE (30 * DAY)
#define URL_CAP 2048

/* One CRL to be made. */
struct plan {
	const struct authority_store *store;
	const struct authority_store_record *ca;
	struct instant this_update, next_update;
	uint64_t number;
	bool is_delta;
	uint64_t base_number;
	X509_CRL *since; /* a delta lists changes against it; NULL: there are none */
	EVP_PKEY *key;
};

/* A CRL that is out. `crl` is NULL when there is none. */
struct published {
	X509_CRL *crl;
	struct bytes der;
	struct instant this_update, next_update;
	uint64_t number;
};

static enum err instant_of_asn1(struct scope *s, const ASN1_TIME *t, struct instant *ret_t)
{
	struct tm tm = { 0 };
	if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
		return scope_fault(s, ERR_FORMAT, "CRL: unreadable date");
	struct civil c = { tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		tm.tm_sec };
	if (!instant_of_civil(c, ret_t))
		return scope_fault(s, ERR_FORMAT, "CRL: impossible date");
	return OK;
}

static enum err read_published(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, bool delta, struct published *ret_pub)
{
	char *path;
	struct published pub = { 0 };
	TRY(authority_file_path(
	    s, &path, store->dir, "%s/%s.crl", delta ? "delta" : "crl", ca->name));
	if (!authority_file_exists(path)) {
		*ret_pub = pub;
		return OK;
	}
	TRY(authority_file_read(s, path, &pub.der));
	const uint8_t *p = pub.der.p;
	pub.crl = d2i_X509_CRL(NULL, &p, (long)pub.der.n);
	if (!pub.crl)
		return scope_fault(s, ERR_FORMAT, "%s: not a CRL", path);
	TRY(authority_own_crl(s, pub.crl));
	TRY(instant_of_asn1(s, X509_CRL_get0_lastUpdate(pub.crl), &pub.this_update));
	TRY(instant_of_asn1(s, X509_CRL_get0_nextUpdate(pub.crl), &pub.next_update));
	ASN1_INTEGER *number = X509_CRL_get_ext_d2i(pub.crl, NID_crl_number, NULL, NULL);
	bool known = number && ASN1_INTEGER_get_uint64(&pub.number, number) == 1;
	ASN1_INTEGER_free(number);
	if (!known)
		return scope_fault(s, ERR_FORMAT, "%s: no CRL number", path);
	*ret_pub = pub;
	return OK;
}

static bool is_due(const struct published *pub, struct instant now)
{
	return !pub->crl || !instant_before(now, pub->next_update) ||
	       instant_before(now, pub->this_update);
}

static bool add_reason(X509_REVOKED *entry, int reason)
{
	if (!reason)
		return true; /* RFC 5280 5.3.1: unspecified is said by leaving it out */
	ASN1_ENUMERATED *value = ASN1_ENUMERATED_new();
	bool done = value && ASN1_ENUMERATED_set(value, reason) == 1 &&
		    X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value, 0, 0) == 1;
	ASN1_ENUMERATED_free(value);
	return done;
}

static bool add_invalidity(X509_REVOKED *entry, struct instant t)
{
	if (!instant_is_known(t))
		return true;
	ASN1_GENERALIZEDTIME *value = ASN1_GENERALIZEDTIME_set(NULL, t.unix_s);
	bool done =
	    value && X509_REVOKED_add1_ext_i2d(entry, NID_invalidity_date, value, 0, 0) == 1;
	ASN1_GENERALIZEDTIME_free(value);
	return done;
}

static ASN1_INTEGER *asn1_serial(struct bytes serial)
{
	BIGNUM *number = BN_bin2bn(serial.p, (int)serial.n, NULL);
	ASN1_INTEGER *value = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
	BN_free(number);
	return value;
}

static enum err add_entry(struct scope *s, X509_CRL *crl, struct bytes serial,
    const struct authority_store_event *event, int reason)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_INTEGER *number = asn1_serial(serial);
	ASN1_TIME *at = ASN1_TIME_set(NULL, event->at.unix_s);
	bool done = entry && number && at && X509_REVOKED_set_serialNumber(entry, number) == 1 &&
		    X509_REVOKED_set_revocationDate(entry, at) == 1 && add_reason(entry, reason) &&
		    add_invalidity(entry, event->invalidity) &&
		    X509_CRL_add0_revoked(crl, entry) == 1;
	ASN1_TIME_free(at);
	ASN1_INTEGER_free(number);
	if (done)
		return OK;
	X509_REVOKED_free(entry);
	return scope_fault(s, ERR_NOMEM, "CRL: out of memory");
}

/* The reason that `since` gives for this serial number; -1 when it is not on it. */
static int listed_reason(X509_CRL *since, struct bytes serial)
{
	X509_REVOKED *entry = NULL;
	ASN1_INTEGER *number = asn1_serial(serial);
	if (!since || !number || X509_CRL_get0_by_serial(since, &entry, number) != 1) {
		ASN1_INTEGER_free(number);
		return -1;
	}
	ASN1_INTEGER_free(number);
	ASN1_ENUMERATED *value = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
	int reason = value ? (int)ASN1_ENUMERATED_get(value) : 0;
	ASN1_ENUMERATED_free(value);
	return reason;
}

static enum err add_record(struct scope *s, const struct plan *plan, X509_CRL *crl,
    const struct authority_store_record *record)
{
	const struct authority_store_event *event =
	    authority_store_status(record, plan->this_update);
	if (!event && !record->events)
		return OK;
	int listed = plan->is_delta ? listed_reason(plan->since, record->serial) : -1;
	if (plan->is_delta && !plan->since)
		return OK; /* a delta against the complete CRL just made: nothing changed */
	if (event && event->reason != listed)
		return add_entry(s, crl, record->serial, event, event->reason);
	if (!event && listed >= 0)
		return add_entry(s, crl, record->serial, record->last, AUTHORITY_REASON_REMOVE);
	return OK;
}

static enum err add_entries(struct scope *s, const struct plan *plan, X509_CRL *crl)
{
	for (size_t i = 0; i < plan->store->n; i++) {
		const struct authority_store_record *record = plan->store->records[i];
		if (!strcmp(record->ca, plan->ca->name))
			TRY(add_record(s, plan, crl, record));
	}
	return OK;
}

static struct buf number_value(struct scope *s, uint64_t number)
{
	struct buf b = buf_new(s, 16);
	authority_der_uint(&b, DER_INTEGER, number);
	return b;
}

static enum err point_url(
    struct scope *s, const struct plan *plan, const char *folder, char **ret_url)
{
	struct buf b = buf_new(s, URL_CAP);
	buf_addf(&b, "%s/%s/%s.crl", plan->store->url, folder, plan->ca->name);
	return buf_done_str(&b, ret_url);
}

static enum err add_extensions(struct scope *s, const struct plan *plan, X509_CRL *crl)
{
	struct authority_extension_list exts = { .s = s, .crl = crl };
	struct bytes key_id;
	char *base, *delta;
	TRY(authority_extension_key_id(s, plan->ca->cert, &key_id));
	TRY(point_url(s, plan, "crl", &base));
	TRY(point_url(s, plan, "delta", &delta));
	authority_extension_add(
	    &exts, EXT_AUTHORITY_KEY_ID, false, authority_extension_authority_key_id(s, key_id));
	authority_extension_add(&exts, EXT_CRL_NUMBER, false, number_value(s, plan->number));
	/* Base and delta must have the same scope (RFC 5280 5.2.4): the same point for both. The
	 * root's own certificate names no point, so its CRL has none either (6.3.3 (b) (2)). */
	if (plan->store->idp && strcmp(plan->ca->ca, plan->ca->name) != 0)
		authority_extension_add(
		    &exts, EXT_ISSUING_POINT, true, authority_extension_issuing_point(s, base));
	if (plan->is_delta)
		authority_extension_add(
		    &exts, EXT_DELTA_INDICATOR, true, number_value(s, plan->base_number));
	else
		authority_extension_add(
		    &exts, EXT_FRESHEST_CRL, false, authority_extension_crl_points(s, delta));
	struct buf since = buf_new(s, 32);
	authority_der_time(&since, DER_TIME, plan->ca->issued);
	authority_extension_add(&exts, EXT_EXPIRED_CERTS, false, since);
	return exts.failed;
}

static enum err build(struct scope *s, const struct plan *plan, struct bytes *ret_der)
{
	EVP_MD_CTX *ctx;
	uint8_t *der = NULL;
	X509_CRL *crl = X509_CRL_new();
	TRY(authority_own_crl(s, crl));
	ASN1_TIME *from = ASN1_TIME_set(NULL, plan->this_update.unix_s);
	TRY(authority_own_time(s, from));
	ASN1_TIME *to = ASN1_TIME_set(NULL, plan->next_update.unix_s);
	TRY(authority_own_time(s, to));
	if (X509_CRL_set_version(crl, X509_CRL_VERSION_2) != 1 ||
	    X509_CRL_set_issuer_name(crl, X509_get_subject_name(plan->ca->cert)) != 1 ||
	    X509_CRL_set1_lastUpdate(crl, from) != 1 || X509_CRL_set1_nextUpdate(crl, to) != 1)
		return scope_fault(s, ERR_CRYPTO, "CRL: content refused");
	TRY(add_entries(s, plan, crl));
	X509_CRL_sort(crl);
	TRY(add_extensions(s, plan, crl));
	TRY(authority_key_sign_ctx(s, plan->key, plan->store->digest, &ctx));
	if (X509_CRL_sign_ctx(crl, ctx) <= 0)
		return scope_fault(s, ERR_CRYPTO, "CRL: signing failed");
	int n = i2d_X509_CRL(crl, &der);
	if (n <= 0)
		return scope_fault(s, ERR_NOMEM, "CRL: out of memory");
	enum err e = bytes_copy(s, bytes_of(der, (size_t)n), ret_der);
	OPENSSL_free(der);
	return e;
}

static enum err build_to_file(struct scope *s, const struct plan *plan)
{
	struct bytes der;
	char *path;
	TRY(build(s, plan, &der));
	TRY(authority_file_path(s, &path, plan->store->dir, "%s/%s.crl",
	    plan->is_delta ? "delta" : "crl", plan->ca->name));
	return authority_file_write(s, path, der, 0644);
}

static uint64_t next_number(
    const struct published *base, const struct published *delta, struct instant t)
{
	uint64_t number = t.unix_s > 1 ? (uint64_t)t.unix_s : 1;
	if (base->crl && !instant_before(t, base->this_update) && base->number >= number)
		number = base->number + 1;
	if (delta->crl && !instant_before(t, delta->this_update) && delta->number >= number)
		number = delta->number + 1;
	return number;
}

static enum err publish_one(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, struct instant t, bool delta_only)
{
	struct published base, delta;
	TRY(read_published(s, store, ca, false, &base));
	TRY(read_published(s, store, ca, true, &delta));
	bool before = base.crl && !instant_before(t, base.this_update);
	struct plan plan = { .store = store, .ca = ca, .key = ca->key, .this_update = t };
	plan.number = next_number(&base, &delta, t);
	if (!delta_only || !before) {
		plan.next_update = instant_add(t, BASE_LIFE);
		TRY(build_to_file(s, &plan));
	}
	plan.next_update = instant_add(t, DELTA_LIFE);
	plan.is_delta = true;
	plan.since = before ? base.crl : NULL;
	plan.base_number = before ? base.number : plan.number;
	return build_to_file(s, &plan);
}

enum err authority_crl_publish(
    struct scope *s, const struct authority_store *store, struct instant t, bool delta_only)
{
	TRY(authority_file_lock(s, store->dir));
	for (size_t i = 0; i < store->n; i++) {
		if (authority_store_is_ca(store->records[i]))
			TRY(publish_one(s, store, store->records[i], t, delta_only));
	}
	return OK;
}

static enum err renew(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, bool delta, struct instant now)
{
	struct published pub, base;
	TRY(authority_file_lock(s, store->dir));
	TRY(read_published(s, store, ca, delta, &pub));
	TRY(read_published(s, store, ca, false, &base));
	if (!is_due(&pub, now))
		return OK; /* another thread was first */
	return publish_one(s, store, ca, now, delta && !is_due(&base, now));
}

enum err authority_crl_current(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, bool delta, struct instant now, struct bytes *ret_crl)
{
	struct published pub;
	TRY(read_published(s, store, ca, delta, &pub));
	if (is_due(&pub, now)) {
		struct scope *inner = scope_new(0); /* ends with the lock */
		if (!inner)
			return ERR_NOMEM;
		enum err e = renew(inner, store, ca, delta, now);
		if (e != OK)
			e = scope_fault(s, e, "%s", scope_fault_text(inner));
		scope_free(inner);
		TRY(e);
		TRY(read_published(s, store, ca, delta, &pub));
	}
	*ret_crl = pub.der;
	return OK;
}

enum err authority_crl_stale(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, struct instant now, struct bytes *ret_crl)
{
	struct plan plan = { .store = store, .ca = ca, .key = ca->key };
	plan.this_update = instant_add(now, -STALE_AGE);
	plan.next_update = instant_add(plan.this_update, BASE_LIFE);
	plan.number = plan.this_update.unix_s > 1 ? (uint64_t)plan.this_update.unix_s : 1;
	return build(s, &plan, ret_crl);
}

enum err authority_crl_forged(struct scope *s, const struct authority_store *store,
    const struct authority_store_record *ca, EVP_PKEY *key, struct instant now,
    struct bytes *ret_crl)
{
	struct plan plan = { .store = store, .ca = ca, .key = key, .this_update = now };
	plan.next_update = instant_add(now, BASE_LIFE);
	plan.number = now.unix_s > 1 ? (uint64_t)now.unix_s : 1;
	return build(s, &plan, ret_crl);
}
