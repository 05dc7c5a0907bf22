#include "sealer/preflight.h"

#include <string.h>

#include "base/scope.h"
#include "sealer/permission.h"

/* ISO 32000-2 table 22: bits 4 (modify), 6 (annotate, fill), 9 (fill). */
#define PERMISSION_MODIFY (1u << 3)
#define PERMISSION_ANNOTATE (1u << 5)
#define PERMISSION_FILL (1u << 8)

/* What an XFA form shows is made by a program from data that PDF readers do not look at. */
static enum err find_xfa(
    struct scope *s, const struct pdf_file *file, bool *ret_xfa, bool *ret_dynamic)
{
	size_t rev = pdf_file_latest(file);
	const struct pdf_value *catalog, *form, *xfa, *rendering;
	TRY(pdf_file_catalog(s, file, rev, &catalog));
	TRY(pdf_file_find(s, file, rev, catalog, "AcroForm", &form));
	TRY(pdf_file_find(s, file, rev, form, "XFA", &xfa));
	TRY(pdf_file_find(s, file, rev, catalog, "NeedsRendering", &rendering));
	*ret_xfa = xfa->kind != PDF_NULL;
	*ret_dynamic = *ret_xfa && rendering->kind == PDF_BOOL && rendering->boolean;
	return OK;
}

static bool is_restricted(const struct pdf_file *file)
{
	if (!file->crypt || pdf_crypt_is_owner(file->crypt))
		return false;
	uint32_t p = pdf_crypt_permissions(file->crypt);
	return !(p & PERMISSION_MODIFY) && !(p & PERMISSION_ANNOTATE) && !(p & PERMISSION_FILL);
}

static enum err check_pages(struct scope *s, const struct pdf_file *file)
{
	struct pdf_ref ref;
	const struct pdf_value *page;
	TRY(pdf_file_page(s, file, pdf_file_latest(file), 0, &ref, &page));
	return page ? OK : scope_fault(s, ERR_FORMAT, "the document has no page");
}

enum err preflight_check(struct scope *s, const struct pdf_file *file,
    const struct pdf_signature_list *signatures, const char *field, char **ret_warning)
{
	bool xfa = false, dynamic = false;
	TRY(check_pages(s, file));
	TRY(find_xfa(s, file, &xfa, &dynamic));
	if (permission_level(signatures) == 1)
		return scope_fault(
		    s, ERR_DENIED, "an earlier signature allows no further change (P=1)");
	if (field && field_is_locked(signatures, field))
		return scope_fault(
		    s, ERR_DENIED, "field \"%s\" was locked by an earlier signature", field);
	struct buf b = buf_new(s, 1024);
	if (is_restricted(file))
		buf_add_str(&b, "its owner restricted changes; sealed all the same");
	if (xfa)
		buf_addf(&b, "%sit carries %s XFA form, which not every reader shows alike",
		    b.n ? "; " : "", dynamic ? "a dynamic" : "an");
	bool any = b.n > 0;
	TRY(buf_done_str(&b, ret_warning));
	if (!any)
		*ret_warning = NULL;
	return OK;
}
