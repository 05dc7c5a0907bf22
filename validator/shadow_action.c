/* What acts, or comes from elsewhere: every object that the signed revision leads to is looked at
 * (ISO 32000-2 12.6, 7.3.8.2, 8.10.4). */
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "validator/shadow_work.h"

#define SCRATCH ((size_t)4 << 20) /* octets of parsed values kept before they are thrown away */

struct walk {
	struct shadow_work *w;
	struct scope *scratch;
	uint8_t *reached;
	uint32_t *todo;
	size_t n, room;
	uint32_t holder;
	enum err err;
};

static const struct {
	const char *action;
	enum finding_code code;
} actions[] = {
	{ "JavaScript", FINDING_SCRIPTS },
	{ "Rendition", FINDING_SCRIPTS },
	{ "Launch", FINDING_ACTIONS },
	{ "ImportData", FINDING_ACTIONS },
	{ "Hide", FINDING_ACTIONS },
	{ "SetOCGState", FINDING_ACTIONS },
	{ "GoToE", FINDING_ACTIONS },
	{ "SubmitForm", FINDING_LINKS },
	{ "URI", FINDING_LINKS },
	{ "GoToR", FINDING_LINKS },
};

static enum err visit_dict(struct walk *x, const struct pdf_value *v, bool is_stream)
{
	const struct pdf_value *kind = pdf_value_find(v, "S");
	const struct pdf_value *type = pdf_value_find(v, "Type");
	if (is_stream && (pdf_value_find(v, "F") || pdf_value_find(v, "Ref")))
		TRY(shadow_work_note(
		    x->w, FINDING_CONTENT_ELSEWHERE, "object %lu", (unsigned long)x->holder));
	if (!kind || kind->kind != PDF_NAME || (type && !pdf_value_is_name(type, "Action")))
		return OK;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (pdf_value_is_name(kind, actions[i].action) &&
		    !findings_has(x->w->findings, actions[i].code)) /* the first one is enough */
			return shadow_work_note(
			    x->w, actions[i].code, "object %lu", (unsigned long)x->holder);
	return OK;
}

static enum err add(struct walk *x, uint32_t num)
{
	if (num == 0 || num > x->w->f->highest || x->reached[num / 8] & 1 << num % 8)
		return OK;
	x->reached[num / 8] |= (uint8_t)(1 << num % 8);
	if (x->n == x->room) {
		const size_t room = x->room ? 2 * x->room : 256;
		uint32_t *more =
		    scope_resize(x->w->s, x->todo, x->room * sizeof(*more), room * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		x->todo = more;
		x->room = room;
	}
	x->todo[x->n++] = num;
	return OK;
}

/* The parser bounds the depth. */
static enum err visit(struct walk *x, const struct pdf_value *v, bool is_stream)
{
	if (v->kind == PDF_REF)
		return add(x, v->ref.num);
	if (v->kind == PDF_STREAM)
		return visit(x, v->stream.dict, true);
	for (size_t i = 0; v->kind == PDF_ARRAY && i < v->array.n; i++)
		TRY(visit(x, v->array.item[i], false));
	if (v->kind != PDF_DICT)
		return OK;
	TRY(visit_dict(x, v, is_stream));
	for (size_t i = 0; i < v->dict.n; i++)
		TRY(visit(x, v->dict.item[i].value, false));
	return OK;
}

/* What stands in the file is parsed apart from the file's cache, as it is needed once only, and
 * without the data of a stream. */
static enum err visit_in_file(struct walk *x, const struct pdf_xref_entry *e)
{
	const struct bytes file = x->w->f->bytes;
	const struct pdf_value *v;
	struct pdf_ref ref;
	size_t at = pdf_syntax_skip_white(file, e->offset);
	if (!pdf_syntax_object_header(file, at, &ref, &at) || ref.num != e->num)
		return OK;
	if (!x->scratch || scope_used(x->scratch) > SCRATCH) {
		scope_free(x->scratch);
		x->scratch = scope_new(0);
		if (!x->scratch)
			return scope_fault(x->w->s, ERR_NOMEM, "out of memory");
	}
	const enum err err = pdf_syntax_value(x->scratch, file, &at, &v);
	if (err == ERR_NOMEM)
		return scope_fault(x->w->s, err, "out of memory");
	scope_forgive(x->scratch);
	if (err != OK)
		return OK;
	at = pdf_syntax_skip(file, at);
	return visit(x, v,
	    v->kind == PDF_DICT && bytes_has_prefix(bytes_from(file, at), BYTES_LIT("stream")));
}

static enum err visit_object(struct walk *x, uint32_t num)
{
	const struct pdf_xref_entry *e = pdf_file_entry(x->w->f, x->w->last, num, NULL);
	const struct pdf_value ref = { .kind = PDF_REF, .ref = { num, 0 } }, *v;
	x->holder = num;
	if (!e || e->kind == PDF_ENTRY_FREE)
		return OK;
	if (e->kind == PDF_ENTRY_OFFSET)
		return visit_in_file(x, e);
	TRY(shadow_work_resolve(x->w, x->w->last, &ref, &v));
	return visit(x, v, false);
}

static enum err walk(struct walk *x)
{
	TRY(visit(x, pdf_file_trailer(x->w->f, x->w->last), false));
	TRY(add(x, x->w->f->root.num));
	while (x->n > 0)
		TRY(visit_object(x, x->todo[--x->n]));
	return OK;
}

enum err shadow_action_check(struct shadow_work *w, const uint8_t **ret_reached)
{
	struct walk x = { .w = w };
	x.reached = scope_alloc(w->s, (size_t)w->f->highest / 8 + 1);
	if (!x.reached)
		return ERR_NOMEM;
	const enum err err = walk(&x);
	scope_free(x.scratch);
	*ret_reached = x.reached;
	return err;
}
