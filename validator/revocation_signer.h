/*
 * Who signed a CRL or an OCSP response, and with what authority (RFC 5280 6.3.3 (f), (g);
 * RFC 6960 4.2.2.2). Private to the modules revocation*.
 *
 * The issuer of the certificate in question may always sign; its own status is on the path of that
 * certificate, and not looked at here. Anyone else needs a path to the same trust anchor, valid
 * when the item was issued, on which every certificate is known to be good:
 *
 * - the signer of a CRL bears the name of the list's issuer, and may sign lists by its key usage;
 * - a responder was issued by the same authority (by name and anchor: an authority may have several
 *   keys, RFC 6960 only recommends the same one), for OCSPSigning; id-pkix-ocsp-nocheck excuses its
 *   own status.
 *
 * Where a list is signed by the very certificate whose status is asked (RFC 5280 6.3.3 (f)
 * and 6.1.3 (a)(3) are circular here and give no rule), the signer is told as such: the caller uses
 * the list when there is nothing else.
 */
#ifndef BULLA_VALIDATOR_REVOCATION_SIGNER_H
#define BULLA_VALIDATOR_REVOCATION_SIGNER_H

#include "validator/revocation_memo.h"

must_check enum err revocation_signer_of_crl(struct scope *s, struct revocation_judge *j,
    const struct evidence_crl *item, const struct cert *cert, const struct cert *issuer,
    struct revocation_signer *ret_signer);
must_check enum err revocation_signer_of_ocsp(struct scope *s, struct revocation_judge *j,
    const struct evidence_ocsp *item, const struct cert *cert, const struct cert *issuer,
    struct revocation_signer *ret_signer);
/* `signer` made the list's signature: *ret_why NULL. Remembered. */
must_check enum err revocation_signer_made(struct scope *s, struct revocation_judge *j,
    const struct crl *crl, const struct cert *signer, const char **ret_why);

#endif
