/* The words of a line. */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "tests/support/pdf_script_work.h"

#define NAME_MAX_LENGTH 40

int64_t pdf_script_number(const char **text)
{
	char *end;
	const long long n = strtoll(*text, &end, 10);
	pdf_script_check(end != *text, "a number", *text);
	*text = end;
	return n;
}

struct pdf_ref pdf_script_ref(const char **text)
{
	struct pdf_ref ref = { .num = (uint32_t)pdf_script_number(text) };
	if (**text == '/' && (*text)[1] >= '0' && (*text)[1] <= '9') {
		++*text;
		ref.gen = (uint32_t)pdf_script_number(text);
	}
	return ref;
}

char *pdf_script_word(const struct pdf_script *p, const char **text)
{
	char *word;
	*text += strspn(*text, " \t");
	const size_t n = strcspn(*text, " \t");
	pdf_script_must(p, bytes_to_str(p->s, bytes_of((const uint8_t *)*text, n), &word), "word");
	*text += n;
	*text += strspn(*text, " \t");
	return word;
}

const struct pdf_value *pdf_script_value(const struct pdf_script *p, const char **text)
{
	const struct pdf_value *v;
	size_t at = 0;
	char *kept;
	pdf_script_must(p, bytes_to_str(p->s, bytes_of_str(*text), &kept), "value");
	pdf_script_must(p, pdf_syntax_value_apart(p->s, bytes_of_str(kept), &at, &v), kept);
	*text += at;
	*text += strspn(*text, " \t");
	return v;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *found = strchr(digits, c);
	pdf_script_check(c != '\0' && found, "a hexadecimal digit", &c);
	return (int)(found - digits);
}

struct bytes pdf_script_octets(const struct pdf_script *p, const char *text)
{
	struct buf b = buf_new(p->s, PDF_SCRIPT_CAP);
	struct bytes octets;
	for (const char *c = text; *c; c++) {
		if (*c != '\\') {
			buf_add_byte(&b, (uint8_t)*c);
			continue;
		}
		switch (*++c) {
		case 'n':
			buf_add_byte(&b, '\n');
			break;
		case 'r':
			buf_add_byte(&b, '\r');
			break;
		case 't':
			buf_add_byte(&b, '\t');
			break;
		case '0':
			buf_add_byte(&b, 0);
			break;
		case 'x':
			buf_add_byte(&b, (uint8_t)(hex_digit(c[1]) << 4 | hex_digit(c[2])));
			c += 2;
			break;
		default:
			pdf_script_check(*c == '\\', "an escape", text);
			buf_add_byte(&b, '\\');
		}
	}
	pdf_script_must(p, buf_done(&b, &octets), "octets");
	return octets;
}

/* -- {NAME} -- */

static const struct pdf_signature *signature(const struct pdf_script *p, size_t i)
{
	pdf_script_check(i < p->signatures.n, "a signature", "in the file");
	return &p->signatures.item[i];
}

/* The section of the revision before the last one of the file as it was. */
static int64_t section_before(const struct pdf_script *p)
{
	const size_t n = p->first->n_revisions;
	return n > 1 ? (int64_t)p->first->revisions[n - 2].sections[0]->offset : 0;
}

/* The appearance stream of a signature's field. */
static int64_t look_of(const struct pdf_script *p, const struct pdf_signature *sig)
{
	const struct pdf_value *ap = &pdf_value_null, *normal;
	if (sig)
		pdf_script_must(p,
		    pdf_file_resolve(p->s, p->first, pdf_file_latest(p->first),
			pdf_value_find(sig->field_dict, "AP"), &ap),
		    "appearance");
	normal = pdf_value_find(ap, "N");
	return normal && normal->kind == PDF_REF ? normal->ref.num : 0;
}

static bool find_number(const struct pdf_script *p, const char *name, int64_t *ret_n)
{
	const bool second = name[0] && name[strlen(name) - 1] == '2';
	const struct {
		const char *name;
		bool of_signature;
	} known[] = { { "root", false }, { "highest", false }, { "size", false }, { "xref", false },
		{ "field", true }, { "value", true }, { "a", true }, { "b", true }, { "c", true },
		{ "end", true }, { "field2", true }, { "value2", true }, { "dss", false },
		{ "gap", true }, { "cmsend", true }, { "range", true }, { "rangelen", true },
		{ "before", false }, { "mark", false }, { "look", true } };
	size_t i = 0;
	while (i < sizeof(known) / sizeof(known[0]) && strcmp(known[i].name, name) != 0)
		i++;
	if (i == sizeof(known) / sizeof(known[0]))
		return false;
	const struct pdf_signature *sig = known[i].of_signature ? signature(p, second) : NULL;
	const struct pdf_value *catalog = &pdf_value_null, *dss;
	pdf_script_must(
	    p, pdf_file_catalog(p->s, p->first, pdf_file_latest(p->first), &catalog), "catalog");
	dss = pdf_value_find(catalog, "DSS");
	const struct pdf_value *range = sig ? pdf_value_find(sig->dict, "ByteRange") : NULL;
	const int64_t values[] = { p->first->root.num, p->first->highest, (int64_t)p->now.n,
		(int64_t)p->prev, sig ? sig->field.num : 0, sig ? sig->value.num : 0,
		sig ? sig->byte_range[1] : 0, sig ? sig->byte_range[2] : 0,
		sig ? sig->byte_range[3] : 0, sig ? sig->byte_range[2] + sig->byte_range[3] : 0,
		sig ? sig->field.num : 0, sig ? sig->value.num : 0,
		dss && dss->kind == PDF_REF ? dss->ref.num : 0,
		sig ? sig->byte_range[2] - sig->byte_range[1] : 0,
		sig ? sig->byte_range[1] + 1 + 2 * (int64_t)sig->cms.n : 0,
		range ? (int64_t)range->start : 0, range ? (int64_t)(range->end - range->start) : 0,
		section_before(p), (int64_t)p->mark, look_of(p, sig) };
	*ret_n = values[i];
	return true;
}

/* Where an object of the file as it was stands. */
static void find_span(const struct pdf_script *p, uint32_t num, size_t *ret_start, size_t *ret_end)
{
	const struct pdf_xref_entry *e =
	    pdf_file_entry(p->first, pdf_file_latest(p->first), num, NULL);
	pdf_script_check(e && e->kind == PDF_ENTRY_OFFSET, "an object that stands", "in the file");
	pdf_script_must(p, pdf_file_object_span(p->s, p->first, e, ret_start, ret_end), "span");
}

static struct bytes find_text(const struct pdf_script *p, const char *name)
{
	size_t start, end, body;
	struct pdf_ref ref;
	const char *rest = name;
	if (strcmp(name, "contents") == 0 || strcmp(name, "cms") == 0) {
		const struct pdf_signature *sig = signature(p, 0);
		start = sig->contents_start;
		end = strcmp(name, "cms") == 0 ? start + 1 + 2 * sig->cms.n : sig->contents_end;
	} else if (strcmp(name, "dict") == 0) {
		start = signature(p, 0)->dict->start;
		end = signature(p, 0)->dict->end;
	} else if (strncmp(name, "octets:", 7) == 0) {
		rest = name + 7;
		start = (size_t)pdf_script_number(&rest);
		pdf_script_check(*rest++ == ':', "octets:FROM:N", name);
		end = start + (size_t)pdf_script_number(&rest);
	} else {
		pdf_script_check(strncmp(name, "body:", 5) == 0, "a name", name);
		rest = name + 5;
		find_span(p, (uint32_t)pdf_script_number(&rest), &start, &end);
		pdf_script_check(
		    pdf_syntax_object_header(p->original, start, &ref, &body), "object", name);
		start = body;
		end -= strlen("endobj");
	}
	return bytes_cut(p->original, start, end - start);
}

static void add_name(const struct pdf_script *p, struct buf *b, const char *name)
{
	char plain[NAME_MAX_LENGTH];
	int64_t n = 0, plus = 0;
	size_t start, end, length = strcspn(name, "+-");
	const bool is_padded = name[0] == '0';
	name += is_padded;
	length -= is_padded;
	pdf_script_check(length < sizeof(plain), "a name", name);
	memcpy(plain, name, length);
	plain[length] = '\0';
	if (name[length])
		plus = strtoll(name + length, NULL, 10);
	if (strncmp(plain, "at:", 3) == 0 || strncmp(plain, "after:", 6) == 0) {
		const char *num = strchr(plain, ':') + 1;
		if (!find_number(p, num, &n))
			n = pdf_script_number(&num);
		find_span(p, (uint32_t)n, &start, &end);
		n = (int64_t)(plain[1] == 't' ? start : end);
	} else if (strncmp(plain, "new", 3) == 0) {
		n = (int64_t)p->first->highest + strtoll(plain + 3, NULL, 10);
	} else if (!find_number(p, plain, &n)) {
		buf_add(b, find_text(p, name));
		return;
	}
	buf_addf(b, is_padded ? "%010lld" : "%lld", (long long)(n + plus));
}

char *pdf_script_expand(const struct pdf_script *p, const char *line)
{
	struct buf b = buf_new(p->s, PDF_SCRIPT_CAP);
	char *text;
	for (const char *c = line; *c; c++) {
		const char *end = *c == '{' ? strchr(c, '}') : NULL;
		char name[NAME_MAX_LENGTH];
		if (!end) {
			buf_add_byte(&b, (uint8_t)*c);
			continue;
		}
		const size_t n = (size_t)(end - c - 1);
		pdf_script_check(n < sizeof(name), "a name", c);
		memcpy(name, c + 1, n);
		name[n] = '\0';
		add_name(p, &b, name);
		c = end;
	}
	pdf_script_must(p, buf_done_str(&b, &text), "line");
	return text;
}
