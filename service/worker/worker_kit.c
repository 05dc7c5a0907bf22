#include "service/worker/worker_kit.h"

#include "base/scope.h"
#include "formats/unicode_text.h"
#include "sealer/barcode.h"
#include "service/look_fonts.h"
#include "service/page_preview.h"
#include "service/policy_file.h"
#include "service/trust_files.h"
#include "validator/language.h"

/* A machine without fonts seals invisibly; a visible seal is refused when it is asked for. */
static enum err load_fonts(struct scope *s, struct look_paint_fonts *fonts)
{
	struct bytes *font = scope_alloc_array(s, 2, sizeof(*font));
	if (!font)
		return ERR_NOMEM;
	enum err e = look_fonts_regular(s, &font[0]);
	if (e == ERR_IO)
		scope_forgive(s);
	if (e != OK)
		return e == ERR_IO ? OK : e;
	TRY(look_fonts_bold(s, &font[1]));
	*fonts = (struct look_paint_fonts){
		.regular = &font[0], .bold = &font[1], .n_regular = 1, .n_bold = font[1].n > 0
	};
	return OK;
}

/* OpenSSL's view of each anchor is made here, once for all jobs. */
static enum err prepare_anchors(struct scope *s, const struct anchors *a)
{
	for (size_t i = 0; i < a->n; i++) {
		X509 *x509;
		enum err e = cert_x509(s, a->item[i], &x509);
		if (e == ERR_NOMEM)
			return e;
		if (e != OK)
			scope_forgive(s);
	}
	return OK;
}

/* Tables of ICU, of libzint, of OpenSSL. */
static enum err warm_up(struct scope *s)
{
	struct barcode barcode;
	struct digest digest;
	char *folded;
	TRY(unicode_text_fold(s, "\xc3\xa9", &folded));
	TRY(barcode_make(s, BARCODE_KIND_QR, BYTES_LIT("Bulla"), &barcode));
	return digest_of_bytes(s, DIGEST_SHA256, BYTES_NONE, &digest);
}

enum err worker_kit_load(struct scope *s, const struct configuration *c, struct worker_kit *ret_kit)
{
	struct worker_kit kit = { .configuration = c, .present = INSTANT_NONE };
	TRY(trust_files_load(s, c->trust, c->n_trust, &kit.anchors));
	TRY(prepare_anchors(s, kit.anchors));
	TRY(policy_file_load(s, c->policy, NULL, &kit.policy[WORKER_CLIENT_POLICY_SEALING]));
	TRY(policy_file_load(s, c->filing_policy, NULL, &kit.policy[WORKER_CLIENT_POLICY_FILING]));
	TRY(language_find(s, "hu", &kit.hungarian));
	TRY(load_fonts(s, &kit.fonts));
	TRY(warm_up(s));
	TRY(page_preview_prepare(s, &kit.readable, &kit.n_readable));
	*ret_kit = kit;
	return OK;
}
