#include "service/report_form.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "service/report_pdf.h"
#include "validator/report_etsi.h"

static const char *const words[] = {
	[REPORT_FORM_TEXT] = "text",
	[REPORT_FORM_JSON] = "json",
	[REPORT_FORM_HTML] = "html",
	[REPORT_FORM_ETSI] = "etsi",
	[REPORT_FORM_PDF] = "pdf",
};

bool report_form_find(const char *word, unsigned forms, enum report_form *ret_form)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) || !(forms & REPORT_FORM_BIT(i)))
			continue;
		*ret_form = (enum report_form)i;
		return true;
	}
	return false;
}

void report_form_words(unsigned forms, char ret_words[REPORT_FORM_WORDS])
{
	size_t n = 0;
	ret_words[0] = 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && n < REPORT_FORM_WORDS; i++) {
		unsigned rest = forms >> i >> 1;
		if (forms & REPORT_FORM_BIT(i))
			n +=
			    (size_t)snprintf(ret_words + n, REPORT_FORM_WORDS - n, "%s%s", words[i],
				!rest               ? ""
				: rest & (rest - 1) ? ", "
						    : " or ");
	}
}

bool report_form_is_sequence(enum report_form form)
{
	return form == REPORT_FORM_TEXT || form == REPORT_FORM_JSON;
}

bool report_form_is_binary(enum report_form form)
{
	return form == REPORT_FORM_PDF;
}

static enum err write_text(struct scope *s, const struct report *r, const struct messages *m,
    bool several, struct bytes *ret_text)
{
	struct bytes text;
	struct buf b = buf_new(s, SIZE_MAX);
	TRY(report_text(s, r, m, &text));
	buf_add(&b, text);
	buf_add_str(&b, several ? "\n" : "");
	return buf_done(&b, ret_text);
}

enum err report_form_write(struct scope *s, enum report_form form, const struct report *r,
    const struct messages *m, bool several, struct bytes *ret_content)
{
	switch (form) {
	case REPORT_FORM_JSON:
		return report_json(s, r, several, ret_content);
	case REPORT_FORM_HTML:
		return report_html(s, r, m, ret_content);
	case REPORT_FORM_ETSI:
		return report_etsi(s, r, ret_content);
	case REPORT_FORM_PDF:
		return report_pdf(s, r, m, ret_content);
	case REPORT_FORM_TEXT:
		break;
	}
	return write_text(s, r, m, several, ret_content);
}
