/*
 * What every command says the same way.
 */
#include <stdarg.h>
#include <stdio.h>

#include "tools/ctl/ctl.h"

void
ctl_say(const char *fmt, ...)
{
	va_list ap;

	fputs("pregonctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

enum ctl_status
ctl_misused(const struct ctl_command *command)
{
	ctl_say("usage: pregonctl %s %s (see pregonctl %s --help)",
	    command->name, command->usage, command->name);
	return CTL_USAGE;
}
