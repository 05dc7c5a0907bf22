/*
 * One SignerInfo against its content: the certificate it names, the digest, the value, the
 * attributes that bind them (EN 319 102-1 5.2.3 and 5.2.7; RFC 5652 5.4-5.6; RFC 5035).
 */
#ifndef BULLA_VALIDATOR_DOCUMENT_SIGNER_H
#define BULLA_VALIDATOR_DOCUMENT_SIGNER_H

#include "validator/document.h"

/* `content` is the digest of what is signed by the signer's digest algorithm, NULL when it could
 * not be computed (then nothing matches). The signer's certificate is looked for in the evidence.
 */
must_check enum err document_signer_verify(struct scope *s, const struct cms_signer *signer,
    struct bytes content_type, const struct digest *content, const struct evidence *evidence,
    struct document_signer *ret_signer);

#endif
