/* Values worth trying: where carries, signs, roundings and exceptions change. */
#include "diff.h"

u32 rnd(struct rng *r)
{
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return (u32)(r->s * 0x2545f4914f6cdd1du >> 32);
}

u64 rnd64(struct rng *r)
{
	u64 high = rnd(r);

	return high << 32 | rnd(r);
}

u64 mix(u64 a, u64 b)
{
	u64 v = a + b * 0x9e3779b97f4a7c15u;

	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9u;
	v = (v ^ v >> 27) * 0x94d049bb133111ebu;
	v ^= v >> 31;
	return v ? v : 1;
}

u64 corner_int(struct rng *r)
{
	static const u64 list[] = {
		0, 1, 2, 3, ~0ull, ~1ull, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000,
		0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0x100000000, 0xffffffff80000000,
		0xffffffff7fffffff, 0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001,
		0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 0x00ff00ff00ff00ff, 0x0101010101010101,
		0x0123456789abcdef, 0xffffffff00000000, 31, 32, 33, 63, 64, 65,
	};
	u64 v;

	switch (below(r, 8)) {
	case 0: case 1: case 2: return list[below(r, ARRAY_SIZE(list))];
	case 3: return 1ull << below(r, 64);
	case 4: return (u64)(i64)(i32)rnd(r);
	case 5: return list[below(r, ARRAY_SIZE(list))] + (u64)(i64)((i32)below(r, 9) - 4);
	case 6:
		v = rnd64(r) >> below(r, 64);
		return chance(r, 50) ? v : ~v;
	default: return rnd64(r);
	}
}

/* Sign, exponent and a mantissa with few or many bits, about one exponent so that sums round. */
static u64 random_float(struct rng *r, u32 exp_bits, u32 man_bits)
{
	u64 bias = (1ull << (exp_bits - 1)) - 1, man = 0, exp;

	switch (below(r, 4)) {
	case 0: man = rnd64(r); break;
	case 1: man = 1ull << below(r, man_bits); break;
	case 2: man = ~0ull << below(r, man_bits); break;
	default:
		for (u32 i = 0; i < 3; i++)
			man ^= 1ull << below(r, man_bits);
	}
	man &= (1ull << man_bits) - 1;
	switch (below(r, 5)) {
	case 0: exp = below(r, (u32)bias * 2 + 2); break;
	case 1: exp = below(r, man_bits + 3); break;			/* subnormal and small */
	case 2: exp = bias * 2 + 1 - below(r, 4); break;		/* huge, inf, NaN */
	case 3: exp = bias + below(r, 66); break;			/* about the integers */
	default: exp = bias + 4 - below(r, man_bits + 8); break;
	}
	if (exp > bias * 2 + 1)
		exp = bias;
	return ((u64)(rnd(r) & 1) << (exp_bits + man_bits)) | exp << man_bits | man;
}

u64 corner_f64(struct rng *r)
{
	static const u64 list[] = {
		0, 1, 2, 0x000fffffffffffff, 0x0010000000000000, 0x0010000000000001, 0x001fffffffffffff,
		0x3ca0000000000000, 0x3cb0000000000000, 0x3fe0000000000000, 0x3fdfffffffffffff,
		0x3ff0000000000000, 0x3ff0000000000001, 0x3fefffffffffffff, 0x3ff8000000000000,
		0x4000000000000000, 0x4004000000000000, 0x7fe0000000000000, 0x7fefffffffffffff,
		0x7ff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 0x7ff4000000000000,
		0x7fffffffffffffff, 0x7ff8000000000001, 0xfff8000000000000,
		/* limits of integers */
		0x41dfffffffc00000, 0x41dfffffffffffff, 0x41e0000000000000, 0x41e0000000200000,
		0x41efffffffe00000, 0x41effffffff00000, 0x41f0000000000000, 0x4330000000000000,
		0x4340000000000000, 0x43dfffffffffffff, 0x43e0000000000000, 0x43efffffffffffff,
		0x43f0000000000000, 0x41e0000000100000,
		/* limits of single and half */
		0x36a0000000000000, 0x3690000000000000, 0x3690000000000001, 0x380fffffffffffff,
		0x3810000000000000, 0x380fffffe0000000, 0x380ffffff0000000, 0x47efffffe0000000,
		0x47effffff0000000, 0x47efffffefffffff, 0x3e70000000000000, 0x3e60000000000000,
		0x40effc0000000000, 0x40effe0000000000, 0x3f10000000000000, 0x3f0ffc0000000000,
		0x3ff0000010000000, 0x3ff0000030000000, 0x3ff0000010000001,
	};

	if (chance(r, 45))
		return list[below(r, ARRAY_SIZE(list))] ^ (u64)(rnd(r) & 1) << 63;
	if (chance(r, 10))
		return rnd64(r);
	return random_float(r, 11, 52);
}

u64 corner_f32(struct rng *r)
{
	static const u32 list[] = {
		0, 1, 2, 0x007fffff, 0x00800000, 0x00800001, 0x00ffffff, 0x33800000, 0x34000000,
		0x3f000000, 0x3effffff, 0x3f800000, 0x3f800001, 0x3f7fffff, 0x3f7ffffe, 0x3fc00000,
		0x40000000, 0x40200000, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7fc00000, 0x7f800001,
		0x7fa00000, 0x7fffffff, 0x7fc00001, 0x4effffff, 0x4f000000, 0x4f000001, 0x4f7fffff,
		0x4f800000, 0x5effffff, 0x5f000000, 0x5f7fffff, 0x5f800000, 0x4b000000, 0x4b800000,
		0x477fe000, 0x477ff000, 0x38800000, 0x387fe000, 0x33000000, 0x33000001, 0x3f801000,
	};

	if (chance(r, 45))
		return list[below(r, ARRAY_SIZE(list))] ^ (u64)(rnd(r) & 1) << 31;
	if (chance(r, 10))
		return rnd(r);
	return random_float(r, 8, 23);
}

u64 corner_fp_register(struct rng *r)
{
	u32 how = below(r, 20);

	if (how < 9)
		return corner_f64(r);
	if (how < 17)
		return 0xffffffff00000000u | corner_f32(r);
	if (how == 17)		/* a single that is not boxed right */
		return (rnd64(r) << 32 & (chance(r, 50) ? ~0ull : 1ull << (32 + below(r, 32)))) | corner_f32(r);
	if (how == 18)
		return 0xffffffffffff0000u | random_float(r, 5, 10);
	return 0xffff0000u | random_float(r, 5, 10) | (u64)rnd(r) << 32;
}
