/*
 * page_files: the vendor's page (page/), within the program.
 */
#ifndef PREGON_GATEWAY_PAGE_FILES_H
#define PREGON_GATEWAY_PAGE_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct page_file {
	const char *type;
	const char *bytes;
	size_t len;
};

/* false: there is no such file. */
bool page_file(const char *path, struct page_file *);

#endif
