/*
 * A document as a signature sealed it (the beginning of the file, up to the end of what is signed)
 * against the document as it is now, page by page, by how both look and read.
 *
 * Pages are matched by their objects, so that one that was put between others is told as added; by
 * their numbers where the objects cannot be read. What a page looks like is what Poppler shows of
 * it (service/page_preview.h). Whether the signature is valid, and whether a change was allowed, is
 * the report's to say; this says where it shows.
 */
#ifndef BULLA_SERVICE_COMPARISON_H
#define BULLA_SERVICE_COMPARISON_H

#include "service/change_place.h"
#include "service/picture_difference.h"
#include "service/text_difference.h"
#include "validator/report.h"

enum comparison_kind {
	COMPARISON_SAME, /* no pixel differs; the text may */
	COMPARISON_CHANGED,
	COMPARISON_ADDED,
	COMPARISON_REMOVED,
};
/* "same", "changed", "added", "removed" */
const char *comparison_kind_name(enum comparison_kind kind);

struct comparison_area {
	struct raster_box pixels;
	struct change_box box; /* in points from the upper left corner of the visible page */
	const size_t *changes; /* indices of modifications that lie there; or, when there are
				  none, of those of the page as a whole */
	size_t n_changes;
};

struct comparison_page {
	enum comparison_kind kind;
	uint32_t sealed, now; /* its number then and now, from 1; 0: it was not, or is not, there */
	double width, height; /* in points, of what there is now, or was */
	double dpi;
	struct comparison_area *areas;
	size_t n_areas;
	unsigned ink_permille; /* differing pixels, of those with ink in one of the two */
	bool other_size;
	struct text_difference text;
	const size_t *changes; /* all modifications with an object on this page */
	size_t n_changes;
};

/* Of a page; those that there are not have no pixels. Borrowed. */
struct comparison_pictures {
	struct raster sealed, now;
};

struct comparison_request {
	struct bytes document, password;
	const struct report *report; /* its own */
	size_t signature;            /* index into the report's */
	uint32_t first, last;        /* pages; 0: from the first, to the last */
	double dpi;
	unsigned wall_ms; /* for rendering; 0: as service/page_preview.h has it */
	/* For each page, in order. NULL: nobody wants pictures. */
	enum err (*take)(struct scope *s, void *ctx, const struct comparison_page *page,
	    const struct comparison_pictures *pictures);
	void *ctx;
};

struct comparison {
	const struct report *report;
	const struct report_signature *signature;
	size_t sealed_size; /* octets of the beginning that was sealed */
	size_t sealed_pages, now_pages;
	bool by_object;     /* how pages were matched */
	const char *damage; /* why the document, or its sealed part, cannot be read by the rules, so
			       that what is shown is a guess of the renderer's; NULL: it can */
	struct comparison_page *page;
	size_t n_pages;
	size_t n_different; /* that are not the same */
	bool *is_on_page;   /* for each modification */
	size_t n_forbidden; /* modifications that are not allowed */
};

/* "S2", "2" or a field's name; NULL: the last signature that something followed, else the last
 * one; timestamps only where there are no signatures. ERR_DENIED: there is none, or not this one.
 */
must_check enum err comparison_choose(
    struct scope *s, const struct report *r, const char *wanted, size_t *ret_signature);
/* What there is now with a frame around each area that differs, all else faded. */
must_check enum err comparison_mark(struct scope *s, const struct comparison_page *page,
    const struct raster *now, struct raster *ret_marked);
/* ERR_FORMAT: the signature does not say what it sealed, no page can be shown, a crash; ERR_DENIED:
 * a password is wanted, no such page; ERR_LIMIT: LIMIT_PREVIEW_PAGES, time, memory. */
must_check enum err comparison_make(
    struct scope *s, const struct comparison_request *request, struct comparison *ret_comparison);

#endif
