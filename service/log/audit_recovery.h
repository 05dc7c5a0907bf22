/*
 * The opening of an audit log by its writer: nobody else writes, every record is tied to the one
 * before, the head is not ahead, and what a crash left unfinished at the end is cut off.
 *
 * Unfinished is what was never durable, so what nobody was told of: a last line without an end, or
 * from a line on that holds NUL octets, which stand for blocks that never reached the disk. Neither
 * may stand where the head says that there are records. All else that is wrong is not repaired.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_RECOVERY_H
#define BULLA_SERVICE_LOG_AUDIT_RECOVERY_H

#include "service/log/audit_file.h"
#include "service/log/audit_reader.h"
#include "service/log/merkle.h"

struct audit_recovery {
	struct audit_chain chain, head;
	struct merkle tree;
	uint64_t stamped, stamp; /* of the newest timestamp: size of its tree, its record; or 0 */
	uint64_t n_cut;          /* octets that were cut off */
	char file_name[AUDIT_READER_NAME];
};

/* Makes the folder where it is missing, opens it and takes the log for this process. ERR_DENIED:
 * another one has it; ERR_IO. The descriptors are the caller's, also after a failure (-1: none). */
must_check enum err audit_recovery_lock(
    struct scope *s, const char *folder, int *ret_folder_fd, int *ret_lock_fd);
/* Reads the log through and opens its last file, or begins a new log. Of `file`, the folder, its
 * descriptor and the settings are filled in; the rest is on return. ERR_FORMAT, ERR_IO. */
must_check enum err audit_recovery_run(
    struct scope *s, struct audit_file *file, struct audit_recovery *ret_recovery);

#endif
