/*
 * places: see the header.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/consumer/places.h"
#include "backend/store/read.h"
#include "lib/log.h"

struct places {
	struct reader *reader;
	struct log_limit limit;
};

struct places *
places_new(struct database *db)
{
	struct places *places = calloc(1, sizeof(*places));
	char folder[PATH_MAX];
	char *slash;

	if (places == NULL)
		return NULL;
	snprintf(folder, sizeof(folder), "%s",
	    sqlite3_db_filename(store_handle(db->sqlite), "main"));
	slash = strrchr(folder, '/');
	if (slash != NULL)
		*slash = '\0';
	places->reader = reader_open_sqlite(slash != NULL ? folder : ".");
	if (places->reader != NULL)
		return places;
	free(places);
	return NULL;
}

void
places_free(struct places *places)
{
	if (places == NULL)
		return;
	places->reader->ops->close(places->reader);
	free(places);
}

static int
take_place(void *ctx, const struct cart_row *row)
{
	struct delivery_stop *stop = ctx;

	stop->has_place = row->has_fix;
	stop->lat_e6 = row->has_fix ? row->fix.lat_e6 : 0;
	stop->lon_e6 = row->has_fix ? row->fix.lon_e6 : 0;
	return 1;
}

void
places_find(struct places *places, struct delivery_stop *stop)
{
	unsigned long held;

	stop->has_place = false;
	stop->lat_e6 = stop->lon_e6 = 0;
	/* No limit of age: an old place is better than none for a drive. */
	if (places->reader->ops->carts(
		places->reader, stop->cart, 0, 0, take_place, stop) == 0 ||
	    errno == ENOENT)
		return;
	if (log_limited(&places->limit, 60000, &held))
		log_warn("stock.places",
		    "held_back=%lu why=\"the carts' places cannot be read: "
		    "%s\"",
		    held, strerror(errno));
}
