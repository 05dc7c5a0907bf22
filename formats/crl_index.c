#include "formats/crl_index.h"

#include <assert.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cert_extensions.h"
#include "formats/der.h"

/* From the entry at `from` on, certificates are those of one of these names. */
struct issuer_run {
	size_t from;        /* offset of the entry */
	struct bytes names; /* content of the GeneralNames */
};

/* One entry: a hash of its serial number and its place, the offset in `revoked`. */
struct record {
	uint32_t hash, at;
};

struct crl_index {
	struct bytes revoked, issuer;
	struct record *records; /* by hash, then by place */
	size_t n_records;
	struct issuer_run *runs; /* by place */
	size_t n_runs;
};

static_assert(LIMIT_DER_VALUE <= UINT32_MAX, "places of entries are 32 bits wide");

struct entry {
	struct crl_entry facts;
	struct bytes names; /* content of certificateIssuer, empty if absent */
};

/* The first directoryName of a GeneralNames' content, from *rest on; empty when there is none. */
static enum err next_directory_name(struct scope *s, struct bytes *rest, struct bytes *ret_name)
{
	*ret_name = BYTES_NONE;
	while (rest->n > 0) {
		struct der general, name;
		TRY(der_next(s, rest, &general));
		if (general.tag != DER_CONTEXT(4))
			continue;
		TRY(der_expect(s, &general.value, DER_SEQUENCE, "directoryName", &name));
		*ret_name = name.whole;
		return OK;
	}
	return OK;
}

static enum err read_reason(
    struct scope *s, const struct cert_extension *e, enum crl_reason *ret_reason)
{
	struct der tlv;
	int64_t value;
	TRY(der_only(s, e->value, DER_ENUMERATED, "reasonCode", &tlv));
	TRY(der_small_integer(s, tlv, &value));
	if (value < 0 || value > UINT8_MAX)
		return scope_fault(s, ERR_FORMAT, "crl: reason code out of range");
	*ret_reason = (enum crl_reason)value;
	return OK;
}

static enum err read_invalidity_date(
    struct scope *s, const struct cert_extension *e, struct instant *ret_t)
{
	struct der tlv;
	struct bytes rest = e->value;
	TRY(der_next(s, &rest, &tlv));
	TRY(der_end(s, rest, "invalidityDate"));
	return der_time(s, tlv, ret_t);
}

static enum err read_certificate_issuer(
    struct scope *s, const struct cert_extension *e, struct bytes *ret_names)
{
	struct der tlv;
	struct bytes name;
	TRY(der_only(s, e->value, DER_SEQUENCE, "certificateIssuer", &tlv));
	struct bytes rest = tlv.value;
	for (size_t n = 0;; n++) {
		TRY(next_directory_name(s, &rest, &name));
		if (name.n == 0 && n == 0)
			return scope_fault(s, ERR_FORMAT,
			    "crl: certificateIssuer without a name (RFC 5280 5.3.3)");
		if (name.n == 0)
			break;
		if (n == LIMIT_CERT_LIST)
			return scope_fault(s, ERR_LIMIT, "crl: too many names of one issuer");
	}
	*ret_names = tlv.value;
	return OK;
}

static enum err read_entry_extension(
    struct scope *s, const struct cert_extension *e, struct entry *entry)
{
	if (oid_is(e->oid, OID_EXT_REASON_CODE))
		return read_reason(s, e, &entry->facts.reason);
	if (oid_is(e->oid, OID_EXT_INVALIDITY_DATE))
		return read_invalidity_date(s, e, &entry->facts.invalidity_date);
	if (oid_is(e->oid, OID_EXT_CERTIFICATE_ISSUER))
		return read_certificate_issuer(s, e, &entry->names);
	entry->facts.unknown_critical |= e->critical;
	return OK;
}

static enum err read_entry_extensions(struct scope *s, struct bytes rest, struct entry *entry)
{
	struct der extensions;
	struct cert_extension e;
	TRY(der_expect(s, &rest, DER_SEQUENCE, "crlEntryExtensions", &extensions));
	TRY(der_end(s, rest, "an entry of a CRL"));
	for (size_t n = 0; extensions.value.n > 0; n++) {
		if (n == LIMIT_CERT_EXTENSIONS)
			return scope_fault(s, ERR_LIMIT, "crl: more than %d extensions in an entry",
			    LIMIT_CERT_EXTENSIONS);
		TRY(cert_extensions_next(s, &extensions.value, &e));
		TRY(read_entry_extension(s, &e, entry));
	}
	return OK;
}

/* Reads the next entry of *rest; its issuer is left to the caller. */
static enum err read_entry(struct scope *s, struct bytes *rest, struct entry *ret_entry)
{
	struct der whole, serial, time;
	struct entry entry = {
		.facts = { .reason = CRL_REASON_NONE, .invalidity_date = INSTANT_NONE },
	};
	TRY(der_expect(s, rest, DER_SEQUENCE, "entry of a CRL", &whole));
	TRY(der_expect(s, &whole.value, DER_INTEGER, "userCertificate", &serial));
	if (serial.value.n == 0)
		return scope_fault(s, ERR_FORMAT, "crl: serial number without content");
	entry.facts.serial = serial.value;
	TRY(der_next(s, &whole.value, &time));
	TRY(der_time(s, time, &entry.facts.revoked_at));
	if (whole.value.n > 0)
		TRY(read_entry_extensions(s, whole.value, &entry));
	*ret_entry = entry;
	return OK;
}

/* Drops the zero octets that BER allows and DER forbids in front of an INTEGER. */
static struct bytes shortest(struct bytes serial)
{
	while (serial.n > 1 && serial.p[0] == 0 && (serial.p[1] & 0x80) == 0)
		serial = bytes_from(serial, 1);
	return serial;
}

/* Multiplicative. Somebody who makes up serial numbers with one hash slows down look-ups in that
 * one list to a walk through it, no more. */
static uint32_t hash_of(struct bytes serial)
{
	uint64_t hash = serial.n;
	for (size_t at = 0; at < serial.n; at += sizeof(uint64_t)) {
		uint64_t lane = 0;
		size_t left = serial.n - at;
		memcpy(&lane, serial.p + at, left < sizeof(lane) ? left : sizeof(lane));
		hash = (hash ^ lane) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash * UINT64_C(0xd6e8feb86659fd93) >> 32);
}

/* The serial number of the next entry. The list has been read before: nothing can be amiss. */
static bool next_serial(struct bytes *rest, struct bytes *ret_serial)
{
	struct der whole, serial;
	if (!der_step(rest, &whole) || !der_step(&whole.value, &serial))
		return false;
	*ret_serial = shortest(serial.value);
	return true;
}

/* Reads all entries and counts. */
static enum err survey(struct scope *s, struct crl_index *x, struct crl_index_summary *summary)
{
	struct bytes rest = x->revoked;
	struct entry entry;
	while (rest.n > 0) {
		if (summary->n_entries == LIMIT_CRL_ENTRIES)
			return scope_fault(
			    s, ERR_LIMIT, "crl: more than %d entries", LIMIT_CRL_ENTRIES);
		TRY(read_entry(s, &rest, &entry));
		summary->n_entries++;
		summary->unknown_critical |= entry.facts.unknown_critical;
		x->n_runs += entry.names.n > 0;
	}
	return OK;
}

static enum err note_runs(struct scope *s, struct crl_index *x)
{
	struct bytes rest = x->revoked;
	struct entry entry;
	if (x->n_runs == 0)
		return OK;
	x->runs = scope_alloc_array(s, x->n_runs, sizeof(*x->runs));
	if (!x->runs)
		return ERR_NOMEM;
	for (size_t n = 0; rest.n > 0;) {
		size_t from = x->revoked.n - rest.n;
		TRY(read_entry(s, &rest, &entry));
		if (entry.names.n > 0)
			x->runs[n++] = (struct issuer_run){ from, entry.names };
	}
	return OK;
}

/* One pass of a radix sort: by the octet of the hash at `shift`, stable. A comparison sort, or a
 * hash table filled in the order of the list, costs a cache miss or more per entry. */
static void sort_by_octet(const struct record *from, struct record *to, size_t n, unsigned shift)
{
	size_t ends[257] = { 0 };
	for (size_t i = 0; i < n; i++)
		ends[(from[i].hash >> shift & 0xff) + 1]++;
	for (size_t octet = 1; octet < 256; octet++)
		ends[octet] += ends[octet - 1];
	for (size_t i = 0; i < n; i++)
		to[ends[from[i].hash >> shift & 0xff]++] = from[i];
}

static enum err sort_records(struct scope *s, struct record *records, size_t n)
{
	const size_t size = n * sizeof(*records);
	struct record *other = scope_resize(s, NULL, 0, size);
	if (!other)
		return ERR_NOMEM;
	sort_by_octet(records, other, n, 0);
	sort_by_octet(other, records, n, 8);
	sort_by_octet(records, other, n, 16);
	sort_by_octet(other, records, n, 24);
	return scope_resize(s, other, size, 0) ? OK : ERR_NOMEM;
}

static enum err note_records(struct scope *s, struct crl_index *x)
{
	struct bytes rest = x->revoked, serial;
	x->records = scope_alloc_array(s, x->n_records, sizeof(*x->records));
	if (!x->records)
		return ERR_NOMEM;
	for (size_t i = 0; i < x->n_records; i++) {
		size_t at = x->revoked.n - rest.n;
		if (!next_serial(&rest, &serial))
			return scope_fault(s, ERR_INTERNAL, "crl: entry read once but not twice");
		x->records[i] = (struct record){ hash_of(serial), (uint32_t)at };
	}
	return sort_records(s, x->records, x->n_records);
}

enum err crl_index_build(struct scope *s, struct bytes revoked, struct bytes issuer,
    struct crl_index **ret_index, struct crl_index_summary *ret_summary)
{
	struct crl_index_summary summary = { 0 };
	struct crl_index *x = scope_alloc(s, sizeof(*x));
	if (!x)
		return ERR_NOMEM;
	*x = (struct crl_index){ .revoked = revoked, .issuer = issuer };
	TRY(survey(s, x, &summary));
	x->n_records = summary.n_entries;
	TRY(note_runs(s, x));
	TRY(note_records(s, x));
	*ret_index = x;
	*ret_summary = summary;
	return OK;
}

/* The run that the entry at this offset belongs to, or NULL: the issuer of the list itself. */
static const struct issuer_run *run_of(const struct crl_index *x, size_t at)
{
	size_t low = 0, high = x->n_runs;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (x->runs[middle].from <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &x->runs[low - 1] : NULL;
}

static bool is_name(struct bytes a, struct bytes b)
{
	return bytes_equal(a, b) || cert_names_match(a, b);
}

/* The name by which the entry at this offset is about certificates of `issuer`, or an empty one. */
static enum err name_for(struct scope *s, const struct crl_index *x, size_t at, struct bytes issuer,
    struct bytes *ret_name)
{
	const struct issuer_run *run = run_of(x, at);
	*ret_name = BYTES_NONE;
	if (!run) {
		*ret_name = is_name(x->issuer, issuer) ? x->issuer : BYTES_NONE;
		return OK;
	}
	struct bytes rest = run->names, name;
	for (;;) {
		TRY(next_directory_name(s, &rest, &name));
		if (name.n == 0)
			return OK;
		if (is_name(name, issuer)) {
			*ret_name = name;
			return OK;
		}
	}
}

/* The number of records whose hash is not above this one. */
static size_t count_up_to(const struct crl_index *x, uint32_t hash)
{
	size_t low = 0, high = x->n_records;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (x->records[middle].hash <= hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has_serial(const struct crl_index *x, size_t at, struct bytes serial)
{
	struct bytes rest = bytes_from(x->revoked, at), own;
	return next_serial(&rest, &own) && bytes_equal(own, serial);
}

enum err crl_index_find(struct scope *s, const struct crl_index *x, struct bytes issuer,
    struct bytes serial, bool *ret_found, struct crl_entry *ret_entry)
{
	serial = shortest(serial);
	const uint32_t hash = hash_of(serial);
	for (size_t i = count_up_to(x, hash); i > 0 && x->records[i - 1].hash == hash; i--) {
		const size_t at = x->records[i - 1].at;
		struct bytes rest = bytes_from(x->revoked, at), name;
		struct entry entry;
		if (!has_serial(x, at, serial))
			continue;
		TRY(name_for(s, x, at, issuer, &name));
		if (name.n == 0)
			continue;
		TRY(read_entry(s, &rest, &entry));
		entry.facts.issuer = name;
		*ret_entry = entry.facts;
		*ret_found = true;
		return OK;
	}
	*ret_found = false;
	return OK;
}
