/*
 * One end of a socket pair between two processes of the service: messages in frames, and open files
 * that go with them. Both sides check: a frame names its kind and its length, the length is held
 * against what the receiver allows before a byte of it is read, and files that were not asked for
 * are closed. Whoever sends anything else is not spoken to again.
 *
 * What a frame holds is as hostile as whatever its sender reads: see service/process/message.h.
 * A link belongs to one thread at a time. Its memory is its own and wiped after use, for passwords
 * go through it too.
 */
#ifndef BULLA_SERVICE_PROCESS_LINK_H
#define BULLA_SERVICE_PROCESS_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/scope.h"
#include "base/bytes.h"

#define LINK_FDS 4 /* open files with one frame */

struct link;

/* A frame as it came. `content` and the files are borrowed until the next link_receive or
 * link_free. */
struct link_frame {
	uint32_t kind;
	struct bytes content;
	int fd[LINK_FDS];
	size_t n_fds;
};

/* Two descriptors that are connected, for link_new on either side of a fork or after being handed
 * over. ERR_IO. */
must_check enum err link_pair(struct scope *s, int ret_fds[2]);
/* What link_pair sets, for a connection that was accepted. */
void link_prepare(int fd);
/* Takes the descriptor. NULL: no memory (then it is closed). */
struct link *link_new(int fd);
/* Closes it and wipes its memory; NULL is fine. */
void link_free(struct link *l);
/* Which process is on the other side, as the steward numbers them; 0 unless it was set. */
void link_set_peer(struct link *l, unsigned index);
unsigned link_peer(const struct link *l);
/* For poll; stays the link's. */
int link_descriptor(const struct link *l);

/* Sends whole, or fails for good. Files stay the caller's. ERR_LIMIT: more than LIMIT_LINK_FRAME
 * octets, or not taken within LIMIT_LINK_SEND_MS; ERR_IO: the other side is gone. */
must_check enum err link_send(struct scope *s, struct link *l, uint32_t kind, struct bytes content,
    const int *fds, size_t n_fds);

/* The next frame. timeout_ms < 0: waits for ever. `most`: octets of content that are allowed,
 * `most_fds` files. ERR_LIMIT: nothing came in time (link_is_broken tells whether in the middle of
 * a frame), or too much came; ERR_IO: the other side is gone; ERR_FORMAT: no frame. After an error
 * other than "nothing came" the link is broken: only link_free is left. */
must_check enum err link_receive(struct scope *s, struct link *l, int timeout_ms, size_t most,
    size_t most_fds, struct link_frame *ret_frame);
/* Makes the i-th file of the last frame the caller's own; -1: there is none. */
int link_take_file(struct link *l, struct link_frame *frame, size_t i);
bool link_is_broken(const struct link *l);
/* Nothing more is to be said on it: a reply is missing, or one came that nobody asked for. */
void link_break(struct link *l);
/* Wipes the content of the last frame at once: it held a secret. */
void link_wipe(struct link *l);

#endif
