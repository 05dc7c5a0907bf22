/*
 * Files that workers write, taken over. A worker has read a hostile document, so what it says of
 * its output is believed only as far as it can be checked without parsing, and since it may keep
 * its descriptor, the file it had open is never the one that is kept: what is kept is a copy, made
 * while it is compared and digested.
 *
 * It is checked that the output begins with all octets of the original (a seal is appended, nothing
 * before it changes), and that the whole is as long as the worker says and has the digest it says.
 * Not checked: what was appended. A compromised worker can append what it likes to a document that
 * it seals, within the uses of the key that it was given.
 */
#ifndef BULLA_SERVICE_FRONT_WORKER_OUTPUT_H
#define BULLA_SERVICE_FRONT_WORKER_OUTPUT_H

#include "service/store/store_files.h"
#include "service/worker/worker_client.h"

struct worker_output {
	int fd;                /* the worker's: open for reading */
	uint64_t size;         /* as the worker says */
	const uint8_t *sha256; /* likewise: WORKER_CLIENT_SHA256 octets */
	int original;          /* what it begins with, open for reading; -1: nothing */
	uint64_t original_size;
};

/* A file for a worker to write: of its own, and gone with the scope. In memory for a document of up
 * to LIMIT_OUTPUT_IN_MEMORY octets (what is created and removed on a disk costs more than the rest
 * of a small sealing), where the worker's own limits say how much it may write; else on the disk.
 * ERR_IO, ERR_NOMEM. */
must_check enum err worker_output_begin(
    struct scope *s, const struct store *store, uint64_t document_size, int *ret_fd);
/* Copies it to its name, on the disk. ERR_INTERNAL: it is not what the worker says, or does not
 * begin with the original: nothing has the name then. ERR_IO, ERR_NOMEM. */
must_check enum err worker_output_keep(struct scope *s, const struct store *store,
    const struct worker_output *output, struct store_files_name name);

#endif
