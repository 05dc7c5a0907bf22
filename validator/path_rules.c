#include "validator/path_rules.h"

#include <openssl/x509_vfy.h>

#include "base/scope.h"

struct path_rules_memo {
	struct path_rules_memo *next;
	const struct cert *subject, *issuer;
	bool ok;
};

bool path_rules_cover(const struct path *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->item[i]->constrains_names)
			return false;
	return true;
}

enum err path_rules_is_signed(struct scope *s, struct path_rules_memo **memo,
    const struct cert *subject, const struct cert *issuer, bool *ret_ok)
{
	for (const struct path_rules_memo *m = *memo; m; m = m->next)
		if (m->subject == subject && m->issuer == issuer) {
			*ret_ok = m->ok;
			return OK;
		}
	struct path_rules_memo *m = scope_alloc(s, sizeof(*m));
	if (!m)
		return ERR_NOMEM;
	*m = (struct path_rules_memo){ .next = *memo, .subject = subject, .issuer = issuer };
	enum err err = cert_is_signed_by(s, subject, issuer, &m->ok);
	if (err == ERR_UNSUPPORTED || err == ERR_CRYPTO) {
		scope_forgive(s);
		m->ok = false;
		err = OK;
	}
	TRY(err);
	if (m->ok)
		TRY(cert_inherit_key(s, subject, issuer));
	/* A key that may yet be inherited is asked again. */
	if (issuer->key)
		*memo = m;
	*ret_ok = m->ok;
	return OK;
}

/* 6.1.4 (k) to (n): may this certificate issue others? An anchor is trusted as it is, unless it
 * says itself that it is none. */
static int issuer_rule(const struct cert *c, bool is_anchor)
{
	if (!c->is_ca && (!is_anchor || c->has_basic_constraints))
		return X509_V_ERR_INVALID_CA;
	if (c->has_key_usage && !(c->key_usage & CERT_KU_KEY_CERT_SIGN))
		return X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
	return X509_V_OK;
}

/* 6.1.4 (l), (m): certificates between this issuer and the end one, self-issued ones not counted.
 */
static int length_rule(const struct path *p, size_t issuer)
{
	int below = 0;
	for (size_t i = 1; i < issuer; i++)
		below += !cert_is_self_issued(p->item[i]);
	int allowed = p->item[issuer]->path_length;
	return allowed >= 0 && below > allowed ? X509_V_ERR_PATH_LENGTH_EXCEEDED : X509_V_OK;
}

/* 6.1.4 (o), 6.1.5 (f) */
static int extension_rule(const struct cert *c)
{
	if (c->unknown_critical.n)
		return X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION;
	return c->malformed_extension ? X509_V_ERR_INVALID_EXTENSION : X509_V_OK;
}

static int rule_at(const struct path *p, size_t i)
{
	bool is_anchor = i + 1 == p->n;
	int error = is_anchor ? X509_V_OK : extension_rule(p->item[i]);
	if (error == X509_V_OK && i > 0)
		error = issuer_rule(p->item[i], is_anchor);
	if (error == X509_V_OK && i > 0)
		error = length_rule(p, i);
	return error;
}

enum err path_rules_judge(struct scope *s, struct path_rules_memo **memo, struct path *p)
{
	p->verify_error = X509_V_OK;
	for (size_t i = p->n; i-- > 0 && p->verify_error == X509_V_OK;) {
		bool ok = true;
		p->verify_error = rule_at(p, i);
		if (p->verify_error == X509_V_OK && i + 1 < p->n)
			TRY(path_rules_is_signed(s, memo, p->item[i], p->item[i + 1], &ok));
		if (!ok)
			p->verify_error = X509_V_ERR_CERT_SIGNATURE_FAILURE;
		p->error_at = p->verify_error == X509_V_OK ? 0 : i;
	}
	return OK;
}
