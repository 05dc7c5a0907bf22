/*
 * How a visible seal looks on its page (ISO 32000-2 12.5.5): a form XObject for its widget.
 */
#ifndef BULLA_SEALER_APPEARANCE_H
#define BULLA_SEALER_APPEARANCE_H

#include "formats/pdf_value.h"

/* A look that an update holds already, and where it goes. */
struct appearance {
	struct pdf_ref page;
	double rect[4];        /* left, bottom, right, top in the page's user space */
	struct pdf_ref normal; /* the form: /AP /N of the widget */
};

#endif
