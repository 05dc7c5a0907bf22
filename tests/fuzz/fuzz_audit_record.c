/*
 * Any bytes as a record of the audit log, as an export of it, and as texts that go into a record:
 * what is read is within bounds and written again the same line; what is written can be read.
 */
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "formats/digest.h"
#include "service/log/audit_export.h"
#include "service/log/audit_text.h"
#include "service/log/audit_timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_line(struct scope *s, struct bytes line)
{
	struct audit_record r;
	struct audit_frame frame;
	struct audit_timestamp stamp;
	struct audit_timestamp_verdict verdict;
	const enum err e = audit_record_parse(s, line, &r);
	scope_forgive(s);
	if (e != OK)
		return;
	check(audit_record_frame(s, line, &frame) == OK && frame.seq == r.seq);
	check(!memcmp(frame.hash, r.hash, AUDIT_RECORD_HASH));
	check(r.kind && r.n_details <= LIMIT_AUDIT_DETAILS);
	check(audit_timestamp_may_be(line) == audit_timestamp_is_one(&r));
	if (audit_timestamp_is_one(&r) && audit_timestamp_of_record(s, &r, &stamp) == OK) {
		check(stamp.size < r.seq);
		(void)!audit_timestamp_check(s, &stamp, NULL, &verdict);
	}
	scope_forgive(s);
}

/* No mutation finds a hash: the input up to its last member gets one. */
static void check_hashed(struct scope *s, struct bytes data)
{
	struct digest sha256;
	char *hex;
	const size_t end = bytes_find_last(data, BYTES_LIT(",\"hash\":\""), data.n);
	struct bytes head = bytes_cut(data, 0, end == BYTES_NOT_FOUND ? data.n : end);
	struct buf b = buf_new(s, (size_t)1 << 24);
	buf_add(&b, head);
	if (digest_of_bytes(s, DIGEST_SHA256, head, &sha256) == OK &&
	    bytes_to_hex(s, digest_bytes(&sha256), &hex) == OK) {
		buf_addf(&b, ",\"hash\":\"%s\"}", hex);
		check_line(s, buf_bytes(&b));
	}
}

static void check_texts(struct scope *s, struct bytes data)
{
	static const uint8_t none[AUDIT_RECORD_HASH];
	struct buf b = buf_new(s, (size_t)1 << 20);
	struct audit_record r;
	struct bytes body;
	uint8_t hash[AUDIT_RECORD_HASH];
	const char *once, *twice;
	char *text;
	check(bytes_to_str(s, bytes_cut(data, 0, 100000), &text) == OK);
	check(audit_text_clean(s, text, 64, &once) == OK && strlen(once) <= 64);
	check(audit_text_clean(s, once, 64, &twice) == OK && !strcmp(once, twice));
	const struct audit_entry e = { .kind = AUDIT_LOGIN_REFUSED,
		.address = text,
		.session = text,
		.actor = text,
		.partner = text,
		.object = text,
		.detail = { { "reason", text, false } } };
	check(audit_record_body(s, &e, &body) == OK);
	check(audit_record_write(s, &b, 1, 0, body, none, none, hash) == OK);
	check(audit_record_parse(s, bytes_cut(buf_bytes(&b), 0, b.n - 1), &r) == OK);
	check(audit_text_clean(s, text, LIMIT_AUDIT_NAME, &once) == OK && !strcmp(r.actor, once));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scope *s = scope_new((size_t)256 << 20);
	struct audit_export_verdict v;
	if (!s)
		return 0;
	check_line(s, bytes_of(data, size));
	check_hashed(s, bytes_of(data, size));
	check_texts(s, bytes_of(data, size));
	if (audit_export_check(s, bytes_of(data, size), NULL, &v) == OK)
		check(v.n_covered <= v.n_records + 1 && v.partner);
	scope_free(s);
	return 0;
}
