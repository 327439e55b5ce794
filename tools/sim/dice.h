/*
 * dice: reproducible chance, for each cart its own.
 */
#ifndef PREGON_SIM_DICE_H
#define PREGON_SIM_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* The same seed and number always throw the same. */
static inline struct dice
dice_new(uint64_t seed, uint64_t number)
{
	return (struct dice){ seed * UINT64_C(0x9e3779b97f4a7c15) +
		number * UINT64_C(0xd1342543de82ef95) + 1 };
}

/* splitmix64 */
static inline uint64_t
dice_throw(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 <= result < n; n > 0. */
static inline uint32_t
dice_below(struct dice *d, uint32_t n)
{
	return (uint32_t)(dice_throw(d) % n);
}

/* 0 <= result < 1 */
static inline double
dice_unit(struct dice *d)
{
	return (double)(dice_throw(d) >> 11) * 0x1p-53;
}

/* True in so many of 1000. */
static inline bool
dice_permille(struct dice *d, int64_t permille)
{
	return (int64_t)dice_below(d, 1000) < permille;
}

#endif
