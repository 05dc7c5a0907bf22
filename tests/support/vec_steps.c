#include "tests/support/vec_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

static const char *const flaws[] = { "none", "unreadable", "imprint", "value", NULL };

/* "T", "T/TSA", "T/TSA/FLAW" */
static struct paper_cms_stamp stamp_of(struct vec_words *w, const char *text, bool of_content)
{
	char *rest = vec_words_copy(w, text);
	const char *at = strsep(&rest, "/");
	const char *tsa = rest ? strsep(&rest, "/") : "tsa";
	return (struct paper_cms_stamp){ .tsa = tsa,
		.at = vec_words_instant(w, at),
		.of_content = of_content,
		.flaw = rest ? (enum paper_cms_flaw)vec_words_choice(w, rest, flaws)
			     : PAPER_CMS_FLAW_NONE };
}

static void take_stamps(struct vec_words *w, struct paper_cms *cms)
{
	for (const char *text; cms->n_stamps < 4 && (text = vec_words_value(w, "stamp"));)
		cms->stamps[cms->n_stamps++] = stamp_of(w, text, false);
	for (const char *text; cms->n_stamps < 4 && (text = vec_words_value(w, "content-stamp"));)
		cms->stamps[cms->n_stamps++] = stamp_of(w, text, true);
}

/* "BY", "BY/FLAW"; "on-it=" stands on the one before. */
static void take_counters(struct vec_words *w, struct paper_cms *cms)
{
	static const char *const words[] = { "right", "unreadable", "digest", "value", "type",
		"ess", NULL };
	static const char *const keys[] = { "counter", "on-it" };
	for (int nested = 0; nested < 2; nested++)
		for (const char *text;
		     cms->n_counters < 4 && (text = vec_words_value(w, keys[nested]));) {
			char *rest = vec_words_copy(w, text);
			struct paper_cms_counter *c = &cms->counters[cms->n_counters++];
			c->by = strsep(&rest, "/");
			c->nested = nested;
			if (rest)
				c->flaw =
				    (enum paper_cms_counter_flaw)vec_words_choice(w, rest, words);
		}
}

static void take_cms(struct vec_words *w, struct paper_cms *cms)
{
	static const char *const ess[] = { "right", "none", "other", NULL };
	const char *word = vec_words_value(w, "ess");
	if (word)
		cms->ess = (enum paper_cms_ess)vec_words_choice(w, word, ess);
	cms->signing_time = vec_words_time(w, "signing-time", 0);
	cms->no_attrs = vec_words_flag(w, "no-attributes");
	cms->unordered_attrs = vec_words_flag(w, "unordered");
	cms->wrong_type = vec_words_flag(w, "wrong-type");
	cms->no_certs = vec_words_flag(w, "no-certificates");
	cms->has_content = vec_words_flag(w, "content");
	cms->two_signers = vec_words_flag(w, "two-signers");
	cms->no_signer = vec_words_flag(w, "no-signer");
	cms->unknown_alg = vec_words_flag(w, "unknown-algorithm");
	cms->bad_value = vec_words_flag(w, "bad-value");
	cms->bad_digest = vec_words_flag(w, "bad-digest");
	take_stamps(w, cms);
	take_counters(w, cms);
}

static void take_place(struct vec_words *w, struct paper_signature *spec)
{
	static const char *const ranges[] = { "right", "missing", "fraction", "from-1",
		"empty-tail", "beyond", "gap-wide", "gap-early", "brackets", "short", "overlap",
		NULL };
	const char *range = vec_words_value(w, "range"), *docmdp = vec_words_value(w, "docmdp");
	if (range)
		spec->range = (enum paper_range)vec_words_choice(w, range, ranges);
	if (docmdp)
		spec->docmdp = docmdp[0] - '0';
	spec->lock_all = vec_words_flag(w, "lock-all");
	spec->field = vec_words_value(w, "field");
	spec->share_with = vec_words_value(w, "share-with");
	spec->sub_filter = vec_words_value(w, "sub-filter");
	spec->no_contents = vec_words_flag(w, "no-contents");
	spec->garbage = vec_words_flag(w, "garbage");
	spec->trailing = vec_words_flag(w, "trailing");
	spec->duplicate_key = vec_words_flag(w, "duplicate-key");
}

static void do_sign(struct vec_scene *v, struct vec_words *w)
{
	const char *by = vec_words_value(w, "by");
	struct paper_signature spec = { .cms.by = by ? by : "signer",
		.claimed = vec_words_flag(w, "no-claim") ? 0 : v->at };
	take_cms(w, &spec.cms);
	take_place(w, &spec);
	paper_sign(v->paper, &spec);
}

static void do_timestamp(struct vec_scene *v, struct vec_words *w)
{
	const char *by = vec_words_value(w, "by"), *flaw = vec_words_value(w, "flaw");
	struct paper_signature spec = { .is_timestamp = true, .cms.n_stamps = 1 };
	spec.cms.stamps[0] = (struct paper_cms_stamp){ .tsa = by, .at = v->at };
	if (flaw)
		spec.cms.stamps[0].flaw = (enum paper_cms_flaw)vec_words_choice(w, flaw, flaws);
	take_place(w, &spec);
	paper_sign(v->paper, &spec);
}

static void do_store(struct vec_scene *v, struct vec_words *w)
{
	struct paper_store store = { 0 };
	for (const char *name; (name = vec_words_next(w));) {
		if (strcmp(name, "garbage") == 0) {
			store.certs[store.n_certs++] = BYTES_LIT("\x30\x03\x02\x01\x00");
			continue;
		}
		struct vec_scene_item item = vec_scene_find(v, w, name);
		if (item.kind == VEC_SCENE_CERT)
			store.certs[store.n_certs++] = item.der;
		else if (item.kind == VEC_SCENE_CRL)
			store.crls[store.n_crls++] = item.der;
		else
			store.ocsps[store.n_ocsps++] = item.der;
	}
	paper_store(v->paper, &store);
}

/* By the product itself, with the services as they are. */
static void by_sealer(struct vec_scene *v, struct vec_words *w, bool extend)
{
	enum seal_level level;
	struct draft *draft;
	struct seal_outcome outcome;
	const char *name = vec_words_name(w);
	if (!seal_level_of_name(name, &level))
		vec_reader_complain(w->c, w->line, "no level", name);
	struct seal_request q = mini_pki_request(v->pki, level);
	q.field = vec_words_value(w, "field");
	enum err err = draft_in_memory(v->s, v->paper->document, &draft);
	if (err == OK)
		err = extend ? seal_extend(v->s, &v->w->world, &q, draft, &outcome)
			     : seal_document(v->s, &v->w->world, &q, draft, &outcome);
	if (err != OK)
		vec_reader_complain(w->c, w->line, err_name(err), scope_fault_text(v->s));
	v->paper->document = draft->document;
}

static void do_seal(struct vec_scene *v, struct vec_words *w)
{
	by_sealer(v, w, false);
}

static void do_extend(struct vec_scene *v, struct vec_words *w)
{
	by_sealer(v, w, true);
}

static void do_change(struct vec_scene *v, struct vec_words *w)
{
	paper_change(v->paper, vec_words_name(w));
}

/* Where: "covered" in the page's text; "value" the last octet of the last CMS that is not padding;
 * "tail" the %%EOF of the last revision; "key" the S of the /Sig of a dictionary. */
static void do_flip(struct vec_scene *v, struct vec_words *w)
{
	static const char *const places[] = { "covered", "tail", NULL };
	static const char *const marks[] = { "Bulla) Tj", "%%EOF" };
	int place = vec_words_choice(w, vec_words_name(w), places);
	struct bytes d = v->paper->document, mark = bytes_of_str(marks[place]);
	size_t at = place == 0 ? bytes_find(d, mark, 0) : bytes_find_last(d, mark, d.n);
	if (at == BYTES_NOT_FOUND)
		vec_reader_complain(w->c, w->line, "nothing to change", places[place]);
	paper_flip(v->paper, at + 1);
}

static void do_append(struct vec_scene *v, struct vec_words *w)
{
	static const char *const what[] = { "white", "junk", "unreadable", NULL };
	static const char *const octets[] = { "\r\n \n", "junk behind\n",
		"1 0 obj\n<< /Type /Catalog >>\nendobj\nstartxref\n1\n%%EOF\n" };
	paper_append(v->paper, octets[vec_words_choice(w, vec_words_name(w), what)]);
}

static void do_cut(struct vec_scene *v, struct vec_words *w)
{
	const char *n = vec_words_name(w);
	paper_cut(v->paper, v->paper->document.n - strtoul(n, NULL, 10));
}

void vec_steps_do(struct vec_scene *v, struct vec_words *w)
{
	static const char *const names[] = { "sign", "timestamp", "store", "seal", "extend",
		"change", "flip", "append", "cut", NULL };
	static void (*const steps[])(struct vec_scene * v, struct vec_words * w) = { do_sign,
		do_timestamp, do_store, do_seal, do_extend, do_change, do_flip, do_append, do_cut };
	int step = vec_words_choice(w, vec_words_name(w), names);
	if (!v->paper)
		v->paper = paper_new(v->pki, v->base);
	v->at = vec_words_time(w, "at", v->at);
	v->w->now.unix_s = v->at;
	steps[step](v, w);
}
