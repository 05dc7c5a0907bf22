#include "service/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/store/store_access.h"
#include "service/store/store_files_sweep.h"
#include "service/store/store_meta.h"
#include "service/store/store_parts.h"
#include "service/store/store_schema.h"

#define READERS 4

static char *join(const char *folder, const char *name)
{
	size_t room = strlen(folder) + strlen(name) + 2;
	char *path = malloc(room);
	if (path)
		snprintf(path, room, "%s/%s", folder, name);
	return path;
}

static enum err make_folder(struct scope *s, const char *path)
{
	struct stat st;
	if (mkdir(path, 0700) == 0)
		return OK;
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return OK;
	return scope_fault(s, ERR_IO, "store: %s: %s", path, strerror(errno));
}

/* The database's file is made here, so that only we may read it; its journal takes its mode. */
static enum err make_file(struct scope *s, const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return scope_fault(s, ERR_IO, "store: %s: %s", path, strerror(errno));
	close(fd);
	return OK;
}

static enum err lock(struct scope *s, struct store *store)
{
	store->lock = open(store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->lock < 0)
		return scope_fault(s, ERR_IO, "store: %s: %s", store->folder, strerror(errno));
	if (flock(store->lock, LOCK_EX | LOCK_NB) == 0)
		return OK;
	return scope_fault(s, ERR_MISUSE, "store: %s: another process has it open", store->folder);
}

static enum err open_database(struct scope *s, struct store *store, unsigned readers)
{
	TRY(make_file(s, store->database));
	TRY(store_sql_open(s, store->database, STORE_SQL_WRITE, &store->write));
	TRY(store_schema_check(s, store->write));
	TRY(store_schema_bring(s, store->write, STORE_SCHEMA_VERSION));
	TRY(store_readers_open(s, store->database, readers, &store->readers));
	return store_writer_open(s, store->write, store, &store->writer);
}

static enum err open_parts(struct scope *s, struct store *store, const struct store_options *o)
{
	store->folder = strdup(o->folder);
	store->database = join(o->folder, "bulla.db");
	store->incoming = join(o->folder, "incoming");
	store->documents = join(o->folder, "documents");
	if (!store->folder || !store->database || !store->incoming || !store->documents)
		return scope_fault(s, ERR_NOMEM, "store: no memory");
	TRY(make_folder(s, store->folder));
	TRY(lock(s, store));
	TRY(make_folder(s, store->incoming));
	TRY(make_folder(s, store->documents));
	TRY(open_database(s, store, o->readers ? o->readers : READERS));
	return store_files_sweep(s, store, o->now);
}

enum err store_open(struct scope *s, const struct store_options *options, struct store **ret_store)
{
	struct store *store = calloc(1, sizeof(*store));
	if (!store)
		return scope_fault(s, ERR_NOMEM, "store: no memory");
	store->lock = -1;
	enum err e = open_parts(s, store, options);
	if (e != OK) {
		store_close(store);
		return e;
	}
	*ret_store = store;
	return OK;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	store_writer_close(store->writer);
	store_readers_close(store->readers);
	store_sql_close(store->write); /* the last one puts the journal into the database */
	if (store->lock >= 0)
		close(store->lock);
	free(store->folder);
	free(store->database);
	free(store->incoming);
	free(store->documents);
	free(store);
}

const char *store_folder(const struct store *store)
{
	return store->folder;
}

enum err store_write(struct scope *s, struct store *store, store_closure *closure, void *ctx)
{
	return store_writer_run(s, store->writer, closure, ctx);
}

enum err store_probe(struct scope *s, struct store *store)
{
	return store_meta_put(s, store, "probe", "");
}

struct store_counters store_counters(struct store *store)
{
	return store_writer_counters(store->writer);
}
