/*
 * Writes scenarios (tests/vectors/README.md) as files that another validator can be asked about,
 * and what Bulla says of the same files:
 *
 *   scenes OUT TABLE.vec..
 *
 *   OUT/NAME/document.pdf  anchors/1.cer
 *   OUT/NAME/certs/N.cer  crls/N.crl  ocsps/N.ors   what was handed in, and where the case is
 * judged online what the services answer at that time OUT/NAME/at  policy  report.json RFC 3339;
 * key=value lines; Bulla's, offline, with these files as its only evidence
 *
 * The names are printed, one a line. Expectations of the tables are not looked at. Mistakes end the
 * program.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "tests/support/vec_scene.h"
#include "validator/report_etsi.h"

static void make_folder(const char *path)
{
	mini_ca_check(mkdir(path, 0777) == 0 || errno == EEXIST, path);
}

static void write_file(const char *folder, const char *name, struct bytes octets)
{
	char path[1024];
	mini_ca_check(
	    snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path), name);
	FILE *f = fopen(path, "wb");
	mini_ca_check(f != NULL, path);
	bool written = fwrite(octets.p, 1, octets.n, f) == octets.n;
	mini_ca_check(fclose(f) == 0 && written, path);
}

/* FOLDER/WHAT/N.SUFFIX */
static void write_item(
    const char *folder, const char *what, size_t n, const char *suffix, struct bytes octets)
{
	char path[1024], name[64];
	snprintf(path, sizeof(path), "%s/%s", folder, what);
	make_folder(path);
	snprintf(name, sizeof(name), "%zu.%s", n + 1, suffix);
	write_file(path, name, octets);
}

/* -- what the services say -- */

/* False when there is no answer. */
static bool ask(struct vec_scene *v, enum fetch_kind kind, const char *url, struct bytes body,
    struct bytes *ret_body)
{
	struct fetch_reply reply;
	const struct fetch_request want = { .kind = kind,
		.url = url,
		.body = body,
		.content_type = body.n ? "application/ocsp-request" : NULL };
	enum err err = v->w->world.fetch(v->w, v->s, &want, &reply);
	scope_forgive(v->s);
	if (err == OK)
		*ret_body = reply.body;
	return err == OK;
}

static void ask_lists(struct vec_scene *v, const struct cert *c)
{
	struct bytes body;
	for (size_t i = 0; i < c->crl_points.n; i++)
		for (size_t k = 0; k < c->crl_points.item[i].urls.n; k++) {
			const char *url = c->crl_points.item[i].urls.item[k];
			if (ask(v, FETCH_CRL, url, BYTES_NONE, &body))
				mini_ca_check(evidence_add_crl_der(
						  v->s, v->given, body, EVIDENCE_GIVEN, NULL) == OK,
				    url);
		}
}

/* False when none answered. */
static bool ask_responders(struct vec_scene *v, const struct cert *c, const struct cert *issuer)
{
	struct bytes body, request;
	size_t before = v->given->n_ocsps;
	for (size_t i = 0; i < c->aia_ocsp.n; i++) {
		mini_ca_check(
		    ocsp_request_build(v->s, c, issuer, DIGEST_SHA1, BYTES_NONE, &request) == OK,
		    "request");
		if (ask(v, FETCH_OCSP, c->aia_ocsp.item[i], request, &body))
			mini_ca_check(evidence_add_ocsp_der(
					  v->s, v->given, body, EVIDENCE_GIVEN, NULL, NULL) == OK,
			    "answer");
	}
	return v->given->n_ocsps > before;
}

static void ask_issuers(struct vec_scene *v, const struct cert *c)
{
	struct bytes body;
	for (size_t i = 0; i < c->aia_ca_issuers.n; i++)
		if (ask(v, FETCH_CERTIFICATE, c->aia_ca_issuers.item[i], BYTES_NONE, &body))
			mini_ca_check(
			    evidence_add_cert_der(v->s, v->given, body, EVIDENCE_GIVEN) == OK,
			    "issuer");
}

/* What anybody could fetch about the certificates of the scene joins what was given: lists where no
 * responder answers, so that of two answers of one age nobody has to choose. */
static void ask_all(struct vec_scene *v)
{
	for (size_t i = 0; i < v->pki->n_entries; i++) {
		const struct mini_pki_entry *e = &v->pki->entry[i];
		if (!e->cert)
			continue;
		ask_issuers(v, e->cert);
		if (!ask_responders(v, e->cert, mini_pki_cert(v->pki, e->issuer)))
			ask_lists(v, e->cert);
	}
}

/* -- writing -- */

static void write_evidence(const struct evidence *e, const char *folder)
{
	for (size_t i = 0; i < e->n_certs; i++)
		write_item(folder, "certs", i, "cer", e->certs[i].cert->der);
	for (size_t i = 0; i < e->n_crls; i++)
		write_item(folder, "crls", i, "crl", e->crls[i].crl->der);
	for (size_t i = 0; i < e->n_ocsps; i++)
		write_item(folder, "ocsps", i, "ors", e->ocsps[i].response->der);
}

static void write_scene(struct scope *s, const struct vec_reader_case *c, const char *out)
{
	char folder[512], at[INSTANT_TEXT];
	struct bytes text;
	struct vec_scene *v = vec_scene_stage(s, c);
	if (v->online)
		ask_all(v);
	v->online = false;
	mini_ca_check(snprintf(folder, sizeof(folder), "%s/%s", out, c->name) < 512, c->name);
	make_folder(folder);
	write_file(folder, "document.pdf", v->paper->document);
	write_item(folder, "anchors", 0, "cer", mini_pki_cert(v->pki, v->anchor)->der);
	/* Before judging, which adds what the document holds. */
	write_evidence(v->given, folder);
	instant_to_rfc3339((struct instant){ v->at }, at);
	write_file(folder, "at", bytes_of_str(at));
	mini_ca_check(policy_canonical(s, &v->policy, &text) == OK, "policy");
	write_file(folder, "policy", text);
	const struct report *report = vec_scene_judge(v);
	mini_ca_check(report_json(s, report, false, &text) == OK, "report");
	write_file(folder, "report.json", text);
	mini_ca_check(report_etsi(s, report, &text) == OK, "ETSI report");
	write_file(folder, "report.xml", text);
	puts(c->name);
}

static void write_default(const char *out)
{
	struct scope *s = scope_new(0);
	struct bytes text;
	mini_ca_check(s && policy_canonical(s, policy_default(), &text) == OK, "policy");
	write_file(out, "default-policy", text);
	scope_free(s);
}

int main(int argc, char **argv)
{
	const char *keys[32] = { "conclusion", "document", "S*" };
	size_t n = 3;
	struct vec_reader all = { 0 };
	if (argc < 3) {
		fprintf(stderr, "usage: scenes OUT TABLE.vec..\n");
		return 64;
	}
	for (size_t i = 0; vec_scene_keys[i]; i++)
		keys[n++] = vec_scene_keys[i];
	for (int i = 2; i < argc; i++)
		vec_reader_add(&all, argv[i], keys);
	make_folder(argv[1]);
	write_default(argv[1]);
	for (size_t i = 0; i < all.n; i++) {
		struct scope *s = scope_new(0);
		mini_ca_check(s != NULL, "scope");
		write_scene(s, &all.cases[i], argv[1]);
		scope_free(s);
	}
	return 0;
}
