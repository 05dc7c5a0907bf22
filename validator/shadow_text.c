/* Texts of a page as places with letters in them. */
#include "base/limits.h"
#include "base/scope.h"
#include "validator/shadow_work.h"

#define HEIGHT_COVERED 0.6 /* of a line that counts as covered */

enum err shadow_text_add(struct shadow_texts *t, const struct pdf_drawing_text *text)
{
	if (!text->is_painted || text->letters == 0 || t->n == LIMIT_SHADOW_TEXTS)
		return OK;
	if (t->n == t->room) {
		const size_t room = t->room ? 2 * t->room : 64;
		struct shadow_text *more =
		    scope_resize(t->s, t->item, t->room * sizeof(*more), room * sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		t->item = more;
		t->room = room;
	}
	t->item[t->n++] = (struct shadow_text){ text->box, (double)text->letters };
	return OK;
}

/* The longer side is the line's; a line counts for the part of it that lies inside. */
static double part_inside(const struct pdf_rect *line, const struct pdf_rect *rect)
{
	const struct pdf_rect in = pdf_pages_meet(line, rect);
	const double w = line->x1 - line->x0, h = line->y1 - line->y0;
	if (!(w > 0) || !(h > 0))
		return 0;
	const double across = (in.x1 - in.x0) / w, down = (in.y1 - in.y0) / h;
	const double along = w >= h ? across : down, thick = w >= h ? down : across;
	return thick >= HEIGHT_COVERED ? along : 0;
}

double shadow_text_under(const struct shadow_texts *t, const struct pdf_rect *rect)
{
	double sum = 0;
	for (size_t i = 0; i < t->n; i++)
		sum += t->item[i].letters * part_inside(&t->item[i].box, rect);
	return sum;
}
