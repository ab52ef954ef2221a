/* Half precision, all six rounding modes, both rules of tininess, against a
 * reference that rounds by comparing exact integers.
 *
 * How it works: half-precision numbers are whole multiples of 2^-24, so sums,
 * products and fused sums are exact in a 128-bit integer, and a quotient
 * or root is compared with a candidate by cross-multiplication or
 * squaring.  The reference finds the greatest half not above the exact
 * result by binary search, then rounds by the definition of the mode.
 *
 * Nothing here is shared with src/fp but its header, so this is also the
 * check of round-to-odd, ties-away and Arm's tininess, which no x86 host can give.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "corners.h"
#include "fp/fp.h"

typedef __int128 i128;

enum { ROUNDS = 60000, INF = 0x7c00, SCALE = 1 << 24 };
static const struct shape f16 = { 16, 5, 10 };

/* An exact positive result: num / den, or its square root. */
struct exact {
	bool sign, root;
	i128 num, den;
};

/* |h| in units of 2^-24; infinity counts as 2^16, the number after the greatest. */
static i128 units(u32 h)
{
	u32 exp = h >> 10 & 31, frac = h & 1023;

	return exp ? (i128)(frac + 1024) << (exp - 1) : frac;
}

static i128 signed_units(u32 h)
{
	return h & 0x8000 ? -units(h) : units(h);
}

/* Order the exact result against x * 2^-26: <0, 0, >0. */
static int against(const struct exact *e, i128 x)
{
	i128 left = e->num, right = e->root ? x * x : x * e->den;

	return (left > right) - (left < right);
}

/* Would the result be at least 2^-14 if the exponent had no lower end? */
static bool rounds_up_to_normal(const struct exact *e, u32 rm)
{
	i128 below = (1 << 12) - 2, middle = (1 << 12) - 1;	/* in 2^-26 */

	if (rm == FP_RNE || rm == FP_RMM)
		return against(e, middle) >= 0;
	return rm == (e->sign ? FP_RDN : FP_RUP) && against(e, below) > 0;
}

static u32 reference(const struct exact *e, u32 rm, bool tiny_before, u32 *ret_flags)
{
	u32 low = 0, high = INF, flags = 0;
	bool tiny, up, to_inf;
	int half;

	while (low < high) {		/* the greatest h with h <= result */
		u32 middle = (low + high + 1) / 2;

		if (against(e, units(middle) * 4) >= 0)
			low = middle;
		else
			high = middle - 1;
	}
	if (low < INF && against(e, units(low) * 4) == 0) {
		*ret_flags = 0;
		return low | (u32)e->sign << 15;
	}
	half = low < INF ? against(e, (units(low) + units(low + 1)) * 2) : 0;
	to_inf = rm == FP_RNE || rm == FP_RMM || rm == (e->sign ? FP_RDN : FP_RUP);
	if (rm == FP_RNE)
		up = half > 0 || (half == 0 && (low & 1));
	else if (rm == FP_RMM)
		up = half >= 0;
	else if (rm == FP_ROD)
		up = !(low & 1);
	else
		up = to_inf;
	flags = FP_NX;
	tiny = against(e, 1 << 12) < 0 && (tiny_before || !rounds_up_to_normal(e, rm));
	if (tiny)
		flags |= FP_UF;
	if (low == INF || low + up == INF) {
		flags |= FP_OF;
		low = INF - !to_inf;
	} else {
		low += up;
	}
	*ret_flags = flags;
	return low | (u32)e->sign << 15;
}

/* Compare ours (f, called through `apply`) with the reference in every mode. */
struct call {
	const char *name;
	u16 (*apply)(struct fp_status *s, const u16 *v);
	u16 v[3];
};

static void check(const struct call *call, const struct exact *e, const struct fp_rules *rules)
{
	for (u32 rm = FP_RNE; rm <= FP_ROD; rm++) {
		struct fp_status s = { .rules = rules, .rm = (u8)rm };
		u32 flags, want = reference(e, rm, rules->tiny_before_rounding, &flags);
		u32 got = call->apply(&s, call->v);

		if (got == want && s.flags == flags)
			continue;
		print_error("%s rm %u of %x %x %x: want %x flags %x, ours %x flags %x\n",
			    call->name, rm, call->v[0], call->v[1], call->v[2], want, flags, got,
			    s.flags);
		fail();
	}
}

static u16 apply_add(struct fp_status *s, const u16 *v) { return fp_add16(s, v[0], v[1]); }
static u16 apply_mul(struct fp_status *s, const u16 *v) { return fp_mul16(s, v[0], v[1]); }
static u16 apply_div(struct fp_status *s, const u16 *v) { return fp_div16(s, v[0], v[1]); }
static u16 apply_sqrt(struct fp_status *s, const u16 *v) { return fp_sqrt16(s, v[0]); }
static u16 apply_fma(struct fp_status *s, const u16 *v) { return fp_fma16(s, v[0], v[1], v[2], 0); }
static u16 apply_half_fma(struct fp_status *s, const u16 *v)
{
	return fp_fma16(s, v[0], v[1], v[2], FP_HALVE);
}
static u16 apply_i64(struct fp_status *s, const u16 *v)
{
	return fp_i64_to_f16(s, (i64)(i16)v[0] * 5);
}
static u16 apply_sub(struct fp_status *s, const u16 *v)
{
	return fp_sub16(s, v[0], v[1]);
}

/* A sum of products in units of 2^-48, over `den` (1 or 2), as a multiple of 2^-26. */
static void check_sum(const char *name, u16 (*apply)(struct fp_status *, const u16 *),
		      const u16 *v, i128 sum, u32 den, const struct fp_rules *rules)
{
	struct call call = { name, apply, { v[0], v[1], v[2] } };
	struct exact e = { sum < 0, false, sum < 0 ? -sum : sum, (i128)den << 22 };

	if (sum)	/* the sign of zero is tables.c's and host.c's */
		check(&call, &e, rules);
}

static void check_all(const u16 *v, const struct fp_rules *rules)
{
	i128 a = signed_units(v[0]), b = signed_units(v[1]), c = signed_units(v[2]);

	check_sum("add", apply_add, v, (a + b) * SCALE, 1, rules);
	check_sum("sub", apply_sub, v, (a - b) * SCALE, 1, rules);
	check_sum("mul", apply_mul, v, a * b, 1, rules);
	check_sum("fma", apply_fma, v, a * b + c * SCALE, 1, rules);
	check_sum("half fma", apply_half_fma, v, a * b + c * SCALE, 2, rules);
	check_sum("i64", apply_i64, v, (i128)(i16)v[0] * 5 * SCALE * SCALE, 1, rules);
	if (a && b) {
		struct call call = { "div", apply_div, { v[0], v[1], 0 } };
		struct exact e = { (a < 0) != (b < 0), false, units(v[0]) << 26, units(v[1]) };

		check(&call, &e, rules);
	}
}

static void test_random(void **state)
{
	u64 seed = 16;

	for (u32 i = 0; i < ROUNDS; i++) {
		u64 r = corner_random(&seed);
		u16 v[3];

		v[0] = (u16)random_near(&f16, (i64)(r & 31), 0, &seed);
		v[1] = (u16)random_near(&f16, r >> 8 & 1 ? exp_field(&f16, v[0]) : 15, 15, &seed);
		v[2] = (u16)random_near(&f16, exp_field(&f16, v[0]) + exp_field(&f16, v[1]) - 15,
					r >> 9 & 1 ? 2 : 15, &seed);
		check_all(v, r >> 10 & 1 ? &fp_rules_arm : &fp_rules_riscv);
	}
}

static void test_corners(void **state)
{
	u64 list[CORNERS_MAX];
	u32 n = corners(&f16, list);

	for (u32 i = 0; i < n * n; i++) {
		u16 v[3] = { (u16)list[i % n], (u16)list[i / n], (u16)list[i * 7 % n] };

		if ((v[0] & INF) == INF || (v[1] & INF) == INF || (v[2] & INF) == INF)
			continue;
		check_all(v, &fp_rules_arm);
		check_all(v, &fp_rules_riscv);
	}
}

static void test_all_roots(void **state)
{
	for (u32 h = 1; h < INF; h++) {
		struct call call = { "sqrt", apply_sqrt, { (u16)h } };
		struct exact e = { false, true, units(h) << 28, 1 };

		check(&call, &e, &fp_rules_riscv);
	}
}

/* Every half through f32, f64, i32 and back, and rint against the definition. */
static void test_all_round_trips(void **state)
{
	for (u32 h = 0; h < 0x10000; h++) {
		struct fp_status s = { .rules = &fp_rules_arm };
		bool nan = (h & 0x7fff) > INF;
		u32 quiet = nan ? h | 0x200 : h, want_flags = quiet == h ? 0 : FP_NV;
		i128 u = units(h);

		assert_int_equal(fp_f32_to_f16(&s, fp_f16_to_f32(&s, (u16)h)), quiet);
		assert_int_equal(fp_f64_to_f16(&s, fp_f16_to_f64(&s, (u16)h)), quiet);
		assert_int_equal(s.flags, want_flags);
		if ((h & INF) == INF)
			continue;
		/* Truncation to an integer, and the same back as a half. */
		assert_int_equal(fp_f16_to_i32(&s, FP_RTZ, (u16)h),
				 (i32)(h & 0x8000 ? -(u >> 24) : u >> 24));
		assert_int_equal(s.flags, u & 0xffffff ? FP_NX : 0);
		s.flags = 0;
		assert_int_equal(fp_rint16(&s, FP_RTZ, false, (u16)h) & 0x7fff,
				 fp_i32_to_f16(&s, (i32)(u >> 24)));
		/* Ties away: add a half, then truncate. */
		assert_int_equal(fp_f16_to_u64(&s, FP_RMM, (u16)(h & 0x7fff)),
				 (u64)((u + (1 << 23)) >> 24));
		/* In units of 2^-24 every half is an integer. */
		s.flags = 0;
		assert_true(fp_f16_to_fixed(&s, FP_RDN, &(struct fp_fixed){ 64, 24, true },
					    (u16)h) == (u64)(i64)signed_units(h));
		assert_int_equal(fp_fixed_to_f16(&s, &(struct fp_fixed){ 64, 24, true },
						 (u64)(i64)signed_units(h)), u ? h : 0);
		assert_int_equal(s.flags, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_corners),
		cmocka_unit_test(test_all_roots),
		cmocka_unit_test(test_all_round_trips),
	};

	return cmocka_run_group_tests_name("fp/half", tests, NULL, NULL);
}
