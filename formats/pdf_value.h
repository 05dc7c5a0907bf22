/*
 * PDF objects as a tree (ISO 32000-2 7.3): made by the parser or built for an update, and written
 * out again. Values that came from a file are shared and must not be changed: copy, then set.
 */
#ifndef BULLA_FORMATS_PDF_VALUE_H
#define BULLA_FORMATS_PDF_VALUE_H

#include "base/buf.h"

enum pdf_kind {
	PDF_NULL,
	PDF_BOOL,
	PDF_INT,
	PDF_REAL,
	PDF_STRING,
	PDF_NAME,
	PDF_ARRAY,
	PDF_DICT,
	PDF_STREAM,
	PDF_REF,
};

struct pdf_ref {
	uint32_t num; /* 0: no object */
	uint32_t gen;
};

struct pdf_value;

struct pdf_entry {
	struct bytes key; /* decoded, without the solidus */
	const struct pdf_value *value;
};

struct pdf_value {
	enum pdf_kind kind;
	/* Where its bytes stand in the file: [start, end). Both 0 for what was built, and for what
	 * stands in an object stream. Of a stream: from the dictionary to after `endstream`. */
	size_t start, end;
	bool hex;            /* PDF_STRING: hexadecimal form */
	bool duplicate_keys; /* PDF_DICT: some key occurs twice; the last one counts */
	union {
		bool boolean;
		int64_t integer;
		struct bytes real; /* as written, e.g. "-.5" */
		struct {
			/* octets after unescaping and, in encrypted files, decryption */
			struct bytes string;
			/* num 0, or the object it belongs to in a file that is locked: the octets
			 * are ciphertext, and no text */
			struct pdf_ref locked_in;
		};
		struct bytes name; /* decoded (#xx), without the solidus */
		struct {
			const struct pdf_value **item;
			size_t n, room;
		} array;
		struct {
			struct pdf_entry *item;
			size_t n, room;
			const uint32_t *order; /* private: items by key, of large ones; or NULL */
		} dict;
		struct {
			const struct pdf_value *dict;
			struct bytes raw;     /* as stored: encoded, and encrypted if the file is */
			struct pdf_ref owner; /* the object it is, for decryption */
		} stream;
		struct pdf_ref ref;
	};
};

/* The one null value. */
extern const struct pdf_value pdf_value_null;

/* -- looking; none of these follows references (pdf_file_find does) -- */
/* Entry of a dictionary, or of a stream's dictionary; NULL when absent or v is neither or NULL. */
const struct pdf_value *pdf_value_find(const struct pdf_value *v, const char *key);
bool pdf_value_is_name(const struct pdf_value *v, const char *name);
bool pdf_value_is_ref_to(const struct pdf_value *v, struct pdf_ref ref);
static inline bool pdf_value_refs_equal(struct pdf_ref a, struct pdf_ref b)
{
	return a.num == b.num && a.gen == b.gen;
}
/* A string whose octets can be read. */
static inline bool pdf_value_is_string(const struct pdf_value *v)
{
	return v && v->kind == PDF_STRING && v->locked_in.num == 0;
}
/* A string that only the key of a recipient would open. */
static inline bool pdf_value_is_locked(const struct pdf_value *v)
{
	return v && v->kind == PDF_STRING && v->locked_in.num != 0;
}
/* Integer, or a real without fraction; false otherwise (and for NULL). */
bool pdf_value_integer(const struct pdf_value *v, int64_t *ret_n);
/* Integer or real; false otherwise. */
bool pdf_value_number(const struct pdf_value *v, double *ret_n);
/* Same content by value (ISO 32000 equality): 612 = 612.0, order of keys free, a null entry is an
 * absent one (7.3.7), strings compared decoded, locked ones as ciphertext of one object; streams by
 * dictionary (but /Length) and raw octets; references by number. NULL is the null value. */
bool pdf_value_equal(const struct pdf_value *a, const struct pdf_value *b);

/* -- building, in the scope; the results may be changed until they are handed on. NULL when out of
 *    memory (the scope has the fault). Texts are borrowed. -- */
struct pdf_value *pdf_value_new_bool(struct scope *s, bool value);
struct pdf_value *pdf_value_new_int(struct scope *s, int64_t value);
/* At most 4 decimals; clamped to what readers can hold (nine hundred billion), not-a-number to 0.
 */
struct pdf_value *pdf_value_new_real(struct scope *s, double value);
struct pdf_value *pdf_value_new_name(struct scope *s, const char *name);
struct pdf_value *pdf_value_new_string(struct scope *s, struct bytes octets);
struct pdf_value *pdf_value_new_hex(struct scope *s, struct bytes octets);
struct pdf_value *pdf_value_new_ref(struct scope *s, struct pdf_ref ref);
struct pdf_value *pdf_value_new_array(struct scope *s);
struct pdf_value *pdf_value_new_dict(struct scope *s);
struct pdf_value *pdf_value_new_stream(
    struct scope *s, const struct pdf_value *dict, struct bytes raw);
/* A dictionary or array of its own with the same entries (the entries are shared). Other kinds: a
 * copy. Offsets are 0. */
struct pdf_value *pdf_value_copy(struct scope *s, const struct pdf_value *v);
/* Sets or replaces an entry; a NULL value is ERR_NOMEM, so constructors can be nested unchecked. */
must_check enum err pdf_value_set(
    struct scope *s, struct pdf_value *dict, const char *key, const struct pdf_value *value);
void pdf_value_remove(struct pdf_value *dict, const char *key);
/* For the parser, when a dictionary is complete: notes duplicate keys and orders a large one, so
 * that looking up stays cheap. */
must_check enum err pdf_value_index(struct scope *s, struct pdf_value *dict);
must_check enum err pdf_value_append(
    struct scope *s, struct pdf_value *array, const struct pdf_value *value);

/* -- writing -- */
/* Changes the octets of a string or a stream just before they are written (encryption). */
struct pdf_value_cipher {
	void *ctx;
	enum err (*encrypt)(void *ctx, struct scope *s, bool is_stream, struct bytes plain,
	    struct bytes *ret_cipher);
};
/* Appends the value in PDF syntax. Streams get their true /Length. `cipher` may be NULL; strings
 * that went through it are written in hexadecimal. Fails only through `cipher`; the buffer keeps
 * its own failure. */
must_check enum err pdf_value_write(struct scope *s, struct buf *b, const struct pdf_value *v,
    const struct pdf_value_cipher *cipher);

#endif
