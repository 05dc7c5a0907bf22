/* An encryption dictionary in PDF syntax, then any octets as /ID, password and data. What opens
 * must decrypt without harm, and what it encrypts it must decrypt to the same. */
#include <stdio.h>
#include <stdlib.h>

#include "base/scope.h"
#include "formats/pdf_crypt.h"
#include "formats/pdf_syntax.h"

#define PART 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_pdf_crypt: %s\n", what);
	abort();
}

static void round_trip(
    struct scope *s, const struct pdf_crypt *crypt, enum pdf_crypt_item item, struct bytes plain)
{
	static const uint8_t iv[16] = { 7 };
	const struct pdf_ref object = { 70000, 258 };
	struct bytes cipher, back;
	enum err e = pdf_crypt_decrypt(s, crypt, item, object, plain, &back);
	check(e == OK || e == ERR_DENIED || e == ERR_NOMEM, scope_fault_text(s));
	e = pdf_crypt_encrypt(s, crypt, item, object, bytes_of(iv, sizeof(iv)), plain, &cipher);
	if (e != OK)
		return;
	e = pdf_crypt_decrypt(s, crypt, item, object, cipher, &back);
	check(e == OK || e == ERR_NOMEM, scope_fault_text(s));
	check(e != OK || bytes_equal(back, plain), "decrypts to something else");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)64 << 20);
	struct bytes file = bytes_of(data, size);
	const struct pdf_value *dict;
	struct pdf_crypt *crypt;
	size_t at = 0;
	if (!s)
		return 0;
	if (pdf_syntax_value(s, file, &at, &dict) == OK) {
		struct bytes id0 = bytes_cut(file, at, PART);
		struct bytes password = bytes_cut(file, at + PART, PART);
		struct bytes plain = bytes_from(file, at + PART);
		const struct pdf_crypt_means means = { .password = password, .locked = true };
		if (pdf_crypt_open(s, dict, id0, &means, &crypt) == OK) {
			for (int item = PDF_CRYPT_STRING; item <= PDF_CRYPT_METADATA; item++)
				round_trip(s, crypt, (enum pdf_crypt_item)item, plain);
		}
	}
	scope_free(s);
	return 0;
}
