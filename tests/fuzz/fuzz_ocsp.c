/* Any bytes as an OCSP response: what is told lies inside, and wrapping changes nothing. */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/ocsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_response(const struct ocsp_response *r)
{
	check((r->responder_name.n > 0) || r->responder_name.p == NULL);
	check(instant_is_known(r->produced_at));
	check(bytes_encloses(r->basic, r->tbs));
	for (size_t i = 0; i < r->n_singles; i++) {
		const struct ocsp_single *one = &r->singles[i];
		check(bytes_encloses(r->tbs, one->serial));
		check(instant_is_known(one->this_update));
		check(instant_is_known(one->revoked_at) == (one->status == OCSP_REVOKED));
		check(one->reason == CRL_REASON_NONE || one->status == OCSP_REVOKED);
	}
	for (size_t i = 0; i < r->n_certs; i++)
		check(r->certs[i] != NULL);
}

static void ask(struct scope *s, const struct ocsp_response *r)
{
	bool yes;
	for (size_t i = 0; i < r->n_certs; i++) {
		if (ocsp_responder_is(s, r, r->certs[i], &yes) != OK ||
		    ocsp_is_signed_by(s, r, r->certs[i], &yes) != OK)
			scope_forgive(s);
		if (r->n_singles > 0 &&
		    ocsp_single_is_about(s, &r->singles[0], r->certs[i], r->certs[0], &yes) != OK)
			scope_forgive(s);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)64 << 20);
	const struct ocsp_response *r, *again;
	struct bytes whole;
	if (!s)
		return 0;
	if (ocsp_parse(s, bytes_of(data, size), &r) == OK && r->response_status == 0) {
		check_response(r);
		ask(s, r);
		check(ocsp_wrap(s, r->basic, &whole) == OK);
		check(ocsp_parse(s, whole, &again) == OK);
		check(bytes_equal(again->basic, r->basic) && again->n_singles == r->n_singles);
	}
	scope_free(s);
	return 0;
}
