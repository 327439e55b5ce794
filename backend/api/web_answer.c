#include <errno.h>
#include <string.h>

#include "backend/api/handlers.h"
#include "lib/log.h"

void
api_web(struct call *call)
{
	const char *path = call->request->path;
	bool gzip = web_takes_gzip(call->request->accepted);

	if (web_find(call->api->web, path, gzip, &call->file) == 0) {
		call->has_file = true;
		call->answer->type = call->file.type;
		return;
	}
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
	    errno == ENAMETOOLONG) {
		answer_problem(call->answer, 404, NULL, NULL,
		    "there is nothing at %s", path);
		return;
	}
	/* Not the path: it is what anyone wrote. */
	log_error("api.web", "why=\"%s\"", strerror(errno));
	answer_problem(call->answer, 500, NULL, NULL, "it cannot be read");
}
