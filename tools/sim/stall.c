#include "tools/sim/stall.h"

#include <stdio.h>
#include <string.h>

#define FULL_LEVEL 100
#define UNITS_A_LINE 5
#define CUSTOMERS 40 /* of one cart; the first come most often */
#define OPEN_LEAST_MS 5000
#define OPEN_SPREAD_MS (40 * 60000)

static const int64_t prices[STALL_PRODUCTS] = { 1500, 1200 };

static const char *const names[] = { "Ana", "Benito", "Camila", "Diego",
	"Elena", "Félix", "Gabriela", "Hugo", "Inés", "Joaquín", "Karla",
	"Luis", "Marta", "Nicolás", "Olga", "Pedro", "Quena", "Rosa", "Simón",
	"Teresa" };
#define NAMES (sizeof(names) / sizeof(names[0]))
/* As a hurried vendor types them. */
static const char *const loud_names[NAMES] = { "ANA", "BENITO", "CAMILA",
	"DIEGO", "ELENA", "FÉLIX", "GABRIELA", "HUGO", "INÉS", "JOAQUÍN",
	"KARLA", "LUIS", "MARTA", "NICOLÁS", "OLGA", "PEDRO", "QUENA", "ROSA",
	"SIMÓN", "TERESA" };
#define NAMELESS 50 /* of 1000 */
#define LOUD 150

void
stall_init(struct stall *s, uint64_t seed, uint64_t number, uint64_t run,
    const struct stall_habits *habits)
{
	memset(s, 0, sizeof(*s));
	s->dice = dice_new(seed ^ UINT64_C(0x73686f70), number);
	s->habits = *habits;
	s->run = run;
	for (int i = 0; i < STALL_PRODUCTS; i++)
		s->levels[i] = FULL_LEVEL;
}

/* The same customer is not always written alike, or at all. */
static void
name_customer(struct stall *s, struct purchase *p)
{
	uint32_t spread = dice_below(&s->dice, CUSTOMERS) + 1;
	uint32_t who = dice_below(&s->dice, spread);
	bool loud = dice_permille(&s->dice, LOUD);

	p->customer[0] = p->contact[0] = '\0';
	if (dice_permille(&s->dice, NAMELESS))
		return;
	snprintf(p->customer, sizeof(p->customer), loud ? " %s %u  " : "%s %u",
	    loud ? loud_names[who % NAMES] : names[who % NAMES],
	    who / (uint32_t)NAMES + 1);
	if (who % 3 == 0)
		snprintf(p->contact, sizeof(p->contact),
		    loud ? "C%u@Example.CL " : "c%u@example.cl", who);
}

static void
fill_lines(struct stall *s, struct purchase *p)
{
	uint32_t first = dice_below(&s->dice, STALL_PRODUCTS);

	p->line_count = dice_below(&s->dice, 4) == 0 ? STALL_LINES_MAX : 1;
	for (uint32_t i = 0; i < p->line_count; i++) {
		struct sale_line *line = &p->lines[i];

		line->product = (first + i) % STALL_PRODUCTS;
		line->units = 1 + dice_below(&s->dice, UNITS_A_LINE);
		line->amount = line->units * prices[line->product];
	}
}

/* A sale of before, taken out of the memory if it is not to come again. */
static bool
pick_sold(struct stall *s, bool take, struct purchase *p)
{
	struct sold *sold;

	if (s->sold_count == 0)
		return false;
	sold = &s->sold[dice_below(&s->dice, (uint32_t)s->sold_count)];
	*p = sold->purchase;
	p->of_epoch = sold->epoch;
	p->of_seq = sold->seq;
	if (take)
		*sold = s->sold[--s->sold_count];
	return true;
}

void
stall_serve(struct stall *s, int64_t at_ms, struct purchase *p)
{
	int64_t chance = dice_below(&s->dice, 1000);

	memset(p, 0, sizeof(*p));
	if (chance < s->habits.voided && pick_sold(s, true, p)) {
		p->kind = PURCHASE_VOID;
		p->at_ms = at_ms;
		return;
	}
	chance -= s->habits.voided;
	if (chance >= 0 && chance < s->habits.repeated &&
	    pick_sold(s, false, p)) {
		p->kind = PURCHASE_REPEAT;
		p->at_ms = at_ms;
		return;
	}
	chance -= s->habits.repeated;
	p->kind = chance >= 0 && chance < s->habits.abandoned
	    ? PURCHASE_ABANDONED
	    : PURCHASE_SALE;
	p->at_ms = at_ms;
	p->open_ms = OPEN_LEAST_MS + dice_below(&s->dice, OPEN_SPREAD_MS);
	name_customer(s, p);
	fill_lines(s, p);
	snprintf(p->request_id, sizeof(p->request_id), "%llx-%llu",
	    (unsigned long long)s->run, (unsigned long long)s->requests++);
}

static void
change(struct stall *s, uint32_t product, int32_t delta,
    enum stock_reason reason, struct level_change *c)
{
	s->levels[product] += delta;
	*c = (struct level_change){ product, delta, s->levels[product],
		reason };
}

size_t
stall_stock(struct stall *s, const struct purchase *p,
    struct level_change changes[STALL_CHANGES_MAX])
{
	size_t n = 0;

	/* A repeat sells nothing: it is the same sale. */
	if (p->kind != PURCHASE_SALE && p->kind != PURCHASE_VOID)
		return 0;
	for (uint32_t i = 0; i < p->line_count; i++) {
		uint32_t product = p->lines[i].product;
		int32_t units = (int32_t)p->lines[i].units;

		if (p->kind == PURCHASE_VOID) {
			change(s, product, units, STOCK_VOID, &changes[n++]);
			continue;
		}
		if (s->levels[product] < units)
			change(s, product, FULL_LEVEL - s->levels[product],
			    STOCK_RESTOCK, &changes[n++]);
		change(s, product, -units, STOCK_SALE, &changes[n++]);
	}
	return n;
}

void
stall_sold(
    struct stall *s, const struct purchase *p, uint64_t epoch, uint64_t seq)
{
	struct sold *sold;

	if (s->sold_count < STALL_MEMORY)
		sold = &s->sold[s->sold_count++];
	else
		sold = &s->sold[dice_below(&s->dice, STALL_MEMORY)];
	*sold = (struct sold){ *p, epoch, seq };
}

uint32_t
purchase_units(const struct purchase *p)
{
	uint32_t units = 0;

	for (uint32_t i = 0; i < p->line_count; i++)
		units += p->lines[i].units;
	return units;
}

int64_t
purchase_amount(const struct purchase *p)
{
	int64_t amount = 0;

	for (uint32_t i = 0; i < p->line_count; i++)
		amount += p->lines[i].amount;
	return amount;
}
