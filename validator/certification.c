#include "validator/certification.h"

static bool is_signed(const struct pdf_signature *p)
{
	return !p->is_placeholder && !p->is_document_timestamp;
}

/* The list is in the order of the ranges. */
static enum finding_code rule(const struct pdf_signature_list *list, size_t index)
{
	bool signed_before = false;
	if (list->item[index].docmdp == 0 || list->item[index].is_placeholder)
		return FINDING_NONE;
	if (list->item[index].is_document_timestamp)
		return FINDING_CERTIFICATION_BY_TIMESTAMP;
	for (size_t i = 0; i < index; i++) {
		if (is_signed(&list->item[i]) && list->item[i].docmdp)
			return FINDING_CERTIFICATION_REPEATED;
		signed_before |= is_signed(&list->item[i]);
	}
	return signed_before ? FINDING_CERTIFICATION_NOT_FIRST : FINDING_NONE;
}

enum err certification_check(
    struct scope *s, const struct pdf_signature_list *list, size_t index, struct findings *findings)
{
	const enum finding_code code = rule(list, index);
	return code == FINDING_NONE ? OK : findings_add(s, findings, code, NULL);
}
