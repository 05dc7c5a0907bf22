#include "service/inspection.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/cms.h"
#include "formats/crl.h"
#include "formats/ocsp.h"
#include "formats/pdf_dss.h"
#include "formats/pdf_signature.h"
#include "formats/tst.h"

/* Far above what LIMIT_PDF_SIGNATURES and LIMIT_PDF_DSS_ITEMS lines need. */
#define TEXT_CAP ((size_t)64 << 20)

struct inspection {
	struct scope *s;
	struct buf b;
	const struct pdf_file *file;
	struct pdf_signature_list signatures;
	struct pdf_dss dss;
};

/* A line whose text came from the document: control characters become '?'. */
static void add_text(struct inspection *x, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	buf_addf(&x->b, "    %s: ", label);
	for (const char *c = text; *c; c++)
		buf_add_byte(&x->b, (unsigned char)*c < 0x20 || *c == 0x7f ? '?' : (uint8_t)*c);
	buf_add_str(&x->b, "\n");
}

static void add_instant(struct inspection *x, const char *label, struct instant t)
{
	char text[INSTANT_TEXT];
	if (!instant_is_known(t))
		return;
	instant_to_rfc3339(t, text);
	add_text(x, label, text);
}

/* What could not be read, and why; the fault has been dealt with then. */
static void add_unreadable(struct inspection *x, const char *what)
{
	add_text(x, what, scope_fault_text(x->s));
	scope_forgive(x->s);
}

static void add_quirks(struct inspection *x)
{
	static const struct {
		uint32_t bit;
		const char *text;
	} table[] = {
		{ PDF_QUIRK_JUNK_BEFORE_HEADER, "other data before the header" },
		{ PDF_QUIRK_STARTXREF_WHITE, "startxref points at white space" },
		{ PDF_QUIRK_XREF_FORM, "odd form of cross-reference entries" },
		{ PDF_QUIRK_XREF_FIRST, "first cross-reference subsection starts at 1" },
		{ PDF_QUIRK_SIZE, "/Size is too small" },
		{ PDF_QUIRK_ENTRY_OFFSET_0, "objects in use at offset 0" },
		{ PDF_QUIRK_HEADER, "odd version in the header" },
		{ PDF_QUIRK_TRAILING, "other data after the last %%EOF" },
		{ PDF_QUIRK_EOF_MISSING, "no %%EOF at the end" },
		{ PDF_QUIRK_ENCRYPT_DIRECT, "/Encrypt is a direct object" },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (x->file->quirks & table[i].bit)
			add_text(x, "irregular", table[i].text);
}

static void add_document(struct inspection *x)
{
	const struct pdf_file *f = x->file;
	buf_addf(&x->b, "Document: PDF %d.%d, %zu octets%s%s\n", f->version / 10, f->version % 10,
	    f->bytes.n, f->crypt ? ", encrypted" : "", f->linearized ? ", linearized" : "");
	if (f->crypt)
		add_text(x, "encryption", pdf_crypt_name(f->crypt));
	if (pdf_file_is_locked(f))
		add_text(x, "locked", "texts and content need the key of a recipient");
	add_quirks(x);
}

static const char *section_name(enum pdf_section_kind kind)
{
	switch (kind) {
	case PDF_SECTION_TABLE:
		return "table";
	case PDF_SECTION_STREAM:
		return "stream";
	case PDF_SECTION_HYBRID:
	default:
		return "hybrid";
	}
}

static void add_revisions(struct inspection *x)
{
	const struct pdf_file *f = x->file;
	buf_addf(&x->b, "Revisions: %zu\n", f->n_revisions);
	for (size_t i = 0; i < f->n_revisions; i++) {
		const struct pdf_revision *r = &f->revisions[i];
		size_t entries = 0;
		for (size_t k = 0; k < r->n_sections; k++)
			entries += r->sections[k]->n_entries;
		buf_addf(&x->b,
		    "  %zu: octets %zu to %zu, cross-reference %s at %zu, %zu entries\n", i + 1,
		    r->start, r->end, section_name(r->sections[0]->kind), r->sections[0]->offset,
		    entries);
	}
}

static const struct cert *find_signer(const struct cms *cms, const struct cms_signer *signer)
{
	for (size_t i = 0; i < cms->n_certs; i++) {
		const struct cert *c = cms->certs[i];
		if (signer->ski.n ? bytes_equal(c->ski, signer->ski)
				  : bytes_equal(c->serial, signer->serial) &&
					cert_names_match(c->issuer, signer->issuer))
			return c;
	}
	return NULL;
}

/* A timestamp token, or what a document timestamp's /Contents holds. */
static void add_timestamp(struct inspection *x, const char *label, const struct cms *token)
{
	struct tst_info info;
	if (tst_info_parse(x->s, token->econtent, &info) != OK) {
		add_unreadable(x, label);
		return;
	}
	add_instant(x, label, info.gen_time);
	const struct cert *tsa = token->n_signers ? find_signer(token, &token->signers[0]) : NULL;
	if (tsa)
		add_text(x, "  by", tsa->subject_text);
}

static void add_signer(struct inspection *x, const struct cms *cms, const struct cms_signer *signer)
{
	const struct cert *c = find_signer(cms, signer);
	struct instant t;
	add_text(x, "signer", c ? c->subject_text : "its certificate is not in the signature");
	add_text(x, "digest", digest_name(signer->digest_alg));
	add_text(x, "algorithm", signature_alg_name(signer->sig_alg.kind));
	if (cms_signing_time(x->s, signer, &t) == OK)
		add_instant(x, "signingTime", t);
	else
		add_unreadable(x, "signingTime");
	const struct cms_attr *a =
	    cms_find_attr(&signer->unsigned_attrs, OID_ATTR_SIGNATURE_TIMESTAMP);
	for (size_t i = 0; a && i < a->n_values; i++) {
		const struct cms *token;
		if (cms_parse(x->s, a->values[i], NULL, &token) == OK)
			add_timestamp(x, "signature timestamp", token);
		else
			add_unreadable(x, "signature timestamp");
	}
}

static void add_cms(struct inspection *x, const struct pdf_signature *sig)
{
	const struct cms *cms;
	if (!sig->cms.n) {
		add_text(x, "CMS", sig->is_placeholder ? "not signed yet" : "none");
		return;
	}
	if (cms_parse(x->s, sig->cms, NULL, &cms) != OK) {
		add_unreadable(x, "CMS");
		return;
	}
	buf_addf(&x->b, "    CMS: %zu octets, %zu signers, %zu certificates, %zu CRLs, %zu OCSP\n",
	    sig->cms.n, cms->n_signers, cms->n_certs, cms->n_crls, cms->n_ocsps);
	if (sig->is_document_timestamp)
		add_timestamp(x, "time", cms);
	for (size_t i = 0; i < cms->n_signers; i++)
		add_signer(x, cms, &cms->signers[i]);
}

static void add_signature(struct inspection *x, size_t i, const struct pdf_signature *sig)
{
	buf_addf(&x->b, "  S%zu: %s in object %" PRIu32 " %" PRIu32 ", revision %zu\n", i + 1,
	    sig->is_document_timestamp ? "document timestamp" : "signature", sig->value.num,
	    sig->value.gen, sig->made_in + 1);
	add_text(x, "field", sig->name);
	add_text(x, "SubFilter", sig->sub_filter);
	const int64_t *r = sig->byte_range;
	if (sig->byte_range_ok)
		buf_addf(&x->b,
		    "    ByteRange: %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
		    " of %zu octets\n",
		    r[0], r[1], r[2], r[3], x->file->bytes.n);
	else
		add_text(x, "ByteRange", sig->has_byte_range ? "malformed" : "none");
	if (sig->has_contents)
		buf_addf(&x->b, "    Contents: octets %zu to %zu\n", sig->contents_start,
		    sig->contents_end);
	add_instant(x, "M", sig->m);
	add_text(x, "Name", sig->signer_name);
	add_text(x, "Reason", sig->reason);
	add_text(x, "Location", sig->location);
	add_text(x, "ContactInfo", sig->contact);
	if (sig->docmdp)
		buf_addf(&x->b, "    DocMDP: %d\n", sig->docmdp);
	if (sig->fieldmdp.action != PDF_FIELDMDP_NONE)
		add_text(x, "FieldMDP", "present");
	add_cms(x, sig);
}

static void add_signatures(struct inspection *x)
{
	const struct pdf_signature_list *l = &x->signatures;
	buf_addf(&x->b, "Signatures: %zu\n", l->n);
	for (size_t i = 0; i < l->n; i++)
		add_signature(x, i, &l->item[i]);
	for (size_t i = 0; i < l->n_unsigned; i++)
		add_text(x, "empty signature field", l->unsigned_fields[i].name);
}

static void add_stray(struct inspection *x)
{
	for (size_t i = 0; i < x->signatures.n_stray; i++)
		buf_addf(&x->b, "    /ByteRange outside of any field at octet %zu\n",
		    x->signatures.stray[i]);
}

static void add_dss(struct inspection *x)
{
	const struct pdf_dss *d = &x->dss;
	if (!d->present) {
		buf_add_str(&x->b, "Document security store: none\n");
		return;
	}
	buf_addf(&x->b,
	    "Document security store: %zu certificates, %zu CRLs, %zu OCSP responses, %zu VRI",
	    d->n_certs, d->n_crls, d->n_ocsps, d->n_vri);
	if (d->n_unreadable)
		buf_addf(&x->b, ", %zu unreadable", d->n_unreadable);
	buf_add_str(&x->b, "\n");
	for (size_t i = 0; i < d->n_crls; i++) {
		const struct crl *c;
		if (crl_parse(x->s, d->crls[i], &c) != OK) {
			add_unreadable(x, "CRL");
			continue;
		}
		buf_addf(&x->b, "  CRL of %zu entries\n", c->n_entries);
		add_text(x, "issuer", c->issuer_text);
		add_instant(x, "this update", c->this_update);
		add_instant(x, "next update", c->next_update);
	}
	for (size_t i = 0; i < d->n_ocsps; i++) {
		const struct ocsp_response *o;
		if (ocsp_parse(x->s, d->ocsps[i], &o) != OK) {
			add_unreadable(x, "OCSP response");
			continue;
		}
		buf_addf(&x->b, "  OCSP response about %zu certificates\n", o->n_singles);
		add_instant(x, "produced at", o->produced_at);
	}
}

/* A certificate, once, with every place it stands in. */
struct shown {
	const struct cert *cert;
	size_t *places; /* index of a signature; PLACE_DSS */
	size_t n_places;
};
#define PLACE_DSS SIZE_MAX
#define SHOWN_MOST LIMIT_CMS_CERTIFICATES

struct shown_list {
	struct shown item[SHOWN_MOST];
	size_t n, n_more; /* n_more: did not fit */
};

static enum err note_cert(
    struct inspection *x, struct shown_list *l, const struct cert *c, size_t place)
{
	size_t i = 0;
	while (i < l->n && !cert_equal(l->item[i].cert, c))
		i++;
	if (i == SHOWN_MOST) {
		l->n_more++;
		return OK;
	}
	struct shown *shown = &l->item[i];
	if (i == l->n)
		*shown = (struct shown){ .cert = c };
	if (shown->n_places && shown->places[shown->n_places - 1] == place)
		return OK;
	size_t *places = scope_resize(x->s, shown->places, shown->n_places * sizeof(*places),
	    (shown->n_places + 1) * sizeof(*places));
	if (!places)
		return ERR_NOMEM;
	places[shown->n_places++] = place;
	shown->places = places;
	l->n += i == l->n;
	return OK;
}

static void add_cert(struct inspection *x, const struct shown *shown)
{
	const struct cert *c = shown->cert;
	char *hex;
	if (bytes_to_hex(x->s, digest_bytes(&c->sha256), &hex) != OK)
		return;
	buf_add_str(&x->b, "  in");
	for (size_t i = 0; i < shown->n_places; i++) {
		if (shown->places[i] == PLACE_DSS)
			buf_addf(&x->b, "%s the document security store", i ? "," : "");
		else
			buf_addf(&x->b, "%s S%zu", i ? "," : "", shown->places[i] + 1);
	}
	buf_add_str(&x->b, "\n");
	add_text(x, "subject", c->subject_text);
	add_text(x, "issuer", c->issuer_text);
	add_text(x, "serial", c->serial_text);
	add_instant(x, "not before", c->not_before);
	add_instant(x, "not after", c->not_after);
	add_text(x, "sha256", hex);
}

static enum err note_certs_of_cms(struct inspection *x, struct shown_list *l, size_t i)
{
	const struct cms *cms;
	if (!x->signatures.item[i].cms.n)
		return OK;
	if (cms_parse(x->s, x->signatures.item[i].cms, NULL, &cms) != OK) {
		scope_forgive(x->s); /* said with the signature */
		return OK;
	}
	for (size_t k = 0; k < cms->n_certs; k++)
		TRY(note_cert(x, l, cms->certs[k], i));
	return OK;
}

static enum err add_certs(struct inspection *x)
{
	struct shown_list *l = scope_alloc(x->s, sizeof(*l));
	size_t n_unreadable = 0;
	if (!l)
		return ERR_NOMEM;
	for (size_t i = 0; i < x->signatures.n; i++)
		TRY(note_certs_of_cms(x, l, i));
	for (size_t i = 0; i < x->dss.n_certs; i++) {
		const struct cert *c;
		if (cert_parse(x->s, x->dss.certs[i], &c) == OK) {
			TRY(note_cert(x, l, c, PLACE_DSS));
			continue;
		}
		scope_forgive(x->s);
		n_unreadable++;
	}
	buf_addf(&x->b, "Certificates: %zu\n", l->n + l->n_more);
	for (size_t i = 0; i < l->n; i++)
		add_cert(x, &l->item[i]);
	if (l->n_more)
		buf_addf(&x->b, "  and %zu more\n", l->n_more);
	if (n_unreadable)
		buf_addf(&x->b, "  %zu unreadable\n", n_unreadable);
	return OK;
}

enum err inspection_text(struct scope *s, struct bytes document,
    const struct pdf_crypt_means *means, struct bytes *ret_text)
{
	struct inspection x = { .s = s, .b = buf_new(s, TEXT_CAP) };
	struct pdf_file *file;
	TRY(pdf_file_open_by(s, document, means, &file));
	x.file = file;
	add_document(&x);
	add_revisions(&x);
	if (pdf_signature_list(s, file, &x.signatures) != OK)
		add_unreadable(&x, "Signatures");
	else
		add_signatures(&x);
	if (pdf_signature_find_stray(s, file, &x.signatures) != OK)
		add_unreadable(&x, "outside of any field");
	else
		add_stray(&x);
	if (pdf_dss_read(s, file, pdf_file_latest(file), &x.dss) != OK)
		add_unreadable(&x, "Document security store");
	else
		add_dss(&x);
	TRY(add_certs(&x));
	return buf_done(&x.b, ret_text);
}
