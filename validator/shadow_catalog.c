/* Layers that begin hidden (ISO 32000-2 8.11), and forms that readers draw anew (12.7.3). */
#include "base/scope.h"
#include "validator/shadow_work.h"

static enum err count_of(
    struct shadow_work *w, const struct pdf_value *dict, const char *key, size_t *ret_n)
{
	const struct pdf_value *v;
	TRY(shadow_work_find(w, w->first, dict, key, &v));
	*ret_n = v->kind == PDF_ARRAY ? v->array.n : 0;
	return OK;
}

/* 8.11.4.4: a usage by which a layer is printed but not seen, or seen but not printed. */
static enum err has_usage(struct shadow_work *w, const struct pdf_value *group, bool *ret_has)
{
	const struct pdf_value *usage, *part, *state;
	static const char *const parts[][2] = { { "View", "ViewState" },
		{ "Print", "PrintState" } };
	TRY(shadow_work_find(w, w->first, group, "Usage", &usage));
	for (size_t i = 0; i < 2; i++) {
		TRY(shadow_work_find(w, w->first, usage, parts[i][0], &part));
		TRY(shadow_work_find(w, w->first, part, parts[i][1], &state));
		*ret_has |= pdf_value_is_name(state, "OFF");
	}
	return OK;
}

static enum err check_layers(struct shadow_work *w, const struct pdf_value *properties)
{
	const struct pdf_value *config, *base, *automatic, *groups;
	size_t hidden, applied;
	bool by_usage = false;
	TRY(shadow_work_find(w, w->first, properties, "D", &config));
	TRY(shadow_work_find(w, w->first, config, "BaseState", &base));
	TRY(shadow_work_find(w, w->first, config, "AS", &automatic));
	TRY(shadow_work_find(w, w->first, properties, "OCGs", &groups));
	TRY(count_of(w, config, "OFF", &hidden));
	TRY(count_of(w, config, "AS", &applied));
	for (size_t i = 0; applied && groups->kind == PDF_ARRAY && i < groups->array.n; i++)
		TRY(has_usage(w, groups->array.item[i], &by_usage));
	if (hidden || pdf_value_is_name(base, "OFF"))
		TRY(shadow_work_note(w, FINDING_LAYERS_HIDDEN, "%s", ""));
	return by_usage ? shadow_work_note(w, FINDING_LAYERS_BY_USAGE, "%s", "") : OK;
}

enum err shadow_catalog_check(struct shadow_work *w)
{
	const struct pdf_value *catalog, *properties, *form, *anew;
	TRY(pdf_file_catalog(w->s, w->f, w->first, &catalog));
	TRY(shadow_work_find(w, w->first, catalog, "OCProperties", &properties));
	TRY(shadow_work_find(w, w->first, catalog, "AcroForm", &form));
	TRY(shadow_work_find(w, w->first, form, "NeedAppearances", &anew));
	if (anew->kind == PDF_BOOL && anew->boolean)
		TRY(shadow_work_note(w, FINDING_FIELDS_DRAWN_ANEW, "%s", ""));
	return properties->kind == PDF_DICT ? check_layers(w, properties) : OK;
}
