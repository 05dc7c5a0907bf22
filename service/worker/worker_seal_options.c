#include "service/worker/worker_seal_options.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define POINTS_MOST 100000 /* a page is at most 14400 units wide, of several points each */
#define MINUTES_MOST (14 * 60)

/* Where in the tree one is. */
struct place {
	const struct place *up;
	const struct json_tree *value;
	const char *root; /* of the outermost */
};

struct reader {
	struct scope *s;
	struct worker_seal_options *o;
	bool has_box, has_width, has_height, has_barcode_data;
};

/* Reads one value into the options. */
typedef enum err read_value(struct reader *r, const struct place *at);

struct field {
	const char *key;
	read_value *read;
};

static void add_path(struct buf *b, const struct place *at)
{
	if (!at->up) {
		buf_add_str(b, at->root);
		return;
	}
	add_path(b, at->up);
	if (at->value->key)
		buf_addf(b, ".%.100s", at->value->key);
	else
		buf_addf(b, "[%zu]", (size_t)(at->value - at->up->value->item));
}

static enum err refuse(struct reader *r, const struct place *at, const char *why)
{
	char *path;
	struct buf b = buf_new(r->s, LIMIT_FAULT_TEXT * 4);
	add_path(&b, at);
	TRY(buf_done_str(&b, &path));
	return scope_fault(r->s, ERR_FORMAT, "%s: %s", path, why);
}

static enum err read_object(
    struct reader *r, const struct place *at, const struct field *fields, size_t n)
{
	if (at->value->kind != JSON_TREE_OBJECT)
		return refuse(r, at, "not an object");
	for (size_t i = 0; i < at->value->n; i++) {
		const struct place inside = { .up = at, .value = &at->value->item[i] };
		size_t k = 0;
		while (k < n && strcmp(fields[k].key, inside.value->key) != 0)
			k++;
		if (k == n)
			return refuse(r, &inside, "no such key");
		TRY(fields[k].read(r, &inside));
	}
	return OK;
}

/* -- single values -- */
static enum err read_text(struct reader *r, const struct place *at, const char **ret_text)
{
	char *text;
	if (at->value->kind != JSON_TREE_TEXT)
		return refuse(r, at, "not a text");
	if (strlen(at->value->text) > LIMIT_WORKER_TEXT)
		return refuse(r, at, "too long");
	for (const char *c = at->value->text; *c; c++)
		if ((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t')
			return refuse(r, at, "control characters");
	TRY(bytes_to_str(r->s, bytes_of_str(at->value->text), &text));
	*ret_text = text;
	return OK;
}

static enum err read_number(
    struct reader *r, const struct place *at, int64_t least, int64_t most, int *ret_number)
{
	const int64_t n = at->value->number;
	if (at->value->kind != JSON_TREE_INTEGER)
		return refuse(r, at, "not a whole number");
	if (n < least || n > most)
		return refuse(r, at, "out of range");
	*ret_number = (int)n;
	return OK;
}

/* One of the words, NULL-terminated; *ret_i is its index. */
static enum err read_word(
    struct reader *r, const struct place *at, const char *const *words, size_t *ret_i)
{
	const char *text;
	TRY(read_text(r, at, &text));
	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], text) != 0)
			continue;
		*ret_i = i;
		return OK;
	}
	return refuse(r, at, "not a word that is known here");
}

static enum err read_level(struct reader *r, const struct place *at)
{
	const char *text;
	TRY(read_text(r, at, &text));
	r->o->has_level = seal_level_of_name(text, &r->o->level) && r->o->level >= SEAL_B_T;
	return r->o->has_level ? OK : refuse(r, at, "none of B-T, B-LT, B-LTA");
}

static enum err read_digest(struct reader *r, const struct place *at)
{
	static const char *const words[] = { "sha256", "sha384", "sha512", NULL };
	static const enum digest_alg algs[] = { DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
	size_t i = 0;
	TRY(read_word(r, at, words, &i));
	r->o->digest = algs[i];
	return OK;
}

static enum err read_rsa_pkcs1(struct reader *r, const struct place *at)
{
	if (at->value->kind != JSON_TREE_BOOL)
		return refuse(r, at, "neither true nor false");
	r->o->has_rsa_pkcs1 = true;
	r->o->rsa_pkcs1 = at->value->truth;
	return OK;
}

static enum err read_field(struct reader *r, const struct place *at)
{
	TRY(read_text(r, at, &r->o->field));
	return r->o->field[0] ? OK : refuse(r, at, "empty");
}

static enum err read_certify(struct reader *r, const struct place *at)
{
	return read_number(r, at, 1, 3, &r->o->certify);
}

static enum err read_reason(struct reader *r, const struct place *at)
{
	return read_text(r, at, &r->o->reason);
}

static enum err read_location(struct reader *r, const struct place *at)
{
	return read_text(r, at, &r->o->location);
}

static enum err read_contact(struct reader *r, const struct place *at)
{
	return read_text(r, at, &r->o->contact);
}

static enum err read_signer_name(struct reader *r, const struct place *at)
{
	return read_text(r, at, &r->o->signer_name);
}

/* -- the lock -- */
static enum err read_action(struct reader *r, const struct place *at)
{
	static const char *const words[] = { "all", "include", "exclude", NULL };
	static const enum pdf_fieldmdp actions[] = { PDF_FIELDMDP_ALL, PDF_FIELDMDP_INCLUDE,
		PDF_FIELDMDP_EXCLUDE };
	size_t i = 0;
	TRY(read_word(r, at, words, &i));
	r->o->lock.action = actions[i];
	return OK;
}

static enum err read_lock_fields(struct reader *r, const struct place *at)
{
	struct pdf_field_lock *lock = &r->o->lock;
	if (at->value->kind != JSON_TREE_ARRAY)
		return refuse(r, at, "not a list");
	if (at->value->n > LIMIT_POLICY_LIST)
		return refuse(r, at, "too many");
	lock->fields = scope_alloc_array(r->s, at->value->n, sizeof(*lock->fields));
	if (!lock->fields)
		return ERR_NOMEM;
	for (size_t i = 0; i < at->value->n; i++) {
		const struct place inside = { .up = at, .value = &at->value->item[i] };
		const char *name;
		TRY(read_text(r, &inside, &name));
		TRY(bytes_to_str(r->s, bytes_of_str(name), &lock->fields[i]));
	}
	lock->n_fields = at->value->n;
	return OK;
}

static enum err read_lock_permission(struct reader *r, const struct place *at)
{
	return read_number(r, at, 1, 3, &r->o->lock.permissions);
}

static enum err read_lock(struct reader *r, const struct place *at)
{
	static const struct field fields[] = { { "action", read_action },
		{ "fields", read_lock_fields }, { "permission", read_lock_permission } };
	const struct pdf_field_lock *lock = &r->o->lock;
	TRY(read_object(r, at, fields, N(fields)));
	if (lock->action == PDF_FIELDMDP_NONE)
		return refuse(r, at, "without \"action\"");
	if ((lock->action == PDF_FIELDMDP_ALL) != (lock->n_fields == 0))
		return refuse(r, at, "\"fields\" go with include and exclude");
	r->o->has_lock = true;
	return OK;
}

/* -- the place -- */
static enum err read_page(struct reader *r, const struct place *at)
{
	int *page = &r->o->look.place.page;
	TRY(read_number(r, at, -1, LIMIT_PDF_PAGES, page));
	return *page ? OK : refuse(r, at, "out of range");
}

static enum err read_points(struct reader *r, const struct place *at, int least, double *ret_points)
{
	int n = 0;
	TRY(read_number(r, at, least, POINTS_MOST, &n));
	*ret_points = n;
	return OK;
}

static enum err read_x(struct reader *r, const struct place *at)
{
	return read_points(r, at, 0, &r->o->look.place.box.x);
}

static enum err read_y(struct reader *r, const struct place *at)
{
	return read_points(r, at, 0, &r->o->look.place.box.y);
}

static enum err read_width(struct reader *r, const struct place *at)
{
	r->has_width = true;
	return read_points(r, at, 1, &r->o->look.place.box.w);
}

static enum err read_height(struct reader *r, const struct place *at)
{
	r->has_height = true;
	return read_points(r, at, 1, &r->o->look.place.box.h);
}

static enum err read_box(struct reader *r, const struct place *at)
{
	static const struct field fields[] = { { "x", read_x }, { "y", read_y },
		{ "width", read_width }, { "height", read_height } };
	TRY(read_object(r, at, fields, N(fields)));
	if (at->value->n != N(fields))
		return refuse(r, at, "wants x, y, width and height");
	r->has_box = r->o->look.place.has_box = true;
	return OK;
}

static enum err read_anchor_text(struct reader *r, const struct place *at)
{
	TRY(read_text(r, at, &r->o->anchor));
	return r->o->anchor[0] ? OK : refuse(r, at, "an empty text is everywhere");
}

static enum err read_side(struct reader *r, const struct place *at)
{
	static const char *const words[] = { "right", "below", "over", NULL };
	static const enum placement_side sides[] = { PLACEMENT_SIDE_RIGHT, PLACEMENT_SIDE_BELOW,
		PLACEMENT_SIDE_OVER };
	size_t i = 0;
	TRY(read_word(r, at, words, &i));
	r->o->look.place.side = sides[i];
	return OK;
}

static enum err read_anchor_page(struct reader *r, const struct place *at)
{
	TRY(read_number(r, at, -1, LIMIT_PDF_PAGES, &r->o->anchor_page));
	return r->o->anchor_page ? OK : refuse(r, at, "out of range");
}

static enum err read_anchor(struct reader *r, const struct place *at)
{
	static const struct field fields[] = { { "text", read_anchor_text }, { "side", read_side },
		{ "page", read_anchor_page }, { "width", read_width }, { "height", read_height } };
	r->has_width = r->has_height = false;
	TRY(read_object(r, at, fields, N(fields)));
	if (!r->o->anchor)
		return refuse(r, at, "without \"text\"");
	if (r->has_width != r->has_height)
		return refuse(r, at, "width and height go together");
	r->o->look.place.has_box = r->has_width;
	if (r->o->look.place.side == PLACEMENT_SIDE_NONE)
		r->o->look.place.side = PLACEMENT_SIDE_RIGHT;
	return OK;
}

/* -- what is seen -- */
static enum err read_look(struct reader *r, const struct place *at)
{
	const char *text;
	TRY(read_text(r, at, &text));
	r->o->has_look = look_template_of_name(text, &r->o->look.look);
	return r->o->has_look ? OK
			      : refuse(r, at, "none of text, picture, both, official, strip, code");
}

static enum err read_language(struct reader *r, const struct place *at)
{
	const char *text;
	TRY(read_text(r, at, &text));
	r->o->has_language = look_words_language_of_tag(text, &r->o->look.language);
	return r->o->has_language ? OK : refuse(r, at, "none of en, hu, az, tr, uk, vi");
}

static bool is_zone(const char *text)
{
	static const char form[] = "s00:00";
	for (size_t i = 0; i < sizeof(form); i++) {
		const bool digit = text[i] >= '0' && text[i] <= '9';
		const bool sign = text[i] == '+' || text[i] == '-';
		if (form[i] == 's' ? !sign : form[i] == '0' ? !digit : text[i] != form[i])
			return false;
	}
	return true;
}

static enum err read_zone(struct reader *r, const struct place *at)
{
	const char *text;
	int minutes = 0;
	TRY(read_text(r, at, &text));
	if (strcmp(text, "UTC") != 0) {
		if (!is_zone(text))
			return refuse(r, at, "neither \"UTC\" nor like \"+02:00\"");
		minutes = ((text[1] - '0') * 10 + text[2] - '0') * 60;
		minutes += (text[4] - '0') * 10 + text[5] - '0';
		if (minutes > MINUTES_MOST || text[4] > '5')
			return refuse(r, at, "out of range");
	}
	r->o->look.zone_minutes = text[0] == '-' ? -minutes : minutes;
	return OK;
}

static enum err read_note(struct reader *r, const struct place *at)
{
	return read_text(r, at, &r->o->look.note);
}

static enum err read_barcode_kind(struct reader *r, const struct place *at)
{
	const char *text;
	TRY(read_text(r, at, &text));
	return barcode_kind_of_name(text, &r->o->look.barcode)
		   ? OK
		   : refuse(r, at, "none of qr, pdf417, code128");
}

static enum err take_barcode_data(struct reader *r, const struct place *at, struct bytes data)
{
	if (r->has_barcode_data)
		return refuse(r, at, "\"text\" and \"base64\" exclude each other");
	if (!data.n || data.n > LIMIT_BARCODE_DATA)
		return refuse(r, at, data.n ? "too long" : "empty");
	r->has_barcode_data = true;
	r->o->look.barcode_data = data;
	return OK;
}

static enum err read_barcode_text(struct reader *r, const struct place *at)
{
	const char *text;
	TRY(read_text(r, at, &text));
	return take_barcode_data(r, at, bytes_of_str(text));
}

static enum err read_barcode_base64(struct reader *r, const struct place *at)
{
	struct bytes data;
	if (at->value->kind != JSON_TREE_TEXT)
		return refuse(r, at, "not a text");
	enum err e = bytes_of_base64(r->s, bytes_of_str(at->value->text), &data);
	if (e == ERR_FORMAT) {
		scope_forgive(r->s);
		return refuse(r, at, "not base64");
	}
	return e == OK ? take_barcode_data(r, at, data) : e;
}

static enum err read_barcode(struct reader *r, const struct place *at)
{
	static const struct field fields[] = { { "kind", read_barcode_kind },
		{ "text", read_barcode_text }, { "base64", read_barcode_base64 } };
	TRY(read_object(r, at, fields, N(fields)));
	if (r->o->look.barcode == BARCODE_KIND_NONE)
		return refuse(r, at, "without \"kind\"");
	return r->has_barcode_data ? OK : refuse(r, at, "without \"text\" or \"base64\"");
}

static enum err read_visible(struct reader *r, const struct place *at)
{
	static const struct field fields[] = { { "page", read_page }, { "box", read_box },
		{ "anchor", read_anchor }, { "look", read_look }, { "language", read_language },
		{ "zone", read_zone }, { "note", read_note }, { "barcode", read_barcode } };
	TRY(read_object(r, at, fields, N(fields)));
	if (r->o->anchor && (r->o->look.place.page || r->has_box))
		return refuse(r, at, "\"anchor\" excludes \"page\" and \"box\"");
	if (r->has_box && !r->o->look.place.page)
		return refuse(r, at, "\"box\" goes with \"page\"");
	r->o->is_visible = true;
	return OK;
}

/* -- the whole -- */
static const struct field all[] = { { "level", read_level }, { "digest", read_digest },
	{ "rsaPkcs1", read_rsa_pkcs1 }, { "field", read_field }, { "certify", read_certify },
	{ "lock", read_lock }, { "reason", read_reason }, { "location", read_location },
	{ "contact", read_contact }, { "signerName", read_signer_name },
	{ "visible", read_visible } };

enum err worker_seal_options_parse(struct scope *s, const struct json_tree *tree, const char *path,
    struct worker_seal_options *ret_options)
{
	struct worker_seal_options o = { 0 };
	struct reader r = { .s = s, .o = &o };
	const struct place whole = { .value = tree, .root = path };
	TRY(read_object(&r, &whole, all, N(all)));
	if (o.certify && o.lock.permissions)
		return refuse(&r, &whole, "\"certify\" and \"lock.permission\" exclude each other");
	*ret_options = o;
	return OK;
}

enum err worker_seal_options_read(
    struct scope *s, struct bytes json, struct worker_seal_options *ret_options)
{
	const struct json_tree *tree;
	if (!json.n) {
		*ret_options = (struct worker_seal_options){ 0 };
		return OK;
	}
	TRY(json_tree_parse(s, json, &tree));
	return worker_seal_options_parse(s, tree, "$", ret_options);
}

void worker_seal_options_apply(struct worker_seal_options *o, struct seal_request *request)
{
	if (o->has_level)
		request->level = o->level;
	if (o->has_rsa_pkcs1)
		request->rsa_pkcs1 = o->rsa_pkcs1;
	request->digest = o->digest;
	request->field = o->field;
	request->certify = o->certify;
	request->lock = o->has_lock ? &o->lock : NULL;
	request->reason = o->reason;
	request->location = o->location;
	request->contact = o->contact;
	request->signer_name = o->signer_name;
	request->look = o->is_visible ? &o->look : NULL;
}
