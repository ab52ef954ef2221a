/* Operands for the floating-point tests: corner values and random patterns.
 *
 * Random numbers come from a fixed seed, so that a failure repeats.
 */
#ifndef TESTS_FP_CORNERS_H
#define TESTS_FP_CORNERS_H

#include "base/base.h"

/* The shape of a format, known here apart from src/fp. */
struct shape {
	u32 bits, exp_bits, frac_bits;
};

static inline u64 shape_inf(const struct shape *f)
{
	return ((1ull << f->exp_bits) - 1) << f->frac_bits;
}

/* The pattern of 2^exp * (1 + frac / 2^frac_bits), positive. */
static inline u64 shape_make(const struct shape *f, i32 exp, u64 frac)
{
	return (u64)(exp + (1 << (f->exp_bits - 1)) - 1) << f->frac_bits | frac;
}

static inline u64 corner_random(u64 *seed)
{
	u64 z = *seed += 0x9e3779b97f4a7c15ull;	/* splitmix64 */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* A fraction: dense, or with long runs of zeros or ones, where rounding is decided. */
static inline u64 random_frac(const struct shape *f, u64 *seed)
{
	u64 r = corner_random(seed), mask = (1ull << f->frac_bits) - 1;
	u32 at = (u32)(r >> 8) % f->frac_bits, low = (u32)(r >> 16) % f->frac_bits;

	switch (r & 7) {
	case 0:
		return 1ull << at;
	case 1:
		return mask ^ 1ull << at;
	case 2:
		return ((1ull << at) - 1) ^ ((1ull << low) - 1);
	case 3:
		return mask & ~((1ull << at) - 1);
	case 4:
		return 1ull << at | 1ull << low;
	default:
		return corner_random(seed) & mask;
	}
}

/* A number whose exponent field is near `field`, wrapping into the legal ones. */
static inline u64 random_near(const struct shape *f, i64 field, u32 spread, u64 *seed)
{
	u64 r = corner_random(seed);
	i64 fields = (1 << f->exp_bits) - 1;

	field += (i64)(r % (2 * spread + 1)) - spread;
	field = (field % fields + fields) % fields;
	return (r >> 63) << (f->bits - 1) | (u64)field << f->frac_bits | random_frac(f, seed);
}

static inline i64 exp_field(const struct shape *f, u64 v)
{
	return v >> f->frac_bits & ((1ull << f->exp_bits) - 1);
}

enum { CORNERS_MAX = 128 };

/* Fill ret with corner values of both signs; their number, an even one.  The first
 * CORNERS_CORE are enough for all triples. */
enum { CORNERS_CORE = 34 };
static inline u32 corners(const struct shape *f, u64 *ret)
{
	const u64 one = shape_make(f, 0, 0), top = 1ull << (f->frac_bits - 1);
	const u64 all = (1ull << f->frac_bits) - 1, inf = shape_inf(f);
	const i32 p = (i32)f->frac_bits, emin = 2 - (1 << (f->exp_bits - 1)), emax = 1 - emin;
	const u64 list[] = {
		0, 1, all, all + 1, one, one + 1, one - 1, one | top, inf - 1, inf,
		inf | top | 3, inf | 5, inf | top, shape_make(f, 1, 0), shape_make(f, -p - 1, 0),
		shape_make(f, emin / 2, 0), shape_make(f, emin / 2 - 1, all),
		/* the rest */
		2, 3, top, all - 1, all + 2, 2 * (all + 1) - 1, inf - 2, inf | 1, inf | all,
		shape_make(f, emax, 0), shape_make(f, emax - 1, all), shape_make(f, 1, 1),
		shape_make(f, 1, top), shape_make(f, -1, 0), shape_make(f, -1, 1),
		shape_make(f, -1, all), shape_make(f, -2, 0), shape_make(f, -2, all / 3),
		shape_make(f, p, 0), shape_make(f, p, 1), shape_make(f, p - 1, all),
		shape_make(f, p + 1, 0), shape_make(f, p + 1, 1), shape_make(f, -p, 0),
		shape_make(f, -p - 1, 1), shape_make(f, -p - 2, 0), shape_make(f, 2, top),
		shape_make(f, emin + p, 0), shape_make(f, emin + p, all),
		shape_make(f, emin + 1, 0), shape_make(f, emin / 2, all),
		shape_make(f, emax / 2, all), shape_make(f, emax / 2 + 1, 0),
	};
	u32 n = 0;

	for (u32 i = 0; i < ARRAY_SIZE(list); i++) {
		ret[n++] = list[i];
		ret[n++] = list[i] | 1ull << (f->bits - 1);
	}
	assert(n <= CORNERS_MAX);
	return n;
}

#endif
