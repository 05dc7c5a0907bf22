#include "formats/pdf_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

/* Dictionaries up to this size are searched from end to end. */
#define SMALL_DICT 16

const struct pdf_value pdf_value_null = { .kind = PDF_NULL };

/* -- looking -- */

/* Index after the last entry whose key is not above `key`, in the order of a large dictionary. */
static size_t order_end_of(const struct pdf_value *dict, struct bytes key)
{
	size_t low = 0, high = dict->dict.n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (bytes_compare(dict->dict.item[dict->dict.order[mid]].key, key) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct pdf_value *find_key(const struct pdf_value *dict, struct bytes key)
{
	if (dict->dict.order) {
		size_t end = order_end_of(dict, key);
		if (end == 0)
			return NULL;
		const struct pdf_entry *e = &dict->dict.item[dict->dict.order[end - 1]];
		return bytes_equal(e->key, key) ? e->value : NULL;
	}
	for (size_t i = dict->dict.n; i-- > 0;)
		if (bytes_equal(dict->dict.item[i].key, key))
			return dict->dict.item[i].value;
	return NULL;
}

const struct pdf_value *pdf_value_find(const struct pdf_value *v, const char *key)
{
	if (v && v->kind == PDF_STREAM)
		v = v->stream.dict;
	if (!v || v->kind != PDF_DICT)
		return NULL;
	return find_key(v, bytes_of_str(key));
}

bool pdf_value_is_name(const struct pdf_value *v, const char *name)
{
	return v && v->kind == PDF_NAME && bytes_equal_str(v->name, name);
}

bool pdf_value_is_ref_to(const struct pdf_value *v, struct pdf_ref ref)
{
	return v && v->kind == PDF_REF && pdf_value_refs_equal(v->ref, ref);
}

/* -- numbers -- */

/* A number by its digits: no leading zeros before the point, no trailing ones after it. */
struct decimal {
	bool negative;
	bool proper; /* one sign, one point, no exponent; else it stops before what is not */
	struct bytes whole, fraction;
	int exponent; /* 1e3 is not PDF, but is written */
	char digits[24];
};

static size_t digits_at(struct bytes b, size_t at)
{
	size_t n = 0;
	while (at + n < b.n && b.p[at + n] >= '0' && b.p[at + n] <= '9')
		n++;
	return n;
}

static int exponent_at(struct bytes b, size_t at)
{
	if (at >= b.n || (b.p[at] != 'e' && b.p[at] != 'E'))
		return 0;
	at++;
	bool negative = at < b.n && b.p[at] == '-';
	if (at < b.n && (b.p[at] == '-' || b.p[at] == '+'))
		at++;
	int e = 0;
	for (; at < b.n && b.p[at] >= '0' && b.p[at] <= '9' && e < 1000; at++)
		e = e * 10 + (b.p[at] - '0');
	return negative ? -e : e;
}

static void decimal_of_text(struct bytes text, struct decimal *d)
{
	size_t at = 0, signs = 0;
	for (; at < text.n && (text.p[at] == '+' || text.p[at] == '-'); at++, signs++)
		d->negative = text.p[at] == '-';
	d->whole = bytes_cut(text, at, digits_at(text, at));
	at += d->whole.n;
	size_t n_digits = d->whole.n;
	if (at < text.n && text.p[at] == '.') {
		at++;
		d->fraction = bytes_cut(text, at, digits_at(text, at));
		at += d->fraction.n;
		n_digits += d->fraction.n;
	}
	d->proper = signs <= 1 && at == text.n && n_digits > 0;
	d->exponent = exponent_at(text, at);
	while (d->whole.n && d->whole.p[0] == '0')
		d->whole = bytes_from(d->whole, 1);
	while (d->fraction.n && d->fraction.p[d->fraction.n - 1] == '0')
		d->fraction.n--;
	if (d->whole.n == 0 && d->fraction.n == 0)
		d->negative = false;
}

static bool decimal_of(const struct pdf_value *v, struct decimal *d)
{
	*d = (struct decimal){ 0 };
	if (v->kind == PDF_REAL) {
		decimal_of_text(v->real, d);
		return true;
	}
	if (v->kind != PDF_INT)
		return false;
	int n = snprintf(d->digits, sizeof(d->digits), "%lld", (long long)v->integer);
	decimal_of_text(bytes_of(d->digits, (size_t)n), d);
	return true;
}

bool pdf_value_integer(const struct pdf_value *v, int64_t *ret_n)
{
	if (v && v->kind == PDF_INT) {
		*ret_n = v->integer;
		return true;
	}
	struct decimal d;
	if (!v || !decimal_of(v, &d) || !d.proper || d.fraction.n)
		return false;
	int64_t n = 0;
	for (size_t i = 0; i < d.whole.n; i++) {
		int digit = d.whole.p[i] - '0';
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, digit, &n)) /* negative: holds INT64_MIN */
			return false;
	}
	if (!d.negative && __builtin_sub_overflow((int64_t)0, n, &n))
		return false;
	*ret_n = n;
	return true;
}

static double scaled(double mantissa, int exponent)
{
	double power = 1;
	for (int i = 0; i < abs(exponent) && i < 308; i++)
		power *= 10;
	return exponent < 0 ? mantissa / power : mantissa * power;
}

bool pdf_value_number(const struct pdf_value *v, double *ret_n)
{
	struct decimal d;
	if (!v || !decimal_of(v, &d))
		return false;
	double mantissa = 0;
	int exponent = d.exponent;
	for (size_t i = 0; i < d.whole.n && i < 400; i++)
		mantissa = mantissa * 10 + (d.whole.p[i] - '0');
	/* More digits than a double holds only add rounding. */
	for (size_t i = 0; i < d.fraction.n && i + d.whole.n < 17; i++, exponent--)
		mantissa = mantissa * 10 + (d.fraction.p[i] - '0');
	mantissa = scaled(mantissa, exponent);
	*ret_n = d.negative ? -mantissa : mantissa;
	return true;
}

/* -- equality -- */

static bool is_null(const struct pdf_value *v)
{
	return !v || v->kind == PDF_NULL;
}

static bool numbers_equal(const struct pdf_value *a, const struct pdf_value *b)
{
	if (a->kind == PDF_INT && b->kind == PDF_INT)
		return a->integer == b->integer;
	if (a->kind == PDF_REAL && b->kind == PDF_REAL && bytes_equal(a->real, b->real))
		return true;
	struct decimal x, y;
	if (!decimal_of(a, &x) || !decimal_of(b, &y) || !x.proper || !y.proper)
		return false;
	return x.negative == y.negative && bytes_equal(x.whole, y.whole) &&
	       bytes_equal(x.fraction, y.fraction);
}

static bool arrays_equal(const struct pdf_value *a, const struct pdf_value *b)
{
	if (a->array.n != b->array.n)
		return false;
	for (size_t i = 0; i < a->array.n; i++)
		if (!pdf_value_equal(a->array.item[i], b->array.item[i]))
			return false;
	return true;
}

/* Every entry of a that counts is the same in b; keys that b alone has are not looked at. */
static bool entries_within(
    const struct pdf_value *a, const struct pdf_value *b, const char *but, bool keys_only)
{
	for (size_t i = 0; i < a->dict.n; i++) {
		const struct pdf_entry *e = &a->dict.item[i];
		if (but && bytes_equal_str(e->key, but))
			continue;
		/* Most dictionaries are rewritten in their old order. */
		const struct pdf_value *mine = a->dict.item[i].value, *other = NULL;
		if (a->duplicate_keys)
			mine = find_key(a, e->key);
		if (!b->duplicate_keys && i < b->dict.n && bytes_equal(b->dict.item[i].key, e->key))
			other = b->dict.item[i].value;
		else
			other = find_key(b, e->key);
		if (keys_only ? is_null(mine) != is_null(other) : !pdf_value_equal(mine, other))
			return false;
	}
	return true;
}

static bool dicts_equal(const struct pdf_value *a, const struct pdf_value *b, const char *but)
{
	return entries_within(a, b, but, false) && entries_within(b, a, but, true);
}

bool pdf_value_equal(const struct pdf_value *a, const struct pdf_value *b)
{
	if (a == b || (is_null(a) && is_null(b)))
		return true;
	if (is_null(a) || is_null(b))
		return false;
	if (a->kind != b->kind)
		return numbers_equal(a, b);
	switch (a->kind) {
	case PDF_NULL:
		return true;
	case PDF_BOOL:
		return a->boolean == b->boolean;
	case PDF_INT:
	case PDF_REAL:
		return numbers_equal(a, b);
	case PDF_STRING:
		/* A key may be the object's own: equal ciphertext of others says nothing. */
		return bytes_equal(a->string, b->string) &&
		       pdf_value_refs_equal(a->locked_in, b->locked_in);
	case PDF_NAME:
		return bytes_equal(a->name, b->name);
	case PDF_ARRAY:
		return arrays_equal(a, b);
	case PDF_DICT:
		return dicts_equal(a, b, NULL);
	case PDF_STREAM:
		return bytes_equal(a->stream.raw, b->stream.raw) &&
		       dicts_equal(a->stream.dict, b->stream.dict, "Length");
	case PDF_REF:
		return pdf_value_refs_equal(a->ref, b->ref);
	}
	return false;
}

/* -- building -- */

static struct pdf_value *value_of(struct scope *s, struct pdf_value v)
{
	struct pdf_value *made = scope_alloc(s, sizeof(*made));
	if (made)
		*made = v;
	return made;
}

struct pdf_value *pdf_value_new_bool(struct scope *s, bool value)
{
	return value_of(s, (struct pdf_value){ .kind = PDF_BOOL, .boolean = value });
}

struct pdf_value *pdf_value_new_int(struct scope *s, int64_t value)
{
	return value_of(s, (struct pdf_value){ .kind = PDF_INT, .integer = value });
}

/* Not by printf: its decimal point depends on the locale. */
static size_t real_text(double value, char *text, size_t room)
{
	const double most = 9e11;
	value = value > most ? most : value < -most ? -most : value;
	bool negative = value < 0;
	uint64_t units = 0; /* of 1/10000 */
	if (negative || value > 0)
		units = (uint64_t)((negative ? -value : value) * 10000 + 0.5);
	unsigned part = (unsigned)(units % 10000);
	int width = 4;
	for (; width > 0 && part % 10 == 0; width--)
		part /= 10;
	int n = snprintf(text, room, "%s%llu", negative && units ? "-" : "",
	    (unsigned long long)(units / 10000));
	if (width)
		n += snprintf(text + n, room - (size_t)n, ".%0*u", width, part);
	return (size_t)n;
}

struct pdf_value *pdf_value_new_real(struct scope *s, double value)
{
	char text[40];
	struct bytes copy;
	if (bytes_copy(s, bytes_of(text, real_text(value, text, sizeof(text))), &copy) != OK)
		return NULL;
	return value_of(s, (struct pdf_value){ .kind = PDF_REAL, .real = copy });
}

struct pdf_value *pdf_value_new_name(struct scope *s, const char *name)
{
	return value_of(s, (struct pdf_value){ .kind = PDF_NAME, .name = bytes_of_str(name) });
}

struct pdf_value *pdf_value_new_string(struct scope *s, struct bytes octets)
{
	return value_of(s, (struct pdf_value){ .kind = PDF_STRING, .string = octets });
}

struct pdf_value *pdf_value_new_hex(struct scope *s, struct bytes octets)
{
	return value_of(s, (struct pdf_value){ .kind = PDF_STRING, .hex = true, .string = octets });
}

struct pdf_value *pdf_value_new_ref(struct scope *s, struct pdf_ref ref)
{
	return value_of(s, (struct pdf_value){ .kind = PDF_REF, .ref = ref });
}

struct pdf_value *pdf_value_new_array(struct scope *s)
{
	return value_of(s, (struct pdf_value){ .kind = PDF_ARRAY });
}

struct pdf_value *pdf_value_new_dict(struct scope *s)
{
	return value_of(s, (struct pdf_value){ .kind = PDF_DICT });
}

struct pdf_value *pdf_value_new_stream(
    struct scope *s, const struct pdf_value *dict, struct bytes raw)
{
	if (!dict)
		return NULL;
	return value_of(
	    s, (struct pdf_value){ .kind = PDF_STREAM, .stream = { .dict = dict, .raw = raw } });
}

struct pdf_value *pdf_value_copy(struct scope *s, const struct pdf_value *v)
{
	struct pdf_value *copy = value_of(s, *v);
	if (!copy)
		return NULL;
	copy->start = copy->end = 0;
	if (v->kind == PDF_ARRAY) {
		copy->array.room = v->array.n + 4;
		copy->array.item =
		    scope_alloc_array(s, copy->array.room, sizeof(*copy->array.item));
		if (!copy->array.item)
			return NULL;
		if (v->array.n)
			memcpy(copy->array.item, v->array.item,
			    v->array.n * sizeof(*copy->array.item));
	} else if (v->kind == PDF_DICT) {
		copy->dict.room = v->dict.n + 4;
		copy->dict.item = scope_alloc_array(s, copy->dict.room, sizeof(*copy->dict.item));
		if (!copy->dict.item)
			return NULL;
		copy->dict.order = NULL;
		if (v->dict.n)
			memcpy(copy->dict.item, v->dict.item, v->dict.n * sizeof(*copy->dict.item));
	}
	return copy;
}

enum err pdf_value_set(
    struct scope *s, struct pdf_value *dict, const char *key, const struct pdf_value *value)
{
	if (!dict || !value)
		return ERR_NOMEM;
	for (size_t i = dict->dict.n; i-- > 0;)
		if (bytes_equal_str(dict->dict.item[i].key, key)) {
			dict->dict.item[i].value = value;
			return OK;
		}
	if (dict->dict.n == dict->dict.room) {
		size_t room = dict->dict.room ? dict->dict.room * 2 : 8;
		struct pdf_entry *more = scope_alloc_array(s, room, sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		if (dict->dict.n)
			memcpy(more, dict->dict.item, dict->dict.n * sizeof(*more));
		dict->dict.item = more;
		dict->dict.room = room;
	}
	dict->dict.order = NULL;
	dict->dict.item[dict->dict.n++] =
	    (struct pdf_entry){ .key = bytes_of_str(key), .value = value };
	return OK;
}

void pdf_value_remove(struct pdf_value *dict, const char *key)
{
	size_t kept = 0;
	for (size_t i = 0; i < dict->dict.n; i++)
		if (!bytes_equal_str(dict->dict.item[i].key, key))
			dict->dict.item[kept++] = dict->dict.item[i];
	dict->dict.n = kept;
	dict->dict.order = NULL;
}

enum err pdf_value_append(struct scope *s, struct pdf_value *array, const struct pdf_value *value)
{
	if (!array || !value)
		return ERR_NOMEM;
	if (array->array.n == array->array.room) {
		size_t room = array->array.room ? array->array.room * 2 : 8;
		const struct pdf_value **more = scope_alloc_array(s, room, sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		if (array->array.n)
			memcpy(more, array->array.item, array->array.n * sizeof(*more));
		array->array.item = more;
		array->array.room = room;
	}
	array->array.item[array->array.n++] = value;
	return OK;
}

/* -- order of large dictionaries -- */

static int order_compare(const void *a, const void *b, void *ctx)
{
	const struct pdf_value *dict = ctx;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	int order = bytes_compare(dict->dict.item[i].key, dict->dict.item[j].key);
	return order != 0 ? order : (i > j) - (i < j);
}

static bool has_duplicate_keys(const struct pdf_value *dict)
{
	for (size_t i = 1; i < dict->dict.n; i++)
		for (size_t j = 0; j < i; j++)
			if (bytes_equal(dict->dict.item[i].key, dict->dict.item[j].key))
				return true;
	return false;
}

enum err pdf_value_index(struct scope *s, struct pdf_value *dict)
{
	const size_t n = dict->dict.n;
	if (n <= SMALL_DICT || n > UINT32_MAX) {
		dict->duplicate_keys = has_duplicate_keys(dict);
		return OK;
	}
	uint32_t *order = scope_alloc_array(s, n, sizeof(*order));
	if (!order)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, n, sizeof(*order), order_compare, dict);
	for (size_t i = 1; i < n; i++)
		if (bytes_equal(dict->dict.item[order[i - 1]].key, dict->dict.item[order[i]].key))
			dict->duplicate_keys = true;
	dict->dict.order = order;
	return OK;
}
