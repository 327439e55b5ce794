/*
 * notify: tells people what they are to be told, once: by mail, webhook, and
 * in carts' inboxes.
 */
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "backend/consumer/mail_text.h"
#include "backend/consumer/notify_parts.h"
#include "backend/store/schema.h"
#include "lib/log.h"

static int
notify_apply(void *self, const struct record *record)
{
	struct notify *n = self;

	n->now_ms = clock_realtime_ms(n->ctx->clock);
	return notify_take(n, record);
}

static int
notify_flush(void *self)
{
	struct notify *n = self;

	n->now_ms = clock_realtime_ms(n->ctx->clock);
	return notify_turn(n);
}

static void
drop_staged(struct notify *n)
{
	for (int way = 0; way < SENDERS; way++) {
		for (size_t i = 0; i < n->staged_count[way]; i++)
			parcel_release(&n->staged[way][i]);
		n->staged_count[way] = 0;
	}
}

static void
notify_forget(void *self)
{
	struct notify *n = self;

	drop_staged(n);
	n->caught_up = false;
	n->resumed = n->has_resumed;
}

static int
notify_tick(void *self, int64_t now_ms, bool caught_up)
{
	struct notify *n = self;

	(void)now_ms;
	n->caught_up = caught_up;
	return 0; /* the rest is done when it is flushed */
}

static bool
notify_has_news(void *self)
{
	const struct notify *n = self;

	for (int way = 0; way < SENDERS; way++) {
		if (n->senders[way] != NULL &&
		    sender_has_reports(n->senders[way]))
			return true;
	}
	return false;
}

/* Letters are SENDING for good: now they may go. */
static void
notify_committed(void *self)
{
	struct notify *n = self;

	n->has_resumed = n->resumed;
	for (int way = 0; way < SENDERS; way++) {
		size_t *count = &n->report_count[way];

		*count = 0;
		for (size_t i = 0; i < n->staged_count[way]; i++) {
			struct parcel *parcel = &n->staged[way][i];
			int64_t id = parcel->id;

			if (sender_put(n->senders[way], parcel) == -1)
				n->reports[way][(*count)++] =
				    (struct parcel_report){ id,
					    { .outcome = OUTCOME_LATER } };
		}
		n->staged_count[way] = 0;
	}
}

static void
notify_close(void *self)
{
	struct notify *n = self;

	atomic_store(&n->stop, true);
	for (int way = 0; way < SENDERS; way++)
		sender_free(n->senders[way]);
	mailer_free(n->mailer);
	hook_free(n->hook);
	drop_staged(n);
	templates_close(n->templates);
	product_names_free(n->products);
	contacts_close(n->contacts);
	if (n->store != NULL)
		n->store->ops->close(n->store);
	free(n);
}

static bool
is_loopback(const char *url)
{
	const char *host = strstr(url, "://");

	host = host == NULL ? url : host + 3;
	return strncmp(host, "127.", 4) == 0 ||
	    strncmp(host, "localhost", 9) == 0 ||
	    strncmp(host, "[::1]", 5) == 0;
}

/* NULL: all is well; else what is wrong with the settings. */
static const char *
mail_settings_wrong(const struct role_settings *s)
{
	if (s->smtp_url[0] == '\0')
		return NULL;
	if (strncmp(s->smtp_url, "smtp://", 7) != 0 &&
	    strncmp(s->smtp_url, "smtps://", 8) != 0)
		return "smtp.url: expected smtp://host:port or "
		       "smtps://host:port";
	if (!mail_address_is_plain(s->smtp_from))
		return "smtp.from: expected the address that mails come from";
	if (s->smtp_tls == SMTP_TLS_NONE && s->smtp_user[0] != '\0' &&
	    strncmp(s->smtp_url, "smtp://", 7) == 0 &&
	    !is_loopback(s->smtp_url))
		return "smtp.tls: none would send smtp.password for anyone to "
		       "read";
	return NULL;
}

static int
open_mail(struct notify *n)
{
	const struct role_settings *s = n->settings;
	struct mailer_settings mailer = { s->smtp_url, s->smtp_user,
		s->smtp_password, s->smtp_cafile, s->smtp_from,
		(enum smtp_tls)s->smtp_tls, s->smtp_timeout_s };

	if (s->smtp_url[0] == '\0') {
		log_info("notify.no_mail", "why=\"smtp.url is not set\"");
		return 0;
	}
	n->mailer = mailer_new(&mailer, &n->stop);
	if (n->mailer == NULL)
		return -1;
	n->senders[WAY_MAIL] = sender_new(&mailer_way, n->mailer);
	return n->senders[WAY_MAIL] == NULL ? -1 : 0;
}

static int
open_webhook(struct notify *n)
{
	const struct role_settings *s = n->settings;
	struct hook_settings hook = { s->webhook_url, s->webhook_secret,
		s->webhook_timeout_s };

	if (s->webhook_url[0] == '\0')
		return 0;
	n->hook = hook_new(&hook, &n->stop);
	if (n->hook == NULL)
		return -1;
	n->senders[WAY_WEBHOOK] = sender_new(&hook_way, n->hook);
	return n->senders[WAY_WEBHOOK] == NULL ? -1 : 0;
}

/* Where the other roles' databases are: beside ours. */
static int
open_neighbours(struct notify *n)
{
	char folder[PATH_MAX];
	char *slash;

	snprintf(folder, sizeof(folder), "%s",
	    sqlite3_db_filename(store_handle(n->ctx->db->sqlite), "main"));
	slash = strrchr(folder, '/');
	if (slash != NULL)
		*slash = '\0';
	n->contacts = contacts_open(slash != NULL ? folder : ".");
	n->products = product_names_new(slash != NULL ? folder : ".");
	return n->contacts == NULL || n->products == NULL ? -1 : 0;
}

static int
open_parts(struct notify *n, char *why, size_t why_cap)
{
	const struct role_settings *s = n->settings;
	const char *wrong = mail_settings_wrong(s);

	if (wrong != NULL) {
		snprintf(why, why_cap, "%s", wrong);
		return -1;
	}
	n->templates = templates_open(s->templates, s->language, why, why_cap);
	if (n->templates == NULL)
		return -1;
	n->store = notify_store_sqlite(n->ctx->db);
	if (n->store != NULL && open_neighbours(n) == 0 &&
	    curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK &&
	    open_mail(n) == 0 && open_webhook(n) == 0)
		return 0;
	snprintf(why, why_cap, "%s", strerror(errno));
	return -1;
}

static void *
notify_open(struct role_context *ctx, const struct role_settings *settings,
    char *why, size_t why_cap)
{
	struct notify *n = calloc(1, sizeof(*n));

	if (n == NULL) {
		snprintf(why, why_cap, "%s", strerror(errno));
		return NULL;
	}
	n->ctx = ctx;
	n->settings = settings;
	n->rules = (struct courier_rules){ settings->retry_first_s * 1000,
		settings->retry_max_s * 1000, settings->give_up_s * 1000 };
	if (getrandom(&n->chance, sizeof(n->chance), GRND_NONBLOCK) == -1)
		n->chance = (uint64_t)clock_boottime_ms(ctx->clock);
	n->chance |= 1; /* xorshift stands still at 0 */
	if (open_parts(n, why, why_cap) == 0)
		return n;
	notify_close(n);
	return NULL;
}

static const enum topic notify_topics[] = { TOPIC_AVISOS, TOPIC_REPOSICIONES };

const struct role role_notify = {
	.name = "notify",
	.schema = &schema_notify,
	.topics = notify_topics,
	.topic_count = 2,
	.open = notify_open,
	.close = notify_close,
	.apply = notify_apply,
	.flush = notify_flush,
	.forget = notify_forget,
	.has_news = notify_has_news,
	.committed = notify_committed,
	.tick = notify_tick,
};
