#include "service/cache_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

#define MAGIC "bulla-cache-1 "
#define KEY_TEXT 65 /* SHA-256 in hexadecimal */
#define TEMPORARY_PREFIX ".new-"
#define TEMPORARY_AGE_S 3600 /* one that is older was left behind by a process that ended */
#define MAX_VALUES (2 * LIMIT_LDAP_VALUES)
#define POLL_MS 10

struct cache_folder {
	int fd;
	struct cache_folder_bounds bounds;
	struct cache_folder_bounds added; /* since the folder was last measured */
	bool is_measured;
};

static void close_folder(void *obj)
{
	struct cache_folder *f = obj;
	close(f->fd);
}

enum err cache_folder_open(struct scope *s, const char *path,
    const struct cache_folder_bounds *bounds, struct cache_folder **ret_folder)
{
	struct cache_folder *f = scope_alloc(s, sizeof(*f));
	if (!f)
		return ERR_NOMEM;
	f->bounds = *bounds;
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	TRY(scope_own(s, f, close_folder));
	if (faccessat(f->fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	*ret_folder = f;
	return OK;
}

static void name_of(const struct digest *key, char ret_name[KEY_TEXT])
{
	for (size_t i = 0; i < (KEY_TEXT - 1) / 2; i++)
		snprintf(ret_name + 2 * i, 3, "%02x", key->value[i]);
}

/* -- reading ------------------------------------------------------------------------------------*/

static bool read_all(int fd, uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t got = read(fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

/* The file's content; nothing when it cannot be read, is no plain file, or too large. */
static enum err load(
    struct scope *s, const struct cache_folder *f, const char *name, struct bytes *ret_content)
{
	struct stat st;
	*ret_content = BYTES_NONE;
	int fd = openat(f->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return OK;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > LIMIT_FETCH_CRL + LIMIT_CACHE_HEAD) {
		close(fd);
		return OK;
	}
	const size_t n = (size_t)st.st_size;
	uint8_t *p = scope_alloc(s, n);
	if (p && read_all(fd, p, n))
		*ret_content = bytes_of(p, n);
	close(fd);
	return p ? OK : ERR_NOMEM;
}

static struct bytes take_line(struct bytes *rest)
{
	const size_t end = bytes_find(*rest, BYTES_LIT("\n"), 0);
	struct bytes line = end == BYTES_NOT_FOUND ? BYTES_NONE : bytes_cut(*rest, 0, end);
	*rest = end == BYTES_NOT_FOUND ? BYTES_NONE : bytes_from(*rest, end + 1);
	return line;
}

/* The rest of a line that begins with this word. */
static bool take_field(struct bytes *rest, const char *word, struct bytes *ret_value)
{
	struct bytes line = take_line(rest);
	const struct bytes prefix = bytes_of_str(word);
	if (!bytes_has_prefix(line, prefix))
		return false;
	*ret_value = bytes_from(line, prefix.n);
	return true;
}

static bool take_number(struct bytes *text, int64_t *ret_value)
{
	int64_t value = 0;
	size_t n = 0;
	for (; n < text->n && text->p[n] >= '0' && text->p[n] <= '9' && n < 18; n++)
		value = value * 10 + (text->p[n] - '0');
	const bool is_whole = n > 0 && (n == text->n || text->p[n] == ' ');
	*text = bytes_from(*text, n + 1);
	*ret_value = value;
	return is_whole;
}

static bool take_instant(struct bytes *rest, const char *word, struct instant *ret_t)
{
	struct bytes text;
	return take_field(rest, word, &text) && take_number(&text, &ret_t->unix_s) && text.n == 0;
}

/* Shares the octets after the head out among the values whose sizes are in `sizes`. */
static enum err share_out(struct scope *s, struct bytes sizes, struct bytes octets,
    struct fetch_reply *reply, bool *ret_ok)
{
	struct bytes *value = scope_alloc_array(s, MAX_VALUES, sizeof(*value));
	size_t n = 0;
	if (!value)
		return ERR_NOMEM;
	*ret_ok = false;
	while (sizes.n > 0) {
		int64_t size;
		if (n == MAX_VALUES || !take_number(&sizes, &size) || (uint64_t)size > octets.n)
			return OK;
		value[n++] = bytes_cut(octets, 0, (size_t)size);
		octets = bytes_from(octets, (size_t)size);
	}
	*ret_ok = n > 0 && octets.n == 0;
	reply->body = value[0];
	reply->more = value + 1;
	reply->n_more = *ret_ok ? n - 1 : 0;
	return OK;
}

static enum err parse_failure(
    struct scope *s, struct bytes rest, struct bytes code, struct cache_entry *e, bool *ret_ok)
{
	struct bytes text = BYTES_NONE;
	char *copy;
	*ret_ok = take_field(&rest, "text ", &text) && rest.n == 0;
	e->failure = bytes_equal_str(code, "limit") ? ERR_LIMIT : ERR_NET;
	TRY(bytes_to_str(s, text, &copy));
	e->text = copy;
	return OK;
}

static enum err parse(
    struct scope *s, struct bytes rest, const char *url, struct cache_entry *e, bool *ret_ok)
{
	struct bytes own_url, word, type, sizes;
	char *copy;
	*ret_ok = false;
	if (!take_field(&rest, "url ", &own_url) || !bytes_equal_str(own_url, url) ||
	    !take_instant(&rest, "fetched ", &e->fetched) ||
	    !take_instant(&rest, "until ", &e->until) || !take_field(&rest, "outcome ", &word))
		return OK;
	e->url = url;
	if (!bytes_equal_str(word, "ok"))
		return parse_failure(s, rest, word, e, ret_ok);
	if (!take_field(&rest, "type ", &type) || !take_field(&rest, "values ", &sizes))
		return OK;
	TRY(bytes_to_str(s, type, &copy));
	e->reply = (struct fetch_reply){ .status = 200, .content_type = copy };
	return share_out(s, sizes, rest, &e->reply, ret_ok);
}

static enum err is_whole(struct scope *s, struct bytes *content, bool *ret_ok)
{
	struct bytes digest_text, digest;
	struct digest own;
	*ret_ok = false;
	if (!take_field(content, MAGIC, &digest_text) || digest_text.n != KEY_TEXT - 1)
		return OK;
	enum err err = bytes_of_hex(s, digest_text, &digest);
	if (err == ERR_FORMAT)
		scope_forgive(s);
	if (err != OK)
		return err == ERR_FORMAT ? OK : err;
	TRY(digest_of_bytes(s, DIGEST_SHA256, *content, &own));
	*ret_ok = bytes_equal(digest_bytes(&own), digest);
	return OK;
}

enum err cache_folder_find(struct scope *s, struct cache_folder *folder, const struct digest *key,
    const char *url, bool *ret_found, struct cache_entry *ret_entry)
{
	char name[KEY_TEXT];
	struct bytes content;
	struct cache_entry e = { .failure = OK };
	bool ok;
	name_of(key, name);
	*ret_found = false;
	TRY(load(s, folder, name, &content));
	if (content.n == 0)
		return OK;
	TRY(is_whole(s, &content, &ok));
	if (ok)
		TRY(parse(s, content, url, &e, &ok));
	if (!ok) {
		unlinkat(folder->fd, name, 0);
		return OK;
	}
	*ret_found = true;
	*ret_entry = e;
	return OK;
}

/* -- bounds -------------------------------------------------------------------------------------*/

struct kept {
	char name[KEY_TEXT];
	time_t at;
	size_t octets;
};

struct census {
	struct kept *kept;
	size_t n, room, octets;
};

static int by_age(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	return (x->at > y->at) - (x->at < y->at);
}

static bool note(struct census *c, const char *name, const struct stat *st)
{
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 256;
		struct kept *more = reallocarray(c->kept, room, sizeof(*more));
		if (!more)
			return false;
		c->kept = more;
		c->room = room;
	}
	struct kept *k = &c->kept[c->n++];
	memcpy(k->name, name, KEY_TEXT);
	k->at = st->st_mtime;
	k->octets = (size_t)st->st_size;
	c->octets += k->octets;
	return true;
}

/* `now` is the file system's own clock. */
static void look_at(struct cache_folder *f, struct census *c, const char *name, time_t now)
{
	struct stat st;
	const bool is_temporary = !strncmp(name, TEMPORARY_PREFIX, strlen(TEMPORARY_PREFIX));
	if ((!is_temporary && strlen(name) != KEY_TEXT - 1) ||
	    fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	const time_t most = is_temporary ? TEMPORARY_AGE_S : LIMIT_CACHE_CERT_AGE_S;
	if (now - st.st_mtime > most)
		unlinkat(f->fd, name, 0);
	else if (!is_temporary && !note(c, name, &st))
		return;
}

/* Lets go of what can never be handed out again, then of the oldest until an eighth is free. */
static void make_room(struct cache_folder *f, time_t now)
{
	struct census c = { 0 };
	int fd = openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (!dir)
		return;
	for (const struct dirent *d; (d = readdir(dir));)
		look_at(f, &c, d->d_name, now);
	closedir(dir);
	if (c.n > 0 && (c.octets > f->bounds.octets || c.n > f->bounds.entries)) {
		qsort(c.kept, c.n, sizeof(*c.kept), by_age);
		for (size_t i = 0; i < c.n && (c.octets > f->bounds.octets / 8 * 7 ||
						  c.n - i > f->bounds.entries / 8 * 7);
		     i++) {
			unlinkat(f->fd, c.kept[i].name, 0);
			c.octets -= c.kept[i].octets;
		}
	}
	free(c.kept);
	f->added = (struct cache_folder_bounds){ 0 };
	f->is_measured = true;
}

/* -- writing ------------------------------------------------------------------------------------*/

static bool is_line(const char *text)
{
	return !strpbrk(text, "\r\n");
}

static enum err compose(struct scope *s, const struct cache_entry *e, struct bytes *ret_head)
{
	struct buf b = buf_new(s, LIMIT_CACHE_HEAD - KEY_TEXT - sizeof(MAGIC));
	buf_add_str(&b, "url ");
	buf_add_str(&b, e->url);
	buf_addf(
	    &b, "\nfetched %" PRId64 "\nuntil %" PRId64 "\n", e->fetched.unix_s, e->until.unix_s);
	if (e->failure != OK) {
		buf_addf(&b, "outcome %s\ntext ", e->failure == ERR_LIMIT ? "limit" : "net");
		buf_add_str(&b, e->text);
	} else {
		buf_add_str(&b, "outcome ok\ntype ");
		buf_add_str(&b, e->reply.content_type);
		buf_addf(&b, "\nvalues %zu", e->reply.body.n);
		for (size_t i = 0; i < e->reply.n_more; i++)
			buf_addf(&b, " %zu", e->reply.more[i].n);
	}
	buf_add_str(&b, "\n");
	return buf_done(&b, ret_head);
}

static bool write_all(int fd, struct bytes b)
{
	while (b.n > 0) {
		ssize_t put = write(fd, b.p, b.n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		b = bytes_from(b, (size_t)put);
	}
	return true;
}

static bool write_parts(int fd, const struct bytes *parts, size_t n)
{
	bool ok = true;
	for (size_t i = 0; i < n && ok; i++)
		ok = write_all(fd, parts[i]);
	return ok;
}

/* Not forced to disk: after a crash the digest tells what is whole. */
static void store(
    struct cache_folder *f, const char *name, const struct bytes *parts, size_t n_parts)
{
	static const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	char temporary[sizeof(TEMPORARY_PREFIX) + KEY_TEXT + 24];
	struct stat st;
	snprintf(temporary, sizeof(temporary), TEMPORARY_PREFIX "%ld-%s", (long)getpid(), name);
	unlinkat(f->fd, temporary, 0);
	int fd = openat(f->fd, temporary, flags, 0600);
	if (fd < 0)
		return;
	bool ok = write_parts(fd, parts, n_parts) && fstat(fd, &st) == 0;
	ok = close(fd) == 0 && ok;
	if (!ok || renameat(f->fd, temporary, f->fd, name) != 0) {
		unlinkat(f->fd, temporary, 0);
		return;
	}
	f->added.octets += (size_t)st.st_size;
	f->added.entries++;
	if (!f->is_measured || f->added.octets > f->bounds.octets / 16 ||
	    f->added.entries > f->bounds.entries / 16)
		make_room(f, st.st_mtime);
}

static bool is_writable(const struct cache_entry *e)
{
	return is_line(e->url) &&
	       (e->failure != OK ? is_line(e->text)
				 : is_line(e->reply.content_type) && e->reply.n_more < MAX_VALUES);
}

static enum err put(
    struct scope *s, struct cache_folder *f, const struct digest *key, const struct cache_entry *e)
{
	struct bytes parts[MAX_VALUES + 2];
	size_t n = 2;
	struct digest digest;
	char name[KEY_TEXT], first[sizeof(MAGIC) + KEY_TEXT + 1], hex[KEY_TEXT];
	TRY(compose(s, e, &parts[1]));
	if (e->failure == OK) {
		parts[n++] = e->reply.body;
		for (size_t i = 0; i < e->reply.n_more; i++)
			parts[n++] = e->reply.more[i];
	}
	TRY(digest_compute(s, DIGEST_SHA256, parts + 1, n - 1, &digest));
	name_of(&digest, hex);
	snprintf(first, sizeof(first), MAGIC "%s\n", hex);
	parts[0] = bytes_of_str(first);
	name_of(key, name);
	store(f, name, parts, n);
	return OK;
}

enum err cache_folder_put(struct scope *s, struct cache_folder *folder, const struct digest *key,
    const struct cache_entry *entry)
{
	const bool was_clean = scope_fault_code(s) == OK;
	if (!is_writable(entry))
		return OK;
	enum err err = put(s, folder, key, entry);
	if (err == ERR_NOMEM)
		return err;
	if (was_clean)
		scope_forgive(s);
	return OK;
}

/* -- locks --------------------------------------------------------------------------------------*/

static long elapsed_ms(const struct timespec *from)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000;
}

int cache_folder_lock(struct cache_folder *folder, const struct digest *key, long wait_ms)
{
	static const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	char name[16];
	struct timespec start;
	clock_gettime(CLOCK_MONOTONIC, &start);
	snprintf(name, sizeof(name), "lock-%02x", key->value[0]);
	int fd = openat(folder->fd, name, flags, 0600);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if ((errno != EWOULDBLOCK && errno != EINTR) || elapsed_ms(&start) >= wait_ms) {
			close(fd);
			return -1;
		}
		nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000000L }, NULL);
	}
	return fd;
}

void cache_folder_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}
