/*
 * The files of a folder, in the order of their names, so that a run does not depend on the disk.
 */
#ifndef BULLA_SERVICE_FOLDER_H
#define BULLA_SERVICE_FOLDER_H

#include <stdbool.h>

#include "base/scope.h"

struct folder {
	char **paths; /* DIR/NAME */
	size_t n;
};

bool folder_is_at(const char *path);
/* The files whose names end with `suffix` ("" for all) and do not begin with a dot; not those of
 * folders inside. ERR_IO; ERR_LIMIT: more than LIMIT_FOLDER_FILES. */
must_check enum err folder_list(
    struct scope *s, const char *path, const char *suffix, struct folder *ret_folder);
/* DIR/NAME in the scope. */
must_check enum err folder_path(
    struct scope *s, const char *folder, const char *name, char **ret_path);
/* False also when it cannot be read. */
bool folder_is_empty(const char *path);
/* Removes it with the files in it; folders inside it stay, and so does it then. May be called by a
 * handler of signals. */
void folder_remove(const char *path);
/* Makes the folder if it is not there; its parent must be. ERR_IO. */
must_check enum err folder_make(struct scope *s, const char *path);

#endif
