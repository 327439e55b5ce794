#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/api/submission.h"

struct submission *
submission_new(void)
{
	return calloc(1, sizeof(struct submission));
}

void
submission_free(struct submission *sub)
{
	if (sub == NULL)
		return;
	for (size_t i = 0; i < sub->count; i++)
		free((char *)(uintptr_t)sub->records[i].key);
	free(sub);
}

int
submission_add(struct submission *sub, const struct submit_record *r)
{
	size_t key_len = strlen(r->key) + 1;
	size_t owner_len = r->owner != NULL ? strlen(r->owner) + 1 : 0;
	struct submit_record *copy = &sub->records[sub->count];
	char *text;

	if (sub->count == SUBMISSION_RECORDS_MAX) {
		errno = E2BIG;
		return -1;
	}
	text = malloc(key_len + owner_len + r->len);
	if (text == NULL)
		return -1;
	*copy = *r;
	copy->key = text;
	memcpy(text, r->key, key_len);
	if (r->owner != NULL)
		copy->owner = memcpy(text + key_len, r->owner, owner_len);
	copy->value = text + key_len + owner_len;
	if (r->len > 0)
		memcpy(text + key_len + owner_len, r->value, r->len);
	sub->count++;
	sub->bytes += key_len + owner_len + r->len;
	return 0;
}

size_t
submission_count(const struct submission *sub)
{
	return sub != NULL ? sub->count : 0;
}

const struct submit_record *
submission_at(const struct submission *sub, size_t i)
{
	return &sub->records[i];
}
