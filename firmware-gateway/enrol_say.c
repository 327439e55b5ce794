#include "firmware-gateway/enrol_say.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#define WORDS_MAX 600

const char *
enrol_step_name(enum enrol_step step)
{
	static const char *const names[ENROL_STEPS] = {
		[ENROL_REACH] = "reach",
		[ENROL_CODE] = "code",
		[ENROL_KEEP] = "keep",
		[ENROL_GATEWAY] = "gateway",
		[ENROL_BROKER] = "broker",
		[ENROL_RECEIVER] = "receiver",
		[ENROL_FIX] = "fix",
		[ENROL_MAP] = "map",
	};

	return names[step];
}

const char *
enrol_mark_name(enum enrol_mark mark)
{
	static const char *const names[] = { [ENROL_DOING] = "doing",
		[ENROL_OK] = "ok",
		[ENROL_STOP] = "stop" };

	return names[mark];
}

static void
say_json(enum enrol_step step, enum enrol_mark mark, const char *fault,
    const char *words)
{
	json_t *o = json_pack("{ss ss ss ss*}", "step", enrol_step_name(step),
	    "mark", enrol_mark_name(mark), "fault", fault, "words", words);

	if (o != NULL) {
		json_dumpf(o, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_decref(o);
}

void
enrol_say(const struct enrol_say *say, enum enrol_step step,
    enum enrol_mark mark, const char *fault, const char *fmt, ...)
{
	static const char *const heads[] = { " ...", "  ok", "STOP" };
	char words[WORDS_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	if (say->json)
		say_json(step, mark, fault, words);
	else
		printf("%s  %-8s  %s\n", heads[mark], enrol_step_name(step),
		    words);
	fflush(stdout);
}
