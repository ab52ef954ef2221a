/* The rules of each guest: expected results and flags worked out by hand from
 * the manuals, in particular what no x86 host can be asked.
 *
 * How it works: a table of binary32 operations, one of binary64 values made
 * integers, and short tests of the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "fp/fp.h"

enum op {
	ADD, SUB, MUL, DIV, SQRT, FMA, FMS, FNMS, FNMA, FHALF, MIN, MAX, MIN_ALT, MAX_ALT,
	RINT, RINTX, TO16, TO64, CMP, CMPS,
};

enum { DN = 1, FIZ = 2, FOZ = 4, FZ = FIZ | FOZ };	/* of row.control */

#define R &fp_rules_riscv
#define A &fp_rules_arm
#define X &fp_rules_x86

/* binary32 patterns */
#define ONE 0x3f800000u
#define TWO 0x40000000u
#define MINUS 0x80000000u
#define INF 0x7f800000u
#define QNAN 0x7fc00000u
#define Q1 0x7fc00001u
#define Q2 0xffc00002u
#define S1 0x7f800001u
#define S2 0xff800002u
#define SUB1 0x00000001u
#define NORM 0x00800000u	/* the least normal */
#define MAXF 0x7f7fffffu

struct row {
	const struct fp_rules *rules;
	u32 control;
	enum fp_rm rm;
	enum op op;
	u32 a, b, c;
	u64 want;
	u32 flags;
};

static const struct row rows[] = {
	/* RISC-V: every NaN result is the default NaN; only SNaNs and invalid set NV. */
	{ R, 0, FP_RNE, ADD, ONE, Q2, 0, QNAN, 0 },
	{ R, 0, FP_RNE, ADD, S2, ONE, 0, QNAN, FP_NV },
	{ R, 0, FP_RNE, SUB, INF, INF, 0, QNAN, FP_NV },
	{ R, 0, FP_RNE, MUL, INF, MINUS, 0, QNAN, FP_NV },
	{ R, 0, FP_RNE, DIV, 0, 0, 0, QNAN, FP_NV },
	{ R, 0, FP_RNE, DIV, INF, INF, 0, QNAN, FP_NV },
	{ R, 0, FP_RNE, DIV, ONE, MINUS, 0, MINUS | INF, FP_DZ },
	{ R, 0, FP_RNE, DIV, INF, 0, 0, INF, 0 },
	{ R, 0, FP_RNE, SQRT, MINUS | ONE, 0, 0, QNAN, FP_NV },
	{ R, 0, FP_RNE, SQRT, MINUS, 0, 0, MINUS, 0 },
	{ R, 0, FP_RNE, SQRT, TWO, 0, 0, 0x3fb504f3, FP_NX },
	{ R, 0, FP_RNE, FMA, INF, 0, Q1, QNAN, FP_NV },
	{ R, 0, FP_RNE, FMA, 0, INF, S1, QNAN, FP_NV },
	{ R, 0, FP_RNE, FMA, INF, 0, ONE, QNAN, FP_NV },
	{ R, 0, FP_RNE, FMA, INF, Q1, ONE, QNAN, 0 },
	{ R, 0, FP_RNE, FMS, INF, ONE, INF, QNAN, FP_NV },
	{ R, 0, FP_RNE, FMA, INF, ONE, INF, INF, 0 },
	{ R, 0, FP_RNE, FNMA, ONE, TWO, ONE, MINUS | 0x40400000, 0 },
	{ R, 0, FP_RNE, FNMS, ONE, TWO, ONE, MINUS | ONE, 0 },
	{ R, 0, FP_RNE, FMS, ONE, TWO, ONE, ONE, 0 },
	/* Zero sums and products. */
	{ R, 0, FP_RNE, SUB, ONE, ONE, 0, 0, 0 },
	{ R, 0, FP_RDN, SUB, ONE, ONE, 0, MINUS, 0 },
	{ R, 0, FP_RMM, ADD, MINUS, 0, 0, 0, 0 },
	{ R, 0, FP_RDN, ADD, MINUS, 0, 0, MINUS, 0 },
	{ R, 0, FP_RUP, ADD, MINUS, MINUS, 0, MINUS, 0 },
	{ R, 0, FP_RNE, FMA, MINUS, ONE, MINUS, MINUS, 0 },
	{ R, 0, FP_RDN, FMS, ONE, ONE, ONE, MINUS, 0 },
	/* Rounding: 1 + half an ulp, and one ulp more. */
	{ R, 0, FP_RNE, ADD, ONE, 0x33800000, 0, ONE, FP_NX },
	{ R, 0, FP_RMM, ADD, ONE, 0x33800000, 0, ONE + 1, FP_NX },
	{ R, 0, FP_RTZ, ADD, ONE, 0x33800000, 0, ONE, FP_NX },
	{ R, 0, FP_RDN, ADD, ONE, 0x33800000, 0, ONE, FP_NX },
	{ R, 0, FP_RUP, ADD, ONE, 0x33800000, 0, ONE + 1, FP_NX },
	{ R, 0, FP_ROD, ADD, ONE, 0x33800000, 0, ONE + 1, FP_NX },
	{ R, 0, FP_ROD, ADD, ONE + 1, 0x33800000, 0, ONE + 1, FP_NX },
	{ R, 0, FP_RNE, ADD, ONE + 1, 0x33800000, 0, ONE + 2, FP_NX },
	{ R, 0, FP_RMM, ADD, MINUS | ONE, 0xb3800000, 0, MINUS | (ONE + 1), FP_NX },
	/* Overflow, by mode. */
	{ R, 0, FP_RNE, MUL, MAXF, TWO, 0, INF, FP_OF | FP_NX },
	{ R, 0, FP_RMM, MUL, MAXF, MINUS | TWO, 0, MINUS | INF, FP_OF | FP_NX },
	{ R, 0, FP_RTZ, MUL, MAXF, TWO, 0, MAXF, FP_OF | FP_NX },
	{ R, 0, FP_ROD, MUL, MAXF, TWO, 0, MAXF, FP_OF | FP_NX },
	{ R, 0, FP_RDN, MUL, MAXF, TWO, 0, MAXF, FP_OF | FP_NX },
	{ R, 0, FP_RDN, MUL, MAXF, MINUS | TWO, 0, MINUS | INF, FP_OF | FP_NX },
	{ R, 0, FP_RUP, MUL, MAXF, MINUS | TWO, 0, MINUS | MAXF, FP_OF | FP_NX },
	/* Tiny: exact is no underflow; and before or after rounding. */
	{ R, 0, FP_RNE, MUL, NORM, 0x3f000000, 0, 0x00400000, 0 },
	{ R, 0, FP_RNE, MUL, SUB1, 0x3f000000, 0, 0, FP_UF | FP_NX },
	{ R, 0, FP_RMM, MUL, SUB1, 0x3f000000, 0, SUB1, FP_UF | FP_NX },
	{ R, 0, FP_RUP, MUL, SUB1, 0x3e000000, 0, SUB1, FP_UF | FP_NX },
	{ R, 0, FP_RNE, MUL, 0x3f7ffffe, NORM + 1, 0, NORM, FP_NX },
	{ A, 0, FP_RNE, MUL, 0x3f7ffffe, NORM + 1, 0, NORM, FP_UF | FP_NX },
	{ X, 0, FP_RNE, MUL, 0x3f7ffffe, NORM + 1, 0, NORM, FP_NX },
	{ R, 0, FP_RNE, MUL, 0x00ffffff, 0x3f000000, 0, NORM, FP_UF | FP_NX },
	/* RISC-V minimumNumber; Zfa's minimum. */
	{ R, 0, FP_RNE, MIN, Q1, ONE, 0, ONE, 0 },
	{ R, 0, FP_RNE, MIN, ONE, S1, 0, ONE, FP_NV },
	{ R, 0, FP_RNE, MAX, S1, Q1, 0, QNAN, FP_NV },
	{ R, 0, FP_RNE, MAX, Q2, Q1, 0, QNAN, 0 },
	{ R, 0, FP_RNE, MIN, 0, MINUS, 0, MINUS, 0 },
	{ R, 0, FP_RNE, MAX, MINUS, 0, 0, 0, 0 },
	{ R, 0, FP_RNE, MIN, MINUS | ONE, MINUS | TWO, 0, MINUS | TWO, 0 },
	{ R, 0, FP_RNE, MIN_ALT, Q1, ONE, 0, QNAN, 0 },
	{ R, 0, FP_RNE, MAX_ALT, ONE, S1, 0, QNAN, FP_NV },
	{ R, 0, FP_RNE, MAX_ALT, ONE, TWO, 0, TWO, 0 },
	/* Arm: an SNaN anywhere goes before a QNaN; else operand order; payloads stay. */
	{ A, 0, FP_RNE, ADD, Q1, Q2, 0, Q1, 0 },
	{ A, 0, FP_RNE, ADD, Q1, S2, 0, Q2, FP_NV },
	{ A, 0, FP_RNE, SUB, S1, S2, 0, Q1, FP_NV },
	{ A, 0, FP_RNE, SUB, ONE, Q2, 0, Q2, 0 },
	{ A, 0, FP_RNE, SUB, INF, INF, 0, QNAN, FP_NV },
	{ A, DN, FP_RNE, ADD, ONE, Q2, 0, QNAN, 0 },
	{ A, DN, FP_RNE, SQRT, S2, 0, 0, QNAN, FP_NV },
	{ A, 0, FP_RNE, SQRT, S2, 0, 0, Q2, FP_NV },
	{ A, 0, FP_RNE, FMA, Q1, ONE, Q2, Q2, 0 },
	{ A, 0, FP_RNE, FMA, Q1, S1, Q2, Q1, FP_NV },
	{ A, 0, FP_RNE, FMA, Q1, Q2, ONE, Q1, 0 },
	{ A, 0, FP_RNE, FNMA, ONE, ONE, Q1, MINUS | Q1, 0 },	/* FNMADD negates, then looks */
	{ A, 0, FP_RNE, FNMS, Q1, ONE, ONE, MINUS | Q1, 0 },
	{ A, 0, FP_RNE, FNMS, ONE, Q1, ONE, Q1, 0 },
	{ A, 0, FP_RNE, FMA, INF, 0, Q1, QNAN, FP_NV },
	{ A, 0, FP_RNE, FMA, INF, 0, S1, Q1, FP_NV },
	{ A, 0, FP_RNE, FMA, INF, 0, ONE, QNAN, FP_NV },
	{ A, 0, FP_RNE, FHALF, ONE, TWO, ONE, 0x3fc00000, 0 },
	{ A, 0, FP_RNE, FHALF, MAXF, TWO, 0, MAXF, 0 },
	{ A, 0, FP_RNE, FHALF, 0, ONE, SUB1, 0, FP_UF | FP_NX },
	{ A, 0, FP_RNE, MIN, Q1, ONE, 0, Q1, 0 },
	{ A, 0, FP_RNE, MAX, ONE, S1, 0, Q1, FP_NV },
	{ A, 0, FP_RNE, MAX, MINUS, 0, 0, 0, 0 },
	{ A, 0, FP_RNE, MIN_ALT, Q1, ONE, 0, ONE, 0 },
	{ A, 0, FP_RNE, MIN_ALT, ONE, Q2, 0, ONE, 0 },
	{ A, 0, FP_RNE, MIN_ALT, ONE, S1, 0, Q1, FP_NV },
	{ A, 0, FP_RNE, MAX_ALT, Q1, S2, 0, Q2, FP_NV },
	{ A, 0, FP_RNE, MAX_ALT, Q2, Q1, 0, Q2, 0 },
	{ A, DN, FP_RNE, MAX_ALT, Q2, Q1, 0, QNAN, 0 },
	/* Arm FZ: inputs say ID, outputs UF without NX, judged before rounding. */
	{ A, FZ, FP_RNE, ADD, SUB1, ONE, 0, ONE, FP_ID },
	{ A, FZ, FP_RNE, ADD, SUB1, Q1, 0, Q1, FP_ID },
	{ A, FZ, FP_RNE, DIV, ONE, MINUS | SUB1, 0, MINUS | INF, FP_ID | FP_DZ },
	{ A, FZ, FP_RNE, MUL, INF, SUB1, 0, QNAN, FP_ID | FP_NV },
	{ A, FZ, FP_RNE, MUL, MINUS | NORM, 0x3f000000, 0, MINUS, FP_UF },
	{ A, FZ, FP_RNE, MUL, 0x3f7ffffe, NORM + 1, 0, 0, FP_UF },
	{ A, FZ, FP_RNE, SUB, NORM + 1, NORM, 0, 0, FP_UF },
	{ A, FZ, FP_RNE, CMP, SUB1, MINUS, 0, (u64)FP_EQUAL, FP_ID },
	{ A, FZ, FP_RNE, MAX, MINUS | SUB1, MINUS | ONE, 0, MINUS, FP_ID },
	{ A, FZ, FP_RUP, RINTX, SUB1, 0, 0, 0, FP_ID },
	{ A, FZ, FP_RNE, TO64, SUB1, 0, 0, 0, FP_ID },
	{ A, FZ, FP_RNE, TO16, 0x33800000, 0, 0, 1, 0 },	/* halves are not flushed */
	{ A, FZ, FP_RNE, TO16, SUB1, 0, 0, 0, FP_ID },
	/* x86 */
	{ X, 0, FP_RNE, ADD, Q1, S2, 0, Q1, FP_NV },
	{ X, 0, FP_RNE, SUB, INF, INF, 0, MINUS | QNAN, FP_NV },
	{ X, 0, FP_RNE, FMA, INF, 0, Q1, Q1, 0 },
	{ X, 0, FP_RNE, FNMA, ONE, ONE, Q1, Q1, 0 },
	{ X, 0, FP_RNE, MIN, Q1, ONE, 0, ONE, FP_NV },
	{ X, 0, FP_RNE, MIN, ONE, S1, 0, S1, FP_NV },
	{ X, 0, FP_RNE, MIN, MINUS, 0, 0, 0, 0 },
	{ X, 0, FP_RNE, MIN_ALT, MINUS, 0, 0, 0, 0 },
	{ X, FZ, FP_RNE, MUL, NORM, 0x3f000000, 0, 0, FP_UF | FP_NX },
	{ X, FOZ, FP_RNE, ADD, SUB1, 0, 0, 0, FP_ID | FP_UF | FP_NX },
	{ X, FIZ, FP_RNE, ADD, SUB1, 0, 0, 0, 0 },
	/* Integral values. */
	{ R, 0, FP_RNE, RINTX, 0x3f000000, 0, 0, 0, FP_NX },
	{ R, 0, FP_RMM, RINTX, 0xbf000000, 0, 0, MINUS | ONE, FP_NX },
	{ R, 0, FP_RMM, RINT, 0xbf000000, 0, 0, MINUS | ONE, 0 },
	{ R, 0, FP_RNE, RINTX, 0x40200000, 0, 0, TWO, FP_NX },
	{ R, 0, FP_RUP, RINTX, MINUS | SUB1, 0, 0, MINUS, FP_NX },
	{ R, 0, FP_RDN, RINTX, MINUS | SUB1, 0, 0, MINUS | ONE, FP_NX },
	{ R, 0, FP_RUP, RINTX, 0x4afffffe, 0, 0, 0x4afffffe, 0 },
	{ R, 0, FP_RNE, RINTX, 0x4affffff, 0, 0, 0x4b000000, FP_NX },
	{ R, 0, FP_RNE, RINT, S2, 0, 0, QNAN, FP_NV },
	{ A, 0, FP_RNE, RINT, S2, 0, 0, Q2, FP_NV },
	{ R, 0, FP_RNE, RINT, MINUS | INF, 0, 0, MINUS | INF, 0 },
	/* Formats. */
	{ R, 0, FP_RNE, TO64, Q2, 0, 0, 0x7ff8000000000000, 0 },
	{ A, 0, FP_RNE, TO64, S2, 0, 0, 0xfff8000040000000, FP_NV },
	{ R, 0, FP_RNE, TO64, SUB1, 0, 0, 0x36a0000000000000, 0 },
	{ X, 0, FP_RNE, TO64, SUB1, 0, 0, 0x36a0000000000000, FP_ID },
	{ R, 0, FP_RNE, TO16, 0x477ff000, 0, 0, 0x7c00, FP_OF | FP_NX },
	{ R, 0, FP_RNE, TO16, 0x477fefff, 0, 0, 0x7bff, FP_NX },
	{ R, 0, FP_ROD, TO16, 0x38802000, 0, 0, 0x0401, 0 },
	{ R, 0, FP_ROD, TO16, 0x38804001, 0, 0, 0x0403, FP_NX },
	{ R, 0, FP_RNE, TO16, 0x387fffff, 0, 0, 0x0400, FP_NX },
	{ A, 0, FP_RNE, TO16, 0x387fffff, 0, 0, 0x0400, FP_UF | FP_NX },
	/* Comparison. */
	{ R, 0, FP_RNE, CMP, Q1, ONE, 0, FP_UNORDERED, 0 },
	{ R, 0, FP_RNE, CMP, S1, ONE, 0, FP_UNORDERED, FP_NV },
	{ R, 0, FP_RNE, CMPS, ONE, Q1, 0, FP_UNORDERED, FP_NV },
	{ R, 0, FP_RNE, CMPS, MINUS, 0, 0, FP_EQUAL, 0 },
	{ R, 0, FP_RNE, CMPS, MINUS | INF, MINUS | MAXF, 0, (u64)FP_LESS, 0 },
	{ R, 0, FP_RNE, CMPS, SUB1, MINUS | SUB1, 0, FP_GREATER, 0 },
};

static u64 apply(struct fp_status *s, const struct row *r)
{
	enum fp_rm rm = r->rm;

	switch (r->op) {
	case ADD: return fp_add32(s, r->a, r->b);
	case SUB: return fp_sub32(s, r->a, r->b);
	case MUL: return fp_mul32(s, r->a, r->b);
	case DIV: return fp_div32(s, r->a, r->b);
	case SQRT: return fp_sqrt32(s, r->a);
	case FMA: return fp_fma32(s, r->a, r->b, r->c, 0);
	case FMS: return fp_fma32(s, r->a, r->b, r->c, FP_NEG_ADDEND);
	case FNMS: return fp_fma32(s, r->a, r->b, r->c, FP_NEG_PRODUCT);
	case FNMA: return fp_fma32(s, r->a, r->b, r->c, FP_NEG_PRODUCT | FP_NEG_ADDEND);
	case FHALF: return fp_fma32(s, r->a, r->b, r->c, FP_HALVE);
	case MIN: return fp_min32(s, r->a, r->b);
	case MAX: return fp_max32(s, r->a, r->b);
	case MIN_ALT: return fp_min_alt32(s, r->a, r->b);
	case MAX_ALT: return fp_max_alt32(s, r->a, r->b);
	case RINT: return fp_rint32(s, rm, false, r->a);
	case RINTX: return fp_rint32(s, rm, true, r->a);
	case TO16: return fp_f32_to_f16(s, r->a);
	case TO64: return fp_f32_to_f64(s, r->a);
	case CMP: return (u64)fp_cmp32(s, r->a, r->b);
	case CMPS: return (u64)fp_cmp_sig32(s, r->a, r->b);
	}
	return 0;
}

static void test_rows(void **state)
{
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		struct fp_status s = {
			.rules = r->rules,
			.rm = (u8)r->rm,
			.default_nan = r->control & DN,
			.flush_inputs = r->control & FIZ,
			.flush_outputs = r->control & FOZ,
		};
		u64 got = apply(&s, r);

		if (got == r->want && s.flags == r->flags)
			continue;
		print_error("row %u: op %u rm %u of %x %x %x: want %llx flags %x, got %llx %x\n",
			    i, r->op, r->rm, r->a, r->b, r->c, (unsigned long long)r->want,
			    r->flags, (unsigned long long)got, s.flags);
		fail();
	}
}

/* Conversions to integers: what fits, the edges, and what each guest does beyond. */
struct int_row {
	const struct fp_rules *rules;
	enum fp_rm rm;
	u64 a;			/* binary64 */
	i32 i32;
	u32 i32_flags;
	u32 u32;
	u32 u32_flags;
	u64 u64;
	u32 u64_flags;
};

#define DINF 0x7ff0000000000000ull
#define DNAN 0x7ff8000000000000ull
#define DNEG 0x8000000000000000ull

static const struct int_row int_rows[] = {
	{ R, FP_RTZ, DNAN, INT32_MAX, FP_NV, UINT32_MAX, FP_NV, UINT64_MAX, FP_NV },
	{ R, FP_RTZ, DNAN | DNEG | 1, INT32_MAX, FP_NV, UINT32_MAX, FP_NV, UINT64_MAX, FP_NV },
	{ A, FP_RTZ, DNAN, 0, FP_NV, 0, FP_NV, 0, FP_NV },
	{ X, FP_RTZ, DNAN, INT32_MIN, FP_NV, UINT32_MAX, FP_NV, UINT64_MAX, FP_NV },
	{ R, FP_RTZ, DINF, INT32_MAX, FP_NV, UINT32_MAX, FP_NV, UINT64_MAX, FP_NV },
	{ A, FP_RTZ, DINF | DNEG, INT32_MIN, FP_NV, 0, FP_NV, 0, FP_NV },
	{ X, FP_RTZ, DINF, INT32_MIN, FP_NV, UINT32_MAX, FP_NV, UINT64_MAX, FP_NV },
	/* 2147483647.5, 2147483648 */
	{ R, FP_RTZ, 0x41dfffffffe00000, INT32_MAX, FP_NX, INT32_MAX, FP_NX, INT32_MAX, FP_NX },
	{ R, FP_RUP, 0x41dfffffffe00000, INT32_MAX, FP_NV, 1u << 31, FP_NX, 1u << 31, FP_NX },
	{ R, FP_RTZ, 0x41e0000000000000, INT32_MAX, FP_NV, 1u << 31, 0, 1u << 31, 0 },
	/* -2147483648.5 */
	{ R, FP_RTZ, 0xc1e0000000100000, INT32_MIN, FP_NX, 0, FP_NV, 0, FP_NV },
	{ R, FP_RDN, 0xc1e0000000100000, INT32_MIN, FP_NV, 0, FP_NV, 0, FP_NV },
	{ R, FP_RNE, 0xc1e0000000100000, INT32_MIN, FP_NX, 0, FP_NV, 0, FP_NV },
	{ R, FP_RMM, 0xc1e0000000100000, INT32_MIN, FP_NV, 0, FP_NV, 0, FP_NV },
	/* -0.5, -1, -0, 2.5 */
	{ R, FP_RTZ, 0xbfe0000000000000, 0, FP_NX, 0, FP_NX, 0, FP_NX },
	{ R, FP_RNE, 0xbfe0000000000000, 0, FP_NX, 0, FP_NX, 0, FP_NX },
	{ R, FP_RMM, 0xbfe0000000000000, -1, FP_NX, 0, FP_NV, 0, FP_NV },
	{ R, FP_RTZ, 0xbff0000000000000, -1, 0, 0, FP_NV, 0, FP_NV },
	{ A, FP_RTZ, 0xbff0000000000000, -1, 0, 0, FP_NV, 0, FP_NV },
	{ X, FP_RTZ, 0xbff0000000000000, -1, 0, UINT32_MAX, FP_NV, UINT64_MAX, FP_NV },
	{ R, FP_RNE, DNEG, 0, 0, 0, 0, 0, 0 },
	{ R, FP_RNE, 0x4004000000000000, 2, FP_NX, 2, FP_NX, 2, FP_NX },
	{ R, FP_RMM, 0x4004000000000000, 3, FP_NX, 3, FP_NX, 3, FP_NX },
	{ R, FP_ROD, 0x4004000000000000, 3, FP_NX, 3, FP_NX, 3, FP_NX },
	/* the least denormal; the greatest below 2^64, 2^64 */
	{ R, FP_RUP, 1, 1, FP_NX, 1, FP_NX, 1, FP_NX },
	{ R, FP_RNE, 0x43efffffffffffff, INT32_MAX, FP_NV, UINT32_MAX, FP_NV,
	  0xfffffffffffff800, 0 },
	{ A, FP_RNE, 0x43f0000000000000, INT32_MAX, FP_NV, UINT32_MAX, FP_NV, UINT64_MAX, FP_NV },
};

static void test_integers(void **state)
{
	for (u32 i = 0; i < ARRAY_SIZE(int_rows); i++) {
		const struct int_row *r = &int_rows[i];
		struct fp_status s = { .rules = r->rules }, s32 = s, s64 = s;
		i32 v = fp_f64_to_i32(&s, r->rm, r->a);
		u32 v32 = fp_f64_to_u32(&s32, r->rm, r->a);
		u64 v64 = fp_f64_to_u64(&s64, r->rm, r->a);

		if (v == r->i32 && s.flags == r->i32_flags && v32 == r->u32 &&
		    s32.flags == r->u32_flags && v64 == r->u64 && s64.flags == r->u64_flags)
			continue;
		print_error("integer row %u: %d %x, %u %x, %llu %x\n", i, v, s.flags, v32,
			    s32.flags, (unsigned long long)v64, s64.flags);
		fail();
	}
}

static void test_i64(void **state)
{
	struct fp_status s = { .rules = R };

	assert_true(fp_f64_to_i64(&s, FP_RTZ, 0xc3e0000000000000) == INT64_MIN);
	assert_int_equal(s.flags, 0);
	assert_true(fp_f64_to_i64(&s, FP_RTZ, 0x43e0000000000000) == INT64_MAX);
	assert_int_equal(s.flags, FP_NV);
	s.flags = 0;
	assert_true(fp_i64_to_f64(&s, INT64_MIN) == 0xc3e0000000000000);
	assert_int_equal(s.flags, 0);
	assert_true(fp_i64_to_f64(&s, INT64_MAX) == 0x43e0000000000000);
	assert_int_equal(s.flags, FP_NX);
	s.rm = FP_RDN;
	assert_true(fp_u64_to_f64(&s, UINT64_MAX) == 0x43efffffffffffff);
	assert_true(fp_i32_to_f32(&s, 0) == 0);
	s = (struct fp_status){ .rules = R, .rm = FP_RMM };
	assert_int_equal(fp_u32_to_f32(&s, 0x1000001), 0x4b800001);	/* 2^24 + 1 is a tie */
	assert_int_equal(fp_u32_to_f16(&s, 65519), 0x7bff);
	assert_int_equal(s.flags, FP_NX);
	assert_int_equal(fp_u32_to_f16(&s, 65520), 0x7c00);
	assert_int_equal(s.flags, FP_NX | FP_OF);
}

static void test_fixed(void **state)
{
	const struct fp_fixed q16 = { 32, 16, true }, uq16 = { 32, 16, false };
	const struct fp_fixed narrow = { 16, 0, true };
	struct fp_status s = { .rules = A };

	/* 1.5 and -1.5 with 16 bits below the point; and back. */
	assert_true(fp_f32_to_fixed(&s, FP_RTZ, &q16, 0x3fc00000) == 0x18000);
	assert_true(fp_f32_to_fixed(&s, FP_RTZ, &q16, 0xbfc00000) == (u64)-0x18000);
	assert_true(fp_fixed_to_f32(&s, &q16, 0xfffe8000) == 0xbfc00000);
	/* 65534.5 */
	assert_true(fp_fixed_to_f64(&s, &uq16, 0xfffe8000) == 0x40efffd000000000);
	assert_int_equal(s.flags, 0);
	/* 32768 does not fit 16.16; 40000 does not fit i16. */
	assert_true(fp_f32_to_fixed(&s, FP_RTZ, &q16, 0x47000000) == 0x7fffffff);
	assert_int_equal(s.flags, FP_NV);
	assert_true(fp_f32_to_fixed(&s, FP_RTZ, &uq16, 0x47000000) == 0x80000000);
	assert_true(fp_f16_to_fixed(&s, FP_RTZ, &narrow, 0x78e2) == 0x7fff);
	assert_true(fp_f16_to_fixed(&s, FP_RTZ, &narrow, 0xf8e2) == (u64)-0x8000);
}

static void test_class(void **state)
{
	static const struct { u16 h; u32 w; u64 d; u32 want; } list[] = {
		{ 0xfc00, 0xff800000, 0xfff0000000000000, FP_CLASS_NEG_INF },
		{ 0x8400, 0x80800000, 0x8010000000000000, FP_CLASS_NEG_NORMAL },
		{ 0x83ff, 0x807fffff, 0x800fffffffffffff, FP_CLASS_NEG_SUBNORMAL },
		{ 0x8000, 0x80000000, 0x8000000000000000, FP_CLASS_NEG_ZERO },
		{ 0x0000, 0x00000000, 0x0000000000000000, FP_CLASS_POS_ZERO },
		{ 0x0001, 0x00000001, 0x0000000000000001, FP_CLASS_POS_SUBNORMAL },
		{ 0x7bff, 0x7f7fffff, 0x7fefffffffffffff, FP_CLASS_POS_NORMAL },
		{ 0x7c00, 0x7f800000, 0x7ff0000000000000, FP_CLASS_POS_INF },
		{ 0xfc01, 0xff800001, 0x7ff0000000000001, FP_CLASS_SNAN },
		{ 0x7e00, 0xffc00000, 0x7ff8000000000000, FP_CLASS_QNAN },
	};

	for (u32 i = 0; i < ARRAY_SIZE(list); i++) {
		assert_int_equal(list[i].want, 1 << i);
		assert_int_equal(fp_class16(list[i].h), list[i].want);
		assert_int_equal(fp_class32(list[i].w), list[i].want);
		assert_int_equal(fp_class64(list[i].d), list[i].want);
	}
}

static void test_predicates(void **state)
{
	struct fp_status s = { .rules = R };

	assert_true(fp_eq64(&s, 0, DNEG) && fp_le16(&s, 0x8000, 0) && fp_lt32(&s, ONE, TWO));
	assert_false(fp_lt32(&s, TWO, ONE) || fp_lt64(&s, DNEG, 0) || fp_eq32(&s, Q1, Q1));
	assert_int_equal(s.flags, 0);
	assert_false(fp_le32(&s, Q1, ONE));
	assert_int_equal(s.flags, FP_NV);
	s.flags = 0;
	assert_false(fp_lt64(&s, 0, DNAN));
	assert_int_equal(s.flags, FP_NV);
}

/* FZ16: halves are flushed without ID. */
static void test_flush_half(void **state)
{
	struct fp_status s = { .rules = A, .flush_inputs = true, .flush_outputs = true };

	assert_int_equal(fp_add16(&s, 0x0001, 0x3c00), 0x3c00);
	assert_int_equal(s.flags, 0);
	assert_int_equal(fp_mul16(&s, 0x0400, 0x3800), 0);
	assert_int_equal(s.flags, FP_UF);
	s.flags = 0;
	assert_int_equal(fp_f16_to_f32(&s, 0x0001), 0x33800000);
	assert_int_equal(s.flags, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_i64),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_class),
		cmocka_unit_test(test_predicates),
		cmocka_unit_test(test_flush_half),
	};

	return cmocka_run_group_tests_name("fp/tables", tests, NULL, NULL);
}
