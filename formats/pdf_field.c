#include "formats/pdf_field.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"

/* A field on the way down. */
struct node {
	const struct node *parent;
	struct pdf_field field; /* its name is made when it is listed */
	const char *partial;    /* /T, or NULL */
};

struct walk {
	struct scope *s;
	const struct pdf_file *file;
	size_t rev;
	uint8_t *seen; /* a bit per object number */
	size_t nodes;
	size_t room;
	struct pdf_field_list list;
};

/* -- reading what may be broken -- */

static enum err pardon(struct scope *s, enum err e, bool had_fault, size_t *n_unreadable)
{
	if (e != ERR_FORMAT && e != ERR_UNSUPPORTED && e != ERR_DENIED)
		return e;
	if (!had_fault)
		scope_forgive(s);
	if (n_unreadable)
		++*n_unreadable;
	return OK;
}

enum err pdf_field_resolve(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *v, size_t *n_unreadable, struct pdf_ref *ret_ref,
    const struct pdf_value **ret_value)
{
	const bool had_fault = scope_fault_code(s) != OK;
	struct pdf_ref ref = { 0 };
	const struct pdf_value *found = v ? v : &pdf_value_null;
	for (unsigned hops = 0; found->kind == PDF_REF; hops++) {
		ref = found->ref;
		enum err e =
		    hops < LIMIT_PDF_RESOLVE ? pdf_file_object(s, f, rev, ref, &found) : ERR_FORMAT;
		if (e == OK)
			continue;
		TRY(pardon(s, e, had_fault, n_unreadable));
		found = &pdf_value_null;
	}
	if (ret_ref)
		*ret_ref = ref;
	*ret_value = found;
	return OK;
}

enum err pdf_field_find(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *v, const char *key, size_t *n_unreadable,
    const struct pdf_value **ret_value)
{
	const struct pdf_value *holder;
	TRY(pdf_field_resolve(s, f, rev, v, n_unreadable, NULL, &holder));
	return pdf_field_resolve(
	    s, f, rev, pdf_value_find(holder, key), n_unreadable, NULL, ret_value);
}

/* -- the tree -- */

static enum err look(struct walk *w, const struct pdf_value *v, struct pdf_ref *ret_ref,
    const struct pdf_value **ret_value)
{
	return pdf_field_resolve(
	    w->s, w->file, w->rev, v, &w->list.n_unreadable, ret_ref, ret_value);
}

static enum err look_up(struct walk *w, const struct pdf_value *dict, const char *key,
    const struct pdf_value **ret_value)
{
	return look(w, pdf_value_find(dict, key), NULL, ret_value);
}

/* Marks an object as visited; false if it was already. Direct ones cannot come twice. */
static bool mark(struct walk *w, struct pdf_ref ref)
{
	if (ref.num == 0 || ref.num > w->file->highest)
		return true;
	uint8_t *octet = &w->seen[ref.num / 8];
	const uint8_t bit = (uint8_t)(1u << (ref.num % 8));
	const bool is_new = !(*octet & bit);
	*octet |= bit;
	return is_new;
}

static enum err full_name(struct scope *s, const struct node *node, char **ret_name)
{
	const char *parts[LIMIT_PDF_DEPTH + 1];
	size_t n = 0;
	for (; node; node = node->parent)
		if (node->partial)
			parts[n++] = node->partial;
	struct buf b = buf_new(s, LIMIT_PDF_STRING);
	for (size_t i = n; i-- > 0;) {
		buf_add_str(&b, parts[i]);
		if (i > 0)
			buf_add_byte(&b, '.');
	}
	return buf_done_str(&b, ret_name);
}

static enum err list_field(struct walk *w, const struct node *node)
{
	struct pdf_field_list *list = &w->list;
	if (list->n == w->room) {
		size_t room = w->room ? w->room * 2 : 16;
		struct pdf_field *more = scope_alloc_array(w->s, room, sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		if (list->n)
			memcpy(more, list->item, list->n * sizeof(*more));
		list->item = more;
		w->room = room;
	}
	struct pdf_field field = node->field;
	TRY(full_name(w->s, field.name_is_locked ? NULL : node, &field.name));
	list->item[list->n++] = field;
	return OK;
}

static enum err enter(struct walk *w, const struct node *parent, struct pdf_ref ref,
    const struct pdf_value *dict, struct node *ret_node)
{
	struct node node = {
		.parent = parent,
		.field = { .ref = ref, .dict = dict, .duplicate_keys = dict->duplicate_keys },
	};
	struct pdf_field *f = &node.field;
	const struct pdf_value *own_value = pdf_value_find(dict, "V"), *title, *flags;
	TRY(look_up(w, dict, "FT", &f->type));
	TRY(look_up(w, dict, "Ff", &flags));
	if (!pdf_value_integer(flags, &f->flags) && parent)
		f->flags = parent->field.flags;
	f->value = own_value && own_value->kind != PDF_NULL ? own_value : &pdf_value_null;
	f->value_holder = ref;
	if (parent) {
		f->duplicate_keys |= parent->field.duplicate_keys;
		if (f->type->kind == PDF_NULL)
			f->type = parent->field.type;
		if (f->value->kind == PDF_NULL) {
			f->value = parent->field.value;
			f->value_holder = parent->field.value_holder;
		}
	}
	TRY(look_up(w, dict, "T", &title));
	f->name_is_locked = (parent && parent->field.name_is_locked) || pdf_value_is_locked(title);
	if (pdf_value_is_string(title)) {
		char *text;
		TRY(pdf_text_decode(w->s, title->string, &text));
		node.partial = text;
	}
	*ret_node = node;
	return OK;
}

static bool is_field(const struct pdf_value *kid)
{
	return pdf_value_find(kid, "T") || pdf_value_find(kid, "V") || pdf_value_find(kid, "Kids");
}

static enum err visit_kids(struct walk *w, const struct pdf_value *kids, const struct node *parent,
    unsigned depth, bool *ret_any);

static enum err visit(struct walk *w, struct pdf_ref ref, const struct pdf_value *dict,
    const struct node *parent, unsigned depth)
{
	struct node node;
	const struct pdf_value *kids;
	bool has_fields = false;
	TRY(enter(w, parent, ref, dict, &node));
	TRY(look_up(w, dict, "Kids", &kids));
	if (kids->kind == PDF_ARRAY)
		TRY(visit_kids(w, kids, &node, depth + 1, &has_fields));
	return has_fields ? OK : list_field(w, &node);
}

static enum err visit_kids(struct walk *w, const struct pdf_value *kids, const struct node *parent,
    unsigned depth, bool *ret_any)
{
	if (depth >= LIMIT_PDF_DEPTH)
		return scope_fault(
		    w->s, ERR_LIMIT, "pdf: form fields deeper than %d", LIMIT_PDF_DEPTH);
	for (size_t i = 0; i < kids->array.n; i++) {
		struct pdf_ref ref;
		const struct pdf_value *kid;
		if (++w->nodes > LIMIT_PDF_FIELDS)
			return scope_fault(
			    w->s, ERR_LIMIT, "pdf: more than %d form fields", LIMIT_PDF_FIELDS);
		TRY(look(w, kids->array.item[i], &ref, &kid));
		if (kid->kind != PDF_DICT || (parent && !is_field(kid)) || !mark(w, ref))
			continue;
		*ret_any = true;
		TRY(visit(w, ref, kid, parent, depth));
	}
	return OK;
}

enum err pdf_field_list(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_field_list *ret_list)
{
	struct walk w = { .s = s, .file = f, .rev = rev };
	const struct pdf_value *catalog, *form, *fields;
	bool any = false;
	w.seen = scope_alloc(s, (size_t)f->highest / 8 + 1);
	if (!w.seen)
		return ERR_NOMEM;
	TRY(pdf_file_catalog(s, f, rev, &catalog));
	TRY(look_up(&w, catalog, "AcroForm", &form));
	TRY(look_up(&w, form, "Fields", &fields));
	if (fields->kind == PDF_ARRAY)
		TRY(visit_kids(&w, fields, NULL, 0, &any));
	*ret_list = w.list;
	return OK;
}
