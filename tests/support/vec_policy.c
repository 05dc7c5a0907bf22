#include "tests/support/vec_policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/der.h"
#include "tests/support/mini_ca_parts.h"

#define ROOM 8192

/* -- the policy -- */

static int64_t seconds(struct vec_words *w, const char *key, int64_t otherwise)
{
	return vec_words_time(w, key, MINI_CA_NOW + otherwise) - MINI_CA_NOW;
}

void vec_policy_words(struct vec_scene *v, struct vec_words *w)
{
	struct policy *p = &v->policy;
	bool any_usage = vec_words_flag(w, "any-usage");
	bool optional = vec_words_flag(w, "revocation-optional");
	bool slides = vec_words_flag(w, "slide-by-next-update");
	const struct policy *ready = NULL;
	const char *name = vec_words_next(w);
	if (name && (policy_ready(w->s, name, &ready) != OK || !ready))
		vec_reader_complain(w->c, w->line, "no ready policy", name);
	if (ready)
		*p = *ready;
	p->grace_s = seconds(w, "grace", p->grace_s);
	p->revocation_max_age_s = seconds(w, "max-age", p->revocation_max_age_s);
	p->timestamp_delay_s = seconds(w, "delay", p->timestamp_delay_s);
	if (any_usage)
		p->signer_key_usage = 0;
	if (optional)
		p->revocation_required = false;
	p->slide_by_next_update = p->slide_by_next_update || slides;
}

/* "@NAME" becomes the SHA-256 of that certificate. */
static void add_filled_in(struct buf *b, struct vec_scene *v, const char *text)
{
	for (const char *c = text; *c; c++) {
		char *name, *hex;
		if (*c != '@') {
			buf_add_byte(b, (uint8_t)*c);
			continue;
		}
		size_t n = strcspn(++c, "\"");
		mini_ca_check(bytes_to_str(v->s, bytes_of(c, n), &name) == OK, "name");
		const struct cert *cert = mini_pki_cert(v->pki, name);
		mini_ca_check(bytes_to_hex(v->s, digest_bytes(&cert->sha256), &hex) == OK, "hex");
		buf_add_str(b, hex);
		c += n - 1;
	}
}

void vec_policy_json(struct vec_scene *v, struct vec_words *w)
{
	struct buf b = buf_new(v->s, ROOM);
	const struct policy *p;
	struct bytes text;
	buf_add_str(&b, "{\"name\":\"case\",");
	for (size_t i = 0; i < w->c->n_lines; i++)
		if (w->c->lines[i].line == w->line)
			add_filled_in(&b, v, w->c->lines[i].value);
	buf_add_str(&b, "}");
	mini_ca_check(buf_done(&b, &text) == OK, "policy");
	if (policy_parse(v->s, text, &p) != OK)
		vec_reader_complain(w->c, w->line, "policy", scope_fault_text(v->s));
	v->policy = *p;
	memset(w->used, true, sizeof(w->used));
}

/* -- certificates -- */

static struct bytes oid_of_text(struct vec_words *w, const char *dotted)
{
	struct bytes oid;
	if (der_oid_of_text(w->s, dotted, &oid) != OK)
		vec_reader_complain(w->c, w->line, "no object identifier", dotted);
	return oid;
}

static void add_extension(
    struct vec_words *w, struct mini_pki_entry *e, const char *name, struct buf *value)
{
	char *hex, *text;
	struct buf b = buf_new(w->s, 4 * ROOM);
	size_t free = 0;
	mini_ca_check(
	    bytes_to_hex(w->s, mini_ca_parts_done(value, "extension"), &hex) == OK, "hex");
	buf_add_str(&b, name);
	buf_add_str(&b, "=DER:");
	buf_add_str(&b, hex);
	mini_ca_check(buf_done_str(&b, &text) == OK, "extension");
	while (free < sizeof(e->more) / sizeof(e->more[0]) && e->more[free])
		free++;
	mini_ca_check(free < sizeof(e->more) / sizeof(e->more[0]), "room for an extension");
	e->more[free] = text;
}

/* Words hold no blanks: '_' stands for one. */
static void add_notice(struct buf *b, struct vec_words *w, const char *notice)
{
	char *text = vec_words_copy(w, notice);
	for (char *c = text; *c; c++)
		if (*c == '_')
			*c = ' ';
	size_t list = der_open(b, DER_SEQUENCE), info = der_open(b, DER_SEQUENCE);
	der_add(b, DER_OID, oid_value(OID_QUALIFIER_USER_NOTICE));
	size_t qualifier = der_open(b, DER_SEQUENCE);
	der_add(b, DER_UTF8_STRING, bytes_of_str(text));
	der_close(b, qualifier);
	der_close(b, info);
	der_close(b, list);
}

/* The first policy carries the notice. */
static void set_policies(
    struct vec_words *w, struct mini_pki_entry *e, const char *policies, const char *notice)
{
	struct buf b = buf_new(w->s, ROOM);
	char *rest = vec_words_copy(w, policies);
	size_t list = der_open(&b, DER_SEQUENCE);
	for (char *one; (one = strsep(&rest, ","));) {
		size_t info = der_open(&b, DER_SEQUENCE);
		der_add(&b, DER_OID, oid_of_text(w, one));
		if (notice)
			add_notice(&b, w, notice);
		notice = NULL;
		der_close(&b, info);
	}
	der_close(&b, list);
	add_extension(w, e, "2.5.29.32", &b);
}

/* EN 319 412-5: statements, and the one type. */
static void set_qc(struct vec_words *w, struct mini_pki_entry *e, const char *statements)
{
	static const char *const known[] = { "compliance", "sscd", "esign", "eseal", "web", NULL };
	static const enum oid ids[] = { OID_QC_COMPLIANCE, OID_QC_SSCD, OID_QC_TYPE_ESIGN,
		OID_QC_TYPE_ESEAL, OID_QC_TYPE_WEB };
	struct buf b = buf_new(w->s, ROOM);
	char *rest = vec_words_copy(w, statements);
	size_t list = der_open(&b, DER_SEQUENCE);
	for (char *one; (one = strsep(&rest, ","));) {
		int i = vec_words_choice(w, one, known);
		size_t statement = der_open(&b, DER_SEQUENCE);
		der_add(&b, DER_OID, oid_value(i < 2 ? ids[i] : OID_QC_TYPE));
		if (i >= 2) {
			size_t types = der_open(&b, DER_SEQUENCE);
			der_add(&b, DER_OID, oid_value(ids[i]));
			der_close(&b, types);
		}
		der_close(&b, statement);
	}
	der_close(&b, list);
	add_extension(w, e, "1.3.6.1.5.5.7.1.3", &b);
}

void vec_policy_cert(struct vec_words *w, struct mini_pki_entry *e)
{
	const char *policies = vec_words_value(w, "policies");
	const char *notice = vec_words_value(w, "notice"), *qc = vec_words_value(w, "qc");
	if (policies || notice)
		set_policies(w, e, policies ? policies : "2.5.29.32.0", notice);
	if (qc)
		set_qc(w, e, qc);
}
