/*
 * What stands in a frame: fields, each with a number, a length and octets. Numbers ascend, and one
 * may come several times (a list). A reader asks for fields by number and kind; what is missing,
 * too long, or of the wrong form is an error with its number, never a guess. Fields that nobody
 * asks for are refused too: message_done.
 *
 * In every reply kind 0 is an error: a code and a text (message_put_fault).
 */
#ifndef BULLA_SERVICE_PROCESS_MESSAGE_H
#define BULLA_SERVICE_PROCESS_MESSAGE_H

#include <stdint.h>

#include "base/buf.h"
#include "service/process/link.h"

#define MESSAGE_FAULT_MOST 1024 /* octets of such a frame */
#define MESSAGE_FAULT 0u        /* kind of a frame that says why not */

/* -- writing: into a buffer (whose failure is asked for once, at its end) -- */
void message_put_bytes(struct buf *b, unsigned field, struct bytes value);
/* NULL: no field. */
void message_put_text(struct buf *b, unsigned field, const char *value);
void message_put_number(struct buf *b, unsigned field, int64_t value);

/* -- reading -- */
struct message {
	struct scope *s;
	struct bytes content;
	struct message_field {
		unsigned number;
		struct bytes value;
		bool asked;
	} * field;
	size_t n;
};

/* Borrows content. ERR_FORMAT, ERR_LIMIT. */
must_check enum err message_parse(
    struct scope *s, struct bytes content, struct message *ret_message);
bool message_has(const struct message *m, unsigned field);
size_t message_count(const struct message *m, unsigned field);
/* The i-th of that number; at most `most` octets. ERR_FORMAT. Borrowed. */
must_check enum err message_bytes_at(
    struct message *m, unsigned field, size_t i, size_t most, struct bytes *ret_value);
/* The only one. */
must_check enum err message_bytes(
    struct message *m, unsigned field, size_t most, struct bytes *ret_value);
/* UTF-8 without NUL or control characters but line feed and tab; copies in the scope. */
must_check enum err message_text_at(
    struct message *m, unsigned field, size_t i, size_t most, const char **ret_text);
must_check enum err message_text(
    struct message *m, unsigned field, size_t most, const char **ret_text);
/* As before, NULL when the field is not there. */
must_check enum err message_text_or_null(
    struct message *m, unsigned field, size_t most, const char **ret_text);
must_check enum err message_number(
    struct message *m, unsigned field, int64_t least, int64_t most, int64_t *ret_number);
/* With a value for a field that is not there. */
must_check enum err message_number_or(struct message *m, unsigned field, int64_t least,
    int64_t most, int64_t otherwise, int64_t *ret_number);
/* ERR_FORMAT when a field stands there that nobody asked for. */
must_check enum err message_done(const struct message *m);

/* -- errors over a link -- */
/* Sends kind MESSAGE_FAULT with the code and the text of the fault in the scope. */
must_check enum err message_send_fault(struct scope *s, struct link *l, enum err e);
/* The fault that such a frame tells, recorded in the scope; ERR_FORMAT when it is not well-formed.
 */
must_check enum err message_take_fault(struct scope *s, struct bytes content);
/* One request, one reply: sends, waits, and turns MESSAGE_FAULT into its error. ERR_FORMAT: a reply
 * of another kind than wanted. */
must_check enum err message_call(struct scope *s, struct link *l, uint32_t kind,
    struct bytes content, const int *fds, size_t n_fds, int timeout_ms, size_t most,
    uint32_t reply_kind, struct link_frame *ret_frame);

#endif
