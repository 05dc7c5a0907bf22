#include "formats/pdf_password.h"

#include <string.h>

#include <unicode/usprep.h>
#include <unicode/ustring.h>

#include "base/limits.h"
#include "formats/pdf_text.h"

/* NFKC makes one UTF-16 unit 18 at most (U+FDFA). */
#define PREPARED_MAX (18 * LIMIT_PASSWORD)

static void set_form(struct pdf_password *form, const uint8_t *p, size_t n)
{
	form->n = n < PDF_PASSWORD_MAX ? n : PDF_PASSWORD_MAX;
	if (form->n > 0)
		memcpy(form->octets, p, form->n);
}

/* RFC 4013 as for a query: unassigned characters pass (RFC 3454 7). A password with a prohibited
 * character has no prepared form. */
static bool saslprep(struct bytes given, struct pdf_password *ret_form)
{
	UChar in[LIMIT_PASSWORD + 1], out[PREPARED_MAX];
	uint8_t utf8[3 * PREPARED_MAX];
	int32_t in_n = 0, out_n = 0, utf8_n = 0;
	UErrorCode status = U_ZERO_ERROR;
	UStringPrepProfile *profile = usprep_openByType(USPREP_RFC4013_SASLPREP, &status);
	u_strFromUTF8(
	    in, LIMIT_PASSWORD + 1, &in_n, (const char *)given.p, (int32_t)given.n, &status);
	if (U_SUCCESS(status))
		out_n = usprep_prepare(
		    profile, in, in_n, out, PREPARED_MAX, USPREP_ALLOW_UNASSIGNED, NULL, &status);
	u_strToUTF8((char *)utf8, sizeof(utf8), &utf8_n, out, out_n, &status);
	bool ok = U_SUCCESS(status);
	if (ok)
		set_form(ret_form, utf8, (size_t)utf8_n);
	if (profile)
		usprep_close(profile);
	bytes_wipe(in, sizeof(in));
	bytes_wipe(out, sizeof(out));
	bytes_wipe(utf8, sizeof(utf8));
	return ok;
}

static bool doc_encoded(struct bytes given, struct pdf_password *ret_form)
{
	uint8_t octets[LIMIT_PASSWORD];
	size_t n = 0;
	bool ok = pdf_text_doc_encode(given, octets, &n);
	if (ok)
		set_form(ret_form, octets, n);
	bytes_wipe(octets, sizeof(octets));
	return ok;
}

size_t pdf_password_forms(
    struct bytes given, bool unicode, struct pdf_password ret_forms[PDF_PASSWORD_FORMS])
{
	size_t n = 0;
	if (given.n > 0 && given.n <= LIMIT_PASSWORD)
		n = unicode ? saslprep(given, &ret_forms[0]) : doc_encoded(given, &ret_forms[0]);
	set_form(&ret_forms[n], given.p, given.n);
	bool same = n == 1 && ret_forms[0].n == ret_forms[1].n &&
		    memcmp(ret_forms[0].octets, ret_forms[1].octets, ret_forms[0].n) == 0;
	return same ? 1 : n + 1;
}
