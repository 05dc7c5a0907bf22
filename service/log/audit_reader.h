/*
 * The lines of an audit log one after the other, file by file, in memory for one line. What stands
 * in them is not looked at.
 *
 * A log is a folder of files audit-000001.jsonl, audit-000002.jsonl, ... Reading ends where the
 * files ended when it began: a service may be writing meanwhile.
 */
#ifndef BULLA_SERVICE_LOG_AUDIT_READER_H
#define BULLA_SERVICE_LOG_AUDIT_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define AUDIT_READER_NAME 32 /* "audit-000001.jsonl" */

/* The files and how long they were. */
struct audit_reader_files {
	const char *folder;
	struct audit_reader_file {
		unsigned number;
		uint64_t size;
	} * file;
	size_t n; /* ascending numbers, not always without a gap */
};

struct audit_line {
	struct bytes text; /* without its end; borrowed until the next line is read */
	bool is_ended;     /* a line feed stands behind it */
	/* More octets than a record has: this is its beginning, what follows comes as a line of its
	 * own. */
	bool is_cut;
	size_t file;     /* in audit_reader_files */
	uint64_t number; /* in its file, from 1 */
	uint64_t offset; /* in its file */
};

struct audit_reader;

void audit_reader_name(unsigned number, char ret_name[AUDIT_READER_NAME]);
/* ERR_IO: no such folder, ... Other files are passed over. */
must_check enum err audit_reader_list(
    struct scope *s, const char *folder, struct audit_reader_files *ret_files);
/* From the first line of file[first]. `files` must outlive it. Closed with the scope. */
must_check enum err audit_reader_open(struct scope *s, const struct audit_reader_files *files,
    size_t first, struct audit_reader **ret_reader);
/* *ret_more is false behind the last line. ERR_IO, with the file's name. */
must_check enum err audit_reader_next(
    struct scope *s, struct audit_reader *r, bool *ret_more, struct audit_line *ret_line);

#endif
