/*
 * Key agreement in CMS (RFC 5753 and, for its curves, RFC 8418 with the X9.63 derivation): from the
 * shared secret to the key that encrypts the content. Internal to formats/cms_enveloped.c.
 */
#ifndef BULLA_FORMATS_CMS_AGREEMENT_H
#define BULLA_FORMATS_CMS_AGREEMENT_H

#include "formats/recipient.h"

struct cms_agreement {
	struct bytes algorithm;     /* AlgorithmIdentifier of the scheme; its parameters wrap */
	struct bytes public_key;    /* the other side's, the octets of its BIT STRING */
	struct bytes user_material; /* the OCTET STRING TLV; empty when absent */
};

/* *ret_key: the octets under the wrap. False in *ret_opens: they do not unwrap with this secret.
 * ERR_UNSUPPORTED: scheme or wrap not known. */
must_check enum err cms_agreement_unwrap(struct scope *s, const struct cms_agreement *agreement,
    const struct recipient *recipient, struct bytes wrapped, struct recipient_secret *ret_key,
    bool *ret_opens);

#endif
