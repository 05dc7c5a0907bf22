#include "service/trust_files.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/folder.h"
#include "service/input_file.h"

struct found {
	const struct cert **item;
	size_t n;
};

static enum err add(struct scope *s, struct found *f, const struct cert **certs, size_t n)
{
	if (f->n + n > LIMIT_POOL_CERTIFICATES)
		return scope_fault(
		    s, ERR_LIMIT, "more than %d trust anchors", LIMIT_POOL_CERTIFICATES);
	const struct cert **all =
	    scope_resize(s, f->item, f->n * sizeof(*all), (f->n + n) * sizeof(*all));
	if (!all)
		return ERR_NOMEM;
	memcpy(all + f->n, certs, n * sizeof(*all));
	f->item = all;
	f->n += n;
	return OK;
}

static enum err load_file(struct scope *s, const char *path, struct found *f)
{
	struct bytes content;
	const struct cert **certs;
	size_t n;
	TRY(input_file_read(s, path, LIMIT_TRUST_FILE, &content));
	enum err e = cert_parse_many(s, content, &certs, &n);
	if (e == ERR_FORMAT) {
		scope_forgive(s);
		return scope_fault(s, e, "%s: no certificate in it", path);
	}
	return e == OK ? add(s, f, certs, n) : scope_fault_in(s, e, path);
}

static enum err load_folder(struct scope *s, const char *path, struct found *f)
{
	struct folder folder;
	size_t before = f->n;
	TRY(folder_list(s, path, "", &folder));
	for (size_t i = 0; i < folder.n; i++) {
		enum err e = load_file(s, folder.paths[i], f);
		if (e != OK && e != ERR_IO && e != ERR_FORMAT)
			return e;
		if (e != OK)
			scope_forgive(s);
	}
	if (f->n == before)
		return scope_fault(s, ERR_FORMAT, "%s: no certificate in this folder", path);
	return OK;
}

enum err trust_files_load(
    struct scope *s, const char *const *paths, size_t n_paths, const struct anchors **ret_anchors)
{
	struct found f = { 0 };
	for (size_t i = 0; i < n_paths; i++)
		TRY(folder_is_at(paths[i]) ? load_folder(s, paths[i], &f)
					   : load_file(s, paths[i], &f));
	return anchors_new(s, f.item, f.n, ret_anchors);
}
