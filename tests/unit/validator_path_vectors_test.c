/*
 * The table of certificate paths (tests/vectors/paths/rfc5280.vec): one test per case, named after
 * it. Run from the root of the repository; names of cases as arguments run these alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/der.h"
#include "tests/support/mini_ca.h"
#include "tests/support/vec_words.h"
#include "tests/support/vec_program.h"
#include "validator/path_policies.h"

#define CERTS 16
#define CONFIG 8192

struct named {
	const char *name, *subject;
	EVP_PKEY *key;
	const struct cert *cert;
};

struct scene {
	struct scope *s;
	const struct vec_reader_case *c;
	struct named certs[CERTS];
	size_t n;
	const char *leaf, *anchor;
	struct policy policy;
	struct bytes initial[8];
};

static const char *const keys[] = { "cert", "leaf", "trust", "settings", "expect", "policies",
	"notices", "refused", NULL };

/* -- certificates -- */

static struct named *find(struct scene *v, const struct vec_words *w, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->certs[i].name, name) == 0)
			return &v->certs[i];
	vec_reader_complain(w->c, w->line, "no such certificate", name);
}

/* A key of its own for each. */
static EVP_PKEY *key_of(size_t index)
{
	static const enum mini_ca_key_type types[] = { MINI_CA_P256, MINI_CA_ED25519, MINI_CA_P384,
		MINI_CA_BRAINPOOL_P256 };
	return mini_ca_key(types[index / MINI_CA_KEYS], (unsigned)(index % MINI_CA_KEYS));
}

struct draft {
	const struct vec_words *w;
	const char *list[16];
	size_t n;
	char config[CONFIG];
	unsigned sections;
};

static void append(struct draft *d, char *text, size_t room, const char *more)
{
	if (strlen(text) + strlen(more) + 1 > room)
		vec_reader_complain(d->w->c, d->w->line, "too long", more);
	strcat(text, more);
}

static void add(struct draft *d, const char *name, const char *value)
{
	char text[1024];
	snprintf(text, sizeof(text), "%s=%s", name, value);
	d->list[d->n++] = vec_words_copy(d->w, text);
}

/* "1" to "9": policies of ours; "any". */
static void oid_text(const char *digit, char ret_text[48])
{
	if (strcmp(digit, "any") == 0)
		snprintf(ret_text, 48, "2.5.29.32.0");
	else
		snprintf(ret_text, 48, "1.3.6.1.4.1.99999.7.%s", digit);
}

/* "1,2,any", "1!said" with a notice */
static void add_policies(struct draft *d, const char *value)
{
	char all[512] = "", part[256], oid[48];
	char *rest = vec_words_copy(d->w, value);
	for (char *one; (one = strsep(&rest, ","));) {
		char *digit = strsep(&one, "!");
		oid_text(digit, oid);
		if (one) {
			unsigned n = d->sections++;
			snprintf(part, sizeof(part),
			    "[p%u]\npolicyIdentifier=%s\nuserNotice.1=@n%u\n"
			    "[n%u]\nexplicitText=%s\n",
			    n, oid, n, n, one);
			append(d, d->config, sizeof(d->config), part);
			snprintf(part, sizeof(part), "@p%u", n);
		} else {
			snprintf(part, sizeof(part), "%s", oid);
		}
		append(d, all, sizeof(all), all[0] ? "," : "");
		append(d, all, sizeof(all), part);
	}
	add(d, "certificatePolicies", all);
}

/* "1>2,1>3" */
static void add_mappings(struct draft *d, const char *value)
{
	char all[512] = "critical", part[128], from[48], to[48];
	char *rest = vec_words_copy(d->w, value);
	for (char *one; (one = strsep(&rest, ","));) {
		oid_text(strsep(&one, ">"), from);
		oid_text(one ? one : "", to);
		snprintf(part, sizeof(part), ",%s:%s", from, to);
		append(d, all, sizeof(all), part);
	}
	add(d, "policyMappings", all);
}

/* "email:x", "DNS:x", "URI:x", "IP:x" as OpenSSL's configuration takes them; "dir:x" is the
 * directory name /C=DE/O=Bulla Tests/OU=x, "dir:" that without OU. */
static void general_name(struct draft *d, const char *text, char *all, size_t room)
{
	char part[256];
	if (strncmp(text, "dir:", 4) == 0) {
		unsigned n = d->sections++;
		snprintf(part, sizeof(part), "[d%u]\nC=DE\nO=Bulla Tests\n%s%s\n", n,
		    text[4] ? "OU=" : "", text + 4);
		append(d, d->config, sizeof(d->config), part);
		snprintf(part, sizeof(part), "dirName:d%u", n);
	} else {
		snprintf(part, sizeof(part), "%s", text);
	}
	append(d, all, room, part);
}

static void add_constraints(struct draft *d, struct vec_words *w)
{
	static const char *const kinds[] = { "permitted", "excluded" };
	char all[1024] = "critical";
	for (size_t k = 0; k < 2; k++)
		for (const char *value; (value = vec_words_value(w, kinds[k]));) {
			append(d, all, sizeof(all), ",");
			append(d, all, sizeof(all), kinds[k]);
			append(d, all, sizeof(all), ";");
			general_name(d, value, all, sizeof(all));
		}
	if (strcmp(all, "critical") != 0)
		add(d, "nameConstraints", all);
}

static void add_alternatives(struct draft *d, struct vec_words *w)
{
	char all[1024] = "";
	for (const char *value; (value = vec_words_value(w, "san"));) {
		append(d, all, sizeof(all), all[0] ? "," : "");
		general_name(d, value, all, sizeof(all));
	}
	if (all[0])
		add(d, "subjectAltName", all);
}

static void add_limits(struct draft *d, struct vec_words *w)
{
	char text[128] = "critical";
	const char *explicit_after = vec_words_value(w, "explicit");
	const char *mapping_after = vec_words_value(w, "inhibit-map");
	const char *any_after = vec_words_value(w, "inhibit-any");
	if (explicit_after)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    ",requireExplicitPolicy:%s", explicit_after);
	if (mapping_after)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    ",inhibitPolicyMapping:%s", mapping_after);
	if (explicit_after || mapping_after)
		add(d, "policyConstraints", text);
	snprintf(text, sizeof(text), "critical,%s", any_after ? any_after : "");
	if (any_after)
		add(d, "inhibitAnyPolicy", text);
}

static void add_usage(struct draft *d, struct vec_words *w)
{
	char text[64] = "critical,CA:TRUE";
	const char *length = vec_words_value(w, "pathlen"), *usage = vec_words_value(w, "usage");
	if (length)
		snprintf(text, sizeof(text), "critical,CA:TRUE,pathlen:%s", length);
	bool is_ca = vec_words_flag(w, "ca");
	if (is_ca)
		add(d, "basicConstraints", text);
	if (vec_words_flag(w, "end"))
		add(d, "basicConstraints", "CA:FALSE");
	if (!usage)
		usage = is_ca ? "keyCertSign,cRLSign" : "digitalSignature";
	snprintf(text, sizeof(text), "critical,%s", usage);
	if (strcmp(usage, "none") != 0)
		add(d, "keyUsage", text);
	if (!vec_words_flag(w, "no-ids")) {
		d->list[d->n++] = "subjectKeyIdentifier=hash";
		d->list[d->n++] = "authorityKeyIdentifier=keyid";
	}
}

static void list_extensions(struct draft *d, struct vec_words *w)
{
	const char *policies = vec_words_value(w, "policies"), *map = vec_words_value(w, "map");
	add_usage(d, w);
	add_limits(d, w);
	add_constraints(d, w);
	add_alternatives(d, w);
	if (policies)
		add_policies(d, policies);
	if (map)
		add_mappings(d, map);
	for (const char *raw; (raw = vec_words_value(w, "raw"));)
		d->list[d->n++] = raw;
}

static const char *subject_of(const struct vec_words *w, const char *given, const char *name)
{
	char text[256];
	if (given)
		snprintf(text, sizeof(text), "/C=DE/O=Bulla Tests/%s", given);
	else
		snprintf(text, sizeof(text), "/C=DE/O=Bulla Tests/CN=%s", name);
	return vec_words_copy(w, text);
}

static void play_cert(struct scene *v, struct vec_words *w)
{
	struct named *to = &v->certs[v->n];
	struct draft d = { .w = w };
	if (v->n == CERTS)
		vec_reader_complain(w->c, w->line, "too many certificates", "");
	to->name = vec_words_name(w);
	const char *issuer = vec_words_value(w, "issuer"), *like = vec_words_value(w, "key");
	const char *same = vec_words_value(w, "name");
	to->subject = same ? find(v, w, same)->subject
			   : subject_of(w, vec_words_value(w, "subject"), to->name);
	to->key = like ? find(v, w, like)->key : key_of(v->n);
	list_extensions(&d, w);
	const struct named *by = issuer ? find(v, w, issuer) : NULL;
	struct mini_ca_spec spec = { .subject = to->subject,
		.key = to->key,
		.serial = (int64_t)v->n + 1,
		.extensions = d.list,
		.config = d.config };
	if (by) {
		spec.issuer = by->cert->der;
		spec.issuer_key = by->key;
	}
	struct bytes der = mini_ca_cert(v->s, &spec);
	if (vec_words_flag(w, "tampered"))
		((uint8_t *)(uintptr_t)der.p)[der.n - 1] ^= 1;
	if (cert_parse(v->s, der, &to->cert) != OK)
		vec_reader_complain(w->c, w->line, "certificate", scope_fault_text(v->s));
	v->n++;
}

/* -- what is asked -- */

static struct bytes oid_of_digit(struct scene *v, const char *digit)
{
	char text[48];
	struct bytes oid;
	oid_text(digit, text);
	mini_ca_check(der_oid_of_text(v->s, text, &oid) == OK, text);
	return oid;
}

static void play_settings(struct scene *v, struct vec_words *w)
{
	struct policy_path_inputs *in = &v->policy.path;
	in->explicit_policy = vec_words_flag(w, "explicit");
	in->inhibit_mapping = vec_words_flag(w, "inhibit-mapping");
	in->inhibit_any = vec_words_flag(w, "inhibit-any");
	in->initial_policies = v->initial;
	for (const char *digit; (digit = vec_words_next(w));)
		v->initial[in->n_initial_policies++] = oid_of_digit(v, digit);
}

static struct path_list search(struct scene *v)
{
	struct evidence *e;
	struct path_finder *finder;
	struct path_list paths;
	const struct anchors *anchors;
	const struct cert *anchor = NULL, *leaf = NULL;
	assert_int_equal(evidence_new(v->s, &e), OK);
	for (size_t i = 0; i < v->n; i++) {
		if (strcmp(v->certs[i].name, v->anchor) == 0)
			anchor = v->certs[i].cert;
		else
			assert_int_equal(
			    evidence_add_cert(v->s, e, v->certs[i].cert, EVIDENCE_GIVEN), OK);
		if (strcmp(v->certs[i].name, v->leaf) == 0)
			leaf = v->certs[i].cert;
	}
	assert_non_null(leaf);
	assert_non_null(anchor);
	assert_int_equal(anchors_new(v->s, &anchor, 1, &anchors), OK);
	assert_int_equal(path_finder_new(v->s, e, anchors, &v->policy, &finder), OK);
	assert_int_equal(path_find(v->s, finder, leaf, &paths), OK);
	return paths;
}

/* -- what came of it, in the words of the table -- */

static const char *name_of(const struct scene *v, const struct cert *c)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->certs[i].cert == c)
			return v->certs[i].name;
	return "?";
}

static void tell_path(struct scene *v, const struct path *p, char *text, size_t room)
{
	struct findings f = { 0 };
	text[0] = '\0';
	assert_int_equal(path_explain(v->s, p, &f), OK);
	if (f.n) {
		snprintf(text, room, "%s %s", findings_row(f.item[0].code)->name,
		    name_of(v, f.item[0].cert));
		return;
	}
	snprintf(text, room, "valid");
	for (size_t i = 0; i < p->n; i++)
		snprintf(text + strlen(text), room - strlen(text), " %s", name_of(v, p->item[i]));
}

static void tell_policies(
    struct scene *v, const struct path *p, char *text, char *said, size_t room)
{
	struct path_policies set;
	snprintf(text, room, "none");
	said[0] = '\0';
	assert_int_equal(path_policies_find(v->s, p, &v->policy.path, &set), OK);
	for (size_t i = 0; i < set.n; i++) {
		char *dotted;
		assert_int_equal(der_oid_text(v->s, set.item[i].oid, &dotted), OK);
		const char *digit =
		    strcmp(dotted, "2.5.29.32.0") == 0 ? "any" : strrchr(dotted, '.') + 1;
		snprintf(i ? text + strlen(text) : text, room - (i ? strlen(text) : 0), "%s%s",
		    i ? " " : "", digit);
		for (size_t k = 0; k < set.item[i].notices.n; k++)
			snprintf(said + strlen(said), room - strlen(said), "%s%s",
			    said[0] ? " " : "", set.item[i].notices.item[k]);
	}
}

static bool agrees(const struct scene *v, const char *key, const char *got, const char *otherwise)
{
	const char *wanted = otherwise;
	unsigned line = v->c->line;
	for (size_t i = 0; i < v->c->n_lines; i++)
		if (strcmp(v->c->lines[i].key, key) == 0) {
			wanted = v->c->lines[i].value;
			line = v->c->lines[i].line;
		}
	if (!wanted || strcmp(wanted, got) == 0)
		return true;
	print_error("%s:%u: %s\n  is     %s: %s\n  wanted %s: %s\n", v->c->file, line, v->c->name,
	    key, got, key, wanted);
	return false;
}

static void play(struct scene *v, const struct vec_reader_line *line)
{
	struct vec_words w = vec_words_of(v->s, v->c, line);
	if (strcmp(line->key, "cert") == 0)
		play_cert(v, &w);
	else if (strcmp(line->key, "leaf") == 0)
		v->leaf = vec_words_name(&w);
	else if (strcmp(line->key, "trust") == 0)
		v->anchor = vec_words_name(&w);
	else if (strcmp(line->key, "settings") == 0)
		play_settings(v, &w);
	else
		return;
	vec_words_end(&w);
}

static void run_case(void **state)
{
	struct scene v = { .s = scope_new(0),
		.c = *state,
		.leaf = "leaf",
		.anchor = "root",
		.policy = *policy_default() };
	char got[1024], said[1024] = "", refused[4096] = "";
	assert_non_null(v.s);
	for (size_t i = 0; i < v.c->n_lines; i++)
		play(&v, &v.c->lines[i]);
	struct path_list paths = search(&v);
	if (paths.n)
		tell_path(&v, &paths.item[0], got, sizeof(got));
	else
		snprintf(got, sizeof(got), "nothing");
	bool ok = agrees(&v, "expect", got, "(no line)");
	for (size_t i = 1; i < paths.n; i++) {
		tell_path(&v, &paths.item[i], got, sizeof(got));
		snprintf(refused + strlen(refused), sizeof(refused) - strlen(refused), "%s%s",
		    i > 1 ? ", " : "", got);
	}
	ok &= agrees(&v, "refused", refused, "");
	if (paths.n)
		tell_policies(&v, &paths.item[0], got, said, sizeof(got));
	ok &= agrees(&v, "policies", got, NULL);
	ok &= agrees(&v, "notices", said, NULL);
	scope_free(v.s);
	assert_true(ok);
}

int main(int argc, char **argv)
{
	static struct vec_reader all; /* static, so that nothing counts as lost */
	vec_reader_add(&all, "tests/vectors/paths/rfc5280.vec", keys);
	return vec_program_run("paths", &all, run_case, argc, argv);
}
