/*
 * What crashes left behind among the files. At start, before anybody works.
 */
#ifndef BULLA_SERVICE_STORE_STORE_FILES_SWEEP_H
#define BULLA_SERVICE_STORE_STORE_FILES_SWEEP_H

#include "service/store/store.h"

/* Empties DATA/incoming; removes folders of documents that no row (or only a retired one) has, and
 * that were not touched within the hour before `now`. What is not ours by its name stays. */
must_check enum err store_files_sweep(struct scope *s, struct store *store, struct instant now);

#endif
