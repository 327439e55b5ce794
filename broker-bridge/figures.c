/*
 * figures: one table, so that names, labels and words stand side by side.
 */
#include <stddef.h>

#include "broker-bridge/figures.h"

#define P "pregon_bridge_"
#define AT(field) offsetof(struct figures, field)
#define REFUSED P "refused_total"
#define REFUSED_HELP "Frames and statuses that could not be read"
#define DROPPED P "dropped_total"
#define DROPPED_HELP "Frames let fall unacknowledged, to be sent again"
#define FRAMES P "frames_total"
#define FRAMES_HELP "Frames that came from carts"

struct figure {
	size_t offset; /* of the pointer, in struct figures */
	bool gauge;
	const char *name, *labels, *help;
};

static const struct figure table[] = {
	{ AT(frames[STREAM_POS]), false, FRAMES, "stream=\"pos\"",
	    FRAMES_HELP },
	{ AT(frames[STREAM_SALE]), false, FRAMES, "stream=\"sale\"",
	    FRAMES_HELP },
	{ AT(frames[STREAM_STOCK]), false, FRAMES, "stream=\"stock\"",
	    FRAMES_HELP },
	{ AT(frames[STREAM_HELP]), false, FRAMES, "stream=\"help\"",
	    FRAMES_HELP },
	{ AT(statuses), false, P "statuses_total", NULL,
	    "Statuses that came from carts" },
	{ AT(refused[REFUSED_ADDRESS]), false, REFUSED, "reason=\"address\"",
	    REFUSED_HELP },
	{ AT(refused[REFUSED_SIZE]), false, REFUSED, "reason=\"size\"",
	    REFUSED_HELP },
	{ AT(refused[REFUSED_VERSION]), false, REFUSED, "reason=\"version\"",
	    REFUSED_HELP },
	{ AT(refused[REFUSED_ENVELOPE]), false, REFUSED, "reason=\"envelope\"",
	    REFUSED_HELP },
	{ AT(refused[REFUSED_ITEM]), false, REFUSED, "reason=\"item\"",
	    REFUSED_HELP },
	{ AT(refused[REFUSED_ALL]), false, REFUSED, "reason=\"payload\"",
	    REFUSED_HELP },
	{ AT(refused[REFUSED_STATUS]), false, REFUSED, "reason=\"status\"",
	    REFUSED_HELP },
	{ AT(refused_sales), false, P "refused_sales_total", NULL,
	    "Frames with sales that could not be read: look at them" },
	{ AT(refused_known), false, P "refused_known_total", NULL,
	    "Refused bytes that topic_rechazados has already" },
	{ AT(refused_huge), false, P "refused_not_kept_total", NULL,
	    "Refused bytes too many even for topic_rechazados" },
	{ AT(dropped[DROPPED_FULL]), false, DROPPED, "why=\"full\"",
	    DROPPED_HELP },
	{ AT(dropped[DROPPED_REPEAT]), false, DROPPED, "why=\"repeat\"",
	    DROPPED_HELP },
	{ AT(dropped[DROPPED_KAFKA]), false, DROPPED, "why=\"kafka\"",
	    DROPPED_HELP },
	{ AT(beats), false, P "beats_total", NULL,
	    "Beats written: without them no cart is judged missing" },
	{ AT(acks), false, P "acks_total", NULL, "Acks sent to carts" },
	{ AT(acks_lost), false, P "acks_lost_total", NULL,
	    "Acks that could not be sent" },
	{ AT(failed), false, P "deliveries_failed_total", NULL,
	    "Records that Kafka did not take" },
	{ AT(in_flight), true, P "in_flight_frames", NULL,
	    "Frames on their way to Kafka" },
	{ AT(in_flight_bytes), true, P "in_flight_bytes", NULL, "Their bytes" },
	{ AT(commands_sent), false, P "commands_sent_total", NULL,
	    "Commands sent to carts, repeats included" },
	{ AT(commands_erased), false, P "commands_erased_total", NULL,
	    "Messages and order news that carts have applied" },
	{ AT(commands_refused), false, P "commands_refused_total", NULL,
	    "Records of topic_comandos that could not be taken" },
	{ AT(commands_held), true, P "commands_held", NULL,
	    "Commands kept for carts" },
	{ AT(commands_bytes), true, P "commands_bytes", NULL,
	    "Memory of commands and carts" },
	{ AT(commands_gave_way), true, P "commands_gave_way", NULL,
	    "Commands forgotten for newer ones of the same cart" },
	{ AT(carts), true, P "carts", NULL, "Carts known" },
	{ AT(ledger), true, P "ledger", NULL, "The guild's ledger" },
	{ AT(new_logs), false, P "new_logs_total", NULL,
	    "Logs without a guild record, which got one" },
	{ AT(connected), true, P "mqtt_connected", NULL,
	    "1: both connections to the MQTT broker stand" },
};

int
figures_init(struct figures *figures, struct metrics *metrics)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		const struct figure *f = &table[i];
		struct metric *m = f->gauge
		    ? metrics_gauge(metrics, f->name, f->labels, f->help)
		    : metrics_counter(metrics, f->name, f->labels, f->help);

		if (m == NULL)
			return -1;
		*(struct metric **)(void *)((char *)figures + f->offset) = m;
	}
	figures->delivery = metrics_histogram(metrics,
	    P "delivery_milliseconds", NULL,
	    "From a frame's receipt to Kafka's acknowledgement");
	return figures->delivery == NULL ? -1 : 0;
}
