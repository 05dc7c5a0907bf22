#include "service/log/audit_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/scope.h"
#include "service/log/audit_file.h"
#include "service/log/audit_recovery.h"

#define HEAD_EVERY_MS 1000
#define FRAME_OCTETS 512 /* of a record around its body */

/* A caller whose record is on its way. Lives on his stack. */
struct waiter {
	struct waiter *next;
	bool is_done;
	enum err outcome;
	char why[LIMIT_FAULT_TEXT];
};

/* Records that go to disk together. */
struct batch {
	struct scope *s;
	struct buf lines;
	struct waiter *first;
};

/* How far the log has come. */
struct extent {
	struct audit_chain chain;
	struct merkle tree;
};

struct audit_log {
	pthread_mutex_t lock;
	pthread_cond_t change;
	/* Under the lock: */
	struct extent durable, gathered; /* on disk; with what waits */
	struct batch batches[2], *gathering;
	bool is_writing;
	uint64_t stamped; /* size of the newest timestamped tree */
	uint64_t stamp;   /* its record */
	/* Of the thread that writes: */
	struct audit_file file;
	int lock_fd;
	int64_t head_at; /* monotonic */
	uint64_t head_seq;
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* -- one write for many -- */

/* Told to all whose records were in the batch. */
static void finish(struct batch *b, enum err outcome, const char *why)
{
	while (b->first) {
		struct waiter *w = b->first;
		b->first = w->next; /* before he is told: his stack may be gone then */
		snprintf(w->why, sizeof(w->why), "%s", why);
		w->outcome = outcome;
		w->is_done = true;
	}
	b->lines.n = 0;
	b->lines.failed = OK;
}

/* It may lag: a failure is made good by the next. */
static void write_head(struct audit_log *log, const struct audit_chain *durable, bool is_due)
{
	const int64_t now = clock_ms(CLOCK_MONOTONIC);
	if (durable->seq == log->head_seq || (!is_due && now - log->head_at < HEAD_EVERY_MS))
		return;
	struct scope *s = scope_new(0);
	if (s && audit_chain_write_head(s, log->file.folder_fd, durable) == OK) {
		log->head_at = now;
		log->head_seq = durable->seq;
	}
	scope_free(s);
}

/* Called, and left, under the lock, by the one thread that writes. */
static void write_gathered(struct audit_log *log)
{
	struct batch *b = log->gathering;
	const struct extent end = log->gathered;
	const struct audit_chain last = log->durable.chain;
	const unsigned number = log->file.number;
	log->is_writing = true;
	log->gathering = b == log->batches ? log->batches + 1 : log->batches;
	pthread_mutex_unlock(&log->lock);
	enum err e = audit_file_append(b->s, &log->file, &last, buf_bytes(&b->lines));
	pthread_mutex_lock(&log->lock);
	if (e == OK) {
		log->durable = end;
		finish(b, OK, "");
	} else {
		/* What gathered meanwhile is chained to what is lost. */
		log->gathered = log->durable;
		finish(b, e, scope_fault_text(b->s));
		finish(log->gathering, e, scope_fault_text(b->s));
		scope_forgive(b->s);
	}
	pthread_cond_broadcast(&log->change);
	pthread_mutex_unlock(&log->lock);
	if (e == OK)
		write_head(log, &end.chain, number != log->file.number);
	pthread_mutex_lock(&log->lock);
	log->is_writing = false;
	pthread_cond_broadcast(&log->change);
}

/* Under the lock. */
static enum err gather(struct scope *s, struct audit_log *log, struct bytes body,
    const uint8_t salt[AUDIT_RECORD_SALT])
{
	struct audit_frame next = { .seq = log->gathered.chain.seq + 1 };
	struct buf *lines = &log->gathering->lines;
	const size_t start = lines->n;
	enum err e = audit_record_write(s, lines, next.seq, clock_ms(CLOCK_REALTIME), body, salt,
	    log->gathered.chain.hash, next.hash);
	if (e == OK)
		e = merkle_add(s, &log->gathered.tree, bytes_of(next.hash, AUDIT_RECORD_HASH));
	if (e != OK) {
		lines->n = start;
		lines->failed = OK;
		return e;
	}
	audit_chain_move(&log->gathered.chain, &next);
	return OK;
}

/* Under the lock; waits until the record is on disk or lost. */
static enum err append(struct scope *s, struct audit_log *log, struct bytes body,
    const uint8_t salt[AUDIT_RECORD_SALT], uint64_t *ret_seq)
{
	struct waiter w = { .is_done = false };
	while (log->gathering->lines.n + body.n + FRAME_OCTETS > LIMIT_AUDIT_WRITE)
		pthread_cond_wait(&log->change, &log->lock);
	TRY(gather(s, log, body, salt));
	const uint64_t seq = log->gathered.chain.seq;
	w.next = log->gathering->first;
	log->gathering->first = &w;
	while (!w.is_done) {
		if (log->is_writing)
			pthread_cond_wait(&log->change, &log->lock);
		else
			write_gathered(log);
	}
	if (w.outcome != OK)
		return scope_fault(s, w.outcome, "%s", w.why);
	*ret_seq = seq;
	return OK;
}

static enum err append_entry(
    struct scope *s, struct audit_log *log, const struct audit_entry *entry, uint64_t *ret_seq)
{
	uint8_t salt[AUDIT_RECORD_SALT];
	struct bytes body;
	TRY(audit_record_body(s, entry, &body));
	if (getrandom(salt, sizeof(salt), 0) != sizeof(salt))
		return scope_fault(s, ERR_IO, "audit log: no random octets: %s", strerror(errno));
	pthread_mutex_lock(&log->lock);
	enum err e = append(s, log, body, salt, ret_seq);
	pthread_mutex_unlock(&log->lock);
	return e;
}

enum err audit_log_append(
    struct scope *s, struct audit_log *log, const struct audit_entry *entry, uint64_t *ret_seq)
{
	uint64_t seq;
	TRY(append_entry(s, log, entry, &seq));
	if (ret_seq)
		*ret_seq = seq;
	return OK;
}

/* -- timestamps -- */

enum err audit_log_root(
    struct scope *s, struct audit_log *log, uint64_t *ret_size, struct merkle_hash *ret_root)
{
	pthread_mutex_lock(&log->lock);
	const struct merkle tree = log->durable.tree;
	pthread_mutex_unlock(&log->lock);
	TRY(merkle_root(s, &tree, ret_root));
	*ret_size = tree.size;
	return OK;
}

enum err audit_log_note_timestamp(struct scope *s, struct audit_log *log, uint64_t size,
    const struct merkle_hash *root, struct bytes token, uint64_t *ret_seq)
{
	char number[24], *hex, *base64;
	uint64_t seq;
	if (token.n > LIMIT_AUDIT_TOKEN)
		return scope_fault(s, ERR_LIMIT,
		    "audit log: a timestamp token of more than %d octets", LIMIT_AUDIT_TOKEN);
	pthread_mutex_lock(&log->lock);
	const bool are_there = size && size <= log->durable.chain.seq;
	pthread_mutex_unlock(&log->lock);
	if (!are_there)
		return scope_fault(s, ERR_MISUSE, "audit log: has no %" PRIu64 " records", size);
	snprintf(number, sizeof(number), "%" PRIu64, size);
	TRY(bytes_to_hex(s, bytes_of(root->octet, MERKLE_HASH), &hex));
	TRY(bytes_to_base64(s, token, &base64));
	const struct audit_entry entry = { .kind = AUDIT_LOG_TIMESTAMP,
		.detail = {
		    { "size", number, true }, { "root", hex, true }, { "token", base64, true } } };
	TRY(append_entry(s, log, &entry, &seq));
	pthread_mutex_lock(&log->lock);
	if (size > log->stamped) {
		log->stamped = size;
		log->stamp = seq;
	}
	pthread_mutex_unlock(&log->lock);
	if (ret_seq)
		*ret_seq = seq;
	return OK;
}

uint64_t audit_log_uncovered(struct audit_log *log)
{
	pthread_mutex_lock(&log->lock);
	uint64_t n = log->durable.chain.seq - log->stamped;
	if (n == 1 && log->stamp == log->durable.chain.seq)
		n = 0;
	pthread_mutex_unlock(&log->lock);
	return n;
}

void audit_log_settle(struct audit_log *log)
{
	pthread_mutex_lock(&log->lock);
	/* Whoever writes sees to it himself, or is followed by another call of this. */
	if (!log->is_writing && log->durable.chain.seq != log->head_seq) {
		const struct audit_chain durable = log->durable.chain;
		log->is_writing = true;
		pthread_mutex_unlock(&log->lock);
		write_head(log, &durable, true);
		pthread_mutex_lock(&log->lock);
		log->is_writing = false;
		pthread_cond_broadcast(&log->change);
	}
	pthread_mutex_unlock(&log->lock);
}

/* -- beginning and end -- */

static void release(void *p)
{
	struct audit_log *log = p;
	if (log->file.fd >= 0)
		write_head(log, &log->durable.chain, true);
	audit_file_close(&log->file);
	if (log->lock_fd >= 0)
		close(log->lock_fd);
	if (log->file.folder_fd >= 0)
		close(log->file.folder_fd);
	for (size_t i = 0; i < 2; i++)
		scope_free(log->batches[i].s);
	pthread_cond_destroy(&log->change);
	pthread_mutex_destroy(&log->lock);
}

static enum err new_log(struct scope *s, struct audit_log **ret_log)
{
	struct audit_log *log = scope_alloc(s, sizeof(*log));
	if (!log)
		return ERR_NOMEM;
	log->file.fd = log->file.folder_fd = log->lock_fd = -1;
	log->file.flush = fdatasync;
	log->gathering = log->batches;
	pthread_mutex_init(&log->lock, NULL);
	pthread_cond_init(&log->change, NULL);
	TRY(scope_own(s, log, release));
	for (size_t i = 0; i < 2; i++) {
		struct batch *b = &log->batches[i];
		b->s = scope_new(0);
		if (!b->s)
			return scope_fault(s, ERR_NOMEM, "audit log: out of memory");
		b->lines = buf_new(b->s, LIMIT_AUDIT_WRITE);
	}
	*ret_log = log;
	return OK;
}

static enum err note_recovery(
    struct scope *s, struct audit_log *log, const struct audit_recovery *r)
{
	char octets[24];
	if (!r->n_cut)
		return OK;
	snprintf(octets, sizeof(octets), "%" PRIu64, r->n_cut);
	const struct audit_entry entry = { .kind = AUDIT_LOG_RECOVERED,
		.detail = { { "file", r->file_name, true }, { "octets", octets, true } } };
	return audit_log_append(s, log, &entry, NULL);
}

enum err audit_log_open(
    struct scope *s, const char *folder, size_t file_octets, struct audit_log **ret_log)
{
	struct audit_log *log;
	struct audit_recovery r;
	char *own;
	TRY(new_log(s, &log));
	log->file.most = file_octets ? file_octets : LIMIT_AUDIT_FILE;
	TRY(bytes_to_str(s, bytes_of_str(folder), &own));
	log->file.folder = own;
	TRY(audit_recovery_lock(s, own, &log->file.folder_fd, &log->lock_fd));
	TRY(audit_recovery_run(s, &log->file, &r));
	log->durable.chain = r.chain;
	log->durable.tree = r.tree;
	log->gathered = log->durable;
	log->stamped = r.stamped;
	log->stamp = r.stamp;
	log->head_seq = r.head.seq;
	TRY(note_recovery(s, log, &r));
	*ret_log = log;
	return OK;
}
