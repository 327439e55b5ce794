#include "firmware-gateway/battery.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schemas/status.h"

/* The one line of a file under /sys; "" if it cannot be read. */
static void
read_line(const char *folder, const char *supply, const char *name, char *text,
    size_t cap)
{
	char path[PATH_MAX];
	ssize_t len = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", folder, supply, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		len = read(fd, text, cap - 1);
		close(fd);
	}
	text[len > 0 ? len : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

uint8_t
battery_percent(const char *folder)
{
	uint8_t percent = BATTERY_UNKNOWN;
	struct dirent *entry;
	DIR *dir = opendir(folder);
	char text[16];

	if (dir == NULL)
		return percent;
	while (percent == BATTERY_UNKNOWN && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		read_line(folder, entry->d_name, "type", text, sizeof(text));
		if (strcmp(text, "Battery") != 0)
			continue;
		read_line(
		    folder, entry->d_name, "capacity", text, sizeof(text));
		if (text[0] >= '0' && text[0] <= '9' && atoi(text) <= 100)
			percent = (uint8_t)atoi(text);
	}
	closedir(dir);
	return percent;
}
