/*
 * rut_probe: asks rut_parse() what a test reads on standard input: a line is
 * a RUT as somebody wrote it, and answered by "ok <normalised>", "form" (it
 * is none) or "digit" (another check digit).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/member.h"

int
main(void)
{
	char *line = NULL, rut[RUT_MAX + 1];
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		if (rut_parse(line, (size_t)len - 1, rut) == 0)
			printf("ok %s\n", rut);
		else
			puts(errno == EDOM ? "digit" : "form");
	}
	free(line);
	return 0;
}
