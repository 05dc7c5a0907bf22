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

/* -- finding items by their octets -- */

static struct bytes der_of(const struct evidence *e, enum evidence_kind kind, size_t i)
{
	switch (kind) {
	case EVIDENCE_CERT:
		return e->certs[i].cert->der;
	case EVIDENCE_CRL:
		return e->crls[i].crl->der;
	case EVIDENCE_OCSP:
		break;
	}
	return e->ocsps[i].response->der;
}

/* The end of an item is its signature value, which no two share by chance. */
static size_t hash_of(struct bytes der)
{
	size_t hash = der.n;
	for (size_t i = der.n > 32 ? der.n - 32 : 0; i < der.n; i++)
		hash = hash * 0x9e3779b1u + der.p[i];
	return hash;
}

/* The slot that holds the item, or the empty one where it belongs. */
static uint32_t *find_slot(const struct evidence *e, enum evidence_kind kind,
    const struct evidence_index *x, struct bytes der)
{
	size_t at = hash_of(der) & (x->room - 1);
	while (x->slot[at] && !bytes_equal(der_of(e, kind, x->slot[at] - 1), der))
		at = (at + 1) & (x->room - 1);
	return &x->slot[at];
}

static bool find_item(
    const struct evidence *e, enum evidence_kind kind, struct bytes der, size_t *ret_i)
{
	const struct evidence_index *x = &e->index[kind];
	if (x->room == 0)
		return false;
	uint32_t slot = *find_slot(e, kind, x, der);
	if (slot)
		*ret_i = slot - 1;
	return slot != 0;
}

static enum err index_item(struct scope *s, struct evidence *e, enum evidence_kind kind, size_t i)
{
	struct evidence_index *x = &e->index[kind];
	if (2 * (i + 1) > x->room) {
		struct evidence_index larger = { .room = x->room ? 2 * x->room : 64 };
		larger.slot = scope_alloc_array(s, larger.room, sizeof(*larger.slot));
		if (!larger.slot)
			return ERR_NOMEM;
		*x = larger;
		for (size_t k = 0; k < i; k++)
			*find_slot(e, kind, x, der_of(e, kind, k)) = (uint32_t)k + 1;
	}
	*find_slot(e, kind, x, der_of(e, kind, i)) = (uint32_t)i + 1;
	return OK;
}

/* -- places in the document -- */

void evidence_embed(struct evidence *e, size_t end)
{
	e->embedding = end;
}

static struct evidence_place place_here(const struct evidence *e)
{
	return (struct evidence_place){ e->embedding, INSTANT_NONE };
}

/* The first place where the document holds the item counts. */
static void place_again(const struct evidence *e, struct evidence_place *place)
{
	if (e->embedding && (place->embedded_end == 0 || e->embedding < place->embedded_end))
		place->embedded_end = e->embedding;
}

struct evidence_place evidence_find_place(
    const struct evidence *e, enum evidence_kind kind, struct bytes der)
{
	size_t i;
	if (!find_item(e, kind, der, &i))
		return (struct evidence_place){ 0, INSTANT_NONE };
	switch (kind) {
	case EVIDENCE_CERT:
		return e->certs[i].place;
	case EVIDENCE_CRL:
		return e->crls[i].place;
	case EVIDENCE_OCSP:
		break;
	}
	return e->ocsps[i].place;
}

/* -- certificates -- */

const struct evidence_cert *evidence_find_cert(const struct evidence *e, const struct cert *cert)
{
	size_t i;
	return find_item(e, EVIDENCE_CERT, cert->der, &i) ? &e->certs[i] : NULL;
}

enum err evidence_add_cert(
    struct scope *s, struct evidence *e, const struct cert *cert, enum evidence_source source)
{
	size_t i;
	if (find_item(e, EVIDENCE_CERT, cert->der, &i)) {
		place_again(e, &e->certs[i].place);
		return OK;
	}
	void *items = e->certs;
	TRY(make_room(s, &items, e->n_certs, &e->room_certs, sizeof(*e->certs), "certificates"));
	e->certs = items;
	e->certs[e->n_certs] =
	    (struct evidence_cert){ .cert = cert, .source = source, .place = place_here(e) };
	return index_item(s, e, EVIDENCE_CERT, e->n_certs++);
}

enum err evidence_add_cert_der(
    struct scope *s, struct evidence *e, struct bytes der, enum evidence_source source)
{
	size_t i;
	if (find_item(e, EVIDENCE_CERT, der, &i)) {
		place_again(e, &e->certs[i].place);
		return OK;
	}
	const struct cert *cert;
	enum err err = cert_parse(s, der, &cert);
	return err == OK ? evidence_add_cert(s, e, cert, source) : count_unreadable(s, e, err);
}

/* -- CRLs -- */

enum err evidence_add_crl(struct scope *s, struct evidence *e, const struct crl *crl,
    enum evidence_source source, const char *url)
{
	size_t i;
	if (find_item(e, EVIDENCE_CRL, crl->der, &i)) {
		place_again(e, &e->crls[i].place);
		return OK;
	}
	void *items = e->crls;
	TRY(make_room(s, &items, e->n_crls, &e->room_crls, sizeof(*e->crls), "CRLs"));
	e->crls = items;
	e->crls[e->n_crls] = (struct evidence_crl){
		.crl = crl, .source = source, .url = url, .place = place_here(e)
	};
	return index_item(s, e, EVIDENCE_CRL, e->n_crls++);
}

enum err evidence_add_crl_der(struct scope *s, struct evidence *e, struct bytes der,
    enum evidence_source source, const char *url)
{
	size_t i;
	if (find_item(e, EVIDENCE_CRL, der, &i)) {
		place_again(e, &e->crls[i].place);
		return OK;
	}
	const struct crl *crl;
	enum err err = crl_parse(s, der, &crl);
	return err == OK ? evidence_add_crl(s, e, crl, source, url) : count_unreadable(s, e, err);
}

/* -- OCSP responses -- */

enum err evidence_add_ocsp(struct scope *s, struct evidence *e,
    const struct ocsp_response *response, enum evidence_source source, const char *url)
{
	size_t i;
	bool known = find_item(e, EVIDENCE_OCSP, response->der, &i);
	if (known)
		place_again(e, &e->ocsps[i].place);
	for (size_t k = 0; k < response->n_certs; k++)
		TRY(evidence_add_cert(s, e, response->certs[k], source));
	if (known)
		return OK;
	void *items = e->ocsps;
	TRY(make_room(s, &items, e->n_ocsps, &e->room_ocsps, sizeof(*e->ocsps), "OCSP responses"));
	e->ocsps = items;
	e->ocsps[e->n_ocsps] = (struct evidence_ocsp){
		.response = response, .source = source, .url = url, .place = place_here(e)
	};
	return index_item(s, e, EVIDENCE_OCSP, e->n_ocsps++);
}

enum err evidence_add_ocsp_der(struct scope *s, struct evidence *e, struct bytes der,
    enum evidence_source source, const char *url, const struct ocsp_response **ret_ocsp)
{
	const struct ocsp_response *response = NULL;
	size_t i;
	enum err err = OK;
	if (find_item(e, EVIDENCE_OCSP, der, &i))
		response = e->ocsps[i].response;
	else
		err = ocsp_parse(s, der, &response);
	if (err != OK || response->response_status != 0) {
		response = NULL;
		TRY(err == OK ? OK : count_unreadable(s, e, err));
	} else {
		TRY(evidence_add_ocsp(s, e, response, source, url));
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

enum err evidence_add_all(struct scope *s, struct evidence *e, const struct evidence *more)
{
	for (size_t i = 0; i < more->n_certs; i++)
		TRY(evidence_add_cert(s, e, more->certs[i].cert, more->certs[i].source));
	for (size_t i = 0; i < more->n_crls; i++)
		TRY(evidence_add_crl(
		    s, e, more->crls[i].crl, more->crls[i].source, more->crls[i].url));
	for (size_t i = 0; i < more->n_ocsps; i++)
		TRY(evidence_add_ocsp(
		    s, e, more->ocsps[i].response, more->ocsps[i].source, more->ocsps[i].url));
	for (size_t i = 0; i < more->n_failures; i++)
		TRY(evidence_add_failure(s, e, more->failures[i].url, more->failures[i].why));
	e->n_unreadable += more->n_unreadable;
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
