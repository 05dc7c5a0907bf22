/*
 * What was encrypted for a certificate: CMS EnvelopedData (RFC 5652 6) and PKCS #7 1.5 before it,
 * opened with a recipient's key. Key transport (RSA with PKCS #1 v1.5 or OAEP) and key agreement
 * (ECDH, RFC 5753: one key pair made for the message); content under AES, triple DES, DES, RC2,
 * RC4.
 *
 * Made for short secrets: content above RECIPIENT_SECRET_MAX octets is refused. Not checked: the
 * recipient's certificate in any way, unprotected attributes. There is no integrity protection:
 * whoever uses the content checks it.
 */
#ifndef BULLA_FORMATS_CMS_ENVELOPED_H
#define BULLA_FORMATS_CMS_ENVELOPED_H

#include "formats/recipient.h"

enum cms_enveloped_outcome {
	CMS_ENVELOPED_OTHERS, /* made for others */
	CMS_ENVELOPED_WRONG,  /* names the recipient, but the key does not open it */
	CMS_ENVELOPED_OPEN,
};

/* `der` may be followed by other octets. The first RecipientInfo that names the recipient's
 * certificate counts, by issuer and serial number or by key identifier. *ret_content is written
 * for CMS_ENVELOPED_OPEN alone; the caller wipes it. ERR_FORMAT: no EnvelopedData; ERR_UNSUPPORTED:
 * an algorithm on the recipient's way that is not known. Why a key does not open it is not told. */
must_check enum err cms_enveloped_open(struct scope *s, struct bytes der,
    const struct recipient *recipient, struct recipient_secret *ret_content,
    enum cms_enveloped_outcome *ret_outcome);

#endif
