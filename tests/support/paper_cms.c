#include "tests/support/paper_cms.h"

#include <string.h>

#include "base/scope.h"
#include "formats/der.h"
#include "tests/support/mini_ca_parts.h"

#define CAP MINI_CA_PARTS_CAP

enum digest_alg paper_cms_digest(struct mini_pki *p, const char *name)
{
	enum mini_ca_key_type type = mini_pki_entry(p, name)->key_type;
	if (type == MINI_CA_ED448)
		return DIGEST_SHAKE256;
	enum digest_alg alg = mini_ca_alg(type, false).digest;
	return alg ? alg : DIGEST_SHA512; /* RFC 8419 */
}

static struct bytes spoilt(struct scope *s, struct bytes b)
{
	struct buf copy = buf_new(s, CAP);
	buf_add(&copy, b);
	copy.p[copy.n - 1] ^= 1;
	return mini_ca_parts_done(&copy, "copy");
}

struct bytes paper_cms_token(
    struct mini_pki *p, const struct paper_cms_stamp *spec, const struct bytes *parts, size_t n)
{
	struct digest imprint;
	const char *tsa = spec->tsa ? spec->tsa : "tsa";
	if (spec->flaw == PAPER_CMS_FLAW_UNREADABLE)
		return BYTES_LIT("\x30\x03\x02\x01\x07");
	mini_ca_check(digest_compute(p->s, DIGEST_SHA256, parts, n, &imprint) == OK, "imprint");
	imprint.value[5] ^= spec->flaw == PAPER_CMS_FLAW_IMPRINT;
	struct bytes token =
	    mini_ca_timestamp_token(p->s, &(struct mini_ca_timestamp){ .tsa = mini_pki_cert(p, tsa),
					      .key = mini_pki_private(p, tsa),
					      .imprint = imprint,
					      .gen_time = spec->at });
	return spec->flaw == PAPER_CMS_FLAW_VALUE ? spoilt(p->s, token) : token;
}

/* -- attributes -- */

struct attribute {
	size_t whole, values;
};

static struct attribute open_attribute(struct buf *b, enum oid type)
{
	struct attribute a = { .whole = der_open(b, DER_SEQUENCE) };
	der_add(b, DER_OID, oid_value(type));
	a.values = der_open(b, DER_SET);
	return a;
}

static void close_attribute(struct buf *b, struct attribute a)
{
	der_close(b, a.values);
	der_close(b, a.whole);
}

static void add_content_type(struct buf *b, const struct paper_cms *spec)
{
	if (spec->no_type)
		return;
	struct attribute a = open_attribute(b, OID_ATTR_CONTENT_TYPE);
	der_add(b, DER_OID, oid_value(spec->wrong_type ? OID_CMS_TST_INFO : OID_CMS_DATA));
	close_attribute(b, a);
}

static void add_message_digest(struct buf *b, const struct paper_cms *spec, struct digest content)
{
	struct attribute a = open_attribute(b, OID_ATTR_MESSAGE_DIGEST);
	content.value[0] ^= spec->bad_digest;
	der_add(b, DER_OCTET_STRING, digest_bytes(&content));
	close_attribute(b, a);
}

static void add_ess(struct mini_pki *p, struct buf *b, const struct paper_cms *spec)
{
	if (spec->ess == PAPER_CMS_ESS_NONE)
		return;
	const char *named = spec->ess == PAPER_CMS_ESS_OTHER ? "root" : spec->by;
	struct attribute a = open_attribute(b, OID_ATTR_SIGNING_CERTIFICATE_V2);
	size_t whole = der_open(b, DER_SEQUENCE);
	size_t list = der_open(b, DER_SEQUENCE);
	size_t id = der_open(b, DER_SEQUENCE);
	mini_ca_parts_digest(p->s, b, DIGEST_SHA256, mini_pki_cert(p, named)->der, false);
	der_close(b, id);
	der_close(b, list);
	der_close(b, whole);
	close_attribute(b, a);
}

static void add_times(
    struct mini_pki *p, struct buf *b, const struct paper_cms *spec, const struct bytes *parts)
{
	struct attribute a;
	if (spec->signing_time) {
		a = open_attribute(b, OID_ATTR_SIGNING_TIME);
		der_add_time(b, mini_ca_parts_date(spec->signing_time, 0));
		close_attribute(b, a);
	}
	for (size_t i = 0; i < spec->n_stamps; i++) {
		if (!spec->stamps[i].of_content)
			continue;
		a = open_attribute(b, OID_ATTR_CONTENT_TIMESTAMP);
		buf_add(b, paper_cms_token(p, &spec->stamps[i], parts, 2));
		close_attribute(b, a);
	}
}

static struct bytes signed_attrs(
    struct mini_pki *p, const struct paper_cms *spec, const struct bytes *parts)
{
	struct digest content;
	struct buf b = buf_new(p->s, CAP);
	enum digest_alg alg = paper_cms_digest(p, spec->by);
	mini_ca_check(digest_compute(p->s, alg, parts, 2, &content) == OK, "digest");
	size_t set = der_open(&b, DER_SET);
	add_ess(p, &b, spec);
	add_message_digest(&b, spec, content);
	add_times(p, &b, spec, parts);
	add_content_type(&b, spec);
	/* As written: the longest first, which is the wrong order. */
	if (spec->unordered_attrs)
		der_close(&b, set);
	else
		der_close_set_of(&b, set);
	return mini_ca_parts_done(&b, "signed attributes");
}

static void add_signer(
    struct mini_pki *p, struct buf *b, const struct paper_cms *spec, const struct bytes *parts);

/* RFC 5652 11.4: a SignerInfo over the value. Those nested that follow stand on it. */
static void add_counter(
    struct mini_pki *p, struct buf *b, const struct paper_cms *spec, size_t i, struct bytes value)
{
	const struct paper_cms_counter *c = &spec->counters[i];
	const struct bytes parts[2] = { value, BYTES_NONE };
	struct paper_cms own = { .by = c->by,
		.ess = c->flaw == PAPER_CMS_COUNTER_ESS ? PAPER_CMS_ESS_OTHER : PAPER_CMS_ESS_RIGHT,
		.signing_time = spec->signing_time,
		.no_type = c->flaw != PAPER_CMS_COUNTER_TYPE,
		.bad_value = c->flaw == PAPER_CMS_COUNTER_VALUE,
		.bad_digest = c->flaw == PAPER_CMS_COUNTER_DIGEST };
	if (c->flaw == PAPER_CMS_COUNTER_UNREADABLE) {
		buf_add(b, BYTES_LIT("\x30\x03\x02\x01\x07"));
		return;
	}
	for (i++; i < spec->n_counters && spec->counters[i].nested; i++) {
		own.counters[own.n_counters] = spec->counters[i];
		own.counters[own.n_counters].nested = own.n_counters > 0;
		own.n_counters++;
	}
	add_signer(p, b, &own, parts);
}

static void add_unsigned(
    struct mini_pki *p, struct buf *b, const struct paper_cms *spec, struct bytes value)
{
	bool any = spec->n_counters > 0;
	for (size_t i = 0; i < spec->n_stamps; i++)
		any |= !spec->stamps[i].of_content;
	if (!any)
		return;
	size_t set = der_open(b, DER_CONTEXT(1));
	for (size_t i = 0; i < spec->n_stamps; i++) {
		if (spec->stamps[i].of_content)
			continue;
		struct attribute a = open_attribute(b, OID_ATTR_SIGNATURE_TIMESTAMP);
		buf_add(b, paper_cms_token(p, &spec->stamps[i], &value, 1));
		close_attribute(b, a);
	}
	for (size_t i = 0; i < spec->n_counters; i++) {
		if (spec->counters[i].nested)
			continue;
		struct attribute a = open_attribute(b, OID_ATTR_COUNTER_SIGNATURE);
		add_counter(p, b, spec, i, value);
		close_attribute(b, a);
	}
	der_close(b, set);
}

/* -- the rest -- */

static struct bytes joined(struct scope *s, const struct bytes *parts)
{
	struct buf b = buf_new(s, CAP);
	buf_add(&b, parts[0]);
	buf_add(&b, parts[1]);
	return mini_ca_parts_done(&b, "content");
}

static void add_signer(
    struct mini_pki *p, struct buf *b, const struct paper_cms *spec, const struct bytes *parts)
{
	const struct cert *c = mini_pki_cert(p, spec->by);
	struct signature_alg alg = mini_ca_alg(mini_pki_entry(p, spec->by)->key_type, false);
	struct bytes attrs = spec->no_attrs ? BYTES_NONE : signed_attrs(p, spec, parts);
	struct bytes value = mini_ca_sign(
	    p->s, mini_pki_private(p, spec->by), alg, spec->no_attrs ? joined(p->s, parts) : attrs);
	size_t whole = der_open(b, DER_SEQUENCE);
	der_add_small_integer(b, 1);
	size_t id = der_open(b, DER_SEQUENCE);
	buf_add(b, c->issuer);
	der_add(b, DER_INTEGER, c->serial);
	der_close(b, id);
	digest_add_algorithm_identifier(b, paper_cms_digest(p, spec->by));
	if (attrs.n) {
		buf_add_byte(b, DER_CONTEXT(0));
		buf_add(b, bytes_from(attrs, 1));
	}
	if (spec->unknown_alg) {
		size_t mark = der_open(b, DER_SEQUENCE);
		der_add(b, DER_OID, BYTES_LIT("\x2a\x03\x04"));
		der_close(b, mark);
	} else {
		signature_alg_add(b, alg);
	}
	der_add(b, DER_OCTET_STRING, spec->bad_value ? spoilt(p->s, value) : value);
	add_unsigned(p, b, spec, value);
	der_close(b, whole);
}

static void add_certs(struct mini_pki *p, struct buf *b, const struct paper_cms *spec)
{
	const struct cert *above[8];
	if (spec->no_certs)
		return;
	size_t n = mini_pki_between(p, spec->by, above);
	size_t set = der_open(b, DER_CONTEXT(0));
	buf_add(b, mini_pki_cert(p, spec->by)->der);
	for (size_t i = 0; i < n; i++)
		buf_add(b, above[i]->der);
	for (size_t i = 0; i < spec->n_counters; i++)
		buf_add(b, mini_pki_cert(p, spec->counters[i].by)->der);
	der_close_set_of(b, set);
}

static void add_signed_data(
    struct mini_pki *p, struct buf *b, const struct paper_cms *spec, const struct bytes *parts)
{
	size_t whole = der_open(b, DER_SEQUENCE);
	der_add_small_integer(b, 1);
	size_t mark = der_open(b, DER_SET);
	digest_add_algorithm_identifier(b, paper_cms_digest(p, spec->by));
	der_close(b, mark);
	mark = der_open(b, DER_SEQUENCE);
	der_add(b, DER_OID, oid_value(OID_CMS_DATA));
	if (spec->has_content) {
		size_t tagged = der_open(b, DER_CONTEXT(0));
		der_add(b, DER_OCTET_STRING, BYTES_LIT("something else"));
		der_close(b, tagged);
	}
	der_close(b, mark);
	add_certs(p, b, spec);
	mark = der_open(b, DER_SET);
	for (int i = spec->no_signer ? 2 : spec->two_signers ? 0 : 1; i < 2; i++)
		add_signer(p, b, spec, parts);
	der_close(b, mark);
	der_close(b, whole);
}

struct bytes paper_cms(struct mini_pki *p, const struct paper_cms *spec, const struct bytes *parts)
{
	struct buf b = buf_new(p->s, CAP);
	size_t whole = der_open(&b, DER_SEQUENCE);
	der_add(&b, DER_OID, oid_value(OID_CMS_SIGNED_DATA));
	size_t tagged = der_open(&b, DER_CONTEXT(0));
	add_signed_data(p, &b, spec, parts);
	der_close(&b, tagged);
	der_close(&b, whole);
	return mini_ca_parts_done(&b, "SignedData");
}
