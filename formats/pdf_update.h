/*
 * Incremental updates (ISO 32000-2 7.5.6): the only writer of PDF bytes. An update is made in
 * memory and appended by the caller; the bytes of the file before it never change.
 *
 * The cross-reference section has the form of the file's last one. A hybrid gets a table; offsets
 * of more than ten digits need a stream (ERR_UNSUPPORTED before PDF 1.5). Objects stand by
 * ascending number, the signature last. Fresh numbers are taken above the highest one of any
 * section. /ID, /Info and /Encrypt are carried over, never added; an integrity code (/AuthCode,
 * ISO/TS 32004) is left out, for it would be wrong. In encrypted files strings and streams are
 * encrypted for their object.
 *
 * Not checked: what the objects say; whether the file may be changed; whether other readers agree
 * about where its objects are (the caller opens the result again).
 */
#ifndef BULLA_FORMATS_PDF_UPDATE_H
#define BULLA_FORMATS_PDF_UPDATE_H

#include "formats/pdf_file.h"

struct pdf_update;

/* An update of `file` as it is now. seed: at least 16 unpredictable octets, for initialisation
 * vectors (may be empty when the file is not encrypted). */
must_check enum err pdf_update_new(struct scope *s, const struct pdf_file *file, struct bytes seed,
    struct pdf_update **ret_update);

/* A fresh object number, generation 0; ascending. When a file has used LIMIT_PDF_OBJECT_NUMBER
 * itself, the highest ones that it never used, descending. ERR_LIMIT: none is left, or
 * LIMIT_PDF_UPDATE_OBJECTS. */
must_check enum err pdf_update_reserve(struct pdf_update *u, struct pdf_ref *ret_ref);
/* The new content of an object, old or reserved; the last one put counts. ERR_MISUSE for one that
 * is neither (free, of another generation), and for the encryption dictionary. Built strings and
 * streams are plain octets; a stream that came from the file keeps its owner when copied, and is
 * put with its octets as stored. */
must_check enum err pdf_update_put(
    struct pdf_update *u, struct pdf_ref ref, const struct pdf_value *value);
/* What the object is as of now: what was put, else what the file holds. */
must_check enum err pdf_update_object(
    struct pdf_update *u, struct pdf_ref ref, const struct pdf_value **ret_value);
/* Entries to set in the trailer beside those carried over. */
must_check enum err pdf_update_set_trailer(
    struct pdf_update *u, const char *key, const struct pdf_value *value);
/* The signature dictionary of this update: `dict` without /ByteRange and /Contents; room for
 * contents_max octets of CMS. At most one per update. It is written as the last object. */
must_check enum err pdf_update_put_signature(
    struct pdf_update *u, struct pdf_ref ref, const struct pdf_value *dict, size_t contents_max);

struct pdf_update_result {
	uint8_t *p; /* the bytes to append, in the scope; changed by pdf_update_fill only */
	size_t n;
	/* Of the signature, offsets in the FILE that results: the hex string from its '<' to after
	 * its '>'. Both 0 without one. */
	size_t contents_start, contents_end;
	size_t file_size; /* of the file that results */
};
/* Serialises. The ByteRange is filled in already; /Contents holds zeros. */
must_check enum err pdf_update_close(struct pdf_update *u, struct pdf_update_result *ret_result);
/* Writes the CMS into /Contents. ERR_LIMIT when it does not fit. */
must_check enum err pdf_update_fill(struct scope *s, const struct pdf_file *file,
    struct pdf_update_result *result, struct bytes cms);
/* The two spans that the ByteRange covers, in up to three parts: before the update, and the
 * update's own two. For digest_compute. */
void pdf_update_signed_parts(
    const struct pdf_file *file, const struct pdf_update_result *result, struct bytes ret_parts[3]);

#endif
