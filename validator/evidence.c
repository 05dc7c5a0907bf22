#include "validator/evidence.h"

#include "base/limits.h"
#include "base/scope.h"

#include <stdlib.h>
#include <string.h>

const char *evidence_source_name(enum evidence_source source)
{
	static const char *const names[] = {
		[EVIDENCE_SIGNATURE] = "signature",
		[EVIDENCE_DSS] = "dss",
		[EVIDENCE_GIVEN] = "given",
		[EVIDENCE_FETCHED] = "fetched",
		[EVIDENCE_ANCHOR] = "anchor",
	};
	return names[source];
}

enum err evidence_new(struct scope *s, struct evidence **ret_evidence)
{
	struct evidence *e = scope_alloc(s, sizeof(*e));
	if (!e)
		return ERR_NOMEM;
	*ret_evidence = e;
	return OK;
}

/* Room for one more item of `size` in *items; the array moves inside the arena. */
#define NOT_IN_DOCUMENT ((struct evidence_place){ 0, INSTANT_NONE })

static enum err make_room(
    struct scope *s, void **items, size_t n, size_t *room, size_t size, const char *what)
{
	if (n < *room)
		return OK;
	if (n >= LIMIT_POOL_CERTIFICATES)
		return scope_fault(
		    s, ERR_LIMIT, "evidence: more than %d %s", LIMIT_POOL_CERTIFICATES, what);
	size_t more = *room ? 2 * *room : 16;
	void *p = scope_alloc_array(s, more, size);
	if (!p)
		return ERR_NOMEM;
	if (n)
		memcpy(p, *items, n * size);
	*items = p;
	*room = more;
	return OK;
}

/* A malformed item is no error of the job: it is counted, and its fault forgotten. */
static enum err count_unreadable(struct scope *s, struct evidence *e, enum err why)
{
	if (why == ERR_NOMEM)
		return why;
	scope_forgive(s);
	e->n_unreadable++;
	return OK;
}

enum err evidence_add_cert(
    struct scope *s, struct evidence *e, const struct cert *cert, enum evidence_source source)
{
	for (size_t i = 0; i < e->n_certs; i++)
		if (cert_equal(e->certs[i].cert, cert))
			return OK;
	void *items = e->certs;
	TRY(make_room(s, &items, e->n_certs, &e->room_certs, sizeof(*e->certs), "certificates"));
	e->certs = items;
	e->certs[e->n_certs++] =
	    (struct evidence_cert){ .cert = cert, .source = source, .place = NOT_IN_DOCUMENT };
	return OK;
}

enum err evidence_add_cert_der(
    struct scope *s, struct evidence *e, struct bytes der, enum evidence_source source)
{
	for (size_t i = 0; i < e->n_certs; i++)
		if (bytes_equal(e->certs[i].cert->der, der))
			return OK;
	const struct cert *cert;
	enum err err = cert_parse(s, der, &cert);
	return err == OK ? evidence_add_cert(s, e, cert, source) : count_unreadable(s, e, err);
}

enum err evidence_add_crl_der(struct scope *s, struct evidence *e, struct bytes der,
    enum evidence_source source, const char *url)
{
	for (size_t i = 0; i < e->n_crls; i++)
		if (bytes_equal(e->crls[i].crl->der, der))
			return OK;
	const struct crl *crl;
	enum err err = crl_parse(s, der, &crl);
	if (err != OK)
		return count_unreadable(s, e, err);
	void *items = e->crls;
	TRY(make_room(s, &items, e->n_crls, &e->room_crls, sizeof(*e->crls), "CRLs"));
	e->crls = items;
	e->crls[e->n_crls++] = (struct evidence_crl){
		.crl = crl, .source = source, .url = url, .place = NOT_IN_DOCUMENT
	};
	return OK;
}

static enum err add_ocsp(struct scope *s, struct evidence *e, struct evidence_ocsp item)
{
	void *items = e->ocsps;
	TRY(make_room(s, &items, e->n_ocsps, &e->room_ocsps, sizeof(*e->ocsps), "OCSP responses"));
	e->ocsps = items;
	e->ocsps[e->n_ocsps++] = item;
	for (size_t i = 0; i < item.response->n_certs; i++)
		TRY(evidence_add_cert(s, e, item.response->certs[i], item.source));
	return OK;
}

enum err evidence_add_ocsp_der(struct scope *s, struct evidence *e, struct bytes der,
    enum evidence_source source, const char *url, const struct ocsp_response **ret_ocsp)
{
	const struct ocsp_response *response = NULL;
	for (size_t i = 0; i < e->n_ocsps && !response; i++)
		if (bytes_equal(e->ocsps[i].response->der, der))
			response = e->ocsps[i].response;
	if (!response) {
		enum err err = ocsp_parse(s, der, &response);
		if (err != OK)
			TRY(count_unreadable(s, e, err));
		if (err != OK || response->response_status != 0)
			response = NULL;
		else
			TRY(add_ocsp(s, e,
			    (struct evidence_ocsp){ .response = response,
				.source = source,
				.url = url,
				.place = NOT_IN_DOCUMENT }));
	}
	if (ret_ocsp)
		*ret_ocsp = response;
	return OK;
}

enum err evidence_add_failure(struct scope *s, struct evidence *e, const char *url, const char *why)
{
	void *items = e->failures;
	TRY(make_room(
	    s, &items, e->n_failures, &e->room_failures, sizeof(*e->failures), "failures"));
	e->failures = items;
	char *kept_url, *kept_why;
	TRY(bytes_to_str(s, bytes_of_str(url), &kept_url));
	TRY(bytes_to_str(s, bytes_of_str(why), &kept_why));
	e->failures[e->n_failures++] = (struct evidence_failure){ kept_url, kept_why };
	return OK;
}

static int compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

enum err evidence_digest(struct scope *s, const struct evidence *e, struct digest *ret_digest)
{
	size_t n = e->n_certs + e->n_crls + e->n_ocsps, at = 0;
	uint8_t *all = scope_alloc_array(s, n + 1, 32);
	if (!all)
		return ERR_NOMEM;
	for (size_t i = 0; i < e->n_certs; i++)
		memcpy(all + 32 * at++, e->certs[i].cert->sha256.value, 32);
	for (size_t i = 0; i < e->n_crls; i++)
		memcpy(all + 32 * at++, e->crls[i].crl->sha256.value, 32);
	for (size_t i = 0; i < e->n_ocsps; i++)
		memcpy(all + 32 * at++, e->ocsps[i].response->sha256.value, 32);
	qsort(all, n, 32, compare_digests);
	return digest_of_bytes(s, DIGEST_SHA256, bytes_of(all, 32 * n), ret_digest);
}
