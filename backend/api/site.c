/*
 * What a page must know before anybody has logged in: whose it is, and how to
 * show it.
 */
#include "backend/api/handlers.h"

static void
write_tiles(struct jsonw *j, const struct api_site *site)
{
	bool any = site->tiles.kind != TILES_NONE;

	jsonw_open(j, '{');
	jsonw_key(j, "kind");
	jsonw_text(j, tiles_kind_name(site->tiles.kind));
	jsonw_key(j, "url");
	jsonw_text(j, site->tiles_url);
	jsonw_key(j, "attribution");
	jsonw_text(j, any ? site->attribution : "");
	jsonw_close(j, '}');
}

void
api_site(struct call *call)
{
	const struct api_site *site = &call->api->site;
	struct jsonw *j = &call->answer->body;

	jsonw_open(j, '{');
	jsonw_key(j, "name");
	jsonw_text(j, site->name);
	jsonw_key(j, "timezone");
	jsonw_text(j, site->timezone);
	jsonw_key(j, "language");
	jsonw_text(j, site->language);
	jsonw_key(j, "tiles");
	write_tiles(j, site);
	jsonw_close(j, '}');
	call->answer->cacheable = true;
}
