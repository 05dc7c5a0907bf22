/*
 * Folders that are written: whole or not at all, as service/output_file.h does files. They grow
 * under another name in the folder that will hold them, and take their own in one step. A folder of
 * that name that is there already must be empty.
 */
#ifndef BULLA_SERVICE_OUTPUT_FOLDER_H
#define BULLA_SERVICE_OUTPUT_FOLDER_H

#include "base/bytes.h"

struct output_folder;

/* Begins. ERR_IO: the path is there and no empty folder, its parent is not, ... Without a commit
 * before the scope ends, all of it goes away. */
must_check enum err output_folder_open(
    struct scope *s, const char *path, struct output_folder **ret_folder);
/* A file in it; `name` without a slash, not there yet. */
must_check enum err output_folder_put(
    struct scope *s, struct output_folder *o, const char *name, struct bytes content);
/* Gives it its name. Once. */
must_check enum err output_folder_commit(struct scope *s, struct output_folder *o);

#endif
