/*
 * tokens_feed: from topic_reglas into the table of tokens.
 */
#ifndef PREGON_API_TOKENS_FEED_H
#define PREGON_API_TOKENS_FEED_H

#include "backend/api/rules_log.h"

/* ctx: a struct tokens. */
extern const struct rules_log_handler tokens_feed;

#endif
