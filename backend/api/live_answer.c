#include <string.h>

#include "backend/api/handlers.h"

#define TYPE_EVENTS "text/event-stream"

/* Who asks for the head alone gets it, and an end. */
void
api_events(struct call *call)
{
	call->answer->type = TYPE_EVENTS;
	call->stream = strcmp(call->request->method, "GET") == 0;
}
