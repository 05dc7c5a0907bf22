#include "formats/pdf_object_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

struct place {
	uint32_t num;
	uint32_t index; /* as it stands in the stream */
	size_t offset;
};

struct pdf_object_stream {
	struct bytes data;
	size_t n;
	const struct place *place;  /* as they stand in the stream */
	const struct place *by_num; /* and by number; often the same */
};

static bool read_place(struct bytes head, size_t *at, struct place *place)
{
	uint64_t num, offset;
	*at = pdf_syntax_skip(head, *at);
	if (!pdf_syntax_number(head, at, &num))
		return false;
	*at = pdf_syntax_skip(head, *at);
	if (!pdf_syntax_number(head, at, &offset))
		return false;
	place->num = num > UINT32_MAX ? 0 : (uint32_t)num;
	place->offset = offset;
	return true;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->num != y->num)
		return x->num < y->num ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static enum err sort_places(struct scope *s, struct pdf_object_stream *stream)
{
	size_t i = 1;
	while (i < stream->n && stream->place[i - 1].num <= stream->place[i].num)
		i++;
	stream->by_num = stream->place;
	if (i >= stream->n)
		return OK;
	struct place *sorted = scope_alloc_array(s, stream->n, sizeof(*sorted));
	if (!sorted)
		return ERR_NOMEM;
	memcpy(sorted, stream->place, stream->n * sizeof(*sorted));
	qsort(sorted, stream->n, sizeof(*sorted), compare_places);
	stream->by_num = sorted;
	return OK;
}

enum err pdf_object_stream_open(struct scope *s, const struct pdf_value *dict, struct bytes data,
    struct pdf_object_stream **ret_stream)
{
	int64_t n, first;
	if (!pdf_value_integer(pdf_value_find(dict, "N"), &n) ||
	    !pdf_value_integer(pdf_value_find(dict, "First"), &first) || n < 0 || first < 0 ||
	    (uint64_t)first > data.n)
		return scope_fault(s, ERR_FORMAT, "pdf: object stream: malformed /N or /First");
	/* A number and an offset take four octets, the last one three. */
	if ((uint64_t)n > (uint64_t)first / 4 + 1)
		return scope_fault(s, ERR_FORMAT, "pdf: object stream: /N is too large");
	struct pdf_object_stream *stream = scope_alloc(s, sizeof(*stream));
	struct place *place = scope_alloc_array(s, (size_t)n, sizeof(*place));
	if (!stream || !place)
		return ERR_NOMEM;
	size_t at = 0;
	for (size_t i = 0; i < (size_t)n; i++) {
		if (!read_place(bytes_cut(data, 0, (size_t)first), &at, &place[i]))
			return scope_fault(
			    s, ERR_FORMAT, "pdf: object stream: fewer objects than /N");
		place[i].index = (uint32_t)i;
	}
	stream->data = bytes_from(data, (size_t)first);
	stream->n = (size_t)n;
	stream->place = place;
	TRY(sort_places(s, stream));
	*ret_stream = stream;
	return OK;
}

static const struct place *last_of(const struct pdf_object_stream *stream, uint32_t num)
{
	size_t low = 0, high = stream->n;
	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		if (stream->by_num[mid].num <= num)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 && stream->by_num[low - 1].num == num ? &stream->by_num[low - 1] : NULL;
}

enum err pdf_object_stream_object(struct scope *s, const struct pdf_object_stream *stream,
    uint32_t num, uint32_t index, const struct pdf_value **ret_value)
{
	const struct place *place = NULL;
	if (index < stream->n && stream->place[index].num == num)
		place = &stream->place[index];
	else
		place = last_of(stream, num);
	if (!place) {
		*ret_value = NULL;
		return OK;
	}
	size_t at = place->offset;
	TRY(pdf_syntax_value_apart(s, stream->data, &at, ret_value));
	at = pdf_syntax_skip(stream->data, at);
	if ((*ret_value)->kind == PDF_DICT && pdf_syntax_has_keyword(stream->data, at, "stream"))
		*ret_value = &pdf_value_null;
	return OK;
}
