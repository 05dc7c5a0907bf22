/*
 * How a document is to be sealed, as a portal asks for it: JSON with these keys and no other. All
 * may be missing.
 *
 *	{ "level": "B-T|B-LT|B-LTA",  "digest": "sha256|sha384|sha512",  "rsaPkcs1": true,
 *	  "field": "name of an empty or a new field",
 *	  "certify": 1..3,
 *	  "lock": {"action": "all|include|exclude", "fields": ["name"], "permission": 1..3},
 *	  "reason": "", "location": "", "contact": "", "signerName": "",
 *	  "visible": {
 *	      "page": 1 or -1 (the last),
 *	      "box": {"x": 0, "y": 0, "width": 200, "height": 80},
 *	      "anchor": {"text": "words on a page", "side": "right|below|over", "page": 1,
 *	          "width": 200, "height": 80},
 *	      "look": "text|picture|both|official|strip|code",
 *	      "language": "en|hu|az|tr|uk|vi",  "zone": "UTC" or "+02:00",
 *	      "note": "",
 *	      "barcode": {"kind": "qr|pdf417|code128", "text": "" or "base64": ""} } }
 *
 * Lengths are whole points of the page as people see it, from its upper left corner. "box" goes
 * with "page", "anchor" with neither; with none of them the seal stands in a corner of the first
 * page, or in its field's place. A picture does not lie in JSON: it goes beside it.
 */
#ifndef BULLA_SERVICE_WORKER_WORKER_SEAL_OPTIONS_H
#define BULLA_SERVICE_WORKER_WORKER_SEAL_OPTIONS_H

#include "formats/json_tree.h"
#include "sealer/seal.h"

struct worker_seal_options {
	bool has_level, has_rsa_pkcs1, has_look, has_language; /* else the configuration says */
	bool is_visible;
	enum seal_level level;
	enum digest_alg digest; /* DIGEST_UNKNOWN: as the key likes it */
	bool rsa_pkcs1;
	const char *field; /* NULL where not said, as the other texts */
	int certify;
	bool has_lock;
	struct pdf_field_lock lock;
	const char *reason, *location, *contact, *signer_name;
	struct appearance_request look; /* without picture and fonts */
	const char *anchor;             /* the text; look.place has the rest */
	int anchor_page;                /* 0: any */
};

/* `path` stands before the paths of faults: "$.options". Below LIMIT_WORKER_TEXT octets in each
 * text. ERR_FORMAT: "$.options.visible.page: ..."; texts live in the scope. */
must_check enum err worker_seal_options_parse(struct scope *s, const struct json_tree *tree,
    const char *path, struct worker_seal_options *ret_options);
/* The same from JSON text; empty: nothing is said. Path "$". */
must_check enum err worker_seal_options_read(
    struct scope *s, struct bytes json, struct worker_seal_options *ret_options);
/* Into a request: all but the key, trust, authorities, picture, fonts, and the place of an anchor.
 * The request points to `o` then. */
void worker_seal_options_apply(struct worker_seal_options *o, struct seal_request *request);

#endif
