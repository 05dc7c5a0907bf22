#include "validator/evidence_bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

/* -- from a report -- */

/* SHA-256 values, sorted, to look things up. */
struct known {
	struct digest *item;
	size_t n;
};

static int compare(const void *a, const void *b)
{
	const struct digest *x = a, *y = b;
	return memcmp(x->value, y->value, sizeof(x->value));
}

static bool has(const struct known *k, const struct digest *sha256)
{
	return bsearch(sha256, k->item, k->n, sizeof(*k->item), compare) != NULL;
}

static enum err note_used(struct scope *s, const struct evidence *used, struct known *ret_known)
{
	size_t room = used->n_certs + used->n_crls + used->n_ocsps, n = 0;
	struct digest *d = scope_alloc_array(s, room, sizeof(*d));
	if (!d)
		return ERR_NOMEM;
	for (size_t i = 0; i < used->n_certs; i++)
		d[n++] = used->certs[i].cert->sha256;
	for (size_t i = 0; i < used->n_crls; i++)
		d[n++] = used->crls[i].crl->sha256;
	for (size_t i = 0; i < used->n_ocsps; i++)
		d[n++] = used->ocsps[i].response->sha256;
	qsort(d, n, sizeof(*d), compare);
	*ret_known = (struct known){ d, n };
	return OK;
}

struct work {
	struct scope *s;
	struct evidence_bundle *b;
	struct known used;
	size_t room;
};

static size_t count_timestamps(const struct report *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n_signatures; i++)
		n += r->signatures[i].n_timestamps;
	return n;
}

static void put(struct work *w, struct bytes der, const struct digest *sha256,
    struct evidence_manifest_item item)
{
	struct evidence_manifest *m = &w->b->manifest;
	item.file = (struct evidence_manifest_file){ *sha256, der.n };
	item.is_used = item.is_used || has(&w->used, sha256);
	w->b->contents[m->n_items] = der;
	m->items[m->n_items++] = item;
}

static void put_certs(struct work *w, const struct evidence *e)
{
	for (size_t i = 0; i < e->n_certs; i++)
		put(w, e->certs[i].cert->der, &e->certs[i].cert->sha256,
		    (struct evidence_manifest_item){ .kind = EVIDENCE_MANIFEST_CERTIFICATE,
			.source = e->certs[i].source,
			.is_given = i < e->given.certs });
}

static void put_crls(struct work *w, const struct evidence *e)
{
	for (size_t i = 0; i < e->n_crls; i++)
		put(w, e->crls[i].crl->der, &e->crls[i].crl->sha256,
		    (struct evidence_manifest_item){ .kind = EVIDENCE_MANIFEST_CRL,
			.source = e->crls[i].source,
			.is_given = i < e->given.crls,
			.url = e->crls[i].url });
}

static void put_ocsps(struct work *w, const struct evidence *e)
{
	for (size_t i = 0; i < e->n_ocsps; i++)
		put(w, e->ocsps[i].response->der, &e->ocsps[i].response->sha256,
		    (struct evidence_manifest_item){ .kind = EVIDENCE_MANIFEST_OCSP,
			.source = e->ocsps[i].source,
			.is_given = i < e->given.ocsps,
			.url = e->ocsps[i].url });
}

static bool has_timestamp(const struct evidence_manifest *m, const struct digest *sha256)
{
	for (size_t i = m->n_items; i-- > 0 && m->items[i].kind == EVIDENCE_MANIFEST_TIMESTAMP;)
		if (digest_equal(&m->items[i].file.sha256, sha256))
			return true;
	return false;
}

/* The same token in two places is one item. */
static enum err put_timestamps(struct work *w, const struct report_signature *sig)
{
	for (size_t i = 0; i < sig->n_timestamps; i++) {
		struct digest sha256;
		struct bytes token = sig->timestamps[i].token;
		TRY(digest_of_bytes(w->s, DIGEST_SHA256, token, &sha256));
		if (!has_timestamp(&w->b->manifest, &sha256))
			put(w, token, &sha256,
			    (struct evidence_manifest_item){ .kind = EVIDENCE_MANIFEST_TIMESTAMP,
				.source = EVIDENCE_SIGNATURE,
				.is_used = true });
	}
	return OK;
}

static enum err put_all(struct work *w, const struct report *r, const struct anchors *anchors)
{
	const struct evidence *e = r->gathered;
	for (size_t i = 0; i < anchors->n; i++)
		put(w, anchors->item[i]->der, &anchors->item[i]->sha256,
		    (struct evidence_manifest_item){ .kind = EVIDENCE_MANIFEST_ANCHOR,
			.source = EVIDENCE_ANCHOR,
			.is_given = true });
	put_certs(w, e);
	put_crls(w, e);
	put_ocsps(w, e);
	for (size_t i = 0; i < r->n_signatures; i++)
		TRY(put_timestamps(w, &r->signatures[i]));
	return OK;
}

static enum err file_of(
    struct scope *s, struct bytes content, struct evidence_manifest_file *ret_file)
{
	ret_file->size = content.n;
	return digest_of_bytes(s, DIGEST_SHA256, content, &ret_file->sha256);
}

enum err evidence_bundle_of_report(struct scope *s, const struct report *report,
    const struct anchors *anchors, struct evidence_bundle *ret_bundle)
{
	const struct evidence *e = report->gathered;
	struct evidence_bundle b = { .manifest = { .program = BULLA_VERSION,
					 .name = report->name ? report->name : "",
					 .document = { report->document_sha256, report->size },
					 .at = report->validation_time,
					 .conclusion = report->conclusion,
					 .n_unreadable = e->n_unreadable,
					 .failures = e->failures,
					 .n_failures = e->n_failures } };
	struct work w = { .s = s, .b = &b };
	size_t room = anchors->n + e->n_certs + e->n_crls + e->n_ocsps + count_timestamps(report);
	b.manifest.items = scope_alloc_array(s, room, sizeof(*b.manifest.items));
	b.contents = scope_alloc_array(s, room, sizeof(*b.contents));
	if (!b.manifest.items || !b.contents)
		return ERR_NOMEM;
	TRY(note_used(s, report->items, &w.used));
	TRY(put_all(&w, report, anchors));
	TRY(policy_canonical(s, report->policy, &b.policy));
	TRY(report_json(s, report, false, &b.report));
	TRY(file_of(s, b.policy, &b.manifest.policy));
	TRY(file_of(s, b.report, &b.manifest.report));
	TRY(evidence_manifest_write(s, &b.manifest, &b.text));
	*ret_bundle = b;
	return OK;
}

/* -- back -- */

static enum err add(struct scope *s, const struct evidence_manifest_item *item, struct bytes der,
    struct evidence *e)
{
	switch (item->kind) {
	case EVIDENCE_MANIFEST_CERTIFICATE:
		return evidence_add_cert_der(s, e, der, item->source);
	case EVIDENCE_MANIFEST_CRL:
		return evidence_add_crl_der(s, e, der, item->source, item->url);
	case EVIDENCE_MANIFEST_OCSP:
		return evidence_add_ocsp_der(s, e, der, item->source, item->url, NULL);
	case EVIDENCE_MANIFEST_ANCHOR:
	case EVIDENCE_MANIFEST_TIMESTAMP:
	case EVIDENCE_MANIFEST_KINDS:
		break;
	}
	return OK;
}

static enum err not_such(struct scope *s, const struct evidence_manifest_item *item)
{
	char *hex;
	TRY(bytes_to_hex(s, digest_bytes(&item->file.sha256), &hex));
	return scope_fault(s, ERR_FORMAT, "the %s %s cannot be read as one",
	    evidence_manifest_kind_name(item->kind), hex);
}

enum err evidence_bundle_evidence(
    struct scope *s, const struct evidence_bundle *b, bool given, struct evidence **ret_evidence)
{
	const struct evidence_manifest *m = &b->manifest;
	struct evidence *e;
	TRY(evidence_new(s, &e));
	for (size_t i = 0; i < m->n_items; i++) {
		if (m->items[i].is_given != given)
			continue;
		TRY(add(s, &m->items[i], b->contents[i], e));
		if (e->n_unreadable)
			return not_such(s, &m->items[i]);
	}
	*ret_evidence = e;
	return OK;
}

static enum err read_anchors(
    struct scope *s, const struct evidence_bundle *b, const struct anchors **ret_anchors)
{
	const struct evidence_manifest *m = &b->manifest;
	const struct cert **certs = scope_alloc_array(s, m->n_items, sizeof(*certs));
	size_t n = 0;
	if (!certs)
		return ERR_NOMEM;
	for (size_t i = 0; i < m->n_items; i++) {
		if (m->items[i].kind != EVIDENCE_MANIFEST_ANCHOR)
			continue;
		enum err e = cert_parse(s, b->contents[i], &certs[n++]);
		if (e == ERR_NOMEM)
			return e;
		if (e != OK) {
			scope_forgive(s);
			return not_such(s, &m->items[i]);
		}
	}
	return anchors_new(s, certs, n, ret_anchors);
}

enum err evidence_bundle_judge(struct scope *s, const struct evidence_bundle *b,
    struct bytes document, const struct pdf_crypt_means *means, const struct policy *policy,
    struct report **ret_report)
{
	const struct evidence_manifest *m = &b->manifest;
	struct validate_request request = { .name = m->name,
		.document = document,
		.password = means->password,
		.recipient = means->recipient,
		.policy = policy,
		.at = m->at,
		.offline = true };
	struct evidence *later;
	TRY(read_anchors(s, b, &request.anchors));
	TRY(evidence_bundle_evidence(s, b, true, &request.evidence));
	TRY(evidence_bundle_evidence(s, b, false, &later));
	for (size_t i = 0; i < m->n_failures; i++)
		TRY(evidence_add_failure(s, later, m->failures[i].url, m->failures[i].why));
	later->n_unreadable = m->n_unreadable;
	request.later = later;
	return validate_pdf(s, NULL, &request, ret_report);
}
