#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "sealer/seal.h"
#include "service/draft_file.h"
#include "service/keeper/keeper_key.h"
#include "service/keeper/keeper_protocol.h"
#include "service/page_text.h"
#include "service/worker/worker_job.h"
#include "service/worker/worker_seal_terms.h"

enum {
	DOCUMENT,
	OUTPUT,
	FILES
};

struct sealing {
	const char *name;
	struct bytes token, picture;
	const struct bytes *certificates; /* the key's own first */
	size_t n_certificates;
	struct worker_seal_options options;
	struct input_file in;
	struct seal_request request;
	struct seal_outcome outcome;
	struct digest sha256;
};

/* -- the request -- */
static enum err read_certificates(struct worker_job *j, struct sealing *x)
{
	const size_t n = message_count(&j->request, WORKER_FIELD_CERTIFICATE);
	struct bytes *der = scope_alloc_array(j->s, n, sizeof(*der));
	if (!der)
		return ERR_NOMEM;
	if (n < 1 || n > LIMIT_WORKER_CERTIFICATES)
		return scope_fault(j->s, ERR_FORMAT, "worker: %zu certificates of a key", n);
	for (size_t i = 0; i < n; i++)
		TRY(message_bytes_at(
		    &j->request, WORKER_FIELD_CERTIFICATE, i, LIMIT_FETCH_CERTIFICATE, &der[i]));
	x->certificates = der;
	x->n_certificates = n;
	return OK;
}

static enum err read_optional(
    struct worker_job *j, unsigned field, size_t most, struct bytes *ret_value)
{
	*ret_value = BYTES_NONE;
	return message_has(&j->request, field) ? message_bytes(&j->request, field, most, ret_value)
					       : OK;
}

static enum err read_request(struct worker_job *j, struct sealing *x)
{
	struct bytes options;
	TRY(message_text(&j->request, WORKER_FIELD_NAME, LIMIT_WORKER_TEXT, &x->name));
	TRY(worker_job_password(j, &x->request.document_password));
	TRY(worker_job_policy(j, WORKER_CLIENT_POLICY_SEALING, &x->request.policy));
	TRY(message_bytes(&j->request, WORKER_FIELD_TOKEN, KEEPER_TOKEN, &x->token));
	TRY(read_certificates(j, x));
	TRY(read_optional(j, WORKER_FIELD_OPTIONS, LIMIT_JSON, &options));
	TRY(read_optional(j, WORKER_FIELD_PICTURE, LIMIT_PICTURE_FILE, &x->picture));
	TRY(worker_job_begin(j, FILES));
	return worker_seal_options_read(j->s, options, &x->options);
}

/* -- what the configuration says where the request does not -- */
static enum err complete_look(struct worker_job *j, struct sealing *x)
{
	const struct configuration *c = j->kit->configuration;
	struct worker_seal_options *o = &x->options;
	if (!o->has_look && x->picture.n)
		o->look.look = LOOK_TEMPLATE_BOTH;
	else if (!o->has_look && !look_template_of_name(c->look, &o->look.look))
		return scope_fault(j->s, ERR_INTERNAL, "configuration: no such look");
	if (!o->has_language && !look_words_language_of_tag(c->look_language, &o->look.language))
		return scope_fault(j->s, ERR_INTERNAL, "configuration: no such language");
	if (!j->kit->fonts.n_regular)
		return scope_fault(
		    j->s, ERR_UNSUPPORTED, "no font is installed for a visible seal");
	o->look.fonts = j->kit->fonts;
	o->look.picture = x->picture;
	return OK;
}

static enum err find_anchor(struct worker_job *j, struct sealing *x)
{
	struct worker_seal_options *o = &x->options;
	struct page_text_place at;
	const struct page_text_request request = { .name = x->name,
		.content = x->in.bytes,
		.password = x->request.document_password,
		.wanted = o->anchor,
		.page = o->anchor_page };
	TRY(page_text_find(j->s, &request, &at));
	o->look.place.page = at.page;
	o->look.place.anchor = (struct placement_box){ at.x, at.y, at.w, at.h };
	return OK;
}

static enum err prepare(struct worker_job *j, struct sealing *x)
{
	TRY(worker_seal_terms(j, &x->options, &x->request));
	x->request.token_room = &j->kit->token_room;
	x->request.skip_self_check = true; /* another worker looks at it */
	if (!x->options.is_visible && x->picture.n)
		return scope_fault(
		    j->s, ERR_FORMAT, "a picture goes with \"visible\" in the options");
	if (x->options.is_visible)
		TRY(complete_look(j, x));
	return x->options.anchor ? find_anchor(j, x) : OK;
}

/* -- the deed -- */
static enum err seal(struct worker_job *j, struct sealing *x, size_t *ret_size)
{
	struct fetcher_world *world;
	struct draft *draft;
	if (!j->kit->keeper)
		return scope_fault(j->s, ERR_IO, "the keeper is not there");
	TRY(keeper_key_new(j->s, j->kit->keeper, x->token, x->certificates[0], x->certificates + 1,
	    x->n_certificates - 1, &x->request.key));
	TRY(worker_job_world(j, INSTANT_NONE, &world));
	TRY(draft_file_open(j->s, &x->in, j->fds[OUTPUT], x->name, LIMIT_WORKER_APPENDED, &draft));
	TRY(seal_document(j->s, &world->world, &x->request, draft, &x->outcome));
	*ret_size = draft->document.n;
	return digest_of_bytes(j->s, DIGEST_SHA256, draft->document, &x->sha256);
}

enum err worker_job_seal(struct worker_job *j)
{
	struct sealing *x = scope_alloc(j->s, sizeof(*x));
	size_t size = 0;
	if (!x)
		return ERR_NOMEM;
	TRY(read_request(j, x));
	x->in = (struct input_file){ .name = x->name, .fd = j->fds[DOCUMENT] };
	TRY(worker_job_map(j, DOCUMENT, &x->in.bytes));
	TRY(prepare(j, x));
	TRY(seal(j, x, &size));
	message_put_number(&j->answer, WORKER_FIELD_SIZE, (int64_t)size);
	message_put_bytes(&j->answer, WORKER_FIELD_SHA256, digest_bytes(&x->sha256));
	TRY(worker_job_put_text(j, WORKER_FIELD_WARNING, x->outcome.warning));
	message_put_text(&j->answer, WORKER_FIELD_FIELD, x->outcome.field);
	return OK;
}
