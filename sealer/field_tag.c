#include "sealer/field_tag.h"

#include "base/scope.h"

#define TREE_DEPTH 32 /* levels of a number tree; 2 or 3 are usual */
#define KEY_MAX INT32_MAX
#define HOPS 8 /* from reference to reference */
#define NO_NUMBER_TREE "the seal has no tag: the parent tree is no number tree"
#define PDF_2_NAMESPACE "http://iso.org/pdf2/ssn"

struct tagging {
	struct scope *s;
	struct pdf_update *update;
	struct pdf_ref root_ref;
	const struct pdf_value *root; /* the structure tree's, as of now */
	struct pdf_ref page, field, element;
	const char *language;
	int64_t key;
	const char *why; /* it cannot be tagged */
};

/* Follows references as of now; what cannot be read is the null value. */
static enum err look(
    struct tagging *t, const struct pdf_value *v, const struct pdf_value **ret_value)
{
	for (int hops = 0; v && v->kind == PDF_REF; hops++) {
		enum err err = pdf_update_object(t->update, v->ref, &v);
		if (err == ERR_NOMEM)
			return err;
		if (err != OK)
			scope_forgive(t->s);
		if (err != OK || hops == HOPS)
			v = NULL;
	}
	*ret_value = v ? v : &pdf_value_null;
	return OK;
}

static enum err look_at(struct tagging *t, const struct pdf_value *owner, const char *key,
    const struct pdf_value **ret_value)
{
	return look(t, pdf_value_find(owner, key), ret_value);
}

static enum err odd(struct tagging *t, const char *why)
{
	t->why = t->why ? t->why : why;
	return OK;
}

/* -- whether -- */

static enum err find_root(struct tagging *t, const struct pdf_file *file, bool *ret_tagged)
{
	const struct pdf_value *catalog, *info, *marked;
	TRY(pdf_update_object(t->update, file->root, &catalog));
	TRY(look_at(t, catalog, "MarkInfo", &info));
	TRY(look_at(t, info, "Marked", &marked));
	const struct pdf_value *root = pdf_value_find(catalog, "StructTreeRoot");
	*ret_tagged = marked->kind == PDF_BOOL && marked->boolean && root;
	if (!*ret_tagged)
		return OK;
	TRY(look(t, root, &t->root));
	if (root->kind != PDF_REF || t->root->kind != PDF_DICT)
		return odd(t, "the seal has no tag: the structure tree has no root of its own");
	t->root_ref = root->ref;
	return OK;
}

enum err field_tag_is_tagged(
    struct scope *s, struct pdf_update *update, const struct pdf_file *file, bool *ret_tagged)
{
	struct tagging t = { .s = s, .update = update };
	return find_root(&t, file, ret_tagged);
}

enum err field_tag_page(
    struct scope *s, struct pdf_update *update, const struct pdf_file *file, struct pdf_ref page)
{
	const struct pdf_value *old;
	bool tagged = false;
	TRY(field_tag_is_tagged(s, update, file, &tagged));
	if (!tagged)
		return OK;
	TRY(pdf_update_object(update, page, &old));
	if (old->kind != PDF_DICT || pdf_value_find(old, "Tabs"))
		return OK;
	struct pdf_value *dict = pdf_value_copy(s, old);
	if (!dict)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, dict, "Tabs", pdf_value_new_name(s, "S")));
	return pdf_update_put(update, page, dict);
}

/* -- the parent tree (7.9.7, 14.7.5.4) -- */

/* The nodes from the root of a number tree to its last leaf. */
struct way {
	const struct pdf_value *node[TREE_DEPTH];
	struct pdf_ref ref[TREE_DEPTH]; /* num 0: direct, the first one only */
	int n;
	const struct pdf_value *nums; /* of the last one; the null value when the tree is empty */
	int64_t last;                 /* the highest key; -1 when the tree is empty */
};

/* The entry of the node above that leads on, or NULL at the leaf. */
static enum err last_kid(struct tagging *t, struct way *w, const struct pdf_value **ret_kid)
{
	const struct pdf_value *node = w->node[w->n - 1], *kids;
	*ret_kid = NULL;
	TRY(look_at(t, node, "Kids", &kids));
	TRY(look_at(t, node, "Nums", &w->nums));
	if (kids->kind == PDF_NULL)
		return OK;
	if (kids->kind != PDF_ARRAY || kids->array.n == 0 || w->nums->kind != PDF_NULL)
		return odd(t, NO_NUMBER_TREE);
	*ret_kid = kids->array.item[kids->array.n - 1];
	return OK;
}

static enum err walk(struct tagging *t, struct way *w)
{
	const struct pdf_value *next = pdf_value_find(t->root, "ParentTree");
	while (next && !t->why) {
		const struct pdf_value *node;
		TRY(look(t, next, &node));
		if (node->kind != PDF_DICT || w->n == TREE_DEPTH ||
		    (w->n > 0 && next->kind != PDF_REF))
			return odd(t, NO_NUMBER_TREE);
		w->ref[w->n] = next->kind == PDF_REF ? next->ref : (struct pdf_ref){ 0 };
		w->node[w->n++] = node;
		TRY(last_kid(t, w, &next));
	}
	const struct pdf_value *nums = w->nums;
	if (t->why || nums->kind == PDF_NULL)
		return OK;
	if (nums->kind != PDF_ARRAY || nums->array.n % 2)
		return odd(t, NO_NUMBER_TREE);
	if (nums->array.n && (!pdf_value_integer(nums->array.item[nums->array.n - 2], &w->last) ||
				 w->last < 0 || w->last >= KEY_MAX))
		return odd(t, "the seal has no tag: the parent tree has an impossible key");
	return OK;
}

static enum err choose_key(struct tagging *t, const struct way *w)
{
	const struct pdf_value *next;
	int64_t key = 0;
	TRY(look_at(t, t->root, "ParentTreeNextKey", &next));
	t->key = w->last + 1;
	if (pdf_value_integer(next, &key) && key > t->key && key < KEY_MAX)
		t->key = key;
	return OK;
}

/* /Limits of a node: its least key stays, its highest is the new one. The root has none. */
static enum err raise_limit(struct tagging *t, struct pdf_value *node)
{
	const struct pdf_value *old;
	TRY(look_at(t, node, "Limits", &old));
	if (old->kind != PDF_ARRAY || old->array.n != 2)
		return OK;
	struct pdf_value *limits = pdf_value_new_array(t->s);
	if (!limits)
		return ERR_NOMEM;
	TRY(pdf_value_append(t->s, limits, old->array.item[0]));
	TRY(pdf_value_append(t->s, limits, pdf_value_new_int(t->s, t->key)));
	return pdf_value_set(t->s, node, "Limits", limits);
}

static enum err append_pair(struct tagging *t, const struct way *w, struct pdf_value *leaf)
{
	struct scope *s = t->s;
	struct pdf_value *nums =
	    w->nums->kind == PDF_ARRAY ? pdf_value_copy(s, w->nums) : pdf_value_new_array(s);
	const struct pdf_value *old = pdf_value_find(leaf, "Nums");
	if (!nums)
		return ERR_NOMEM;
	TRY(pdf_value_append(s, nums, pdf_value_new_int(s, t->key)));
	TRY(pdf_value_append(s, nums, pdf_value_new_ref(s, t->element)));
	if (old && old->kind == PDF_REF && w->nums->kind == PDF_ARRAY)
		return pdf_update_put(t->update, old->ref, nums);
	return pdf_value_set(s, leaf, "Nums", nums);
}

/* Writes the nodes of the way again, and the root of the structure tree with them. */
static enum err put_key(struct tagging *t, const struct way *w, struct pdf_value *root)
{
	struct scope *s = t->s;
	for (int i = 0; i < w->n; i++) {
		struct pdf_value *node = pdf_value_copy(s, w->node[i]);
		if (!node)
			return ERR_NOMEM;
		TRY(raise_limit(t, node));
		if (i == w->n - 1)
			TRY(append_pair(t, w, node));
		if (w->ref[i].num == 0)
			TRY(pdf_value_set(s, root, "ParentTree", node));
		else
			TRY(pdf_update_put(t->update, w->ref[i], node));
	}
	if (w->n == 0) {
		struct pdf_value *tree = pdf_value_new_dict(s);
		if (!tree)
			return ERR_NOMEM;
		TRY(append_pair(t, w, tree));
		TRY(pdf_value_set(s, root, "ParentTree", tree));
	}
	return pdf_value_set(s, root, "ParentTreeNextKey", pdf_value_new_int(s, t->key + 1));
}

/* -- the element (14.7.2, 14.7.5.3) -- */

/* /K with one more kid at its end; what stood there alone comes first. */
static enum err more_kids(struct tagging *t, struct pdf_value *owner)
{
	struct scope *s = t->s;
	const struct pdf_value *entry = pdf_value_find(owner, "K"), *old;
	TRY(look(t, entry, &old));
	struct pdf_value *kids =
	    old->kind == PDF_ARRAY ? pdf_value_copy(s, old) : pdf_value_new_array(s);
	if (!kids)
		return ERR_NOMEM;
	if (old->kind != PDF_ARRAY && old->kind != PDF_NULL)
		TRY(pdf_value_append(s, kids, entry));
	TRY(pdf_value_append(s, kids, pdf_value_new_ref(s, t->element)));
	if (entry && entry->kind == PDF_REF && old->kind == PDF_ARRAY)
		return pdf_update_put(t->update, entry->ref, kids);
	return pdf_value_set(s, owner, "K", kids);
}

/* The only element at the top, where it is one that groups others: PDF 2.0 wants all below a
 * Document. num 0: there is none such. */
static enum err find_top(
    struct tagging *t, struct pdf_ref *ret_ref, const struct pdf_value **ret_top)
{
	static const char *const groups[] = { "Document", "DocumentFragment", "Part", "Art",
		"Sect" };
	const struct pdf_value *kids, *only = pdf_value_find(t->root, "K"), *type;
	*ret_ref = (struct pdf_ref){ 0 };
	TRY(look(t, only, &kids));
	if (kids->kind == PDF_ARRAY)
		only = kids->array.n == 1 ? kids->array.item[0] : NULL;
	if (!only || only->kind != PDF_REF)
		return OK;
	TRY(look(t, only, ret_top));
	TRY(look_at(t, *ret_top, "S", &type));
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (pdf_value_is_name(type, groups[i]))
			*ret_ref = only->ref;
	return OK;
}

/* In the namespace of PDF 2.0 where the parent is (14.7.4): elsewhere Form is what 1.7 calls so. */
static enum err set_namespace(
    struct tagging *t, struct pdf_value *element, const struct pdf_value *parent)
{
	const struct pdf_value *name, *entry = pdf_value_find(parent, "NS");
	TRY(look(t, entry, &name));
	TRY(look_at(t, name, "NS", &name));
	if (name->kind != PDF_STRING || !bytes_equal_str(name->string, PDF_2_NAMESPACE))
		return OK;
	return pdf_value_set(t->s, element, "NS", entry);
}

static enum err put_element(
    struct tagging *t, struct pdf_ref parent_ref, const struct pdf_value *parent)
{
	struct scope *s = t->s;
	struct pdf_value *element = pdf_value_new_dict(s), *kids = pdf_value_new_array(s);
	struct pdf_value *objr = pdf_value_new_dict(s);
	if (!element || !kids || !objr)
		return ERR_NOMEM;
	TRY(pdf_value_set(s, objr, "Type", pdf_value_new_name(s, "OBJR")));
	TRY(pdf_value_set(s, objr, "Obj", pdf_value_new_ref(s, t->field)));
	TRY(pdf_value_set(s, objr, "Pg", pdf_value_new_ref(s, t->page)));
	TRY(pdf_value_append(s, kids, objr));
	TRY(pdf_value_set(s, element, "Type", pdf_value_new_name(s, "StructElem")));
	TRY(pdf_value_set(s, element, "S", pdf_value_new_name(s, "Form")));
	TRY(pdf_value_set(s, element, "P", pdf_value_new_ref(s, parent_ref)));
	TRY(pdf_value_set(s, element, "Pg", pdf_value_new_ref(s, t->page)));
	TRY(pdf_value_set(s, element, "K", kids));
	if (t->language)
		TRY(pdf_value_set(
		    s, element, "Lang", pdf_value_new_string(s, bytes_of_str(t->language))));
	TRY(set_namespace(t, element, parent));
	return pdf_update_put(t->update, t->element, element);
}

static enum err put_all(struct tagging *t, const struct way *w)
{
	struct scope *s = t->s;
	struct pdf_ref top_ref;
	const struct pdf_value *old_top = NULL;
	struct pdf_value *root = pdf_value_copy(s, t->root), *top = root;
	TRY(find_top(t, &top_ref, &old_top));
	if (top_ref.num)
		top = pdf_value_copy(s, old_top);
	if (!root || !top)
		return ERR_NOMEM;
	TRY(pdf_update_reserve(t->update, &t->element));
	TRY(more_kids(t, top));
	TRY(put_key(t, w, root));
	TRY(put_element(t, top_ref.num ? top_ref : t->root_ref, top));
	if (top_ref.num)
		TRY(pdf_update_put(t->update, top_ref, top));
	return pdf_update_put(t->update, t->root_ref, root);
}

enum err field_tag(struct scope *s, struct pdf_update *update, const struct pdf_file *file,
    struct pdf_ref page, struct pdf_ref field, const char *language, int64_t *ret_key,
    const char **ret_why)
{
	struct tagging t = {
		.s = s, .update = update, .page = page, .field = field, .language = language
	};
	struct way way = { .nums = &pdf_value_null, .last = -1 };
	bool tagged = false;
	*ret_key = -1;
	TRY(find_root(&t, file, &tagged));
	if (tagged && !t.why)
		TRY(walk(&t, &way));
	if (tagged && !t.why)
		TRY(choose_key(&t, &way));
	*ret_why = t.why;
	if (!tagged || t.why)
		return OK;
	TRY(put_all(&t, &way));
	*ret_key = t.key;
	return OK;
}
