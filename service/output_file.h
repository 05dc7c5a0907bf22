/*
 * Files that are written: whole or not at all. The content goes into a temporary file in the
 * target's folder, is forced to disk, and then takes the target's name in one step; until then the
 * target is as it was, and a run that fails or is ended by a signal leaves nothing behind.
 */
#ifndef BULLA_SERVICE_OUTPUT_FILE_H
#define BULLA_SERVICE_OUTPUT_FILE_H

#include "base/bytes.h"

struct output_file;

/* Begins. Symbolic links are followed; an existing target keeps its permission bits. ERR_IO with
 * path and cause: no such folder, not writable, not a regular file, ... Without a commit before the
 * scope ends, the temporary file goes away. */
must_check enum err output_file_open(
    struct scope *s, const char *path, struct output_file **ret_file);
/* The temporary file, open for reading and writing; belongs to the output_file. */
int output_file_fd(const struct output_file *o);
/* As given to output_file_open. */
const char *output_file_name(const struct output_file *o);
/* Writes at an offset. ERR_IO: "OUT: No space left on device", ... */
must_check enum err output_file_write(
    struct scope *s, struct output_file *o, size_t at, struct bytes content);
/* The same to a file that somebody else opened; `name` is for faults. */
must_check enum err output_file_write_at(
    struct scope *s, int fd, const char *name, size_t at, struct bytes content);
/* Gives it its name. Once. */
must_check enum err output_file_commit(struct scope *s, struct output_file *o);

/* open, write and commit in one. */
must_check enum err output_file_put(struct scope *s, const char *path, struct bytes content);
/* Writes to standard output, all of it. ERR_IO. */
must_check enum err output_file_print(struct scope *s, struct bytes text);

#endif
