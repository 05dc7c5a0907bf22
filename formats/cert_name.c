#include "formats/cert_name.h"

#include <limits.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/auto.h"
#include "formats/der.h"

/* Attribute types by value octets; those that RFC 4514 3 does not list carry OpenSSL's short name.
 */
#define TYPE(octets, name)                                                                         \
	{                                                                                          \
		(const uint8_t *)(octets), sizeof(octets) - 1, name                                \
	}
static const struct {
	const uint8_t *octets;
	size_t n;
	const char *name;
} types[] = {
	TYPE("\x55\x04\x03", "CN"),
	TYPE("\x55\x04\x06", "C"),
	TYPE("\x55\x04\x0a", "O"),
	TYPE("\x55\x04\x0b", "OU"),
	TYPE("\x55\x04\x61", "organizationIdentifier"),
	TYPE("\x55\x04\x05", "serialNumber"),
	TYPE("\x55\x04\x07", "L"),
	TYPE("\x55\x04\x08", "ST"),
	TYPE("\x55\x04\x09", "street"),
	TYPE("\x55\x04\x04", "SN"),
	TYPE("\x55\x04\x2a", "GN"),
	TYPE("\x55\x04\x0c", "title"),
	TYPE("\x55\x04\x0d", "description"),
	TYPE("\x55\x04\x0f", "businessCategory"),
	TYPE("\x55\x04\x11", "postalCode"),
	TYPE("\x55\x04\x14", "telephoneNumber"),
	TYPE("\x55\x04\x29", "name"),
	TYPE("\x55\x04\x2b", "initials"),
	TYPE("\x55\x04\x2c", "generationQualifier"),
	TYPE("\x55\x04\x2e", "dnQualifier"),
	TYPE("\x55\x04\x41", "pseudonym"),
	TYPE("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "emailAddress"),
	TYPE("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC"),
	TYPE("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "UID"),
	TYPE("\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x01", "jurisdictionL"),
	TYPE("\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x02", "jurisdictionST"),
	TYPE("\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03", "jurisdictionC"),
};

static const char *type_name(struct bytes oid)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (bytes_equal(oid, bytes_of(types[i].octets, types[i].n)))
			return types[i].name;
	return NULL;
}

static bool is_string(uint8_t tag)
{
	return tag == DER_UTF8_STRING || (tag >= 0x12 && tag <= DER_IA5_STRING) ||
	       (tag >= 0x19 && tag <= DER_BMP_STRING);
}

/* RFC 4514 2.4; control characters too, in the form allowed for any octet. */
static void add_escaped(struct buf *b, const char *text)
{
	for (const char *c = text; *c; c++) {
		unsigned char octet = (unsigned char)*c;
		bool first = c == text, last = c[1] == '\0';
		if (octet < 0x20 || octet == 0x7f) {
			buf_addf(b, "\\%02X", octet);
			continue;
		}
		if (octet == '"' || octet == '+' || octet == ',' || octet == ';' || octet == '<' ||
		    octet == '>' || octet == '\\' || (first && octet == '#') ||
		    ((first || last) && octet == ' '))
			buf_add_byte(b, '\\');
		buf_add_byte(b, octet);
	}
}

/* AttributeTypeAndValue */
static enum err take_attribute(
    struct scope *s, struct bytes *rest, struct bytes *ret_type, struct der *ret_value)
{
	struct der pair, oid;
	TRY(der_expect(s, rest, DER_SEQUENCE, "attribute of a name", &pair));
	TRY(der_expect(s, &pair.value, DER_OID, "attribute type", &oid));
	TRY(der_next(s, &pair.value, ret_value));
	TRY(der_end(s, pair.value, "attribute of a name"));
	*ret_type = oid.value;
	return OK;
}

static enum err add_attribute(struct scope *s, struct buf *b, struct bytes type, struct der value)
{
	const char *name = type_name(type);
	char *text;
	if (name && is_string(value.tag & (uint8_t)~DER_CONSTRUCTED)) {
		TRY(der_text(s, value, &text));
		buf_add_str(b, name);
		buf_add_byte(b, '=');
		add_escaped(b, text);
		return OK;
	}
	if (name) {
		buf_add_str(b, name);
	} else {
		TRY(der_oid_text(s, type, &text));
		buf_add_str(b, text);
	}
	TRY(bytes_to_hex(s, value.whole, &text));
	buf_add_str(b, "=#");
	buf_add_str(b, text);
	return OK;
}

static enum err add_rdn(struct scope *s, struct buf *b, struct bytes attributes)
{
	for (bool first = true; attributes.n > 0; first = false) {
		struct bytes type;
		struct der value;
		TRY(take_attribute(s, &attributes, &type, &value));
		if (!first)
			buf_add_byte(b, '+');
		TRY(add_attribute(s, b, type, value));
	}
	return OK;
}

static enum err open_name(struct scope *s, struct bytes name, struct bytes *ret_rdns)
{
	struct der sequence;
	TRY(der_expect(s, &name, DER_SEQUENCE, "Name", &sequence));
	TRY(der_end(s, name, "Name"));
	*ret_rdns = sequence.value;
	return OK;
}

enum err cert_name_text(struct scope *s, struct bytes name, char **ret_text)
{
	struct bytes rest, sets[LIMIT_CERT_LIST];
	struct der set;
	size_t n = 0;
	struct buf b = buf_new(s, LIMIT_CERT_NAME_TEXT);
	TRY(open_name(s, name, &rest));
	while (rest.n > 0) {
		if (n == LIMIT_CERT_LIST)
			return scope_fault(s, ERR_LIMIT, "name: too many components");
		TRY(der_expect(s, &rest, DER_SET, "component of a name", &set));
		sets[n++] = set.value;
	}
	/* RFC 4514 2.1: from the last component to the first */
	while (n-- > 0) {
		TRY(add_rdn(s, &b, sets[n]));
		if (n > 0)
			buf_add_byte(&b, ',');
	}
	return buf_done_str(&b, ret_text);
}

enum err cert_name_find(struct scope *s, struct bytes name, enum oid type, char **ret_value)
{
	struct bytes rest, found_type;
	struct der set, value, found = { 0 };
	TRY(open_name(s, name, &rest));
	while (rest.n > 0) {
		TRY(der_expect(s, &rest, DER_SET, "component of a name", &set));
		while (set.value.n > 0) {
			TRY(take_attribute(s, &set.value, &found_type, &value));
			if (oid_is(found_type, type))
				found = value;
		}
	}
	return der_text(s, found, ret_value);
}

enum err cert_name_texts(
    struct scope *s, struct bytes name, struct bytes type, struct cert_texts *ret_texts)
{
	struct bytes rest, found_type;
	struct der set, value;
	struct cert_texts texts = { .item = scope_alloc_array(s, LIMIT_CERT_LIST, sizeof(char *)) };
	if (!texts.item)
		return ERR_NOMEM;
	TRY(open_name(s, name, &rest));
	while (rest.n > 0) {
		TRY(der_expect(s, &rest, DER_SET, "component of a name", &set));
		while (set.value.n > 0) {
			TRY(take_attribute(s, &set.value, &found_type, &value));
			if (!bytes_equal(found_type, type) || texts.n == LIMIT_CERT_LIST)
				continue;
			TRY(der_text(s, value, &texts.item[texts.n]));
			texts.n++;
		}
	}
	*ret_texts = texts;
	return OK;
}

/* -- comparison: the common cases at once, the rest left to OpenSSL -- */

enum likeness {
	LIKENESS_SAME,
	LIKENESS_OTHER,
	LIKENESS_UNDECIDED,
};

static bool is_white(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Strings whose octets may be compared without conversion. */
static bool is_comparable(struct der value)
{
	if (value.tag == DER_UTF8_STRING)
		return true;
	if (value.tag != DER_PRINTABLE_STRING && value.tag != DER_IA5_STRING &&
	    value.tag != DER_VISIBLE_STRING)
		return false;
	for (size_t i = 0; i < value.value.n; i++)
		if (value.value.p[i] >= 0x80)
			return false;
	return true;
}

/* The next octet in folded form, 0x100 at the end. White space inside becomes one blank. */
static unsigned next_folded(struct bytes *text, bool at_start)
{
	bool blank = false;
	while (text->n > 0 && is_white(text->p[0])) {
		*text = bytes_from(*text, 1);
		blank = true;
	}
	if (text->n == 0)
		return 0x100;
	if (blank && !at_start)
		return ' ';
	uint8_t c = text->p[0];
	*text = bytes_from(*text, 1);
	return c >= 'A' && c <= 'Z' ? c + 32u : c;
}

static bool equal_folded(struct bytes a, struct bytes b)
{
	for (bool start = true;; start = false) {
		unsigned ca = next_folded(&a, start), cb = next_folded(&b, start);
		if (ca != cb)
			return false;
		if (ca == 0x100)
			return true;
	}
}

/* One component of each name, of one attribute each. */
static enum likeness compare_components(struct der a, struct der b)
{
	struct der pair_a, pair_b, type_a, type_b, value_a, value_b;
	if (a.tag != DER_SET || b.tag != DER_SET || !der_step(&a.value, &pair_a) ||
	    !der_step(&b.value, &pair_b) || a.value.n > 0 || b.value.n > 0)
		return LIKENESS_UNDECIDED;
	if (!der_step(&pair_a.value, &type_a) || !der_step(&pair_b.value, &type_b) ||
	    !der_step(&pair_a.value, &value_a) || !der_step(&pair_b.value, &value_b))
		return LIKENESS_UNDECIDED;
	if (pair_a.value.n > 0 || pair_b.value.n > 0)
		return LIKENESS_UNDECIDED;
	if (!bytes_equal(type_a.value, type_b.value))
		return LIKENESS_OTHER;
	if (!is_comparable(value_a) || !is_comparable(value_b))
		return LIKENESS_UNDECIDED;
	return equal_folded(value_a.value, value_b.value) ? LIKENESS_SAME : LIKENESS_OTHER;
}

static enum likeness compare_quickly(struct bytes a, struct bytes b)
{
	struct der whole_a, whole_b, part_a, part_b;
	enum likeness all = LIKENESS_SAME;
	if (!der_step(&a, &whole_a) || !der_step(&b, &whole_b) || a.n > 0 || b.n > 0)
		return LIKENESS_UNDECIDED;
	while (whole_a.value.n > 0 && whole_b.value.n > 0) {
		if (!der_step(&whole_a.value, &part_a) || !der_step(&whole_b.value, &part_b))
			return LIKENESS_UNDECIDED;
		enum likeness one = compare_components(part_a, part_b);
		if (one == LIKENESS_OTHER)
			return LIKENESS_OTHER;
		all = one == LIKENESS_UNDECIDED ? one : all;
	}
	return whole_a.value.n == whole_b.value.n ? all : LIKENESS_OTHER;
}

static bool compare_by_library(struct bytes a, struct bytes b)
{
	if (a.n > LONG_MAX || b.n > LONG_MAX)
		return false;
	const unsigned char *pa = a.p, *pb = b.p;
	AUTO(X509_NAME) *name_a = d2i_X509_NAME(NULL, &pa, (long)a.n);
	AUTO(X509_NAME) *name_b = d2i_X509_NAME(NULL, &pb, (long)b.n);
	bool same = name_a && name_b && X509_NAME_cmp(name_a, name_b) == 0;
	ERR_clear_error();
	return same;
}

bool cert_name_matches(struct bytes a, struct bytes b)
{
	if (bytes_equal(a, b))
		return true;
	enum likeness quick = compare_quickly(a, b);
	if (quick != LIKENESS_UNDECIDED)
		return quick == LIKENESS_SAME;
	return compare_by_library(a, b);
}

uint32_t cert_name_hash(struct bytes name)
{
	if (name.n > LONG_MAX)
		return 0;
	const unsigned char *p = name.p;
	int ok = 0;
	AUTO(X509_NAME) *x = d2i_X509_NAME(NULL, &p, (long)name.n);
	unsigned long hash = x ? X509_NAME_hash_ex(x, NULL, NULL, &ok) : 0;
	ERR_clear_error();
	return ok ? (uint32_t)hash : 0;
}
