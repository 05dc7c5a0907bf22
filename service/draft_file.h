/*
 * A draft (sealer/draft.h) in an open file, such as the temporary one of an output: the input is
 * copied file to file, what is appended is written, and the whole is mapped. Memory does not grow
 * with the document.
 */
#ifndef BULLA_SERVICE_DRAFT_FILE_H
#define BULLA_SERVICE_DRAFT_FILE_H

#include "sealer/draft.h"
#include "service/input_file.h"

/* A draft that begins with the input's octets. `out` is empty, open for reading and writing, stays
 * the caller's and must outlive the scope; so must `name`, its name for faults. `room`: how many
 * octets can be appended, at most; 0: as many as a seal could want. Address space is taken for all
 * of them. ERR_IO with that name: disk full, ...; with the input's: it shrank meanwhile. */
must_check enum err draft_file_open(struct scope *s, const struct input_file *in, int out,
    const char *name, size_t room, struct draft **ret_draft);

#endif
