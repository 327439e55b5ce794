/*
 * pregonctl token: who may ask the API.  A token is shown once, when it is
 * made; topic_reglas has only its hash.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/clock.h"
#include "schemas/rules.h"
#include "tools/ctl/rules_read.h"

/* Of 32 letters and digits, 5 bits each. */
#define ID_CHARS 8
#define SECRET_CHARS 32
#define BEARER_CHARS (ID_CHARS + 1 + SECRET_CHARS)
#define LISTED_MAX 100000

static const char *const roles[] = { "admin", "depot", "vendor", NULL };

static const struct config_key keys[] = {
	CTL_KAFKA_KEYS,
	{ .name = "role",
	    .type = CONFIG_CHOICE,
	    .offset = offsetof(struct ctl_settings, role),
	    .initial = "vendor",
	    .unit = "",
	    .text = "create: what it may do",
	    .choices = roles },
	CTL_TEXT("name", name, "",
	    "create: whose it is, told as who did what is done with it "
	    "(default: the cart or the role)"),
	CTL_TEXT("cart", cart, "", "create: a vendor's cart"),
};

static int
random_text(char *text, size_t chars)
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint8_t random[SECRET_CHARS];

	if (getrandom(random, chars, 0) != (ssize_t)chars) {
		ctl_say("no random bytes: %s", strerror(errno));
		return -1;
	}
	for (size_t i = 0; i < chars; i++)
		text[i] = digits[random[i] & 31];
	text[chars] = '\0';
	return 0;
}

/* "<id>.<secret>", and its hash in the token. */
static int
make_bearer(struct token *token, char bearer[BEARER_CHARS + 1])
{
	unsigned len = 0;

	if (random_text(bearer, ID_CHARS) == -1 ||
	    random_text(bearer + ID_CHARS + 1, SECRET_CHARS) == -1)
		return -1;
	bearer[ID_CHARS] = '.';
	snprintf(token->id, sizeof(token->id), "%.*s", ID_CHARS, bearer);
	if (EVP_Digest(bearer, BEARER_CHARS, token->hash, &len, EVP_sha256(),
		NULL) == 1 &&
	    len == TOKEN_HASH_BYTES)
		return 0;
	ctl_say("no SHA-256 was made");
	return -1;
}

static int
check_words(const struct ctl *ctl)
{
	const char *cart = ctl->set.cart;
	bool vendor = ctl->set.role == TOKEN_VENDOR;

	if (vendor && !cart_is_valid(cart, strlen(cart))) {
		ctl_say("--cart: a vendor's token is for one plate, 4 to 8 of "
			"A-Z and 0-9");
		return -1;
	}
	if (!vendor && cart[0] != '\0') {
		ctl_say("--cart: only a vendor's token is for one cart");
		return -1;
	}
	if (strlen(ctl->set.name) > TEXT_NAME_MAX) {
		ctl_say("--name: at most %d bytes", TEXT_NAME_MAX);
		return -1;
	}
	return 0;
}

/* A record of a token's key, or its tombstone. */
static int
write_record(struct ctl *ctl, const char *id, const void *value, size_t len)
{
	struct cluster *c = cluster_open(ctl);
	char key[sizeof(TOKEN_KEY) + TOKEN_ID_MAX];
	int rc = -1;

	if (c == NULL)
		return -1;
	snprintf(key, sizeof(key), TOKEN_KEY "%s", id);
	if (cluster_produce(c,
		&(struct kafka_record){ .topic = TOPIC_REGLAS,
		    .partition = cluster_partition(c, TOPIC_REGLAS, key),
		    .key = key,
		    .key_len = strlen(key),
		    .value = value,
		    .value_len = len,
		    .tombstone = value == NULL,
		    .schema = value != NULL ? SCHEMA_TOKEN : NULL }) == 0)
		rc = cluster_flush(c);
	cluster_close(c);
	return rc;
}

static enum ctl_status
create(struct ctl *ctl)
{
	struct token token = { .role = (enum token_role)ctl->set.role,
		.created_ms = clock_realtime_ms(&clock_system),
		.by = "pregonctl" };
	char bearer[BEARER_CHARS + 1];
	struct decode_error error;
	uint8_t value[TOKEN_BYTES_MAX];
	int len;

	if (check_words(ctl) == -1)
		return CTL_USAGE;
	snprintf(token.name, sizeof(token.name), "%s",
	    ctl->set.name[0] != '\0'	   ? ctl->set.name
		: ctl->set.cart[0] != '\0' ? ctl->set.cart
					   : token_role_name(token.role));
	snprintf(token.cart, sizeof(token.cart), "%s", ctl->set.cart);
	if (make_bearer(&token, bearer) == -1)
		return CTL_FAILED;
	len = token_encode(&token, value, sizeof(value));
	/* The reader is the judge of text, UTF-8 above all. */
	if (len == -1 ||
	    token_decode(value, (size_t)len, &token, &error) == -1) {
		ctl_say("--name: expected text in UTF-8");
		return CTL_USAGE;
	}
	if (write_record(ctl, token.id, value, (size_t)len) == -1)
		return CTL_FAILED;
	puts(bearer);
	ctl_say("keep it: only its hash is stored, and it is not shown again");
	return CTL_DONE;
}

struct listing {
	size_t count, cap;
	struct token *at;
	bool failed;
};

static size_t
find(const struct listing *l, const char *id, size_t len)
{
	size_t i;

	for (i = 0; i < l->count; i++)
		if (strlen(l->at[i].id) == len &&
		    memcmp(l->at[i].id, id, len) == 0)
			break;
	return i;
}

static struct token *
add(struct listing *l)
{
	size_t cap = l->cap != 0 ? l->cap * 2 : 64;
	struct token *bigger;

	if (l->count == l->cap) {
		bigger = realloc(l->at, cap * sizeof(*l->at));
		if (bigger == NULL || cap > LISTED_MAX * 2) {
			l->failed = true;
			return NULL;
		}
		l->at = bigger;
		l->cap = cap;
	}
	return &l->at[l->count++];
}

static void
take(void *ctx, const char *key, size_t key_len, const void *value, size_t len)
{
	const size_t prefix = strlen(TOKEN_KEY);
	struct listing *l = ctx;
	struct decode_error error;
	struct token token, *at;
	size_t i;

	if (key_len <= prefix || memcmp(key, TOKEN_KEY, prefix) != 0)
		return;
	i = find(l, key + prefix, key_len - prefix);
	if (value == NULL) {
		if (i < l->count)
			l->at[i] = l->at[--l->count];
		return;
	}
	if (token_decode(value, len, &token, &error) == -1)
		return;
	at = i < l->count ? &l->at[i] : add(l);
	if (at != NULL)
		*at = token;
}

static int
read_tokens(struct ctl *ctl, struct listing *l)
{
	if (rules_read(ctl, take, l) == -1)
		return -1;
	if (l->failed)
		ctl_say("no memory for so many tokens");
	return l->failed ? -1 : 0;
}

static int
by_creation(const void *a, const void *b)
{
	const struct token *x = a, *y = b;

	return (x->created_ms > y->created_ms) -
	    (x->created_ms < y->created_ms);
}

static enum ctl_status
list(struct ctl *ctl)
{
	struct listing l = { 0 };
	char at[CLOCK_TEXT];
	int rc = read_tokens(ctl, &l);

	if (rc == 0 && l.count > 0)
		qsort(l.at, l.count, sizeof(*l.at), by_creation);
	for (size_t i = 0; rc == 0 && i < l.count; i++) {
		clock_format(l.at[i].created_ms, at);
		printf("%-8s  %-6s  %-8s  %s  %s\n", l.at[i].id,
		    token_role_name(l.at[i].role),
		    l.at[i].cart[0] != '\0' ? l.at[i].cart : "-", at,
		    l.at[i].name);
	}
	free(l.at);
	return rc == 0 ? CTL_DONE : CTL_FAILED;
}

static enum ctl_status
revoke(struct ctl *ctl, const char *id)
{
	struct listing l = { 0 };
	enum ctl_status status = CTL_FAILED;
	size_t i;

	if (read_tokens(ctl, &l) == 0) {
		/* The whole token will do as well. */
		i = find(&l, id, strcspn(id, "."));
		if (i == l.count)
			ctl_say("there is no token with this id: see "
				"pregonctl token list");
		else if (write_record(ctl, l.at[i].id, NULL, 0) == 0)
			status = CTL_DONE;
	}
	free(l.at);
	return status;
}

static enum ctl_status
run(struct ctl *ctl)
{
	if (ctl->word_count == 1 && strcmp(ctl->words[0], "create") == 0)
		return create(ctl);
	if (ctl->word_count == 1 && strcmp(ctl->words[0], "list") == 0)
		return list(ctl);
	if (ctl->word_count == 2 && strcmp(ctl->words[0], "revoke") == 0)
		return revoke(ctl, ctl->words[1]);
	return ctl_misused(&ctl_token);
}

const struct ctl_command ctl_token = {
	.name = "token",
	.usage = "create --role=admin|depot|vendor [--name=WHOSE] "
		 "[--cart=PLATE]|list|revoke ID",
	.summary = "who may ask the API: a token is shown once, when it is "
		   "made",
	.keys = keys,
	.key_count = sizeof(keys) / sizeof(keys[0]),
	.kafka = true,
	.run = run,
};
