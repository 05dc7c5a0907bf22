#include "service/front/webhook_signature.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/digest_hmac.h"

enum err webhook_signature_make(struct scope *s, struct bytes secret, struct instant at,
    struct bytes body, const char **ret_value)
{
	uint8_t mac[DIGEST_HMAC_OCTETS];
	char *instant, *hex, *value;
	struct buf t = buf_new(s, 32), b = buf_new(s, LIMIT_FETCHER_TEXT);
	buf_addf(&t, "%" PRId64, at.unix_s);
	TRY(buf_done_str(&t, &instant));
	const struct bytes parts[] = { bytes_of_str(instant), BYTES_LIT("."), body };
	TRY(digest_hmac(s, secret, parts, 3, mac));
	TRY(bytes_to_hex(s, bytes_of(mac, sizeof(mac)), &hex));
	buf_addf(&b, "t=%s,v1=%s", instant, hex);
	TRY(buf_done_str(&b, &value));
	*ret_value = value;
	return OK;
}

static enum err read_secret(struct scope *s, const char *path, uint8_t *octets, size_t *ret_n)
{
	size_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(errno));
	ssize_t got = 1;
	while (got > 0 && n <= LIMIT_WEBHOOK_SECRET) {
		got = read(fd, octets + n, LIMIT_WEBHOOK_SECRET + 1 - n);
		n += got > 0 ? (size_t)got : 0;
	}
	const int number = errno;
	close(fd);
	if (got < 0)
		return scope_fault(s, ERR_IO, "%s: %s", path, strerror(number));
	if (n > LIMIT_WEBHOOK_SECRET)
		return scope_fault(
		    s, ERR_LIMIT, "%s: a secret longer than %d octets", path, LIMIT_WEBHOOK_SECRET);
	while (n && (octets[n - 1] == '\n' || octets[n - 1] == '\r'))
		n--;
	if (n < LIMIT_WEBHOOK_SECRET_LEAST)
		return scope_fault(s, ERR_DENIED, "%s: a secret shorter than %d octets", path,
		    LIMIT_WEBHOOK_SECRET_LEAST);
	*ret_n = n;
	return OK;
}

enum err webhook_signature_make_by_file(struct scope *s, const char *secret_file, struct instant at,
    struct bytes body, const char **ret_value)
{
	uint8_t octets[LIMIT_WEBHOOK_SECRET + 1];
	size_t n = 0;
	enum err e = read_secret(s, secret_file, octets, &n);
	if (e == OK)
		e = webhook_signature_make(s, bytes_of(octets, n), at, body, ret_value);
	bytes_wipe(octets, sizeof(octets));
	return e;
}
