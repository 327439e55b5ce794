/*
 * pregonctl outbox import: hands in a cart's file as its gateway and the
 * bridge would: the frames that are not acknowledged, under the guild's
 * ledger, to the topics of their streams.  The guild knows each event by its
 * number, so that what it has already is skipped.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/cluster.h"
#include "tools/ctl/outbox_cmd.h"
#include "tools/ctl/outbox_walk.h"

struct import {
	struct ctl *ctl;
	const char *cart;
	const char *path;
	struct cluster *cluster;
	struct outbox *outbox;
	struct frame_items *items;
	uint64_t handed_in[STREAM_COUNT]; /* numbers */
	uint64_t refused; /* frames */
};

/* As the bridge examines one; -1 and `why` in words. */
static int
examine(
    struct import *im, const struct walk_frame *f, char *why, size_t why_cap)
{
	struct decode_error *error = &im->items->error, envelope;
	struct frame frame;
	struct item item;
	int rc;

	if (frame_decode(f->bytes, f->len, &frame, &envelope) == -1) {
		error = &envelope;
		rc = -1;
	} else {
		frame_items_init(im->items, &frame, f->stream);
		while ((rc = frame_items_next(im->items, &item)) == 1)
			;
	}
	if (rc == -1)
		snprintf(why, why_cap, "%s: expected %s", error->field,
		    error->expected);
	return rc;
}

static int
hand_in(void *ctx, const struct walk_frame *f)
{
	struct import *im = ctx;
	enum topic topic = topic_of_stream(f->stream);
	struct kafka_record record = {
		.key = im->cart,
		.key_len = strlen(im->cart),
		.value = f->bytes,
		.value_len = f->len,
	};
	char why[160], origin[300];

	if (examine(im, f, why, sizeof(why)) == 0) {
		record.schema = schema_of_stream(f->stream);
		im->handed_in[f->stream] += f->next_seq - f->range.first_seq;
	} else {
		topic = TOPIC_RECHAZADOS;
		snprintf(origin, sizeof(origin), "outbox of %s, %s", im->cart,
		    stream_name(f->stream));
		record.schema = SCHEMA_REJECT;
		record.reason = why;
		record.origin = origin;
		im->refused++;
		ctl_say("a frame of %s is refused and kept in %s: %s",
		    stream_name(f->stream), topic_info(topic)->name, why);
	}
	record.topic = topic;
	record.partition = cluster_partition(im->cluster, topic, im->cart);
	/* Said already if not. */
	return cluster_produce(im->cluster, &record) == 0 ? 0 : 1;
}

/* What a gateway does that hears the guild's word.  0, -1 said. */
static int
hear_guild(struct import *im, uint64_t *ledger)
{
	const struct kafka_settings settings = cluster_settings(im->ctl);
	struct guild guild;
	char why[300];
	int rc = kafka_guild_read(&settings, (int)im->ctl->set.timeout_s * 1000,
	    &guild, why, sizeof(why));

	if (rc != 0) {
		ctl_say("%s",
		    rc == 1 ? "this log has no ledger yet: start "
			      "the bridge once"
			    : why);
		return -1;
	}
	*ledger = guild.ledger;
	if (outbox_raise(im->outbox, guild.ledger, guild.since_ms) == -1 ||
	    (im->ctl->set.all && outbox_walk_all(im->outbox) == -1)) {
		ctl_say("%s: %s", im->path, strerror(errno));
		return -1;
	}
	return 0;
}

static enum ctl_status
import_all(struct import *im)
{
	static const enum stream order[STREAM_COUNT] = { STREAM_SALE,
		STREAM_STOCK, STREAM_HELP, STREAM_POS };
	uint64_t ledger;
	int i, rc;

	if (hear_guild(im, &ledger) == -1)
		return CTL_FAILED;
	for (i = 0; i < STREAM_COUNT; i++) {
		rc = outbox_walk(im->outbox, order[i], ledger, hand_in, im);
		if (rc == -1)
			ctl_say("%s: %s", im->path, strerror(errno));
		if (rc != 0)
			return CTL_FAILED;
	}
	if (cluster_flush(im->cluster) == -1)
		return CTL_FAILED;
	for (i = 0; i < STREAM_COUNT; i++)
		printf("%s: %" PRIu64 " events handed in\n",
		    stream_name(order[i]), im->handed_in[order[i]]);
	if (im->refused > 0)
		printf("%" PRIu64 " frames refused\n", im->refused);
	return im->refused == 0 ? CTL_DONE : CTL_FAILED;
}

enum ctl_status
ctl_outbox_import(struct ctl *ctl)
{
	struct import im = {
		.ctl = ctl, .cart = ctl->set.cart, .path = ctl->words[1]
	};
	enum ctl_status status = CTL_FAILED;
	char why[300], owner[CART_MAX + 1];

	if (!cart_is_valid(im.cart, strlen(im.cart))) {
		ctl_say("--cart: expected the plate of the file's cart, 4 to "
			"8 of A-Z and 0-9");
		return CTL_USAGE;
	}
	im.items = malloc(sizeof(*im.items));
	if (im.items == NULL) {
		ctl_say("no memory");
		return CTL_FAILED;
	}
	im.outbox = outbox_open_reader(im.path, why, sizeof(why));
	if (im.outbox == NULL) {
		ctl_say("%s: %s", im.path, why);
		goto free_items;
	}
	if (outbox_claim(im.outbox, im.cart, owner) == -1) {
		ctl_say("--cart: %s is the file of %s, not of %s", im.path,
		    errno == EPERM ? owner : "nobody known", im.cart);
		status = CTL_USAGE;
		goto close_outbox;
	}
	im.cluster = cluster_open(ctl);
	if (im.cluster == NULL)
		goto close_outbox;
	status = import_all(&im);
	cluster_close(im.cluster);
close_outbox:
	outbox_close(im.outbox);
free_items:
	free(im.items);
	return status;
}
