/*
 * A draft (sealer/draft.h) in the temporary file of an output: the input is copied file to file,
 * what is appended is written, and the whole is mapped. Memory does not grow with the document.
 */
#ifndef BULLA_SERVICE_DRAFT_FILE_H
#define BULLA_SERVICE_DRAFT_FILE_H

#include "sealer/draft.h"
#include "service/input_file.h"
#include "service/output_file.h"

/* A draft that begins with the input's octets. Committing `out` makes it the output. ERR_IO with
 * the output's name: disk full, ...; with the input's: it shrank meanwhile. */
must_check enum err draft_file_open(struct scope *s, const struct input_file *in,
    struct output_file *out, struct draft **ret_draft);

#endif
