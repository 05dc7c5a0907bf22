#include "service/log/audit_chain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/scope.h"
#include "formats/json_tree.h"
#include "service/folder.h"
#include "service/input_file.h"

#define HEAD_NEW "head.new"
#define HEAD_OCTETS 256

bool audit_chain_fits(const struct audit_chain *c, const struct audit_frame *frame)
{
	return frame->seq == c->seq + 1 && !memcmp(frame->previous, c->hash, AUDIT_RECORD_HASH);
}

void audit_chain_move(struct audit_chain *c, const struct audit_frame *frame)
{
	c->seq = frame->seq;
	memcpy(c->hash, frame->hash, AUDIT_RECORD_HASH);
}

bool audit_chain_equal(const struct audit_chain *a, const struct audit_chain *b)
{
	return a->seq == b->seq && !memcmp(a->hash, b->hash, AUDIT_RECORD_HASH);
}

static enum err compose(struct scope *s, const struct audit_chain *head, struct bytes *ret_text)
{
	struct buf b = buf_new(s, HEAD_OCTETS);
	struct json j = json_new(&b, true);
	json_begin_object(&j, NULL);
	json_int(&j, "seq", (int64_t)head->seq);
	json_bytes_hex(&j, "hash", bytes_of(head->hash, AUDIT_RECORD_HASH));
	json_end_object(&j);
	buf_add_byte(&b, '\n');
	return buf_done(&b, ret_text);
}

enum err audit_chain_write_head(struct scope *s, int folder_fd, const struct audit_chain *head)
{
	struct bytes text;
	TRY(compose(s, head, &text));
	int fd = openat(folder_fd, HEAD_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return scope_fault(s, ERR_IO, "audit log: head: %s", strerror(errno));
	bool written = write(fd, text.p, text.n) == (ssize_t)text.n && fdatasync(fd) == 0;
	int cause = errno;
	close(fd);
	if (!written)
		return scope_fault(s, ERR_IO, "audit log: head: %s", strerror(cause));
	if (renameat(folder_fd, HEAD_NEW, folder_fd, AUDIT_CHAIN_HEAD) != 0)
		return scope_fault(s, ERR_IO, "audit log: head: %s", strerror(errno));
	return OK;
}

enum err audit_chain_read_head(
    struct scope *s, const char *folder, bool *ret_is_there, struct audit_chain *ret_head)
{
	struct bytes text, again, hash = BYTES_NONE;
	struct audit_chain head = { 0 };
	const struct json_tree *t, *seq, *hex;
	char *path;
	TRY(folder_path(s, folder, AUDIT_CHAIN_HEAD, &path));
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		*ret_is_there = false;
		return OK;
	}
	TRY(input_file_read(s, path, HEAD_OCTETS, &text));
	enum err e = json_tree_parse(s, text, &t);
	if (e == OK && t->kind == JSON_TREE_OBJECT && (seq = json_tree_find(t, "seq")) &&
	    (hex = json_tree_find(t, "hash")) && hex->kind == JSON_TREE_TEXT && seq->number >= 0) {
		head.seq = (uint64_t)seq->number;
		e = bytes_of_hex(s, bytes_of_str(hex->text), &hash);
	}
	if (e == ERR_NOMEM)
		return e;
	if (hash.n == AUDIT_RECORD_HASH) {
		memcpy(head.hash, hash.p, hash.n);
		TRY(compose(s, &head, &again));
		if (bytes_equal(again, text)) {
			*ret_head = head;
			*ret_is_there = true;
			return OK;
		}
	}
	scope_forgive(s);
	return scope_fault(s, ERR_FORMAT, "%s: is no head of an audit log", path);
}
