/* service/pages/template: places, escaping, lists, texts; what the parser refuses */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/pages/template.h"
#include "validator/language.h"

static const char *text_now;

static struct bytes find(const char *name)
{
	if (!strcmp(name, "page"))
		return bytes_of_str(text_now);
	if (!strcmp(name, "part"))
		return BYTES_LIT("[{{name}}]");
	if (!strcmp(name, "loop"))
		return BYTES_LIT("{{>loop}}");
	return BYTES_NONE;
}
static const struct template_source source = { find };

#define HOSTILE "<b>\"'&\xe2\x80\xae"
#define HOSTILE_SHOWN "&lt;b&gt;&quot;&#39;&amp;\xef\xbf\xbd"

static struct template_data *sample(struct scope *s)
{
	struct template_data *d = template_data_new(s);
	template_put(d, "name", HOSTILE);
	template_put(d, "nothing", NULL);
	template_put(d, "empty", "");
	template_put(d, "lines", "a\r\nb");
	template_put_number(d, "n", 3);
	template_put_number(d, "zero", 0);
	template_put_flag(d, "yes", true);
	template_put_flag(d, "no", false);
	template_put_said(d, "word", "Accept");
	template_put_time(d, "time", (struct instant){ 1795341600 });
	template_put_link(d, "link", "/filings?a=1&b=2");
	template_put_list(d, "none");
	for (int i = 1; i <= 2; i++) {
		struct template_data *item = template_add(d, "items");
		template_put_number(item, "i", i);
		template_put_flag(item, "first", i == 1);
	}
	return d;
}

static enum err outcome(
    struct scope *s, const char *text, const struct messages *m, char **ret_html)
{
	const struct template_fragment *f;
	text_now = text;
	TRY(template_render(s, &source, "page", sample(s), m, &f));
	return bytes_to_str(s, template_fragment_html(f), ret_html);
}

static void gives(const char *text, const char *wanted)
{
	struct scope *s = scope_new(0);
	char *html = NULL;
	if (outcome(s, text, NULL, &html) != OK)
		fail_msg("%s", scope_fault_text(s));
	assert_string_equal(html, wanted);
	scope_free(s);
}

static void is_refused(const char *text, const char *why)
{
	struct scope *s = scope_new(0);
	char *html;
	assert_int_equal(outcome(s, text, NULL, &html), ERR_INTERNAL);
	if (!strstr(scope_fault_text(s), why))
		fail_msg("%s: %s", text, scope_fault_text(s));
	scope_free(s);
}

static void test_places(void **state)
{
	(void)state;
	gives("<p>{{name}}</p>", "<p>" HOSTILE_SHOWN "</p>");
	gives("<p title=\"{{name}}\">", "<p title=\"" HOSTILE_SHOWN "\">");
	gives("<p title='{{name}}'>", "<p title='" HOSTILE_SHOWN "'>");
	gives("<a href=\"{{link}}\">", "<a href=\"/filings?a=1&amp;b=2\">");
	gives("<a href=\"/x?q={{name}}&amp;n={{n}}\">",
	    "<a href=\"/x?q=%3Cb%3E%22%27%26%EF%BF%BD&amp;n=3\">");
	gives("{{lines}}{{nothing}}{{empty}}|{{n}}", "a  b|3");
	gives("{{time}}", "2026-11-22 10:00:00 UTC");
	gives("<input{{#yes}} checked{{/yes}}>", "<input checked>");
	gives("<p class=\"a{{#yes}} b{{/yes}}\">", "<p class=\"a b\">");
	gives("<script src=\"/s\"></script>{{n}}<style></style>{{n}}",
	    "<script src=\"/s\"></script>3<style></style>3");
	gives("a{{! a remark }}b<!-- x -->{{n}}", "ab<!-- x -->3");
}

static void test_no_place(void **state)
{
	(void)state;
	static const char *const texts[] = { "<script>{{name}}</script>", "<style>{{n}}</style>",
		"<p {{name}}>", "<{{name}}>", "<p title={{name}}>", "<p title=x{{name}}>",
		"<!-- {{name}} -->", "<p onclick=\"{{name}}\">", "<p style=\"{{name}}\">",
		"<p ONCLICK=\"{{name}}\">", "<iframe srcdoc=\"{{name}}\">", "<p {{_ Accept}}>" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		is_refused(texts[i], "no value may stand here");
	is_refused("<a href=\"{{name}}\">", "is no link");
	is_refused("<a href=\"{{&name}}\">", "between elements only");
	is_refused("<a title=\"{{>part}}\">", "between elements only");
	is_refused("<a href=\"/{{_ Accept}}\">", "a text in an address");
	is_refused("<form action=\"{{n}}\">", "is no link");
	is_refused("{{&name}}", "is no fragment");
}

static void test_sections(void **state)
{
	(void)state;
	gives("{{#items}}{{i}}{{#first}},{{/first}}{{n}} {{/items}}", "1,3 23 ");
	gives("{{#none}}x{{/none}}{{^none}}y{{/none}}", "y");
	gives("{{#absent}}x{{/absent}}{{^absent}}y{{/absent}}", "y");
	gives(
	    "{{#no}}x{{/no}}{{#zero}}x{{/zero}}{{#empty}}x{{/empty}}{{#nothing}}x{{/nothing}}", "");
	gives("{{#n}}{{n}}{{/n}}{{#name}}y{{/name}}{{^name}}x{{/name}}", "3y");
	gives("{{>part}}", "[" HOSTILE_SHOWN "]");
}

static void test_faults(void **state)
{
	(void)state;
	is_refused("{{#items}}", "page:1: a section is not closed");
	is_refused("\n{{/items}}", "page:2: closes a section that is not open");
	is_refused("{{#items}}{{/none}}", "closes a section that is not open");
	is_refused("{{name", "a tag does not end");
	is_refused("{{Name}}", "without a good name");
	is_refused("{{}}", "without a good name");
	is_refused("{{absent}}", "absent: nobody has put it");
	is_refused("{{yes}}", "is no text");
	is_refused("<p", "ends inside of a tag");
	is_refused("{{#yes}}<p {{/yes}}", "ends in another place");
	is_refused("<p title=\"{{#yes}}\" onclick=\"{{/yes}}{{name}}\">", "ends in another place");
	is_refused("<a href=\"{{#no}}/x{{/no}}{{name}}\">", "ends in another place");
	is_refused("{{>loop}}", "includes itself");
	is_refused("{{>absent}}", "there is none");
	is_refused("{{_#n one}}", "no two forms");
	is_refused("{{_#name one|many}}", "is no number");
	is_refused("{{_ }}", "an empty text");
	is_refused("{{_ by {absent}}}", "nobody has put one of its values");
}

static void test_texts(void **state)
{
	struct scope *s = scope_new(0);
	const struct messages *hu;
	char *html;
	(void)state;
	gives("{{_ By {name}}}", "By " HOSTILE_SHOWN);
	gives("{{_ Two\n\t lines}}", "Two lines");
	gives("{{_ a < b}}", "a &lt; b");
	gives("{{_#n {n} file|{n} files}}", "3 files");
	gives("<p title=\"{{_ Accept}}\">{{word}}</p>", "<p title=\"Accept\">Accept</p>");
	assert_int_equal(language_find(s, "hu", &hu), OK);
	assert_int_equal(outcome(s, "{{_ Accept}}/{{word}}", hu, &html), OK);
	assert_string_equal(html, "Elfogadható/Elfogadható");
	scope_free(s);
}

static void test_links(void **state)
{
	(void)state;
	static const char *const bad[] = { "javascript:alert(1)", "//evil.example/", "/\\evil",
		"data:x", "x", "", "ftp://x", "\tjavascript:x" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct scope *s = scope_new(0);
		struct template_data *d = template_data_new(s);
		const struct template_fragment *f;
		template_put_link(d, "link", bad[i]);
		text_now = "x";
		assert_int_equal(template_render(s, &source, "page", d, NULL, &f), ERR_INTERNAL);
		scope_free(s);
	}
}

static void test_fragments(void **state)
{
	struct scope *s = scope_new(0);
	const struct template_fragment *inner, *outer;
	struct template_data *d = template_data_new(s), *e = template_data_new(s);
	char *html;
	(void)state;
	template_put(d, "name", "<i>");
	template_put_said(d, "title", "Accept");
	text_now = "<p>{{name}}</p>";
	assert_int_equal(template_render(s, &source, "page", d, NULL, &inner), OK);
	template_put_fragment(e, "content", inner);
	template_pass(e, "title", d, "title");
	template_pass(e, "name", d, "absent");
	text_now = "<main>{{&content}}{{title}}{{name}}</main>";
	assert_int_equal(template_render(s, &source, "page", e, NULL, &outer), OK);
	assert_int_equal(bytes_to_str(s, template_fragment_html(outer), &html), OK);
	assert_string_equal(html, "<main><p>&lt;i&gt;</p>Accept</main>");
	scope_free(s);
}

static void test_no_memory(void **state)
{
	(void)state;
	text_now = "{{#items}}{{i}}{{name}}{{_ By {name}}}{{/items}}{{>part}}";
	for (size_t n = 1;; n++) {
		struct scope *s = scope_new(0);
		const struct template_fragment *f;
		scope_fail_after(s, n);
		enum err e = template_render(s, &source, "page", sample(s), NULL, &f);
		if (e == ERR_INTERNAL)
			fail_msg("%zu: %s", n, scope_fault_text(s));
		scope_free(s);
		if (e == OK)
			break;
		assert_int_equal(e, ERR_NOMEM);
		assert_true(n < 10000);
	}
}

static void count(void *ctx, const char *name)
{
	(void)name;
	++*(size_t *)ctx;
}

static void test_check(void **state)
{
	struct scope *s = scope_new(0);
	size_t n = 0;
	(void)state;
	text_now = "{{#items}}{{i}}{{/items}}{{>part}}{{_ By {word}}}";
	assert_int_equal(template_check(s, &source, "page", count, &n), OK);
	assert_int_equal(n, 4);
	text_now = "{{#items}}";
	assert_int_equal(template_check(s, &source, "page", NULL, NULL), ERR_INTERNAL);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_no_place),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_check),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
