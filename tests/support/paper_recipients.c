#include "tests/support/paper_recipients.h"

#include <stdio.h>
#include <string.h>

#include <openssl/cms.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include "base/scope.h"
#include "formats/pdf_cipher.h"
#include "service/key_file_recipient.h"
#include "tests/support/pdf_make.h"

#define SEED 20
#define ENCRYPT 13 /* object number of the encryption dictionary */
#define KEY_MAX 32

static const uint8_t seed[SEED] = "twenty octets, seed!";

static void check(struct scope *s, enum err err)
{
	mini_ca_check(err == OK, scope_fault_text(s));
}

/* -- CMS -- */

static X509 *x509_of(const struct cert *cert)
{
	const uint8_t *p = cert->der.p;
	X509 *x = d2i_X509(NULL, &p, (long)cert->der.n);
	mini_ca_check(x != NULL, "certificate");
	return x;
}

static void add_recipient(CMS_ContentInfo *cms, struct mini_pki *p, const char *name,
    const struct paper_recipients_list *list)
{
	X509 *x = x509_of(mini_pki_cert(p, name));
	CMS_RecipientInfo *info =
	    CMS_add1_recipient_cert(cms, x, CMS_KEY_PARAM | (list->by_key_id ? CMS_USE_KEYID : 0));
	mini_ca_check(info != NULL, name);
	if (list->oaep)
		mini_ca_check(EVP_PKEY_CTX_set_rsa_padding(CMS_RecipientInfo_get0_pkey_ctx(info),
				  RSA_PKCS1_OAEP_PADDING) == 1,
		    "OAEP");
	X509_free(x);
}

struct bytes paper_recipients_cms(struct mini_pki *p, const struct paper_recipients_list *list)
{
	uint8_t content[SEED + 4];
	if (list->instead.n > 0)
		return list->instead;
	memcpy(content, seed, SEED);
	for (int i = 0; i < 4; i++)
		content[SEED + i] = (uint8_t)(list->permissions >> (24 - 8 * i));
	EVP_CIPHER *cipher =
	    EVP_CIPHER_fetch(NULL, list->cipher ? list->cipher : "AES-256-CBC", NULL);
	BIO *in = BIO_new_mem_buf(content, list->seed_n ? (int)list->seed_n : (int)sizeof(content));
	CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, cipher, CMS_PARTIAL | CMS_BINARY);
	mini_ca_check(cipher && in && cms, "CMS");
	for (size_t i = 0; i < 4 && list->names[i]; i++)
		add_recipient(cms, p, list->names[i], list);
	mini_ca_check(CMS_final(cms, in, NULL, CMS_BINARY) == 1, "CMS");
	struct bytes der = MINI_CA_DER(p->s, CMS_ContentInfo, cms);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	EVP_CIPHER_free(cipher);
	return der;
}

/* -- keys and ciphers -- */

struct secret {
	uint8_t octets[KEY_MAX];
	size_t n; /* 0: not encrypted */
	bool is_aes, is_for_objects;
};

struct writer {
	struct mini_pki *p;
	struct pdf_make *m;
	const struct paper_recipients *spec;
	int v;
	const char *cfm;
	struct secret document, attachments;
	struct buf recipients, attachment_recipients;
};

static void digest(const char *name, const struct buf *data, uint8_t *ret_digest)
{
	EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
	const struct bytes all = buf_bytes(data);
	mini_ca_check(md && EVP_Digest(all.p, all.n, ret_digest, NULL, md, NULL) == 1, name);
	EVP_MD_free(md);
}

/* 7.6.5.3; also the text of the array. */
static struct secret make_secret(
    struct writer *w, const struct bytes *lists, size_t n, bool clear_metadata, struct buf *text)
{
	struct secret secret = { .is_aes = strcmp(w->cfm, "V2") != 0, .is_for_objects = w->v < 5 };
	struct buf data = buf_new(w->p->s, SIZE_MAX / 2);
	uint8_t value[EVP_MAX_MD_SIZE];
	*text = buf_new(w->p->s, SIZE_MAX / 2);
	buf_add(&data, bytes_of(seed, SEED));
	for (size_t i = 0; i < n; i++) {
		char *hex;
		buf_add(&data, lists[i]);
		check(w->p->s, bytes_to_hex(w->p->s, lists[i], &hex));
		buf_addf(text, "<%s> ", hex);
	}
	if (clear_metadata)
		buf_add_str(&data, "\xff\xff\xff\xff");
	digest(w->v == 5 ? "SHA256" : "SHA1", &data, value);
	secret.n = w->v == 5 ? 32 : w->spec->key_n ? w->spec->key_n : w->v == 1 ? 5 : 16;
	memcpy(secret.octets, value, secret.n);
	return secret;
}

static size_t object_key(
    struct scope *s, const struct secret *secret, uint32_t num, uint8_t ret_key[KEY_MAX])
{
	const uint8_t number[5] = { (uint8_t)num, (uint8_t)(num >> 8), (uint8_t)(num >> 16) };
	struct buf data = buf_new(s, 256);
	uint8_t value[EVP_MAX_MD_SIZE];
	memcpy(ret_key, secret->octets, secret->n);
	if (!secret->is_for_objects)
		return secret->n;
	buf_add(&data, bytes_of(secret->octets, secret->n));
	buf_add(&data, bytes_of(number, sizeof(number)));
	if (secret->is_aes)
		buf_add_str(&data, "sAlT");
	digest("MD5", &data, value);
	size_t n = secret->n + 5 < 16 ? secret->n + 5 : 16;
	memcpy(ret_key, value, n);
	return n;
}

static struct bytes encrypt(
    struct scope *s, const struct secret *secret, uint32_t num, const char *plain)
{
	uint8_t key[KEY_MAX], *out = scope_alloc(s, strlen(plain) + 48);
	const size_t plain_n = strlen(plain);
	int n = 0, end = 0;
	mini_ca_check(out != NULL, "memory");
	memcpy(out, plain, plain_n);
	if (secret->n == 0)
		return bytes_of(out, plain_n);
	const size_t key_n = object_key(s, secret, num, key);
	if (!secret->is_aes) {
		pdf_cipher_rc4(bytes_of(key, key_n), out, plain_n);
		return bytes_of(out, plain_n);
	}
	memset(out, 7, 16);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	mini_ca_check(
	    ctx &&
		EVP_EncryptInit(
		    ctx, key_n == 32 ? EVP_aes_256_cbc() : EVP_aes_128_cbc(), key, out) == 1 &&
		EVP_EncryptUpdate(ctx, out + 16, &n, (const uint8_t *)plain, (int)plain_n) == 1 &&
		EVP_EncryptFinal(ctx, out + 16 + n, &end) == 1,
	    "AES");
	EVP_CIPHER_CTX_free(ctx);
	return bytes_of(out, (size_t)(16 + n + end));
}

/* -- the file -- */

static const struct secret *document_secret(const struct writer *w)
{
	static const struct secret none;
	return w->spec->only_attachments ? &none : &w->document;
}

static const char *string(struct writer *w, uint32_t num, const char *plain)
{
	char *hex;
	check(
	    w->p->s, bytes_to_hex(w->p->s, encrypt(w->p->s, document_secret(w), num, plain), &hex));
	return hex;
}

static void stream(struct writer *w, uint32_t num, const char *entries, const char *plain,
    const struct secret *secret)
{
	pdf_make_stream(w->m, num, entries, encrypt(w->p->s, secret, num, plain));
}

static const char *text_of(struct buf *b)
{
	char *text;
	mini_ca_check(buf_done_str(b, &text) == OK, "text");
	return text;
}

/* A list has no bounds, and pdf_make_objectf has. */
static void write_encryption(struct writer *w)
{
	struct buf b = buf_new(w->p->s, SIZE_MAX / 2);
	const char *filter = w->spec->only_attachments ? "Identity" : "DefaultCryptFilter";
	buf_addf(&b, "<< /Filter /Adobe.PubSec /V %d ", w->v);
	if (w->v < 4) {
		buf_addf(
		    &b, "/SubFilter /adbe.pkcs7.s4 /Length %zu /Recipients [ ", 8 * w->document.n);
		buf_add(&b, buf_bytes(&w->recipients));
		buf_add_str(&b, "] >>");
	} else {
		buf_addf(&b,
		    "/SubFilter /adbe.pkcs7.s5 /StmF /%s /StrF /%s /EFF /%s "
		    "/CF << /DefaultCryptFilter << /CFM /%s /Length %zu %s /Recipients [ ",
		    filter, filter, w->spec->attachments ? "DefEmbeddedFile" : "DefaultCryptFilter",
		    w->cfm, 8 * w->document.n,
		    w->spec->clear_metadata ? "/EncryptMetadata false" : "");
		buf_add(&b, buf_bytes(&w->recipients));
		buf_addf(&b, "] >> /DefEmbeddedFile << /CFM /%s /Length %zu /Recipients ", w->cfm,
		    8 * w->attachments.n);
		buf_add(&b, buf_bytes(&w->attachment_recipients));
		buf_add_str(&b, ">> >> >>");
	}
	pdf_make_object(w->m, ENCRYPT, text_of(&b));
}

static void write_objects(struct writer *w)
{
	static const struct secret none;
	const struct secret *document = document_secret(w);
	struct pdf_make *m = w->m;
	pdf_make_object(m, 1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /Metadata 9 0 R >>");
	pdf_make_object(m, 2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
	pdf_make_object(m, 3,
	    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
	    "/Resources << /Font << /F1 5 0 R >> >> /Annots [7 0 R 8 0 R] >>");
	stream(w, 4, "", "BT /F1 24 Tf 72 720 Td (secret text) Tj ET", document);
	pdf_make_object(m, 5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
	pdf_make_objectf(m, 6,
	    "<< /Fields [7 0 R 8 0 R] /DR << /Font << /F1 5 0 R >> >> /DA <%s> >>",
	    string(w, 6, "/F1 0 Tf"));
	pdf_make_objectf(m, 7,
	    "<< /Type /Annot /Subtype /Widget /FT /Tx /T <%s> /V <%s> /F 4 /P 3 0 R "
	    "/Rect [72 600 300 620] >>",
	    string(w, 7, "name"), string(w, 7, "secret value"));
	pdf_make_objectf(m, 8,
	    "<< /Type /Annot /Subtype /Widget /FT /Sig /T <%s> /F 132 /P 3 0 R "
	    "/Rect [72 500 300 560] >>",
	    string(w, 8, "seal"));
	stream(w, 9, "/Type /Metadata /Subtype /XML", "<?xpacket begin=''?><x>secret</x>",
	    w->spec->clear_metadata ? &none : document);
	pdf_make_objectf(m, 10, "<< /Title <%s> >>", string(w, 10, "secret title"));
	stream(w, 11, "/Type /EmbeddedFile", "secret file",
	    w->spec->attachments ? &w->attachments : &w->document);
	if (w->spec->attachments)
		stream(w, 12, "/Filter [/Crypt] /DecodeParms [<< /Name /DefEmbeddedFile >>]",
		    "secret file", &w->attachments);
}

static void make_secrets(struct writer *w)
{
	struct bytes lists[PAPER_RECIPIENTS_LISTS];
	const size_t repeats = w->spec->repeats;
	struct bytes *all =
	    scope_alloc_array(w->p->s, repeats + PAPER_RECIPIENTS_LISTS, sizeof(*all));
	mini_ca_check(all != NULL, "memory");
	size_t n = 0;
	for (size_t i = 0; i < w->spec->n_lists; i++)
		lists[i] = paper_recipients_cms(w->p, &w->spec->list[i]);
	for (size_t i = 0; i < repeats; i++)
		all[n++] = lists[0];
	for (size_t i = 0; i < w->spec->n_lists; i++)
		all[n++] = lists[i];
	w->document = make_secret(w, all, n, w->spec->clear_metadata, &w->recipients);
	if (w->spec->attachments) {
		const struct paper_recipients_list list = { .names = { w->spec->attachments },
			.seed_n = SEED };
		lists[0] = paper_recipients_cms(w->p, &list);
		w->attachments = make_secret(w, lists, 1, false, &w->attachment_recipients);
	} else {
		w->attachment_recipients = buf_new(w->p->s, 64);
		buf_add_str(&w->attachment_recipients, "<00>");
	}
}

struct bytes paper_recipients_file(struct mini_pki *p, const struct paper_recipients *spec)
{
	struct writer w = { .p = p, .spec = spec, .v = spec->v ? spec->v : 5 };
	w.cfm = spec->cfm ? spec->cfm : w.v == 5 ? "AESV3" : w.v == 4 ? "AESV2" : "V2";
	w.m = pdf_make_new(p->s);
	make_secrets(&w);
	pdf_make_header(w.m, w.v == 5 ? "2.0" : "1.7");
	write_objects(&w);
	write_encryption(&w);
	pdf_make_table(w.m, "/Root 1 0 R /Info 10 0 R /Encrypt 13 0 R /ID [<0123> <0123>]");
	return pdf_make_done(w.m);
}

/* -- keys -- */

const struct recipient *paper_recipients_key(struct mini_pki *p, const char *name)
{
	const struct recipient *r;
	X509 *x = x509_of(mini_pki_cert(p, name));
	PKCS12 *p12 = PKCS12_create("pw", NULL, mini_pki_private(p, name), x, NULL, 0, 0, 1, 1, 0);
	mini_ca_check(p12 != NULL, "PKCS#12");
	struct bytes der = MINI_CA_DER(p->s, PKCS12, p12);
	PKCS12_free(p12);
	X509_free(x);
	check(p->s, key_file_recipient_parse(p->s, der, BYTES_LIT("pw"), &r));
	return r;
}

struct paper *paper_recipients_paper(struct mini_pki *p, const struct paper_recipients *spec)
{
	struct paper *d = paper_new(p, "one-page");
	d->document = paper_recipients_file(p, spec);
	d->means.recipient = paper_recipients_key(p, spec->list[0].names[0]);
	return d;
}
