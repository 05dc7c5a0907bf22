/*
 * What may be done to a sealed file by somebody without the key. The first octet selects one of a
 * few files that are sealed at the start, the others are a list of edits: octets changed, appended,
 * cut off or repeated, and updates with objects made of words of PDF and of the input's octets.
 *
 * Whatever they are: a signature is intact only with all of its octets in their place, and only
 * when pages and catalog show what they showed; one with more octets after it does not cover the
 * whole file; and what is not intact never passes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_signature.h"
#include "tests/support/sealed_bases.h"
#include "tests/support/sealed_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EDITS 24                   /* of one input */
#define FILE_MAX ((size_t)1 << 16) /* octets that a file may grow to */
#define SIGNATURES 2               /* of one file */

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_sealed: %s\n", what);
	abort();
}

/* -- the sealed files -- */

struct range {
	size_t a, b, end; /* [0, a) and [b, end) */
};

struct sealed {
	const char *name;
	struct bytes document;
	struct range range[SIGNATURES];
	size_t n_ranges;
	struct pdf_file *file;
	struct bytes *body; /* of each object that stands in the file: from after `obj` on */
	size_t prev;        /* its last section */
};

static struct office *office;
static const struct anchors *nobody;
static struct sealed files[] = { { .name = "one-page" }, { .name = "approval" },
	{ .name = "stream" }, { .name = "certified-1" }, { .name = "certified-2" },
	{ .name = "certified-3" }, { .name = "locked" }, { .name = "twice" } };
#define N_FILES (sizeof(files) / sizeof(files[0]))

static void read_ranges(struct sealed *x)
{
	struct pdf_signature_list list;
	check(pdf_file_open(office->s, x->document, BYTES_NONE, &x->file) == OK &&
		  pdf_signature_list(office->s, x->file, &list) == OK && list.n <= SIGNATURES,
	    "the seal cannot be read");
	for (size_t i = 0; i < list.n; i++) {
		const int64_t *r = list.item[i].byte_range;
		x->range[i] = (struct range){ (size_t)r[1], (size_t)r[2], (size_t)(r[2] + r[3]) };
	}
	x->n_ranges = list.n;
	x->prev = x->file->revisions[pdf_file_latest(x->file)].points_to;
}

static void read_bodies(struct sealed *x)
{
	const struct pdf_file *f = x->file;
	x->body = scope_alloc_array(office->s, (size_t)f->highest + 1, sizeof(*x->body));
	check(x->body != NULL, "no memory");
	for (uint32_t num = 1; num <= f->highest; num++) {
		const struct pdf_xref_entry *e = pdf_file_entry(f, pdf_file_latest(f), num, NULL);
		size_t start, end, body;
		struct pdf_ref ref;
		if (e && e->kind == PDF_ENTRY_OFFSET &&
		    pdf_file_object_span(office->s, f, e, &start, &end) == OK &&
		    pdf_syntax_object_header(f->bytes, start, &ref, &body))
			x->body[num] = bytes_cut(f->bytes, body, end - body);
	}
}

/* RSA, whose signatures are checked fast; nobody is trusted, for chains are not what this is about.
 */
static void prepare(void)
{
	static const char *const keys[] = { "root", "ca", "signer" };
	if (office)
		return;
	office = office_open();
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		mini_pki_entry(office->p, keys[i])->key_type = MINI_CA_RSA;
	check(anchors_new(office->s, NULL, 0, &nobody) == OK, "no anchors");
	for (size_t i = 0; i < N_FILES; i++) {
		files[i].document = sealed_bases_new(office, files[i].name);
		read_ranges(&files[i]);
		read_bodies(&files[i]);
	}
}

/* -- the edits -- */

struct edits {
	struct scope *s;
	const struct sealed *x;
	struct bytes left; /* of the input */
	struct buf out;    /* the file as it is now */
	size_t prev;
};

static uint8_t next(struct edits *e)
{
	if (e->left.n == 0)
		return 0;
	const uint8_t octet = e->left.p[0];
	e->left = bytes_from(e->left, 1);
	return octet;
}

/* A place among `n`: two octets, so that each can be met in files of this size. */
static size_t place(struct edits *e, size_t n)
{
	const size_t high = next(e), at = high << 8 | next(e);
	return n ? at % n : 0;
}

static struct bytes take(struct edits *e, size_t n)
{
	const struct bytes taken = bytes_cut(e->left, 0, n);
	e->left = bytes_from(e->left, taken.n);
	return taken;
}

/* Words that objects are made of; an octet above them stands for itself. */
static const char *const words[] = { "<<", ">>", "[", "]", " 0 R", "/Type", "/Catalog", "/Pages",
	"/Page", "/Kids", "/Count", "/Parent", "/Contents", "/Resources", "/Font", "/MediaBox",
	"/Annots", "/Annot", "/Subtype", "/Widget", "/Rect", "/AP", "/N", "/V", "/FT", "/Sig",
	"/Tx", "/T", "/AcroForm", "/Fields", "/DSS", "/Certs", "/Metadata", "/Extensions",
	"/OpenAction", "/AA", "/Names", "/Perms", "/DocMDP", "/ByteRange", "/Reference", "/Lock",
	"null", "true", "(text)", "<00>", "[0 0 9 9]", " 1 ", " 2 ", " 3 ", " 4 ", " 5 ", " 6 ",
	" 7 ", " 8 ", " 9 ", " 10 ", " 12 ", " 13 ", " 62 ", " 63 ", " 64 ", "/SigFlags 3",
	"/OCProperties", "/StructTreeRoot", "/F 4", "/Text", "/P", "/Root", "/Size", "/Prev",
	"/Info", "stream\n", "\nendstream", "endobj\n", "xref\n", "trailer\n", "startxref\n",
	"%%EOF\n", "0 obj\n" };
#define N_WORDS (sizeof(words) / sizeof(words[0]))

static void add_words(struct edits *e, size_t n)
{
	for (size_t i = 0; i < n && e->left.n; i++) {
		const uint8_t octet = next(e);
		if (octet >= 128)
			buf_add_str(&e->out, words[octet % N_WORDS]);
		else
			buf_add_byte(&e->out, octet);
	}
}

/* An object as it is in the sealed file, with octets left out and words put in. */
static void add_variation(struct edits *e, uint32_t num)
{
	const struct bytes body = num <= e->x->file->highest ? e->x->body[num] : BYTES_NONE;
	const size_t cut = place(e, body.n), skip = next(e) % 16;
	buf_add(&e->out, bytes_cut(body, 0, cut));
	add_words(e, next(e) % 16);
	buf_add(&e->out, bytes_from(body, cut + skip));
	buf_add_str(&e->out, body.n ? "\n" : "\nendobj\n");
}

static void add_section(struct edits *e, const uint32_t *nums, const size_t *at, size_t n)
{
	const size_t table = e->out.n;
	uint32_t size = e->x->file->highest + 1;
	buf_add_str(&e->out, "xref\n");
	for (size_t i = 0; i < n; i++) {
		buf_addf(&e->out, "%lu 1\n%010zu 00000 n \n", (unsigned long)nums[i], at[i]);
		size = nums[i] >= size ? nums[i] + 1 : size;
	}
	buf_addf(
	    &e->out, "trailer\n<< /Size %lu /Root 1 0 R /Prev %zu ", (unsigned long)size, e->prev);
	if (pdf_value_find(e->x->file->trailer, "Info"))
		buf_add_str(&e->out, "/Info 52 0 R ");
	add_words(e, next(e) % 8);
	buf_addf(&e->out, ">>\nstartxref\n%zu\n%%%%EOF\n", table);
	e->prev = table;
}

/* A well-formed update, as far as its objects are. */
static void add_update(struct edits *e)
{
	uint32_t nums[4];
	size_t at[4];
	const size_t n = 1 + next(e) % 4;
	for (size_t i = 0; i < n; i++) {
		nums[i] = 1 + next(e) % (e->x->file->highest + 4);
		at[i] = e->out.n;
		buf_addf(&e->out, "%lu 0 obj\n", (unsigned long)nums[i]);
		if (next(e) & 1) {
			add_variation(e, nums[i]);
			continue;
		}
		add_words(e, next(e));
		buf_add_str(&e->out, "\nendobj\n");
	}
	add_section(e, nums, at, n);
}

static void change_octet(struct edits *e, size_t start, size_t n)
{
	const size_t at = start + place(e, n);
	const uint8_t by = next(e);
	if (at < e->out.n)
		e->out.p[at] ^= by;
}

/* A range of the file once more: at its end, or over another place of the same length. */
static void repeat(struct edits *e)
{
	const size_t from = place(e, e->out.n), n = place(e, e->out.n - from);
	struct bytes copy;
	if (bytes_copy(e->s, bytes_of(e->out.p + from, n), &copy) != OK)
		return;
	if (next(e) & 1) {
		buf_add(&e->out, copy);
		return;
	}
	const size_t to = place(e, e->out.n - n);
	if (n)
		memcpy(e->out.p + to, copy.p, n);
}

static void edit(struct edits *e)
{
	const struct range *r = &e->x->range[0];
	switch (next(e) % 8) {
	case 0:
		change_octet(e, 0, r->a);
		break;
	case 1:
		change_octet(e, r->b, r->end - r->b);
		break;
	case 2:
		change_octet(e, r->a, r->b - r->a);
		break;
	case 3:
		buf_add(&e->out, take(e, next(e)));
		break;
	case 4:
		add_words(e, next(e));
		break;
	case 5:
		e->out.n -= place(e, e->out.n);
		break;
	case 6:
		repeat(e);
		break;
	case 7:
		add_update(e);
		break;
	}
}

/* -- the invariants -- */

/* The octets of a signature are in their place, by whatever dictionary it is known now. */
static bool is_one_of(const struct sealed *x, struct bytes now, const struct pdf_signature *p)
{
	for (size_t i = 0; i < x->n_ranges; i++) {
		const struct range *r = &x->range[i];
		if (p->byte_range[0] == 0 && (size_t)p->byte_range[1] == r->a &&
		    (size_t)p->byte_range[2] == r->b &&
		    (size_t)(p->byte_range[2] + p->byte_range[3]) == r->end)
			return now.n >= r->end && memcmp(now.p, x->document.p, r->a) == 0 &&
			       memcmp(now.p + r->b, x->document.p + r->b, r->end - r->b) == 0;
	}
	return false;
}

static bool is_white(struct bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if (!pdf_syntax_is_white(b.p[i]))
			return false;
	return true;
}

static void check_signature(
    const struct sealed *x, struct bytes now, const struct report_signature *sig)
{
	const struct pdf_signature *p = sig->facts->pdf;
	bool any_forbidden = false;
	check(sig->indication != INDICATION_PASSED, "passed, trusting nobody");
	for (size_t i = 0; i < sig->n_modifications; i++)
		any_forbidden |= !sig->modifications[i].allowed;
	check(!sig->intact || !any_forbidden, "intact, and something forbidden changed");
	check(!sig->intact || sig->coverage.valid, "intact, range not valid");
	check(!sig->intact || is_one_of(x, now, p), "intact, and octets of it were changed");
	if (sig->coverage.whole_file) {
		const size_t end = (size_t)(p->byte_range[2] + p->byte_range[3]);
		check(end <= now.n && is_white(bytes_from(now, end)), "whole, and more follows");
	}
}

static void judge(struct scope *s, const struct sealed *x, struct bytes now)
{
	const struct validate_request q = { .name = "fuzz",
		.document = now,
		.anchors = nobody,
		.policy = policy_default(),
		.at = office->w->now,
		.offline = true };
	struct report *r;
	bool any_intact = false;
	if (validate_pdf(s, NULL, &q, &r) != OK) {
		check(!bytes_equal(now, x->document), "the seal as it was cannot be judged");
		return;
	}
	for (size_t i = 0; i < r->n_signatures; i++) {
		check_signature(x, now, &r->signatures[i]);
		any_intact |= r->signatures[i].intact;
	}
	if (bytes_equal(now, x->document))
		check(r->n_signatures == x->n_ranges && r->signatures[0].intact &&
			  r->signatures[x->n_ranges - 1].coverage.whole_file,
		    "the seal as it was is not intact");
	else if (any_intact)
		check(sealed_view_is_same(office->s, x->file, s, now),
		    "intact, and pages or catalog differ");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prepare();
	struct scope *s = scope_new((size_t)256 << 20);
	if (!s)
		return 0;
	struct edits e = { .s = s, .left = bytes_of(data, size), .out = buf_new(s, FILE_MAX) };
	e.x = &files[next(&e) % N_FILES];
	e.prev = e.x->prev;
	buf_add(&e.out, e.x->document);
	for (int i = 0; i < EDITS && e.left.n; i++)
		edit(&e);
	struct bytes now;
	if (buf_done(&e.out, &now) == OK)
		judge(s, e.x, now);
	scope_free(s);
	return 0;
}
