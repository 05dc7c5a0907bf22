#include "service/keeper/keeper_key.h"

#include <openssl/evp.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/keeper/keeper_protocol.h"
#include "service/keeper/keeper_secret.h"

struct held {
	struct link *link;
	struct bytes token;
};

static enum err take_value(struct scope *s, const struct link_frame *f, struct bytes *ret_value)
{
	struct message m;
	struct bytes value;
	TRY(message_parse(s, f->content, &m));
	TRY(message_bytes(&m, KEEPER_FIELD_VALUE, LIMIT_KEEPER_VALUE, &value));
	TRY(message_done(&m));
	return bytes_copy(s, value, ret_value);
}

static enum err sign(void *ctx, struct scope *s, const struct signature_alg *alg, struct bytes data,
    struct bytes *ret_value)
{
	const struct held *h = ctx;
	struct buf b = buf_new(s, LIMIT_CMS_SIGNED_ATTRS + 1024);
	struct bytes request;
	struct link_frame f;
	message_put_number(&b, KEEPER_FIELD_ALGORITHM, alg->kind);
	message_put_number(&b, KEEPER_FIELD_DIGEST, alg->digest);
	message_put_number(&b, KEEPER_FIELD_MGF_DIGEST, alg->mgf_digest);
	message_put_number(&b, KEEPER_FIELD_SALT_LENGTH, alg->salt_length);
	message_put_bytes(&b, KEEPER_FIELD_DATA, data);
	message_put_bytes(&b, KEEPER_FIELD_TOKEN, h->token);
	TRY(buf_done(&b, &request));
	enum err e = message_call(s, h->link, KEEPER_SIGN, request, NULL, 0, LIMIT_KEEPER_CALL_MS,
	    LIMIT_KEEPER_VALUE + 64, KEEPER_REPLY(KEEPER_SIGN), &f);
	bytes_wipe(b.p, b.n);
	return e == OK ? take_value(s, &f, ret_value) : e;
}

static enum err parse_copy(struct scope *s, struct bytes der, const struct cert **ret_cert)
{
	struct bytes copy;
	TRY(bytes_copy(s, der, &copy));
	return cert_parse(s, copy, ret_cert);
}

enum err keeper_key_new(struct scope *s, struct link *l, struct bytes token,
    struct bytes certificate, const struct bytes *chain, size_t n_chain, const struct key **ret_key)
{
	struct key *key = scope_alloc(s, sizeof(*key));
	struct held *held = scope_alloc(s, sizeof(*held));
	const struct cert **others = scope_alloc_array(s, n_chain, sizeof(*others));
	if (!key || !held || !others)
		return ERR_NOMEM;
	if (token.n != KEEPER_TOKEN)
		return scope_fault(s, ERR_FORMAT, "key: a token of another length");
	TRY(keeper_secret_copy(s, token, &held->token));
	TRY(parse_copy(s, certificate, &key->cert));
	if (!key->cert->key)
		return scope_fault(s, ERR_UNSUPPORTED, "key: of an unknown kind");
	for (size_t i = 0; i < n_chain; i++)
		TRY(parse_copy(s, chain[i], &others[i]));
	held->link = l;
	key->chain = others;
	key->n_chain = n_chain;
	key->signature_max = (size_t)EVP_PKEY_get_size(key->cert->key);
	key->sign = sign;
	key->is_counted = true; /* a session has a signature for each document */
	key->ctx = held;
	*ret_key = key;
	return OK;
}
