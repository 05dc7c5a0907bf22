#include "service/store/identifier.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/scope.h"
#include "formats/digest.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static enum err draw(struct scope *s, uint8_t *p, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = getrandom(p + at, n - at, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return scope_fault(s, ERR_IO, "randomness: %s", strerror(errno));
		at += (size_t)got;
	}
	return OK;
}

/* The octets as one number, five bits a character, the first one with what is left over. */
static void write_characters(const uint8_t *p, size_t n, char *to, size_t n_to)
{
	for (size_t i = 0; i < n_to; i++) {
		unsigned value = 0;
		for (size_t k = 0; k < 5; k++) {
			size_t bit = (n_to - i) * 5 - 1 - k; /* from the number's low end */
			unsigned octet = bit / 8 < n ? p[n - 1 - bit / 8] : 0;
			value = value << 1 | (octet >> bit % 8 & 1);
		}
		to[i] = alphabet[value];
	}
	to[n_to] = 0;
}

/* n characters of the alphabet and the end; the first holds no more than `first` (so many bits are
 * left for it). */
static bool are_characters(const char *text, size_t n, unsigned first)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = text[i] ? strchr(alphabet, text[i]) : NULL;
		if (!at || (i == 0 && (size_t)(at - alphabet) > first))
			return false;
	}
	return text[n] == 0;
}

enum err identifier_new(struct scope *s, const char *prefix, const char **ret_id)
{
	uint8_t octets[16];
	char *id = scope_alloc(s, 3 + IDENTIFIER_CHARACTERS + 1);
	if (!id)
		return ERR_NOMEM;
	TRY(draw(s, octets, sizeof(octets)));
	memcpy(id, prefix, 2);
	id[2] = '_';
	write_characters(octets, sizeof(octets), id + 3, IDENTIFIER_CHARACTERS);
	*ret_id = id;
	return OK;
}

bool identifier_is(const char *text, const char *prefix)
{
	return text && !strncmp(text, prefix, 2) && text[2] == '_' &&
	       are_characters(text + 3, IDENTIFIER_CHARACTERS, 7);
}

enum err identifier_token(struct scope *s, const char **ret_token)
{
	uint8_t octets[32];
	char *token = scope_alloc(s, IDENTIFIER_TOKEN_CHARACTERS + 1);
	if (!token)
		return ERR_NOMEM;
	TRY(draw(s, octets, sizeof(octets)));
	write_characters(octets, sizeof(octets), token, IDENTIFIER_TOKEN_CHARACTERS);
	bytes_wipe(octets, sizeof(octets));
	*ret_token = token;
	return OK;
}

/* 256 bits: one for the first character. */
bool identifier_is_token(const char *text)
{
	return text && are_characters(text, IDENTIFIER_TOKEN_CHARACTERS, 1);
}

enum err identifier_token_sha256(struct scope *s, const char *token, uint8_t ret_sha256[32])
{
	struct digest d;
	if (!identifier_is_token(token))
		return scope_fault(s, ERR_FORMAT, "not a token");
	TRY(digest_of_bytes(s, DIGEST_SHA256, bytes_of_str(token), &d));
	memcpy(ret_sha256, d.value, 32);
	return OK;
}
