/* DER and BER: walks every value, reads each as whatever its tag says; what is written again reads
 * back alike. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"

static void read_value(struct scope *s, struct der tlv)
{
	bool yes;
	int64_t number;
	uint32_t bits;
	struct bytes octets;
	struct instant t;
	char *text;
	/* each outcome is right as long as nothing outside is read */
	(void)!der_boolean(s, tlv, &yes);
	(void)!der_small_integer(s, tlv, &number);
	(void)!der_named_bits(s, tlv, &bits);
	(void)!der_bit_string(s, tlv, &octets);
	(void)!der_octet_string(s, tlv, &octets);
	(void)!der_time(s, tlv, &t);
	(void)!der_text(s, tlv, &text);
	if (der_oid_text(s, tlv.value, &text) == OK && der_oid_of_text(s, text, &octets) != OK)
		abort();
	scope_forgive(s);
}

static void walk(struct scope *s, struct bytes rest, unsigned depth)
{
	struct der tlv;
	while (depth < LIMIT_DER_DEPTH && der_next(s, &rest, &tlv) == OK) {
		if (!bytes_encloses(tlv.whole, tlv.value))
			abort();
		read_value(s, tlv);
		if (tlv.tag & DER_CONSTRUCTED)
			walk(s, tlv.value, depth + 1);
	}
	scope_forgive(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct scope *s = scope_new((size_t)64 << 20);
	struct bytes b = bytes_of(data, n), copy;
	size_t length;
	if (!s)
		return 0;
	walk(s, b, 0);
	bool whole = der_length_of_value(s, b, &length) == OK;
	if (der_is_der(b) && (!whole || length != n))
		abort();
	struct buf out = buf_new(s, n + 16);
	der_add(&out, DER_OCTET_STRING, b);
	struct bytes written = buf_bytes(&out);
	struct der tlv;
	if (out.failed == OK && (der_next(s, &written, &tlv) != OK || !bytes_equal(tlv.value, b)))
		abort();
	struct buf set = buf_new(s, n + 16);
	size_t mark = der_open(&set, DER_SET);
	buf_add(&set, b);
	der_close_set_of(&set, mark);
	(void)!buf_done(&set, &copy);
	scope_free(s);
	return 0;
}
