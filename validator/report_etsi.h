/*
 * The report as XML of ETSI TS 119 102-2 (schema of version 1.4.1), for other systems.
 *
 * A SignatureValidationReport for each signature and counter-signature; timestamps, document
 * timestamps among them, are validation objects with a report of their own, as are certificates,
 * CRLs, OCSP responses, what was signed, and the document. Every finding is a validation constraint
 * "urn:x-bulla:finding:CODE" with its sentence, clause and remedy; those on the document as a whole
 * stand in the report of object "D".
 *
 * Ids are those of the other renderings (S1, T1, C1 behind its signature's) or made of digests, so
 * they stay the same from run to run. A document without a signature has one report that says
 * "urn:cef:dss:mainindication:noSignatureFound" as EU DSS does: the standard has no word for it.
 * SignatureValidator is left out: nobody signs this report.
 */
#ifndef BULLA_VALIDATOR_REPORT_ETSI_H
#define BULLA_VALIDATOR_REPORT_ETSI_H

#include "validator/report.h"

/* Same report, same bytes. ERR_LIMIT beyond LIMIT_REPORT. */
must_check enum err report_etsi(struct scope *s, const struct report *r, struct bytes *ret_text);

#endif
