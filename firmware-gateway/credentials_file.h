/*
 * credentials_file: small files that are whole or not there.
 */
#ifndef PREGON_GATEWAY_CREDENTIALS_FILE_H
#define PREGON_GATEWAY_CREDENTIALS_FILE_H

#include <stddef.h>

/* Synced, 0600, of the folder's owner.  -1: errno. */
int credentials_file_write(const char *path, const char *text);
/* At most cap - 1 bytes, ended with NUL.  -1: errno (EFBIG: more). */
int credentials_file_read(const char *path, char *text, size_t cap);

/* Its folder is the caller's alone, among those that ask, until the descriptor
 * that is returned is closed.  -1: errno (EWOULDBLOCK: it was not free in
 * time). */
int credentials_file_lock(const char *path, int patience_ms);

#endif
