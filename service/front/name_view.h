/*
 * A certificate's names (RFC 4514 text, as formats/cert_name.h writes it) as pages show them: for
 * eyes, not for comparing. Knows no DER.
 */
#ifndef BULLA_SERVICE_FRONT_NAME_VIEW_H
#define BULLA_SERVICE_FRONT_NAME_VIEW_H

#include "service/pages/template.h"

/* "CN=A,O=B" as "CN=A, O=B", so that a line can end there. In the scope; "" for NULL. */
must_check enum err name_view_spaced(struct scope *s, const char *name, const char **ret_text);

/* What it is called by: its common name without escapes, else its organisation; else all of it, as
 * above. What stands there as hexadecimal digits is left as it is. */
must_check enum err name_view_called(struct scope *s, const char *name, const char **ret_text);

/* Puts `subject` and `issuer`, spaced, and `called`, of the subject. `issuer` may be NULL. */
must_check enum err name_view_put(
    struct scope *s, struct template_data *d, const char *subject, const char *issuer);

#endif
