/*
 * Paths that came from outside and are to be gone to: only our own, without tricks.
 */
#ifndef BULLA_SERVICE_FRONT_PAGE_PATH_H
#define BULLA_SERVICE_FRONT_PAGE_PATH_H

#include <stdbool.h>

#include "base/bytes.h"

/* "/filings/fl_...": begins with one slash, holds neither spaces, control characters nor a
 * backslash, and is shorter than LIMIT_URL. False for NULL. */
bool page_path_is_own(const char *path);
/* "/filings/" and the identifier, and what follows: "" or "/report". In the scope. */
must_check enum err page_path_of(
    struct scope *s, const char *folder, const char *id, const char *rest, const char **ret_path);

#endif
