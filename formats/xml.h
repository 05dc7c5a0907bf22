/*
 * Writes XML 1.0 in UTF-8, indented, the same bytes for the same calls. Foreign text may be
 * anything: what is not UTF-8, and characters that XML forbids, become U+FFFD.
 *
 * Names of elements and attributes are the caller's own constants, prefix included ("ds:Object"),
 * and are not checked; a prefix is declared with xml_attribute(x, "xmlns:ds", ...).
 */
#ifndef BULLA_FORMATS_XML_H
#define BULLA_FORMATS_XML_H

#include "base/buf.h"
#include "base/instant.h"

struct xml;

/* A document of at most `cap` octets. Failures are remembered until xml_done tells. */
must_check enum err xml_new(struct scope *s, size_t cap, struct xml **ret_x);
void xml_open(struct xml *x, const char *name);
/* Directly after xml_open. */
void xml_attribute(struct xml *x, const char *name, const char *value);
void xml_text(struct xml *x, const char *text);
/* Formatted text; at most LIMIT_BUF_FORMAT octets, else the document fails with ERR_LIMIT. */
void xml_textf(struct xml *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void xml_base64(struct xml *x, struct bytes b);
/* xs:dateTime. An unknown instant fails the document with ERR_INTERNAL. */
void xml_instant(struct xml *x, struct instant t);
/* Closes what was opened last. */
void xml_close(struct xml *x);

/* An element that holds one value. */
void xml_leaf(struct xml *x, const char *name, const char *text);
void xml_leaf_base64(struct xml *x, const char *name, struct bytes b);
void xml_leaf_instant(struct xml *x, const char *name, struct instant t);

/* Ends the document, with all that is open; the text lives as long as the scope. ERR_LIMIT: larger
 * than its cap. */
must_check enum err xml_done(struct xml *x, struct bytes *ret_text);

#endif
