/*
 * Pages of a PDF as pixels and as text, as a reader shows them: with annotations and the
 * appearances of fields, hidden layers hidden. The owner of Poppler. A document is read in a
 * process of its own under limits (service/limited_process.h); whatever it does there, the caller
 * gets pictures or one error.
 *
 * Poppler rebuilds the cross-references of damaged files on its own: that it shows something does
 * not mean that the file is sound, nor that another reader shows the same.
 */
#ifndef BULLA_SERVICE_PAGE_PREVIEW_H
#define BULLA_SERVICE_PAGE_PREVIEW_H

#include <stdbool.h>

#include "service/raster.h"

struct page_preview_document {
	const char *name; /* for faults */
	struct bytes content, password;
};

/* Which page of which document is wanted next. */
struct page_preview_step {
	uint32_t document; /* index */
	uint32_t page;     /* counted from 1 */
};

struct page_preview_page {
	struct page_preview_step step;
	double width, height; /* of the visible page, turned upright, in points */
	double dpi;           /* as wanted, or less: LIMIT_PREVIEW_PIXELS */
	struct raster raster; /* 0 by 0 when none was wanted */
	struct bytes text;    /* UTF-8, the beginning if it is longer than LIMIT_PREVIEW_TEXT */
};

#define PAGE_PREVIEW_DPI_LEAST 20
#define PAGE_PREVIEW_DPI_MOST 300

struct page_preview_request {
	const struct page_preview_document *documents;
	size_t n_documents;
	const struct page_preview_step *steps;
	size_t n_steps;
	double dpi; /* 0: no pictures */
	bool texts;
	unsigned wall_ms; /* for all; 0: as many as LIMIT_PREVIEW_PAGE_MS allows */
	/* For each step in order; what it gets is borrowed. An error ends all, and is the result.
	 */
	enum err (*take)(struct scope *s, void *ctx, const struct page_preview_page *page);
	void *ctx;
};

/* What rendering reads of the machine: fonts, their configuration, tables of characters. Loads what
 * is loaded once; for a process that renders itself (limited_process_stay), before it is confined.
 * The paths are in the scope. ERR_INTERNAL. */
must_check enum err page_preview_prepare(
    struct scope *s, const char *const **ret_readable, size_t *ret_n);

/* The number of pages of each document. ERR_DENIED: a password is wanted, or another one;
 * ERR_FORMAT: not a PDF, without a page, or it crashed; ERR_LIMIT: time, memory. */
must_check enum err page_preview_count(
    struct scope *s, const struct page_preview_document *documents, size_t n, size_t *ret_counts);
/* As above; ERR_FORMAT: no such page. */
must_check enum err page_preview_run(struct scope *s, const struct page_preview_request *request);

#endif
