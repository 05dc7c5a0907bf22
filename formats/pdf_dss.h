/*
 * The document security store (ISO 32000-2 12.8.4.3, EN 319 142-1 5.4): certificates, CRLs and OCSP
 * responses that a PDF carries, as octets.
 *
 * Does not parse them, and does not ask who put them there or when.
 */
#ifndef BULLA_FORMATS_PDF_DSS_H
#define BULLA_FORMATS_PDF_DSS_H

#include "formats/pdf_file.h"

struct pdf_dss_vri {
	struct bytes key; /* the name: upper-case hex SHA-1 of a signature's /Contents octets */
	const struct pdf_value *dict;
};

struct pdf_dss {
	bool present;
	const struct pdf_value *dict;
	/* In the order of /Certs, /CRLs and /OCSPs; after them what only a /VRI entry names. An
	 * object that is named again is not repeated. */
	struct bytes *certs, *crls, *ocsps;
	struct pdf_ref *cert_refs, *crl_refs, *ocsp_refs; /* parallel; num 0 when direct */
	size_t n_certs, n_crls, n_ocsps;
	size_t n_unreadable; /* entries that are no stream, or cannot be decoded */
	struct pdf_dss_vri *vri;
	size_t n_vri;
};

/* The store of a revision. What cannot be read is counted, not fatal. ERR_LIMIT beyond
 * LIMIT_PDF_DSS_ITEMS of one kind. */
must_check enum err pdf_dss_read(
    struct scope *s, const struct pdf_file *f, size_t rev, struct pdf_dss *ret_dss);

#endif
