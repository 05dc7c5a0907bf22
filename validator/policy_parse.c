#include <string.h>

#include "base/scope.h"
#include "validator/policy_algorithms.h"

static enum err read_list(
    struct scope *s, const struct policy_place *at, const struct policy_field *f, struct policy *p)
{
	void *items = (char *)p + f->at, *n = (char *)p + f->n_at;
	if (f->kind == POLICY_FIELD_TEXTS)
		return policy_reader_texts(s, at, items, n);
	if (f->kind == POLICY_FIELD_CLASSES)
		return policy_reader_classes(s, at, items, n);
	return policy_reader_octets_list(s, at,
	    f->kind == POLICY_FIELD_OIDS ? policy_reader_oid : policy_reader_sha256, items, n);
}

static enum err read_field(
    struct scope *s, const struct policy_place *at, const struct policy_field *f, struct policy *p)
{
	void *to = (char *)p + f->at;
	switch (f->kind) {
	case POLICY_FIELD_BOOL:
		return policy_reader_bool(s, at, to);
	case POLICY_FIELD_SECONDS:
		return policy_reader_seconds(s, at, to);
	case POLICY_FIELD_TEXT:
		return policy_reader_text(s, at, f->wants_some, to);
	case POLICY_FIELD_OID:
		if (at->value->kind == JSON_TREE_TEXT && at->value->text[0] == '\0') {
			*(struct bytes *)to = BYTES_NONE;
			return OK;
		}
		return policy_reader_oid(s, at, to);
	case POLICY_FIELD_CHOICE:
		return policy_reader_word(s, at, f, to);
	case POLICY_FIELD_FLAGS:
		return policy_reader_flags(s, at, f, to);
	case POLICY_FIELD_OIDS:
	case POLICY_FIELD_SHA256S:
	case POLICY_FIELD_TEXTS:
	case POLICY_FIELD_CLASSES:
		break;
	}
	return read_list(s, at, f, p);
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static enum err read_member(
    struct scope *s, const struct policy_place *at, const char *section, struct policy *p)
{
	size_t n;
	const struct policy_field *f = policy_fields(&n);
	for (size_t i = 0; i < n; i++)
		if (is_same(f[i].section, section) && strcmp(f[i].key, at->value->key) == 0)
			return read_field(s, at, &f[i], p);
	return policy_reader_refuse(s, at, "unknown key");
}

static bool is_section(const char *key)
{
	size_t n;
	bool known = false;
	const struct policy_field *f = policy_fields(&n);
	for (size_t i = 0; i < n; i++)
		known = known || is_same(f[i].section, key);
	return known;
}

static enum err read_section(struct scope *s, const struct policy_place *at, struct policy *p)
{
	TRY(policy_reader_want(s, at, JSON_TREE_OBJECT, "not an object"));
	for (size_t i = 0; i < at->value->n; i++) {
		struct policy_place one = policy_reader_inside(at, i);
		TRY(read_member(s, &one, at->value->key, p));
	}
	return OK;
}

/* -- the whole -- */

/* The policy that this one extends: "default" unless it says otherwise. */
static enum err read_base(struct scope *s, const struct policy_place *whole, struct policy *p)
{
	const struct policy *base = policy_default();
	const char *name;
	for (size_t i = 0; i < whole->value->n; i++) {
		struct policy_place one = policy_reader_inside(whole, i);
		if (strcmp(one.value->key, "extends") != 0)
			continue;
		TRY(policy_reader_text(s, &one, true, &name));
		TRY(policy_ready(s, name, &base));
		if (!base)
			return policy_reader_refuse(s, &one, "no ready policy of this name");
	}
	*p = *base;
	return OK;
}

static bool has_class(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->classes.n; i++)
		if (strcmp(p->classes.item[i].name, name) == 0)
			return true;
	return false;
}

/* What must fit together. */
static enum err check_whole(struct scope *s, const struct policy *p)
{
	for (size_t i = 0; i < p->classes_accepted.n; i++)
		if (!has_class(p, p->classes_accepted.item[i]))
			return scope_fault(s, ERR_FORMAT,
			    "policy: $.certificate.classesAccepted[%zu]: no class of this name", i);
	if (p->disclaimer.place != POLICY_DISCLAIMER_NOTICE && p->disclaimer.oid.n == 0)
		return scope_fault(
		    s, ERR_FORMAT, "policy: $.disclaimer.oid: is wanted for this place");
	return OK;
}

enum err policy_parse(struct scope *s, struct bytes text, const struct policy **ret_policy)
{
	struct policy_place whole = { .up = NULL };
	struct policy *p = scope_alloc(s, sizeof(*p));
	if (!p)
		return ERR_NOMEM;
	enum err err = json_tree_parse(s, text, &whole.value);
	if (err != OK)
		return scope_fault_in(s, err, "policy");
	TRY(policy_reader_want(s, &whole, JSON_TREE_OBJECT, "not an object"));
	TRY(read_base(s, &whole, p));
	for (size_t i = 0; i < whole.value->n; i++) {
		struct policy_place one = policy_reader_inside(&whole, i);
		if (strcmp(one.value->key, "extends") == 0)
			continue;
		if (strcmp(one.value->key, "algorithms") == 0)
			TRY(policy_algorithms_read(s, &one, p));
		else if (is_section(one.value->key))
			TRY(read_section(s, &one, p));
		else
			TRY(read_member(s, &one, NULL, p));
	}
	if (!json_tree_find(whole.value, "name"))
		return scope_fault(s, ERR_FORMAT, "policy: $.name: is wanted");
	TRY(check_whole(s, p));
	*ret_policy = p;
	return OK;
}
