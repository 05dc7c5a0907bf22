#include "validator/evidence_manifest.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

#define VERSION_LINE "bulla-evidence\t1\n"
#define HEX_SHA256 64

const char *evidence_manifest_kind_name(enum evidence_manifest_kind kind)
{
	static const char *const names[] = {
		[EVIDENCE_MANIFEST_ANCHOR] = "anchor",
		[EVIDENCE_MANIFEST_CERTIFICATE] = "certificate",
		[EVIDENCE_MANIFEST_CRL] = "crl",
		[EVIDENCE_MANIFEST_OCSP] = "ocsp",
		[EVIDENCE_MANIFEST_TIMESTAMP] = "timestamp",
	};
	return kind < EVIDENCE_MANIFEST_KINDS ? names[kind] : "";
}

/* -- writing -- */

static void add_hex(struct buf *b, struct bytes octets)
{
	for (size_t i = 0; i < octets.n; i++)
		buf_addf(b, "%02x", octets.p[i]);
}

static void add_text(struct buf *b, const char *text)
{
	if (!text) {
		buf_add_byte(b, '-');
		return;
	}
	/* So that the text "-" is not taken for none. */
	bool is_dash = strcmp(text, "-") == 0;
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c < 0x20 || *c == 0x7f || *c == '\\' || is_dash)
			buf_addf(b, "\\%02x", *c);
		else
			buf_add_byte(b, *c);
	}
}

static void add_file(struct buf *b, const struct evidence_manifest_file *f)
{
	add_hex(b, digest_bytes(&f->sha256));
	buf_addf(b, "\t%zu", f->size);
}

static void add_head(struct buf *b, const struct evidence_manifest *m)
{
	char at[INSTANT_TEXT];
	instant_to_rfc3339(m->at, at);
	buf_add_str(b, VERSION_LINE "program\t");
	add_text(b, m->program);
	buf_add_str(b, "\ndocument\t");
	add_file(b, &m->document);
	buf_add_byte(b, '\t');
	add_text(b, m->name);
	buf_addf(b, "\ninstant\t%s\nconclusion\t%s\npolicy\t", at,
	    report_conclusion_name(m->conclusion));
	add_file(b, &m->policy);
	buf_add_str(b, "\nreport\t");
	add_file(b, &m->report);
	buf_addf(b, "\nunreadable\t%zu\n", m->n_unreadable);
}

static void add_item(struct buf *b, const struct evidence_manifest_item *i, size_t order)
{
	buf_addf(b, "%s\t%zu\t", evidence_manifest_kind_name(i->kind), order);
	add_file(b, &i->file);
	buf_addf(b, "\t%s\t%s\t%s\t", evidence_source_name(i->source),
	    i->is_given ? "given" : "found", i->is_used ? "used" : "spare");
	add_text(b, i->url);
	buf_add_byte(b, '\n');
}

/* The place of each item within its kind; false when the kinds, or what was given and found, do not
 * come in their order. */
static bool next_place(const struct evidence_manifest *m, size_t i, size_t *order)
{
	const struct evidence_manifest_item *now = &m->items[i], *before = now - 1;
	bool is_first = i == 0 || before->kind != now->kind;
	*order = is_first ? 1 : *order + 1;
	if (i == 0)
		return true;
	return is_first ? before->kind < now->kind : before->is_given || !now->is_given;
}

static enum err add_digest(struct scope *s, struct buf *b)
{
	struct digest sha256;
	TRY(digest_of_bytes(s, DIGEST_SHA256, buf_bytes(b), &sha256));
	buf_add_str(b, "sha256\t");
	add_hex(b, digest_bytes(&sha256));
	buf_add_byte(b, '\n');
	return OK;
}

enum err evidence_manifest_write(
    struct scope *s, const struct evidence_manifest *m, struct bytes *ret_text)
{
	struct buf b = buf_new(s, LIMIT_EVIDENCE_MANIFEST);
	char at[INSTANT_TEXT];
	struct instant again;
	instant_to_rfc3339(m->at, at);
	if (!instant_of_rfc3339(bytes_of_str(at), &again) || !instant_equal(again, m->at))
		return scope_fault(s, ERR_MISUSE, "evidence: the validation time has no date");
	add_head(&b, m);
	for (size_t i = 0, order = 0; i < m->n_items; i++) {
		if (!next_place(m, i, &order))
			return scope_fault(s, ERR_MISUSE, "evidence: items are out of order");
		add_item(&b, &m->items[i], order);
	}
	for (size_t i = 0; i < m->n_failures; i++) {
		buf_addf(&b, "failure\t%zu\t", i + 1);
		add_text(&b, m->failures[i].url);
		buf_add_byte(&b, '\t');
		add_text(&b, m->failures[i].why);
		buf_add_byte(&b, '\n');
	}
	if (b.failed == OK)
		TRY(add_digest(s, &b));
	return buf_done(&b, ret_text);
}

/* -- reading -- */

/* What is left of the text, and of the line being read. */
struct reader {
	struct scope *s;
	struct bytes rest, line;
	unsigned n; /* lines taken so far */
};

static enum err bad(struct reader *r, const char *why)
{
	return scope_fault(r->s, ERR_FORMAT, "line %u: %s", r->n, why);
}

static enum err next_line(struct reader *r)
{
	size_t end = bytes_find(r->rest, BYTES_LIT("\n"), 0);
	r->n++;
	if (end == BYTES_NOT_FOUND)
		return bad(r, "no line, or one without an end");
	r->line = bytes_cut(r->rest, 0, end);
	r->rest = bytes_from(r->rest, end + 1);
	return OK;
}

/* The next field of the line; empty when there is no more. */
static struct bytes take_field(struct reader *r)
{
	size_t end = bytes_find(r->line, BYTES_LIT("\t"), 0);
	struct bytes field = bytes_cut(r->line, 0, end);
	r->line = end == BYTES_NOT_FOUND ? BYTES_NONE : bytes_from(r->line, end + 1);
	return field;
}

static enum err expect_line(struct reader *r, const char *name)
{
	TRY(next_line(r));
	if (bytes_equal_str(take_field(r), name))
		return OK;
	return scope_fault(r->s, ERR_FORMAT, "line %u: \"%s\" is wanted", r->n, name);
}

static enum err take_number(struct reader *r, size_t *ret_number)
{
	struct bytes f = take_field(r);
	size_t number = 0;
	if (f.n == 0 || f.n > 18)
		return bad(r, "a number is wanted");
	for (size_t i = 0; i < f.n; i++) {
		if (f.p[i] < '0' || f.p[i] > '9')
			return bad(r, "a number is wanted");
		number = 10 * number + (size_t)(f.p[i] - '0');
	}
	*ret_number = number;
	return OK;
}

static enum err take_sha256(struct reader *r, struct digest *ret_digest)
{
	struct bytes f = take_field(r), octets;
	if (f.n != HEX_SHA256 || bytes_of_hex(r->s, f, &octets) != OK) {
		scope_forgive(r->s);
		return bad(r, "a SHA-256 value is wanted");
	}
	*ret_digest = (struct digest){ .alg = DIGEST_SHA256, .n = octets.n };
	memcpy(ret_digest->value, octets.p, octets.n);
	return OK;
}

static enum err take_file(struct reader *r, struct evidence_manifest_file *ret_file)
{
	TRY(take_sha256(r, &ret_file->sha256));
	return take_number(r, &ret_file->size);
}

static enum err take_text(struct reader *r, const char **ret_text)
{
	struct bytes f = take_field(r), octet;
	struct buf b = buf_new(r->s, f.n + 1);
	char *text;
	*ret_text = NULL;
	if (bytes_equal_str(f, "-"))
		return OK;
	for (size_t i = 0; i < f.n; i++) {
		if (f.p[i] != '\\') {
			buf_add_byte(&b, f.p[i]);
			continue;
		}
		if (f.n - i < 3 || bytes_of_hex(r->s, bytes_cut(f, i + 1, 2), &octet) != OK) {
			scope_forgive(r->s);
			return bad(r, "a backslash without two hexadecimal digits");
		}
		buf_add(&b, octet);
		i += 2;
	}
	TRY(buf_done_str(&b, &text));
	*ret_text = text;
	return OK;
}

/* A word out of two. */
static enum err take_either(struct reader *r, const char *yes, const char *no, bool *ret_yes)
{
	struct bytes f = take_field(r);
	*ret_yes = bytes_equal_str(f, yes);
	return *ret_yes || bytes_equal_str(f, no) ? OK : bad(r, "an unknown word");
}

static enum err take_conclusion(struct reader *r, enum report_conclusion *ret_conclusion)
{
	struct bytes f = take_field(r);
	for (int c = CONCLUSION_TOTAL_PASSED; c <= CONCLUSION_NO_SIGNATURE; c++)
		if (bytes_equal_str(f, report_conclusion_name((enum report_conclusion)c))) {
			*ret_conclusion = (enum report_conclusion)c;
			return OK;
		}
	return bad(r, "no conclusion");
}

static enum err take_source(struct reader *r, enum evidence_source *ret_source)
{
	struct bytes f = take_field(r);
	for (int e = EVIDENCE_SIGNATURE; e <= EVIDENCE_ANCHOR; e++)
		if (bytes_equal_str(f, evidence_source_name((enum evidence_source)e))) {
			*ret_source = (enum evidence_source)e;
			return OK;
		}
	return bad(r, "no source");
}

static enum err read_head(struct reader *r, struct evidence_manifest *m)
{
	TRY(expect_line(r, "program"));
	TRY(take_text(r, &m->program));
	TRY(expect_line(r, "document"));
	TRY(take_file(r, &m->document));
	TRY(take_text(r, &m->name));
	TRY(expect_line(r, "instant"));
	if (!instant_of_rfc3339(take_field(r), &m->at))
		return bad(r, "no instant");
	TRY(expect_line(r, "conclusion"));
	TRY(take_conclusion(r, &m->conclusion));
	TRY(expect_line(r, "policy"));
	TRY(take_file(r, &m->policy));
	TRY(expect_line(r, "report"));
	TRY(take_file(r, &m->report));
	TRY(expect_line(r, "unreadable"));
	TRY(take_number(r, &m->n_unreadable));
	if (!m->program || !m->name)
		return bad(r, "a name is wanted");
	return OK;
}

/* Lines whose first field is `name`. */
static size_t count_lines(struct bytes text, const char *name)
{
	size_t n = 0, length = strlen(name);
	while (text.n) {
		struct bytes head = bytes_cut(text, 0, length);
		if (bytes_equal_str(head, name) && text.n > length && text.p[length] == '\t')
			n++;
		size_t end = bytes_find(text, BYTES_LIT("\n"), 0);
		text = end == BYTES_NOT_FOUND ? BYTES_NONE : bytes_from(text, end + 1);
	}
	return n;
}

static enum err check_order(struct reader *r, size_t wanted)
{
	size_t order;
	TRY(take_number(r, &order));
	return order == wanted ? OK : bad(r, "an item is missing before this one");
}

static enum err read_item(struct reader *r, struct evidence_manifest_item *item)
{
	TRY(take_file(r, &item->file));
	TRY(take_source(r, &item->source));
	TRY(take_either(r, "given", "found", &item->is_given));
	TRY(take_either(r, "used", "spare", &item->is_used));
	return take_text(r, &item->url);
}

static enum err read_kind(
    struct reader *r, enum evidence_manifest_kind kind, size_t n, struct evidence_manifest *m)
{
	for (size_t i = 0; i < n; i++) {
		struct evidence_manifest_item *item = &m->items[m->n_items++];
		TRY(expect_line(r, evidence_manifest_kind_name(kind)));
		TRY(check_order(r, i + 1));
		item->kind = kind;
		TRY(read_item(r, item));
	}
	return OK;
}

static enum err read_items(struct reader *r, struct evidence_manifest *m)
{
	size_t n[EVIDENCE_MANIFEST_KINDS], all = 0;
	for (int k = 0; k < EVIDENCE_MANIFEST_KINDS; k++) {
		n[k] = count_lines(
		    r->rest, evidence_manifest_kind_name((enum evidence_manifest_kind)k));
		if (n[k] > LIMIT_POOL_CERTIFICATES)
			return scope_fault(
			    r->s, ERR_LIMIT, "more than %d items", LIMIT_POOL_CERTIFICATES);
		all += n[k];
	}
	m->items = scope_alloc_array(r->s, all, sizeof(*m->items));
	if (!m->items)
		return ERR_NOMEM;
	for (int k = 0; k < EVIDENCE_MANIFEST_KINDS; k++)
		TRY(read_kind(r, (enum evidence_manifest_kind)k, n[k], m));
	return OK;
}

static enum err read_failures(struct reader *r, struct evidence_manifest *m)
{
	m->n_failures = count_lines(r->rest, "failure");
	if (m->n_failures > LIMIT_POOL_CERTIFICATES)
		return scope_fault(
		    r->s, ERR_LIMIT, "more than %d failures", LIMIT_POOL_CERTIFICATES);
	m->failures = scope_alloc_array(r->s, m->n_failures, sizeof(*m->failures));
	if (!m->failures)
		return ERR_NOMEM;
	for (size_t i = 0; i < m->n_failures; i++) {
		TRY(expect_line(r, "failure"));
		TRY(check_order(r, i + 1));
		TRY(take_text(r, &m->failures[i].url));
		TRY(take_text(r, &m->failures[i].why));
		if (!m->failures[i].url || !m->failures[i].why)
			return bad(r, "a failure without an address or a cause");
	}
	return OK;
}

/* First of all: nothing in a manifest with another digest means anything. */
static enum err check_digest(struct scope *s, struct bytes text)
{
	static const char mark[] = "sha256\t";
	const size_t n = sizeof(mark) - 1 + HEX_SHA256 + 1;
	struct bytes last = bytes_from(text, text.n > n ? text.n - n : 0);
	struct reader r = { .s = s, .rest = last };
	struct digest stored, is;
	if (next_line(&r) != OK || !bytes_equal_str(take_field(&r), "sha256") ||
	    take_sha256(&r, &stored) != OK || r.rest.n) {
		scope_forgive(s);
		return scope_fault(s, ERR_FORMAT, "its end is missing");
	}
	TRY(digest_of_bytes(s, DIGEST_SHA256, bytes_cut(text, 0, text.n - last.n), &is));
	if (!digest_equal(&stored, &is))
		return scope_fault(s, ERR_FORMAT, "its content was changed");
	return OK;
}

enum err evidence_manifest_parse(
    struct scope *s, struct bytes text, struct evidence_manifest *ret_manifest)
{
	struct evidence_manifest m = { 0 };
	struct reader r = { .s = s, .rest = text };
	struct bytes again;
	if (text.n > LIMIT_EVIDENCE_MANIFEST)
		return scope_fault(s, ERR_LIMIT, "larger than %zu octets", LIMIT_EVIDENCE_MANIFEST);
	TRY(check_digest(s, text));
	TRY(expect_line(&r, "bulla-evidence"));
	if (!bytes_equal_str(r.line, "1"))
		return scope_fault(s, ERR_UNSUPPORTED, "a version of the format that is not known");
	TRY(read_head(&r, &m));
	TRY(read_items(&r, &m));
	TRY(read_failures(&r, &m));
	/* One form only: other digits, further fields or lines do not come back. */
	enum err e = evidence_manifest_write(s, &m, &again);
	if (e == ERR_MISUSE) {
		scope_forgive(s);
		return scope_fault(s, ERR_FORMAT, "its items are out of order");
	}
	TRY(e);
	if (!bytes_equal(again, text))
		return scope_fault(s, ERR_FORMAT, "not in the one form that there is");
	*ret_manifest = m;
	return OK;
}
