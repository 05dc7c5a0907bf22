#include "sealer/author.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/cms_build.h"
#include "formats/pdf_text.h"
#include "sealer/dss_embed.h"
#include "sealer/permission.h"
#include "sealer/timestamp.h"

/* Room for a token before the authority's real one is known; a larger one is asked for again. */
#define TOKEN_FIRST_GUESS 8192
#define TOKEN_TRIES 4
#define SEED_OCTETS 32

/* The seal will carry these certificates, and the judge read them. */
static enum err remember_key(struct scope *s, const struct key *key)
{
	if (!key)
		return OK;
	for (size_t i = 0; i < key->n_chain; i++)
		TRY(cert_remember(s, key->chain[i]));
	return cert_remember(s, key->cert);
}

enum err author_new(struct scope *s, const struct world *world, const struct seal_request *request,
    struct draft *draft, struct author **ret_author)
{
	struct author *a = scope_alloc(s, sizeof(*a));
	if (!a)
		return ERR_NOMEM;
	*a = (struct author){ .s = s,
		.world = world,
		.draft = draft,
		.evidence = request->evidence,
		.token_max = TOKEN_FIRST_GUESS,
		.warning = buf_new(s, 4096) };
	author_take(a, request);
	if (request->token_room && *request->token_room > a->token_max)
		a->token_max = *request->token_room;
	if (!a->evidence)
		TRY(evidence_new(s, &a->evidence));
	TRY(remember_key(s, request->key));
	*ret_author = a;
	return OK;
}

void author_take(struct author *a, const struct seal_request *request)
{
	a->request = request;
	a->digest = request->key ? key_digest(request->key, request->digest) : request->digest;
	if (a->digest == DIGEST_UNKNOWN)
		a->digest = DIGEST_SHA256;
}

void author_warn(struct author *a, const char *text)
{
	if (bytes_find(buf_bytes(&a->warning), bytes_of_str(text), 0) != BYTES_NOT_FOUND)
		return;
	if (a->warning.n)
		buf_add_str(&a->warning, "; ");
	buf_add_str(&a->warning, text);
}

/* Time-stamping authorities know the SHA-2 family. */
static enum digest_alg imprint_alg(const struct author *a)
{
	bool usual =
	    a->digest == DIGEST_SHA256 || a->digest == DIGEST_SHA384 || a->digest == DIGEST_SHA512;
	return usual ? a->digest : DIGEST_SHA512;
}

/* -- an update in the making -- */

struct sheet {
	struct pdf_file *file;
	struct pdf_signature_list signatures;
	struct pdf_update *update;
};

enum err author_open(struct author *a, struct pdf_file **ret_file)
{
	const struct pdf_crypt_means means = { .password = a->request->document_password,
		.recipient = a->request->document_recipient };
	return pdf_file_open_by(a->s, a->draft->document, &means, ret_file);
}

static enum err open_sheet(struct author *a, struct sheet *sheet)
{
	uint8_t *seed = scope_alloc(a->s, SEED_OCTETS);
	if (!seed)
		return ERR_NOMEM;
	TRY(author_open(a, &sheet->file));
	TRY(pdf_signature_list(a->s, sheet->file, &sheet->signatures));
	if (sheet->file->crypt)
		TRY(a->world->random(a->world->ctx, a->s, seed, SEED_OCTETS));
	return pdf_update_new(a->s, sheet->file,
	    sheet->file->crypt ? bytes_of(seed, SEED_OCTETS) : BYTES_NONE, &sheet->update);
}

static enum err set_text(struct scope *s, struct pdf_value *dict, const char *key, const char *utf8)
{
	struct bytes text;
	if (!utf8 || !utf8[0])
		return OK;
	TRY(pdf_text_encode(s, utf8, &text));
	return pdf_value_set(s, dict, key, pdf_value_new_string(s, text));
}

static enum err new_dict(
    struct scope *s, const char *type, const char *sub_filter, struct pdf_value **ret_dict)
{
	struct pdf_value *d = pdf_value_new_dict(s);
	if (!d)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, d, "Type", pdf_value_new_name(s, type)));
	TRY(pdf_value_set(s, d, "Filter", pdf_value_new_name(s, "Adobe.PPKLite")));
	TRY(pdf_value_set(s, d, "SubFilter", pdf_value_new_name(s, sub_filter)));
	*ret_dict = d;
	return OK;
}

static enum err signature_dict(struct author *a, struct instant at, struct pdf_value **ret_dict)
{
	struct scope *s = a->s;
	const struct seal_request *q = a->request;
	struct pdf_value *d;
	struct bytes date;
	TRY(new_dict(s, "Sig", "ETSI.CAdES.detached", &d));
	TRY(pdf_text_of_date(s, at, &date));
	TRY(pdf_value_set(s, d, "M", pdf_value_new_string(s, date)));
	TRY(set_text(s, d, "Name", q->signer_name));
	TRY(set_text(s, d, "Reason", q->reason));
	TRY(set_text(s, d, "Location", q->location));
	TRY(set_text(s, d, "ContactInfo", q->contact));
	*ret_dict = d;
	return OK;
}

static enum err digest_update(struct author *a, const struct sheet *sheet,
    const struct pdf_update_result *r, enum digest_alg alg, struct digest *ret_digest)
{
	struct bytes parts[3];
	pdf_update_signed_parts(sheet->file, r, parts);
	return digest_compute(a->s, alg, parts, 3, ret_digest);
}

static enum err append(struct author *a, const struct pdf_update_result *r)
{
	return a->draft->append(a->draft, a->s, bytes_of(r->p, r->n));
}

/* -- a signature -- */

/* The certificates to embed: the key's own and those between it and a root. */
static enum err embedded_certs(struct author *a, struct cms_build *parts)
{
	const struct key *key = a->request->key;
	const struct cert **certs = scope_alloc_array(a->s, key->n_chain + 1, sizeof(*certs));
	if (!certs)
		return ERR_NOMEM;
	parts->certs = certs;
	certs[parts->n_certs++] = key->cert;
	for (size_t i = 0; i < key->n_chain; i++)
		if (!cert_is_self_issued(key->chain[i]) && !cert_equal(key->chain[i], key->cert))
			certs[parts->n_certs++] = key->chain[i];
	return OK;
}

static enum err make_cms(struct author *a, const struct digest *content, bool timestamp,
    struct cms_build *parts, struct bytes *ret_cms)
{
	struct scope *s = a->s;
	const struct key *key = a->request->key;
	struct digest imprint;
	TRY(cms_build_signed_attrs(s, key->cert, content, &parts->signed_attrs));
	TRY(key->sign(key->ctx, s, &parts->sig_alg, parts->signed_attrs, &parts->sig_value));
	if (timestamp) {
		TRY(digest_of_bytes(s, imprint_alg(a), parts->sig_value, &imprint));
		TRY(timestamp_obtain(s, a->world, a->request->tsa_urls, a->request->n_tsa_urls,
		    &imprint, &parts->timestamp_token));
	}
	return cms_build(s, parts, ret_cms);
}

/* What a screen reader calls the field of the seal: by whom it is. */
static const char *seal_name(const struct seal_request *q)
{
	const struct cert *c = q->key->cert;
	if (q->signer_name && q->signer_name[0])
		return q->signer_name;
	return c->common_name[0] ? c->common_name : c->organization;
}

static enum err make_look(struct author *a, const struct sheet *sheet, struct instant at,
    struct appearance *look, struct field_place *place)
{
	const struct seal_request *q = a->request;
	const struct appearance_facts facts = { .cert = q->key->cert,
		.signer_name = q->signer_name,
		.reason = q->reason,
		.location = q->location,
		.at = at };
	const struct pdf_signature *existing = NULL;
	struct placement_spot spot;
	place->look = NULL;
	if (!q->look)
		return OK;
	place->fresh = q->look->place.page || q->look->place.has_box;
	if (q->field || !place->fresh)
		TRY(field_find(a->s, &sheet->signatures, q->field, &existing));
	TRY(appearance_place(a->s, sheet->file, q->look, existing, &spot));
	TRY(appearance_build(a->s, sheet->file, q->look, &facts, &spot, sheet->update, look));
	place->look = look;
	place->language = look_words_tag(q->look->language);
	return OK;
}

/* Room for one like this, and a little more. */
static void learn_token(struct author *a, size_t n)
{
	size_t *known = a->request->token_room;
	const size_t room = n + n / 8;
	a->token_max = room > TOKEN_FIRST_GUESS ? room : TOKEN_FIRST_GUESS;
	if (known && *known < a->token_max)
		*known = a->token_max;
}

/* One try. When the token is larger than the room, *ret_done = false and token_max is its size. */
static enum err try_sign(
    struct author *a, bool timestamp, bool *ret_done, struct field_place *place)
{
	struct scope *s = a->s;
	struct sheet sheet;
	struct pdf_value *dict;
	struct pdf_update_result r;
	struct digest content;
	struct bytes cms;
	struct cms_build parts = { .signer = a->request->key->cert, .digest_alg = a->digest };
	const struct instant at = a->world->now(a->world->ctx);
	struct appearance look;
	size_t room = 0;
	TRY(open_sheet(a, &sheet));
	TRY(make_look(a, &sheet, at, &look, place));
	place->title = seal_name(a->request);
	TRY(field_place(
	    s, sheet.file, &sheet.signatures, sheet.update, a->request->field, false, place));
	TRY(signature_dict(a, at, &dict));
	TRY(permission_put(
	    s, sheet.file, &sheet.signatures, sheet.update, a->request->certify, place, dict));
	TRY(key_signature_alg(
	    s, a->request->key, a->digest, a->request->rsa_pkcs1, &parts.sig_alg));
	TRY(embedded_certs(a, &parts));
	TRY(cms_build_bound(
	    s, &parts, a->request->key->signature_max, timestamp ? a->token_max : 0, &room));
	TRY(pdf_update_put_signature(sheet.update, place->value, dict, room));
	TRY(pdf_update_close(sheet.update, &r));
	TRY(digest_update(a, &sheet, &r, a->digest, &content));
	TRY(make_cms(a, &content, timestamp, &parts, &cms));
	*ret_done = cms.n <= room;
	if (timestamp)
		learn_token(a, parts.timestamp_token.n);
	if (!*ret_done)
		return OK;
	/* What follows will be timestamped by the same authority: now its size is known. */
	if (timestamp)
		a->token_max = parts.timestamp_token.n + parts.timestamp_token.n / 16 + 64;
	if (place->untagged)
		author_warn(a, place->untagged);
	TRY(pdf_update_fill(s, sheet.file, &r, cms));
	return append(a, &r);
}

/* A key that cannot sign again needs the size of the largest token beforehand, whichever authority
 * will answer then. One that is silent now, and has larger ones, costs an attempt later. */
static enum err ask_for_size(struct author *a)
{
	const struct seal_request *q = a->request;
	struct digest imprint;
	size_t largest = 0;
	TRY(digest_of_bytes(a->s, imprint_alg(a), a->draft->document, &imprint));
	for (size_t i = 0; i < q->n_tsa_urls; i++) {
		struct bytes token = BYTES_NONE;
		const enum err e =
		    timestamp_obtain(a->s, a->world, &q->tsa_urls[i], 1, &imprint, &token);
		if (e != OK && (e != ERR_NET || (i + 1 == q->n_tsa_urls && !largest)))
			return e;
		if (e != OK)
			scope_forgive(a->s);
		if (token.n > largest)
			largest = token.n;
	}
	learn_token(a, largest);
	return OK;
}

static bool is_size_known(const struct author *a)
{
	return a->request->token_room && *a->request->token_room;
}

enum err author_sign(struct author *a, bool timestamp, char **ret_field)
{
	const bool is_counted = a->request->key->is_counted;
	struct field_place place = { .asked_lock = a->request->lock };
	bool done = false;
	if (timestamp && is_counted && !is_size_known(a))
		TRY(ask_for_size(a));
	for (int i = 0; i < (is_counted ? 1 : TOKEN_TRIES) && !done; i++)
		TRY(try_sign(a, timestamp, &done, &place));
	if (!done)
		return scope_fault(
		    a->s, ERR_NET, "%s: its tokens keep growing", a->request->tsa_urls[0]);
	*ret_field = place.name;
	return OK;
}

/* -- a document timestamp -- */

static enum err try_timestamp(struct author *a, bool *ret_done)
{
	struct scope *s = a->s;
	struct sheet sheet;
	struct field_place place = { 0 };
	struct pdf_value *dict;
	struct pdf_update_result r;
	struct digest imprint;
	struct bytes token;
	TRY(open_sheet(a, &sheet));
	TRY(field_place(s, sheet.file, &sheet.signatures, sheet.update, NULL, true, &place));
	TRY(new_dict(s, "DocTimeStamp", "ETSI.RFC3161", &dict));
	TRY(pdf_update_put_signature(sheet.update, place.value, dict, a->token_max));
	TRY(pdf_update_close(sheet.update, &r));
	TRY(digest_update(a, &sheet, &r, imprint_alg(a), &imprint));
	TRY(timestamp_obtain(
	    s, a->world, a->request->tsa_urls, a->request->n_tsa_urls, &imprint, &token));
	*ret_done = token.n <= a->token_max;
	if (!*ret_done) {
		a->token_max = token.n + token.n / 8;
		return OK;
	}
	TRY(pdf_update_fill(s, sheet.file, &r, token));
	return append(a, &r);
}

enum err author_timestamp(struct author *a)
{
	bool done = false;
	for (int i = 0; i < TOKEN_TRIES && !done; i++)
		TRY(try_timestamp(a, &done));
	return done ? OK
		    : scope_fault(
			  a->s, ERR_NET, "%s: its tokens keep growing", a->request->tsa_urls[0]);
}

/* -- validation data -- */

enum err author_embed(struct author *a, const struct report *report)
{
	struct sheet sheet;
	struct pdf_update_result r;
	bool changed = false;
	TRY(open_sheet(a, &sheet));
	TRY(dss_embed(a->s, sheet.file, &sheet.signatures, report->items, sheet.update, &changed));
	if (!changed)
		return OK;
	TRY(pdf_update_close(sheet.update, &r));
	return append(a, &r);
}

/* -- judging -- */

enum err author_judge(struct author *a, bool offline, struct report **ret_report)
{
	struct validate_request q = { .name = "draft",
		.document = a->draft->document,
		.password = a->request->document_password,
		.recipient = a->request->document_recipient,
		.anchors = a->request->anchors,
		.policy = a->request->policy,
		.at = a->world->now(a->world->ctx),
		.evidence = offline ? NULL : a->evidence,
		.offline = offline };
	return validate_pdf(a->s, a->world, &q, ret_report);
}

static bool is_lack_of_data(enum finding_code code)
{
	return code == FINDING_REVOCATION_DATA_MISSING || code == FINDING_REVOCATION_DATA_STALE;
}

/* What the network said, for the line that explains a lack of data. */
static const char *first_failure(const struct author *a)
{
	const struct evidence *e = a->evidence;
	return e->n_failures ? e->failures[e->n_failures - 1].why : NULL;
}

/* The first clause of the finding's sentence: what follows speaks of documents sealed long ago. */
static enum err complain(struct author *a, const struct finding *f, const char *what)
{
	const char *text = findings_row(f->code)->text;
	return scope_fault(a->s, ERR_DENIED, "%s: %.*s%s%s%s", what, (int)strcspn(text, ",."), text,
	    f->about[0] ? " (" : "", f->about, f->about[0] ? ")" : "");
}

/* Why there is no data: what was there and could not be accepted, else what the network said. */
static enum err complain_of_lack(
    struct author *a, const struct findings *f, const struct finding *lack, const char *what)
{
	const char *why = first_failure(a);
	for (size_t i = 0; i < f->n; i++)
		if (f->item[i].code == FINDING_REVOCATION_DATA_REJECTED)
			why = f->item[i].about;
	const char *text = findings_row(lack->code)->text;
	return scope_fault(a->s, ERR_NET, "%s: %.*s (%s)%s%s", what, (int)strcspn(text, ",."), text,
	    lack->about, why ? ": " : "", why ? why : "");
}

enum err author_demand_findings(
    struct author *a, const struct findings *f, const char *what, bool lenient)
{
	const struct finding *lack = NULL;
	for (size_t i = 0; i < f->n; i++) {
		enum finding_severity severity = findings_row(f->item[i].code)->severity;
		if (severity != SEVERITY_FAILURE && severity != SEVERITY_INDETERMINATE)
			continue;
		if (!is_lack_of_data(f->item[i].code))
			return complain(a, &f->item[i], what);
		lack = lack ? lack : &f->item[i];
	}
	if (!lack)
		return OK;
	if (!lenient)
		return complain_of_lack(a, f, lack, what);
	author_warn(a, "the revocation status of the certificates could not be learnt");
	return OK;
}

enum err author_demand(struct author *a, const struct report *report, size_t index, bool lenient)
{
	const struct report_signature *sig = &report->signatures[index];
	if (a->request->anchors->n == 0) {
		if (sig->intact)
			return OK;
		return scope_fault(a->s, ERR_INTERNAL, "self-check: the fresh seal is not intact");
	}
	for (size_t i = 0; i < sig->n_timestamps; i++)
		TRY(author_demand_findings(a, &sig->timestamps[i].findings, "timestamp", lenient));
	return author_demand_findings(
	    a, &sig->findings, sig->is_document_timestamp ? "timestamp" : "seal", lenient);
}

enum err author_demand_archive(struct author *a, const struct report *report, size_t index)
{
	struct report *online;
	if (report->signatures[index].indication == INDICATION_PASSED)
		return OK;
	TRY(author_judge(a, false, &online));
	return author_demand(a, online, index, false);
}

static enum err refresh_one(struct author *a, const struct cert *tsa)
{
	struct findings f;
	struct validate_request q = { .anchors = a->request->anchors,
		.policy = a->request->policy,
		.at = a->world->now(a->world->ctx),
		.evidence = a->evidence };
	/* Whether it is good is asked when the timestamp is judged, at the time that counts. */
	return validate_certificate(a->s, a->world, &q, tsa, CERT_USE_TIMESTAMP, &f);
}

enum err author_refresh(struct author *a, const struct report *report)
{
	for (size_t i = 0; i < report->n_signatures; i++)
		for (size_t k = 0; k < report->signatures[i].n_timestamps; k++)
			if (report->signatures[i].timestamps[k].signer)
				TRY(refresh_one(a, report->signatures[i].timestamps[k].signer));
	return OK;
}

enum err author_find(struct author *a, const struct report *r, const char *field, size_t *ret_index)
{
	for (size_t i = 0; i < r->n_signatures; i++)
		if (r->signatures[i].name && strcmp(r->signatures[i].name, field) == 0) {
			*ret_index = i;
			return OK;
		}
	return scope_fault(a->s, ERR_INTERNAL, "self-check: the fresh seal is not found");
}

enum err author_check(struct author *a, const char *field, struct report **ret_report)
{
	struct report *r;
	size_t mine = 0;
	const bool self_contained = a->request->level >= SEAL_B_LT;
	TRY(author_judge(a, self_contained || a->request->anchors->n == 0, &r));
	TRY(author_find(a, r, field, &mine));
	TRY(author_demand(a, r, mine, !self_contained));
	if (a->request->level == SEAL_B_LTA)
		TRY(author_demand_archive(a, r, r->n_signatures - 1));
	*ret_report = r;
	return OK;
}
