/*
 * The live table, and the zones.
 */
#include "backend/store/read_sqlite.h"

#include <stdio.h>
#include <stdlib.h>

const char *const read_positions_sql[READ_STATEMENTS - READ_COMMON] = {
	[READ_CARTS - READ_COMMON] =
	    "SELECT cart, has_fix, fix_at_ms,"
	    " lat_e6, lon_e6, speed_dm_s, course_deg, accuracy_m, flags,"
	    " fix_record_ms, contact_ms, state, fix_mode, day_open, backlog,"
	    " battery, boot, epoch, app_version,"
	    " EXISTS (SELECT 1 FROM alert WHERE alert.cart = cart.cart"
	    " AND cause = 0 AND alert.state = 0)," /* ALERT_MISSING */
	    " coalesce((SELECT value FROM rule WHERE scope = cart.cart"
	    " AND name = 'missing.s'), (SELECT value FROM rule"
	    " WHERE scope = '*' AND name = 'missing.s'), '0')"
	    " FROM cart WHERE ?1 IS NULL OR cart = ?1 ORDER BY cart",
	[READ_CART_COUNTS - READ_COMMON] = "SELECT count(*),"
					   " total(contact_ms > ?) FROM cart",
	[READ_CHUNKS -
	    READ_COMMON] = "SELECT bytes FROM chunk"
			   " WHERE cart = ? AND hour = ? ORDER BY id",
	[READ_UNMENDED - READ_COMMON] =
	    "SELECT record_ms, run FROM unmended"
	    " WHERE cart = ? AND record_ms >= ? AND record_ms < ?"
	    " ORDER BY record_ms, id",
	[READ_MISSING -
	    READ_COMMON] = "SELECT count(*) FROM alert"
			   " WHERE cause = 0 AND state = 0 AND cart <> ''",
	[READ_ZONES - READ_COMMON] = "SELECT bytes FROM zone"
				     " WHERE ?1 IS NULL OR id = ?1 ORDER BY id",
};

static void
cart_fill(struct statement *s, struct cart_row *row)
{
	const char *version = statement_text(s, 18);

	snprintf(row->cart, sizeof(row->cart), "%s", statement_text(s, 0));
	row->has_fix = statement_int(s, 1) != 0;
	row->fix = (struct fix){
		.at = { .ms = statement_int(s, 2) },
		.lat_e6 = (int32_t)statement_int(s, 3),
		.lon_e6 = (int32_t)statement_int(s, 4),
		.speed_dm_s = (uint16_t)statement_int(s, 5),
		.course_deg = (uint16_t)statement_int(s, 6),
		.accuracy_m = (uint16_t)statement_int(s, 7),
		.flags = (uint8_t)statement_int(s, 8),
	};
	row->fix_record_ms = statement_int(s, 9);
	row->contact_ms = statement_int(s, 10);
	row->state = (enum status_state)statement_int(s, 11);
	row->fix_mode = (enum fix_mode)statement_int(s, 12);
	row->day_open = statement_int(s, 13) != 0;
	row->backlog = (uint32_t)statement_int(s, 14);
	row->battery = (uint8_t)statement_int(s, 15);
	row->boot = (uint64_t)statement_int(s, 16);
	row->epoch = (uint64_t)statement_int(s, 17);
	snprintf(row->version, sizeof(row->version), "%s",
	    version != NULL ? version : "");
	row->missing = statement_int(s, 19) != 0;
}

/* Its own missing.s may be longer than what others are given. */
static bool
is_live(struct statement *s, const struct cart_row *row, int64_t now_ms,
    int64_t live_ms)
{
	int64_t own_ms = statement_int(s, 20) * 1000;

	return row->contact_ms > now_ms - (own_ms > live_ms ? own_ms : live_ms);
}

int
read_carts(struct reader *reader, const char *cart, int64_t now_ms,
    int64_t live_ms, int (*each)(void *, const struct cart_row *), void *ctx)
{
	struct statement *s;
	struct cart_row row;
	int64_t gaps;
	int rc;

	/* Mostly there are none: then no cart needs to be asked for. */
	if (read_open(reader, READ_POSITIONS) == -1 ||
	    read_gaps_shown(reader, now_ms, &gaps) == -1)
		return -1;
	s = read_statement(reader, READ_POSITIONS, READ_CARTS);
	if (statement_bind(s, "s", cart) == -1)
		return -1;
	while ((rc = statement_step(s)) == 1) {
		cart_fill(s, &row);
		row.live = !row.missing && is_live(s, &row, now_ms, live_ms);
		row.gap_numbers = 0;
		if (gaps > 0)
			rc = read_gap_numbers(
			    reader, row.cart, now_ms, &row.gap_numbers);
		if (rc == -1 || each(ctx, &row) != 0)
			break;
	}
	statement_reset(s);
	return rc == -1 ? -1 : 0;
}

/* Bytes that were checked before they were stored. */
static int
zone_row(struct statement *s, struct zone *zone)
{
	struct decode_error error;
	const void *bytes;
	size_t len;

	bytes = statement_blob(s, 0, &len);
	return zone_decode(bytes, len, zone, &error);
}

int
read_zones(struct reader *reader, const char *id,
    int (*each)(void *, const struct zone *), void *ctx)
{
	struct zone *zone;
	struct statement *s;
	int rc = -1;

	if (read_open(reader, READ_POSITIONS) == -1)
		return -1;
	zone = malloc(sizeof(*zone));
	if (zone == NULL)
		return -1;
	s = read_statement(reader, READ_POSITIONS, READ_ZONES);
	if (statement_bind(s, "s", id) == -1)
		goto free_zone;
	while ((rc = statement_step(s)) == 1) {
		rc = zone_row(s, zone);
		if (rc == -1 || each(ctx, zone) != 0)
			break;
	}
	statement_reset(s);
free_zone:
	free(zone);
	return rc == -1 ? -1 : 0;
}
