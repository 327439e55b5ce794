/*
 * chance: numbers by chance from a seed (splitmix64), the same everywhere.
 */
#ifndef PREGON_TEST_CHANCE_H
#define PREGON_TEST_CHANCE_H

#include <stdint.h>

/* 0..below-1 */
static inline uint32_t
chance(uint64_t *seed, uint64_t below)
{
	uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ (z >> 31)) % below);
}

#endif
