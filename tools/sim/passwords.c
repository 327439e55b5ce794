#include "tools/sim/passwords.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct password *)a)->name,
	    ((const struct password *)b)->name);
}

static int
take_line(struct passwords *p, char *line)
{
	char *colon = strchr(line, ':');
	struct password *all;

	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '\0')
		return 0;
	if (colon == NULL) {
		errno = EINVAL;
		return -1;
	}
	all = realloc(p->all, (p->count + 1) * sizeof(*all));
	if (all == NULL)
		return -1;
	p->all = all;
	all[p->count].name = strdup(line);
	if (all[p->count].name == NULL)
		return -1;
	all[p->count].name[colon - line] = '\0';
	all[p->count].password = all[p->count].name + (colon - line) + 1;
	p->count++;
	return 0;
}

int
passwords_read(struct passwords *p, const char *path)
{
	char *line = NULL;
	size_t room = 0;
	FILE *file;
	int rc = 0;

	memset(p, 0, sizeof(*p));
	if (path[0] == '\0')
		return 0;
	file = fopen(path, "r");
	if (file == NULL) {
		log_error("sim.passwords", "file=\"%s\" why=\"%s\"", path,
		    strerror(errno));
		return -1;
	}
	while (rc == 0 && getline(&line, &room, file) != -1)
		rc = take_line(p, line);
	if (rc == -1)
		log_error("sim.passwords",
		    "file=\"%s\" why=\"line %zu is not "
		    "NAME:PASSWORD\"",
		    path, p->count + 1);
	free(line);
	fclose(file);
	if (p->count > 0)
		qsort(p->all, p->count, sizeof(p->all[0]), by_name);
	return rc;
}

const char *
passwords_find(const struct passwords *p, const char *name)
{
	struct password key = { .name = (char *)name };
	const struct password *found = NULL;

	if (p->count > 0)
		found = bsearch(&key, p->all, p->count, sizeof(key), by_name);
	return found != NULL ? found->password : NULL;
}

void
passwords_release(struct passwords *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->all[i].name);
	free(p->all);
	memset(p, 0, sizeof(*p));
}
