#include "tests/support/vec_evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "tests/support/vec_policy.h"

#define MUCH 16

static const char *const key_types[] = { "rsa", "rsa-pss", "p256", "p384", "p521", "brainpool",
	"ed25519", "ed448", "rsa-1024", NULL };

static const struct {
	const char *name;
	enum crl_reason reason;
} reasons[] = {
	{ "none", CRL_REASON_UNSPECIFIED },
	{ "keyCompromise", CRL_REASON_KEY_COMPROMISE },
	{ "cACompromise", CRL_REASON_CA_COMPROMISE },
	{ "superseded", CRL_REASON_SUPERSEDED },
	{ "cessationOfOperation", CRL_REASON_CESSATION_OF_OPERATION },
	{ "certificateHold", CRL_REASON_CERTIFICATE_HOLD },
	{ "removeFromCRL", CRL_REASON_REMOVE_FROM_CRL },
};

static enum crl_reason reason_of(const struct vec_words *w, const char *text)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (!text || strcmp(reasons[i].name, text) == 0)
			return reasons[i].reason;
	vec_reader_complain(w->c, w->line, "unknown reason", text);
}

/* The two halves that lists are split into. */
static uint32_t reasons_of(const struct vec_words *w, const char *text)
{
	static const char *const halves[] = { "compromise", "others", NULL };
	if (!text || !*text)
		return 0;
	return vec_words_choice(w, text, halves) == 0 ? 0x006 : 0x1f8;
}

/* -- certificates -- */

/* "URL,ISSUER,REASONS"; each may be empty or left out. */
static void add_point(struct mini_pki_entry *e, struct vec_words *w, const char *text)
{
	char *rest = vec_words_copy(w, text);
	if (e->n_points == sizeof(e->points) / sizeof(e->points[0]))
		vec_reader_complain(w->c, w->line, "too many points", text);
	struct mini_pki_point *point = &e->points[e->n_points++];
	const char *url = strsep(&rest, ","), *issuer = rest ? strsep(&rest, ",") : NULL;
	point->url = url && *url ? url : NULL;
	point->crl_issuer = issuer && *issuer ? issuer : NULL;
	point->reasons = reasons_of(w, rest);
}

static void set_text(struct vec_words *w, const char *key, const char **ret_text)
{
	const char *text = vec_words_value(w, key);
	if (text)
		*ret_text = strcmp(text, "none") == 0 ? NULL : text;
}

void vec_evidence_cert(struct vec_scene *v, struct vec_words *w)
{
	struct mini_pki_entry *e = mini_pki_entry(v->pki, vec_words_name(w));
	if (e->cert)
		vec_reader_complain(w->c, w->line, "already made", e->name);
	set_text(w, "issuer", &e->issuer);
	set_text(w, "usage", &e->usage);
	set_text(w, "eku", &e->eku);
	set_text(w, "crl", &e->crl_url);
	set_text(w, "subject", &e->subject);
	set_text(w, "freshest", &e->freshest_url);
	for (const char *point; (point = vec_words_value(w, "point"));)
		add_point(e, w, point);
	const char *subject = e->subject;
	if (subject) { /* "CN=x" of our own organisation; words hold no spaces */
		char text[128];
		snprintf(text, sizeof(text), "/C=DE/O=Bulla Tests/%s", subject);
		e->subject = vec_words_copy(w, text);
	}
	const char *type = vec_words_value(w, "key"), *index = vec_words_value(w, "index");
	if (type)
		e->key_type = (enum mini_ca_key_type)vec_words_choice(w, type, key_types);
	if (index)
		e->key_index = (unsigned)(index[0] - '0');
	e->from = vec_words_time(w, "from", e->from);
	e->to = vec_words_time(w, "to", e->to);
	const char *length = vec_words_value(w, "pathlen");
	if (length)
		e->path_length = length[0] - '0';
	const char *like = vec_words_value(w, "serial-of");
	if (like)
		e->serial = mini_pki_entry(v->pki, like)->serial;
	e->is_ca |= vec_words_flag(w, "ca");
	e->bare_ca |= vec_words_flag(w, "bare");
	e->no_urls |= vec_words_flag(w, "no-urls");
	if (vec_words_flag(w, "urls"))
		e->no_urls = false;
	if (vec_words_flag(w, "no-nocheck"))
		e->nocheck = false;
	e->nocheck |= vec_words_flag(w, "nocheck");
	if (vec_words_flag(w, "short-term"))
		e->more[0] = "0.4.0.194121.2.1=DER:05:00";
	if (vec_words_flag(w, "no-rev-avail"))
		e->more[0] = "2.5.29.56=DER:05:00";
	if (vec_words_flag(w, "critical-extension"))
		e->more[0] = "1.3.6.1.4.1.99999.1=critical,DER:05:00";
	vec_policy_cert(w, e);
}

void vec_evidence_revoke(struct vec_scene *v, struct vec_words *w)
{
	struct mini_pki_entry *e = mini_pki_entry(v->pki, vec_words_name(w));
	e->revoked_at = vec_words_time(w, "at", MINI_CA_NOW);
	e->reason = reason_of(w, vec_words_value(w, "reason"));
}

/* -- revocation data -- */

static void keep(struct vec_scene *v, struct vec_words *w, const char *name,
    enum vec_scene_kind kind, struct bytes der)
{
	if (vec_words_flag(w, "tampered")) {
		struct bytes copy;
		mini_ca_check(bytes_copy(v->s, der, &copy) == OK, "copy");
		((uint8_t *)(uintptr_t)copy.p)[copy.n - 1] ^= 1;
		der = copy;
	}
	if (v->n_items == VEC_SCENE_ITEMS)
		vec_reader_complain(w->c, w->line, "too many items", name);
	v->items[v->n_items++] = (struct vec_scene_item){ name, kind, der };
}

/* "none" leaves nextUpdate out. */
static int64_t next_of(struct vec_words *w, int64_t otherwise)
{
	const char *text = vec_words_value(w, "next");
	if (text && strcmp(text, "none") == 0)
		return MINI_CA_REVOCATION_ABSENT;
	return text ? vec_words_instant(w, text) : otherwise;
}

static int64_t number_of(struct vec_words *w, const char *key)
{
	const char *text = vec_words_value(w, key);
	return text ? strtoll(text, NULL, 10) : 0;
}

/* "NAME@T/REASON", "NAME@T" */
static struct mini_ca_revocation_entry entry_of(
    struct vec_scene *v, struct vec_words *w, const char *text, bool indirect)
{
	char *rest = vec_words_copy(w, text);
	const char *name = strsep(&rest, "@");
	const char *at = rest ? strsep(&rest, "/") : NULL;
	if (!at)
		vec_reader_complain(w->c, w->line, "no NAME@TIME/REASON", text);
	return (struct mini_ca_revocation_entry){ .cert = mini_pki_cert(v->pki, name),
		.issuer = indirect ? mini_pki_cert(v->pki, name)->issuer : BYTES_NONE,
		.at = vec_words_instant(w, at),
		.reason = reason_of(w, rest) };
}

void vec_evidence_crl(struct vec_scene *v, struct vec_words *w)
{
	struct mini_ca_revocation_entry entries[MUCH];
	const char *name = vec_words_name(w), *issuer = vec_words_value(w, "issuer");
	const char *key = vec_words_value(w, "key");
	issuer = issuer ? issuer : "ca";
	int64_t this = vec_words_time(w, "this", MINI_CA_NOW), base = number_of(w, "base");
	struct mini_ca_revocation_crl spec = { .issuer = mini_pki_cert(v->pki, issuer),
		.key = mini_pki_private(v->pki, key ? key : issuer),
		.this_update = this,
		.next_update = next_of(w, this + 7 * MINI_CA_DAY),
		.entries = entries,
		.idp_url = vec_words_value(w, "idp"),
		.number = number_of(w, "number"),
		.base_number = base ? base : vec_words_flag(w, "delta"),
		.freshest_url = vec_words_value(w, "freshest"),
		.aia_url = vec_words_value(w, "aia"),
		.indirect = vec_words_flag(w, "indirect"),
		.only_user_certs = vec_words_flag(w, "only-user"),
		.only_ca_certs = vec_words_flag(w, "only-ca"),
		.only_attribute_certs = vec_words_flag(w, "only-attribute"),
		.only_reasons = reasons_of(w, vec_words_value(w, "reasons")),
		.no_aki = vec_words_flag(w, "no-aki"),
		.expired_certs_on_crl = vec_words_time(w, "keeps-expired", 0),
		.unknown_critical = vec_words_flag(w, "critical") };
	for (const char *text; spec.n_entries < MUCH && (text = vec_words_value(w, "revoked"));)
		entries[spec.n_entries++] = entry_of(v, w, text, spec.indirect);
	keep(v, w, name, VEC_SCENE_CRL, mini_ca_revocation_crl(v->s, &spec));
}

static const char *usual_responder(struct vec_scene *v, const char *issuer)
{
	char text[64];
	snprintf(text, sizeof(text), "%s-ocsp", issuer);
	return mini_pki_has(v->pki, text) ? mini_pki_entry(v->pki, text)->name : issuer;
}

void vec_evidence_ocsp(struct vec_scene *v, struct vec_words *w)
{
	static const char *const states[] = { "good", "revoked", "unknown", NULL };
	const char *name = vec_words_name(w), *about = vec_words_value(w, "about");
	const char *state = vec_words_value(w, "status"), *by = vec_words_value(w, "by");
	const char *carries = vec_words_value(w, "carries");
	const char *issuer_word = vec_words_value(w, "issuer");
	about = about ? about : "signer";
	const char *issuer = mini_pki_entry(v->pki, about)->issuer;
	by = by ? by : usual_responder(v, issuer);
	issuer = issuer_word ? issuer_word : issuer;
	int64_t this = vec_words_time(w, "this", MINI_CA_NOW);
	const struct mini_ca_revocation_single single = {
		.subject = mini_pki_cert(v->pki, about),
		.issuer = mini_pki_cert(v->pki, issuer),
		.status = state ? (enum ocsp_status)vec_words_choice(w, state, states) : OCSP_GOOD,
		.revoked_at = vec_words_time(w, "at", MINI_CA_NOW),
		.reason = reason_of(w, vec_words_value(w, "reason")),
		.this_update = this,
		.next_update = next_of(w, this + MINI_CA_DAY),
		.archive_cutoff = vec_words_time(w, "cutoff", 0),
		.cert_hash = vec_words_flag(w, "cert-hash") ? DIGEST_SHA256 : DIGEST_UNKNOWN,
		.wrong_cert_hash = vec_words_flag(w, "wrong-cert-hash"),
	};
	bool carried = carries ? strcmp(carries, "none") != 0 : strcmp(by, issuer) != 0;
	const struct cert *certs[] = { mini_pki_cert(v->pki, carried && carries ? carries : by) };
	keep(v, w, name, VEC_SCENE_OCSP,
	    mini_ca_revocation_ocsp(
		v->s, &(struct mini_ca_revocation_ocsp){ .responder = mini_pki_cert(v->pki, by),
			  .key = mini_pki_private(v->pki, by),
			  .by_name = vec_words_flag(w, "by-name"),
			  .produced_at = vec_words_time(w, "produced", this),
			  .singles = &single,
			  .n_singles = 1,
			  .unknown_critical = vec_words_flag(w, "critical"),
			  .certs = certs,
			  .n_certs = carried,
			  .status = vec_words_flag(w, "try-later") ? 3 : 0 }));
}
