#include "base/messages_plural.h"

#include "base/limits.h"

#define FORMS_MAX 6

/* A recursive descent over the expression. `fail` is sticky; everything is evaluated, and nothing
 * has an effect, so both branches of ?: may be. */
struct reader {
	struct bytes in;
	size_t at;
	uint64_t n;
	unsigned depth;
	bool fail;
};

static void skip_space(struct reader *r)
{
	while (r->at < r->in.n && (r->in.p[r->at] == ' ' || r->in.p[r->at] == '\t'))
		r->at++;
}

static bool take(struct reader *r, const char *token)
{
	struct bytes wanted = bytes_of_str(token);
	skip_space(r);
	if (!bytes_has_prefix(bytes_from(r->in, r->at), wanted))
		return false;
	r->at += wanted.n;
	return true;
}

static uint64_t take_number(struct reader *r)
{
	uint64_t value = 0;
	size_t begun = r->at;
	for (; r->at < r->in.n && r->in.p[r->at] >= '0' && r->in.p[r->at] <= '9'; r->at++) {
		if (value > 1000000)
			r->fail = true;
		else
			value = 10 * value + (r->in.p[r->at] - '0');
	}
	r->fail |= r->at == begun;
	return value;
}

static uint64_t choice(struct reader *r);

static uint64_t operand(struct reader *r)
{
	uint64_t value;
	if (r->fail || ++r->depth > LIMIT_PLURAL_DEPTH) {
		r->fail = true;
		return 0;
	}
	if (take(r, "!")) {
		value = !operand(r);
	} else if (take(r, "(")) {
		value = choice(r);
		r->fail |= !take(r, ")");
	} else if (take(r, "n")) {
		value = r->n;
	} else {
		value = take_number(r);
	}
	r->depth--;
	return value;
}

/* Operators of one level bind alike, from left to right; a longer token stands before its prefix.
 */
static const char *const operators[][5] = {
	{ "||", NULL },
	{ "&&", NULL },
	{ "==", "!=", NULL },
	{ "<=", ">=", "<", ">", NULL },
	{ "+", "-", NULL },
	{ "*", "/", "%", NULL },
};
#define LEVELS (sizeof(operators) / sizeof(operators[0]))

static uint64_t apply(struct reader *r, const char *op, uint64_t a, uint64_t b)
{
	switch (op[0]) {
	case '|':
		return a || b;
	case '&':
		return a && b;
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '<':
		return op[1] ? a <= b : a < b;
	case '>':
		return op[1] ? a >= b : a > b;
	case '+':
		return a + b;
	case '-':
		return a - b;
	case '*':
		return a * b;
	default:
		break;
	}
	if (b == 0) {
		r->fail = true;
		return 0;
	}
	return op[0] == '/' ? a / b : a % b;
}

static const char *take_operator(struct reader *r, size_t level)
{
	for (size_t i = 0; operators[level][i]; i++)
		if (take(r, operators[level][i]))
			return operators[level][i];
	return NULL;
}

static uint64_t binary(struct reader *r, size_t level)
{
	if (level == LEVELS)
		return operand(r);
	uint64_t value = binary(r, level + 1);
	const char *op;
	while (!r->fail && (op = take_operator(r, level)))
		value = apply(r, op, value, binary(r, level + 1));
	return value;
}

static uint64_t choice(struct reader *r)
{
	if (r->fail || ++r->depth > LIMIT_PLURAL_DEPTH) {
		r->fail = true;
		return 0;
	}
	uint64_t value = binary(r, 0);
	if (!r->fail && take(r, "?")) {
		uint64_t yes = choice(r);
		r->fail |= !take(r, ":");
		uint64_t no = r->fail ? 0 : choice(r);
		value = value ? yes : no;
	}
	r->depth--;
	return value;
}

static bool evaluate(const struct messages_plural *p, uint64_t n, size_t *ret_form)
{
	struct reader r = { .in = p->expression, .n = n };
	uint64_t value = choice(&r);
	skip_space(&r);
	if (r.fail || r.at != r.in.n || value >= p->forms)
		return false;
	*ret_form = (size_t)value;
	return true;
}

size_t messages_plural_form(const struct messages_plural *p, uint64_t n)
{
	size_t form;
	return evaluate(p, n, &form) ? form : 0;
}

bool messages_plural_parse(struct bytes header, struct messages_plural *ret_plural)
{
	struct reader r = { .in = header };
	if (!take(&r, "nplurals") || !take(&r, "="))
		return false;
	skip_space(&r);
	struct messages_plural p = { .forms = (size_t)take_number(&r) };
	if (r.fail || p.forms < 1 || p.forms > FORMS_MAX)
		return false;
	if (!take(&r, ";") || !take(&r, "plural") || !take(&r, "="))
		return false;
	size_t end = bytes_find(header, BYTES_LIT(";"), r.at);
	p.expression = bytes_cut(header, r.at, (end == BYTES_NOT_FOUND ? header.n : end) - r.at);
	for (uint64_t n = 0; n <= 200; n++) {
		size_t form;
		if (!evaluate(&p, n, &form))
			return false;
	}
	*ret_plural = p;
	return true;
}
