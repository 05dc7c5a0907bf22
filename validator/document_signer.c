#include "validator/document_signer.h"

#include "base/scope.h"

static bool is_named(const struct cms_signer *signer, const struct cert *c)
{
	if (signer->ski.n)
		return bytes_equal(signer->ski, c->ski);
	return bytes_equal(signer->serial, c->serial) &&
	       cert_names_match(signer->issuer, c->issuer);
}

/* The first entry of the signing-certificate attribute is this certificate (RFC 5035 5.4). */
static enum err ess_names(
    struct scope *s, const struct cms_ess_cert_id *id, const struct cert *c, bool *ret_yes)
{
	*ret_yes = false;
	if (id->digest.alg == DIGEST_UNKNOWN)
		return OK;
	struct digest d;
	enum err err = digest_of_bytes(s, id->digest.alg, c->der, &d);
	if (err == ERR_UNSUPPORTED) {
		scope_forgive(s);
		return OK;
	}
	TRY(err);
	*ret_yes = digest_equal(&d, &id->digest);
	if (id->has_issuer_serial && id->issuer.n && id->serial.n)
		*ret_yes = *ret_yes && bytes_equal(id->serial, c->serial) &&
			   cert_names_match(id->issuer, c->issuer);
	return OK;
}

/* Attributes that cannot be read count as absent; the digest or value check will tell. */
static enum err forgive_format(struct scope *s, enum err err)
{
	if (err == OK || err == ERR_NOMEM)
		return err;
	scope_forgive(s);
	return OK;
}

/* EN 319 102-1 5.2.3.4: among the certificates that the SignerInfo names, the one that the
 * signing-certificate attribute names; else the first. */
static enum err identify(struct scope *s, const struct cms_signer *signer, const struct evidence *e,
    struct document_signer *r)
{
	struct cms_ess_cert_id *ids = NULL;
	size_t n_ids = 0;
	TRY(forgive_format(s, cms_signing_certificate(s, signer, &ids, &n_ids)));
	r->has_ess = n_ids > 0;
	for (size_t i = 0; i < e->n_certs && !r->ess_matches; i++) {
		const struct cert *c = e->certs[i].cert;
		if (!is_named(signer, c))
			continue;
		if (!r->cert)
			r->cert = c;
		if (n_ids)
			TRY(ess_names(s, &ids[0], c, &r->ess_matches));
		if (r->ess_matches)
			r->cert = c;
	}
	return OK;
}

static enum err verify_value(
    struct scope *s, const struct digest *content, struct document_signer *r)
{
	if (!r->cert)
		return OK;
	enum err err =
	    cms_verify_value(s, r->cms, r->cert, content, &r->value_valid, &r->attrs_in_order);
	if (err == ERR_UNSUPPORTED) {
		scope_forgive(s);
		r->algorithm_known = false;
		return OK;
	}
	return err;
}

enum err document_signer_verify(struct scope *s, const struct cms_signer *signer,
    struct bytes content_type, const struct digest *content, const struct evidence *evidence,
    struct document_signer *ret_signer)
{
	struct document_signer r = { .cms = signer,
		.algorithm_known = signer->digest_alg != DIGEST_UNKNOWN &&
				   signer->sig_alg.kind != SIGNATURE_ALG_UNKNOWN,
		.attrs_in_order = true,
		.has_signed_attrs = signer->signed_attrs.whole.n > 0,
		.content_type_matches = true,
		.signing_time = INSTANT_NONE,
		.digest_alg = signer->digest_alg,
		.sig_alg = signer->sig_alg };
	struct bytes digest = BYTES_NONE, type = BYTES_NONE;
	TRY(identify(s, signer, evidence, &r));
	TRY(forgive_format(s, cms_message_digest(s, signer, &digest)));
	TRY(forgive_format(s, cms_content_type(s, signer, &type)));
	TRY(forgive_format(s, cms_signing_time(s, signer, &r.signing_time)));
	r.content_type_matches = type.n == 0 || bytes_equal(type, content_type);
	if (content && r.algorithm_known)
		TRY(verify_value(s, content, &r));
	else if (r.has_signed_attrs && r.algorithm_known)
		TRY(verify_value(s, NULL, &r));
	if (content)
		r.digest_matches =
		    r.has_signed_attrs ? bytes_equal(digest, digest_bytes(content)) : r.value_valid;
	*ret_signer = r;
	return OK;
}
