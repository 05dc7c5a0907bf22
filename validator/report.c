#include "validator/report.h"

const char *report_modification_name(enum report_modification_kind kind)
{
	static const char *const names[] = {
		[MODIFICATION_LTV_UPDATE] = "ltv-update",
		[MODIFICATION_SIGNATURE] = "signature",
		[MODIFICATION_FORM_FILL] = "form-fill",
		[MODIFICATION_ANNOTATION] = "annotation",
		[MODIFICATION_METADATA] = "metadata",
		[MODIFICATION_PAGE_CONTENT] = "page-content",
		[MODIFICATION_STRUCTURE] = "structure",
		[MODIFICATION_FIELD] = "field",
		[MODIFICATION_SIGNATURE_LOST] = "signature-lost",
		[MODIFICATION_FILE_STRUCTURE] = "file-structure",
		[MODIFICATION_UNKNOWN] = "unknown",
	};
	return names[kind];
}

const char *report_conclusion_name(enum report_conclusion c)
{
	static const char *const names[] = {
		[CONCLUSION_TOTAL_PASSED] = "TOTAL-PASSED",
		[CONCLUSION_TOTAL_FAILED] = "TOTAL-FAILED",
		[CONCLUSION_INDETERMINATE] = "INDETERMINATE",
		[CONCLUSION_NO_SIGNATURE] = "NO-SIGNATURE",
	};
	return names[c];
}
