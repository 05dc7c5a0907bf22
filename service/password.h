/*
 * Passwords: from a file, an open file descriptor or the terminal; never from the command line or
 * the environment, where other processes can read them. A password is the first line without its
 * end (LF or CR LF); a byte order mark before it is dropped. It lies in memory that is wiped when
 * the scope ends, and so is every buffer it passed through.
 */
#ifndef BULLA_SERVICE_PASSWORD_H
#define BULLA_SERVICE_PASSWORD_H

#include "base/bytes.h"

/* ERR_IO with the path; ERR_LIMIT: a first line of more than LIMIT_PASSWORD octets; ERR_FORMAT: a
 * NUL in it. An empty first line, or an empty file, is the empty password. The result is followed
 * by a NUL that is not counted. */
must_check enum err password_of_file(struct scope *s, const char *path, struct bytes *ret_password);
/* Reads up to the end of the first line, octet by octet: what follows stays for the next reader.
 * `fd` stays open. */
must_check enum err password_of_fd(struct scope *s, int fd, struct bytes *ret_password);
/* Asks at the controlling terminal with echo off. ERR_DENIED when there is none. */
must_check enum err password_of_terminal(
    struct scope *s, const char *prompt, struct bytes *ret_password);

#endif
