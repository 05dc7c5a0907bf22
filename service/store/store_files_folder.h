/*
 * The folder of one sealing or filing. For this folder only.
 */
#ifndef BULLA_SERVICE_STORE_STORE_FILES_FOLDER_H
#define BULLA_SERVICE_STORE_STORE_FILES_FOLDER_H

#include "service/store/store_files.h"

/* A sealing's or a filing's identifier. */
bool store_files_folder_is(const char *id);
/* The folder, opened without following links; with `makes` made when missing, which is on the disk
 * before this returns. The caller closes it. ERR_IO; ERR_MISUSE: not an identifier. */
must_check enum err store_files_folder_open(
    struct scope *s, const struct store *store, const char *id, bool makes, int *ret_fd);
/* Removes it with its files. OK when there is none. */
must_check enum err store_files_folder_remove(
    struct scope *s, const struct store *store, const char *id);
/* Each name in an open folder but . and .., until `visit` says false. */
must_check enum err store_files_folder_each(
    struct scope *s, int fd, bool (*visit)(void *ctx, int fd, const char *name), void *ctx);

#endif
