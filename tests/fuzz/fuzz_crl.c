/*
 * Any bytes as a CRL: what is told lies inside of it, and an entry is found by its own serial. Its
 * names as those of a distribution point: they match themselves, whatever they are; and no list
 * continues itself.
 */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/crl.h"
#include "formats/der.h"
#include "validator/crl_delta.h"
#include "validator/crl_scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LOOK_UPS 64 /* entries of one list that are looked up */

static void check(bool ok)
{
	if (!ok)
		abort();
}

static struct bytes shortest(struct bytes serial)
{
	while (serial.n > 1 && serial.p[0] == 0 && (serial.p[1] & 0x80) == 0)
		serial = bytes_from(serial, 1);
	return serial;
}

static void check_places(const struct crl *crl)
{
	check(bytes_encloses(crl->der, crl->tbs));
	check(bytes_encloses(crl->tbs, crl->issuer));
	check(crl->number.n == 0 || bytes_encloses(crl->tbs, crl->number));
	check(crl->idp_name.n == 0 || bytes_encloses(crl->tbs, crl->idp_name));
	check(instant_is_known(crl->this_update));
	check(crl->issuer_text != NULL);
}

/* The content of revokedCertificates, by walking over what stands before it. */
static struct bytes revoked_of(const struct crl *crl)
{
	struct bytes rest = crl->tbs;
	struct der tlv = { .tag = 0 };
	bool after_time = false;
	check(der_step(&rest, &tlv));
	for (rest = tlv.value; der_step(&rest, &tlv);) {
		bool time = tlv.tag == DER_UTC_TIME || tlv.tag == DER_GENERALIZED_TIME;
		if (after_time && !time)
			return tlv.tag == DER_SEQUENCE ? tlv.value : BYTES_NONE;
		after_time = time;
	}
	return BYTES_NONE;
}

static void look_up(struct scope *s, const struct crl *crl)
{
	struct bytes rest = revoked_of(crl);
	for (size_t i = 0; rest.n > 0; i++) {
		struct der entry = { .tag = 0 }, serial = { .tag = 0 };
		struct crl_entry e;
		bool found = false;
		check(der_step(&rest, &entry) && i < crl->n_entries);
		check(der_step(&entry.value, &serial));
		if (i >= LOOK_UPS)
			continue;
		if (crl_find(s, crl, crl->issuer, serial.value, &found, &e) != OK)
			return;
		check(!found || bytes_equal(shortest(e.serial), shortest(serial.value)));
		/* without extensions at the start, the first entry is about the list's issuer */
		check(found || i > 0 || entry.value.n > 17);
	}
}

static void check_scope(const struct crl *crl)
{
	struct cert_distribution_point point = { .name = crl->idp_name };
	const struct cert cert = {
		.issuer = crl->issuer, .is_ca = crl->only_ca_certs, .crl_points = { &point, 1 }
	};
	const char *why = "";
	const uint32_t with_name = crl_scope_reasons(crl, &cert, &why);
	check((with_name == 0) == (why != NULL));
	check((with_name & ~CRL_SCOPE_ALL_REASONS) == 0);
	/* The same as the names of another authority, and as no point at all. */
	point.crl_issuer = bytes_from(crl->idp_name, 4);
	check((crl_scope_reasons(crl, &cert, &why) == 0) == (why != NULL));
	point = (struct cert_distribution_point){ .reasons = crl->only_reasons };
	check((crl_scope_reasons(crl, &cert, &why) == 0) == (why != NULL));
	check(!crl_delta_fits(crl, crl));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)64 << 20);
	const struct crl *crl;
	if (!s)
		return 0;
	if (crl_parse(s, bytes_of(data, size), &crl) == OK) {
		check_places(crl);
		look_up(s, crl);
		check_scope(crl);
	}
	scope_free(s);
	return 0;
}
