/*
 * What a store consists of. For this folder only.
 */
#ifndef BULLA_SERVICE_STORE_STORE_PARTS_H
#define BULLA_SERVICE_STORE_STORE_PARTS_H

#include "service/store/store.h"
#include "service/store/store_readers.h"
#include "service/store/store_writer.h"

struct store {
	char *folder, *database, *incoming, *documents; /* paths */
	int lock;                                       /* holds the folder; -1 */
	struct store_sql *write;
	struct store_writer *writer;
	struct store_readers *readers;
};

#endif
