#include "validator/report_outline.h"

enum err report_text(
    struct scope *s, const struct report *r, const struct messages *m, struct bytes *ret_text)
{
	struct outline o;
	TRY(report_outline(s, r, m, &o));
	return outline_text(s, &o, ret_text);
}
