#include "service/process/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"

#define MAGIC 0x42756c6cu
#define KEPT ((size_t)1 << 20) /* octets of room that stay between frames */

struct head {
	uint32_t magic, kind;
	uint64_t n;
};

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int) * LINK_FDS)];
};

struct link {
	int fd;
	unsigned peer;
	bool broken;
	uint8_t *p;
	size_t n, room;
	int taken[LINK_FDS]; /* descriptors of the last frame */
	size_t n_taken;
};

enum err link_pair(struct scope *s, int ret_fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret_fds) != 0)
		return scope_fault(s, ERR_IO, "socket pair: %s", strerror(errno));
	link_prepare(ret_fds[0]);
	link_prepare(ret_fds[1]);
	return OK;
}

void link_prepare(int fd)
{
	const struct timeval patience = { .tv_sec = LIMIT_LINK_SEND_MS / 1000 };
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

struct link *link_new(int fd)
{
	struct link *l = calloc(1, sizeof(*l));
	if (!l) {
		close(fd);
		return NULL;
	}
	l->fd = fd;
	return l;
}

/* Closes descriptors that came with the last frame and that nobody took. */
static void close_left(struct link *l)
{
	for (size_t i = 0; i < l->n_taken; i++)
		if (l->taken[i] >= 0)
			close(l->taken[i]);
	l->n_taken = 0;
}

void link_free(struct link *l)
{
	if (!l)
		return;
	close_left(l);
	link_wipe(l);
	free(l->p);
	close(l->fd);
	free(l);
}

void link_set_peer(struct link *l, unsigned index)
{
	l->peer = index;
}

unsigned link_peer(const struct link *l)
{
	return l->peer;
}

int link_descriptor(const struct link *l)
{
	return l->fd;
}

bool link_is_broken(const struct link *l)
{
	return l->broken;
}

void link_break(struct link *l)
{
	l->broken = true;
}

void link_wipe(struct link *l)
{
	if (l->p)
		explicit_bzero(l->p, l->n);
	l->n = 0;
}

/* -- sending -- */
static enum err cannot_send(struct scope *s, struct link *l)
{
	l->broken = true;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return scope_fault(s, ERR_LIMIT, "the other process takes nothing");
	return scope_fault(s, ERR_IO, "the other process is gone: %s", strerror(errno));
}

static void attach(struct msghdr *m, union control *c, const int *fds, size_t n)
{
	memset(c, 0, sizeof(*c));
	m->msg_control = c->room;
	m->msg_controllen = CMSG_SPACE(sizeof(int) * n);
	struct cmsghdr *h = CMSG_FIRSTHDR(m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(h), fds, sizeof(int) * n);
}

/* Head and content in as few calls as the kernel allows. */
static enum err send_parts(struct scope *s, struct link *l, struct msghdr *m)
{
	while (m->msg_iovlen) {
		ssize_t n = sendmsg(l->fd, m, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot_send(s, l);
		m->msg_control = NULL;
		m->msg_controllen = 0;
		for (size_t left = (size_t)n; m->msg_iovlen;) {
			struct iovec *v = m->msg_iov;
			size_t k = left < v->iov_len ? left : v->iov_len;
			v->iov_base = (uint8_t *)v->iov_base + k;
			v->iov_len -= k;
			left -= k;
			if (v->iov_len)
				break;
			m->msg_iov++;
			m->msg_iovlen--;
		}
	}
	return OK;
}

enum err link_send(struct scope *s, struct link *l, uint32_t kind, struct bytes content,
    const int *fds, size_t n_fds)
{
	struct head head = { MAGIC, kind, content.n };
	union control control;
	if (l->broken)
		return scope_fault(s, ERR_IO, "the other process is gone");
	if (content.n > LIMIT_LINK_FRAME)
		return scope_fault(s, ERR_LIMIT, "a message of %zu octets", content.n);
	if (n_fds > LINK_FDS)
		return scope_fault(s, ERR_MISUSE, "%zu files with a message", n_fds);
	/* sendmsg reads from here only; iovec has no const. */
	struct iovec parts[2] = { { &head, sizeof(head) }, { NULL, content.n } };
	memcpy(&parts[1].iov_base, &content.p, sizeof(content.p));
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = content.n ? 2 : 1 };
	if (n_fds)
		attach(&m, &control, fds, n_fds);
	return send_parts(s, l, &m);
}

/* -- receiving -- */
static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void keep_files(struct link *l, struct msghdr *m)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof(fd));
			if (l->n_taken < LINK_FDS)
				l->taken[l->n_taken++] = fd;
			else
				close(fd);
		}
	}
}

static enum err broken(struct scope *s, struct link *l, enum err e, const char *why)
{
	l->broken = true;
	return scope_fault(s, e, "%s", why);
}

/* ERR_LIMIT when the time is over; nothing is broken by that alone. */
static enum err wait_readable(struct scope *s, struct link *l, int64_t deadline_ms)
{
	for (;;) {
		int64_t left = deadline_ms < 0 ? -1 : deadline_ms - now_ms();
		struct pollfd one = { .fd = l->fd, .events = POLLIN };
		if (deadline_ms >= 0 && left < 0)
			left = 0;
		int n = poll(&one, 1, (int)left);
		if (n > 0)
			return OK;
		if (n == 0)
			return scope_fault(s, ERR_LIMIT, "no answer in time");
		if (errno != EINTR)
			return broken(s, l, ERR_IO, strerror(errno));
	}
}

static enum err receive_some(
    struct scope *s, struct link *l, uint8_t *into, size_t n, bool with_files, size_t *ret_n)
{
	union control control;
	struct iovec part = { into, n };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	if (with_files) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof(control.room);
	}
	ssize_t k = recvmsg(l->fd, &m, MSG_CMSG_CLOEXEC);
	if (k > 0)
		keep_files(l, &m);
	if (k < 0 && errno == EINTR)
		k = 0;
	else if (k == 0)
		return broken(s, l, ERR_IO, "the other process is gone");
	else if (k < 0)
		return broken(s, l, ERR_IO, strerror(errno));
	if (m.msg_flags & MSG_CTRUNC)
		return broken(s, l, ERR_FORMAT, "too many files with a message");
	*ret_n = (size_t)k;
	return OK;
}

/* Files may only come with the head: elsewhere the kernel drops them for want of room. */
static enum err receive_whole(
    struct scope *s, struct link *l, void *into, size_t n, int64_t deadline_ms, bool is_head)
{
	for (size_t got = 0; got < n;) {
		size_t k = 0;
		enum err e = wait_readable(s, l, deadline_ms);
		if (e != OK) {
			l->broken = l->broken || got || !is_head;
			return e;
		}
		TRY(receive_some(s, l, (uint8_t *)into + got, n - got, is_head, &k));
		got += k;
	}
	return OK;
}

static enum err make_room(struct scope *s, struct link *l, size_t n)
{
	if (n <= l->room && (l->room <= KEPT || n > KEPT / 2))
		return OK;
	free(l->p);
	l->room = 0;
	l->p = malloc(n ? n : 1);
	if (!l->p)
		return broken(s, l, ERR_NOMEM, "out of memory");
	l->room = n;
	return OK;
}

static enum err receive_content(
    struct scope *s, struct link *l, const struct head *h, size_t most, int64_t deadline_ms)
{
	if (h->magic != MAGIC)
		return broken(s, l, ERR_FORMAT, "what came is no message");
	if (h->n > most || h->n > LIMIT_LINK_FRAME)
		return broken(s, l, ERR_LIMIT, "a message larger than allowed");
	TRY(make_room(s, l, (size_t)h->n));
	/* Set before it is filled: what came of it before a fault is wiped too. */
	l->n = (size_t)h->n;
	return receive_whole(s, l, l->p, l->n, deadline_ms, false);
}

enum err link_receive(struct scope *s, struct link *l, int timeout_ms, size_t most, size_t most_fds,
    struct link_frame *ret_frame)
{
	struct head h;
	const int64_t deadline_ms = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	if (l->broken)
		return scope_fault(s, ERR_IO, "the other process is gone");
	close_left(l);
	link_wipe(l);
	TRY(receive_whole(s, l, &h, sizeof(h), deadline_ms, true));
	TRY(receive_content(s, l, &h, most, deadline_ms));
	if (l->n_taken > most_fds) {
		close_left(l);
		return broken(s, l, ERR_FORMAT, "files that nobody asked for");
	}
	*ret_frame = (struct link_frame){
		.kind = h.kind, .content = bytes_of(l->p, l->n), .n_fds = l->n_taken
	};
	memcpy(ret_frame->fd, l->taken, sizeof(l->taken));
	return OK;
}

int link_take_file(struct link *l, struct link_frame *f, size_t i)
{
	if (i >= l->n_taken || i >= f->n_fds)
		return -1;
	int fd = l->taken[i];
	l->taken[i] = f->fd[i] = -1;
	return fd;
}
