#include <math.h>

#include "base/json.h"
#include "base/limits.h"
#include "service/comparison_outline.h"

/* Points, so that nothing of a box is lost. */
static int64_t down(double points)
{
	return points > 0 ? (int64_t)floor(points) : 0;
}

static int64_t up(double points)
{
	return (int64_t)ceil(points - 1e-6);
}

static void add_number_or_null(struct json *j, const char *key, uint32_t number)
{
	if (number)
		json_int(j, key, number);
	else
		json_string(j, key, NULL);
}

static void add_indices(struct json *j, const char *key, const size_t *item, size_t n)
{
	json_begin_array(j, key);
	for (size_t i = 0; i < n; i++)
		json_int(j, NULL, (int64_t)item[i]);
	json_end_array(j);
}

static void add_area(struct json *j, const struct comparison_area *a)
{
	json_begin_object(j, NULL);
	json_int(j, "left", down(a->box.left));
	json_int(j, "top", down(a->box.top));
	json_int(j, "width", up(a->box.right) - down(a->box.left));
	json_int(j, "height", up(a->box.bottom) - down(a->box.top));
	add_indices(j, "modifications", a->changes, a->n_changes);
	json_end_object(j);
}

static void add_text(struct json *j, const struct text_change *t)
{
	json_begin_object(j, NULL);
	json_string(j, "lead", t->lead);
	json_string(j, "sealed", t->before);
	json_string(j, "now", t->after);
	json_string(j, "trail", t->trail);
	json_end_object(j);
}

static void add_pictures(struct json *j, const struct report_page_pictures *p)
{
	static const char *const keys[REPORT_PICTURE_KINDS] = { "sealed", "now", "marked" };
	json_begin_object(j, "pictures");
	for (size_t i = 0; i < REPORT_PICTURE_KINDS; i++)
		json_string(j, keys[i], p ? p->picture[i].name : NULL);
	json_end_object(j);
}

static void add_page(
    struct json *j, const struct comparison_page *p, const struct report_page_pictures *pictures)
{
	json_begin_object(j, NULL);
	json_string(j, "look", comparison_kind_name(p->kind));
	add_number_or_null(j, "sealed", p->sealed);
	add_number_or_null(j, "now", p->now);
	json_int(j, "width", up(p->width));
	json_int(j, "height", up(p->height));
	json_bool(j, "otherSize", p->other_size);
	json_int(j, "inkPermille", p->ink_permille);
	json_begin_array(j, "areas");
	for (size_t i = 0; i < p->n_areas; i++)
		add_area(j, &p->areas[i]);
	json_end_array(j);
	json_begin_array(j, "text");
	for (size_t i = 0; i < p->text.n; i++)
		add_text(j, &p->text.change[i]);
	json_end_array(j);
	json_int(j, "textMore", (int64_t)p->text.n_more);
	add_indices(j, "modifications", p->changes, p->n_changes);
	add_pictures(j, pictures);
	json_end_object(j);
}

static void add_modification(struct json *j, const struct report_modification *m, bool is_on_page)
{
	json_begin_object(j, NULL);
	json_string(j, "kind", report_modification_name(m->kind));
	add_number_or_null(j, "object", m->object.num);
	json_string(j, "path", m->path);
	json_bool(j, "allowed", m->allowed);
	json_string(j, "rule", m->rule);
	json_bool(j, "onPage", is_on_page);
	json_end_object(j);
}

static void add_signature(struct json *j, const struct comparison *c)
{
	const struct report_signature *sig = c->signature;
	json_begin_object(j, "signature");
	json_string(j, "id", sig->id);
	json_string(j, "name", sig->name);
	json_string(j, "kind", sig->is_document_timestamp ? "document-timestamp" : "signature");
	json_int(j, "sealedSize", (int64_t)c->sealed_size);
	json_bool(j, "coversRevision", sig->coverage.valid);
	json_bool(j, "digestMatches", sig->digest_matches);
	json_end_object(j);
}

static void add_head(struct json *j, const struct comparison *c)
{
	json_int(j, "bulla", 1);
	json_begin_object(j, "document");
	json_string(j, "name", c->report->name);
	json_int(j, "size", (int64_t)c->report->size);
	json_bytes_hex(j, "sha256", digest_bytes(&c->report->document_sha256));
	json_end_object(j);
	add_signature(j, c);
	json_bool(j, "changed", c->n_different > 0);
	json_string(j, "damage", c->damage);
	json_int(j, "sealedPages", (int64_t)c->sealed_pages);
	json_int(j, "nowPages", (int64_t)c->now_pages);
	json_string(j, "matchedBy", c->by_object ? "object" : "number");
}

enum err comparison_json(struct scope *s, const struct comparison *c,
    const struct report_page_pictures *pictures, struct bytes *ret_text)
{
	struct buf b = buf_new(s, LIMIT_REPORT);
	struct json j = json_new(&b, false);
	json_begin_object(&j, NULL);
	add_head(&j, c);
	json_begin_array(&j, "pages");
	for (size_t i = 0; i < c->n_pages; i++)
		add_page(&j, &c->page[i], pictures ? &pictures[i] : NULL);
	json_end_array(&j);
	json_begin_array(&j, "modifications");
	for (size_t i = 0; i < c->signature->n_modifications; i++)
		add_modification(&j, &c->signature->modifications[i], c->is_on_page[i]);
	json_end_array(&j);
	json_end_object(&j);
	buf_add_byte(&b, '\n');
	return buf_done(&b, ret_text);
}
