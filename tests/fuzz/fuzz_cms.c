/* CMS: parse, read every attribute, verify with the embedded certificates; a value that gets one
 * more unsigned attribute still parses and says the same. */
#include <stdlib.h>

#include "base/scope.h"
#include "formats/cms_build.h"

static bool verifies(struct scope *s, const struct cms_signer *signer, const struct cert *cert)
{
	bool ok = false, in_order;
	struct digest content = { .alg = DIGEST_SHA256, .n = 32 };
	enum err err = cms_verify_value(s, signer, cert, &content, &ok, &in_order);
	scope_forgive(s);
	return err == OK && ok;
}

/* Each stands inside of what it signs, and comes after it. */
static void ask_counters(struct scope *s, const struct cms_signer *signer)
{
	struct cms_counter_signature *list;
	size_t n;
	if (cms_counter_signatures(s, signer, &list, &n) != OK)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct cms_signer *on = signer;
		if (list[i].on != CMS_COUNTER_ON_SIGNER)
			on = &list[list[i].on].signer;
		if (!bytes_encloses(on->unsigned_attrs.whole, list[i].whole) ||
		    (list[i].on != CMS_COUNTER_ON_SIGNER && list[i].on >= i))
			abort();
	}
}

static void ask_signer(struct scope *s, const struct cms_signer *signer)
{
	struct bytes b;
	struct instant t;
	struct cms_ess_cert_id *ids;
	struct cms_values values;
	size_t n;
	(void)!cms_message_digest(s, signer, &b);
	(void)!cms_content_type(s, signer, &b);
	(void)!cms_signing_time(s, signer, &t);
	(void)!cms_signing_certificate(s, signer, &ids, &n);
	scope_forgive(s);
	(void)!cms_embedded_values(s, signer, &values);
	scope_forgive(s);
	ask_counters(s, signer);
	scope_forgive(s);
}

static void extend(struct scope *s, const struct cms *cms)
{
	struct bytes der;
	const struct cms *after;
	if (cms_build_with_unsigned(
		s, cms, OID_ATTR_SIGNATURE_TIMESTAMP, BYTES_LIT("\x05\x00"), &der) != OK)
		return;
	enum err err = cms_parse(s, der, NULL, &after);
	if (err == ERR_NOMEM || err == ERR_LIMIT)
		return;
	if (err != OK || after->n_signers != cms->n_signers ||
	    !bytes_equal(after->signers[0].signed_attrs.whole, cms->signers[0].signed_attrs.whole))
		abort();
	if (cms->n_certs && verifies(s, &cms->signers[0], cms->certs[0]) !=
				verifies(s, &after->signers[0], cms->certs[0]))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct scope *s = scope_new((size_t)64 << 20);
	const struct cms *cms;
	size_t taken;
	if (s && cms_parse(s, bytes_of(data, n), &taken, &cms) == OK) {
		if (taken > n || !bytes_encloses(bytes_of(data, n), cms->der))
			abort();
		for (size_t i = 0; i < cms->n_signers; i++)
			ask_signer(s, &cms->signers[i]);
		if (cms->n_signers > 0)
			extend(s, cms);
	}
	scope_free(s);
	return 0;
}
