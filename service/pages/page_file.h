/*
 * The files of the pages, embedded in the program: templates (service/pages/NAME.html), each a line
 * of service/pages/page_files.def; the style, the script, and the picture of the address bar.
 */
#ifndef BULLA_SERVICE_PAGES_PAGE_FILE_H
#define BULLA_SERVICE_PAGES_PAGE_FILE_H

#include "service/pages/template.h"

extern const struct template_source page_file_templates;
/* The i-th template's name, NULL after the last. */
const char *page_file_template_name(size_t i);

struct bytes page_file_style(void);  /* bulla.css */
struct bytes page_file_script(void); /* bulla.js */
struct bytes page_file_icon(void);   /* bulla.svg */
/* What the pages of reports have inside of <style>, after a line feed (validator/outline.h). */
struct bytes page_file_report_style(void);

#endif
