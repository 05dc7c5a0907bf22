/* Internal to tests/support/pdf_script*.c: one document being changed. */
#ifndef BULLA_TESTS_SUPPORT_PDF_SCRIPT_WORK_H
#define BULLA_TESTS_SUPPORT_PDF_SCRIPT_WORK_H

#include "formats/pdf_signature.h"
#include "tests/support/pdf_script.h"

#define PDF_SCRIPT_PIECES 128
#define PDF_SCRIPT_CAP ((size_t)8 << 20)

struct pdf_script_piece {
	struct pdf_ref ref;            /* num 0: octets between objects */
	const struct pdf_value *value; /* NULL: text */
	struct bytes text;
	bool unlisted;
	uint32_t packed_in, index; /* in an object stream */
	size_t offset;             /* when written */
};

struct pdf_script_entry {
	uint32_t num, gen;
	int kind; /* 0 free, 1 at an offset, 2 in an object stream */
	size_t offset;
	uint32_t stream, at;
};

enum pdf_script_section {
	PDF_SCRIPT_TABLE,
	PDF_SCRIPT_STREAM,
	PDF_SCRIPT_HYBRID,
	PDF_SCRIPT_TEXT,
	PDF_SCRIPT_NONE,
};

struct pdf_script {
	struct scope *s;
	struct bytes original, now;
	struct pdf_file *first; /* the original */
	struct pdf_file *file;  /* the last state that can be read */
	struct pdf_signature_list signatures;
	struct pdf_script_piece piece[PDF_SCRIPT_PIECES];
	size_t n;
	struct pdf_script_entry entry[2 * PDF_SCRIPT_PIECES];
	size_t n_entries;
	struct pdf_value *trailer;
	size_t prev; /* the last section */
	enum pdf_script_section section;
	uint32_t section_num, hidden[16];
	size_t n_hidden;
	struct bytes section_text;
	bool touched; /* by what belongs to an update */
	bool has_startxref, noeof;
	int64_t startxref;
	size_t mark;
};

/* Ends the program. */
void pdf_script_check(bool ok, const char *what, const char *more);
void pdf_script_must(const struct pdf_script *p, enum err err, const char *what);

/* -- pdf_script_words.c -- */
/* The line with all {NAME} replaced. */
char *pdf_script_expand(const struct pdf_script *p, const char *line);
/* TEXT: its octets. */
struct bytes pdf_script_octets(const struct pdf_script *p, const char *text);
/* Takes a number, a reference or a word off the front, and the white space before it. */
int64_t pdf_script_number(const char **text);
struct pdf_ref pdf_script_ref(const char **text);
char *pdf_script_word(const struct pdf_script *p, const char **text);
const struct pdf_value *pdf_script_value(const struct pdf_script *p, const char **text);

/* -- pdf_script_edit.c -- */
/* What an object is now; the null value. */
const struct pdf_value *pdf_script_object(const struct pdf_script *p, struct pdf_ref ref);
struct pdf_script_piece *pdf_script_put(
    struct pdf_script *p, struct pdf_ref ref, const struct pdf_value *v);
/* `verb`: 's' set, 'p' push, 'i' insert, 'd' delete. */
void pdf_script_edit(struct pdf_script *p, char verb, struct pdf_ref ref, const char *path,
    const struct pdf_value *v);

/* -- pdf_script_close.c -- */
void pdf_script_begin(struct pdf_script *p);
void pdf_script_close(struct pdf_script *p);

#endif
