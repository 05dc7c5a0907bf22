/*
 * A signed form for tests of what may change afterwards: its objects as macros, to be written again
 * with a difference, and what the comparison says of it.
 */
#ifndef BULLA_TESTS_SUPPORT_SEALED_FORM_H
#define BULLA_TESTS_SUPPORT_SEALED_FORM_H

#include "tests/support/pdf_make.h"
#include "validator/modification.h"

#define SEALED_FORM_WIDGET "/Type /Annot /Subtype /Widget /P 3 0 R "
#define SEALED_FORM_SIG                                                                            \
	"/Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 10 20 30] /Contents "            \
	"<3003020105>"
#define SEALED_FORM_STAMP                                                                          \
	"/Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /ByteRange [0 10 20 40] /Contents "          \
	"<3003020105>"
#define SEALED_FORM_FORM                                                                           \
	"/Fields [7 0 R 8 0 R 12 0 R 13 0 R] /DR << /Font << /F1 5 0 R >> >> /DA (/F1 0 Tf)"
#define SEALED_FORM_CATALOG "/Type /Catalog /Pages 2 0 R /AcroForm 6 0 R"
#define SEALED_FORM_PAGE                                                                           \
	"/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "                       \
	"/Resources << /Font << /F1 5 0 R >> >> "
#define SEALED_FORM_ANNOTS "7 0 R 8 0 R 12 0 R 13 0 R 14 0 R"
#define SEALED_FORM_NAME SEALED_FORM_WIDGET "/FT /Tx /T (name) /F 4 /Rect [72 600 300 620] "
#define SEALED_FORM_OTHER SEALED_FORM_WIDGET "/FT /Tx /T (group) /F 4 /Rect [72 560 300 580] "
#define SEALED_FORM_EMPTY SEALED_FORM_WIDGET "/FT /Sig /T (empty) /F 4 /Rect [72 400 300 460] "
#define SEALED_FORM_NOTE "/Type /Annot /Subtype /Text /Rect [10 10 30 30] "
#define SEALED_FORM_BOX "/Type /XObject /Subtype /Form /BBox [0 0 9 9]"

#define SEALED_FORM_DOCMDP(p)                                                                      \
	"/Reference [<< /TransformMethod /DocMDP /TransformParams << /P " #p " >> >>]"
#define SEALED_FORM_FIELDMDP(action, fields)                                                       \
	"/Reference [<< /TransformMethod /FieldMDP /TransformParams << /Action /" action           \
	" /Fields [" fields "] >> >>]"

/* A form: text fields "name" (7, appearance 9) and "group" (12), signature fields "seal" (8,
 * dictionary 10) and "empty" (13), a note (14). `catalog` and `sig`: more entries of 1 and 10. The
 * signed revision is open still. */
struct pdf_make *sealed_form_begin(struct scope *s, const char *catalog, const char *sig);
void sealed_form_close(struct pdf_make *m);
/* The same, closed; and without more entries. */
struct pdf_make *sealed_form_new(struct scope *s, const char *catalog, const char *sig);
struct pdf_make *sealed_form_plain(struct scope *s);

/* What changed since revision `rev`, for the signature "seal". */
struct modification_list sealed_form_since(struct scope *s, struct bytes bytes, size_t rev);
/* Closes an update of the first revision, and compares. */
struct modification_list sealed_form_changes(struct scope *s, struct pdf_make *m);
/* An entry with these words in its path; and nothing is forbidden, or something is. */
void sealed_form_expect(const struct modification_list *l, bool allowed, const char *path);
/* Both at once. */
void sealed_form_allows(struct scope *s, struct pdf_make *m, const char *path);
void sealed_form_forbids(struct scope *s, struct pdf_make *m, const char *path);
void sealed_form_is_silent(struct scope *s, struct pdf_make *m);

#endif
