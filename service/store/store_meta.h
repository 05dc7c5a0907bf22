/*
 * Single values that the service keeps from run to run.
 */
#ifndef BULLA_SERVICE_STORE_STORE_META_H
#define BULLA_SERVICE_STORE_STORE_META_H

#include "service/store/store.h"

/* NULL: there is none. */
must_check enum err store_meta_find(
    struct scope *s, struct store *store, const char *key, const char **ret_value);
must_check enum err store_meta_put(
    struct scope *s, struct store *store, const char *key, const char *value);

#endif
