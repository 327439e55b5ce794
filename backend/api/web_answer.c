#include <errno.h>
#include <string.h>

#include "backend/api/handlers.h"
#include "lib/log.h"

/* Of another file than the client has a part of, it wants the whole. */
static void
find_range(const struct request *r, struct web_file *file)
{
	if (strcmp(r->method, "GET") == 0 &&
	    (r->if_range == NULL || strcmp(r->if_range, file->etag) == 0))
		file->range = range_find(r->range, file->size);
}

void
api_web(struct call *call)
{
	const struct request *r = call->request;
	const char *path = r->path;
	/* A part of what is packed is of no use to who wants a part. */
	bool gzip = r->range == NULL && web_takes_gzip(r->accepted);

	if (web_find(call->api->web, path, gzip, &call->file) == 0) {
		find_range(r, &call->file);
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
