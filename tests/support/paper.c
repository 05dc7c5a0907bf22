#include "tests/support/paper.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_text.h"
#include "formats/pdf_syntax.h"
#include "formats/pdf_update.h"
#include "formats/pdf_update_cipher.h"
#include "sealer/field.h"
#include "tests/support/contract.h"
#include "tests/support/paper_shadow.h"
#include "tests/support/pdf_make.h"

#define ROOM 12000 /* octets of /Contents */

static void must(struct paper *d, enum err err, const char *what)
{
	if (err == OK)
		return;
	fprintf(stderr, "paper: %s: %s: %s\n", what, err_name(err), scope_fault_text(d->s));
	abort();
}

/* -- what there is before -- */

static struct bytes with_table(struct pdf_make *m)
{
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static struct bytes make_junk(struct scope *s)
{
	struct buf b = buf_new(s, 1 << 20);
	struct bytes all;
	buf_add_str(&b, "junk before\n");
	buf_add(&b, pdf_make_one_page(s));
	return buf_done(&b, &all) == OK ? all : BYTES_NONE;
}

static struct bytes make_rights(struct scope *s)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R /Perms << /UR3 6 0 R >> >>");
	pdf_make_object(m, 6, "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>");
	pdf_make_table(m, "/Root 1 0 R");
	return pdf_make_done(m);
}

static struct bytes make_stray(struct scope *s)
{
	struct pdf_make *m = pdf_make_begin_one_page(s);
	pdf_make_object(m, 9, "<< /Type /Sig /ByteRange [0 10 20 10] /Contents <00> >>");
	return with_table(m);
}

static struct bytes make_dangling(struct scope *s)
{
	return with_table(pdf_make_begin_page(s, "<< /Type /Catalog /Pages 2 0 R >>",
	    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents [4 0 R 99 0 R] "
	    "/Resources << /Font << /F1 5 0 R >> >> >>",
	    "Bulla"));
}

static struct bytes make_fields(struct scope *s, const char *a, const char *type, const char *b)
{
	struct pdf_make *m = pdf_make_begin_page(s,
	    "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R 8 0 R] >> >>",
	    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
	    "/Resources << /Font << /F1 5 0 R >> >> /Annots [7 0 R 8 0 R] >>",
	    "Bulla");
	pdf_make_objectf(m, 7,
	    "<< /Type /Annot /Subtype /Widget /FT /%s /T (%s) /F 4 /P 3 0 R "
	    "/Rect [72 600 300 620] >>",
	    type, a);
	pdf_make_objectf(m, 8,
	    "<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /F 132 /P 3 0 R "
	    "/Rect [72 500 300 560] >>",
	    b);
	return with_table(m);
}

static struct bytes make_twins(struct scope *s)
{
	return make_fields(s, "seal", "Tx", "seal");
}

static struct bytes make_pair(struct scope *s)
{
	return make_fields(s, "a", "Sig", "b");
}

static struct bytes make_contract(struct scope *s)
{
	return contract_new(s, CONTRACT_TABLE);
}

static struct bytes make_contract_stream(struct scope *s)
{
	return contract_new(s, CONTRACT_STREAM);
}

struct paper *paper_new(struct mini_pki *p, const char *base)
{
	static const struct {
		const char *name;
		struct bytes (*make)(struct scope *s);
	} bases[] = { { "one-page", pdf_make_one_page }, { "form", pdf_make_form },
		{ "compressed", pdf_make_compressed }, { "linearized", pdf_make_linearized },
		{ "junk", make_junk }, { "stray", make_stray }, { "rights", make_rights },
		{ "dangling", make_dangling }, { "twins", make_twins }, { "pair", make_pair },
		{ "contract", make_contract }, { "contract-stream", make_contract_stream } };
	struct paper *d = scope_alloc(p->s, sizeof(*d));
	mini_ca_check(d != NULL, "paper");
	*d = (struct paper){ .s = p->s, .pki = p };
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		if (strcmp(bases[i].name, base) == 0)
			d->document = bases[i].make(p->s);
	if (d->document.n == 0)
		d->document = paper_shadow_base(p->s, base);
	mini_ca_check(d->document.n > 0, base);
	return d;
}

/* -- updates -- */

struct sheet {
	struct pdf_file *file;
	struct pdf_signature_list signatures;
	struct pdf_update *update;
};

static void open_sheet(struct paper *d, struct sheet *t)
{
	static const uint8_t seed[PDF_UPDATE_CIPHER_SEED] = "random enough";
	must(d, pdf_file_open_by(d->s, d->document, &d->means, &t->file), "open");
	must(d, pdf_signature_list(d->s, t->file, &t->signatures), "signatures");
	must(d, pdf_update_new(d->s, t->file, bytes_of(seed, sizeof(seed)), &t->update), "update");
}

static void add_octets(struct paper *d, struct bytes more)
{
	struct buf b = buf_new(d->s, SIZE_MAX / 2);
	buf_add(&b, d->document);
	buf_add(&b, more);
	must(d, buf_done(&b, &d->document), "append");
}

static void close_sheet(struct paper *d, struct sheet *t)
{
	struct pdf_update_result r;
	must(d, pdf_update_close(t->update, &r), "close");
	add_octets(d, bytes_of(r.p, r.n));
}

/* A value written in PDF syntax. */
static const struct pdf_value *value_of(struct paper *d, const char *text)
{
	const struct pdf_value *v;
	size_t at = 0;
	must(d, pdf_syntax_value(d->s, bytes_of_str(text), &at, &v), text);
	return v;
}

static struct pdf_value *copy_of(struct paper *d, struct sheet *t, struct pdf_ref ref)
{
	const struct pdf_value *v;
	must(d, pdf_update_object(t->update, ref, &v), "object");
	struct pdf_value *copy = pdf_value_copy(d->s, v);
	mini_ca_check(copy != NULL, "copy");
	return copy;
}

static void set(struct paper *d, struct pdf_value *dict, const char *key, const struct pdf_value *v)
{
	must(d, pdf_value_set(d->s, dict, key, v), key);
}

static struct pdf_ref put_new(struct paper *d, struct sheet *t, const struct pdf_value *v)
{
	struct pdf_ref ref;
	must(d, pdf_update_reserve(t->update, &ref), "reserve");
	must(d, pdf_update_put(t->update, ref, v), "put");
	return ref;
}

/* -- signatures -- */

static struct pdf_value *signature_dict(struct paper *d, const struct paper_signature *spec)
{
	char text[160];
	struct bytes date;
	const char *filter = spec->is_timestamp ? "ETSI.RFC3161" : "ETSI.CAdES.detached";
	struct pdf_value *v = pdf_value_copy(d->s, value_of(d, "<< /Filter /Adobe.PPKLite >>"));
	set(d, v, "Type", pdf_value_new_name(d->s, spec->is_timestamp ? "DocTimeStamp" : "Sig"));
	set(d, v, "SubFilter",
	    pdf_value_new_name(d->s, spec->sub_filter ? spec->sub_filter : filter));
	if (spec->duplicate_key)
		set(d, v, "Typo", pdf_value_new_name(d->s, "Sig"));
	if (spec->claimed) {
		must(d, pdf_text_of_date(d->s, (struct instant){ spec->claimed }, &date), "date");
		set(d, v, "M", pdf_value_new_string(d->s, date));
	}
	if (spec->reference)
		set(d, v, "Reference", value_of(d, spec->reference));
	else if (spec->docmdp || spec->lock_all) {
		snprintf(text, sizeof(text),
		    "[<< /Type /SigRef /TransformMethod /%s /TransformParams "
		    "<< /Type /TransformParams /V /1.2 /%s >> >>]",
		    spec->docmdp ? "DocMDP" : "FieldMDP",
		    spec->docmdp == 1   ? "P 1"
		    : spec->docmdp == 2 ? "P 2"
		    : spec->docmdp      ? "P 3"
					: "Action /All");
		char *kept;
		must(d, bytes_to_str(d->s, bytes_of_str(text), &kept), "text");
		set(d, v, "Reference", value_of(d, kept));
	}
	return v;
}

static size_t find(const struct pdf_update_result *r, const char *text)
{
	size_t at = bytes_find_last(bytes_of(r->p, r->n), bytes_of_str(text), r->n);
	mini_ca_check(at != BYTES_NOT_FOUND, text);
	return at;
}

/* The ranges as the trick wants them, also into the dictionary. */
static void set_ranges(const struct paper *d, enum paper_range range,
    const struct pdf_update_result *r, size_t ret_range[4])
{
	size_t start = r->contents_start, end = r->contents_end, size = r->file_size;
	size_t a[4] = { 0, start, end, size - end };
	a[0] += range == PAPER_RANGE_FROM_1;
	a[1] -= range == PAPER_RANGE_FROM_1 || range == PAPER_RANGE_GAP_EARLY;
	a[1] += range == PAPER_RANGE_BRACKETS;
	if (range == PAPER_RANGE_OVERLAP)
		a[1] = d->document.n - 20;
	a[2] += range == PAPER_RANGE_GAP_WIDE;
	a[2] -= range == PAPER_RANGE_BRACKETS;
	a[3] = size - a[2];
	a[3] += range == PAPER_RANGE_BEYOND;
	if (range == PAPER_RANGE_SHORT)
		a[3] -= 8;
	if (range == PAPER_RANGE_EMPTY_TAIL)
		a[3] = 0;
	memcpy(ret_range, a, sizeof(a));
	size_t at = find(r, "/ByteRange ");
	if (range == PAPER_RANGE_MISSING)
		r->p[at + 1] = 'Q';
	char text[96];
	int n = snprintf(text, sizeof(text), "[%zu %zu %zu%s %zu]", a[0], a[1], a[2],
	    range == PAPER_RANGE_FRACTION ? ".5" : "", a[3]);
	size_t room = find(r, "\n/Contents ") - at - strlen("/ByteRange ");
	mini_ca_check(n > 0 && (size_t)n <= room, "room for the ByteRange");
	memset(r->p + at + strlen("/ByteRange "), ' ', room);
	memcpy(r->p + at + strlen("/ByteRange "), text, (size_t)n);
}

static struct bytes whole_of(struct paper *d, const struct pdf_update_result *r)
{
	struct buf b = buf_new(d->s, SIZE_MAX / 2);
	struct bytes all;
	buf_add(&b, d->document);
	buf_add(&b, bytes_of(r->p, r->n));
	must(d, buf_done(&b, &all), "join");
	return all;
}

static struct bytes contents_of(
    struct paper *d, const struct paper_signature *spec, const struct bytes *parts)
{
	struct bytes cms;
	if (spec->garbage)
		return BYTES_LIT("\x30\x03\x02\x01\x00");
	if (spec->is_timestamp)
		cms = paper_cms_token(d->pki, &spec->cms.stamps[0], parts, 2);
	else
		cms = paper_cms(d->pki, &spec->cms, parts);
	if (!spec->trailing)
		return cms;
	struct buf b = buf_new(d->s, ROOM);
	buf_add(&b, cms);
	buf_add_str(&b, "after");
	must(d, buf_done(&b, &cms), "contents");
	return cms;
}

static void share(struct paper *d, struct sheet *t, const char *name, struct pdf_ref value)
{
	for (size_t i = 0; i < t->signatures.n_unsigned; i++) {
		const struct pdf_signature *f = &t->signatures.unsigned_fields[i];
		if (strcmp(f->name, name) != 0)
			continue;
		struct pdf_value *field = copy_of(d, t, f->field);
		set(d, field, "V", pdf_value_new_ref(d->s, value));
		must(d, pdf_update_put(t->update, f->field, field), "put");
		return;
	}
	mini_ca_check(false, "field to share");
}

void paper_sign(struct paper *d, const struct paper_signature *spec)
{
	struct sheet t;
	struct field_place place = { 0 };
	struct pdf_update_result r;
	size_t range[4];
	open_sheet(d, &t);
	must(d,
	    field_place(
		d->s, t.file, &t.signatures, t.update, spec->field, spec->is_timestamp, &place),
	    "field");
	if (spec->share_with)
		share(d, &t, spec->share_with, place.value);
	struct pdf_value *dict = signature_dict(d, spec);
	must(d, pdf_update_put_signature(t.update, place.value, dict, ROOM), "signature");
	must(d, pdf_update_close(t.update, &r), "close");
	if (spec->duplicate_key)
		r.p[find(&r, "/Typo") + 4] = 'e';
	set_ranges(d, spec->range, &r, range);
	struct bytes whole = whole_of(d, &r);
	const struct bytes parts[] = { bytes_cut(whole, range[0], range[1]),
		bytes_cut(whole, range[2], range[3]) };
	if (!spec->no_contents)
		must(d, pdf_update_fill(d->s, t.file, &r, contents_of(d, spec, parts)), "fill");
	add_octets(d, bytes_of(r.p, r.n));
}

/* -- validation data -- */

static const struct pdf_value *streams(
    struct paper *d, struct sheet *t, const struct bytes *items, size_t n)
{
	struct pdf_value *array = pdf_value_new_array(d->s);
	for (size_t i = 0; i < n; i++) {
		struct pdf_value *stream =
		    pdf_value_new_stream(d->s, pdf_value_new_dict(d->s), items[i]);
		struct pdf_ref ref = put_new(d, t, stream);
		must(d, pdf_value_append(d->s, array, pdf_value_new_ref(d->s, ref)), "append");
	}
	return array;
}

void paper_store(struct paper *d, const struct paper_store *items)
{
	struct sheet t;
	open_sheet(d, &t);
	struct pdf_value *dss = pdf_value_new_dict(d->s);
	set(d, dss, "Type", pdf_value_new_name(d->s, "DSS"));
	set(d, dss, "Certs", streams(d, &t, items->certs, items->n_certs));
	set(d, dss, "CRLs", streams(d, &t, items->crls, items->n_crls));
	set(d, dss, "OCSPs", streams(d, &t, items->ocsps, items->n_ocsps));
	struct pdf_value *catalog = copy_of(d, &t, t.file->root);
	set(d, catalog, "DSS", pdf_value_new_ref(d->s, put_new(d, &t, dss)));
	must(d, pdf_update_put(t.update, t.file->root, catalog), "catalog");
	close_sheet(d, &t);
}

/* -- other changes -- */

static struct pdf_ref first_page(struct paper *d, struct sheet *t)
{
	struct pdf_ref ref;
	const struct pdf_value *page;
	must(d, pdf_file_page(d->s, t->file, pdf_file_latest(t->file), 0, &ref, &page), "page");
	return ref;
}

static const struct pdf_value *contents_stream(struct paper *d)
{
	return pdf_value_new_stream(
	    d->s, pdf_value_new_dict(d->s), BYTES_LIT("BT /F1 24 Tf 72 720 Td (Forged) Tj ET"));
}

static void change_page(struct paper *d, struct sheet *t)
{
	struct pdf_ref page = first_page(d, t);
	struct pdf_value *dict = copy_of(d, t, page);
	set(d, dict, "Contents", pdf_value_new_ref(d->s, put_new(d, t, contents_stream(d))));
	must(d, pdf_update_put(t->update, page, dict), "put");
}

static void change_content(struct paper *d, struct sheet *t)
{
	must(d, pdf_update_put(t->update, (struct pdf_ref){ 4, 0 }, contents_stream(d)), "put");
}

static void add_annotation(struct paper *d, struct sheet *t, const char *text)
{
	struct pdf_ref page = first_page(d, t);
	struct pdf_value *dict = copy_of(d, t, page);
	const struct pdf_value *old = pdf_value_find(dict, "Annots");
	struct pdf_value *annots =
	    old && old->kind == PDF_ARRAY ? pdf_value_copy(d->s, old) : pdf_value_new_array(d->s);
	struct pdf_ref note = put_new(d, t, value_of(d, text));
	must(d, pdf_value_append(d->s, annots, pdf_value_new_ref(d->s, note)), "append");
	set(d, dict, "Annots", annots);
	must(d, pdf_update_put(t->update, page, dict), "put");
}

static void change_annotation(struct paper *d, struct sheet *t)
{
	add_annotation(
	    d, t, "<< /Type /Annot /Subtype /Text /Contents (a note) /Rect [10 10 30 30] >>");
}

/* On the page's text. */
static void change_overlay(struct paper *d, struct sheet *t)
{
	add_annotation(
	    d, t, "<< /Type /Annot /Subtype /FreeText /Contents (x) /Rect [60 700 300 760] >>");
}

static void change_fill(struct paper *d, struct sheet *t)
{
	struct pdf_ref field = { 7, 0 };
	struct pdf_value *dict = copy_of(d, t, field);
	set(d, dict, "V", pdf_value_new_string(d->s, BYTES_LIT("filled in")));
	must(d, pdf_update_put(t->update, field, dict), "put");
}

static void change_info(struct paper *d, struct sheet *t)
{
	struct pdf_ref info = put_new(d, t, value_of(d, "<< /Title (another) >>"));
	must(d, pdf_update_set_trailer(t->update, "Info", pdf_value_new_ref(d->s, info)), "info");
}

static void change_catalog(struct paper *d, struct sheet *t, const char *key, const char *value)
{
	struct pdf_value *catalog = copy_of(d, t, t->file->root);
	set(d, catalog, key, value_of(d, value));
	must(d, pdf_update_put(t->update, t->file->root, catalog), "put");
}

static void change_script(struct paper *d, struct sheet *t)
{
	change_catalog(d, t, "OpenAction", "<< /S /JavaScript /JS (app.alert\\(1\\)) >>");
}

/* A text field of its own among those of the form. */
static void change_field(struct paper *d, struct sheet *t)
{
	struct pdf_ref form = { 6, 0 };
	struct pdf_value *dict = copy_of(d, t, form);
	struct pdf_value *fields = pdf_value_copy(d->s, pdf_value_find(dict, "Fields"));
	struct pdf_ref field = put_new(d, t, value_of(d, "<< /FT /Tx /T (another) /V (x) >>"));
	must(d, pdf_value_append(d->s, fields, pdf_value_new_ref(d->s, field)), "append");
	set(d, dict, "Fields", fields);
	must(d, pdf_update_put(t->update, form, dict), "put");
}

static void change_nothing(struct paper *d, struct sheet *t)
{
	must(d, pdf_update_set_trailer(t->update, "Bulla", pdf_value_new_int(d->s, 1)), "trailer");
}

/* By hand, for no writer would take that number. */
static void define_dangling(struct paper *d)
{
	struct pdf_file *f;
	char text[512];
	must(d, pdf_file_open_by(d->s, d->document, &d->means, &f), "open");
	size_t object = d->document.n, prev = f->revisions[pdf_file_latest(f)].points_to;
	int n = snprintf(text, sizeof(text),
	    "99 0 obj\n<< /Length 37 >>\nstream\n"
	    "BT /F1 24 Tf 72 600 Td (Forged) Tj ET\nendstream\nendobj\n");
	size_t table = object + (size_t)n;
	snprintf(text + n, sizeof(text) - (size_t)n,
	    "xref\n99 1\n%010zu 00000 n \ntrailer\n<< /Size 100 /Root 1 0 R /Prev %zu >>\n"
	    "startxref\n%zu\n%%%%EOF\n",
	    object, prev, table);
	paper_append(d, text);
}

void paper_change(struct paper *d, const char *what)
{
	static const struct {
		const char *name;
		void (*change)(struct paper *d, struct sheet *t);
	} kinds[] = { { "page", change_page }, { "content", change_content },
		{ "annotation", change_annotation }, { "overlay", change_overlay },
		{ "fill", change_fill }, { "info", change_info }, { "script", change_script },
		{ "field", change_field }, { "nothing", change_nothing } };
	struct sheet t;
	if (strcmp(what, "dangling") == 0) {
		define_dangling(d);
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, what) != 0)
			continue;
		open_sheet(d, &t);
		kinds[i].change(d, &t);
		close_sheet(d, &t);
		return;
	}
	mini_ca_check(false, what);
}

void paper_append(struct paper *d, const char *octets)
{
	add_octets(d, bytes_of_str(octets));
}

void paper_flip(struct paper *d, size_t at)
{
	struct bytes copy;
	mini_ca_check(at < d->document.n, "octet to flip");
	must(d, bytes_copy(d->s, d->document, &copy), "copy");
	((uint8_t *)(uintptr_t)copy.p)[at] ^= 1;
	d->document = copy;
}

void paper_cut(struct paper *d, size_t n)
{
	d->document = bytes_cut(d->document, 0, n);
}
