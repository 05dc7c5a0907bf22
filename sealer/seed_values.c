#include "sealer/seed_values.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"

/* What the seals are. */
#define HANDLER "Adobe.PPKLite"
#define ENCODING "ETSI.CAdES.detached"
/* Of the dictionaries whose entries are all known here: those of PDF 2.0. */
#define DICTIONARY_VERSION 3

#define LISTED_MAX 5 /* values named in one sentence */

struct meeting {
	struct scope *s;
	const struct seed_values_field *field;
	const struct pdf_seed_value *v;
	struct seal_request *q;
	struct buf told;
};

static bool is_demanded(const struct meeting *m, uint32_t entry)
{
	return (m->v->required & m->v->present & entry) != 0;
}

static enum err refuse(struct meeting *m, const char *entry, const char *what)
{
	char *shown; /* a text of the document may be cut in the middle of a letter */
	TRY(pdf_text_printable(m->s, bytes_of_str(what), &shown));
	return scope_fault(
	    m->s, ERR_DENIED, "field \"%.200s\": seed value %s: %s", m->field->name, entry, shown);
}

/* "what: a, b, ..." */
static enum err refuse_listing(
    struct meeting *m, const char *entry, const char *what, const struct pdf_seed_value_texts *t)
{
	struct buf b = buf_new(m->s, LIMIT_BUF_FORMAT);
	char *text;
	buf_addf(&b, "%s:%s", what, t->n ? "" : " none");
	for (size_t i = 0; i < t->n && i < LISTED_MAX; i++)
		buf_addf(&b, "%s %.80s", i ? "," : "", t->item[i]);
	if (t->n > LISTED_MAX)
		buf_add_str(&b, ", ...");
	TRY(buf_done_str(&b, &text));
	return refuse(m, entry, text);
}

static void tell(struct meeting *m, const char *what)
{
	if (!m->told.n)
		buf_addf(&m->told, "as field \"%.200s\" asks: %s", m->field->name, what);
	else
		buf_addf(&m->told, ", %s", what);
}

static bool has(const struct pdf_seed_value_texts *t, const char *text)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->item[i], text) == 0)
			return true;
	return false;
}

/* -- can it be understood -- */

static const char *name_of(uint32_t entry)
{
	static const struct {
		uint32_t entry;
		const char *name;
	} names[] = { { PDF_SEED_VALUE_FILTER, "/Filter" },
		{ PDF_SEED_VALUE_SUB_FILTER, "/SubFilter" }, { PDF_SEED_VALUE_V, "/V" },
		{ PDF_SEED_VALUE_REASONS, "/Reasons" },
		{ PDF_SEED_VALUE_LEGAL_ATTESTATION, "/LegalAttestation" },
		{ PDF_SEED_VALUE_ADD_REV_INFO, "/AddRevInfo" },
		{ PDF_SEED_VALUE_DIGEST_METHOD, "/DigestMethod" },
		{ PDF_SEED_VALUE_LOCK_DOCUMENT, "/LockDocument" },
		{ PDF_SEED_VALUE_APPEARANCE_FILTER, "/AppearanceFilter" },
		{ PDF_SEED_VALUE_MDP, "/MDP" }, { PDF_SEED_VALUE_TIME_STAMP, "/TimeStamp" },
		{ PDF_SEED_VALUE_CERT, "/Cert" }, { PDF_SEED_VALUE_FLAGS, "/Ff" } };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].entry & entry)
			return names[i].name;
	return "/SV";
}

static enum err can_be_read(struct meeting *m)
{
	const uint32_t always = PDF_SEED_VALUE_ALL | PDF_SEED_VALUE_FLAGS | PDF_SEED_VALUE_MDP |
				PDF_SEED_VALUE_TIME_STAMP | PDF_SEED_VALUE_CERT;
	const uint32_t bad = m->v->malformed & (m->v->required | always);
	if (bad)
		return refuse(m, name_of(bad), "cannot be read");
	if (m->v->required & ~(uint32_t)PDF_SEED_VALUE_FLAGS_KNOWN)
		return refuse(m, "/Ff", "demands something that is not known");
	return OK;
}

static enum err version(struct meeting *m)
{
	if (is_demanded(m, PDF_SEED_VALUE_V) && m->v->version > DICTIONARY_VERSION)
		return refuse(m, "/V", "it is of a version that is not known");
	return OK;
}

/* -- the signature's kind -- */

static enum err handler(struct meeting *m)
{
	if (!is_demanded(m, PDF_SEED_VALUE_FILTER) || strcmp(m->v->filter, HANDLER) == 0)
		return OK;
	const struct pdf_seed_value_texts wanted = { (char *[]){ m->v->filter }, 1 };
	return refuse_listing(
	    m, "/Filter", "the seal is made for " HANDLER ", demanded is", &wanted);
}

static enum err encoding(struct meeting *m)
{
	if (!is_demanded(m, PDF_SEED_VALUE_SUB_FILTER) || has(&m->v->sub_filters, ENCODING))
		return OK;
	return refuse_listing(
	    m, "/SubFilter", "the seal is " ENCODING ", accepted is", &m->v->sub_filters);
}

/* Only with the encodings adbe.pkcs7.*: what PAdES keeps in the document security store does not
 * count, for it is not in the signature value. */
static enum err revocation_information(struct meeting *m)
{
	if (is_demanded(m, PDF_SEED_VALUE_ADD_REV_INFO) && m->v->add_rev_info)
		return refuse(m, "/AddRevInfo",
		    "demands revocation data inside of the signature value, where PAdES has none");
	return OK;
}

static enum err appearance(struct meeting *m)
{
	if (!is_demanded(m, PDF_SEED_VALUE_APPEARANCE_FILTER))
		return OK;
	const struct pdf_seed_value_texts wanted = { (char *[]){ m->v->appearance }, 1 };
	return refuse_listing(
	    m, "/AppearanceFilter", "there is no look of the demanded name", &wanted);
}

/* -- digest -- */

static bool lists_digest(const struct meeting *m, enum digest_alg alg)
{
	for (size_t i = 0; i < m->v->digests.n; i++)
		if (digest_of_name(m->v->digests.item[i]) == alg)
			return true;
	return false;
}

static enum err key_can(struct meeting *m, enum digest_alg alg, bool *ret_can)
{
	struct signature_alg unused;
	*ret_can = false;
	if ((alg != DIGEST_SHA256 && alg != DIGEST_SHA384 && alg != DIGEST_SHA512) ||
	    key_digest(m->q->key, alg) != alg)
		return OK;
	const enum err err = key_signature_alg(m->s, m->q->key, alg, m->q->rsa_pkcs1, &unused);
	if (err != OK && err != ERR_UNSUPPORTED)
		return err;
	if (err != OK)
		scope_forgive(m->s);
	*ret_can = err == OK;
	return OK;
}

static enum err choose_digest(struct meeting *m)
{
	for (size_t i = 0; i < m->v->digests.n; i++) {
		const enum digest_alg alg = digest_of_name(m->v->digests.item[i]);
		bool can;
		TRY(key_can(m, alg, &can));
		if (!can)
			continue;
		m->q->digest = alg;
		tell(m, digest_name(alg));
		return OK;
	}
	return OK;
}

static enum err digest(struct meeting *m)
{
	if (!(m->v->present & PDF_SEED_VALUE_DIGEST_METHOD) ||
	    lists_digest(m, key_digest(m->q->key, m->q->digest)))
		return OK;
	if (m->q->digest == DIGEST_UNKNOWN)
		TRY(choose_digest(m));
	if (!is_demanded(m, PDF_SEED_VALUE_DIGEST_METHOD) ||
	    lists_digest(m, key_digest(m->q->key, m->q->digest)))
		return OK;
	return refuse_listing(
	    m, "/DigestMethod", "the seal's digest is none of those accepted", &m->v->digests);
}

/* -- reasons -- */

/* No reason at all is demanded by an absent list, and by a single period; PDF 1.7 had an empty text
 * in its place. */
static bool forbids_reason(const struct pdf_seed_value_texts *t)
{
	return t->n == 0 || (t->n == 1 && (!t->item[0][0] || strcmp(t->item[0], ".") == 0));
}

static enum err reason(struct meeting *m)
{
	const char *mine = m->q->reason && m->q->reason[0] ? m->q->reason : NULL;
	if (!(m->v->required & PDF_SEED_VALUE_REASONS))
		return OK;
	if (forbids_reason(&m->v->reasons))
		return mine ? refuse(m, "/Reasons", "no reason may be given") : OK;
	if (mine && has(&m->v->reasons, mine))
		return OK;
	if (mine || m->v->reasons.n > 1)
		return refuse_listing(
		    m, "/Reasons", "the reason has to be one of these", &m->v->reasons);
	m->q->reason = m->v->reasons.item[0];
	tell(m, "the only reason that is accepted");
	return OK;
}

/* -- certification and locks -- */

static enum err certification(struct meeting *m)
{
	const int wanted = m->v->mdp;
	if (wanted < 0 || wanted == m->q->certify)
		return OK;
	if (wanted == 0)
		return refuse(m, "/MDP", "demands an approval, not a certification");
	char text[64];
	snprintf(text, sizeof(text), "demands a certification with P=%d", wanted);
	if (m->q->certify)
		return refuse(m, "/MDP", text);
	if (m->field->document_is_signed)
		return refuse(
		    m, "/MDP", "demands a certification, and only the first signature can certify");
	m->q->certify = wanted;
	snprintf(text, sizeof(text), "certified with P=%d", wanted);
	tell(m, text);
	return OK;
}

/* 12.8.7: it goes with a certification, in the catalog's /Legal, which seals do not write. */
static enum err attestation(struct meeting *m)
{
	if (is_demanded(m, PDF_SEED_VALUE_LEGAL_ATTESTATION) && m->v->legal_attestations.n &&
	    m->q->certify)
		return refuse(m, "/LegalAttestation",
		    "demands an attestation of the author, which a seal does not make");
	return OK;
}

static enum err locking(struct meeting *m)
{
	const struct pdf_field_lock *lock = m->field->lock ? m->field->lock : m->q->lock;
	const bool is_locked = m->q->certify == 1 || (lock && lock->permissions == 1);
	if (!is_demanded(m, PDF_SEED_VALUE_LOCK_DOCUMENT) ||
	    strcmp(m->v->lock_document, "auto") == 0)
		return OK;
	if (strcmp(m->v->lock_document, "true") == 0)
		return is_locked ? OK
				 : refuse(m, "/LockDocument",
				       "demands that the document be locked: certify with P=1, or "
				       "lock with level 1");
	if (strcmp(m->v->lock_document, "false") == 0)
		return is_locked ? refuse(m, "/LockDocument",
				       "demands that the document not be locked (P=1)")
				 : OK;
	return refuse(m, "/LockDocument", "is none of true, false, auto");
}

/* -- timestamp -- */

static enum err timestamp(struct meeting *m)
{
	if (!m->v->timestamp_required || m->q->level >= SEAL_B_T)
		return OK;
	struct buf b = buf_new(m->s, LIMIT_BUF_FORMAT);
	char *text;
	buf_add_str(&b, "demands a timestamp: seal at level B-T or higher, with an authority that "
			"you trust");
	if (m->v->timestamp_url[0])
		buf_addf(&b, " (the document suggests %.200s)", m->v->timestamp_url);
	TRY(buf_done_str(&b, &text));
	return refuse(m, "/TimeStamp", text);
}

enum err seed_values_meet(struct scope *s, const struct seed_values_field *field,
    struct seal_request *request, char **ret_told)
{
	static enum err (*const rules[])(struct meeting *) = { can_be_read, version, handler,
		encoding, revocation_information, appearance, digest, reason, certification,
		attestation, locking, timestamp };
	struct meeting m = { .s = s,
		.field = field,
		.v = &field->values,
		.q = request,
		.told = buf_new(s, LIMIT_BUF_FORMAT) };
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		TRY(rules[i](&m));
	TRY(seed_values_check_certificate(s, field, request->key));
	if (m.v->cert.present & PDF_SEED_VALUE_CERT_SIGNATURE_POLICY)
		buf_addf(&m.told,
		    "%ssignature policy %.80s, which field \"%.200s\" suggests, is left out",
		    m.told.n ? "; " : "", m.v->cert.signature_policy, field->name);
	return buf_done_str(&m.told, ret_told);
}
