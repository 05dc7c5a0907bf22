/*
 * The file of the audit log that is being written: octets that came back as written are on the
 * disk, and after a failure there is nothing behind them.
 *
 * A write that fails half way is cut off again. A flush that fails says that the kernel may have
 * dropped what it could not write, and will not say so twice: then the file is not written to again
 * before it was read back from the disk and found whole. A cut that fails (the disk does not answer
 * at all) is tried again before the next write.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_FILE_H
#define BULLA_SERVICE_LOG_AUDIT_FILE_H

#include "service/log/audit_chain.h"

struct audit_file {
	const char *folder;
	int folder_fd;
	unsigned number;          /* of the file in the log */
	int fd;                   /* -1: none is open */
	uint64_t size;            /* octets that are durable */
	size_t most;              /* octets, then the next file begins */
	struct audit_chain start; /* before its first record */
	bool is_torn;             /* there may be octets behind `size` */
	bool is_doubtful;         /* a flush failed */
	int (*flush)(int fd);     /* fdatasync; tests have others */
};

/* Opens file `f->number` at `f->size`; everything but `fd` is filled in. The file is made when its
 * size is 0. ERR_IO. */
must_check enum err audit_file_open(struct scope *s, struct audit_file *f);
void audit_file_close(struct audit_file *f);
/* Writes records that continue the chain at `last` and forces them to disk; begins the next file
 * when this one is full. ERR_IO: nothing of them is there (the next call makes sure of it again);
 * ERR_FORMAT: the file is not what was written. */
must_check enum err audit_file_append(
    struct scope *s, struct audit_file *f, const struct audit_chain *last, struct bytes records);

#endif
