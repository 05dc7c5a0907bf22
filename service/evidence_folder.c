#include "service/evidence_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/folder.h"
#include "service/input_file.h"
#include "service/output_file.h"

#define MANIFEST "manifest.tsv"
#define POLICY "policy.json"
#define REPORT "report.json"
/* SHA-256 in hexadecimal, a suffix, NUL. */
#define NAME_ROOM 72
/* So many damaged files are told by name; they share one line. */
#define DAMAGE_NAMED 3

static const struct {
	const char *folder, *suffix;
} kinds[] = {
	[EVIDENCE_MANIFEST_ANCHOR] = { "anchors", ".cer" },
	[EVIDENCE_MANIFEST_CERTIFICATE] = { "certificates", ".cer" },
	[EVIDENCE_MANIFEST_CRL] = { "crls", ".crl" },
	[EVIDENCE_MANIFEST_OCSP] = { "ocsp", ".ors" },
	[EVIDENCE_MANIFEST_TIMESTAMP] = { "timestamps", ".tst" },
};

/* -- names -- */

struct name {
	char text[NAME_ROOM];
};

static struct name name_of(const struct evidence_manifest_item *item)
{
	struct name name;
	const struct digest *d = &item->file.sha256;
	for (size_t i = 0; i < 32; i++)
		snprintf(name.text + 2 * i, 3, "%02x", d->value[i]);
	snprintf(name.text + 64, NAME_ROOM - 64, "%s", kinds[item->kind].suffix);
	return name;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

/* Names that belong into one folder, sorted. */
struct names {
	struct name *item;
	size_t n;
};

static enum err names_of_kind(struct scope *s, const struct evidence_manifest *m,
    enum evidence_manifest_kind kind, struct names *ret_names)
{
	struct names names = { .item = scope_alloc_array(s, m->n_items, sizeof(*names.item)) };
	if (!names.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < m->n_items; i++)
		if (m->items[i].kind == kind)
			names.item[names.n++] = name_of(&m->items[i]);
	qsort(names.item, names.n, sizeof(*names.item), compare_names);
	*ret_names = names;
	return OK;
}

static bool has_name(const struct names *names, const char *text)
{
	struct name key;
	if (strlen(text) >= NAME_ROOM)
		return false;
	snprintf(key.text, NAME_ROOM, "%s", text);
	return bsearch(&key, names->item, names->n, sizeof(key), compare_names) != NULL;
}

/* -- open folders -- */

static void close_folder(void *obj)
{
	close(*(int *)obj);
}

/* The descriptor is closed with the scope. -1 and OK where there is no folder of that name: errno
 * says why. */
static enum err open_folder(struct scope *s, int in, const char *name, int flags, int *ret_fd)
{
	int *fd = scope_alloc(s, sizeof(*fd));
	if (!fd)
		return ERR_NOMEM;
	*fd = openat(in, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
	*ret_fd = *fd;
	return *fd < 0 ? OK : scope_own(s, fd, close_folder);
}

/* Who writes waits for who reads, and the other way round, until flock(LOCK_UN). A file system
 * without locks has none. */
static enum err open_locked(struct scope *s, const char *dir, int operation, int *ret_fd)
{
	TRY(open_folder(s, AT_FDCWD, dir, 0, ret_fd));
	if (*ret_fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", dir, strerror(errno));
	while (flock(*ret_fd, operation) != 0 && errno == EINTR)
		;
	return OK;
}

/* -- damage -- */

/* A bundle being read, and what is wrong with it. */
struct check {
	struct scope *s;
	const char *dir;
	int fd;
	struct buf said;
	size_t n_damaged;
};

static void damaged(struct check *c, const char *folder, const char *name, const char *how)
{
	if (c->n_damaged++ >= DAMAGE_NAMED)
		return;
	buf_addf(&c->said, "%s%s%s%.*s %s", c->said.n ? "; " : "", folder ? folder : "",
	    folder ? "/" : "", NAME_ROOM + 8, name, how);
}

static enum err tell_damage(struct check *c)
{
	char *said;
	if (!c->n_damaged)
		return OK;
	TRY(buf_done_str(&c->said, &said));
	if (c->n_damaged > DAMAGE_NAMED)
		return scope_fault(c->s, ERR_FORMAT, "%s: %s; and %zu more", c->dir, said,
		    c->n_damaged - DAMAGE_NAMED);
	return scope_fault(c->s, ERR_FORMAT, "%s: %s", c->dir, said);
}

/* -- reading files -- */

static enum err read_whole(
    struct scope *s, int fd, const char *name, size_t size, struct bytes *ret_content)
{
	struct buf b = buf_new(s, size);
	uint8_t *p = size ? buf_extend(&b, size) : NULL;
	size_t at = 0;
	while (p && at < size) {
		ssize_t n = read(fd, p + at, size - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return scope_fault(s, ERR_IO, "%s: %s", name, strerror(errno));
		if (n == 0)
			break;
		at += (size_t)n;
	}
	TRY(buf_done(&b, ret_content));
	ret_content->n = at;
	return OK;
}

/* A regular file of at most `cap` octets. What it is otherwise comes back as a word, with OK. */
static enum err read_file(struct scope *s, int folder, const char *name, size_t cap,
    const char **ret_how, struct bytes *ret_content)
{
	struct stat st;
	enum err e = OK;
	*ret_how = NULL;
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		*ret_how = "is missing";
	else if (fd < 0 && (errno == ELOOP || errno == ENXIO))
		*ret_how = "is no file";
	else if (fd < 0 || fstat(fd, &st) != 0)
		e = scope_fault(s, ERR_IO, "%s: %s", name, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		*ret_how = "is no file";
	else if ((size_t)st.st_size > cap)
		*ret_how = "is larger than it was";
	else
		e = read_whole(s, fd, name, (size_t)st.st_size, ret_content);
	if (fd >= 0)
		close(fd);
	return e;
}

/* Reads it if it is what the manifest says. */
static enum err check_file(struct check *c, int fd, const char *folder, const char *name,
    const struct evidence_manifest_file *wanted, struct bytes *ret_content)
{
	struct digest sha256;
	const char *how;
	struct bytes content = BYTES_NONE;
	if (wanted->size > LIMIT_EVIDENCE_FILE)
		return scope_fault(c->s, ERR_LIMIT, "%s: %s: larger than %zu octets", c->dir, name,
		    LIMIT_EVIDENCE_FILE);
	TRY(read_file(c->s, fd, name, wanted->size, &how, &content));
	if (how) {
		damaged(c, folder, name, how);
		return OK;
	}
	TRY(digest_of_bytes(c->s, DIGEST_SHA256, content, &sha256));
	if (content.n != wanted->size || !digest_equal(&sha256, &wanted->sha256))
		damaged(c, folder, name, "was changed");
	*ret_content = content;
	return OK;
}

static enum err read_manifest(struct check *c, const char **ret_how, struct evidence_bundle *b)
{
	TRY(read_file(c->s, c->fd, MANIFEST, LIMIT_EVIDENCE_MANIFEST, ret_how, &b->text));
	if (*ret_how)
		return OK;
	enum err e = evidence_manifest_parse(c->s, b->text, &b->manifest);
	if (e == OK)
		return OK;
	e = scope_fault_in(c->s, e, MANIFEST);
	return scope_fault_in(c->s, e, c->dir);
}

static enum err check_items(
    struct check *c, enum evidence_manifest_kind kind, int fd, struct evidence_bundle *b)
{
	const struct evidence_manifest *m = &b->manifest;
	for (size_t i = 0; i < m->n_items; i++) {
		if (m->items[i].kind != kind)
			continue;
		struct name name = name_of(&m->items[i]);
		TRY(check_file(
		    c, fd, kinds[kind].folder, name.text, &m->items[i].file, &b->contents[i]));
	}
	return OK;
}

/* Opens the folder of a kind; without it every item is missing. */
static enum err open_kind(struct check *c, enum evidence_manifest_kind kind, size_t n, int *ret_fd)
{
	TRY(open_folder(c->s, c->fd, kinds[kind].folder, O_NOFOLLOW, ret_fd));
	if (*ret_fd < 0 && errno == ENOENT && n)
		damaged(c, NULL, kinds[kind].folder, "is missing");
	else if (*ret_fd < 0 && errno != ENOENT)
		damaged(c, NULL, kinds[kind].folder, "is no folder");
	return OK;
}

/* -- lists of files -- */

static enum err each_entry(
    struct scope *s, int fd, enum err (*visit)(void *ctx, const char *name), void *ctx)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again < 0 ? NULL : fdopendir(again);
	enum err e = OK;
	if (!d) {
		e = scope_fault(s, ERR_IO, "%s", strerror(errno));
		if (again >= 0)
			close(again);
		return e;
	}
	errno = 0;
	for (struct dirent *x; e == OK && (x = readdir(d)); errno = 0)
		if (strcmp(x->d_name, ".") && strcmp(x->d_name, ".."))
			e = visit(ctx, x->d_name);
	if (e == OK && errno)
		e = scope_fault(s, ERR_IO, "%s", strerror(errno));
	closedir(d);
	return e;
}

struct listing {
	struct check *check;
	const char *folder; /* NULL: the bundle's own */
	struct names names;
};

static enum err tell_stranger(void *ctx, const char *name)
{
	const struct listing *l = ctx;
	if (!has_name(&l->names, name))
		damaged(l->check, l->folder, name, "does not belong there");
	return OK;
}

static enum err check_kind(
    struct check *c, enum evidence_manifest_kind kind, struct evidence_bundle *b)
{
	struct listing l = { .check = c, .folder = kinds[kind].folder };
	int fd;
	TRY(names_of_kind(c->s, &b->manifest, kind, &l.names));
	TRY(open_kind(c, kind, l.names.n, &fd));
	if (fd < 0)
		return OK;
	if (l.names.n == 0)
		damaged(c, NULL, kinds[kind].folder, "does not belong there");
	TRY(check_items(c, kind, fd, b));
	return each_entry(c->s, fd, tell_stranger, &l);
}

/* In the order of their names. */
static const struct name own_names[] = { { "anchors" }, { "certificates" }, { "crls" },
	{ MANIFEST }, { "ocsp" }, { POLICY }, { REPORT }, { "timestamps" } };

static enum err check_all(struct check *c, struct evidence_bundle *b)
{
	struct listing l = { .check = c };
	l.names.n = sizeof(own_names) / sizeof(own_names[0]);
	l.names.item = scope_alloc_array(c->s, l.names.n, sizeof(*l.names.item));
	if (!l.names.item)
		return ERR_NOMEM;
	memcpy(l.names.item, own_names, sizeof(own_names));
	TRY(check_file(c, c->fd, NULL, POLICY, &b->manifest.policy, &b->policy));
	TRY(check_file(c, c->fd, NULL, REPORT, &b->manifest.report, &b->report));
	for (int k = 0; k < EVIDENCE_MANIFEST_KINDS; k++)
		TRY(check_kind(c, (enum evidence_manifest_kind)k, b));
	TRY(each_entry(c->s, c->fd, tell_stranger, &l));
	return tell_damage(c);
}

static struct check check_new(struct scope *s, const char *dir)
{
	return (struct check){ .s = s, .dir = dir, .said = buf_new(s, 4096) };
}

static enum err make_room(struct scope *s, struct evidence_bundle *b)
{
	b->contents = scope_alloc_array(s, b->manifest.n_items, sizeof(*b->contents));
	return b->contents ? OK : ERR_NOMEM;
}

static enum err note_sub_folder(void *ctx, const char *name)
{
	bool *several = ctx;
	size_t hex = strspn(name, "0123456789abcdef");
	*several = *several || (hex == 64 && !name[hex]);
	return OK;
}

static enum err tell_absence(struct check *c, const char *how)
{
	bool several = false;
	TRY(each_entry(c->s, c->fd, note_sub_folder, &several));
	return scope_fault(c->s, ERR_FORMAT, "%s: " MANIFEST " %s: %s", c->dir, how,
	    several ? "the bundles of several documents, a folder each"
		    : "no evidence bundle, or one that was half written");
}

static enum err open_bundle(struct check *c, struct evidence_bundle *ret_bundle)
{
	struct evidence_bundle b = { 0 };
	const char *how;
	TRY(read_manifest(c, &how, &b));
	if (how)
		return tell_absence(c, how);
	TRY(make_room(c->s, &b));
	TRY(check_all(c, &b));
	*ret_bundle = b;
	return OK;
}

enum err evidence_folder_open(struct scope *s, const char *dir, struct evidence_bundle *ret_bundle)
{
	struct check c = check_new(s, dir);
	TRY(open_locked(s, dir, LOCK_SH, &c.fd));
	enum err e = open_bundle(&c, ret_bundle);
	flock(c.fd, LOCK_UN);
	return e;
}

/* -- evidence of a former run -- */

static enum err add_given(
    struct scope *s, const struct evidence_bundle *b, struct evidence *evidence)
{
	for (int given = 1; given >= 0; given--) {
		struct evidence *e;
		TRY(evidence_bundle_evidence(s, b, given, &e));
		for (size_t i = 0; i < e->n_certs; i++)
			e->certs[i].source = EVIDENCE_GIVEN;
		for (size_t i = 0; i < e->n_crls; i++)
			e->crls[i].source = EVIDENCE_GIVEN;
		for (size_t i = 0; i < e->n_ocsps; i++)
			e->ocsps[i].source = EVIDENCE_GIVEN;
		TRY(evidence_add_all(s, evidence, e));
	}
	return OK;
}

static enum err load_kind(
    struct check *c, enum evidence_manifest_kind kind, struct evidence_bundle *b)
{
	struct names names;
	int fd;
	TRY(names_of_kind(c->s, &b->manifest, kind, &names));
	TRY(open_kind(c, kind, names.n, &fd));
	return fd < 0 ? OK : check_items(c, kind, fd, b);
}

static enum err load(struct check *c, struct evidence *evidence)
{
	struct evidence_bundle b = { 0 };
	const char *how;
	TRY(read_manifest(c, &how, &b));
	if (how)
		return OK;
	TRY(make_room(c->s, &b));
	TRY(load_kind(c, EVIDENCE_MANIFEST_CERTIFICATE, &b));
	TRY(load_kind(c, EVIDENCE_MANIFEST_CRL, &b));
	TRY(load_kind(c, EVIDENCE_MANIFEST_OCSP, &b));
	TRY(tell_damage(c));
	return add_given(c->s, &b, evidence);
}

enum err evidence_folder_load(struct scope *s, const char *dir, struct evidence *evidence)
{
	struct check c = check_new(s, dir);
	if (!folder_is_at(dir))
		return OK;
	TRY(open_locked(s, dir, LOCK_SH, &c.fd));
	enum err e = load(&c, evidence);
	flock(c.fd, LOCK_UN);
	return e;
}

/* -- writing -- */

/* True when the file is there and holds just that. */
static enum err is_stored(struct scope *s, const char *path, struct bytes content, bool *ret_yes)
{
	struct stat st;
	struct bytes old;
	*ret_yes = false;
	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) || (size_t)st.st_size != content.n)
		return OK;
	TRY(input_file_read(s, path, content.n, &old));
	*ret_yes = bytes_equal(old, content);
	return OK;
}

static enum err put(struct scope *s, const char *dir, const char *name, struct bytes content)
{
	char *path;
	bool stored;
	TRY(folder_path(s, dir, name, &path));
	TRY(is_stored(s, path, content, &stored));
	return stored ? OK : output_file_put(s, path, content);
}

static enum err put_kind(struct scope *s, const char *dir, enum evidence_manifest_kind kind,
    const struct evidence_bundle *b)
{
	const struct evidence_manifest *m = &b->manifest;
	char *folder = NULL;
	for (size_t i = 0; i < m->n_items; i++) {
		if (m->items[i].kind != kind)
			continue;
		if (!folder) {
			TRY(folder_path(s, dir, kinds[kind].folder, &folder));
			TRY(folder_make(s, folder));
		}
		struct name name = name_of(&m->items[i]);
		TRY(put(s, folder, name.text, b->contents[i]));
	}
	return OK;
}

/* What a former bundle, or a run that was cut off, has left. */
static bool is_ours(const char *name, const char *suffix)
{
	size_t hex = strspn(name, "0123456789abcdef");
	return (hex == 64 && !strcmp(name + hex, suffix)) || !strncmp(name, ".bulla-", 7);
}

struct sweep {
	int fd;
	const char *suffix;
	struct names keep;
};

static enum err sweep_entry(void *ctx, const char *name)
{
	const struct sweep *w = ctx;
	/* What cannot be removed stays, and will be told of by whoever reads the bundle. */
	if (is_ours(name, w->suffix) && !has_name(&w->keep, name))
		unlinkat(w->fd, name, 0);
	return OK;
}

static enum err sweep_kind(
    struct scope *s, int dir, enum evidence_manifest_kind kind, const struct evidence_manifest *m)
{
	struct sweep w = { .suffix = kinds[kind].suffix };
	TRY(names_of_kind(s, m, kind, &w.keep));
	TRY(open_folder(s, dir, kinds[kind].folder, O_NOFOLLOW, &w.fd));
	if (w.fd < 0)
		return OK;
	TRY(each_entry(s, w.fd, sweep_entry, &w));
	if (w.keep.n == 0)
		unlinkat(dir, kinds[kind].folder, AT_REMOVEDIR);
	return OK;
}

static enum err store(
    struct scope *s, const char *dir, int fd, const struct evidence_bundle *bundle)
{
	for (int k = 0; k < EVIDENCE_MANIFEST_KINDS; k++)
		TRY(put_kind(s, dir, (enum evidence_manifest_kind)k, bundle));
	TRY(put(s, dir, POLICY, bundle->policy));
	TRY(put(s, dir, REPORT, bundle->report));
	TRY(put(s, dir, MANIFEST, bundle->text));
	for (int k = 0; k < EVIDENCE_MANIFEST_KINDS; k++)
		TRY(sweep_kind(s, fd, (enum evidence_manifest_kind)k, &bundle->manifest));
	return OK;
}

enum err evidence_folder_store(
    struct scope *s, const char *dir, const struct evidence_bundle *bundle)
{
	int fd;
	TRY(folder_make(s, dir));
	TRY(open_locked(s, dir, LOCK_EX, &fd));
	enum err e = store(s, dir, fd, bundle);
	flock(fd, LOCK_UN);
	return e;
}
