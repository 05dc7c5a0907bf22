/*
 * A signed PDF as facts for the judge: its signatures with their CMS, the timestamp tokens inside
 * and beside them, digests over the ranges, which certificate signed. Read once; everything after
 * this is judgement.
 */
#ifndef BULLA_VALIDATOR_DOCUMENT_H
#define BULLA_VALIDATOR_DOCUMENT_H

#include "formats/cms.h"
#include "formats/digest_prefix.h"
#include "formats/pdf_dss.h"
#include "formats/pdf_signature.h"
#include "formats/tst.h"
#include "validator/evidence.h"

/* What one SignerInfo is worth by itself (EN 319 102-1 5.2.3, 5.2.7). */
struct document_signer {
	const struct cms_signer *cms; /* NULL: no CMS */
	const struct cert *cert;      /* the signer's; NULL: not at hand */
	bool algorithm_known;         /* of digest and signature value */
	bool digest_matches;          /* the signed digest is that of the content */
	bool value_valid;             /* the signature value verifies with cert's key */
	bool attrs_in_order;          /* signed attributes are in DER order, or absent */
	bool has_signed_attrs;
	bool content_type_matches;   /* the attribute names the content's type, or is absent */
	bool has_ess, ess_matches;   /* signing-certificate attribute; its first entry is cert */
	struct instant signing_time; /* CMS attribute, INSTANT_NONE if absent */
	enum digest_alg digest_alg;
	struct signature_alg sig_alg;
};

/* An RFC 3161 token. */
struct document_token {
	const char *kind;      /* "content", "signature", "archive", "document" */
	struct bytes der;      /* as it was found; a document timestamp's without its padding */
	const struct cms *cms; /* NULL when it cannot be read */
	bool is_readable;      /* cms and info are there */
	struct tst_info info;
	bool imprint_matches; /* the imprint is the digest of what the token was found on */
	struct document_signer signer;
};

/* A signature on the signature value of another (RFC 5652 11.4, EN 319 122-1 5.2.7). */
struct document_counter_signature {
	const struct cms_counter_signature *cms; /* NULL: there are too many to be read */
	struct document_signer signer;
};

struct document_signature {
	const struct pdf_signature *pdf;
	bool has_ranges;       /* the ByteRange is well-formed and lies inside the file */
	const struct cms *cms; /* NULL: none or unreadable */
	struct digest content; /* over the ranges, by the signer's algorithm; alg DIGEST_UNKNOWN:
				  not to be computed */
	struct document_signer signer;
	struct document_token *tokens; /* inside the CMS; of a document timestamp: itself, alone */
	size_t n_tokens;
	struct document_counter_signature *counters; /* those on others come after these */
	size_t n_counters;
};

struct document {
	struct bytes bytes;
	struct digest_prefix *prefix; /* over bytes */
	const struct pdf_file *file;
	struct pdf_signature_list list;
	struct pdf_dss dss;                    /* of the latest revision */
	struct document_signature *signatures; /* parallel to list.item */
	size_t n_signatures;
	char *disagreement; /* what two readers take for something else each, of a signed file; NULL
			       if they agree (formats/pdf_second_reading.h) */
};

/* Reads the document, puts everything embedded (CMS, tokens, DSS) into the evidence, and looks for
 * signers' certificates there too. ERR_FORMAT, ERR_DENIED, ERR_UNSUPPORTED as pdf_file_open_by: a
 * bad signature is never an error. */
must_check enum err document_read(struct scope *s, struct bytes bytes,
    const struct pdf_crypt_means *means, struct evidence *evidence, struct document **ret_document);

/* The spans of a ByteRange that was found to lie inside the file. */
void document_ranges(
    const struct document *d, const struct pdf_signature *p, struct bytes ret_parts[2]);

#endif
