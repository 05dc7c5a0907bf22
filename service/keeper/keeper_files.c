#include "service/keeper/keeper_files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/input_file.h"
#include "service/keeper/keeper_secret.h"
#include "service/keeper/keeper_wrap.h"

static enum err failed(struct scope *s, const char *path)
{
	return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
}

/* -- reading -- */
static enum err check_file(struct scope *s, const char *path, int fd)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return failed(s, path);
	if (!S_ISREG(st.st_mode) || st.st_size != KEEPER_WRAP_KEY)
		return scope_fault(
		    s, ERR_FORMAT, "%s: not a file of %u octets", path, KEEPER_WRAP_KEY);
	if (st.st_mode & 077)
		return scope_fault(
		    s, ERR_DENIED, "%s: others may use it; its mode must be 0600", path);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return scope_fault(s, ERR_DENIED, "%s: belongs to another user", path);
	return OK;
}

static enum err read_key(struct scope *s, const char *path, int fd, struct bytes *ret_key)
{
	uint8_t *key;
	TRY(check_file(s, path, fd));
	TRY(keeper_secret_new(s, KEEPER_WRAP_KEY, &key));
	ssize_t n = read(fd, key, KEEPER_WRAP_KEY);
	if (n < 0)
		return failed(s, path);
	if (n != KEEPER_WRAP_KEY)
		return scope_fault(s, ERR_FORMAT, "%s: it changed while it was read", path);
	*ret_key = bytes_of(key, KEEPER_WRAP_KEY);
	return OK;
}

/* -- making -- */
static enum err write_key(struct scope *s, const char *path, int fd)
{
	uint8_t *key;
	TRY(keeper_secret_new(s, KEEPER_WRAP_KEY, &key));
	if (RAND_priv_bytes(key, KEEPER_WRAP_KEY) != 1)
		return scope_fault(s, ERR_CRYPTO, "keeper: no random octets");
	if (write(fd, key, KEEPER_WRAP_KEY) != (ssize_t)KEEPER_WRAP_KEY || fsync(fd) != 0)
		return failed(s, path);
	return OK;
}

/* The name is on the disk when this returns: documents sealed later depend on it. */
static enum err sync_folder(struct scope *s, const char *path)
{
	char copy[4096];
	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return scope_fault(s, ERR_LIMIT, "%s: a path too long", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(s, path);
	const bool synced = fsync(fd) == 0;
	close(fd);
	return synced ? OK : failed(s, path);
}

static enum err make_key(struct scope *s, const char *path)
{
	char temporary[4096];
	if (snprintf(temporary, sizeof(temporary), "%s.new-%ld", path, (long)getpid()) >=
	    (int)sizeof(temporary))
		return scope_fault(s, ERR_LIMIT, "%s: a path too long", path);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return failed(s, temporary);
	enum err e = write_key(s, temporary, fd);
	close(fd);
	/* A link, unlike a new name, takes nobody's place. */
	if (e == OK && link(temporary, path) != 0 && errno != EEXIST)
		e = failed(s, path);
	unlink(temporary);
	return e == OK ? sync_folder(s, path) : e;
}

enum err keeper_files_service_key(struct scope *s, const char *path, struct bytes *ret_key)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT) {
		TRY(make_key(s, path));
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	}
	if (fd < 0)
		return failed(s, path);
	enum err e = read_key(s, path, fd, ret_key);
	close(fd);
	return e;
}

enum err keeper_files_pkcs12(struct scope *s, const char *path, struct bytes *ret_pkcs12)
{
	return input_file_read(s, path, LIMIT_KEEPER_FILE, ret_pkcs12);
}
