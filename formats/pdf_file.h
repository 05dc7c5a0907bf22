/*
 * A PDF file as a chain of revisions (ISO 32000-2 7.5): every cross-reference section from the last
 * startxref back through /Prev, objects as any revision defines them, object streams, encryption.
 *
 * Reads strictly: what a revision says is what its cross-reference sections say; nothing is
 * searched for or rebuilt (formats/pdf_recovery.h does that, for sealing). Small, unambiguous slips
 * are tolerated and told (enum pdf_file_quirk). Signed files are judged by the same reader.
 *
 * Not checked on open: that every entry lands on its object (pdf_file_count_wrong_entries), the
 * page tree, or anything about signatures.
 */
#ifndef BULLA_FORMATS_PDF_FILE_H
#define BULLA_FORMATS_PDF_FILE_H

#include "formats/pdf_crypt.h"
#include "formats/pdf_syntax.h"

enum pdf_file_quirk {
	PDF_QUIRK_JUNK_BEFORE_HEADER = 1 << 0, /* offsets count from the header, ByteRange from 0 */
	PDF_QUIRK_STARTXREF_WHITE = 1 << 1, /* startxref points at white space before the section */
	PDF_QUIRK_XREF_FORM = 1 << 2,       /* entries of 19 or 21 octets, padded numbers, ... */
	PDF_QUIRK_XREF_FIRST = 1 << 3,      /* first subsection starts at 1 where 0 was meant */
	PDF_QUIRK_SIZE = 1 << 4,            /* /Size is not above the highest number */
	PDF_QUIRK_ENTRY_OFFSET_0 = 1 << 5,  /* in-use entries at offset 0, taken as free */
	PDF_QUIRK_HEADER = 1 << 6,          /* odd version in the header */
	PDF_QUIRK_TRAILING = 1 << 7,        /* other than white space after the last %%EOF */
	PDF_QUIRK_EOF_MISSING = 1 << 8,     /* no %%EOF after the last startxref */
	PDF_QUIRK_ENCRYPT_DIRECT = 1 << 9,  /* /Encrypt is a direct object */
	PDF_QUIRK_XREF_TWICE = 1 << 10, /* a section lists a number twice: the first one counts */
	PDF_QUIRK_PREV_0 = 1 << 11,     /* /Prev 0, taken as none */
	PDF_QUIRK_OFFSETS_ABSOLUTE = 1 << 12, /* junk before the header is counted in offsets */
	PDF_QUIRK_REVISIONS_MERGED = 1 << 13, /* sections without a startxref of their own, or out
						 of order: see struct pdf_revision */
	PDF_QUIRK_ROOT_OLDER = 1 << 14, /* the last trailer has no /Root: that of an older one */
};

enum pdf_entry_kind {
	PDF_ENTRY_FREE,
	PDF_ENTRY_OFFSET,     /* at an offset */
	PDF_ENTRY_COMPRESSED, /* in an object stream */
};

struct pdf_xref_entry {
	uint32_t num;
	uint32_t gen; /* 0 for compressed ones */
	enum pdf_entry_kind kind;
	size_t offset;   /* from the beginning of the FILE, junk before the header counted in */
	uint32_t stream; /* number of the object stream */
	uint32_t index;  /* in the object stream */
};

enum pdf_section_kind {
	PDF_SECTION_TABLE,
	PDF_SECTION_STREAM,
	PDF_SECTION_HYBRID, /* a table with /XRefStm; entries of both, those of the stream win where
			       the table says free (7.5.8.4) */
};

struct pdf_section {
	size_t offset, end; /* of the section: from `xref` or `N G obj` to after trailer/endobj */
	enum pdf_section_kind kind;
	const struct pdf_value *trailer;      /* trailer or stream dictionary */
	const struct pdf_xref_entry *entries; /* ascending by num, one per num; without those
						  that are free and above the limit of numbers */
	size_t n_entries;
	size_t xrefstm_offset;              /* PDF_SECTION_HYBRID */
	const struct pdf_xref_entry *table; /* the same: the entries of the table alone */
	size_t n_table;
};

/* What one saving of the file wrote: usually one section. Two of a linearized file are one
 * revision; and so is a section that has no `startxref` of its own before the next one begins, or
 * that stands before an older one, with its neighbour (PDF_QUIRK_REVISIONS_MERGED): it cannot be
 * told apart. */
struct pdf_revision {
	const struct pdf_section *const *sections; /* [0] is looked in first */
	size_t n_sections;
	size_t start;     /* end of the revision before; 0 for the first */
	size_t startxref; /* offset of the keyword; SIZE_MAX if there is none */
	size_t points_to; /* the offset after it, from the beginning of the file; 0 in the first
			     half of a linearized file; SIZE_MAX if there is none */
	size_t eof;       /* offset after the letters %%EOF (or after the number, if missing) */
	size_t end;       /* offset after %%EOF and its one end-of-line marker, if any */
};

struct pdf_file {
	struct bytes bytes; /* the whole file, borrowed */
	size_t header;      /* offset of %PDF- */
	size_t base;        /* what offsets in the file count from: header, or 0 */
	int version; /* 10 * major + minor of the header, 0 if unreadable; the catalog may say more
		      */
	uint32_t quirks;
	const char *damage; /* by formats/pdf_salvage.h alone: why the end of the file cannot be
			       read; what can is in the revisions. NULL: all of it can */
	bool linearized;
	const struct pdf_revision *revisions; /* oldest first */
	size_t n_revisions;
	uint32_t highest;                /* highest object number in any section (not from /Size) */
	const struct pdf_value *trailer; /* of the latest revision */
	struct pdf_ref root;
	struct pdf_ref encrypt;       /* num 0 when direct or none */
	struct pdf_crypt *crypt;      /* NULL: not encrypted */
	struct pdf_file_cache *cache; /* private; makes a file single-threaded, as its scope is */
};

/* Opens a file. `password` may be empty. ERR_FORMAT: not a PDF, or damaged (the text says where);
 * ERR_DENIED: needs (another) password; ERR_UNSUPPORTED: encryption or filter not known;
 * ERR_LIMIT. `bytes` must outlive the scope; a mapped file is touched only where needed. */
must_check enum err pdf_file_open(
    struct scope *s, struct bytes bytes, struct bytes password, struct pdf_file **ret_file);

/* A file with its header read and no revisions yet: for formats/pdf_salvage.h. ERR_FORMAT: no PDF.
 */
must_check enum err pdf_file_new(struct scope *s, struct bytes bytes, struct pdf_file **ret_file);
/* The same with more than a password. A file that opened locked (struct pdf_crypt_means) has
 * strings that cannot be read (pdf_value_is_locked), and streams and objects in object streams that
 * are ERR_DENIED. */
must_check enum err pdf_file_open_by(struct scope *s, struct bytes bytes,
    const struct pdf_crypt_means *means, struct pdf_file **ret_file);
/* Some strings or streams of the file are locked. */
bool pdf_file_is_locked(const struct pdf_file *f);

/* The same file as readers see it that do not know of /XRefStm (7.5.8.4); NULL when there is none
 * in it. `s` is the scope of pdf_file_open. Nothing of it is checked: it may lack a catalog. */
must_check enum err pdf_file_plain(
    struct scope *s, const struct pdf_file *f, struct pdf_file **ret_plain);

/* In all that follows, `s` is the scope of pdf_file_open, where what is read is kept. `rev` is an
 * index into revisions: objects are seen as that revision left them. pdf_file_latest is what
 * readers show. */
static inline size_t pdf_file_latest(const struct pdf_file *f)
{
	return f->n_revisions - 1;
}

/* The entry that counts for an object number in a revision, and in which revision it was made;
 * NULL when the number was never used. */
const struct pdf_xref_entry *pdf_file_entry(
    const struct pdf_file *f, size_t rev, uint32_t num, size_t *ret_made_in);
/* The object; the null value when it is free, missing or of another generation. ERR_FORMAT when
 * its entry does not lead to it. Values are shared and cached. */
must_check enum err pdf_file_object(struct scope *s, const struct pdf_file *f, size_t rev,
    struct pdf_ref ref, const struct pdf_value **ret_value);
/* Follows references, at most LIMIT_PDF_RESOLVE; NULL gives the null value. */
must_check enum err pdf_file_resolve(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *v, const struct pdf_value **ret_value);
/* Entry `key` of a dictionary or stream (or of what v refers to), resolved; null value if absent.
 */
must_check enum err pdf_file_find(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *v, const char *key, const struct pdf_value **ret_value);
/* Decrypted and decoded content of a stream. */
must_check enum err pdf_file_stream_data(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_value *stream, struct bytes *ret_data);
/* The same, kept in another scope, which has the fault of decoding too: for what is needed once. */
must_check enum err pdf_file_stream_data_apart(struct scope *s, struct scope *apart,
    const struct pdf_file *f, size_t rev, const struct pdf_value *stream, struct bytes *ret_data);

/* The catalog of a revision (a dictionary; else ERR_FORMAT). */
must_check enum err pdf_file_catalog(
    struct scope *s, const struct pdf_file *f, size_t rev, const struct pdf_value **ret_catalog);
/* The trailer that counts in a revision. */
const struct pdf_value *pdf_file_trailer(const struct pdf_file *f, size_t rev);
/* The n-th page (from 0) of a revision, walking /Kids with a guard against loops. *ret_ref.num is 0
 * for a direct page object; *ret_page NULL when there is no such page. */
must_check enum err pdf_file_page(struct scope *s, const struct pdf_file *f, size_t rev, size_t n,
    struct pdf_ref *ret_ref, const struct pdf_value **ret_page);

/* A page with the nodes above it in the page tree, nearest first, from which it inherits. */
struct pdf_file_leaf {
	struct pdf_ref ref;           /* num 0: direct */
	const struct pdf_value *page; /* NULL: there is none */
	const struct pdf_value *const *above;
	size_t n_above;
	size_t passed; /* pages before it; all there are when there is none */
};
/* As pdf_file_page. */
must_check enum err pdf_file_leaf(struct scope *s, const struct pdf_file *f, size_t rev, size_t n,
    struct pdf_file_leaf *ret_leaf);
/* The page that is this object, or with `page` 0 the first one with this annotation. */
must_check enum err pdf_file_leaf_with(struct scope *s, const struct pdf_file *f, size_t rev,
    struct pdf_ref page, struct pdf_ref annotation, struct pdf_file_leaf *ret_leaf);
/* An entry that may be inherited (7.7.3.4), resolved; null value if absent. */
must_check enum err pdf_file_leaf_find(struct scope *s, const struct pdf_file *f, size_t rev,
    const struct pdf_file_leaf *leaf, const char *key, const struct pdf_value **ret_value);

/* How many in-use entries that count in the latest revision do not land on `N G obj` of their own
 * number and generation (or, compressed, name no object stream). Objects in object streams are not
 * opened. One line about the first one goes to ret_example (NULL if none). */
must_check enum err pdf_file_count_wrong_entries(
    struct scope *s, const struct pdf_file *f, size_t *ret_n, char **ret_example);
/* An uncompressed entry that leads to the head of its object; white space before it is let pass. */
bool pdf_file_is_at_entry(const struct pdf_file *f, const struct pdf_xref_entry *entry);
/* Where an object of kind PDF_ENTRY_OFFSET stands: [start, end) with its `endobj`. */
must_check enum err pdf_file_object_span(struct scope *s, const struct pdf_file *f,
    const struct pdf_xref_entry *entry, size_t *ret_start, size_t *ret_end);

#endif
