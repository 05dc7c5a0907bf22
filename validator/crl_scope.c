#include "validator/crl_scope.h"

#include "formats/der.h"

#define DIRECTORY_NAME DER_CONTEXT(4)
#define URL DER_CONTEXT_PRIMITIVE(6)

struct bytes crl_scope_next_issuer(struct bytes *crl_issuer)
{
	struct der general, name;
	while (der_step(crl_issuer, &general))
		if (general.tag == DIRECTORY_NAME && der_step(&general.value, &name))
			return name.whole;
	return BYTES_NONE;
}

/* RFC 5280 4.2.1.13: the field is for authorities other than the issuer, by directory name; one
 * that names the issuer, or nobody in this way, says nothing and is passed over. */
static bool has_other_issuer(const struct cert_distribution_point *p, const struct cert *cert)
{
	struct bytes rest = p->crl_issuer, name;
	bool other = false;
	while ((name = crl_scope_next_issuer(&rest)).n > 0) {
		if (cert_names_match(name, cert->issuer))
			return false;
		other = true;
	}
	return other;
}

static bool names_list_issuer(const struct cert_distribution_point *p, const struct crl *crl)
{
	struct bytes rest = p->crl_issuer, name;
	while ((name = crl_scope_next_issuer(&rest)).n > 0)
		if (cert_names_match(name, crl->issuer))
			return true;
	return false;
}

/* -- names of distribution points --------------------------------------------------------------*/

/* A DistributionPointName: either general names, or one component to be put behind a name. */
struct point_name {
	struct bytes general;  /* content of fullName or of cRLIssuer */
	struct bytes base;     /* Name TLV, with */
	struct bytes relative; /* content of nameRelativeToCRLIssuer, a SET's */
};

/* `whole` is the [0] TLV; `base` the name that a relative one continues. False when malformed. */
static bool open_point(struct bytes whole, struct bytes base, struct point_name *ret_name)
{
	struct der outer, choice;
	*ret_name = (struct point_name){ .base = base };
	if (!der_step(&whole, &outer) || !der_step(&outer.value, &choice))
		return false;
	if (choice.tag == DER_CONTEXT(0))
		ret_name->general = choice.value;
	else if (choice.tag == DER_CONTEXT(1))
		ret_name->relative = choice.value;
	else
		return false;
	return true;
}

/* The next component of a name (content of its SEQUENCE), or what is put behind it, once. */
static bool next_component(
    struct bytes *components, struct bytes *relative, struct bytes *ret_component)
{
	struct der set;
	if (der_step(components, &set)) {
		*ret_component = set.value;
		return true;
	}
	*ret_component = *relative;
	*relative = BYTES_NONE;
	return ret_component->n > 0;
}

static bool open_name(struct bytes name, struct bytes *ret_components)
{
	struct der whole;
	if (!der_step(&name, &whole))
		return false;
	*ret_components = whole.value;
	return true;
}

#define COMPONENT_MAX 1024

/* Two components by their names: each is made a name of its own, as comparison knows only those. */
static bool components_match(struct bytes a, struct bytes b)
{
	uint8_t room[2][COMPONENT_MAX + 12];
	struct bytes name[2] = { a, b };
	for (int i = 0; i < 2; i++) {
		const size_t n = name[i].n;
		if (n > COMPONENT_MAX)
			return bytes_equal(a, b);
		/* SEQUENCE { SET { ... } } with lengths of two octets */
		const uint8_t head[8] = { DER_SEQUENCE, 0x82, (uint8_t)((n + 4) >> 8),
			(uint8_t)(n + 4), DER_SET, 0x82, (uint8_t)(n >> 8), (uint8_t)n };
		for (size_t k = 0; k < sizeof(head); k++)
			room[i][k] = head[k];
		for (size_t k = 0; k < n; k++)
			room[i][sizeof(head) + k] = name[i].p[k];
		name[i] = bytes_of(room[i], sizeof(head) + n);
	}
	return cert_names_match(name[0], name[1]);
}

/* The name `base` with the component `relative` behind it is the name `full`, or the same. */
static bool long_names_match(
    struct bytes base_a, struct bytes relative_a, struct bytes base_b, struct bytes relative_b)
{
	struct bytes a, b, one, other;
	if (!open_name(base_a, &a) || !open_name(base_b, &b))
		return false;
	for (;;) {
		bool more_a = next_component(&a, &relative_a, &one);
		bool more_b = next_component(&b, &relative_b, &other);
		if (!more_a || !more_b)
			return more_a == more_b;
		if (!components_match(one, other))
			return false;
	}
}

/* RFC 3986 6.2.2.1: scheme and host do not tell case apart, the rest does. */
static bool urls_match(struct bytes a, struct bytes b)
{
	unsigned slashes = 0;
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		uint8_t x = a.p[i], y = b.p[i];
		bool folded = slashes < 3 && x != y && (x ^ y) == 0x20 && (x | 0x20) >= 'a' &&
			      (x | 0x20) <= 'z';
		if (x != y && !folded)
			return false;
		slashes += x == '/';
	}
	return true;
}

static bool general_names_match(struct der a, struct der b)
{
	struct der name_a, name_b;
	if (a.tag != b.tag)
		return false;
	if (a.tag == URL)
		return urls_match(a.value, b.value);
	if (a.tag != DIRECTORY_NAME)
		return bytes_equal(a.whole, b.whole);
	return der_step(&a.value, &name_a) && der_step(&b.value, &name_b) &&
	       cert_names_match(name_a.whole, name_b.whole);
}

static bool has_directory_name(struct bytes general, struct bytes base, struct bytes relative)
{
	struct bytes name;
	while ((name = crl_scope_next_issuer(&general)).n > 0)
		if (long_names_match(name, BYTES_NONE, base, relative))
			return true;
	return false;
}

static bool has_common_name(struct bytes a, struct bytes b)
{
	struct der one, other;
	while (der_step(&a, &one)) {
		struct bytes rest = b;
		while (der_step(&rest, &other))
			if (general_names_match(one, other))
				return true;
	}
	return false;
}

/* One name in common is enough. */
static bool points_match(const struct point_name *a, const struct point_name *b)
{
	if (a->relative.n > 0 && b->relative.n > 0)
		return long_names_match(a->base, a->relative, b->base, b->relative);
	if (a->relative.n > 0)
		return has_directory_name(b->general, a->base, a->relative);
	if (b->relative.n > 0)
		return has_directory_name(a->general, b->base, b->relative);
	return has_common_name(a->general, b->general);
}

/* 6.3.3 (b)(2)(i): the list's distribution point is this one. A point without a name goes by its
 * cRLIssuer (ii); a relative name continues the cRLIssuer's name, if there is one (4.2.1.13). */
static bool is_point_of_list(
    const struct crl *crl, const struct cert *cert, const struct cert_distribution_point *p)
{
	struct point_name of_list, of_cert = { .general = p->crl_issuer };
	struct bytes issuers = p->crl_issuer;
	struct bytes base =
	    has_other_issuer(p, cert) ? crl_scope_next_issuer(&issuers) : cert->issuer;
	if (crl->idp_name.n == 0)
		return true;
	if (!open_point(crl->idp_name, crl->issuer, &of_list))
		return false;
	if (p->name.n > 0 && !open_point(p->name, base, &of_cert))
		return false;
	return points_match(&of_list, &of_cert);
}

/* 6.3.3, last paragraph: a list by the certificate's issuer that no distribution point names is
 * taken as if one named the issuer. */
static bool is_assumed_point(const struct crl *crl, const struct cert *cert)
{
	struct point_name of_list;
	if (!cert_names_match(crl->issuer, cert->issuer))
		return false;
	if (crl->idp_name.n == 0)
		return true;
	return open_point(crl->idp_name, crl->issuer, &of_list) && of_list.relative.n == 0 &&
	       has_directory_name(of_list.general, cert->issuer, BYTES_NONE);
}

/* -- what a list covers ------------------------------------------------------------------------*/

/* 6.3.3 (b)(2)(iii) to (v) */
static bool covers_kind(const struct crl *crl, const struct cert *cert)
{
	return !crl->only_attribute_certs && !(crl->only_user_certs && cert->is_ca) &&
	       !(crl->only_ca_certs && !cert->is_ca);
}

/* 6.3.3 (b)(1): a list of the cRLIssuer must say that it is an indirect one. */
static bool comes_from_point(
    const struct crl *crl, const struct cert *cert, const struct cert_distribution_point *p)
{
	if (has_other_issuer(p, cert))
		return names_list_issuer(p, crl) && crl->indirect;
	return cert_names_match(crl->issuer, cert->issuer);
}

/* 6.3.3 (d): what both the list and the distribution point cover. */
static uint32_t reasons_of(const struct crl *crl, uint32_t of_point)
{
	uint32_t of_list = crl->only_reasons ? crl->only_reasons : CRL_SCOPE_ALL_REASONS;
	return of_list & (of_point ? of_point : CRL_SCOPE_ALL_REASONS) & CRL_SCOPE_ALL_REASONS;
}

uint32_t crl_scope_reasons(const struct crl *crl, const struct cert *cert, const char **ret_why)
{
	uint32_t reasons = 0;
	*ret_why = "the CRL does not cover certificates of this kind";
	if (!covers_kind(crl, cert))
		return 0;
	*ret_why = "the CRL belongs to another distribution point";
	for (size_t i = 0; i < cert->crl_points.n; i++) {
		const struct cert_distribution_point *p = &cert->crl_points.item[i];
		if (comes_from_point(crl, cert, p) && is_point_of_list(crl, cert, p))
			reasons |= reasons_of(crl, p->reasons);
	}
	if (reasons == 0 && is_assumed_point(crl, cert))
		reasons = reasons_of(crl, 0);
	if (reasons)
		*ret_why = NULL;
	return reasons;
}
