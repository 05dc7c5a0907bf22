/*
 * What QPDF makes of a file, as plain values. QPDF's owner: it is called from here alone.
 *
 * Where a file is broken QPDF guesses; what it guessed is in its warnings and is not judged here.
 */
#ifndef BULLA_FORMATS_PDF_RECOVERY_OBJECTS_H
#define BULLA_FORMATS_PDF_RECOVERY_OBJECTS_H

#include "formats/pdf_value.h"

struct pdf_recovery_objects;

/* Reads the file, which must outlive the scope; QPDF's memory is outside of the scope's budget and
 * is released with it. Without `rebuild` it keeps to the cross-references as they stand.
 * ERR_FORMAT: QPDF cannot read it either; ERR_DENIED: not with this password; ERR_UNSUPPORTED. */
must_check enum err pdf_recovery_objects_open(struct scope *s, struct bytes file,
    struct bytes password, bool rebuild, struct pdf_recovery_objects **ret_objects);
bool pdf_recovery_objects_is_encrypted(const struct pdf_recovery_objects *o);
/* The trailer that QPDF found or made up. */
must_check enum err pdf_recovery_objects_trailer(
    struct scope *s, struct pdf_recovery_objects *o, const struct pdf_value **ret_dict);
/* An object by number; the null value if there is none. References to nothing have become null, and
 * streams have neither /Length nor a decoded filter. ERR_LIMIT: nested too deep. */
must_check enum err pdf_recovery_objects_get(struct scope *s, struct pdf_recovery_objects *o,
    struct pdf_ref ref, const struct pdf_value **ret_value);
/* The same as QPDF would write it, which costs less: references and /Length stay, and streams have
 * their octets only `with_data`. */
must_check enum err pdf_recovery_objects_reread(struct scope *s, struct pdf_recovery_objects *o,
    struct pdf_ref ref, bool with_data, const struct pdf_value **ret_value);
/* QPDF's first warning so far, "" if it has none. ERR_FORMAT: one of them says that an object which
 * was asked for, and which the file once had, is lost. */
must_check enum err pdf_recovery_objects_warning(
    struct scope *s, struct pdf_recovery_objects *o, char **ret_text);

#endif
