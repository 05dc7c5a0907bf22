#include "service/evidence_folder.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/folder.h"
#include "service/input_file.h"
#include "service/output_file.h"

/* Room for a manifest line of every item that evidence may hold, URLs included. */
#define MANIFEST_CAP ((size_t)256 << 20)

static enum err add_cert(struct scope *s, struct evidence *e, struct bytes der)
{
	return evidence_add_cert_der(s, e, der, EVIDENCE_GIVEN);
}

static enum err add_crl(struct scope *s, struct evidence *e, struct bytes der)
{
	return evidence_add_crl_der(s, e, der, EVIDENCE_GIVEN, NULL);
}

static enum err add_ocsp(struct scope *s, struct evidence *e, struct bytes der)
{
	return evidence_add_ocsp_der(s, e, der, EVIDENCE_GIVEN, NULL, NULL);
}

struct kind {
	const char *folder, *suffix, *name;
	enum err (*add)(struct scope *s, struct evidence *e, struct bytes der);
};

static const struct kind certificates = { "certificates", ".cer", "certificate", add_cert };
static const struct kind crls = { "crls", ".crl", "crl", add_crl };
static const struct kind ocsps = { "ocsp", ".ors", "ocsp", add_ocsp };

static enum err load_kind(
    struct scope *s, const char *dir, const struct kind *kind, struct evidence *evidence)
{
	char *path;
	struct folder folder;
	TRY(folder_path(s, dir, kind->folder, &path));
	if (!folder_is_at(path))
		return OK;
	TRY(folder_list(s, path, kind->suffix, &folder));
	for (size_t i = 0; i < folder.n; i++) {
		struct bytes der;
		TRY(input_file_read(s, folder.paths[i], LIMIT_EVIDENCE_FILE, &der));
		TRY(kind->add(s, evidence, der));
	}
	return OK;
}

enum err evidence_folder_load(struct scope *s, const char *dir, struct evidence *evidence)
{
	if (!folder_is_at(dir))
		return OK;
	TRY(load_kind(s, dir, &certificates, evidence));
	TRY(load_kind(s, dir, &crls, evidence));
	return load_kind(s, dir, &ocsps, evidence);
}

/* True when the file is there and holds just that. */
static enum err is_stored(struct scope *s, const char *path, struct bytes content, bool *ret_yes)
{
	struct stat st;
	struct bytes old;
	*ret_yes = false;
	if (stat(path, &st) != 0 || (size_t)st.st_size != content.n)
		return OK;
	TRY(input_file_read(s, path, content.n, &old));
	*ret_yes = bytes_equal(old, content);
	return OK;
}

struct item {
	struct bytes der;
	const struct digest *sha256;
	enum evidence_source source;
	const char *url;
};

static enum err store_item(struct scope *s, const char *dir, const struct kind *kind,
    struct item item, struct buf *manifest)
{
	char *hex, *path, name[2 * DIGEST_MAX + 32];
	bool stored;
	TRY(bytes_to_hex(s, digest_bytes(item.sha256), &hex));
	snprintf(name, sizeof(name), "%s/%s%s", kind->folder, hex, kind->suffix);
	TRY(folder_path(s, dir, name, &path));
	TRY(is_stored(s, path, item.der, &stored));
	if (!stored)
		TRY(output_file_put(s, path, item.der));
	buf_addf(manifest, "%s\t%s\t%s\t", hex, kind->name, evidence_source_name(item.source));
	for (const char *c = item.url ? item.url : "-"; *c; c++)
		buf_add_byte(manifest, (unsigned char)*c < 0x20 ? '?' : (uint8_t)*c);
	buf_add_byte(manifest, '\n');
	return OK;
}

static enum err store_items(
    struct scope *s, const char *dir, const struct evidence *e, struct buf *manifest)
{
	for (size_t i = 0; i < e->n_certs; i++) {
		const struct cert *c = e->certs[i].cert;
		struct item item = { c->der, &c->sha256, e->certs[i].source, NULL };
		TRY(store_item(s, dir, &certificates, item, manifest));
	}
	for (size_t i = 0; i < e->n_crls; i++) {
		const struct crl *c = e->crls[i].crl;
		struct item item = { c->der, &c->sha256, e->crls[i].source, e->crls[i].url };
		TRY(store_item(s, dir, &crls, item, manifest));
	}
	for (size_t i = 0; i < e->n_ocsps; i++) {
		const struct ocsp_response *o = e->ocsps[i].response;
		struct item item = { o->der, &o->sha256, e->ocsps[i].source, e->ocsps[i].url };
		TRY(store_item(s, dir, &ocsps, item, manifest));
	}
	return OK;
}

static enum err make_folders(struct scope *s, const char *dir)
{
	const struct kind *const kinds[] = { &certificates, &crls, &ocsps };
	TRY(folder_make(s, dir));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char *path;
		TRY(folder_path(s, dir, kinds[i]->folder, &path));
		TRY(folder_make(s, path));
	}
	return OK;
}

enum err evidence_folder_store(struct scope *s, const char *dir, const struct report *report)
{
	struct buf manifest = buf_new(s, MANIFEST_CAP);
	struct bytes text;
	char *path;
	TRY(make_folders(s, dir));
	if (report->items)
		TRY(store_items(s, dir, report->items, &manifest));
	TRY(buf_done(&manifest, &text));
	TRY(folder_path(s, dir, "manifest.tsv", &path));
	TRY(output_file_put(s, path, text));
	TRY(report_json(s, report, false, &text));
	TRY(folder_path(s, dir, "report.json", &path));
	return output_file_put(s, path, text);
}
