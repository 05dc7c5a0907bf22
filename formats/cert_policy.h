/*
 * The certificate extensions that steer policy processing (RFC 5280 4.2.1.5, 4.2.1.11, 4.2.1.14):
 * readers for formats/cert_extensions.h. What follows from them is validator/path_policies.h's
 * matter.
 */
#ifndef BULLA_FORMATS_CERT_POLICY_H
#define BULLA_FORMATS_CERT_POLICY_H

#include "formats/cert.h"

/* Each fills in its facts of the certificate from the extension's value. ERR_FORMAT, ERR_LIMIT. */
must_check enum err cert_policy_mappings(struct scope *s, struct bytes value, struct cert *c);
must_check enum err cert_policy_constraints(struct scope *s, struct bytes value, struct cert *c);
must_check enum err cert_policy_inhibit_any(struct scope *s, struct bytes value, struct cert *c);

#endif
