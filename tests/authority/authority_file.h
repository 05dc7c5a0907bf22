/*
 * Plain files under the authority's folder: read whole, written atomically (temporary file, then
 * rename), and a lock that serialises the commands and the server's own publishing.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_FILE_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_FILE_H

#include <sys/types.h>

#include "base/bytes.h"

/* DIR/PART, PART formatted, in the scope. */
must_check enum err authority_file_path(struct scope *s, char **ret_path, const char *dir,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The whole file, at most 256 MiB, in the scope. ERR_IO when it is not there. */
must_check enum err authority_file_read(struct scope *s, const char *path, struct bytes *ret_data);
/* False also when it cannot be looked at. */
bool authority_file_exists(const char *path);
/* The first line of a small file without its end; "" when there is no such file. Needs no scope:
 * the server does this at every request. */
void authority_file_line(const char *dir, const char *name, char *ret_line, size_t room);

must_check enum err authority_file_write(
    struct scope *s, const char *path, struct bytes data, mode_t mode);
/* Adds to the end with one write and an fsync. */
must_check enum err authority_file_append(struct scope *s, const char *path, struct bytes data);
must_check enum err authority_file_folder(struct scope *s, const char *path);

/* Takes DIR/lock; it is given back when the scope ends. Not recursive. */
must_check enum err authority_file_lock(struct scope *s, const char *dir);

#endif
