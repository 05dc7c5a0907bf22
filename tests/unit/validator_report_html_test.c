#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libxml/parser.h>

#include "base/scope.h"
#include "tests/support/office.h"
#include "tests/support/pdf_make.h"
#include "validator/language.h"
#include "validator/outline.h"
#include "validator/report_outline.h"

static char *as_text(struct office *o, struct bytes page)
{
	char *text;
	assert_int_equal(bytes_to_str(o->s, page, &text), OK);
	return text;
}

static char *page_of(struct office *o, const struct report *r, const char *language)
{
	const struct messages *m;
	struct bytes page;
	assert_int_equal(language_find(o->s, language, &m), OK);
	assert_int_equal(report_html(o->s, r, m, &page), OK);
	return as_text(o, page);
}

static void assert_tells(const char *text, const char *wanted)
{
	if (!strstr(text, wanted))
		fail_msg("\"%s\" is not in:\n%s", wanted, text);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;
	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void test_page(void **state)
{
	struct office *o = *state;
	char *page = page_of(o, office_judge(o, office_sealed(o, SEAL_B_LTA), true), "en");
	assert_tells(page, "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" "
			   "lang=\"en\" xml:lang=\"en\">");
	assert_tells(page, "content=\"default-src 'none'; style-src 'unsafe-inline'\"/>");
	assert_tells(page, "<title>Accept - test.pdf - Validation report</title>");
	assert_tells(page, "<section class=\"verdict good\" aria-labelledby=\"verdict\">\n"
			   "<h1 id=\"verdict\"><span aria-hidden=\"true\">");
	assert_tells(page, "<th scope=\"row\"><a href=\"#S1\">S1</a></th>");
	assert_tells(page, "<h2 id=\"S1\">S1: ");
	assert_tells(
	    page, "<dt>Proven time</dt><dd>2026-01-01 00:00:00 UTC, proven by a timestamp</dd>");
	/* Landmarks once, one heading of the first level, a header for every column. */
	assert_int_equal(count(page, "<main>"), 1);
	assert_int_equal(count(page, "<header>"), 1);
	assert_int_equal(count(page, "<h1"), 1);
	assert_int_equal(count(page, "<th>"), 0);
	assert_int_equal(count(page, "<table>"), count(page, "<caption>"));
}

/* Self-contained: nothing runs, nothing is loaded. */
static void test_nothing_from_outside(void **state)
{
	struct office *o = *state;
	char *page = page_of(o, office_judge(o, office_sealed(o, SEAL_B_LTA), true), "en");
	static const char *const never[] = { "<script", "<link", "<img", "<iframe", "<object",
		" src=", "url(", "@import", "javascript:", " onclick", " style=" };
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (strstr(page, never[i]))
			fail_msg("the page has \"%s\"", never[i]);
	for (const char *at = page; (at = strstr(at, "href=\"")); at += 6)
		assert_int_equal(at[6], '#');
}

static void test_languages_and_tones(void **state)
{
	struct office *o = *state;
	struct paper *d = paper_new(o->p, "one-page");
	paper_sign(d, &(struct paper_signature){ .cms.by = "signer" });
	paper_change(d, "page");
	char *page = page_of(o, office_judge(o, d->document, true), "hu");
	assert_tells(page, " lang=\"hu\" xml:lang=\"hu\">");
	assert_tells(page, "<section class=\"verdict bad\"");
	assert_tells(page, "</span> Nem fogadhat\xc3\xb3 el</h1>");
	assert_tells(page, "<li class=\"bad\">\n<p><strong>");
	assert_tells(page, "CHANGED_AFTERWARDS, ISO 32000-2 12.8.2.2");
	page = page_of(o, office_judge(o, pdf_make_one_page(o->s), true), "en");
	assert_tells(page, "<section class=\"verdict caution\"");
	/* What a change is told with is translated, the names in it are not. */
	page = page_of(o, office_judge(o, office_sealed(o, SEAL_B_LTA), true), "hu");
	assert_tells(page, "<td>dokumentum-id\xc5\x91"
			   "b\xc3\xa9lyegz\xc5\x91: "
			   "\xe2\x80\x9eTimestamp1\xe2\x80\x9d (");
}

/* What a hostile document says stays text, in content and in attributes. */
static void test_hostile_texts(void **state)
{
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_B), false);
	r->signatures[0].reason = "</dd><script>alert(1)</script>";
	r->signatures[0].location = "\" onmouseover=\"x\" '&amp;<![CDATA[";
	r->signatures[0].signer_name = "]]> </style> <!-- \x1b\x01 \xff";
	r->name = "</title><img src=x onerror=alert(1)>\xe2\x80\xae\xef\xbf\xbe\xc0\xaf.pdf";
	char *page = page_of(o, r, "en");
	assert_tells(page, "<dd>&lt;/dd&gt;&lt;script&gt;alert(1)&lt;/script&gt;</dd>");
	assert_tells(page, "&quot; onmouseover=&quot;x&quot; &#39;&amp;amp;&lt;![CDATA[");
	assert_tells(page, "<title>Accept - &lt;/title&gt;&lt;img ");
	assert_int_equal(count(page, "<script"), 0);
	assert_int_equal(count(page, "<img"), 0);
	assert_int_equal(count(page, "</style>"), 1);
	assert_int_equal(count(page, "<!--"), 0);
	assert_null(strchr(page, '\x1b'));
	assert_null(strstr(page, "\xef\xbf\xbe"));
}

static void assert_well_formed(struct bytes page)
{
	xmlDocPtr d = xmlReadMemory(
	    (const char *)page.p, (int)page.n, "page", NULL, XML_PARSE_NONET | XML_PARSE_PEDANTIC);
	assert_non_null(d);
	xmlFreeDoc(d);
}

/* A strict reader of XML takes the page. */
static void test_well_formed(void **state)
{
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	struct outline many = outline_new(o->s, NULL);
	struct bytes page;
	r->signatures[0].reason = "<&>\"' ]]> \x02\xc3\x28 \xed\xa0\x80 \xef\xbf\xbf";
	assert_well_formed(bytes_of_str(page_of(o, r, "en")));
	assert_well_formed(bytes_of_str(page_of(o, r, "hu")));
	/* Blocks in any order close what they opened. */
	outline_title(&many, "<t>", "<s>");
	outline_cause(&many, OUTLINE_BAD, "w", "<c>", "");
	outline_heading(&many, 2, "a", "&");
	outline_cause(&many, OUTLINE_PLAIN, "w", "<c>", "");
	outline_fact(&many, "", "first without a label");
	outline_table(&many, "t", 2, (const char *const[]){ "<h>", "h" });
	outline_cell(&many, "half a row");
	outline_words(&many, "<b>", "<w>", "", "&");
	outline_words(&many, "", "", "\"c\"", "");
	outline_cause(&many, OUTLINE_BAD, "w", "<c>", "");
	outline_words(&many, "", "'", "c", "");
	outline_heading(&many, 3, NULL, "x");
	outline_pictures(&many, "t",
	    (const struct outline_picture[]){
		{ "data:,", "<a>", "<c>", NULL, 1, 1 }, { NULL, "a", "c", "x.png", 0, 0 } },
	    2);
	assert_int_equal(outline_html(o->s, &many, &page), OK);
	assert_well_formed(page);
}

/* Pictures come from outside; the report says what they are, to eyes and to ears. */
static void test_pictures(void **state)
{
	struct office *o = *state;
	struct report *r = office_judge(o, office_sealed(o, SEAL_B_B), true);
	const struct report_page_pictures page = { .sealed = 2,
		.now = 3,
		.picture = { { "data:image/png;base64,AAAA", NULL, 10, 20 },
		    { "data:image/png;base64,BBBB", NULL, 10, 20 } } };
	const struct report_pictures shown = {
		.n_pages = 9, .n_different = 4, .page = &page, .n = 1
	};
	const struct report_pictures same = { .n_pages = 9 };
	const struct report_pictures failed = { .failure = "page 1: <crashed>" };
	char *plain = page_of(o, r, "en");
	assert_null(strstr(plain, "How it looks"));
	r->signatures[0].pictures = &shown;
	char *text = page_of(o, r, "en");
	assert_well_formed(bytes_of_str(text));
	assert_tells(text, "style-src 'unsafe-inline'; img-src data:\"/>");
	assert_tells(text, "<p>4 pages look different from when they were sealed.</p>");
	assert_tells(text, "<img alt=\"Page 3 (page 2 when it was sealed): As it was sealed\" "
			   "width=\"10\" height=\"20\" src=\"data:image/png;base64,AAAA\"/>");
	assert_int_equal(count(text, "<img"), 2);
	assert_tells(text, "<p>3 further pages look different;");
	r->signatures[0].pictures = &same;
	assert_tells(page_of(o, r, "en"), "<p>All 9 pages look as they did");
	r->signatures[0].pictures = &failed;
	assert_tells(page_of(o, r, "en"), "could not be shown: page 1: &lt;crashed&gt;.</p>");
	/* No part of what is judged: JSON has nothing of it. */
	struct bytes with, without;
	assert_int_equal(report_json(o->s, r, false, &with), OK);
	r->signatures[0].pictures = NULL;
	assert_int_equal(report_json(o->s, r, false, &without), OK);
	assert_true(bytes_equal(with, without));
	assert_string_equal(page_of(o, r, "en"), plain);
}

/* The body is what the page has between its main tags, octet by octet. */
static void test_body(void **state)
{
	struct office *o = *state;
	const struct report *r = office_judge(o, office_sealed(o, SEAL_B_LTA), true);
	struct outline outline;
	struct bytes body;
	assert_int_equal(report_outline(o->s, r, NULL, &outline), OK);
	assert_int_equal(outline_html_body(o->s, &outline, &body), OK);
	const char *start = strstr(page_of(o, r, "en"), "<main>\n");
	assert_non_null(start);
	start += strlen("<main>\n");
	const char *end = strstr(start, "</main>");
	assert_non_null(end);
	assert_true(bytes_equal(body, bytes_of(start, (size_t)(end - start))));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_page),
		TEST(test_nothing_from_outside),
		TEST(test_languages_and_tones),
		TEST(test_hostile_texts),
		TEST(test_well_formed),
		TEST(test_pictures),
		TEST(test_body),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
