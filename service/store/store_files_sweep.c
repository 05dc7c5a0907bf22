#include "service/store/store_files_sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/store/store_access.h"
#include "service/store/store_files_folder.h"
#include "service/store/store_parts.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define YOUNG_S 3600

struct sweep {
	struct scope *s;
	struct store *store;
	struct instant now;
	enum err e;
};

static bool unlink_one(void *ctx, int fd, const char *name)
{
	(void)ctx;
	(void)unlinkat(fd, name, 0);
	return true;
}

static enum err open_folder(struct scope *s, const char *path, int *ret_fd)
{
	*ret_fd = open(path, FOLDER_FLAGS);
	return *ret_fd >= 0 ? OK : scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
}

static enum err has_row(struct sweep *w, const char *id, bool *ret_has)
{
	int64_t n;
	TRY(store_access_number(w->s, w->store,
	    id[0] == 's' ? "SELECT count(*) FROM sealing WHERE id = ?1 AND has_files = 1"
			 : "SELECT count(*) FROM filing WHERE id = ?1",
	    STORE_SQL_VALUES(store_sql_of_text(id)), &n));
	*ret_has = n > 0;
	return OK;
}

static bool visit_folder(void *ctx, int shelf, const char *id)
{
	struct sweep *w = ctx;
	struct stat st;
	bool has;
	if (!store_files_folder_is(id))
		return true;
	w->e = has_row(w, id, &has);
	if (w->e != OK)
		return false;
	if (has || fstatat(shelf, id, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    st.st_mtime > w->now.unix_s - YOUNG_S)
		return true;
	w->e = store_files_folder_remove(w->s, w->store, id);
	return w->e == OK;
}

static bool visit_shelf(void *ctx, int documents, const char *name)
{
	struct sweep *w = ctx;
	int fd = openat(documents, name, FOLDER_FLAGS);
	if (fd < 0)
		return true;
	enum err e = store_files_folder_each(w->s, fd, visit_folder, w);
	close(fd);
	if (w->e == OK)
		w->e = e;
	return w->e == OK;
}

enum err store_files_sweep(struct scope *s, struct store *store, struct instant now)
{
	int fd;
	TRY(open_folder(s, store->incoming, &fd));
	enum err e = store_files_folder_each(s, fd, unlink_one, NULL);
	close(fd);
	TRY(e);
	struct sweep w = { .s = s, .store = store, .now = now };
	TRY(open_folder(s, store->documents, &fd));
	e = store_files_folder_each(s, fd, visit_shelf, &w);
	close(fd);
	return w.e != OK ? w.e : e;
}
