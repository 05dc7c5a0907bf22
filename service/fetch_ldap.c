#include "service/fetch_ldap.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/der.h"
#include "formats/directory_url.h"
#include "formats/ldif.h"

/* Attributes that hold what a kind of fetch is after (RFC 4523 2); asked all where a URL names
 * none. */
static const struct {
	enum fetch_kind kind;
	const char *name;
} attributes[] = {
	{ FETCH_CRL, "certificateRevocationList" },
	{ FETCH_CRL, "deltaRevocationList" },
	{ FETCH_CRL, "authorityRevocationList" },
	{ FETCH_CERTIFICATE, "cACertificate" },
	{ FETCH_CERTIFICATE, "userCertificate" },
	{ FETCH_CERTIFICATE, "crossCertificatePair" },
};

#define N_ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

bool fetch_ldap_is_url(const char *url)
{
	return strncasecmp(url, "ldap:", 5) == 0 || strncasecmp(url, "ldaps:", 6) == 0;
}

static enum err refuse(struct scope *s, const struct fetch_request *want, const char *why)
{
	return scope_fault(s, ERR_DENIED, "%s: %s", want->url, why);
}

/* -- the question -- */

/* One comparison for equality, or for presence ("=*"), in parentheses or (as many CAs write it)
 * without. */
static bool is_plain_filter(struct bytes filter)
{
	const size_t equals = bytes_find(filter, BYTES_LIT("="), 0);
	if (equals == BYTES_NOT_FOUND || equals == 0)
		return false;
	const struct bytes value = bytes_from(filter, equals + 1);
	if (bytes_equal_str(value, "*"))
		filter.n--;
	for (size_t i = 0; i < filter.n; i++)
		if (strchr("()&|!*\\~<>:", filter.p[i]))
			return false;
	return value.n > 0;
}

static struct bytes without_parentheses(struct bytes filter)
{
	const bool has_them = filter.n > 2 && filter.p[0] == '(' && filter.p[filter.n - 1] == ')';
	return has_them ? bytes_cut(filter, 1, filter.n - 2) : filter;
}

static const char *objection(const struct directory_url *url)
{
	const struct bytes filter = without_parentheses(url->filter);
	if (url->host.n == 0)
		return "an LDAP URL that names no server";
	if (url->dn.n == 0)
		return "an LDAP URL that names no entry";
	if (url->scope != DIRECTORY_URL_SCOPE_ENTRY)
		return "only one entry of a directory is read, not those below it";
	if (filter.n > 0 && !is_plain_filter(filter))
		return "an LDAP filter that is more than one comparison is not used";
	if (url->has_critical_extension)
		return "an LDAP URL with a critical extension is not used";
	return NULL;
}

static bool fits(struct bytes attribute, enum fetch_kind kind, size_t *ret_i)
{
	const size_t options = bytes_find(attribute, BYTES_LIT(";"), 0);
	const struct bytes name = bytes_cut(attribute, 0, options);
	const struct bytes option =
	    options == BYTES_NOT_FOUND ? BYTES_NONE : bytes_from(attribute, options);
	if (option.n > 0 && !ldif_is_attribute(option, ";binary"))
		return false;
	for (*ret_i = 0; *ret_i < N_ATTRIBUTES; ++*ret_i)
		if (attributes[*ret_i].kind == kind &&
		    ldif_is_attribute(name, attributes[*ret_i].name))
			return true;
	return false;
}

/* RFC 4523 2: these are transferred with the option ";binary", whether it was asked for or not. */
static void add_attribute(struct buf *b, size_t i, bool *is_first)
{
	buf_add_str(b, *is_first ? "?" : ",");
	buf_add_str(b, attributes[i].name);
	buf_add_str(b, ";binary");
	*is_first = false;
}

static enum err add_attributes(struct scope *s, const struct fetch_request *want,
    const struct directory_url *url, struct buf *b)
{
	bool is_first = true;
	for (size_t i = 0; i < url->n_attributes; i++) {
		size_t at;
		if (!fits(url->attributes[i], want->kind, &at))
			return refuse(s, want, "an LDAP attribute that is not of use here");
		add_attribute(b, at, &is_first);
	}
	for (size_t i = 0; i < N_ATTRIBUTES && url->n_attributes == 0; i++)
		if (attributes[i].kind == want->kind)
			add_attribute(b, i, &is_first);
	return OK;
}

static enum err understand(
    struct scope *s, const struct fetch_request *want, struct directory_url *ret_url)
{
	if (want->body.n > 0 || (want->kind != FETCH_CRL && want->kind != FETCH_CERTIFICATE))
		return refuse(s, want, "a directory is asked for CRLs and certificates only");
	enum err err = directory_url_parse(s, bytes_of_str(want->url), ret_url);
	if (err == ERR_NOMEM || err == OK)
		return err;
	scope_forgive(s);
	return refuse(s, want, "not an LDAP URL as RFC 4516 has it");
}

enum err fetch_ldap_url(struct scope *s, const struct fetch_request *want, char **ret_url)
{
	struct directory_url url;
	struct buf b = buf_new(s, (size_t)LIMIT_URL * 4);
	TRY(understand(s, want, &url));
	if (objection(&url))
		return refuse(s, want, objection(&url));
	buf_add_str(&b, url.is_tls ? "ldaps://" : "ldap://");
	buf_add(&b, url.host);
	if (url.port.n > 0)
		buf_add_byte(&b, ':');
	buf_add(&b, url.port);
	buf_add_byte(&b, '/');
	directory_url_add_escaped(&b, url.dn);
	TRY(add_attributes(s, want, &url, &b));
	buf_add_str(&b, "?base");
	if (url.filter.n > 0) {
		buf_add_str(&b, "?(");
		directory_url_add_escaped(&b, without_parentheses(url.filter));
		buf_add_byte(&b, ')');
	}
	return buf_done_str(&b, ret_url);
}

/* -- the answer -- */

size_t fetch_ldap_cap(size_t cap)
{
	/* Base64, with names and line ends. */
	return cap + cap / 3 + (size_t)LIMIT_LDAP_VALUES * 64 + LIMIT_URL;
}

/* What is handed on. */
struct values {
	struct bytes *item;
	size_t n, octets;
};

static void add_value(struct values *v, struct bytes value)
{
	v->item[v->n++] = value;
	v->octets += value.n;
}

/* CertificatePair (X.509 11.2.3): SEQUENCE of [0] issuedToThisCA and [1] issuedByThisCA, one of
 * them at least. What is none is passed over. */
static void add_pair(struct values *v, struct bytes pair)
{
	struct der whole = { .tag = 0 }, half = { .tag = 0 };
	if (!der_step(&pair, &whole) || whole.tag != DER_SEQUENCE)
		return;
	for (int i = 0; i < 2 && der_step(&whole.value, &half); i++)
		if (half.tag == DER_CONTEXT(0) || half.tag == DER_CONTEXT(1))
			add_value(v, half.value);
}

static enum err collect(
    struct scope *s, const struct fetch_request *want, struct bytes text, struct values *v)
{
	struct ldif ldif;
	enum err err = ldif_parse(s, text, &ldif);
	if (err == ERR_FORMAT || err == ERR_LIMIT) {
		scope_forgive(s);
		return scope_fault(s, err == ERR_FORMAT ? ERR_NET : err,
		    "%s: the directory's answer is %s", want->url,
		    err == ERR_FORMAT ? "not understood" : "too large");
	}
	TRY(err);
	v->item = scope_alloc_array(s, 2 * ldif.n_values, sizeof(*v->item));
	if (!v->item)
		return ERR_NOMEM;
	for (size_t i = 0; i < ldif.n_values; i++) {
		size_t at;
		if (!fits(ldif.values[i].attribute, want->kind, &at))
			continue;
		if (ldif_is_attribute(ldif.values[i].attribute, "crossCertificatePair"))
			add_pair(v, ldif.values[i].value);
		else if (ldif.values[i].value.n > 0)
			add_value(v, ldif.values[i].value);
	}
	return OK;
}

enum err fetch_ldap_reply(struct scope *s, const struct fetch_request *want, size_t cap,
    struct bytes text, struct fetch_reply *ret_reply)
{
	struct values v = { 0 };
	TRY(collect(s, want, text, &v));
	if (v.octets > cap)
		return scope_fault(
		    s, ERR_LIMIT, "%s: the answer is larger than %zu octets", want->url, cap);
	if (v.n == 0)
		return scope_fault(s, ERR_NET, "%s: the entry holds no %s", want->url,
		    want->kind == FETCH_CRL ? "CRL" : "certificate");
	*ret_reply = (struct fetch_reply){ .status = 200,
		.content_type = "",
		.body = v.item[0],
		.more = v.item + 1,
		.n_more = v.n - 1 };
	return OK;
}
