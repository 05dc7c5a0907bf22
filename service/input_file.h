/*
 * Files that are read: mapped where they are regular files, so memory does not grow with them, and
 * read into memory where they are pipes. Faults name the file and the cause: "x.pdf: Is a
 * directory". Devices are refused: they have no end.
 */
#ifndef BULLA_SERVICE_INPUT_FILE_H
#define BULLA_SERVICE_INPUT_FILE_H

#include <sys/types.h>

#include "base/bytes.h"

struct input_file {
	const char *name;   /* as given, or "standard input" */
	struct bytes bytes; /* valid as long as the scope */
	int fd;             /* of a mapped file, to copy from; -1 otherwise */
	dev_t dev;          /* these two tell the same file under another name */
	ino_t ino;
};

/* Opens a document; "-" is standard input. Closed with the scope. ERR_IO; ERR_LIMIT: a pipe with
 * more than LIMIT_PIPED_DOCUMENT octets. An empty file gives no bytes and OK. */
must_check enum err input_file_open(
    struct scope *s, const char *path, const struct input_file **ret_file);
/* The content of a small file, in the scope. ERR_IO; ERR_LIMIT: more than `cap` octets. */
must_check enum err input_file_read(
    struct scope *s, const char *path, size_t cap, struct bytes *ret_content);
/* Writing to `path` would write to this file: by the same name, a link or a symbolic link. */
bool input_file_is_at(const struct input_file *f, const char *path);

#endif
