/* The soft floating point against the host's FPU: with fp_rules_x86 every
 * result and every flag must be the processor's own.
 *
 * How it works: each operation is one row: a host function that loads MXCSR,
 * executes the instruction and reads MXCSR back, all in one asm statement,
 * and a function of fp.h.  All rows run on all pairs (or triples, for fma) of
 * corner values and on random operands, in four rounding modes and
 * with DAZ and FTZ in all combinations.
 *
 * On a host that is not x86-64, or lacks FMA, F16C or AVX-512F, those rows are skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "corners.h"
#include "fp/fp.h"

#ifdef __x86_64__
#include <emmintrin.h>

enum { RANDOM_ROUNDS = 60000 };

static const struct shape f16 = { 16, 5, 10 };
static const struct shape f32 = { 32, 8, 23 };
static const struct shape f64 = { 64, 11, 52 };

/* An operation: operands and results are zero-extended patterns. */
struct op {
	const char *name;
	const char *needs;	/* a CPU feature, or NULL */
	const struct shape *shape;	/* of the operands; NULL: 64-bit integers */
	u32 operands;
	u64 (*host)(const u64 *v, u32 *mxcsr);
	u64 (*soft)(struct fp_status *s, const u64 *v);
};

static __m128i xmm(u64 v)
{
	return _mm_cvtsi64_si128((long long)v);
}

static u64 bits_of(__m128i v, const struct shape *f)
{
	return (u64)_mm_cvtsi128_si64(v) & ~0ull >> (64 - f->bits);
}

#define GUARDED(insn) "ldmxcsr %[mx]\n\t" insn "\n\tstmxcsr %[mx]"

/* op dst, src: dst = dst op src */
#define BINARY(insn, f, function) \
	static u64 host_##insn(const u64 *v, u32 *mx) \
	{ \
		__m128i r = xmm(v[0]); \
		__asm__ volatile(GUARDED(#insn " %[b], %[r]") : [r] "+x"(r), [mx] "+m"(*mx) \
				 : [b] "x"(xmm(v[1]))); \
		return bits_of(r, &f); \
	} \
	static u64 soft_##insn(struct fp_status *s, const u64 *v) \
	{ \
		return function(s, v[0], v[1]); \
	}

#define NARROW(function) \
	static u32 n_##function(struct fp_status *s, u64 a, u64 b) \
	{ \
		return function(s, (u32)a, (u32)b); \
	}
NARROW(fp_add32)
NARROW(fp_sub32)
NARROW(fp_mul32)
NARROW(fp_div32)
NARROW(fp_min32)
NARROW(fp_max32)
BINARY(addss, f32, n_fp_add32)
BINARY(subss, f32, n_fp_sub32)
BINARY(mulss, f32, n_fp_mul32)
BINARY(divss, f32, n_fp_div32)
BINARY(minss, f32, n_fp_min32)
BINARY(maxss, f32, n_fp_max32)
BINARY(addsd, f64, fp_add64)
BINARY(subsd, f64, fp_sub64)
BINARY(mulsd, f64, fp_mul64)
BINARY(divsd, f64, fp_div64)
BINARY(minsd, f64, fp_min64)
BINARY(maxsd, f64, fp_max64)

/* op dst, src: dst = op(src); the shape is the result's */
#define UNARY(name, insn, f, expression) \
	static u64 host_##name(const u64 *v, u32 *mx) \
	{ \
		__m128i r = _mm_setzero_si128(); \
		__asm__ volatile(GUARDED(insn " %[a], %[r]") : [r] "+x"(r), [mx] "+m"(*mx) \
				 : [a] "x"(xmm(v[0]))); \
		return bits_of(r, &f); \
	} \
	static u64 soft_##name(struct fp_status *s, const u64 *v) { return expression; }
UNARY(sqrtss, "sqrtss", f32, fp_sqrt32(s, (u32)v[0]))
UNARY(sqrtsd, "sqrtsd", f64, fp_sqrt64(s, v[0]))
UNARY(cvtss2sd, "cvtss2sd", f64, fp_f32_to_f64(s, (u32)v[0]))
UNARY(cvtsd2ss, "cvtsd2ss", f32, fp_f64_to_f32(s, v[0]))
UNARY(cvtph2ps, "vcvtph2ps", f32, fp_f16_to_f32(s, (u16)v[0]))
UNARY(cvtps2ph, "vcvtps2ph $4,", f16, fp_f32_to_f16(s, (u32)v[0]))
UNARY(round_rne, "roundss $0,", f32, fp_rint32(s, FP_RNE, true, (u32)v[0]))
UNARY(round_mode, "roundss $4,", f32, fp_rint32(s, (enum fp_rm)s->rm, true, (u32)v[0]))
UNARY(round_quiet, "roundss $12,", f32, fp_rint32(s, (enum fp_rm)s->rm, false, (u32)v[0]))
UNARY(roundd_mode, "roundsd $4,", f64, fp_rint64(s, (enum fp_rm)s->rm, true, v[0]))
UNARY(roundd_quiet, "roundsd $12,", f64, fp_rint64(s, (enum fp_rm)s->rm, false, v[0]))

/* Float to integer register and back; `reg` picks the operand's width. */
#define TO_INT(name, insn, reg, expression) \
	static u64 host_##name(const u64 *v, u32 *mx) \
	{ \
		u64 r = 0; \
		__asm__ volatile(GUARDED(insn " %[a], %" reg "[r]") : [r] "+r"(r), [mx] "+m"(*mx) \
				 : [a] "x"(xmm(v[0]))); \
		return r; \
	} \
	static u64 soft_##name(struct fp_status *s, const u64 *v) { return expression; }
#define RM ((enum fp_rm)s->rm)
TO_INT(cvtss2si, "cvtss2si", "k", (u32)fp_f32_to_i32(s, RM, (u32)v[0]))
TO_INT(cvtss2siq, "cvtss2si", "q", (u64)fp_f32_to_i64(s, RM, (u32)v[0]))
TO_INT(cvtsd2si, "cvtsd2si", "k", (u32)fp_f64_to_i32(s, RM, v[0]))
TO_INT(cvtsd2siq, "cvtsd2si", "q", (u64)fp_f64_to_i64(s, RM, v[0]))
TO_INT(cvttss2si, "cvttss2si", "k", (u32)fp_f32_to_i32(s, FP_RTZ, (u32)v[0]))
TO_INT(cvttsd2siq, "cvttsd2si", "q", (u64)fp_f64_to_i64(s, FP_RTZ, v[0]))
TO_INT(cvtss2usi, "vcvtss2usi", "k", fp_f32_to_u32(s, RM, (u32)v[0]))
TO_INT(cvtss2usiq, "vcvtss2usi", "q", fp_f32_to_u64(s, RM, (u32)v[0]))
TO_INT(cvtsd2usi, "vcvtsd2usi", "k", fp_f64_to_u32(s, RM, v[0]))
TO_INT(cvtsd2usiq, "vcvtsd2usi", "q", fp_f64_to_u64(s, RM, v[0]))

/* `merge` is the source of the upper lanes, where the instruction has one. */
#define FROM_INT(name, insn, reg, merge, f, expression) \
	static u64 host_##name(const u64 *v, u32 *mx) \
	{ \
		__m128i r = _mm_setzero_si128(); \
		__asm__ volatile(GUARDED(insn " %" reg "[a], " merge "%[r]") \
				 : [r] "+x"(r), [mx] "+m"(*mx) : [a] "r"(v[0])); \
		return bits_of(r, &f); \
	} \
	static u64 soft_##name(struct fp_status *s, const u64 *v) { return expression; }
FROM_INT(cvtsi2ss, "cvtsi2ssl", "k", "", f32, fp_i32_to_f32(s, (i32)v[0]))
FROM_INT(cvtsi2ssq, "cvtsi2ssq", "q", "", f32, fp_i64_to_f32(s, (i64)v[0]))
FROM_INT(cvtsi2sd, "cvtsi2sdl", "k", "", f64, fp_i32_to_f64(s, (i32)v[0]))
FROM_INT(cvtsi2sdq, "cvtsi2sdq", "q", "", f64, fp_i64_to_f64(s, (i64)v[0]))
FROM_INT(cvtusi2ss, "vcvtusi2ssl", "k", "%[r], ", f32, fp_u32_to_f32(s, (u32)v[0]))
FROM_INT(cvtusi2ssq, "vcvtusi2ssq", "q", "%[r], ", f32, fp_u64_to_f32(s, v[0]))
FROM_INT(cvtusi2sd, "vcvtusi2sdl", "k", "%[r], ", f64, fp_u32_to_f64(s, (u32)v[0]))
FROM_INT(cvtusi2sdq, "vcvtusi2sdq", "q", "%[r], ", f64, fp_u64_to_f64(s, v[0]))

/* Comparison, as CF | ZF << 1 | PF << 2. */
static u64 order_flags(enum fp_order order)
{
	return order == FP_UNORDERED ? 7 : order == FP_EQUAL ? 2 : order == FP_LESS;
}

#define COMPARE(insn, expression) \
	static u64 host_##insn(const u64 *v, u32 *mx) \
	{ \
		u8 c, z, p; \
		__asm__ volatile(GUARDED(#insn " %[b], %[a]\n\t" \
					 "setb %[c]\n\tsetz %[z]\n\tsetp %[p]") \
				 : [mx] "+m"(*mx), [c] "=r"(c), [z] "=r"(z), [p] "=r"(p) \
				 : [a] "x"(xmm(v[0])), [b] "x"(xmm(v[1])) : "cc"); \
		return (u64)(c | z << 1 | p << 2); \
	} \
	static u64 soft_##insn(struct fp_status *s, const u64 *v) \
	{ \
		return order_flags(expression); \
	}
COMPARE(ucomiss, fp_cmp32(s, (u32)v[0], (u32)v[1]))
COMPARE(comiss, fp_cmp_sig32(s, (u32)v[0], (u32)v[1]))
COMPARE(ucomisd, fp_cmp64(s, v[0], v[1]))
COMPARE(comisd, fp_cmp_sig64(s, v[0], v[1]))

/* r = +-(v0 * v1) +- v2, in the form 213: dst = src2 * dst + src3, NaN order src2, dst, src3 */
#define FUSED(insn, f, expression) \
	static u64 host_##insn(const u64 *v, u32 *mx) \
	{ \
		__m128i r = xmm(v[1]); \
		__asm__ volatile(GUARDED(#insn " %[c], %[a], %[r]") \
				 : [r] "+x"(r), [mx] "+m"(*mx) \
				 : [a] "x"(xmm(v[0])), [c] "x"(xmm(v[2]))); \
		return bits_of(r, &f); \
	} \
	static u64 soft_##insn(struct fp_status *s, const u64 *v) { return expression; }
#define FMA32(how) fp_fma32(s, (u32)v[0], (u32)v[1], (u32)v[2], how)
#define FMA64(how) fp_fma64(s, v[0], v[1], v[2], how)
FUSED(vfmadd213ss, f32, FMA32(0))
FUSED(vfmsub213ss, f32, FMA32(FP_NEG_ADDEND))
FUSED(vfnmadd213ss, f32, FMA32(FP_NEG_PRODUCT))
FUSED(vfnmsub213ss, f32, FMA32(FP_NEG_PRODUCT | FP_NEG_ADDEND))
FUSED(vfmadd213sd, f64, FMA64(0))
FUSED(vfmsub213sd, f64, FMA64(FP_NEG_ADDEND))
FUSED(vfnmadd213sd, f64, FMA64(FP_NEG_PRODUCT))
FUSED(vfnmsub213sd, f64, FMA64(FP_NEG_PRODUCT | FP_NEG_ADDEND))

#define ROW(name, needs, shape, operands) \
	{ #name, needs, shape, operands, host_##name, soft_##name }
static const struct op ops[] = {
	ROW(addss, NULL, &f32, 2), ROW(addsd, NULL, &f64, 2),
	ROW(subss, NULL, &f32, 2), ROW(subsd, NULL, &f64, 2),
	ROW(mulss, NULL, &f32, 2), ROW(mulsd, NULL, &f64, 2),
	ROW(divss, NULL, &f32, 2), ROW(divsd, NULL, &f64, 2),
	ROW(minss, NULL, &f32, 2), ROW(minsd, NULL, &f64, 2),
	ROW(maxss, NULL, &f32, 2), ROW(maxsd, NULL, &f64, 2),
	ROW(ucomiss, NULL, &f32, 2), ROW(ucomisd, NULL, &f64, 2),
	ROW(comiss, NULL, &f32, 2), ROW(comisd, NULL, &f64, 2),
	ROW(sqrtss, NULL, &f32, 1), ROW(sqrtsd, NULL, &f64, 1),
	ROW(cvtss2sd, NULL, &f32, 1), ROW(cvtsd2ss, NULL, &f64, 1),
	ROW(cvtph2ps, "f16c", &f16, 1), ROW(cvtps2ph, "f16c", &f32, 1),
	ROW(round_rne, "sse4.1", &f32, 1), ROW(round_mode, "sse4.1", &f32, 1),
	ROW(round_quiet, "sse4.1", &f32, 1), ROW(roundd_mode, "sse4.1", &f64, 1),
	ROW(roundd_quiet, "sse4.1", &f64, 1),
	ROW(cvtss2si, NULL, &f32, 1), ROW(cvtss2siq, NULL, &f32, 1),
	ROW(cvtsd2si, NULL, &f64, 1), ROW(cvtsd2siq, NULL, &f64, 1),
	ROW(cvttss2si, NULL, &f32, 1), ROW(cvttsd2siq, NULL, &f64, 1),
	ROW(cvtss2usi, "avx512f", &f32, 1), ROW(cvtss2usiq, "avx512f", &f32, 1),
	ROW(cvtsd2usi, "avx512f", &f64, 1), ROW(cvtsd2usiq, "avx512f", &f64, 1),
	ROW(cvtsi2ss, NULL, NULL, 1), ROW(cvtsi2ssq, NULL, NULL, 1),
	ROW(cvtsi2sd, NULL, NULL, 1), ROW(cvtsi2sdq, NULL, NULL, 1),
	ROW(cvtusi2ss, "avx512f", NULL, 1), ROW(cvtusi2ssq, "avx512f", NULL, 1),
	ROW(cvtusi2sd, "avx512f", NULL, 1), ROW(cvtusi2sdq, "avx512f", NULL, 1),
	ROW(vfmadd213ss, "fma", &f32, 3), ROW(vfmadd213sd, "fma", &f64, 3),
	ROW(vfmsub213ss, "fma", &f32, 3), ROW(vfmsub213sd, "fma", &f64, 3),
	ROW(vfnmadd213ss, "fma", &f32, 3), ROW(vfnmadd213sd, "fma", &f64, 3),
	ROW(vfnmsub213ss, "fma", &f32, 3), ROW(vfnmsub213sd, "fma", &f64, 3),
};

static bool have(const char *feature)
{
	if (!feature)
		return true;
	if (strcmp(feature, "fma") == 0)
		return __builtin_cpu_supports("fma");
	if (strcmp(feature, "sse4.1") == 0)
		return __builtin_cpu_supports("sse4.1");
	if (strcmp(feature, "avx512f") == 0)
		return __builtin_cpu_supports("avx512f");
	/* F16C has no name of its own in clang 14; every CPU with AVX2 has it. */
	return __builtin_cpu_supports("avx2");
}

static u32 flags_of(u32 mxcsr)
{
	static const u8 map[] = { FP_NV, FP_ID, FP_DZ, FP_OF, FP_UF, FP_NX };
	u32 flags = 0;

	for (u32 i = 0; i < ARRAY_SIZE(map); i++)
		flags |= mxcsr >> i & 1 ? map[i] : 0;
	return flags;
}

/* Run one operation both ways; mode: rounding | DAZ << 2 | FTZ << 3. */
static void check(const struct op *op, u32 mode, const u64 *v)
{
	static const u32 control[] = { 0, 3, 1, 2 };	/* MXCSR.RC by enum fp_rm */
	u32 mxcsr = 0x1f80 | control[mode & 3] << 13 | (mode & 4 ? 0x40 : 0) |
		    (mode & 8 ? 0x8000 : 0);
	struct fp_status s = {
		.rules = &fp_rules_x86,
		.rm = mode & 3,
		.flush_inputs = mode & 4,
		.flush_outputs = mode & 8,
	};
	u64 host = op->host(v, &mxcsr), soft = op->soft(&s, v);

	if (likely(host == soft && flags_of(mxcsr) == s.flags))
		return;
	print_error("%s mode %x of %llx %llx %llx: host %llx flags %x, ours %llx flags %x\n",
		    op->name, mode, (unsigned long long)v[0], (unsigned long long)v[1],
		    (unsigned long long)v[2], (unsigned long long)host, flags_of(mxcsr),
		    (unsigned long long)soft, s.flags);
	fail();
}

static void check_corners(const struct op *op)
{
	static const struct shape integers = { 64, 11, 52 };
	u64 list[CORNERS_MAX], v[3] = { 0 };
	u32 n = corners(op->shape ? op->shape : &integers, list);
	u32 n2 = op->operands > 1 ? n : 1, n3 = op->operands > 2 ? CORNERS_CORE : 1;

	if (op->operands > 2)
		n = n2 = CORNERS_CORE;
	for (u32 i = 0; i < n * n2 * n3; i++) {
		v[0] = list[i % n];
		v[1] = list[i / n % n2];
		v[2] = list[i / n / n2];
		for (u32 mode = 0; mode < 16; mode++)
			check(op, mode, v);
	}
}

static void check_random(const struct op *op)
{
	const struct shape *f = op->shape;
	u64 seed = 0x5eed, v[3] = { 0 };
	i64 bias = f ? (1 << (f->exp_bits - 1)) - 1 : 0;

	for (u32 i = 0; i < RANDOM_ROUNDS; i++) {
		u64 r = corner_random(&seed);

		if (!f) {
			v[0] = corner_random(&seed) >> (r & 63);
			v[0] = r >> 8 & 1 ? -v[0] : v[0];
		} else if (op->operands == 1) {	/* where integers and f16 are, or anywhere */
			v[0] = r & 3 ? random_near(f, bias, f->exp_bits > 8 ? 70 : 40, &seed) :
				       corner_random(&seed) & ~0ull >> (64 - f->bits);
		} else {
			v[0] = random_near(f, (i64)(r >> 32 & 0xfff), 0, &seed);
			switch (r % 4) {
			case 0:		/* close: cancellation, ties */
				v[1] = random_near(f, exp_field(f, v[0]), 3, &seed);
				break;
			case 1:		/* a product near the least, a quotient near the greatest */
				v[1] = random_near(f, bias - exp_field(f, v[0]), f->frac_bits + 4,
						   &seed);
				break;
			case 2:		/* a sum one of whose operands is mostly rounded away */
				v[1] = random_near(f, exp_field(f, v[0]), f->frac_bits + 4, &seed);
				break;
			default:
				v[1] = random_near(f, (i64)(r >> 44 & 0xfff), 0, &seed);
			}
		}
		if (op->operands == 3)
			v[2] = random_near(f, exp_field(f, v[0]) + exp_field(f, v[1]) - bias,
					   r & 0x1000000 ? 2 : 2 * f->frac_bits + 6, &seed);
		for (u32 mode = 0; mode < 4; mode++)
			check(op, mode | (u32)(r >> 28 & 12), v);
	}
}

static void run(u32 operands)
{
	u32 left_out = 0, done = 0;

	for (u32 i = 0; i < ARRAY_SIZE(ops); i++) {
		if (ops[i].operands != operands)
			continue;
		if (!have(ops[i].needs)) {
			left_out++;
			continue;
		}
		check_corners(&ops[i]);
		check_random(&ops[i]);
		done++;
	}
	if (left_out)
		print_message("%u operations skipped: this host's CPU lacks them\n", left_out);
	if (!done)
		skip();
}

static void test_one_operand(void **state) { (void)state; run(1); }
static void test_two_operands(void **state) { (void)state; run(2); }
static void test_fma(void **state) { (void)state; run(3); }

/* Every half-precision number widens and narrows as F16C does it. */
static void test_all_halves(void **state)
{
	(void)state;
	if (!have("f16c"))
		skip();
	for (u64 h = 0; h < 0x10000; h++) {
		for (u32 i = 0; i < ARRAY_SIZE(ops); i++) {
			if (ops[i].shape == &f16)
				check(&ops[i], (u32)h & 15, &(const u64[3]){ h }[0]);
		}
	}
}
#else
static void test_one_operand(void **state) { (void)state; skip(); }
static void test_two_operands(void **state) { (void)state; skip(); }
static void test_fma(void **state) { (void)state; skip(); }
static void test_all_halves(void **state) { (void)state; skip(); }
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_operand),
		cmocka_unit_test(test_two_operands),
		cmocka_unit_test(test_fma),
		cmocka_unit_test(test_all_halves),
	};

	return cmocka_run_group_tests_name("fp/host", tests, NULL, NULL);
}
