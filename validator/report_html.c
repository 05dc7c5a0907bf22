#include "validator/report_outline.h"

enum err report_html(
    struct scope *s, const struct report *r, const struct messages *m, struct bytes *ret_page)
{
	struct outline o;
	TRY(report_outline(s, r, m, &o));
	return outline_html(s, &o, ret_page);
}
