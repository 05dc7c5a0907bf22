#include "service/front/log_view.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/log/audit_reader.h"
#include "service/store/identifier.h"
#include "service/store/store_person.h"

/* The last `limit` lines of a file that match, oldest first, in a ring. */
struct ring {
	struct scope *s;
	struct bytes *line;
	size_t room, begun, n; /* the n newest; line[begun % room] comes next */
};

static bool has(struct bytes line, const char *before, const char *text, const char *after)
{
	size_t n = strlen(before), m = strlen(text), k = strlen(after);
	for (size_t at = bytes_find(line, bytes_of_str(before), 0); at != BYTES_NOT_FOUND;
	     at = bytes_find(line, bytes_of_str(before), at + 1))
		if (bytes_equal(bytes_cut(line, at + n, m), bytes_of(text, m)) &&
		    bytes_equal(bytes_cut(line, at + n + m, k), bytes_of(after, k)))
			return true;
	return false;
}

static bool is_asked(const char *text)
{
	return text && text[0];
}

/* Before it is parsed: most lines are none of those. What looks like it inside of a text is told
 * apart afterwards. */
static bool may_match(struct bytes line, const struct log_view_filter *filter)
{
	if (is_asked(filter->kind) && !has(line, "\"kind\":\"", filter->kind, ""))
		return false;
	if (is_asked(filter->partner) && !has(line, "\"partner\":\"", filter->partner, "\""))
		return false;
	return !is_asked(filter->text) ||
	       bytes_find(line, bytes_of_str(filter->text), 0) != BYTES_NOT_FOUND;
}

static bool matches(const struct audit_record *r, const struct log_view_filter *filter)
{
	if (is_asked(filter->kind) && strncmp(r->kind, filter->kind, strlen(filter->kind)) != 0)
		return false;
	return !is_asked(filter->partner) || (r->partner && !strcmp(r->partner, filter->partner));
}

/* {"seq":7,... */
static uint64_t number_of(struct bytes line)
{
	uint64_t n = 0;
	for (size_t i = strlen("{\"seq\":"); i < line.n && line.p[i] >= '0' && line.p[i] <= '9';
	     i++)
		n = n * 10 + (uint64_t)(line.p[i] - '0');
	return n;
}

static enum err keep(struct ring *r, struct bytes line)
{
	TRY(bytes_copy(r->s, line, &r->line[r->begun % r->room]));
	r->begun++;
	r->n += r->n < r->room;
	return OK;
}

static enum err read_file(struct scope *s, const struct audit_reader_files *files, size_t i,
    const struct log_view_filter *filter, struct ring *ring)
{
	struct audit_reader *reader;
	struct audit_line line;
	bool more;
	TRY(audit_reader_open(s, files, i, &reader));
	for (;;) {
		TRY(audit_reader_next(s, reader, &more, &line));
		if (!more || line.file != i)
			return OK;
		if (line.is_cut || !line.is_ended || !may_match(line.text, filter))
			continue;
		if (filter->before && number_of(line.text) >= filter->before)
			return OK;
		TRY(keep(ring, line.text));
	}
}

/* Newest first into the records; stops when there are enough. */
static enum err take(struct scope *s, const struct ring *ring, const struct log_view_filter *filter,
    struct audit_record *record, size_t *n)
{
	for (size_t i = 0; i < ring->n && *n < filter->limit; i++) {
		struct bytes line = ring->line[(ring->begun - 1 - i) % ring->room];
		if (audit_record_parse(s, line, &record[*n]) != OK)
			scope_forgive(s);
		else
			*n += matches(&record[*n], filter);
	}
	return OK;
}

enum err log_view_read(struct scope *s, const char *folder, const struct log_view_filter *filter,
    struct log_view_records *ret_records)
{
	struct audit_reader_files files;
	struct audit_record *record = scope_alloc_array(s, LIMIT_LOG_ROWS + 1, sizeof(*record));
	size_t n = 0, octets = 0, i;
	struct log_view_filter wanted = *filter;
	if (!record)
		return ERR_NOMEM;
	if (wanted.limit == 0 || wanted.limit > LIMIT_LOG_ROWS)
		wanted.limit = LIMIT_LOG_ROWS;
	wanted.limit++; /* one more tells whether there are more */
	TRY(audit_reader_list(s, folder, &files));
	for (i = files.n; i > 0 && n < wanted.limit && octets < LIMIT_LOG_VIEW; i--) {
		struct ring ring = { .s = s, .room = 2 * wanted.limit };
		ring.line = scope_alloc_array(s, ring.room, sizeof(*ring.line));
		if (!ring.line)
			return ERR_NOMEM;
		TRY(read_file(s, &files, i - 1, &wanted, &ring));
		TRY(take(s, &ring, &wanted, record, &n));
		octets += (size_t)files.file[i - 1].size;
	}
	bool has_more = n == wanted.limit;
	n -= has_more;
	*ret_records = (struct log_view_records){ .record = record,
		.n = n,
		.next = has_more ? record[n - 1].seq : 0,
		.is_cut = !has_more && i > 0 };
	return OK;
}

enum err log_view_folder(struct scope *s, const struct front *f, const char **ret_folder)
{
	const struct configuration *c = f->configuration;
	struct buf b = buf_new(s, LIMIT_URL * 2);
	char *folder;
	buf_addf(&b, "%s/log", c->data);
	TRY(buf_done_str(&b, &folder));
	*ret_folder = folder;
	return OK;
}

/* Staff sees names; a partner sees of whom does not belong to it the identifier only. */
static enum err put_actor(
    const struct page *p, const struct audit_record *r, struct template_data *d)
{
	const struct store_person *person = NULL;
	const char *id = r->actor && !strncmp(r->actor, "person:", 7) ? r->actor + 7 : NULL;
	if (identifier_is(id, IDENTIFIER_PERSON))
		TRY(store_person_find(p->s, p->front->store, id, &person));
	if (person && p->session->partner &&
	    (!person->partner || strcmp(person->partner, p->session->partner) != 0))
		person = NULL;
	template_put(d, "actor_name", person ? person->name : NULL);
	template_put(d, "actor", r->actor);
	return OK;
}

static enum err put_record(
    const struct page *p, const struct audit_record *r, struct template_data *d)
{
	template_put_number(d, "seq", (int64_t)r->seq);
	template_put_time(d, "time", (struct instant){ r->ms / 1000 });
	template_put(d, "kind", r->kind);
	template_put(d, "object", r->object);
	template_put(d, "address", r->address);
	template_put(d, "record_partner", r->partner);
	template_put_list(d, "details");
	for (size_t i = 0; i < r->n_details; i++) {
		/* A token, of a timestamp, is kilobytes for machines. */
		if (!r->detail[i].text || !r->detail[i].text[0] ||
		    !strcmp(r->detail[i].name, "token"))
			continue;
		struct template_data *item = template_add(d, "details");
		template_put(item, "detail", r->detail[i].name);
		template_put(item, "detail_text", r->detail[i].text);
	}
	return put_actor(p, r, d);
}

enum err log_view_put(const struct page *p, const struct log_view_filter *filter)
{
	struct log_view_records records;
	const char *folder;
	TRY(log_view_folder(p->s, p->front, &folder));
	TRY(log_view_read(p->s, folder, filter, &records));
	template_put_list(p->data, "records");
	template_put_flag(p->data, "has_records", records.n > 0);
	template_put_flag(p->data, "is_cut", records.is_cut);
	template_put_number(p->data, "next", (int64_t)records.next);
	for (size_t i = 0; i < records.n; i++)
		TRY(put_record(p, &records.record[i], template_add(p->data, "records")));
	return OK;
}
