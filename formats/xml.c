#include "formats/xml.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlwriter.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_text.h"

struct xml {
	struct scope *s;
	struct buf out;
	xmlTextWriterPtr writer;
	bool is_done; /* what libxml2 still says is not heard */
};

static void fault(struct xml *x, enum err e)
{
	if (x->out.failed == OK)
		x->out.failed = e;
}

/* libxml2's functions give -1 without memory. */
static void check(struct xml *x, int written)
{
	if (written < 0)
		fault(x, ERR_NOMEM);
}

static int take(void *context, const char *octets, int n)
{
	struct xml *x = context;
	if (!x->is_done)
		buf_add(&x->out, bytes_of(octets, (size_t)n));
	return n; /* libxml2 would print an error of its own */
}

static int end(void *context)
{
	(void)context;
	return 0;
}

static void release(void *obj)
{
	xmlFreeTextWriter(obj);
}

enum err xml_new(struct scope *s, size_t cap, struct xml **ret_x)
{
	struct xml *x = scope_alloc(s, sizeof(*x));
	if (!x)
		return ERR_NOMEM;
	*x = (struct xml){ .s = s, .out = buf_new(s, cap) };
	xmlInitParser();
	xmlOutputBufferPtr sink = xmlOutputBufferCreateIO(take, end, x, NULL);
	if (sink)
		x->writer = xmlNewTextWriter(sink);
	if (sink && !x->writer)
		xmlOutputBufferClose(sink);
	TRY(scope_own(s, x->writer, release));
	check(x, xmlTextWriterSetIndent(x->writer, 1));
	check(x, xmlTextWriterStartDocument(x->writer, NULL, "UTF-8", NULL));
	*ret_x = x;
	return OK;
}

/* XML 1.0 2.2, production Char. */
static bool is_allowed(uint32_t point)
{
	if (point < 0x20)
		return point == '\t' || point == '\n' || point == '\r';
	return point != 0xfffe && point != 0xffff;
}

static bool is_clean(struct bytes text)
{
	for (size_t at = 0; at < text.n;) {
		uint32_t point;
		if (!pdf_text_utf8_step(text, &at, &point) || !is_allowed(point))
			return false;
	}
	return true;
}

/* NULL when there is no memory. */
static const char *clean(struct xml *x, const char *text)
{
	struct bytes b = bytes_of_str(text);
	if (is_clean(b))
		return text ? text : "";
	struct buf out = buf_new(x->s, SIZE_MAX);
	char *copy;
	for (size_t at = 0; at < b.n;) {
		size_t from = at;
		uint32_t point;
		if (pdf_text_utf8_step(b, &at, &point) && is_allowed(point))
			buf_add(&out, bytes_cut(b, from, at - from));
		else
			buf_add_str(&out, "\xef\xbf\xbd");
	}
	if (buf_done_str(&out, &copy) == OK)
		return copy;
	fault(x, ERR_NOMEM);
	return NULL;
}

void xml_open(struct xml *x, const char *name)
{
	if (x->out.failed == OK)
		check(x, xmlTextWriterStartElement(x->writer, (const xmlChar *)name));
}

void xml_attribute(struct xml *x, const char *name, const char *value)
{
	const char *text = clean(x, value);
	if (x->out.failed == OK)
		check(x, xmlTextWriterWriteAttribute(
			     x->writer, (const xmlChar *)name, (const xmlChar *)text));
}

void xml_text(struct xml *x, const char *text)
{
	const char *safe = clean(x, text);
	if (x->out.failed == OK)
		check(x, xmlTextWriterWriteString(x->writer, (const xmlChar *)safe));
}

void xml_textf(struct xml *x, const char *fmt, ...)
{
	char text[LIMIT_BUF_FORMAT];
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(text))
		fault(x, ERR_LIMIT);
	else
		xml_text(x, text);
}

void xml_base64(struct xml *x, struct bytes b)
{
	char *text;
	if (x->out.failed != OK)
		return;
	if (b.n > INT_MAX / 2) {
		fault(x, ERR_LIMIT);
	} else if (bytes_to_base64(x->s, b, &text) != OK) {
		fault(x, ERR_NOMEM);
	} else {
		check(x, xmlTextWriterWriteRaw(x->writer, (const xmlChar *)text));
	}
}

void xml_instant(struct xml *x, struct instant t)
{
	char text[INSTANT_TEXT];
	struct instant shown = INSTANT_NONE;
	/* An instant outside of the years 1 to 9999 is shown as the nearest inside. */
	if (!instant_is_known(t) || !instant_of_civil(instant_civil(t), &shown)) {
		fault(x, ERR_INTERNAL);
		return;
	}
	instant_to_rfc3339(shown, text);
	xml_text(x, text);
}

void xml_close(struct xml *x)
{
	if (x->out.failed == OK)
		check(x, xmlTextWriterEndElement(x->writer));
}

void xml_leaf(struct xml *x, const char *name, const char *text)
{
	xml_open(x, name);
	xml_text(x, text);
	xml_close(x);
}

void xml_leaf_base64(struct xml *x, const char *name, struct bytes b)
{
	xml_open(x, name);
	xml_base64(x, b);
	xml_close(x);
}

void xml_leaf_instant(struct xml *x, const char *name, struct instant t)
{
	xml_open(x, name);
	xml_instant(x, t);
	xml_close(x);
}

enum err xml_done(struct xml *x, struct bytes *ret_text)
{
	if (x->out.failed == OK) {
		check(x, xmlTextWriterEndDocument(x->writer));
		check(x, xmlTextWriterFlush(x->writer));
	}
	x->is_done = true;
	return buf_done(&x->out, ret_text);
}
