#include "formats/pdf_drawing_state.h"

struct pdf_drawing_matrix pdf_drawing_matrix_of(
    const struct pdf_drawing_matrix *m, const struct pdf_drawing_matrix *n)
{
	return (struct pdf_drawing_matrix){
		.a = m->a * n->a + m->b * n->c,
		.b = m->a * n->b + m->b * n->d,
		.c = m->c * n->a + m->d * n->c,
		.d = m->c * n->b + m->d * n->d,
		.e = m->e * n->a + m->f * n->c + n->e,
		.f = m->e * n->b + m->f * n->d + n->f,
	};
}

struct pdf_rect pdf_drawing_matrix_bounds(
    const struct pdf_drawing_matrix *m, const struct pdf_rect *r)
{
	const double x[4] = { r->x0, r->x1, r->x0, r->x1 }, y[4] = { r->y0, r->y0, r->y1, r->y1 };
	struct pdf_rect b = { 0 };
	for (int i = 0; i < 4; i++) {
		const double px = x[i] * m->a + y[i] * m->c + m->e;
		const double py = x[i] * m->b + y[i] * m->d + m->f;
		b.x0 = i == 0 || px < b.x0 ? px : b.x0;
		b.y0 = i == 0 || py < b.y0 ? py : b.y0;
		b.x1 = i == 0 || px > b.x1 ? px : b.x1;
		b.y1 = i == 0 || py > b.y1 ? py : b.y1;
	}
	return b;
}

static bool is_small(double part, double whole)
{
	return part * part <= whole * whole * 1e-8;
}

bool pdf_drawing_matrix_is_straight(const struct pdf_drawing_matrix *m)
{
	return (is_small(m->b, m->a) && is_small(m->c, m->d)) ||
	       (is_small(m->a, m->b) && is_small(m->d, m->c));
}
