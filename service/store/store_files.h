/*
 * Documents on the disk: DATA/documents/AB/ID/, where AB are the first two characters behind the
 * prefix of ID.
 *
 *	sealings   N.pdf                as it came, N from 1
 *	           N.sealed-ATTEMPT.pdf what an attempt made of it
 *	filings    document.pdf
 *	           evidence-JUDGED.pack, report-JUDGED.json
 *	                                of each verdict: JUDGED is its instant in seconds, which
 *	                                the row has of the one that counts (judged_at)
 *
 * Every file is written whole into a temporary name (in DATA/incoming, on the same file system),
 * renamed, and forced to disk with its folder before the call returns. Nothing is ever changed in
 * place, so who has a file open reads it to its end whatever happens.
 *
 * A sealed file has the number of its attempt in its name from the start, and the row says which
 * attempt counts (store_sealing_finish). So the step that hands it out is the commit of the row
 * alone, and a crash leaves,
 *	while the file is written: a file in incoming, emptied at start;
 *	before the commit: a file that no row points to, since the sealing is not sealed; the
 *	next attempt has another number and another name; removed by store_files_drop_attempts or
 *	with the folder;
 *	after the commit: the whole file, as it was on the disk before the commit began.
 * An attempt that was given up and comes late cannot touch the file of a later one.
 *
 * A document's folder is made before its row: what a crash leaves in between has no row, and is
 * swept at a later start when it is older than an hour. A row goes, or is retired, before its
 * folder: likewise.
 *
 * Names come from identifiers (checked) and numbers alone, never from outside; no symbolic link is
 * followed. ERR_IO with path and cause; ERR_MISUSE: not an identifier.
 */
#ifndef BULLA_SERVICE_STORE_STORE_FILES_H
#define BULLA_SERVICE_STORE_STORE_FILES_H

#include "service/store/store.h"

enum store_files_kind {
	STORE_FILES_DOCUMENT, /* n from 1 for sealings, 0 for filings */
	STORE_FILES_SEALED,   /* n and attempt */
	STORE_FILES_EVIDENCE, /* of filings: n is judged_at */
	STORE_FILES_REPORT,
};
struct store_files_name {
	const char *id; /* of a sealing or filing */
	enum store_files_kind kind;
	unsigned n, attempt; /* 0 where they do not apply */
};

/* DATA/incoming: for uploads. Whatever is in it is removed at start. */
const char *store_files_incoming(const struct store *store);
/* Where the file is or would be, in the scope. */
must_check enum err store_files_path(struct scope *s, const struct store *store,
    struct store_files_name name, const char **ret_path);

/* An output that grows under a temporary name: open for reading and writing, closed and removed
 * with the scope unless it was put. Its descriptor may be given to a worker. */
struct store_files_draft {
	int fd;
	const char *path;
};
must_check enum err store_files_begin(
    struct scope *s, const struct store *store, struct store_files_draft *ret_draft);
/* Forces it to disk and gives it its name. */
must_check enum err store_files_put(struct scope *s, const struct store *store,
    const struct store_files_draft *draft, struct store_files_name name);
/* As put for a file in the incoming folder, written by somebody else and closed. */
must_check enum err store_files_take(struct scope *s, const struct store *store,
    const char *incoming_path, struct store_files_name name);
must_check enum err store_files_put_bytes(
    struct scope *s, const struct store *store, struct bytes content, struct store_files_name name);

/* Open for reading, closed with the scope. ERR_IO also when there is none. */
must_check enum err store_files_open(struct scope *s, const struct store *store,
    struct store_files_name name, int *ret_fd, uint64_t *ret_size);
/* All of a small one, in the scope; ERR_LIMIT beyond `cap`. */
must_check enum err store_files_read(struct scope *s, const struct store *store,
    struct store_files_name name, size_t cap, struct bytes *ret_content);
bool store_files_is_at(const struct store *store, struct store_files_name name);

/* Sealed files of other attempts than this one (0: of all). For after a sealing ended. */
must_check enum err store_files_drop_attempts(
    struct scope *s, const struct store *store, const char *id, unsigned but);
/* The folder with all in it. OK when there is none. */
must_check enum err store_files_remove(struct scope *s, const struct store *store, const char *id);

/* Octets free on the file system for us. For /readyz. */
must_check enum err store_files_free(
    struct scope *s, const struct store *store, uint64_t *ret_octets);

#endif
