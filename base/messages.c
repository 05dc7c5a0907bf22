#include "base/messages.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/messages_plural.h"
#include "base/scope.h"

#define MAGIC 0x950412deu
#define HEADER 28 /* magic, revision, count, two tables, hash table's size and place */
#define LANGUAGE_MAX 16

/* Strings of the catalogue end with a NUL that is not counted in n. */
struct entry {
	struct bytes id;   /* with a plural: singular, NUL, plural */
	struct bytes text; /* with a plural: the forms, NULs between them */
};

struct messages {
	struct entry *item; /* sorted by the singular */
	size_t n;
	struct messages_plural plural;
	char language[LANGUAGE_MAX];
};

struct reader {
	struct scope *s;
	struct bytes mo;
	bool is_big_endian;
};

static uint32_t number(const struct reader *r, size_t at)
{
	const uint8_t *p = r->mo.p + at;
	if (r->is_big_endian)
		return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static enum err malformed(struct scope *s, const char *why)
{
	return scope_fault(s, ERR_FORMAT, "catalogue: %s", why);
}

/* The string that row `at` of a table names: length and offset. */
static enum err string_at(const struct reader *r, size_t at, struct bytes *ret_string)
{
	size_t n = number(r, at), place = number(r, at + 4);
	if (place >= r->mo.n || n >= r->mo.n - place || r->mo.p[place + n] != 0)
		return malformed(r->s, "a string reaches outside");
	*ret_string = bytes_cut(r->mo, place, n);
	return OK;
}

static size_t forms_in(struct bytes text)
{
	size_t n = 1;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == 0;
	return n;
}

/* The strings end with a NUL, so comparing the singulars needs no length. */
static const char *key(const struct entry *e)
{
	return (const char *)e->id.p;
}

static enum err read_entries(const struct reader *r, struct messages *m)
{
	size_t ids = number(r, 12), texts = number(r, 16);
	if (ids > r->mo.n || texts > r->mo.n || m->n > (r->mo.n - ids) / 8 ||
	    m->n > (r->mo.n - texts) / 8)
		return malformed(r->s, "a table reaches outside");
	m->item = scope_alloc_array(r->s, m->n, sizeof(*m->item));
	if (!m->item)
		return ERR_NOMEM;
	for (size_t i = 0; i < m->n; i++) {
		TRY(string_at(r, ids + 8 * i, &m->item[i].id));
		TRY(string_at(r, texts + 8 * i, &m->item[i].text));
		if (i && strcmp(key(&m->item[i - 1]), key(&m->item[i])) >= 0)
			return malformed(r->s, "the keys are not in order");
	}
	return OK;
}

/* The value of a line "name: value" of the header entry; empty when there is none. */
static struct bytes header_field(struct bytes header, const char *name)
{
	for (size_t at = 0; at < header.n;) {
		size_t end = bytes_find(header, BYTES_LIT("\n"), at);
		struct bytes line =
		    bytes_cut(header, at, (end == BYTES_NOT_FOUND ? header.n : end) - at);
		if (bytes_has_prefix(line, bytes_of_str(name)))
			return bytes_from(line, strlen(name));
		at += line.n + 1;
	}
	return BYTES_NONE;
}

static enum err read_header(const struct reader *r, struct messages *m)
{
	if (m->n == 0 || m->item[0].id.n != 0)
		return malformed(r->s, "no header entry");
	struct bytes header = m->item[0].text, language = header_field(header, "Language: ");
	if (!bytes_equal_str(header_field(header, "Content-Type: "), "text/plain; charset=UTF-8"))
		return malformed(r->s, "not announced as UTF-8");
	if (language.n == 0 || language.n >= LANGUAGE_MAX)
		return malformed(r->s, "no language");
	memcpy(m->language, language.p, language.n);
	if (!messages_plural_parse(header_field(header, "Plural-Forms: "), &m->plural))
		return malformed(r->s, "no usable plural rule");
	for (size_t i = 1; i < m->n; i++) {
		size_t ids = forms_in(m->item[i].id), texts = forms_in(m->item[i].text);
		if (ids > 2 || texts != (ids == 2 ? m->plural.forms : 1))
			return malformed(r->s, "an entry with the wrong number of forms");
	}
	return OK;
}

enum err messages_parse(struct scope *s, struct bytes mo, const struct messages **ret_messages)
{
	struct reader r = { .s = s, .mo = mo };
	if (mo.n < HEADER || mo.n > LIMIT_CATALOGUE)
		return malformed(s, "too short or too long");
	r.is_big_endian = number(&r, 0) != MAGIC;
	if (number(&r, 0) != MAGIC)
		return malformed(s, "no .mo file");
	if (number(&r, 4) != 0)
		return malformed(s, "of an unknown revision");
	struct messages *m = scope_alloc(s, sizeof(*m));
	if (!m)
		return ERR_NOMEM;
	m->n = number(&r, 8);
	TRY(read_entries(&r, m));
	TRY(read_header(&r, m));
	*ret_messages = m;
	return OK;
}

const char *messages_language(const struct messages *m)
{
	return m ? m->language : "en";
}

static const struct entry *find(const struct messages *m, const char *id)
{
	if (!m || !id[0]) /* the empty key is the header */
		return NULL;
	for (size_t low = 0, high = m->n; low < high;) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(id, key(&m->item[middle]));
		if (order == 0)
			return &m->item[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *messages_text(const struct messages *m, const char *id)
{
	const struct entry *e = find(m, id);
	return e && e->text.p[0] ? (const char *)e->text.p : id;
}

const char *messages_plural(const struct messages *m, const char *one, const char *many, uint64_t n)
{
	const struct entry *e = find(m, one);
	if (!e || forms_in(e->id) != 2)
		return n == 1 ? one : many;
	const char *text = (const char *)e->text.p;
	for (size_t form = messages_plural_form(&m->plural, n); form > 0; form--)
		text += strlen(text) + 1;
	return text[0] ? text : n == 1 ? one : many;
}

static const char *value_of(const struct messages_value *values, struct bytes name)
{
	for (; values->name; values++)
		if (bytes_equal_str(name, values->name))
			return values->text ? values->text : "";
	return NULL;
}

enum err messages_fill(
    struct scope *s, const char *template, const struct messages_value *values, char **ret_text)
{
	struct bytes in = bytes_of_str(template);
	struct buf b = buf_new(s, LIMIT_REPORT);
	for (size_t at = 0; at < in.n;) {
		size_t end = in.p[at] == '{' ? bytes_find(in, BYTES_LIT("}"), at) : BYTES_NOT_FOUND;
		const char *text = end == BYTES_NOT_FOUND
				       ? NULL
				       : value_of(values, bytes_cut(in, at + 1, end - at - 1));
		if (!text) {
			buf_add_byte(&b, in.p[at++]);
			continue;
		}
		buf_add_str(&b, text);
		at = end + 1;
	}
	return buf_done_str(&b, ret_text);
}
