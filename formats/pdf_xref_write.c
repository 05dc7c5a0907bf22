#include "formats/pdf_xref_write.h"

#include "base/scope.h"

/* Octets of the generation's column in a stream. */
#define GENERATION_WIDTH 2

static size_t run_length(const struct pdf_xref_write_line *lines, size_t n)
{
	size_t run = 1;
	while (run < n && lines[run].ref.num == lines[run - 1].ref.num + 1)
		run++;
	return run;
}

enum err pdf_xref_write_table(struct scope *s, struct buf *b,
    const struct pdf_xref_write_line *lines, size_t n, const struct pdf_value *trailer)
{
	/* A table without entries still needs a subsection for some readers. */
	buf_add_str(b, n ? "xref\n" : "xref\n0 0\n");
	for (size_t i = 0, run; i < n; i += run) {
		run = run_length(lines + i, n - i);
		buf_addf(b, "%lu %zu\n", (unsigned long)lines[i].ref.num, run);
		for (size_t k = i; k < i + run; k++)
			buf_addf(b, "%010zu %05lu n \n", lines[k].offset,
			    (unsigned long)lines[k].ref.gen);
	}
	buf_add_str(b, "trailer\n");
	TRY(pdf_value_write(s, b, trailer, NULL));
	buf_add_byte(b, '\n');
	return OK;
}

static void add_big_endian(struct buf *b, uint64_t n, unsigned width)
{
	while (width-- > 0)
		buf_add_byte(b, (uint8_t)(n >> (8 * width)));
}

static unsigned octets_of(uint64_t n)
{
	unsigned width = 1;
	while (width < 8 && n >> (8 * width))
		width++;
	return width;
}

static enum err build_index(struct scope *s, const struct pdf_xref_write_line *lines, size_t n,
    struct pdf_value **ret_index)
{
	struct pdf_value *index = pdf_value_new_array(s);
	for (size_t i = 0, run; i < n; i += run) {
		run = run_length(lines + i, n - i);
		TRY(pdf_value_append(s, index, pdf_value_new_int(s, lines[i].ref.num)));
		TRY(pdf_value_append(s, index, pdf_value_new_int(s, (int64_t)run)));
	}
	*ret_index = index;
	return OK;
}

static enum err build_data(struct scope *s, const struct pdf_xref_write_line *lines, size_t n,
    unsigned offset_width, struct bytes *ret_data)
{
	struct buf data = buf_new(s, n * (1 + offset_width + GENERATION_WIDTH));
	for (size_t i = 0; i < n; i++) {
		buf_add_byte(&data, 1); /* in use, not compressed */
		add_big_endian(&data, lines[i].offset, offset_width);
		add_big_endian(&data, lines[i].ref.gen, GENERATION_WIDTH);
	}
	return buf_done(&data, ret_data);
}

enum err pdf_xref_write_stream(struct scope *s, struct buf *b,
    const struct pdf_xref_write_line *lines, size_t n, size_t own, struct pdf_value *trailer)
{
	const struct pdf_ref ref = lines[own].ref;
	const unsigned offset_width = octets_of(lines[own].offset);
	struct pdf_value *index, *w = pdf_value_new_array(s);
	struct bytes data;
	TRY(build_index(s, lines, n, &index));
	TRY(build_data(s, lines, n, offset_width, &data));
	TRY(pdf_value_append(s, w, pdf_value_new_int(s, 1)));
	TRY(pdf_value_append(s, w, pdf_value_new_int(s, offset_width)));
	TRY(pdf_value_append(s, w, pdf_value_new_int(s, GENERATION_WIDTH)));
	TRY(pdf_value_set(s, trailer, "Type", pdf_value_new_name(s, "XRef")));
	TRY(pdf_value_set(s, trailer, "Index", index));
	TRY(pdf_value_set(s, trailer, "W", w));
	const struct pdf_value *stream = pdf_value_new_stream(s, trailer, data);
	if (!stream)
		return ERR_NOMEM;
	buf_addf(b, "%lu %lu obj\n", (unsigned long)ref.num, (unsigned long)ref.gen);
	TRY(pdf_value_write(s, b, stream, NULL));
	buf_add_str(b, "\nendobj\n");
	return OK;
}
